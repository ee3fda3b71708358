import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds import media
from feeds.media.remote import Prober, RemoteMedia
from feeds.model import Chapter

from .conftest import Encode

PATH = "/audio/12.mp3"


@dataclass
class Host:
    """A server of one file, as good or as bad as the test wants it."""

    data: bytes = b""
    type: str = "audio/mpeg"
    etag: str | None = None
    last_modified: str | None = None
    head: int = 200
    ranges: bool = True
    conditions: bool = True
    length: bool = True
    failures: list[int] = field(default_factory=list)
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        wanted = request.headers.get("Range")
        self.requests.append((request.method, wanted))
        headers = {"Content-Type": self.type}
        if self.etag:
            headers["ETag"] = self.etag
        if self.last_modified:
            headers["Last-Modified"] = self.last_modified
        if self.failures:
            return Response(status=self.failures.pop(0))
        if request.method == "HEAD" and self.head != 200:
            return Response(status=self.head)
        if self.conditions and self._is_known(request):
            return Response(status=304, headers=headers)
        data, status = self.data, 200
        if wanted and self.ranges:
            first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
            data, status = data[first : last + 1], 206
            headers["Content-Range"] = f"bytes {first}-{first + len(data) - 1}/{len(self.data)}"
        if not self.length:
            return Response((data[i : i + 999] for i in range(0, len(data), 999)), status, headers)
        return Response(data, status, headers)

    def _is_known(self, request: Request) -> bool:
        etag, since = request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")
        return (etag == self.etag) if self.etag else bool(since and since == self.last_modified)


@pytest.fixture
def host(httpserver: HTTPServer) -> Host:
    served = Host()
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(served)
    return served


@pytest.fixture
def url(host: Host, httpserver: HTTPServer) -> str:  # noqa: ARG001 - it serves
    return httpserver.url_for(PATH)


@pytest.fixture
def prober() -> Iterator[Prober]:
    with Prober(allow_private=True, timeout=1.0, sleep=lambda _: None) as asking:
        yield asking


def test_size_type_and_duration_come_from_the_first_bytes_of_an_mp3(
    host: Host, url: str, prober: Prober
) -> None:
    host.data, host.etag, host.last_modified = (
        media.placeholder(3661),
        '"one"',
        "Sat, 21 Nov 2026 08:00:00 GMT",
    )
    found, findings = prober.probe(url)
    assert findings == ()
    assert found == RemoteMedia(
        url=url,
        type="audio/mpeg",
        size=len(host.data),
        duration=3661.008,
        etag='"one"',
        last_modified="Sat, 21 Nov 2026 08:00:00 GMT",
    )
    assert host.requests == [("HEAD", None), ("GET", "bytes=0-524287")]


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("constant.mp3", ["-b:a", "96k", "-write_xing", "0"], "audio/mpeg"),
        ("variable.mp3", ["-q:a", "5"], "audio/mpeg"),
        ("front.m4a", ["-movflags", "faststart"], "audio/x-m4a"),
        ("front.flac", [], "audio/flac"),
    ],
)
def test_the_duration_is_known_where_the_format_tells_it_at_the_front(
    name: str,
    options: list[str],
    kind: str,
    encode: Encode,
    host: Host,
    httpserver: HTTPServer,
    prober: Prober,
) -> None:
    path = encode(name, *options, seconds=30)
    host.data, host.type = path.read_bytes(), "application/octet-stream"
    found, _ = prober.probe(httpserver.url_for(f"/{name}"))
    assert found is not None
    assert (found.type, found.size) == (kind, path.stat().st_size)
    assert found.duration == pytest.approx(30, abs=0.2)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("back.m4a", ["-b:a", "128k"]),
        ("vorbis.ogg", ["-c:a", "libvorbis"]),
        ("headless.mp3", ["-q:a", "2", "-write_xing", "0", "-af", "volume='mod(t,2)':eval=frame"]),
    ],
)
def test_the_duration_stays_unknown_where_the_beginning_does_not_tell_it(
    name: str, options: list[str], encode: Encode, host: Host, httpserver: HTTPServer, prober: Prober
) -> None:
    host.data = encode(name, *options, seconds=60).read_bytes()
    found, _ = prober.probe(httpserver.url_for(f"/{name}"))
    assert found is not None
    assert (found.size, found.duration) == (len(host.data), None)


