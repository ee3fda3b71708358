"""Every address in a document, with its role and its place. Pure.

RSS 0.9 to 2.0, Atom, OPML, JSON Feed, JSON chapters, web pages, and the notes inside the items of feeds.
"""

import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from urllib.parse import urljoin

from feeds.model import Place
from feeds.verify import jsontree, xmltree
from feeds.verify.jsontree import JsonFacts, Node
from feeds.verify.links.model import Role, Target
from feeds.verify.xmltree import BrokenError, Element, Facts

# Where addresses are in XML: by element, the attribute that holds one (empty for the text) and its role.
_IN_XML: Mapping[str, tuple[tuple[str, Role], ...]] = {
    "comments": (("", "item"),),
    "enclosure": (("url", "enclosure"),),
    "source": (("url", "feed"),),
    "outline": (("xmlUrl", "opml"), ("htmlUrl", "site"), ("url", "opml")),
    "atom:logo": (("", "artwork"),),
    "atom:icon": (("", "artwork"),),
    "atom:uri": (("", "person"),),
    "atom:content": (("src", "item"),),
    "creativeCommons:license": (("", "license"),),
    "itunes:image": (("href", "artwork"),),
    "itunes:new-feed-url": (("", "feed"),),
    "media:content": (("url", "enclosure"),),
    "media:player": (("url", "note"),),
    "media:thumbnail": (("url", "image"),),
    "podcast:chapters": (("url", "chapters"),),
    "podcast:contentLink": (("href", "note"),),
    "podcast:funding": (("url", "funding"),),
    "podcast:image": (("href", "image"),),
    "podcast:license": (("url", "license"),),
    "podcast:person": (("href", "person"), ("img", "image")),
    "podcast:remoteItem": (("feedUrl", "feed"),),
    "podcast:socialInteract": (("uri", "note"),),
    "podcast:source": (("uri", "enclosure"),),
    "podcast:trailer": (("url", "enclosure"),),
    "podcast:transcript": (("url", "transcript"),),
    "psc:chapter": (("href", "note"), ("image", "image")),
    "wfw:commentRss": (("", "feed"),),
}

_NOTES = frozenset(
    {
        "description",
        "content:encoded",
        "itunes:summary",
        "atom:content",
        "atom:summary",
        "googleplay:description",
    }
)
_ITEMS = frozenset({"item", "atom:entry", "podcast:liveItem", "rss1:item"})
# Elements that may hold an address, or several.
_SPEAKING = frozenset({*_IN_XML, *_NOTES, "link", "atom:link", "guid", "url"})

# Relations of Atom links; what is not listed is a note.
_RELATIONS: Mapping[str, Role] = {
    "self": "self",
    "hub": "hub",
    "alternate": "alternate",
    "enclosure": "enclosure",
    "payment": "funding",
    "license": "license",
    "first": "feed",
    "last": "feed",
    "next": "feed",
    "previous": "feed",
    "current": "feed",
    "next-archive": "feed",
    "prev-archive": "feed",
}

# The same for JSON: by the name of the list or object around it, and by its own name.
_IN_JSON: Mapping[tuple[str, str], Role] = {
    ("", "home_page_url"): "site",
    ("", "feed_url"): "self",
    ("", "next_url"): "feed",
    ("", "icon"): "artwork",
    ("", "favicon"): "artwork",
    ("hubs", "url"): "hub",
    ("authors", "url"): "person",
    ("authors", "avatar"): "image",
    ("author", "url"): "person",
    ("author", "avatar"): "image",
    ("items", "url"): "item",
    ("items", "external_url"): "item",
    ("items", "image"): "artwork",
    ("items", "banner_image"): "image",
    ("attachments", "url"): "enclosure",
    ("chapters", "url"): "note",
    ("chapters", "img"): "image",
}

# Roles whose size and type the document promises; of others it only hints at what kind of page to expect.
_PROMISING: frozenset[Role] = frozenset({"enclosure", "chapters", "transcript"})

