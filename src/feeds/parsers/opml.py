"""A list of subscriptions (OPML 1.0 and 2.0): each feed in it is a source of its own."""

import re

from lxml import etree

from feeds.errors import SourceError
from feeds.model import Link, Place, Source
from feeds.parsers import _markup
from feeds.parsers._decoding import XML_ENCODING, text_of

_ROOT = re.compile(r"<opml[\s>]", re.IGNORECASE)


def subscriptions(source: Source) -> tuple[Link, ...]:
    """List the feeds, in their order and each once, with the names they are listed under.

    Folders are walked into. Raises `SourceError` if it is not OPML, or if there is no feed in it.
    """
    text, _ = text_of(source, "a list of subscriptions", XML_ENCODING)
    place = Place(source=source.name)
    root = _ROOT.search(text)
    if root is None:
        raise SourceError(f"not OPML: it begins with {text.strip()[:40]!r}; <opml> was expected", place)
    parser = etree.XMLParser(encoding="utf-8", recover=True, resolve_entities=False, no_network=True)
    tree = etree.fromstring(text[root.start() :].encode(), parser)
    links: dict[str, Link] = {}
    for outline in () if tree is None else tree.iter("outline"):
        said = {name.lower(): value for name, value in outline.attrib.items()}
        url = _markup.absolute(_http(said.get("xmlurl", "")), source.base_url)
        if url:
            title = _markup.line(said.get("title") or said.get("text") or "")
            links.setdefault(url, Link(title=title or url, url=url))
    if not links:
        raise SourceError("no outline in it has an `xmlUrl` that is a web address", place)
    return tuple(links.values())


def _http(url: str) -> str:
    """Undo the schemes that make programs subscribe on a click.

    >>> _http("feed://a.example/x"), _http("feed:https://a.example/x")
    ('http://a.example/x', 'https://a.example/x')
    """
    return re.sub(
        r"^(?:feed|itpc|pcast|podcast):(?://)?(?=https?://)|^(?:feed|itpc|pcast|podcast)(?=://)",
        _scheme,
        url.strip(),
    )


def _scheme(match: re.Match[str]) -> str:
    return "" if match[0].endswith((":", "/")) else "http"
