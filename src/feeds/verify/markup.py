"""HTML as rules look at it: its tags, in order, with their attributes. Linear in the length of the text."""

import html
import re
from typing import NamedTuple

_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/<>]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_OPENING = re.compile(r"</?[a-zA-Z]")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?""")


def words(text: str) -> frozenset[str]:
    """Read a table of names separated by blanks."""
    return frozenset(text.split())


VOID = words(
    """
    area base basefont br col embed frame hr img input link meta param source track wbr
    """
)
"""Elements without an end tag."""
OPTIONAL_END = words(
    """
    p li dt dd tr td th thead tbody tfoot option optgroup colgroup rt rp html head body
    """
)
"""Elements whose end tag may be left out."""
ELEMENTS = words(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote body
    br button canvas caption center cite code col colgroup command data datalist dd del details dfn
    dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4
    h5 h6 head header hgroup hr html i iframe img input ins isindex kbd keygen label legend li link main
    map mark math menu meta meter nav noframes noscript object ol optgroup option output p param picture
    plaintext pre progress q rp rt ruby s samp script search section select slot small source span
    strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title
    tr track tt u ul var video wbr xmp
    """
)
"""Every element HTML has or had."""


class Tag(NamedTuple):
    """One tag of a text. Names are in lower case."""

    name: str
    closing: bool
    attributes: dict[str, str]
    self_closing: bool = False


def tags(text: str) -> list[Tag]:
    """Find the tags of a piece of HTML, comments left out.

    >>> [tag.name for tag in tags('<p>see <a href="x">y</a><!-- <b> --></p>') if not tag.closing]
    ['p', 'a']
    """
    if "<" not in text:
        return []
    return [
        Tag(name.lower(), bool(close), _attributes(rest) if rest else {}, rest.endswith("/"))
        for close, name, rest in _TAG.findall(_without_comments(text) if "<!--" in text else text)
    ]


def unfinished(text: str) -> bool:
    """Tell whether a tag of this text has no end.

    >>> unfinished("<p>see <a href='x'"), unfinished("<p>1 < 2")
    (True, False)
    """
    if "<" not in text:
        return False
    plain = _without_comments(text)
    return len(_OPENING.findall(plain)) > len(_TAG.findall(plain))


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _attributes(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(rest):
        found.setdefault(name.lower(), html.unescape(double or single or bare))
    return found


def misnested(found: list[Tag]) -> str | None:
    """Name what is wrong with the nesting of these tags; `None` if every element is closed in its place.

    >>> misnested(tags("<p><b>bold</p>")), misnested(tags("<p>one<p>two"))
    ('</p> comes before the end of <b>', None)
    """
    waiting: list[str] = []
    for tag in found:
        if tag.name in VOID or tag.self_closing:
            continue
        if not tag.closing:
            waiting.append(tag.name)
        elif problem := _close(tag.name, waiting):
            return problem
    left = next((name for name in reversed(waiting) if name not in OPTIONAL_END), None)
    return f"<{left}> is never closed" if left else None


def _close(name: str, waiting: list[str]) -> str | None:
    if name not in waiting[-100:]:
        return f"</{name}> closes nothing"
    while (inner := waiting.pop()) != name:
        if inner not in OPTIONAL_END:
            return f"</{name}> comes before the end of <{inner}>"
    return None
