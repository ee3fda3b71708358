"""Who may be asked next: a schedule of hosts, not of threads.

A heap holds the hosts that have something to ask, by the moment they may be asked. A worker takes from
it what is due; a link that has to wait goes back to its host, and no worker waits with it.
"""

import heapq
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Generic, TypeVar

from feeds.verify.links.inquiry import Manners
from feeds.verify.links.model import Waiting

Job = TypeVar("Job")

_SLOWER_AT_LEAST = 0.1
_SLOWER_AT_MOST = 2.0


@dataclass(kw_only=True, eq=False)
class Host(Generic[Job]):
    """A host of the schedule. Its methods are called with the schedule's lock held."""

    name: str
    limit: int
    """Requests at once, when all is well."""
    delay: float
    """Seconds between the starts of two requests, when all is well."""
    manners: Manners = field(default_factory=Manners)
    greeted: bool = False
    """True once the delay it asks for is known. Until then it gets one request at a time."""
    failures: int = 0
    """In a row, of those that say more of the host than of an address."""
    ready: deque[Job] = field(default_factory=deque)
    later: list[tuple[float, int, Job]] = field(default_factory=list)
    """A heap, by the moment they are due."""
    running: int = 0
    next_start: float = 0.0
    signs: int = 0
    """Of overload, in a row."""
    slower: float = 0.0
    """Seconds added to the delay after signs of overload."""
    entry: float | None = None
    """Its moment in the schedule's heap; `None` if it is not in it."""

    def due(self) -> float | None:
        """Return when it may be asked next; `None` if it has nothing waiting, or enough under way."""
        if self.running >= self._limit_now():
            return None
        if self.ready:
            return self.next_start
        return max(self.next_start, self.later[0][0]) if self.later else None

    def _limit_now(self) -> int:
        if not self.greeted:
            return 1
        return max(1, self.limit // 2) if self.slower else self.limit

    def start(self, now: float) -> Job:
        """Take its next job, counting it as running."""
        while self.later and self.later[0][0] <= now:
            self.ready.append(heapq.heappop(self.later)[2])
        self.running += 1
        self.next_start = max(self.next_start, now) + self.delay + self.slower
        return self.ready.popleft()

    def adapt(self, overloaded: bool | None) -> None:
        """Slow down when signs of overload come in a row, and speed up again when all is well."""
        if overloaded is None:
            return
        self.signs = self.signs + 1 if overloaded else 0
        if self.signs > 1:
            self.slower = min(_SLOWER_AT_MOST, max(_SLOWER_AT_LEAST, self.slower * 2))
        elif not overloaded:
            self.slower = self.slower / 4 if self.slower > _SLOWER_AT_LEAST else 0.0

    def links(self) -> int:
        """Return how many jobs wait."""
        return len(self.ready) + len(self.later)


class Schedule(Generic[Job]):
    """Hands jobs to workers, as their hosts allow. All methods may be called from any thread."""

    def __init__(self, new_host: Callable[[str], Host[Job]]) -> None:
        """`new_host` makes a host from its name the first time it is met."""
        self._new_host = new_host
        self._hosts: dict[str, Host[Job]] = {}
        self._due: list[tuple[float, int, Host[Job]]] = []
        self._number = count().__next__
        self._changed = threading.Condition()
        self.outstanding = 0
        """Jobs that wait or are under way."""
        self._alarm: float | None = None
        self._stopped = False

    def put(self, host_name: str, job: Job, *, wait: float = 0.0, first: bool = False) -> None:
        """Add a job for a host, due after some seconds, or before all others of the host."""
        with self._changed:
            host = self._hosts.get(host_name)
            if host is None:
                host = self._hosts[host_name] = self._new_host(host_name)
            if wait > 0:
                heapq.heappush(host.later, (monotonic() + wait, self._number(), job))
            elif first:
                host.ready.appendleft(job)
            else:
                host.ready.append(job)
            self.outstanding += 1
            self._enter(host)

    def take(self) -> tuple[Host[Job], Job] | None:
        """Wait for a job that is due, and take it; `None` when there will be no more."""
        with self._changed:
            while not self._stopped and self.outstanding:
                now = monotonic()
                while self._due and self._due[0][0] <= now:
                    when, _, host = heapq.heappop(self._due)
                    if host.entry != when:
                        continue  # it has been added again since
                    host.entry = None
                    due = host.due()
                    if due is None or due > now:
                        self._enter(host)
                        continue
                    job = host.start(now)
                    self._enter(host)
                    self._wake_next()
                    return host, job
                self._wait()
            self._changed.notify_all()
            return None

    def done(self, host: Host[Job], *, overloaded: bool | None = None, pause: float = 0.0) -> None:
        """Count a job that was taken as ended, after it was put back if it has to be.

        `overloaded` says that the host showed signs of it, or that it did well. `pause` is how many
        seconds it asks to be left alone.
        """
        with self._changed:
            host.running -= 1
            self.outstanding -= 1
            host.adapt(overloaded)
            if pause:
                host.next_start = max(host.next_start, monotonic() + pause)
            self._enter(host)
            if not self.outstanding:
                self._changed.notify_all()
            else:
                self._wake_next()

    def greeted(self, host: Host[Job], delay: float | None) -> None:
        """Note the delay that a host asks for, in seconds; `None` if it asks for none."""
        with self._changed:
            host.greeted = True
            if delay is not None:
                host.delay, host.limit = max(host.delay, delay), 1
                host.next_start = max(host.next_start, monotonic() + host.delay)
            self._enter(host)
            self._wake_next()

    def give_up(self, host: Host[Job]) -> list[Job]:
        """Take all waiting jobs of a host."""
        with self._changed:
            jobs = [*host.ready, *(job for _, _, job in host.later)]
            host.ready.clear()
            host.later.clear()
            self.outstanding -= len(jobs)
            return jobs

    def stop(self) -> None:
        """Hand out no more jobs."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def any_due(self) -> bool:
        """Tell whether a job is due that no worker has taken."""
        with self._changed:
            return bool(self._due) and self._due[0][0] <= monotonic()

    def waiting(self) -> tuple[Waiting, ...]:
        """Return the hosts whose links all have to wait, those that wait longest first."""
        with self._changed:
            now = monotonic()
            waits = [
                Waiting(host=host.name, links=host.links(), seconds=host.entry - now)
                for host in self._hosts.values()
                if host.entry is not None and host.entry > now + 1
            ]
        return tuple(sorted(waits, key=lambda wait: -wait.seconds))

    def _enter(self, host: Host[Job]) -> None:
        """Update the heap for a host."""
        due = host.due()
        if due is not None and (host.entry is None or due < host.entry):
            host.entry = due
            heapq.heappush(self._due, (due, self._number(), host))

    def _wait(self) -> None:
        """Wait for a change, or for the next host to be due if no other worker waits for that."""
        if not self._due or (self._alarm is not None and self._alarm <= self._due[0][0]):
            self._changed.wait()
            return
        self._alarm = alarm = self._due[0][0]
        self._changed.wait(max(0.0, alarm - monotonic()))
        if self._alarm == alarm:
            self._alarm = None

    def _wake_next(self) -> None:
        """Wake a worker if there is something to do that none waits for."""
        if self._due and (self._alarm is None or self._due[0][0] < self._alarm):
            self._changed.notify()
