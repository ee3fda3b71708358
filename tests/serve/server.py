"""A real server for tests, on a free port of this machine."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from feeds.serve import Live, app


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where it listens."""

    port: int

    @property
    def url(self) -> str:
        """Address of its root."""
        return f"http://127.0.0.1:{self.port}/"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send one request as it stands, without tidying the path."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={"Accept-Encoding": "identity"} | names)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(status=response.status, headers=received, body=response.read())
        finally:
            connection.close()


@contextmanager
def serving(root: Path, *, base_url: str | None = None, live: Live | None = None) -> Iterator[Server]:
    """Serve a folder while the block lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app(root, base_url=base_url, live=live),
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield Server(port=listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
