"""Whole builds on a ledger in PostgreSQL, and on one that several share."""

import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.build.killing import Build
from tests.ledger.conftest import Server
from tests.project import CONFIG, NOON, NOTES, SHOW, Project, card

from feeds.build import _Build
from feeds.build import build as build_
from feeds.config import load
from feeds.errors import FeedsError
from feeds.model import Report

HOUR = timedelta(hours=1)

CARDS = "".join(card(f"Title {number}", tags=f"storage topic-{number % 7}") for number in range(60))


def project(root: Path, ledger: str, config: str = CONFIG) -> Project:
    ours = Project.with_listing(root, CARDS, f'{config}\n[build]\nledger = "{ledger}"\n')
    ours.write("config/notes.txt", NOTES)
    return ours


def start(project: Project) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "feeds",
        "build",
        "--config",
        str(project.config),
        "--now",
        NOON.isoformat(),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_database_makes_no_difference_to_the_site(postgresql: Server, tmp_path: Path) -> None:
    one = project(tmp_path / "one", "../ledger.sqlite")
    other = project(tmp_path / "other", postgresql.database())
    one.build(NOON)
    other.build(NOON)
    assert other.tree() == one.tree()
    assert (tmp_path / "one" / "ledger.sqlite").exists()
    assert not list(other.root.rglob("*.sqlite"))
    assert other.build(NOON).written == 0


@pytest.mark.slow
def test_two_builds_at_once_on_one_ledger_make_the_site_that_one_would(address: str, tmp_path: Path) -> None:
    sites = [project(tmp_path / name, address) for name in ("one", "other")]
    builds = [start(site) for site in sites]
    for build in builds:
        _, complaints = build.communicate(timeout=120)
        assert build.returncode == 0, complaints
    alone = project(tmp_path / "alone", "../ledger.sqlite")
    alone.build(NOON)
    assert [site.tree() for site in sites] == [alone.tree()] * 2


def test_a_build_whose_database_goes_away_says_so_and_the_next_one_completes_it(
    postgresql: Server, tmp_path: Path
) -> None:
    ours = project(tmp_path, postgresql.database())
    assert ours.run().exit_code == 0
    before = ours.tree()
    postgresql.stop()
    try:
        ours.write("config/articles.txt", card("Newest") + CARDS)
        result = ours.run()
    finally:
        postgresql.start()
    assert result.exit_code == 2
    assert "the database cannot be reached" in result.stderr
    assert ours.tree() == before
    assert ours.run().exit_code == 0
    assert next(iter(ours.items("all"))) == "Newest"


@pytest.mark.slow
def test_a_database_that_is_restarted_in_the_middle_costs_at_most_this_build(
    postgresql: Server, tmp_path: Path
) -> None:
    """At points from the beginning of the build to its end."""
    now = NOON.isoformat()
    alone = project(tmp_path / "alone", postgresql.database())
    assert Build(alone, now).finish() == 0  # the first one has modules to load
    shutil.rmtree(alone.root)
    alone = project(tmp_path / "alone", postgresql.database())
    whole = Build(alone, now)
    assert whole.finish() == 0
    expected = alone.tree()
    codes = []
    for number in range(1, 7):
        ours = project(tmp_path / str(number), postgresql.database())
        build = Build(ours, now)
        build.wait_for(whole.steps * number // 7)
        postgresql.stop()
        postgresql.start()
        codes.append(build.finish())
        assert codes[-1] in (0, 2)
        assert ours.tree().items() <= expected.items()
        assert Build(ours, now).finish() == 0
        assert ours.tree() == expected
    assert 2 in codes, "it was over before the restart, or did not notice"


@pytest.mark.parametrize("station", ["_publish_episodes", "_publish_articles", "_publish_feeds"])
@pytest.mark.parametrize("removed", ["keep", "drop"])
def test_what_another_build_remembers_while_one_publishes_is_published_right_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, station: str, removed: str
) -> None:
    """The other one has news, with a topic of its own, or has lost half of the items."""
    config = CONFIG.replace("\n[[", "limit = 4\n\n[[", 1) + f'removed = "{removed}"\n{SHOW}'
    ledger = str(tmp_path / "ledger.sqlite")
    one, other = (project(tmp_path / name, ledger, config) for name in ("one", "other"))
    build(other, NOON)
    news = card("Newest", tags="storage news", publisher="Netflix") + CARDS
    listing = news if removed == "keep" else CARDS[: len(CARDS) // 2]
    publish = getattr(_Build, station)

    def publish_late(run: _Build) -> None:
        monkeypatch.undo()
        other.write("config/articles.txt", listing)
        build(other, NOON + HOUR)
        publish(run)

    monkeypatch.setattr(_Build, station, publish_late)
    said = [finding.rule for finding in build(one, NOON + HOUR).findings]
    assert ("disturbed" in said) == (station != "_publish_episodes"), "after which groups are looked at anew"
    one.write("config/articles.txt", listing)
    build(one, NOON + HOUR)
    build(other, NOON + HOUR)
    assert one.tree() == other.tree()
    assert build(one, NOON + HOUR).written == 0


@pytest.mark.parametrize("station", ["_publish_archives", "_publish_feeds", "_feed_files"])
def test_a_build_that_loses_a_group_to_another_says_so_and_the_next_one_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, station: str
) -> None:
    config = CONFIG.replace("\n[[", "limit = 4\n\n[[", 1) + 'removed = "drop"\n'
    ledger = str(tmp_path / "ledger.sqlite")
    one, other = (project(tmp_path / name, ledger, config) for name in ("one", "other"))
    left = "".join(card(f"Title {number}", tags="storage topic-0") for number in range(0, 60, 7))
    publish = getattr(_Build, station)

    def publish_late(run: _Build, *arguments: object) -> object:
        monkeypatch.undo()
        other.write("config/articles.txt", left)
        build(other, NOON)
        return publish(run, *arguments)

    monkeypatch.setattr(_Build, station, publish_late)
    with pytest.raises(FeedsError, match=r"taken everything out of topics/topic-\d .*; build again"):
        build(one, NOON)
    one.write("config/articles.txt", left)
    build(one, NOON)
    feeds = [path for path in other.tree() if path.endswith(("rss.xml", "atom.xml", "feed.json"))]
    assert {path: one.tree()[path] for path in feeds} == {path: other.tree()[path] for path in feeds}


def build(project: Project, now: datetime) -> Report:
    return build_(load(project.config), output=project.output, state=project.state, now=now, surprising=True)
