"""What several rules read out of a part in the same way."""

import re
from collections.abc import Iterator
from html.entities import name2codepoint

from feeds.verify.jsontree import Node
from feeds.verify.markup import ELEMENTS, Tag, misnested, tags, unfinished, words
from feeds.verify.rules import values
from feeds.verify.rules.table import Problem, Problems, Severity
from feeds.verify.rules.values import Flaw
from feeds.verify.rules.vocabulary import RELATIONS
from feeds.verify.xmltree import Element

_ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8}\d{0,2})")
_MARKUP = re.compile(r"<[/a-zA-Z]")
_SAFE_STYLES = words(
    """
    azimuth background background-color border border-bottom border-bottom-color border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color border-left-style
    border-left-width border-right border-right-color border-right-style border-right-width
    border-spacing border-style border-top border-top-color border-top-style border-top-width
    border-width clear color cursor direction display elevation float font font-family font-size
    font-style font-variant font-weight height letter-spacing line-height list-style-type margin
    margin-bottom margin-left margin-right margin-top overflow padding padding-bottom padding-left
    padding-right padding-top text-align text-decoration text-indent unicode-bidi vertical-align
    white-space width
    """
)
_RISKY = words(
    """
    script iframe object embed applet form style link meta base frame frameset html head body title
    noframes isindex plaintext xmp listing comment basefont param
    """
)
_UNSAFE_VALUE = re.compile(r"url\s*\(|expression|javascript:|\\|/\*|@import", re.IGNORECASE)
_REFERENCES = {"a": "href", "img": "src", "audio": "src", "video": "src", "source": "src", "track": "src"}
_XHTML_RISKS = frozenset(
    {"script", "object", "embed", "iframe", "meta", "applet", "form", "style", "link", "base"}
)


def flawed(element: Element | Node, flaw: Flaw | None, what: str = "") -> Problems:
    """Turn a flaw into a problem: in others' feeds only as grave as the specification says."""
    if flaw is not None:
        yield Problem(element, f"{what}{flaw.message}", elsewhere=flaw.grave)


def tags_of(node: Element) -> list[Tag]:
    """Find the HTML tags in the text of an element; read once, whatever number of rules ask."""
    if node.scanned is None:
        node.scanned = tags(node.text)
    return node.scanned  # type: ignore[return-value]


def looks_like_markup(text: str) -> str | None:
    """Say what in a plain text a reader may take for HTML.

    >>> looks_like_markup("Ben &amp; Jerry"), looks_like_markup("2 < 3 & 4"), looks_like_markup("<b>x</b>")
    ("the entity '&amp'", None, "the tag '<b'")
    """
    if found := _MARKUP.search(text):
        return f"the tag {text[found.start() : found.start() + 2]!r}"
    for name in _ENTITY.findall(text) if "&" in text else ():
        if name in name2codepoint or name == "apos" or name.startswith("#"):
            return f"the entity '&{name}'"
    return None


def relative_references(found: list[Tag]) -> Iterator[str]:
    """Addresses in HTML that mean nothing outside of the page they were written for."""
    for tag in found:
        attribute = _REFERENCES.get(tag.name)
        address = tag.attributes.get(attribute) if attribute else None
        if address is not None and not values.scheme_of(address.strip()) and not address.startswith("#"):
            yield address


def unsafe(element: Element) -> Iterator[str]:
    """Name what readers strip from HTML, or refuse to show, because it can do harm."""
    if "<?import" in element.text.lower():
        yield "the instruction <?import>"
    for tag in tags_of(element):
        if tag.closing:
            continue
        if tag.name in _RISKY:
            yield f"the element <{tag.name}>"
        for name, value in tag.attributes.items():
            if name.startswith("on"):
                yield f"the attribute {name} of <{tag.name}>"
            elif name == "style":
                yield from (f"the style {style!r} of <{tag.name}>" for style in unsafe_styles(value))
            elif name in ("href", "src") and values.scheme_of(value.strip()) in ("javascript", "vbscript"):
                yield f"a script as {name} of <{tag.name}>"


def unsafe_styles(style: str) -> Iterator[str]:
    """Name the declarations of a `style` that are outside the list readers keep."""
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        if declaration.strip() and (name.strip().lower() not in _SAFE_STYLES or _UNSAFE_VALUE.search(value)):
            yield declaration.strip()[:60]


