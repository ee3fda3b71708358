"""What is checked: files as they are, or as they were served, and what is known around them.

Nothing here judges. A `Subject` is recognised by its first bytes, read once as a stream of parts, and
leaves a small `Outline` behind for the rules that compare documents with one another.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import urljoin

from feeds.verify import jsontree, media, xmltree
from feeds.verify.jsontree import JsonFacts, Node
from feeds.verify.xmltree import Element, Facts

Kind = Literal[
    "rss", "atom", "opml", "xml", "json", "chapters", "vtt", "page", "audio", "picture", "robots", "other"
]

FEED_KINDS = frozenset({"rss", "atom", "json"})
XML_KINDS = frozenset({"rss", "atom", "opml", "xml"})
_HEAD = 4096
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_SKIPPED = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ROOTS: dict[str, Kind] = {
    "rss": "rss",
    "rdf": "rss",
    "channel": "rss",
    "feed": "atom",
    "entry": "atom",
    "opml": "opml",
    "html": "page",
    "svg": "other",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """How a server answered for a file."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; several of one name joined by commas."""
    revalidated: int | None = None
    """Status of the same request sent again with the validators; `None` if it was not."""
    ranged: tuple[int, Mapping[str, str]] | None = None
    """Status and headers of the answer to `Range: bytes=0-1`."""
    head: tuple[int, Mapping[str, str]] | None = None
    """Status and headers of the answer to HEAD."""
    hops: tuple[tuple[int, str], ...] = ()
    """Status and target of each redirect that led here."""
    secure: bool | None = None
    """For an http address: whether https works as well."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A file to check."""

    name: str
    """Path or address as the user knows it."""
    body: bytes | Path
    url: str | None = None
    """Where it is, or will be, published."""
    own: bool = False
    """This tool publishes it, so this tool's own promises hold too."""
    found: bool = False
    """It was found in a folder, among others, rather than given by itself."""
    served: Served | None = None

    def open(self) -> BinaryIO:
        """Open the bytes for reading."""
        return io.BytesIO(self.body) if isinstance(self.body, bytes) else self.body.open("rb")

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes, hexadecimal."""
        digest = sha256()
        with self.open() as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()

    @cached_property
    def head(self) -> bytes:
        """The first bytes, enough to see what it is; none of a file that cannot be read."""
        try:
            with self.open() as stream:
                return stream.read(_HEAD)
        except OSError:
            return b""

    @cached_property
    def kind(self) -> Kind:
        """What it is, by its bytes first and its name second."""
        return recognise(self.head, self.name)

    @cached_property
    def audio(self) -> media.Audio:
        """What mutagen reads of it, if it is audio."""
        return media.probe(self)

    def text(self, limit: int = 1 << 24) -> str:
        """Decode the file as UTF-8, wrong bytes replaced, up to `limit` bytes."""
        with self.open() as stream:
            return stream.read(limit).decode("utf-8", "replace").removeprefix("\ufeff")


def recognise(head: bytes, name: str) -> Kind:
    """Tell what a file is from its first bytes, and from its name where they say too little.

    >>> recognise(b'<?xml version="1.0"?><!-- x --><feed xmlns="http://www.w3.org/2005/Atom">', "x")
    'atom'
    """
    suffix = name.lower().rpartition(".")[2]
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] >= b"\xe0" and suffix in ("mp3", "aac")):
        return "audio"
    if head[4:8] == b"ftyp":
        return "audio"
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    ):
        return "picture"
    text = _decoded(head)
    if text.startswith("WEBVTT") or suffix == "vtt":
        return "vtt"
    if text.startswith("{") or suffix == "json":
        chapters = '"chapters"' in text and "jsonfeed.org" not in text and '"items"' not in text
        if chapters:
            return "chapters"
        return "json" if name.endswith("feed.json") or '"items"' in text or "jsonfeed" in text else "other"
    if name.endswith("robots.txt"):
        return "robots"
    if suffix in ("mp3", "m4a", "mp4"):
        return "audio"
    return _markup_kind(text, suffix)


def _decoded(head: bytes) -> str:
    wide = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    wide = wide or ("utf-16-le" if head[1:2] == b"\0" else "utf-16-be" if head[:1] == b"\0" else "utf-8")
    return head.decode(wide, "replace").removeprefix("\ufeff").lstrip()


def _markup_kind(text: str, suffix: str) -> Kind:
    opening = _SKIPPED.sub(" ", text)
    if re.match(r"\s*(<!doctype html|<html)", text, re.IGNORECASE) or (
        suffix in ("html", "htm") and not text.startswith("<?xml")
    ):
        return "page"
    root = _ROOT.search(opening)
    if root is not None and opening[: root.start()].strip() == "":
        return _ROOTS.get(root[1].lower(), "xml")
    return "xml" if suffix in ("xml", "rss", "atom", "opml") or text.startswith("<?xml") else "other"


def read_xml(subject: Subject, facts: Facts) -> Iterator[Element]:
    """Read an XML file as parts; see `xmltree.parts`."""
    with subject.open() as stream:
        yield from xmltree.parts(stream, facts)


def read_json(subject: Subject, facts: JsonFacts) -> Iterator[Node]:
    """Read a JSON file as parts; see `jsontree.parts`."""
    with subject.open() as stream:
        yield from jsontree.parts(stream, facts)


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOutline:
    """What a document says of one item, as far as other documents are compared with it."""

    id: str
    title: str
    published: str
    """RFC 3339, or as it stands if it is not a date."""
    updated: str
    enclosure: str
    size: str
    """Bytes of the enclosure, as the feed says."""
    digest: str
    """Of its title and texts."""
    line: int
    path: str


@dataclass(kw_only=True, slots=True)
class Outline:
    """What a document leaves behind for the rules that compare documents."""

    subject: Subject
    id: str = ""
    guid: str = ""
    """The `podcast:guid`."""
    self_url: str = ""
    home: str = ""
    """The page it belongs to."""
    hubs: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    """First address of each relation."""
    subscriptions: tuple[str, ...] = ()
    """OPML: each `xmlUrl`. Page: the address of each feed it announces."""
    items: list[ItemOutline] = field(default_factory=list)
    """For what this tool publishes; others' feeds may be of any size."""
    podcast: bool = False
    mentions: frozenset[str] = frozenset()
    """Page: every address in its text and links."""


