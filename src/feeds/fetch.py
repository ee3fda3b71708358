"""Get what is at a web address: conditionally, politely, and within bounds.

    allowed by robots.txt? → ask → wait and retry → follow redirects → take it, or learn that it is unchanged

The client underneath refuses private addresses, on every hop and after name resolution, and holds each
exchange to its time limit, whatever a server does.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urldefrag, urljoin, urlsplit

from protego import Protego
from requests.utils import requote_uri
from urllib3.util.request import ACCEPT_ENCODING

from feeds.errors import MissingError, SourceError
from feeds.http import Answer, Client, Question
from feeds.model import Place, Source

_ROBOT = "feeds"
_ROBOTS_AT_MOST = 512 * 1024
_FOR_GOOD = frozenset({301, 308})
_MISSING = frozenset({404, 410})
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
_WHY = {
    401: "it asks for a password",
    403: "it refuses programs or strangers",
    404: "there is nothing at this address",
    410: "it is gone for good; take it out of the sources",
    429: "it was asked too often",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How far to go for an address."""

    size: int = 16 * 2**20
    """Bytes of a document, unpacked."""
    timeout: float = 30.0
    """Seconds for one exchange, from looking up the name to the last byte."""
    hops: int = 10
    """Redirects in a row."""
    tries: int = 3
    """How often to ask, if failures are temporary."""
    wait: float = 60.0
    """The longest that a server may make us wait before the next try, in seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """What a server calls a version of a document (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What came from an address."""

    address: str
    """As it was asked for."""
    url: str
    """Where it was found, after all redirects."""
    data: bytes | None
    """`None` where nothing has changed since the version that was known."""
    type: str | None = None
    """MIME type."""
    charset: str | None = None
    validators: Validators = field(default_factory=Validators)
    """To remember, for the next time."""
    moved_to: str | None = None
    """The address to use from now on, if the server says that it has moved permanently."""
    hops: tuple[tuple[int, str], ...] = ()
    """Status and target of each redirect on the way."""
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Of the answer, names in lower case."""

    def source(self, *, format: str, show: str | None = None) -> Source:  # noqa: A002
        """Make a source of it. Raises `ValueError` if nothing has changed, so that there is no document."""
        if self.data is None:
            raise ValueError("not modified")
        return Source(
            name=self.address,
            format=format,
            data=self.data,
            charset=self.charset,
            base_url=self.url,
            show=show,
        )


class Fetcher:
    """Gets documents; asks each host for its robots.txt only once."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        allow_private: bool = False,
        robots: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Refuse private, loopback and link-local addresses, and obey robots.txt, unless told otherwise."""
        self._limits = limits or Limits()
        self._robots: dict[str, Protego] | None = {} if robots else None
        self._sleep = sleep
        self._client = Client(timeout=self._limits.timeout, allow_private=allow_private)

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, address: str, known: Validators | None = None) -> Fetched:
        """Get a document, or learn that it is still the version that is known.

        Raises `SourceError` with the reason if it cannot be fetched, now or at all.
        """
        url, moved_to, is_for_good = _ascii(address), None, True
        asked: set[str] = set()
        hops: list[tuple[int, str]] = []
        for _ in range(self._limits.hops + 1):
            asked.add(url)
            self._heed_robots(url, address)
            answer = self._patiently(url, known, address)
            if not answer.redirects:
                taken = self._taken(answer, address, known)
                return replace(taken, url=url, moved_to=moved_to, hops=tuple(hops))
            target = _target(url, answer)
            if target is None or target in asked:
                where = answer.location or "nowhere"
                raise _refusal(address, f"redirects in a circle, or to no web address: {where[:200]}")
            is_for_good = is_for_good and answer.code in _FOR_GOOD
            hops.append((answer.code or 0, target))
            url, moved_to = target, target if is_for_good else moved_to
        raise _refusal(address, f"more than {self._limits.hops} redirects in a row")

    def _patiently(self, url: str, known: Validators | None, address: str) -> Answer:
        """Ask, and ask again after temporary failures."""
        for attempt in range(1, self._limits.tries + 1):
            answer = self._client.ask(
                Question(url=url, method="GET", headers=_headers(known), wanted=self._limits.size + 1)
            )
            if not answer.is_temporary:
                break
            if attempt < self._limits.tries:
                self._sleep(self._pause(answer, attempt, address))
        return answer

    def _pause(self, answer: Answer, attempt: int, address: str) -> float:
        seconds = answer.retry_after
        if seconds is None:
            return min(2.0 ** (attempt - 1), self._limits.wait)
        if seconds > self._limits.wait:
            raise _refusal(address, f"answers {answer.code} and asks to be left alone for {seconds:.0f} s")
        return seconds

    def _taken(self, answer: Answer, address: str, known: Validators | None) -> Fetched:
        if answer.fault is not None:
            raise _refusal(address, _why(answer))
        if answer.code == 304 and known:
            return Fetched(address=address, url=address, data=None, validators=known)
        if answer.code != 200:
            why = _WHY.get(answer.code or 0)
            refusal = _refusal(address, f"answers {answer.code}{f': {why}' if why else ''}")
            raise MissingError(refusal.message, refusal.place) if answer.code in _MISSING else refusal
        if len(answer.body) > self._limits.size:
            raise _refusal(address, f"more than {self._limits.size:,} bytes, or without an end; not read")
        packed = answer.headers.get("content-encoding", "identity").lower()
        if packed not in ("identity", "", "x-gzip", *ACCEPT_ENCODING.split(",")):
            raise _refusal(address, f"packed as {packed!r}, which was not asked for and cannot be unpacked")
        content_type = answer.headers.get("content-type", "")
        charset = _CHARSET.search(content_type)
        return Fetched(
            address=address,
            url=address,
            data=answer.body,
            type=content_type.partition(";")[0].strip().lower() or None,
            charset=charset[1] if charset else None,
            validators=Validators(
                etag=answer.headers.get("etag"), last_modified=answer.headers.get("last-modified")
            ),
            headers=answer.headers,
        )

    def ask(self, question: Question) -> Answer:
        """Put one more question about a document that was got, such as for its size alone."""
        return self._client.ask(question)

    def _heed_robots(self, url: str, address: str) -> None:
        if self._robots is None:
            return
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin not in self._robots:
            self._robots[origin] = Protego.parse(self._robots_txt(origin, address))
        if not self._robots[origin].can_fetch(url, _ROBOT):
            raise _refusal(address, f"robots.txt of {origin} forbids programs to read {url}")

    def _robots_txt(self, origin: str, address: str) -> str:
        """Read a host's robots.txt: if there is none, all is allowed; if it fails, nothing (RFC 9309)."""
        url = f"{origin}/robots.txt"
        for _ in range(6):
            answer = self._client.ask(Question(url=url, method="GET", wanted=_ROBOTS_AT_MOST))
            target = _target(url, answer) if answer.redirects else None
            if target is None:
                break
            url = target
        if answer.code == 200:
            return answer.body.decode("utf-8", errors="replace")
        if answer.code is not None and 300 <= answer.code < 500:
            return ""
        why = _why(answer) if answer.fault else f"it answers {answer.code}"
        raise _refusal(
            address, f"robots.txt of {origin} cannot be read, so nothing may be fetched from there: {why}"
        )


