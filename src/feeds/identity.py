"""Which item is which: natural keys, and the permanent ids they lead to.

An item is known by any of its keys, the strongest kind first: the id its source gives, its link, its
show and number, its publisher and title. Two items are the same if they agree on the strongest kind of
key that both have. An item that agrees with none, but whose title nearly equals that of one which has
just left its source, is that one with its title corrected; if another source lists that one, it is the same
article listed twice.
"""

import hashlib
import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from feeds.model import Article, Episode, Item
from feeds.slugs import title_slug

_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref_src")
_MENDED = 90.0
"""How alike, in percent, two titles must be for one to be the other with a typo corrected."""

_REWORDED = 60.0
"""The same where the summaries are the same."""


_TYPO = 80.0
"""How alike two words must be for one to be the other with a typo."""

_LONGEST = 1000
"""Bytes of a name. An index of PostgreSQL takes 2,704, for a key and an id together."""


class Key(NamedTuple):
    """One name of an item; `kind` is its rank, 0 the strongest."""

    kind: int
    value: str


_ID, _LINK, _NUMBER, _TITLE = range(4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the ledger knows of an item that was published before."""

    id: str
    keys: tuple[Key, ...]
    title: str
    gist: str
    """As `gist` gives it."""
    gone: bool
    """True if its source no longer lists it."""
    elsewhere: bool = False
    """True if another source lists it."""


def scope(item: Item) -> str:
    """The scope within which keys are unique: the item's show, or all articles of the site."""
    return show_scope(item.show) if isinstance(item, Episode) else "articles"


def show_scope(show: str) -> str:
    """Within what the keys of the episodes of a show are unique."""
    return f"show:{show}"


def keys(item: Item) -> tuple[Key, ...]:
    """Name an item, the strongest kind of key first.

    >>> [key.value for key in keys(Episode(show="a", title="The  Title", number=7))]
    ['show:a number:7', 'show:a title:the title']
    """
    within = scope(item)
    found = []
    if item.id:
        found.append(Key(_ID, f"{within} id:{short(item.id)}"))
    if item.link:
        found.append(Key(_LINK, f"{within} link:{short(canonical(item.link))}"))
    if isinstance(item, Episode) and item.number is not None:
        kind = "" if item.kind == "full" else f" {item.kind}"
        season = "" if item.season is None else f"{item.season}x"
        found.append(Key(_NUMBER, f"{within} number:{season}{item.number}{kind}"))
    publisher = f"{_plain(item.publisher)} " if isinstance(item, Article) and item.publisher else ""
    found.append(Key(_TITLE, f"{within} {publisher}title:{short(_plain(item.title))}"))
    return tuple(found)


def short(name: str) -> str:
    """Keep a name as it is, unless it is too long for the index of a database: then a digest ends it.

    >>> short("a"), len(short("a" * 1001)), short("a" * 1001) == short("a" * 1002)
    ('a', 1000, False)
    """
    if 4 * len(name) <= _LONGEST or len(encoded := name.encode("utf-8", "surrogatepass")) <= _LONGEST:
        return name
    digest = hashlib.sha256(encoded).hexdigest()
    return encoded[: _LONGEST - len(digest)].decode("utf-8", "ignore") + digest


def unscoped(key: Key) -> str:
    """Give a key without its scope, to recognise an item that was moved to another show.

    >>> unscoped(Key(3, "show:a title:the title"))
    'title:the title'
    """
    return key.value.partition(" ")[2]


def title_scope(item: Item) -> str | None:
    """What the title keys of items begin with that may be the same article; `None` without a publisher."""
    return _prefix(keys(item)[-1]) if isinstance(item, Article) and item.publisher else None


def telling_kinds(named: Iterable[Key]) -> frozenset[int]:
    """Give the kinds of keys that an item has beside its title.

    Items that have one of these in common are told apart by it, however alike their titles are.
    """
    return frozenset(key.kind for key in named) - {_TITLE}


def gist(item: Item) -> str:
    """Digest of what an item's summary says, empty if it has none: unaffected by a corrected title."""
    plain = _plain(item.summary)
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest() if plain else ""


def slug(item: Item) -> str:
    """Name the folder of an item: its number, if it has one, and its title.

    >>> slug(Episode(show="a", title="What's next?", number=7))
    '7-whats-next'
    """
    number = f"{item.number}-" if isinstance(item, Episode) and item.number is not None else ""
    return f"{number}{title_slug(item.title)}"


def canonical(link: str) -> str:
    """Reduce an address to what distinguishes pages: no scheme, `www.`, tracking or fragment.

    >>> canonical("HTTP://www.Example.org/a/?utm_source=x&b=1#top")
    'example.org/a?b=1'
    """
    try:
        parts = urlsplit(link)
    except ValueError:  # no address at all, such as one with half a bracket
        return link
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if not _TRACKING.fullmatch(name)]
    host = parts.netloc.lower().removeprefix("www.")
    return urlunsplit(("", host, parts.path.rstrip("/"), urlencode(sorted(query)), "")).removeprefix("//")


