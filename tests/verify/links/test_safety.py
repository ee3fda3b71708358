"""What is not asked, and which certificates are not trusted."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.verify.links.memory import Remembered
from tests.verify.links.server import FaultServer, serving

from feeds.http.addresses import is_public
from feeds.model import Place
from feeds.verify.links import Result, Settings, Target
from feeds.verify.links.check import check

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SETTINGS = Settings(timeout=1, retries=1, retry_wait=0.1, host_delay=0, robots=False)


def one(url: str, settings: Settings = SETTINGS) -> Result:
    targets = [Target(url=url, role="note", places=(Place(source="feed.xml"),))]
    (result,) = check(targets, settings, Remembered(), now=NOW)
    return result


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


@contextmanager
def resolving(monkeypatch: pytest.MonkeyPatch, **hosts: object) -> Iterator[None]:
    """Stand in for the resolver: `host_example="127.0.0.1"` is host.example, an exception is raised."""
    real = socket.getaddrinfo
    known = {name.replace("_", "."): answer for name, answer in hosts.items()}

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        answer = known.get(host, host)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            time.sleep(answer)
            answer = "127.0.0.1"
        return real(str(answer), port, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_an_address_that_only_some_can_reach_is_not_public(address: str) -> None:
    assert not is_public(address)


def test_an_address_that_anybody_can_reach_is_public() -> None:
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert is_public("64:ff9b::5db8:d70e")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_a_private_host_is_not_asked_however_it_is_written(host: str, server: FaultServer) -> None:
    result = one(f"http://{host}:{server.open_port()}/status-200")
    assert (result.status, result.level) == ("skipped", "warning"), result
    assert not server.requests


def test_a_name_that_leads_to_a_private_address_is_not_asked(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with resolving(monkeypatch, inside_example="127.0.0.1"):
        result = one(f"http://inside.example:{server.open_port()}/status-200")
    assert result.status == "skipped"
    assert not server.requests


def test_a_redirect_to_a_private_address_is_not_followed(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first host stands for a public one; what it redirects to is judged anew.
    real = is_public
    monkeypatch.setattr(
        "feeds.http.addresses.is_public", lambda address: address == "127.0.0.1" or real(address)
    )
    result = one(server.url("to-private"))
    assert result.status == "skipped"
    assert "169.254.169.254" in result.reason


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "broken"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "transient"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), "transient"),
        (30.0, "transient"),
        ("127.0.0.1", "ok"),
    ],
)
def test_a_resolver_that_fails_is_told_from_a_name_that_does_not_exist(
    answer: object, expected: str, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = time.monotonic()
    with resolving(monkeypatch, host_example=answer):
        result = one(
            f"http://host.example:{server.open_port()}/status-200",
            replace(SETTINGS, allow_private=True, timeout=0.5 if answer == 30.0 else 10),
        )
    assert result.status == expected, result
    assert time.monotonic() - started < 15


def test_a_proxy_of_the_environment_is_asked_for_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.open_port()}")
        monkeypatch.setenv("no_proxy", "inside.example")
        assert one("http://outside.example/status-200").status == "ok"
        assert proxy.requests == {("HEAD", "http://outside.example/status-200"): 1}


class TestCertificates:
    """A certificate that is not valid is reported with the reason."""

    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    def ask(self, context: ssl.SSLContext, authority: trustme.CA, folder: Path) -> Result:
        file = folder / "authority.pem"
        authority.cert_pem.write_to_path(file)
        with serving(context) as server:
            return one(server.url("status-200"), replace(SETTINGS, allow_private=True, authorities=file))

    def context(self, certificate: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
        return context

    def test_a_valid_one_is_ok(self, authority: trustme.CA, tmp_path: Path) -> None:
        certificate = authority.issue_cert("127.0.0.1")
        assert self.ask(self.context(certificate), authority, tmp_path).status == "ok"

    def test_an_expired_one_names_its_day(self, authority: trustme.CA, tmp_path: Path) -> None:
        certificate = authority.issue_cert(
            "127.0.0.1",
            not_before=datetime(2024, 1, 1, tzinfo=UTC),
            not_after=datetime(2025, 3, 4, tzinfo=UTC),
        )
        result = self.ask(self.context(certificate), authority, tmp_path)
        assert (result.status, result.reason) == ("insecure", "the certificate expired on 2025-03-04")

    def test_one_of_the_future_names_its_day(self, authority: trustme.CA, tmp_path: Path) -> None:
        certificate = authority.issue_cert(
            "127.0.0.1",
            not_before=datetime(2090, 1, 1, tzinfo=UTC),
            not_after=datetime(2090, 3, 4, tzinfo=UTC),
        )
        result = self.ask(self.context(certificate), authority, tmp_path)
        assert (result.status, result.reason) == (
            "insecure",
            "the certificate is valid only from 2090-01-01 on",
        )

    def test_one_for_other_names_tells_them(self, authority: trustme.CA, tmp_path: Path) -> None:
        certificate = authority.issue_cert("www.example.org", "example.org")
        result = self.ask(self.context(certificate), authority, tmp_path)
        assert result.status == "insecure"
        assert result.reason == "the certificate is for www.example.org, example.org, not for 127.0.0.1"

    def test_one_of_an_unknown_authority_is_not_trusted(self, authority: trustme.CA, tmp_path: Path) -> None:
        certificate = trustme.CA().issue_cert("127.0.0.1")
        result = self.ask(self.context(certificate), authority, tmp_path)
        assert result.status == "insecure"
        assert "not trusted" in result.reason

    def test_one_signed_by_itself_is_not_trusted(self, authority: trustme.CA, tmp_path: Path) -> None:
        result = self.ask(self_signed(tmp_path), authority, tmp_path)
        assert (result.status, result.reason) == (
            "insecure",
            "the certificate is self-signed",
        )

    def test_a_host_that_does_not_speak_tls_is_insecure(self, server: FaultServer) -> None:
        url = server.url("status-200").replace("http:", "https:")
        result = one(url, replace(SETTINGS, allow_private=True))
        assert result.status == "insecure", result
        assert "no secure connection" in result.reason


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "self-signed.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context
