"""What shows cost: in the ledger, to be rendered, compressed, built as a site. Figures of docs/scale.md."""

import gzip
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bench._measure import WORDS, run, table
from bench.build import build
from feeds import compose
from feeds.groups import paths
from feeds.ledger import Ledger
from feeds.model import Chapter, Document, Episode, Feed, Media, Show, Site
from feeds.outputs import Outputs, chapters
from feeds.outputs.pages import Pages
from feeds.workers import open_map

SHOWS = 100
SITES = (50, 200)
"""Shows of whole sites."""
EPISODES = 100
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SITE = Site(title="Bench", base_url="https://example.org/", author="Bench")


def main() -> None:
    """Measure SQLite, and the PostgreSQL database whose address `LEDGER` has in the environment."""
    with TemporaryDirectory() as folder:
        addresses = [str(Path(folder) / "ledger.sqlite"), *filter(None, [os.environ.get("LEDGER")])]
        rows = [_ledger(address) for address in addresses]
        with Ledger.open(addresses[0]) as ledger:
            feeds = [_feed(ledger, number) for number in range(SHOWS)]
    table(("ledger", "first build", "no change", "one new episode", "read", "an episode"), rows)
    print()
    table(("step", "CPU of a show", "shows a second of one core"), [*_rendering(feeds)])
    bodies = [
        document.body for feed in feeds[:10] for document in _render(feed) if isinstance(document.body, bytes)
    ]
    size, packed = (sum(map(len, all_)) / 10 / 2**20 for all_ in (bodies, map(gzip.compress, bodies)))
    files = len(bodies) / 10
    print(f"\na show of {EPISODES}: {files:.0f} files, {size:.2f} MiB, {packed:.2f} MiB compressed\n")
    with TemporaryDirectory() as folder:
        rows = [_whole(Path(folder, f"{shows}"), shows) for shows in SITES]
    table(("shows", "files", "CPU of the first build", "memory", "CPU for one new episode"), rows)


def _ledger(address: str) -> tuple[str, ...]:
    before = _size(address)
    with Ledger.open(address) as ledger:
        listings = [[*_episodes(number)] for number in range(SHOWS)]
        settled = _rate(partial(_settle, ledger, listings), SHOWS * EPISODES)
        unchanged = _rate(partial(_settle, ledger, listings), SHOWS * EPISODES)
        longer = [[*_episodes(number, EPISODES + 1)] for number in range(SHOWS)]
        added = _rate(partial(_settle, ledger, longer), SHOWS)
        read = _rate(partial(_read, ledger), SHOWS * EPISODES)
    size = (_size(address) - before) / SHOWS / EPISODES
    name = "PostgreSQL" if "://" in address else "SQLite"
    return (
        name,
        f"{settled} items/s",
        f"{unchanged} items/s",
        f"{added} shows/s",
        f"{read} items/s",
        f"{size:,.0f}",
    )


def _whole(folder: Path, shows: int) -> tuple[str, ...]:
    """Build a site of shows that come as JSON feeds without chapters, and again with one more episode."""
    config = folder / "config" / "feeds.toml"
    config.parent.mkdir(parents=True)
    text = '[site]\ntitle = "Bench"\nbase_url = "https://example.org/"\nauthor = "Bench"\n'
    for number in range(shows):
        _write_feed(config.parent, number, EPISODES)
        text += f'[[source]]\npath = "show-{number}.json"\nformat = "feed"\nshow = "show-{number}"\n'
        text += (
            f'[show.show-{number}]\ntitle = "Show {number}"\nauthor = "Bench"\ncategories = ["Technology"]\n'
        )
    config.write_text(text)
    first = run(build(config))
    files = len(json.loads((folder / "output" / "manifest.json").read_bytes())["files"])
    _write_feed(config.parent, 0, EPISODES + 1)
    one = run(build(config))
    return (
        f"{shows}",
        f"{files:,}",
        f"{first.cpu:.1f} s",
        f"{first.memory / 2**20:.0f} MiB",
        f"{one.cpu:.1f} s",
    )


