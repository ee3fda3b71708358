"""How a build grows with its listing, beside a plain feedgen loop that writes the same feeds."""

import random
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench._measure import Cost, python, run, table

SIZES = (1_000, 10_000, 100_000)
TAGS = tuple(f"topic-{number:02}" for number in range(50))
_WORDS = (
    "cache",
    "queue",
    "shard",
    "replica",
    "index",
    "stream",
    "batch",
    "cluster",
    "trace",
    "log",
    "graph",
)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print a table of one row for each size."""
    head = ("articles", "build", "items/s", "peak", "unchanged", "of a build", "feedgen loop", "build / loop")
    rows = []
    costs: list[Cost] = []
    for size in sizes:
        with TemporaryDirectory() as name:
            full, again, loop = _measure(Path(name), size)
        costs.append(full)
        rows.append(
            (
                f"{size:,}",
                f"{full.wall:.2f} s",
                f"{size / full.wall:,.0f}",
                f"{full.memory / 2**20:.0f} MiB",
                f"{again.wall:.2f} s",
                f"{again.wall / full.wall:.1%}",
                f"{loop.wall:.2f} s",
                f"{full.wall / loop.wall:.2f}",
            )
        )
    table(head, rows)
    for (small, less), (large, more) in pairwise(zip(sizes, costs, strict=True)):
        time, memory = (
            log(after / before) / log(large / small)
            for before, after in ((less.wall, more.wall), (less.memory, more.memory))
        )
        print(f"\nfrom {small:,} to {large:,}: time grows with exponent {time:.2f}, memory with {memory:.2f}")


class Card(NamedTuple):
    """An article, as a listing shows it."""

    publisher: str
    title: str
    summary: str
    tags: tuple[str, ...]
    minutes: int


def cards(size: int) -> Iterator[Card]:
    """Articles with two tags each; the same ones each time."""
    choose = random.Random(size)
    for number in range(size):
        words = " ".join(choose.choices(_WORDS, k=5))
        yield Card(
            publisher="Example",
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


def project(folder: Path, size: int) -> Path:
    """Write a project with one listing, all of whose feeds hold everything; gives its configuration."""
    config = folder / "config" / "feeds.toml"
    config.parent.mkdir(parents=True)
    (config.parent / "articles.txt").write_text(listing(cards(size)), "utf-8")
    config.write_text(
        '[site]\ntitle = "Bench"\nbase_url = "https://example.org/"\nauthor = "Bench"\n'
        f'limit = {size}\n[[source]]\npath = "articles.txt"\nformat = "listing"\n',
        "utf-8",
    )
    return config


def _measure(folder: Path, size: int) -> tuple[Cost, Cost, Cost]:
    config = project(folder, size)
    command = python("-m", "feeds", "build", "--config", str(config), "--now", "2026-01-01T00:00:00Z")
    full = run(command)
    again = run(command, times=3)
    loop = run(python("-m", "bench.build", str(config.parent / "articles.txt"), str(folder / "loop")))
    return full, again, loop


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


if __name__ == "__main__":
    _feedgen_loop(Path(sys.argv[1]), Path(sys.argv[2]))
