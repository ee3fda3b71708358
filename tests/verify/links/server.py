"""A server that misbehaves in every way links meet, one way for each path."""

import contextlib
import gzip
import json
import random
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import urlsplit

AUDIO_SIZE = 50_000_000
CHAPTERS = json.dumps({"version": "1.2.0", "chapters": [{"startTime": 0, "title": "Start"}]}).encode()
PAGE = b"<!doctype html><html><body><h2 id='here'>Here</h2><a name=there>There</a></body></html>"
GZIP_BOMB = gzip.compress(b"WEBVTT\n" + b"\0" * 100_000_000, compresslevel=1)


@dataclass
class Exchange:
    """One request, and the way to answer it."""

    socket: socket.socket
    method: str
    path: str
    headers: dict[str, str]
    asked: int
    """How often this path was asked before, over all connections."""

    def other_host(self) -> str:
        """Return an address at another host of this server."""
        raise NotImplementedError

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(
        self, status: str = "200 OK", *fields: str, body: bytes = b"", kind: str = "text/html"
    ) -> None:
        head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *fields]
        self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def hang_up(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)

    def hang(self) -> None:
        time.sleep(30)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(pause)


Behaviour = Callable[[Exchange], None]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(function: Behaviour) -> Behaviour:
    """Serve a path by a function: `/head-lies` by `head_lies`."""
    BEHAVIOURS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def by_status(name: str, status: str, *fields: str) -> None:
    """Serve a path by a status, to every method."""
    BEHAVIOURS[name] = lambda exchange: exchange.answer(
        status, *fields, body=b"" if exchange.method == "HEAD" else PAGE
    )


for code in (200, 400, 401, 403, 404, 410, 418, 451, 500, 502, 503, 999):
    by_status(f"status-{code}", f"{code} Whatever")
by_status("challenge", "503 Service Unavailable", "cf-mitigated: challenge", "Server: cloudflare")
by_status("challenge-202", "202 Accepted", "x-amzn-waf-action: challenge")
by_status("wait-an-hour-429", "429 Too Many Requests", "Retry-After: 3600")
by_status("wait-an-hour-503", "503 Service Unavailable", "Retry-After: 3600")
by_status("always-429", "429 Too Many Requests")
by_status("nowhere", "302 Found")
by_status("to-mail", "302 Found", "Location: mailto:someone@example.org")
by_status("to-home", "302 Found", "Location: /")
by_status("to-home-for-good", "301 Moved Permanently", "Location: /")
by_status("to-login", "302 Found", "Location: /login?next=/to-login")
by_status("login", "200 OK")
by_status("", "200 OK")
by_status("moved-301", "301 Moved Permanently", "Location: /status-200")
by_status("moved-308", "308 Permanent Redirect", "Location: /moved-301")
by_status("moved-then-found", "301 Moved Permanently", "Location: /found")
by_status("found", "302 Found", "Location: /status-200")
by_status("moved-to-nothing", "301 Moved Permanently", "Location: /status-404")
by_status("loop", "302 Found", "Location: /loop-back")
by_status("loop-back", "302 Found", "Location: /loop")
by_status("to-private", "302 Found", "Location: http://169.254.169.254/latest/meta-data/")
BEHAVIOURS["robots.txt"] = lambda exchange: exchange.answer(
    body=b"User-agent: *\nCrawl-delay: 0.5\n", kind="text/plain"
)
by_status("many-headers", "200 OK", *(f"X-Number-{number}: {number}" for number in range(150)))
by_status("large-header", "200 OK", "X-Large: " + "x" * 70_000)


def _head_else(status: str, *fields: str) -> Behaviour:
    def serve(exchange: Exchange) -> None:
        if exchange.method == "HEAD":
            exchange.answer(status, *fields)
        else:
            exchange.answer(body=PAGE)

    return serve


for code in (403, 404, 405, 500, 501):
    BEHAVIOURS[f"head-lies-{code}"] = _head_else(f"{code} Whatever")
BEHAVIOURS["head-loops"] = _head_else("302 Found", "Location: /head-loops")


@behaviour
def head_hangs(exchange: Exchange) -> None:
    if exchange.method == "HEAD":
        exchange.hang()
    exchange.answer(body=PAGE)


@behaviour
def head_resets(exchange: Exchange) -> None:
    if exchange.method == "HEAD":
        exchange.reset()
    else:
        exchange.answer(body=PAGE)


@behaviour
def head_has_body(exchange: Exchange) -> None:
    exchange.answer(body=PAGE)


