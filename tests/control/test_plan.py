"""`feeds plan`, and builds that stop where subscribers would be surprised."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.control.written import HEAD, item, listed, source, write
from tests.project import NOON, SHOW, Project

from feeds.cli import main
from feeds.errors import SurpriseError

HOUR = timedelta(hours=1)
SIX = [item(f"Title {letter}", url=f"https://meta.example/{letter}", tags="x") for letter in "ABCDEF"]
AGAIN = [{**one, "url": f"{one['url']}/moved"} for one in SIX]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return listed(tmp_path, *SIX)


def plan(project: Project, *options: str) -> Result:
    command = ["plan", "--config", str(project.config), *options]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def changes(project: Project) -> dict[str, tuple[int, int, int, int, int]]:
    feeds: list[dict[str, Any]] = json.loads(plan(project, "--json").stdout)["feeds"]
    return {
        feed["path"]: (feed["new"], feed["again"], feed["changed"], feed["vanished"], feed["total"])
        for feed in feeds
    }


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_before_the_first_build_all_is_new_and_nothing_is_written(project: Project) -> None:
    before = everything(project.root)
    result = plan(project)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "all  6 new",
        "publishers/meta  6 new",
        "topics/x  6 new",
        "3 feeds would change, 0 stay as they are",
    ]
    assert everything(project.root) == before


def test_after_a_build_nothing_would_change(project: Project) -> None:
    project.build()
    result = plan(project)
    assert (result.exit_code, result.stdout) == (0, "0 feeds would change, 3 stay as they are\n")


def test_the_plan_counts_for_each_feed_what_the_build_then_does(project: Project) -> None:
    project.write("config/feeds.toml", HEAD + source("a.json", 'removed = "drop"'))
    project.build()
    edited = [{**SIX[0], "summary": "Other words.", "tags": ["x", "y"]}, *SIX[2:], item("Title G", tags="z")]
    write(project, "a.json", edited)
    before, ledger = everything(project.output), project.ledger.read_bytes()
    assert changes(project) == {
        "all": (1, 0, 1, 1, 6),
        "publishers/meta": (1, 0, 1, 1, 6),
        "topics/x": (0, 0, 1, 1, 5),
        "topics/y": (1, 0, 0, 0, 1),
        "topics/z": (1, 0, 0, 0, 1),
    }
    assert everything(project.output) == before
    assert project.ledger.read_bytes() == ledger
    report = project.build(NOON + HOUR)
    assert (report.new, report.changed, report.gone) == (1, 1, 1)
    assert len(project.items("all")) == 6
    assert changes(project) == {}


def test_a_change_of_overrides_and_rules_is_part_of_the_plan(project: Project) -> None:
    project.build()
    project.write("config/overrides.toml", '[[override]]\nmatch = { title = "Title A" }\nhidden = true\n')
    config = project.config.read_text()
    project.write("config/feeds.toml", config + '[[tags.rule]]\nany = ["title:*B"]\nadd = ["y"]\n')
    found = changes(project)
    assert found["all"] == (0, 0, 1, 1, 5)
    assert found["topics/y"] == (1, 0, 0, 0, 1)


def test_a_source_that_cannot_be_read_is_in_the_plan(project: Project) -> None:
    project.build()
    project.write("config/a.json", "{")
    result = plan(project)
    assert result.exit_code == 1
    assert "a.json:1:2: error: " in result.stderr


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (SIX[:2], "a.json: lists 2 items, down from 6"),
        (AGAIN, "a.json: 6 items would look new to subscribers who have them already"),
    ],
    ids=["short", "again"],
)
def test_a_build_that_would_surprise_subscribers_stops_unless_told_to_go_on(
    project: Project, items: list[dict[str, Any]], said: str
) -> None:
    project.build()
    before = project.tree()
    write(project, "a.json", items)
    foreseen = plan(project)
    assert foreseen.exit_code == 1
    assert f"{said}; `feeds build` will stop there without --yes" in foreseen.stderr
    result = project.run("--now", "2026-01-02T13:00:00Z")
    assert result.exit_code == 1
    assert said in result.stderr
    assert "--yes" in result.stderr
    assert project.tree() == before
    with pytest.raises(SurpriseError):
        project.build(NOON + HOUR)
    assert project.run("--yes", "--now", "2026-01-02T13:00:00Z").exit_code == 0
    feed = json.loads(project.tree()["all/feed.json"])
    assert len(feed["items"]) == (12 if items is AGAIN else 6)
    assert project.run("--now", "2026-01-02T14:00:00Z").exit_code == 0


def test_what_is_announced_again_is_counted_apart(project: Project) -> None:
    project.build()
    write(project, "a.json", AGAIN)
    assert changes(project)["all"] == (6, 6, 0, 0, 12)
    assert "all  6 new, 6 announced again" in plan(project).stdout


@pytest.mark.parametrize("kept", [3, 5])
def test_half_of_the_items_and_more_is_no_surprise(project: Project, kept: int) -> None:
    project.build()
    write(project, "a.json", SIX[:kept])
    assert project.build(NOON + HOUR).gone == 6 - kept


def test_a_source_that_lists_quite_other_items_is_no_surprise(project: Project) -> None:
    project.build()
    write(project, "a.json", [item(f"New {letter}") for letter in "ABCDEF"])
    assert project.build(NOON + HOUR).new == 6


def test_a_small_source_may_change_altogether(tmp_path: Path) -> None:
    project = listed(tmp_path, *SIX[:4])
    project.build()
    write(project, "a.json", [SIX[0]])
    assert project.build(NOON + HOUR).gone == 3


def test_mended_titles_and_tags_of_all_items_are_no_surprise(project: Project) -> None:
    project.build()
    write(project, "a.json", [{**one, "title": f"{one['title']}!", "tags": "y"} for one in SIX])
    report = project.build(NOON + HOUR)
    assert (report.new, report.changed) == (0, 6)


def test_a_folder_that_suddenly_has_few_files_is_a_surprise(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + '[[source]]\npath = "posts"\n')
    for letter in "abcdef":
        project.write(f"config/posts/{letter}.md", f"---\ntitle: Post {letter}\n---\nText.")
    project.build()
    for letter in "abcd":
        (project.root / f"config/posts/{letter}.md").unlink()
    said = "posts: lists 2 items in all its files, down from 6"
    foreseen = plan(project)
    assert (foreseen.exit_code, said in foreseen.stderr) == (1, True)
    with pytest.raises(SurpriseError):
        project.build(NOON + HOUR)
    assert project.run("--yes", "--now", "2026-01-02T13:00:00Z").exit_code == 0
    assert len(project.items("all")) == 6


def test_a_folder_whose_files_have_other_names_is_no_surprise(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + '[[source]]\npath = "posts"\n')
    for letter in "abcdef":
        project.write(f"config/posts/{letter}.md", f"---\ntitle: Post {letter}\n---\nText.")
    project.build()
    for letter in "abcdef":
        (project.root / f"config/posts/{letter}.md").rename(project.root / f"config/posts/{letter}2.md")
    report = project.build(NOON + HOUR)
    assert (report.new, report.gone) == (0, 0)


NOTES = "".join(f"{number}: Part {number} of it\nWe fly.\n" for number in range(6, 0, -1))


def test_a_source_that_is_given_to_another_show_is_a_surprise(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + SHOW)
    project.write("config/notes.txt", NOTES)
    project.build()
    wind = SHOW.partition("[show.kites]")
    project.write("config/feeds.toml", HEAD + SHOW.replace("kites", "wind") + "".join(wind[1:]))
    said = "notes.txt: 6 items would look new to subscribers who have them already"
    foreseen = plan(project)
    assert (foreseen.exit_code, said in foreseen.stderr) == (1, True)
    assert "shows/wind  6 new, 6 announced again" in foreseen.stdout
    with pytest.raises(SurpriseError):
        project.build(NOON + HOUR)
