"""What is wrong with a configuration, in a person's words."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from feeds.config.suggestions import suggestion
from feeds.config.tables import ConfigTable, OverridesTable, Table
from feeds.model import Finding, Place
from feeds.slugs import slug
from feeds.sources import STDIN, is_address, is_glob
from feeds.text import is_clean


def contradictions(data: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """What no single key shows: files that are missing, shows that are not there, slugs that collide."""
    shows = data.get("show")
    names = list(shows) if isinstance(shows, dict) else []
    listed: set[tuple[Path, str | None]] = set()
    for index, source in enumerate(sources if isinstance(sources := data.get("source"), list) else []):
        if not isinstance(source, dict):
            continue
        key = f"source[{index}]"
        file, show = source.get("path"), source.get("show")
        if isinstance(file, str) and file:
            yield from _source_problems(path, f"{key}.path", file)
            one = path.parent / file, None if file == STDIN else str(show)
            if one in listed:
                message = f"{file!r} is listed twice; expected each source once, or once for each show"
                yield problem(path, f"{key}.path", message)
            listed.add(one)
        if isinstance(show, str) and show not in names:
            yield problem(
                path, f"{key}.show", f"no [show.{show}] in the configuration{suggestion(show, names)}"
            )
        if source.get("format") == "shownotes" and show is None:
            yield problem(path, f"{key}.show", "missing; expected the slug of the show these notes belong to")
    for kind in ("show", "topic"):
        tables = data.get(kind)
        yield from _slug_problems(kind, list(tables) if isinstance(tables, dict) else [], path)
    if isinstance(shows, dict):
        for name, show in shows.items():
            image = show.get("image") if isinstance(show, dict) else None
            if isinstance(image, str) and image and image != "generate":
                yield from _file_problems(path, f"show.{_quoted(name)}.image", image)


def unclean(value: Any, path: Path, key: str = "") -> Iterator[Finding]:
    """Names and texts with characters that no feed can hold, such as control characters."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from unclean(name, path, key)
            yield from unclean(inner, path, f"{key}.{_quoted(name)}" if key else _quoted(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from unclean(inner, path, f"{key}[{index}]")
    elif isinstance(value, str) and not is_clean(value):
        yield problem(path, key, f"holds characters that no feed can hold; remove them; found {value!r}")


def _source_problems(path: Path, key: str, name: str) -> Iterator[Finding]:
    """A source may also be an address, standard input, a glob or a folder."""
    if is_address(name) or name == STDIN:
        return
    if not is_glob(name):
        yield from _file_problems(path, key, name, folder=True)
    elif not any(path.parent.glob(name)):
        yield problem(path, key, f"no file fits {name!r} in {path.parent}")


def _file_problems(path: Path, key: str, name: str, *, folder: bool = False) -> Iterator[Finding]:
    file = path.parent / name
    try:
        if file.is_file() or (folder and file.is_dir()):
            return
        message = f"expected a file; {file} is a folder" if file.is_dir() else f"no such file: {file}"
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    yield problem(path, key, message)


def _slug_problems(kind: str, names: list[str], path: Path) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name in names:
        fit, key = slug(name), f"{kind}.{_quoted(name)}"
        if other := first.get(fit):
            yield problem(path, key, f"has the same slug as {kind}.{_quoted(other)}; rename one of them")
        elif fit != name:
            yield problem(path, key, f"is not a slug; expected [{kind}.{fit}]")
        first[fit] = name


def explanations(path: Path, error: ValidationError) -> Iterator[Finding]:
    """Say in a person's words what pydantic found, once for each place."""
    problems = error.errors()
    tables = {_key(details["loc"]) for details in problems if isinstance(details["input"], dict)}
    seen = set()
    for details in problems:
        where = _key(details["loc"])
        # A host is a name or a table: what is a table is no bad name, what is neither is told once.
        if (details["type"] == "string_type" and where in tables) or where in seen:
            continue
        seen.add(where)
        yield problem(path, where, _explain(details))


def _explain(details: Any) -> str:
    found = f"; found {details['input']!r}"
    match details["type"]:
        case "extra_forbidden":
            return f"unknown key{suggestion(str(details['loc'][-1]), _siblings(details['loc']))}"
        case "missing":
            return "missing; it is required"
        case "too_short":
            return f"expected at least one{found}"
        case "greater_than_equal":
            return f"expected {details['ctx']['ge']} or more{found}"
        case "value_error":
            return f"{details['ctx']['error']}{found}"
        case "literal_error":
            return f"expected {details['ctx']['expected']}{found}"
        case kind:
            return f"expected {_EXPECTED.get(kind, details['msg'])}{found}"


_EXPECTED = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a number",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


def _key(location: tuple[str | int, ...]) -> str:
    """`('source', 0, 'path')` as `source[0].path`, without pydantic's names of the parts of a union."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif not part.startswith(("function-", "PersonTable", "constrained-")) and "[" not in part:
            key += f".{_quoted(part)}" if key else _quoted(part)
    return key


def _quoted(name: str) -> str:
    """A key as TOML writes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _siblings(location: tuple[str | int, ...]) -> list[str]:
    """Keys that could have been meant in the table at a location."""
    if len(location) == 1:
        return list(ConfigTable.model_fields)
    fields = {**OverridesTable.model_fields, **ConfigTable.model_fields}
    names = (part for part in location[:-1] if isinstance(part, str))
    for name in names:
        if name not in fields:
            continue  # which of several kinds of values was tried
        annotation = fields[name].annotation
        if get_origin(annotation) is dict:
            next(names)  # the key of the table
        fields = next(_tables(annotation)).model_fields
    return list(fields)


def _tables(annotation: Any) -> Iterator[type[Table]]:
    """Tables that a value may be, by its type."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for inner in get_args(annotation):
        yield from _tables(inner)


def problem(path: Path, key: str | None, message: str) -> Finding:
    """Make a finding of something wrong at a key of a file."""
    return Finding(
        level="error", rule="configuration", place=Place(source=str(path), path=key), message=message
    )
