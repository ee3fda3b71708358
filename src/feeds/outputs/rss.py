"""RSS 2.0; an episode among articles keeps its audio and chapters."""

from collections.abc import Callable

from feeds.model import Feed
from feeds.outputs._feedgen import SimpleChapters, Writer


def writer() -> Callable[[Feed], bytes]:
    """Make a writer that makes each entry once."""
    return Writer("rss", "rss", SimpleChapters())
