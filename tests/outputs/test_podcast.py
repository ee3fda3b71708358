"""The podcast feed has what Apple (D.1, D.2), PSP-1 (E) and Podcasting 2.0 (F) require and recommend."""

import re
import uuid
from dataclasses import replace
from typing import Any

import mutagen
import pytest
from tests.project import Project

from feeds.model import Media, Person, Transcript
from feeds.vocabulary import CATEGORIES

from .conftest import ADDRESS
from .sample import NAMESPACES, SHOW, episode, podcast, text, texts

HTTPS = r"https://[!-~]+"
DATE = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (\+0000|GMT)"
LINE = r"\S(.{0,253}\S)?"

OF_SHOW = {
    "title": LINE,
    "description": r"(?s)\S.*\S",
    "link": HTTPS,
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]+)*",
    "generator": LINE,
    "lastBuildDate": DATE,
    "atom:link[@rel='self' and @type='application/rss+xml']/@href": HTTPS,
    "itunes:image/@href": HTTPS + r"\.(png|jpg)",
    "itunes:category[1]/@text": "|".join(map(re.escape, CATEGORIES)),
    "itunes:explicit": "true|false",
    "itunes:author": LINE,
    "itunes:type": "episodic|serial",
    "podcast:guid": r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "podcast:locked": "yes|no",
    "podcast:medium": "podcast",
    "podcast:person[@role='host' and @href]": r".{1,128}",
    "podcast:txt[@purpose='verify']": r".{1,4000}",
}

OF_EPISODE = {
    "title": r"(?!\d)" + LINE,
    "link": HTTPS,
    "description": r"(?s)<p>.*</p>",
    "content:encoded": r"(?s)<p>.*</p>",
    "guid[@isPermaLink='false']": r"urn:uuid:[0-9a-f-]{36}",
    "pubDate": DATE,
    "enclosure[@type='audio/mpeg']/@url": HTTPS + r"\.mp3",
    "enclosure/@length": r"[1-9]\d*",
    "itunes:duration": r"[1-9]\d*",
    "itunes:image/@href": HTTPS + r"\.(png|jpg)",
    "itunes:explicit": "true|false",
    "itunes:episodeType": "full|trailer|bonus",
    "podcast:chapters[@type='application/json+chapters']/@url": HTTPS + r"/chapters\.json",
    "psc:chapters/@version": r"1\.2",
}


@pytest.mark.parametrize("path", OF_SHOW)
def test_the_show_has_each_required_and_recommended_element_once(path: str, podcast_feed: Any) -> None:
    assert re.fullmatch(OF_SHOW[path], text(podcast_feed, path))


@pytest.mark.parametrize("path", OF_EPISODE)
def test_each_episode_has_each_required_and_recommended_element_once(path: str, podcast_feed: Any) -> None:
    items = podcast_feed.findall("item")
    assert len(items) == 14
    for item in items:
        assert re.fullmatch(OF_EPISODE[path], text(item, path))


def test_namespaces_are_declared_at_the_root_under_their_usual_prefixes(podcast_feed: Any) -> None:
    assert podcast_feed.getparent().nsmap == NAMESPACES


def test_the_description_of_a_show_has_at_most_4000_bytes_and_no_markup() -> None:
    show = replace(SHOW, description="Größe & <b>Wut</b> ]]> " * 300)
    description = text(podcast(episode(), show=show), "channel/description")
    assert len(description.encode()) <= 4000
    assert description.startswith("Größe & <b>Wut</b> ]]> ")
    assert description.endswith(" …")


def test_an_enclosure_is_as_long_as_its_file_and_as_its_duration(site: Project, podcast_feed: Any) -> None:
    for item in podcast_feed.findall("item"):
        enclosure = item.find("enclosure")
        path = site.output / enclosure.get("url").removeprefix(ADDRESS)
        assert path.stat().st_size == int(enclosure.get("length"))
        assert abs(mutagen.File(path).info.length - int(text(item, "itunes:duration"))) <= 2


@pytest.mark.parametrize("path", ["enclosure/@url", "guid", "pubDate", "link"])
def test_no_two_episodes_share_what_apps_know_them_by(path: str, podcast_feed: Any) -> None:
    assert len(set(texts(podcast_feed, f"item/{path}"))) == 14


def test_an_episode_has_its_number_beside_its_title(podcast_feed: Any) -> None:
    numbers = {
        text(item, "title"): texts(item, "itunes:episode | podcast:episode")
        for item in podcast_feed.findall("item")
    }
    assert numbers["How to Build a Mixed Reality Headset"] == ["68", "68"]
    assert numbers["ARCHIVE: From Facebook Home to Instagram Stories"] == []
    assert sum(map(len, numbers.values())) == 2 * 13


def test_a_season_is_given_in_both_vocabularies() -> None:
    item = podcast(episode(season=2))[0].find("item")
    assert (text(item, "itunes:season"), text(item, "podcast:season")) == ("2", "2")
    assert texts(podcast(episode()), "//itunes:season | //podcast:season") == []


