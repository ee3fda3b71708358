"""The examples of `docs/control.md` do what it says."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.control.written import HEAD, source
from tests.project import REPOSITORY, Project

from feeds.config.tables import OverrideTable

PAGE = (REPOSITORY / "docs" / "control.md").read_text("utf-8")
EXAMPLE = re.compile(r"```toml ?(?P<kind>\w*)\n(?P<toml>.*?)```\n\n(?P<outcome>(?:\* `[^\n]+\n)+)", re.DOTALL)


class Example(NamedTuple):
    kind: str
    toml: str
    outcome: dict[str, list[str]]


def examples() -> list[Example]:
    found = []
    for match in EXAMPLE.finditer(PAGE):
        lines = [re.fullmatch(r"\* `(.+)`: (.+)", line) for line in match["outcome"].splitlines()]
        outcome = {line[1]: [] if line[2] == "none" else line[2].split(" · ") for line in lines if line}
        found.append(Example(match["kind"], match["toml"], outcome))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: next(iter(example.outcome)))
def test_an_example_gives_what_it_says(tmp_path: Path, example: Example) -> None:
    project = Project(tmp_path)
    more = example.toml if example.kind == "source" else ""
    config = HEAD + source("garden.json", more) + ("" if example.kind else example.toml)
    project.write("config/feeds.toml", config)
    project.write("config/garden.json", PAGE.partition("```json\n")[2].partition("```")[0])
    if example.kind == "overrides":
        project.write("config/overrides.toml", example.toml)
    assert project.build().findings == ()
    for path, titles in example.outcome.items():
        found = list(project.items(path)) if (project.output / path).exists() else []
        assert found == titles, path


def test_every_example_of_a_configuration_is_run() -> None:
    assert len(examples()) == PAGE.count("```toml")


def test_every_key_of_an_override_is_named() -> None:
    table = PAGE.partition("| key | value |")[2].partition("\n\n")[0]
    keys = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for cell in keys for name in re.findall(r"`(\w+)`", cell)}
    assert named == OverrideTable.model_fields.keys() - {"match"}
