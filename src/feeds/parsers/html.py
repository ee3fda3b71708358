"""A page that lists articles or episodes, by CSS selectors; or by what it says for machines.

The fields that are not selected are found where pages usually have them: the title in a heading, its link
around or within it, the date in `<time>`. Without a selector for the items the page's own data is read:
JSON-LD, microdata, microformats, and for a page about one thing Open Graph.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from feeds.errors import SourceError
from feeds.model import Finding, Parsed, Place, Source
from feeds.parsers import _dates, _markup, _structured
from feeds.parsers._decoding import HTML_ENCODING, text_of
from feeds.parsers._records import NAMES, OTHER_NAMES, ReadChapters, Record, parsed

_LABEL = re.compile(r"(?:published|posted|updated|written|date|on|at)\b[:\s]*", re.IGNORECASE)
_HEAD = 4096
_SAVED_FROM = re.compile(
    rb"(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s<>]+)", re.IGNORECASE
)
"""What Chrome and SingleFile write into a page that they save."""
_DEFAULTS: Mapping[str, str] = {
    "title": "h1, h2, h3, h4, h5, h6",
    "published": "time",
    "audio": "audio[src], audio source[src]",
}
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "link": ("href", "content"),
    "image": ("src", "data-src", "content", "href"),
    "audio": ("src", "href", "content", "data-src"),
    "transcript": ("src", "href"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Where the items of a page are, and what is what within them."""

    select: Mapping[str, str] = field(default_factory=dict)
    """CSS selectors: `item`, and within it any field, such as `title`, `link`, `date`, `summary`, `tags`,
    `image`, `audio`, `notes`. `a::attr(title)` takes an attribute, in place of what the field is made of."""
    day_first: bool | None = None
    """Whether 02/01/2026 is in January; `None` infers it from all dates of the page."""
    read_chapters: ReadChapters | None = None


def parse(source: Source, options: Options | None = None) -> Parsed:
    """Read the items of a page, in their order.

    Raises `SourceError` if a selector is none, or selects nothing where it has to.
    """
    options = options or Options()
    page, findings = load(source)
    base_url = base(page, source)
    if "item" in options.select:
        records = list(_selected(page, options.select, source, base_url))
    else:
        records = described(page, source)
    result = parsed(
        records,
        source,
        day_first=options.day_first,
        read_chapters=options.read_chapters,
        findings=findings,
    )
    about = page.xpath("string(//meta[@name='description' or @property='og:description']/@content)")
    return replace(result, description=_markup.line(about) or None)


def load(source: Source) -> tuple[Any, tuple[Finding, ...]]:
    """Parse a page as browsers decode it. Raises `SourceError` if there is nothing in it."""
    text, findings = text_of(source, "a page", HTML_ENCODING)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, no_network=True)
    try:
        page = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"not a page: {error.msg}", Place(source=source.name)) from error
    if page is None:
        raise SourceError("the page is empty", Place(source=source.name))
    limits = [entry for entry in parser.error_log if entry.type_name == "ERR_RESOURCE_LIMIT"]
    return page, (*findings, *(_too_much(entry, source) for entry in limits[:1]))


def base(page: Any, source: Source) -> str | None:
    """Find what the relative addresses of a page are relative to (WHATWG HTML, section 2.4.3).

    Of a page that was saved, nobody may know where it was but the page, or what saved it.
    """
    own = page.xpath("string(//base/@href)")
    said = "//link[@rel='canonical']/@href | //meta[@property='og:url']/@content"
    saved = _SAVED_FROM.search(source.data[:_HEAD])
    places = (source.base_url, page.xpath(f"string({said})"), saved and saved[1].decode("ascii", "replace"))
    known = next(filter(None, map(_markup.absolute, places)), None)
    return _markup.absolute(own, known) or known


def described(page: Any, source: Source) -> list[Record]:
    """Read what a page says for machines: a list of items, else the one it is about."""
    base_url = base(page, source)
    kinds = [find(page) for find in _structured.FINDERS.values()]
    found = next((items for items in kinds if len(items) > 1), [])
    if not found:
        item, fields = _structured.MICROFORMATS
        entries = (
            list(_selected(page, {"item": item, **fields}, source, base_url)) if _any(page, item) else []
        )
        if entries:
            return entries
        graph = _structured.open_graph(page)
        found = [*(one for items in kinds for one in items), *((graph,) if graph else ())][:1]
    if not found:
        message = "nothing says where the items are; give `fields.item` (`feeds init --from` proposes it)"
        raise SourceError(message, Place(source=source.name))
    return [
        Record(fields=one.fields, place=Place(source=source.name, line=one.line), base_url=base_url)
        for one in found
    ]


