"""A lost ledger, restored from what is published, so that nothing gets a second id or a second date.

    manifest → feeds → items with ids, dates and names → matched with what the sources list → ledger

What feeds hold comes back as it was. Items they have no room for are older than all they hold: they are dated
below the item before them in their source. Items that no source lists come back from the feeds alone.
Items that are published nowhere are new to the next build.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from feeds import compose, groups, identity, units
from feeds.config import Plan
from feeds.errors import FeedsError, MissingError, SourceError
from feeds.intake import Intake
from feeds.ledger import Ledger
from feeds.manifest import MANIFEST, listed
from feeds.model import Article, Episode, Finding, Item, Place, Record, Source
from feeds.outputs.formats import archive_page
from feeds.sources import is_address
from feeds.targets import open_target
from feeds.units import Unit

_AFTER = timedelta(minutes=1)
"""How far apart items are dated that were first seen together."""

_BEGUN = "recovery"
"""Kind of note: a recovery that has not finished."""

_NO_SOURCE = "what is published"
"""Stands for the source of items that no source lists."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_GUID = "{https://podcastindex.org/namespace/1.0}guid"

_Known = Article | Episode
_Get = Callable[[str], bytes]
"""Gets a published file by its path.

Raises `MissingError` if there is none, and any other `FeedsError` if it cannot be read now.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What a ledger was restored from."""

    items: int
    """With the id and the dates that they were published with."""
    unlisted: int
    """How many of them no source lists."""
    findings: tuple[Finding, ...]
    """Feeds that cannot be read."""


class _Feed(msgspec.Struct, frozen=True):
    """What we read of a JSON feed beside its items."""

    feed_url: str
    next_url: str | None = None


def recover_lost(plan: Plan, ledger: Ledger, output: Path | str, *, now: datetime) -> tuple[Finding, ...]:
    """Recover, and say so, if a ledger remembers no build although its output holds one.

    Raises `FeedsError` if it cannot be told whether there is one.
    """
    manifest = open_target(output).read(MANIFEST) if _is_empty(ledger) else None
    if manifest is None or not _is_ours(manifest):
        return ()
    recovered = recover(plan, ledger, output, now=now)
    message = (
        f"the ledger was lost; {recovered.items} items got back the ids and dates that they are published "
        f"with, {recovered.unlisted} of them in no source"
    )
    place = Place(source=str(output))
    return (
        Finding(level="warning", rule="ledger-recovered", place=place, message=message),
        *recovered.findings,
    )


def recover(plan: Plan, ledger: Ledger, published: Path | str, *, now: datetime) -> Recovered:
    """Fill an empty ledger from what is published in a folder or at an address.

    Raises `FeedsError` if nothing of ours is published there, if the ledger is not empty, or if a feed that
    is there cannot be had: what only it holds would be published anew, under another date.
    """
    if not _is_empty(ledger):
        message = "this ledger is not empty; move it away to restore one from what is published"
        raise FeedsError(message, Place(source=ledger.name))
    get = _getter(str(published))
    try:
        records = _manifest(get(MANIFEST))
    except MissingError as error:
        raise MissingError(f"{error.message}; expected an output of feeds", error.place) from error
    remains = _Remains(plan, get, [record.path for record in records])
    # Until everything is remembered, the ledger counts as empty, and a killed recovery starts over.
    ledger.note(_BEGUN, {"from": str(published)})
    Intake(plan, ledger, now, "recovery", surprising=True, recall=remains.recall).run(lambda *_: None)
    unlisted = remains.unlisted()
    for items in (unlisted, []):  # the second call says that they are gone
        ledger.settle(_NO_SOURCE, items, site=plan.identity, now=now, groups=lambda item: _paths(item, plan))
    for path, tombstones in remains.tombstones.items():
        ledger.bury(path, tombstones)
    ledger.restore(remains.pages)
    ledger.note("feed-id", remains.feed_ids)
    ledger.note("guid", remains.guids)
    ledger.note("media", remains.media())
    ledger.note("clock", {"last": max((_updated(item) for item in remains.items.values()), default=now)})
    if not is_address(str(published)):
        # As a build notes its files, so that the next build removes those that it does not make.
        ledger.note(units.kind(open_target(published)), {"recovered": Unit(records=records)})
    ledger.forget(_BEGUN, ["from"])
    return Recovered(items=len(remains.items), unlisted=len(unlisted), findings=tuple(remains.findings))


def _is_empty(ledger: Ledger) -> bool:
    never_built = ledger.recall("editing", "last", str) is None
    return never_built or ledger.recall(_BEGUN, "from", str) is not None


def _is_ours(manifest: bytes) -> bool:
    try:
        listed(manifest)
    except ValueError:
        return False
    return True


def _manifest(data: bytes) -> tuple[Record, ...]:
    """Read the list of all files. Raises `FeedsError` if it is not one of ours."""
    try:
        return listed(data)
    except ValueError as error:
        message = f"is not a manifest of feeds: {error}"
        raise FeedsError(message, Place(source=MANIFEST)) from error


def _getter(published: str) -> _Get:
    if is_address(published):
        from feeds.fetch import Fetcher

        base = published if published.endswith("/") else f"{published}/"

        def fetch(path: str) -> bytes:
            try:
                with Fetcher(allow_private=True, robots=False) as fetcher:
                    return fetcher.get(f"{base}{path}").data or b""
            except MissingError:
                raise
            except SourceError as error:
                message = f"{error.message}. Nothing was recovered; try again when it can be had"
                raise FeedsError(message, error.place) from error

        return fetch

    target = open_target(published)

    def read(path: str) -> bytes:
        data = target.read(path)
        if data is None:
            raise MissingError("there is no such file", Place(source=f"{target.name}/{path}"))
        return data

    return read


class _Remains:
    """What is published, and which of it a source has claimed."""

    def __init__(self, plan: Plan, get: _Get, paths: Iterable[str]) -> None:
        self._plan = plan
        self._get = get
        self.items: dict[str, _Known] = {}
        self.tombstones: dict[str, dict[str, datetime]] = {}
        """Ids of items that were taken out of a group, and when, by its path."""
        self.feed_ids: dict[str, str] = {}
        self.guids: dict[str, str] = {}
        self.pages: dict[tuple[str, int], list[str]] = {}
        """Ids on each page of an archive, by the path of its feed and the number."""
        self.findings: list[Finding] = []
        self._horizon: datetime | None = None
        """What is older may be missing from the feeds; `None` if they hold all."""
        self._claimed: set[str] = set()
        for path in sorted(paths, key=lambda path: not path.startswith("shows/")):
            try:
                self._read(path)
            except (SourceError, etree.XMLSyntaxError, msgspec.MsgspecError) as error:
                message = f"cannot be read, so what it alone holds is not recovered: {error}"
                place = Place(source=path)
                self.findings.append(
                    Finding(level="warning", rule="not-recovered", place=place, message=message)
                )
        self._by_key: dict[str, list[identity.Known]] = {}
        for known in map(_known, self.items.values()):
            for key in known.keys:
                self._by_key.setdefault(key.value, []).append(known)

    def recall(self, items: Sequence[Item]) -> list[Item]:
        """Give items of a source the ids, dates and names that they were published with.

        What was not published is left out.
        """
        edited = [self._plan.editor(item) for item in items]
        near = {
            known.id: known
            for item in edited
            for key in identity.keys(item)
            for known in self._by_key.get(key.value, ())
            if known.id not in self._claimed
        }
        ids = identity.match(edited, near.values())
        self._claimed.update(filter(None, ids))
        recalled: list[Item] = []
        for item, id_ in zip(items, ids, strict=True):
            before = recalled[-1].published if recalled else None
            known = self._as_published(item, id_) if id_ else self._as_older(item, before)
            recalled.extend([known] if known else [])
        return recalled

    def unlisted(self) -> list[_Known]:
        """What no source has claimed."""
        left = [item for id_, item in self.items.items() if id_ not in self._claimed]
        return [self._rebuilt(item) for item in left]

    def media(self) -> dict[str, object]:
        """Audio on other hosts, for when it cannot be asked."""
        return {
            id_: item.media
            for id_, item in self.items.items()
            if isinstance(item, Episode) and item.media and not self._is_own(item.media.url)
        }

    def _read(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        show = folder.removeprefix("shows/") if folder.startswith("shows/") else None
        page = archive_page(path)
        if name == "feed.json":
            data = self._get(path)
            feed = msgspec.json.decode(data, type=_Feed)
            base = feed.feed_url.removesuffix(path)
            found = [_own(item, base) for item in _items(data, path, show)]
            for item in found:
                self.items.setdefault(item.id or "", item)
            if page:
                self.pages[page] = [item.id for item in found if item.id]
            if folder == groups.ALL and len(found) >= self._plan.limit and not feed.next_url:
                self._horizon = min(item.published for item in found if item.published)
        elif name == "atom.xml" and folder != "maintenance" and not page:
            tree = _tree(self._get(path))
            id_ = tree.findtext(f"{_ATOM}id")
            if id_:
                self.feed_ids[folder] = id_
            self.tombstones[folder] = {
                one.get("ref", ""): datetime.fromisoformat(one.get("when", ""))
                for one in tree.iterfind(_DELETED)
            }
        elif name == "podcast.xml" and show:
            data = self._get(path)
            guid = _tree(data).findtext(f"channel/{_GUID}")
            if guid:
                self.guids[show] = guid
            for item in _items(data, path, show):
                self._add_details(item)

    def _add_details(self, told: _Known) -> None:
        """Add what only the podcast feed says of an episode; it is read after the JSON feed."""
        known = self.items.get(told.id or "")
        if isinstance(known, Episode) and isinstance(told, Episode):
            self.items[told.id or ""] = replace(
                known,
                kind=told.kind,
                explicit=told.explicit,
                persons=told.persons,
                transcripts=told.transcripts,
                carried=told.carried,
            )

    def _as_published(self, item: Item, id_: str) -> Item:
        known = self.items[id_]
        return replace(
            item, id=item.id or id_, slug=known.slug, published=known.published, updated=known.updated
        )

    def _as_older(self, item: Item, before: datetime | None) -> Item | None:
        """Date an item that feeds have no room for by the one above it; `None` if it is new."""
        published = item.published or (before and before - _AFTER)
        is_old = published and self._horizon and published < self._horizon
        return replace(item, published=published) if is_old else None

    def _rebuilt(self, item: _Known) -> _Known:
        """An item as its source gave it, as far as that can be told from what is published."""
        if item.language == self._plan.site.language:
            item = replace(item, language=None)  # JSON feeds give every item a language
        if isinstance(item, Episode):
            is_ours = item.media and self._is_own(item.media.url)
            return replace(item, media=None if is_ours else item.media)
        for candidate in _guesses(item):
            made = compose.entry(candidate, self._plan.site, self._plan.topics, self._plan.shows)
            if made.content == item.content:
                return candidate
        return item

    def _is_own(self, url: str) -> bool:
        return url.startswith((self._plan.site.base_url, self._plan.identity))


def _items(data: bytes, path: str, show: str | None) -> Iterator[_Known]:
    from feeds.parsers import feed as feed_parser  # few builds recover anything

    for item in feed_parser.parse(Source(name=path, format="feed", data=data, show=show)).items:
        if item.id and isinstance(item, Article | Episode):
            yield replace(item, place=Place(source=_NO_SOURCE))


def _own(item: _Known, base: str) -> _Known:
    """Name an item by the folder of its page on this site, which is not a link of its own."""
    if not item.link or not item.link.startswith(base):
        return item
    return replace(item, link=None, slug=urlsplit(item.link).path.rstrip("/").rpartition("/")[2])


def _known(item: _Known) -> identity.Known:
    """Its keys, also as an article of each of its authors: feeds do not tell publishers from authors."""
    variants = [item]
    if isinstance(item, Article):
        variants += [replace(item, publisher=author.name) for author in item.authors]
    keys = {key for variant in variants for key in identity.keys(variant)}
    return identity.Known(
        id=item.id or "", keys=tuple(sorted(keys)), title=item.title, gist=identity.gist(item), gone=True
    )


def _guesses(article: Article) -> Iterator[Article]:
    """What an article may have been before it was composed, the likeliest first."""
    plain = replace(article, content=None)
    if len(article.authors) == 1:
        yield replace(plain, publisher=article.authors[0].name, authors=())
    yield plain
    yield replace(article, minutes=None)


def _tree(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _paths(item: Item, plan: Plan) -> Iterable[str]:
    is_left_out = isinstance(item, Episode) and item.show not in plan.shows
    return () if is_left_out else groups.paths(item, plan.selections)


def _updated(item: _Known) -> datetime:
    assert item.updated
    return item.updated
