"""What goes into a check of links and what comes out of it. No I/O.

    Target (an address as a document holds it) → Result (what became of it) → Finding

`Record` is what is remembered of an address from run to run.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, Protocol

from feeds import __version__
from feeds.model import Level, Place

Role = Literal[
    "item",
    "site",
    "note",
    "image",
    "enclosure",
    "artwork",
    "chapters",
    "transcript",
    "self",
    "hub",
    "alternate",
    "feed",
    "person",
    "funding",
    "license",
    "opml",
]
"""What an address is for. It decides how the address is checked."""

Status = Literal["ok", "moved", "broken", "transient", "blocked", "insecure", "suspicious", "skipped"]
"""What became of an address:

ok          it answers, and with what was expected
moved       it answers, and says for good that it lives elsewhere now
broken      it does not exist, or what answers is of no use
transient   it failed in a way that often passes: a timeout, a reset, a 5xx, a request to wait
blocked     it refuses programs or strangers; most likely alive for people
insecure    its certificate is not valid
suspicious  it answers, but not with what the document promises
skipped     it was not asked
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """An address as one document has it."""

    url: str
    role: Role
    places: tuple[Place, ...]
    size: int | None = None
    """Bytes, where the document says so."""
    type: str | None = None
    """MIME type, where the document says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """A redirect on the way."""

    url: str
    """Where it was received."""
    code: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The result of checking one distinct address."""

    url: str
    role: Role
    status: Status
    reason: str
    """What was found and what to do, for a person."""
    level: Level | None
    """How much it matters; `None` if there is nothing to do."""
    places: tuple[Place, ...]
    """Everywhere the address occurs."""
    checked_at: datetime
    """When it was last checked: now, or earlier if the result was remembered."""
    code: int | None = None
    """The HTTP status of the last answer."""
    hops: tuple[Hop, ...] = ()
    moved_to: str | None = None
    """The address to use from now on."""
    size: int | None = None
    """Bytes, as the server says."""
    type: str | None = None
    """MIME type, as the server says."""
    previous: Status | None = None
    """Its status in the previous run; `None` if it is new."""
    failures: int = 0
    """Runs in a row that it failed in, including this one."""
    failing_since: datetime | None = None
    flapping: bool = False
    """True if it went up and down several times recently."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What is remembered of an address from run to run.

    Not its ETag: most links are asked by HEAD, whose answer has no body that a 304 could save.
    """

    url: str
    status: Status
    reason: str
    checked_at: datetime
    code: int | None = None
    moved_to: str | None = None
    size: int | None = None
    type: str | None = None
    first_good: datetime | None = None
    last_good: datetime | None = None
    goods: int = 0
    """Runs in a row that it was good in."""
    failures: int = 0
    """Runs in a row that it failed in."""
    failing_since: datetime | None = None
    history: str = ""
    """The latest runs, newest last: `+` for good and `-` for failed."""


class Memory(Protocol):
    """Remembers addresses from run to run, such as in the ledger."""

    def load(self, urls: Collection[str]) -> Mapping[str, Record]:
        """Return what is known of these addresses."""

    def save(self, records: Iterable[Record]) -> None:
        """Remember these, each replacing what was known of its address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HostSettings:
    """What differs for one host, or for a pattern of hosts. `None` means no difference."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent only to this host, never to one it redirects to."""
    accept: frozenset[int] = frozenset()
    """HTTP statuses that count as good here, such as 403."""
    limit: int | None = None
    delay: float | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            if not name.isascii() or any(character in "\r\n\0" for character in name + value):
                raise ValueError(f"header {name!r} cannot be sent")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """A failure that someone has looked at and accepted."""

    pattern: str
    """Shell pattern over the whole address, such as `https://example.org/*`."""
    reason: str
    until: date | None = None
    """The last day it applies."""

    def matches(self, url: str, today: date) -> bool:
        """Tell whether it applies to the address."""
        return (self.until is None or today <= self.until) and fnmatchcase(url, self.pattern)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How to check. Times are seconds."""

    limit: int = 192
    """Concurrent requests, over all hosts."""
    host_limit: int = 6
    """Concurrent requests to one host."""
    host_delay: float = 0.02
    """Between the starts of two requests to one host."""
    timeout: float = 15.0
    """For one request, from looking up the name to the last byte that is wanted."""
    deadline: float | None = 1800.0
    """For the whole run."""
    retries: int = 3
    """How often an address is tried again after a temporary failure."""
    retry_wait: float = 1.0
    """Before the first of them; four times as long before each further one."""
    wait_budget: float = 60.0
    """How long one address may wait in total; if its host asks for more, it is checked in the next run."""
    user_agent: str = f"feeds/{__version__} (link check)"
    allow_private: bool = False
    """True to check private, loopback and link-local addresses too."""
    robots: bool = True
    """True to honour the delays of robots.txt."""
    hosts: Mapping[str, HostSettings] = field(default_factory=dict)
    """By host name or shell pattern such as `*.example.org`; the first that matches applies."""
    ignores: tuple[Ignore, ...] = ()
    max_age: timedelta | None = None
    """Check good addresses again that were checked longer ago, even if they are not due yet."""
    authorities: Path | None = None
    """PEM file of the certificate authorities to trust; `None` is those that requests trusts."""

    def host(self, name: str) -> HostSettings:
        """Return what differs for a host, given by name and, if unusual, port."""
        bare = name.partition(":")[0] if self.hosts else ""
        for pattern, settings in self.hosts.items():
            if fnmatchcase(name, pattern) or fnmatchcase(bare, pattern):
                return settings
        return _NO_HOST_SETTINGS


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Links of a host that have to wait."""

    host: str
    links: int
    seconds: float
    """Seconds until the next of them may be checked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a run has come."""

    done: int
    total: int
    waiting: tuple[Waiting, ...] = ()
    """The longest first."""


_NO_HOST_SETTINGS = HostSettings()
