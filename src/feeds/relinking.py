"""Addresses that moved for good, written into the overrides."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from feeds.starting import quoted
from feeds.verify.links import Result

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'")
"""A string of TOML, on one line as addresses are."""


def relinked(text: str, results: Iterable[Result]) -> str:
    """Put new addresses into the overrides, which are given and returned as TOML.

    An address that an override says is replaced where it stands. For an item whose address is its source's,
    an override is added. What items are matched by is what their sources say, and stays.
    """
    moved = {result.url: result for result in results if result.moved_to}
    said = {url for override in _overrides(text) for url in _values(override)}
    text = _replaced(text, {url: result.moved_to or "" for url, result in moved.items() if url in said})
    linked = {override["match"].get("link") for override in _overrides(text) if "link" in override}
    added = [
        f"[[override]]\nmatch = {{ link = {quoted(url)} }}\nlink = {quoted(result.moved_to or '')}\n"
        for url, result in sorted(moved.items())
        if result.role == "item" and url not in said | linked
    ]
    return "\n".join([*([text.rstrip("\n") + "\n"] if text else []), *added]) if added else text


def _overrides(text: str) -> list[dict[str, Any]]:
    overrides: list[dict[str, Any]] = tomllib.loads(text).get("override", [])
    return overrides


def _values(value: Any) -> Iterator[str]:
    """All texts of an override but those that it is matched by."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(inner) if name != "match" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, str):
        yield value


def _replaced(text: str, new: Mapping[str, str]) -> str:
    """Replace strings where that changes no match."""
    matches = [override["match"] for override in _overrides(text)]
    position = 0
    while found := _STRING.search(text, position):
        position = found.end()
        to = new.get(tomllib.loads(f"it = {found[0]}")["it"])
        if to is None:
            continue
        candidate = f"{text[: found.start()]}{quoted(to)}{text[found.end() :]}"
        if [override["match"] for override in _overrides(candidate)] == matches:
            text, position = candidate, found.start() + len(quoted(to))
    return text
