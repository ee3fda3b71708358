"""feedgen, extended by what it cannot do itself: one extension for each of its traps and gaps.

feedgen writes every RSS and Atom document and is imported here only. What it gets wrong or does not know
(feed-requirements, section N) is put right by extensions, which are handed our feed or entry; feedgen knows
all of them as one, for it registers each with every entry of every feed.
`tests/outputs/test_feedgen_contract.py` names each trap, so that a release of feedgen that mends or breaks
one is noticed. It is not safe in threads: render in one thread, or in processes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any, Literal

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from feeds import __version__
from feeds.dates import clock, rfc3339
from feeds.model import Element, Entry, Episode, Feed, Person
from feeds.outputs.formats import FORMATS, address, archive_address
from feeds.remembered import Remembered
from feeds.text import iri

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
PSC = "http://podlove.org/simple-chapters"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"

_Element = Any
"""lxml's element, which publishes no types."""

_Syntax = Literal["rss", "atom"]


class Writer:
    """Writes feeds in one format, each entry made once for all the feeds that hold it."""

    def __init__(self, format_: str, syntax: _Syntax, *extensions: "_Extension") -> None:
        """Write RSS or Atom for a format, with these extensions beside those that the syntax needs."""
        self._format = format_
        self._syntax = syntax
        self._extensions = (*_NEEDED[syntax], *extensions)
        self._frame = _Frame(_ENDS[syntax].count(b"\n"))
        self._entries: Remembered[Entry, bytes] = Remembered(self._make)

    def __call__(self, feed: Feed) -> bytes:
        """Give the document of a feed: feedgen makes it without entries, which are put in before its end."""
        self._entries.make_room(len(feed.entries))
        entries = b"".join(self._entries(entry.item.id or "", entry) for entry in feed.entries)
        generator = self._generator(feed)
        write = generator.rss_str if self._syntax == "rss" else generator.atom_str
        document: bytes = write(pretty=True, encoding="UTF-8")
        end = _ENDS[self._syntax]
        return document.removesuffix(end) + entries + end

    def _generator(self, feed: Feed) -> FeedGenerator:
        generator = FeedGenerator()
        generator.id(feed.id)
        generator.title(feed.title)
        generator.description(feed.description)
        generator.subtitle(feed.description)
        generator.language(feed.language)
        generator.author(name=feed.author)
        generator.updated(feed.updated)
        generator.generator("feeds", version=__version__)
        generator.docs("https://www.rssboard.org/rss-specification")
        generator.link(href=address(feed, self._format), rel="self", type=FORMATS[self._format].type)
        # Last, since feedgen takes the last link for the page of the channel.
        generator.link(href=_home(feed), rel="alternate", type="text/html")
        if feed.image:
            generator.image(url=feed.image, title=feed.title, link=_home(feed))
        generator.register_extension("feeds", partial(_OfFeed, feed, self._extensions))
        return generator

    def _make(self, entry: Entry) -> bytes:
        made = FeedEntry()
        made.register_extension("feeds", partial(_OfEntry, entry, self._extensions))
        element = _rss_item(made, entry) if self._syntax == "rss" else _atom_entry(made, entry)
        return self._frame(element)


_ENDS: dict[_Syntax, bytes] = {"rss": b"  </channel>\n</rss>\n", "atom": b"</feed>\n"}


def _rss_item(made: FeedEntry, entry: Entry) -> _Element:
    item = entry.item
    made.id(item.id)
    made.title(item.title)
    made.link(href=entry.url)
    made.published(item.published)
    made.category([{"term": tag} for tag in item.tags])
    made.description(_html(entry.description))
    made.content(_html(entry.content))
    if isinstance(item, Episode) and item.media:
        made.enclosure(item.media.url, item.media.size or 0, item.media.type)
    return made.rss_entry()


def _atom_entry(made: FeedEntry, entry: Entry) -> _Element:
    item = entry.item
    made.id(iri(item.id or ""))
    made.title(item.title)
    made.published(item.published)
    made.updated(item.updated)
    made.category([{"term": tag} for tag in item.tags])
    made.author([{"name": author.name} for author in item.authors])
    if item.summary:
        made.summary(item.summary)
    made.content(entry.content, type="html")
    return made.atom_entry()


