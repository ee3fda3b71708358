"""A lock on a folder: one command at a time, and whoever waits is told for whom."""

import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from feeds.dates import rfc3339
from feeds.errors import TargetError
from feeds.model import Place

_PATIENCE = 60.0
"""Seconds to wait for another command."""

_log = logging.getLogger(__name__)  # which goes to stderr, unless whoever uses us says otherwise


class Lock:
    """The right to write to one place on disk. The system takes it away from a process that dies."""

    def __init__(self, path: Path, sign: Path) -> None:
        """`path` is the file to lock; the file `sign` exists while the lock is held, and says by whom."""
        self._lock = FileLock(path)
        self._sign = sign

    def take(self) -> bool:
        """Wait for the right, and say so. Tells whether everyone who had it before finished.

        Raises `TargetError` if someone else keeps it, and `OSError` if the place is not writable.
        """
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            self._wait()
        finished = not self._sign.exists()
        try:
            self._sign.write_text(holder(), encoding="utf-8")
        except OSError:
            self._lock.release()
            raise
        return finished

    def give_back(self) -> None:
        """Release it."""
        with suppress(OSError):  # A sign that cannot be removed has the next one look for what is unfinished.
            self._sign.unlink()
        self._lock.release()

    def _wait(self) -> None:
        place = Place(source=str(self._sign.parent))
        _log.warning("%s: %s; waiting up to %.0f s", place, self._busy(), _PATIENCE)
        try:
            self._lock.acquire(timeout=_PATIENCE)
        except Timeout:
            raise TargetError(f"{self._busy()}; try again when it has finished", place) from None

    def _busy(self) -> str:
        try:
            since = datetime.fromtimestamp(self._sign.stat().st_mtime, UTC)
            return busy(self._sign.read_text("utf-8"), since)
        except OSError:  # it is just being given back, or taken
            return busy("unknown", None)


def holder() -> str:
    """Name this process, for others that wait for it."""
    import platform

    return f"process {os.getpid()} on {platform.node()}"


def busy(holder: str, since: datetime | None) -> str:
    """Say who has a lock, and since when.

    >>> busy("process 7 on example", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    'another run of feeds has been writing here since 2026-01-02T03:04:05Z: process 7 on example'
    """
    moment = f" since {rfc3339(since)}" if since else ""
    return f"another run of feeds has been writing here{moment}: {holder}"
