"""Rules of every XML file: XML-01 to XML-18 (requirements, O.1)."""

import re

from feeds.verify.documents import Subject
from feeds.verify.rules import values
from feeds.verify.rules.reading import tags_of
from feeds.verify.rules.table import About, At, Problem, Problems, Severity, rule
from feeds.verify.rules.vocabulary import (
    EXTENSION_ATTRIBUTES,
    EXTENSION_VALUES,
    EXTENSIONS,
    NEEDED_ATTRIBUTES,
    names,
)
from feeds.verify.xmltree import ALIASES, NAMESPACES, Element

_ALL = "rss atom opml"
_CONTROLS = re.compile("[\x80-\x9f\ufffd]")
_TWICE = re.compile("[\xc2\xc3][\x80-\xbf]")
_ADDRESS = re.compile(r"\s*(?:https?://|file:)\S+\s*\Z", re.IGNORECASE)
_WELL_FORMED = frozenset({"rss", "atom:feed", "atom:entry", "opml", "rdf:RDF", "rss11:Channel"})
_COMMON = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "utf-16", "iso-8859-15"}
)
_INLINE = frozenset({"xhtml", "svg", "mathml", "xml"})
_USUAL = {prefix: uri for uri, prefix in NAMESPACES.items()}
_LARGE, _HUGE = 1_000_000, 5_000_000
_SNIFFED = 512


def _near(uri: str) -> str:
    return re.sub(r"\W+\Z", "", uri.lower())


_NEARLY = {_near(uri): uri for uri in NAMESPACES}


@rule(
    "XML-01",
    "error",
    on="file",
    says="The file is well-formed XML.",
    fix=(
        "Escape & and < in text, close every tag, declare every prefix, and use no HTML entity such "
        "as &nbsp;."
    ),
    source="FV SAXError, UndefinedNamedEntity, MissingNamespace",
    profiles=_ALL,
)
def well_formed(_subject: Subject, _about: About) -> Problems:
    """The reader itself reports this; what could be read to its end is well-formed."""
    return ()


@rule(
    "XML-02",
    "error",
    on="file",
    says="The file starts with an XML declaration, version 1.0, encoding UTF-8, and nothing before it.",
    fix="Start with <?xml version='1.0' encoding='UTF-8'?>, without a byte order mark.",
    source="FV WPBlankLine, BadXmlVersion, UnknownEncoding, ObscureEncoding; A-REQ",
    profiles="rss atom opml apple psp1",
    elsewhere="off",
)
def declaration(_subject: Subject, about: About) -> Problems:
    """Check how the file opens."""
    if about.root is None:
        return
    facts, start = about.facts, At(1, 1)
    if facts.byte_order_mark:
        yield Problem(start, "the file starts with a byte order mark")
    if facts.declaration is None:
        yield Problem(start, "the XML declaration is missing")
        return
    version, encoding = facts.declaration
    if version != "1.0":
        yield Problem(start, f"XML version {version!r}; feeds are XML 1.0", elsewhere="error")
    if (encoding or "").lower() != "utf-8":
        odd = about.podcast or (encoding is not None and encoding.lower() not in _COMMON)
        message = f"the encoding is {encoding!r}, not UTF-8"
        yield Problem(start, message, elsewhere="warning" if odd else "info")


@rule(
    "XML-03",
    "error",
    on="xml",
    says="Text holds no control characters and no replacement characters.",
    fix="Decode the source in its real encoding (often windows-1252) before writing it as UTF-8.",
    source="FV BadCharacters, UnicodeError",
    profiles=_ALL,
    elsewhere="warning",
)
def characters(part: Element, _about: About) -> Problems:
    """Look for C1 controls and U+FFFD."""
    for element in part.walk():
        for text in (element.text, *element.attributes.values()):
            if found := _CONTROLS.search(text):
                yield Problem(element, f"holds the character U+{ord(found[0]):04X}, left by a wrong decoding")
                break


@rule(
    "XML-04",
    "error",
    on="file",
    says="There is no DOCTYPE.",
    fix="Remove the DOCTYPE; feeds are described by their namespaces.",
    source="FV InvalidDoctype, ContainsSystemEntity",
    profiles=_ALL,
    elsewhere="info",
)
def doctype(_subject: Subject, about: About) -> Problems:
    """Report a DOCTYPE, gravely where it names another version than the document."""
    if about.facts.doctype is None:
        return
    name, system, public, line = about.facts.doctype
    version = about.root.attributes.get("version", "") if about.root is not None else ""
    contradicts = "0.91" in f"{system} {public}" and name == "rss" and version != "0.91"
    yield Problem(At(line, 1), f"a DOCTYPE for {name!r}", elsewhere="error" if contradicts else None)


