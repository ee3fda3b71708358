"""How a run treats hosts, time, settings and people."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

import pytest
from tests.verify.links.memory import Remembered
from tests.verify.links.server import FaultServer, serving

from feeds.model import Place
from feeds.verify.links import (
    HostSettings,
    Ignore,
    Progress,
    Result,
    Role,
    Settings,
    Target,
    findings,
)
from feeds.verify.links.check import check

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SETTINGS = Settings(timeout=10, retries=1, retry_wait=0.1, host_delay=0, robots=False, allow_private=True)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


def target(url: str, role: Role = "note", source: str = "feed.xml", line: int = 1) -> Target:
    return Target(url=url, role=role, places=(Place(source=source, line=line),))


def run(*urls: str, settings: Settings = SETTINGS, role: Role = "note") -> list[Result]:
    return list(check([target(url, role) for url in urls], settings, Remembered(), now=NOW))


def one(url: str, settings: Settings = SETTINGS, role: Role = "note") -> Result:
    (result,) = run(url, settings=settings, role=role)
    return result


def test_an_address_is_asked_once_and_reported_with_all_its_places(server: FaultServer) -> None:
    url = server.url("status-404")
    targets = [
        target(url, source="a.xml"),
        target(url, source="b.xml", line=7),
        target(url, source="b.xml", line=9),
    ]
    (result,) = check(targets, SETTINGS, Remembered(), now=NOW)
    assert [str(place) for place in result.places] == ["a.xml:1", "b.xml:7", "b.xml:9"]
    assert server.asked("/status-404", "HEAD") == server.asked("/status-404", "GET") == 1


def test_spellings_of_one_address_are_asked_once_and_reported_each(server: FaultServer) -> None:
    page = server.url("page")
    urls = [page, f"{page}#here", f"{page}#nowhere", page.replace("http:", "HTTP:")]
    results = {result.url: result.status for result in run(*urls)}
    assert results == dict(zip(urls, ["ok", "ok", "suspicious", "ok"], strict=True))
    assert server.asked("/page") == 1


def test_the_new_address_of_a_moved_link_is_where_its_permanent_redirects_end(server: FaultServer) -> None:
    result = one(server.url("moved-then-found"))
    assert result.moved_to == result.url.replace("moved-then-found", "found")
    assert [hop.code for hop in result.hops] == [301, 302]


def test_a_moved_link_keeps_its_fragment(server: FaultServer) -> None:
    result = one(server.url("moved-301") + "#:~:text=word")
    assert result.moved_to is not None
    assert result.moved_to.endswith("/status-200#:~:text=word")


def test_media_are_never_fetched_whole(server: FaultServer) -> None:
    kinds = ("audio", "audio-unannounced", "audio-without-head")
    run(*(server.url(f"{kind}/{number}") for kind in kinds for number in range(5)), role="enclosure")
    assert server.sent < 10_000


def test_a_host_that_ignores_ranges_is_hung_up_on(server: FaultServer) -> None:
    one(server.url("audio-without-ranges"), role="enclosure")
    assert server.sent < 10_000_000


def test_a_host_is_asked_no_more_at_once_than_allowed(server: FaultServer) -> None:
    port = server.open_port()
    urls = [f"http://127.0.0.1:{port}/slow/{number}" for number in range(8)]
    run(*urls, settings=replace(SETTINGS, host_limit=2))
    assert server.most_at_once == 2


def test_a_host_is_left_in_peace_between_requests(server: FaultServer) -> None:
    port = server.open_port()
    started = monotonic()
    run(
        *(f"http://127.0.0.1:{port}/status-200/{number}" for number in range(6)),
        settings=replace(SETTINGS, host_delay=0.1),
    )
    assert monotonic() - started > 0.5


def test_a_delay_in_robots_txt_is_honoured_unless_switched_off(server: FaultServer) -> None:
    port = server.open_port()
    urls = [f"http://127.0.0.1:{port}/status-200/{number}" for number in range(3)]
    started = monotonic()
    run(*urls, settings=replace(SETTINGS, robots=True))
    assert monotonic() - started > 0.9
    assert server.asked("/robots.txt") == 1
    run(*urls)
    assert server.asked("/robots.txt") == 1


def test_robots_txt_is_not_asked_for_a_single_link(server: FaultServer) -> None:
    one(server.url("status-200"), replace(SETTINGS, robots=True))
    assert server.asked("/robots.txt") == 0


def test_a_waiting_host_holds_no_worker(server: FaultServer) -> None:
    waiting = [server.url(f"wait-seconds/{number}") for number in range(3)]
    others = [server.url(f"status-200/{number}") for number in range(3)]
    results = run(*waiting, *others, settings=replace(SETTINGS, limit=1, wait_budget=5))
    assert [result.status for result in results] == ["ok"] * 6
    assert {result.url for result in results[:3]} == set(others)


def test_a_host_is_not_asked_while_it_has_asked_to_wait(server: FaultServer) -> None:
    port = server.open_port()
    urls = [f"http://127.0.0.1:{port}/{path}" for path in ("wait-seconds", "status-200/1", "status-200/2")]
    started = monotonic()
    results = run(*urls, settings=replace(SETTINGS, host_limit=1, wait_budget=5))
    assert [result.status for result in results] == ["ok"] * 3
    assert monotonic() - started > 1


def test_a_wait_beyond_the_budget_ends_at_once(server: FaultServer) -> None:
    started = monotonic()
    result = one(server.url("wait-an-hour-429"))
    assert monotonic() - started < 10
    assert "60 min" in result.reason


def test_a_dead_host_is_given_up_after_some_links() -> None:
    urls = [f"http://127.0.0.1:1/{number}" for number in range(50)]
    started = monotonic()
    results = run(*urls, settings=replace(SETTINGS, host_limit=2))
    assert {result.status for result in results} == {"transient"}
    assert monotonic() - started < 10
    asked = [result for result in results if "not checked further" not in result.reason]
    assert len(results) == 50
    assert len(asked) < 10


def test_a_request_ends_in_time_though_bytes_keep_coming(server: FaultServer) -> None:
    started = monotonic()
    result = one(server.url("drips-headers"), replace(SETTINGS, retries=0, timeout=0.5))
    assert result.status == "transient"
    assert monotonic() - started < 10  # of the minute that it would take


def test_a_run_ends_in_time_and_names_what_it_did_not_ask(server: FaultServer) -> None:
    urls = [server.url("hangs"), server.url("status-200")]
    started = monotonic()
    results = run(*urls, settings=replace(SETTINGS, timeout=30, deadline=2))
    assert monotonic() - started < 10
    assert [result.status for result in results] == ["ok", "skipped"]
    assert "out of time" in results[1].reason


def test_an_interrupted_run_gives_what_is_known(server: FaultServer) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done:
            os.kill(os.getpid(), signal.SIGINT)

    targets = [target(server.url(path)) for path in ("hangs", "status-200")]
    results = list(check(targets, replace(SETTINGS, timeout=30), Remembered(), now=NOW, progress=interrupt))
    assert [result.status for result in results] == ["ok", "skipped"]
    assert "interrupted" in results[1].reason


def test_progress_names_the_hosts_that_are_waited_for(server: FaultServer) -> None:
    seen: list[Progress] = []
    urls = [server.url("wait-seconds/1"), server.url("status-200")]
    settings = replace(SETTINGS, retry_wait=2, wait_budget=5)
    targets = [target(url) for url in [server.url("always-429"), *urls]]
    list(check(targets, settings, Remembered(), now=NOW, progress=seen.append))
    assert (seen[-1].done, seen[-1].total) == (3, 3)
    assert any(progress.waiting and progress.waiting[0].links == 1 for progress in seen)


def test_the_settings_of_a_host_hold_for_it_alone(server: FaultServer) -> None:
    accepted, other = server.url("status-403"), server.url("status-403")
    host = accepted.split("/")[2]
    settings = replace(SETTINGS, hosts={host: HostSettings(accept=frozenset({403}))})
    results = {result.url: result.status for result in run(accepted, other, settings=settings)}
    assert results == {accepted: "ok", other: "blocked"}


def test_headers_of_a_host_are_not_sent_to_where_it_redirects(server: FaultServer) -> None:
    url = server.url("to-other-host")
    settings = replace(
        SETTINGS, hosts={url.split("/")[2]: HostSettings(headers={"Authorization": "Bearer secret"})}
    )
    assert one(url, settings).status == "ok"
    first, second = server.headers["/to-other-host"], server.headers["/status-200"]
    assert first["authorization"] == "Bearer secret"
    assert "authorization" not in second


def test_a_header_that_would_smuggle_another_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        HostSettings(headers={"X-One": "1\r\nX-Two: 2"})


def test_a_password_in_an_address_is_not_sent_to_where_it_redirects(server: FaultServer) -> None:
    url = server.url("to-other-host").replace("http://", "http://user:pass@")
    assert one(url).status == "ok"
    assert server.headers["/to-other-host"]["authorization"] == "Basic dXNlcjpwYXNz"
    assert "authorization" not in server.headers["/status-200"]


def test_cookies_are_not_sent_to_another_host(server: FaultServer) -> None:
    assert one(server.url("to-other-host")).status == "ok"
    assert "cookie" not in server.headers["/status-200"]


def test_the_user_agent_says_who_asks(server: FaultServer) -> None:
    one(server.url("status-200"))
    assert server.headers["/status-200"]["user-agent"].startswith("feeds/")


def test_an_ignored_failure_is_skipped_until_its_day(server: FaultServer) -> None:
    url = server.url("status-404")
    ignore = Ignore(pattern="*/status-404", reason="known", until=date(2026, 1, 2))
    assert one(url, replace(SETTINGS, ignores=(ignore,))).status == "skipped"
    over = replace(ignore, until=date(2026, 1, 1))
    assert one(url, replace(SETTINGS, ignores=(over,))).status == "broken"


def test_an_ignored_link_that_moved_is_skipped_whether_it_is_asked_or_remembered(server: FaultServer) -> None:
    settings = replace(SETTINGS, ignores=(Ignore(pattern="*/moved-301", reason="known"),))
    memory = Remembered()
    for _ in range(2):
        (result,) = check([target(server.url("moved-301"))], settings, memory, now=NOW)
        assert (result.status, result.level) == ("skipped", None)


def test_an_ignore_without_a_purpose_is_reported(server: FaultServer) -> None:
    used = Ignore(pattern="*/status-404", reason="used")
    works = Ignore(pattern="*/status-200", reason="works")
    nothing = Ignore(pattern="https://nowhere.example/*", reason="nothing")
    over = Ignore(pattern="*/status-500", reason="over", until=date(2026, 1, 1))
    ignores = (used, works, nothing, over)
    results = run(
        server.url("status-404"), server.url("status-200"), settings=replace(SETTINGS, ignores=ignores)
    )
    assert [str(finding) for finding in findings(results, ignores, NOW.date())] == [
        "*/status-200: info: the ignore (works) is not needed: its links work again; remove it [link-ignore]",
        "https://nowhere.example/*: info: the ignore (nothing) matches no link; remove it [link-ignore]",
        "*/status-500: info: the ignore (over) ended on 2026-01-01; remove it [link-ignore]",
    ]


def test_findings_say_what_to_do_and_where(server: FaultServer) -> None:
    gone, blocked, fine = server.url("status-410"), server.url("status-403"), server.url("status-200")
    targets = [target(gone, "item"), target(gone, "item", "b.xml"), target(blocked), target(fine)]
    found = list(findings(check(targets, SETTINGS, Remembered(), now=NOW)))
    assert sorted((finding.level, finding.rule) for finding in found) == [
        ("error", "link-broken"),
        ("info", "link-blocked"),
    ]
    broken = next(finding for finding in found if finding.level == "error")
    assert broken.message == (
        f"item link {gone}: is gone for good, 410; remove or replace it (also in b.xml:1)"
    )


def test_links_not_asked_for_one_reason_share_a_finding(server: FaultServer) -> None:
    results = run(
        *(server.url(f"hangs/{number}") for number in range(3)),
        settings=replace(SETTINGS, timeout=30, deadline=0.3),
    )
    (finding,) = findings(results)
    assert "and 2 more" in finding.message


@pytest.mark.parametrize(
    "url",
    [
        "mailto:someone@example.org",
        "mailto:a@example.org,b@example.org?subject=Hello%20you&body=x",
        "tel:+49-30-1234567",
        "tel:7042;phone-context=example.com",
        "geo:52.5,13.4",
        "urn:isbn:9780140449136",
        "data:text/plain,hello",
    ],
)
def test_an_address_of_another_scheme_is_right_by_its_shape(url: str) -> None:
    assert one(url).status == "ok"


@pytest.mark.parametrize(
    "url",
    [
        "mailto:",
        "mailto:someone",
        "mailto:some one@example.org",
        "tel:call-me",
        "javascript:alert(1)",
        "/relative/path",
        "page.html",
        "https://",
        "https://exa mple.org/",
        "http://[::1/",
        "https://example.org:99999/",
        "",
    ],
)
def test_an_address_that_cannot_work_is_broken_without_asking(url: str) -> None:
    result = one(url)
    assert (result.status, result.level) == ("broken", "error"), result


def test_an_address_of_a_scheme_that_is_not_known_is_skipped() -> None:
    result = one("podcast://example.org/feed")
    assert (result.status, result.level) == ("skipped", None)


class TestLocal:
    """Addresses of the site itself are checked against its files."""

    BASE = "https://site.example/"

    def of(self, root: Path, path: str, role: Role = "note", **promises: int) -> Result:
        def local(url: str) -> Path | None:
            return root / url.removeprefix(self.BASE) if url.startswith(self.BASE) else None

        held = replace(target(self.BASE + path, role), **promises)  # type: ignore[arg-type]
        (result,) = check([held], SETTINGS, Remembered(), now=NOW, local=local)
        return result

    def test_a_file_that_is_there_is_ok(self, tmp_path: Path) -> None:
        (tmp_path / "all").mkdir()
        (tmp_path / "all" / "index.html").write_text("<h1 id=top-of-it>All</h1>")
        assert self.of(tmp_path, "all/").status == "ok"
        assert self.of(tmp_path, "all/#top-of-it").status == "ok"

    def test_a_missing_file_or_fragment_is_found(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text("<h1>Home</h1>")
        missing = self.of(tmp_path, "nothing.html")
        assert (missing.status, missing.level) == ("broken", "error")
        assert self.of(tmp_path, "#nowhere").status == "suspicious"

    @pytest.mark.parametrize("path", ["a\0b", "a" * 300])
    def test_an_address_that_no_file_can_have_is_broken(self, tmp_path: Path, path: str) -> None:
        assert self.of(tmp_path, path).status == "broken"

    def test_a_file_of_another_size_than_promised_is_suspicious(self, tmp_path: Path) -> None:
        (tmp_path / "a.mp3").write_bytes(b"123")
        assert self.of(tmp_path, "a.mp3", "enclosure", size=3).status == "ok"
        assert self.of(tmp_path, "a.mp3", "enclosure", size=4).status == "suspicious"

    def test_chapters_are_read(self, tmp_path: Path) -> None:
        (tmp_path / "chapters.json").write_text("[]")
        assert self.of(tmp_path, "chapters.json", "chapters").status == "suspicious"
