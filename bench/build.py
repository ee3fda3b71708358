"""How a build grows with its listing, beside a plain feedgen loop that writes the same feeds."""

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

from bench._measure import WORDS, Cost, python, run, table
from feeds import compose
from feeds.model import Article, Entry, Site, Source
from feeds.outputs import Outputs
from feeds.parsers import parse

SIZES = (1_000, 10_000, 100_000)
TAGS = tuple(f"topic-{number:02}" for number in range(50))
_USUAL = 50
"""Items of a feed, unless the configuration says otherwise."""


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print a table of two rows for each size: feeds that hold everything, and the newest 50 items."""
    head = (
        *("articles", "feeds hold", "build", "CPU", "items/s", "peak", "unchanged", "of a build"),
        *("one changed", "of a build", "feedgen loop", "CPU / loop's", "the feeds alone", "CPU / loop's"),
    )
    rows = []
    costs: list[Cost] = []
    for size in sizes:
        with TemporaryDirectory() as name:
            loop, alone = (measure_feeds(Path(name), size, way) for way in ("loop", "ours"))
        for limit in (size, _USUAL):
            with TemporaryDirectory() as name:
                full, again, one = _measure(Path(name), size, limit)
            beside = (
                *(f"{loop.wall:.1f} s", f"{full.cpu / loop.cpu:.2f}"),
                *(f"{alone.wall:.1f} s", f"{alone.cpu / loop.cpu:.2f}"),
            )
            rows.append(
                (
                    f"{size:,}",
                    "everything" if limit == size else f"{limit}",
                    f"{full.wall:.1f} s",
                    f"{full.cpu:.1f} s",
                    f"{size / full.wall:,.0f}",
                    f"{full.memory / 2**20:.0f} MiB",
                    f"{again.wall:.2f} s",
                    f"{again.cpu / full.cpu:.1%}",
                    f"{one.wall:.2f} s",
                    f"{one.cpu / full.cpu:.1%}",
                    *(beside if limit == size else ("", "", "", "")),
                )
            )
            if limit == size:
                costs.append(full)
    table(head, rows)
    growth(sizes, costs)


def growth(sizes: Iterable[int], costs: Iterable[Cost]) -> None:
    """Print with which exponent costs grow from each size to the next."""
    for (small, less), (large, more) in pairwise(zip(sizes, costs, strict=True)):
        time, memory = (
            log(after / before) / log(large / small)
            for before, after in ((less.cpu, more.cpu), (less.memory, more.memory))
        )
        print(f"\nfrom {small:,} to {large:,}: CPU grows with exponent {time:.2f}, memory with {memory:.2f}")


class Card(NamedTuple):
    """An article, as a listing shows it."""

    publisher: str
    title: str
    summary: str
    tags: tuple[str, ...]
    minutes: int


def cards(size: int, publisher: int = 0) -> Iterator[Card]:
    """Articles of a publisher, with two tags each; the same ones each time."""
    choose = random.Random(f"{publisher} {size}")
    for number in range(size):
        words = " ".join(choose.choices(WORDS, k=5))
        yield Card(
            publisher=f"Publisher {publisher}",
            title=f"Article {number} on {words}",
            summary=f"What number {number} says of {words}, told in one sentence of the usual length.",
            tags=tuple(choose.sample(TAGS, 2)),
            minutes=choose.randint(2, 20),
        )


def listing(cards: Iterable[Card]) -> str:
    """A listing of articles."""
    return "".join(
        f"{card.publisher}\n\n{card.title}\n\n{card.summary}\n\n{' '.join(card.tags)}\n{card.minutes} min\n"
        for card in cards
    )


def project(folder: Path, size: int, limit: int | None = None, *, publishers: int = 1) -> Path:
    """Write a project of `size` articles, whose feeds hold everything or the newest; gives its file.

    Each publisher has a listing of its own, `articles-0.txt` and so on.
    """
    config = folder / "config" / "feeds.toml"
    config.parent.mkdir(parents=True)
    text = '[site]\ntitle = "Bench"\nbase_url = "https://example.org/"\nauthor = "Bench"\n'
    text += f"limit = {limit or size}\n"
    for number in range(publishers):
        name = f"articles-{number}.txt"
        (config.parent / name).write_text(listing(cards(size // publishers, number)), "utf-8")
        text += f'[[source]]\npath = "{name}"\nformat = "listing"\n'
    config.write_text(text, "utf-8")
    return config


def build(config: Path) -> list[str]:
    """The command that builds a project."""
    return python("-m", "feeds", "build", "--config", str(config), "--now", "2026-01-01T00:00:00Z")


def edit(config: Path) -> None:
    """Change the summary of one article."""
    source = config.parent / "articles-0.txt"
    source.write_text(source.read_text("utf-8").replace("What number 7 says", "What number 7 tells"), "utf-8")


def _measure(folder: Path, size: int, limit: int) -> tuple[Cost, Cost, Cost]:
    """A first build, one of nothing new, and one of an article that was edited."""
    config = project(folder, size, limit)
    full = run(build(config))
    again = run(build(config), times=3)
    edit(config)
    return full, again, run(build(config))


def measure_feeds(folder: Path, size: int, way: str) -> Cost:
    """A program of its own that reads the listing and writes the feeds: feedgen by hand, or our writers."""
    source = folder / "articles.txt"
    source.write_text(listing(cards(size)), "utf-8")
    return run(python("-m", "bench.build", way, str(source), str(folder / way)))


def _feedgen_loop(source: Path, output: Path) -> None:
    """What one would write by hand: one FeedGenerator for each tag and one for all, RSS and Atom of each."""
    from feedgen.feed import FeedGenerator

    lines = [line for line in source.read_text("utf-8").split("\n") if line]
    read = [lines[start : start + 5] for start in range(0, len(lines), 5)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for name in ("all", *TAGS):
        generator = FeedGenerator()
        generator.id(f"https://example.org/{name}/")
        generator.title(name)
        generator.description(name)
        generator.link(href=f"https://example.org/{name}/")
        for number, (publisher, title, summary, tags, minutes) in enumerate(read):
            if name in ("all", *tags.split()):
                entry = generator.add_entry(order="append")
                entry.id(f"https://example.org/{number}")
                entry.title(title)
                entry.link(href=f"https://example.org/{number}")
                entry.author(name=publisher)
                entry.summary(summary)
                entry.content(f"<p>{summary}</p><p>{minutes}</p>", type="html")
                entry.category([{"term": tag} for tag in tags.split()])
                entry.published(now - timedelta(minutes=number))
                entry.updated(now - timedelta(minutes=number))
        folder = output / name
        folder.mkdir(parents=True)
        generator.rss_file(str(folder / "rss.xml"), pretty=True)
        generator.atom_file(str(folder / "atom.xml"), pretty=True)


def _our_feeds(source: Path, output: Path, formats: tuple[str, ...] = ("rss", "atom")) -> None:
    """The same feeds by our parser and our writers: no ledger, no pages."""
    read = parse(Source(name=source.name, format="listing", data=source.read_bytes()))
    site = Site(title="Bench", base_url="https://example.org/", author="Bench")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    members: dict[str, list[Entry]] = {}
    for number, item in enumerate(read.items):
        assert isinstance(item, Article)
        when = now - timedelta(minutes=number)
        id_ = f"urn:uuid:{UUID(int=number)}"
        known = replace(item, id=id_, slug=f"{number}", published=when, updated=when)
        entry = compose.entry(known, site, {}, {})
        for path in ("all", *(f"topics/{tag}" for tag in item.tags)):
            members.setdefault(path, []).append(entry)
    outputs = Outputs()
    for path, entries in members.items():
        feed = compose.feed(path, entries, site, total=len(entries), id_=f"urn:{path}")
        for document in outputs.render(replace(feed, formats=formats)):
            file = output / document.path
            file.parent.mkdir(parents=True, exist_ok=True)
            assert isinstance(document.body, bytes)
            file.write_bytes(document.body)


if __name__ == "__main__":
    ways: dict[str, Callable[[Path, Path], None]] = {
        "loop": _feedgen_loop,
        "ours": _our_feeds,
        "ours, with JSON": partial(_our_feeds, formats=("rss", "atom", "json")),
    }
    ways[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
