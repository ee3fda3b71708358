"""Which groups an item belongs to: topics by its tags, its publisher, its show, and everything."""

import re
from collections.abc import Iterable, Iterator

from feeds.model import Article, Episode, Finding, Item
from feeds.slugs import slug

ALL = "all"
"""Path of the group of everything."""


def paths(item: Item) -> Iterator[str]:
    """Name the groups of an item, by their folders below the output root.

    >>> list(paths(Article(title="A", tags=("Machine Learning",), publisher="Meta")))
    ['all', 'topics/machine-learning', 'publishers/meta']
    """
    if item.hidden:
        return
    yield ALL
    for tag in item.tags:
        yield f"topics/{slug(tag)}"
    if isinstance(item, Episode):
        yield f"shows/{item.show}"
    if isinstance(item, Article) and item.publisher:
        yield f"publishers/{slug(item.publisher)}"


def shared_slugs(items: Iterable[Item]) -> Iterator[Finding]:
    """Report tags that people would tell apart, but that have one slug and so share a topic."""
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


def readable(tag: str) -> str:
    """Make a title of a tag that is written as a slug; any other is readable as it is.

    >>> readable("distributed-systems"), readable("C++")
    ('Distributed Systems', 'C++')
    """
    if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", tag):
        return " ".join(word.capitalize() for word in tag.split("-"))
    return tag
