"""feedgen, extended by what it cannot do itself: one extension for each of its traps and gaps.

feedgen writes every RSS and Atom document and is imported here only. What it gets wrong or does not know
(feed-requirements, section N) is put right by registered extensions, which are handed our feed or entry.
`tests/outputs/test_feedgen_contract.py` names each trap, so that a release of feedgen that mends or breaks
one is noticed. It is not safe in threads: render in one thread, or in processes.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from html import escape
from typing import Any, ClassVar, Literal

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

    def __init__(self, format_: str, syntax: _Syntax, *extensions: "type[_Extension]") -> None:
        """Write RSS or Atom for a format, with these extensions beside those that the syntax needs."""
        self._format = format_
        self._syntax = syntax
        self._extensions: tuple[type[_Extension], ...] = (*_NEEDED[syntax], *extensions)
        self._of_entries = [one for one in self._extensions if one.Item is not _Extension.Item]
        self._elements: Remembered[Entry, _Element] = Remembered(self._make)

    def __call__(self, feed: Feed) -> bytes:
        """Give the document of a feed."""
        generator = self._generator(feed)
        self._elements.make_room(len(feed.entries))
        for entry in feed.entries:
            generator.add_entry(_Ready(self._element(entry)), order="append")
        write = generator.rss_str if self._syntax == "rss" else generator.atom_str
        return bytes(write(pretty=True, encoding="UTF-8"))

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
        for extension in self._extensions:
            generator.register_extension(extension.name, extension.Channel, extension.Item)
            getattr(generator, extension.name).subject = feed
        return generator

    def _element(self, entry: Entry) -> _Element:
        """An element is part of one document at a time: it moves on to each feed as that is written."""
        assert entry.item.id
        return self._elements(entry.item.id, entry)

    def _make(self, entry: Entry) -> _Element:
        item = entry.item
        made = FeedEntry()
        made.id(item.id if self._syntax == "rss" else iri(item.id or ""))
        made.title(item.title)
        made.link(href=entry.url, rel="alternate")
        made.published(item.published)
        made.updated(item.updated)
        made.category([{"term": tag} for tag in item.tags])
        made.author([{"name": author.name} for author in item.authors])
        if item.summary:
            made.summary(item.summary)
        made.description(entry.description)
        if isinstance(item, Episode) and item.media:
            made.enclosure(item.media.url, item.media.size or 0, item.media.type)
        made.content(entry.content, type="html")
        for extension in self._of_entries:
            made.register_extension(extension.name, extension.Item)
            getattr(made, extension.name).subject = entry
        return made.rss_entry() if self._syntax == "rss" else made.atom_entry()


class _Ready:
    """Stands in feedgen's list of entries for an element that is made already."""

    def __init__(self, element: _Element) -> None:
        self._element = element

    def register_extension(self, *_: object) -> None:
        """Nothing is left to extend."""

    def rss_entry(self) -> _Element:
        return self._element

    def atom_entry(self) -> _Element:
        return self._element


def _home(feed: Feed) -> str:
    return feed.show.link if feed.show and feed.show.link else feed.url


def _add(parent: _Element, name: str, value: str | None = None, **attributes: str | None) -> _Element:
    element = etree.SubElement(parent, name, {key: value for key, value in attributes.items() if value})
    element.text = value
    return element


class _Extension:
    """What feedgen knows of one extension: a part for the feed and a part for each entry."""

    name: ClassVar[str]

    class Channel(BaseExtension):  # type: ignore[misc]
        """Extends the feed."""

        subject: Feed

    class Item(BaseEntryExtension):  # type: ignore[misc]
        """Extends an entry."""

        subject: Entry


class _RssLinks(_Extension):
    """feedgen writes the first `self` link to RSS, and no other; `hub` links are for WebSub, section 4."""

    name = "rss_links"

    class Channel(_Extension.Channel):
        def extend_rss(self, root: _Element) -> _Element:
            _add_twins(root[0], self.subject)
            _add_hubs(root[0], f"{{{ATOM}}}link", self.subject)
            return root


