"""What each document leaves behind for the rules that compare documents."""

from hashlib import sha256

from feeds.verify.documents import ItemOutline
from feeds.verify.jsontree import Node
from feeds.verify.rules import values
from feeds.verify.rules.table import About
from feeds.verify.xmltree import Element


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
        digest=_digest(item.value("title"), *texts),
        line=item.line,
        path=item.path,
    )


def _atom_entry(entry: Element) -> ItemOutline:
    enclosures = [link for link in entry.all("atom:link") if link.attributes.get("rel") == "enclosure"]
    texts = (entry.value("atom:summary"), entry.value("atom:content"))
    return ItemOutline(
        id=entry.value("atom:id"),
        title=entry.value("atom:title"),
        published=entry.value("atom:published") or entry.value("atom:updated"),
        updated=entry.value("atom:updated"),
        enclosure=enclosures[0].attributes.get("href", "") if enclosures else "",
        digest=_digest(entry.value("atom:title"), *texts),
        line=entry.line,
        path=entry.path,
    )


def _json_item(item: Node) -> ItemOutline:
    attachments = item.members("attachments")
    texts = (item.string("summary"), item.string("content_html") or item.string("content_text"))
    return ItemOutline(
        id=item.string("id"),
        title=item.string("title"),
        published=item.string("date_published"),
        updated=item.string("date_modified") or item.string("date_published"),
        enclosure=attachments[0].string("url") if attachments else "",
        digest=_digest(item.string("title"), *texts),
        line=item.line,
        path=item.path,
    )


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()
