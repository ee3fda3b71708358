"""The database under the ledger: SQLite in a file, or PostgreSQL; how they wait, and how they complain."""

import filecmp
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import msgspec
import sqlalchemy as sa

from feeds.errors import LedgerError
from feeds.model import Place

_PATIENCE = 60.0
"""Seconds to wait for another command that writes to the same ledger."""

_MOMENT = 1.0
"""Seconds to wait before that is said: most transactions are shorter."""

_CACHE = 32_768
"""KiB of the file that SQLite keeps in memory."""

_LOCK = 7233962154
"""Names our lock among all of a PostgreSQL database."""

_log = logging.getLogger(__name__)  # which goes to stderr, unless whoever uses us says otherwise


class Database:
    """A database, by its path or URL; transactions that write come one after another."""

    def __init__(self, url: str) -> None:
        """Connect lazily. Raises `LedgerError` if the URL cannot be used."""
        self._path = None if "://" in url else Path(url)
        try:
            parsed = sa.make_url(url if self._path is None else f"sqlite:///{url}")
            self.name = url if self._path else parsed.render_as_string(hide_password=True)
            self._kind = parsed.get_backend_name()
            if self._kind not in ("sqlite", "postgresql"):
                raise ValueError(self._kind)
            self._engine = sa.create_engine(parsed, **_options(self._kind))
            if self._kind == "sqlite":
                sa.event.listen(self._engine, "connect", _widen)
        except ModuleNotFoundError as error:
            message = f"needs {error.name}, which is not installed: pip install 'feeds[postgres]'"
            raise LedgerError(message, Place(source=self.name)) from error
        except (sa.exc.ArgumentError, ValueError) as error:
            message = (
                "is not a ledger: expected a path, or an address: postgresql+psycopg://user@host/database"
            )
            raise LedgerError(message, Place(source=url.partition("://")[0] + "://…")) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def transaction(self, *, writing: bool = False) -> Iterator[sa.Connection]:
        """All or nothing of what is done within; raises `LedgerError` where the database gives up."""
        try:
            self._make_folder()
            with self._engine.begin() as db:
                if writing:
                    self._take_turn(db)
                elif self._kind == "sqlite":
                    db.exec_driver_sql("BEGIN")
                yield db
        except sa.exc.DBAPIError as error:
            raise LedgerError(self._complaint(error), Place(source=self.name)) from error
        except msgspec.DecodeError as error:
            if isinstance(error, msgspec.ValidationError):  # which is whole
                raise
            raise LedgerError(self._damaged(str(error)), Place(source=self.name)) from error

    def _take_turn(self, db: sa.Connection) -> None:
        """A writer waits for the one before it, then reads: what it reads is true until it has written."""
        wait = _wait_for_file if self._kind == "sqlite" else _wait_for_lock
        try:
            wait(db, _MOMENT)
        except sa.exc.DBAPIError as error:
            if not _is_locked(error):
                raise
            _log.warning(
                "%s: another run of feeds is writing to it; waiting up to %.0f s", self.name, _PATIENCE
            )
            wait(db, _PATIENCE)

    def _make_folder(self) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"the ledger cannot be used: {error.filename}: {error.strerror}"
            raise LedgerError(message, Place(source=self.name)) from error

    def _complaint(self, error: sa.exc.DBAPIError) -> str:
        reason = " ".join(str(error.orig).split()).rstrip(".")
        if any(words in reason for words in ("not a database", "malformed", "not decode to UTF-8")):
            return self._damaged(reason)
        if _is_locked(error):
            return f"another run of feeds has been writing to it for {_PATIENCE:.0f} s; try again later"
        if error.connection_invalidated or "connection" in reason:
            return f"the database cannot be reached: {reason}; what was remembered before is not lost"
        return f"the ledger cannot be used: {reason}"

    def _damaged(self, reason: str) -> str:
        return (
            f"{reason}; expected a ledger that feeds has written. It was left as it is{self._kept()}: "
            "put an earlier copy back in its place; or move it away, and `feeds recover` makes a new one "
            "from what is published"
        )

    def _kept(self) -> str:
        """Keep a copy of a damaged file, for whatever is tried next may lose more of it."""
        if self._path is None:
            return ""
        try:
            return f", and a copy is {_copy(self._path)}"
        except OSError:
            return ""


def _options(kind: str) -> dict[str, Any]:
    if kind == "sqlite":
        # With no isolation level, the driver leaves it to us to begin transactions; else it begins one at
        # the first write, after what was read for it.
        return {"connect_args": {"isolation_level": None, "timeout": _PATIENCE}}
    # What the driver warns of are consequences of an error that it raises.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    return {"pool_pre_ping": True}


def _widen(connection: sqlite3.Connection, _: object) -> None:
    """Let SQLite keep more than 2 MB of the file in memory: members of a group are all over it."""
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")


def _wait_for_file(db: sa.Connection, seconds: float) -> None:
    """Begin to write to a file of SQLite. The connection's own patience stays for all else."""
    db.exec_driver_sql(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
    try:
        db.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        db.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")


def _wait_for_lock(db: sa.Connection, seconds: float) -> None:
    """Take the lock of a PostgreSQL database until the end of the transaction, which survives a failure."""
    with db.begin_nested():
        db.exec_driver_sql(f"SET LOCAL lock_timeout = {seconds * 1000:.0f}")
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _is_locked(error: sa.exc.DBAPIError) -> bool:
    return any(words in str(error.orig) for words in ("database is locked", "lock timeout"))


def _copy(path: Path) -> Path:
    """Copy a file beside itself, unless a copy of it is there."""
    for number in count(1):
        copy = path.with_name(f"{path.name}.damaged-{number}")
        if not copy.exists():
            shutil.copyfile(path, copy)
            return copy
        if filecmp.cmp(path, copy, shallow=False):
            return copy
    raise AssertionError