@behaviour
def wait_seconds(exchange: Exchange) -> None:
    if exchange.asked == 0:
        exchange.answer("429 Too Many Requests", "Retry-After: 1")
    else:
        exchange.answer()


@behaviour
def wait_until_date(exchange: Exchange) -> None:
    if exchange.asked == 0:
        exchange.answer("503 Service Unavailable", f"Retry-After: {formatdate(time.time() + 1, usegmt=True)}")
    else:
        exchange.answer()


@behaviour
def once_500(exchange: Exchange) -> None:
    exchange.answer("500 Whatever" if exchange.asked < 2 else "200 OK")


@behaviour
def once_reset(exchange: Exchange) -> None:
    if exchange.asked < 2:
        exchange.reset()
    else:
        exchange.answer()


def _hops(count: int) -> Behaviour:
    def serve(exchange: Exchange) -> None:
        number = int(exchange.path.rpartition("/")[2]) if exchange.path.count("/") > 1 else 0
        if number < count:
            exchange.answer("302 Found", f"Location: /hops-{count}/{number + 1}")
        else:
            exchange.answer()

    return serve


for count in (11, 20, 21):
    BEHAVIOURS[f"hops-{count}"] = _hops(count)


@behaviour
def relative(exchange: Exchange) -> None:
    if exchange.path.endswith("/there"):
        exchange.answer()
    else:
        exchange.answer("302 Found", "Location: relative/there")


@behaviour
def raw_utf8(exchange: Exchange) -> None:
    if exchange.path.partition("?")[0] == "/raw-utf8":
        exchange.answer("302 Found", "Location: /raw-utf8/größe und farbe?q=ß")
    elif exchange.path == "/raw-utf8/gr%C3%B6%C3%9Fe%20und%20farbe?q=%C3%9F":
        exchange.answer()
    else:
        exchange.answer("404 Not Found")


@behaviour
def cookie_wall(exchange: Exchange) -> None:
    if "agreed=yes" in exchange.headers.get("cookie", ""):
        exchange.answer()
    else:
        exchange.answer("302 Found", "Location: /cookie-wall", "Set-Cookie: agreed=yes; Path=/; HttpOnly")


@behaviour
def hangs(exchange: Exchange) -> None:
    exchange.hang()


@behaviour
def slow(exchange: Exchange) -> None:
    time.sleep(0.1)
    exchange.answer()


@behaviour
def drips_headers(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"X-Slow: yes\r\n" * 100)