@pytest.mark.parametrize("kind", ["full", "trailer", "bonus"])
def test_an_episode_says_what_kind_it_is(kind: str) -> None:
    assert text(podcast(episode(kind=kind)), "//item/itunes:episodeType") == kind


def test_an_episode_may_be_explicit_where_the_show_is_not() -> None:
    channel = podcast(episode(1, explicit=True), episode(2))
    assert text(channel, "channel/itunes:explicit") == "false"
    assert texts(channel, "//item/itunes:explicit") == ["true", "false"]


def test_a_duration_is_in_whole_seconds_and_never_nothing() -> None:
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg", size=1, duration=0.3)
    assert text(podcast(episode(media=media, chapters=())), "//itunes:duration") == "1"
    longer = replace(media, duration=3599.6)
    assert text(podcast(episode(media=longer)), "//itunes:duration") == "3600"


def test_an_episode_without_audio_is_left_out() -> None:
    assert texts(podcast(episode(1, media=None), episode(2)), "//item/title") == ["Title 2"]


@pytest.mark.parametrize(
    "dropped", ["keywords", "subtitle", "summary", "order", "title", "block", "complete"]
)
def test_a_channel_has_nothing_that_apple_dropped_or_nobody_set(dropped: str, podcast_feed: Any) -> None:
    assert texts(podcast_feed, f".//itunes:{dropped}") == []


def test_what_only_some_shows_have_is_there_when_it_is_set() -> None:
    show = replace(
        SHOW,
        type="serial",
        complete=True,
        locked=False,
        new_feed_url="https://example.net/podcast.xml",
        owner=Person(name="Ann", email="ann@example.org"),
        copyright="Example Press",
        txt=(("verify", "one"), ("ai-content", "false")),
    )
    channel = podcast(episode(), show=show)[0]
    assert text(channel, "itunes:type") == "serial"
    assert text(channel, "itunes:complete") == "Yes"
    assert text(channel, "itunes:new-feed-url") == "https://example.net/podcast.xml"
    assert texts(channel, "itunes:owner/itunes:name | itunes:owner/itunes:email") == [
        "Ann",
        "ann@example.org",
    ]
    assert text(channel, "podcast:locked[@owner='ann@example.org']") == "no"
    assert text(channel, "copyright") == "Example Press"
    assert texts(channel, "podcast:txt/@purpose") == ["verify", "ai-content"]
    assert texts(channel, "podcast:txt") == ["one", "false"]


def test_a_show_without_a_public_owner_publishes_no_address() -> None:
    channel = podcast(episode())[0]
    assert texts(channel, "itunes:owner | podcast:locked/@owner") == []


def test_persons_have_their_role_group_picture_and_page() -> None:
    person = Person(
        name="Eve",
        role="guest",
        group="cast",
        url="https://example.org/eve",
        image="https://example.org/e.png",
    )
    (host, guest) = podcast(episode(persons=(person,)))[0].findall("item/podcast:person", NAMESPACES)
    assert (guest.text, dict(guest.attrib)) == (
        "Eve",
        {
            "role": "guest",
            "group": "cast",
            "href": "https://example.org/eve",
            "img": "https://example.org/e.png",
        },
    )
    assert host.text == "Ann"


def test_each_size_of_the_cover_is_there_and_described(site: Project, podcast_feed: Any) -> None:
    images = podcast_feed.findall("podcast:image", NAMESPACES)
    assert [image.get("width") for image in images] == [None, "1400"]
    for image in images:
        assert (site.output / image.get("href").removeprefix(ADDRESS)).is_file()
        assert image.get("alt") == "Cover of Meta Tech Podcast"
        assert (image.get("aspect-ratio"), image.get("purpose")) == ("1/1", "artwork")


def test_a_transcript_has_its_address_type_and_language() -> None:
    transcript = Transcript(url="https://example.org/1.vtt", type="text/vtt", language="en")
    (element,) = podcast(episode(transcripts=(transcript,))).iter(f"{{{NAMESPACES['podcast']}}}transcript")
    assert dict(element.attrib) == {"url": "https://example.org/1.vtt", "type": "text/vtt", "language": "en"}


def podcast_guid(url: str) -> str:
    """The identity of a show, from the address its feed first had (F.1)."""
    name = url.partition("://")[2].rstrip("/")
    return str(uuid.uuid5(uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), name))


@pytest.mark.parametrize(
    ("url", "guid"),
    [
        ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("https://example.org/feeds/podcast.xml/", "d7fadfe7-2b06-51dd-b617-7b9864c982e3"),
    ],
)
def test_the_check_of_the_guid_agrees_with_the_worked_examples(url: str, guid: str) -> None:
    assert podcast_guid(url) == guid


def test_the_guid_is_that_of_the_configured_address_wherever_a_build_is_put(podcast_feed: Any) -> None:
    configured = "http://localhost:8000/shows/meta-tech-podcast/podcast.xml"
    assert text(podcast_feed, "podcast:guid") == podcast_guid(configured)
    assert text(podcast_feed, "atom:link[@rel='self']/@href").startswith(ADDRESS)