def _write_feed(folder: Path, show: int, count: int) -> None:
    items = [
        {
            "id": f"https://example.org/{show}/{episode.number}",
            "title": episode.title,
            "summary": episode.summary,
            "content_html": episode.content,
            "date_published": episode.published and episode.published.isoformat(),
            "attachments": [
                {
                    "url": media.url,
                    "mime_type": media.type,
                    "size_in_bytes": media.size,
                    "duration_in_seconds": media.duration,
                }
                for media in filter(None, [episode.media])
            ],
        }
        for episode in _episodes(show, count)
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": f"Show {show}", "items": items}
    (folder / f"show-{show}.json").write_text(json.dumps(feed))


def _settle(ledger: Ledger, listings: list[list[Episode]]) -> None:
    for number, listing in enumerate(listings):
        ledger.settle(f"show-{number}", listing, site=SITE.base_url, now=NOW, groups=paths)


def _read(ledger: Ledger) -> None:
    for number in range(SHOWS):
        ledger.items(f"shows/show-{number}", now=NOW)


def _size(address: str) -> int:
    if "://" not in address:
        return Path(address).stat().st_size if Path(address).exists() else 0
    engine = sa.create_engine(address)
    with engine.begin() as db:
        size: int = db.exec_driver_sql("select pg_database_size(current_database())").scalar_one()
    engine.dispose()
    return size


def _rate(work: "partial[None]", count: int) -> str:
    start = time.perf_counter()
    work()
    return f"{count / (time.perf_counter() - start):,.0f}"


def _episodes(show: int, count: int = EPISODES) -> Iterator[Episode]:
    """Episodes with notes of 1,500 characters and ten chapters each; the same ones each time."""
    choose = random.Random(show)
    for number in range(1, count + 1):
        said = [" ".join(choose.choices(WORDS, k=12)) for _ in range(20)]
        yield Episode(
            show=f"show-{show}",
            title=f"Episode {number} on {said[0]}",
            number=number,
            published=NOW - timedelta(days=7 * (EPISODES + 2 - number)),
            summary=f"{said[1]}.",
            content="".join(f"<p>{sentence}.</p>" for sentence in said),
            media=Media(
                url=f"https://example.org/{show}/{number}.mp3",
                type="audio/mpeg",
                size=30_000_000,
                duration=1800.0,
            ),
            chapters=tuple(Chapter(start=180.0 * mark, title=said[mark][:40]) for mark in range(10)),
        )


def _show(number: int) -> Show:
    slug = f"show-{number}"
    return Show(slug=slug, title=f"Show {number}", author="Bench", categories=(("Technology", None),))


def _feed(ledger: Ledger, number: int) -> Feed:
    show = _show(number)
    items = ledger.items(f"shows/{show.slug}", now=NOW)
    entries = [compose.entry(item, SITE, {}, {show.slug: show}) for item in items]
    path = f"shows/{show.slug}"
    return compose.feed(path, entries, SITE, total=len(entries), id_=f"urn:x:{number}", show=show)


def _rendering(feeds: list[Feed]) -> Iterator[tuple[str, ...]]:
    """CPU time, for that is what one buys; of processes that of the one that gives out the work."""
    yield _row("feeds", feeds, "serial", _render_feeds)
    yield _row("pages and chapters", feeds, "serial", _render_pages)
    yield _row("giving feeds out to processes", feeds, "processes", _render_feeds)


def _row(
    name: str, feeds: list[Feed], workers: str, step: Callable[[Feed], list[Document]]
) -> tuple[str, ...]:
    with open_map(workers) as each:
        list(each(step, feeds[:4]))  # Processes start at the first call.
        start = time.process_time()
        for _ in each(step, feeds):
            pass
        took = (time.process_time() - start) / len(feeds)
    return name, f"{took * 1000:.0f} ms", f"{1 / took:.1f}"


def _render(feed: Feed) -> list[Document]:
    return [*_render_feeds(feed), *_render_pages(feed)]


def _render_feeds(feed: Feed) -> list[Document]:
    return [*Outputs().render(feed)]


def _render_pages(feed: Feed) -> list[Document]:
    pages = Pages(SITE)
    documents = [*pages.feed(feed)]
    for entry in feed.entries:
        documents.extend(chapters.documents(entry))
        documents.extend(pages.entry(entry, feed, None, None))
    return documents


if __name__ == "__main__":
    main()
