"""A lock in object storage: an object that only one can make, and that its owner renews while at work.

It needs conditional writes (`If-None-Match`, `If-Match`), as S3 and most others have them; storage that
ignores the conditions has no lock.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from feeds.errors import TargetError
from feeds.locks import busy, holder
from feeds.model import Place

_TERM = 60.0
"""Seconds after which a lock that nobody has renewed counts as left behind by a dead build."""

_RENEWALS = 4
"""How often its owner renews it in that time. With one quarter of it left, the owner stops by itself."""

_TERM_UNSAID = 300.0
"""What earlier versions, which do not write it into the lock, took it to be."""

_PATIENCE = 1.5 * _TERM
"""Seconds to wait for another command that writes to the same place: longer than a dead one can last."""

_PAUSE = 1.0
"""Seconds between two looks at a lock that someone else holds."""

Call = Callable[..., Mapping[str, Any]]
"""A request to the storage, by the name of its method, on the object of the lock."""

_log = logging.getLogger(__name__)  # which goes to stderr, unless whoever uses us says otherwise


class _Held(NamedTuple):
    """A lock that someone else has."""

    tag: str
    said: Mapping[str, str]
    since: datetime
    left: float
    """Seconds until it is one of a dead build, unless it is renewed."""


class Lease:
    """The right to write to one place. What its owner leaves unfinished, the next one is told."""

    def __init__(self, call: Call, place: Place) -> None:
        self._call = call
        self._place = place
        self._tag = ""
        """Of the object as we last wrote it."""
        self._since = ""
        """When we took it, by the storage's clock."""
        self._renewed = _Moment()
        self._lost = False
        self._given_back = threading.Event()
        self._renewal = threading.Thread(target=self._renew, daemon=True)

    def take(self) -> bool:
        """Wait for the right to write, and say so. Tells whether everyone who had it before finished.

        Raises `TargetError` if someone else keeps it.
        """
        waiting: _Moment | None = None
        finished = self._write(IfNoneMatch="*")
        while not self._tag:
            held = self._held()
            if held is None:
                finished = self._write(IfNoneMatch="*")
            elif held.left < 0 or held.said.get("state") == "unfinished":
                self._write(IfMatch=held.tag)  # whoever else tries at the same moment finds it changed
            elif waiting is None:
                waiting = _Moment()
                goes_on = f"if that was killed, this goes on in {held.left:.0f} s"
                _log.warning("%s: %s; waiting for it; %s", self._place, _busy(held), goes_on)
            elif waiting.age() > _PATIENCE:
                raise TargetError(f"{_busy(held)}; try again when it has finished", self._place)
            else:
                time.sleep(_PAUSE)
        self._renewal.start()
        return finished

    def confirm(self) -> None:
        """Raise `TargetError` if someone else may have taken over, as after a sleep of this machine."""
        if not self._is_ours():
            raise TargetError("another run of feeds may have taken over; build again", self._place)

    def give_back(self, *, finished: bool) -> None:
        """Let others write; if the storage does not answer, they have to wait until the term is over."""
        self._given_back.set()
        self._renewal.join()
        if not self._is_ours():
            return
        if finished:
            self._call("delete_object")
        else:
            self._write(state="unfinished", IfMatch=self._tag)

    def _write(self, state: str = "at work", **condition: str) -> bool:
        """Write the object, if it is as the condition says; tells whether it was."""
        body = f"{state} {uuid.uuid4()}\n".encode()
        name = holder().encode("ascii", "replace").decode()
        said = {"state": state, "holder": name, "since": self._since, "term": str(_TERM)}
        asked = _Moment()
        try:
            answer = self._call("put_object", Body=body, Metadata=said, **condition)
        except OSError as error:
            if _code(error) not in ("PreconditionFailed", "ConditionalRequestConflict", "412", "NoSuchKey"):
                raise
            return False
        self._tag, self._renewed = answer["ETag"], asked
        self._since = self._since or answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        return True

    def _held(self) -> _Held | None:
        """Look at the lock; `None` if it has just been given back."""
        try:
            found = self._call("head_object")
        except FileNotFoundError:
            return None
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        said, written = found["Metadata"], found["LastModified"]
        since = parsedate_to_datetime(said["since"]) if said.get("since") else written
        term = float(said.get("term", _TERM_UNSAID))
        return _Held(found["ETag"], said, since, term - (now - written).total_seconds())

    def _is_ours(self) -> bool:
        """Tell whether nobody can have taken over, even if the last renewals failed."""
        return not self._lost and self._renewed.age() < _TERM * (1 - 1 / _RENEWALS)

    def _renew(self) -> None:
        while not self._given_back.wait(_TERM / _RENEWALS):
            # A renewal that fails is tried again.
            with suppress(OSError):
                self._lost = not self._write(IfMatch=self._tag)
            if self._lost:
                return


class _Moment:
    """When something happened, by both clocks: one may stand while the machine sleeps, the other be set."""

    def __init__(self) -> None:
        self._then = time.monotonic(), time.time()

    def age(self) -> float:
        """Seconds since then, at most."""
        return max(time.monotonic() - self._then[0], time.time() - self._then[1])


def _busy(held: _Held) -> str:
    return busy(held.said.get("holder", "unknown"), held.since)


def _code(error: OSError) -> str:
    """What the storage calls the error."""
    answer = getattr(error.__cause__, "response", None) or {}
    code: str = answer.get("Error", {}).get("Code", "")
    return code
