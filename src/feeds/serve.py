"""`feeds serve`: the published folder over HTTP, as a good host would serve it.

Text is answered from memory, compressed as the client likes it; audio and pictures from disk, in ranges.
Every answer has a strong ETag made from its bytes (feed-requirements, section J).
"""

import asyncio
import gzip
import hashlib
import importlib.util
import mimetypes
import os
import re
import socket
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache, partial
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import uvicorn
import watchfiles
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feeds import qr
from feeds.delivery import caching, content_type, is_page, is_text
from feeds.errors import FeedsError

_PODCAST, _RSS = "podcast.xml", "rss.xml"
_TYPES = {
    _PODCAST: "application/rss+xml",
    _RSS: "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
    "chapters.json": "application/json+chapters",
    ".opml": "text/x-opml",
    ".xml": "application/xml",
    ".json": "application/json",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".txt": "text/plain",
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/x-m4a",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}
_LARGEST_TEXT = 16 * 2**20
"""Bytes. More than that is sent from disk, like audio."""

_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_CODINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": partial(gzip.compress, mtime=0)}
"""Content codings, the best one first."""
if importlib.util.find_spec("brotli"):
    _brotli = importlib.import_module("brotli")
    _CODINGS = {"br": partial(_brotli.compress, mode=_brotli.MODE_TEXT, quality=7)} | _CODINGS
_RANGES = re.compile(r"bytes=(\d+-\d*|-\d+)(,(\d+-\d*|-\d+)){0,15}", re.ASCII)

_LISTED = 20
"""Addresses of feeds that are said at the start."""

_RELOAD_SCRIPT = b'new EventSource("/_feeds/events").onmessage = () => location.reload();\n'
_RELOAD_TAG = b'<script src="/_feeds/reload.js" defer></script>\n</head>'


class Live:
    """Tells open pages that the site was rebuilt."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def announce(self) -> None:
        """Make all open pages reload."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def events(self) -> AsyncIterator[str]:
        """One server-sent event per announcement."""
        yield "retry: 500\n\n"
        while True:
            await self._changed.wait()
            yield "data: built\n\n"


def app(
    root: Path,
    *,
    base_url: str | None = None,
    live: Live | None = None,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """Make the application that serves the folder `root`.

    With `base_url`, the address that the site will have, text names the address that the client used in its
    place: what is subscribed to here is then also downloaded from here. With `live`, pages load again at
    each of its announcements, and nothing is kept by browsers without asking.
    """
    site = _Site(root=root.resolve(), base_url=base_url, live=live is not None)
    routes = [Route("/{path:path}", site.answer, methods=["GET", "HEAD"])]
    if live:
        routes = [Route("/_feeds/reload.js", _reload_script), Route("/_feeds/events", _events(live)), *routes]
    return Starlette(routes=routes, middleware=[Middleware(_Security)], lifespan=lifespan)


def run(
    root: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    base_url: str | None = None,
    rebuild: Callable[[], object] | None = None,
    watch: Sequence[Path] = (),
    ignore: Sequence[Path] = (),
    say: Callable[[str], object] = print,
) -> None:
    """Serve `root` until interrupted, and say where.

    With `rebuild`, it is called whenever a file in `watch` or something below a folder in it changes, but for
    `root` and those to `ignore`, and open pages load again. What it raises is said, and the site stays as
    it was. Port 0 takes any free one.

    Raises `FeedsError` if there is nothing to serve, or the port cannot be had.
    """
    if not root.is_dir():
        raise FeedsError(f"{root} is not a folder; `feeds build` makes it")
    listener = _listen(host, port)
    live = Live() if rebuild else None
    ours = [f"{path.resolve()}{os.sep}" for path in (root, *ignore)]
    folders = [path.resolve() for path in watch if path.is_dir()]
    files = {path.resolve() for path in watch if not path.is_dir() and path.parent.is_dir()}
    streams = [
        watchfiles.awatch(*paths, watch_filter=passes, recursive=recursive)
        for paths, passes, recursive in (
            (folders, watchfiles.DefaultFilter(ignore_paths=ours), True),
            # Of a file its folder is watched, for many programs write a new one in the place of the old.
            ({file.parent for file in files}, lambda _, path: Path(path) in files, False),
        )
        if paths
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if not rebuild or not live:
            yield
            return
        turns = asyncio.Lock()
        tasks = [
            asyncio.create_task(_rebuild_on_change(rebuild, changes, turns, live, say)) for changes in streams
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    config = uvicorn.Config(
        app(root, base_url=base_url, live=live, lifespan=lifespan),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    say(announcement(root, host, listener.getsockname()[1]))
    uvicorn.Server(config).run(sockets=[listener])


def announcement(root: Path, host: str, port: int) -> str:
    """Where the site is, what can be subscribed to, and a QR code if other machines can reach it."""
    name = reachable_name(host)
    url = f"http://{f'[{name}]' if ':' in name else name}:{port}/"
    paths = feed_paths(root)
    lines = [f"Serving {root} at {url}", "", "Subscribe to", *(f"  {url}{path}" for path in paths[:_LISTED])]
    if more := paths[_LISTED:]:
        lines.append(f"  and to {len(more)} more, which the front page lists")
    if not _is_loopback(name):
        lines += ["", "On a phone in the same network:", "", qr.terminal(url)]
    return "\n".join(lines)


def feed_paths(root: Path) -> list[str]:
    """Of each feed below `root`, the form to subscribe to; podcasts first, and no pages of archives."""
    found = [path for name in (_PODCAST, _RSS) for path in sorted(root.glob(f"**/{name}"))]
    return [path.relative_to(root).as_posix() for path in found if path.parent.parent.name != "archive"]


def reachable_name(host: str) -> str:
    """Name or address by which others reach a server bound to `host`.

    >>> reachable_name("127.0.0.1")
    '127.0.0.1'
    """
    if host not in ("0.0.0.0", "::"):  # noqa: S104  # a comparison, not a binding
        return host
    family, other = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing; only asks the system which of its addresses it would use.
            probe.connect((other, 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


@dataclass(frozen=True, kw_only=True)
class _Site:
    root: Path
    base_url: str | None
    live: bool

    async def answer(self, request: Request) -> Response:
        file, stat = _find(self.root, request.path_params["path"])
        version = (stat.st_mtime_ns, stat.st_size)
        kind = _type(file)
        headers = {
            "content-type": content_type(kind),
            "last-modified": formatdate(stat.st_mtime, usegmt=True),
            "cache-control": "no-cache" if self.live else caching(kind),
        }
        if not is_text(kind) or stat.st_size > _LARGEST_TEXT:
            headers["etag"] = await run_in_threadpool(_etag_of_file, file, version)
            _settle_range(request, stat.st_size)
            return _precondition(request, headers) or FileResponse(file, headers=headers, stat_result=stat)
        coding = _coding(request.headers.get("accept-encoding", ""))
        body, headers["etag"] = _text(file, version, coding, self._edits(request, file, kind))
        headers |= {"vary": "accept-encoding", "content-length": str(len(body))}
        if coding:
            headers["content-encoding"] = coding
        if not is_page(kind):
            headers["access-control-allow-origin"] = "*"
        return _precondition(request, headers) or Response(body * (request.method == "GET"), headers=headers)

    def _edits(self, request: Request, file: Path, kind: str) -> tuple[tuple[bytes, bytes], ...]:
        """What to replace in a text, by what."""
        edits = []
        if self.base_url:
            here = str(request.base_url)
            forms = (str, partial(quote, safe=""), _without_scheme)
            edits += [(form(self.base_url).encode(), form(here).encode()) for form in forms]
            podcast = file.parent / _PODCAST
            if kind == "text/html" and podcast.is_file():
                path = podcast.relative_to(self.root).as_posix()
                edits.append((qr.svg(self.base_url + path).encode(), qr.svg(here + path).encode()))
        if self.live and kind == "text/html":
            edits.append((b"</head>", _RELOAD_TAG))
        return tuple(edits)


def _without_scheme(url: str) -> str:
    """As the schemes of podcast apps carry it."""
    return "/" + url.partition("://")[2]


class _Security:
    """Adds the headers that every answer bears, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_SECURITY]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _find(root: Path, path: str) -> tuple[Path, os.stat_result]:
    """The file that a path names, as long as nothing on the way is hidden or leads out of `root`."""
    parts = path.split("/")
    if not parts[-1]:
        parts[-1] = "index.html"
    try:
        if not all(parts) or "\0" in path:
            raise FileNotFoundError(path)
        file = Path(os.path.realpath(root.joinpath(*parts), strict=True))
        below = file.relative_to(root)
        if any(part.startswith(".") for part in (*parts, *below.parts)):
            raise FileNotFoundError(path)
        if file.is_dir() and (file / "index.html").is_file():
            raise HTTPException(308, headers={"location": f"{quote(parts[-1])}/"})
        if not file.is_file():
            raise FileNotFoundError(path)
        return file, file.stat()
    except (OSError, ValueError):  # ValueError: it leads out of the root.
        raise HTTPException(404) from None


def _type(file: Path) -> str:
    known = _TYPES.get(file.name) or _TYPES.get(file.suffix.lower())
    return known or mimetypes.guess_type(file.name)[0] or "application/octet-stream"


@lru_cache(maxsize=1024)
def _text(
    file: Path,
    version: tuple[int, int],  # noqa: ARG001  # part of what is remembered
    coding: str,
    edits: tuple[tuple[bytes, bytes], ...],
) -> tuple[bytes, str]:
    """Bytes of a text in a content coding, and their ETag."""
    body = file.read_bytes()
    for old, new in edits:
        body = body.replace(old, new)
    if coding:
        body = _CODINGS[coding](body)
    return body, _etag(sha256(body))


@lru_cache(maxsize=4096)
def _etag_of_file(file: Path, version: tuple[int, int]) -> str:  # noqa: ARG001  # part of what is remembered
    with file.open("rb") as stream:
        return _etag(hashlib.file_digest(stream, "sha256"))


def _etag(digest: "hashlib._Hash") -> str:
    return f'"{digest.hexdigest()[:32]}"'


def _coding(accepted: str) -> str:
    """Best content coding of those accepted (RFC 9110, section 12.5.3); empty for none.

    >>> _coding("gzip;q=0.5, deflate"), _coding("gzip;q=0"), _coding("")
    ('gzip', '', '')
    """
    weights: dict[str, float] = {}
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        with suppress(ValueError):
            weights[name.strip().lower()] = float(weight.strip().removeprefix("q=") or 1)
    anything = weights.get("*", 0.0)
    best = max(_CODINGS, key=lambda coding: weights.get(coding, anything))
    return best if weights.get(best, anything) > 0 else ""


def _precondition(request: Request, headers: Mapping[str, str]) -> Response | None:
    """Answer a conditional request whose condition decides it (RFC 9110, section 13.2.2)."""
    given, etag, modified = request.headers, headers["etag"], headers["last-modified"]
    if "if-match" in given:
        if not _names(given["if-match"], etag):
            return Response(status_code=412)
    elif not _unmodified_since(modified, given.get("if-unmodified-since"), otherwise=True):
        return Response(status_code=412)
    if "if-none-match" in given:
        same = _names(given["if-none-match"].replace("W/", ""), etag)
    else:
        same = _unmodified_since(modified, given.get("if-modified-since"), otherwise=False)
    if not same:
        return None
    kept = {name: value for name, value in headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)


def _names(condition: str, etag: str) -> bool:
    return condition.strip() == "*" or etag in (part.strip() for part in condition.split(","))


def _unmodified_since(modified: str, date: str | None, *, otherwise: bool) -> bool:
    """Whether nothing changed since `date`; `otherwise` without a valid date, which voids the condition."""
    if date is None:
        return otherwise
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(date)
    except (ValueError, TypeError):  # TypeError: a date without a zone.
        return otherwise


def _settle_range(request: Request, size: int) -> None:
    """Leave only a Range header that says what to send, as RFC 9110, section 14.2, wants it read.

    One that is not understood, or does not go with GET, is as if it were not there; of several ranges those
    beyond the end are. If all are, they stay, and the answer is 416.
    """
    given = request.headers.get("range", "").replace(" ", "")
    ranges = [part.partition("-")[::2] for part in given.removeprefix("bytes=").split(",")]
    understood = _RANGES.fullmatch(given) and not any(
        first and last and int(first) > int(last) for first, last in ranges
    )
    headers = [header for header in request.scope["headers"] if header[0] != b"range"]
    if understood and request.method == "GET":
        inside = [pair for pair in ranges if (int(pair[0]) < size if pair[0] else int(pair[1]) > 0)]
        value = ",".join(f"{first}-{last}" for first, last in inside or ranges)
        headers.append((b"range", f"bytes={value}".encode()))
    request.scope["headers"] = headers


async def _reload_script(_: Request) -> Response:
    return Response(_RELOAD_SCRIPT, media_type="text/javascript", headers={"cache-control": "no-cache"})


def _events(live: Live) -> Callable[[Request], Awaitable[Response]]:
    async def events(_: Request) -> Response:
        return StreamingResponse(
            live.events(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    return events


async def _rebuild_on_change(
    rebuild: Callable[[], object],
    changes: AsyncIterable[Iterable[tuple[watchfiles.Change, str]]],
    turns: asyncio.Lock,
    live: Live,
    say: Callable[[str], object],
) -> None:
    async for changed in changes:
        names = sorted({Path(path).name for _, path in changed})
        async with turns:
            say(f"Changed: {', '.join(names)}")
            try:
                await run_in_threadpool(rebuild)
            except FeedsError as error:
                say(str(error))
            except Exception as error:  # noqa: BLE001 - the next change may fix it
                say(f"not built: {type(error).__name__}: {error}")
            else:
                live.announce()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise FeedsError(
            f"cannot listen on {host}, port {port}: {error.strerror}; choose another port"
        ) from error
    # Headers and body are two writes. Without this the second waits 40 ms for the client to acknowledge the
    # first: asyncio sees to it only where it made the socket.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
