"""XML as a stream of parts: every item whole, then the document without its items.

A part is a small tree of `Element`, so rules read it as they like, while a feed of any size needs no
more memory than its largest item. Well-formedness is expat's business; documents made to exhaust a
reader (entities, depth, size of one token or of one item) are refused before they cost anything.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

MAX_DEPTH = 256
MAX_TOKEN = 1 << 20
"""Bytes of one tag, comment or declaration."""
MAX_PART = 1 << 24
"""Characters of one item, or of all that is not in items."""
MAX_NODES = 200_000
"""Elements and attributes of one part."""
MAX_ENTITY = 64
"""Characters an entity of the document's own may stand for."""

_CHUNK = 1 << 16
_SEPARATOR = "\x1f"  # cannot occur in a document, so it cannot be smuggled into a namespace

NAMESPACES = {
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "http://podlove.org/simple-chapters": "psc",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://purl.org/rss/1.0/": "rss1",
    "http://purl.org/net/rss1.1#": "rss11",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/2000/svg": "svg",
    "http://www.w3.org/1998/Math/MathML": "mathml",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://webns.net/mvcb/": "admin",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons",
    "http://web.resource.org/cc/": "cc",
    "http://backend.userland.com/blogChannelModule": "blogChannel",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://postneo.com/icbm": "icbm",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://purl.org/rss/1.0/modules/event/": "ev",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "http://www.rawvoice.com/rawvoiceRssModule/": "rawvoice",
    "http://www.w3.org/2007/app": "app",
    "http://a9.com/-/spec/opensearch/1.1/": "opensearch",
    "http://purl.org/rss/1.0/modules/link/": "l",
    "http://www.opml.org/spec2": "opml",
}
"""Each known namespace and the prefix that every reader expects for it."""

ALIASES = {
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
}
"""Namespaces that mean the same as a known one."""

