"""What `docs/verify.md` shows can be used as it stands."""

import configparser
import re
import shlex
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
import yaml
from tests.project import CONFIG, REPOSITORY

from feeds.cli import main
from feeds.config import load
from feeds.verification import settings
from feeds.verify.links import Status
from feeds.verify.report import PRINTERS

PAGE = (REPOSITORY / "docs" / "verify.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    (shell,), (crontab,), (workflow,) = blocks("sh"), blocks("crontab"), blocks("yaml")
    service = units()[0]["Service"]["ExecStart"]
    steps = yaml.safe_load(workflow)["jobs"]["verify"]["steps"]
    return [
        *shell.splitlines(),
        crontab.partition("&& ")[2],
        service,
        *(step["run"] for step in steps if "run" in step),
    ]


def units() -> list[configparser.ConfigParser]:
    found = []
    for text in blocks("ini"):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(text)
        found.append(unit)
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_parses(command: str) -> None:
    program, *arguments = shlex.split(command, comments=True)
    if program == "make":
        assert f"\n{arguments[0]}: " in (REPOSITORY / "Makefile").read_text()
        return
    assert program.rpartition("/")[2] == "feeds"
    main.commands[arguments[0]].make_context(arguments[0], arguments[1:]).close()


def test_the_configuration_is_understood(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    (tmp_path / "articles.txt").write_text("")
    (tmp_path / "feeds.toml").write_text(CONFIG + text)
    plan = load(tmp_path / "feeds.toml")
    assert plan.verify.maintenance
    understood = settings(plan)
    assert understood.host("www.example.org").accept == {403}
    (ignore,) = understood.ignores
    assert str(ignore.until) == "2027-01-01"
    defaults = {field.name: field.default for field in fields(understood)}
    given = tomllib.loads(text)["verify"]
    assert {name: given[name] for name in ("timeout", "deadline")} == {
        name: defaults[name] for name in ("timeout", "deadline")
    }


def test_the_crontab_and_the_units_are_well_formed() -> None:
    (crontab,) = blocks("crontab")
    assert re.fullmatch(r"[\d*]+ [\d*]+ \* \* \*  cd \S+ && .+\n", crontab)
    service, timer = units()
    assert service.sections() == ["Unit", "Service"]
    assert timer.sections() == ["Unit", "Timer", "Install"]
    assert service["Service"]["Type"] == "oneshot"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])


def test_the_workflow_is_one() -> None:
    (text,) = blocks("yaml")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow) == {"name", True, "permissions", "jobs"}
    assert all(("uses" in step) != ("run" in step) for step in workflow["jobs"]["verify"]["steps"])


def test_every_format_and_every_class_of_link_is_named() -> None:
    (formats,) = re.findall(r"^`--format` is (.+)\.", PAGE, re.MULTILINE)
    assert re.findall(r"`(\w+)`", formats) == list(PRINTERS)
    table = PAGE.partition("| class |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| (\w+) \|", table, re.MULTILINE)) == get_args(Status)
