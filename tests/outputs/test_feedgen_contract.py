"""feedgen's traps (feed-requirements, section N): each is still there, and our documents are free of it.

Where the first half of a test fails, a release of feedgen has mended or changed something: see whether the
extension that works around it in `feeds.outputs._feedgen` can go.
"""

import json
import locale
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import feedgen.ext
import feedparser
import pytest
from feedgen.feed import FeedGenerator

from feeds import config
from feeds.errors import ConfigError
from feeds.model import Media, Person

from .sample import NOON, SHOW, article, atom, episode, feed, parse, podcast, rss, text, texts, written

PAGE = "https://example.org/page"
AUDIO = "https://example.org/a.mp3"


@pytest.fixture
def alone() -> FeedGenerator:
    """feedgen by itself, with what it asks for."""
    generator = FeedGenerator()
    generator.id("urn:uuid:8fafc332-60b7-56f4-8300-dc7e1ac19932")
    generator.title("Title")
    generator.description("Description")
    generator.link(href="https://example.org/", rel="alternate")
    return generator


def its_rss(generator: FeedGenerator) -> Any:
    return parse(generator.rss_str(encoding="UTF-8"))


def its_atom(generator: FeedGenerator) -> Any:
    return parse(generator.atom_str(encoding="UTF-8"))


def add(generator: FeedGenerator, number: int = 1) -> Any:
    made = generator.add_entry()
    made.id(f"urn:{number}")
    made.title(f"Title {number}")
    made.link(href=PAGE, rel="alternate", type="text/html")
    return made


def test_links_of_an_atom_entry_keep_what_they_are(alone: FeedGenerator) -> None:
    add(alone).enclosure(AUDIO, 5, "audio/mpeg")
    links = its_atom(alone).xpath("atom:entry/atom:link", namespaces={"atom": "http://www.w3.org/2005/Atom"})
    assert [dict(link.attrib) for link in links] == [{"href": PAGE}, {"href": AUDIO}]
    misread = feedparser.parse(alone.atom_str()).entries[0]
    assert (misread.link, misread.enclosures) == (AUDIO, [])

    item = episode()
    assert item.media
    ours = atom(item).xpath("atom:entry/atom:link", namespaces={"atom": "http://www.w3.org/2005/Atom"})
    assert [dict(link.attrib) for link in ours] == [
        {"rel": "alternate", "type": "text/html", "href": "https://example.org/feeds/shows/radio/title-1/"},
        {"rel": "enclosure", "type": "audio/mpeg", "length": "1000001", "href": item.media.url},
    ]
    read = feedparser.parse(written(feed(item))["atom.xml"]).entries[0]
    assert read.link == "https://example.org/feeds/shows/radio/title-1/"
    assert [enclosure.href for enclosure in read.enclosures] == [item.media.url]


def test_explicit_is_true_or_false(alone: FeedGenerator) -> None:
    alone.load_extension("podcast")
    for value in ("true", "false"):
        with pytest.raises(ValueError, match="explicit"):
            alone.podcast.itunes_explicit(value)

    for explicit in (True, False):
        channel = podcast(episode(), show=replace(SHOW, explicit=explicit))
        assert texts(channel, "channel//itunes:explicit") == [str(explicit).lower()] * 2


@pytest.mark.parametrize("name", ["cover.jpeg", "cover.png?v=2", "cover"])
def test_artwork_stays_whatever_its_address_ends_in(alone: FeedGenerator, name: str) -> None:
    alone.load_extension("podcast")
    alone.podcast.itunes_image(f"https://example.org/{name}")
    assert b"itunes:image" not in alone.rss_str()

    show = replace(SHOW, image=f"https://example.org/{name}")
    assert text(podcast(episode(), show=show), "channel/itunes:image/@href") == show.image


