"""The page about chapters: its examples are run, and its tables say what is read."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import feeds.chapters
from feeds.chapters import parse

PAGE = (Path(__file__).parents[2] / "docs/chapters.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r"^\| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
READ = [(style, example) for style, example in ROWS if example.startswith("`")]
MODULES = sorted(module.name for module in pkgutil.iter_modules(feeds.chapters.__path__))
REFUSED = [(notes, reason) for notes, reason in ROWS if notes.startswith("`")]


def notes(cell: str) -> str:
    """The notes that a cell of a table stands for."""
    return re.sub(r" ?⏎ ?", "\n", cell.strip("`").replace(" ⇥ ", "\t").replace("\\|", "|"))


def test_the_program_runs() -> None:
    assert PROGRAMS
    for program in PROGRAMS:
        exec(program, {})


def test_there_are_examples_of_styles_and_of_refusals() -> None:
    assert len(READ) > 50
    assert len(REFUSED) > 7


@pytest.mark.parametrize(("style", "example"), READ, ids=[style for style, _ in READ])
def test_each_example_of_a_style_says_the_four_chapters(style: str, example: str) -> None:
    reading = parse(notes(example))
    assert [(chapter.start, chapter.title) for chapter in reading.chapters] == [
        (0, "Hello"),
        (250, "Drums"),
        (750, "Strings"),
        (3723, "Goodbye"),
    ], (style, reading)


@pytest.mark.parametrize(("example", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_each_example_of_a_refusal_has_its_reason(example: str, reason: str) -> None:
    reading = parse(notes(example))
    assert not reading.accepted
    assert reading.reason == reason


@pytest.mark.parametrize(
    "module", sorted(path.stem for path in Path(feeds.chapters.__file__).parent.glob("*.py"))
)
def test_the_examples_in_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"feeds.chapters.{module}")).failed == 0
