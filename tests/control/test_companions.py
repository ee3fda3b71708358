"""Chapters that a podcast feed keeps in files of their own, from a real server on loopback."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pytest_httpserver import HTTPServer
from tests.control.written import HEAD
from tests.project import NOON, Project
from werkzeug import Request, Response

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

SHOW = """
[show.kites]
title = "Kites"
author = "Ann"
categories = ["Leisure > Hobbies"]
"""
NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
}


CARRIED = """<podcast:soundbite startTime="61.5" duration="30">The wind</podcast:soundbite>
<podcast:location geo="geo:48.2,16.4" rel="subject">Vienna</podcast:location>
<podcast:license url="https://k.example/licence">CC-BY-4.0</podcast:license>
<podcast:alternateEnclosure type="audio/opus" bitrate="32000"><podcast:source uri="https://cdn.example/1.opus"/>
</podcast:alternateEnclosure>
<podcast:value type="lightning" method="keysend"><podcast:valueRecipient name="Ann" type="node" address="02d5"
 split="100"/></podcast:value>
<podcast:socialInteract uri="https://social.example/@ann/1" protocol="activitypub"/>
<podcast:txt purpose="note">Hello</podcast:txt>
<podcast:contentLink href="https://video.example/1">Watch</podcast:contentLink>
<itunes:block>Yes</itunes:block>"""

UNSOUND = """<podcast:soundbite startTime="595" duration="30">Beyond the end</podcast:soundbite>
<podcast:soundbite startTime="soon" duration="30"/><podcast:location/><podcast:value type="lightning"/>
<podcast:alternateEnclosure type="audio/opus"/><podcast:unheardOf>x</podcast:unheardOf>
<itunes:block>No</itunes:block>"""


class Host:
    """A host of podcasts: files by path, with a record of what was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.files: dict[str, str] = {}
        self.down = False
        self.asked: list[tuple[str, int]] = []

    def __call__(self, request: Request) -> Response:
        body = None if self.down and request.path != "/feed.xml" else self.files.get(request.path)
        response = Response("", 410) if body is None else Response(body)
        if body is not None:
            response.add_etag()
            response.make_conditional(request)
        if request.path not in ("/robots.txt", "/feed.xml"):
            self.asked.append((request.path, response.status_code))
        return response

    def publish(self, *numbers: int, note: str = "") -> None:
        """Publish a feed of these episodes, and the chapters of each."""
        items = "".join(
            f"""<item><title>Part {number}</title><guid isPermaLink="false">kites-{number}</guid>
            <pubDate>Fri, {number:02} Jan 2025 03:04:05 GMT</pubDate>
            <enclosure url="https://cdn.example/{number}.mp3" length="4800000" type="audio/mpeg"/>
            <itunes:duration>10:00</itunes:duration><itunes:season>2</itunes:season>
            <itunes:episode>{number}</itunes:episode><itunes:episodeType>bonus</itunes:episodeType>
            <itunes:explicit>true</itunes:explicit><itunes:image href="https://cdn.example/{number}.png"/>
            <podcast:chapters url="/{number}.json" type="application/json+chapters"/>
            <podcast:transcript url="/{number}.vtt" type="text/vtt" language="en"/>
            <podcast:person role="guest" href="https://bob.example/" img="/bob.png">Bob</podcast:person>
            {CARRIED}
            <description>Notes. 00:00 From the notes 02:00 Second 09:00 Third</description></item>"""
            for number in numbers
        )
        prefixes = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
        head = "<title>Kites</title><link>https://k.example/</link><description>d</description>"
        self.files["/feed.xml"] = (
            f'<rss version="2.0" {prefixes}><channel>{head}{note}{items}</channel></rss>'
        )
        for number in numbers:
            self.files.setdefault(f"/{number}.json", chapters(f"Opening of {number}"))


def chapters(title: str) -> str:
    marks = [
        {"startTime": 0, "title": title},
        {"startTime": 61.5, "title": "Wind", "url": "https://w.example/"},
    ]
    return json.dumps({"version": "1.2.0", "chapters": marks})


@pytest.fixture
def host(httpserver: HTTPServer) -> Iterator[Host]:
    host = Host(httpserver)
    httpserver.expect_request("").respond_with_handler(host)
    for path in ("/robots.txt", "/feed.xml", *(f"/{number}.json" for number in range(1, 9))):
        httpserver.expect_request(path).respond_with_handler(host)
    host.publish(1)
    yield host
    httpserver.check_assertions()


@pytest.fixture
def project(tmp_path: Path, host: Host) -> Project:
    project = Project(tmp_path)
    address = f'path = "{host.url}/feed.xml"\nshow = "kites"\nallow_private = true\n'
    project.write("config/feeds.toml", f"{HEAD}[[source]]\n{address}{SHOW}")
    return project


def in_file(project: Project, host: Host) -> None:
    """Save the feed, and make that file the source."""
    source = f'path = "feed.xml"\nurl = "{host.url}/"'
    config = project.config.read_text().replace(f'path = "{host.url}/feed.xml"', source)
    project.write("config/feeds.toml", config)
    project.write("config/feed.xml", host.files["/feed.xml"])


def rules(project: Project, after: timedelta) -> list[str]:
    found = [finding for finding in project.build(NOON + after).findings if finding.level != "info"]
    return [finding.rule for finding in found if finding.rule.startswith(("chapters", "source"))]


