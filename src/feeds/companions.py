"""Files that a source links to: the chapters that a podcast feed names but does not hold.

They are remembered in the ledger. The longer one has stayed the same, the later it is fetched again, so that
a feed of five hundred episodes does not cost five hundred requests for each new one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from feeds.errors import SourceError
from feeds.ledger import Ledger
from feeds.model import Place

if TYPE_CHECKING:
    from feeds.fetch import Fetcher

_KIND = "companion"
_AT_LEAST = timedelta(days=1)
_AT_LEAST_FAILED = timedelta(hours=1)
_FAILURES = 3
"""After this many in a row, the other files of a source are not fetched this time."""
_MOST = 500
"""Files of one source that are fetched in one build."""


class _Known(msgspec.Struct, frozen=True):
    """What the ledger notes of a file."""

    body: bytes | None
    """`None` if it could never be fetched."""
    since: datetime
    """When it was first found in its present state."""
    asked: datetime
    problem: str | None = None
    """Why it could not be fetched, the last time."""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def due(self) -> datetime:
        """When to ask again."""
        return self.asked + max(_AT_LEAST_FAILED if self.problem else _AT_LEAST, self.asked - self.since)


class Companions:
    """Gets the files that one source names, each no more often than necessary."""

    def __init__(self, ledger: Ledger, fetcher: "Callable[[], Fetcher]", now: datetime) -> None:
        """`fetcher` makes the fetcher, once one is needed."""
        self._ledger = ledger
        self._fetcher = fetcher
        self._now = now
        self._asked: dict[str, _Known] = {}
        self._failures = 0
        self.again: datetime | None = None
        """When to read the source again even if it stays the same, since a file that it names is missing."""

    def load(self, url: str) -> bytes:
        """Give what is at an address, or what was there the last time if it cannot be fetched today.

        Raises `SourceError` if it could never be fetched.
        """
        known = self._asked.get(url) or self._ledger.recall(_KIND, url, _Known)
        if known is None or known.due <= self._now:
            known = self._ask(url, known)
        if known.problem:
            self._miss(known.due)
        if known.body is None:
            raise SourceError(known.problem or "", Place(source=url))
        return known.body

    def remember(self) -> None:
        """Note in the ledger what was asked for."""
        if self._asked:
            self._ledger.note(_KIND, dict(self._asked))

    def _ask(self, url: str, known: _Known | None) -> _Known:
        if self._failures >= _FAILURES or len(self._asked) >= _MOST:
            self._miss(self._now)
            if known:
                return known
            raise SourceError(
                "not fetched this time, since there were too many or others failed", Place(source=url)
            )
        self._asked[url] = asked = self._answer(url, known)
        self._failures = self._failures + 1 if asked.problem else 0
        return asked

    def _answer(self, url: str, known: _Known | None) -> _Known:
        from feeds.fetch import Validators

        validators = None
        if known and known.body is not None:
            validators = Validators(etag=known.etag, last_modified=known.last_modified)
        try:
            fetched = self._fetcher().get(url, validators)
        except SourceError as error:
            before = known or _Known(body=None, since=self._now, asked=self._now)
            since = before.since if before.problem else self._now
            return msgspec.structs.replace(before, since=since, asked=self._now, problem=error.message)
        body = known.body if known and fetched.data is None else fetched.data
        is_same = known is not None and not known.problem and body == known.body
        return _Known(
            body=body,
            since=known.since if known and is_same else self._now,
            asked=self._now,
            etag=fetched.validators.etag,
            last_modified=fetched.validators.last_modified,
        )

    def _miss(self, due: datetime) -> None:
        self.again = min(filter(None, (self.again, due)))
