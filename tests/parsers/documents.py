"""Cases as files: a document, one sentence of what it shows, and what a parser makes of it.

purpose = "…."          one sentence
name = "list.csv"       what the source is called
input = '''…'''         its text
[source]                its base_url, charset and show, where they matter
[options]               of its parser
refused = "…"           why it is refused, or else
[[item]], [[finding]]   what it gives; only what differs from the default
"""

import dataclasses
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from feeds.dates import clock, rfc3339
from feeds.errors import SourceError
from feeds.model import Chapter, Finding, Item, Media, Parsed, Person, Place, Source, Transcript
from feeds.parsers import feed, html, markdown, table

HERE = Path(__file__).parent
PARSERS: dict[str, Any] = {"feed": feed, "html": html, "markdown": markdown, "table": table}


def cases(format_: str) -> list[Path]:
    """The case files of a format."""
    found = sorted((HERE / format_ / "cases").glob("*.toml"))
    assert found, f"no case for {format_}"
    return found


def source(case: Path) -> Source:
    """The document of a case."""
    told = tomllib.loads(case.read_text("utf-8"))
    format_ = case.parent.parent.name
    return Source(name=told["name"], format=format_, data=told["input"].encode(), **told.get("source", {}))


def check(case: Path) -> None:
    """Hold what a parser makes of a case against what the case expects."""
    expected = tomllib.loads(case.read_text("utf-8"))
    assert expected.pop("purpose").endswith(".")
    document = source(case)
    parser = PARSERS[document.format]
    options = parser.Options(**expected.pop("options", {}))
    for key in ("name", "input", "source"):
        expected.pop(key, None)
    assert outline(document, parser, options) == expected


def outline(document: Source, parser: Any, options: Any) -> dict[str, Any]:
    """Parse a document and outline what comes out, or why nothing does."""
    try:
        parsed: Parsed = parser.parse(document, options)
    except SourceError as error:
        return {"refused": str(error)}
    whole = {
        "description": parsed.description,
        "item": [_item(item) for item in parsed.items],
        "finding": [_finding(finding) for finding in parsed.findings],
    }
    return {key: value for key, value in whole.items() if value}


def _item(item: Item) -> dict[str, Any]:
    fields = dataclasses.fields(item)
    told = {field.name: getattr(item, field.name) for field in fields}
    differing = {field.name: told[field.name] for field in fields if told[field.name] != field.default}
    return {"is": type(item).__name__} | {name: _told(value) for name, value in differing.items()}


def _finding(finding: Finding) -> dict[str, Any]:
    return {"place": _told(finding.place), "rule": finding.rule, "says": finding.message}


def _told(value: Any) -> Any:
    match value:
        case datetime():
            return rfc3339(value)
        case Place():
            return str(value)
        case Media():
            return f"{value.url} {value.type}, {value.size} bytes, {value.duration} s"
        case Chapter():
            return f"{clock(value.start, milliseconds=True)} {value.title}" + _all(value.link, value.image)
        case Person():
            return value.name + _all(value.role, value.group, value.url, value.image, value.email)
        case Transcript():
            return f"{value.url} {value.type}" + _all(value.language)
        case tuple():
            return [_told(part) for part in value]
        case _:
            return value


def _all(*parts: str | None) -> str:
    return "".join(f" <{part}>" for part in parts if part)
