"""The list of all feeds (feed-requirements, J.5)."""

from typing import Any

import pytest
from tests.project import Project

from feeds.outputs import opml

from .sample import SHOW, SITE, article, body, episode, feed, parse, text, texts


@pytest.fixture(scope="module")
def outlines(site: Project) -> Any:
    """The list of the repository's feeds."""
    return parse((site.output / "feeds.opml").read_bytes())


def test_it_is_opml_2_0_with_a_head_and_a_body(outlines: Any) -> None:
    assert (outlines.tag, dict(outlines.attrib)) == ("opml", {"version": "2.0"})
    assert [child.tag for child in outlines] == ["head", "body"]
    assert text(outlines, "head/title") == "Engineering Reading and Listening"
    assert text(outlines, "head/ownerName") == "The editors"


def test_it_changed_when_its_newest_feed_did(outlines: Any) -> None:
    assert text(outlines, "head/dateModified") == "Fri, 02 Jan 2026 12:00:00 GMT"


def test_every_feed_is_listed_once_in_a_folder_of_its_kind(outlines: Any, site: Project) -> None:
    folders = {folder.get("text"): len(folder) for folder in outlines.find("body")}
    assert folders == {"Everything": 1, "Topics": 11, "Shows": 1}
    published = {
        f"https://example.org/feeds/{path.relative_to(site.output).as_posix()}"
        for path in (*site.output.rglob("rss.xml"), *site.output.rglob("podcast.xml"))
    }
    listed = texts(outlines, "//@xmlUrl")
    assert set(listed) == published
    assert len(listed) == len(published)


def test_a_subscription_has_what_readers_show(outlines: Any) -> None:
    for outline in outlines.iterfind(".//outline[@xmlUrl]"):
        assert outline.get("type") == "rss"
        assert outline.get("version") == "RSS2"
        assert outline.get("text") == outline.get("title") != ""
        assert outline.get("description")
        assert outline.get("language") == "en"
        assert outline.get("htmlUrl") == outline.get("xmlUrl").rpartition("/")[0] + "/"


def test_titles_and_descriptions_of_feeds_are_all_different(outlines: Any) -> None:
    for name in ("title", "description"):
        values = texts(outlines, f"//outline[@xmlUrl]/@{name}")
        assert len(values) == len(set(values)) == 13


def test_titles_are_escaped_once() -> None:
    made = feed(article(publisher='A & "B" <C>'), path="publishers/a")
    data = body(opml.document(SITE, [made]))
    assert b'text="Articles by A &amp; &quot;B&quot; &lt;C&gt; \xe2\x80\x93 Reading &amp; Listening"' in data


def test_a_podcast_is_listed_by_its_podcast_feed() -> None:
    root = parse(body(opml.document(SITE, [feed(episode(), show=SHOW)])))
    assert text(root, "//@xmlUrl") == "https://example.org/feeds/shows/radio/podcast.xml"


def test_a_site_without_feeds_has_an_empty_list() -> None:
    root = parse(body(opml.document(SITE, [])))
    assert len(root.find("body")) == 0
    assert root.find("head/dateModified") is None
