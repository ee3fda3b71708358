"""requests' adapter without what asking many addresses once does not need.

Asking by `requests.get` costs several times the work of the exchange itself: a session, cookies and
proxies looked up again, a pool and a trust store for each host, headers parsed as mail. This one
takes the same `PreparedRequest` and gives the same `Response`, and beyond that

* looks up names once, and connects to public addresses only, unless allowed otherwise;
* keeps connections by origin and one TLS context for all;
* holds the whole of an exchange to its time limit, headers that come byte by byte included;
* reads headers as browsers do: any number of lines, long ones, and interim answers before them.
"""

import errno
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from feeds.http.addresses import Resolver
from feeds.http.certificate import Certificate
from feeds.http.certificate import read as read_certificate

_HEADERS_AT_MOST = 256 * 1024
# What may still be read of an answer so that its connection can be used again.
_REST_AT_MOST = 16 * 1024
# What a server can send before it learns that nobody reads; the system's default is some megabytes.
_RECEIVE_BUFFER = 64 * 1024
_IDLE_AT_MOST = 256
# Servers close idle connections after five seconds or more.
_IDLE_SECONDS = 4.0


class LeanAdapter(HTTPAdapter):
    """Sends one prepared request at a time and thread; redirects and retries are the caller's."""

    def __init__(self, *, allow_private: bool = False, authorities: Path | None = None) -> None:
        """Trust the certificate authorities of a PEM file, or those that requests trusts."""
        super().__init__()
        self._resolver = Resolver(allow_private=allow_private)
        self._authorities = authorities
        self._tls: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._idle = _IdleConnections()
        self._watch = _Watch()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request and read the head of its answer; closing the response frees its connection.

        `timeout` is a number of seconds for all of it, the reading of the body included. With `stream`
        the body can be read from `response.raw`. Through a proxy it is requests' own adapter that
        sends, whose timeouts start anew with each byte, and it is the proxy that looks up names.

        Raises requests' exceptions, with what went wrong as their cause.
        """
        if proxies:
            return super().send(request, stream, timeout, verify, cert, proxies)
        deadline = monotonic() + timeout
        try:
            reply = self._exchange(request, deadline)
        except (OSError, http.client.HTTPException) as error:
            # Once the watch has shut the connection, any error may appear; the cause is the time limit.
            if isinstance(error, TimeoutError) or monotonic() >= deadline:
                raise requests.Timeout(f"no answer within {timeout:g} s", request=request) from error
            if isinstance(error, ssl.SSLError):
                raise requests.exceptions.SSLError(error, request=request) from error
            raise requests.ConnectionError(error, request=request) from error
        return _Response(request, reply, _decoding(reply) if stream else reply)

    def certificate(self, url: str, timeout: float) -> Certificate | None:
        """Return the certificate that a server shows, valid or not; `None` if there is none to read."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with self._connect(urlsplit(url), monotonic() + timeout, context) as connection:
                return read_certificate(connection.getpeercert(binary_form=True) or b"")  # type: ignore[attr-defined]
        except (OSError, ValueError, IndexError):
            return None

    def close(self) -> None:
        """Close all connections; exchanges under way end with an error."""
        super().close()
        self._idle.close()
        self._watch.close()

    def _exchange(self, request: requests.PreparedRequest, deadline: float) -> "_Reply":
        url = request.url or ""
        origin, message = _message(request, url)
        while True:
            idle = self._idle.take(origin)
            connection = idle or self._open(urlsplit(url), deadline)
            self._watch.add(connection, deadline)
            reply = _Reply(connection, request.method, lambda reply: self._release(origin, reply))
            try:
                connection.sendall(message)
                reply.begin()
            except (OSError, http.client.HTTPException):
                reply.close()
                if idle is None or monotonic() >= deadline:
                    raise
                # The server had closed it, or had sent more than it should have: not this request's fault.
            else:
                return reply

    def _release(self, origin: str, reply: "_Reply") -> None:
        reusable = reply.read_up()
        self._watch.remove(reply.connection)
        if reusable:
            self._idle.put(origin, reply.connection)
        else:
            reply.connection.close()

    def _open(self, url: SplitResult, deadline: float) -> socket.socket:
        context = self._context(url)
        try:
            return self._connect(url, deadline, context)
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
            self._idle.close()  # the system lets a process have few files: those in use come first
            return self._connect(url, deadline, context)

    def _context(self, url: SplitResult) -> ssl.SSLContext | None:
        if url.scheme != "https":
            return None
        with self._lock:
            if self._tls is None:
                file = self._authorities or DEFAULT_CA_BUNDLE_PATH
                self._tls = ssl.create_default_context(cafile=file)
            return self._tls

    def _connect(self, url: SplitResult, deadline: float, context: ssl.SSLContext | None) -> socket.socket:
        host = url.hostname or ""
        addresses = self._resolver.addresses(host, url.port or (443 if context else 80), deadline)
        failure: OSError = TimeoutError()
        for left, (family, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(max(0.001, (deadline - monotonic()) / left))
                connection.connect(address)
                if context is not None:
                    # The handshake as a whole is held to the timeout, not each of its reads.
                    connection.settimeout(max(0.001, deadline - monotonic()))
                    connection = context.wrap_socket(connection, server_hostname=host)
                # From here on the watch keeps the time: it costs the reader nothing.
                connection.settimeout(None)
            except OSError as error:
                connection.close()
                failure = error
                if isinstance(error, ssl.SSLError):
                    break
            else:
                return connection
        raise failure


class _Response(requests.Response):
    """A response without the jar of cookies and the mapping of headers that a new one makes at some cost."""

    def __init__(self, request: requests.PreparedRequest, reply: "_Reply", raw: Any) -> None:
        self.request, self.url = request, request.url or ""
        self.status_code, self.reason = reply.status, reply.reason
        self.headers = reply.headers  # type: ignore[assignment]
        self.raw = raw
        self._content = False  # type: ignore[assignment]  # which is how requests says: not read yet
        self._content_consumed = False


class _Reply(http.client.HTTPResponse):
    """The standard library's response, reading its head as browsers do."""

    headers: dict[str, str]  # type: ignore[assignment]
    """Names in lower case; several of one name joined by commas."""
    cookies: tuple[str, ...] = ()
    """The values of Set-Cookie, which cannot be joined as those of other headers can."""

    def __init__(
        self, connection: socket.socket, method: str | None, release: Callable[["_Reply"], None]
    ) -> None:
        super().__init__(connection, method=method)
        self.connection = connection
        self._release: Callable[[_Reply], None] | None = release

    def begin(self) -> None:
        status = 100
        budget = _HEADERS_AT_MOST
        while 100 <= status < 200 and status != 101:
            version, status, reason = self._status_line()
            budget = self._read_fields(budget)
        self.code = self.status = status
        self.reason = reason
        self.version = 11 if version.startswith("HTTP/1.") and version != "HTTP/1.0" else 10
        self.chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = self._length()
        self.will_close = self._check_close() or (self.length is None and not self.chunked)  # type: ignore[attr-defined]

    def read_up(self) -> bool:
        """Read the rest of a short body; tell whether the connection can carry another exchange."""
        if self.will_close is not False:
            return False
        try:
            if self.length is not None and self.length <= _REST_AT_MOST:
                self.read()
        except (OSError, http.client.HTTPException):
            return False
        return self.isclosed() or self.length == 0

    def close(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release(self)
        super().close()

    def _status_line(self) -> tuple[str, int, str]:
        line = self.fp.readline(_HEADERS_AT_MOST).decode("latin-1")
        if not line:
            raise http.client.RemoteDisconnected("closed without an answer")
        version, _, rest = line.strip().partition(" ")
        code, _, reason = rest.strip().partition(" ")
        # ICY is how old streaming servers spell HTTP/1.0.
        if not version.startswith(("HTTP/", "ICY")) or len(code) != 3 or not code.isdecimal():
            raise http.client.BadStatusLine(line[:80])
        return version, int(code), reason

    def _read_fields(self, budget: int) -> int:
        headers: dict[str, str] = {}
        cookies: list[str] = []
        name = ""
        while line := self.fp.readline(budget):
            budget -= len(line)
            if budget <= 0:
                raise http.client.HTTPException(f"more than {_HEADERS_AT_MOST} bytes of headers")
            if line in (b"\r\n", b"\n"):
                break
            text = line.decode("latin-1")
            if text[0] in " \t" and name:  # a folded line, RFC 9112, 5.2
                headers[name] = f"{headers[name]} {text.strip()}"
                continue
            field, colon, value = text.partition(":")
            if not colon:
                continue
            name, value = field.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
            if name == "set-cookie":
                cookies.append(value)
        else:
            raise http.client.RemoteDisconnected("closed within the headers")
        self.headers, self.cookies = headers, tuple(cookies)
        return budget

    def _length(self) -> int | None:
        """Return the length of the body in bytes; `None` if only its end will tell (RFC 9112, 6.3)."""
        if self._method == "HEAD" or self.status in (101, 204, 304):  # type: ignore[attr-defined]
            return 0
        # Said twice, and the same, is common.
        stated = {length.strip() for length in self.headers.get("content-length", "").split(",")}
        length = stated.pop()
        return int(length) if length.isdecimal() and not stated and not self.chunked else None


class _IdleConnections:
    """Connections that can be used again, by origin; beyond a number, those of the origin asked first go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_origin: dict[str, list[tuple[float, socket.socket]]] = {}
        self._count = 0

    def take(self, origin: str) -> socket.socket | None:
        """Take the one used last."""
        with self._lock:
            idle = self._by_origin.pop(origin, [])
            if not idle:
                return None
            since, connection = idle.pop()
            self._count -= 1
            if since > monotonic() - _IDLE_SECONDS:
                if idle:
                    self._by_origin[origin] = idle
                return connection
            self._count -= len(idle)
        _close_all([connection, *(connection for _, connection in idle)])
        return None

    def put(self, origin: str, connection: socket.socket) -> None:
        surplus: list[tuple[float, socket.socket]] = []
        with self._lock:
            self._by_origin.setdefault(origin, []).append((monotonic(), connection))
            self._count += 1
            if self._count > _IDLE_AT_MOST:
                surplus = self._by_origin.pop(next(iter(self._by_origin)))
                self._count -= len(surplus)
        _close_all([connection for _, connection in surplus])

    def close(self) -> None:
        with self._lock:
            idle = [connection for connections in self._by_origin.values() for _, connection in connections]
            self._by_origin.clear()
            self._count = 0
        _close_all(idle)


class _Watch:
    """Shuts connections whose time is up, as a socket's own timeout starts anew with each byte."""

    _PRECISION = 0.05

    def __init__(self) -> None:
        self._deadlines: dict[socket.socket, float] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def add(self, connection: socket.socket, deadline: float) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, daemon=True)
                    self._thread.start()
        self._deadlines[connection] = deadline

    def remove(self, connection: socket.socket) -> None:
        self._deadlines.pop(connection, None)

    def close(self) -> None:
        self._closed = True
        for connection in list(self._deadlines):
            _shut(connection)

    def _run(self) -> None:
        while not self._closed:
            sleep(self._PRECISION)
            now = monotonic()
            for connection, deadline in list(self._deadlines.items()):
                if deadline <= now:
                    _shut(connection)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it may have ended by itself
        # Not the method of a TLS socket, which would take the socket from under its reader.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _close_all(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.close()


def _decoding(reply: _Reply) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(
        body=reply,
        headers=reply.headers,
        status=reply.status,
        reason=reply.reason,
        preload_content=False,
        original_response=reply,
        request_method=reply._method,  # type: ignore[attr-defined]
    )


def _message(request: requests.PreparedRequest, url: str) -> tuple[str, bytes]:
    """Write a request; returns the origin it goes to, and its bytes."""
    # A prepared address has this form; to take it apart in full costs more than all the rest here.
    scheme, _, rest = url.partition("://")
    location, _, target = rest.partition("/")
    fields = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head = f"{request.method} /{target} HTTP/1.1\r\nHost: {location.rpartition('@')[2]}\r\n{fields}\r\n"
    return f"{scheme}://{location}", head.encode("latin-1") + (request.body or b"")  # type: ignore[operator]