def test_categories_are_those_that_apple_has(alone: FeedGenerator, tmp_path: Path) -> None:
    alone.load_extension("podcast")
    alone.podcast.itunes_category([{"cat": "Society & Culture", "sub": "History"}, {"cat": "Nonsense"}])
    assert texts(its_rss(alone), "//itunes:category/@text") == ["Society & Culture", "History", "Nonsense"]

    ours = podcast(episode())
    assert texts(ours, "channel/itunes:category/@text") == ["Technology", "Arts"]
    assert texts(ours, "channel/itunes:category/itunes:category/@text") == ["Books"]
    show = {"title": "T", "author": "A", "categories": ["Society & Culture > History", "Nonsense"]}
    site = {"title": "T", "author": "A", "base_url": "https://example.org/"}
    with pytest.raises(ConfigError) as refused:
        config.understand({"site": site, "source": [], "show": {"s": show}}, tmp_path / "feeds.toml")
    places = [finding.place.path for finding in refused.value.findings]
    assert {"show.s.categories[0]", "show.s.categories[1]"} <= set(places)


def test_the_page_of_a_channel_is_a_page(alone: FeedGenerator) -> None:
    alone.link(href="https://hub.example/", rel="hub")
    assert text(its_rss(alone), "channel/link") == "https://hub.example/"

    assert text(rss(article()), "channel/link") == "https://example.org/feeds/topics/storage/"
    assert text(podcast(episode()), "channel/link") == "https://example.org/feeds/shows/radio/"


def test_rss_has_links_other_than_to_itself(alone: FeedGenerator) -> None:
    for rel in ("self", "self", "hub", "next"):
        alone.link(href=f"https://example.org/{rel}", rel=rel)
    assert texts(its_rss(alone), "channel/atom:link/@rel") == ["self"]

    assert texts(rss(article()), "channel/atom:link/@rel") == ["self", "alternate", "alternate"]


def test_no_date_is_that_of_the_run(alone: FeedGenerator) -> None:
    add(alone)
    dates = [
        parsedate_to_datetime(text(its_rss(alone), "channel/lastBuildDate")),
        *map(datetime.fromisoformat, texts(its_atom(alone), "//atom:updated")),
    ]
    assert len(dates) == 3
    assert all(abs(datetime.now(UTC) - date) < timedelta(minutes=1) for date in dates)

    items = article(3, updated=NOON), article(1)
    assert text(rss(*items), "channel/lastBuildDate") == "Fri, 02 Jan 2026 12:00:00 +0000"
    assert texts(atom(*items), "//atom:updated") == [
        "2026-01-02T12:00:00Z",
        "2026-01-02T12:00:00Z",
        "2026-01-02T11:59:00Z",
    ]


def test_dates_in_atom_end_in_z_and_have_no_fractions(alone: FeedGenerator) -> None:
    alone.updated(NOON.replace(microsecond=5))
    assert text(its_atom(alone), "atom:updated") == "2026-01-02T12:00:00.000005+00:00"

    precise = article(updated=NOON.replace(microsecond=5), published=NOON.replace(microsecond=5))
    dates = texts(atom(precise), "//atom:updated | //atom:published")
    assert dates == ["2026-01-02T12:00:00Z"] * 3


def test_entries_keep_their_order(alone: FeedGenerator) -> None:
    for number in (1, 2):
        add(alone, number)
    assert texts(its_rss(alone), "//item/title") == ["Title 2", "Title 1"]

    assert texts(rss(article(1), article(2)), "//item/title") == ["Title 1", "Title 2"]


def test_a_category_is_the_same_in_rss_and_atom(alone: FeedGenerator) -> None:
    add(alone).category(term="ml-systems", label="ML Systems")
    assert text(its_rss(alone), "//category") == "ML Systems"
    assert text(its_atom(alone), "//atom:category/@term") == "ml-systems"

    item = article(tags=("ml-systems", "C++"))
    assert texts(rss(item), "//item/category") == ["ml-systems", "C++"]
    assert texts(atom(item), "//atom:entry/atom:category/@term") == ["ml-systems", "C++"]


def test_a_guid_says_that_it_is_no_address(alone: FeedGenerator) -> None:
    add(alone)
    assert text(its_rss(alone), "//guid/@isPermaLink") == "false"

    assert texts(rss(article(1), episode(2)), "//guid/@isPermaLink") == ["false", "false"]


