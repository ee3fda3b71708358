"""Findings as people and programs want to read them. A printer is one function and one line of `PRINTERS`."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from feeds.model import Finding, Level

if TYPE_CHECKING:
    from feeds.verify.rules import Rule

_ORDER: tuple[Level, ...] = ("error", "warning", "info")
_CONTROL = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}
"""XML has no way to write these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was checked and what was found, in the order of the files."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...] = ()
    """Everything that was checked, findings or not."""

    def count(self, level: Level) -> int:
        """How many findings are of this level."""
        return sum(finding.level == level for finding in self.findings)

    def fails(self, on: Level) -> bool:
        """Tell whether anything was found that is at least as grave as `on`."""
        return any(_ORDER.index(finding.level) <= _ORDER.index(on) for finding in self.findings)

    @property
    def summary(self) -> str:
        """One line, such as `2 errors, 1 warning in 3 files`."""
        counts = [(self.count(level), level) for level in _ORDER]
        found = (
            ", ".join(_counted(number, level) for number, level in counts if number) or "nothing to report"
        )
        return f"{found} in {_counted(len(self.files) or len(_sources(self.findings)), 'file')}"


def text(report: Report) -> str:
    """Print one finding a line, then how to fix each kind, then the sum."""
    lines = [str(finding) for finding in report.findings]
    fixes = [f"  {rule.id}: {rule.says}\n    {rule.fix}" for rule in _rules(report.findings).values()]
    if fixes:
        lines += ["", "How to fix:", *fixes]
    return "\n".join([*lines, "", report.summary, ""]).lstrip("\n")


def as_json(report: Report) -> str:
    """Print one JSON object: the counts, the findings, and the rules they are of."""
    found = {
        "summary": {level: report.count(level) for level in _ORDER},
        "files": list(report.files),
        "findings": [
            {
                "level": finding.level,
                "rule": finding.rule,
                "file": finding.place.source,
                "line": finding.place.line,
                "column": finding.place.column,
                "path": finding.place.path,
                "message": finding.message,
            }
            for finding in report.findings
        ],
        "rules": {name: described(rule) for name, rule in _rules(report.findings).items()},
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def described(rule: "Rule") -> dict[str, Any]:
    """Put a rule into plain values, as `feeds rules --json` prints it."""
    return {
        "id": rule.id,
        "level": rule.level,
        "elsewhere": rule.elsewhere,
        "says": rule.says,
        "fix": rule.fix,
        "source": rule.source,
        "profiles": sorted(rule.profiles),
    }


def junit(report: Report) -> str:
    """Print JUnit XML: a suite a file, a case a finding; errors fail, the rest is output of passed cases."""
    by_file: dict[str, list[Finding]] = {name: [] for name in report.files} | {
        name: list(found) for name, found in groupby(sorted(report.findings, key=_source), _source)
    }
    suites = [_suite(name, found) for name, found in by_file.items()]
    cases = sum(max(1, len(found)) for found in by_file.values())
    head = f'<testsuites name="feeds verify" tests="{cases}" failures="{report.count("error")}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>", ""])


def _suite(name: str, found: list[Finding]) -> str:
    cases = [_case(finding) for finding in found] or [
        f'    <testcase classname={_attribute(name)} name="all rules"/>'
    ]
    failures = sum(finding.level == "error" for finding in found)
    head = f'  <testsuite name={_attribute(name)} tests="{len(cases)}" failures="{failures}">'
    return "\n".join([head, *cases, "  </testsuite>"])


def _case(finding: Finding) -> str:
    place = finding.place
    where = f"{finding.rule}" + (f" line {place.line}" if place.line is not None else "")
    head = f"    <testcase classname={_attribute(place.source)} name={_attribute(where)}>"
    body = escape(str(finding).translate(_CONTROL))
    if finding.level == "error":
        inner = f'<failure type="{finding.rule}" message={_attribute(finding.message)}>{body}</failure>'
    else:
        inner = f"<system-out>{body}</system-out>"
    return f"{head}{inner}</testcase>"


def _attribute(value: str) -> str:
    return quoteattr(value.translate(_CONTROL))


def sarif(report: Report) -> str:
    """Print SARIF 2.1.0, which code hosts show beside the lines."""
    names = list(dict.fromkeys(finding.rule for finding in report.findings))
    rules = _rules(report.findings)
    driver = {"name": "feeds verify", "rules": [_sarif_rule(name, rules.get(name)) for name in names]}
    results = [_sarif_result(finding, names.index(finding.rule)) for finding in report.findings]
    found = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def _sarif_rule(name: str, rule: "Rule | None") -> dict[str, Any]:
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.says},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.level]},
        "properties": {"tags": sorted(rule.profiles), "source": rule.source},
    }


def _sarif_result(finding: Finding, index: int) -> dict[str, Any]:
    place = finding.place
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(place.source)}}}
    if place.line is not None:
        columns = {"startColumn": place.column} if place.column is not None else {}
        location["physicalLocation"]["region"] = {"startLine": place.line, **columns}
    if place.path:
        location["logicalLocations"] = [{"fullyQualifiedName": place.path}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": finding.message},
        "locations": [location],
    }


def _uri(source: str) -> str:
    return quote(source, safe="/:?#[]@!$&'()*+,;=%~")


def markdown(report: Report) -> str:
    """Print a table a file, for a comment or a page."""
    lines = [f"**{report.summary}**", ""]
    for name, found in groupby(sorted(report.findings, key=_source), _source):
        lines += [f"### {cell(name)}", "", "| line | level | rule | what |", "| ---: | --- | --- | --- |"]
        lines += [
            f"| {finding.place.line or ''} | {finding.level} | {finding.rule} | {cell(finding.message)} |"
            for finding in found
        ]
        lines.append("")
    return "\n".join(lines)


def cell(value: str) -> str:
    """Keep a value within a cell of a Markdown table: no pipe, tag or line break ends it."""
    plain = value.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")
    return escape(plain)


_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def github(report: Report) -> str:
    """Print workflow commands, which GitHub shows as annotations."""
    return "".join(f"{_command(finding)}\n" for finding in report.findings)


def _command(finding: Finding) -> str:
    place = finding.place
    known = {"file": place.source, "line": place.line, "col": place.column, "title": finding.rule}
    properties = ",".join(
        f"{key}={_data(str(value), ':,')}" for key, value in known.items() if value is not None
    )
    return f"::{_COMMANDS[finding.level]} {properties}::{_data(finding.message)}"


def _data(value: str, also: str = "") -> str:
    for character in "%\r\n" + also:
        value = value.replace(character, f"%{ord(character):02X}")
    return value


PRINTERS: Mapping[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "markdown": markdown,
    "github": github,
}
"""Every format a report can have."""


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 or what == 'info' else 's'}"


_source = attrgetter("place.source")


def _sources(findings: Iterable[Finding]) -> set[str]:
    return {finding.place.source for finding in findings}


def _rules(findings: Iterable[Finding]) -> "dict[str, Rule]":
    """Get the rules of these findings by their names, in the order of the table; links have none."""
    named = {finding.rule for finding in findings if not finding.rule.startswith("link-")}
    if not named:
        return {}
    from feeds.verify.rules import RULES

    return {name: rule for name, rule in RULES.items() if name in named}