def select(node: Any, selector: str) -> Sequence[Any]:
    """Find the elements that a CSS selector selects, in their order. Raises `SourceError` if it is none."""
    try:
        found: Sequence[Any] = _compiled(selector)(node)
    except (SelectorError, etree.XPathError, ValueError) as error:
        raise SourceError(f"{selector!r} is not a CSS selector: {error}") from error
    return found


def date_of(node: Any) -> str:
    """Give the date that an element holds: in an attribute, as `<time>` does, in its title, or in words."""
    said = next(filter(None, map(node.get, ("datetime", "content"))), None)
    title = node.get("title")
    if said is None and _dates.read(title) is not None:
        said = title
    return str(said or _unlabelled(_markup.text_of(node)))


def _unlabelled(text: str) -> str:
    """Take away what stands before a date: `Published: …`, `Posted on …`."""
    while label := _LABEL.match(text):
        text = text[label.end() :]
    return text


@cache
def _compiled(selector: str) -> Any:
    return CSSSelector(selector, translator="html")


def _any(page: Any, selector: str) -> bool:
    return bool(select(page, selector))


def _too_much(entry: Any, source: Source) -> Finding:
    message = "nested deeper than any page should be; the rest was not read"
    return Finding(
        level="warning", rule="too-deep", place=Place(source=source.name, line=entry.line), message=message
    )


def _selected(
    page: Any, selectors: Mapping[str, str], source: Source, base_url: str | None
) -> Iterator[Record]:
    fields = {OTHER_NAMES.get(name, name): selector for name, selector in selectors.items() if name != "item"}
    place = Place(source=source.name)
    if unknown := sorted(set(fields) - set(NAMES)):
        known = ", ".join(("item", *OTHER_NAMES, *NAMES))
        raise SourceError(f"`fields` has {', '.join(unknown)}; there are {known}", place)
    try:
        items = select(page, selectors["item"])
        for selector in fields.values():
            select(page, _split(selector)[0])
    except SourceError as error:
        raise SourceError(error.message, place) from error
    if not items:
        raise SourceError(f"{selectors['item']!r} selects nothing in it; has the page changed?", place)
    for item in items:
        values = {name: _field(item, name, selector) for name, selector in fields.items()}
        notes = [] if "content" not in fields else _nodes(item, fields["content"])
        values |= {name: value for name, value in _usual(item, notes) if name not in fields}
        yield Record(fields=values, place=Place(source=source.name, line=item.sourceline), base_url=base_url)


def _usual(item: Any, notes: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Find the fields that were not selected where pages usually have them, outside the notes."""
    heading = next(iter(select(item, _DEFAULTS["title"])), None)
    links = [
        link for link in select(item, "a[href]") if not any(node in notes for node in link.iterancestors())
    ]
    title = next(iter(links), None) if heading is None else heading
    if title is not None:
        yield "title", _escaped(_markup.text_of(title))
        own = [*title.iterancestors("a"), *select(title, "a[href]")]
        # A title without a link: if there is only one link, that is it.
        addresses = {link.get("href") for link in own[:1] or links}
        yield "link", addresses.pop() if len(addresses) == 1 else None
    for name in ("published", "audio"):
        yield name, _field(item, name, _DEFAULTS[name])


def _split(selector: str) -> tuple[str, str | None]:
    """Take `a::attr(title)` apart into the selector and the attribute; nothing selects the item itself."""
    css, _, pseudo = selector.partition("::")
    attribute = pseudo.removeprefix("attr(").removesuffix(")").strip() if pseudo.startswith("attr(") else None
    return css.strip() or "*", attribute


def _nodes(item: Any, selector: str) -> Sequence[Any]:
    return [item] if selector.strip().startswith("::") else select(item, _split(selector)[0])


def _field(item: Any, name: str, selector: str) -> Any:
    attribute = _split(selector)[1]
    nodes = _nodes(item, selector)
    values = [value for node in nodes if (value := _value(node, name, attribute))]
    if name in ("tags", "authors", "guests"):
        return values
    return values[0] if values else None


def _value(node: Any, name: str, attribute: str | None) -> str:
    if attribute:
        return str(node.get(attribute, ""))
    if name in ("published", "updated"):
        return date_of(node)
    if name == "content":
        inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in node)
        return f"{_escaped(node.text)}{inner}"
    for candidate in _ATTRIBUTES.get(name, ("content",) if node.tag == "meta" else ()):
        if found := node.get(candidate):
            return str(found)
    if name in ("link", "audio", "image"):
        source = next(iter(select(node, "[href], [src]")), None)
        return "" if source is None else str(source.get("href") or source.get("src"))
    text = _markup.text_of(node)
    return _escaped(text) if name in ("title", "summary") else text


def _escaped(text: str | None) -> str:
    """Write text as HTML, which is what these fields are read as."""
    return (text or "").replace("&", "&amp;").replace("<", "&lt;")
