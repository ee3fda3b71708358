"""What is understood of a source, before anything is made of it: for `feeds inspect`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import parsers, sources
from feeds.compose import chapters
from feeds.dates import clock
from feeds.model import Article, Episode, Finding, Item, Parsed, Place
from feeds.platforms import PlatformNote, notes

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """What was found in a source, and what platforms will make of it."""

    parsed: Parsed
    platforms: tuple[tuple[PlatformNote, ...], ...]
    """For each item in its order; empty for what has no chapters."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to look at."""
        return self.parsed.findings


def inspect(
    path: str,
    *,
    format_: str,
    show: str | None,
    url: str | None,
    allow_private: bool,
    settings: parsers.Settings,
) -> Inspection:
    """Read one file or address and give all that was found. Raises `SourceError` if it cannot be read."""
    if sources.is_address(path):
        from feeds.fetch import Fetcher

        with Fetcher(allow_private=allow_private) as fetcher:
            source = fetcher.get(path).source(format=format_, show=show)
    else:
        source = sources.read(path, Path(), format_=format_, show=show, base_url=url)
    parsed = parsers.parse(source, settings)
    return Inspection(parsed=parsed, platforms=tuple(map(_platforms, parsed.items)))


def _platforms(item: Item) -> tuple[PlatformNote, ...]:
    if not isinstance(item, Episode):
        return ()
    duration = item.media.duration if item.media else None
    return notes(chapters(item, duration)[0], duration)


def print_table(inspection: Inspection, console: "Console") -> None:
    """Print for a person: items, their chapters and why, links, lines not understood."""
    from rich.table import Table

    parsed = inspection.parsed
    if parsed.description:
        console.print(f"[b]Description[/b]  {_escape(parsed.description)}\n")
    if parsed.related:
        console.print(f"[b]Related[/b]  {_escape(', '.join(related.title for related in parsed.related))}\n")
    table = Table("line", "item", "what it has", box=None, pad_edge=False, header_style="bold")
    for item, platforms in zip(parsed.items, inspection.platforms, strict=True):
        table.add_row(_line(item.place), f"[b]{_escape(item.title)}[/b]", _escape(_summary(item)))
        for finding in _about(parsed, item.place):
            table.add_row("", f"  [dim]{_escape(finding.message)}[/dim]")
        for detail in _details(item):
            table.add_row("", f"  {_escape(detail)}")
        for note in platforms:
            verdict = "[green]yes[/green]" if note.shows else "[yellow]no[/yellow]"
            table.add_row("", f"  {note.platform}: {verdict}", _escape("; ".join(note.remarks)))
    console.print(table)
    places = {item.place for item in parsed.items}
    for finding in parsed.findings:
        if finding.place not in places:
            console.print(f"{_escape(str(finding))}", style="yellow" if finding.level != "info" else "dim")
    console.print(f"\n{_count(parsed.items, 'item')}")


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _about(parsed: Parsed, place: Place | None) -> Iterator[Finding]:
    return (finding for finding in parsed.findings if finding.place == place)


def _line(place: Place | None) -> str:
    return str(place.line) if place and place.line else ""


def _summary(item: Item) -> str:
    if isinstance(item, Episode):
        number = [] if item.number is None else [f"number {item.number}"]
        return ", ".join([*number, _count(item.chapters, "chapter"), _count(item.links, "link")])
    minutes = [f"{item.minutes} min"] if isinstance(item, Article) and item.minutes else []
    publisher = [item.publisher] if isinstance(item, Article) and item.publisher else []
    return " · ".join([*publisher, *minutes, *item.tags])


def _details(item: Item) -> Iterator[str]:
    if isinstance(item, Episode):
        yield from (f"{clock(chapter.start)}  {chapter.title}" for chapter in item.chapters)
        yield from (f"{link.title}  {link.url}" for link in item.links)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
