"""What a build makes of what an earlier one left."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import html
from tests.project import CONFIG, NOON, NOTES, SHOW, Project, card

from feeds.model import Report

HOUR = timedelta(hours=1)
LIMITED = CONFIG.replace("\n[[", "limit = 2\n\n[[", 1)


def test_a_second_build_writes_nothing(built: tuple[Project, Report]) -> None:
    project, first = built
    before = project.tree()
    stamps = {path: path.stat().st_mtime_ns for path in project.output.rglob("*") if path.is_file()}
    second = project.build(NOON + HOUR)
    assert (second.written, second.removed, second.kept) == (0, 0, first.written)
    assert (second.new, second.changed, second.unchanged) == (0, 0, first.new)
    assert project.tree() == before
    for path, stamp in stamps.items():
        assert path.name.startswith(".feeds") or path.stat().st_mtime_ns == stamp, path


def test_a_second_build_reports_the_same_findings(built: tuple[Project, Report]) -> None:
    project, first = built
    assert project.build(NOON + HOUR).findings == first.findings


def test_a_build_elsewhere_at_the_same_time_gives_the_same_bytes(
    built: tuple[Project, Report], tmp_path: Path
) -> None:
    project, _ = built
    elsewhere = Project.of_repository(tmp_path)
    elsewhere.build(NOON)
    assert elsewhere.tree() == project.tree()


def test_without_its_output_a_build_makes_the_same_bytes_again(project: Project) -> None:
    project.build(NOON)
    before = project.tree()
    project.output.rename(project.root / "moved-away")
    project.build(NOON + HOUR)
    assert project.tree() == before


def test_a_file_that_was_deleted_is_written_again(project: Project) -> None:
    project.build(NOON)
    before = project.tree()
    (project.output / "topics/storage/rss.xml").unlink()
    report = project.build(NOON + HOUR)
    assert report.written == 1
    assert project.tree() == before


def test_a_file_that_was_cut_off_is_written_again(project: Project) -> None:
    project.build(NOON)
    before = project.tree()
    (project.output / "all/atom.xml").write_bytes(before["all/atom.xml"][:100])
    assert project.build(NOON + HOUR).written == 1
    assert project.tree() == before


def test_only_the_feeds_of_a_changed_item_change(project: Project) -> None:
    project.build(NOON)
    before = project.tree()
    project.write("config/articles.txt", card("First", "Now something else.") + card("Second", tags="search"))
    project.build(NOON + HOUR)
    project.write("config/articles.txt", card("First", "And again.") + card("Second", tags="search"))
    between = project.tree()
    report = project.build(NOON + 2 * HOUR)
    after = project.tree()
    changed = {path for path in after if after[path] != between.get(path)}
    assert before != after
    assert report.changed == 1
    assert {path for path in changed if path.startswith("topics/")} == {
        f"topics/storage/{name}" for name in ("atom.xml", "feed.json", "index.html", "rss.xml")
    }
    assert report.written == len(changed)


def test_only_the_page_of_a_changed_article_is_made_again(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, card("One") + card("Two") + card("Three"))
    project.build(NOON)
    untouched, lost = (project.output / f"articles/{name}/index.html" for name in ("one", "two"))
    untouched.write_bytes(untouched.read_bytes().replace(b"One", b"Eno"))  # of the same size, so not missed
    lost.unlink()
    project.write("config/articles.txt", card("One") + card("Two") + card("Three", "Now something else."))
    project.build(NOON + HOUR)
    assert b"Eno" in untouched.read_bytes()
    assert b"Two" in lost.read_bytes()
    assert b"something else" in (project.output / "articles/three/index.html").read_bytes()


def test_an_item_that_drops_off_its_source_stays_in_its_feeds(project: Project) -> None:
    project.build(NOON)
    before = project.items("topics/search")
    project.write("config/articles.txt", card("First"))
    report = project.build(NOON + HOUR)
    assert report.gone == 1
    assert project.items("topics/search") == before


@pytest.mark.parametrize("left", ["", "Meta\n\nFir", "no listing at all\n"])
def test_a_source_that_is_suddenly_empty_or_cut_off_loses_nothing(project: Project, left: str) -> None:
    project.build(NOON)
    before = project.items("all")
    project.write("config/articles.txt", left)
    report = project.build(NOON + HOUR)
    assert project.items("all") == before
    assert any(finding.level == "error" for finding in report.findings)


def test_a_source_that_cannot_be_read_any_more_loses_nothing(project: Project) -> None:
    project.write("config/feeds.toml", CONFIG + '[[source]]\npath = "more.txt"\nformat = "listing"\n')
    project.write("config/more.txt", card("Third"))
    project.build(NOON)
    before = project.items("all")
    project.write("config/more.txt", "")
    project.write("config/articles.txt", card("Zeroth") + card("First") + card("Second", tags="search"))
    report = project.build(NOON + HOUR)
    assert [str(finding.place) for finding in report.findings] == ["more.txt"]
    assert project.items("all").keys() == {"Zeroth", *before}


def test_a_mended_title_keeps_id_date_and_page(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, card("Migrating data ingestion sytems") + card("Other"))
    project.build(NOON)
    (before,) = [item for item in project.items("all").values() if "sytems" in item["title"]]
    project.write("config/articles.txt", card("Migrating data ingestion systems") + card("Other"))
    report = project.build(NOON + HOUR)
    after = project.items("all")["Migrating data ingestion systems"]
    assert (report.new, report.changed) == (0, 1)
    assert {key: after[key] for key in ("id", "url", "date_published")} == {
        key: before[key] for key in ("id", "url", "date_published")
    }
    assert after["date_modified"] == "2026-01-02T13:00:00Z"


def test_ids_stay_when_the_site_moves(project: Project) -> None:
    project.build(NOON)
    before = project.items("all")
    project.write("config/feeds.toml", CONFIG.replace("https://example.org/", "https://new.example/feeds/"))
    project.build(NOON + HOUR)
    after = project.items("all")
    assert {title: item["id"] for title, item in after.items()} == {
        title: item["id"] for title, item in before.items()
    }
    assert all(item["url"].startswith("https://new.example/feeds/") for item in after.values())


def test_another_base_url_on_the_command_line_gives_the_same_ids(project: Project, tmp_path: Path) -> None:
    project.build(NOON)
    other = Project.with_listing(tmp_path / "other", (project.root / "config/articles.txt").read_bytes())
    other.build(NOON, base_url="http://localhost:9/")
    assert [item["id"] for item in other.items("all").values()] == [
        item["id"] for item in project.items("all").values()
    ]
    assert b"example.org" not in b"".join(other.tree().values())


def test_files_of_a_topic_that_is_gone_are_removed_and_its_folder_too(project: Project) -> None:
    project.build(NOON)
    project.write("config/articles.txt", card("First") + card("Second", tags="storage"))
    report = project.build(NOON + HOUR)
    assert report.removed == 4
    assert not (project.output / "topics/search").exists()
    assert "topics/search" not in (project.output / "feeds.opml").read_text()


def test_files_of_others_in_the_output_are_left_alone(project: Project) -> None:
    project.build(NOON)
    project.write("output/CNAME", "feeds.example")
    project.write("output/topics/search/notes.txt", "mine")
    project.write("config/articles.txt", card("First") + card("Second", tags="storage"))
    project.build(NOON + HOUR)
    assert (project.output / "CNAME").read_text() == "feeds.example"
    assert [path.name for path in (project.output / "topics/search").iterdir()] == ["notes.txt"]
    assert "CNAME" not in json.loads((project.output / "manifest.json").read_bytes())["files"]


def test_two_outputs_of_one_project_are_kept_apart(project: Project) -> None:
    project.build(NOON)
    there = project.root / "there"
    project.run("--output", str(there))
    project.write("config/articles.txt", card("First") + card("Second", tags="storage"))
    project.build(NOON + HOUR)
    assert (there / "topics/search/rss.xml").exists()
    assert not (project.output / "topics/search").exists()


def test_a_feed_holds_no_more_items_than_its_limit_and_the_newest(tmp_path: Path) -> None:
    cards = "".join(card(f"Title {letter}") for letter in "ABCDE")
    config = CONFIG.replace("\n[[", "limit = 3\n\n[[", 1)
    project = Project.with_listing(tmp_path, cards, config)
    project.build(NOON)
    assert list(project.items("all")) == ["Title A", "Title B", "Title C"]


def test_what_is_said_of_a_topic_holds_for_it_alone_though_it_has_the_name_of_another_feed(
    tmp_path: Path,
) -> None:
    cards = "".join(card(f"Title {letter}", tags="all") for letter in "ABC")
    project = Project.with_listing(tmp_path, cards, f"{CONFIG}\n[topic.all]\nlimit = 1\n")
    project.build(NOON)
    assert list(project.items("topics/all")) == ["Title A"]
    assert list(project.items("all")) == ["Title A", "Title B", "Title C"]


def test_the_bytes_are_the_same_however_little_is_remembered_while_they_are_made(
    built: tuple[Project, Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, _ = built
    for module in ("remembered", "build"):
        monkeypatch.setattr(f"feeds.{module}.MOST", 1)
    forgetful = Project.of_repository(tmp_path)
    forgetful.build(NOON)
    assert forgetful.tree() == project.tree()


def test_pages_list_every_item_whatever_the_limit_of_the_feed(tmp_path: Path) -> None:
    titles = [f"Title {number}" for number in range(61)]
    project = Project.with_listing(tmp_path, "".join(map(card, titles)), LIMITED)
    project.build(NOON)
    first, second = (_page(project, f"topics/storage/{name}") for name in ("index.html", "page-1.html"))
    assert list(project.items("topics/storage")) == titles[:2]
    assert first.xpath("//main//h3/a/text()") + second.xpath("//main//h3/a/text()") == titles
    assert first.xpath("//a[@rel='next']/@href") == ["page-1.html"]
    assert second.xpath("//a[@rel='prev']/@href") == ["./"]


def test_a_change_of_an_item_that_its_feed_holds_no_longer_is_seen_on_its_pages_and_in_its_archive(
    tmp_path: Path,
) -> None:
    cards = [card(f"Title {number}") for number in range(4)]
    project = Project.with_listing(tmp_path, "".join(cards), LIMITED)
    project.build(NOON)
    before = project.tree()
    project.write("config/articles.txt", "".join(cards[:3]) + card("Title 3", "Now something else."))
    project.build(NOON + HOUR)
    after = project.tree()
    assert {path for path in after if path.startswith("topics/") and after[path] != before[path]} == {
        "topics/storage/index.html",
        *(f"topics/storage/archive/1/{file}" for file in ("rss.xml", "atom.xml", "feed.json")),
    }
    assert b"Now something else." in after["topics/storage/index.html"]


def test_a_new_item_changes_the_newest_page_of_its_feeds_alone(tmp_path: Path) -> None:
    cards = "".join(card(f"Title {number}") for number in range(90))
    project = Project.with_listing(tmp_path, cards)
    project.build(NOON)
    before = project.tree()
    untouched = project.output / "topics/storage/page-2.html"
    untouched.write_bytes(untouched.read_bytes().replace(b"Title 30", b"Title 3O"))  # of the same size
    project.write("config/articles.txt", card("Brand new") + cards)
    project.build(NOON + HOUR)
    after = project.tree()
    changed = {path for path in after if path.startswith("topics/") and after[path] != before[path]}
    pages = {path.rpartition("/")[2] for path in changed if path.endswith(".html")}
    assert pages == {"index.html", "page-2.html"}
    assert b"Title 3O" in untouched.read_bytes()


def test_fifty_items_are_the_limit_unless_the_configuration_gives_one(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, "".join(card(f"Title {number}") for number in range(60)))
    project.build(NOON)
    assert len(project.items("all")) == 50


def test_each_publisher_has_a_feed_once_there_are_two(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, card("One"))
    project.build(NOON)
    assert not (project.output / "publishers").exists()
    project.write("config/articles.txt", card("Two", publisher="Acme Labs") + card("One"))
    project.build(NOON + HOUR)
    assert list(project.items("publishers/acme-labs")) == ["Two"]
    assert list(project.items("publishers/meta")) == ["One"]


def test_the_clock_may_be_set_back_without_losing_items(project: Project) -> None:
    project.build(NOON)
    project.write("config/articles.txt", card("Zeroth") + card("First") + card("Second", tags="search"))
    project.build(NOON - 24 * HOUR)
    assert next(iter(project.items("all"))) == "Zeroth"
    dates = [datetime.fromisoformat(item["date_published"]) for item in project.items("all").values()]
    assert dates == sorted(dates, reverse=True)


def test_a_show_that_is_taken_out_of_the_configuration_takes_its_feed_along(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, card("First"), CONFIG + SHOW)
    project.write("config/notes.txt", NOTES)
    project.build(NOON)
    assert len(project.items("all")) == 3
    project.write("config/feeds.toml", CONFIG)
    report = project.build(NOON + HOUR)
    assert report.removed > 0
    assert not (project.output / "shows").exists()
    assert list(project.items("all")) == ["First"]


@pytest.mark.parametrize("removed", ["drop", "tombstone"])
def test_an_item_that_was_dropped_stays_out_whatever_else_is_configured(
    project: Project, removed: str
) -> None:
    config = f'{CONFIG}removed = "{removed}"\n'
    project.write("config/feeds.toml", config)
    project.build(NOON)
    project.write("config/articles.txt", card("First"))
    project.build(NOON + HOUR)
    assert list(project.items("all")) == ["First"]
    project.write("config/feeds.toml", f'{config}\n[topic.search]\ntitle = "Finding things"\n')
    project.build(NOON + 2 * HOUR)
    assert list(project.items("all")) == ["First"]


def test_a_source_that_is_renamed_still_speaks_for_its_items(project: Project) -> None:
    project.build(NOON)
    before = project.items("all")
    (project.root / "config/articles.txt").rename(project.root / "config/renamed.txt")
    project.write("config/feeds.toml", CONFIG.replace("articles.txt", "renamed.txt"))
    assert project.build(NOON + HOUR).new == 0
    project.write("config/renamed.txt", card("First", "Now something else.") + card("Second", tags="search"))
    project.build(NOON + 2 * HOUR)
    after = project.items("all")
    assert after["First"]["id"] == before["First"]["id"]
    assert after["First"]["summary"] == "Now something else."


def test_a_source_that_is_added_later_gives_the_same_ids(project: Project, tmp_path: Path) -> None:
    both = CONFIG + '[[source]]\npath = "more.txt"\nformat = "listing"\n'
    other = Project.with_listing(
        tmp_path / "other", (project.root / "config/articles.txt").read_bytes(), both
    )
    other.write("config/more.txt", card("Third") + card("First"))
    other.build(NOON)
    project.build(NOON)
    project.write("config/more.txt", card("Third") + card("First"))
    project.write("config/feeds.toml", both)
    project.build(NOON + HOUR)
    ids = [{title: item["id"] for title, item in one.items("all").items()} for one in (project, other)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 3


def test_the_report_of_a_build_is_the_same_whatever_was_there(project: Project) -> None:
    first = project.build(NOON)
    assert replace(project.build(NOON), new=2, unchanged=0, written=first.written, kept=0) == first


def _page(project: Project, path: str) -> html.HtmlElement:
    return html.fromstring((project.output / path).read_bytes())
