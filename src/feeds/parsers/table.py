"""A table of articles or episodes: CSV, TSV, JSON, JSON Lines, or a list in YAML.

Columns are found by their usual names (`feeds.parsers._records.NAMES`), or named in the configuration.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from feeds.errors import SourceError
from feeds.model import Finding, Parsed, Place, Source
from feeds.parsers import _separated, _yaml
from feeds.parsers._decoding import text_of
from feeds.parsers._records import NAMES, OTHER_NAMES, ReadChapters, Record, parsed, quarantined
from feeds.parsers._trees import Table, load_json, parse_json, repeated_names

YAML_START = re.compile(r"(?:\s*(?:#.*)?\n|---\s*\n)*(?:- |-\n|[\w-]{1,40}:\s*\n)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to read a table. By default, everything is detected."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to column; within JSON and YAML a column may be a path such as `data.title`."""
    items: str | None = None
    """Path to the list in a JSON or YAML document, such as `data.posts`; `None` is the first list in it."""
    delimiter: str | None = None
    """The character between two cells; `None` detects it."""
    day_first: bool | None = None
    """Whether 02/01/2026 is in January; `None` infers it from all dates of the source."""
    read_chapters: ReadChapters | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as it was written."""

    cells: Mapping[str, Any]
    place: Place
    problem: str | None = None
    """Why it cannot be read."""


def parse(source: Source, options: Options | None = None) -> Parsed:
    """Read the rows of a table, in their order.

    Raises `SourceError` if it is not a table, or if no column of it holds titles.
    """
    options = options or Options()
    columns = {OTHER_NAMES.get(name, name): column for name, column in options.columns.items()}
    options = replace(options, columns=columns)
    if unknown := sorted(set(options.columns) - set(NAMES)):
        message = f"`fields` has {', '.join(unknown)}; there are {', '.join((*OTHER_NAMES, *NAMES))}"
        raise SourceError(message, Place(source=source.name))
    text, findings = text_of(source, "a table")
    records, problems = _records(_rows(text, source, options), source, options)
    return parsed(
        records,
        source,
        day_first=options.day_first,
        read_chapters=options.read_chapters,
        findings=(*findings, *problems),
    )


def _rows(text: str, source: Source, options: Options) -> Iterator[_Row | Finding]:
    """Give the rows, and what else is wrong with the document."""
    if source.name.lower().endswith((".yml", ".yaml")) or YAML_START.match(text):
        return _list_rows(_yaml_document(text, source), source, options)
    if text.lstrip().startswith(("[", "{")):
        first, _, rest = text.strip().partition("\n")
        if rest and first.startswith("{") and _is_json(first):
            return _json_lines(text, source)
        return _list_rows(load_json(text, source), source, options)
    return _csv_rows(text, source, options)


def _records(
    rows: Iterable[_Row | Finding], source: Source, options: Options
) -> tuple[list[Record], list[Finding]]:
    records: list[Record] = []
    problems: list[Finding] = []
    columns: dict[str, None] = {}
    choices: dict[tuple[str, ...], Mapping[str, str]] = {}
    for row in rows:
        if isinstance(row, Finding):
            problems.append(row)
            continue
        if row.problem:
            problems.append(quarantined(row.place, row.problem))
            continue
        names = tuple(row.cells)
        if names not in choices:
            choices[names] = choose(names, options.columns)
            columns |= dict.fromkeys(names)
        fields = {name: _at(row.cells, column) for name, column in choices[names].items()}
        records.append(Record(fields=fields, place=row.place))
    if records and not any(record.fields.get("title") for record in records):
        found = ", ".join(repr(column[:30]) for column in list(columns)[:12]) or "none"
        message = f'no column holds titles; there are {found}. Say which one: `fields.title = "…"`'
        raise SourceError(message, Place(source=source.name))
    return records, problems


def choose(columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Say which column holds which field: as given, else by name."""
    normal: dict[str, str] = {}
    for column in columns:
        normal.setdefault(re.sub(r"[\s-]+", "_", column.strip().lower()), column)
    found = {
        name: normal[alias]
        for name, aliases in NAMES.items()
        if (alias := next((alias for alias in aliases if alias in normal), None))
    }
    taken = set(given.values())
    return {name: column for name, column in found.items() if column not in taken} | dict(given)


def _at(cells: Any, path: str) -> Any:
    """Follow a path such as `data.title` into nested tables; a name that has dots itself goes first."""
    if isinstance(cells, Mapping) and path in cells:
        return cells[path]
    for name in path.split("."):
        if isinstance(cells, Mapping):
            cells = cells.get(name)
        elif isinstance(cells, list) and name.isdecimal() and int(name) < len(cells):
            cells = cells[int(name)]
        else:
            return None
    return cells


def _csv_rows(text: str, source: Source, options: Options) -> Iterator[_Row]:
    between = options.delimiter or _separated.delimiter(text) or ","
    header: Sequence[str] | None = None
    for line, cells, problem in _separated.rows(text, between):
        place = Place(source=source.name, line=line)
        if problem:
            yield _Row({}, place, problem)
        elif header is None:
            header = cells
        elif len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            yield _Row(
                {}, place, f"{len(cells)} cells under {len(header)} columns; is a {between!r} not quoted?"
            )
        else:
            yield _Row(_named(header, cells), place)


def _named(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """Give the cells of a row by their columns; of columns of one name, the first that is not empty."""
    named: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=False):
        named[name] = named.get(name) or cell
    return named


def _json_lines(text: str, source: Source) -> Iterator[_Row | Finding]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = Place(source=source.name, line=number)
        try:
            value = parse_json(line)
        except (ValueError, RecursionError) as error:
            yield _Row({}, place, f"not JSON: {error}")
            continue
        yield from repeated_names(value, place)
        problem = None if isinstance(value, dict) else "not an object; each line has to be one, {…}"
        yield _Row({} if problem else value, place, problem)


def _list_rows(document: Any, source: Source, options: Options) -> Iterator[_Row | Finding]:
    rows, path = _list(document, options.items)
    if rows is None:
        wanted = f"no list at {options.items!r}" if options.items else "no list of objects"
        raise SourceError(f"there is {wanted} in it", Place(source=source.name))
    yield from repeated_names(document, Place(source=source.name))
    for index, row in enumerate(rows):
        line = row.line if isinstance(row, Table) else None
        place = Place(source=source.name, line=line, path=None if line else f"{path}[{index}]")
        if isinstance(row, dict):
            yield _Row(row, place)
        else:
            yield _Row({}, place, "not an object with names and values")


def _list(document: Any, path: str | None) -> tuple[list[Any] | None, str]:
    """Find the list of items: at a path, else the first one of objects, the nearest to the top."""
    if path:
        found = _at(document, path)
        return (found if isinstance(found, list) else None), path
    level = [("", document)]
    for _ in range(4):
        for name, value in level:
            if isinstance(value, list) and any(isinstance(row, dict) for row in value):
                return value, name
        level = [
            (f"{name}.{key}".lstrip("."), inner)
            for name, value in level
            if isinstance(value, dict)
            for key, inner in value.items()
        ]
    if isinstance(document, dict) and "title" in choose(document, {}):
        return [document], ""
    return None, ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _yaml_document(text: str, source: Source) -> Any:
    try:
        return _yaml.load(text)
    except _yaml.YamlError as error:
        raise SourceError(f"not YAML: {error.message}", Place(source=source.name, line=error.line)) from error
