"""Programs that people use, subscribed to the site of this repository as `feeds serve` shows it."""

import io
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import feedparser
import msgspec
import podcastparser
import pytest
from tests.project import Project
from tests.serve.built import BASE_URL, build
from tests.serve.server import Server, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    with serving(root, base_url=BASE_URL) as server:
        yield server


Ask = Callable[..., str]
"""Gives a program arguments, and what it prints."""


def _needs(program: str) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"needs {program}")
    return found


def _titles(feed: Path) -> list[str]:
    return [item["title"] for item in msgspec.json.decode(feed.read_bytes())["items"]]


@pytest.mark.parametrize(
    "feed", ["all/rss.xml", "all/atom.xml", "topics/security/rss.xml", "shows/meta-tech-podcast/podcast.xml"]
)
def test_newsboat_subscribes_and_lists_all_items(
    server: Server, root: Path, tmp_path: Path, feed: str
) -> None:
    newsboat = _needs("newsboat")
    (tmp_path / "urls").write_text(f"{server.url}{feed}\n")
    (tmp_path / "config").touch()
    command = [newsboat, "-q", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"]
    environment = os.environ | {"HOME": str(tmp_path), "TERM": "xterm"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=60)
    with sqlite3.connect(tmp_path / "cache.db") as cache:
        listed = [title for (title,) in cache.execute("select title from rss_item order by pubDate desc, id")]
        ((page,),) = cache.execute("select url from rss_feed")
    assert listed
    assert listed == _titles(root / Path(feed).parent / "feed.json")
    assert page == f"{server.url}{Path(feed).parent}/"


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """gPodder, at home in a folder of the test's own."""
    gpo = _needs("gpo")
    environment = os.environ | {"HOME": str(tmp_path), "GPODDER_HOME": str(tmp_path / "gpodder")}
    environment |= {"GPODDER_DOWNLOAD_DIR": str(tmp_path / "downloads")}

    def ask(*arguments: str) -> str:
        command = [gpo, *arguments]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=120
        ).stdout

    return ask


def test_gpodder_subscribes_lists_the_episodes_and_downloads_one(
    server: Server, root: Path, tmp_path: Path, ask: Ask
) -> None:
    url = f"{server.url}shows/meta-tech-podcast/podcast.xml"
    ask("subscribe", url)
    assert url in ask("list")
    episodes = ask("episodes")
    titles = _titles(root / "shows/meta-tech-podcast/feed.json")
    assert len(titles) > 10
    for title in titles:
        assert title in episodes
    with sqlite3.connect(tmp_path / "gpodder/Database") as database:
        guid, address, size = database.execute(
            "select guid, url, file_size from episode order by published desc"
        ).fetchone()
    assert guid.startswith("urn:uuid:")
    assert address.startswith(server.url)
    ask("download", url, guid)
    (sound,) = (tmp_path / "downloads").rglob("*.mp3")
    assert sound.stat().st_size == size
    assert sound.read_bytes() == (root / address.removeprefix(server.url)).read_bytes()


SPLIT = """\
[site]
title = "Wind"
base_url = "https://feeds.example.org/"
author = "Ann"

[[source]]
path = "wind.xml"
show = "wind"

[show.wind]
title = "Wind"
author = "Ann"
categories = ["Leisure"]

[topic.kites]
kind = "episodes"
"""


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Server]:
    """One podcast feed of another publisher, whose episodes are of two topics."""
    items = "".join(
        f"""<item><title>{topic} {number}</title><guid isPermaLink="false">wind-{number}</guid>
        <category>{topic}</category><pubDate>Fri, {number:02} Jan 2025 03:04:05 GMT</pubDate>
        <enclosure url="https://cdn.example/{number}.mp3" length="{number}000" type="audio/mpeg"/>
        <description>Notes.</description></item>"""
        for number, topic in enumerate(["Kites", "Boats", "Kites"], 1)
    )
    project = Project(tmp_path / "split")
    project.write("config/feeds.toml", SPLIT)
    project.write("config/wind.xml", f"<rss version='2.0'><channel><title>W</title>{items}</channel></rss>")
    project.build()
    with serving(project.output, base_url="https://feeds.example.org/") as server:
        yield server


KITES = [
    ("Kites 1", "wind-1", "https://cdn.example/1.mp3", 1000),
    ("Kites 3", "wind-3", "https://cdn.example/3.mp3", 3000),
]


def test_a_topic_of_a_split_podcast_feed_is_a_podcast_to_feedparser_and_podcastparser(split: Server) -> None:
    answer = split.ask("/topics/kites/rss.xml")
    ours = [
        (entry.title, entry.id, entry.enclosures[0].href, int(entry.enclosures[0].length))
        for entry in feedparser.parse(answer.body).entries
    ]
    theirs = [
        (episode["title"], episode["guid"], enclosure["url"], enclosure["file_size"])
        for episode in podcastparser.parse(split.url, io.BytesIO(answer.body))["episodes"]
        for enclosure in episode["enclosures"]
    ]
    assert sorted(ours) == sorted(theirs) == KITES


def test_a_topic_of_a_split_podcast_feed_is_a_podcast_to_gpodder(
    split: Server, tmp_path: Path, ask: Ask
) -> None:
    ask("subscribe", f"{split.url}topics/kites/rss.xml")
    with sqlite3.connect(tmp_path / "gpodder/Database") as database:
        listed = database.execute("select title, guid, url, file_size from episode order by title").fetchall()
    assert listed == KITES
