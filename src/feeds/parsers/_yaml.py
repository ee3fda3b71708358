"""YAML as data: texts, lists and tables, and nothing that costs more than it is long.

Every scalar stays the text it was written as, so that `no`, `1.10`, `12:30` and `2026-13-45` are what
they say. Aliases are refused, since a few of them stand for more than a machine can hold, and so is
nesting deeper than any list or front matter needs.
"""

from typing import Any

import yaml

from feeds.parsers import _trees

_DEEPEST = 50
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class YamlError(ValueError):
    """A text is not the YAML that is read here; `line` says where, from 1."""

    def __init__(self, message: str, line: int) -> None:
        """Say what is wrong, and in which line."""
        super().__init__(message, line)
        self.message = message
        self.line = line


def load(text: str) -> Any:
    """Read the one document of a text: `_trees.Table`, list, text or `None`. Raises `YamlError`."""
    try:
        events = iter(yaml.parse(text, Loader=_LOADER))
        value = _value(events)
        if another := next((event for event in events if isinstance(event, yaml.DocumentStartEvent)), None):
            raise YamlError("a second document begins here; put all into one", _line(another))
        return value
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        raise YamlError(str(problem), mark.line + 1 if mark else 1) from error


def _value(events: Any) -> Any:
    """Put events together, without recursion: each open list or table waits in a stack for its parts."""
    open_parts: list[list[Any]] = []
    starts: list[Any] = []
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise YamlError("aliases (`*name`) are not read; write the value out", _line(event))
        if isinstance(event, yaml.CollectionStartEvent):
            if len(starts) == _DEEPEST:
                raise YamlError(f"nested deeper than {_DEEPEST}", _line(event))
            starts.append(event)
            open_parts.append([])
            continue
        if isinstance(event, yaml.ScalarEvent):
            value: Any = None if event.style is None and event.value in _NULL else event.value
        elif isinstance(event, yaml.CollectionEndEvent):
            value = _collection(starts.pop(), open_parts.pop())
        else:
            continue
        if not starts:
            return value
        open_parts[-1].append(value)
    return None


def _collection(start: Any, parts: list[Any]) -> Any:
    if isinstance(start, yaml.SequenceStartEvent):
        return parts
    table = _trees.table([*zip(map(str, parts[::2]), parts[1::2], strict=True)])
    table.line = _line(start)
    return table


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
