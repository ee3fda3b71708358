"""What a machine may do to a build: each costs at most that build, never an id, a date or a whole file."""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from tests.project import CONFIG, NOON, Project, card

from feeds.cli import main

HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Have a disk of its own where the folder is."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", *options, str(folder)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def write_protected(folder: Path) -> Iterator[None]:
    """Take the right to write away, which root does not mind."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@contextmanager
def read_only_disk(folder: Path) -> Iterator[None]:
    with mounted(folder, "-t", "tmpfs", "-o", "ro", "tmpfs"):
        yield


@contextmanager
def below_a_file(folder: Path) -> Iterator[None]:
    """A place where nobody at all can make a folder."""
    folder.parent.rename(folder.parent.with_suffix(".kept"))
    folder.parent.touch()
    yield


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    with mounted(folder, "-t", "tmpfs", "-o", "size=24k", "tmpfs"):
        yield


@contextmanager
def small_files(_: Path) -> Iterator[None]:
    """No file may become larger than some kilobytes, as where a quota is used up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _can_mount() -> bool:
    if os.geteuid() or not shutil.which("mount"):
        return False
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"feeds-mount-{os.getpid()}"
    try:
        with mounted(folder, "-t", "tmpfs", "tmpfs"):
            return True
    except subprocess.CalledProcessError:
        return False
    finally:
        folder.rmdir()


CAN_MOUNT = _can_mount()
Disk = Callable[[Path], AbstractContextManager[None]]
PROTECTED = [
    below_a_file,
    *([write_protected] if os.geteuid() else []),
    *([read_only_disk] if CAN_MOUNT else []),
]
FULL = [small_files, *([small_disk] if CAN_MOUNT else [])]


needs_mount = pytest.mark.skipif(not CAN_MOUNT, reason="needs the right to mount")


@pytest.mark.parametrize("disk", PROTECTED)
def test_an_output_that_cannot_be_written_is_named(project: Project, disk: Disk) -> None:
    output = project.root / "public" / "output"
    output.parent.mkdir()
    with disk(output):
        result = project.run("--output", str(output))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{output.parent}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("disk", FULL)
def test_a_full_disk_is_named_and_what_is_there_is_whole(project: Project, disk: Disk) -> None:
    with disk(project.output):
        result = project.run()
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"{project.root}/")
        assert result.stderr.count("\n") == 1
        assert any(
            reason in result.stderr for reason in ("No space left", "too large", "is full", "I/O error")
        )
        for path in project.output.rglob("*.xml"):
            etree.parse(path)
        assert not (project.output / "manifest.json").exists()


def test_once_there_is_room_the_next_build_completes(project: Project) -> None:
    with small_files(project.output):
        assert project.run().exit_code == 2
    result = project.run()
    assert result.exit_code == 0
    whole = Project.with_listing(project.root / "whole", (project.root / "config/articles.txt").read_bytes())
    whole.build(NOON)
    assert project.tree() == whole.tree()


def ids_and_dates(project: Project) -> dict[str, tuple[str, str]]:
    return {title: (item["id"], item["date_published"]) for title, item in project.items("all").items()}


def test_a_clock_set_back_by_a_year_changes_nothing(project: Project) -> None:
    project.write("config/feeds.toml", f'{CONFIG}\n[topic.found]\nany = ["search"]\n')
    project.build(NOON)
    before = project.tree()
    for now in (NOON - YEAR, NOON + HOUR):
        report = project.build(now)
        assert (report.new, report.changed, report.written, report.findings) == (0, 0, 0, ())
        assert project.tree() == before


def test_what_is_new_while_the_clock_is_a_year_behind_is_announced_once_and_above_the_others(
    project: Project,
) -> None:
    project.build(NOON)
    before = ids_and_dates(project)
    project.write("config/articles.txt", card("Zeroth") + card("First") + card("Second", tags="search"))
    project.build(NOON - YEAR)
    after = ids_and_dates(project)
    assert list(after) == ["Zeroth", "First", "Second"]
    assert {title: after[title] for title in before} == before
    latest = max(datetime.fromisoformat(date) for _, date in after.values())
    assert NOON < latest < NOON + timedelta(minutes=1), "no later than it has to be"
    assert project.build(NOON + HOUR).written == 0