def _html(text: str) -> str | etree.CDATA:
    """HTML in RSS as CDATA, which is what Apple reads; feedgen knows it for one of two elements."""
    return etree.CDATA(text) if "<" in text and "]]>" not in text else text


class _Frame:
    """What an entry is written in: in as many elements as in its feed, which declare the same prefixes."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._root = self._parent = etree.Element("feed", nsmap=_PREFIXES)
        for _ in range(depth - 1):
            self._parent = etree.SubElement(self._parent, "channel")

    def __call__(self, element: _Element) -> bytes:
        """Give the lines of an entry."""
        self._parent[:] = [element]
        text: bytes = etree.tostring(self._root, pretty_print=True, encoding="UTF-8")
        return text.split(b"\n", self._depth)[-1].rsplit(b"\n", self._depth + 1)[0] + b"\n"


_PREFIXES = {"content": CONTENT, "dc": DC, "itunes": ITUNES, "podcast": PODCAST, "psc": PSC}
"""Of all that an entry may hold."""


def _home(feed: Feed) -> str:
    return feed.show.link if feed.show and feed.show.link else feed.url


def _add(parent: _Element, name: str, value: str | None = None, **attributes: str | None) -> _Element:
    element = etree.SubElement(parent, name, {key: value for key, value in attributes.items() if value})
    element.text = value
    return element


class _Extension:
    """Puts one thing right, or adds it, in a feed and in each of its entries."""

    def namespaces(self, _: Feed) -> dict[str, str]:
        """Those of what is added, by prefix."""
        return {}

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        """Extend the `channel` of RSS, or the `feed` of Atom, before it has entries."""

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        """Extend an `item` of RSS, or an `entry` of Atom."""


class _OfFeed(BaseExtension):  # type: ignore[misc]
    """What feedgen knows of all extensions of a feed."""

    def __init__(self, feed: Feed, extensions: Sequence[_Extension]) -> None:
        self._feed = feed
        self._extensions = extensions

    def extend_ns(self) -> dict[str, str]:
        return {
            prefix: name
            for extension in self._extensions
            for prefix, name in extension.namespaces(self._feed).items()
        }

    def extend_rss(self, root: _Element) -> _Element:
        self._extend(root[0])
        return root

    def extend_atom(self, root: _Element) -> _Element:
        self._extend(root)
        return root

    def _extend(self, parent: _Element) -> None:
        for extension in self._extensions:
            extension.extend_feed(parent, self._feed)


class _OfEntry(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen knows of all extensions of an entry."""

    def __init__(self, entry: Entry, extensions: Sequence[_Extension]) -> None:
        self._entry = entry
        self._extensions = extensions

    def extend_rss(self, element: _Element) -> _Element:
        for extension in self._extensions:
            extension.extend_entry(element, self._entry)
        return element

    extend_atom = extend_rss


class _RssLinks(_Extension):
    """feedgen writes the first `self` link to RSS, and no other; `hub` links are for WebSub, section 4."""

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        _add_twins(parent, feed)
        _add_hubs(parent, f"{{{ATOM}}}link", feed)


class _AtomLinks(_Extension):
    """feedgen drops `rel`, `type` and `length` of an entry's links, so that audio looks like its page.

    It is told of none, so that all of an entry are these.
    """

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        # No links to the same feed in other formats: newsboat takes the last alternate for the page.
        _add_hubs(parent, "link", feed)

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        _add(element, "link", rel="alternate", type="text/html", href=entry.url)
        media = entry.item.media if isinstance(entry.item, Episode) else None
        if media:
            length = str(media.size or 0)
            _add(element, "link", rel="enclosure", type=media.type, length=length, href=media.url)


class _RssHistory(_Extension):
    """The way from a feed through its archive (RFC 5005, section 4, and appendix B for RSS)."""

    def namespaces(self, feed: Feed) -> dict[str, str]:
        return {} if feed.archive is None else {"fh": HISTORY}

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        _add_history(parent, f"{{{ATOM}}}link", feed, "rss")


