"""A lock in object storage: an object that only one can make, and that its owner renews while at work.

It needs conditional writes (`If-None-Match`, `If-Match`), as S3 and most others have them; storage that
ignores the conditions has no lock.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from feeds.errors import TargetError
from feeds.locks import busy, holder
from feeds.model import Place

_TERM = 300.0
"""Seconds after which a lock that nobody has renewed is one that a dead build has left behind."""

_PATIENCE = 60.0
"""Seconds to wait for another command that writes to the same place."""

_PAUSE = 1.0
"""Seconds between two looks at a lock that someone else has."""

Call = Callable[..., Mapping[str, Any]]
"""A request to the storage, by the name of its method, on the object of the lock."""


class Lease:
    """The right to write to one place. What its owner leaves unfinished, the next one is told."""

    def __init__(self, call: Call, place: Place) -> None:
        self._call = call
        self._place = place
        self._tag = ""
        """Of the object as we last wrote it."""
        self._since = ""
        """When we took it, by the storage's clock."""
        self._lost = False
        self._given_back = threading.Event()
        self._renewal = threading.Thread(target=self._renew, daemon=True)

    def take(self) -> bool:
        """Wait for the right to write. Tells whether all who had it before came to their end.

        Raises `TargetError` if someone else keeps it.
        """
        deadline = time.monotonic() + _PATIENCE
        finished = self._write(IfNoneMatch="*")
        while not self._tag and not self._take_over():
            if time.monotonic() > deadline:
                raise TargetError(self._busy(), self._place)
            time.sleep(_PAUSE)
            finished = self._write(IfNoneMatch="*")
        self._renewal.start()
        return finished

    def confirm(self) -> None:
        """Raise `TargetError` if someone else has taken over, as after a sleep of this machine."""
        if self._lost:
            raise TargetError("another feeds has taken over; build again", self._place)

    def give_back(self, *, finished: bool) -> None:
        """Let others write; where the storage does not answer, they wait until the term is over."""
        self._given_back.set()
        self._renewal.join()
        if self._lost:
            return
        if finished:
            self._call("delete_object")
        else:
            self._write(state="unfinished", IfMatch=self._tag)

    def _write(self, state: str = "at work", **condition: str) -> bool:
        """Write the object, if it is as the condition says; tells whether it was."""
        body = f"{state} {uuid.uuid4()}\n".encode()
        said = {"state": state, "holder": holder().encode("ascii", "replace").decode(), "since": self._since}
        try:
            answer = self._call("put_object", Body=body, Metadata=said, **condition)
        except OSError as error:
            if _code(error) not in ("PreconditionFailed", "ConditionalRequestConflict", "412", "NoSuchKey"):
                raise
            return False
        self._tag = answer["ETag"]
        self._since = self._since or answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        return True

    def _busy(self) -> str:
        """Say who has the lock, and when it is to be had."""
        try:
            found = self._call("head_object")
        except FileNotFoundError:
            return busy("it has just finished", None)
        said = found["Metadata"]
        since = parsedate_to_datetime(said["since"]) if said.get("since") else found["LastModified"]
        when = f"try again when it has finished, or in {_TERM / 60:.0f} minutes if it was killed"
        return f"{busy(said.get('holder', 'unknown'), since)}; {when}"

    def _take_over(self) -> bool:
        """Take what was left behind; whoever else tries at the same moment finds it changed."""
        try:
            found = self._call("head_object")
        except FileNotFoundError:
            return False
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        old = (now - found["LastModified"]).total_seconds() > _TERM
        return (old or found["Metadata"].get("state") == "unfinished") and self._write(IfMatch=found["ETag"])

    def _renew(self) -> None:
        while not self._given_back.wait(_TERM / 3):
            # A renewal that fails is tried again; there is time for two.
            with suppress(OSError):
                self._lost = not self._write(IfMatch=self._tag)
            if self._lost:
                return


def _code(error: OSError) -> str:
    """What the storage calls the error."""
    answer = getattr(error.__cause__, "response", None) or {}
    code: str = answer.get("Error", {}).get("Code", "")
    return code
