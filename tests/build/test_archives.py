"""Archives of feeds that have more items than they hold (RFC 5005, section 4)."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from tests.project import CONFIG, NOON, Project, card

from feeds.config import load
from feeds.ledger import Ledger
from feeds.model import Document, Record
from feeds.targets import Folder
from feeds.verification import Questions, verify_site

BASE = "https://example.org/"
HOUR = timedelta(hours=1)
FIVE = CONFIG.replace("\n[[", "limit = 5\n\n[[", 1)
FILES = ["rss.xml", "atom.xml", "feed.json"]
NEXT = re.compile(rb'\s*<(?:atom:)?link rel="next-archive"[^>]*/>')


def listing(count: int) -> str:
    """So many cards, the newest first."""
    return "".join(card(f"Title {number}", tags="storage") for number in range(count, 0, -1))


def titles(count: int) -> set[str]:
    return {f"Title {number}" for number in range(1, count + 1)}


def grown(root: Path, count: int, config: str = FIVE) -> Project:
    project = Project.with_listing(root, listing(count), config)
    project.build(NOON)
    return project


def add(project: Project, count: int, hours: int = 1) -> None:
    """Have the listing grow to so many."""
    project.write("config/articles.txt", listing(count))
    project.build(NOON + hours * HOUR)


def before(body: bytes) -> str | None:
    """The address of the document that a document says came before."""
    if body.startswith(b"{"):
        url = json.loads(body).get("next_url")
        return None if url is None else str(url)
    links = feedparser.parse(body).feed.links
    return next((link.href for link in links if link.rel == "prev-archive"), None)


def documents(project: Project, file: str, path: str = "all") -> Iterator[tuple[str, bytes]]:
    """A feed and the pages of its archive, as the links lead from one to the next."""
    name: str | None = f"{path}/{file}"
    while name:
        body = (project.output / name).read_bytes()
        yield name, body
        url = before(body)
        name = url and url.removeprefix(BASE)


def held(body: bytes) -> list[str]:
    """Titles of the items of a document."""
    if body.startswith(b"{"):
        return [item["title"] for item in json.loads(body)["items"]]
    return [entry.title for entry in feedparser.parse(body).entries]


def archives(project: Project, path: str = "") -> dict[str, bytes]:
    return {name: body for name, body in project.tree().items() if "/archive/" in name and path in name}


@pytest.mark.parametrize("file", FILES)
def test_a_feed_leads_back_to_its_first_item(tmp_path: Path, file: str) -> None:
    project = grown(tmp_path, 12)
    assert [held(body) for _, body in documents(project, file)] == [
        [f"Title {number}" for number in numbers]
        for numbers in (range(12, 7, -1), range(10, 5, -1), range(5, 0, -1))
    ]


@pytest.mark.parametrize("path", ["all", "topics/storage"])
def test_an_archive_says_what_it_is_and_where_it_belongs(tmp_path: Path, path: str) -> None:
    project = grown(tmp_path, 12)
    for file in ("rss.xml", "atom.xml"):
        tree = etree.fromstring((project.output / path / "archive/1" / file).read_bytes())
        feed = tree if file == "atom.xml" else tree[0]
        links = {
            link.get("rel"): link.get("href")
            for link in feed.iterchildren("{http://www.w3.org/2005/Atom}link")
        }
        assert feed.find("{http://purl.org/syndication/history/1.0}archive") is not None
        assert links["self"] == f"{BASE}{path}/archive/1/{file}"
        assert links["current"] == f"{BASE}{path}/{file}"
        assert links["next-archive"] == f"{BASE}{path}/archive/2/{file}"
        assert "prev-archive" not in links


def test_all_documents_of_a_feed_have_its_id(tmp_path: Path) -> None:
    project = grown(tmp_path, 12)
    assert len({feedparser.parse(body).feed.id for _, body in documents(project, "atom.xml")}) == 1


@pytest.mark.parametrize("step", [1, 3])
def test_a_full_page_never_changes_but_for_the_link_to_its_successor(tmp_path: Path, step: int) -> None:
    project = grown(tmp_path, 6)
    seen: dict[str, list[bytes]] = {}
    for count in range(6, 30, step):
        add(project, count, count)
        for file in FILES:
            found = {title for _, body in documents(project, file) for title in held(body)}
            assert found == titles(count)
        for name, body in archives(project).items():
            if body not in seen.setdefault(name, []):
                seen[name].append(body)
    assert len(seen) >= 5 * len(FILES)
    for name, bodies in seen.items():
        assert len({NEXT.sub(b"", body) for body in bodies}) == 1
        assert len(bodies) <= (1 if name.endswith(".json") else 2)


def test_at_no_moment_a_link_leads_to_a_page_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = grown(tmp_path, 4)
    put = Folder.put
    looks: list[str] = []

    def look(folder: Folder, document: Document) -> Record:
        record = put(folder, document)
        for file in FILES:
            if (project.output / "all" / file).exists():
                for _, body in documents(project, file):
                    found = NEXT.search(body)
                    address = found[0].decode().partition('href="')[2].partition('"')[0] if found else ""
                    looks.append(address)
                    assert (project.output / address.removeprefix(BASE)).exists()
        return record

    monkeypatch.setattr(Folder, "put", look)
    for count in (6, 12, 15, 30):
        add(project, count, count)
    assert f"{BASE}all/archive/6/rss.xml" in looks


def test_an_item_that_is_new_writes_no_page_again(tmp_path: Path) -> None:
    project = grown(tmp_path, 12)
    before = {name: (project.output / name).stat().st_mtime_ns for name in archives(project)}
    add(project, 13)
    assert {name: (project.output / name).stat().st_mtime_ns for name in archives(project)} == before


def test_an_edited_item_changes_its_page_and_no_other(tmp_path: Path) -> None:
    project = grown(tmp_path, 12)
    before = archives(project)
    project.write(
        "config/articles.txt", listing(12).replace("Title 3\n\nAbout something.", "Title 3\n\nAnother.")
    )
    project.build(NOON + HOUR)
    changed = {name for name, body in archives(project).items() if before[name] != body}
    assert changed == {f"{path}/archive/1/{file}" for path in ("all", "topics/storage") for file in FILES}


def test_what_comes_late_with_an_old_date_is_in_the_feed_until_there_is_a_page_of_it(tmp_path: Path) -> None:
    project = grown(tmp_path, 12)
    entries = [{"title": f"Old {number}", "date": f"2020-01-0{number}"} for number in (1, 2)]
    project.write("config/old.json", json.dumps(entries))
    project.write("config/feeds.toml", f'{FIVE}\n[[source]]\npath = "old.json"\nformat = "table"\n')
    project.build(NOON + HOUR)
    assert list(project.items("all"))[5:] == ["Old 2", "Old 1"]
    assert (
        json.loads((project.output / "all/archive/2/feed.json").read_bytes())["items"][4]["title"]
        == "Title 6"
    )
    add(project, 13, 2)
    assert list(project.items("all")) == [f"Title {number}" for number in range(13, 8, -1)]
    assert held(archives(project)["all/archive/3/feed.json"]) == [
        *(f"Title {number}" for number in (13, 12, 11)),
        "Old 2",
        "Old 1",
    ]


def test_what_is_taken_out_leaves_its_page_and_a_page_without_items_is_passed_over(tmp_path: Path) -> None:
    config = FIVE.replace('format = "listing"', 'format = "listing"\nremoved = "tombstone"')
    project = grown(tmp_path, 17, config)
    left = "".join(card(f"Title {number}", tags="storage") for number in (*range(17, 10, -1), 4, 3, 2, 1))
    project.write("config/articles.txt", left)
    project.build(NOON + HOUR)
    assert [held(body) for _, body in documents(project, "rss.xml")][1:] == [
        [f"Title {number}" for number in range(15, 10, -1)],
        ["Title 4", "Title 3", "Title 2", "Title 1"],
    ]


def test_pages_stay_as_they_are_when_feeds_are_to_hold_more_or_less(tmp_path: Path) -> None:
    project = grown(tmp_path, 12)
    before = archives(project)
    for limit in (4, 7):
        project.write("config/feeds.toml", FIVE.replace("limit = 5", f"limit = {limit}"))
        project.build(NOON + HOUR)
        assert before.items() <= archives(project).items()
        assert {title for _, body in documents(project, "rss.xml") for title in held(body)} == titles(12)


@pytest.mark.parametrize(
    "more",
    [
        ("limit = 5", "limit = 12"),
        ("limit = 5", "limit = 5\narchives = false"),
        ("\n[[source]]", '\n[topic.storage]\nsort = "source"\n\n[[source]]'),
    ],
)
def test_feeds_that_hold_all_or_are_in_another_order_or_shall_not_have_archives_have_none(
    tmp_path: Path, more: tuple[str, str]
) -> None:
    project = grown(tmp_path, 12)
    assert archives(project, "topics/storage")
    project.write("config/feeds.toml", FIVE.replace(*more))
    project.build(NOON + HOUR)
    assert not archives(project, "topics/storage")
    assert before((project.output / "topics/storage/rss.xml").read_bytes()) is None


def test_only_the_feeds_themselves_are_listed_and_announced(tmp_path: Path) -> None:
    hub = "https://hub.example/"
    project = grown(tmp_path, 12, FIVE.replace("limit = 5", f'limit = 5\nhubs = ["{hub}"]'))
    tree = project.tree()
    assert not [
        name for name, body in tree.items() if name.endswith((".html", ".opml")) and b"/archive/" in body
    ]
    assert {hub.encode() in body for name, body in archives(project).items()} == {False}
    assert hub.encode() in tree["all/rss.xml"]


def test_the_rules_find_nothing_in_a_site_with_archives_even_when_they_end(tmp_path: Path) -> None:
    project = grown(tmp_path, 17)
    for limit in (5, 20):
        project.write("config/feeds.toml", FIVE.replace("limit = 5", f"limit = {limit}"))
        project.build(NOON + HOUR)
        plan = load(project.config)
        with Ledger.open(plan.ledger(project.state)) as ledger:
            verified = verify_site(project.output, plan, ledger, Questions(ask_links=False), now=NOON + HOUR)
        assert verified.report.findings == ()


def test_a_ledger_that_is_copied_has_the_same_pages(tmp_path: Path) -> None:
    project = grown(tmp_path / "one", 12)
    add(project, 14)
    expected = archives(project)
    other = Project(tmp_path / "two")
    for name in ("config/feeds.toml", "config/articles.txt", ".feeds/ledger.sqlite"):
        other.write(name, (project.root / name).read_bytes())
    other.build(NOON + 2 * HOUR)
    assert archives(other) == expected
