"""Several sources of one project: merged, filtered, limited; what becomes of items they list no longer."""

import io
from datetime import timedelta
from pathlib import Path

import feedparser
import podcastparser
import pytest
from lxml import etree
from tests.control.written import HEAD, item, listed, source, write
from tests.project import NOON, Project

from feeds.model import Report

HOUR = timedelta(hours=1)
LINK = "https://meta.example/first"


def two(root: Path, one: list[dict[str, object]], other: list[dict[str, object]], more: str = "") -> Project:
    project = listed(root, *one, config=source("b.json", more))
    write(project, "b.json", other)
    return project


@pytest.mark.parametrize(
    "other",
    [
        item("First", url=LINK, tags="search"),
        item("First", url="http://www.meta.example/first/?utm_source=b#top", tags="search"),
        item("Quite another title", publisher="B", url=LINK, tags="search"),
        item("first!", tags="search"),
        item("The frist article", tags="search", summary="In other words."),
        item("The first of our articles", tags="search", summary="About the first article."),
    ],
    ids=["link", "spelling", "title", "no-link", "typo", "summary"],
)
def test_an_article_that_two_sources_list_is_one_item_with_both_tags(
    tmp_path: Path, other: dict[str, object]
) -> None:
    title = "First" if "irst" in str(other["title"])[:5] or "url" in other else "The first article"
    project = two(tmp_path, [item(title, url=LINK, tags="storage")], [other])
    report = project.build()
    assert report.new == 1
    (found,) = project.items("all").values()
    assert found["title"] == title
    assert found["tags"] == ["storage", "search"]
    assert set(project.items("topics/storage")) == set(project.items("topics/search")) == {title}
    again = project.build(NOON + HOUR)
    assert (again.new, again.changed, again.written) == (0, 0, 0)


@pytest.mark.parametrize(
    "other",
    [
        item("The first article", publisher="Acme"),
        item("The first article, part 2"),
        item("The third article"),
        item("The first article", url="https://meta.example/another"),
    ],
    ids=["publisher", "number", "word", "link"],
)
def test_articles_that_only_look_alike_stay_two(tmp_path: Path, other: dict[str, object]) -> None:
    project = two(tmp_path, [item("The first article", url=LINK)], [other])
    assert project.build().new == 2


def test_near_titles_within_one_source_stay_two(tmp_path: Path) -> None:
    project = listed(tmp_path, item("The first article"), item("The frist article"))
    assert project.build().new == 2


def test_what_the_other_source_says_of_a_tag_follows_it(tmp_path: Path) -> None:
    project = two(tmp_path, [item("First", tags="storage")], [item("First", tags="search")])
    project.build()
    write(project, "b.json", [item("First", tags="kites")])
    project.build(NOON + HOUR)
    assert project.items("all")["First"]["tags"] == ["storage", "kites"]


def test_when_its_first_source_drops_an_item_the_other_one_speaks_for_it(tmp_path: Path) -> None:
    more = 'removed = "drop"'
    project = listed(tmp_path, config="")
    project.write("config/feeds.toml", HEAD + source("a.json", more) + source("b.json", more))
    write(project, "a.json", [item("First", tags="storage"), item("Other")])
    write(project, "b.json", [item("First", tags="search", summary="As B says.")])
    project.build()
    before = project.items("all")["First"]
    write(project, "a.json", [item("Other")])
    report = project.build(NOON + HOUR)
    assert report.gone == 0
    assert project.items("all")["First"]["id"] == before["id"]
    write(project, "b.json", [item("First", tags="kites", summary="As B says now.")])
    project.build(NOON + 2 * HOUR)
    after = project.items("all")["First"]
    assert (after["id"], after["summary"], after["tags"]) == (before["id"], "As B says now.", ["kites"])
    write(project, "b.json", [item("Another")])
    assert project.build(NOON + 3 * HOUR).gone == 1
    assert set(project.items("all")) == {"Other", "Another"}


def test_tags_that_a_source_gives_to_all_its_items_are_theirs(tmp_path: Path) -> None:
    project = two(tmp_path, [item("First")], [item("Second", tags="a")], 'tags = ["From B"]')
    project.build()
    assert project.items("all")["Second"]["tags"] == ["a", "From B"]
    assert set(project.items("topics/from-b")) == {"Second"}


@pytest.mark.parametrize(
    ("conditions", "taken"),
    [
        ('any = ["title:*two*", "tag:a"]', {"One", "Two"}),
        ('all = ["tag:a", "title:O*"]', {"One"}),
        ('none = ["title:/^T/"]', {"One"}),
        ("limit = 2", {"One", "Two"}),
        ('none = ["tag:a"]\nlimit = 1', {"Two"}),
    ],
)
def test_a_source_gives_only_the_items_that_its_filter_lets_through(
    tmp_path: Path, conditions: str, taken: set[str]
) -> None:
    items = [item("One", tags="a"), item("Two", tags="b"), item("Three", tags="b")]
    project = two(tmp_path, [item("Zero")], items, conditions)
    project.build()
    assert set(project.items("all")) == {"Zero", *taken}