def _headers(known: Validators | None) -> dict[str, str]:
    headers = {"Accept-Encoding": ACCEPT_ENCODING}
    if known and known.etag:
        headers["If-None-Match"] = known.etag
    if known and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _ascii(address: str) -> str:
    """Write an address as it goes over the wire. Raises `SourceError` if it is not a web address."""
    try:
        parts = urlsplit(urldefrag(address.strip()).url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError as error:
        raise _refusal(address, f"not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise _refusal(address, "not a web address; it has to begin with http:// or https://")
    credentials, at, _ = parts.netloc.rpartition("@")
    host = f"[{host}]" if ":" in host else host
    netloc = f"{credentials}{at}{host}" + (f":{port}" if port is not None else "")
    return requote_uri(parts._replace(netloc=netloc, path=parts.path or "/").geturl())


def _target(url: str, answer: Answer) -> str | None:
    try:
        return _ascii(urljoin(url, answer.location)) if answer.location else None
    except (SourceError, ValueError):
        return None


def _why(answer: Answer) -> str:
    hint = "; if that is intended, set `allow_private`" if answer.fault == "private" else ""
    return f"{answer.detail or answer.fault}{hint}"


def _refusal(address: str, reason: str) -> SourceError:
    return SourceError(reason, Place(source=address))
