"""Reports are read back by what reads them elsewhere."""

import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

from feeds.model import Finding, Level, Place
from feeds.verify.report import PRINTERS, Report, github, junit, markdown, sarif
from feeds.verify.rules import RULES

WRONG = Finding(
    level="error",
    rule="RSS-18",
    place=Place(source="out/a b.xml", line=12, column=7, path="/rss/channel/item[3]"),
    message='no guid, "in <item>" & more\nof it | here',
)
ODD = Finding(level="warning", rule="link-broken", place=Place(source="https://example.org/ü"), message="404")
NOTE = Finding(level="info", rule="XML-08", place=Place(source="out/b.xml"), message="1,200,000 bytes")
REPORT = Report(findings=(WRONG, ODD, NOTE), files=("out/a b.xml", "out/b.xml", "out/c.xml"))

SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "additionalProperties": False,
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool"],
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
            "additionalProperties": False,
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
            },
            "additionalProperties": False,
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/text"},
                "help": {"$ref": "#/$defs/text"},
                "defaultConfiguration": {
                    "type": "object",
                    "properties": {"level": {"$ref": "#/$defs/level"}},
                },
                "properties": {
                    "type": "object",
                    "properties": {"tags": {"type": "array", "uniqueItems": True}},
                },
            },
            "additionalProperties": False,
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": {"$ref": "#/$defs/level"},
                "message": {"$ref": "#/$defs/text"},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
            },
            "additionalProperties": False,
        },
        "location": {
            "type": "object",
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "properties": {
                                "uri": {
                                    "type": "string",
                                    "pattern": r"^[!-~]*$",
                                    "not": {"pattern": '[ "<>^`{|}]'},
                                }
                            },
                        },
                        "region": {
                            "type": "object",
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                            "additionalProperties": False,
                        },
                    },
                    "additionalProperties": False,
                },
                "logicalLocations": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"fullyQualifiedName": {"type": "string"}}},
                },
            },
            "additionalProperties": False,
        },
        "text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "level": {"enum": ["none", "note", "warning", "error"]},
    },
}
"""What SARIF 2.1.0 asks of the parts that the printer writes, restated."""

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
findings = st.builds(
    Finding,
    level=st.sampled_from(["error", "warning", "info"]),
    rule=st.sampled_from([*RULES, "link-broken"]),
    place=st.builds(
        Place,
        source=anything.filter(bool),
        line=st.none() | st.integers(1, 10**6),
        column=st.none() | st.integers(1, 200),
        path=st.none() | anything,
    ),
    message=anything,
)
UNHURRIED = settings(max_examples=50, deadline=None)
reports = st.builds(lambda found: Report(findings=tuple(found)), st.lists(findings, max_size=5))


@pytest.mark.parametrize("name", PRINTERS)
def test_every_printer_names_the_rule_and_the_place_of_every_finding(name: str) -> None:
    printed = PRINTERS[name](REPORT)
    assert all(finding.rule in printed for finding in REPORT.findings)
    assert "12" in printed


def test_junit_is_read_back_with_a_failure_for_every_error() -> None:
    suites = list(JUnitXml.fromstring(junit(REPORT).encode()))
    assert [suite.name for suite in suites] == [
        "out/a b.xml",
        "out/b.xml",
        "out/c.xml",
        "https://example.org/ü",
    ]
    failed = [case for suite in suites for case in suite if case.result]
    assert [(case.name, case.result[0].type) for case in failed] == [("RSS-18 line 12", "RSS-18")]
    assert failed[0].result[0].message == WRONG.message


@UNHURRIED
@given(reports)
def test_junit_is_well_formed_and_complete_whatever_was_found(report: Report) -> None:
    root = ET.fromstring(junit(report).encode())
    assert len(root.findall(".//failure")) == report.count("error") == int(root.attrib["failures"])


@UNHURRIED
@given(reports)
def test_sarif_keeps_to_its_schema_whatever_was_found(report: Report) -> None:
    printed = json.loads(sarif(report))
    jsonschema.validate(printed, SARIF)
    run = printed["runs"][0]
    named = [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]]
    assert (
        named
        == [result["ruleId"] for result in run["results"]]
        == [finding.rule for finding in report.findings]
    )


@UNHURRIED
@given(reports)
def test_a_workflow_command_stays_on_one_line_whatever_was_found(report: Report) -> None:
    lines = github(report).split("\n")
    assert len(lines) == len(report.findings) + 1
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines[:-1])


def test_a_workflow_command_escapes_what_would_end_it() -> None:
    assert github(Report(findings=(WRONG,))) == (
        '::error file=out/a b.xml,line=12,col=7,title=RSS-18::no guid, "in <item>" & more%0Aof it | here\n'
    )


@UNHURRIED
@given(reports)
def test_a_markdown_row_stays_a_row_whatever_was_found(report: Report) -> None:
    rows = [line for line in markdown(report).split("\n") if line.startswith("| ") and "| ---" not in line]
    headings = sum(row == "| line | level | rule | what |" for row in rows)
    assert len(rows) - headings == len(report.findings)


def test_json_holds_everything() -> None:
    printed = json.loads(PRINTERS["json"](REPORT))
    assert printed["summary"] == {"error": 1, "warning": 1, "info": 1}
    assert printed["findings"][0] == {
        "level": "error",
        "rule": "RSS-18",
        "file": "out/a b.xml",
        "line": 12,
        "column": 7,
        "path": "/rss/channel/item[3]",
        "message": WRONG.message,
    }
    assert printed["rules"]["RSS-18"]["fix"] == RULES["RSS-18"].fix


def test_text_ends_with_how_to_mend_and_the_sum() -> None:
    printed = PRINTERS["text"](REPORT)
    assert RULES["RSS-18"].fix in printed
    assert printed.endswith("1 error, 1 warning, 1 info in 3 files\n")


def test_nothing_found_is_said() -> None:
    assert PRINTERS["text"](Report(findings=(), files=("a", "b"))) == "nothing to report in 2 files\n"


@pytest.mark.parametrize(("on", "fails"), [("error", False), ("warning", True), ("info", True)])
def test_a_report_fails_on_what_is_at_least_as_grave_as_asked(on: Level, fails: bool) -> None:
    assert Report(findings=(ODD, NOTE)).fails(on) is fails
