"""The run: targets in, results out as they become known."""

import random
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic, process_time
from urllib.parse import urljoin

from protego import Protego

from feeds.http import Answer, Client, Question, host_of
from feeds.verify.links import inquiry as inquiries
from feeds.verify.links.gather import Link, Spelling, gather
from feeds.verify.links.inquiry import Inquiry, Later, Verdict
from feeds.verify.links.memory import is_fresh, settle
from feeds.verify.links.model import Memory, Progress, Record, Result, Settings, Target
from feeds.verify.links.schedule import Host, Schedule
from feeds.verify.links.unasked import unasked_verdict

# Seconds between two looks at what the workers have found out.
_TICK = 0.01
_GROWTH = 4
# Above this share of one processor, more workers would only stand in each other's way.
_BUSY = 0.85
# A host that fails this often in a row, for reasons of its own and not of an address, is given up.
_FAILURES_OF_HOST = 6
_ROBOTS_SECONDS = 5.0
_ROBOTS_AT_MOST = 512 * 1024
# Hosts that ask for longer pauses did not have a few links in mind.
_ROBOTS_DELAY_AT_MOST = 30.0

Found = tuple[Link, Verdict]


def check(
    targets: Iterable[Target],
    settings: Settings,
    memory: Memory,
    *,
    now: datetime,
    local: Callable[[str], Path | None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Result]:
    """Check each distinct address once, and yield its result as soon as it is known.

    Addresses that `local` gives a file for are checked against that file. What was good lately is not
    asked again. What is not known when the time of the run is up, or at Ctrl-C, comes last, as skipped.
    """
    links = gather(targets)
    records = memory.load([spelling.url for link in links for spelling in link.spellings])
    report = _Report(settings, memory, records, now)
    left: dict[str, Link] = {}
    # What is new comes first: nobody has ever seen it work.
    for link in sorted(links, key=lambda link: link.spellings[0].url in records):
        if (verdict := unasked_verdict(link, local or _nowhere)) is not None:
            yield from report.unasked(link, verdict)
        elif report.is_known(link):
            yield from report.remembered(link)
        else:
            left[link.url] = link
    run = _Run(left.values(), settings)
    why_left = "the run was out of time"
    try:
        for found in run.found():
            for link, verdict in found:
                del left[link.url]
                yield from report.asked(link, verdict)
            report.save()
            if progress:
                done = len(links) - len(left)
                progress(Progress(done=done, total=len(links), waiting=run.schedule.waiting()))
    except KeyboardInterrupt:
        why_left = "the run was interrupted"
    finally:
        run.stop()
        report.save()
    not_asked = Verdict(status="skipped", reason=f"not checked: {why_left}", level="warning")
    for link in left.values():
        yield from report.unasked(link, not_asked)


def _nowhere(_url: str) -> None:
    """Say that an address has no file here."""


class _Report:
    """Turns verdicts into results, in the light of earlier runs, and has them remembered."""

    def __init__(
        self, settings: Settings, memory: Memory, records: Mapping[str, Record], now: datetime
    ) -> None:
        self._settings = settings
        self._memory = memory
        self._records = records
        self._now = now
        self._unsaved: list[Record] = []

    def is_known(self, link: Link) -> bool:
        """Tell whether everything about a link is remembered and recent."""
        return all(
            (record := self._records.get(spelling.url)) is not None
            and is_fresh(record, self._now, self._settings.max_age)
            and inquiries.keeps_promises(link, record.size, record.type)
            for spelling in link.spellings
        )

    def remembered(self, link: Link) -> Iterator[Result]:
        """Repeat the remembered result of a link."""
        for spelling in link.spellings:
            record = self._records[spelling.url]
            result = Result(
                url=spelling.url,
                role=spelling.role,
                status=record.status,
                reason=record.reason,
                level="info" if record.status == "moved" else None,
                places=spelling.places,
                checked_at=record.checked_at,
                code=record.code,
                moved_to=record.moved_to,
                size=record.size,
                type=record.type,
                previous=record.status,
            )
            yield self._unless_ignored(result)

    def asked(self, link: Link, verdict: Verdict) -> Iterator[Result]:
        """Report and remember what was found out about a link."""
        for spelling in link.spellings:
            record = self._records.get(spelling.url)
            result, record = settle(_result(spelling, verdict, self._now), record, self._now)
            self._unsaved.append(record)
            yield self._unless_ignored(result)

    def unasked(self, link: Link, verdict: Verdict) -> Iterator[Result]:
        """Report on a link that was not checked; there is nothing to remember."""
        for spelling in link.spellings:
            yield self._unless_ignored(_result(spelling, verdict, self._now))

    def save(self) -> None:
        """Save what was found out since the last time."""
        unsaved, self._unsaved = self._unsaved, []
        if unsaved:
            self._memory.save(unsaved)

    def _unless_ignored(self, result: Result) -> Result:
        if result.level is None:
            return result
        for ignore in self._settings.ignores:
            if ignore.matches(result.url, self._now.date()):
                reason = f"ignored ({ignore.reason}): {result.reason}"
                return replace(result, status="skipped", level=None, reason=reason)
        return result


class _Run:
    """Asks the hosts of links, with as many workers as are useful."""

    def __init__(self, links: Iterable[Link], settings: Settings) -> None:
        self.schedule: Schedule[Link | Inquiry] = Schedule(self._new_host)
        self._settings = settings
        self._client = Client(
            timeout=settings.timeout,
            user_agent=settings.user_agent,
            allow_private=settings.allow_private,
            authorities=settings.authorities,
        )
        self._random = random.Random()  # noqa: S311 - it only spreads retries
        self._found: deque[Found] = deque()
        self._workers = 0
        self._failure: BaseException | None = None
        for link in links:
            self.schedule.put(host_of(link.url), link)

    def found(self) -> Iterator[list[Found]]:
        """Yield results as they come, until all are there or the time is up."""
        until = monotonic() + (self._settings.deadline or float("inf"))
        tick = threading.Event()
        used = process_time()
        while self.schedule.outstanding and monotonic() < until:
            used_before, used = used, process_time()
            if used - used_before < _TICK * _BUSY and self.schedule.any_due():
                self._add_workers()
            tick.wait(_TICK)
            if self._failure is not None:
                raise self._failure
            yield self._take_found()
        yield self._take_found()

    def stop(self) -> None:
        """Stop; questions under way are abandoned."""
        self.schedule.stop()
        self._client.close()

    def _take_found(self) -> list[Found]:
        return [self._found.popleft() for _ in range(len(self._found))]

    def _add_workers(self) -> None:
        more = min(max(1, (_GROWTH - 1) * self._workers), self._settings.limit - self._workers)
        for _ in range(more):
            threading.Thread(target=self._work, daemon=True).start()
        self._workers += more

    def _work(self) -> None:
        try:
            while (taken := self.schedule.take()) is not None:
                self._step(*taken)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the run is waited for
            self._failure = error

    def _step(self, host: "_Host", job: Link | Inquiry) -> None:
        """Ask one question, and decide what follows from the answer."""
        if not host.greeted:
            self._greet(host, job)
            return
        inquiry = inquiries.start(job, host.manners) if isinstance(job, Link) else job
        own = self._settings.host(host.name)
        answer = self._client.ask(inquiries.question(inquiry, own), own.timeout)
        following = inquiries.advance(inquiry, answer, self._settings, host.manners, self._random.random())
        host.manners = inquiries.learn(host.manners, inquiry, answer)
        pause = 0.0
        match following:
            case Verdict():
                self._found.append((inquiry.link, following))
                self._count_failures(host, following)
            case Later():
                self.schedule.put(host.name, following.inquiry, wait=following.seconds)
                pause = following.seconds if following.whole_host else 0.0
            case Inquiry():
                self.schedule.put(host_of(following.url), following, first=True)
        self.schedule.done(host, overloaded=_is_overloaded(answer), pause=pause)

    def _greet(self, host: "_Host", job: Link | Inquiry) -> None:
        """Learn what delay a host wants between two requests, if it has several links."""
        delay = None
        own = self._settings.host(host.name)
        if self._settings.robots and host.links() and own.delay is None:
            url = urljoin(job.url, "/robots.txt")
            question = Question(url=url, method="GET", headers=own.headers, wanted=_ROBOTS_AT_MOST)
            delay = _robots_delay(self._client.ask(question, _ROBOTS_SECONDS), self._settings.user_agent)
        self.schedule.put(host.name, job, first=True)
        self.schedule.greeted(host, delay)
        self.schedule.done(host)

    def _count_failures(self, host: "_Host", verdict: Verdict) -> None:
        if not verdict.host_is_down:
            host.failures = 0
            return
        host.failures += 1
        if host.failures >= _FAILURES_OF_HOST:
            reason = (
                f"{verdict.reason}; others of {host.name} fail in the same way, so it was not checked further"
            )
            for job in self.schedule.give_up(host):
                link = job if isinstance(job, Link) else job.link
                self._found.append((link, replace(verdict, reason=reason)))

    def _new_host(self, name: str) -> "_Host":
        settings = self._settings.host(name)
        limit, delay = settings.limit, settings.delay
        return Host(
            name=name,
            limit=self._settings.host_limit if limit is None else limit,
            delay=self._settings.host_delay if delay is None else delay,
        )


_Host = Host[Link | Inquiry]


def _result(spelling: Spelling, verdict: Verdict, now: datetime) -> Result:
    status, reason, level, moved_to = verdict.status, verdict.reason, verdict.level, verdict.moved_to
    if spelling.element in verdict.missing:
        status, level = "suspicious", "warning"
        reason = f"the page is there, but has no part named {spelling.element}"
    if moved_to and spelling.fragment:
        moved_to = f"{moved_to}#{spelling.fragment}"
    return Result(
        url=spelling.url,
        role=spelling.role,
        status=status,
        reason=reason,
        level=level,
        places=spelling.places,
        checked_at=now,
        code=verdict.code,
        hops=verdict.hops,
        moved_to=moved_to,
        size=verdict.size,
        type=verdict.type,
    )


def _is_overloaded(answer: Answer) -> bool | None:
    if answer.code in (429, 503) or answer.fault == "reset":
        return True
    return None if answer.code is None else False


def _robots_delay(answer: Answer, user_agent: str) -> float | None:
    """Read the seconds that robots.txt asks for between two requests; `None` if it asks for nothing."""
    if answer.code != 200 or not re.search(rb"(?i)crawl-delay|request-rate", answer.body):
        return None
    robots = Protego.parse(answer.body.decode("utf-8", errors="replace"))
    rate = robots.request_rate(user_agent)
    delays = [robots.crawl_delay(user_agent), rate.seconds / rate.requests if rate else None]
    delay = max((delay for delay in delays if delay is not None), default=None)
    return None if delay is None else min(delay, _ROBOTS_DELAY_AT_MOST)
