"""The schedule hands out every job once, as its host allows."""

import threading
import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.verify.links.schedule import Host, Schedule

JOBS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([0.0, 0.0, 0.001, 0.01])), min_size=1, max_size=40
)


class Workers:
    """Threads that take what a schedule gives, and note how it went."""

    def __init__(self, schedule: Schedule[int], count: int) -> None:
        self.schedule = schedule
        self.taken: Counter[int] = Counter()
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.starts: dict[str, list[float]] = {}
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(20)

    def work(self) -> None:
        while (taken := self.schedule.take()) is not None:
            host, job = taken
            with self.lock:
                self.taken[job] += 1
                self.running[host.name] += 1
                self.most[host.name] = max(self.most[host.name], self.running[host.name])
                self.starts.setdefault(host.name, []).append(time.monotonic())
                again = self.taken[job] == 1 and job % 3 == 0
            time.sleep(0.001)
            if again:
                self.schedule.put(host.name, job, wait=0.005)
            with self.lock:
                self.running[host.name] -= 1
            self.schedule.done(host, overloaded=job % 5 == 0)


def new_host(name: str, delay: float = 0.0) -> Host[int]:
    return Host(name=name, limit=2, delay=delay, greeted=True)


@settings(max_examples=15, deadline=None)
@given(JOBS)
def test_every_job_is_handed_out_as_often_as_it_was_entered(jobs: list[tuple[str, float]]) -> None:
    schedule = Schedule[int](new_host)
    for number, (host, wait) in enumerate(jobs):
        schedule.put(host, number, wait=wait)
    workers = Workers(schedule, 4)
    assert not any(thread.is_alive() for thread in workers.threads)
    assert workers.taken == {number: 2 if number % 3 == 0 else 1 for number in range(len(jobs))}
    assert max(workers.most.values()) <= 2
    assert schedule.outstanding == 0


def test_the_starts_of_a_host_are_apart_and_hosts_do_not_hold_up_one_another() -> None:
    schedule = Schedule[int](lambda name: new_host(name, delay=0.02))
    for number in range(10):
        schedule.put("ab"[number % 2], number * 3 + 1)
    started = time.monotonic()
    workers = Workers(schedule, 6)
    one, other = workers.starts.values()
    assert min(one[-1], other[-1]) - started >= 0.08
    assert max(one[0], other[0]) < min(one[-1], other[-1])


def test_a_host_slows_down_at_signs_of_overload_and_recovers() -> None:
    host = new_host("a")
    for _ in range(3):
        host.adapt(True)
    slow = host.slower
    host.adapt(None)
    assert host.slower == slow > 0.1
    for _ in range(3):
        host.adapt(False)
    assert host.slower == 0


def test_a_single_sign_of_overload_slows_nothing_down() -> None:
    host = new_host("a")
    host.adapt(True)
    assert host.slower == 0


def test_a_stopped_schedule_hands_out_nothing() -> None:
    schedule = Schedule[int](new_host)
    schedule.put("a", 1)
    schedule.stop()
    assert schedule.take() is None


def test_the_jobs_of_a_host_that_is_given_up_come_back() -> None:
    schedule = Schedule[int](new_host)
    for number in range(3):
        schedule.put("a", number, wait=number)
    taken = schedule.take()
    assert taken is not None
    assert sorted(schedule.give_up(taken[0])) == [1, 2]
    schedule.done(taken[0])
    assert schedule.take() is None