class _AtomHistory(_RssHistory):
    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        _add_history(parent, "link", feed, "atom")


class _AtomDates(_Extension):
    """feedgen writes an offset and microseconds; readers and rules want `Z`."""

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        parent.find("updated").text = rfc3339(feed.updated)

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        for date in element.iterchildren("updated", "published"):
            date.text = rfc3339(getattr(entry.item, date.tag))


class _AtomTexts(_Extension):
    """Plain text that looks like markup is told as HTML, which no reader takes for anything else (B.5)."""

    def extend_feed(self, parent: _Element, _: Feed) -> None:
        _make_unmistakable(parent)

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        if _LIKE_MARKUP.search(entry.item.title) or _LIKE_MARKUP.search(entry.item.summary):
            _make_unmistakable(element)


_LIKE_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:#|\w\w)")


def _make_unmistakable(parent: _Element) -> None:
    for child in parent.iterchildren("title", "subtitle", "summary"):
        if _LIKE_MARKUP.search(child.text or ""):
            child.set("type", "html")
            child.text = escape(child.text, quote=False)


class Tombstones(_Extension):
    """Entries that were taken out of the feed (RFC 6721), so that readers may take them out too."""

    def namespaces(self, feed: Feed) -> dict[str, str]:
        return {"at": TOMBSTONES} if feed.tombstones else {}

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        for tombstone in feed.tombstones:
            ref, when = iri(tombstone.id), rfc3339(tombstone.deleted)
            _add(parent, f"{{{TOMBSTONES}}}deleted-entry", ref=ref, when=when)


class _Creators(_Extension):
    """feedgen leaves authors without an e-mail address out of RSS; `dc:creator` holds a name."""

    def namespaces(self, _: Feed) -> dict[str, str]:
        return {"dc": DC}

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        for author in entry.item.authors:
            _add(element, f"{{{DC}}}creator", author.name)


class SimpleChapters(_Extension):
    """Podlove Simple Chapters 1.2 inside the item (feed-requirements G)."""

    def namespaces(self, _: Feed) -> dict[str, str]:
        return {"psc": PSC}

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        item = entry.item
        if isinstance(item, Episode) and item.chapters:
            chapters = _add(element, f"{{{PSC}}}chapters", version="1.2")
            for mark in item.chapters:
                _add(
                    chapters,
                    f"{{{PSC}}}chapter",
                    start=clock(mark.start, milliseconds=True),
                    title=mark.title,
                    href=mark.link,
                    image=mark.image,
                )


class Itunes(_Extension):
    """Apple's elements with Apple's values; feedgen's own module knows those of before 2019 (D.1, D.2)."""

    def namespaces(self, _: Feed) -> dict[str, str]:
        return {"itunes": ITUNES}

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        show = feed.show
        assert show
        _itunes(parent, "author", show.author)
        if show.owner:
            owner = _itunes(parent, "owner")
            _itunes(owner, "name", show.owner.name)
            _itunes(owner, "email", show.owner.email)
        _itunes(parent, "image", href=feed.image)
        for top, sub in show.categories:
            category = _itunes(parent, "category", text=top)
            if sub:
                _itunes(category, "category", text=sub)
        _itunes(parent, "explicit", _true(show.explicit))
        _itunes(parent, "type", show.type)
        if show.complete:
            _itunes(parent, "complete", "Yes")
        if show.new_feed_url:
            _itunes(parent, "new-feed-url", show.new_feed_url)
        if show.copyright:
            _add(parent, "copyright", show.copyright)

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        item = entry.item
        assert isinstance(item, Episode)
        if item.media and item.media.duration:
            _itunes(element, "duration", str(max(1, round(item.media.duration))))
        if item.image:
            _itunes(element, "image", href=item.image)
        if item.explicit is not None:
            _itunes(element, "explicit", _true(item.explicit))
        _itunes(element, "episodeType", item.kind)
        if item.season is not None:
            _itunes(element, "season", str(item.season))
        if item.number is not None:
            _itunes(element, "episode", str(item.number))