def test_an_mp3_behind_a_very_large_cover_is_asked_for_once_more(
    host: Host, url: str, prober: Prober
) -> None:
    cover = b"\xff\xd8\xff" + bytes(900_000)
    tags = media.Tags(title="t", show="s", duration=600, cover=cover, chapters=(Chapter(start=0, title="a"),))
    host.data = media.tag(media.placeholder(600), tags)
    found, _ = prober.probe(url)
    assert found is not None
    assert found.duration == pytest.approx(600, abs=0.03)
    assert len(host.requests) == 3


@pytest.mark.parametrize("validator", ["etag", "last_modified"])
@pytest.mark.parametrize("conditions", [True, False])
def test_what_did_not_change_is_not_read_again(
    validator: str, conditions: bool, host: Host, url: str, prober: Prober
) -> None:
    host.data, host.conditions = media.placeholder(60), conditions
    setattr(host, validator, "Sat, 21 Nov 2026 08:00:00 GMT")
    known, _ = prober.probe(url)
    host.requests.clear()
    assert prober.probe(url, known) == (known, ())
    assert host.requests == [("HEAD", None)]


def test_what_changed_under_its_address_is_read_and_reported(host: Host, url: str, prober: Prober) -> None:
    host.data, host.etag = media.placeholder(60), '"one"'
    known, _ = prober.probe(url)
    host.data, host.etag = media.placeholder(90), '"two"'
    found, findings = prober.probe(url, known)
    assert found is not None
    assert (found.size, found.etag) == (len(host.data), '"two"')
    assert [(finding.level, finding.rule, finding.place.source) for finding in findings] == [
        ("info", "LED-05", url)
    ]


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_a_refused_head_falls_back_to_the_first_bytes_and_is_reported(
    status: int, host: Host, url: str, prober: Prober
) -> None:
    host.data, host.head = media.placeholder(60), status
    found, findings = prober.probe(url)
    assert found is not None
    assert found.size == len(host.data)
    assert [finding.rule for finding in findings] == ["HTP-05"]
    assert f"answers {status} to HEAD" in findings[0].message


def test_a_server_without_ranges_is_read_no_further_than_needed_and_reported(
    host: Host, url: str, prober: Prober
) -> None:
    host.data, host.ranges = media.placeholder(9000), False
    found, findings = prober.probe(url)
    assert found is not None
    assert (found.size, found.duration) == (len(host.data), 9000.0)
    assert [finding.rule for finding in findings] == ["HTP-06"]


def test_a_large_file_whose_size_is_nowhere_said_is_refused(host: Host, url: str, prober: Prober) -> None:
    host.data, host.ranges, host.length = media.placeholder(9000), False, False
    found, findings = prober.probe(url)
    assert found is None
    assert "does not say how large it is; nothing is known of it" in findings[0].message


def test_a_small_file_whose_size_is_not_said_is_counted(host: Host, url: str, prober: Prober) -> None:
    host.data, host.ranges, host.length = media.placeholder(60), False, False
    found, _ = prober.probe(url)
    assert found is not None
    assert found.size == len(host.data)


def test_redirects_are_followed_and_the_address_stays_the_one_asked_for(
    host: Host, url: str, httpserver: HTTPServer, prober: Prober
) -> None:
    host.data = media.placeholder(60)
    moved = httpserver.url_for("/old/12.mp3")
    httpserver.clear()
    httpserver.expect_request("/old/12.mp3").respond_with_data(status=302, headers={"Location": PATH})
    httpserver.expect_request(PATH).respond_with_handler(host)
    found, findings = prober.probe(moved)
    assert found is not None
    assert (found.url, found.size, findings) == (moved, len(host.data), ())
    assert url


def test_redirects_in_a_circle_end(httpserver: HTTPServer, prober: Prober) -> None:
    httpserver.expect_request("/a.mp3").respond_with_data(status=302, headers={"Location": "/a.mp3"})
    found, findings = prober.probe(httpserver.url_for("/a.mp3"))
    assert found is None
    assert "redirects more than 5 times" in findings[0].message


def test_a_failure_that_passes_is_asked_past(host: Host, url: str, prober: Prober) -> None:
    host.data, host.failures = media.placeholder(60), [503, 500]
    found, findings = prober.probe(url)
    assert found is not None
    assert findings == ()


def test_a_failure_that_stays_is_asked_three_times_and_the_last_known_facts_are_used(
    host: Host, url: str, prober: Prober
) -> None:
    known = RemoteMedia(url=url, type="audio/mpeg", size=5, duration=1.0)
    host.failures = [503] * 99
    found, findings = prober.probe(url, known)
    assert found is known
    assert [(finding.level, finding.rule) for finding in findings] == [("warning", "remote-audio")]
    assert findings[0].message == "answers 503; what was last known of it is used"
    assert len(host.requests) == 6


