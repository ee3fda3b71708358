"""Every way a server misbehaves ends in the right class, in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import pytest
from tests.verify.links.memory import Remembered
from tests.verify.links.server import AUDIO_SIZE, FaultServer, serving

from feeds.model import Place
from feeds.verify.links import Result, Role, Settings, Status, Target
from feeds.verify.links.check import check

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SETTINGS = Settings(
    timeout=0.8, retries=2, retry_wait=0.1, wait_budget=4, host_delay=0, robots=False, allow_private=True
)


@dataclass(frozen=True)
class Case:
    path: str
    expected: Status
    role: Role = "item"
    fragment: str = ""
    size: int | None = None
    type: str | None = None

    def __str__(self) -> str:
        parts = (self.role, self.path, self.fragment, str(self.size or ""), self.type or "")
        return " ".join(part for part in parts if part)

    def target(self, url: str) -> Target:
        place = Place(source=str(self), line=1)
        url += f"#{self.fragment}" if self.fragment else ""
        return Target(url=url, role=self.role, places=(place,), size=self.size, type=self.type)


CASES = [
    Case("status-200", "ok"),
    # HEAD that lies, hangs, resets or says too much
    Case("head-lies-403", "ok"),
    Case("head-lies-404", "ok"),
    Case("head-lies-405", "ok"),
    Case("head-lies-500", "ok"),
    Case("head-lies-501", "ok"),
    Case("head-loops", "ok"),
    Case("head-hangs", "ok"),
    Case("head-resets", "ok"),
    Case("head-has-body", "ok"),
    # hosts that ask to wait
    Case("wait-seconds", "ok"),
    Case("wait-until-date", "ok"),
    Case("wait-an-hour-429", "transient"),
    Case("wait-an-hour-503", "transient"),
    Case("always-429", "transient"),
    # what passes, and what does not
    Case("once-500", "ok"),
    Case("once-reset", "ok"),
    Case("status-500", "transient"),
    Case("status-502", "transient"),
    Case("status-503", "transient"),
    Case("status-400", "broken"),
    Case("status-404", "broken"),
    Case("status-410", "broken"),
    Case("status-418", "broken"),
    # walls
    Case("status-401", "blocked"),
    Case("status-403", "blocked"),
    Case("status-451", "blocked"),
    Case("status-999", "blocked"),
    Case("challenge", "blocked"),
    Case("challenge-202", "blocked"),
    Case("to-login", "blocked"),
    # redirects
    Case("found", "ok"),
    Case("moved-301", "moved"),
    Case("moved-308", "moved"),
    Case("moved-then-found", "moved"),
    Case("moved-to-nothing", "broken"),
    Case("loop", "broken"),
    Case("hops-11", "ok"),
    Case("hops-20", "ok"),
    Case("hops-21", "broken"),
    Case("relative", "ok"),
    Case("raw-utf8", "ok"),
    Case("cookie-wall", "ok"),
    Case("nowhere", "broken"),
    Case("to-mail", "broken"),
    Case("to-home", "suspicious"),
    Case("to-home-for-good", "suspicious"),
    # slow, endless and broken answers
    Case("hangs", "transient"),
    Case("drips-headers", "transient"),
    Case("drips-body", "ok"),
    Case("drips-body", "transient", "transcript"),
    Case("endless-headers", "broken"),
    Case("endless-body", "ok"),
    Case("endless-body", "suspicious", "transcript"),
    Case("huge-body", "ok"),
    Case("huge-body", "suspicious", "transcript"),
    Case("gzip-bomb", "suspicious", "transcript"),
    Case("bad-gzip", "suspicious", "transcript"),
    Case("good-gzip", "ok", "chapters"),
    Case("cut-off", "ok"),
    Case("cut-off", "transient", "transcript"),
    # odd but right
    Case("early-hints", "ok"),
    Case("many-headers", "ok"),
    Case("large-header", "ok"),
    Case("no-reason", "ok"),
    Case("http-1-0", "ok"),
    Case("chunked", "ok", "chapters"),
    # not HTTP
    Case("not-http", "broken"),
    Case("says-nothing", "transient"),
    # fragments
    Case("page", "ok", fragment="here"),
    Case("page", "ok", fragment="there"),
    Case("page", "suspicious", fragment="nowhere"),
    Case("page", "ok", fragment=":~:text=word"),
    # media
    Case("audio", "ok", "enclosure", size=AUDIO_SIZE, type="audio/mpeg"),
    Case("audio", "suspicious", "enclosure", size=123, type="audio/mpeg"),
    Case("audio", "suspicious", "enclosure", type="video/mp4"),
    Case("audio-unannounced", "ok", "enclosure", size=AUDIO_SIZE, type="audio/mp3"),
    Case("audio-without-head", "ok", "enclosure", size=AUDIO_SIZE, type="audio/mpeg"),
    Case("audio-without-head", "suspicious", "enclosure", size=123, type="audio/mpeg"),
    Case("audio-without-ranges", "suspicious", "enclosure", size=AUDIO_SIZE, type="audio/mpeg"),
    Case("audio-as-page", "suspicious", "enclosure", size=AUDIO_SIZE, type="audio/mpeg"),
    Case("status-404", "broken", "enclosure"),
    Case("picture", "ok", "artwork"),
    Case("page", "suspicious", "artwork"),
    # documents
    Case("chapters", "ok", "chapters", type="application/json+chapters"),
    Case("chapters-cut", "suspicious", "chapters"),
    Case("chapters-without-times", "suspicious", "chapters"),
    Case("vtt", "ok", "transcript", type="text/vtt"),
    Case("srt", "ok", "transcript", type="application/x-subrip"),
    Case("vtt", "suspicious", "transcript", type="application/srt"),
    Case("page", "suspicious", "transcript", type="text/vtt"),
    # a hub speaks to subscriptions alone
    Case("status-400", "ok", "hub"),
]


@dataclass(frozen=True)
class Run:
    results: dict[str, Result]
    """By the case they are of."""
    seconds: float
    server: FaultServer


def run(server: FaultServer, urls: Iterator[str]) -> Run:
    started = monotonic()
    targets = [case.target(url) for case, url in zip(CASES, urls, strict=False)]
    results = list(check(targets, SETTINGS, Remembered(), now=NOW))
    return Run({result.places[0].source: result for result in results}, monotonic() - started, server)


@pytest.fixture(scope="module")
def many_hosts() -> Iterator[Run]:
    with serving() as server:
        yield run(server, (server.url(case.path) for case in CASES))


@pytest.fixture(scope="module")
def one_host() -> Iterator[Run]:
    with serving() as server:
        port = server.open_port()
        # A query tells apart what would be one thing to ask, as some paths stand in several cases.
        yield run(server, (f"http://127.0.0.1:{port}/{case.path}?{n}" for n, case in enumerate(CASES)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_given_its_class_when_each_has_a_host_of_its_own(case: Case, many_hosts: Run) -> None:
    result = many_hosts.results[str(case)]
    assert result.status == case.expected, result


def test_no_fault_holds_up_a_run(many_hosts: Run) -> None:
    assert many_hosts.seconds < 12


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_given_its_class_when_all_share_a_host(case: Case, one_host: Run) -> None:
    result = one_host.results[str(case)]
    assert result.status == case.expected, result
