"""RSS, Atom and podcast feeds: feedparser reads them, and lxml adds what feedparser loses.

That is: ids as they were written, the iTunes and Podcasting 2.0 elements by their meaning, chapters with
every form of start that Podlove Simple Chapters allow, and lines.
"""

import contextlib
import html
import html.entities
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser
from lxml import etree

from feeds import dates
from feeds.errors import FeedsError, SourceError
from feeds.model import (
    Article,
    Chapter,
    Earlier,
    Episode,
    Finding,
    Media,
    Parsed,
    Person,
    Place,
    Source,
    Transcript,
)
from feeds.parsers import Load, _dates, _jsonfeed, _markup
from feeds.parsers._carried import carried
from feeds.parsers._decoding import XML_TAG
from feeds.parsers._records import (
    KINDS,
    ReadChapters,
    duration,
    explicit,
    media_type,
    opening,
    quarantined,
    whole,
)

_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
}
_PREFIXES = {uri.lower(): prefix for prefix, uri in _NAMESPACES.items()} | {
    "http://purl.org/atom/ns#": "atom",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://podlove.org/simple-chapters/": "psc",
    "http://search.yahoo.com/mrss": "media",
}
_RSS = frozenset(
    {
        "",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
    }
)
_DATES = ("published", "updated", "created")
"""The dates of an entry, as feedparser calls them, that of publication first."""
_ENTRIES = frozenset(("item", "entry", "atom:entry"))