def test_what_is_known_of_another_address_is_not_used(host: Host, url: str, prober: Prober) -> None:
    host.failures = [404] * 99
    known = RemoteMedia(url=url + "?old", type="audio/mpeg", size=5)
    found, findings = prober.probe(url, known)
    assert found is None
    assert findings[0].message == "answers 404; nothing is known of it"


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (b"<!DOCTYPE html><title>Not here</title>", "text/html; charset=utf-8", "answers with text/html"),
        (b"<html>Log in first</html>", "audio/mpeg", "answers with audio/mpeg, which is not audio"),
        (b"", "audio/mpeg", "is empty"),
    ],
)
def test_what_is_no_audio_is_refused(
    data: bytes, kind: str, message: str, host: Host, url: str, prober: Prober
) -> None:
    host.data, host.type = data, kind
    found, findings = prober.probe(url)
    assert found is None
    assert message in findings[0].message


@pytest.mark.parametrize("address", ["ftp://example.org/a.mp3", "a.mp3", "http://", "http://[::1/a.mp3", ""])
def test_what_is_no_web_address_is_refused(address: str, prober: Prober) -> None:
    found, findings = prober.probe(address)
    assert found is None
    assert "is not a web address" in findings[0].message


class TestPrivateAddresses:
    @pytest.fixture
    def strict(self) -> Iterator[Prober]:
        with Prober(timeout=1.0, sleep=lambda _: None) as asking:
            yield asking

    def test_a_loopback_address_is_never_connected_to(self, host: Host, url: str, strict: Prober) -> None:
        found, findings = strict.probe(url)
        assert found is None
        assert "127.0.0.1" in findings[0].message
        assert host.requests == []

    @pytest.mark.parametrize(
        "address",
        ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],
    )
    def test_every_private_range_is_refused_at_once(self, address: str, strict: Prober) -> None:
        started = time.monotonic()
        found, findings = strict.probe(f"http://{address}:1/a.mp3")
        assert found is None
        assert findings[0].rule == "remote-audio"
        assert time.monotonic() - started < 0.9

    def test_a_redirect_into_a_private_network_is_refused(
        self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, strict: Prober
    ) -> None:
        """The server stands in for a public one, whose redirect leads to the machine itself."""
        secret = (
            httpserver.url_for("/secret.mp3")
            .replace("localhost", "127.0.0.2")
            .replace("127.0.0.1", "127.0.0.2")
        )
        httpserver.expect_request("/a.mp3").respond_with_data(status=302, headers={"Location": secret})
        monkeypatch.setattr("feeds.http.addresses.is_public", lambda address: address == "127.0.0.1")
        found, findings = strict.probe(httpserver.url_for("/a.mp3").replace("localhost", "127.0.0.1"))
        assert found is None
        assert "127.0.0.2" in findings[0].message
        assert [request.path for request, _ in httpserver.log] == ["/a.mp3", "/a.mp3"]


@pytest.fixture
def raw_server() -> Iterator[Callable[[bytes, float], str]]:
    """Starts a server that sends some bytes, one by one with a pause between, and then nothing."""
    listeners: list[socket.socket] = []

    def start(data: bytes, pause: float) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        def drip(connection: socket.socket) -> None:
            with connection:
                connection.recv(9999)
                try:
                    for byte in data:
                        connection.send(bytes([byte]))
                        time.sleep(pause)
                    connection.recv(1)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/a.mp3"

    yield start
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    ("data", "pause"),
    [
        (b"", 0.0),
        (b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nX-Slow: " + b"x" * 9999, 0.05),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 99999, 0.01),
    ],
    ids=["silent", "drips its headers", "drips its body"],
)
def test_a_server_that_hangs_is_given_up_within_the_time(
    data: bytes, pause: float, raw_server: Callable[[bytes, float], str]
) -> None:
    url = raw_server(data, pause)
    known = RemoteMedia(url=url, type="audio/mpeg", size=5, duration=1.0)
    started = time.monotonic()
    with Prober(allow_private=True, timeout=0.3, tries=1, sleep=lambda _: None) as prober:
        found, findings = prober.probe(url, known)
    assert time.monotonic() - started < 3
    assert found is known
    assert [finding.rule for finding in findings] == ["remote-audio"]


def test_a_server_that_is_not_there_is_reported(prober: Prober) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    _, findings = prober.probe(f"http://127.0.0.1:{port}/a.mp3")
    assert "nothing listens at this address" in findings[0].message
