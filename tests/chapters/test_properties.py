"""What holds for any list of chapters, and for any text."""

from collections.abc import Sequence
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.chapters import parse
from feeds.model import Chapter

from .corpus import flattened, same, without_markup
from .styles import ONE_A_LINE, RUN_ON, Style

# Words of several scripts, none of which is a heading, a unit or a preposition: each begins with a Q.
LETTERS = st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F) | st.sampled_from(
    "дщыюяёЖФЭ茶史绿红问אבגעفقكل"
)
WORDS = st.text(LETTERS, min_size=2, max_size=10).map(lambda text: f"Q{text.lower()}")
TITLES = st.builds(
    lambda words, end: " ".join(words) + end,
    st.lists(WORDS, min_size=1, max_size=4),
    st.sampled_from(["", "", "?"]),
)
STARTS = st.lists(st.integers(16, 35_000), min_size=3, max_size=11, unique=True).map(
    lambda starts: [0, *sorted(starts)]
)


@st.composite
def lists_of_chapters(draw: st.DrawFn) -> Sequence[Chapter]:
    starts = draw(STARTS)
    titles = draw(st.lists(TITLES, min_size=len(starts), max_size=len(starts), unique=True))
    return [Chapter(start=float(start), title=title) for start, title in zip(starts, titles, strict=True)]


@pytest.mark.parametrize("style", ONE_A_LINE.values(), ids=ONE_A_LINE)
@settings(max_examples=20, deadline=None)
@given(chapters=lists_of_chapters())
def test_what_is_written_one_a_line_is_read_back(style: Style, chapters: Sequence[Chapter]) -> None:
    notes = style(chapters)
    assert same(parse(notes).chapters, tuple(chapters))
    assert same(parse(without_markup(notes)).chapters, tuple(chapters))


@pytest.mark.parametrize("style", RUN_ON.values(), ids=RUN_ON)
@settings(max_examples=20, deadline=None)
@given(chapters=lists_of_chapters())
def test_what_is_run_on_in_one_line_is_read_back(style: Style, chapters: Sequence[Chapter]) -> None:
    assert same(parse(style(chapters)).chapters, tuple(chapters))


@settings(max_examples=30, deadline=None)
@given(chapters=lists_of_chapters(), prose=st.lists(WORDS, min_size=3, max_size=12))
def test_prose_around_a_list_does_not_disturb_it(chapters: Sequence[Chapter], prose: list[str]) -> None:
    sentence = " ".join(prose).capitalize() + "."
    notes = f"{sentence}\n\n{ONE_A_LINE['time first'](chapters)}\n\n{sentence}"
    assert same(parse(notes).chapters, tuple(chapters))


@settings(max_examples=30, deadline=None)
@given(chapters=lists_of_chapters())
def test_a_list_that_stands_twice_is_one_list(chapters: Sequence[Chapter]) -> None:
    notes = f"{ONE_A_LINE['time first'](chapters)}\n\n{ONE_A_LINE['label first'](chapters)}"
    assert same(parse(notes).chapters, tuple(chapters))


@settings(max_examples=30, deadline=None)
@given(chapters=lists_of_chapters(), style=st.sampled_from(["time first", "label first"]), data=st.data())
def test_prose_around_entries_stays_when_the_list_is_taken_out(
    chapters: Sequence[Chapter], style: str, data: st.DataObject
) -> None:
    entries = ONE_A_LINE[style](chapters).splitlines()
    place = data.draw(st.integers(1, len(entries) - 1))
    lines = ["Above.", *entries[:place], "What they say of it fills a line.", *entries[place:], "", "Below."]
    notes = "\n".join(lines)
    reading = parse(notes)
    assert reading.accepted
    assert reading.prose(notes).splitlines() == ["Above.", "What they say of it fills a line.", "Below."]


@settings(max_examples=30, deadline=None)
@given(chapters=lists_of_chapters())
def test_an_episode_that_ends_before_its_last_mark_has_no_list(chapters: Sequence[Chapter]) -> None:
    reading = parse(ONE_A_LINE["time first"](chapters), duration=chapters[-1].start - 2)
    assert not reading.accepted
    assert "beyond the end" in reading.reason


@settings(deadline=None)
@given(notes=st.text() | st.text("0123456789:()[]-–.,|*#<>&; \n\tabcAB“”"))
def test_any_text_is_read_or_refused_with_a_reason(notes: str) -> None:
    reading = parse(notes)
    assert bool(reading.chapters) == reading.accepted
    assert reading.reason.endswith(".")
    assert 0 <= reading.confidence <= 1
    places = [0, *chain.from_iterable(reading.spans), len(notes)]
    assert places == sorted(places)


@settings(deadline=None)
@given(notes=st.text())
def test_titles_are_one_line_without_blanks_around(notes: str) -> None:
    chapters = parse(f"Chapters\n0:00 {notes}\n5:00 {notes}\n9:00 {notes}").chapters
    assert all(chapter.title == " ".join(chapter.title.split()) for chapter in chapters)


@settings(max_examples=30, deadline=None)
@given(chapters=lists_of_chapters())
def test_a_list_does_not_change_when_it_is_read_in_one_line(chapters: Sequence[Chapter]) -> None:
    notes = ONE_A_LINE["label first, brackets"](chapters)
    assert parse(flattened(notes)).chapters == parse(notes).chapters
