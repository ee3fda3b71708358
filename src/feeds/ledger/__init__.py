"""The memory of the site: every item ever seen, its permanent id and its dates.

An item that drops off its source stays known and stays in its feeds; one whose title is mended keeps its
id; no edit moves the date of publication. Writing here comes before any file is written, and all that one
source says is one transaction, so a build that is killed has remembered all of it or nothing.

One implementation on SQLAlchemy Core serves SQLite and PostgreSQL.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from operator import ge, gt, le, lt
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
import sqlalchemy as sa

from feeds.errors import SurpriseError
from feeds.identity import short, show_scope
from feeds.ledger.database import Database
from feeds.ledger.migrations import prepare
from feeds.ledger.settlement import (
    RENAMED,
    UNDER_WAY,
    Call,
    Dated,
    Removed,
    Settled,
    Settlement,
    is_short,
    within,
)
from feeds.ledger.tables import (
    ITEM,
    ITEM_COLUMNS,
    KEY,
    MEMBER,
    MEMO,
    MENTION,
    TOMBSTONE,
    Row,
    chunks,
    given,
    keep,
    load,
    moment,
    new_mark,
    note,
    stamp,
)
from feeds.model import Article, Episode, Item, Place

__all__ = ["AT_ONCE", "RENAMED", "Group", "Ledger", "Part", "Settled", "State", "is_short"]

_T = TypeVar("_T")

AT_ONCE = 10_000
"""Rows."""


class Group(NamedTuple):
    """How the items of a group stand, taken together."""

    total: int
    """How many they are."""
    mark: str
    """Differs whenever an item changes, comes or goes."""


class Part(NamedTuple):
    """How some items of a group stand, taken together."""

    published: int
    """When the newest was, in seconds since 1970."""
    mark: str
    """Differs whenever an item changes, comes or goes."""


class State(NamedTuple):
    """An item's place in a group, without its content."""

    id: str
    kind: str
    """`article` or `episode`."""
    published: int
    """Seconds since 1970."""
    mark: int
    """Differs whenever the item does; the same in all groups."""