def opening(project: Project, number: int = 1) -> str:
    """The title of the first chapter of an episode."""
    episode = project.items("shows/kites")[f"Part {number}"]
    return str(episode["_feeds"]["chapters"][0]["title"])


def test_a_foreign_podcast_feed_loses_nothing_on_its_way_through_ours(project: Project, host: Host) -> None:
    project.build()
    (item,) = ET.parse(project.output / "shows/kites/podcast.xml").iter("item")

    def one(name: str) -> ET.Element:
        (element,) = item.findall(name, NAMESPACES)
        return element

    assert one("guid").text == "kites-1"
    assert one("pubDate").text == "Wed, 01 Jan 2025 03:04:05 +0000"
    assert one("enclosure").attrib == {
        "url": "https://cdn.example/1.mp3",
        "length": "4800000",
        "type": "audio/mpeg",
    }
    assert one("itunes:duration").text == "600"
    assert [one(f"itunes:{name}").text for name in ("season", "episode", "episodeType", "explicit")] == [
        "2",
        "1",
        "bonus",
        "true",
    ]
    assert one("itunes:image").get("href") == "https://cdn.example/1.png"
    transcript = {"url": f"{host.url}/1.vtt", "type": "text/vtt", "language": "en"}
    assert one("podcast:transcript").attrib == transcript
    person = one("podcast:person")
    assert person.text == "Bob"
    assert person.attrib == {"role": "guest", "href": "https://bob.example/", "img": f"{host.url}/bob.png"}
    listed = [(mark.get("start"), mark.get("title"), mark.get("href")) for mark in one("psc:chapters")]
    assert listed == [
        ("00:00:00.000", "Opening of 1", None),
        ("00:01:01.500", "Wind", "https://w.example/"),
    ]


def canonical(item: ET.Element) -> set[str]:
    """Each element of an item, however it was written."""
    return {ET.canonicalize(ET.tostring(element), strip_text=True) for element in item}


def test_elements_that_nothing_here_stands_for_are_published_as_they_came(
    project: Project, host: Host
) -> None:
    prefixes = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    host.files["/feed.xml"] = host.files["/feed.xml"].replace(CARRIED, CARRIED + UNSOUND)
    project.build()
    (item,) = ET.parse(project.output / "shows/kites/podcast.xml").iter("item")
    given, unsound = (
        canonical(ET.fromstring(f"<item {prefixes}>{part}</item>")) for part in (CARRIED, UNSOUND)
    )
    assert given <= canonical(item)
    assert not unsound & canonical(item)


def test_a_file_that_fails_is_reported_and_asked_for_again_though_the_feed_stays_the_same(
    project: Project, host: Host
) -> None:
    host.down = True
    assert rules(project, 0 * HOUR) == ["chapters-not-read"]
    assert opening(project) == "From the notes"
    host.down = False
    assert rules(project, HOUR / 2) == ["chapters-not-read"]
    assert host.asked == [("/1.json", 410)]
    assert rules(project, HOUR) == []
    assert opening(project) == "Opening of 1"


def test_a_feed_in_a_file_is_read_again_when_what_it_names_is_due(project: Project, host: Host) -> None:
    in_file(project, host)
    for path in (project.root / "config").iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    host.down = True
    project.run()
    assert opening(project) == "From the notes"
    host.down = False
    project.run("--now", (NOON + HOUR).isoformat())
    assert opening(project) == "Opening of 1"


def test_a_file_is_asked_for_no_more_than_daily_and_conditionally(project: Project, host: Host) -> None:
    project.build()
    host.publish(1, 2)
    project.build(NOON + HOUR)
    assert host.asked == [("/1.json", 200), ("/2.json", 200)]
    host.files["/2.json"] = chapters("Mended")
    host.publish(1, 2, 3)
    project.build(NOON + HOUR + DAY)
    assert host.asked[2:] == [("/1.json", 304), ("/2.json", 200), ("/3.json", 200)]
    assert opening(project, 2) == "Mended"
    # What has stayed the same for two days is asked for again in two days.
    host.publish(1, 2, 3, note="<ttl>60</ttl>")
    project.build(NOON + HOUR + 2 * DAY)
    assert host.asked[5:] == [("/2.json", 304), ("/3.json", 304)]


def test_chapters_that_were_had_once_stay_when_their_file_fails(project: Project, host: Host) -> None:
    project.build()
    host.down = True
    host.publish(1, note="<ttl>60</ttl>")
    assert rules(project, DAY) == []
    assert host.asked[1:] == [("/1.json", 410)]
    assert opening(project) == "Opening of 1"


def test_after_three_failures_in_a_row_the_rest_waits_for_the_next_build(
    project: Project, host: Host
) -> None:
    host.publish(1, 2, 3, 4, 5)
    host.down = True
    assert rules(project, 0 * HOUR) == ["chapters-not-read"] * 5
    assert len(host.asked) == 3
    assert rules(project, HOUR / 4) == ["chapters-not-read"] * 5
    assert host.asked[3:] == [("/4.json", 410), ("/5.json", 410)]


def test_private_addresses_are_refused_unless_allowed(project: Project, host: Host) -> None:
    in_file(project, host)
    project.write("config/feeds.toml", project.config.read_text().replace("allow_private = true", ""))
    assert rules(project, 0 * HOUR) == ["chapters-not-read"]
    assert opening(project) == "From the notes"
    assert host.asked == []
