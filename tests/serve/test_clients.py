"""Programs that people use, subscribed to the site of this repository as `feeds serve` shows it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
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
    assert listed
    assert listed == _titles(root / Path(feed).parent / "feed.json")


def test_gpodder_subscribes_lists_the_episodes_and_downloads_one(
    server: Server, root: Path, tmp_path: Path
) -> None:
    gpo = _needs("gpo")
    environment = os.environ | {"HOME": str(tmp_path), "GPODDER_HOME": str(tmp_path / "gpodder")}
    environment |= {"GPODDER_DOWNLOAD_DIR": str(tmp_path / "downloads")}

    def ask(*arguments: str) -> str:
        command = [gpo, *arguments]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=120
        ).stdout

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
