"""Pages rendered per second, and requests per second of `feeds serve` beside nginx on the same folder."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._measure import python, run, table
from bench.build import project
from feeds.model import Article, Chapter, Document, Entry, Episode, Feed, Link, Media, Show, Site, Topic
from feeds.outputs.pages import Pages

_HOSTING = Path(__file__).parents[1] / "docs/hosting.md"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ARTICLES = 1000
_SECONDS = 4
_CONNECTIONS = 16


def main() -> None:
    """Print both tables. The second needs the programs nginx and wrk."""
    _render()
    path = f"{os.environ['PATH']}:/usr/sbin"
    nginx, wrk = shutil.which("nginx", path=path), shutil.which("wrk", path=path)
    if not (nginx and wrk):
        sys.exit("requests per second need the programs nginx and wrk")
    print()
    _serve(nginx, wrk)


# Pages


def _render() -> None:
    site = Site(title="Bench", base_url="https://example.org/", author="Bench")
    topic = Topic(slug="caching", title="Caching")
    show = Show(slug="show", title="A show", author="Bench", categories=(("Technology", None),))
    articles = [_article(number, topic) for number in range(_ARTICLES)]
    episodes = [_episode(number) for number in range(_ARTICLES // 4)]
    topics = [_feed(f"topics/{number}", articles[:100], site, topic=topic) for number in range(50)]
    podcast = _feed("shows/show", episodes, site, show=show)
    pages = Pages(site)
    table(
        ("pages", "made", "per second", "kB each"),
        [
            _timed("front page of 50 topics", (pages.index(topics) for _ in range(20))),
            _timed("page of a topic", (page for feed in topics for page in pages.feed(feed))),
            _timed("page of a show", pages.feed(podcast)),
            _timed(
                "episode", (page for entry in episodes for page in pages.entry(entry, podcast, entry, entry))
            ),
            _timed(
                "article", (page for entry in articles for page in pages.entry(entry, topics[0], None, None))
            ),
        ],
    )


def _timed(what: str, pages: Iterable[Document]) -> tuple[str, ...]:
    start = time.perf_counter()
    sizes = [len(page.body) for page in pages if isinstance(page.body, bytes)]
    seconds = time.perf_counter() - start
    return what, f"{len(sizes):,}", f"{len(sizes) / seconds:,.0f}", f"{sum(sizes) / len(sizes) / 1000:.1f}"


def _article(number: int, topic: Topic) -> Entry:
    item = Article(
        title=f"Article {number} on caching",
        id=f"urn:uuid:{number}",
        published=_START - timedelta(hours=number),
        updated=_START - timedelta(hours=number),
        summary="What it says, told in a sentence or two of the usual length. " * 3,
        publisher="Example",
        minutes=5,
    )
    path = f"articles/{number}"
    return Entry(item=item, url=f"https://example.org/{path}/", path=path, topics=(topic,))


def _episode(number: int) -> Entry:
    path = f"shows/show/{number}"
    item = Episode(
        title=f"Episode {number}",
        show="show",
        number=number + 1,
        id=f"urn:uuid:e{number}",
        published=_START - timedelta(days=number),
        updated=_START - timedelta(days=number),
        summary="What is said in it, told in a sentence or two of the usual length. " * 6,
        media=Media(url=f"https://example.org/{number}.mp3", type="audio/mpeg", size=10**7, duration=2000.0),
        chapters=tuple(Chapter(start=120.0 * mark, title=f"Chapter {mark}") for mark in range(15)),
        links=(Link(title="A link", url="https://example.net/"),),
    )
    return Entry(item=item, url=f"https://example.org/{path}/", path=path)


def _feed(
    path: str, entries: list[Entry], site: Site, topic: Topic | None = None, show: Show | None = None
) -> Feed:
    return Feed(
        id="urn:uuid:feed",
        path=path,
        site=site,
        title=f"Feed {path}",
        description="What is new.",
        language="en",
        author="Bench",
        updated=_START,
        entries=tuple(entries),
        kind="show" if show else "topic",
        formats=("podcast", "json") if show else ("rss", "atom", "json"),
        show=show,
        topic=topic,
        total=len(entries),
    )


# Requests


def _serve(nginx: str, wrk: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        run(python("-m", "feeds", "build", "--config", str(project(folder, _ARTICLES))))
        (folder / "output/sound.mp3").write_bytes(bytes(2**20))
        with _ours(folder) as here, _nginx(nginx, folder) as there:
            rows = []
            for what, path, headers in _requests():
                ours, theirs = (_rate(wrk, url + path, headers) for url in (here, there))
                rows.append((what, f"{ours:,.0f}/s", f"{theirs:,.0f}/s", f"{ours / theirs:.3f}"))
    table(("request", "feeds serve", "nginx", "ratio"), rows)


def _requests() -> Iterator[tuple[str, str, dict[str, str]]]:
    yield "feed, gzip", "all/rss.xml", {"Accept-Encoding": "gzip"}
    yield "feed, not changed", "all/rss.xml", {"If-None-Match": "*"}
    yield "front page, gzip", "", {"Accept-Encoding": "gzip"}
    yield "64 kB of audio", "sound.mp3", {"Range": "bytes=65536-131071"}


def _rate(wrk: str, url: str, headers: dict[str, str]) -> float:
    """Requests answered per second."""
    options = [option for header in headers.items() for option in ("-H", ": ".join(header))]
    command = [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", *options, url]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if "Non-2xx" in said or not found:
        sys.exit(f"{' '.join(command)}\n{said}")
    return float(found[1])


@contextmanager
def _ours(folder: Path) -> Iterator[str]:
    port = _free_port()
    config = folder / "config/feeds.toml"
    with _running(python("-m", "feeds", "serve", "--config", str(config), "--port", str(port)), port):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def _nginx(nginx: str, folder: Path) -> Iterator[str]:
    """Run nginx, in one process as ours, with the configuration that the documentation shows."""
    port = _free_port()
    found = re.search(r"```nginx\n(.*?)```", _HOSTING.read_text(), re.DOTALL)
    assert found
    site = found[1].replace("listen 80;", f"listen 127.0.0.1:{port};")
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; user {folder.owner()};\n"
        f"events {{}}\nhttp {{ access_log off;\n{site.replace('/srv/feeds/output', f'{folder}/output')}\n}}\n"
    )
    with _running([nginx, "-e", f"{folder}/errors", "-p", str(folder), "-c", str(configuration)], port):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for tries in count():
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if process.poll() is not None or tries == 200:
                    sys.exit(f"does not start: {' '.join(command)}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
