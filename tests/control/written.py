"""Pieces of projects that the tests of what an editor controls are made of."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.project import CONFIG, Project

HEAD = CONFIG.partition("[[source]]")[0]

NOTES = """\
2: The second one
We fly. Timestamps Intro 0:00 Wind 0:02 Outro 0:04
1: The first one
We build. Timestamps Intro 0:00 Wood 0:02 Outro 0:04
"""


def listed(root: Path, *items: Mapping[str, Any], config: str = "") -> Project:
    """A project with one source, a list in JSON, and more of a configuration."""
    project = Project(root)
    project.write("config/feeds.toml", HEAD + source("a.json") + config)
    write(project, "a.json", items)
    return project


def source(path: str, more: str = "") -> str:
    """A source in JSON, as the configuration has it."""
    return f'[[source]]\npath = "{path}"\nformat = "table"\n{more}\n'


def write(project: Project, name: str, items: Sequence[Mapping[str, Any]]) -> None:
    """Write a list of items."""
    project.write(f"config/{name}", json.dumps(list(items)))


def item(title: str, **more: Any) -> dict[str, Any]:
    """An article as a list in JSON gives it."""
    return {"title": title, "publisher": "Meta", "summary": f"About {title.lower()}.", **more}
