"""The formats a feed is published in: file name and MIME type of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from feeds.model import Feed


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format of feeds."""

    title: str
    file: str
    type: str
    """MIME type (feed-requirements J.1)."""


FORMATS: Mapping[str, Format] = {
    "rss": Format(title="RSS", file="rss.xml", type="application/rss+xml"),
    "atom": Format(title="Atom", file="atom.xml", type="application/atom+xml"),
    "json": Format(title="JSON Feed", file="feed.json", type="application/feed+json"),
    "podcast": Format(title="Podcast", file="podcast.xml", type="application/rss+xml"),
}


def address(feed: Feed, name: str) -> str:
    """Absolute address of a feed in one of its formats."""
    return f"{feed.url}{FORMATS[name].file}"
