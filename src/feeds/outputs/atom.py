"""Atom 1.0 (RFC 4287), with tombstones (RFC 6721)."""

from collections.abc import Callable

from feeds.model import Feed
from feeds.outputs._feedgen import SimpleChapters, Tombstones, Writer


def writer() -> Callable[[Feed], bytes]:
    """Make a writer that makes each entry once."""
    return Writer("atom", "atom", SimpleChapters(), Tombstones())
