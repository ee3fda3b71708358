"""What the editor changes: overrides of single items, and rules that add, remove, rename and merge tags.

What a source says goes in, what is published comes out. Items are identified by what their source
says, so an override never makes an old item look new.
"""

import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from dataclasses import field as dataclass_field
from typing import Any
from urllib.parse import urlsplit

from feeds.identity import canonical
from feeds.model import Article, Episode, Finding, Item, Place
from feeds.slugs import slug

_NEAREST = 3
"""Items that are suggested when none matches."""

Edit = Callable[[Item], Item]
"""Turns an item as its source gives it into the one that is published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Which item is meant: everything that is given must hold."""

    id: str | None = None
    link: str | None = None
    number: int | None = None
    title: str | None = None
    show: str | None = None

    def __call__(self, item: Item) -> bool:
        """Tell whether an item, as its source gives it, is the one."""
        number, show = (item.number, item.show) if isinstance(item, Episode) else (None, None)
        return (
            self.id in (None, item.id)
            and (self.link is None or (item.link and canonical(item.link)) == canonical(self.link))
            and self.number in (None, number)
            and (self.title is None or item.title.casefold() == self.title.casefold())
            and self.show in (None, show)
        )

    def __str__(self) -> str:
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{name} {value!r}" for name, value in given if value is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """Values that replace what a source says about one item."""

    match: Match
    values: Mapping[str, Any]
    """By the names of the fields of `Article` and `Episode`."""
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Something that may be true of an item: a field, and a test of what it says."""

    text: str
    """As it was written, such as `title:*Python*`."""
    field: str
    test: Callable[[str], bool] = dataclass_field(repr=False, compare=False)

    def __call__(self, item: Item) -> bool:
        """Tell whether it holds."""
        return any(self.test(text) for text in _FIELDS[self.field](item))


@dataclass(frozen=True, kw_only=True, slots=True)
class TagRule:
    """Adds and removes tags of the items that meet its conditions."""

    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __call__(self, item: Item) -> Item:
        """Give the item with its tags changed by this rule."""
        if not self.holds(item):
            return item
        removed = {slug(tag) for tag in self.remove}
        kept = [tag for tag in item.tags if slug(tag) not in removed]
        return replace(item, tags=tuple(dict.fromkeys((*kept, *self.add))))

    def holds(self, item: Item) -> bool:
        """Tell whether an item meets its conditions."""
        return (
            (not self.any or any(condition(item) for condition in self.any))
            and all(condition(item) for condition in self.all)
            and not any(condition(item) for condition in self.none)
        )


def condition(text: str) -> Condition:
    r"""Read a condition such as `title:*Python*`, or `text:/\bGPUs?\b/` with a regular expression (RE2).

    Raises `ValueError` if it is none.
    """
    name, colon, pattern = text.partition(":")
    if not colon or name not in _FIELDS:
        raise ValueError(f"expected a field ({', '.join(_FIELDS)}), a colon and a pattern")
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        return Condition(text=text, field=name, test=_regex(pattern[1:-1]))
    folded = pattern.casefold()
    return Condition(text=text, field=name, test=lambda value: fnmatch.fnmatchcase(value.casefold(), folded))


@dataclass(frozen=True, kw_only=True, slots=True)
class Editor:
    """All overrides and rules of a site."""

    overrides: Sequence[Override] = ()
    rules: Sequence[TagRule] = ()
    merged: Mapping[str, str] = dataclass_field(default_factory=dict)
    """Slugs of tags, and the tag that each is merged into."""

    def __bool__(self) -> bool:
        """Tell whether it would edit anything."""
        return bool(self.overrides or self.rules or self.merged)

    def __call__(self, item: Item) -> Item:
        """Give an item as it is to be published: first its overrides, then merged tags, then the rules."""
        overrides = [override for override in self.overrides if override.match(item)]
        for override in overrides:
            item = _overridden(item, override)
        if self.merged:
            item = replace(
                item, tags=tuple(dict.fromkeys(self.merged.get(slug(tag), tag) for tag in item.tags))
            )
        for rule in self.rules:
            item = rule(item)
        return item

    def check(self, items: Sequence[Item]) -> Iterator[Finding]:
        """Report overrides that match no item, or more than one."""
        for override in self.overrides:
            meant = [item for item in items if override.match(item)]
            if len(meant) == 1:
                continue
            if meant:
                titles = ", ".join(repr(item.title) for item in meant[:3])
                message = f"{override.match} matches {len(meant)} items ({titles}); add the show or more"
            else:
                near = ", ".join(repr(item.title) for item in _nearest(override.match, items))
                message = f"{override.match} matches no item{near and f'; the nearest are {near}'}"
            yield Finding(level="warning", rule="override", place=override.place, message=message)


def _overridden(item: Item, override: Override) -> Item:
    known = {field.name for field in fields(item)}
    return replace(item, **{name: value for name, value in override.values.items() if name in known})


def _nearest(match: Match, items: Sequence[Item]) -> list[Item]:
    """Find up to three items that may have been meant: by title, else by address, else by number."""
    from rapidfuzz import process

    wanted, values = match.title, [item.title for item in items]
    if wanted is None and (wanted := match.link or match.id):
        values = [(item.link if match.link else item.id) or "" for item in items]
    if wanted is not None:
        near = process.extract(wanted, values, limit=_NEAREST, score_cutoff=60)
        return [items[index] for _, _, index in near]
    numbered = [
        (abs(item.number - match.number), index)
        for index, item in enumerate(items)
        if isinstance(item, Episode)
        and item.number is not None
        and match.number is not None
        and match.show in (None, item.show)
    ]
    return [items[index] for _, index in sorted(numbered)[:_NEAREST]]


def _regex(pattern: str) -> Callable[[str], bool]:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {_words(error.args[0])}") from error
    return lambda value: compiled.search(value) is not None


def _words(message: object) -> str:
    return message.decode(errors="replace") if isinstance(message, bytes) else str(message)


def _publisher(item: Item) -> list[str]:
    return [item.publisher] if isinstance(item, Article) and item.publisher else []


def _host(item: Item) -> list[str]:
    try:
        host = urlsplit(item.link or "").hostname
    except ValueError:  # no address at all, such as one with half a bracket
        host = None
    return [host] if host else []


_FIELDS: Mapping[str, Callable[[Item], Sequence[str]]] = {
    "title": lambda item: [item.title],
    "text": lambda item: [f"{item.title}\n{item.summary}"],
    "publisher": _publisher,
    "host": _host,
    "tag": lambda item: item.tags,
}