def following(outlines: Iterable[Outline]) -> set[str]:
    """Addresses of pages and archives that feeds lead on to: nobody subscribes to them."""
    return {
        outline.links[relation]
        for outline in outlines
        for relation in ("next", "prev-archive")
        if relation in outline.links
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownItem:
    """What the ledger remembers of an item that was published."""

    id: str
    title: str = ""
    published: str = ""
    """RFC 3339."""
    updated: str = ""
    digests: frozenset[str] = frozenset()
    """Of its title and texts, in each format that carried it; see `ItemOutline`."""
    feeds: tuple[str, ...] = ()
    """Addresses of the feeds that carried it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFeed:
    """What was remembered of a feed."""

    id: str = ""
    guid: str = ""
    episodes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What earlier builds left: to be compared with what is published now."""

    items: Mapping[str, KnownItem] = field(default_factory=dict)
    """By id."""
    feeds: Mapping[str, KnownFeed] = field(default_factory=dict)
    """By address."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of media and artwork, by address."""
    moved: frozenset[str] = frozenset()
    """Addresses, and ids, whose move or removal was declared."""
    dated: frozenset[str] = frozenset()
    """Ids of items whose date the editor has set."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is known around the files."""

    now: datetime
    base_url: str | None = None
    """Where the site is published; ends with a slash."""
    subjects: tuple[Subject, ...] = ()
    """Everything of the site, so that an address on it finds its file."""
    memory: Memory | None = None
    rebuilt: Mapping[str, str] | None = None
    """SHA-256 by name of a second build of the same input, if one was made."""
    pings: bool = False
    """Whether a podping is sent on publishing."""
    pinged: Mapping[str, tuple[int, str]] | None = None
    """Status and form body of the notice that each hub got; `None` if this is not about a publication."""
    id3_version: tuple[int, int] = (2, 3)
    """The tag version that the configuration asks for."""

    @cached_property
    def _by_url(self) -> dict[str, Subject]:
        return {subject.url: subject for subject in self.subjects if subject.url}

    def find(self, url: str) -> Subject | None:
        """Find the file that an address of this site stands for; `None` for what is not here."""
        return self._by_url.get(url.partition("#")[0].partition("?")[0])

    def here(self, url: str) -> bool:
        """Tell whether an address lies on this site."""
        return self.base_url is not None and url.startswith(self.base_url)


def folder(root: Path, base_url: str | None = None, *, own: bool = True) -> Iterator[Subject]:
    """Name every file below a folder but hidden ones, published below `base_url`. Nothing is read yet."""
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root).as_posix()
        if not re.search(r"(?:^|/)\.", place) and path.is_file():
            url = urljoin(base_url, place) if base_url else None
            yield Subject(name=str(path), body=path, url=url, own=own, found=True)
