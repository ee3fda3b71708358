"""A build may be killed at any moment: no half-written file is ever visible, and the next one completes."""

import hashlib
import json
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.project import CONFIG, NOON, Project, card

from feeds.targets import Folder

HOUR = timedelta(hours=1)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHOW = """
[[source]]
path = "notes.txt"
format = "shownotes"
show = "kites"

[show.kites]
title = "Kites"
author = "Ann"
categories = ["Technology"]
"""
NOTES = "".join(
    f"{number}: Episode {number}\nWe fly. Timestamps Intro 0:06 Wind 1:40 Outro 2:{number:02}\n"
    for number in range(1, 9)
)


def listing(summary: str) -> str:
    """As many cards as there are letters, each with a topic of its own."""
    return "".join(card(f"Title {letter}", summary, f"topic-{letter} all-topics") for letter in LETTERS)


def started(project: Project, now: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "feeds", "build", "--config", str(project.config), "--now", now]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(build: "subprocess.Popen[bytes]") -> tuple[int, str]:
    _, errors = build.communicate(timeout=120)
    return build.returncode, errors.decode()


def visible(project: Project) -> dict[str, str]:
    """The hash of every file that a web server would give out."""
    return {
        path.relative_to(project.output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in project.output.rglob("*")
        if path.is_file() and not path.name.startswith(".feeds")
    }


def manifest(project: Project) -> dict[str, str]:
    files = json.loads((project.output / "manifest.json").read_bytes())["files"]
    return {path: file["sha256"] for path, file in files.items()}


def killed_after(project: Project, now: str, seconds: float) -> bool:
    """Start a build and kill it; tells whether it was still running."""
    build = started(project, now)
    time.sleep(seconds)
    build.kill()
    return finish(build)[0] < 0


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_whole_files_and_the_next_one_completes(tmp_path: Path) -> None:
    chance = random.Random(7)
    begun = time.monotonic()
    uninterrupted = Project.with_listing(tmp_path / "uninterrupted", listing("One."), CONFIG + SHOW)
    uninterrupted.write("config/notes.txt", NOTES)
    assert finish(started(uninterrupted, NOON.isoformat())) == (0, "")
    duration = time.monotonic() - begun
    kills = 0
    for attempt in range(12):
        project = Project.with_listing(tmp_path / str(attempt), listing("One."), CONFIG + SHOW)
        project.write("config/notes.txt", NOTES)
        kills += killed_after(project, NOON.isoformat(), chance.uniform(0.2, duration))
        kills += killed_after(project, NOON.isoformat(), chance.uniform(0.2, duration))
        there = visible(project)
        assert finish(started(project, NOON.isoformat())) == (0, "")
        whole = manifest(project)
        there.pop("manifest.json", None)
        assert there.items() <= whole.items(), "a file was visible that was not whole"
        complete = visible(project)
        del complete["manifest.json"]
        assert complete == whole
        assert whole.keys() == manifest(uninterrupted).keys()
        assert not [*project.output.rglob(".feeds-unfinished")]
    assert kills >= 6, "most builds were over before they were killed"


@pytest.mark.slow
def test_a_change_killed_at_any_moment_shows_each_file_as_it_was_or_as_it_will_be(tmp_path: Path) -> None:
    chance = random.Random(11)
    project = Project.with_listing(tmp_path, listing("One."))
    project.build(NOON)
    kills = 0
    for attempt in range(1, 16):
        now = (NOON + attempt * HOUR).isoformat()
        before = visible(project)
        project.write("config/articles.txt", listing(f"Number {attempt}."))
        kills += killed_after(project, now, chance.uniform(0.2, 1.2))
        between = visible(project)
        assert finish(started(project, now)) == (0, "")
        after = visible(project)
        assert after != before
        assert between.keys() == before.keys() == after.keys()
        for path, content in between.items():
            assert content in (before[path], after[path]), path
        rest = dict(after)
        del rest["manifest.json"]
        assert rest == manifest(project)
    assert kills >= 5, "most builds were over before they were killed"


@pytest.mark.slow
def test_whoever_reads_while_a_build_writes_sees_whole_files_only(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, listing("One."))
    project.build(NOON)
    before = visible(project)
    project.write("config/articles.txt", listing("Two."))
    build = started(project, (NOON + HOUR).isoformat())
    seen: dict[str, set[str]] = {}
    while build.poll() is None:
        for path in before:  # each is there at every moment
            content = (project.output / path).read_bytes()
            seen.setdefault(path, set()).add(hashlib.sha256(content).hexdigest())
    assert finish(build) == (0, "")
    after = visible(project)
    assert after != before
    for path, contents in seen.items():
        assert contents <= {before[path], after[path]}, path


def test_a_second_build_on_the_same_output_waits_for_the_first(project: Project) -> None:
    with Folder(project.output):
        build = started(project, NOON.isoformat())
        with pytest.raises(subprocess.TimeoutExpired):
            build.wait(timeout=2)
        assert project.tree() == {}
    assert finish(build) == (0, "")
    assert "all/rss.xml" in project.tree()


@pytest.mark.slow
def test_builds_at_the_same_time_take_turns_and_agree(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, listing("One."))
    builds = [started(project, NOON.isoformat()) for _ in range(4)]
    assert [finish(build) for build in builds] == [(0, "")] * 4
    rest = visible(project)
    del rest["manifest.json"]
    assert rest == manifest(project)


def test_a_build_that_dies_after_remembering_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.build._Build._publish_feeds", _die)
    with pytest.raises(RuntimeError):
        project.build(NOON)
    monkeypatch.undo()
    assert not (project.output / "all").exists()
    project.build(NOON + HOUR)
    dates = [item["date_published"] for item in project.items("all").values()]
    assert dates == ["2026-01-02T12:00:00Z", "2026-01-02T11:59:00Z"]


def _die(*_: object) -> None:
    raise RuntimeError
