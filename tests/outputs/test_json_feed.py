"""JSON Feed 1.1 (feed-requirements, section C)."""

import json
import re
from typing import Any

import pytest
from tests.project import Project

from feeds.model import Media

from .sample import SHOW, article, episode, feed, written

TOP = {"version", "title", "home_page_url", "feed_url", "description", "icon", "authors", "language", "items"}
ITEM = (
    {"id", "url", "title", "summary", "content_html", "image", "date_published", "date_modified"}
    | {"authors", "tags", "language", "attachments", "_feeds"}
)  # fmt: skip
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def json_feed(*items: Any, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(written(feed(*items, **options))["feed.json"])
    return made


@pytest.fixture(scope="module")
def documents(site: Project) -> dict[str, dict[str, Any]]:
    """Every JSON feed of the repository's documents, by its path."""
    paths = list(site.output.rglob("feed.json"))
    assert len(paths) == 13
    return {path.relative_to(site.output).as_posix(): strictly(path.read_bytes()) for path in paths}


def strictly(data: bytes) -> dict[str, Any]:
    """Parse JSON that has no key twice and no numbers that are none."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def refuse(name: str) -> None:
        raise ValueError(name)

    made: dict[str, Any] = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    return made


def test_the_top_has_what_it_must(documents: dict[str, dict[str, Any]]) -> None:
    for path, document in documents.items():
        assert next(iter(document)) == "version"
        assert document["version"] == "https://jsonfeed.org/version/1.1"
        assert document["title"]
        assert document["home_page_url"] == f"https://example.org/feeds/{path.removesuffix('feed.json')}"
        assert document["feed_url"] == f"https://example.org/feeds/{path}"
        assert document.keys() <= TOP


def test_an_item_has_what_it_must(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        assert document["items"]
        for item in document["items"]:
            assert isinstance(item["id"], str)
            assert item["url"].startswith("https://")
            assert item["title"]
            assert item["content_html"]
            assert re.fullmatch(DATE, item["date_published"])
            assert re.fullmatch(DATE, item["date_modified"])
            assert item.keys() <= ITEM


def test_authors_are_named(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        for authors in (document["authors"], *(item["authors"] for item in document["items"])):
            assert all(author["name"] for author in authors)


def test_nothing_is_written_that_is_not_known(documents: dict[str, dict[str, Any]]) -> None:
    for path, document in documents.items():
        assert not list(empty(document)), path


def empty(value: Any) -> Any:
    """What is null, or empty, anywhere in a document."""
    if value is None or value in ("", [], {}):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from empty(part)


def test_every_feed_is_small_enough_for_readers(site: Project) -> None:
    for path in site.output.rglob("feed.json"):
        assert path.stat().st_size <= 250_000


def test_an_attachment_has_its_type_size_and_length() -> None:
    (item,) = json_feed(episode(7))["items"]
    assert item["attachments"] == [
        {
            "url": "https://example.org/feeds/media/radio/7.mp3",
            "mime_type": "audio/mpeg",
            "size_in_bytes": 1_000_007,
            "duration_in_seconds": 1800,
        }
    ]


def test_what_is_not_known_of_the_audio_is_left_out() -> None:
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg")
    (item,) = json_feed(episode(media=media))["items"]
    assert item["attachments"] == [{"url": "https://example.org/a.mp3", "mime_type": "audio/mpeg"}]


def test_an_episode_without_audio_stays() -> None:
    (item,) = json_feed(episode(media=None), show=SHOW)["items"]
    assert "attachments" not in item


def test_what_only_we_know_is_in_an_extension_of_our_own() -> None:
    article_, episode_ = json_feed(article(1), episode(2, season=3))["items"]
    assert article_["_feeds"] == {"reading_minutes": 4}
    assert episode_["_feeds"] == {
        "season": 3,
        "episode": 2,
        "chapters": [
            {"start": 0.0, "title": "Hello"},
            {"start": 90.5, "title": "Talk"},
            {"start": 1700.0, "title": "Bye"},
        ],
    }


def test_an_item_of_nothing_but_a_title_shows_that() -> None:
    (item,) = json_feed(article(title="a < b", summary="", publisher=None, minutes=None))["items"]
    assert item["content_html"] == "<p>a &lt; b</p>"
