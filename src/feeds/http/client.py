"""One question to one address, answered within its time and without exceptions.

A server that misbehaves is a result, not an exception: what went wrong is a `fault` of the answer.
"""

import http.client
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from requests.utils import should_bypass_proxies

from feeds import __version__
from feeds.http.adapter import LeanAdapter
from feeds.http.addresses import PrivateAddressError

USER_AGENT = f"feeds/{__version__}"
"""Who asks, if nothing more is said; never a disguise."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEMPORARY_CODES = frozenset({408, 425, 429, 500, 502, 503, 504})
_TEMPORARY_FAULTS = frozenset({"timeout", "reset", "refused", "unreachable", "resolver"})

Fault = Literal[
    "timeout",
    "reset",
    "refused",
    "unreachable",
    "name",
    "resolver",
    "private",
    "insecure",
    "malformed",
    "body",
]
"""What went wrong below HTTP:

timeout      the time was up
reset        the connection ended before the answer did
refused      nothing listens there
unreachable  no way leads there
name         the host's name does not exist
resolver     the host's name could not be looked up
private      the host is at a private address, which must not be asked
insecure     the certificate is not valid, or no secure connection could be made
malformed    the answer is not HTTP
body         the body cannot be unpacked
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One request."""

    url: str
    """Absolute http or https address in ASCII, without fragment."""
    method: Literal["HEAD", "GET", "POST"] = "HEAD"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    """What to send; `headers` say what it is."""
    wanted: int = 0
    """How many bytes of the body to read at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of a question: a status, a fault, or both if the body failed."""

    code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; several of one name joined by commas."""
    cookies: tuple[str, ...] = ()
    """The values of Set-Cookie."""
    body: bytes = b""
    """Unpacked; at most as much as was wanted."""
    whole: bool = False
    """True if that is all of it."""
    fault: Fault | None = None
    detail: str = ""
    """About the fault, for a person."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it came, by the clock of this machine."""

    @property
    def redirects(self) -> bool:
        """Whether it says to look elsewhere."""
        return self.code in _REDIRECTS

    @property
    def location(self) -> str:
        """Where it says to look, perhaps relative to the address that was asked; empty if nowhere.

        Headers are Latin-1 by the standard and UTF-8 in life.
        """
        text = self.headers.get("location", "").strip()
        try:
            return text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return text

    @property
    def is_temporary(self) -> bool:
        """Whether it is a failure that may be over at the next try."""
        return self.fault in _TEMPORARY_FAULTS or self.code in _TEMPORARY_CODES

    @property
    def retry_after(self) -> float | None:
        """Seconds that the host asks us to wait, which it may give as a date (RFC 9110, 10.2.3)."""
        text = self.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return float(text[:9])
        # A server's dates are by the server's clock.
        when, today = _date(text), _date(self.headers.get("date", "")) or self.at
        return max(0.0, (when - today).total_seconds()) if when else None