_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,1000}(\[?)", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s{0,100}>")
_ENTITY = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{0,30});)?")
_ITEM_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>", re.IGNORECASE)
_ITEM = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CATEGORY = re.compile(r"<(?:[\w.-]{1,40}:)?(?:category|subject|keywords)\b", re.IGNORECASE)
_NAMES = re.compile(
    r"<((?:[\w.-]{1,40}:)?(?:author|creator|name|email|managingeditor|webmaster|publisher|owner|contributor"
    r"|keywords|tags))(?:\s[^<>]{0,1000})?(?<!/)>",
    re.IGNORECASE,
)
_START = re.compile(r"\d{1,6}(?::\d{1,2}){0,2}(?:\.\d{1,9})?")
_MARKUP = re.compile(r"</?[A-Za-z]|&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,31});")
_AUTODISCOVERY = re.compile(r"<link\s[^<>]{0,500}application/(?:rss|atom|feed)\+[^<>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s{0,10}=\s{0,10}[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)

# feedparser takes time by the square of a name's length and of an entry's number of categories; and
# of a feed that is not well-formed it reads no more than some ten thousand elements a second.
_LONGEST_NAME = 2000
_MOST_CATEGORIES = 500
_MOST_BROKEN_TAGS = 200_000


def parse(
    text: str,
    source: Source,
    day_first: bool | None,
    read_chapters: ReadChapters | None,
    load: Load | None,
) -> Parsed:
    """Read the entries of a feed, in their order. Raises `SourceError` if it is none."""
    text = _body(text, source)
    _refuse_excess(text, source)
    tree, text, problem = _tree(text, source)
    parsed = _feedparser(text, source)
    channel = _channel(tree)
    findings = [*((problem,) if problem else ()), *_moved(channel, source)]
    elements = _elements(tree, len(parsed["entries"]))
    if day_first is None:
        written = (dict.get(entry, name) for entry in parsed["entries"] for name in _DATES)
        day_first = _dates.day_first(written)
    unfinished = len(parsed["entries"]) - len(_ITEM_END.findall(text)) if problem else 0
    reader = _Reader(
        source=source,
        feed=parsed["feed"],
        is_atom=str(parsed.get("version") or "").startswith("atom"),
        is_broken=problem is not None,
        day_first=day_first,
        read_chapters=read_chapters,
        load=load,
        findings=findings,
    )
    items: list[Article | Episode] = []
    for index, (entry, element) in enumerate(zip(parsed["entries"], elements, strict=True)):
        place = Place(
            source=source.name, line=element.line, path=None if element.line else f"item[{index + 1}]"
        )
        if unfinished > 0 and index == len(elements) - 1:
            findings.append(quarantined(place, "the feed is cut off within it"))
        elif (item := reader.item(entry, element, place)) is None:
            findings.append(quarantined(place, "it has neither a title nor a text"))
        else:
            items.append(item)
    description = _markup.plain(channel.text("description", "atom:subtitle", "itunes:summary"))
    return Parsed(
        items=tuple(items),
        findings=tuple(findings),
        description=description or None,
        earlier=_earlier(channel, source),
    )


def _earlier(channel: "_Element", source: Source) -> Earlier | None:
    """Find the page of its archive, else the next page (RFC 5005, sections 4 and 3)."""
    links = {link.get("rel"): link.get("href") for link in reversed(channel.all("atom:link"))}
    relation = "prev-archive" if links.get("prev-archive") else "next"
    url = _markup.absolute(links.get(relation), source.base_url)
    return Earlier(url=url, is_archive=relation == "prev-archive") if url else None


class _Element:
    """An XML element, its children by names such as `podcast:person`; empty where there is none."""

    def __init__(self, node: Any = None) -> None:
        self.node = () if node is None else node
        self.line: int | None = None if node is None else node.sourceline
        self.about: str = "" if node is None else node.get(_ABOUT, "").strip()
        self._children: defaultdict[str, list[Any]] = defaultdict(list)
        for child in () if node is None else node:
            self._children[_name(child)].append(child)

    def all(self, *names: str) -> list[Any]:
        """The children of these names, those of the first one first."""
        return [child for name in names for child in self._children.get(name, ())]

    def text(self, *names: str) -> str:
        """The text of the first of these children that has any."""
        return next(filter(None, map(_text, self.all(*names))), "")

    def attribute(self, name: str, attribute: str) -> str:
        """This attribute of the first of these children that has it."""
        return next(filter(None, (child.get(attribute, "").strip() for child in self.all(name))), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Makes items of entries; knows the feed they are in, and collects what is wrong with them."""

    source: Source
    feed: Mapping[str, Any]
    is_atom: bool
    is_broken: bool
    """Whether it is not well-formed, so that feedparser reads its texts better than lxml."""
    day_first: bool | None
    read_chapters: ReadChapters | None
    load: Load | None
    findings: list[Finding]

    def item(self, entry: dict[str, Any], element: _Element, place: Place) -> Article | Episode | None:
        base = self.source.base_url or _markup.absolute(entry.get("link") or self.feed.get("link"))
        body, description, base = self._texts(entry, element, base)
        content = _markup.sanitise(body or (description if _is_html(description) else ""), base) or None
        summary = _plain(description)
        title = self._title(entry, element) or _markup.shortened(summary or opening(content))
        if not title:
            return None
        media = _media(entry, element)
        common: dict[str, Any] = {
            "title": title,
            "link": _link(entry, base),
            "id": element.text("guid", "atom:id") or element.about or _string(entry, "id") or None,
            "published": self._date(entry, place, *_DATES),
            "updated": self._date(entry, place, "updated") if self._has_update(entry) else None,
            "authors": tuple(dict.fromkeys(_authors(entry, element))),
            "tags": _tags(entry, element),
            "content": content,
            "language": element.text("dc:language") or _string(self.feed, "language") or None,
            "image": _image(entry, element, base),
            "place": place,
        }
        if self.source.show is None and media is None:
            return Article(**common, summary=summary or opening(content))
        notes = (body, description, element.text("itunes:summary"))
        return Episode(
            **common,
            summary=summary or _markup.plain(content or ""),
            show=self.source.show or "",
            number=whole(element.text("itunes:episode", "podcast:episode")),
            season=whole(element.text("itunes:season", "podcast:season")),
            kind=KINDS.get(element.text("itunes:episodeType").lower(), "full"),
            explicit=explicit(element.text("itunes:explicit")),
            media=media,
            chapters=self._chapters(element, notes, media, place),
            persons=tuple(_persons(element, base)),
            transcripts=tuple(_transcripts(element, base)),
            carried=tuple(carried(element.node, base, _name, media.duration if media else None)),
        )

    def _text(self, entry: dict[str, Any], key: str, element: _Element, *names: str) -> str:
        """Give a text as it was written, from lxml if that knows the element."""
        if self.is_broken or element.line is None:
            return _string(entry, key) or element.text(*names)
        return element.text(*names)

    def _title(self, entry: dict[str, Any], element: _Element) -> str:
        text = self._text(entry, "title", element, "title", "atom:title")
        kind = (entry.get("title_detail") or {}).get("type")
        is_html = kind in ("text/html", "application/xhtml+xml") and _is_html(text)
        return _markup.line(_markup.plain(text) if is_html else text)

    def _texts(
        self, entry: dict[str, Any], element: _Element, base: str | None
    ) -> tuple[str, str, str | None]:
        """Give the whole text as HTML, the short one as it is, and what addresses in them are relative to."""
        description = self._text(entry, "summary", element, "description", "atom:summary")
        body = "" if self.is_broken else element.text("content:encoded")
        contents = entry.get("content")
        for content in contents if isinstance(contents, list) and not body else ():
            value = str(content.get("value") or "").strip()
            if value and value not in (description, element.text("itunes:summary")):
                body = _paragraphs(value) if content.get("type") == "text/plain" else value
                base = _markup.absolute(content.get("base"), base) or base
                break
        return body, description or element.text("itunes:summary"), base

    def _date(self, entry: dict[str, Any], place: Place, *names: str) -> datetime | None:
        """Read the first of these dates that the entry has."""
        # `dict.get` because that of feedparser answers with `published` where there is no `updated`.
        name = next((name for name in names if dict.get(entry, name)), names[0])
        if not (text := dict.get(entry, name)):
            return None
        if when := _dates.read(text, day_first=self.day_first):
            return when
        known = dict.get(entry, f"{name}_parsed")
        # feedparser knows words of other languages; from mere numbers it makes dates, by the clock.
        if known and not str(text).strip()[:1].isdecimal():
            year, month, day, hour, minute, second = known[:6]
            with contextlib.suppress(ValueError):
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        finding = _dates.unread(name, str(text), place)
        if self.findings[-1:] != [finding]:  # the one date of an entry is asked for twice
            self.findings.append(finding)
        return None

    def _has_update(self, entry: dict[str, Any]) -> bool:
        """In RSS a lone `dc:date`, which feedparser calls an update, is the date of publication."""
        return self.is_atom or bool(dict.get(entry, "published"))

    def _chapters(
        self, element: _Element, notes: Sequence[str], media: Media | None, place: Place
    ) -> tuple[Chapter, ...]:
        """Take the chapters that the feed has: in it, beside it, or else in the notes."""
        if chapters := self._listed(element, place):
            return chapters
        url = _markup.absolute(element.attribute("podcast:chapters", "url"), self.source.base_url)
        if url and (chapters := self._linked(url, place)):
            return chapters
        if self.read_chapters is None:
            return ()
        length = media.duration if media else None
        read = (self.read_chapters(text, length) for text in dict.fromkeys(notes) if text)
        return next(filter(None, read), ())

    def _listed(self, element: _Element, place: Place) -> tuple[Chapter, ...]:
        """Podlove Simple Chapters 1.2."""
        chapters = []
        for node in (node for listed in element.all("psc:chapters") for node in listed):
            start = (node.get("start") or "").strip().replace(",", ".")
            if _name(node) != "psc:chapter":
                continue
            if not _START.fullmatch(start):
                self._report("bad-chapter", place, f"a chapter that starts at {start[:30]!r} is left out")
                continue
            link, image = (
                _markup.absolute(node.get(name), self.source.base_url) for name in ("href", "image")
            )
            title = _markup.line(node.get("title") or "")
            chapters.append(
                Chapter(start=round(dates.seconds(start), 3), title=title, link=link, image=image)
            )
        return tuple(sorted(chapters, key=lambda chapter: chapter.start))

    def _linked(self, url: str, place: Place) -> tuple[Chapter, ...]:
        if self.load is None:
            return ()
        try:
            return _jsonfeed.chapters(self.load(url))
        except (FeedsError, ValueError) as error:
            self._report("chapters-not-read", place, f"the chapters at {url} cannot be read: {error}")
            return ()

    def _report(self, rule: str, place: Place, message: str) -> None:
        self.findings.append(Finding(level="warning", rule=rule, place=place, message=message))


def _body(text: str, source: Source) -> str:
    """Cut off what comes before the root element, except its line ends.

    No declaration, for the text is decoded; no document type, for its entities may stand for anything.
    """
    start = 0
    if doctype := _DOCTYPE.search(text[:10_000]):
        end = _SUBSET_END.search(text, doctype.end()) if doctype[1] else doctype
        start = end.end() if end else len(text)
    root = XML_TAG.search(text, start)
    if root is None or root[1].lower() not in ("rss", "feed", "rdf", "channel"):
        raise SourceError(_refusal(text, root[1] if root else None, source), Place(source=source.name))
    return "\n" * text.count("\n", 0, root.start()) + text[root.start() :]


def _refusal(text: str, root: str | None, source: Source) -> str:
    if root is None:
        return f"not a feed: it begins with {text.strip()[:40]!r}; RSS, Atom or JSON Feed was expected"
    for link in _AUTODISCOVERY.findall(text[:100_000]):
        if (href := _HREF.search(link)) and (
            url := _markup.absolute(html.unescape(href[1]), source.base_url)
        ):
            return f"a page, not a feed; its feed is at {url}"
    return f"not a feed: its outermost element is <{root}>; <rss>, <feed> or <rdf:RDF> was expected"


def _refuse_excess(text: str, source: Source) -> None:
    if len(_CATEGORY.findall(text)) <= _MOST_CATEGORIES:
        return
    for number, part in enumerate(_ITEM.split(text)):
        if (count := len(_CATEGORY.findall(part))) > _MOST_CATEGORIES:
            message = f"item {number} has {count} categories; at most {_MOST_CATEGORIES} are read"
            raise SourceError(message, Place(source=source.name))


def _tree(text: str, source: Source) -> tuple[Any, str, Finding | None]:
    """Parse XML; give the tree, the text repaired as far as possible, and what is still wrong with it."""
    for candidate in (text, mended := _mended(text)):
        try:
            return etree.fromstring(candidate.encode(), _xml_parser(recover=False)), candidate, None
        except etree.XMLSyntaxError as error:
            problem = error
    place = Place(source=source.name, line=problem.lineno, column=problem.offset)
    if text.count("<") > _MOST_BROKEN_TAGS:
        raise SourceError(f"not well-formed, and too large to be read all the same: {problem.msg}", place)
    message = f"not well-formed ({problem.msg}); read as far as possible"
    finding = Finding(level="warning", rule="not-well-formed", place=place, message=message)
    try:
        return etree.fromstring(mended.encode(), _xml_parser(recover=True)), mended, finding
    except etree.XMLSyntaxError:
        return None, mended, finding


def _xml_parser(*, recover: bool) -> Any:
    return etree.XMLParser(encoding="utf-8", recover=recover, resolve_entities=False, no_network=True)


def _mended(text: str) -> str:
    """Repair the usual faults: entities of HTML, bare ampersands, namespaces that were not declared."""
    parts = []
    end = 0
    while (start := text.find("<![CDATA[", end)) != -1:
        close = text.find("]]>", start)
        parts.append(_ENTITY.sub(_reference, text[end:start]))
        end = len(text) if close == -1 else close + 3
        parts.append(text[start:end])
    parts.append(_ENTITY.sub(_reference, text[end:]))
    mended = "".join(parts)
    root = XML_TAG.search(mended)
    declared = "".join(
        f' xmlns:{prefix}="{uri}"'
        for prefix, uri in _NAMESPACES.items()
        if f"<{prefix}:" in mended and f"xmlns:{prefix}" not in mended
    )
    return f"{mended[: root.end()]}{declared}{mended[root.end() :]}" if root and declared else mended


def _reference(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return match[0]
    if name.startswith("#"):
        number = int(f"0{name[1:]}", 0) if name[1] in "xX" else int(name[1:])
        allowed = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0x110000
        return match[0] if allowed and number not in (0xFFFE, 0xFFFF) else ""
    character = html.entities.html5.get(f"{name};")
    return f"&amp;{name};" if character is None else html.escape(character)


def _feedparser(text: str, source: Source) -> Mapping[str, Any]:
    # No `content-location`: feedparser would take ids for relative addresses.
    headers = {"content-type": "application/xml; charset=utf-8"}
    data = io.BytesIO(_short_names(text).encode())
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            data, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser meets some broken feeds with errors of any kind
        raise SourceError(f"feedparser cannot read it: {error!r}", Place(source=source.name)) from error
    return parsed


def _short_names(text: str) -> str:
    """Leave out names too long to be anyone's."""
    parts = []
    end = 0
    for tag in _NAMES.finditer(text):
        if tag.start() < end:
            continue
        close = re.compile(rf"</{re.escape(tag[1])}\s*>", re.IGNORECASE).search(text, tag.end())
        stop = close.start() if close else len(text)
        if stop - tag.end() > _LONGEST_NAME:
            parts.append(text[end : tag.end()])
            end = stop
    return "".join((*parts, text[end:]))


def _channel(tree: Any) -> _Element:
    """The element that describes the feed."""
    if tree is None or _name(tree) in ("feed", "atom:feed", "channel"):
        return _Element(tree)
    return _Element(next((child for child in tree if _name(child) == "channel"), None))


def _elements(tree: Any, count: int) -> list[_Element]:
    """The XML of each entry; empty ones where the two readings do not agree on the entries."""
    nodes = () if tree is None else [node for node in tree.iter(etree.Element) if _name(node) in _ENTRIES]
    return [_Element(node) for node in nodes] if len(nodes) == count else [_Element() for _ in range(count)]


def _name(node: Any) -> str:
    """The name of an element with its usual prefix, whichever it has here."""
    if not isinstance(node.tag, str):
        return ""
    uri, _, name = node.tag.rpartition("}")
    uri = uri[1:].lower()
    if uri in _RSS:
        return str(name)
    return f"{_PREFIXES.get(uri, '?')}:{name}"


def _text(node: Any) -> str:
    return "".join(node.itertext()).strip()


def _moved(channel: _Element, source: Source) -> Iterator[Finding]:
    url = _markup.absolute(channel.text("itunes:new-feed-url"))
    if url and url not in (source.base_url, source.name):
        message = f"the feed says that it has moved to {url}; change the source's address"
        yield Finding(level="warning", rule="moved", place=Place(source=source.name), message=message)


def _is_html(text: str) -> bool:
    return _MARKUP.search(text) is not None


def _plain(text: str) -> str:
    return _markup.plain(text) if _is_html(text) else _markup.lines(text)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in _markup.lines(text).split("\n"))


def _string(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _link(entry: dict[str, Any], base: str | None) -> str | None:
    link = entry.get("link")
    if link == entry.get("id"):
        base = None  # a guid is an address unless it says otherwise, but often is none
    return _markup.absolute(link, base)


def _authors(entry: dict[str, Any], element: _Element) -> Iterator[Person]:
    """Name the authors; feedparser mistakes addresses in many domains for names."""
    nodes = element.all("author", "dc:creator", "atom:author")
    for node in nodes or element.all("itunes:author"):
        parts = _Element(node)
        name, url, email = (parts.text(f"atom:{part}", part) for part in ("name", "uri", "email"))
        if not (name or email):
            name, email = _contact(_text(node))
        if name or email:
            yield Person(name=_markup.line(name or email), url=_markup.absolute(url), email=email or None)
    for author in () if nodes else entry.get("authors") or ():
        if name := _string(author, "name") or _string(author, "email"):
            yield Person(name=_markup.line(name), email=_string(author, "email") or None)


def _contact(text: str) -> tuple[str, str]:
    """Read name and address: `a@b.example (Name)`, `Name <a@b.example>`, or one of the two.

    >>> _contact("a@b.example (Ann Lee)"), _contact("Ann Lee")
    (('Ann Lee', 'a@b.example'), ('Ann Lee', ''))
    """
    address = next((word.strip("()<>,;") for word in text.split()[:20] if "@" in word[1:-1]), "")
    name = text.replace(address, "", 1).strip(" \t\n()<>,;") if address else text
    return name.removeprefix("mailto:").strip(), address.removeprefix("mailto:")


def _tags(entry: dict[str, Any], element: _Element) -> tuple[str, ...]:
    if element.line is None:
        tags = [str(tag.get("term") or tag.get("label") or "") for tag in entry.get("tags") or ()]
    else:
        atom = [node.get("term") or node.get("label") or "" for node in element.all("atom:category")]
        words = element.text("itunes:keywords").split(",")
        tags = [*map(_text, element.all("category", "dc:subject")), *atom, *words]
    return tuple(dict.fromkeys(filter(None, map(_markup.line, tags))))


def _media(entry: dict[str, Any], element: _Element) -> Media | None:
    """Take the first enclosure that can be heard or watched, else such a file of Media RSS."""
    length = duration(element.text("itunes:duration"))
    enclosures = [link for link in entry.get("links") or () if link.get("rel") == "enclosure"]
    for link in (*enclosures, *(entry.get("media_content") or ())):
        url = _markup.absolute(link.get("href") or link.get("url"))
        kind = media_type(url, link.get("type")) if url else None
        if kind in ("application/octet-stream", "text/html") and url:
            kind = media_type(url)
        if url and kind and kind.startswith(("audio/", "video/")):
            size = whole(link.get("length") or link.get("filesize"))
            return Media(
                url=url, type=kind, size=size or None, duration=length or duration(link.get("duration"))
            )
    return None


def _image(entry: dict[str, Any], element: _Element, base: str | None) -> str | None:
    links = (link for link in entry.get("links") or () if link.get("rel") == "enclosure")
    media = (file for file in entry.get("media_content") or () if file.get("medium") == "image")
    pictures = (link for link in (*links, *media) if str(link.get("type", "image/")).startswith("image/"))
    candidates = (
        element.attribute("itunes:image", "href"),
        *(thumbnail.get("url") for thumbnail in entry.get("media_thumbnail") or ()),
        *(picture.get("href") or picture.get("url") for picture in pictures),
    )
    return next(filter(None, (_markup.absolute(url, base) for url in candidates)), None)


def _persons(element: _Element, base: str | None) -> Iterator[Person]:
    for node in element.all("podcast:person"):
        if name := _markup.line(_text(node)):
            role, group = ((node.get(key) or "").strip().lower() or None for key in ("role", "group"))
            url, image = (_markup.absolute(node.get(key), base) for key in ("href", "img"))
            yield Person(name=name, role=role, group=group, url=url, image=image)


def _transcripts(element: _Element, base: str | None) -> Iterator[Transcript]:
    for node in element.all("podcast:transcript"):
        if url := _markup.absolute(node.get("url"), base):
            kind = media_type(url, node.get("type")) or "text/plain"
            yield Transcript(url=url, type=kind, language=(node.get("language") or "").strip() or None)