def test_a_filter_that_leaves_nothing_is_reported(tmp_path: Path) -> None:
    project = two(tmp_path, [item("Zero")], [item("One")], 'any = ["title:Onne"]')
    (finding,) = project.build().findings
    assert (finding.rule, finding.place.source) == ("filtered", "b.json")


def test_an_item_with_audio_whose_source_has_no_show_is_an_article(tmp_path: Path) -> None:
    project = listed(tmp_path, item("One"), {**item("Two"), "audio": "https://a.example/2.mp3"})
    report = project.build()
    assert set(project.items("all")) == {"One", "Two"}
    assert [finding.rule for finding in report.findings if "show" in finding.message] == ["no-show"]


@pytest.mark.parametrize("path", ["posts", "posts/*"])
def test_pictures_among_posts_are_no_posts(tmp_path: Path, path: str) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", f'{HEAD}[[source]]\npath = "{path}"\n')
    project.write("config/posts/one.md", "---\ntitle: One\n---\nText.")
    project.write("config/posts/one.png", b"\x89PNG\r\n")
    report = project.build()
    assert report.new == 1
    assert [finding.level for finding in report.findings] == ["info"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("posts", {"One"}),
        ("posts/**/*.md", {"One"}),
        ("posts/.drafts", {"Draft"}),
        ("posts/.drafts/*.md", {"Draft"}),
        ("../config/posts", {"One"}),
    ],
)
def test_hidden_files_and_folders_are_read_only_where_they_are_named(
    tmp_path: Path, path: str, found: set[str]
) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", f'{HEAD}[[source]]\npath = "{path}"\n')
    project.write("config/posts/one.md", "---\ntitle: One\n---\nText.")
    project.write("config/posts/.drafts/draft.md", "---\ntitle: Draft\n---\nText.")
    project.write("config/posts/.drafts/.draft.md.swp", "---\ntitle: Swap\n---\nText.")
    project.write("config/posts/.git/HEAD", "ref: refs/heads/main")
    report = project.build()
    assert set(project.items("all")) == found
    assert {finding.rule for finding in report.findings if finding.level != "info"} <= {"no-items"}


@pytest.mark.parametrize("format_", ["auto", "listing", "table"])
def test_a_file_larger_than_any_list_is_left_unread(tmp_path: Path, format_: str) -> None:
    huge = f'[[source]]\npath = "huge.txt"\nformat = "{format_}"\n'
    project = listed(tmp_path, item("First"), config=huge)
    with (tmp_path / "config/huge.txt").open("wb") as file:
        file.truncate(2**40)
    report = project.build()
    assert set(project.items("all")) == {"First"}
    assert ["the most that is read" in finding.message for finding in report.findings] == [True]


SPLIT = """
[[source]]
path = "wind.xml"
show = "kites"
any = ["tag:kites"]

[[source]]
path = "wind.xml"
show = "boats"
any = ["tag:boats"]
removed = "drop"

[show.kites]
title = "Kites"
author = "Ann"
categories = ["Leisure"]

[show.boats]
title = "Boats"
author = "Ann"
categories = ["Leisure"]
"""


def wind(*topics: str) -> str:
    """A podcast feed of one episode for each topic, the last one damaged."""
    items = "".join(
        f"<item><title>{topic} {number}</title><guid>wind-{number}</guid><category>{topic}</category>"
        f'<enclosure url="https://cdn.example/{number}.mp3" length="10" type="audio/mpeg"/></item>'
        for number, topic in enumerate(topics, 1)
    )
    return f"<rss version='2.0'><channel><title>Wind</title>{items}<item/></channel></rss>"


def test_one_podcast_feed_becomes_two_shows(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + SPLIT)
    project.write("config/wind.xml", wind("kites", "boats", "kites", "boats"))
    report = project.build()
    assert (report.new, [finding.rule for finding in report.findings]) == (4, ["format", "quarantined"])
    assert set(project.items("shows/kites")) == {"kites 1", "kites 3"}
    assert set(project.items("shows/boats")) == {"boats 2", "boats 4"}
    podcast = podcastparser.parse("", io.BytesIO(project.tree()["shows/boats/podcast.xml"]))
    assert {episode["guid"] for episode in podcast["episodes"]} == {"wind-2", "wind-4"}
    again = project.build(NOON + HOUR)
    assert (again.new, again.gone, again.written) == (0, 0, 0)
    # Each of the two loses what it loses, by its own rule.
    project.write("config/wind.xml", wind("kites", "boats"))
    project.build(NOON + HOUR)
    assert set(project.items("shows/kites")) == {"kites 1", "kites 3"}
    assert set(project.items("shows/boats")) == {"boats 2"}


