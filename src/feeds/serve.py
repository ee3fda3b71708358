"""`feeds serve`: the published folder over HTTP, as a good host would serve it.

Text is answered from memory, compressed as the client likes it; audio and pictures from disk, in ranges.
Every answer has a strong ETag made from its bytes (feed-requirements, section J).
"""

import asyncio
import gzip
import importlib.util
import io
import mimetypes
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import segno
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

from feeds.errors import FeedsError

_FEED_TYPES = {
    "podcast.xml": "application/rss+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json",
}
"""Names of feeds, the one to subscribe to first."""

_TYPES = _FEED_TYPES | {
    "chapters.json": "application/json+chapters",
    ".opml": "text/x-opml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/x-m4a",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}
_TEXT = re.compile(r"text/|application/(.+\+)?(xml|json)|application/json\+|application/x-subrip|image/svg")
_PAGE = re.compile(r"text/(html|css|javascript)|image/svg")
_LARGEST_TEXT = 16 * 2**20
"""Bytes. More than that is sent from disk, like audio."""

_SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": "frame-ancestors 'self'",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

_RELOAD_SCRIPT = b'new EventSource("/_feeds/events").onmessage = () => location.reload();\n'
_RELOAD_TAG = b'<script src="/_feeds/reload.js" defer></script>\n</head>'


class Live:
    """Tells open pages that the site was built anew."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def announce(self) -> None:
        """Make all open pages load again."""
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
    say: Callable[[str], object] = print,
) -> None:
    """Serve `root` until interrupted, and say where.

    With `rebuild`, it is called whenever something below one of the paths in `watch` changes, and open
    pages load again; a `FeedsError` that it raises is said, and the site stays as it was. Port 0 takes any
    free one.

    Raises `FeedsError` if there is nothing to serve, or the port cannot be had.
    """
    if not root.is_dir():
        raise FeedsError(f"{root} is not a folder; `feeds build` makes it")
    listener = _listen(host, port)
    live = Live() if rebuild else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if not rebuild or not live:
            yield
            return
        task = asyncio.create_task(_rebuild_on_change(rebuild, watch, live, say))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

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
    lines = [f"Serving {root} at {url}", "", "Subscribe to", *(f"  {url}{path}" for path in feed_paths(root))]
    if not _is_loopback(name):
        code = io.StringIO()
        segno.make(url, micro=False).terminal(code, compact=True)
        lines += ["", "On a phone in the same network:", "", code.getvalue()]
    return "\n".join(lines)


def feed_paths(root: Path) -> list[str]:
    """Of each feed below `root`, the form to subscribe to; podcasts first."""
    found: dict[Path, str] = {}
    for name in _FEED_TYPES:
        for path in sorted(root.glob(f"**/{name}")):
            found.setdefault(path.parent, path.relative_to(root).as_posix())
    return list(found.values())


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
            probe.connect((other, 9))  # Sends nothing; only asks the system which of its addresses it would use.
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


@dataclass(frozen=True, kw_only=True)
class _Site:
    root: Path
    base_url: str | None
    live: bool

    async def answer(self, request: Request) -> Response:
        file = self._file(request.path_params["path"])
        stat = file.stat()
        version = (stat.st_mtime_ns, stat.st_size)
        kind = _type(file)
        headers = {
            "content-type": kind,
            "last-modified": formatdate(stat.st_mtime, usegmt=True),
            "cache-control": self._caching(kind),
        }
        if _TEXT.match(kind) and stat.st_size <= _LARGEST_TEXT:
            coding = _coding(request.headers.get("accept-encoding", ""))
            body, etag = await run_in_threadpool(_text, file, version, coding, self._replacement(request, kind))
            headers |= {"etag": etag, "vary": "accept-encoding", "content-length": str(len(body))}
            if coding != "identity":
                headers["content-encoding"] = coding
            if not _PAGE.match(kind):
                headers["access-control-allow-origin"] = "*"
            return _refusal(request, headers) or Response(body if request.method == "GET" else b"", headers=headers)
        headers["etag"] = await run_in_threadpool(_etag, file, version)
        _settle_range(request, stat.st_size)
        return _refusal(request, headers) or FileResponse(file, headers=headers, stat_result=stat)
