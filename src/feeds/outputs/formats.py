"""The formats a feed is published in: file name and MIME type of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from feeds.model import Feed


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format of feeds."""

    label: str
    """Its name, for people."""
    file: str
    type: str
    """MIME type (feed-requirements J.1)."""


FORMATS: Mapping[str, Format] = {
    "podcast": Format(label="RSS", file="podcast.xml", type="application/rss+xml"),
    "rss": Format(label="RSS", file="rss.xml", type="application/rss+xml"),
    "atom": Format(label="Atom", file="atom.xml", type="application/atom+xml"),
    "json": Format(label="JSON", file="feed.json", type="application/feed+json"),
}
"""The most useful one first."""

FILES = tuple(form.file for form in FORMATS.values())
"""Names of the files of a feed."""


def path(feed: Feed, name: str) -> str:
    """Path of a feed in one of its formats, below the output root."""
    page = "" if feed.archive is None else f"archive/{feed.archive}/"
    return f"{feed.path}/{page}{FORMATS[name].file}"


def address(feed: Feed, name: str) -> str:
    """Absolute address of a feed in one of its formats."""
    return f"{feed.site.base_url}{path(feed, name)}"


def archive_page(path: str) -> tuple[str, int] | None:
    """The feed and the page of its archive that a file is; `None` if it is no such page.

    >>> archive_page("topics/storage/archive/3/rss.xml"), archive_page("topics/archive/rss.xml")
    (('topics/storage', 3), None)
    """
    found = re.fullmatch(r"(.+)/archive/([1-9]\d*)/[^/]+", path)
    return (found[1], int(found[2])) if found else None


def archive_address(feed: Feed, name: str, page: int | None) -> str | None:
    """Absolute address of a page of a feed's archive, if there is one."""
    return None if page is None else address(replace(feed, archive=page), name)
