"""Sources on the web, from a real server on loopback."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from tests.control.written import HEAD
from tests.project import NOON, Project
from werkzeug import Request, Response

from feeds import parsers

HOUR = timedelta(hours=1)


def rss(*titles: str) -> str:
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>id-{title}</guid>"
        f"<link>https://t.example/{title}</link></item>"
        for title in titles
    )
    return (
        f"<rss version='2.0'><channel><title>T</title><link>https://t.example/</link>"
        f"<description>d</description>{items}</channel></rss>"
    )


class Site:
    """Feeds by path, as a good host serves them, with a record of what was asked."""

    def __init__(self) -> None:
        self.bodies: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.down = False
        self.asked: list[tuple[str, int]] = []

    def __call__(self, request: Request) -> Response:
        response = self.answer(request)
        if request.path != "/robots.txt":
            self.asked.append((request.path, response.status_code))
        return response

    def answer(self, request: Request) -> Response:
        if self.down:
            return Response("", 410)
        if to := self.moved.get(request.path):
            return Response("", 301, {"Location": to})
        body = self.bodies.get(request.path)
        if body is None:
            return Response("", 404)
        response = Response(body, content_type="application/rss+xml")
        response.add_etag()
        response.make_conditional(request)
        return response


@pytest.fixture
def site(httpserver: HTTPServer) -> Iterator[Site]:
    site = Site()
    httpserver.expect_request("").respond_with_handler(site)
    for path in ("/robots.txt", "/a", "/b", "/c", "/list"):
        httpserver.expect_request(path).respond_with_handler(site)
    yield site
    httpserver.check_assertions()


@pytest.fixture
def project(tmp_path: Path, site: Site, httpserver: HTTPServer) -> Project:
    site.bodies["/a"] = rss("One", "Two")
    return subscribed(tmp_path, httpserver.url_for("/a"), "feed")


def subscribed(root: Path, address: str, format_: str, more: str = "") -> Project:
    project = Project(root)
    project.write(
        "config/feeds.toml",
        f'{HEAD}[[source]]\npath = "{address}"\nformat = "{format_}"\nallow_private = true\n{more}\n',
    )
    return project


def rules(project: Project, hours: int) -> list[str]:
    return [finding.rule for finding in project.build(NOON + hours * HOUR).findings]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the sources that are parsed, from here on."""
    names: list[str] = []
    parse: Callable[..., object] = parsers.parse

    def spied(source: object, *rest: object) -> object:
        names.append(getattr(source, "name", ""))
        return parse(source, *rest)

    monkeypatch.setattr(parsers, "parse", spied)
    return names


def test_an_unchanged_source_is_asked_conditionally_and_not_parsed_again(
    project: Project, site: Site, parsed: list[str]
) -> None:
    project.build()
    before = project.tree()
    report = project.build(NOON + HOUR)
    assert site.asked == [("/a", 200), ("/a", 304)]
    assert len(parsed) == 1
    assert (report.new, report.changed, report.unchanged, report.written) == (0, 0, 2, 0)
    assert project.tree() == before
    site.bodies["/a"] = rss("Zero", "One", "Two")
    assert project.build(NOON + 2 * HOUR).new == 1
    project.build(NOON + 3 * HOUR)
    assert [status for _, status in site.asked[2:]] == [200, 304]
    assert len(parsed) == 2


def test_after_a_change_of_the_configuration_the_whole_document_is_asked_for(
    project: Project, site: Site
) -> None:
    project.build()
    project.write("config/feeds.toml", project.config.read_text() + 'tags = ["x"]\n')
    assert project.build(NOON + HOUR).changed == 2
    assert site.asked == [("/a", 200), ("/a", 200)]


def test_a_source_that_fails_keeps_its_items_and_is_reported(project: Project, site: Site) -> None:
    project.build()
    before = project.tree()
    site.down = True
    report = project.build(NOON + HOUR)
    (finding,) = report.findings
    assert (finding.level, finding.rule) == ("error", "source-unreadable")
    assert finding.place.source.endswith("/a")
    assert project.tree() == before
    site.down = False
    assert rules(project, 2) == []
    assert site.asked[-1] == ("/a", 304)


