"""What a text is: each format is one file with one function, `parse`, and one line in the table."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from feeds.errors import SourceError
from feeds.model import Chapter, Episode, Finding, Item, Parsed, Place, Source
from feeds.text import clean, is_clean


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the configuration may say about reading a source; each format takes what concerns it."""

    fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """CSS selectors of a page, or columns of a table, by the field of an item."""
    items: str | None = None
    """Path to the list within a JSON or YAML document."""
    order: tuple[str, ...] = ()
    """Order of the lines of a card in a listing, of `FIELDS`; detected if empty."""
    permalink: str | None = None
    """Pattern of the addresses of posts that do not name their own."""
    day_first: bool | None = None
    """Whether 02/01/2026 is in January; `None` infers it from all dates of the source."""


Load = Callable[[str], bytes]
"""Gets what is at an address; raises `FeedsError` if it cannot."""

FIELDS = ("publisher", "title", "summary", "tags", "minutes", "date", "link")
"""What a line of a card in a listing may be."""


def _listing(source: Source, settings: Settings, _: Load | None) -> Parsed:
    from feeds.parsers import listing

    return listing.parse(source, settings.order, day_first=settings.day_first)


def _shownotes(source: Source, settings: Settings, _: Load | None) -> Parsed:
    from feeds.parsers import shownotes

    return shownotes.parse(source, day_first=settings.day_first)


def _html(source: Source, settings: Settings, _: Load | None) -> Parsed:
    from feeds.parsers import html

    return html.parse(
        source,
        html.Options(select=settings.fields, day_first=settings.day_first, read_chapters=_chapters),
    )


def _feed(source: Source, settings: Settings, load: Load | None) -> Parsed:
    from feeds.parsers import feed

    return feed.parse(source, feed.Options(day_first=settings.day_first, read_chapters=_chapters, load=load))


def _markdown(source: Source, settings: Settings, _: Load | None) -> Parsed:
    from feeds.parsers import markdown

    return markdown.parse(
        source,
        markdown.Options(permalink=settings.permalink, day_first=settings.day_first, read_chapters=_chapters),
    )


def _table(source: Source, settings: Settings, _: Load | None) -> Parsed:
    from feeds.parsers import table

    return table.parse(
        source,
        table.Options(
            columns=settings.fields,
            items=settings.items,
            day_first=settings.day_first,
            read_chapters=_chapters,
        ),
    )


PARSERS: Mapping[str, Callable[[Source, Settings, Load | None], Parsed]] = {
    "listing": _listing,
    "shownotes": _shownotes,
    "html": _html,
    "feed": _feed,
    "markdown": _markdown,
    "table": _table,
}


def parse(
    source: Source,
    settings: Settings = Settings(),  # it is frozen
    load: Load | None = None,
) -> Parsed:
    """Read a source in its stated format; `auto` detects the format, and reports why.

    `load` gets files that a feed names, such as its chapters; without it they are not read. Whatever the
    format, items that are alike in everything but their place come once, and no text holds
    what a feed cannot hold. Raises `SourceError` if the source as a whole cannot be read.
    """
    format_, found = (source.format, ()) if source.format != "auto" else _detected(source, settings)
    if format_ not in PARSERS:
        message = 'a list of subscriptions holds no items itself; as a `[[source]]`, say `format = "opml"`'
        raise SourceError(message, Place(source=source.name))
    parsed = PARSERS[format_](dataclasses.replace(source, format=format_), settings, load)
    findings = [*found, *parsed.findings]
    items = tuple(_distinct([_cleaned(_without_list(item), findings) for item in parsed.items], findings))
    if not items and not any(finding.rule == "draft" for finding in findings):
        findings.append(_nothing(source.name, format_))
    if not source.show and (episodes := sum(isinstance(item, Episode) for item in items)):
        findings.append(_without_show(source, episodes, len(items)))
    return dataclasses.replace(parsed, items=items, findings=tuple(findings))


def _detected(source: Source, settings: Settings) -> tuple[str, tuple[Finding, ...]]:
    from feeds.parsers import detect

    format_, why = ("listing", "`order` says so") if settings.order else detect.detect(source)
    place = Place(source=source.name)
    return format_, (Finding(level="info", rule="format", place=place, message=f"read as {format_}: {why}"),)


def _chapters(notes: str, duration: float | None) -> tuple[Chapter, ...]:
    from feeds import chapters

    return chapters.parse(notes, duration=duration).chapters


def _without_list(item: Item) -> Item:
    """Cut timestamps that became chapters out of the prose of an episode; every output adds them again."""
    if not isinstance(item, Episode) or not item.chapters:
        return item
    from feeds import chapters

    return dataclasses.replace(item, summary=chapters.parse(item.summary).prose(item.summary))


def _distinct(items: list[Item], findings: list[Finding]) -> Iterator[Item]:
    seen: dict[Item, Item] = {}
    titles = Counter(item.title for item in items)
    for item in items:
        is_alone = titles[item.title] == 1
        first = item if is_alone else seen.setdefault(dataclasses.replace(item, place=None), item)
        if first is item:
            yield item
        else:
            assert item.place
            message = f"{item.title!r} is repeated here, word for word as in line {_line(first)}; kept once"
            findings.append(Finding(level="info", rule="repeated", place=item.place, message=message))


def _line(item: Item) -> str:
    return str(item.place.line) if item.place else "?"


def _without_show(source: Source, episodes: int, items: int) -> Finding:
    return Finding(
        level="warning" if episodes == items else "info",
        rule="no-show",
        place=Place(source=source.name),
        message=f"episodes among its items: {episodes} of {items}; they are published as articles, without "
        "audio and chapters, unless the source has a `show`",
    )


def _nothing(name: str, format_: str) -> Finding:
    return Finding(
        level="warning",
        rule="no-items",
        place=Place(source=name),
        message=f"no item could be read as {format_}; items of earlier builds stay in their feeds",
    )


def _cleaned(item: Item, findings: list[Finding]) -> Item:
    """Remove characters that XML forbids from every text of an item, wherever they came from."""
    dirty: list[str] = []
    item = _clean(item, "", dirty)
    if dirty and item.place:
        findings.append(
            Finding(
                level="warning",
                rule="forbidden-character",
                place=item.place,
                message=f"{item.title!r} had characters that no feed can hold in its "
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
        return value if parts == value else parts
    kind: Any = type(value)  # mypy takes no class for hashable
    changed = {}
    for field in _fields(kind):
        if old := getattr(value, field):
            new = _clean(old, name or field, dirty)
            if new is not old:
                changed[field] = new
    return dataclasses.replace(value, **changed) if changed else value


@cache
def _fields(kind: type[object]) -> tuple[str, ...]:
    """Names of the fields that may hold texts."""
    if not dataclasses.is_dataclass(kind) or kind is Place:
        return ()
    return tuple(field.name for field in dataclasses.fields(kind))