class Podcasting(_Extension):
    """The Podcasting 2.0 namespace (feed-requirements F)."""

    def namespaces(self, _: Feed) -> dict[str, str]:
        return {"podcast": PODCAST}

    def extend_feed(self, parent: _Element, feed: Feed) -> None:
        show = feed.show
        assert show
        _podcast(parent, "guid", show.guid)
        owner = show.owner.email if show.owner else None
        _podcast(parent, "locked", "yes" if show.locked else "no", owner=owner)
        _podcast(parent, "medium", "podcast")
        for image, width in ((show.image, None), (show.small_image, "1400")):
            if image:
                _podcast(
                    parent,
                    "image",
                    href=image,
                    alt=f"Cover of {show.title}",
                    purpose="artwork",
                    width=width,
                    **{"aspect-ratio": "1/1"},
                )
        _persons(parent, show.hosts)
        for purpose, text in show.txt:
            _podcast(parent, "txt", text, purpose=purpose)

    def extend_entry(self, element: _Element, entry: Entry) -> None:
        item = entry.item
        assert isinstance(item, Episode)
        if item.season is not None:
            _podcast(element, "season", str(item.season))
        if item.number is not None:
            _podcast(element, "episode", str(item.number))
        if entry.chapters_url:
            _podcast(element, "chapters", url=entry.chapters_url, type="application/json+chapters")
        for script in item.transcripts:
            _podcast(element, "transcript", url=script.url, type=script.type, language=script.language)
        _persons(element, item.persons)
        for carried in item.carried:
            _carry(element, carried)


_NEEDED: dict[_Syntax, tuple[_Extension, ...]] = {
    "rss": (_RssLinks(), _RssHistory(), _Creators()),
    "atom": (_AtomLinks(), _AtomHistory(), _AtomDates(), _AtomTexts()),
}


def _carry(parent: _Element, carried: Element) -> None:
    prefix, _, name = carried.name.partition(":")
    element = etree.SubElement(parent, f"{{{_CARRIED[prefix]}}}{name}", dict(carried.attributes))
    element.text = carried.text or None
    for child in carried.children:
        _carry(element, child)


_CARRIED = {"itunes": ITUNES, "podcast": PODCAST}
"""The namespaces whose elements are published as they came."""


def _add_twins(channel: _Element, feed: Feed) -> None:
    """Link from RSS to the same feed in other formats."""
    for format_ in feed.formats:
        if format_ not in ("rss", "podcast"):
            url = address(feed, format_)
            _add(channel, f"{{{ATOM}}}link", rel="alternate", type=FORMATS[format_].type, href=url)


def _add_hubs(parent: _Element, name: str, feed: Feed) -> None:
    """Name who announces changes."""
    for hub in feed.site.hubs:
        _add(parent, name, rel="hub", href=hub)


def _add_history(parent: _Element, name: str, feed: Feed, own: _Syntax) -> None:
    links = [
        ("prev-archive", archive_address(feed, own, feed.prev_archive)),
        ("next-archive", archive_address(feed, own, feed.next_archive)),
    ]
    if feed.archive is not None:
        _add(parent, f"{{{HISTORY}}}archive")
        links.append(("current", address(replace(feed, archive=None), own)))
    for relation, url in links:
        if url:
            _add(parent, name, rel=relation, type=FORMATS[own].type, href=url)


def _itunes(parent: _Element, name: str, value: str | None = None, **attributes: str | None) -> _Element:
    return _add(parent, f"{{{ITUNES}}}{name}", value, **attributes)


def _podcast(parent: _Element, name: str, value: str | None = None, **attributes: str | None) -> _Element:
    return _add(parent, f"{{{PODCAST}}}{name}", value, **attributes)


def _persons(parent: _Element, persons: Iterable[Person]) -> None:
    for person in persons:
        _podcast(
            parent,
            "person",
            person.name,
            role=person.role,
            group=person.group,
            img=person.image,
            href=person.url,
        )


def _true(value: bool) -> str:
    return "true" if value else "false"
