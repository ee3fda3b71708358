"""What holds of the code as a whole: who knows whom, where clock and disk come in, that examples run."""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "feeds"
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__main__.py"]

_UNNAMED = {"__init__", "__main__", "__pycache__"}
"""What the page on the architecture need not name."""

COMMON = {"model", "errors", "dates", "text", "slugs", "vocabulary", "remembered"}
"""What every station may know."""

STATIONS: dict[str, set[str]] = {
    "model": set(),
    "errors": set(),
    "dates": set(),
    "text": set(),
    "slugs": set(),
    "vocabulary": set(),
    "remembered": set(),
    "sources": set(),
    "parsers": {"chapters"},
    "chapters": set(),
    "identity": set(),
    "editing": {"identity"},
    "ledger": {"identity"},
    "groups": set(),
    "compose": {"groups"},
    "outputs": {"qr"},
    "http": set(),
    "media": {"http"},
    "locks": set(),
    "targets": {"locks", "storage"},
    "verify": {"http"},
    "platforms": set(),
    "delivery": set(),
    "qr": set(),
    "serve": {"delivery", "qr"},
}
"""What each may know beside that; what is not listed here puts stations together, and may know any."""

PURE = {
    "model",
    "errors",
    "dates",
    "text",
    "slugs",
    "vocabulary",
    "remembered",
    "chapters",
    "identity",
    "editing",
    "groups",
}
PURE |= {"compose", "delivery", "platforms", "qr"}
EDGES = {"os", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "urllib.request"}
EDGES |= {"requests", "sqlalchemy"}

CLOCKS = {"cli.py", "http/client.py"}
"""Where time comes in: the command line, and the answers of servers."""


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def unit_of(path: Path) -> str:
    """The part of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Dotted names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 1:
                continue  # within its own folder
            assert node.module
            if node.module == "feeds":
                yield from (f"feeds.{alias.name}" for alias in node.names)
            else:
                yield node.module


def units_known_to(unit: str) -> set[str]:
    known = {
        name.split(".")[1]
        for path in FILES
        if unit_of(path) == unit
        for name in imports(path)
        if name.startswith("feeds.")
    }
    return known - {unit, "__version__"}


@pytest.mark.parametrize("station", STATIONS)
def test_stations_know_the_model_the_errors_and_the_dates_but_not_each_other(station: str) -> None:
    assert units_known_to(station) <= COMMON | STATIONS[station]


@pytest.mark.parametrize("unit", ["model", "errors"])
def test_what_all_others_know_knows_nothing_itself(unit: str) -> None:
    assert units_known_to(unit) <= {"model"}


def test_every_station_is_there() -> None:
    assert set(STATIONS) <= {unit_of(path) for path in FILES}


def test_the_page_on_the_architecture_names_every_module_and_no_other() -> None:
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("| file |")[2].partition("## ")[0]
    named = re.findall(r"`(\w+)(?:\.py|/)`", table)
    assert set(named) == {path.stem for path in PACKAGE.iterdir() if path.stem not in _UNNAMED}
    assert len(named) == len(set(named))


@pytest.mark.parametrize("unit", sorted(PURE))
def test_the_core_opens_no_file_and_no_socket(unit: str) -> None:
    for path in FILES:
        if unit_of(path) == unit:
            assert not {name for name in imports(path) if name in EDGES or name.split(".")[0] in EDGES}
            assert not file_calls(path)


def file_calls(path: Path) -> set[str]:
    """Calls that read or write files, such as `open(…)` or `path.read_text()`."""
    ways = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink"}
    return calls(path) & ways


def calls(path: Path) -> set[str]:
    """Last names of all that a file calls."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                found.add(function.attr)
            elif isinstance(function, ast.Name):
                found.add(function.id)
    return found


def test_the_clock_is_an_argument() -> None:
    asking = {name_of(path) for path in FILES if calls(path) & {"now", "utcnow", "today", "gmtime"}}
    assert asking <= CLOCKS


def test_feedgen_is_known_in_one_file_only() -> None:
    knowing = {
        name_of(path) for path in FILES if any(name.split(".")[0] == "feedgen" for name in imports(path))
    }
    assert knowing == {"outputs/_feedgen.py"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_examples_in_docstrings_run(path: Path) -> None:
    dotted = ".".join(("feeds", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    assert doctest.testmod(importlib.import_module(dotted)).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    for name in ("dates", "slugs", "identity", "groups", "text"):
        module = importlib.import_module(f"feeds.{name}")
        assert any(test.examples for test in finder.find(module)), name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))
