"""The schema of the ledger by version, forward only: a ledger that an earlier `feeds` wrote is brought up."""

import re
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from feeds.errors import LedgerError
from feeds.identity import short
from feeds.ledger.database import Database
from feeds.ledger.tables import METADATA, keep, note
from feeds.model import Place

_TEXTS_OF_VERSION_1: Mapping[str, Sequence[str]] = {
    "item": ("id", "kind", "source", "title", "gist", "slug", "hash"),
    "key": ("value", "id"),
    "member": ("path", "id"),
    "mention": ("source", "id"),
    "tombstone": ("path", "id"),
    "memo": ("kind", "key"),
}


def _compare_by_bytes(db: sa.Connection) -> None:
    """Version 2: PostgreSQL compares and sorts text by its bytes, as SQLite does, not by its locale."""
    if db.dialect.name != "postgresql":
        return
    for table, columns in _TEXTS_OF_VERSION_1.items():
        changes = ", ".join(f'ALTER COLUMN "{column}" TYPE TEXT COLLATE "C"' for column in columns)
        db.exec_driver_sql(f'ALTER TABLE "{table}" {changes}')


def _add_pages(db: sa.Connection) -> None:
    """Version 3: members of a group have a page of its archive; none has one yet."""
    db.exec_driver_sql("ALTER TABLE member ADD COLUMN page BIGINT DEFAULT 0 NOT NULL")
    db.exec_driver_sql("CREATE INDEX member_page ON member (path, page, published)")


def _add_marks(db: sa.Connection) -> None:
    """Version 4: members of a group have marks, which tell whether it changed; any will do at first."""
    db.exec_driver_sql("ALTER TABLE member ADD COLUMN mark BIGINT DEFAULT 0 NOT NULL")
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("UPDATE member SET mark = random() & 68719476735")
    else:
        db.exec_driver_sql("UPDATE member SET mark = floor(random() * 68719476736)")


def _put_members_in_order(db: sa.Connection) -> None:
    """Version 5: members of a group are kept in the order of its feed, and tell the kind of their items."""
    db.exec_driver_sql("ALTER TABLE member ADD COLUMN kind TEXT DEFAULT 'article' NOT NULL")
    db.exec_driver_sql(
        "UPDATE member SET kind = 'episode' WHERE id IN (SELECT id FROM item WHERE kind = 'episode')"
    )
    for statement in _IN_ORDER_IN_SQLITE if db.dialect.name == "sqlite" else _IN_ORDER_IN_POSTGRESQL:
        db.exec_driver_sql(statement)


def _shorten_keys(db: sa.Connection) -> None:
    """Version 6: names in keys are short enough for the indexes of PostgreSQL."""
    for value, id_ in db.exec_driver_sql('SELECT value, id FROM "key" WHERE length(value) > 250').all():
        named = re.fullmatch("(.*?(?: id| link|title):)(.*)", value, re.DOTALL)
        assert named, value
        update = sa.text('UPDATE "key" SET value = :short WHERE value = :value AND id = :id')
        db.execute(update, {"short": named[1] + short(named[2]), "value": value, "id": id_})


_IN_ORDER_IN_POSTGRESQL = (
    'ALTER TABLE member ALTER COLUMN kind TYPE TEXT COLLATE "C", ALTER COLUMN kind DROP DEFAULT, '
    "DROP CONSTRAINT member_pkey, ADD PRIMARY KEY (path, published, position, id)",
    "DROP INDEX member_order",
)

_IN_ORDER_IN_SQLITE = (
    "ALTER TABLE member RENAME TO member_before",
    """CREATE TABLE member (
        path TEXT NOT NULL, id TEXT NOT NULL, published BIGINT NOT NULL, position BIGINT NOT NULL,
        page BIGINT DEFAULT '0' NOT NULL, mark BIGINT NOT NULL, kind TEXT NOT NULL,
        PRIMARY KEY (path, published, position, id)
    ) WITHOUT ROWID""",
    "INSERT INTO member SELECT path, id, published, position, page, mark, kind FROM member_before",
    "DROP TABLE member_before",
    "CREATE INDEX member_id ON member (id)",
    "CREATE INDEX member_page ON member (path, page, published)",
    'ALTER TABLE "key" RENAME TO key_before',
    """CREATE TABLE "key" (
        value TEXT NOT NULL, id TEXT NOT NULL, kind SMALLINT NOT NULL, PRIMARY KEY (value, id)
    ) WITHOUT ROWID""",
    'INSERT INTO "key" SELECT value, id, kind FROM key_before',
    "DROP TABLE key_before",
    'CREATE INDEX ix_key_id ON "key" (id)',
)

MIGRATIONS: Sequence[Callable[[sa.Connection], None]] = (
    _compare_by_bytes,
    _add_pages,
    _add_marks,
    _put_members_in_order,
    _shorten_keys,
)
"""Each brings a ledger to the next version; the first one from version 1 to 2."""


def version() -> int:
    """The version that this `feeds` reads and writes."""
    return 1 + len(MIGRATIONS)


def prepare(database: Database) -> None:
    """Make the tables where there are none, bring older ones up to date.

    Raises `LedgerError` if what is there is no ledger, or one of a newer `feeds`; it is left as it is.
    """
    with database.transaction() as db:
        if _found(db, database.name) == version():
            return
    with database.transaction(writing=True) as db:
        # Another build may have done it while this one waited for its turn.
        found = _found(db, database.name)
        if found is None:
            METADATA.create_all(db)
        for migrate in MIGRATIONS[found - 1 :] if found else ():
            migrate(db)
        keep(db, "schema", {"version": version()})


def _found(db: sa.Connection, name: str) -> int | None:
    """The version of the ledger that is there; `None` if nothing is."""
    inspector = sa.inspect(db)
    if not inspector.has_table("memo"):
        if inspector.get_table_names():
            raise LedgerError(
                "is a database of something else; expected a ledger of feeds, or an empty one. "
                "Nothing was changed; give another one",
                Place(source=name),
            )
        return None
    found = note(db, "schema", "version", int)
    if found is None or found > version():
        raise LedgerError(
            f"has version {found}, and this feeds knows up to {version()}; use a newer one",
            Place(source=name),
        )
    return found
