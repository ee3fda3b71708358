"""Programs that others wrote read what we publish."""

from io import BytesIO
from typing import Any

import feedparser
import podcastparser
import pytest
from lxml import etree
from tests.project import Project

from .conftest import ADDRESS
from .sample import parse

ADDRESS_OF_SHOW = f"{ADDRESS}shows/meta-tech-podcast/podcast.xml"


@pytest.fixture(scope="module")
def heard(site: Project) -> dict[str, Any]:
    """The podcast as gPodder reads it."""
    data = (site.output / "shows/meta-tech-podcast/podcast.xml").read_bytes()
    read: dict[str, Any] = podcastparser.parse(ADDRESS_OF_SHOW, BytesIO(data))
    return read


def test_every_xml_document_is_well_formed_and_has_no_doctype(site: Project) -> None:
    paths = [*site.output.rglob("*.xml"), *site.output.rglob("*.opml")]
    assert len(paths) == 12 + 12 + 1 + 1
    for path in paths:
        root = parse(path.read_bytes())
        assert etree.ElementTree(root).docinfo.doctype == ""


def test_feedparser_reads_every_feed_without_complaint(site: Project) -> None:
    for path in site.output.rglob("*.xml"):
        read = feedparser.parse(path.read_bytes())
        assert not read.bozo, (path, read.get("bozo_exception"))
        assert read.version == ("atom10" if path.name == "atom.xml" else "rss20")
        assert read.feed.title
        for entry in read.entries:
            assert entry.id.startswith("urn:uuid:")
            assert entry.link.startswith(ADDRESS)
            assert entry.published_parsed
            assert entry.content[0].value


def test_feedparser_sees_the_same_items_in_rss_and_atom(site: Project) -> None:
    for path in site.output.rglob("atom.xml"):
        seen = [
            [
                (
                    entry.id,
                    entry.title,
                    entry.link,
                    entry.published_parsed,
                    entry.content[0].value,
                    entry.author,
                )
                for entry in feedparser.parse((path.with_name(name)).read_bytes()).entries
            ]
            for name in ("rss.xml", "atom.xml")
        ]
        assert seen[0] == seen[1]


def test_feedparser_finds_14_enclosures_and_216_chapters(site: Project) -> None:
    read = feedparser.parse((site.output / "shows/meta-tech-podcast/podcast.xml").read_bytes())
    assert [len(entry.enclosures) for entry in read.entries] == [1] * 14
    marks = [mark for entry in read.entries for mark in entry.psc_chapters.chapters]
    assert len(marks) == 216
    assert all(mark.start_parsed is not None and mark.title for mark in marks)


def test_podcastparser_finds_14_enclosures_and_216_chapters(heard: dict[str, Any]) -> None:
    episodes = heard["episodes"]
    assert [len(episode["enclosures"]) for episode in episodes] == [1] * 14
    assert sum(len(episode["chapters"]) for episode in episodes) == 216


def test_podcastparser_reads_the_show(heard: dict[str, Any]) -> None:
    assert heard["title"] == "Meta Tech Podcast"
    assert heard["link"] == f"{ADDRESS}shows/meta-tech-podcast/"
    assert heard["cover_url"] == f"{ADDRESS}shows/meta-tech-podcast/cover.png"
    assert heard["itunes_author"] == "Meta"
    assert heard["itunes_categories"] == [["Technology"]]
    assert (heard["explicit"], heard["type"], heard["language"]) == (False, "episodic", "en")


def test_podcastparser_reads_an_episode(heard: dict[str, Any]) -> None:
    (episode,) = [one for one in heard["episodes"] if one.get("number") == 64]
    assert episode["title"] == "Caddy - Building the next generation of CAD software for Mixed Reality"
    assert episode["guid"].startswith("urn:uuid:")
    assert episode["total_time"] == 63 * 60 + 35 + 60
    assert episode["enclosures"][0]["mime_type"] == "audio/mpeg"
    assert episode["chapters"][-1] == {"start": 3815, "title": "Outro"}
    assert "<li>" in episode["description_html"]