@behaviour
def drips_body(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/vtt\r\nContent-Length: 5000\r\n\r\n")
    if exchange.method != "HEAD":
        exchange.drip(b"W" * 5000)


@behaviour
def drips_status(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 " + b"O" * 1000)


@behaviour
def drips_gzip(exchange: Exchange) -> None:
    body = gzip.compress(random.randbytes(1000))
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    exchange.drip(body)


@behaviour
def drips_chunks(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    exchange.drip(b"1\r\nW\r\n" * 1000)


@behaviour
def endless_headers(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        exchange.send(b"X-More: more\r\n" * 1000)


@behaviour
def endless_body(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/vtt\r\n\r\n")
    while exchange.method != "HEAD":
        exchange.send(b"WEBVTT and more\n" * 4096)


@behaviour
def huge_body(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/vtt\r\nContent-Length: 1000000000000\r\n\r\n")
    while exchange.method != "HEAD":
        exchange.send(b"WEBVTT and more\n" * 4096)


@behaviour
def gzip_bomb(exchange: Exchange) -> None:
    exchange.answer("200 OK", "Content-Encoding: gzip", body=GZIP_BOMB, kind="text/vtt")


@behaviour
def bad_gzip(exchange: Exchange) -> None:
    body = b"this is not gzip"
    exchange.answer("200 OK", "Content-Encoding: gzip", body=body, kind="text/vtt")


@behaviour
def good_gzip(exchange: Exchange) -> None:
    exchange.answer("200 OK", "Content-Encoding: gzip", body=gzip.compress(CHAPTERS), kind="application/json")


@behaviour
def cut_off(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/vtt\r\nContent-Length: 500\r\n\r\nWEBVTT\n")
    exchange.hang_up()


@behaviour
def early_hints(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
    exchange.answer()


@behaviour
def no_reason(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n")


@behaviour
def http_1_0(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.0 200 OK\nContent-Type: text/html\n\nhello")
    exchange.hang_up()


@behaviour
def not_http(exchange: Exchange) -> None:
    exchange.send(b"SSH-2.0-OpenSSH_9.2\r\n")
    exchange.hang_up()


@behaviour
def says_nothing(exchange: Exchange) -> None:
    exchange.hang_up()


@behaviour
def chunked(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    if exchange.method != "HEAD":
        exchange.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(CHAPTERS), CHAPTERS))


@behaviour
def to_other_host(exchange: Exchange) -> None:
    exchange.answer("302 Found", f"Location: {exchange.other_host()}", "Set-Cookie: secret=yes; Path=/")


def _audio(
    *, head: str = "200 OK", announced: bool = True, ranges: bool = True, kind: str = "audio/mpeg"
) -> Behaviour:
    def serve(exchange: Exchange) -> None:
        fields = [f"Content-Type: {kind}", *(["Accept-Ranges: bytes"] if announced else [])]
        if exchange.method == "HEAD":
            fields = [f"HTTP/1.1 {head}", *fields, f"Content-Length: {AUDIO_SIZE}"]
            exchange.send("\r\n".join(fields).encode() + b"\r\n\r\n")
        elif ranges and exchange.headers.get("range") == "bytes=0-0":
            fields = ["HTTP/1.1 206 Partial Content", *fields, "Content-Length: 1"]
            fields.append(f"Content-Range: bytes 0-0/{AUDIO_SIZE}")
            exchange.send("\r\n".join(fields).encode() + b"\r\n\r\nI")
        else:
            fields = ["HTTP/1.1 200 OK", *fields, f"Content-Length: {AUDIO_SIZE}"]
            exchange.send("\r\n".join(fields).encode() + b"\r\n\r\n")
            for _ in range(AUDIO_SIZE // 50_000):
                exchange.send(b"\0" * 50_000)

    return serve


BEHAVIOURS["audio"] = _audio()
BEHAVIOURS["audio-unannounced"] = _audio(announced=False)
BEHAVIOURS["audio-without-head"] = _audio(head="405 Method Not Allowed")
BEHAVIOURS["audio-without-ranges"] = _audio(ranges=False)
BEHAVIOURS["audio-as-page"] = _audio(kind="text/html")


def _document(body: bytes, kind: str) -> Behaviour:
    return lambda exchange: exchange.answer(body=b"" if exchange.method == "HEAD" else body, kind=kind)


BEHAVIOURS["page"] = _document(PAGE, "text/html; charset=utf-8")
BEHAVIOURS["chapters"] = _document(CHAPTERS, "application/json+chapters")
BEHAVIOURS["chapters-cut"] = _document(CHAPTERS[:-5], "application/json")
BEHAVIOURS["chapters-without-times"] = _document(b'{"chapters": [{"title": "x"}]}', "application/json")
BEHAVIOURS["vtt"] = _document(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", "text/vtt")
BEHAVIOURS["srt"] = _document(b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", "application/x-subrip")
BEHAVIOURS["picture"] = _document(b"", "image/png")


@dataclass
class FaultServer:
    """Serves every behaviour at each of its ports, so that one host or many can be asked."""

    context: ssl.SSLContext | None = None
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each path was asked by each method."""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of the latest request to each path."""
    sent: int = 0
    """Bytes given to the network, over all connections."""
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._listeners: list[socket.socket] = []
        self._lock = threading.Lock()

    def open_port(self) -> int:
        """Listen at one more port."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    def url(self, path: str) -> str:
        """Return an address of a path at a host of its own."""
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.open_port()}/{path}"

    def asked(self, path: str, method: str | None = None) -> int:
        """Tell how often a path was asked, by one method or by any."""
        return sum(
            count for (way, asked), count in self.requests.items() if asked == path and method in (None, way)
        )

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while (line := stream.readline()).strip():
                    if not line.endswith(b" HTTP/1.1\r\n"):
                        connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                        return
                    method, path, _ = line.decode().split(" ", 2)
                    fields = [line.decode().partition(":") for line in iter(stream.readline, b"\r\n") if line]
                    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
                    self._answer(connection, method, path, headers)

    def _answer(self, connection: socket.socket, method: str, path: str, headers: dict[str, str]) -> None:
        name = urlsplit(path).path.strip("/").partition("/")[0]
        with self._lock:
            asked = self.asked(path)
            self.requests[method, path] += 1
            self.headers[path] = headers
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            BEHAVIOURS[name](_Counted(connection, method, path, headers, asked, self))
        finally:
            with self._lock:
                self.at_once -= 1


@dataclass
class _Counted(Exchange):
    server: FaultServer

    def other_host(self) -> str:
        return self.server.url("status-200").replace("127.0.0.1", "localhost")

    def send(self, data: bytes) -> None:
        super().send(data)
        self.server.sent += len(data)


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    server = FaultServer(context)
    try:
        yield server
    finally:
        server.close()