def html_problem(element: Element) -> str | None:
    """Say what is wrong with the text of an element as HTML: unknown elements, or ends that do not fit."""
    found = tags_of(element)
    if unfinished(element.text):
        return "a tag has no end"
    unknown = next((tag.name for tag in found if tag.name not in ELEMENTS and "-" not in tag.name), None)
    return f"<{unknown}> is not an HTML element" if unknown else misnested(found)


def link_problems(link: Element) -> Problems:
    """What holds for every Atom link, wherever it stands."""
    attributes = link.attributes
    if "href" not in attributes:
        yield Problem(link, "the link has no href")
    elif flaw := values.uri(attributes["href"], iri=True):
        yield Problem(link, flaw.message, elsewhere=flaw.grave)
    if "type" in attributes and (flaw := values.mime(attributes["type"])):
        yield Problem(link, flaw.message)
    if "hreflang" in attributes and (flaw := values.language(attributes["hreflang"])):
        yield Problem(link, flaw.message)
    if "length" in attributes and (flaw := values.not_negative(attributes["length"])):
        yield Problem(link, f"length: {flaw.message}")
    if link.text.strip() or link.children:
        yield Problem(link, "a link is empty; its address belongs in href", elsewhere="warning")
    for name in ("rel", "title"):
        if name in attributes and not attributes[name].strip():
            yield Problem(link, f"{name} is empty", elsewhere="warning")
    if looks_like_markup(attributes.get("title", "")):
        yield Problem(link, "title is plain text, and this looks like HTML", elsewhere="warning")


_NO_RELATION = re.compile(r"[\s/?#:<>\"{}|^`\\]")
"""What no name of a relation may hold (RFC 4287, 4.2.7.2)."""


def relation_problems(link: Element) -> Problems:
    """Whether readers know what the link is for."""
    relation = link.attributes.get("rel", "alternate")
    short = relation.removeprefix("http://www.iana.org/assignments/relation/")
    if relation and _NO_RELATION.search(relation) and values.full_uri(relation, iri=True):
        yield Problem(link, f"{relation!r} is neither a relation nor an address", elsewhere="error")
    elif relation and short not in RELATIONS and values.full_uri(relation, iri=True):
        hint = "; write 'previous'" if relation == "prev" else ""
        yield Problem(link, f"the relation {relation!r} is not registered{hint}")


def links(parent: Element, relation: str) -> list[Element]:
    """Find the Atom links of one relation."""
    return [link for link in parent.all("atom:link") if link.attributes.get("rel", "alternate") == relation]


def self_problems(parent: Element, types: tuple[str, ...], url: str, fix: str) -> Problems:
    """Whether a feed says where it is, once, and says it right."""
    found = links(parent, "self")
    if not found:
        yield Problem(parent, f"the feed does not say where it is published; {fix}", elsewhere="warning")
    for link in found[1:]:
        yield Problem(link, "a second self link", elsewhere="warning")
    for link in found[:1]:
        href = link.attributes.get("href", "")
        base = link.attributes.get("xml:base", "") or parent.attributes.get("xml:base", "")
        if not values.scheme_of(href) and not values.scheme_of(base):
            yield Problem(link, f"the self link {href!r} is relative", elsewhere="warning")
        elif url and values.canonical(href) != values.canonical(url):
            yield Problem(link, f"self is {href!r}, the feed is published at {url!r}", elsewhere="warning")
        kind = link.attributes.get("type", "")
        if kind.partition(";")[0] not in types:
            lax: Severity | None = "off" if not kind or "xml" in kind else "warning"
            yield Problem(link, f"the type of self is {kind!r}, not {types[0]!r}", elsewhere=lax)


def unsafe_xhtml(element: Element) -> Problems:
    """What readers strip from one element of XHTML."""
    if element.name.removeprefix("xhtml:") in _XHTML_RISKS:
        yield Problem(element, f"the element <{element.name}> is stripped by readers")
    for name, value in element.attributes.items():
        if name.startswith("on"):
            yield Problem(element, f"the attribute {name} is stripped by readers")
        elif name == "style":
            yield from (
                Problem(element, f"the style {style!r} is stripped by readers")
                for style in unsafe_styles(value)
            )