def test_an_rss_item_has_the_one_enclosure_it_should(alone: FeedGenerator) -> None:
    made = add(alone)
    made.enclosure(AUDIO, 5, "audio/mpeg")
    made.enclosure("https://example.org/b.mp3", 6, "audio/mpeg")
    assert text(its_rss(alone), "//enclosure/@url") == "https://example.org/b.mp3"

    media = Media(url=AUDIO, type="audio/mpeg", size=7, duration=60.0)
    (enclosure,) = rss(episode(media=media)).iter("enclosure")
    assert dict(enclosure.attrib) == {"url": AUDIO, "length": "7", "type": "audio/mpeg"}


def test_an_author_without_an_e_mail_address_is_named_in_rss(alone: FeedGenerator) -> None:
    add(alone).author(name="Ann")
    assert b"Ann" not in alone.rss_str()

    ours = rss(article(authors=(Person(name="Ann"), Person(name="Bob", email="bob@example.org"))))
    assert texts(ours, "//item/dc:creator") == ["Ann", "Bob"]
    assert not texts(ours, "//item/author")


def test_the_whole_text_comes_after_a_summary_or_in_its_place(alone: FeedGenerator) -> None:
    add(alone, 1).content("<p>All</p>")
    both = add(alone, 2)
    both.summary("Short")
    both.content("<p>All</p>")
    alone_after_both = [[child.tag for child in item][2:4] for item in its_rss(alone).iter("item")]
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert alone_after_both == [["description", encoded], ["description", "guid"]]

    ours = rss(article(1), article(2, summary="", content="<p>All</p>"))
    assert [[child.tag for child in item][2:4] for item in ours.iter("item")] == alone_after_both
    assert texts(ours, "//item[2]/description") == ["<p>All</p>\n<p>Example Press · 4 min read</p>"]


def test_a_show_that_goes_on_does_not_speak_of_its_end(alone: FeedGenerator) -> None:
    alone.load_extension("podcast")
    alone.podcast.itunes_complete(False)
    assert text(its_rss(alone), "channel/itunes:complete") == "no"
    alone.podcast.itunes_complete(True)
    assert text(its_rss(alone), "channel/itunes:complete") == "yes"

    assert texts(podcast(episode()), "channel/itunes:complete") == []
    assert text(podcast(episode(), show=replace(SHOW, complete=True)), "channel/itunes:complete") == "Yes"


def test_newer_namespaces_and_json_feed_are_there(alone: FeedGenerator) -> None:
    known = {name.removesuffix("_entry") for _, name, _ in pkgutil.iter_modules(feedgen.ext.__path__)}
    assert known == {"base", "dc", "geo", "media", "podcast", "syndication", "torrent"}
    assert not any(hasattr(alone, name) for name in ("json_str", "json_feed", "xml_stylesheet"))

    documents = written(feed(episode(), show=SHOW))
    assert b"<podcast:guid>" in documents["podcast.xml"]
    assert b"<psc:chapter " in documents["podcast.xml"]
    assert json.loads(documents["feed.json"])["version"] == "https://jsonfeed.org/version/1.1"


def test_docs_is_the_current_address_of_the_specification(alone: FeedGenerator) -> None:
    assert text(its_rss(alone), "channel/docs") == "http://www.rssboard.org/rss-specification"

    assert text(rss(article()), "channel/docs") == "https://www.rssboard.org/rss-specification"


def test_the_locale_that_feedgen_switches_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why a writer must not be used by two threads; `test_determinism` renders in a foreign locale."""
    switched = []
    switch: Callable[..., str] = locale.setlocale

    def record(category: int, value: str | None = None) -> str:
        switched.append(value)
        return switch(category, value)

    before = switch(locale.LC_ALL)
    monkeypatch.setattr(locale, "setlocale", record)
    rss(article())
    assert switched == [None, "C", before] * 2
    assert switch(locale.LC_ALL) == before


def test_html_is_cdata_in_rss_and_of_its_type_in_atom(alone: FeedGenerator) -> None:
    add(alone).content("<p>All</p>", type="CDATA")
    assert text(its_atom(alone), "//atom:entry/atom:content/@type") == "CDATA"

    documents = written(feed(article()))
    assert b"<content:encoded><![CDATA[<p>Summary 1.</p>" in documents["rss.xml"]
    assert text(parse(documents["atom.xml"]), "//atom:entry/atom:content/@type") == "html"