# And for HTML, by element and attribute.
_IN_HTML: Mapping[tuple[str, str], Role] = {
    ("a", "href"): "note",
    ("area", "href"): "note",
    ("audio", "src"): "enclosure",
    ("embed", "src"): "note",
    ("iframe", "src"): "note",
    ("img", "src"): "image",
    ("link", "href"): "note",
    ("script", "src"): "note",
    ("source", "src"): "enclosure",
    ("track", "src"): "note",
    ("video", "poster"): "image",
    ("video", "src"): "enclosure",
}
_LINKS_IN_HTML: Mapping[str, Role] = {"alternate": "alternate", "icon": "image", "canonical": "self"}

_TAG = re.compile(r"""<!--.*?-->|<([a-zA-Z][\w-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++))""")
_DIGITS = re.compile(r"\s*(\d{1,18})\s*")


def targets_in(
    document: bytes | BinaryIO,
    type: str,  # noqa: A002 - as the field of a document is named
    source: str,
    base_url: str | None = None,
) -> Iterator[Target]:
    """Find every address in a document of a MIME type.

    `source` is the path or address that places start with. Relative addresses are resolved against
    `base_url`, or against what the document itself says; without either they stay as they are. A document
    that breaks off gives what was found until there, as saying so is the business of the rules.
    """
    stream = io.BytesIO(document) if isinstance(document, bytes) else document
    mime = type.partition(";")[0].strip().lower()
    if mime.endswith(("/json", "+json", "+chapters")):
        found = _in_json(stream, source, base_url or "")
    elif mime == "text/html":
        text = stream.read().decode("utf-8", errors="replace")
        found = _in_html(text, Place(source=source, line=1), base_url or "", whole_page=True)
    else:
        found = _in_xml(stream, source, base_url or "")
    try:
        yield from (target for target in found if target.url)
    except BrokenError:
        return


def _in_xml(stream: BinaryIO, source: str, base_url: str) -> Iterator[Target]:
    for part in xmltree.parts(stream, Facts()):
        for element in part.walk():
            if element.name.removeprefix("rss1:") not in _SPEAKING and not element.name.startswith("xhtml:"):
                continue
            place = Place(source=source, line=element.line, column=element.column, path=element.path)
            yield from _in_element(element, place, _base(element, base_url), in_item=part.name in _ITEMS)


def _in_element(element: Element, place: Place, base: str, *, in_item: bool) -> Iterator[Target]:
    name, attributes = element.name.removeprefix("rss1:"), element.attributes
    size, mime = _size(attributes), attributes.get("type")
    if name == "atom:link" or (name == "link" and "href" in attributes):
        role = _role_of_link(attributes, in_item=in_item)
        yield _target(attributes.get("href", ""), role, place, base, size, mime)
    elif name == "link":
        yield _target(element.text, "item" if in_item else "site", place, base)
    elif name == "guid" and attributes.get("isPermaLink", "true") == "true" and _is_web(element.text):
        yield _target(element.text, "item", place, base)
    elif name == "url" and element.parent is not None and element.parent.name.endswith("image"):
        yield _target(element.text, "artwork", place, base)
    if name == "podcast:source" and element.parent is not None:
        around = element.parent.attributes
        size, mime = _size(around), attributes.get("contentType") or around.get("type")
    for attribute, role in _IN_XML.get(name, ()):
        is_picture = name == "media:content" and (mime or attributes.get("medium", "")).startswith("image")
        address = attributes.get(attribute, "") if attribute else element.text
        yield _target(address, "image" if is_picture else role, place, base, size, mime)
    if name in _NOTES and (not name.startswith("atom:") or attributes.get("type", "text").endswith("html")):
        yield from _in_html(element.text, place, base)
    for attribute, value in attributes.items() if name.startswith("xhtml:") else ():
        if found := _IN_HTML.get((name.removeprefix("xhtml:"), attribute)):
            yield _target(value, found, place, base)


