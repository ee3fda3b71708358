"""Which groups an item belongs to: topics by its tags, its publisher, its show, and everything."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Literal, TypeVar

from feeds.model import Article, Episode, Finding, Item
from feeds.slugs import slug

AnyItem = TypeVar("AnyItem", bound=Item)

_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]+")

ALL = "all"
"""Path of the group of everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What belongs to a topic: every given condition must hold; tags are given as slugs."""

    any: frozenset[str] = frozenset()
    all: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    publisher: str | None = None
    max_minutes: int | None = None
    kind: Literal["articles", "episodes", "both"] = "both"
    limit: int | None = None
    """How many items its feeds hold; `None` is as the site."""
    at_least: int = 1
    """How many items it must have to get feeds."""
    sort: Literal["date", "number", "source"] = "date"

    def chooses(self) -> bool:
        """Tell whether it has conditions; without any, the items with the topic's tag belong to it."""
        return bool(self.any or self.all or self.none or self.publisher or self.max_minutes)

    def __call__(self, item: Item, tags: Set[str]) -> bool:
        """Tell whether an item with tags of these slugs belongs to the topic."""
        article = item if isinstance(item, Article) else None
        minutes = article.minutes if article else None
        return (
            (not self.any or bool(self.any & tags))
            and self.all <= tags
            and not self.none & tags
            and (self.publisher is None or (article is not None and article.publisher == self.publisher))
            and (self.max_minutes is None or (minutes is not None and minutes <= self.max_minutes))
        )

    def takes(self, item: Item) -> bool:
        """Tell whether an item is of the kind that the topic holds."""
        return self.kind == "both" or (self.kind == "articles") == isinstance(item, Article)


def paths(item: Item, selections: Mapping[str, Selection] = MappingProxyType({})) -> Iterator[str]:
    """Name the groups of an item, by their folders below the output root.

    `selections` says what belongs to a topic, by its slug.

    >>> list(paths(Article(title="A", tags=("Machine Learning",), publisher="Meta")))
    ['all', 'topics/machine-learning', 'publishers/meta']
    """
    if item.hidden:
        return
    yield ALL
    tags = {slug(tag): None for tag in item.tags}
    for name in tags:
        selection = selections.get(name)
        if selection is None or (selection.takes(item) and not selection.chooses()):
            yield f"topics/{name}"
    for name, selection in selections.items():
        if selection.chooses() and selection.takes(item) and selection(item, tags.keys()):
            yield f"topics/{name}"
    if isinstance(item, Episode):
        yield f"shows/{item.show}"
    if isinstance(item, Article) and item.publisher:
        yield f"publishers/{slug(item.publisher)}"


def by_number(items: Iterable[AnyItem]) -> list[AnyItem]:
    """Sort by season and number, the highest first; what has no number comes last, as it was."""

    def rank(item: AnyItem) -> tuple[bool, int, int]:
        if not isinstance(item, Episode) or item.number is None:
            return True, 0, 0
        return False, -(item.season or 0), -item.number

    return sorted(items, key=rank)


def by_source(items: Iterable[AnyItem], orders: Iterable[Sequence[str]]) -> list[AnyItem]:
    """Sort in the order of the sources, given the ids that each lists; items that none lists come last."""
    places = {id_: place for place, id_ in enumerate(chain.from_iterable(orders))}
    return sorted(items, key=lambda item: places.get(item.id or "", len(places)))


def shared_slugs(items: Iterable[Item]) -> Iterator[Finding]:
    """Report tags that people would tell apart, but that share one slug, and so a topic."""
    first: dict[str, str] = {}
    seen: set[str] = set()
    for item in items:
        for tag in item.tags:
            name = slug(tag)
            other = first.setdefault(name, tag)
            if readable(tag).casefold() != readable(other).casefold() and tag not in seen and item.place:
                seen.add(tag)
                message = (
                    f"the tags {other!r} and {tag!r} share the topic {name!r}; write them alike, or apart"
                )
                yield Finding(level="warning", rule="shared-slug", place=item.place, message=message)


@lru_cache(maxsize=4096)
def readable(tag: str) -> str:
    """Make a title of a tag that is written as a slug; any other is readable as it is.

    A word that nobody could speak is taken for an abbreviation.

    >>> readable("distributed-systems"), readable("ml-systems"), readable("C++")
    ('Distributed Systems', 'ML Systems', 'C++')
    """
    if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", tag):
        words = tag.split("-")
        return " ".join(word.upper() if _CONSONANTS.fullmatch(word) else word.capitalize() for word in words)
    return tag