_PARTS = frozenset({"item", "atom:entry", "rss1:item"})
_PARENTS = frozenset({"channel", "atom:feed", "rdf:RDF", "rss"})
_ENCODINGS = re.compile(r"utf-|iso8859-|iso2022|cp\d|koi8|gb|big5|euc_|shift_jis|ascii|mac-|tis-620|hz|johab")
_DECLARED = re.compile(rb"""\A<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")


class BrokenError(Exception):
    """The document cannot be read on from here."""

    def __init__(self, rule: str, message: str, line: int = 1, column: int = 1) -> None:
        """Say which rule it breaks and where."""
        super().__init__(message)
        self.rule, self.message, self.line, self.column = rule, message, line, column


class Element:
    """One element. Names carry the usual prefix of their namespace, whatever prefix the document binds."""

    __slots__ = (
        "attributes",
        "children",
        "column",
        "flat",
        "index",
        "line",
        "name",
        "parent",
        "prefix",
        "scanned",
        "text",
    )

    def __init__(
        self,
        name: str,
        prefix: str,
        attributes: dict[str, str],
        parent: "Element | None",
        line: int,
        column: int,
    ) -> None:
        self.name = name
        self.prefix = prefix
        """As the document has it; empty for none."""
        self.attributes = attributes
        self.parent = parent
        self.line = line
        self.column = column
        self.children: list[Element] = []
        self.text = ""
        """Its own characters, those of its children left out."""
        self.index = 0
        """Which item of its feed, from 1; 0 for what is not an item."""
        self.scanned: object = None
        """What a rule worked out of the text, kept for the next rule."""
        self.flat: list[Element] | None = None

    @property
    def path(self) -> str:
        """From the root, such as `/rss/channel/item[3]/guid`."""
        above = self.parent.path if self.parent is not None else ""
        return f"{above}/{self.name}{self._position()}"

    def _position(self) -> str:
        if self.index:
            return f"[{self.index}]"
        twins = self.parent.all(self.name) if self.parent is not None else []
        return f"[{twins.index(self) + 1}]" if len(twins) > 1 else ""

    def all(self, *names: str) -> "list[Element]":
        """Find children of these names, in document order."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> "Element | None":
        """Find the first child of one of these names."""
        return next((child for child in self.children if child.name in names), None)

    def value(self, name: str) -> str:
        """Trimmed text of the first child of that name; empty if there is none."""
        child = self.first(name)
        return child.text.strip() if child is not None else ""

    def walk(self) -> "list[Element]":
        """List this element and all below it, in document order; not to be asked before the part is whole."""
        if self.flat is None:
            self.flat = [self]
            waiting = self.children[::-1]
            while waiting:
                element = waiting.pop()
                self.flat.append(element)
                waiting.extend(element.children[::-1])
        return self.flat


@dataclass(slots=True)
class Facts:
    """What is known of the document as a whole once it has been read."""

    encoding: str = "utf-8"
    declared: str | None = None
    """The encoding its XML declaration names; `None` without one."""
    declaration: tuple[str, str | None] | None = None
    """Version and encoding of the XML declaration."""
    byte_order_mark: bool = False
    doctype: tuple[str, str | None, str | None, int] | None = None
    """Name, system id, public id, line."""
    root_offset: int = 0
    size: int = 0
    stylesheets: list[tuple[str, int]] = field(default_factory=list)
    """Data and line of each `xml-stylesheet` instruction."""
    bindings: list[tuple[str, str, int, bool]] = field(default_factory=list)
    """Prefix, namespace, line, and whether it is bound on the root element; each pair once."""
    items: int = 0
    before_items: int = 0
    """How many children the channel or feed had when its first item began."""


def parts(stream: BinaryIO, facts: Facts) -> Iterator[Element]:
    """Read a document: each item as it ends, and last the root without its items.

    Raises `BrokenError` where the document cannot be read on; `facts` holds what was learnt until there.
    """
    reader = _Reader(facts)
    head = stream.read(_CHUNK)
    decode = _decoder(head, facts)
    while head:
        facts.size += len(head)
        reader.feed(decode.decode(head).encode() if decode else head)
        yield from reader.taken()
        head = stream.read(_CHUNK)
    reader.feed(decode.decode(b"", True).encode() if decode else b"", final=True)
    yield from reader.taken()
    if reader.root is not None:
        yield reader.root


def _decoder(head: bytes, facts: Facts) -> codecs.IncrementalDecoder | None:
    """How to turn the bytes into text; `None` where they are UTF-8, which expat reads by itself."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            facts.byte_order_mark, facts.encoding = True, name
            return _strict(name) if name != "utf-8" else None
    if head[:4] in (b"<\0?\0", b"\0<\0?"):
        facts.encoding = "utf-16-le" if head[0] else "utf-16-be"
        return _strict(facts.encoding)
    if found := _DECLARED.match(head[:512]):
        facts.encoding = facts.declared = found[1].decode("ascii").lower()
    return None if facts.encoding in ("utf-8", "utf8") else _strict(facts.encoding)


def _strict(name: str) -> codecs.IncrementalDecoder:
    try:
        found = codecs.lookup(name)
    except LookupError:
        found = None
    if found is None or not _ENCODINGS.match(found.name):
        raise BrokenError("XML-02", f"the encoding {name!r} is unknown; write UTF-8")
    return _Checked(found.incrementaldecoder(), name)


class _Checked(codecs.IncrementalDecoder):
    """A decoder whose failure is a finding."""

    def __init__(self, inner: codecs.IncrementalDecoder, name: str) -> None:
        super().__init__()
        self.inner, self.name = inner, name

    def decode(self, data: object, final: bool = False) -> str:
        try:
            return self.inner.decode(data, final)  # type: ignore[arg-type]
        except UnicodeError as error:
            raise BrokenError("XML-03", f"the bytes are not {self.name}: {error}") from error


class _Reader:
    """Expat's callbacks, and the tree of the part being read."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.root: Element | None = None
        self.open: list[Element] = []
        self.done: list[Element] = []
        self.names: dict[str, tuple[str, str]] = {}
        self.pieces: list[list[str]] = []
        self.nodes = self.characters = 0
        self.saved = (0, 0)
        self.bound: set[tuple[str, str]] = set()
        self.given = 0
        self.parser = parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def feed(self, data: bytes, final: bool = False) -> None:
        self.given += len(data)
        try:
            self.parser.Parse(data, final)
        except expat.ExpatError as error:
            said = expat.errors.messages[error.code].removeprefix("not well-formed ").strip("()")
            message = f"not well-formed: {said}" if self.given else "the file is empty"
            raise self._broken("XML-01", message, error) from error
        if self.given - self.parser.CurrentByteIndex > MAX_TOKEN + len(data):
            raise self._broken("XML-13", f"a single tag or comment is larger than {MAX_TOKEN} bytes")

    def taken(self) -> list[Element]:
        done, self.done = self.done, []
        return done

    def _broken(self, rule: str, message: str, error: expat.ExpatError | None = None) -> BrokenError:
        line = error.lineno if error else self.parser.CurrentLineNumber
        column = error.offset if error else self.parser.CurrentColumnNumber
        return BrokenError(rule, message, line, column + 1)

    def _declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        self.facts.declaration = (version, encoding)
        self.facts.declared = encoding.lower() if encoding else None

    def _doctype(self, name: str, system: str | None, public: str | None, _subset: bool) -> None:
        self.facts.doctype = (name, system, public, self.parser.CurrentLineNumber)

    def _entity(
        self,
        name: str,
        parameter: bool,
        value: str | None,
        _base: str | None,
        system: str | None,
        *_: str | None,
    ) -> None:
        if parameter or system is not None:
            kind = "parameter" if parameter else "external"
            self.facts.doctype = self.facts.doctype or (name, system, None, self.parser.CurrentLineNumber)
            if parameter:
                raise self._broken("XML-13", f"the {kind} entity {name!r} is not followed")
        elif value is not None and ("&" in value or len(value) > MAX_ENTITY):
            raise self._broken("XML-13", f"the entity {name!r} stands for other entities or much text")

    def _skipped(self, name: str, _parameter: bool) -> None:
        raise self._broken("XML-01", f"the entity &{name}; is not defined in XML; write the character itself")

    def _instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            self.facts.stylesheets.append((data, self.parser.CurrentLineNumber))

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        pair = (prefix or "", uri or "")
        if pair not in self.bound and len(self.bound) < 1000:
            self.bound.add(pair)
            self.facts.bindings.append((*pair, self.parser.CurrentLineNumber, self.root is None))

    def _start(self, raw: str, attributes: dict[str, str]) -> None:
        name, prefix = self.names.get(raw) or self._name(raw)
        named = {self._name(key)[0] if _SEPARATOR in key else key: value for key, value in attributes.items()}
        parent = self.open[-1] if self.open else None
        element = Element(
            name, prefix, named, parent, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        )
        if parent is None:
            self.root = element
            self.facts.root_offset = self.parser.CurrentByteIndex
        elif name in _PARTS and parent.name in _PARENTS:
            if not self.facts.items:
                self.facts.before_items = len(parent.children)
            self.facts.items += 1
            element.index = self.facts.items
            self.saved, self.nodes, self.characters = (self.nodes, self.characters), 0, 0
        else:
            parent.children.append(element)
        self.open.append(element)
        self.pieces.append([])
        self._count(1 + len(named), sum(map(len, named.values())))

    def _count(self, nodes: int, characters: int) -> None:
        self.nodes += nodes
        self.characters += characters
        if len(self.open) > MAX_DEPTH:
            raise self._broken("XML-13", f"elements are nested deeper than {MAX_DEPTH}")
        if self.nodes > MAX_NODES or self.characters > MAX_PART:
            raise self._broken(
                "XML-13", f"more than {MAX_NODES} elements or {MAX_PART} characters in one item"
            )

    def _text(self, data: str) -> None:
        if self.pieces:
            self.pieces[-1].append(data)
            self._count(0, len(data))

    def _end(self, _raw: str) -> None:
        element = self.open.pop()
        element.text = "".join(self.pieces.pop())
        if element.index:
            self.nodes, self.characters = self.saved
            self.done.append(element)

    def _name(self, raw: str) -> tuple[str, str]:
        """Turn expat's `uri local prefix` into our name and the prefix in use."""
        uri, *rest = raw.split(_SEPARATOR)
        if not rest:
            found = (uri, "")
        else:
            usual = NAMESPACES.get(uri) or ALIASES.get(uri) or f"{{{uri}}}"
            name = f"{usual}:{rest[0]}" if not usual.startswith("{") else usual + rest[0]
            found = (name, rest[1] if len(rest) > 1 else "")
        if len(self.names) < 10_000:
            self.names[raw] = found
        return found
