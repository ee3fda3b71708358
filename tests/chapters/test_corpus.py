"""The corpus, case by case, in the forms of notes; `corpus.py` says what a case file holds."""

import pytest

from feeds.chapters import parse

from .corpus import Case, flattened, load, same, without_markup

CASES = load()
ACCEPTED = [case for case in CASES if case.reason is None]
REFUSED = [case for case in CASES if case.reason is not None]


def by_name(case: Case) -> str:
    return case.name


def test_the_corpus_is_large() -> None:
    assert len(CASES) >= 150


def test_each_case_has_a_purpose_of_its_own() -> None:
    assert len({case.purpose for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", ACCEPTED, ids=by_name)
def test_a_list_is_read_as_it_was_written(case: Case) -> None:
    reading = parse(case.notes, duration=case.duration)
    assert reading.chapters == case.chapters, reading.reason
    assert reading.accepted
    assert reading.confidence >= 0.55


@pytest.mark.parametrize(
    "case", [case for case in ACCEPTED if "markup removed" not in case.open], ids=by_name
)
def test_a_list_is_read_without_its_markup(case: Case) -> None:
    reading = parse(without_markup(case.notes), duration=case.duration)
    assert same(reading.chapters, case.chapters), reading


@pytest.mark.parametrize("case", [case for case in ACCEPTED if "flattened" not in case.open], ids=by_name)
def test_a_list_is_read_in_one_line(case: Case) -> None:
    reading = parse(flattened(case.notes), duration=case.duration)
    assert same(reading.chapters, case.chapters), reading


@pytest.mark.parametrize("case", REFUSED, ids=by_name)
def test_what_is_no_list_is_refused_with_its_reason(case: Case) -> None:
    reading = parse(case.notes, duration=case.duration)
    assert not reading.accepted, reading
    assert reading.chapters == ()
    assert case.reason is not None
    assert case.reason in reading.reason


@pytest.mark.parametrize("case", REFUSED, ids=by_name)
def test_what_is_no_list_is_refused_in_any_form(case: Case) -> None:
    assert not any(parse(notes, duration=case.duration).accepted for _, notes in case.forms())


@pytest.mark.parametrize("case", ACCEPTED, ids=by_name)
def test_the_spans_cover_the_list(case: Case) -> None:
    """Read alone, what the spans cover has the same chapters."""
    spans = [case.notes[start:end] for start, end in parse(case.notes).spans]
    alone = parse("\n".join(["Chapters", *spans]))
    assert [chapter.start for chapter in alone.chapters] == [chapter.start for chapter in case.chapters]
