"""What happens to the items of one source: which are new, which were edited, which are gone."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa

from feeds import identity
from feeds.dates import spaced
from feeds.ledger.tables import (
    ITEM,
    KEY,
    MEMBER,
    MEMO,
    MENTION,
    TOMBSTONE,
    Row,
    body,
    chunks,
    decode,
    digest,
    given,
    keep,
    kind,
    load,
    moment,
    new_mark,
    note,
    stamp,
)
from feeds.model import Episode, Finding, Item

_AnyItem = TypeVar("_AnyItem", bound=Item)
_Stored = dict[str, tuple[Row, tuple[identity.Key, ...]]]

Removed = Literal["keep", "drop", "tombstone"]
"""What happens to items that their source no longer lists."""

_OWN_DATE = "own date"
"""Kind of note: when an item was published, by id, where an override says otherwise."""

UNDER_WAY = "under way"
"""Note on the clock: the dates that an unfinished build has given out."""

RENAMED = "renamed show"
"""Kind of note: which show took over episodes of one that is configured no longer, by that one's slug."""

_ABOUT = [column for column in ITEM.c if column.name not in ("body", "given")]
"""The columns that settling an item needs; its texts, which are long, are left out."""

_ENOUGH = 5
"""Fewer items than this are no surprise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What happened to the items of one source."""

    ids: tuple[str, ...]
    """Of all its items, in its order."""
    new: tuple[str, ...]
    """Ids."""
    changed: tuple[str, ...]
    unchanged: int
    gone: int
    """How many known items the source no longer lists."""
    again: tuple[str, ...]
    """Ids of new items that subscribers have already, under another id."""
    surprises: tuple[str, ...]
    """What subscribers would not expect: old items that look new, a source that is suddenly short."""
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Dated:
    """The dates that the sources of one build have been given so far: the next source gets earlier ones."""

    before: datetime | None = None
    """The latest date that any earlier build gave."""
    oldest: datetime | None = None
    """The earliest date that this build gave."""


class _UnderWay(msgspec.Struct, frozen=True):
    """What the ledger notes of a build's dates until all sources are settled."""

    now: datetime
    before: datetime | None
    oldest: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """The arguments of `settle`."""

    source: str
    site: str
    now: datetime
    groups: Callable[[Item], Iterable[str]]
    edit: Callable[[Item], Item] | None
    removed: Removed = "keep"
    whole: bool = True
    former: Mapping[str, int] = field(default_factory=dict)


class _Listed(NamedTuple):
    """An item of the source, and what it is published as."""

    given: Item
    edited: Item

    @property
    def moved_to(self) -> int | None:
        """The date that an override gives it; nothing else moves a date."""
        overridden = self.edited.published != self.given.published and self.edited.published
        return stamp(overridden) if overridden else None


