"""The types that travel down the line. Imports nothing of ours.

    Source → Item → (id, dates) → Topic and Show → Entry → Feed → Document → Record → Report,
    and Finding anywhere

What a parser cannot know stays `None` until the station that knows fills it in. Values are never
changed in place: `dataclasses.replace` makes the next one. Datetimes are aware and in UTC, times
within audio are seconds, sizes are bytes.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """Where something is: a file or address as the user knows it, and how far into it."""

    source: str
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """Counted from 1."""
    path: str | None = None
    """Path of the element, such as `/rss/channel/item[3]/guid`, or of the key, such as `site.title`."""

    def __str__(self) -> str:
        parts = [self.source, *(str(part) for part in (self.line, self.column) if part is not None)]
        return ":".join(parts) + (f" {self.path}" if self.path else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something to look at. Data, not an exception: printers make text, JSON or JUnit of it."""

    level: Level
    rule: str
    """Name of the check that found it, such as `POD-04` or `line-not-understood`."""
    place: Place
    message: str
    """What was found, what was expected, what to do."""

    def __str__(self) -> str:
        return f"{self.place}: {self.level}: {self.message} [{self.rule}]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One document as it was read, before anyone knows what it says."""

    name: str
    """The path or address as the user wrote it; every `Place` in it starts with this."""
    format: str
    data: bytes
    charset: str | None = None
    """As declared from outside, such as by HTTP; `None` if nobody said."""
    base_url: str | None = None
    """Base of the relative addresses in it."""
    show: str | None = None
    """Slug of the show whose episodes it lists; `None` for articles."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Someone who made or appears in an item."""

    name: str
    role: str | None = None
    """A role of the Podcasting 2.0 taxonomy, in lower case; `None` is an author, or a host."""
    group: str | None = None
    """A group of that taxonomy; `None` is the cast."""
    url: str | None = None
    image: str | None = None
    email: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A named address."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """A mark within an episode. It lasts until the next one starts."""

    start: float
    """Seconds from the beginning."""
    title: str
    """One line of plain text; empty where the notes give none."""
    link: str | None = None
    image: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """An audio or video file as the audience gets it."""

    url: str
    type: str
    """MIME type."""
    size: int | None = None
    """Bytes."""
    duration: float | None = None
    """Seconds."""
    placeholder: bool = False
    """True for silence that stands in until the real audio is at hand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """The spoken words of an episode."""

    url: str
    type: str
    """MIME type."""
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """An element of a feed that is published as it came."""

    name: str
    """With the usual prefix of its namespace, such as `podcast:soundbite`."""
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple["Element", ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """What articles and episodes have in common."""

    title: str
    """Plain text."""
    link: str | None = None
    """The page it is about; `None` where its own page on this site is the only one."""
    id: str | None = None
    """From the parser: the id the source gives. From the ledger on: the permanent id."""
    slug: str | None = None
    """From the ledger: the permanent name of its folder on this site."""
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    tags: tuple[str, ...] = ()
    """As the source writes them; `groups` makes slugs of them."""
    summary: str = ""
    """Plain text."""
    content: str | None = None
    """HTML, sanitised."""
    language: str | None = None
    image: str | None = None
    hidden: bool = False
    """Remembered, but shown nowhere."""
    place: Place | None = None
    """Where it is in its source."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Article(Item):
    """Something to read."""

    publisher: str | None = None
    """The company on the card."""
    minutes: int | None = None
    """Reading time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode(Item):
    """Something to listen to. `summary` is the prose of its notes, without links and timestamps."""

    show: str
    """Slug of its show."""
    number: int | None = None
    season: int | None = None
    kind: Literal["full", "trailer", "bonus"] = "full"
    explicit: bool | None = None
    """`None` is as the show."""
    audio: str | None = None
    """Path or address of its audio, where that is not as the show's pattern says."""
    media: Media | None = None
    chapters: tuple[Chapter, ...] = ()
    """From the parser: as the notes give them. From `compose` on: normalised."""
    links: tuple[Link, ...] = ()
    persons: tuple[Person, ...] = ()
    """Guests, and hosts where they differ from the show's."""
    transcripts: tuple[Transcript, ...] = ()
    carried: tuple[Element, ...] = ()
    """What else its feed says of it in the namespaces of podcasts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """A show that a page of show notes recommends."""

    title: str
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """Where the items that came before those of a source are."""

    url: str
    is_archive: bool = False
    """Whether it never changes, being a page of an archive (RFC 5005, section 4)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """All that a parser found in one source."""

    items: tuple[Item, ...] = ()
    findings: tuple[Finding, ...] = ()
    description: str | None = None
    """Of the show or site the source is about."""
    related: tuple[Related, ...] = ()
    earlier: Earlier | None = None
    """`None` where these are the first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The site that all feeds belong to."""

    title: str
    base_url: str
    """Absolute, ends with a slash."""
    author: str
    language: str = "en"
    """RFC 5646 tag."""
    description: str = ""
    hubs: tuple[str, ...] = ()
    """Absolute addresses of the WebSub hubs that are notified when a feed changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A subject that articles, and episodes, are grouped by."""

    slug: str
    title: str
    description: str = ""
    published: bool = True
    """Whether it has feeds and a page."""

    def __hash__(self) -> int:
        return hash(self.slug)  # that of all fields tells no more topics apart, and takes longer


@dataclass(frozen=True, kw_only=True, slots=True)
class Show:
    """A podcast: what the configuration says of it, and what its notes say of it."""

    slug: str
    title: str
    author: str
    categories: tuple[tuple[str, str | None], ...]
    """Apple's category and sub-category, the most fitting first."""
    description: str = ""
    owner: Person | None = None
    explicit: bool = False
    language: str = "en"
    type: Literal["episodic", "serial"] = "episodic"
    image: str = "generate"
    """`generate`, or the path of a picture; once it is published, its absolute address."""
    small_image: str | None = None
    """Absolute address of the same picture with 1400 pixels."""
    card: str | None = None
    """Absolute address of the social card."""
    audio: str = "placeholder"
    """`placeholder`, or a pattern of a path or address such as `media/{number}.mp3`."""
    allow_private: bool = False
    """Whether its audio may be on a private network."""
    hosts: tuple[Person, ...] = ()
    related: tuple[Related, ...] = ()
    link: str | None = None
    """The show's own home page, if it is not the page on this site."""
    guid: str | None = None
    """The `podcast:guid`, a UUID; kept for the show's life."""
    copyright: str | None = None
    locked: bool = True
    complete: bool = False
    new_feed_url: str | None = None
    txt: tuple[tuple[str, str], ...] = ()
    """Purpose and text of each `podcast:txt`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An item as feeds and pages show it: made once, held by every feed the item belongs to."""

    item: Article | Episode
    """With id, dates, and normalised chapters."""
    url: str
    """Absolute address of the item's page: the item's own link, or `path` on this site."""
    path: str | None = None
    """Folder of its page below the output root, such as `articles/a-title`; `None` if it has none here."""
    description: str = ""
    """HTML of at most 4000 bytes, with nothing but p, a, ul, ol, li."""
    content: str = ""
    """HTML, the whole of it."""
    topics: tuple[Topic, ...] = ()
    chapters_url: str | None = None
    """Absolute address of the JSON chapters file."""

    def __hash__(self) -> int:
        return hash(self.url)  # that of all fields tells hardly more entries apart, and takes longer


@dataclass(frozen=True, kw_only=True, slots=True)
class Tombstone:
    """An item that was taken out of a feed, so that readers may take it out too."""

    id: str
    deleted: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A group of entries as any writer needs it, in no format's words."""

    id: str
    """Permanent, `urn:uuid:…`."""
    path: str
    """Folder below the output root, such as `topics/caching`."""
    site: Site
    title: str
    description: str
    language: str
    author: str
    updated: datetime
    """The newest change of anything in it; never the time of the build."""
    entries: tuple[Entry, ...]
    """Newest first."""
    kind: Literal["topic", "publisher", "all", "show"]
    formats: tuple[str, ...]
    """Names in the table of outputs, such as `rss`."""
    show: Show | None = None
    topic: Topic | None = None
    image: str | None = None
    """Absolute address of its artwork."""
    total: int = 0
    """How many items the group has; `entries` may hold fewer."""
    tombstones: tuple[Tombstone, ...] = ()
    """The latest first."""
    archive: int | None = None
    """Which page of its archive this is (RFC 5005, section 4); `None` is what people subscribe to."""
    prev_archive: int | None = None
    """The page with the items that came before; `None` where these are the first."""
    next_archive: int | None = None
    """The page with the items that came next; `None` where the archive ends."""

    @property
    def url(self) -> str:
        """Absolute address of its page."""
        return f"{self.site.base_url}{self.path}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file to be published."""

    path: str
    """Relative to the output root, with forward slashes."""
    type: str
    """MIME type."""
    body: bytes | Path
    """The bytes, or a local file that holds them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A file that was published."""

    path: str
    type: str
    size: int
    """Bytes."""
    hash: str
    """SHA-256 of the bytes, hexadecimal."""
    changed: bool
    """False where the target held these bytes already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a build did."""

    new: int
    """Items published for the first time."""
    changed: int
    unchanged: int
    gone: int
    """Items that their source no longer lists; they stay in their feeds."""
    feeds: int
    """Each in all its formats."""
    written: int
    """Files that are new or changed."""
    kept: int
    """Files that held the right bytes already."""
    removed: int
    findings: tuple[Finding, ...]
