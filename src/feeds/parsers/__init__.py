"""What a text is: each format is one file with one function, `parse`, and one line in the table."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from feeds.model import Finding, Item, Parsed, Place, Source
from feeds.parsers import listing, shownotes
from feeds.text import clean, is_clean

PARSERS: Mapping[str, Callable[[Source], Parsed]] = {
    "listing": listing.parse,
    "shownotes": shownotes.parse,
}


def parse(source: Source) -> Parsed:
    """Read a source in the format it is said to have.

    Whatever the format, items that are alike in everything but their place come once, and no text holds
    what a feed cannot hold. Raises `SourceError` if the source as a whole cannot be read.
    """
    parsed = PARSERS[source.format](source)
    findings = list(parsed.findings)
    items = tuple(_distinct([_cleaned(item, findings) for item in parsed.items], findings))
    if not items:
        findings.append(_nothing(source))
    return dataclasses.replace(parsed, items=items, findings=tuple(findings))


def _distinct(items: list[Item], findings: list[Finding]) -> Iterator[Item]:
    seen: dict[Item, Item] = {}
    for item in items:
        first = seen.setdefault(dataclasses.replace(item, place=None), item)
        if first is item:
            yield item
        else:
            assert item.place
            message = f"{item.title!r} stands here again, word for word as in line {_line(first)}; kept once"
            findings.append(Finding(level="info", rule="repeated", place=item.place, message=message))


def _line(item: Item) -> str:
    return str(item.place.line) if item.place else "?"


def _nothing(source: Source) -> Finding:
    return Finding(
        level="warning",
        rule="no-items",
        place=Place(source=source.name),
        message=f"no item could be read as {source.format}; items of earlier builds stay in their feeds",
    )


def _cleaned(item: Item, findings: list[Finding]) -> Item:
    """Take characters that XML forbids out of every text of an item, wherever a parser got them from."""
    dirty: list[str] = []
    item = _clean(item, "", dirty)
    if dirty and item.place:
        findings.append(
            Finding(
                level="warning",
                rule="forbidden-character",
                place=item.place,
                message=f"{item.title!r} had characters that cannot stand in a feed in its "
                f"{', '.join(dict.fromkeys(dirty))}; they were left out",
            )
        )
    return item


def _clean(value: Any, name: str, dirty: list[str]) -> Any:
    if isinstance(value, str):
        if is_clean(value):
            return value
        dirty.append(name)
        return clean(value)
    if isinstance(value, tuple):
        parts = tuple(_clean(part, name, dirty) for part in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    if dataclasses.is_dataclass(value) and not isinstance(value, Place | type):
        changed = {}
        for field in dataclasses.fields(value):
            old = getattr(value, field.name)
            new = _clean(old, name or field.name, dirty)
            if new is not old:
                changed[field.name] = new
        return dataclasses.replace(value, **changed) if changed else value
    return value
