"""What is asked of one address, and what its answer is said to be."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
import trustme
from tests.verify.links.server import FaultServer, serving

from feeds.http import Answer, Client, Question

TIMEOUT = 0.6


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[FaultServer]:
    context = None
    if request.param == "https":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(context) as server:
        yield server


@pytest.fixture
def client(authority: trustme.CA, tmp_path: Path) -> Iterator[Client]:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    with closing(Client(timeout=TIMEOUT, allow_private=True, authorities=file)) as client:
        yield client


def get(client: Client, url: str) -> Answer:
    return client.ask(Question(url=url, method="GET", wanted=10_000))


@pytest.mark.parametrize(
    "path", ["hangs", "drips-status", "drips-headers", "drips-body", "drips-gzip", "drips-chunks"]
)
def test_an_answer_cut_off_by_its_time_limit_is_a_timeout(
    path: str, client: Client, server: FaultServer
) -> None:
    started = monotonic()
    answer = get(client, server.url(path))
    assert answer.fault == "timeout", answer
    assert f"within {TIMEOUT} s" in answer.detail
    assert monotonic() - started < 10  # of the half a minute and more that it would take


@pytest.mark.parametrize("path", ["says-nothing", "cut-off"])
def test_an_answer_cut_off_by_its_server_is_not_a_timeout(
    path: str, client: Client, server: FaultServer
) -> None:
    assert get(client, server.url(path)).fault == "reset"


def test_a_body_that_the_server_does_not_take_in_time_is_a_timeout(
    client: Client, server: FaultServer
) -> None:
    answer = client.ask(Question(url=server.url("hangs"), method="POST", body=bytes(50_000_000)))
    assert answer.fault == "timeout", answer


def test_a_handshake_that_is_not_answered_is_a_timeout(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = get(client, f"https://127.0.0.1:{silent.getsockname()[1]}/")
    assert answer.fault == "timeout", answer


def test_a_question_may_have_a_shorter_time_of_its_own() -> None:
    started = monotonic()
    with serving() as server, closing(Client(timeout=30, allow_private=True)) as patient:
        answer = patient.ask(Question(url=server.url("hangs")), 0.2)
    assert (answer.fault, answer.detail) == ("timeout", "no answer within 0.2 s")
    assert monotonic() - started < 10


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 02 Jan 2026 03:05:00 GMT"}, 60),
        ({"retry-after": "Fri, 02 Jan 2026 03:05:00 GMT", "date": "Fri, 02 Jan 2026 03:04:50 GMT"}, 10),
        ({"retry-after": "Fri, 02 Jan 2026 03:05:00 GMT", "date": "today"}, 60),
        ({"retry-after": "Fri, 02 Jan 2026 03:03:00 GMT"}, 0),
    ],
)
def test_how_long_to_wait_is_seconds_or_a_date_by_the_clock_of_the_server(
    headers: dict[str, str], seconds: float | None
) -> None:
    answer = Answer(code=429, headers=headers, at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    assert answer.retry_after == seconds


@pytest.mark.parametrize(
    ("header", "location"),
    [("", ""), (" /b ", "/b"), ("/caf\u00c3\u00a9", "/caf\u00e9"), ("/caf\u00e9", "/caf\u00e9")],
)
def test_where_a_redirect_leads_may_be_told_in_utf_8_or_latin_1(header: str, location: str) -> None:
    assert Answer(code=301, headers={"location": header}).location == location


def test_headers_of_a_question_take_the_place_of_the_usual_ones(client: Client, server: FaultServer) -> None:
    client.ask(Question(url=server.url("status-200"), headers={"user-agent": "someone"}))
    headers = server.headers["/status-200"]
    assert (headers["user-agent"], headers["accept"]) == ("someone", "*/*")