class Ledger:
    """An open ledger. `settle` remembers items, `items` gives them back, by group."""

    def __init__(self, database: Database) -> None:
        """Use `open`."""
        self._database = database
        self._dated = Dated()
        self._rehearsal: sa.Connection | None = None

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the ledger at a path or database URL, and make it if there is none.

        Raises `LedgerError` if what is there is no ledger, or one of a newer `feeds`; it is left as it is.
        """
        database = Database(url)
        try:
            prepare(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @property
    def name(self) -> str:
        """Its path or database URL, without a password."""
        return self._database.name

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def settle(
        self,
        source: str,
        items: Sequence[Item],
        *,
        site: str,
        now: datetime,
        groups: Callable[[Item], Iterable[str]],
        edit: Callable[[Item], Item] | None = None,
        surprising: bool = True,
        removed: Removed = "keep",
        whole: bool = True,
        former: Mapping[str, int] | None = None,
    ) -> Settled:
        """Remember what a source lists: give ids and dates to what is new, note what changed or went.

        `site` is the name of the site that ids are made from. `edit` makes what is published of what the
        source says, `groups` tells the paths of the groups that belongs to. No date is later than `now`,
        unless the clock was set back since the last call. Items that the source lists no longer stay in
        their groups, unless `removed` says that they drop out of them, or leave a tombstone there. Where
        the items are not the `whole` list, what is not among them is still listed. `former` are shows that
        are configured no longer, with how many episodes were listed of each: what the source lists of one
        under another show stays what it was.

        Raises `SurpriseError` where there are surprises, unless it may be `surprising`; nothing is
        remembered then.
        """
        call = Call(
            source=source,
            site=site,
            now=now.replace(microsecond=0),
            groups=groups,
            edit=edit,
            removed=removed,
            whole=whole,
            former=former or {},
        )
        with self._transaction(writing=True) as db:
            settled = Settlement(db, call, self._dated).run(items)
            if settled.surprises and not surprising:
                raise SurpriseError("; ".join(settled.surprises), Place(source=source))
        return settled

    def revise(
        self,
        *,
        now: datetime,
        edit: Callable[[Item], Item] | None,
        groups: Callable[[Item], Iterable[str]],
        dropping: Collection[str] = (),
    ) -> int:
        """Take over a change of `edit` or `groups`, also for items that no source lists any longer.

        Of the sources that are `dropping`, such items drop out of their groups, and stay out.
        Gives the number of items that changed.
        """
        call = Call(source="", site="", now=now.replace(microsecond=0), groups=groups, edit=edit)
        with self._transaction(writing=True) as db:
            return Settlement(db, call, self._dated).revise(dropping)

    def listed(self, show: str) -> int:
        """Count the episodes of a show that a source lists."""
        episodes = sa.select(KEY.c.id).where(within(f"{show_scope(show)} "))
        with self._transaction() as db:
            query = sa.select(sa.func.count()).where(ITEM.c.id.in_(episodes), ~ITEM.c.gone)
            return int(db.scalar(query) or 0)

    def take_over(
        self, former: str, show: str, *, now: datetime, groups: Callable[[Item], Iterable[str]]
    ) -> None:
        """Make what is left of a show that was renamed part of the other one, though no source lists it."""
        call = Call(source="", site="", now=now.replace(microsecond=0), groups=groups, edit=None)
        with self._transaction(writing=True) as db:
            Settlement(db, call, self._dated).take_over(former, show)

    def complete(self) -> None:
        """Note that all sources were settled; until then, a build of the same moment continues the last."""
        self.forget("clock", [UNDER_WAY])

    def release(self, source: str) -> None:
        """Forget that a source lists items, so that others may speak for them; they stay as they are."""
        with self._transaction(writing=True) as db:
            db.execute(sa.update(ITEM).where(ITEM.c.source == source).values(gone=True))
            db.execute(sa.delete(MENTION).where(MENTION.c.source == source))

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Within it, everything works as usual, and nothing is remembered."""
        with self._database.transaction(writing=True) as db:
            self._rehearsal = db
            try:
                yield
            finally:
                self._rehearsal = None
                db.rollback()

    def archive(self, sizes: Mapping[str, int], *, now: datetime) -> dict[str, int]:
        """Put what is on no page of a group's archive onto new ones, the oldest first, while it fills them.

        `sizes` tells for each group how many items a page takes. What is on a page stays there, so that a
        page never gets another item. Gives the number of the newest page of each that has one.
        """
        with self._transaction() as db:
            archives = db.execute(_archives(now)).all()
        full = [path for path, _, waiting in archives if path in sizes and waiting >= sizes[path]]
        if full:
            with self._transaction(writing=True) as db:
                for path in full:
                    db.execute(_cut(path, sizes[path], now))
                archives = db.execute(_archives(now)).all()
        return {path: newest for path, newest, _ in archives if path in sizes and newest}

    def restore(self, pages: Mapping[tuple[str, int], Iterable[str]]) -> None:
        """Put items, given by id, onto pages of archives as they were before; by group and number."""
        with self._transaction(writing=True) as db:
            for (path, number), ids in pages.items():
                for chunk in chunks([*ids]):
                    on_page = (MEMBER.c.path == path, MEMBER.c.id.in_(chunk))
                    db.execute(sa.update(MEMBER).where(*on_page).values(page=number))

    def pages(self, path: str, *, now: datetime) -> dict[int, Part]:
        """The pages of a group's archive by their numbers, in order; page 0 is what is on none yet."""
        return self._parts(sa.select(MEMBER.c.page.label("number"), *_TOLD).where(*_within(path, now)))

    def parts(self, path: str, size: int, *, now: datetime) -> list[Part]:
        """The items of a group, cut into parts of a size from the oldest on; the last may have fewer."""
        number = (sa.func.row_number().over(order_by=_OLDEST_FIRST) - 1) // size
        return [*self._parts(sa.select(number.label("number"), *_TOLD).where(*_within(path, now))).values()]

    def _parts(self, members: sa.Select[Any]) -> dict[int, Part]:
        member = members.subquery()
        mark = (sa.func.count(), sa.func.sum(member.c.mark))
        query = (
            sa.select(member.c.number, sa.func.max(member.c.published), *mark)
            .group_by(member.c.number)
            .order_by(member.c.number)
        )
        with self._transaction() as db:
            rows = db.execute(query).all()
        return {number: Part(published, _mark(*mark)) for number, published, *mark in rows}

    def items(self, path: str, *, now: datetime, limit: int | None = None) -> list[Article | Episode]:
        """Give the items of a group, newest first, those with a date later than `now` left out."""
        query = (
            sa.select(*ITEM_COLUMNS)
            .select_from(MEMBER.join(ITEM, ITEM.c.id == MEMBER.c.id))
            .where(*_within(path, now))
            .order_by(*_NEWEST_FIRST)
            .limit(limit)
        )
        with self._transaction() as db:
            return [load(row) for row in db.execute(query)]

    def pick(self, ids: Sequence[str]) -> Iterator[Article | Episode]:
        """Give items by their ids, in no order."""
        for chunk in chunks(ids):
            with self._transaction() as db:
                yield from map(load, db.execute(sa.select(*ITEM_COLUMNS).where(ITEM.c.id.in_(chunk))).all())

    def slugs(self, ids: Sequence[str]) -> dict[str, str]:
        """Give the slugs of items by their ids."""
        slugs: dict[str, str] = {}
        for chunk in chunks(ids):
            with self._transaction() as db:
                rows = db.execute(sa.select(ITEM.c.id, ITEM.c.slug).where(ITEM.c.id.in_(chunk))).all()
            slugs.update((id_, slug) for id_, slug in rows)
        return slugs

    def given(self) -> list[Article | Episode]:
        """Give all items as their sources have them, in no order."""
        with self._transaction() as db:
            return [given(row) for row in db.execute(sa.select(ITEM))]

    def members(self) -> dict[str, dict[str, str]]:
        """Give for each group the ids of all its items, and a digest of what each says."""
        groups: dict[str, dict[str, str]] = {}
        query = sa.select(MEMBER.c.path, ITEM.c.id, ITEM.c.hash).join_from(
            MEMBER, ITEM, ITEM.c.id == MEMBER.c.id
        )
        with self._transaction() as db:
            for path, id_, hash_ in db.execute(query):
                groups.setdefault(path, {})[id_] = hash_
        return groups

    def tombstones(self, path: str) -> list[tuple[str, datetime]]:
        """Ids of items that were taken out of a group, and when, the latest first."""
        query = (
            sa.select(TOMBSTONE.c.id, TOMBSTONE.c.moment)
            .where(TOMBSTONE.c.path == path)
            .order_by(TOMBSTONE.c.moment.desc(), TOMBSTONE.c.id)
        )
        with self._transaction() as db:
            return [(id_, moment(stamped)) for id_, stamped in db.execute(query)]

    def bury(self, path: str, tombstones: Mapping[str, datetime]) -> None:
        """Note that items were taken out of a group, and when, by their ids."""
        rows = [{"path": path, "id": id_, "moment": stamp(when)} for id_, when in tombstones.items()]
        with self._transaction(writing=True) as db:
            for chunk in chunks(list(tombstones)):
                db.execute(sa.delete(TOMBSTONE).where(TOMBSTONE.c.path == path, TOMBSTONE.c.id.in_(chunk)))
            for some in chunks(rows):
                db.execute(sa.insert(TOMBSTONE), some)

    def states(
        self,
        path: str,
        *,
        now: datetime,
        start: int = 0,
        limit: int | None = None,
        at_once: int = AT_ONCE,
        oldest_first: bool = False,
    ) -> Iterator[State]:
        """Give the state of each item that `items` would give, from the one at `start` on.

        Only some are in memory `at_once`.
        """
        return islice(self._states(path, now, start, min(limit or at_once, at_once), oldest_first), limit)

    def _states(
        self, path: str, now: datetime, start: int, at_once: int, oldest_first: bool
    ) -> Iterator[State]:
        query = (
            sa.select(*_STATE, MEMBER.c.position)
            .order_by(*(_OLDEST_FIRST if oldest_first else _NEWEST_FIRST))
            .limit(at_once)
        )
        rest = query.where(*_within(path, now)).offset(start)
        while True:
            with self._transaction() as db:
                rows = db.execute(rest).all()
            yield from (State(*row[:-1]) for row in rows)
            if len(rows) < at_once:
                return
            # Not `now` for the newest first: of two bounds, SQLite would go on from the wrong one.
            until = now if oldest_first else moment(rows[-1].published)
            rest = query.where(*_within(path, until), _after(rows[-1], oldest_first))

    def page(self, path: str, number: int, *, now: datetime) -> list[State]:
        """Give the states of items on a page of a group's archive, the newest first; 0 for those on none."""
        key = MEMBER.primary_key.columns
        # An index has the keys of a page; asked for more at once, SQLite would go through the whole group.
        on_page = sa.select(*key).where(*_within(path, now), MEMBER.c.page == number)
        query = sa.select(*_STATE).where(sa.tuple_(*key).in_(on_page)).order_by(*_NEWEST_FIRST)
        with self._transaction() as db:
            return [State(*row) for row in db.execute(query)]

    def newest(self, path: str, *, now: datetime) -> list[State]:
        """Give the state of the newest item of a group, and of the newest one of the other kind."""
        query = sa.select(*_STATE).where(*_within(path, now)).order_by(*_NEWEST_FIRST).limit(1)
        with self._transaction() as db:
            first = db.execute(query).all()
            other = db.execute(query.where(MEMBER.c.kind != first[0].kind)).all() if first else []
        return [State(*row) for row in (*first, *other)]

    def groups(self, *, now: datetime) -> dict[str, Group]:
        """Give all groups that have items, by their paths and in the order of these."""
        query = (
            sa.select(MEMBER.c.path, sa.func.count(), sa.func.sum(MEMBER.c.mark))
            .where(MEMBER.c.published <= stamp(now))
            .group_by(MEMBER.c.path)
            .order_by(MEMBER.c.path)
        )
        with self._transaction() as db:
            return {path: Group(count, _mark(count, sum_)) for path, count, sum_ in db.execute(query)}

    def mark(self, place: str, digests: Mapping[str, str]) -> None:
        """Mark items as changed, in all their groups, whose digest differs from the last one.

        `digests` covers, by id, what is published at a place that the ledger does not keep, such as audio.
        """
        before = self.recall("digests", place, dict[str, str]) or {}
        if before != digests:
            others = [id_ for id_, digest in digests.items() if before.get(id_) != digest]
            with self._transaction(writing=True) as db:
                for id_ in others:
                    db.execute(sa.update(MEMBER).where(MEMBER.c.id == id_).values(mark=new_mark()))
                keep(db, "digests", {place: digests})

    def due(self, *, now: datetime) -> datetime | None:
        """When the next item is due, of those with a date later than `now`."""
        query = sa.select(sa.func.min(MEMBER.c.published)).where(MEMBER.c.published > stamp(now))
        with self._transaction() as db:
            published = db.scalar(query)
        return None if published is None else moment(published)

    def latest(self, now: datetime) -> datetime:
        """The latest moment that anything was dated with, or `now` if that is later."""
        last = self.recall("clock", "last", datetime)
        return now if last is None else max(now, last)

    def recall(self, kind: str, key: str, type_: type[_T]) -> _T | None:
        """Give back a note that `note` kept, or `None`."""
        with self._transaction() as db:
            return note(db, kind, key, type_)

    def recall_all(self, kind: str, type_: type[_T]) -> dict[str, _T]:
        """Give back all notes of a kind, by key, except those that another version shaped differently."""
        with self._transaction() as db:
            rows = db.execute(sa.select(MEMO.c.key, MEMO.c.value).where(MEMO.c.kind == kind)).all()
            notes: dict[str, _T] = {}
            for key, value in rows:
                with suppress(msgspec.ValidationError):
                    notes[key] = msgspec.json.decode(value, type=type_)
        return notes

    def noted(self, kind: str) -> list[str]:
        """Give the keys of all notes of a kind."""
        with self._transaction() as db:
            return [*db.scalars(sa.select(MEMO.c.key).where(MEMO.c.kind == kind))]

    def note(self, kind: str, values: dict[str, Any]) -> None:
        """Keep notes: whatever else the next build needs to know, such as the size of an audio file.

        Keys that are too long for the database are given back shortened.
        """
        with self._transaction(writing=True) as db:
            keep(db, kind, values)

    def forget(self, kind: str, keys: Iterable[str]) -> None:
        """Drop notes."""
        with self._transaction(writing=True) as db:
            for chunk in chunks([*map(short, keys)]):
                db.execute(sa.delete(MEMO).where(MEMO.c.kind == kind, MEMO.c.key.in_(chunk)))

    @contextmanager
    def _transaction(self, *, writing: bool = False) -> Iterator[sa.Connection]:
        if self._rehearsal:
            yield self._rehearsal
        else:
            with self._database.transaction(writing=writing) as db:
                yield db


