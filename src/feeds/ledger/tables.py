"""The tables of the ledger, and items as their rows."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from feeds.identity import short
from feeds.model import Article, Episode, Item, Place

Row = sa.Row[*tuple[Any, ...]]

_T = TypeVar("_T")

METADATA = sa.MetaData()

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared by its bytes in every database, so that the same order gives the same output."""

ITEM = sa.Table(
    "item",
    METADATA,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("kind", _TEXT, nullable=False, comment="article or episode"),
    sa.Column("source", _TEXT, nullable=False, index=True),
    sa.Column("gone", sa.Boolean, nullable=False, comment="no longer listed by its source"),
    sa.Column("title", _TEXT, nullable=False, comment="as its source gives it"),
    sa.Column("gist", _TEXT, nullable=False, comment="digest of the summary its source gives"),
    sa.Column("slug", _TEXT, nullable=False, unique=True, comment="kept even if the title is mended"),
    sa.Column("published", sa.BigInteger, nullable=False, comment="seconds since 1970, UTC"),
    sa.Column("updated", sa.BigInteger, nullable=False, comment="seconds since 1970, UTC"),
    sa.Column("hash", _TEXT, nullable=False, comment="of the content, so of the body"),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="what is published: JSON without id and dates"),
    sa.Column("given", sa.LargeBinary, comment="what the source says, where that is something else"),
)
KEY = sa.Table(
    "key",
    METADATA,
    sa.Column("value", _TEXT, primary_key=True),
    sa.Column("id", _TEXT, primary_key=True, index=True),
    sa.Column("kind", sa.SmallInteger, nullable=False, comment="rank in identity.keys"),
    sqlite_with_rowid=False,
)
MEMBER = sa.Table(
    "member",
    METADATA,
    sa.Column("path", _TEXT, nullable=False, comment="of the group, such as topics/caching"),
    sa.Column("id", _TEXT, nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, comment="breaks ties of the date"),
    sa.Column("page", sa.BigInteger, nullable=False, server_default="0", comment="of the archive; 0 is none"),
    sa.Column("mark", sa.BigInteger, nullable=False, comment="drawn anew whenever the item changes"),
    sa.Column("kind", _TEXT, nullable=False, comment="of the item"),
    sa.PrimaryKeyConstraint("path", "published", "position", "id"),
    sa.Index("member_id", "id"),
    sa.Index("member_page", "path", "page", "published"),
    # Kept in the order of the key, which is that of feeds: a group is read from one end to the other.
    sqlite_with_rowid=False,
)
MENTION = sa.Table(
    "mention",
    METADATA,
    sa.Column("source", _TEXT, primary_key=True, comment="that lists an item which another speaks for"),
    sa.Column("id", _TEXT, primary_key=True, index=True),
    sa.Column("tags", sa.LargeBinary, nullable=False, comment="JSON"),
)
TOMBSTONE = sa.Table(
    "tombstone",
    METADATA,
    sa.Column("path", _TEXT, primary_key=True, comment="of a group that the item was taken out of"),
    sa.Column("id", _TEXT, primary_key=True, index=True),
    sa.Column("moment", sa.BigInteger, nullable=False, comment="seconds since 1970, UTC"),
)
MEMO = sa.Table(
    "memo",
    METADATA,
    sa.Column("kind", _TEXT, primary_key=True),
    sa.Column("key", _TEXT, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False, comment="JSON"),
)

_CHUNK = 10_000
"""Rows per statement: far below SQLite's and PostgreSQL's limits on parameters."""

ITEM_COLUMNS = (
    ITEM.c.id,
    ITEM.c.kind,
    ITEM.c.source,
    ITEM.c.slug,
    ITEM.c.published,
    ITEM.c.updated,
    ITEM.c.body,
)


_APART = dict.fromkeys(("id", "slug", "published", "updated", "place"))
"""What an item's body leaves out, since columns have it, or since it is not remembered."""


def note(db: sa.Connection, kind: str, key: str, type_: type[_T]) -> _T | None:
    """Read a note; `None` if there is none."""
    value = db.scalar(sa.select(MEMO.c.value).where(MEMO.c.kind == kind, MEMO.c.key == short(key)))
    return None if value is None else msgspec.json.decode(value, type=type_)


def keep(db: sa.Connection, kind: str, values: dict[str, Any]) -> None:
    """Write notes of one kind, over those with the same keys."""
    noted = {short(key): value for key, value in values.items()}
    for keys in chunks(list(noted)):
        db.execute(sa.delete(MEMO).where(MEMO.c.kind == kind, MEMO.c.key.in_(keys)))
        rows = [{"kind": kind, "key": key, "value": msgspec.json.encode(noted[key])} for key in keys]
        db.execute(sa.insert(MEMO), rows)


def body(item: Item) -> bytes:
    """The item as JSON, without what the ledger keeps in columns of its own, or not at all."""
    fields = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return msgspec.json.encode(fields | _APART)


def digest(body: bytes) -> str:
    """Digest of a body; equal ones say the same."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def load(row: Row) -> Article | Episode:
    """Read an item from its row."""
    return replace(
        decode(row.body, row.kind),
        id=row.id,
        slug=row.slug,
        published=moment(row.published),
        updated=moment(row.updated),
        place=Place(source=row.source),
    )


def given(row: Row) -> Article | Episode:
    """Read an item from its row as its source last gave it."""
    item = load(row)
    return item if row.given is None else replace(decode(row.given, row.kind), id=row.id, place=item.place)


def decode(body: bytes, kind: str) -> Article | Episode:
    """Read the body of an item."""
    type_: type[Article | Episode] = Episode if kind == "episode" else Article
    return msgspec.json.decode(body, type=type_)


def kind(item: Item) -> str:
    """Name the kind of an item, as its row has it."""
    return "episode" if isinstance(item, Episode) else "article"


def new_mark() -> int:
    """Draw a mark at random. A sum of a hundred million of them fits into 63 bits."""
    return secrets.randbits(36)


def stamp(when: datetime) -> int:
    """Seconds since 1970."""
    return int(when.timestamp())


def moment(stamp: int) -> datetime:
    """The moment of a stamp."""
    return datetime.fromtimestamp(stamp, UTC)


def chunks(rows: Sequence[_T]) -> Iterator[list[_T]]:
    """Cut rows into as many as one statement takes."""
    for start in range(0, len(rows), _CHUNK):
        yield list(rows[start : start + _CHUNK])