class _AtomLinks(_Extension):
    """feedgen drops `rel`, `type` and `length` of an entry's links, so that audio looks like its page."""

    name = "atom_links"

    class Channel(_Extension.Channel):
        def extend_atom(self, root: _Element) -> _Element:
            # No links to the same feed in other formats: newsboat takes the last alternate for the page.
            _add_hubs(root, "link", self.subject)
            return root

    class Item(_Extension.Item):
        def extend_atom(self, element: _Element) -> _Element:
            for link in element.findall("link"):
                element.remove(link)
            _add(element, "link", rel="alternate", type="text/html", href=self.subject.url)
            media = self.subject.item.media if isinstance(self.subject.item, Episode) else None
            if media:
                _add(
                    element,
                    "link",
                    rel="enclosure",
                    type=media.type,
                    length=str(media.size or 0),
                    href=media.url,
                )
            return element


class _History(_Extension):
    """The way from a feed through its archive (RFC 5005, section 4, and appendix B for RSS)."""

    name = "history"

    class Channel(_Extension.Channel):
        def extend_ns(self) -> dict[str, str]:
            return {} if self.subject.archive is None else {"fh": HISTORY}

        def extend_rss(self, root: _Element) -> _Element:
            _add_history(root[0], f"{{{ATOM}}}link", self.subject, "rss")
            return root

        def extend_atom(self, root: _Element) -> _Element:
            _add_history(root, "link", self.subject, "atom")
            return root


class _AtomDates(_Extension):
    """feedgen writes an offset and microseconds; readers and rules want `Z`."""

    name = "atom_dates"

    class Channel(_Extension.Channel):
        def extend_atom(self, root: _Element) -> _Element:
            root.find("updated").text = rfc3339(self.subject.updated)
            return root

    class Item(_Extension.Item):
        def extend_atom(self, element: _Element) -> _Element:
            item = self.subject.item
            for name, when in (("updated", item.updated), ("published", item.published)):
                assert when
                element.find(name).text = rfc3339(when)
            return element


class _AtomTexts(_Extension):
    """Plain text that looks like markup is told as HTML, which no reader takes for anything else (B.5)."""

    name = "atom_texts"

    class Channel(_Extension.Channel):
        def extend_atom(self, root: _Element) -> _Element:
            return _unmistakable(root)

    class Item(_Extension.Item):
        def extend_atom(self, element: _Element) -> _Element:
            return _unmistakable(element)


_LIKE_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:#|\w\w)")


def _unmistakable(parent: _Element) -> _Element:
    for child in parent:
        if child.tag in ("title", "subtitle", "summary") and _LIKE_MARKUP.search(child.text or ""):
            child.set("type", "html")
            child.text = escape(child.text, quote=False)
    return parent


class Tombstones(_Extension):
    """Entries that were taken out of the feed (RFC 6721), so that readers may take them out too."""

    name = "tombstones"

    class Channel(_Extension.Channel):
        def extend_ns(self) -> dict[str, str]:
            return {"at": TOMBSTONES} if self.subject.tombstones else {}

        def extend_atom(self, root: _Element) -> _Element:
            for tombstone in self.subject.tombstones:
                _add(
                    root,
                    f"{{{TOMBSTONES}}}deleted-entry",
                    ref=iri(tombstone.id),
                    when=rfc3339(tombstone.deleted),
                )
            return root


class _Creators(_Extension):
    """feedgen leaves authors without an e-mail address out of RSS; `dc:creator` holds a name."""

    name = "creators"

    class Channel(_Extension.Channel):
        def extend_ns(self) -> dict[str, str]:
            return {"dc": DC}

    class Item(_Extension.Item):
        def extend_rss(self, element: _Element) -> _Element:
            for author in self.subject.item.authors:
                _add(element, f"{{{DC}}}creator", author.name)
            return element


