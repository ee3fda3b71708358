"""The same input gives the same bytes, wherever and whenever a build runs."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.project import NOON, Project

from .conftest import ADDRESS
from .sample import SHOW, article, episode, feed, written

BUILD = """
import locale, sys
locale.setlocale(locale.LC_ALL, "")
from feeds.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locale de_DE.UTF-8, where Friday is Fr and a decimal point a comma."""
    localedef = shutil.which("localedef")
    folder = tmp_path_factory.mktemp("locales")
    command = [localedef or "", "--no-archive", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")]
    if not localedef or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("the sources of locales are not installed (Debian package locales)")
    return folder


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
def test_a_feed_has_the_same_bytes_in_every_time_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = feed(episode(), show=SHOW), feed(article(1), episode(2))
    at_home = [written(one) for one in made]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert time.timezone != 0
        assert [written(one) for one in made] == at_home
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.slow
def test_a_build_far_away_in_another_language_gives_the_same_bytes(
    site: Project, german: Path, tmp_path: Path
) -> None:
    elsewhere = Project.of_repository(tmp_path)
    command = ["build", "--config", str(elsewhere.config), "--base-url", ADDRESS, "--now", NOON.isoformat()]
    environment = {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "LOCPATH": str(german)}
    subprocess.run([sys.executable, "-c", BUILD, *command], env=os.environ | environment, check=True)
    there, here = elsewhere.tree(), site.tree()
    assert there.keys() == here.keys()
    assert [path for path in here if there[path] != here[path]] == []
