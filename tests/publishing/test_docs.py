"""The page about publishing: its configurations are understood, its commands say what it says."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.project import CONFIG, NOON, Project, card

from feeds.cli import main
from feeds.config import load

from .hub import Hub, a_hub

PAGE = (Path(__file__).parents[2] / "docs/publishing.md").read_text(encoding="utf-8")
CONFIGURATIONS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
CALLS = re.findall(
    r"^\$? ?(feeds [a-z].*)$",
    "\n".join(re.findall(r"```(?:sh|console)\n(.*?)```", PAGE, re.DOTALL)),
    re.MULTILINE,
)
SITE = CONFIG.partition("[[source]]")[0]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "output").mkdir()
    with a_hub(tmp_path / "output") as hub:
        yield hub


@pytest.fixture
def project(tmp_path: Path, hub: Hub) -> Project:
    """The two articles of the page's examples."""
    hubs = f'hubs = ["{hub.url}hub"]\n\n[[source]]'
    config = CONFIG.replace("https://example.org/", hub.url).replace("[[source]]", hubs, 1)
    return Project.with_listing(tmp_path, card("First") + card("Second", tags="search"), config)


def said(project: Project, *arguments: str) -> str:
    options = ["--config", str(project.config)]
    result = CliRunner().invoke(main, [*arguments, *options], catch_exceptions=False)
    return result.output.replace(f"{project.root}/", "")


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_each_configuration_is_understood(text: str, tmp_path: Path) -> None:
    source = '\n[[source]]\npath = "articles.txt"\n'
    whole = text if "[site]" in text else f"{SITE}{source}{text}"
    project = Project.with_listing(tmp_path, card("First"), whole)
    assert load(project.config)


@pytest.mark.parametrize("call", CALLS)
def test_each_command_and_option_exists(call: str) -> None:
    command, *rest = call.split()[1:]
    known = {option for parameter in main.commands[command].params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


def test_publishing_says_what_the_page_says(project: Project) -> None:
    assert f"$ feeds publish\n{said(project, 'publish')}```" in PAGE


def test_a_build_after_a_loss_says_what_the_page_says(project: Project) -> None:
    project.build(NOON)
    shutil.rmtree(project.state)
    assert f"$ feeds build\n{said(project, 'build')}```" in PAGE


def test_recovery_says_what_the_page_says(project: Project, hub: Hub) -> None:
    project.build(NOON)
    shutil.rmtree(project.state)
    assert f"{said(project, 'recover', '--from', hub.url)}$ feeds build" in PAGE


def test_what_stops_it_is_said_as_the_page_says(project: Project, hub: Hub) -> None:
    said(project, "publish")
    project.write("config/articles.txt", card("First") + card("Second"))
    printed = said(project, "publish").replace(hub.url, "https://example.org/")
    block = PAGE.partition("$ feeds publish\nsite: ")[2].partition("```")[0]
    for line in filter(None, block.splitlines()):
        assert line == "…" or line in printed