def permanent_id(site: str, key: Key, attempt: int = 0) -> str:
    """Make the id an item keeps for ever: a UUIDv5 (RFC 9562, section 5.5) of the site and its first key.

    `attempt` tells apart items that share a key. An id that the source gave is kept as it is.
    """
    name = f"{site} {key.value}" + (f" #{attempt}" if attempt else "")
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def match(items: Sequence[Item], known: Iterable[Known], gists: Iterable[str] = ()) -> list[str | None]:
    """Find the known id of each item, or `None` for an item that is new. No id is given twice.

    `gists` are those of further known items that none of these can be.
    """
    entries = {entry.id: entry for entry in known}
    by_key: dict[Key, list[Known]] = {}
    for entry in entries.values():
        for key in entry.keys:
            by_key.setdefault(key, []).append(entry)
    named = [keys(item) for item in items]
    found: list[str | None] = [None] * len(items)
    taken: set[str] = set()
    order = {id_: position for position, id_ in enumerate(entries)}
    claims = sorted(
        (-agreeing, item.title != entry.title, gist(item) != entry.gist, index, order[entry.id], entry.id)
        for index, item in enumerate(items)
        for entry in {entry.id: entry for key in named[index] for entry in by_key.get(key, ())}.values()
        if (agreeing := _agreement(named[index], entry.keys))
    )
    for *_, index, _, id_ in claims:
        if found[index] is None and id_ not in taken:
            found[index] = id_
            taken.add(id_)
    common = Counter(chain((entry.gist for entry in entries.values()), gists))
    left = [
        # A summary that several share, such as that of a series, does not identify an item.
        entry if common[entry.gist] == 1 else replace(entry, gist="")
        for entry in entries.values()
        if entry.id not in taken
    ]
    _match_mended(items, named, found, left)
    return found


def match_renamed(items: Sequence[Episode], known: Sequence[Known], listed: int) -> list[str | None]:
    """Find the known ids of episodes of one show among those of another show that it may have replaced.

    It has if at least half of the episodes that were `listed` of the other one, or of all if none were, are
    found, and not by their numbers alone, which are the same in every show. Otherwise nothing is found.
    """
    if not items:
        return []
    within = scope(items[0])
    entries = [
        replace(
            entry, gone=True, keys=tuple(Key(key.kind, f"{within} {unscoped(key)}") for key in entry.keys)
        )
        for entry in known
    ]
    found = match(items, entries)
    telling = {entry.id: {key for key in entry.keys if key.kind != _NUMBER} for entry in entries}
    sure = sum(
        id_ is not None and not telling[id_].isdisjoint(keys(item))
        for item, id_ in zip(items, found, strict=True)
    )
    return found if 2 * sure >= (min(listed, len(known)) or len(known)) else [None] * len(items)


def _agreement(named: Sequence[Key], others: Sequence[Key]) -> int:
    """On how many keys two items agree; 0 if on none of the strongest kind that both have."""
    if named == others:
        return len(named)
    strongest = _strongest_common(named, others)
    common = set(named) & set(others)
    return len(common) if any(key.kind == strongest for key in common) else 0


def _strongest_common(one: Iterable[Key], other: Iterable[Key]) -> int | None:
    return min({key.kind for key in one} & {key.kind for key in other}, default=None)


def _match_mended(
    items: Sequence[Item], named: Sequence[Sequence[Key]], found: list[str | None], left: Sequence[Known]
) -> None:
    """Give items without a match the id of one that left its source, if the titles are nearly equal.

    One that another source lists, still or again, has to be by the same publisher, word for word.
    """
    candidates: dict[str, list[tuple[str, Known]]] = {}
    for entry in left:
        if entry.gone or entry.elsewhere:
            candidates.setdefault(_prefix(entry.keys[-1]), []).append((_plain(entry.title), entry))
    new = [index for index, id_ in enumerate(found) if id_ is None]
    if not candidates or not new:
        return
    from rapidfuzz import fuzz, process

    titles = {prefix: [title for title, _ in entries] for prefix, entries in candidates.items()}
    pairs: list[tuple[float, int, str]] = []
    for index in new:
        item, title = items[index], _plain(items[index].title)
        prefix = _prefix(named[index][-1])
        near = process.extract(
            title, titles.get(prefix, ()), scorer=fuzz.ratio, score_cutoff=_REWORDED, limit=10
        )
        for _, score, position in near:
            other, entry = candidates[prefix][position]
            enough = _REWORDED if entry.gist and entry.gist == gist(item) else _MENDED
            if (
                score >= enough
                # The next item of a series is new, however alike the titles are.
                and re.findall(r"\d+", title) == re.findall(r"\d+", other)
                and _strongest_common(named[index], entry.keys) == _TITLE
                and (entry.gone or _is_told_twice(item, title, entry, other))
            ):
                pairs.append((-score, index, entry.id))
    used: set[str] = set()
    for _, index, id_ in sorted(pairs):
        if found[index] is None and id_ not in used:
            found[index] = id_
            used.add(id_)


def _is_told_twice(item: Item, title: str, entry: Known, other: str) -> bool:
    """Tell whether two sources list one article: one publisher, and titles that differ only in typos.

    With the same summary, the title may be worded differently.
    """
    from rapidfuzz import fuzz

    if title_scope(item) is None:
        return False
    if entry.gist and entry.gist == gist(item):
        return True
    words, others = title.split(), other.split()
    return len(words) == len(others) and all(
        one == two or fuzz.ratio(one, two) >= _TYPO for one, two in zip(words, others, strict=True)
    )


def _prefix(title_key: Key) -> str:
    """Scope and publisher: titles are compared within them, never across."""
    return title_key.value.partition("title:")[0]


@lru_cache(maxsize=2**16)  # an item is asked for its keys several times while it is matched
def _plain(text: str) -> str:
    """Reduce titles that a person would call the same to one text."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[\W_]+", " ", folded).split()
    return " ".join(words) or folded
