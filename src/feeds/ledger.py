"""The memory of the site: every item ever seen, its permanent id and its dates.

An item that drops off its source stays known and stays in its feeds; one whose title is mended keeps its
id; no edit moves the date of publication. Writing here comes before any file is written, and all that one
source says is one transaction, so a build that is killed has remembered all of it or nothing.

One implementation on SQLAlchemy Core serves SQLite and PostgreSQL.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
import sqlalchemy as sa

from feeds import identity
from feeds.dates import spaced
from feeds.errors import LedgerError, SurpriseError
from feeds.model import Article, Episode, Finding, Item, Place

_metadata = sa.MetaData()

_item = sa.Table(
    "item",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="article or episode"),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("gone", sa.Boolean, nullable=False, comment="no longer listed by its source"),
    sa.Column("title", sa.Text, nullable=False, comment="as its source gives it"),
    sa.Column("gist", sa.Text, nullable=False, comment="digest of the summary its source gives"),
    sa.Column("slug", sa.Text, nullable=False, unique=True, comment="kept even if the title is mended"),
    sa.Column("published", sa.BigInteger, nullable=False, comment="seconds since 1970, UTC"),
    sa.Column("updated", sa.BigInteger, nullable=False, comment="seconds since 1970, UTC"),
    sa.Column("hash", sa.Text, nullable=False, comment="of the content, so of the body"),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="the item as JSON, without id and dates"),
)
_key = sa.Table(
    "key",
    _metadata,
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True, index=True),
    sa.Column("kind", sa.SmallInteger, nullable=False, comment="rank in identity.keys"),
)
_member = sa.Table(
    "member",
    _metadata,
    sa.Column("path", sa.Text, primary_key=True, comment="of the group, such as topics/caching"),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, comment="breaks ties of the date"),
    sa.Index("member_id", "id"),
    sa.Index("member_order", "path", "published", "position"),
)
_mention = sa.Table(
    "mention",
    _metadata,
    sa.Column("source", sa.Text, primary_key=True, comment="that lists an item which another speaks for"),
    sa.Column("id", sa.Text, primary_key=True, index=True),
    sa.Column("tags", sa.LargeBinary, nullable=False, comment="JSON"),
)
_memo = sa.Table(
    "memo",
    _metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False, comment="JSON"),
)

SCHEMA_VERSION = 1

_CHUNK = 10_000
"""Rows per statement: far below SQLite's and PostgreSQL's limits on parameters."""

_T = TypeVar("_T")
_AnyItem = TypeVar("_AnyItem", bound=Item)
_Row = sa.Row[*tuple[Any, ...]]
_Stored = dict[str, tuple[_Row, tuple[identity.Key, ...]]]

_ENOUGH = 5
"""Items: what fewer of them do is no surprise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What became of the items of one source."""

    new: tuple[str, ...]
    """Ids."""
    changed: tuple[str, ...]
    unchanged: int
    gone: int
    """How many items the ledger knows that the source lists no longer."""
    surprises: tuple[str, ...]
    """What subscribers would not expect: old items that look new, a source that is suddenly short."""
    findings: tuple[Finding, ...]


class Ledger:
    """An open ledger. `settle` remembers items, `items` gives them back, by group."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        """Use `open`."""
        self._engine = engine
        self._name = name
        self._dated = _Dated()
        self._rehearsal: sa.Connection | None = None

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the ledger at a path or database URL, and make it if there is none.

        Raises `LedgerError` if what is there is no ledger, or one of a newer `feeds`; it is left as it is.
        """
        name = url
        if "://" not in url:
            Path(url).parent.mkdir(parents=True, exist_ok=True)
            url = f"sqlite:///{url}"
        ledger = cls(sa.create_engine(url, **_engine_options(url)), name)
        try:
            ledger._prepare()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

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
        edit: Callable[[Item], Item] = lambda item: item,
        surprising: bool = True,
    ) -> Settled:
        """Remember what a source lists: give ids and dates to what is new, note what changed or went.

        `site` is the name of the site that ids are made from. `edit` makes what is published of what the
        source says, `groups` tells the paths of the groups that belongs to. No date is later than `now`,
        unless the clock was set back since the last call.

        Raises `SurpriseError` where there are surprises, unless it may be `surprising`; nothing is
        remembered then.
        """
        call = _Call(source=source, site=site, now=now.replace(microsecond=0), groups=groups, edit=edit)
        with self._transaction() as db:
            settled = _Settlement(db, call, self._dated).run(items)
            if settled.surprises and not surprising:
                raise SurpriseError("; ".join(settled.surprises), Place(source=source))
        return settled

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Within it, everything works as usual, and nothing is remembered."""
        with self._engine.connect() as db, db.begin() as transaction:
            self._rehearsal = db
            try:
                yield
            finally:
                self._rehearsal = None
                transaction.rollback()

    def items(self, path: str, *, now: datetime, limit: int | None = None) -> list[Article | Episode]:
        """Give the items of a group, newest first, those with a date later than `now` left out."""
        with self._transaction() as db:
            return [_load(row) for row in db.execute(_members(path, now, limit, *_ITEM_COLUMNS))]

    def state(self, path: str, *, now: datetime, limit: int | None = None) -> bytes:
        """Digest of what `items` would give; equal digests mean equal items."""
        digest = hashlib.blake2b(digest_size=20)
        with self._transaction() as db:
            for row in db.execute(_members(path, now, limit, _item.c.id, _item.c.hash, _item.c.updated)):
                digest.update(repr(tuple(row)).encode())
        return digest.digest()

    def counts(self, *, now: datetime) -> dict[str, int]:
        """Give the paths of all groups, in order, with how many items each has."""
        query = (
            sa.select(_member.c.path, sa.func.count())
            .where(_member.c.published <= _stamp(now))
            .group_by(_member.c.path)
            .order_by(_member.c.path)
        )
        with self._transaction() as db:
            return {row[0]: row[1] for row in db.execute(query)}

    def latest(self, now: datetime) -> datetime:
        """The latest moment that anything was dated with, or `now` if that is later."""
        last = self.recall("clock", "last", datetime)
        return now if last is None else max(now, last)

    def recall(self, kind: str, key: str, type_: type[_T]) -> _T | None:
        """Give back a note that `note` kept, or `None`."""
        with self._transaction() as db:
            return _note(db, kind, key, type_)

    def recall_all(self, kind: str, type_: type[_T]) -> dict[str, _T]:
        """Give back all notes of a kind, by key."""
        with self._transaction() as db:
            rows = db.execute(sa.select(_memo.c.key, _memo.c.value).where(_memo.c.kind == kind)).all()
        return {key: msgspec.json.decode(value, type=type_) for key, value in rows}

    def note(self, kind: str, values: dict[str, Any]) -> None:
        """Keep notes: what else has to be known at the next build, such as the size of an audio file."""
        with self._transaction() as db:
            _keep(db, kind, values)

    def forget(self, kind: str, keys: Iterable[str]) -> None:
        """Drop notes."""
        with self._transaction() as db:
            for chunk in _chunks(list(keys)):
                db.execute(sa.delete(_memo).where(_memo.c.kind == kind, _memo.c.key.in_(chunk)))

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            if self._rehearsal:
                yield self._rehearsal
            else:
                with self._engine.begin() as db:
                    yield db
        except sa.exc.DBAPIError as error:
            raise LedgerError(_complaint(error), Place(source=self._name)) from error

    def _prepare(self) -> None:
        with self._transaction() as db:
            if not sa.inspect(db).has_table("memo"):
                if sa.inspect(db).get_table_names():
                    raise LedgerError(
                        "a database of something else; expected a ledger of feeds, or nothing. "
                        "Give another file, nothing was changed",
                        Place(source=self._name),
                    )
                _metadata.create_all(db)
                db.execute(
                    sa.insert(_memo).values(kind="schema", key="version", value=str(SCHEMA_VERSION).encode())
                )
        version = self.recall("schema", "version", int)
        if version != SCHEMA_VERSION:
            raise LedgerError(
                f"has version {version}, this feeds knows up to {SCHEMA_VERSION}; use the newer feeds",
                Place(source=self._name),
            )


@dataclass(slots=True)
class _Dated:
    """What dates the sources of one build have taken: the next one goes on below."""

    before: datetime | None = None
    """The latest date that any earlier build gave."""
    oldest: datetime | None = None
    """The earliest date that this build gave."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """The arguments of `settle`."""

    source: str
    site: str
    now: datetime
    groups: Callable[[Item], Iterable[str]]
    edit: Callable[[Item], Item]


class _Listed(NamedTuple):
    """An item of the source, and what it is published as."""

    given: Item
    edited: Item

    @property
    def moved_to(self) -> int | None:
        """The date that an override gives it; only that moves a date."""
        overridden = self.edited.published != self.given.published and self.edited.published
        return _stamp(overridden) if overridden else None


class _Settlement:
    """One call of `settle`: all of it happens in the transaction it was given."""

    def __init__(self, db: sa.Connection, call: _Call, dated: _Dated) -> None:
        self._db = db
        self._call = call
        self._dated = dated
        self._findings: list[Finding] = []

    def run(self, items: Sequence[Item]) -> Settled:
        stored = self._stored(items)
        ids = identity.match(items, [self._known(row, keys) for row, keys in stored.values()])
        others = self._mentioned([id_ for id_ in ids if id_])
        listed = [
            _Listed(item, _with_tags(self._call.edit(item), others.get(id_ or "", ())))
            for item, id_ in zip(items, ids, strict=True)
        ]
        new = [one for one, id_ in zip(listed, ids, strict=True) if id_ is None]
        known = [(one, stored[id_][0]) for one, id_ in zip(listed, ids, strict=True) if id_ is not None]
        edits = [(one, row) for one, row in known if self._speaks_for(row) and _is_edit(one, row)]
        gone = [id_ for id_ in stored.keys() - set(ids) if self._lists(stored[id_][0])]
        surprises = tuple(self._surprises(new, stored, set(filter(None, ids))))
        edited, seen = self._moments(len(edits), sum(one.edited.published is None for one in new))
        new_ids = self._add(new, iter(seen))
        self._change(edits, edited)
        self._mention([(one, row) for one, row in known if not self._speaks_for(row)])
        self._mark(back=[row.id for _, row in known if row.gone], gone=gone)
        self._add_keys(
            (key, row.id)
            for one, row in known
            for key in identity.keys(one.given)
            if key not in stored[row.id][1]
        )
        return Settled(
            new=tuple(new_ids),
            changed=tuple(row.id for _, row in edits),
            unchanged=len(known) - len(edits),
            gone=len(gone),
            surprises=surprises,
            findings=tuple(self._findings),
        )

    def _surprises(self, new: Sequence[_Listed], stored: _Stored, matched: set[str]) -> Iterator[str]:
        before = sum(self._lists(row) and not row.gone for row, _ in stored.values())
        still = sum(self._lists(stored[id_][0]) for id_ in matched)
        if before >= _ENOUGH and still + len(new) < before / 2:
            yield f"lists {still + len(new)} items, of {before} the last time"
        titles = {keys[-1] for id_, (_, keys) in stored.items() if id_ not in matched}
        again = [one.given.title for one in new if identity.keys(one.given)[-1] in titles]
        if len(again) >= _ENOUGH:
            yield f"{len(again)} items would look new to subscribers that have them, such as {again[0]!r}"

    def _lists(self, row: _Row) -> bool:
        return bool(row.source == self._call.source)

    def _speaks_for(self, row: _Row) -> bool:
        """The first source of an item speaks for it; when that lists it no longer, the next one does."""
        return self._lists(row) or bool(row.gone)

    def _mentioned(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Tags that other sources give to items that they list too."""
        tags: dict[str, tuple[str, ...]] = {}
        for chunk in _chunks(ids):
            query = sa.select(_mention.c.id, _mention.c.tags).where(
                _mention.c.id.in_(chunk), _mention.c.source != self._call.source
            )
            for id_, value in self._db.execute(query):
                tags[id_] = (*tags.get(id_, ()), *msgspec.json.decode(value, type=tuple[str, ...]))
        return tags

    def _mention(self, repeats: Sequence[tuple[_Listed, _Row]]) -> None:
        """Note items that another source speaks for, and give their tags to them."""
        if not repeats:
            return
        ids = [row.id for _, row in repeats]
        for chunk in _chunks(ids):
            self._db.execute(
                sa.delete(_mention).where(_mention.c.source == self._call.source, _mention.c.id.in_(chunk))
            )
        self._insert(
            _mention,
            [
                {
                    "source": self._call.source,
                    "id": row.id,
                    "tags": msgspec.json.encode(one.edited.tags),
                }
                for one, row in repeats
            ],
        )
        for one, row in repeats:
            whole = _load(self._db.execute(sa.select(*_ITEM_COLUMNS).where(_item.c.id == row.id)).one())
            both = _with_tags(whole, one.edited.tags)
            if both != whole:
                self._rewrite(row.id, _body(both), {})
                self._regroup(row.id, both, _stamp(whole.published or self._call.now))

    def _moments(self, edits: int, new: int) -> tuple[list[datetime], list[datetime]]:
        """Date what happened now: edits a second apart, below them what is new, a minute apart.

        All of them come after everything dated by earlier builds, even if the clock was set back or stands
        still, and below what this build has dated already.
        """
        if not edits + new:
            return [], []
        dated = self._dated
        if dated.oldest is None:
            dated.before = _note(self._db, "clock", "last", datetime)
            dated.oldest = self._call.now + timedelta(minutes=1)
        latest = dated.oldest - timedelta(minutes=1)
        if dated.before is not None:
            latest = max(latest, dated.before + timedelta(seconds=edits + new))
        edited = spaced(latest, edits, after=None, step=timedelta(seconds=1))
        seen = spaced(latest - timedelta(seconds=edits), new, after=dated.before, step=timedelta(minutes=1))
        dated.oldest = [*edited, *seen][-1]
        last = _note(self._db, "clock", "last", datetime)
        _keep(self._db, "clock", {"last": latest if last is None else max(last, latest)})
        return edited, seen

    def _stored(self, items: Sequence[Item]) -> _Stored:
        """Items of the ledger that share a key with these, and all that this source ever listed."""
        ids = set(self._db.scalars(sa.select(_item.c.id).where(_item.c.source == self._call.source)))
        values = list({key.value for item in items for key in identity.keys(item)})
        for chunk in _chunks(values):
            ids.update(self._db.scalars(sa.select(_key.c.id).where(_key.c.value.in_(chunk))))
        rows: dict[str, _Row] = {}
        keys: dict[str, list[identity.Key]] = {}
        columns = [column for column in _item.c if column is not _item.c.body]
        for chunk in _chunks(sorted(ids)):
            for row in self._db.execute(sa.select(*columns).where(_item.c.id.in_(chunk))):
                rows[row.id] = row
            for id_, kind, value in self._db.execute(
                sa.select(_key.c.id, _key.c.kind, _key.c.value).where(_key.c.id.in_(chunk))
            ):
                keys.setdefault(id_, []).append(identity.Key(kind, value))
        return {id_: (row, tuple(sorted(keys[id_]))) for id_, row in rows.items()}

    def _known(self, row: _Row, keys: tuple[identity.Key, ...]) -> identity.Known:
        # What this source listed before, and turns out not to list now, has just gone.
        gone = row.gone or self._lists(row)
        return identity.Known(id=row.id, keys=keys, title=row.title, gist=row.gist, gone=gone)

    def _add(self, items: Sequence[_Listed], seen: Iterator[datetime]) -> list[str]:
        """Publish items for the first time; those without a date take the next moment of `seen`."""
        ids: list[str] = []
        rows: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []
        keys: list[tuple[identity.Key, str]] = []
        slugs = self._unused(_item.c.slug, [partial(_numbered, identity.slug(one.given)) for one in items])
        for position, (one, id_) in enumerate(zip(items, self._new_ids(items), strict=True)):
            published = one.edited.published or next(seen)
            body = _body(one.edited)
            ids.append(id_)
            rows.append(
                {
                    "id": id_,
                    "kind": _kind(one.edited),
                    "source": self._call.source,
                    "gone": False,
                    "title": one.given.title,
                    "gist": identity.gist(one.given),
                    "slug": slugs[position],
                    "published": _stamp(published),
                    "updated": _stamp(max(published, one.edited.updated or published)),
                    "hash": _digest(body),
                    "body": body,
                }
            )
            members.extend(self._memberships(id_, one.edited, _stamp(published), position))
            keys.extend((key, id_) for key in identity.keys(one.given))
        self._insert(_item, rows)
        self._insert(_member, members)
        self._add_keys(keys)
        return ids

    def _change(self, edits: Sequence[tuple[_Listed, _Row]], moments: Sequence[datetime]) -> None:
        """Take over what was edited. `updated` moves, the date of publication only by an override."""
        for (one, row), moment in zip(edits, moments, strict=True):
            published = one.moved_to or row.published
            updated = max(row.updated + 1, published, _stamp(one.edited.updated or moment))
            values = {
                "title": one.given.title,
                "gist": identity.gist(one.given),
                "published": published,
                "updated": updated,
                "source": self._call.source,
            }
            self._rewrite(row.id, _body(one.edited), values)
            self._regroup(row.id, one.edited, published)

    def _rewrite(self, id_: str, body: bytes, values: dict[str, Any]) -> None:
        self._db.execute(
            sa.update(_item).where(_item.c.id == id_).values(body=body, hash=_digest(body), **values)
        )

    def _regroup(self, id_: str, item: Item, published: int) -> None:
        position = self._db.scalar(sa.select(sa.func.min(_member.c.position)).where(_member.c.id == id_))
        self._db.execute(sa.delete(_member).where(_member.c.id == id_))
        self._insert(_member, list(self._memberships(id_, item, published, position or 0)))

    def _memberships(self, id_: str, item: Item, published: int, position: int) -> Iterator[dict[str, Any]]:
        for path in dict.fromkeys(self._call.groups(item)):
            yield {"path": path, "id": id_, "published": published, "position": position}

    def _mark(self, *, back: Sequence[str], gone: Sequence[str]) -> None:
        for ids, value in ((back, False), (gone, True)):
            for chunk in _chunks(list(ids)):
                self._db.execute(sa.update(_item).where(_item.c.id.in_(chunk)).values(gone=value))

    def _new_ids(self, listed: Sequence[_Listed]) -> list[str]:
        """Make ids no other item has; report an item that shares its strongest key with another."""

        def choice(one: _Listed, attempt: int) -> str:
            first = one.edited.id if attempt == 0 else None
            return first or identity.permanent_id(self._call.site, identity.keys(one.given)[0], attempt)

        items = [one.given for one in listed]
        ids = self._unused(_item.c.id, [partial(choice, one) for one in listed])
        for one, item, id_ in zip(listed, items, ids, strict=True):
            if id_ != choice(one, 0) and item.place:
                kind = identity.keys(item)[0].value.partition(" ")[2].partition(":")[0]
                message = (
                    f"{item.title!r} has the same {kind} as another item, but says something else; "
                    "both are published, each with its own id"
                )
                self._findings.append(
                    Finding(level="warning", rule="shared-key", place=item.place, message=message)
                )
        return ids

    def _unused(self, column: sa.Column[str], choices: Sequence[Callable[[int], str]]) -> list[str]:
        """Give each its first choice that no other has, in this call or in the ledger."""
        firsts = [choice(0) for choice in choices]
        taken: set[str] = set()
        for chunk in _chunks(list(set(firsts))):
            taken.update(self._db.scalars(sa.select(column).where(column.in_(chunk))))
        attempts: dict[str, int] = {}
        values = []
        for first, choice in zip(firsts, choices, strict=True):
            value = first
            while value in taken or (value != first and self._holds(column, value)):
                attempts[first] = attempts.get(first, 0) + 1
                value = choice(attempts[first])
            taken.add(value)
            values.append(value)
        return values

    def _holds(self, column: sa.Column[str], value: str) -> bool:
        return self._db.scalar(sa.select(sa.literal(1)).where(column == value)) is not None

    def _add_keys(self, keys: Iterable[tuple[identity.Key, str]]) -> None:
        self._insert(_key, [{"value": key.value, "id": id_, "kind": key.kind} for key, id_ in keys])

    def _insert(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        for chunk in _chunks(rows):
            self._db.execute(sa.insert(table), chunk)


def _note(db: sa.Connection, kind: str, key: str, type_: type[_T]) -> _T | None:
    value = db.scalar(sa.select(_memo.c.value).where(_memo.c.kind == kind, _memo.c.key == key))
    return None if value is None else msgspec.json.decode(value, type=type_)


def _keep(db: sa.Connection, kind: str, values: dict[str, Any]) -> None:
    for keys in _chunks(list(values)):
        db.execute(sa.delete(_memo).where(_memo.c.kind == kind, _memo.c.key.in_(keys)))
        rows = [{"kind": kind, "key": key, "value": msgspec.json.encode(values[key])} for key in keys]
        db.execute(sa.insert(_memo), rows)


_ITEM_COLUMNS = (
    _item.c.id,
    _item.c.kind,
    _item.c.source,
    _item.c.slug,
    _item.c.published,
    _item.c.updated,
    _item.c.body,
)


def _members(path: str, now: datetime, limit: int | None, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(_member.join(_item, _item.c.id == _member.c.id))
        .where(_member.c.path == path, _member.c.published <= _stamp(now))
        .order_by(_member.c.published.desc(), _member.c.position, _member.c.id)
        .limit(limit)
    )


def _body(item: Item) -> bytes:
    """The item as JSON, without what the ledger keeps in columns of its own, or not at all."""
    return msgspec.json.encode(replace(item, id=None, slug=None, published=None, updated=None, place=None))


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _load(row: _Row) -> Article | Episode:
    type_: type[Article | Episode] = Episode if row.kind == "episode" else Article
    return replace(
        msgspec.json.decode(row.body, type=type_),
        id=row.id,
        slug=row.slug,
        published=_moment(row.published),
        updated=_moment(row.updated),
        place=Place(source=row.source),
    )


def _is_edit(one: _Listed, row: _Row) -> bool:
    return bool(row.hash != _digest(_body(one.edited)) or one.moved_to not in (None, row.published))


def _with_tags(item: _AnyItem, tags: Iterable[str]) -> _AnyItem:
    both = tuple(dict.fromkeys((*item.tags, *tags)))
    return item if both == item.tags else replace(item, tags=both)


def _numbered(slug: str, attempt: int) -> str:
    return f"{slug}-{attempt + 1}" if attempt else slug


def _kind(item: Item) -> str:
    return "episode" if isinstance(item, Episode) else "article"


def _stamp(when: datetime) -> int:
    return int(when.timestamp())


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _chunks(rows: Sequence[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(rows), _CHUNK):
        yield list(rows[start : start + _CHUNK])


def _engine_options(url: str) -> dict[str, Any]:
    """Wait for another build's write, for a minute at most, rather than fail."""
    return {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}


def _complaint(error: sa.exc.DBAPIError) -> str:
    reason = str(error.orig).strip()
    if "not a database" in reason or "malformed" in reason:
        return (
            f"{reason}; expected a ledger that feeds has written. It was left as it is: "
            "put a copy of the ledger back in its place, or move it away to begin anew"
        )
    return f"the ledger cannot be used: {reason}"
