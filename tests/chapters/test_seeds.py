"""The real page of show notes: fourteen episodes, each with its list run on in one line, label first."""

import re

from feeds.chapters import parse

from .conftest import SEED

EPISODES = {
    line: parse(line) for line in SEED.read_text(encoding="utf-8").splitlines() if " Timestamps " in line
}


def test_the_page_has_216_chapters_in_14_episodes() -> None:
    counts = [len(reading.chapters) for reading in EPISODES.values()]
    assert (len(counts), sum(counts)) == (14, 216)


def test_every_chapter_is_what_stands_before_its_time() -> None:
    """What the page says, told by its one rule: after the last `Timestamps`, label and time take turns."""
    for line, reading in EPISODES.items():
        pairs = re.findall(r"(.+?) ((?:\d+:)?\d+:\d\d)(?: |$)", line.rpartition(" Timestamps ")[2])
        assert [(chapter.title, clock(chapter.start)) for chapter in reading.chapters] == pairs


def test_the_list_is_taken_out_with_its_heading() -> None:
    for line, reading in EPISODES.items():
        ((start, end),) = reading.spans
        assert line[start:end] == "Timestamps " + line.rpartition(" Timestamps ")[2].rstrip()


def clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
