"""The form of chapters that all outputs share."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import compose
from feeds.model import Chapter, Episode, Link, Place

titles = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
marks = st.builds(
    Chapter,
    start=st.one_of(st.floats(0, 20), st.floats(0, 400_000), st.integers(0, 100)),
    title=titles,
)
durations = st.one_of(st.none(), st.floats(0, 400_000), st.integers(1, 100))

examples = settings(max_examples=60, deadline=None)


def episode(*chapters: Chapter, links: tuple[Link, ...] = ()) -> Episode:
    return Episode(
        title="Title", show="radio", chapters=chapters, links=links, place=Place(source="notes.txt", line=12)
    )


@examples
@given(chapters=st.lists(marks, max_size=12), duration=durations)
def test_the_first_starts_at_zero_and_each_after_the_one_before(
    chapters: list[Chapter], duration: float | None
) -> None:
    final, _ = compose.chapters(episode(*chapters), duration)
    starts = [chapter.start for chapter in final]
    assert starts[:1] in ([], [0.0])
    assert all(int(earlier) < int(later) for earlier, later in pairwise(starts))


@examples
@given(chapters=st.lists(marks, max_size=12), duration=durations)
def test_all_start_before_the_audio_ends_at_a_whole_millisecond(
    chapters: list[Chapter], duration: float | None
) -> None:
    final, _ = compose.chapters(episode(*chapters), duration)
    for chapter in final:
        assert isinstance(chapter.start, float)
        assert chapter.start == round(chapter.start, 3)
        assert duration is None or chapter.start < duration


@examples
@given(chapters=st.lists(marks, max_size=12), duration=durations)
def test_none_is_lost_without_a_word(chapters: list[Chapter], duration: float | None) -> None:
    final, findings = compose.chapters(episode(*chapters), duration)
    added = sum(chapter.title == "Opening" for chapter in final) - sum(
        chapter.title == "Opening" for chapter in chapters
    )
    assert len(final) - max(added, 0) + len(findings) == len(chapters)
    assert all(finding.place == Place(source="notes.txt", line=12) for finding in findings)


@examples
@given(chapters=st.lists(marks, max_size=12))
def test_every_title_is_one_line_that_says_something(chapters: list[Chapter]) -> None:
    final, _ = compose.chapters(episode(*chapters), None)
    for chapter in final:
        assert chapter.title
        assert chapter.title == " ".join(chapter.title.split())


@examples
@given(chapters=st.lists(marks, max_size=12), duration=durations)
def test_what_has_its_final_form_keeps_it(chapters: list[Chapter], duration: float | None) -> None:
    final, _ = compose.chapters(episode(*chapters), duration)
    assert compose.chapters(episode(*final), duration) == (final, ())


def test_a_first_mark_within_ten_seconds_is_the_start() -> None:
    final, findings = compose.chapters(episode(Chapter(start=6, title="A"), Chapter(start=60, title="B")), 90)
    assert [(chapter.start, chapter.title) for chapter in final] == [(0, "A"), (60, "B")]
    assert findings == ()


def test_before_a_later_first_mark_there_is_an_opening() -> None:
    final, findings = compose.chapters(episode(Chapter(start=11, title="A")), 90)
    assert [(chapter.start, chapter.title) for chapter in final] == [(0, "Opening"), (11, "A")]
    assert findings == ()


def test_marks_are_put_in_their_order() -> None:
    final, _ = compose.chapters(episode(Chapter(start=60, title="B"), Chapter(start=0, title="A")), None)
    assert [chapter.title for chapter in final] == ["A", "B"]


def test_a_mark_after_the_end_is_left_out_and_reported() -> None:
    final, (finding,) = compose.chapters(
        episode(Chapter(start=0, title="A"), Chapter(start=90, title="B")), 90
    )
    assert [chapter.title for chapter in final] == ["A"]
    assert str(finding) == (
        "notes.txt:12: warning: 'Title': the chapter 'B' starts at 00:01:30, but the audio ends at 00:01:30; "
        "it is left out [chapter-left-out]"
    )


def test_of_two_marks_in_one_second_the_first_is_kept_and_the_other_reported() -> None:
    given_ = (Chapter(start=0, title="A"), Chapter(start=30.2, title="B"), Chapter(start=30.9, title="C"))
    final, (finding,) = compose.chapters(episode(*given_), None)
    assert [chapter.title for chapter in final] == ["A", "B"]
    assert "'B' and 'C' both start at 00:00:30" in finding.message


def test_a_mark_without_a_title_gets_its_number() -> None:
    final, _ = compose.chapters(episode(Chapter(start=0, title="A"), Chapter(start=30, title=" ")), None)
    assert [chapter.title for chapter in final] == ["A", "Chapter 2"]


def test_a_link_of_the_notes_with_the_title_of_a_chapter_is_its_link() -> None:
    links = (Link(title="cxx", url="https://example.org/ü"), Link(title="", url="https://example.org/b"))
    given_ = (
        Chapter(start=0, title=""),
        Chapter(start=30, title="CXX"),
        Chapter(start=60, title="C", link="u:c"),
    )
    final, _ = compose.chapters(episode(*given_, links=links), None)
    assert [chapter.link for chapter in final] == [None, "https://example.org/%C3%BC", "u:c"]


def test_no_marks_are_no_chapters() -> None:
    assert compose.chapters(episode(), 90) == ((), ())