def _role_of_link(attributes: Mapping[str, str], *, in_item: bool) -> Role:
    """Tell what an Atom link is for. An alternate is a page unless its type says otherwise."""
    role = _RELATIONS.get(attributes.get("rel", "alternate").lower(), "note")
    if role == "alternate" and attributes.get("type", "text/html").endswith("html"):
        return "item" if in_item else "site"
    return role


def _in_html(text: str, place: Place, base: str, *, whole_page: bool = False) -> Iterator[Target]:
    if "<" not in text:
        return
    line, counted = place.line or 1, 0
    for match in _TAG.finditer(text):
        if not match[1]:
            continue
        name = match[1].lower()
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        column = match.start() - text.rfind("\n", 0, match.start()) if whole_page else None
        here = Place(source=place.source, line=line, column=column, path=place.path)
        attributes = {
            key.lower(): html.unescape(double or single or bare)
            for key, double, single, bare in _ATTRIBUTE.findall(match[2])
        }
        if whole_page and name == "base" and "href" in attributes:
            base = _joined(base, attributes["href"])
        for attribute, value in attributes.items():
            role = _IN_HTML.get((name, attribute))
            if role is None or value.startswith("#"):
                continue
            if name == "link":
                role = _LINKS_IN_HTML.get(attributes.get("rel", "").lower(), "note")
            yield _target(value, role, here, base)
        for address in _addresses_in_set(attributes.get("srcset", "")) if name in ("img", "source") else ():
            yield _target(address, "image", here, base)


def _addresses_in_set(srcset: str) -> Iterator[str]:
    """Read the addresses of a `srcset`, each followed by a width or density (HTML, 4.8.4.2.1)."""
    for candidate in re.findall(r"[^\s,]\S*[^\s,](?:\s+[\d.]+[wxh])*", srcset):
        yield candidate.split()[0]


def _in_json(stream: BinaryIO, source: str, base_url: str) -> Iterator[Target]:
    for part in jsontree.parts(stream, JsonFacts()):
        for node in part.walk():
            if not isinstance(node.value, str) or not isinstance(node.key, str) or node.parent is None:
                continue
            holder = node.parent
            place = Place(source=source, line=node.line, column=node.column, path=node.path)
            if node.key == "content_html":
                yield from _in_html(
                    node.value, Place(source=source, line=node.line, path=node.path), base_url
                )
            elif role := _IN_JSON.get((_list_of(holder), node.key)):
                size = mime = None
                if role == "enclosure":
                    stated = holder.get("size_in_bytes")
                    size = int(stated.number) if stated is not None and stated.number else None
                    mime = holder.string("mime_type") or None
                yield _target(node.value, role, place, base_url, size, mime)


def _list_of(holder: Node) -> str:
    """Name the list that an object is in, or the object itself; empty for the top."""
    named = holder.parent if isinstance(holder.key, int) and holder.parent is not None else holder
    return str(named.key)


def _target(
    url: str, role: Role, place: Place, base: str, size: int | None = None, mime: str | None = None
) -> Target:
    url = url.strip()
    if base and url:
        url = _joined(base, url)
    if role not in _PROMISING:
        size = mime = None
    return Target(url=url, role=role, places=(place,), size=size, type=mime)


def _is_web(text: str) -> bool:
    return text.strip().startswith(("http:", "https:"))


def _size(attributes: Mapping[str, str]) -> int | None:
    match = _DIGITS.fullmatch(attributes.get("length") or attributes.get("fileSize") or "")
    return int(match[1]) if match else None


def _base(element: Element | None, base_url: str) -> str:
    """Resolve the `xml:base` of an element and of all around it."""
    if element is None:
        return base_url
    return _joined(_base(element.parent, base_url), element.attributes.get("xml:base", ""))


def _joined(base: str, url: str) -> str:
    """Resolve an address; what is not an address at all stays as it is, for the check to say so."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url
