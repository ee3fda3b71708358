"""Where the audio of an episode comes from, and what becomes of it when it is missing."""

import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import eyed3
import feedparser
import podcastparser
import pytest
from tests.project import Project

from feeds import media
from feeds.media.remote import Prober
from feeds.model import Chapter, Report

CONFIG = """\
[site]
title = "Listening"
base_url = "https://example.org/"
author = "The editors"

[[source]]
path = "notes.txt"
format = "shownotes"
show = "kites"

[show.kites]
title = "Kites"
author = "Ann"
categories = ["Leisure > Hobbies"]
{audio}
"""

NOTES = """\
All about kites.
2: The second
Wind. Timestamps Intro 0:06 Knots 0:30 Outro 1:10
1: The first
Paper. Timestamps Intro 0:00 Glue 0:20 Outro 0:40
"""


def project(tmp_path: Path, audio: str = "") -> Project:
    made = Project(tmp_path)
    made.write("config/feeds.toml", CONFIG.format(audio=audio))
    made.write("config/notes.txt", NOTES)
    return made


def mp3(seconds: float) -> bytes:
    return media.placeholder(seconds)


def attachments(made: Project) -> dict[str, dict[str, object]]:
    """The audio of each episode, by its title."""
    items = made.items("shows/kites")
    return {title: item["attachments"][0] for title, item in items.items() if "attachments" in item}


def messages(report: Report, rule: str) -> list[str]:
    return [finding.message for finding in report.findings if finding.rule == rule]


def test_a_placeholder_lasts_a_minute_longer_than_the_last_chapter_and_says_what_it_is(
    tmp_path: Path,
) -> None:
    made = project(tmp_path)
    made.build()
    assert attachments(made)["The second"]["duration_in_seconds"] == 130
    assert "placeholder" in made.items("shows/kites")["The second"]["content_html"]


def test_a_local_file_is_measured_tagged_and_copied_and_stays_as_it_was(tmp_path: Path) -> None:
    made = project(tmp_path, 'audio = "audio/{number}.mp3"')
    original = mp3(100)
    made.write("config/audio/1.mp3", original)
    made.write("config/audio/2.mp3", mp3(90))
    report = made.build()
    assert not messages(report, "audio-missing")
    published = made.output / "media/kites/1-the-first.mp3"
    about = attachments(made)["The first"]
    assert about["url"] == "https://example.org/media/kites/1-the-first.mp3"
    assert about["size_in_bytes"] == published.stat().st_size > len(original)
    assert about["duration_in_seconds"] == 100
    assert [chapter.title for chapter in media.chapters(published)] == ["Intro", "Glue", "Outro"]
    assert (made.root / "config/audio/1.mp3").read_bytes() == original


def test_an_unchanged_file_is_not_copied_again(tmp_path: Path) -> None:
    made = project(tmp_path, 'audio = "audio/{number}.mp3"')
    made.write("config/audio/1.mp3", mp3(100))
    made.write("config/audio/2.mp3", mp3(100))
    made.build()
    before = (made.output / "media/kites/1-the-first.mp3").stat().st_mtime_ns
    assert made.build().written == 0
    assert (made.output / "media/kites/1-the-first.mp3").stat().st_mtime_ns == before


def test_an_episode_without_audio_is_left_out_of_the_podcast_and_stays_on_its_page(tmp_path: Path) -> None:
    made = project(tmp_path, 'audio = "audio/{number}.mp3"')
    made.write("config/audio/1.mp3", mp3(100))
    report = made.build()
    podcast = (made.output / "shows/kites/podcast.xml").read_text("utf-8")
    assert "The first" in podcast
    assert "The second" not in podcast
    assert (made.output / "shows/kites/2-the-second/index.html").is_file()
    assert messages(report, "audio-missing") == [
        f"'The second': no file fits the pattern 'audio/{{number}}.mp3' in {made.root / 'config'}; "
        "it is left out of the podcast feed"
    ]


def test_audio_that_vanishes_or_breaks_keeps_what_was_published_last(tmp_path: Path) -> None:
    made = project(tmp_path, 'audio = "audio/{number}.mp3"')
    made.write("config/audio/1.mp3", mp3(100))
    made.write("config/audio/2.mp3", mp3(100))
    made.build()
    before = attachments(made)
    (made.root / "config/audio/1.mp3").unlink()
    made.write("config/audio/2.mp3", b"This is text.")
    report = made.build()
    assert attachments(made) == before
    assert (made.output / "media/kites/2-the-second.mp3").is_file()
    assert all(
        message.endswith("what was published last is kept") for message in messages(report, "audio-missing")
    )
    assert len(messages(report, "audio-missing")) == 2


def test_chapters_behind_the_end_of_the_audio_are_left_out_and_reported(tmp_path: Path) -> None:
    made = project(tmp_path, 'audio = "audio/{number}.mp3"')
    made.write("config/audio/1.mp3", mp3(30))
    made.write("config/audio/2.mp3", mp3(100))
    report = made.build()
    [message] = messages(report, "chapter-left-out")
    assert "'Outro' starts at 00:00:40, but the audio ends at 00:00:30" in message
    chapters = json.loads((made.output / "shows/kites/1-the-first/chapters.json").read_bytes())["chapters"]
    assert [chapter["title"] for chapter in chapters] == ["Intro", "Glue"]


