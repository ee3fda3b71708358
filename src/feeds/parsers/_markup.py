"""HTML of others: made safe, made plain, its addresses made absolute."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3
from lxml import etree

from feeds.text import clean

_SMALL_TAGS = 256
_SMALL_LENGTH = 100_000
_SPACE = re.compile(r"[ \t\n\f\r\xa0\u200b]+")
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+")
_HTML = re.compile(r"</[A-Za-z]|<br|&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,31});")
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li"),
        *("main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "ul"),
    }
)
_UNSEEN = frozenset(("head", "iframe", "noscript", "object", "script", "style", "template", "title"))
_SCHEMES = frozenset(("http", "https", "mailto", "tel"))


def sanitise(html: str, base_url: str | None = None) -> str:
    """Keep of foreign HTML what is safe to show; relative addresses become absolute, or go if they cannot.

    >>> sanitise('<p onclick="x()">Hi <script>x()</script><a href="b">b</a></p>', "https://a.example/")
    '<p>Hi <a href="https://a.example/b">b</a></p>'
    """
    if html.count("<") > _SMALL_TAGS or len(html) > _SMALL_LENGTH:
        html = _shallow(html)
    base = absolute(base_url)
    try:
        return _clean(html, ("rewrite_with_base", base) if base else "deny")
    except ValueError:  # a host that nh3 does not believe in
        return _clean(html, "deny")


def _clean(html: str, relative: Any) -> str:
    return nh3.clean(html, link_rel=None, url_schemes=set(_SCHEMES), url_relative=relative).strip()


def plain(html: str) -> str:
    r"""Give the words of HTML: one line a block, no markup, no blank lines.

    >>> plain("<p>One &amp; <b>two</b></p><p>three<br>four</p>")
    'One & two\nthree\nfour'
    """
    if "<" not in html and "&" not in html:
        return lines(html)
    tree = parse(html)
    return "" if tree is None else text_of(tree)


def plain_if_html(text: str) -> str:
    """Give the words of a text that may be HTML: it is, if it closes a tag, breaks a line or names an entity.

    >>> plain_if_html("Vec<T> &amp; <b>more</b>"), plain_if_html("Vec<T> & more")
    ('Vec & more', 'Vec<T> & more')
    """
    return plain(text) if _HTML.search(text) else lines(text)


def text_of(element: Any) -> str:
    """Give the words within an element of a parsed page, in the way of `plain`."""
    pieces: list[str] = []
    unseen = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if unseen is None and node.tag in _UNSEEN:
            unseen = node
        block = "\n" if node.tag in _BLOCKS else ""
        if event == "start":
            pieces.append(block)
            if unseen is None and isinstance(node.tag, str):
                pieces.append(_SPACE.sub(" ", node.text or ""))
        else:
            pieces.append(block)
            unseen = None if node is unseen else unseen
            if unseen is None and node is not element:
                pieces.append(_SPACE.sub(" ", node.tail or ""))
    return lines("".join(pieces))


def lines(text: str) -> str:
    r"""Put the lines of a text in order: single spaces, no blank lines.

    >>> lines(" a   b \n\n c ")
    'a b\nc'
    """
    stripped = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in stripped if line)


def line(text: str) -> str:
    r"""Put a text on one line.

    >>> line(" a\n b ")
    'a b'
    """
    return _SPACE.sub(" ", text).strip()


def shortened(text: str, longest: int = 100) -> str:
    """Make a title of a text that has none: its first line, cut between words.

    >>> shortened("one two three", 9)
    'one two…'
    """
    first = text.partition("\n")[0]
    return first if len(first) <= longest else f"{first[:longest].rpartition(' ')[0] or first[:longest]}…"


def absolute(url: str | None, base_url: str | None = None) -> str | None:
    """Resolve an address; `None` if what comes out is not a web address.

    >>> absolute("b c", "https://a.example/x/"), absolute("javascript:x()"), absolute("/b")
    ('https://a.example/x/b%20c', None, None)
    """
    if not url or not url.strip():
        return None
    try:
        resolved = urljoin(base_url or "", url.strip())
        parts = urlsplit(resolved)
        if (
            parts.scheme not in ("http", "https")
            or not _HOST.fullmatch(parts.hostname or "")
            or parts.port == 0
        ):
            return None
    except ValueError:
        return None
    return re.sub(r"[\x00-\x20\"<>\\^`{|}]", lambda found: f"%{ord(found[0]):02X}", resolved)


def parse(html: str) -> Any | None:
    """Parse a page or a fragment as libxml2 does: at most 256 deep; `None` if there is nothing in it."""
    data = clean(html).encode()
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def _shallow(html: str) -> str:
    """Bring large HTML into a form on which nh3 takes no more than linear time.

    Its parser follows the letter of the HTML standard, by which deep nesting, and formatting that is
    never closed, take the square of the length.
    """
    tree = parse(html)
    body = None if tree is None else tree.find("body")
    if body is None:
        return ""
    text: str = etree.tostring(body, encoding="unicode", method="html", with_tail=False)
    return text.removeprefix("<body>").removesuffix("</body>")