@rule(
    "XML-05",
    "error",
    on="file",
    says="Each namespace is one that readers know, written exactly.",
    fix="Copy the namespace from its specification, with its final slash or #.",
    source="requirements A.1; FV MediaRssNamespace, UnknownNamespace",
    profiles="rss atom apple psp1 podcasting20",
    elsewhere="info",
)
def known_namespaces(_subject: Subject, about: About) -> Problems:
    """Compare each namespace with the known ones, character by character."""
    for prefix, uri, line, _ in about.facts.bindings:
        if not uri or uri in NAMESPACES or uri in ALIASES:
            continue
        meant = _NEARLY.get(_near(uri))
        if meant and meant != uri:
            lax: Severity | None = "error" if meant == "http://search.yahoo.com/mrss/" else "warning"
            yield Problem(At(line), f"the namespace {uri!r} is written {meant!r}", elsewhere=lax)
        else:
            odd = values.uri(uri, iri=True) is not None
            message = f"the namespace {uri!r} (prefix {prefix!r}) is unknown to feed readers"
            yield Problem(At(line), message, elsewhere="warning" if odd else None)


@rule(
    "XML-06",
    "warning",
    on="file",
    says="Each namespace is bound to its usual prefix, on the root element.",
    fix="Declare every namespace on the root element with the prefix of its specification.",
    source="AP; FV NonstdPrefix, ReservedPrefix",
    profiles="rss atom apple psp1",
    elsewhere="info",
)
def usual_prefixes(_subject: Subject, about: About) -> Problems:
    """Some readers look at the prefix and not at the namespace."""
    for prefix, uri, line, on_root in about.facts.bindings:
        usual = NAMESPACES.get(uri)
        if (
            prefix in _USUAL
            and uri
            and usual != prefix
            and _near(uri) != _near(_USUAL[prefix])
            and uri not in ALIASES
        ):
            message = f"the prefix {prefix!r} usually means {_USUAL[prefix]!r}, not {uri!r}"
            yield Problem(At(line), message, elsewhere="warning")
        elif usual and prefix and prefix != usual:
            yield Problem(At(line), f"the prefix {prefix!r} for {uri!r}; readers expect {usual!r}")
        elif usual and not on_root and usual not in _INLINE:
            yield Problem(At(line), f"the namespace {uri!r} is declared below the root element")


@rule(
    "XML-07",
    "error",
    on="file",
    says="No XSLT stylesheet is attached.",
    fix="Remove the xml-stylesheet instruction and link people to an HTML page instead.",
    source="requirements K",
    profiles=_ALL,
    elsewhere="info",
)
def no_xslt(_subject: Subject, about: About) -> Problems:
    """Browsers are removing XSLT."""
    for data, line in about.facts.stylesheets:
        if re.search(r"text/xsl|xslt\+xml", data):
            yield Problem(At(line), "an XSLT stylesheet, which browsers are removing")


@rule(
    "XML-08",
    "warning",
    on="file",
    says="The file is at most 5,000,000 bytes, and better below 1,000,000.",
    fix="List fewer items, keep the full text on the pages, or split the feed into an archive (RFC 5005).",
    source="FV ValidatorLimit; JF",
    profiles=_ALL,
    elsewhere="info",
)
def size(subject: Subject, about: About) -> Problems:
    """Every reader downloads the whole of it, again and again."""
    if about.root is not None and subject.size > _LARGE:
        grave: Severity | None = "warning" if subject.size > _HUGE else "info"
        yield Problem(None, f"the file has {subject.size:,} bytes", level=grave, elsewhere=grave)


@rule(
    "XML-09",
    "warning",
    on="xml",
    says="No text was encoded twice.",
    fix="Encode text as UTF-8 once; 'Ã©' in the feed was 'é' in the source.",
    source="FV BadCharacters",
    profiles=_ALL,
)
def encoded_twice(part: Element, _about: About) -> Problems:
    """Look for UTF-8 that was read as Latin-1 and written again."""
    for element in part.walk():
        for text in (element.text, *element.attributes.values()):
            if (found := _TWICE.search(text)) and not _CONTROLS.search(found[0]):
                once = found[0].encode("latin-1").decode("utf-8", "replace")
                yield Problem(element, f"{found[0]!r} looks like {once!r} encoded twice")
                break


