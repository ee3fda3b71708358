"""The list of all feeds as OPML 2.0, in folders of topics, publishers and shows (feed-requirements J.5)."""

from collections.abc import Sequence

from lxml import etree

from feeds.dates import rfc822
from feeds.model import Document, Feed, Site
from feeds.outputs.formats import address

PATH = "feeds.opml"
"""Of the list, below the output root."""

_FOLDERS = (("all", "Everything"), ("topic", "Topics"), ("publisher", "Publishers"), ("show", "Shows"))


def document(site: Site, feeds: Sequence[Feed]) -> Document:
    """List each feed once, in the format that most readers take; folders without feeds are left out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site.title
    if feeds:
        etree.SubElement(head, "dateModified").text = rfc822(max(feed.updated for feed in feeds))
    etree.SubElement(head, "ownerName").text = site.author
    body = etree.SubElement(root, "body")
    for kind, title in _FOLDERS:
        members = [feed for feed in feeds if feed.kind == kind]
        if members:
            folder = etree.SubElement(body, "outline", text=title, title=title)
            for feed in members:
                _subscription(folder, feed)
    data = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return Document(path=PATH, type="text/x-opml", body=data)


def _subscription(folder: etree._Element, feed: Feed) -> None:
    etree.SubElement(
        folder,
        "outline",
        type="rss",
        version="RSS2",
        text=feed.title,
        title=feed.title,
        description=feed.description,
        language=feed.language,
        xmlUrl=address(feed, feed.formats[0]),
        htmlUrl=feed.url,
    )
