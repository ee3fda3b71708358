"""A server that speaks S3, on loopback; it can be told to fail."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

BUCKET = "site"


class Bucket:
    """A bucket, as its server and as the public see it."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._session = requests.Session()
        # The server asks for a signature and believes any.
        credential = "Credential=anyone/20260101/us-east-1/s3/aws4_request"
        self._session.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"
        )
        self.address = f"http://127.0.0.1:{self._server.port}"
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
        self.asked.clear()

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
            # The body has to be read for the connection to go on.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("500 Internal Server Error", [("Content-Type", "application/xml")])
            return [b"<Error><Code>InternalError</Code><Message>We are ill.</Message></Error>"]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


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
