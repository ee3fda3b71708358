"""Notes as a person sees them: markup gone, lines kept, and the place of every character remembered.

HTML, Markdown and plain text are read by one scanner, since real notes mix them. Nothing here knows
about times. Every pattern looks ahead over a stretch that no later match looks at again more than a
few times, so that reading takes time in proportion to the length of the notes.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import accumulate
from operator import itemgetter


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _names("""
address article aside blockquote br center dd details div dl dt figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul
""")
_CELLS = _names("td th")
_INLINE = _names("""
a abbr acronym audio b big bdi bdo body button cite code del dfn em font html i img ins kbd label mark
q s samp small source span strike strong sub sup time tt u var video wbr
""")
_UNSHOWN = _names("script style head template")
# What stands for an element at the start of its line, so that HTML and Markdown look alike from here on.
_PREFIXES = {"li": "• ", "blockquote": "> ", **{f"h{level}": "# " for level in range(1, 7)}}
_ONE_LINE = _names("li dt dd tr")
"""Elements in which a line end of the source is a mere space."""

_MARKUP = re.compile(
    r"""
      (?P<newline> \r\n? | \n )
    | (?P<fence> (?:`{3,}+|~{3,}+)[^\n`]*+$ )
    | (?P<comment> <!-- )
    | <(?P<auto> https?://[^<>\s]*+ )>
    | <(?P<close>/?)(?P<tag> [A-Za-z][A-Za-z0-9]*+ )(?P<attributes> (?:[\s/][^<>]*+)? )>
    | (?P<entity> &(?: \#[0-9]{1,7}+ | \#[xX][0-9a-fA-F]{1,6}+ | [A-Za-z][A-Za-z0-9]{1,31}+ ); )
    | (?P<image> !? )\[ (?P<label> (?: [^\[\]\\\r\n]++ | \\. | \[[^\[\]\r\n]*+\] )*+ ) \]
      (?: \([ \t]*+<? (?P<url> [^()\s<>]*+ (?:\([^()\s]*+\)[^()\s<>]*+)?+ ) >?[ \t]*+
          (?: "[^"\r\n]*+"[ \t]*+ | '[^'\r\n]*+'[ \t]*+ )?+ \)
        | \[ (?P<ref> [^\[\]\r\n]*+ ) \] )
    | \\(?P<escaped> [!-/:-@\[-`{-~] )
    | (?P<emphasis> \*++ | _++ | ~~++ | `++ )
    | (?P<invisible> [\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]++ )
    """,
    re.VERBOSE | re.MULTILINE,
)
# Where any of that begins; line ends matter only within elements that take one line.
_SIGN = re.compile(r"[\r<&\[!\\*_~`\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SIGN_OR_NEWLINE = re.compile(_SIGN.pattern.replace("[", "[\\n", 1))
_NEWLINE = re.compile("\n")
_LONGEST_EMPHASIS = 500
"""Characters between the signs of an emphasis, at most."""
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_DEFINITION = re.compile(
    r"^[ ]{0,3}\[([^\[\]\n]+)\]:[ \t]*<?(\S+?)>?[ \t]*(?:\"[^\"\n]*\")?[ \t]*$", re.MULTILINE
)
_BARE_URL = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"“”„«»，。；：！？、（）【】]++")
_PREFIX = re.compile(
    r"""[ \t]*+ (?:
        (?P<quote> >[ \t]?+ ) | (?P<heading> \#{1,6}[ \t]++ ) | (?P<number> \d{1,3}[.)][ \t]++ )
      | (?P<bullet> [-*+•‣◦▪▫■□●○◆◇·∙⁃]\ufe0f?[ \t]++ )
    )*+""",
    re.VERBOSE,
)

# Times are looked for in a twin of the text, character by character, in which all digits, colons and
# spaces look the same; titles keep what the author wrote.
_TWINS = str.maketrans(
    {chr(zero + digit): str(digit) for zero in (0xFF10, 0x0660, 0x06F0, 0x0966) for digit in range(10)}
    | dict.fromkeys("：∶﹕ː꞉", ":")
    | dict.fromkeys(
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        " ",
    )
    | dict.fromkeys("‐‑‒–—―−﹣－⸺", "-")
    | dict.fromkeys("（﹙", "(")
    | dict.fromkeys("）﹚", ")")
    | dict.fromkeys("［【〔〖「『", "[")
    | dict.fromkeys("］】〕〗」』", "]")
    | {
        "＠": "@",
        "＋": "+",
        "．": ".",
        "，": ",",
        "～": "~",
        "〜": "~",
        "｜": "|",
        "’": "'",
        "′": "'",
        "″": '"',
    }
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stretch of the text that is a link."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text, and what its first characters say it is."""

    start: int
    content: int
    """Where it begins to say something: after indentation, bullets, numbers, quote and heading signs."""
    end: int
    bullet: bool
    heading: bool
    quote: bool
    number: int | None
    unnumbered: int
    """Where it would begin if its number were part of what it says."""
    indented: bool

    @property
    def blank(self) -> bool:
        """Tell whether it says nothing."""
        return self.content >= self.end


@dataclass(frozen=True)
class Text:
    """What is shown of the notes, and where each part of it came from."""

    shown: str
    anchors: tuple[Anchor, ...]
    _starts: tuple[int, ...]
    """Where each piece begins in `shown`, ascending."""
    _sources: tuple[tuple[int, int], ...]
    """Where each piece begins and ends in the notes."""

    @cached_property
    def plain(self) -> str:
        """`shown` with one kind of digit, colon, dash, bracket and space, the same length."""
        return self.shown if self.shown.isascii() else self.shown.translate(_TWINS)

    @cached_property
    def _newlines(self) -> list[int]:
        return [-1, *(match.start() for match in _NEWLINE.finditer(self.shown)), len(self.shown)]

    @property
    def height(self) -> int:
        """How many lines there are, blank ones too."""
        return len(self._newlines) - 1

    def line(self, number: int) -> Line:
        """Look at one line, counted from 0."""
        before, end = self._newlines[number : number + 2]
        return _line(self.plain, before + 1, end)

    def line_at(self, index: int) -> int:
        """Find the number of the line that a character stands in."""
        return bisect_left(self._newlines, index) - 1

    def links(self, start: int, end: int) -> list[Anchor]:
        """Find the anchors that have a part in a stretch of the text."""
        place = bisect_right(self.anchors, start, key=lambda anchor: anchor.end)
        found = []
        while place < len(self.anchors) and self.anchors[place].start < end:
            found.append(self.anchors[place])
            place += 1
        return found

    def addresses(self, start: int, end: int) -> list[Anchor]:
        """Find the anchors in a stretch of the text that show their address."""
        links = self.links(start, end)
        return [anchor for anchor in links if self.shown.startswith(("http", "www."), anchor.start)]

    def source(self, index: int) -> int:
        """Find where in the notes a character begins."""
        piece = bisect_right(self._starts, index) - 1
        start, end = self._sources[piece]
        return min(start + index - self._starts[piece], end)

    def source_end(self, index: int) -> int:
        """Find where in the notes the character before this place ends, with markup that ends its line."""
        if index == 0:
            return 0
        if index == len(self.shown) or self.shown[index] == "\n":
            return self.source(index)
        piece = bisect_right(self._starts, index - 1) - 1
        start, end = self._sources[piece]
        last = index == self._starts[piece + 1]
        return end if last else min(start + index - self._starts[piece], end)


def read(notes: str) -> Text:
    """Take the markup away from notes in HTML, Markdown or plain text."""
    scribe = _Scribe(notes)
    scribe.walk(0, len(notes))
    return scribe.text()


def _line(plain: str, start: int, end: int) -> Line:
    prefix = _PREFIX.match(plain, start, end)
    assert prefix is not None
    stop = end
    while stop > prefix.end() and plain[stop - 1] in " \t\\":
        stop -= 1
    number = prefix["number"]
    return Line(
        start=start,
        content=prefix.end(),
        end=stop,
        bullet=prefix["bullet"] is not None or number is not None,
        heading=prefix["heading"] is not None,
        quote=prefix["quote"] is not None,
        number=int(number.strip(" \t.)")) if number else None,
        unnumbered=prefix.start("number") if number else prefix.end(),
        indented=plain.startswith(("  ", "\t", " \t"), start, end),
    )


class _Scribe:
    """Copies the notes piece by piece; a piece is dropped by emptying it, places are summed up at the end."""

    def __init__(self, notes: str) -> None:
        self._notes = notes
        self._pieces: list[str] = []
        self._sources: list[tuple[int, int]] = []
        self._anchors: list[tuple[int, int, str]] = []
        self._open: tuple[int, str] | None = None
        self._emphasis: list[int] = []
        self._one_line = False
        self._in_row = False
        self._bare = True
        """Whether the line being written has no word yet."""

    @cached_property
    def _definitions(self) -> dict[str, str]:
        return {label.casefold(): url for label, url in _DEFINITION.findall(self._notes)}

    def walk(self, start: int, end: int) -> None:
        notes, copied = self._notes, start
        while sign := (_SIGN_OR_NEWLINE if self._one_line else _SIGN).search(notes, start, end):
            start = sign.end()
            if found := _MARKUP.match(notes, sign.start(), end):
                self._copy(copied, sign.start())
                start = copied = self._take(found)
        self._copy(copied, end)

    def text(self) -> Text:
        starts = tuple(accumulate(map(len, self._pieces), initial=0))
        shown = "".join(self._pieces)
        named = sorted((starts[first], starts[last], url) for first, last, url in self._anchors)
        bare = []
        for match in _BARE_URL.finditer(shown):
            before = bisect_right(named, match.start(), key=itemgetter(0))
            if not before or named[before - 1][1] <= match.start():
                url = match[0].rstrip(".,;:!?)]}'*_")
                bare.append((match.start(), match.start() + len(url), url))
        anchors = tuple(Anchor(*anchor) for anchor in sorted([*named, *bare]))
        ends = (len(self._notes), len(self._notes))
        return Text(shown, anchors, starts, (*self._sources, ends))

    def _copy(self, start: int, end: int) -> None:
        if start < end:
            self._write(self._notes[start:end], start, end)

    def _write(self, piece: str, start: int, end: int) -> None:
        self._pieces.append(piece)
        self._sources.append((start, end))
        line = piece.rpartition("\n")[2]
        self._bare = (self._bare or "\n" in piece) and not line.strip(" \t•>#")

    def _take(self, found: re.Match[str]) -> int:
        start, end = found.span()
        match found.lastgroup:
            case "newline":
                self._write(" " if self._one_line else "\n", start, end)
            case "comment":
                end = self._after("-->", end)
            case "auto":
                self._link(found["auto"], found.start("auto"), found.end("auto"))
            case "attributes":
                end = self._element(found)
            case "entity":
                self._write(unescape(found[0]), start, end)
            case "url" | "ref":
                self._markdown_link(found)
            case "escaped":
                self._write(found["escaped"], start, end)
            case "emphasis":
                self._emphasise(found)
            case "fence":
                self._fence(found)
            case _:
                pass  # invisible characters
        return end

    def _after(self, closing: str, start: int) -> int:
        found = self._notes.find(closing, start)
        return len(self._notes) if found < 0 else found + len(closing)

    def _fence(self, found: re.Match[str]) -> None:
        """Drop what opens or closes a block of code, which has the line for itself."""
        line = self._notes.rfind("\n", 0, found.start()) + 1
        if self._notes[line : found.start()].strip():
            self._write(found[0], *found.span())

    def _element(self, found: re.Match[str]) -> int:
        start, end = found.span()
        name, closing = found["tag"].lower(), bool(found["close"])
        if name in _UNSHOWN and not closing:
            return self._after(f"</{name}", end)
        if name in _BLOCKS:
            self._block(name, start, end, closing=closing)
        elif name in _CELLS:
            self._write("\t", start, end)
        elif name == "a":
            self._anchor(found)
        elif name not in _INLINE and name not in _UNSHOWN and "=" not in found["attributes"]:
            self._copy(start, end)  # `Vec<String>` in plain text
        return end

    def _block(self, name: str, start: int, end: int, *, closing: bool) -> None:
        if name in ("tr", "table"):
            self._in_row = name == "tr" and not closing
        elif self._in_row:
            self._write(" ", start, end)
            return
        if not self._bare:
            self._write("\n", start, end)
        if name in _PREFIXES and not closing:
            self._write(_PREFIXES[name], end, end)
        if name in _ONE_LINE:
            self._one_line = not closing
        elif name not in ("br", "p", "div"):
            self._one_line = False

    def _anchor(self, found: re.Match[str]) -> None:
        if self._open is not None:
            first, url = self._open
            self._anchors.append((first, len(self._pieces), url))
            self._open = None
        if not found["close"] and (href := _HREF.search(found["attributes"])):
            self._open = (len(self._pieces), unescape(href[1] or href[2] or href[3] or ""))

    def _link(self, url: str, start: int, end: int) -> None:
        first = len(self._pieces)
        self._copy(start, end)
        self._anchors.append((first, len(self._pieces), url))

    def _markdown_link(self, found: re.Match[str]) -> None:
        url = found["url"]
        if url is None:
            url = self._definitions.get((found["ref"] or found["label"]).casefold())
        if url is None:  # two brackets side by side, not a link
            self._write("[", found.start(), found.start() + 1)
            self.walk(found.start("label"), found.end("label"))
            self._copy(found.end("label"), found.end())
        elif not found["image"]:
            first = len(self._pieces)
            self.walk(found.start("label"), found.end("label"))
            self._anchors.append((first, len(self._pieces), unescape(url)))

    def _emphasise(self, found: re.Match[str]) -> None:
        """Drop this run of signs and the one that opened it, or keep it until its partner comes."""
        run, notes = found[0], self._notes
        before = notes[found.start() - 1 : found.start()]
        after = notes[found.end() : found.end() + 1]
        self._write(run, *found.span())
        here = len(self._pieces) - 1
        may_close, may_open = bool(before.strip()), bool(after.strip())
        if run[0] == "_":  # as in snake_case
            may_close, may_open = may_close and not after.isalnum(), may_open and not before.isalnum()
        partner = next((at for at in reversed(self._emphasis[-6:]) if self._pieces[at] == run), None)
        if may_close and partner is not None and self._in_one_line(partner, here):
            self._pieces[here] = self._pieces[partner] = ""
            while self._emphasis.pop() != partner:
                pass
        elif may_open:
            self._emphasis.append(here)

    def _in_one_line(self, first: int, last: int) -> bool:
        start, end = self._sources[first][1], self._sources[last][0]
        return end - start < _LONGEST_EMPHASIS and "\n" not in self._notes[start:end]
