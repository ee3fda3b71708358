"""A podcast feed: RSS 2.0 with the elements of Apple, Podcasting 2.0 and Podlove.

An episode without audio is left out: apps ignore an item without an enclosure.
"""

from collections.abc import Callable
from dataclasses import replace

from feeds.model import Episode, Feed
from feeds.outputs._feedgen import Itunes, Podcasting, SimpleChapters, Writer


def writer() -> Callable[[Feed], bytes]:
    """Make a writer that makes each entry once."""
    write = Writer("podcast", "rss", Itunes(), Podcasting(), SimpleChapters())

    def render(feed: Feed) -> bytes:
        heard = (entry for entry in feed.entries if isinstance(entry.item, Episode) and entry.item.media)
        return write(replace(feed, entries=tuple(heard)))

    return render
