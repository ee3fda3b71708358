"""`feeds publish` may be killed at any moment: the next call publishes and tells what is missing."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.project import CONFIG, NOON, Project, card

from .hub import Hub, a_hub

FEEDS = ("rss.xml", "atom.xml", "feed.json")


def listing(number: int) -> str:
    return "".join(card(f"Title {letter}", f"Text {number}.", f"topic-{letter}") for letter in "ABCDEFGH")


def started(project: Project) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "feeds", "publish", "--config", str(project.config), "--wait", "5"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def changed_feeds(project: Project, before: dict[str, bytes]) -> set[str]:
    return {
        path for path, body in project.tree().items() if path.endswith(FEEDS) and before.get(path) != body
    }


@pytest.mark.slow
def test_a_publish_killed_at_any_moment_is_made_good_by_the_next(tmp_path: Path) -> None:
    chance = random.Random(5)
    (tmp_path / "output").mkdir()
    with a_hub(tmp_path / "output") as hub:
        config = CONFIG.replace("https://example.org/", hub.url)
        config = config.replace("[[source]]", f'hubs = ["{hub.url}hub"]\n\n[[source]]', 1)
        project = Project.with_listing(tmp_path, listing(0), config)
        seconds = duration(project)
        kills = 0
        for number in range(1, 13):
            was_killed, seconds = round_with_a_kill(project, hub, number, chance.uniform(0.2, seconds))
            kills += was_killed
    assert kills >= 4, "most calls were over before they were killed"


def duration(project: Project) -> float:
    """Publish; gives how many seconds that took, which depends on what else the machine does."""
    begun = time.monotonic()
    publish = started(project)
    assert publish.communicate(timeout=120)[1] == b""
    assert publish.returncode == 0
    return time.monotonic() - begun


def round_with_a_kill(project: Project, hub: Hub, number: int, seconds: float) -> tuple[bool, float]:
    """Change all items, kill a publish of that, publish again.

    Tells whether one was killed, and how long the other took.
    """
    before = project.tree()
    hub.forms.clear()
    project.write("config/articles.txt", listing(number))
    first = started(project)
    time.sleep(seconds)
    first.kill()
    first.communicate()
    whole = duration(project)
    changed = changed_feeds(project, before)
    assert len(changed) == 3 * 9  # of everything, and of each topic
    assert {topic.removeprefix(hub.url) for topic in hub.told} == changed
    plain = Project.with_listing(
        project.root / f"plain-{number}", listing(number), project.config.read_text()
    )
    plain.build(NOON)
    assert plain.tree().keys() == project.tree().keys()
    return first.returncode < 0, whole
