"""A real server on this machine: a site that serves a folder, and a hub that answers as it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs


class Hub(ThreadingHTTPServer):
    """Keeps what it is told."""

    daemon_threads = True

    block_on_close = False

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(root)))
        self.status: int | None = 204
        """What to answer; `None` hangs."""
        self.refused: set[str] = set()
        """Topics that are answered with 404."""
        self.forms: list[dict[str, list[str]]] = []
        self.types: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    @property
    def told(self) -> list[str]:
        """The topics of all notices, in the order of their names."""
        return sorted(form["hub.url"][0] for form in self.forms)


class _Handler(SimpleHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = parse_qs(body.decode(), strict_parsing=True)
        self.server.forms.append(form)
        self.server.types.append(self.headers["Content-Type"])
        if self.server.status is None:
            time.sleep(30)
            return
        refused = form["hub.url"][0] in self.server.refused
        self.protocol_version = "HTTP/1.1"
        self.send_response(404 if refused else self.server.status)
        answer = b"unknown topic" if refused else b"" if self.server.status == 204 else b"as you say"
        if self.server.status != 204 or refused:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def a_hub(root: Path) -> Iterator[Hub]:
    """Serve a folder while the block lasts, and take notices at any address."""
    with running(hub := Hub(root)):
        yield hub
