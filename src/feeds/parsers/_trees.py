"""Documents of tables and lists within each other, as JSON and YAML have them, and the faults of both."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from feeds.errors import SourceError
from feeds.model import Finding, Place, Source


class Table(dict[str, Any]):
    """A mapping that knows the line it starts in, if that is known, and which names it was given twice."""

    line: int | None = None
    repeated: tuple[str, ...] = ()


_NESTED = (Table, list)


def table(pairs: Sequence[tuple[str, Any]]) -> Table:
    """Make a table of names and values; of several values of one name, the last stays."""
    made = Table(pairs)
    if len(made) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        made.repeated = tuple(name for name, count in counts.items() if count > 1)
    return made


parse_json = partial(json.loads, object_pairs_hook=table)
"""Reads JSON as `json.loads` does, objects as `Table`."""


def load_json(text: str, source: Source) -> Any:
    """Read a source in JSON. Raises `SourceError` if it is none."""
    try:
        return parse_json(text)
    except json.JSONDecodeError as error:
        place = Place(source=source.name, line=error.lineno, column=error.colno)
        raise SourceError(f"not JSON: {error.msg}; is it cut off?", place) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not JSON that can be read: {error}", Place(source=source.name)) from error


def repeated_names(document: Any, begins: Place) -> Iterator[Finding]:
    """Report the tables of a document in which a name occurs more than once, in their order."""
    waiting = [("", document)]
    while waiting:
        path, value = waiting.pop()
        inner: Iterable[tuple[str, Any]] = ()
        if isinstance(value, Table):
            for name in value.repeated:
                message = f"`{name[:60]}` occurs more than once in one table; only the last one is read"
                place = _place(value, path, begins)
                yield Finding(level="warning", rule="repeated-name", place=place, message=message)
            inner = ((f".{name}", part) for name, part in value.items() if isinstance(part, _NESTED))
        elif isinstance(value, list):
            inner = ((f"[{index}]", part) for index, part in enumerate(value) if isinstance(part, _NESTED))
        waiting.extend((f"{path}{step}".lstrip("."), part) for step, part in reversed([*inner]))


def _place(table: Table, path: str, begins: Place) -> Place:
    """Say where a table stands: its line if it knows it, else its path."""
    if table.line is None:
        return replace(begins, path=path or None)
    return replace(begins, line=(begins.line or 1) + table.line - 1)