@pytest.mark.parametrize("command", ["build", "publish", "plan", "verify"])
def test_a_damaged_ledger_stops_every_command_and_is_left_as_it_is(project: Project, command: str) -> None:
    project.build(NOON)
    before = project.tree()
    damage(project.ledger)
    damaged = project.ledger.read_bytes()
    result = CliRunner().invoke(main, [command, "--config", str(project.config)], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "`feeds recover` makes a new one" in result.stderr
    assert project.ledger.read_bytes() == damaged
    assert project.ledger.with_name("ledger.sqlite.damaged-1").read_bytes() == damaged
    assert project.tree() == before


def test_as_the_complaint_says_a_damaged_ledger_is_moved_away_and_made_anew(project: Project) -> None:
    project.build(NOON)
    before = project.tree()
    damage(project.ledger)
    assert project.run().exit_code == 2
    project.ledger.unlink()
    result = CliRunner().invoke(main, ["recover", "--config", str(project.config)])
    assert (result.exit_code, result.output) == (0, "2 items recovered, 0 of them in no source\n")
    assert project.build(NOON + HOUR).written == 0
    assert project.tree() == before


def damage(ledger: Path) -> None:
    """Overwrite all of it but for its beginning."""
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


@needs_mount
def test_a_disk_that_becomes_full_keeps_each_file_as_it_was_or_as_it_will_be(project: Project) -> None:
    with mounted(project.output, "-t", "tmpfs", "-o", "size=400k", "tmpfs"):
        project.build(NOON)
        before = project.tree()
        filler = project.output / ".feeds-filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(400_000))
        project.write("config/articles.txt", card("Zeroth", "New. " * 500) + card("First") + card("Second"))
        result = project.run()
        assert (result.exit_code, result.stdout) == (2, "")
        assert "cannot be written: No space left on device" in result.stderr
        full = project.tree()
        filler.unlink()
        assert project.run().exit_code == 0
        after = project.tree()
        for path, body in full.items():
            assert body in (before.get(path), after.get(path)), path
        assert full["manifest.json"] == before["manifest.json"] != after["manifest.json"]


@needs_mount
def test_a_ledger_that_has_become_read_only_stops_the_build_before_it_writes(project: Project) -> None:
    with mounted(project.state, "-t", "tmpfs", "tmpfs"):
        project.build(NOON)
        before = project.tree()
        project.write("config/articles.txt", card("Zeroth") + card("First") + card("Second"))
        subprocess.run(["mount", "-o", "remount,ro", str(project.state)], check=True)
        result = project.run()
        assert (result.exit_code, result.stdout) == (2, "")
        reason = "attempt to write a readonly database"
        assert result.stderr == f"{project.ledger}: the ledger cannot be used: {reason}\n"
        assert project.tree() == before


def test_a_picture_of_the_theme_takes_the_place_of_the_one_that_is_drawn(project: Project) -> None:
    project.build(NOON)
    drawn = project.tree()["card.png"]
    assert drawn.startswith(b"\x89PNG")
    project.write("config/theme/card.png", b"\x89PNG of mine")
    assert not project.build(NOON).findings
    assert project.tree()["card.png"] == b"\x89PNG of mine"
    (project.root / "config/theme/card.png").unlink()
    project.build(NOON)
    assert project.tree()["card.png"] == drawn


@pytest.mark.parametrize("name", ["all/rss.xml", "feeds.opml", "manifest.json"])
def test_a_file_of_the_theme_takes_no_place_that_the_build_fills(project: Project, name: str) -> None:
    project.build(NOON)
    before = project.tree()
    project.write(f"config/theme/{name}", "mine")
    for _ in range(2):
        report = project.build(NOON)
        assert [(finding.rule, finding.place.source) for finding in report.findings] == [
            ("theme-in-use", f"theme/{name}")
        ]
        assert project.tree() == before
