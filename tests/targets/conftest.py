"""A server that speaks S3, on loopback; it can be told to fail."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

BUCKET = "site"

_SITE = f"/{BUCKET}/feeds/"
_HUB = f"{_SITE}hub"
"""Below the public address of a site, whose rules allow no other address on this machine."""

_SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=anyone/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)
"""The server asks for a signature and believes any."""


class Bucket:
    """A bucket, as its server and as the public see it."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._session = requests.Session()
        self.address = f"http://127.0.0.1:{self._server.port}"
        self.site = f"{self.address}{_SITE}"
        """Address that the public has for what is below the prefix `feeds`."""
        self.hub = f"{self.address}{_HUB}"
        self.told: list[str] = []
        """The feeds that the hub was told of."""
        self.asked: list[tuple[str, str]] = []
        """Method and path of every request."""
        self.fails: Callable[[str, str], bool] = lambda *_: False
        """Told method and path; whether the request is answered with 500."""

    def serve(self) -> None:
        self._server.serve_forever()

    def stop(self) -> None:
        self._server.shutdown()

    def reset(self) -> None:
        """Make it new and empty."""
        self.fails = lambda *_: False
        self._session.post(f"{self.address}/moto-api/reset").raise_for_status()
        self._session.put(f"{self.address}/{BUCKET}").raise_for_status()
        self.forget()

    def forget(self) -> None:
        """Begin to note requests and notices anew."""
        self.asked.clear()
        self.told.clear()

    def get(self, path: str) -> requests.Response:
        """An object, as a web browser would get it."""
        return self._session.get(f"{self.address}/{BUCKET}/{path}")

    def put(self, path: str, body: bytes) -> None:
        """An object that someone else has put there."""
        self._session.put(f"{self.address}/{BUCKET}/{path}", body).raise_for_status()

    def tree(self) -> dict[str, bytes]:
        """Every object, by its path."""
        listing = self._session.get(f"{self.address}/{BUCKET}?list-type=2").text
        return {
            (path := key.partition("</Key>")[0]): self.get(path).content for key in listing.split("<Key>")[1:]
        }

    def puts(self) -> list[str]:
        """Paths of the objects that were put, but for the lock."""
        paths = [path.removeprefix(f"/{BUCKET}/") for method, path in self.asked if method == "PUT"]
        return [path for path in paths if not path.endswith(".feeds.lock")]

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append((method, path))
        if self.fails(method, path):
            _body(environ)
            start_response("500 Internal Server Error", [("Content-Type", "application/xml")])
            return [b"<Error><Code>InternalError</Code><Message>We are ill.</Message></Error>"]
        if path == _HUB:
            self.told.extend(parse_qs(_body(environ).decode())["hub.url"])
            start_response("204 No Content", [])
            return []
        environ.setdefault("HTTP_AUTHORIZATION", _SIGNATURE)  # The public has none, and may read.
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


def _body(environ: dict[str, Any]) -> bytes:
    """Read what was sent, without which the connection does not go on."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


@pytest.fixture(scope="session")
def _server() -> Iterator[Bucket]:
    bucket = Bucket()
    thread = threading.Thread(target=bucket.serve, daemon=True)
    thread.start()
    yield bucket
    bucket.stop()
    thread.join()


@pytest.fixture
def bucket(_server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, named `site`, that every client of S3 in this process finds."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", _server.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anyone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    _server.reset()
    return _server
