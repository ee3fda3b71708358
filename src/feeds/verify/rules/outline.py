"""What each document leaves behind for the rules that compare documents."""

import re
from hashlib import sha256
from html import unescape
from urllib.parse import urljoin

from feeds.verify.documents import ItemOutline
from feeds.verify.jsontree import Node
from feeds.verify.markup import Tag, tags
from feeds.verify.rules import values
from feeds.verify.rules.table import About
from feeds.verify.xmltree import Element

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]{1,2000}")


def outline_item(part: Element | Node, about: About) -> None:
    """Note one item of a feed that this tool publishes; others' feeds may have any number of them."""
    if about.subject.own:
        about.outline.items.append(_outlined(part))


def outline_rest(part: Element | Node, about: About) -> None:
    """Note what the document says of itself."""
    outline = about.outline
    if isinstance(part, Node):
        outline.self_url, outline.home = part.string("feed_url"), part.string("home_page_url")
        outline.id = outline.self_url
        outline.hubs = tuple(hub.string("url") for hub in part.members("hubs"))
        if following := part.string("next_url"):
            outline.links["next"] = following
        return
    if part.name == "opml":
        outlines = (element for element in part.walk() if element.name == "outline")
        outline.subscriptions = tuple(
            element.attributes["xmlUrl"] for element in outlines if "xmlUrl" in element.attributes
        )
        return
    feed = part.first("channel") or part
    outline.podcast = feed is not part and about.podcast
    outline.home = feed.value("link")
    outline.guid = feed.value("podcast:guid")
    for link in feed.all("atom:link"):
        relation = link.attributes.get("rel", "alternate")
        outline.links.setdefault(relation, link.attributes.get("href", ""))
    outline.hubs = tuple(
        link.attributes.get("href", "")
        for link in feed.all("atom:link")
        if link.attributes.get("rel") == "hub"
    )
    outline.self_url = outline.links.get("self", "")
    outline.id = feed.value("atom:id") or outline.self_url


def _outlined(part: Element | Node) -> ItemOutline:
    if isinstance(part, Node):
        return _json_item(part)
    return _rss_item(part) if part.name == "item" else _atom_entry(part)


def _rss_item(item: Element) -> ItemOutline:
    enclosure = item.first("enclosure")
    published = values.rfc822_time(item.value("pubDate"))
    texts = (item.value("description"), item.value("content:encoded"))
    return ItemOutline(
        id=item.value("guid"),
        title=item.value("title"),
        published=published.strftime("%Y-%m-%dT%H:%M:%SZ") if published else item.value("pubDate"),
        updated="",
        enclosure=enclosure.attributes.get("url", "") if enclosure is not None else "",
        size=enclosure.attributes.get("length", "") if enclosure is not None else "",
        digest=_digest(item.value("title"), *texts),
        line=item.line,
        path=item.path,
    )


def _atom_entry(entry: Element) -> ItemOutline:
    enclosures = [link for link in entry.all("atom:link") if link.attributes.get("rel") == "enclosure"]
    title = _said(entry, "atom:title")
    texts = (_said(entry, "atom:summary"), entry.value("atom:content"))
    return ItemOutline(
        id=entry.value("atom:id"),
        title=title,
        published=entry.value("atom:published") or entry.value("atom:updated"),
        updated=entry.value("atom:updated"),
        enclosure=enclosures[0].attributes.get("href", "") if enclosures else "",
        size=enclosures[0].attributes.get("length", "") if enclosures else "",
        digest=_digest(title, *texts),
        line=entry.line,
        path=entry.path,
    )


def _said(entry: Element, name: str) -> str:
    """The words of a text, which Atom has as they are or, by its type, in HTML (RFC 4287, 3.1)."""
    text = entry.first(name)
    in_html = text is not None and text.attributes.get("type") == "html"
    return unescape(entry.value(name)) if in_html else entry.value(name)


def _json_item(item: Node) -> ItemOutline:
    attachments = item.members("attachments")
    texts = (item.string("summary"), item.string("content_html") or item.string("content_text"))
    return ItemOutline(
        id=item.string("id"),
        title=item.string("title"),
        published=item.string("date_published"),
        updated=item.string("date_modified") or item.string("date_published"),
        enclosure=attachments[0].string("url") if attachments else "",
        size=_size(attachments[0]) if attachments else "",
        digest=_digest(item.string("title"), *texts),
        line=item.line,
        path=item.path,
    )


def _size(attachment: Node) -> str:
    found = attachment.get("size_in_bytes")
    return str(found.value) if found is not None else ""


def outline_page(about: About) -> None:
    """Note the addresses that an HTML page mentions, and the feeds it announces."""
    text = about.subject.text()
    base = about.url
    found = [tag for tag in tags(text) if not tag.closing]
    links = {
        urljoin(base, tag.attributes[name])
        for tag in found
        for name in ("href", "src")
        if name in tag.attributes
    }
    about.outline.mentions = frozenset(links | set(_ADDRESS.findall(text)))
    about.outline.subscriptions = tuple(
        urljoin(base, tag.attributes.get("href", "")) for tag in found if is_announcement(tag)
    )


def is_announcement(tag: Tag) -> bool:
    """Tell whether a tag tells browsers of a feed."""
    attributes = tag.attributes
    return (
        tag.name == "link"
        and "alternate" in attributes.get("rel", "").lower().split()
        and attributes.get("type", "").partition(";")[0] in FEED_TYPES
    )


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()
