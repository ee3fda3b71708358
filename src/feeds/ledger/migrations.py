"""The schema of the ledger by version, forward only: a ledger that an earlier `feeds` wrote is brought up."""

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from feeds.errors import LedgerError
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


MIGRATIONS: Sequence[Callable[[sa.Connection], None]] = (_compare_by_bytes, _add_pages, _add_marks)
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
