"""One list of chapters feeds every form, each as its specification has it (F.3, G, D.7, CHP-06)."""

import html
import json
import re
from itertools import pairwise
from typing import Any

import mutagen
import pytest
from tests.project import Project

from feeds.dates import seconds
from feeds.model import Chapter, Media
from feeds.outputs import chapters

from .conftest import ADDRESS
from .sample import NAMESPACES, body, entry, episode, podcast, text, texts

Marks = list[tuple[int, str]]
"""Whole seconds, and title, of each chapter."""


def timestamps(markup: str) -> Marks:
    lines = re.findall(r"<p>(\d\d:\d\d:\d\d) (.+)</p>", markup)
    return [(int(seconds(start)), html.unescape(title)) for start, title in lines]


def simple(item: Any) -> Marks:
    marks = item.iterfind("psc:chapters/psc:chapter", NAMESPACES)
    return [(int(seconds(mark.get("start"))), mark.get("title")) for mark in marks]


def in_json(data: bytes) -> Marks:
    return [(int(mark["startTime"]), mark["title"]) for mark in json.loads(data)["chapters"]]


def in_vtt(data: bytes) -> Marks:
    cues = re.findall(r"([\d:.]+) --> [\d:.]+\n(.+)\n", data.decode())
    return [(int(seconds(start)), html.unescape(title)) for start, title in cues]


def in_audio(tags: Any) -> Marks:
    marks = sorted(tags.getall("CHAP"), key=lambda mark: mark.start_time)
    return [(mark.start_time // 1000, mark.sub_frames["TIT2"].text[0]) for mark in marks]


def test_all_forms_of_the_chapters_of_an_episode_are_the_same(site: Project, podcast_feed: Any) -> None:
    twins = json.loads((site.output / "shows/meta-tech-podcast/feed.json").read_bytes())["items"]
    total = 0
    for item, twin in zip(podcast_feed.findall("item"), twins, strict=True):
        folder = site.output / text(item, "link").removeprefix(ADDRESS)
        audio = site.output / text(item, "enclosure/@url").removeprefix(ADDRESS)
        marks = simple(item)
        total += len(marks)
        assert marks[0][0] == 0
        assert timestamps(text(item, "description")) == marks
        assert timestamps(text(item, "content:encoded")) == marks
        assert timestamps(twin["content_html"]) == marks
        assert [(int(mark["start"]), mark["title"]) for mark in twin["_feeds"]["chapters"]] == marks
        assert in_json((folder / "chapters.json").read_bytes()) == marks
        assert in_vtt((folder / "chapters.vtt").read_bytes()) == marks
        assert in_audio(mutagen.File(audio).tags) == marks
    assert total == 216


def test_the_address_of_the_chapters_is_that_of_a_file(site: Project, podcast_feed: Any) -> None:
    for url in texts(podcast_feed, "//podcast:chapters/@url"):
        assert (site.output / url.removeprefix(ADDRESS)).is_file()


def test_a_start_in_psc_has_two_digits_a_part_and_three_decimals() -> None:
    marks = tuple(
        Chapter(start=start, title="T") for start in (0, 7.5, 59.9996, 3599.25, 3600.0004, 3 * 3600 + 61.001)
    )
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg", size=1, duration=20000.0)
    starts = texts(podcast(episode(chapters=marks, media=media)), "//psc:chapter/@start")
    assert starts == [
        "00:00:00.000",
        "00:00:07.500",
        "00:01:00.000",
        "00:59:59.250",
        "01:00:00.000",
        "03:01:01.001",
    ]


def test_a_chapter_has_its_link_and_picture() -> None:
    mark = Chapter(start=0, title="T", link="https://example.org/?a=1&b=2", image="https://example.org/a.png")
    made = episode(chapters=(mark,))
    (chapter,) = podcast(made).iter(f"{{{NAMESPACES['psc']}}}chapter")
    assert (chapter.get("href"), chapter.get("image")) == (mark.link, mark.image)
    document, _ = chapters.documents(entry(made))
    (chapter,) = json.loads(body(document))["chapters"]
    assert (chapter["url"], chapter["img"]) == (mark.link, mark.image)


def test_json_chapters_are_of_version_1_2_and_keep_whole_seconds_whole() -> None:
    document, _ = chapters.documents(entry(episode()))
    assert document.path == "shows/radio/title-1/chapters.json"
    assert document.type == "application/json+chapters"
    assert b'"startTime": 1700,' in body(document)
    assert json.loads(body(document)) == {
        "version": "1.2.0",
        "title": "Title 1",
        "chapters": [
            {"startTime": 0, "title": "Hello"},
            {"startTime": 90.5, "title": "Talk"},
            {"startTime": 1700, "title": "Bye"},
        ],
    }


def test_webvtt_has_a_cue_for_each_chapter_up_to_the_next_and_the_last_to_the_end() -> None:
    _, document = chapters.documents(entry(episode()))
    assert document.path == "shows/radio/title-1/chapters.vtt"
    assert document.type == "text/vtt"
    assert body(document).decode() == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:01:30.500\nHello\n"
        "\n00:01:30.500 --> 00:28:20.000\nTalk\n"
        "\n00:28:20.000 --> 00:30:00.000\nBye\n"
    )


def test_signs_of_webvtt_in_a_title_are_escaped() -> None:
    mark = Chapter(start=0, title="<v Ann> a --> b & c")
    _, document = chapters.documents(entry(episode(chapters=(mark,))))
    assert body(document).decode().endswith("\n&lt;v Ann> a --&gt; b &amp; c\n")


@pytest.mark.parametrize("duration", [60.0, 60.0004, 59.9996, None])
def test_cues_take_some_time_and_do_not_overlap(duration: float | None) -> None:
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg", duration=duration)
    marks = tuple(Chapter(start=start, title="T") for start in (0, 30, 59.9, 60))
    _, document = chapters.documents(entry(episode(chapters=marks, media=media)))
    cues = [
        tuple(map(seconds, cue)) for cue in re.findall(r"([\d:.]+) --> ([\d:.]+)", body(document).decode())
    ]
    assert len(cues) == (4 if duration is None else 3)
    assert all(start < end for start, end in cues)
    assert all(end == start for (_, end), (start, _) in pairwise(cues))
    assert duration is None or cues[-1][1] == round(duration, 3)


def test_an_episode_without_chapters_has_none_in_any_form() -> None:
    made = entry(episode(chapters=()))
    assert chapters.documents(made) == ()
    assert made.chapters_url is None
    assert "Timestamps" not in made.content
    assert texts(podcast(episode(chapters=())), "//psc:chapters | //podcast:chapters") == []


def test_a_chapter_file_lies_beside_the_page_of_its_episode() -> None:
    made = entry(episode())
    assert made.chapters_url == f"{made.url}chapters.json"
