"""A show whose slug changes in the configuration stays the same show for its subscribers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from tests.control.written import HEAD
from tests.project import NOON, Project

from feeds.cli import main
from feeds.model import Report

HOUR = timedelta(hours=1)


def notes(*numbers: int, more: str = "") -> str:
    return "".join(f"{number}: Part {'abcdefgh'[number]}{more}\nWe fly.\n" for number in numbers)


def show(slug: str, path: str = "notes.txt", more: str = "") -> str:
    return f"""
[[source]]
path = "{path}"
format = "shownotes"
show = "{slug}"
{more}

[show.{slug}]
title = "The show"
author = "Ann"
categories = ["Technology"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A show of three episodes, of which its source lists two."""
    project = Project(tmp_path)
    project.write("config/feeds.toml", HEAD + show("kites"))
    project.write("config/notes.txt", notes(3, 2, 1))
    project.build(NOON)
    project.write("config/notes.txt", notes(3, 2))
    project.build(NOON + HOUR)
    return project


def renamed(project: Project, config: str) -> Report:
    project.write("config/feeds.toml", HEAD + config)
    return project.build(NOON + 2 * HOUR)


def ids(project: Project, path: str) -> dict[str, tuple[str, str]]:
    """Id and date of each item, by its title."""
    return {title: (item["id"], item["date_published"]) for title, item in project.items(path).items()}


def head(project: Project, slug: str) -> tuple[Any, Any]:
    """What a show and its feed are known by in apps."""
    feed = etree.parse(project.output / "shows" / slug / "podcast.xml")
    guid = feed.findtext(".//{https://podcastindex.org/namespace/1.0}guid")
    return guid, [item.text for item in feed.iterfind(".//item/guid")]


def test_episodes_keep_ids_and_dates_in_all_feeds_also_those_that_no_source_lists(project: Project) -> None:
    before, known = ids(project, "all"), head(project, "kites")
    report = renamed(project, show("dragons"))
    assert (report.new, report.changed) == (0, 0)
    assert ids(project, "all") == ids(project, "shows/dragons") == before
    assert head(project, "dragons") == known
    assert not (project.output / "shows/kites").exists()
    project.write("config/notes.txt", notes(4, 3, 2))
    assert project.build(NOON + 3 * HOUR).new == 1
    assert ids(project, "all").items() > before.items()


def test_the_build_and_the_plan_before_it_say_what_is_left_to_do(project: Project) -> None:
    project.write("config/feeds.toml", HEAD + show("dragons"))
    said = (
        "feeds.toml show.dragons: warning: replaces show.kites, whose episodes keep their ids and dates. "
        "Redirect shows/kites/ to shows/dragons/ on your web server"
    )
    assert said in plan(project).stderr
    assert said in "\n".join(map(str, project.build(NOON + 2 * HOUR).findings))
    assert plan(project).exit_code == 0
    assert rules(project.build(NOON + 3 * HOUR)) == set()


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings if finding.level != "info"}


def plan(project: Project) -> Result:
    return CliRunner().invoke(main, ["plan", "--config", str(project.config)], catch_exceptions=False)


def test_a_source_may_move_along_and_titles_be_mended(project: Project) -> None:
    before = ids(project, "all")
    project.write("config/dragons/notes.txt", notes(3) + notes(2, more="!"))
    renamed(project, show("dragons", "dragons/notes.txt"))
    after = ids(project, "all")
    assert [after[f"Part {one}"] for one in ("d", "c!", "b")] == [before[f"Part {one}"] for one in "dcb"]


def test_a_show_may_become_part_of_another(project: Project) -> None:
    both = show("boats", "boats.txt")
    project.write("config/boats.txt", "1: A boat\nWe sail.\n")
    renamed(project, show("kites") + both)
    before, boats = ids(project, "all"), head(project, "boats")[0]
    project.write("config/boats.txt", "1: A boat\nWe sail.\n" + notes(3, 2))
    renamed(project, both)
    assert ids(project, "shows/boats") == before
    assert head(project, "boats")[0] == boats


def test_a_show_may_be_split_in_halves(project: Project) -> None:
    before = ids(project, "all")
    project.write("config/a.txt", notes(3))
    project.write("config/b.txt", notes(2))
    renamed(project, show("dragons", "a.txt") + show("eagles", "b.txt"))
    assert ids(project, "all") == before
    assert list(ids(project, "shows/eagles")) == ["Part c"]


def test_a_show_that_was_renamed_may_be_named_back(project: Project) -> None:
    before, known = ids(project, "all"), head(project, "kites")
    renamed(project, show("dragons"))
    renamed(project, show("kites"))
    assert ids(project, "shows/kites") == ids(project, "all") == before
    assert head(project, "kites") == known


def test_another_show_in_the_place_of_one_has_ids_of_its_own_though_its_numbers_are_the_same(
    project: Project,
) -> None:
    before, known = ids(project, "all"), head(project, "kites")
    project.write("config/notes.txt", "3: On boats\nWe sail.\n2: On ships\nWe steam.\n")
    report = renamed(project, show("boats"))
    assert (report.new, rules(report)) == (2, set())
    assert {id_ for id_, _ in ids(project, "all").values()}.isdisjoint(id_ for id_, _ in before.values())
    assert head(project, "boats")[0] != known[0]


def test_a_show_that_went_long_ago_is_not_the_one_that_comes(project: Project) -> None:
    before = ids(project, "all")
    boats = show("boats", "boats.txt")
    project.write("config/boats.txt", "1: A boat\nWe sail.\n")
    renamed(project, boats)
    renamed(project, boats + show("dragons"))
    assert {id_ for id_, _ in ids(project, "all").values()}.isdisjoint(id_ for id_, _ in before.values())


def test_what_was_dropped_stays_out(project: Project) -> None:
    config = show("kites", more='removed = "drop"')
    project.write("config/notes.txt", notes(3, 2))
    renamed(project, config)
    project.write("config/notes.txt", notes(3))
    project.build(NOON + 3 * HOUR)
    before = ids(project, "all")
    assert list(before) == ["Part d"]
    renamed(project, config.replace("kites", "dragons"))
    assert ids(project, "all") == ids(project, "shows/dragons") == before


def test_a_rename_that_is_killed_half_way_is_completed_by_the_next_build(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, known = ids(project, "all"), head(project, "kites")
    with monkeypatch.context() as patch:
        patch.setattr("feeds.intake.Intake._follow_renamed", stop)
        with pytest.raises(KeyboardInterrupt):
            renamed(project, show("dragons"))
    project.build(NOON + 3 * HOUR)
    assert ids(project, "shows/dragons") == ids(project, "all") == before
    assert head(project, "dragons") == known


def stop(*_: object) -> None:
    raise KeyboardInterrupt