class Settlement:
    """One call of `settle`, within the transaction it was given."""

    def __init__(self, db: sa.Connection, call: Call, dated: Dated) -> None:
        self._db = db
        self._call = call
        self._dated = dated
        self._findings: list[Finding] = []

    def run(self, items: Sequence[Item]) -> Settled:
        """Settle everything that the source lists."""
        for former, count in self._call.former.items():
            self._adopt(items, former, count)
        own = self._rows(ITEM.c.source == self._call.source)
        same = self._same(items, own) if own else {}
        rest = [item for position, item in enumerate(items) if position not in same]
        stored = self._stored(rest, own, settled=set(same.values()))
        ids = identity.match(
            rest,
            [self._known(row, keys) for row, keys in stored.values()],
            gists=[own[id_].gist for id_ in same.values()],
        )
        listed = [self._edited(item, id_) for item, id_ in zip(rest, ids, strict=True)]
        new = [one for one, id_ in zip(listed, ids, strict=True) if id_ is None]
        known = [(one, stored[id_][0]) for one, id_ in zip(listed, ids, strict=True) if id_ is not None]
        repeats = [(one, row) for one, row in known if not self._speaks_for(row)]
        self._forget_mentions([row.id for _, row in known if row.gone])
        spoken_for = self._with_others([(one, row) for one, row in known if self._speaks_for(row)])
        edits = [(one, row) for one, row in spoken_for if self._is_edit(one, row)]
        missing = stored.keys() - set(ids) if self._call.whole else set()
        gone = self._hand_over([id_ for id_ in missing if id_ in own])
        again = self._again(new, stored, set(filter(None, ids)))
        before = sum(not row.gone for row in own.values())
        count = len(same) + len(new) + sum(row.id in own for _, row in known)
        surprises = tuple(self._surprises(count, before, len(again)))
        edited, seen = self._moments(len(edits), sum(one.edited.published is None for one in new))
        new_ids = self._add(new, iter(seen))
        self._change(edits, edited, source=self._call.source)
        self._mention(repeats)
        self._mark_gone(gone)
        self._mark_back([(one, row) for one, row in spoken_for if row.gone])
        self._add_keys(
            (key, row.id)
            for one, row in known
            for key in identity.keys(one.given)
            if key not in stored[row.id][1]
        )
        named = iter(new_ids)
        found = (id_ or next(named) for id_ in ids)
        return Settled(
            ids=tuple(same.get(position) or next(found) for position in range(len(items))),
            new=tuple(new_ids),
            changed=tuple(row.id for _, row in edits),
            unchanged=len(same) + len(known) - len(edits),
            gone=len(gone),
            again=tuple(new_ids[index] for index in again),
            surprises=surprises,
            findings=tuple(self._findings),
        )

    def _adopt(self, items: Sequence[Item], former: str, count: int) -> None:
        """Take over episodes of a show that is configured no longer, if the source lists them for another.

        `count` is how many of them were listed while it was.
        """
        stored = self._with_keys(self._episodes(former))
        known = [self._known(row, keys) for row, keys in stored.values()]
        episodes = [item for item in items if isinstance(item, Episode)]
        named = [{key.value for key in identity.keys(episode)} for episode in episodes]
        held = self._holders(set(chain.from_iterable(named)))
        new = [one for one, values in zip(episodes, named, strict=True) if held.keys().isdisjoint(values)]
        for show in sorted({episode.show for episode in new}):
            listed = [episode for episode in new if episode.show == show]
            ids = [id_ for id_ in identity.match_renamed(listed, known, count) if id_ is not None]
            if ids:
                self._move(ids, former, show)
                if note(self._db, RENAMED, former, str) is None:
                    keep(self._db, RENAMED, {former: show})

    def take_over(self, former: str, show: str) -> None:
        """Make all episodes of a show those of another."""
        self._move(self._episodes(former), former, show)

    def _episodes(self, show: str) -> set[str]:
        """Ids of all episodes of a show."""
        return set(self._db.scalars(sa.select(KEY.c.id).where(within(f"{identity.show_scope(show)} "))))

    def _move(self, ids: Collection[str], former: str, show: str) -> None:
        """Make episodes of one show those of another, as though they always had been."""
        before, after = f"{identity.show_scope(former)} ", f"{identity.show_scope(show)} "
        value = sa.literal(after) + sa.func.substr(KEY.c.value, len(before) + 1)
        for chunk in chunks(sorted(ids)):
            self._db.execute(sa.update(KEY).where(KEY.c.id.in_(chunk), within(before)).values(value=value))
            members = set(self._db.scalars(sa.select(MEMBER.c.id).where(MEMBER.c.id.in_(chunk))))
            for row in self._db.execute(sa.select(ITEM).where(ITEM.c.id.in_(chunk))).all():
                item = _of_show(load(row), show)
                original = row.given and body(_of_show(decode(row.given, row.kind), show))
                self._rewrite(row.id, item, {"given": original})
                if row.id in members:  # what was dropped stays so
                    self._regroup(row.id, item, row.published)

    def revise(self, dropping: Collection[str]) -> int:
        """Edit every item again and put it into its groups. Gives how many changed.

        Items that `dropping` sources no longer list were taken out of their groups, and stay out.
        """
        changed = 0
        dropped = ITEM.c.gone & ITEM.c.source.in_(dropping)
        for ids in chunks(list(self._db.scalars(sa.select(ITEM.c.id).where(~dropped).order_by(ITEM.c.id)))):
            paths: dict[str, set[str]] = {}
            for id_, path in self._db.execute(
                sa.select(MEMBER.c.id, MEMBER.c.path).where(MEMBER.c.id.in_(ids))
            ):
                paths.setdefault(id_, set()).add(path)
            rows = self._db.execute(sa.select(ITEM).where(ITEM.c.id.in_(ids))).all()
            listed = self._with_others([(self._listed(row), row) for row in rows])
            edits = [(one, row) for one, row in listed if self._is_edit(one, row)]
            self._change(edits, self._moments(len(edits), 0)[0], source=None)
            edited = {row.id for _, row in edits}
            changed += len(edited)
            for one, row in listed:
                if row.id not in edited and set(self._call.groups(one.edited)) != paths.get(row.id, set()):
                    self._regroup(row.id, one.edited, row.published)
        return changed

    def _edited(self, item: Item, id_: str | None) -> _Listed:
        """An item as its source gives it, and as it is to be published.

        It is edited under the id that it has or will get, so that an override can match that id.
        """
        if self._call.edit is None:
            return _Listed(item, item)
        named = replace(item, id=id_ or self._first_id(item.id, identity.keys(item)[0]))
        edited = self._call.edit(named)
        return _Listed(item, item if edited is named else edited)

    def _listed(self, row: Row) -> _Listed:
        """An item as its source last gave it, and as it is to be published now."""
        item = replace(given(row), published=moment(self._own_date(row)), updated=None)
        return _Listed(item, self._call.edit(item) if self._call.edit else item)

    def _own_date(self, row: Row) -> int:
        """When an item was published, regardless of overrides."""
        return self._own_dates.get(row.id, int(row.published))

    @cached_property
    def _own_dates(self) -> dict[str, int]:
        """The original dates of items that an override dates otherwise, by id."""
        rows = self._db.execute(sa.select(MEMO.c.key, MEMO.c.value).where(MEMO.c.kind == _OWN_DATE))
        return {id_: msgspec.json.decode(value, type=int) for id_, value in rows}

    def _is_edit(self, one: _Listed, row: Row) -> bool:
        published = one.moved_to or self._own_date(row)
        return bool(row.hash != digest(body(one.edited)) or published != row.published)

    def _again(self, new: Sequence[_Listed], stored: _Stored, matched: set[str]) -> list[int]:
        """Positions of new items that share their title with one that is no longer listed, in any show."""
        titles = {identity.unscoped(keys[-1]) for id_, (_, keys) in stored.items() if id_ not in matched}
        return [
            index
            for index, one in enumerate(new)
            if identity.unscoped(identity.keys(one.given)[-1]) in titles
        ]

    def _surprises(self, listed: int, before: int, again: int) -> Iterator[str]:
        if self._call.whole and is_short(listed, before):
            yield f"lists {listed} items, down from {before}"
        if again >= _ENOUGH:
            yield f"{again} items would look new to subscribers who have them already"

    def _lists(self, row: Row) -> bool:
        return bool(row.source == self._call.source)

    def _speaks_for(self, row: Row) -> bool:
        """The first source of an item speaks for it; when that no longer lists it, the next one does."""
        return self._lists(row) or bool(row.gone)

    def _with_others(self, listed: Sequence[tuple[_Listed, Row]]) -> list[tuple[_Listed, Row]]:
        """Add the tags that other sources give to the same items."""
        tags: dict[str, tuple[str, ...]] = {}
        for chunk in chunks([row.id for _, row in listed]):
            query = (
                sa.select(MENTION.c.id, MENTION.c.tags)
                .where(MENTION.c.id.in_(chunk))
                .order_by(MENTION.c.source)
            )
            for id_, value in self._db.execute(query):
                tags[id_] = (*tags.get(id_, ()), *msgspec.json.decode(value, type=tuple[str, ...]))
        return [
            (_Listed(one.given, _with_tags(one.edited, tags[row.id])) if row.id in tags else one, row)
            for one, row in listed
        ]

    def _mention(self, repeats: Sequence[tuple[_Listed, Row]]) -> None:
        """Note items that another source speaks for, and add this source's tags to them."""
        before = self._db.scalars(sa.select(MENTION.c.id).where(MENTION.c.source == self._call.source))
        ids = [row.id for _, row in repeats]
        stays = self._call.removed == "keep" or not self._call.whole
        left = set() if stays else set(before) - set(ids)
        self._forget_mentions([*ids, *left])
        self._insert(
            MENTION,
            [
                {"source": self._call.source, "id": row.id, "tags": msgspec.json.encode(one.edited.tags)}
                for one, row in repeats
            ],
        )
        for chunk in chunks([*ids, *sorted(left)]):
            rows = self._db.execute(sa.select(ITEM).where(ITEM.c.id.in_(chunk))).all()
            for one, row in self._with_others([(self._listed(row), row) for row in rows]):
                if self._is_edit(one, row):
                    self._rewrite(row.id, one.edited, {"given": _original(one)})
                    self._regroup(row.id, one.edited, row.published)

    def _forget_mentions(self, ids: Sequence[str]) -> None:
        for chunk in chunks(ids):
            self._db.execute(
                sa.delete(MENTION).where(MENTION.c.source == self._call.source, MENTION.c.id.in_(chunk))
            )

    def _moments(self, edits: int, new: int) -> tuple[list[datetime], list[datetime]]:
        """Date what happened now: edits a second apart, below them what is new, a minute apart.

        All of them come after everything dated by earlier builds, even if the clock was set back or stands
        still, and below what this build has dated already.
        """
        if not edits + new:
            return [], []
        dated = self._dated
        before, oldest = (dated.before, dated.oldest) if dated.oldest else self._begin()
        latest = oldest - timedelta(minutes=1)
        if before is not None:
            latest = max(latest, before + timedelta(seconds=edits + new))
        edited = spaced(latest, edits, after=None, step=timedelta(seconds=1))
        seen = spaced(latest - timedelta(seconds=edits), new, after=before, step=timedelta(minutes=1))
        dated.before, dated.oldest = before, [*edited, *seen][-1]
        last = note(self._db, "clock", "last", datetime)
        under_way = _UnderWay(self._call.now, dated.before, dated.oldest)
        keep(self._db, "clock", {"last": max(last or latest, latest), UNDER_WAY: under_way})
        return edited, seen

    def _begin(self) -> tuple[datetime | None, datetime]:
        """Date after all earlier builds; a killed build that is repeated continues where it was."""
        killed = note(self._db, "clock", UNDER_WAY, _UnderWay)
        if killed and killed.now == self._call.now:
            return killed.before, killed.oldest
        return note(self._db, "clock", "last", datetime), self._call.now + timedelta(minutes=1)

    def _same(self, items: Sequence[Item], own: Mapping[str, Row]) -> dict[int, str]:
        """Ids of unchanged items, by their position: most of a long listing.

        No other item, listed or known, shares a key with them, so whatever the others turn out to be, these
        keep their ids. `identity.match` would find the same, more slowly.
        """
        named = [[key.value for key in identity.keys(item)] for item in items]
        often = Counter(chain.from_iterable(named))
        holders = self._holders(often)
        held = Counter(chain.from_iterable(holders.values()))
        same = {}
        for position, (item, values) in enumerate(zip(items, named, strict=True)):
            id_ = holders.get(values[0], [""])[0]
            if (
                (row := own.get(id_))
                and not row.gone
                and held[id_] == len(values)
                and all(often[value] == 1 and holders.get(value) == [id_] for value in values)
                and not self._is_edit(self._edited(item, id_), row)
            ):
                same[position] = id_
        return same

    def _stored(self, items: Sequence[Item], own: Mapping[str, Row], *, settled: Set[str]) -> _Stored:
        """Items that may be these, and all that this source ever listed; but for those that are `settled`.

        A new item may be any other one of its publisher with a mended title, unless links or ids tell all of
        them apart: then nothing more is read, so that many sources of one publisher are settled soon.
        """
        named = [identity.keys(item) for item in items]
        holders = self._holders({key.value for keys in named for key in keys})
        stored = self._with_keys({*own, *chain.from_iterable(holders.values())} - settled)
        new = [
            item
            for item, keys in zip(items, named, strict=True)
            if not any(key.value in holders for key in keys)
        ]
        scopes = set(filter(None, map(identity.title_scope, new)))
        if not self._may_be_mended(named, stored, scopes):
            return stored
        ids = {id_ for scope in scopes for id_ in self._db.scalars(sa.select(KEY.c.id).where(within(scope)))}
        return dict(sorted((stored | self._with_keys(ids - stored.keys() - settled)).items()))

    def _may_be_mended(
        self, named: Iterable[Sequence[identity.Key]], stored: _Stored, scopes: Iterable[str]
    ) -> bool:
        """Tell whether nothing but its title tells an item from another: of these, or with one in a scope."""
        telling = set(map(identity.telling_kinds, named))
        others = {identity.telling_kinds(keys) for _, keys in stored.values()}
        return any(kinds.isdisjoint(other) for kinds in telling for other in others) or any(
            self._any_without(kinds, scope) for kinds in telling for scope in scopes
        )

    def _any_without(self, kinds: Set[int], scope: str) -> bool:
        """Tell whether there is an item with a title in this scope that has no key of these kinds."""
        other = KEY.alias()
        has_one = sa.exists().where(other.c.id == KEY.c.id, other.c.kind.in_(kinds))
        return self._db.scalar(sa.select(sa.literal(1)).where(within(scope), ~has_one).limit(1)) is not None

    def _with_keys(self, ids: Set[str]) -> _Stored:
        """What the ledger has of items, and by what it knows them."""
        stored: _Stored = {}
        for chunk in chunks(sorted(ids)):
            rows = self._rows(ITEM.c.id.in_(chunk))
            keys: dict[str, list[identity.Key]] = {}
            query = sa.select(KEY.c.id, KEY.c.kind, KEY.c.value).where(KEY.c.id.in_(chunk))
            for id_, rank, value in self._db.execute(query).all():
                keys.setdefault(id_, []).append(identity.Key(rank, value))
            stored |= {id_: (rows[id_], tuple(sorted(keys[id_]))) for id_ in sorted(rows)}
        return stored

    def _rows(self, which: sa.ColumnElement[bool]) -> dict[str, Row]:
        """What the ledger has of items, by id."""
        return {row.id: row for row in self._db.execute(sa.select(*_ABOUT).where(which)).all()}

    def _holders(self, values: Collection[str]) -> dict[str, list[str]]:
        """Ids of the items that have a key of these values, by the value."""
        holders: dict[str, list[str]] = {}
        for chunk in chunks([*values]):
            query = sa.select(KEY.c.value, KEY.c.id).where(KEY.c.value.in_(chunk))
            for value, id_ in self._db.execute(query).all():
                holders.setdefault(value, []).append(id_)
        return holders

    def _known(self, row: Row, keys: tuple[identity.Key, ...]) -> identity.Known:
        # An item that this source listed before, and does not match now, has just gone.
        gone = row.gone or self._lists(row)
        return identity.Known(
            id=row.id, keys=keys, title=row.title, gist=row.gist, gone=gone, elsewhere=not self._lists(row)
        )

    def _add(self, items: Sequence[_Listed], seen: Iterator[datetime]) -> list[str]:
        """Publish items for the first time; one without a date takes the next moment from `seen`."""
        ids: list[str] = []
        rows: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []
        keys: list[tuple[identity.Key, str]] = []
        names = [one.given.slug or identity.slug(one.given) for one in items]
        slugs = self._unused(ITEM.c.slug, names, lambda position, number: f"{names[position]}-{number + 1}")
        named = [identity.keys(one.given) for one in items]
        for position, (one, id_) in enumerate(zip(items, self._new_ids(items, named), strict=True)):
            published = one.edited.published or next(seen)
            published_as = body(one.edited)
            ids.append(id_)
            rows.append(
                {
                    "id": id_,
                    "kind": kind(one.edited),
                    "source": self._call.source,
                    "gone": False,
                    "title": one.given.title,
                    "gist": identity.gist(one.given),
                    "slug": slugs[position],
                    "published": stamp(published),
                    "updated": stamp(max(published, one.edited.updated or published)),
                    "hash": digest(published_as),
                    "body": published_as,
                    "given": _original(one),
                }
            )
            members.extend(self._memberships(id_, one.edited, stamp(published), position))
            keys.extend((key, id_) for key in named[position])
        for chunk in chunks(ids):  # a lost item may be back under its id
            self._db.execute(sa.delete(TOMBSTONE).where(TOMBSTONE.c.id.in_(chunk)))
        self._insert(ITEM, rows)
        self._insert(MEMBER, members)
        self._add_keys(keys)
        self._keep_own_dates(
            (id_, stamp(one.given.published or self._call.now))
            for one, id_ in zip(items, ids, strict=True)
            if one.moved_to
        )
        return ids

    def _change(
        self, edits: Sequence[tuple[_Listed, Row]], moments: Sequence[datetime], *, source: str | None
    ) -> None:
        """Take over what was edited. `updated` moves, the date of publication only by an override."""
        self._keep_own_dates([(row.id, self._own_date(row)) for one, row in edits if one.moved_to])
        given_back = [row.id for one, row in edits if not one.moved_to and row.id in self._own_dates]
        for chunk in chunks(given_back):
            self._db.execute(sa.delete(MEMO).where(MEMO.c.kind == _OWN_DATE, MEMO.c.key.in_(chunk)))
        for (one, row), changed in zip(edits, moments, strict=True):
            published = one.moved_to or self._own_date(row)
            updated = max(row.updated + 1, published, stamp(one.edited.updated or changed))
            values = {
                "title": one.given.title,
                "gist": identity.gist(one.given),
                "published": published,
                "updated": updated,
                "source": source or row.source,
                "given": _original(one),
            }
            self._rewrite(row.id, one.edited, values)
            self._regroup(row.id, one.edited, published)

    def _keep_own_dates(self, dates: Iterable[tuple[str, int]]) -> None:
        """Note the original dates of items that an override dates otherwise, for when it is removed."""
        keep(self._db, _OWN_DATE, dict(dates))

    def _rewrite(self, id_: str, item: Item, values: dict[str, Any]) -> None:
        new = body(item)
        self._db.execute(sa.update(ITEM).where(ITEM.c.id == id_).values(body=new, hash=digest(new), **values))

    def _regroup(self, id_: str, item: Item, published: int) -> None:
        """Put an item into the groups it belongs to now; in those it was in before, it stays on its page."""
        columns = (MEMBER.c.path, MEMBER.c.position, MEMBER.c.page)
        before = self._db.execute(sa.select(*columns).where(MEMBER.c.id == id_)).all()
        position = min((row.position for row in before), default=0)
        pages = {row.path: row.page for row in before}
        self._db.execute(sa.delete(MEMBER).where(MEMBER.c.id == id_))
        members = self._memberships(id_, item, published, position)
        self._insert(MEMBER, [{**member, "page": pages.get(member["path"], 0)} for member in members])

    def _memberships(self, id_: str, item: Item, published: int, position: int) -> Iterator[dict[str, Any]]:
        mark = new_mark()
        for path in dict.fromkeys(self._call.groups(item)):
            yield {
                "path": path,
                "id": id_,
                "published": published,
                "position": position,
                "mark": mark,
                "kind": kind(item),
            }

    def _hand_over(self, gone: Sequence[str]) -> list[str]:
        """Let the next source that lists an item speak for it. Gives the ids that no other source lists."""
        kept: set[str] = set()
        for chunk in chunks(gone):
            query = (
                sa.select(MENTION.c.id, sa.func.min(MENTION.c.source))
                .where(MENTION.c.id.in_(chunk))
                .group_by(MENTION.c.id)
            )
            for id_, source in self._db.execute(query).all():
                kept.add(id_)
                self._db.execute(sa.update(ITEM).where(ITEM.c.id == id_).values(source=source))
                self._db.execute(sa.delete(MENTION).where(MENTION.c.id == id_, MENTION.c.source == source))
        return [id_ for id_ in gone if id_ not in kept]

    def _mark_gone(self, ids: Sequence[str]) -> None:
        for chunk in chunks(ids):
            self._db.execute(sa.update(ITEM).where(ITEM.c.id.in_(chunk)).values(gone=True))
            if self._call.removed == "tombstone":
                members = self._db.execute(
                    sa.select(MEMBER.c.path, MEMBER.c.id).where(MEMBER.c.id.in_(chunk))
                )
                rows = [{"path": path, "id": id_, "moment": stamp(self._call.now)} for path, id_ in members]
                # Items that had gone before are in no group any more, and keep their tombstones.
                buried = {row["id"] for row in rows}
                self._db.execute(sa.delete(TOMBSTONE).where(TOMBSTONE.c.id.in_(buried)))
                self._insert(TOMBSTONE, rows)
            if self._call.removed != "keep":
                self._db.execute(sa.delete(MEMBER).where(MEMBER.c.id.in_(chunk)))

    def _mark_back(self, known: Sequence[tuple[_Listed, Row]]) -> None:
        for one, row in known:
            values = {"gone": False, "source": self._call.source}
            self._db.execute(sa.update(ITEM).where(ITEM.c.id == row.id).values(values))
            self._db.execute(sa.delete(TOMBSTONE).where(TOMBSTONE.c.id == row.id))
            self._regroup(row.id, one.edited, one.moved_to or self._own_date(row))

    def _new_ids(self, listed: Sequence[_Listed], named: Sequence[Sequence[identity.Key]]) -> list[str]:
        """Make ids that no other item has; report an item that shares its strongest key with another."""
        site = self._call.site
        firsts = [
            self._first_id(one.edited.id, strongest)
            for one, (strongest, *_) in zip(listed, named, strict=True)
        ]
        ids = self._unused(
            ITEM.c.id,
            firsts,
            lambda position, number: identity.permanent_id(site, named[position][0], number),
        )
        for one, (strongest, *_), first, id_ in zip(listed, named, firsts, ids, strict=True):
            if id_ != first and one.given.place:
                kind = identity.unscoped(strongest).partition(":")[0]
                message = (
                    f"{one.given.title!r} has the same {kind} as another item, but is a different one; "
                    "both are published, each with its own id"
                )
                self._findings.append(
                    Finding(level="warning", rule="shared-key", place=one.given.place, message=message)
                )
        return ids

    def _first_id(self, own: str | None, strongest: identity.Key) -> str:
        """The id that an item brings, else one that is made of its strongest key."""
        return identity.short(own) if own else identity.permanent_id(self._call.site, strongest)

    def _unused(
        self, column: sa.Column[str], firsts: Sequence[str], another: Callable[[int, int], str]
    ) -> list[str]:
        """Give each what nothing else has, in this call or in the ledger: its first choice, or `another`.

        That is told for which position, and how many were taken.
        """
        taken: set[str] = set()
        for chunk in chunks(list(set(firsts))):
            taken.update(self._db.scalars(sa.select(column).where(column.in_(chunk))))
        attempts: dict[str, int] = {}
        values = []
        for position, first in enumerate(firsts):
            value = first
            while value in taken or (value != first and self._holds(column, value)):
                attempts[first] = attempts.get(first, 0) + 1
                value = another(position, attempts[first])
            taken.add(value)
            values.append(value)
        return values

    def _holds(self, column: sa.Column[str], value: str) -> bool:
        return self._db.scalar(sa.select(sa.literal(1)).where(column == value)) is not None

    def _add_keys(self, keys: Iterable[tuple[identity.Key, str]]) -> None:
        self._insert(KEY, [{"value": key.value, "id": id_, "kind": key.kind} for key, id_ in keys])

    def _insert(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        for chunk in chunks(rows):
            self._db.execute(sa.insert(table), chunk)


def within(beginning: str) -> sa.ColumnElement[bool]:
    """The keys that begin so."""
    return sa.and_(KEY.c.value >= beginning, KEY.c.value < f"{beginning}\U0010ffff")


def is_short(listed: int, before: int) -> bool:
    """Tell whether a source lists so few of the items it had that something may be wrong with it."""
    return before >= _ENOUGH and listed < before / 2


def _of_show(item: Item, show: str) -> Item:
    return replace(item, show=show) if isinstance(item, Episode) else item


def _original(one: _Listed) -> bytes | None:
    """What the source says, if something else is published."""
    if one.given is one.edited:
        return None
    original = body(one.given)
    return None if original == body(one.edited) else original


def _with_tags(item: _AnyItem, tags: Iterable[str]) -> _AnyItem:
    both = tuple(dict.fromkeys((*item.tags, *tags)))
    return item if both == item.tags else replace(item, tags=both)
