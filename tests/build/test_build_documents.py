"""What the two documents become, as programs of others read it."""

import calendar
import hashlib
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import mutagen
import podcastparser
import pytest
from lxml import etree, html
from tests.project import DOCUMENTS, NOON, ORIGINALS, REPOSITORY, Project

from feeds.model import Report

TOPICS = {
    "distributed-systems": 12,
    "ml-systems": 11,
    "storage-systems": 5,
    "security": 5,
    "real-time-systems": 3,
    "observability": 3,
    "search": 1,
    "microservices": 1,
    "messaging-queues": 1,
    "general": 1,
    "caching": 1,
}
PODCAST = "shows/meta-tech-podcast/podcast.xml"


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Report]:
    """The site that the documents become as they were saved from a browser."""
    project = Project.of_repository(tmp_path_factory.mktemp("originals"))
    for ours, theirs in (
        ("articles.txt", "000_25abc0b64b60b89d.txt"),
        ("meta-tech-podcast.txt", "003_7ad462325d7dc7e1.txt"),
    ):
        project.write(f"config/sources/{ours}", (ORIGINALS / theirs).read_bytes())
    return project, project.build(NOON)


@pytest.fixture(params=["built", "originals"] if ORIGINALS.exists() else ["built"])
def site(request: pytest.FixtureRequest) -> tuple[Project, Report]:
    """Both sites, if both documents are at hand."""
    made: tuple[Project, Report] = request.getfixturevalue(request.param)
    return made


def feeds_of(project: Project) -> list[Path]:
    return sorted(project.output.rglob("*.xml"))


def podcast(project: Project) -> dict[str, Any]:
    parsed: dict[str, Any] = podcastparser.parse(
        f"https://example.org/{PODCAST}", BytesIO((project.output / PODCAST).read_bytes())
    )
    return parsed


def test_the_documents_give_22_articles_and_14_episodes(site: tuple[Project, Report]) -> None:
    _, report = site
    assert (report.new, report.changed, report.unchanged, report.gone) == (36, 0, 0, 0)


def test_the_documents_give_no_problem_to_look_at(site: tuple[Project, Report]) -> None:
    _, report = site
    assert [str(finding) for finding in report.findings if finding.level != "info"] == []


def test_every_topic_has_a_feed_in_rss_atom_and_json_of_its_size(site: tuple[Project, Report]) -> None:
    project, _ = site
    assert {path.name for path in (project.output / "topics").iterdir()} == set(TOPICS)
    for topic, count in TOPICS.items():
        folder = project.output / "topics" / topic
        assert len(feedparser.parse(str(folder / "rss.xml")).entries) == count
        assert len(feedparser.parse(str(folder / "atom.xml")).entries) == count
        assert len(json.loads((folder / "feed.json").read_bytes())["items"]) == count


def test_everything_is_in_one_feed_too(site: tuple[Project, Report]) -> None:
    project, _ = site
    assert len(feedparser.parse(str(project.output / "all" / "rss.xml")).entries) == 36


def test_a_single_publisher_gets_no_feed_of_its_own(site: tuple[Project, Report]) -> None:
    project, _ = site
    assert not (project.output / "publishers").exists()


def test_feedparser_reads_every_feed_without_complaint(site: tuple[Project, Report]) -> None:
    project, _ = site
    files = feeds_of(project)
    assert len(files) == 2 * (len(TOPICS) + 1) + 1
    for path in files:
        read = feedparser.parse(str(path))
        assert not read.bozo, f"{path}: {read.get('bozo_exception')}"
        assert read.feed.title
        assert all(entry.id.startswith("urn:uuid:") for entry in read.entries)


def test_an_item_has_one_id_and_one_date_in_every_feed(site: tuple[Project, Report]) -> None:
    project, _ = site
    seen: dict[str, set[tuple[str, str]]] = {}
    for path in feeds_of(project):
        for entry in feedparser.parse(str(path)).entries:
            moment = "-".join(str(part) for part in entry.published_parsed)
            seen.setdefault(entry.title.removeprefix("ARCHIVE: "), set()).add((entry.id, moment))
    for folder in project.output.rglob("feed.json"):
        for item in json.loads(folder.read_bytes())["items"]:
            title = item["title"].removeprefix("ARCHIVE: ")
            assert {id_ for id_, _ in seen[title]} == {item["id"]}
    assert len(seen) == 36
    assert all(len(facts) == 1 for facts in seen.values())


def test_no_two_feeds_have_the_same_title_or_description(site: tuple[Project, Report]) -> None:
    project, _ = site
    read = [feedparser.parse(str(path)).feed for path in project.output.rglob("rss.xml")]
    assert len({feed.title for feed in read}) == len({feed.description for feed in read}) == len(read)


def test_feeds_are_newest_first_and_nothing_is_dated_later_than_the_build(
    site: tuple[Project, Report],
) -> None:
    project, _ = site
    for path in feeds_of(project):
        dates = [entry.published_parsed for entry in feedparser.parse(str(path)).entries]
        assert dates == sorted(dates, reverse=True)
        assert calendar.timegm(dates[0]) <= NOON.timestamp()