class Client:
    """Sends questions; any number of threads may share it."""

    def __init__(
        self,
        *,
        timeout: float,
        user_agent: str = USER_AGENT,
        allow_private: bool = False,
        authorities: Path | None = None,
    ) -> None:
        """Private, loopback and link-local addresses are refused unless allowed.

        `timeout` is in seconds, for one exchange from looking up the name to the last byte that is wanted.
        `authorities` is a PEM file of the certificate authorities to trust; without it, those that requests
        trusts. Proxies are those of the environment, looked up once.
        """
        self._timeout = timeout
        self._headers = {"User-Agent": user_agent, "Accept": "*/*"}
        self._adapter = LeanAdapter(allow_private=allow_private, authorities=authorities)
        self._proxies: dict[str, str] = requests.compat.getproxies()

    def ask(self, question: Question, timeout: float | None = None) -> Answer:
        """Ask, within `timeout` seconds if it is given, in place of the client's own."""
        timeout = timeout or self._timeout
        request = requests.PreparedRequest()
        request.method, request.url = question.method, question.url
        request.headers = self._headers_of(question)
        if question.body:
            request.body = question.body
            request.headers["Content-Length"] = str(len(question.body))
        if "@" in question.url and (url := urlsplit(question.url)).username is not None:
            request.headers["Authorization"] = _basic(url)
        deadline = monotonic() + timeout
        try:
            response = self._adapter.send(
                request, stream=question.wanted > 0, timeout=timeout, proxies=self._proxies_for(question.url)
            )
        except requests.RequestException as error:
            return self._failure(question.url, error, timeout)
        answer = Answer(
            code=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            cookies=getattr(response.raw, "cookies", ()),
        )
        if not question.wanted:
            response.close()
            return answer
        try:
            body, whole = _body(response.raw, question.wanted, deadline)
        except urllib3.exceptions.DecodeError:
            packed = answer.headers.get("content-encoding")
            return replace(answer, fault="body", detail=f"the body is not {packed} as it says")
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError):
            if monotonic() < deadline:
                return replace(answer, fault="reset", detail="the body was cut off")
            body, whole = b"", False
        finally:
            response.close()
        if not whole and monotonic() >= deadline:
            return replace(answer, fault="timeout", detail=f"the body did not arrive within {timeout:g} s")
        return replace(answer, body=body, whole=whole)

    def close(self) -> None:
        """Close all connections; questions under way end with a fault."""
        self._adapter.close()

    def _headers_of(self, question: Question) -> CaseInsensitiveDict[str]:
        own = {name.lower() for name in question.headers}
        common = {name: value for name, value in self._headers.items() if name.lower() not in own}
        # A plain dict does as well and costs much less.
        return {**common, **question.headers}  # type: ignore[return-value]

    def _proxies_for(self, url: str) -> dict[str, str] | None:
        if not self._proxies or should_bypass_proxies(url, no_proxy=None):
            return None
        return self._proxies

    def _failure(self, url: str, error: requests.RequestException, timeout: float) -> Answer:
        cause = error.__cause__ or error
        fault, detail = _fault(error, cause)
        if fault == "timeout":
            detail = f"no answer within {timeout:g} s"
        elif isinstance(cause, ssl.SSLCertVerificationError):
            detail = self._why_invalid(url, cause, timeout)
        return Answer(fault=fault, detail=detail)

    def _why_invalid(self, url: str, error: ssl.SSLCertVerificationError, timeout: float) -> str:
        host = urlsplit(url).hostname
        certificate = self._adapter.certificate(url, timeout)
        if certificate is not None:
            match error.verify_code:
                case 9:
                    return f"the certificate is valid only from {certificate.not_before:%Y-%m-%d} on"
                case 10:
                    return f"the certificate expired on {certificate.not_after:%Y-%m-%d}"
                case 62 | 64:
                    names = ", ".join(certificate.names[:5]) or "no name at all"
                    return f"the certificate is for {names}, not for {host}"
                case 18:
                    return "the certificate is self-signed"
        return f"the certificate is not trusted: {error.verify_message}"


def host_of(url: str) -> str:
    """Return the host of a prepared address by name and, if it is not the scheme's own, port.

    >>> host_of("https://example.org:443/a"), host_of("http://user@example.org:8080/a")
    ('example.org', 'example.org:8080')
    """
    scheme, _, rest = url.partition("://")
    return _host_at(scheme, rest.partition("/")[0])


@lru_cache(maxsize=4096)
def _host_at(scheme: str, location: str) -> str:
    parts = urlsplit(f"{scheme}://{location}")
    default = 443 if scheme == "https" else 80
    return (parts.hostname or "") + (f":{parts.port}" if parts.port not in (None, default) else "")


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _fault(error: requests.RequestException, cause: BaseException) -> tuple[Fault, str]:
    if isinstance(error, requests.Timeout):
        return "timeout", ""
    # The order matters: most of these are children of OSError.
    match cause:
        case PrivateAddressError():
            return "private", str(cause)
        case socket.gaierror(errno=socket.EAI_NONAME | socket.EAI_NODATA):
            return "name", "no host has this name"
        case socket.gaierror():
            return "resolver", f"its name could not be looked up: {cause.strerror}"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "reset", "the secure connection was closed"
        case ssl.SSLError():
            return "insecure", f"no secure connection could be made: {cause.reason or cause}"
        case ConnectionRefusedError():
            return "refused", "nothing listens at this address"
        case http.client.RemoteDisconnected() | ConnectionError():
            return "reset", f"the connection was closed: {cause}"
        case http.client.HTTPException():
            return "malformed", f"the answer is not HTTP: {cause}"
    # What a proxy reports has another cause, or none.
    if isinstance(error, requests.exceptions.SSLError):
        return "insecure", str(error)
    return "unreachable", str(cause)


def _body(raw: urllib3.HTTPResponse, wanted: int, deadline: float) -> tuple[bytes, bool]:
    """Read what is wanted, and tell whether that is all there is."""
    parts: list[bytes] = []
    while wanted > 0:
        part = raw.read(min(wanted, 65536), decode_content=True)
        if not part:
            # The end of a body without a stated length may also be that of our patience.
            return b"".join(parts), monotonic() < deadline
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts), False


@lru_cache(maxsize=64)
def _basic(url: SplitResult) -> str:
    credentials = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
    return "Basic " + b64encode(credentials.encode()).decode("ascii")
