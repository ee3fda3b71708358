"""A folder of the user's, as `feeds` finds it: config/, output/ and .feeds/."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from feeds.build import build
from feeds.cli import main
from feeds.config import load
from feeds.model import Report

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = REPOSITORY / "config" / "sources"
ORIGINALS = REPOSITORY.parent / "shared" / "seeds"
"""The two documents as they were saved from a browser; not everywhere at hand."""

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

CONFIG = """\
[site]
title = "Reading"
base_url = "https://example.org/"
author = "The editors"

[[source]]
path = "articles.txt"
format = "listing"
"""


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
"""A source of show notes and its show, to be added to `CONFIG`."""

NOTES = "2: The second one\nWe fly. Timestamps Intro 0:06 Wind 1:40 Outro 2:10\n1: The first one\nWe build.\n"
"""What `notes.txt` may say."""


@dataclass(frozen=True)
class Project:
    """One project in a folder of its own."""

    root: Path

    @classmethod
    def with_listing(cls, root: Path, listing: str | bytes = "", config: str = CONFIG) -> "Project":
        """A project with one listing of articles."""
        project = cls(root)
        project.write("config/feeds.toml", config)
        project.write("config/articles.txt", listing)
        return project

    @classmethod
    def of_repository(cls, root: Path) -> "Project":
        """A copy of what a fresh clone has."""
        shutil.copytree(REPOSITORY / "config", root / "config")
        return cls(root)

    @property
    def config(self) -> Path:
        return self.root / "config" / "feeds.toml"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def state(self) -> Path:
        return self.root / ".feeds"

    @property
    def ledger(self) -> Path:
        return self.state / "ledger.sqlite"

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def build(self, now: datetime = NOON, **options: Any) -> Report:
        """Build as a program would."""
        return build(load(self.config, **options), output=self.output, state=self.state, now=now)

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        """Run `feeds build` as a person would, but in this process."""
        options = ["--now", NOON.isoformat()] if "--now" not in arguments else []
        command = ["build", "--config", str(self.config), *options, *arguments]
        return CliRunner().invoke(main, command, env=env, catch_exceptions=False)

    def tree(self) -> dict[str, bytes]:
        """Every published file, by its path."""
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file() and not path.name.startswith(".feeds")
        }

    def items(self, path: str) -> dict[str, dict[str, Any]]:
        """What the JSON feed in a folder says of each item, by its title."""
        feed = json.loads((self.output / path / "feed.json").read_bytes())
        return {item["title"]: item for item in feed["items"]}


def card(
    title: str,
    summary: str = "About something.",
    tags: str = "storage",
    publisher: str = "Meta",
    minutes: int = 5,
) -> str:
    """One card of a listing."""
    return f"{publisher}\n\n{title}\n\n{summary}\n\n{tags}\n{minutes} min\n"
