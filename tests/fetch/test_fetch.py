"""`fetch`: documents over HTTP, from a real server on loopback."""

import gzip
import importlib.util
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.errors import SourceError
from feeds.fetch import Fetched, Fetcher, Limits, Validators
from feeds.http import addresses

FEED = b"<rss version='2.0'><channel><title>T</title></channel></rss>"
LIMITS = Limits(size=100_000, timeout=1.5, hops=4, tries=3, wait=10)


@pytest.fixture
def naps() -> list[float]:
    """How long the fetcher would have waited, each time."""
    return []


@pytest.fixture
def fetcher(naps: list[float]) -> Iterator[Fetcher]:
    with Fetcher(limits=LIMITS, allow_private=True, robots=False, sleep=naps.append) as fetcher:
        yield fetcher


def refusal(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(SourceError) as caught:
        fetcher.get(url)
    assert caught.value.place is not None
    assert caught.value.place.source == url
    return caught.value.message


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Starts servers that answer a connection in any way at all."""
    listeners: list[socket.socket] = []
    stopped = threading.Event()

    def start(answer: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        def talk(connection: socket.socket) -> None:
            try:
                with connection:
                    connection.recv(65536)
                    answer(connection)
            except OSError:
                pass  # the client has had enough

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/feed"

    yield start
    stopped.set()
    for listener in listeners:
        listener.close()


def endless(piece: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return answer


class TestADocument:
    def test_comes_with_its_type_charset_and_validators(
        self, httpserver: HTTPServer, fetcher: Fetcher
    ) -> None:
        headers = {
            "Content-Type": "text/xml; charset=ISO-8859-1",
            "ETag": '"1"',
            "Last-Modified": "yesterday",
        }
        httpserver.expect_request("/feed").respond_with_data(FEED, headers=headers)
        url = httpserver.url_for("/feed")
        assert fetcher.get(url) == Fetched(
            address=url,
            url=url,
            data=FEED,
            type="text/xml",
            charset="ISO-8859-1",
            validators=Validators(etag='"1"', last_modified="yesterday"),
        )

    def test_becomes_a_source(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        httpserver.expect_request("/feed").respond_with_data(FEED, content_type="text/xml")
        source = fetcher.get(httpserver.url_for("/feed")).source(format="feed", show="s")
        assert (source.name, source.base_url, source.data, source.show) == (
            httpserver.url_for("/feed"),
            httpserver.url_for("/feed"),
            FEED,
            "s",
        )

    def test_is_unpacked(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        headers = {"Content-Encoding": "gzip"}
        httpserver.expect_request("/feed").respond_with_data(gzip.compress(FEED), headers=headers)
        assert fetcher.get(httpserver.url_for("/feed")).data == FEED

    def test_packed_by_brotli_is_unpacked(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        brotli = pytest.importorskip("brotli", reason="brotli is not installed; br is then not asked for")
        headers = {"Content-Encoding": "br"}
        httpserver.expect_request("/feed").respond_with_data(brotli.compress(FEED), headers=headers)
        assert fetcher.get(httpserver.url_for("/feed")).data == FEED

    def test_asks_for_what_it_can_unpack(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        httpserver.expect_request("/feed").respond_with_data(FEED)
        fetcher.get(httpserver.url_for("/feed"))
        asked = httpserver.log[-1][0].headers["Accept-Encoding"].split(",")
        assert "gzip" in asked
        assert ("br" in asked) == (importlib.util.find_spec("brotli") is not None)

    def test_that_nobody_can_unpack_is_refused(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        httpserver.expect_request("/feed").respond_with_data(b"?", headers={"Content-Encoding": "magic"})
        assert "'magic'" in refusal(fetcher, httpserver.url_for("/feed"))

    def test_that_claims_to_be_packed_and_is_not_is_refused(
        self, httpserver: HTTPServer, fetcher: Fetcher
    ) -> None:
        httpserver.expect_request("/feed").respond_with_data(FEED, headers={"Content-Encoding": "gzip"})
        assert "gzip" in refusal(fetcher, httpserver.url_for("/feed"))

    def test_at_an_address_with_other_letters_is_found(
        self, httpserver: HTTPServer, fetcher: Fetcher
    ) -> None:
        httpserver.expect_request("/é feed").respond_with_data(FEED)
        assert fetcher.get(httpserver.url_for("/") + "é feed#part").data == FEED


class TestAnUnchangedDocument:
    KNOWN = Validators(etag='"1"', last_modified="Fri, 02 Jan 2026 03:04:05 GMT")

    def test_is_not_sent_again(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        headers = {"If-None-Match": '"1"', "If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}
        httpserver.expect_request("/feed", headers=headers).respond_with_data(b"", status=304)
        fetched = fetcher.get(httpserver.url_for("/feed"), self.KNOWN)
        assert (fetched.data, fetched.validators) == (None, self.KNOWN)

    def test_is_no_source(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        httpserver.expect_request("/feed").respond_with_data(b"", status=304)
        with pytest.raises(ValueError, match="not modified"):
            fetcher.get(httpserver.url_for("/feed"), self.KNOWN).source(format="feed")

    def test_that_nobody_knew_is_refused(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        httpserver.expect_request("/feed").respond_with_data(b"", status=304)
        assert "304" in refusal(fetcher, httpserver.url_for("/feed"))


class TestARedirect:
    def moves(self, server: HTTPServer, *steps: tuple[str, int, str]) -> None:
        for path, code, target in steps:
            server.expect_request(path).respond_with_data(b"", status=code, headers={"Location": target})
        server.expect_request("/end").respond_with_data(FEED)

    @pytest.mark.parametrize("code", [301, 308])
    def test_for_good_tells_the_new_address(
        self, httpserver: HTTPServer, fetcher: Fetcher, code: int
    ) -> None:
        self.moves(httpserver, ("/a", code, "/end"))
        fetched = fetcher.get(httpserver.url_for("/a"))
        assert fetched.moved_to == fetched.url == httpserver.url_for("/end")

    @pytest.mark.parametrize("code", [302, 303, 307])
    def test_for_now_keeps_the_address(self, httpserver: HTTPServer, fetcher: Fetcher, code: int) -> None:
        self.moves(httpserver, ("/a", code, "/end"))
        fetched = fetcher.get(httpserver.url_for("/a"))
        assert (fetched.data, fetched.url, fetched.moved_to) == (FEED, httpserver.url_for("/end"), None)

    def test_for_good_holds_up_to_the_first_one_for_now(
        self, httpserver: HTTPServer, fetcher: Fetcher
    ) -> None:
        self.moves(httpserver, ("/a", 301, "/b"), ("/b", 302, "/c"), ("/c", 301, "/end"))
        assert fetcher.get(httpserver.url_for("/a")).moved_to == httpserver.url_for("/b")

    def test_in_a_circle_is_refused(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        self.moves(httpserver, ("/a", 302, "/b"), ("/b", 302, "/a"))
        assert "in a circle" in refusal(fetcher, httpserver.url_for("/a"))

    def test_after_redirect_after_redirect_is_refused(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        def on(request: Request) -> Response:
            return Response(status=302, headers={"Location": f"{request.path}x"})

        httpserver.expect_request(re.compile("/x*a*x*")).respond_with_handler(on)
        assert "more than 4 redirects" in refusal(fetcher, httpserver.url_for("/a"))

    def test_to_a_file_is_refused(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        self.moves(httpserver, ("/a", 302, "file:///etc/passwd"))
        assert "no web address" in refusal(fetcher, httpserver.url_for("/a"))


class TestAFailure:
    @pytest.mark.parametrize(
        ("code", "why"),
        [
            (404, "nothing at this address"),
            (410, "gone for good"),
            (401, "password"),
            (403, "refuses"),
            (418, "418"),
        ],
    )
    def test_that_lasts_says_why_at_once(
        self, httpserver: HTTPServer, fetcher: Fetcher, naps: list[float], code: int, why: str
    ) -> None:
        httpserver.expect_request("/feed").respond_with_data(b"", status=code)
        assert why in refusal(fetcher, httpserver.url_for("/feed"))
        assert naps == []

    @pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
    def test_that_passes_is_waited_for(
        self, httpserver: HTTPServer, fetcher: Fetcher, naps: list[float], code: int
    ) -> None:
        httpserver.expect_ordered_request("/feed").respond_with_data(b"", status=code)
        httpserver.expect_ordered_request("/feed").respond_with_data(b"", status=code)
        httpserver.expect_ordered_request("/feed").respond_with_data(FEED)
        assert fetcher.get(httpserver.url_for("/feed")).data == FEED
        assert naps == [1, 2]

    def test_that_does_not_pass_is_reported_after_three_tries(
        self, httpserver: HTTPServer, fetcher: Fetcher
    ) -> None:
        httpserver.expect_request("/feed").respond_with_data(b"", status=503)
        assert "503" in refusal(fetcher, httpserver.url_for("/feed"))
        assert len(httpserver.log) == 3

    def test_with_a_time_to_come_back_is_waited_for_as_long(
        self, httpserver: HTTPServer, fetcher: Fetcher, naps: list[float]
    ) -> None:
        soon = format_datetime(datetime.now(UTC) + timedelta(seconds=8), usegmt=True)
        for value in ("7", soon):
            headers = {"Retry-After": value}
            httpserver.expect_ordered_request("/feed").respond_with_data(b"", status=429, headers=headers)
        httpserver.expect_ordered_request("/feed").respond_with_data(FEED)
        fetcher.get(httpserver.url_for("/feed"))
        assert naps[0] == 7
        assert 5 < naps[1] <= 9

    def test_with_a_longer_wait_than_allowed_is_left_for_another_time(
        self, httpserver: HTTPServer, fetcher: Fetcher, naps: list[float]
    ) -> None:
        httpserver.expect_request("/feed").respond_with_data(b"", status=503, headers={"Retry-After": "3600"})
        assert "left alone for 3600 s" in refusal(fetcher, httpserver.url_for("/feed"))
        assert naps == []

    def test_to_connect_is_reported(self, fetcher: Fetcher) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        assert "nothing listens" in refusal(fetcher, f"http://127.0.0.1:{port}/feed")

    @pytest.mark.parametrize(
        "address", ["ftp://a.example/x", "file:///etc/passwd", "http://", "x", "http://[::1", "http://a:b/"]
    )
    def test_to_be_a_web_address_is_said(self, fetcher: Fetcher, address: str) -> None:
        assert "address" in refusal(fetcher, address)


class TestAHostileServer:
    def test_with_an_endless_body_is_left_at_the_limit(
        self, fetcher: Fetcher, raw_server: Callable[[Callable[[socket.socket], None]], str]
    ) -> None:
        assert "without an end" in refusal(fetcher, raw_server(endless(b"x" * 10_000)))

    def test_that_sends_byte_by_byte_is_left_when_its_time_is_up(
        self, naps: list[float], raw_server: Callable[[Callable[[socket.socket], None]], str]
    ) -> None:
        start = time.monotonic()
        limits = Limits(timeout=0.5, tries=1)
        with Fetcher(limits=limits, allow_private=True, robots=False, sleep=naps.append) as fetcher:
            assert "0.5 s" in refusal(fetcher, raw_server(endless(b"x", pause=0.05)))
        assert time.monotonic() - start < 10

    def test_with_a_small_body_that_unpacks_to_a_large_one_is_left_at_the_limit(
        self, httpserver: HTTPServer, fetcher: Fetcher
    ) -> None:
        bomb = gzip.compress(b"\0" * 50_000_000)
        httpserver.expect_request("/feed").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
        assert "more than 100,000 bytes" in refusal(fetcher, httpserver.url_for("/feed"))


class TestPrivateAddresses:
    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "0.0.0.0", "2130706433"]
    )
    def test_are_refused(self, host: str) -> None:
        with Fetcher(limits=LIMITS, robots=False) as fetcher:
            assert f"{host.strip('[]')} " in refusal(fetcher, f"http://{host}:1/feed")

    def test_are_refused_behind_a_redirect_too(
        self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The only server at hand is on a private address; here it plays the public one.
        monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
        target = f"http://127.0.0.2:{httpserver.port}/secret"
        httpserver.expect_request("/feed").respond_with_data(b"", status=302, headers={"Location": target})
        with Fetcher(limits=LIMITS, robots=False) as fetcher:
            assert "127.0.0.2" in refusal(fetcher, f"http://127.0.0.1:{httpserver.port}/feed")


class TestRobotsTxt:
    @pytest.fixture
    def polite(self) -> Iterator[Fetcher]:
        with Fetcher(limits=LIMITS, allow_private=True, sleep=lambda _: None) as fetcher:
            yield fetcher

    def serve(self, server: HTTPServer, robots: str, status: int = 200) -> str:
        server.expect_request("/robots.txt").respond_with_data(robots, status=status)
        server.expect_request("/feed").respond_with_data(FEED)
        return server.url_for("/feed")

    @pytest.mark.parametrize("who", ["*", "feeds"])
    def test_keeps_us_out(self, httpserver: HTTPServer, polite: Fetcher, who: str) -> None:
        url = self.serve(httpserver, f"User-agent: {who}\nDisallow: /feed\n")
        assert "forbids programs to read" in refusal(polite, url)

    def test_of_others_does_not_concern_us(self, httpserver: HTTPServer, polite: Fetcher) -> None:
        url = self.serve(httpserver, "User-agent: other\nDisallow: /\n")
        assert polite.get(url).data == FEED

    def test_that_is_not_there_lets_us_in(self, httpserver: HTTPServer, polite: Fetcher) -> None:
        assert polite.get(self.serve(httpserver, "", status=404)).data == FEED

    def test_that_fails_keeps_us_out(self, httpserver: HTTPServer, polite: Fetcher) -> None:
        assert "cannot be read" in refusal(polite, self.serve(httpserver, "", status=500))

    def test_is_asked_once(self, httpserver: HTTPServer, polite: Fetcher) -> None:
        url = self.serve(httpserver, "")
        polite.get(url)
        polite.get(url)
        assert [request.path for request, _ in httpserver.log] == ["/robots.txt", "/feed", "/feed"]

    def test_does_not_matter_where_we_are_told_so(self, httpserver: HTTPServer, fetcher: Fetcher) -> None:
        assert fetcher.get(self.serve(httpserver, "User-agent: *\nDisallow: /\n")).data == FEED
