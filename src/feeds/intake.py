"""From sources to the ledger: read, parse, filter, edit, remember. Unchanged sources are not parsed again."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from feeds import groups, parsers, sources
from feeds.companions import Companions
from feeds.config import Plan, SourcePlan
from feeds.errors import SourceError, SurpriseError
from feeds.history import History, follow
from feeds.ledger import RENAMED, Ledger, Settled, is_short
from feeds.model import Article, Episode, Finding, Item, Parsed, Place, Related, Source

if TYPE_CHECKING:
    from feeds.fetch import Fetcher

_GetFetcher = Callable[[], "Fetcher"]
"""Makes the fetcher, once one is needed."""

_RETRY = timedelta(hours=1)
"""After how long a feed is read again if a part of it could not be read."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and of how many."""


class Read(msgspec.Struct, frozen=True):
    """What the ledger notes of a source, so as not to parse it again while it stays the same."""

    path: str
    """Key of the source of the configuration that it belongs to."""
    hash: str
    """Of its bytes."""
    made_by: str
    """Digest of everything else that decides what is read in it."""
    items: int
    gone: int
    findings: tuple[Finding, ...] = ()
    description: str | None = None
    related: tuple[Related, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    again: datetime | None = None
    """When to read it again even if it stays the same, since something that it names was missing."""
    archive: tuple[str, ...] = ()
    """Addresses of the pages of its archive, which are read only once."""


@dataclass(kw_only=True, slots=True)
class Taken:
    """What became of the items of all sources."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    findings: list[Finding] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    """What subscribers would not expect, each with its source."""
    again: set[str] = field(default_factory=set)
    """Ids of new items that subscribers have already, under another id."""
    read: dict[str, Read] = field(default_factory=dict)
    """By the key of each file or address."""


class _Got(NamedTuple):
    """A source, or the news that it has not changed."""

    source: Source | None
    """`None` if a server says that nothing has changed."""
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None


class Intake:
    """Takes in all sources of a plan."""

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        now: datetime,
        code: str,
        *,
        surprising: bool,
        recall: Callable[[Sequence[Item]], Sequence[Item]] = lambda items: items,
    ) -> None:
        """`code` is a digest of our own code: what other code has read is read again.

        `recall` adds to the items of a source what is known of them apart from the ledger.
        """
        self._plan = plan
        self._ledger = ledger
        self._now = now
        self._code = code
        self._surprising = surprising
        self._recall = recall
        self._before = ledger.recall_all("source", Read)
        self._former: dict[str, int] = {}
        self._taken = Taken()
        self._subscribed: dict[str, str] = {}
        """The names that lists of subscriptions give feeds, by address."""

    def run(self, progress: Progress) -> Taken:
        """Read every source and remember what it lists. One that cannot be read does not stop the others.

        Raises `SurpriseError` if subscribers would be surprised, unless that is allowed.
        """
        self._former = self._former_shows()
        self._release()
        for number, said in enumerate(self._plan.sources):
            progress("Reading sources", number, len(self._plan.sources))
            with ExitStack() as resources:
                fetcher = cache(partial(_fetcher, said, resources))
                plan = self._told(said, fetcher)
                for name in self._names(plan, fetcher):
                    self._take(name, plan, fetcher)
        self._take_vanished()
        self._follow_renamed()
        self._revise()
        self._ledger.complete()
        if self._plan.editor.overrides:
            self._taken.findings.extend(self._plan.editor.check(self._ledger.given()))
        self._taken.findings.extend(self._idle_topics())
        # A source that is read for two shows reports its faults only once.
        self._taken.findings = list(dict.fromkeys(self._taken.findings))
        return self._taken

    def _idle_topics(self) -> Iterator[Finding]:
        """Report topics whose conditions match nothing; one without conditions may wait for its tag."""
        choosing = [name for name, selection in self._plan.selections.items() if selection.chooses()]
        found = self._ledger.groups(now=self._ledger.latest(self._now)) if choosing else {}
        for name in choosing:
            if f"topics/{name}" not in found:
                place = Place(source=str(self._plan.path), path=f"topic.{name}")
                message = "no item meets its conditions, so it has no feeds; are its tags spelled correctly?"
                yield Finding(level="warning", rule="empty-topic", place=place, message=message)

    def _former_shows(self) -> dict[str, int]:
        """Shows that the last build had and this one has not, and how many episodes are listed."""
        before = self._ledger.recall("shows", "configured", list[str])
        if before is None:
            before = self._ledger.noted("guid")
        return {show: self._ledger.listed(show) for show in before if show not in self._plan.shows}

    def _follow_renamed(self) -> None:
        """Give a show that took over episodes of another one the rest of them, and the ids of its feeds."""
        renamed = self._ledger.recall_all(RENAMED, str)
        for former, show in renamed.items():
            if former not in self._former or show not in self._plan.shows:
                continue  # a build was killed, and the configuration changed back
            self._ledger.take_over(former, show, now=self._now, groups=self._groups)
            self._inherit("guid", former, show)
            self._inherit("feed-id", f"shows/{former}", f"shows/{show}")
            message = (
                f"replaces show.{former}, whose episodes keep their ids and dates. Redirect shows/{former}/ "
                f"to shows/{show}/ on your web server, since subscribers still ask for the feeds there"
            )
            place = Place(source=str(self._plan.path), path=f"show.{show}")
            self._taken.findings.append(
                Finding(level="warning", rule="show-renamed", place=place, message=message)
            )
        if renamed:
            self._ledger.forget(RENAMED, renamed)
        shows = sorted(self._plan.shows)
        if self._ledger.recall("shows", "configured", list[str]) != shows:
            self._ledger.note("shows", {"configured": shows})

    def _inherit(self, kind: str, former: str, key: str) -> None:
        """Move a note to another key, unless that has one."""
        notes = self._ledger.recall_all(kind, str)
        if former in notes:
            self._ledger.note(kind, {key: notes.get(key, notes[former])})
            self._ledger.forget(kind, [former])

    def _release(self) -> None:
        """Hand the items of sources that the configuration no longer names to others that list them."""
        keys = {plan.key for plan in self._plan.sources}
        left_out = [name for name, read in self._before.items() if read.path not in keys]
        for name in left_out:
            self._ledger.release(name)
            del self._before[name]
        self._ledger.forget("source", left_out)

    def _revise(self) -> None:
        """Take over a change of overrides, tag rules or topics for what no source was read for."""
        last = self._ledger.recall("editing", "last", str)
        if last == self._plan.editing:
            return
        if last is not None:
            keys = {plan.key for plan in self._plan.sources if plan.removed != "keep"}
            self._taken.changed += self._ledger.revise(
                now=self._now,
                edit=self._plan.editor or None,
                groups=self._groups,
                dropping=[name for name, read in self._before.items() if read.path in keys],
            )
        self._ledger.note("editing", {"last": self._plan.editing})

    def _told(self, plan: SourcePlan, fetcher: _GetFetcher) -> SourcePlan:
        """Find out whether a source of format `auto` is a list of subscriptions, if nobody knows it yet."""
        name = plan.path
        is_known = plan.format != "auto" or plan.key in self._before or name == sources.STDIN
        if is_known or sources.names(name, self._plan.root) != [name]:
            return plan
        from feeds.parsers.detect import detect

        try:
            source = self._read(name, plan, None, fetcher).source
            is_list = source is not None and detect(source)[0] == "opml"
        except SourceError:  # which is reported where it is read
            is_list = any(read.path == plan.key for read in self._before.values())
        return replace(plan, format="opml") if is_list else plan

    def _names(self, plan: SourcePlan, fetcher: _GetFetcher) -> list[str]:
        """The files or addresses of a source; those of a list of subscriptions are the feeds it names."""
        found = sources.names(plan.path, self._plan.root)
        names = [name for name in found if name == plan.path or not sources.is_media(name)]
        if not names:
            self._taken.findings.append(_no_file(plan.path))
        if plan.format != "opml":
            return names
        from feeds.parsers import opml

        subscribed: list[str] = []
        for name in names:
            try:
                source = self._read(name, plan, None, fetcher).source
                links = opml.subscriptions(source) if source else ()
                subscribed.extend(link.url for link in links)
                self._subscribed.update({link.url: link.title for link in links if link.title != link.url})
            except SourceError as error:
                self._taken.findings.append(_unreadable(error, name))
                # Which of them this list had is not known, so all that were subscribed to stay.
                subscribed.extend(
                    key.removesuffix(plan.apart)
                    for key, read in self._before.items()
                    if read.path == plan.key
                )
        return list(dict.fromkeys(subscribed))

    def _take(self, name: str, plan: SourcePlan, fetcher: _GetFetcher) -> None:
        key = plan.key_of(name)
        made_by = hashlib.sha256(repr((self._code, plan, self._plan.editing)).encode()).hexdigest()
        before = self._before.get(key)
        is_due = before is not None and before.again is not None and before.again <= self._now
        known = before if before and before.made_by == made_by and not is_due else None
        try:
            got = self._read(name, plan, known, fetcher)
            hash_ = hashlib.sha256(got.source.data).hexdigest() if got.source else None
            if known and hash_ in (None, known.hash):
                read = msgspec.structs.replace(known, etag=got.etag, last_modified=got.last_modified)
                self._taken.unchanged += known.items
                self._taken.gone += known.gone
            else:
                assert got.source
                assert hash_
                read = self._remember(got, got.source, plan, fetcher, hash_, made_by, known)
        except SourceError as error:
            self._taken.findings.append(_unreadable(error, name))
            if before:
                self._taken.read[key] = before
            return
        if got.moved_to:
            self._taken.findings.append(_moved(name, got.moved_to))
        self._taken.findings.extend(read.findings)
        self._taken.read[key] = read
        if read != before:
            self._ledger.note("source", {key: read})

    def _read(self, name: str, plan: SourcePlan, known: Read | None, fetcher: _GetFetcher) -> _Got:
        format_ = "feed" if plan.format == "opml" and name != plan.path else plan.format
        if not sources.is_address(name):
            return _Got(
                sources.read(name, self._plan.root, format_=format_, show=plan.show, base_url=plan.url)
            )
        from feeds.fetch import Validators

        validators = Validators(etag=known.etag, last_modified=known.last_modified) if known else None
        fetched = fetcher().get(name, validators)
        source = fetched.source(format=format_, show=plan.show) if fetched.data is not None else None
        now = fetched.validators
        return _Got(source, now.etag, now.last_modified, fetched.moved_to)

    def _remember(
        self,
        got: _Got,
        source: Source,
        plan: SourcePlan,
        fetcher: _GetFetcher,
        hash_: str,
        made_by: str,
        known: Read | None,
    ) -> Read:
        companions = Companions(self._ledger, fetcher, self._now)
        parsed = parsers.parse(source, plan.settings, companions.load)
        history = self._history(parsed, source, plan, fetcher, companions, known)
        companions.remember()
        by = self._subscribed.get(source.name)
        shown = [_published(_shown(item), by) for item in history.items]
        taken = [item for item in shown if plan.filter.holds(item)]
        items = [_tagged(item, plan.tags) for item in taken[: plan.limit]]
        key = plan.key_of(source.name)
        settled = self._settle(key, items, plan, whole=history.is_whole)
        if any(selection.sort == "source" for selection in self._plan.selections.values()):
            self._ledger.note("order", {key: settled.ids})
        return Read(
            path=plan.key,
            hash=hash_,
            made_by=made_by,
            items=len(items) if history.is_whole or not known else max(len(items), known.items),
            gone=settled.gone,
            findings=(
                *history.findings,
                *(() if taken else _filtered(source.name, len(history.items))),
                *groups.shared_slugs(items),
                *settled.findings,
            ),
            description=parsed.description,
            related=parsed.related,
            etag=got.etag,
            last_modified=got.last_modified,
            again=self._now + _RETRY if history.is_broken else companions.again,
            archive=history.archive,
        )

    def _history(
        self,
        parsed: Parsed,
        source: Source,
        plan: SourcePlan,
        fetcher: _GetFetcher,
        companions: Companions,
        known: Read | None,
    ) -> History:
        """Follow a feed on the web back to its first item, or until there are enough."""

        def read(url: str) -> Parsed:
            page = fetcher().get(url).source(format="feed", show=plan.show)
            return parsers.parse(page, plan.settings, companions.load)

        is_enough = plan.limit is not None and sum(map(plan.filter.holds, parsed.items)) >= plan.limit
        if is_enough or not sources.is_address(source.name):
            parsed = replace(parsed, earlier=None)
        return follow(parsed, source.name, read=read, known=known.archive if known else ())

    def _settle(
        self, name: str, items: Sequence[Item], plan: SourcePlan | None, *, whole: bool = True
    ) -> Settled:
        settled = self._ledger.settle(
            name,
            self._recall(items),
            site=self._plan.identity,
            now=self._now,
            groups=self._groups,
            edit=self._plan.editor or None,
            surprising=self._surprising,
            removed=plan.removed if plan else "keep",
            whole=whole,
            former=self._former,
        )
        self._taken.new += len(settled.new)
        self._taken.changed += len(settled.changed)
        self._taken.unchanged += settled.unchanged
        self._taken.gone += settled.gone
        self._taken.again.update(settled.again)
        self._taken.surprises.extend(f"{name}: {surprise}" for surprise in settled.surprises)
        return settled

    def _take_vanished(self) -> None:
        """Treat items of files that have vanished from a glob or a folder as gone."""
        plans = {plan.key: plan for plan in self._plan.sources}
        vanished = [
            name
            for name, read in self._before.items()
            if name not in self._taken.read and read.path in plans and name != read.path
        ]
        for path in dict.fromkeys(self._before[name].path for name in vanished):
            self._expect_enough(path)
        for name in vanished:
            self._settle(name, [], plans[self._before[name].path])
        self._ledger.forget("source", vanished)

    def _expect_enough(self, path: str) -> None:
        """Raise `SurpriseError` if so many files are gone that a source lists less than half of its items."""
        before, listed = (
            sum(read.items for read in reads.values() if read.path == path)
            for reads in (self._before, self._taken.read)
        )
        if not is_short(listed, before):
            return
        surprise = f"lists {listed} items in all its files, down from {before}"
        if not self._surprising:
            raise SurpriseError(surprise, Place(source=path))
        self._taken.surprises.append(f"{path}: {surprise}")

    def _groups(self, item: Item) -> Iterator[str]:
        if isinstance(item, Episode) and item.show not in self._plan.shows:
            return iter(())  # its show was taken out of the configuration
        return groups.paths(item, self._plan.selections)


def _fetcher(plan: SourcePlan, resources: ExitStack) -> "Fetcher":
    from feeds.fetch import Fetcher

    return resources.enter_context(Fetcher(allow_private=plan.allow_private))


def _shown(item: Item) -> Item:
    """Turn an episode without a show into an article."""
    if not isinstance(item, Episode) or item.show:
        return item
    return Article(**{name.name: getattr(item, name.name) for name in fields(Item)})


def _no_file(path: str) -> Finding:
    message = "there is no file to read in it; items of earlier builds stay in their feeds"
    return Finding(level="warning", rule="no-items", place=Place(source=path), message=message)


def _published(item: Item, by: str | None) -> Item:
    """Name the publisher of an article that does not name one itself."""
    return replace(item, publisher=by) if by and isinstance(item, Article) and not item.publisher else item


def _filtered(name: str, count: int) -> Iterator[Finding]:
    """Report that a filter leaves nothing."""
    if count:
        message = f"its filter leaves none of its {count} items; see `any`, `all` and `none`"
        yield Finding(level="warning", rule="filtered", place=Place(source=name), message=message)


def _tagged(item: Item, tags: tuple[str, ...]) -> Item:
    return replace(item, tags=tuple(dict.fromkeys((*item.tags, *tags)))) if tags else item


def _unreadable(error: SourceError, name: str) -> Finding:
    message = f"{error.message} (items of earlier builds stay in their feeds)"
    place = error.place or Place(source=name)
    return Finding(level="error", rule="source-unreadable", place=place, message=message)


def _moved(name: str, to: str) -> Finding:
    message = f"has moved permanently to {to}; change it in the configuration"
    return Finding(level="warning", rule="source-moved", place=Place(source=name), message=message)
