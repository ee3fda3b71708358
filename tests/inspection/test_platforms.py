"""What each platform makes of a list of chapters."""

import re
from pathlib import Path

import pytest

from feeds import dates
from feeds.model import Chapter
from feeds.platforms import notes


def chapters(*starts: float, title: str = "A title") -> tuple[Chapter, ...]:
    return tuple(Chapter(start=start, title=title) for start in starts)


def verdicts(*starts: float, duration: float = 600, title: str = "A title") -> dict[str, bool]:
    return {note.platform: note.shows for note in notes(chapters(*starts, title=title), duration)}


def remarks(platform: str, *starts: float, title: str = "A title") -> tuple[str, ...]:
    return next(
        note.remarks for note in notes(chapters(*starts, title=title), 600) if note.platform == platform
    )


def test_three_chapters_of_a_minute_are_shown_everywhere() -> None:
    assert set(verdicts(0, 60, 120).values()) == {True}


def test_two_chapters_are_shown_by_antennapod_only() -> None:
    shown = [platform for platform, shows in verdicts(0, 60).items() if shows]
    assert shown == ["AntennaPod"]
    assert remarks("Spotify", 0, 60) == ("needs at least 3 chapters, there are 2",)


def test_a_chapter_of_nine_seconds_switches_youtube_off() -> None:
    assert not verdicts(0, 60, 69)["YouTube"]
    assert verdicts(0, 60, 70)["YouTube"]


def test_the_last_chapter_is_as_long_as_what_is_left_of_the_episode() -> None:
    assert not verdicts(0, 60, 120, duration=125)["YouTube"]


def test_spotify_advises_thirty_seconds() -> None:
    assert remarks("Spotify", 0, 20, 60) == ("advises at least 30 s a chapter, 1 have less",)


def test_long_titles_are_named_and_still_shown() -> None:
    title = "A title that is rather longer than forty characters"
    assert set(verdicts(0, 60, 120, title=title).values()) == {True}
    assert title in remarks("YouTube", 0, 60, 120, title=title)[0]


def test_an_episode_without_chapters_has_no_notes() -> None:
    assert notes((), 600) == ()


PAGE = Path(__file__).parents[2] / "docs" / "chapters.md"


def rows() -> list[tuple[str, str, str]]:
    """Platform, what it reads and the example, of the table of platforms."""
    section = PAGE.read_text("utf-8").partition("## Platforms")[2]
    return re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| [^|]+ \| `([^`]+)` \|$", section, re.MULTILINE)


@pytest.mark.parametrize(("platform", "reads", "example"), rows())
def test_the_example_of_each_platform_in_the_documentation_is_shown_there(
    platform: str, reads: str, example: str
) -> None:
    lines = [line.split(" ", 1) for line in example.split(" ⏎ ")]
    given = tuple(Chapter(start=dates.seconds(start), title=title) for start, title in lines)
    note = next(note for note in notes(given, 900) if note.platform == platform)
    assert note.shows
    assert note.reads == reads


def test_the_documentation_has_every_platform() -> None:
    assert [platform for platform, _, _ in rows()] == [
        note.platform for note in notes(chapters(0, 60, 120), 600)
    ]