@rule(
    "XML-10",
    "error",
    on="file",
    says="Two builds of the same input give the same bytes.",
    fix="Take every date from the ledger, none from the clock, and put everything in a fixed order.",
    source="requirements J.2",
    profiles="site",
    elsewhere="off",
)
def same_bytes(subject: Subject, about: About) -> Problems:
    """Compare with a second build, where one was made."""
    expected = (about.context.rebuilt or {}).get(subject.name)
    if expected is not None and subject.sha256 != expected:
        yield Problem(None, "another build of the same input gave other bytes")


@rule(
    "XML-11",
    "error",
    on="xml",
    says="No address leads to this machine, to a private network or to a local file.",
    fix="Set base_url to the address the site is published at, and build again.",
    source="requirements I",
    profiles="rss atom opml web",
    elsewhere="warning",
)
def reachable_addresses(part: Element, about: About) -> Problems:
    """Look at every value that is an address, and at those within HTML."""
    local_site = values.unreachable(about.context.base_url or "") is not None
    for element in part.walk():
        texts = [*element.attributes.values(), element.text]
        found = [text.strip() for text in texts if _ADDRESS.match(text)]
        if "<" in element.text:
            found += [
                tag.attributes[name]
                for tag in tags_of(element)
                for name in ("href", "src")
                if name in tag.attributes
            ]
        for address in found:
            if why := values.unreachable(address):
                if local_site and about.context.here(address):
                    yield from _once(element, address, about)
                else:
                    yield Problem(element, f"{address!r} is {why}")
                break


def _once(element: Element, address: str, about: About) -> Problems:
    """Say of a file of a local site that it is one: all of its addresses are like the first."""
    if "XML-11" not in about.state:
        about.state["XML-11"] = address
        yield Problem(element, f"{address!r}: the site's own address is only a local one", level="warning")


@rule(
    "XML-12",
    "warning",
    on="file",
    says="The root element begins within the first 512 bytes.",
    fix="Move comments and instructions out of the way: programs that guess the type look no further.",
    source="FV NonSpecificMediaType",
    profiles=_ALL,
    elsewhere="info",
)
def root_near_start(_subject: Subject, about: About) -> Problems:
    """Types are guessed from the first bytes."""
    if about.root is not None and about.facts.root_offset > _SNIFFED:
        yield Problem(about.root, f"the root element begins at byte {about.facts.root_offset}")


@rule(
    "XML-13",
    "error",
    on="file",
    says="The file asks no more of its reader than a feed needs.",
    fix="Remove entity declarations, and split what is nested or repeated without bounds.",
    source="entity expansion, external entities, depth and size of tokens as attacks on XML readers",
    profiles=_ALL,
)
def bounded(_subject: Subject, about: About) -> Problems:
    """Name external entities; what is worse ends the reading and is reported there."""
    declared = about.facts.doctype
    if declared is not None and declared[1] and declared[1].startswith("file:"):
        yield Problem(At(declared[3], 1), f"the DOCTYPE points at {declared[1]!r}")


@rule(
    "XML-14",
    "error",
    on="file",
    says="The root element is that of a feed.",
    fix="Give the address of RSS (rss), Atom (feed in the Atom namespace), JSON Feed or OPML (opml).",
    source="FV UndefinedElement, InvalidNamespace, ObsoleteNamespace, MissingNamespace",
    profiles=_ALL,
)
def is_a_feed(_subject: Subject, about: About) -> Problems:
    """Tell a feed from other XML, and from a web page."""
    root = about.root
    if about.subject.kind in ("page", "other") and not (about.subject.own or about.subject.found):
        yield from _no_feed(about)
    if root is None or root.name in _WELL_FORMED:
        return
    local = root.name.rpartition("}")[2].rpartition(":")[2]
    if local in ("feed", "entry", "rss"):
        expected = "no namespace" if local == "rss" else f"the namespace {_USUAL['atom']!r}"
        yield Problem(root, f"{root.name!r} is not in {expected}")
    else:
        yield Problem(root, f"the root element {root.name!r} is not that of a feed")


def _no_feed(about: About) -> Problems:
    """Say of a file that was given by itself that there is nothing to verify in it."""
    if about.subject.kind == "other":
        yield Problem(None, "is not a feed" if about.subject.size else "is empty")
    elif not about.subject.name.endswith((".html", ".htm")):
        announced = ", ".join(about.outline.subscriptions[:3])
        yield Problem(None, f"is a web page{announced and f', which announces {announced}'}")


