"""HTML from elsewhere, made fit for our pages."""

from collections.abc import Callable

import nh3
from lxml import html
from markupsafe import Markup

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "a", "img", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code"),
        *("em", "strong", "b", "i", "u", "s", "del", "ins", "sub", "sup", "abbr", "cite", "q", "kbd"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figure", "figcaption"),
        *_HEADINGS,
    },
    attributes={
        "a": {"href", "hreflang", "title"},
        "img": {"src", "alt", "width", "height"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
        "abbr": {"title"},
        "*": {"lang", "dir"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener",
)


def clean(text: str, *, level: int, base: str, relative: Callable[[str], str]) -> Markup:
    """Keep what is harmless, and fit it into the page.

    Headings start at `level` and skip none, so that the outline of the page holds. Addresses within the
    site become relative ones. A picture from another host becomes a link to it: pages load nothing from
    elsewhere.
    """
    root = html.fragment_fromstring(_CLEANER.clean(text), create_parent="div")
    _renumber(root, level)
    for anchor in list(root.iter("a")):
        if href := anchor.get("href"):
            anchor.set("href", relative(href))
        else:
            anchor.drop_tag()
    for picture in list(root.iter("img")):
        source = picture.get("src", "")
        if source.startswith(base):
            picture.set("src", relative(source))
            picture.set("alt", picture.get("alt", ""))
            picture.set("loading", "lazy")
        else:
            _replace_by_link(picture, source)
    inside = html.tostring(root, encoding="unicode").removeprefix("<div>").removesuffix("</div>")
    return Markup(inside.strip())  # noqa: S704  # it has just been cleaned


def _renumber(root: html.HtmlElement, level: int) -> None:
    headings = list(root.iter(*_HEADINGS))
    highest = min((int(heading.tag[1]) for heading in headings), default=1)
    deepest = level - 1
    for heading in headings:
        deepest = min(level + int(heading.tag[1]) - highest, deepest + 1, 6)
        heading.tag = f"h{deepest}"


def _replace_by_link(picture: html.HtmlElement, source: str) -> None:
    words = picture.get("alt") or "Picture"
    inside_link = next(picture.iterancestors("a"), None) is not None
    link = html.Element("span" if inside_link or not source else "a")
    link.text, link.tail = words, picture.tail
    if link.tag == "a":
        link.set("href", source)
        link.set("rel", "noopener")
    picture.getparent().replace(picture, link)