_STATE = (MEMBER.c.id, MEMBER.c.kind, MEMBER.c.published, MEMBER.c.mark)

_TOLD = (MEMBER.c.published, MEMBER.c.mark)

_NEWEST_FIRST = (MEMBER.c.published.desc(), MEMBER.c.position, MEMBER.c.id)

_OLDEST_FIRST = (MEMBER.c.published, MEMBER.c.position.desc(), MEMBER.c.id.desc())


def _mark(count: int, sum_: int) -> str:
    """What differs whenever one of some items does."""
    return f"{count} {sum_}"


def _within(path: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """The members of a group, without those whose date is yet to come."""
    return MEMBER.c.path == path, MEMBER.c.published <= stamp(now)


def _after(last: Row, oldest_first: bool) -> sa.ColumnElement[bool]:
    """What comes after a row in the order of a group; two items of one date go by position, then by id."""
    published, position = MEMBER.c.published, MEMBER.c.position
    before, since, after = (gt, ge, lt) if oldest_first else (lt, le, gt)
    twins = (published == last.published) & (
        after(position, last.position) | ((position == last.position) & after(MEMBER.c.id, last.id))
    )
    # The first condition is what an index is good for.
    return sa.and_(since(published, last.published), before(published, last.published) | twins)


def _archives(now: datetime) -> sa.Select[Any]:
    """By group: the newest page, and how many items are on none."""
    waiting = sa.func.sum(sa.case((MEMBER.c.page == 0, 1), else_=0))
    return (
        sa.select(MEMBER.c.path, sa.func.max(MEMBER.c.page), waiting)
        .where(MEMBER.c.published <= stamp(now))
        .group_by(MEMBER.c.path)
    )


def _cut(path: str, size: int, now: datetime) -> sa.Update:
    """Fill as many pages as there are items for; one statement reads everything it decides by."""
    member = MEMBER.alias()
    oldest_first = (member.c.published, member.c.position.desc(), member.c.id.desc())
    last = sa.select(sa.func.max(member.c.page)).where(member.c.path == path).scalar_subquery()
    waiting = (
        sa.select(
            member.c.published,
            member.c.position,
            member.c.id,
            last.label("last"),
            ((sa.func.row_number().over(order_by=oldest_first) - 1) // size).label("page"),
            (sa.func.count().over() // size).label("pages"),
        )
        .where(member.c.path == path, member.c.page == 0, member.c.published <= stamp(now))
        .subquery()
    )
    return (
        sa.update(MEMBER)
        .where(
            MEMBER.c.path == path,
            *(MEMBER.c[name] == waiting.c[name] for name in ("published", "position", "id")),
            waiting.c.page < waiting.c.pages,
        )
        .values(page=waiting.c.last + waiting.c.page + 1)
    )