def test_transcripts_beside_the_audio_are_published_with_their_types(tmp_path: Path) -> None:
    made = project(tmp_path, 'audio = "audio/{number}.mp3"')
    made.write("config/audio/1.mp3", mp3(100))
    made.write("config/audio/2.mp3", mp3(100))
    made.write("config/audio/1.vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nHello.\n")
    made.write("config/audio/1.txt", "Hello.\n")
    made.build()
    podcast = (made.output / "shows/kites/podcast.xml").read_text("utf-8")
    for suffix, kind in ((".vtt", "text/vtt"), (".txt", "text/plain")):
        address = f"https://example.org/media/kites/1-the-first{suffix}"
        assert f'<podcast:transcript url="{address}" type="{kind}"/>' in podcast
        assert (made.output / f"media/kites/1-the-first{suffix}").is_file()


@pytest.mark.usefixtures("patient")
def test_one_file_for_two_episodes_is_reported(tmp_path: Path, server: str) -> None:
    made = project(tmp_path, f'audio = "{server}/1.mp3"\nallow_private = true')
    assert any("Apple ignores an address it has seen" in text for text in messages(made.build(), "EPI-02"))


@pytest.mark.usefixtures("patient")
def test_remote_audio_is_asked_for_size_type_and_length(tmp_path: Path, server: str) -> None:
    made = project(tmp_path, f'audio = "{server}/{{number}}.mp3"\nallow_private = true')
    made.build()
    about = attachments(made)["The first"]
    assert about["url"] == f"{server}/1.mp3"
    assert about["mime_type"] == "audio/mpeg"
    assert about["size_in_bytes"] == len(mp3(100))
    assert not (made.output / "media").exists()


@pytest.mark.usefixtures("patient")
def test_remote_audio_that_cannot_be_had_keeps_what_is_known(tmp_path: Path, server: str, web: Path) -> None:
    made = project(tmp_path, f'audio = "{server}/{{number}}.mp3"\nallow_private = true')
    made.build()
    before = attachments(made)
    for file in web.iterdir():
        file.unlink()
    report = made.build()
    assert attachments(made) == before
    assert messages(report, "remote-audio")


def test_a_private_address_is_refused(tmp_path: Path, server: str) -> None:
    made = project(tmp_path, f'audio = "{server}/{{number}}.mp3"')
    report = made.build()
    assert "The first" not in attachments(made)
    assert "is at the private address 127.0.0.1" in messages(report, "audio-missing")[0]


def test_a_given_cover_is_published_as_it_is_and_a_bad_one_is_replaced(tmp_path: Path) -> None:
    made = project(tmp_path, 'image = "cover.png"')
    given = media.cover("Given", size=1400)
    made.write("config/cover.png", given)
    made.build()
    assert (made.output / "shows/kites/cover.png").read_bytes() == given
    made.write("config/cover.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    report = made.build()
    assert (made.output / "shows/kites/cover.png").read_bytes() != given
    assert messages(report, "POD-03")


def test_ffprobe_and_eyed3_read_the_chapters_that_feed_readers_read(tmp_path: Path) -> None:
    ffprobe = shutil.which("ffprobe")
    if not ffprobe:
        pytest.skip("ffprobe is not installed (Debian package ffmpeg)")
    made = project(tmp_path)
    made.build()
    file = made.output / "media/kites/2-the-second.mp3"
    wanted = [(0, "Intro"), (30, "Knots"), (70, "Outro")]
    command = [ffprobe, "-v", "error", "-show_chapters", "-of", "json", str(file)]
    probed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["chapters"]
    assert [(float(one["start_time"]), one["tags"]["title"]) for one in probed] == wanted
    frames = sorted(eyed3.load(str(file)).tag.chapters, key=lambda frame: frame.times.start)
    assert [(frame.times.start / 1000, frame.title) for frame in frames] == wanted
    assert media.chapters(file) == tuple(Chapter(start=start, title=title) for start, title in wanted)
    podcast = made.output / "shows/kites/podcast.xml"
    entry = feedparser.parse(podcast.read_bytes()).entries[0]
    assert [
        (one["start_parsed"].total_seconds(), one["title"]) for one in entry.psc_chapters.chapters
    ] == wanted
    with podcast.open("rb") as stream:
        parsed = podcastparser.parse("https://example.org/", stream)["episodes"][0]["chapters"]
    assert [(one["start"], one["title"]) for one in parsed] == wanted


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """What the server has."""
    folder = tmp_path / "web"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.mp3").write_bytes(mp3(100))
    return folder


@pytest.fixture
def server(web: Path) -> Iterator[str]:
    """A web server on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(web))) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits between tries take no time."""
    lenient = partial(Prober, sleep=lambda _: None)
    monkeypatch.setattr("feeds.media.remote.Prober", lenient)
