"""A build may be killed at any moment: no half-written file is ever visible, and the next one completes."""

import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from itertools import repeat
from pathlib import Path

import pytest
from lxml import etree
from tests.build.killing import Build
from tests.project import CONFIG, NOON, SHOW, Project, card

from feeds.model import Record
from feeds.targets import Folder
from feeds.units import Units

HOUR = timedelta(hours=1)
FEEDS = ("rss.xml", "atom.xml", "podcast.xml", "feed.json")
OWN_ADDRESS = re.compile(r"https://example\.org/([^\"<>\s\\]*)")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOTES = "".join(
    f"{number}: Episode {number}\nWe fly. Timestamps Intro 0:06 Wind 1:40 Outro 2:{number:02}\n"
    for number in range(1, 9)
)


def listing(summary: str, letters: str = LETTERS) -> str:
    """As many cards as there are letters, each with a topic of its own."""
    return "".join(card(f"Title {letter}", summary, f"topic-{letter} all-topics") for letter in letters)


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


def look(project: Project, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Assert that a reader who comes now sees a site that is whole."""
    for path, digest in visible(project).items():
        assert digest in (before.get(path), after.get(path)), f"{path} is not whole"
        body = (project.output / path).read_bytes()
        if path.endswith(".xml"):
            etree.fromstring(body)
        elif path.endswith("json"):
            json.loads(body)
        # Nobody is led to an archive before its feed is there.
        feed = project.output / re.sub(r"archive/\d+/", "", path)
        if path.endswith(FEEDS) and feed.exists():
            for address in set(OWN_ADDRESS.findall(body.decode())):
                file = project.output / (f"{address}index.html" if address.endswith("/") else address)
                # Feeds come one after another, the front page at last.
                is_left = not address or address.endswith(FEEDS)
                assert file.is_file() or is_left, f"{path} leads to {address}, which is not there"


def restore(project: Project, saved: Path) -> None:
    """Have the project as it was."""
    shutil.rmtree(project.root)
    shutil.copytree(saved, project.root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("is_first", "workers"),
    [(True, "serial"), (False, "serial"), (False, "processes")],
    ids=["the first build", "a change", "a change, by processes"],
)
def test_killed_at_any_moment_what_is_there_is_whole_and_the_next_build_makes_the_same_site(
    tmp_path: Path, is_first: bool, workers: str
) -> None:
    """At 25 points each: half of them steps of the build from its beginning to its end, half moments."""
    config = CONFIG.replace("\n[[", "limit = 4\n\n[[", 1) + SHOW + f'[build]\nworkers = "{workers}"\n'
    project = Project.with_listing(tmp_path / "site", listing("One.", LETTERS[:9]), config)
    project.write("config/notes.txt", NOTES)
    if not is_first:
        project.build(NOON)
        project.write("config/articles.txt", listing("Two.", LETTERS[3:12]))
        project.write("config/notes.txt", f"9: Episode 9\nWe land. Timestamps Intro 0:06 End 1:40\n{NOTES}")
    shutil.copytree(project.root, tmp_path / "saved")
    before = visible(project)
    now = (NOON + HOUR).isoformat()
    assert Build(project, now).finish() == 0  # once more than is measured: the first has modules to load
    restore(project, tmp_path / "saved")
    whole = Build(project, now)
    assert whole.finish() == 0
    after = visible(project)
    chance = random.Random(7)
    steps = [whole.steps * number // 13 for number in range(1, 14)]
    moments = [chance.uniform(0, whole.seconds) for _ in range(12)]
    kills = 0
    for dies_at, moment in [*zip(steps, repeat(60.0)), *zip(repeat(0), moments)]:
        restore(project, tmp_path / "saved")
        build = Build(project, now, dies_at=dies_at)
        kills += build.finish(kill_after=moment) == -signal.SIGKILL
        look(project, before, after)
        assert Build(project, now).finish() == 0
        assert visible(project) == after, f"killed at step {build.steps} of {whole.steps}"
        assert not [*project.output.rglob(".feeds-unfinished*")]
    assert kills >= 18, "most builds were over before they were killed"


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
    code, said = finish(build)
    assert code == 0
    assert re.fullmatch(r".+: another run of feeds has been writing here .+; waiting up to 60 s\n", said)
    assert "all/rss.xml" in project.tree()


@pytest.mark.slow
def test_builds_at_the_same_time_take_turns_and_agree(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, listing("One."))
    builds = [started(project, NOON.isoformat()) for _ in range(4)]
    assert [finish(build)[0] for build in builds] == [0] * 4
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


@pytest.mark.parametrize("last", ["all/atom.xml", "index.html"])
def test_what_an_interrupted_build_wrote_is_removed_by_the_next_one_that_does_not_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """The editor saw what he did not mean, stopped it, tried again, and changed the configuration."""
    dropping = CONFIG.replace('"listing"', '"listing"\nremoved = "drop"')
    project = Project.with_listing(tmp_path, listing("One."), dropping + SHOW)
    project.write("config/notes.txt", NOTES)
    write = Units.write

    def stop(units: Units, record: Record) -> None:
        write(units, record)
        if record.path == last:
            raise KeyboardInterrupt

    for letters in (LETTERS, LETTERS[:22]):
        project.write("config/articles.txt", listing("One.", letters))
        with monkeypatch.context() as patch:
            patch.setattr(Units, "write", stop)
            with pytest.raises(KeyboardInterrupt):
                project.build(NOON)
    project.write("config/articles.txt", listing("One.", LETTERS[:18]))
    project.write("config/feeds.toml", dropping)
    project.build(NOON)
    left = visible(project)
    del left["manifest.json"]
    assert left == manifest(project)


def _die(*_: object) -> None:
    raise RuntimeError
