"""Dates in whatever form, to moments in UTC; never from the clock of the run."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dates import rfc822, rfc3339
from feeds.parsers import _dates

SECOND_OF_JANUARY = [
    *("2026-01-02", "20260102", "2026/1/2", "2.1.2026", "02.01.26", "2. Januar 2026", "Jan 2, 2026"),
    *("January 2nd, 2026", "Fri, 2 January 2026", "2 janvier 2026", "2 de enero de 2026", "2 gennaio 2026"),
    *("2 janeiro 2026", "2 januari 2026", "2 января 2026 г.", "2026年1月2日", "2026년 1월 2일"),
]


@pytest.mark.parametrize("text", SECOND_OF_JANUARY)
def test_a_date_without_a_time_is_noon(text: str) -> None:
    assert _dates.read(text) == datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        *("2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "2026-01-02T05:04:05.678+02:00"),
        *("Fri, 02 Jan 2026 03:04:05 GMT", "Thu, 01 Jan 2026 22:04:05 EST", "2 Jan 26 03:04:05 UT"),
        *("1767323045", 1767323045, 1767323045000, 1767323045.9, "Fri Jan  2 03:04:05 2026"),
        *("2.1.2026 03:04:05 Uhr", "20260102T030405", datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001
    ],
)
def test_a_moment_is_read_in_its_zone_or_else_in_utc(value: object) -> None:
    assert _dates.read(value) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_zone_that_the_machine_is_in_means_what_it_means_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.tzname", ("CET", "CEST"))
    assert _dates.read("2026-01-02 03:04 CET") == datetime(2026, 1, 2, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "soon", "yesterday", "May 5", "May 2026", "2026", "12", "10:30", "Mon", "2026-13-45"),
        *("x" * 1000, "9999-12-31T23:59:59-10:00", None, True, [], {}, float("nan"), 10**30),
    ],
)
def test_what_leaves_out_a_day_or_is_none_is_no_date(value: object) -> None:
    assert _dates.read(value) is None


def test_a_date_that_can_be_read_in_two_ways_is_read_in_neither() -> None:
    assert _dates.read("02/01/2026") is None
    assert _dates.is_ambiguous("02/01/2026")


@pytest.mark.parametrize(("day_first", "month"), [(True, 1), (False, 2)])
def test_unless_it_is_said_which(day_first: bool, month: int) -> None:
    when = _dates.read("02/01/2026", day_first=day_first)
    assert when is not None
    assert when.month == month


@pytest.mark.parametrize("day_first", [True, False, None])
def test_a_year_that_comes_first_is_followed_by_the_month(day_first: bool | None) -> None:
    assert _dates.read("2026-01-02", day_first=day_first) == datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "decision"),
    [
        (["02/01/2026", "31/01/2026"], True),
        (["02/01/2026", "01/31/2026"], False),
        (["02/01/2026", "03-04-2026"], None),
        (["31/01/2026", "01/31/2026"], None),
        (["2026-01-31", None, 5, "x"], None),
    ],
)
def test_the_whole_source_decides(texts: list[object], decision: bool | None) -> None:
    assert _dates.day_first(texts) is decision


MOMENTS = st.integers(0, 3_090_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(MOMENTS)
def test_what_feeds_write_is_read_back(when: datetime) -> None:
    assert _dates.read(rfc822(when)) == _dates.read(rfc3339(when)) == when


@given(
    st.dates(date(1970, 1, 1), date(2068, 1, 1)),
    st.sampled_from(["%d.%m.%Y", "%d %B %Y", "%Y-%m-%d", "%b %d, %Y", "%d.%m.%y"]),
)
def test_a_date_in_any_clear_form_is_read_back(day: date, form: str) -> None:
    when = _dates.read(day.strftime(form))
    assert when is not None
    assert when.date() == day


@given(st.text(alphabet="0123456789-/.: TZ+APMamJnFeb,", max_size=40) | st.text(max_size=40))
def test_any_text_is_a_date_in_utc_or_none(text: str) -> None:
    when = _dates.read(text, day_first=True)
    assert when is None or when.tzinfo is UTC
