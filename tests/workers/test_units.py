"""Each show is a unit of its own: what changes in one makes nothing of another anew."""

from datetime import timedelta
from pathlib import Path

from tests.project import CONFIG, NOON, Project

from feeds.ledger import Ledger
from feeds.units import Unit

SHOWS = "".join(
    f"""
[[source]]
path = "{name}.txt"
format = "shownotes"
show = "{name}"

[show.{name}]
title = "{name}"
author = "Ann"
categories = ["Technology"]
"""
    for name in ("ants", "bees")
)


def notes(*titles: str) -> str:
    return "".join(
        f"Episode {number}: {title}\n\nWe talk.\n\n00:00:00 Intro\n00:01:00 {title}\n\n"
        for number, title in enumerate(titles, 1)
    )


def units(project: Project) -> dict[str, str]:
    with Ledger.open(str(project.ledger)) as ledger:
        found = ledger.recall_all(f"unit {project.output.resolve()}", Unit)
    return {name: unit.digest for name, unit in found.items()}


def test_a_change_in_one_show_makes_nothing_of_another_anew(tmp_path: Path) -> None:
    project = Project.with_listing(tmp_path, config=CONFIG.partition("[[source]]")[0] + SHOWS)
    for name in ("ants", "bees"):
        project.write(f"config/{name}.txt", notes("One", "Two"))
    project.build(NOON)
    before = units(project)
    project.write("config/ants.txt", notes("One", "Two", "Three"))
    project.build(NOON + timedelta(hours=1))
    after = units(project)
    changed = {name for name in after if before.get(name) != after[name]}
    assert {"shows/ants", "shows/ants: files"} <= changed
    assert not {"shows/bees", "shows/bees: files"} & changed
