"""What earlier runs mean for this one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.verify.links.memory import Remembered
from tests.verify.links.server import FaultServer, serving

from feeds.model import Place
from feeds.verify.links import Record, Result, Role, Settings, Status, Target
from feeds.verify.links.check import check
from feeds.verify.links.memory import is_fresh, settle

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
URL = "https://example.org/"


def result(status: Status, when: datetime, code: int | None = None) -> Result:
    return Result(
        url=URL, role="item", status=status, reason="it", level="error", places=(), checked_at=when, code=code
    )


def history(*runs: tuple[Status, datetime], code: int | None = None) -> Result:
    """Settle one run after the other, and return what the last one reports."""
    record = None
    for status, when in runs:
        settled, record = settle(result(status, when, code), record, when)
    return settled


def record(status: Status = "ok", goods: int = 1, age: timedelta = MINUTE) -> Record:
    return Record(url=URL, status=status, reason="", checked_at=NOW - age, goods=goods)


def test_a_first_failure_is_a_warning() -> None:
    for status in ("broken", "transient"):
        settled = history((status, NOW))
        assert (settled.status, settled.level) == (status, "warning")


@pytest.mark.parametrize("code", [404, 410])
def test_a_page_that_its_host_says_is_not_there_is_broken_at_once(code: int) -> None:
    settled = history(("broken", NOW), code=code)
    assert (settled.status, settled.level) == ("broken", "error")


@pytest.mark.parametrize("status", ["broken", "transient"])
def test_a_failure_of_two_runs_is_broken(status: Status) -> None:
    settled = history((status, NOW), (status, NOW + MINUTE))
    assert (settled.status, settled.level, settled.failures) == ("broken", "error", 2)
    assert "failing since 2026-01-02" in settled.reason


def test_a_success_between_two_failures_makes_the_second_a_first_one_again() -> None:
    settled = history(("transient", NOW), ("ok", NOW + DAY), ("transient", NOW + 2 * DAY))
    assert (settled.status, settled.level, settled.failures) == ("transient", "warning", 1)


def test_a_host_that_asks_to_wait_is_never_broken() -> None:
    settled = history(*(("transient", NOW + day * DAY) for day in range(5)), code=429)
    assert (settled.status, settled.level) == ("transient", "warning")


def test_a_link_that_comes_and_goes_is_flapping_and_not_broken() -> None:
    states: list[Status] = ["ok", "transient", "ok", "transient", "transient"]
    settled = history(*((status, NOW + day * DAY) for day, status in enumerate(states)))
    assert settled.flapping
    assert (settled.status, settled.level) == ("transient", "warning")


def test_a_link_that_stays_good_for_long_is_not_flapping_any_more() -> None:
    states: list[Status] = ["ok", "transient", "ok", "transient", *["ok"] * 8]  # type: ignore[list-item]
    assert not history(*((status, NOW + day * DAY) for day, status in enumerate(states))).flapping


def test_a_result_says_what_became_of_the_link_before() -> None:
    assert history(("broken", NOW), ("ok", NOW + DAY)).previous == "broken"


def test_a_wall_neither_clears_nor_adds_to_failures() -> None:
    settled = history(("transient", NOW), ("blocked", NOW + DAY))
    assert settled.failures == 1


@pytest.mark.parametrize(("goods", "days"), [(1, 1), (2, 3), (3, 7), (4, 30), (50, 30)])
def test_a_good_link_is_trusted_for_longer_the_longer_it_is_good(goods: int, days: int) -> None:
    assert is_fresh(record(goods=goods, age=days * DAY * 0.89), NOW)
    assert not is_fresh(record(goods=goods, age=days * DAY * 1.11), NOW)


@given(st.sampled_from(["broken", "transient", "blocked", "insecure", "suspicious", "skipped"]))
def test_a_link_that_is_not_good_is_always_asked_again(status: Status) -> None:
    assert not is_fresh(record(status), NOW)


def test_a_highest_age_shortens_trust() -> None:
    assert not is_fresh(record(goods=9, age=2 * DAY), NOW, max_age=DAY)
    assert is_fresh(record(goods=9, age=2 * DAY), NOW, max_age=3 * DAY)


class TestTwoRuns:
    """A second run, with the memory of the first."""

    SETTINGS = Settings(timeout=10, retries=0, host_delay=0, robots=False, allow_private=True)

    @pytest.fixture
    def server(self) -> Iterator[FaultServer]:
        with serving() as running:
            yield running

    def run(
        self,
        memory: Remembered,
        *urls: str,
        now: datetime = NOW,
        role: Role = "note",
        size: int | None = None,
    ) -> dict[str, Result]:
        targets = [Target(url=url, role=role, places=(Place(source="x"),), size=size) for url in urls]
        return {found.url: found for found in check(targets, self.SETTINGS, memory, now=now)}

    def test_a_second_run_asks_nothing_of_good_links(self, server: FaultServer) -> None:
        memory = Remembered()
        good, moved = server.url("status-200"), server.url("moved-301")
        first = self.run(memory, good, moved)
        asked = sum(server.requests.values())
        second = self.run(memory, good, moved, now=NOW + MINUTE)
        assert sum(server.requests.values()) == asked
        assert {url: (found.status, found.moved_to) for url, found in second.items()} == {
            url: (found.status, found.moved_to) for url, found in first.items()
        }
        assert second[good].checked_at == NOW

    def test_a_good_link_is_asked_again_when_its_time_has_come(self, server: FaultServer) -> None:
        memory = Remembered()
        url = server.url("status-200")
        self.run(memory, url)
        self.run(memory, url, now=NOW + 2 * DAY)
        assert server.asked("/status-200") == 2
        self.run(memory, url, now=NOW + 4 * DAY)
        assert server.asked("/status-200") == 2

    def test_a_failure_is_asked_again_and_broken_the_second_time(self, server: FaultServer) -> None:
        memory = Remembered()
        url = server.url("status-500")
        assert self.run(memory, url)[url].level == "warning"
        second = self.run(memory, url, now=NOW + MINUTE)[url]
        assert (second.status, second.level) == ("broken", "error")

    def test_a_file_is_asked_again_when_the_feed_promises_another_size(self, server: FaultServer) -> None:
        memory = Remembered()
        url = server.url("audio")
        assert self.run(memory, url, role="enclosure", size=50_000_000)[url].status == "ok"
        again = self.run(memory, url, role="enclosure", size=1, now=NOW + MINUTE)[url]
        assert again.status == "suspicious"

    def test_what_was_not_asked_is_not_remembered(self, server: FaultServer) -> None:
        memory = Remembered()
        url = server.url("hangs")
        settings = replace(self.SETTINGS, timeout=30, deadline=0.2)
        targets = [
            Target(url=url, role="note", places=()),
            Target(url="mailto:a@b.example", role="note", places=()),
        ]
        list(check(targets, settings, memory, now=NOW))
        assert memory.records == {}