def test_podcastparser_reads_14_episodes_with_their_audio(site: tuple[Project, Report]) -> None:
    project, _ = site
    episodes = podcast(project)["episodes"]
    enclosures = [enclosure for episode in episodes for enclosure in episode["enclosures"]]
    assert len(episodes) == len(enclosures) == len({enclosure["url"] for enclosure in enclosures}) == 14
    for enclosure in enclosures:
        assert enclosure["mime_type"] == "audio/mpeg"
        path = project.output / enclosure["url"].removeprefix("http://localhost:8000/")
        assert path.stat().st_size == enclosure["file_size"] >= 16384


def test_podcastparser_reads_216_chapters_and_each_episode_begins_with_one(
    site: tuple[Project, Report],
) -> None:
    project, _ = site
    chapters = [episode.get("chapters", []) for episode in podcast(project)["episodes"]]
    assert sum(map(len, chapters)) == 216
    assert {marks[0]["start"] for marks in chapters if marks} == {0}


def test_placeholders_last_a_minute_longer_than_their_last_chapter_and_say_what_they_are(
    site: tuple[Project, Report],
) -> None:
    project, _ = site
    for episode in podcast(project)["episodes"]:
        last = max((chapter["start"] for chapter in episode.get("chapters", [])), default=0)
        path = project.output / episode["enclosures"][0]["url"].removeprefix("http://localhost:8000/")
        assert mutagen.File(path).info.length == pytest.approx(last + 60, abs=1)
        assert episode["total_time"] == pytest.approx(last + 60, abs=1)
        assert "placeholder" in episode["description"]


def test_the_podcast_has_the_description_of_its_page(site: tuple[Project, Report]) -> None:
    project, _ = site
    assert "Pascal Hartig" in podcast(project)["description"]


def test_the_55_named_links_are_anchors_of_their_episodes(site: tuple[Project, Report]) -> None:
    project, _ = site
    anchors = 0
    for entry in feedparser.parse(str(project.output / PODCAST)).entries:
        anchors += len(re.findall(r"<li><a href=", entry.content[0].value))
    assert anchors == 55


def test_every_episode_has_its_chapters_in_a_file_of_the_same_count(site: tuple[Project, Report]) -> None:
    project, _ = site
    files = sorted(project.output.rglob("chapters.json"))
    assert sum(len(json.loads(path.read_bytes())["chapters"]) for path in files) == 216


def test_the_manifest_lists_every_file_with_its_size_and_hash(site: tuple[Project, Report]) -> None:
    project, _ = site
    files = json.loads((project.output / "manifest.json").read_bytes())["files"]
    tree = project.tree()
    assert set(files) == set(tree) - {"manifest.json"}
    for path, said in files.items():
        assert said["size"] == len(tree[path])
        assert said["sha256"] == hashlib.sha256(tree[path]).hexdigest()
        assert "/" in said["type"]


def test_the_front_page_and_the_list_of_feeds_lead_to_every_feed(site: tuple[Project, Report]) -> None:
    project, _ = site
    base = "http://localhost:8000/"
    page = html.fromstring((project.output / "index.html").read_bytes())
    linked = {urljoin(base, href) for href in page.xpath("//@href")}
    listed = set(etree.parse(project.output / "feeds.opml").xpath("//@xmlUrl"))
    feeds = {base + path.relative_to(project.output).as_posix() for path in feeds_of(project)}
    assert listed == {feed for feed in feeds if not feed.endswith("atom.xml")}, "one of each, to subscribe"
    assert listed <= linked
    assert {urljoin(feed, ".") for feed in feeds} <= linked, "the page of a feed offers its other formats"


def test_the_report_counts_what_was_written(site: tuple[Project, Report]) -> None:
    project, report = site
    assert report.written == len(project.tree())
    assert (report.kept, report.removed) == (0, 0)
    assert report.feeds == len([*project.output.rglob("feed.json")])


def test_nothing_in_the_output_tells_when_it_was_built(built: tuple[Project, Report]) -> None:
    project, _ = built
    for name, content in project.tree().items():
        for stamp in re.findall(rb"20\d\d-\d\d-\d\dT\d\d:\d\d", content):
            assert stamp <= NOON.isoformat()[:16].encode(), name


def test_nothing_in_the_output_tells_where_it_was_built(built: tuple[Project, Report]) -> None:
    project, _ = built
    for name, content in project.tree().items():
        assert str(project.root).encode() not in content, name
        assert str(REPOSITORY).encode() not in content, name


def test_the_two_documents_are_the_ones_that_the_configuration_names() -> None:
    config = (REPOSITORY / "config" / "feeds.toml").read_text("utf-8")
    for path in DOCUMENTS.iterdir():
        assert f"sources/{path.name}" in config
