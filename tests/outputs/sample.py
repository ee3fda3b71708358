"""Feeds made by hand, by the same stations as in a build: compose first, then the writers."""

import html
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from feeds import compose
from feeds.model import Article, Chapter, Document, Entry, Episode, Feed, Media, Person, Show, Site
from feeds.outputs import Outputs

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
}

SITE = Site(
    title="Reading & Listening",
    base_url="https://example.org/feeds/",
    author="The editors",
    description="What is worth reading.",
)

SHOW = Show(
    slug="radio",
    title="Radio",
    author="The makers",
    categories=(("Technology", None), ("Arts", "Books")),
    description="Two people and a microphone.",
    image="https://example.org/feeds/shows/radio/cover.png",
    guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
    hosts=(Person(name="Ann", role="host", url="https://example.org/ann"),),
)


def article(number: int = 1, **fields: Any) -> Article:
    """An article as the ledger gives it; each number has a minute of its own, 1 the newest."""
    return Article(**{**_item(number), "publisher": "Example Press", "minutes": 4, **fields})


def episode(number: int = 1, **fields: Any) -> Episode:
    """An episode with half an hour of audio and three chapters."""
    media = Media(
        url=f"https://example.org/feeds/media/radio/{number}.mp3",
        type="audio/mpeg",
        size=1_000_000 + number,
        duration=1800.0,
    )
    marks = tuple(
        Chapter(start=start, title=title) for start, title in ((6, "Hello"), (90.5, "Talk"), (1700, "Bye"))
    )
    known = {**_item(number), "show": "radio", "number": number, "media": media, "chapters": marks, **fields}
    made = Episode(**known)
    final, _ = compose.chapters(made, made.media.duration if made.media else None)
    return Episode(**{**known, "chapters": final})


def _item(number: int) -> dict[str, Any]:
    when = NOON - timedelta(minutes=number)
    return {
        "title": f"Title {number}",
        "id": f"urn:uuid:7f577b84-22a9-52cd-9eb5-{number:012}",
        "slug": f"title-{number}",
        "published": when,
        "updated": when,
        "tags": ("storage", "search"),
        "summary": f"Summary {number}.",
    }


def entry(item: Article | Episode, show: Show = SHOW) -> Entry:
    """What compose makes of an item."""
    return compose.entry(item, SITE, {}, {show.slug: show})


def feed(*items: Article | Episode, path: str = "topics/storage", show: Show | None = None) -> Feed:
    """What compose makes of a group; with a show, its podcast feed."""
    return compose.feed(
        f"shows/{show.slug}" if show else path,
        [entry(item, show or SHOW) for item in items],
        SITE,
        total=len(items),
        id_="urn:uuid:8fafc332-60b7-56f4-8300-dc7e1ac19932",
        show=show,
    )


def written(made: Feed) -> dict[str, bytes]:
    """The documents of a feed by the names of their files."""
    return {document.path.rpartition("/")[2]: body(document) for document in Outputs().render(made)}


def body(document: Document) -> bytes:
    """The bytes of a document that is not a file."""
    assert isinstance(document.body, bytes)
    return document.body


def rss(*items: Article | Episode) -> Any:
    """The root of the RSS feed of some items."""
    return parse(written(feed(*items))["rss.xml"])


def atom(*items: Article | Episode) -> Any:
    """The root of the Atom feed of some items."""
    return parse(written(feed(*items))["atom.xml"])


def podcast(*items: Episode, show: Show = SHOW) -> Any:
    """The root of the podcast feed of some episodes."""
    return parse(written(feed(*items, show=show))["podcast.xml"])


def parse(data: bytes) -> Any:
    """Parse XML as strictly as lxml can."""
    parser = etree.XMLParser(
        recover=False, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(data, parser)


def texts(element: Any, path: str) -> list[str]:
    """The texts, or attributes, at a path."""
    found = element.xpath(path, namespaces=NAMESPACES)
    return [one if isinstance(one, str) else one.text or "" for one in found]


def said(element: Any, path: str) -> str:
    """The words that stand once at a path, as plain text or, where its type says so, in HTML."""
    (one,) = element.xpath(path, namespaces=NAMESPACES)
    return html.unescape(one.text) if one.get("type") == "html" else one.text or ""


def text(element: Any, path: str) -> str:
    """The text, or attribute, that stands once at a path."""
    (one,) = texts(element, path)
    return one
