"""What is read in a source, before anything is made of it: for `feeds inspect`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import parsers, sources
from feeds.dates import clock
from feeds.model import Article, Episode, Finding, Item, Parsed, Place

if TYPE_CHECKING:
    from rich.console import Console


def inspect(path: str, root: Path, *, format_: str, show: str | None) -> Parsed:
    """Read one source and give everything that was found in it. Raises `SourceError` if that is nothing."""
    return parsers.parse(sources.read(path, root, format_=format_, show=show))


def print_table(parsed: Parsed, console: "Console") -> None:
    """Print for a person: items, chapters with what speaks for them, links, lines not understood."""
    from rich.table import Table

    if parsed.description:
        console.print(f"[b]Description[/b]  {_escape(parsed.description)}\n")
    if parsed.related:
        console.print(f"[b]Related[/b]  {_escape(', '.join(related.title for related in parsed.related))}\n")
    table = Table("line", "item", "what it has", box=None, pad_edge=False, header_style="bold")
    for item in parsed.items:
        table.add_row(_line(item.place), f"[b]{_escape(item.title)}[/b]", _escape(_summary(item)))
        for finding in _about(parsed, item.place):
            table.add_row("", f"  [dim]{_escape(finding.message)}[/dim]")
        for detail in _details(item):
            table.add_row("", f"  {_escape(detail)}")
    console.print(table)
    places = {item.place for item in parsed.items}
    for finding in parsed.findings:
        if finding.place not in places:
            console.print(f"{_escape(str(finding))}", style="yellow" if finding.level != "info" else "dim")
    console.print(f"\n{len(parsed.items)} items")


def _about(parsed: Parsed, place: Place | None) -> Iterator[Finding]:
    return (finding for finding in parsed.findings if finding.place == place)


def _line(place: Place | None) -> str:
    return str(place.line) if place and place.line else ""


def _summary(item: Item) -> str:
    if isinstance(item, Episode):
        number = [] if item.number is None else [f"number {item.number}"]
        return ", ".join([*number, f"{len(item.chapters)} chapters", f"{len(item.links)} links"])
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
