"""Reading takes time in proportion to the length of the notes, whatever they are."""

import sys
import time
from types import FrameType

import pytest

from feeds.chapters import parse

MEGABYTE = 1_000_000
TEXTS = {
    "colons and digits": "1:23:4:56:",
    "times": "00:00 ",
    "times, one a line": "0:00\n",
    "times in brackets": "(0:00) Word ",
    "times with fractions": "0:00:00.000",
    "digits": "0123456789",
    "colons": ":",
    "units": "1h2m3s 4m ",
    "open brackets": "[",
    "half links": "[a](",
    "links": "[a](b) ",
    "open tags": "<a <b ",
    "tags": "<p>x</p>",
    "comments": "<!--",
    "entities": "&amp;",
    "emphasis": "*a _b ",
    "backticks": "`` ` ",
    "escapes": "\\",
    "headings": "Timestamps: ",
    "sentences": "So. It. Goes. ",
    "addresses": "https://example.org/1:23 ",
    "bars": "| ",
    "line ends": "\n",
    "lists in one line": "0:00 One 5:00 Two " + "So it goes. " * 30,
    "lists on many lines": "0:00 One\n5:00 Two\n3:00 Three\n\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_twice_the_text_takes_twice_the_work(text: str) -> None:
    """Work is counted in calls, which no load of the machine changes."""
    once, twice = (calls(text * (size // len(text))) for size in (4_000, 8_000))
    assert twice < 2.5 * once + 1000


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_megabyte_is_read_in_seconds(text: str) -> None:
    """Calls do not show a pattern that goes back and forth, seconds of the processor do."""
    assert processor_time(text * (MEGABYTE // len(text))) < 20


@pytest.mark.parametrize("text", ["1:23:4:56:", "00:00 ", ":", "0123456789"])
def test_a_megabyte_of_colons_and_digits_is_read_in_a_second(text: str) -> None:
    assert min(processor_time(text * (MEGABYTE // len(text))) for _ in range(2)) < 1


def test_a_list_behind_a_megabyte_of_prose_is_found() -> None:
    prose = "Nothing happens here, at length. " * 30_000
    assert len(parse(f"{prose}\n\nChapters\n0:00 One\n5:00 Two\n9:00 Three").chapters) == 3


def processor_time(notes: str) -> float:
    start = time.process_time()
    parse(notes)
    return time.process_time() - start


def calls(notes: str) -> int:
    """Count the calls made while notes are read, of Python functions and of those written in C."""
    count = 0

    def tally(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        parse(notes)
    finally:
        sys.setprofile(None)
    return count
