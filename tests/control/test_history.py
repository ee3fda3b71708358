"""Feeds that are followed back to their first item, from a real server on loopback."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from tests.control.written import HEAD
from tests.project import CONFIG, NOON, Project, card
from werkzeug import Request, Response

from feeds.errors import SourceError
from feeds.history import MOST, History, follow
from feeds.model import Article, Earlier, Finding, Parsed, Place

HOUR = timedelta(hours=1)
FIVE = CONFIG.replace("\n[[", "limit = 5\n\n[[", 1)


class Site:
    """The output of a project at an address, with a record of what was asked."""

    def __init__(self, root: Path, url: str) -> None:
        self.project = Project.with_listing(root, config=FIVE)
        self.url = url
        self.broken: set[str] = set()
        self.asked: list[str] = []

    def build(self, count: int, hours: int = 0) -> None:
        listing = "".join(card(f"Title {number}") for number in range(count, 0, -1))
        self.project.write("config/articles.txt", listing)
        self.project.build(NOON + hours * HOUR, base_url=self.url)

    def __call__(self, request: Request) -> Response:
        path = request.path.lstrip("/")
        file = self.project.output / path
        if path == "robots.txt" or path in self.broken or not file.is_file():
            return Response("", 404)
        self.asked.append(path)
        response = Response(file.read_bytes())
        response.add_etag()
        response.make_conditional(request)
        return response


@pytest.fixture
def site(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Site]:
    """Twelve articles, of which feeds hold five."""
    site = Site(tmp_path / "site", httpserver.url_for("/"))
    httpserver.expect_request(re.compile(".*")).respond_with_handler(site)
    site.build(12)
    yield site
    httpserver.check_assertions()


def subscribed(root: Path, address: str, more: str = "") -> Project:
    project = Project(root)
    source = f'[[source]]\npath = "{address}"\nformat = "feed"\nallow_private = true\n{more}\n'
    project.write("config/feeds.toml", HEAD + source)
    return project


def dates(project: Project) -> dict[str, tuple[str, str, str]]:
    """Id and dates of all articles, by title, from their feed and its archive."""
    return {
        item["title"]: (item["id"], item["date_published"], item["date_modified"])
        for file in sorted((project.output / "all").rglob("feed.json"))
        for item in json.loads(file.read_bytes())["items"]
    }


def titles(count: int) -> set[str]:
    return {f"Title {number}" for number in range(1, count + 1)}


@pytest.mark.parametrize("file", ["rss.xml", "atom.xml", "feed.json"])
def test_a_site_moves_with_all_its_items_their_ids_and_dates(tmp_path: Path, site: Site, file: str) -> None:
    site.project.write(
        "config/articles.txt",
        (site.project.root / "config/articles.txt").read_text("utf-8").replace("something", "more", 1),
    )
    site.project.build(NOON + HOUR, base_url=site.url)
    project = subscribed(tmp_path, f"{site.url}all/{file}")
    report = project.build(NOON + 2 * HOUR)
    assert (report.new, report.findings) == (12, ())
    expected = dates(site.project)
    if file == "rss.xml":  # which has no date of change
        expected = {title: (id_, date, date) for title, (id_, date, _) in expected.items()}
    assert dates(project) == expected


def test_pages_of_an_archive_are_asked_for_once_and_nothing_on_them_is_gone(
    tmp_path: Path, site: Site
) -> None:
    project = subscribed(tmp_path, f"{site.url}all/atom.xml", 'removed = "drop"')
    project.build(NOON)
    assert site.asked == [f"all/{page}atom.xml" for page in ("", "archive/2/", "archive/1/")]
    for count in range(13, 20):
        site.asked.clear()
        site.build(count, count)
        report = project.build(NOON + count * HOUR)
        new = ["all/archive/3/atom.xml"] if count == 15 else []
        assert site.asked == ["all/atom.xml", *new]
        assert (report.new, report.changed, report.gone) == (1, 0, 0)
    assert dates(project).keys() == titles(19)


def test_pages_that_move_on_are_read_again_and_what_they_list_no_longer_is_gone(
    tmp_path: Path, site: Site
) -> None:
    project = subscribed(tmp_path, f"{site.url}all/feed.json", 'removed = "drop"')
    project.build(NOON)
    site.asked.clear()
    config = FIVE.replace('format = "listing"', 'format = "listing"\nremoved = "drop"')
    site.project.write("config/feeds.toml", config)
    cards = "".join(card(f"Title {number}") for number in range(13, 0, -1) if number != 3)
    site.project.write("config/articles.txt", cards)
    site.project.build(NOON + HOUR, base_url=site.url)
    report = project.build(NOON + HOUR)
    assert site.asked == [f"all/{page}feed.json" for page in ("", "archive/2/", "archive/1/")]
    assert (report.new, report.gone) == (1, 1)
    assert dates(project).keys() == titles(13) - {"Title 3"}


def test_a_page_that_cannot_be_had_is_reported_and_read_when_it_can(tmp_path: Path, site: Site) -> None:
    project = subscribed(tmp_path, f"{site.url}all/rss.xml", 'removed = "drop"')
    project.build(NOON)
    site.build(13, 1)
    project.write("config/feeds.toml", project.config.read_text("utf-8") + 'tags = ["more"]\n')
    site.broken = {"all/archive/2/rss.xml"}
    report = project.build(NOON + HOUR)
    assert [finding.rule for finding in report.findings] == ["history"]
    assert report.findings[0].place.source == f"{site.url}all/archive/2/rss.xml"
    assert (report.new, report.gone) == (1, 0)
    assert dates(project).keys() == titles(13)
    assert len(json.loads((project.output / "topics/more/feed.json").read_bytes())["items"]) == 5
    site.broken = set()
    assert project.build(NOON + 3 * HOUR).findings == ()
    assert len(json.loads((project.output / "topics/more/feed.json").read_bytes())["items"]) == 13


def test_no_more_is_read_than_is_to_be_taken(tmp_path: Path, site: Site) -> None:
    project = subscribed(tmp_path, f"{site.url}all/rss.xml", "limit = 4")
    project.build(NOON)
    assert site.asked == ["all/rss.xml"]
    assert dates(project).keys() == {f"Title {number}" for number in (12, 11, 10, 9)}


class Pages:
    """Feeds by address; a number leads on to the page of that number, an item is named as its title."""

    def __init__(self, **pages: tuple[str, str | None]) -> None:
        self._pages = pages
        self.asked: list[str] = []

    def read(self, url: str) -> Parsed:
        self.asked.append(url)
        if url not in self._pages:
            raise SourceError("answers 404", Place(source=url))
        titles, following = self._pages[url]
        return Parsed(
            items=tuple(Article(title=title, id=title.lower()) for title in titles),
            earlier=Earlier(url=following) if following else None,
        )

    def follow(self, most: int = MOST) -> History:
        return follow(self.read("a"), "a", read=self.read, most=most)


def held(history: History) -> str:
    return "".join(item.title for item in history.items)


def rules(history: History) -> list[str]:
    return [finding.rule for finding in history.findings if isinstance(finding, Finding)]


def test_what_several_documents_hold_comes_once_as_the_first_has_it() -> None:
    history = Pages(a=("AB", "b"), b=("bC", "c"), c=("CcD", None)).follow()
    assert held(history) == "ABCD"
    assert (history.is_whole, rules(history)) == (True, [])


def test_what_one_document_holds_twice_is_left_to_others() -> None:
    assert held(Pages(a=("AA", None)).follow()) == "AA"


@pytest.mark.parametrize("back_to", ["a", "b", "c"])
def test_documents_that_lead_in_a_circle_are_read_once_and_reported(back_to: str) -> None:
    pages = Pages(a=("A", "b"), b=("B", "c"), c=("C", back_to))
    history = pages.follow()
    assert held(history) == "ABC"
    assert pages.asked == ["a", "b", "c"]
    assert (history.is_whole, rules(history)) == (False, ["history"])


def test_a_feed_without_an_end_is_read_up_to_a_bound() -> None:
    history = Pages(a=("A", "b"), b=("B", "c"), c=("C", "d"), d=("D", None)).follow(most=3)
    assert held(history) == "ABC"
    assert (history.is_whole, rules(history)) == (False, ["history"])


def test_a_document_that_cannot_be_had_costs_only_what_lies_behind_it() -> None:
    history = Pages(a=("A", "b"), b=("B", "gone")).follow()
    assert held(history) == "AB"
    assert (history.is_whole, history.is_broken, rules(history)) == (False, True, ["history"])