def test_one_of_two_shows_of_a_feed_may_go(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + SPLIT)
    project.write("config/wind.xml", wind("kites", "boats"))
    project.build()
    head, kites, rest = (HEAD + SPLIT).split("[[source]]")
    assert 'show = "kites"' in kites
    project.write("config/feeds.toml", f"{head}[[source]]{rest}")
    report = project.build(NOON + HOUR)
    assert report.new == 0
    assert set(project.items("shows/boats")) == {"boats 2"}


def test_a_folder_without_files_is_reported(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + '[[source]]\npath = "posts"\n')
    (tmp_path / "config/posts").mkdir()
    (finding,) = project.build().findings
    assert (finding.level, finding.place.source) == ("warning", "posts")


def without_first(root: Path, removed: str) -> tuple[Project, str, Report]:
    """A project whose source drops its first item between two builds."""
    project = listed(root)
    project.write("config/feeds.toml", HEAD + source("a.json", f'removed = "{removed}"'))
    write(project, "a.json", [item("First", tags=["storage", "search"]), item("Second", tags="storage")])
    project.build()
    id_ = project.items("all")["First"]["id"]
    write(project, "a.json", [item("Second", tags="storage")])
    return project, id_, project.build(NOON + HOUR)


def test_an_item_that_is_kept_stays_in_its_feeds(tmp_path: Path) -> None:
    project, _, report = without_first(tmp_path, "keep")
    assert report.gone == 1
    assert set(project.items("topics/storage")) == {"First", "Second"}


def test_an_item_that_is_dropped_is_in_no_feed_and_comes_back_under_its_id(tmp_path: Path) -> None:
    project, id_, report = without_first(tmp_path, "drop")
    assert report.gone == 1
    assert set(project.items("all")) == {"Second"}
    assert b"First" not in b"".join(project.tree().values())
    assert b"deleted-entry" not in project.tree()["all/atom.xml"]
    write(project, "a.json", [item("First", tags="storage"), item("Second", tags="storage")])
    project.build(NOON + 2 * HOUR)
    assert project.items("all")["First"]["id"] == id_


def test_an_item_that_leaves_a_tombstone_is_said_to_be_deleted_in_the_atom_feeds_it_was_in(
    tmp_path: Path,
) -> None:
    project, id_, _ = without_first(tmp_path, "tombstone")
    assert set(project.items("all")) == {"Second"}
    for path in ("all", "topics/storage"):
        root = etree.fromstring(project.tree()[f"{path}/atom.xml"])
        # RFC 6721, section 3.
        (tomb,) = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
        assert dict(tomb.attrib) == {"ref": id_, "when": "2026-01-02T13:00:00Z"}
        assert root.findtext("{http://www.w3.org/2005/Atom}updated") == "2026-01-02T13:00:00Z"
        assert len(feedparser.parse(project.tree()[f"{path}/atom.xml"]).entries) == 1
        assert b"deleted" not in project.tree()[f"{path}/rss.xml"]
    assert "topics/search/atom.xml" not in project.tree()


def test_a_tombstone_goes_when_its_item_comes_back(tmp_path: Path) -> None:
    project, id_, _ = without_first(tmp_path, "tombstone")
    write(project, "a.json", [item("First", tags="storage"), item("Second", tags="storage")])
    project.build(NOON + 2 * HOUR)
    assert project.items("all")["First"]["id"] == id_
    assert b"deleted-entry" not in project.tree()["all/atom.xml"]


def test_a_tombstone_stays_while_its_source_changes_in_other_ways(tmp_path: Path) -> None:
    project, id_, _ = without_first(tmp_path, "tombstone")
    write(project, "a.json", [item("Third", tags="storage"), item("Second", tags="storage")])
    project.build(NOON + 2 * HOUR)
    tombstone = f'deleted-entry ref="{id_}" when="2026-01-02T13:00:00Z"'
    assert tombstone in project.tree()["all/atom.xml"].decode()


def test_with_tombstones_a_second_build_writes_nothing(tmp_path: Path) -> None:
    project, _, _ = without_first(tmp_path, "tombstone")
    assert project.build(NOON + 2 * HOUR).written == 0


def test_a_source_that_fails_keeps_its_items_even_where_removed_ones_are_dropped(tmp_path: Path) -> None:
    project, _, _ = without_first(tmp_path, "drop")
    before = project.items("all")
    project.write("config/a.json", "{")
    report = project.build(NOON + 2 * HOUR)
    assert [finding.rule for finding in report.findings] == ["source-unreadable"]
    assert project.items("all") == before