def test_a_source_that_moved_for_good_is_read_there_and_reported_with_the_new_place(
    project: Project, site: Site, httpserver: HTTPServer
) -> None:
    project.build()
    site.bodies["/b"] = rss("One", "Two", "Three")
    site.moved["/a"] = "/b"
    report = project.build(NOON + HOUR)
    (finding,) = report.findings
    assert (finding.level, finding.rule) == ("warning", "source-moved")
    assert httpserver.url_for("/b") in finding.message
    assert set(project.items("all")) == {"One", "Two", "Three"}
    # Putting the new place into the configuration makes nothing look new.
    ids = {item["id"] for item in project.items("all").values()}
    subscribed(project.root, httpserver.url_for("/b"), "feed")
    report = project.build(NOON + 2 * HOUR)
    assert (report.new, report.findings) == (0, ())
    assert {item["id"] for item in project.items("all").values()} == ids


def test_a_private_address_is_refused_unless_allowed(project: Project, site: Site) -> None:
    project.write("config/feeds.toml", project.config.read_text().replace("allow_private = true", ""))
    assert rules(project, 0) == ["source-unreadable"]
    assert site.asked == []


def test_articles_of_a_feed_on_a_list_are_published_by_what_the_list_calls_it(
    tmp_path: Path, site: Site, httpserver: HTTPServer
) -> None:
    site.bodies.update({"/a": rss("One"), "/list": opml(httpserver, "/a").replace('text="/a"', 'text="Ann"')})
    project = subscribed(tmp_path, httpserver.url_for("/list"), "opml", 'any = ["publisher:Ann"]')
    project.build()
    assert project.items("all")["One"]["authors"] == [{"name": "Ann"}]


def test_a_list_in_a_file_of_feeds_on_the_web_is_never_left_as_it_is(
    tmp_path: Path, site: Site, httpserver: HTTPServer
) -> None:
    site.bodies["/a"] = rss("One")
    project = subscribed(tmp_path, "list.opml", "auto")
    project.write("config/list.opml", opml(httpserver, "/a"))
    for path in (tmp_path / "config").iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    project.run()
    site.bodies["/a"] = rss("One", "Two")
    project.run("--now", (NOON + HOUR).isoformat())
    assert set(project.items("all")) == {"One", "Two"}


def opml(httpserver: HTTPServer, *paths: str) -> str:
    outlines = "".join(
        f'<outline type="rss" text="{path}" xmlUrl="{httpserver.url_for(path)}"/>' for path in paths
    )
    return f'<opml version="2.0"><head/><body><outline text="x">{outlines}</outline></body></opml>'


@pytest.mark.parametrize("format_", ["opml", "auto"])
def test_each_feed_of_a_list_of_subscriptions_is_a_source(
    tmp_path: Path, site: Site, httpserver: HTTPServer, format_: str
) -> None:
    site.bodies.update({"/a": rss("One"), "/b": rss("Two"), "/list": opml(httpserver, "/a", "/b")})
    project = subscribed(tmp_path, httpserver.url_for("/list"), format_, 'removed = "drop"')
    assert project.build().new == 2
    assert set(project.items("all")) == {"One", "Two"}
    assert project.build(NOON + HOUR).written == 0
    assert ("/a", 304) in site.asked
    # One that fails does not touch the other, and keeps its items.
    site.bodies.update({"/a": rss("One", "Three")})
    del site.bodies["/b"]
    assert rules(project, 2) == ["source-unreadable"]
    assert set(project.items("all")) == {"One", "Two", "Three"}
    # Nor does the list itself, when it cannot be had.
    site.bodies.update({"/b": rss("Two", "Four")})
    del site.bodies["/list"]
    assert rules(project, 3) == ["source-unreadable"]
    assert set(project.items("all")) == {"One", "Two", "Three", "Four"}
    # A feed that the list has no longer is gone.
    site.bodies["/list"] = opml(httpserver, "/a")
    assert rules(project, 4) == []
    assert set(project.items("all")) == {"One", "Three"}
