"""What a parser found, as plain data that fits in a case file: only what differs from the default."""

import dataclasses
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from feeds.dates import clock
from feeds.errors import SourceError
from feeds.model import Finding, Item, Parsed, Source

CASES = Path(__file__).parent / "cases"


def cases(folder: str) -> list[Path]:
    """The case files of a folder, each with its input beside it."""
    found = sorted((CASES / folder).glob("*.toml"))
    assert found, f"no case in {folder}"
    return found


def check(case: Path, format_: str, parse: Callable[[Source], Parsed]) -> None:
    """Hold what a parser makes of the input of a case against what the case expects of it."""
    expected = tomllib.loads(case.read_text("utf-8"))
    data = case.with_suffix(".txt").read_bytes()
    source = Source(name=case.stem, format=format_, data=data, show="a-show")
    assert expected.pop("purpose").endswith(".")
    assert outline(source, parse) == expected


def outline(source: Source, parse: Callable[[Source], Parsed]) -> dict[str, Any]:
    """Parse a source and outline what comes out, or why nothing does."""
    try:
        parsed = parse(source)
    except SourceError as error:
        return {"refused": str(error)}
    whole = {
        "description": parsed.description,
        "related": [f"{related.title}: {related.description}" for related in parsed.related],
        "item": [_item(item) for item in parsed.items],
        "finding": [_finding(finding) for finding in parsed.findings],
    }
    return {key: value for key, value in whole.items() if value}


def _item(item: Item) -> dict[str, Any]:
    assert item.place
    told: dict[str, Any] = {"line": item.place.line}
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if value in (None, "", (), "full") or value is False or field.name in ("place", "show"):
            continue
        match field.name:
            case "chapters":
                told["chapters"] = [f"{clock(chapter.start)} {chapter.title}" for chapter in value]
            case "links":
                told["links"] = [f"{link.title} <{link.url}>" for link in value]
            case "tags":
                told["tags"] = " ".join(value)
            case name:
                told[name] = value
    return told


def _finding(finding: Finding) -> dict[str, Any]:
    told = {
        "line": finding.place.line,
        "level": finding.level,
        "rule": finding.rule,
        # What the reader of chapters says of itself is held against its own cases.
        "says": None if finding.rule.startswith("chapters-") else finding.message,
    }
    return {key: value for key, value in told.items() if value is not None}
