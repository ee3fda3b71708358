"""A build that would find nothing new is told from the state of files, and does nothing."""

import json
import os
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from tests.project import CONFIG, REPOSITORY, Project, card

from feeds.errors import FeedsError
from feeds.unchanged import MAKERS

SHOW = """
[[source]]
path = "notes/*.txt"
format = "shownotes"
show = "talk"

[show.talk]
title = "Talk"
author = "Ana"
categories = ["Technology"]
audio = "media/{number}.mp3"
"""
NOTES = "1: One\n\nProse of the first. Timestamps Intro 0:00 Middle 1:00\n"
FUTURE = """
[[override]]
match = { title = "Later" }
date = 2026-03-01T00:00:00Z
"""


@pytest.fixture
def settled(tmp_path: Path) -> Project:
    """A project whose files are older than its build."""
    project = Project.with_listing(tmp_path, card("First") + card("Later"), CONFIG + SHOW)
    project.write("config/notes/1.txt", NOTES)
    project.write("config/notes/2.txt", NOTES.replace("1: One", "2: Two"))
    project.write("config/overrides.toml", FUTURE)
    project.write("config/media/other.txt", "")
    age(project)
    assert project.run().exit_code == 1, "episodes have no audio"
    return project


def age(project: Project) -> None:
    for path in (project.root / "config").rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))


def builds(project: Project, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> bool:
    """Run the command; tell whether it had to look into anything."""
    looked = []

    def build(*_: object, **__: object) -> NoReturn:
        looked.append(True)
        raise FeedsError("looks")

    with monkeypatch.context() as patch:
        patch.setattr("feeds.build.build", build)
        result = project.run(*arguments)
    assert looked or result.exit_code < 2
    return bool(looked)


def test_what_it_says_is_what_a_build_without_news_says(
    settled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not builds(settled, monkeypatch)
    told = settled.run("--json")
    for note in (settled.state / "builds").iterdir():
        note.unlink()
    looked = settled.run("--json")
    assert (told.exit_code, json.loads(told.stdout)) == (looked.exit_code, json.loads(looked.stdout))
    assert json.loads(told.stdout)["findings"], "the episode without audio is still reported"


CHANGES: dict[str, Callable[[Project], object]] = {
    "the configuration": lambda project: project.write("config/feeds.toml", CONFIG + SHOW + "\n"),
    "the overrides": lambda project: project.write("config/overrides.toml", FUTURE + "\n"),
    "a source": lambda project: project.write("config/articles.txt", card("First")),
    "another file of a glob": lambda project: project.write("config/notes/3.txt", NOTES),
    "a file of a glob that went": lambda project: (project.root / "config/notes/1.txt").unlink(),
    "audio": lambda project: project.write("config/media/1.mp3", b""),
    "the theme": lambda project: project.write("config/theme/style.css", "p {}"),
    "a published file that went": lambda project: (project.output / "all/rss.xml").unlink(),
    "a published file that was edited": lambda project: project.write("output/all/rss.xml", "<rss/>"),
    "the ledger": lambda project: project.ledger.unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_decides_on_the_output_makes_a_build(
    settled: Project, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    CHANGES[what](settled)
    assert builds(settled, monkeypatch)


@pytest.mark.parametrize("arguments", [["--base-url", "https://example.net/"], ["--output", "elsewhere"]])
def test_what_is_asked_otherwise_makes_a_build(
    settled: Project, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert builds(settled, monkeypatch, *arguments)


def test_an_item_that_becomes_due_makes_a_build(settled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not builds(settled, monkeypatch, "--now", "2026-02-28T23:59:59Z")
    assert builds(settled, monkeypatch, "--now", "2026-03-01T00:00:00Z")


def test_a_file_edited_while_the_build_ran_makes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.with_listing(tmp_path, card("First"))
    age(project)
    os.utime(project.root / "config" / "articles.txt", (4_000_000_000, 4_000_000_000))
    project.run()
    assert builds(project, monkeypatch)


@pytest.mark.parametrize("source", ["http://127.0.0.1:9/feed.xml", "-"])
def test_what_is_no_file_is_always_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    config = f'{CONFIG}\n[[source]]\npath = "{source}"\nformat = "feed"\n'
    project = Project.with_listing(tmp_path, card("First"), config)
    age(project)
    project.run()
    assert builds(project, monkeypatch)


def test_a_note_that_cannot_be_read_is_no_note(settled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for note in (settled.state / "builds").iterdir():
        note.write_text("{}")
    assert builds(settled, monkeypatch)


@pytest.mark.parametrize(
    ("release", "counts"),
    [("nh3-99.0.dist-info", True), ("Jinja2-99.0.dist-info", True), ("pytest-99.0.dist-info", False)],
)
def test_another_release_of_a_library_that_makes_files_counts(
    settled: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, release: str, counts: bool
) -> None:
    (tmp_path / "libraries" / release).mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "libraries")])
    assert builds(settled, monkeypatch) is counts


def test_of_every_library_it_is_known_whether_it_makes_files() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[^\w-]", needed)[0].replace("-", "_") for needed in project["dependencies"]}
    assert names - MAKERS == {
        *("brotli", "click", "filelock", "protego", "pydantic", "requests", "rich", "rapidfuzz"),
        *("google_re2", "sqlalchemy", "starlette", "urllib3", "uvicorn", "watchfiles"),
    }
    assert names >= MAKERS