class _Html(_Extension):
    """HTML in RSS as CDATA, which is what Apple reads; feedgen's own CDATA would spoil Atom's `type`."""

    name = "html"

    class Item(_Extension.Item):
        def extend_rss(self, element: _Element) -> _Element:
            for child in element:
                text = child.text or ""
                if child.tag in ("description", _ENCODED) and "<" in text and "]]>" not in text:
                    child.text = etree.CDATA(text)
            return element


_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"


class SimpleChapters(_Extension):
    """Podlove Simple Chapters 1.2 inside the item (feed-requirements G)."""

    name = "psc"

    class Channel(_Extension.Channel):
        def extend_ns(self) -> dict[str, str]:
            return {"psc": PSC}

    class Item(_Extension.Item):
        def extend_rss(self, element: _Element) -> _Element:
            item = self.subject.item
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
            return element

        extend_atom = extend_rss


class Itunes(_Extension):
    """Apple's elements with Apple's values; feedgen's own module knows those of before 2019 (D.1, D.2)."""

    name = "itunes"

    class Channel(_Extension.Channel):
        def extend_ns(self) -> dict[str, str]:
            return {"itunes": ITUNES}

        def extend_rss(self, root: _Element) -> _Element:
            channel = root[0]
            show = self.subject.show
            assert show
            _itunes(channel, "author", show.author)
            if show.owner:
                owner = _itunes(channel, "owner")
                _itunes(owner, "name", show.owner.name)
                _itunes(owner, "email", show.owner.email)
            _itunes(channel, "image", href=self.subject.image)
            for top, sub in show.categories:
                category = _itunes(channel, "category", text=top)
                if sub:
                    _itunes(category, "category", text=sub)
            _itunes(channel, "explicit", _true(show.explicit))
            _itunes(channel, "type", show.type)
            if show.complete:
                _itunes(channel, "complete", "Yes")
            if show.new_feed_url:
                _itunes(channel, "new-feed-url", show.new_feed_url)
            if show.copyright:
                _add(channel, "copyright", show.copyright)
            return root

    class Item(_Extension.Item):
        def extend_rss(self, element: _Element) -> _Element:
            item = self.subject.item
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
            return element


class Podcasting(_Extension):
    """The Podcasting 2.0 namespace (feed-requirements F)."""

    name = "podcasting"

    class Channel(_Extension.Channel):
        def extend_ns(self) -> dict[str, str]:
            return {"podcast": PODCAST}

        def extend_rss(self, root: _Element) -> _Element:
            channel = root[0]
            show = self.subject.show
            assert show
            _podcast(channel, "guid", show.guid)
            _podcast(
                channel,
                "locked",
                "yes" if show.locked else "no",
                owner=show.owner.email if show.owner else None,
            )
            _podcast(channel, "medium", "podcast")
            for image, width in ((show.image, None), (show.small_image, "1400")):
                if image:
                    _podcast(
                        channel,
                        "image",
                        href=image,
                        alt=f"Cover of {show.title}",
                        purpose="artwork",
                        width=width,
                        **{"aspect-ratio": "1/1"},
                    )
            _persons(channel, show.hosts)
            for purpose, text in show.txt:
                _podcast(channel, "txt", text, purpose=purpose)
            return root

    class Item(_Extension.Item):
        def extend_rss(self, element: _Element) -> _Element:
            item = self.subject.item
            assert isinstance(item, Episode)
            if item.season is not None:
                _podcast(element, "season", str(item.season))
            if item.number is not None:
                _podcast(element, "episode", str(item.number))
            if self.subject.chapters_url:
                _podcast(element, "chapters", url=self.subject.chapters_url, type="application/json+chapters")
            for transcript in item.transcripts:
                _podcast(
                    element,
                    "transcript",
                    url=transcript.url,
                    type=transcript.type,
                    language=transcript.language,
                )
            _persons(element, item.persons)
            for carried in item.carried:
                _carry(element, carried)
            return element


_NEEDED: dict[_Syntax, tuple[type[_Extension], ...]] = {
    "rss": (_RssLinks, _History, _Creators, _Html),
    "atom": (_AtomLinks, _History, _AtomDates, _AtomTexts),
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