@rule(
    "XML-15",
    "error",
    on="xml",
    says=(
        "Elements of a well-known namespace are elements it defines, where it defines them, no more "
        "often than it allows."
    ),
    fix="Check the spelling and the place of the element in its specification.",
    source="FV UndefinedElement, DuplicateElement, NotInANamespace",
    profiles="rss atom apple psp1",
)
def extensions(part: Element, about: About) -> Problems:
    """Check extension elements in channels, items, feeds and entries against the vocabulary."""
    for parent in part.walk():
        if parent.name in _EXTENDED or parent.name.startswith("itunes:"):
            yield from _extension_children(parent)
        if "media" in parent.name and parent.name.startswith("media:"):
            continue
        if (
            about.outline.subject.kind == "rss"
            and ":" in parent.name
            and not parent.name.startswith(("rdf:", "xhtml:"))
        ):
            yield from (
                Problem(child, f"<{child.name}> stands in {parent.name} without a namespace of its own")
                for child in parent.children
                if not _namespaced(child.name)
            )


_EXTENDED = frozenset(
    {
        "channel",
        "item",
        "atom:feed",
        "atom:entry",
        "rss1:channel",
        "rss1:item",
        "media:group",
        "media:content",
    }
)
"""Elements that have elements of other namespaces."""


def _namespaced(name: str) -> bool:
    return ":" in name or name.startswith("{")


def _extension_children(parent: Element) -> Problems:
    seen: set[str] = set()
    for child in parent.children:
        prefix, _, local = child.name.partition(":")
        if (
            child.name.startswith("{")
            or prefix not in EXTENSIONS
            or prefix == parent.name.partition(":")[0] == "atom"
        ):
            continue
        table = EXTENSIONS[prefix]
        allowed = names(table.get(parent.name.removeprefix("rss1:")) or table.get("", ""))
        many = allowed.get(local.partition(".")[0] if prefix == "dc" else local)
        if many is None:
            yield Problem(
                child, f"<{child.name}> is not defined in {parent.name}", elsewhere=_lax(child.name)
            )
        elif not many and child.name in seen:
            yield Problem(child, f"<{child.name}> occurs more than once")
        seen.add(child.name)
        known = EXTENSION_ATTRIBUTES.get(child.name)
        odd = [] if known is None else sorted(set(child.attributes) - known.keys())
        for name in odd[:1]:
            if ":" not in name:
                yield Problem(child, f"<{child.name}> has no attribute {name!r}")
        needed = NEEDED_ATTRIBUTES.get(child.name)
        if needed and needed not in child.attributes:
            yield Problem(child, f"<{child.name}> has no {needed}")


def _lax(name: str) -> "values.Grave":
    """What Apple itself defines and other validators do not know is not an error in anyone's feed."""
    return "warning" if name in ("itunes:title", "itunes:order", "itunes:isClosedCaptioned") else "error"


@rule(
    "XML-16",
    "error",
    on="xml",
    says="Values of well-known extension elements have the form their specification gives.",
    fix="Correct the value; the message says what form is expected.",
    source=(
        "FV InvalidW3CDTFDate, InvalidLanguage, InvalidUpdatePeriod, InvalidPositiveInteger, InvalidFullLink"
    ),
    profiles="rss atom",
)
def extension_values(part: Element, _about: About) -> Problems:
    """Check the texts and attributes that the vocabulary has a form for."""
    for element in part.walk():
        check = EXTENSION_VALUES.get(element.name)
        if check is not None and (flaw := check(element.text.strip())):
            yield Problem(element, f"{element.name}: {flaw.message}", elsewhere=flaw.grave)
        for name, check in EXTENSION_ATTRIBUTES.get(element.name, {}).items():
            value = element.attributes.get(name)
            if check is not None and value is not None and (flaw := check(value.strip())):
                yield Problem(element, f"{name} of {element.name}: {flaw.message}", elsewhere=flaw.grave)


@rule(
    "XML-17",
    "error",
    on="xml",
    says="xml:lang is a language, xml:base an address.",
    fix="Write a code such as 'en' or 'en-gb', and an absolute address.",
    source="FV InvalidLanguage, InvalidIRI",
    profiles="rss atom",
)
def xml_attributes(part: Element, _about: About) -> Problems:
    """Check the attributes that XML itself defines."""
    for element in part.walk():
        language = element.attributes.get("xml:lang")
        if language and (flaw := values.language(language)):
            yield Problem(element, f"xml:lang: {flaw.message}", elsewhere=flaw.grave)
        base = element.attributes.get("xml:base")
        if base and (flaw := values.uri(base, iri=True)):
            yield Problem(element, f"xml:base: {flaw.message}", elsewhere=flaw.grave)
