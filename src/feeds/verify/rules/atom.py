"""Rules of Atom 1.0 and of feed paging: ATM-01 to ATM-28 (requirements, O.3 and L)."""

import base64
import binascii
from collections.abc import Iterator, Mapping

from feeds.verify.documents import Context, Outline
from feeds.verify.markup import ELEMENTS, words
from feeds.verify.rules import values
from feeds.verify.rules.reading import (
    html_problem,
    link_problems,
    links,
    looks_like_markup,
    relation_problems,
    relative_references,
    self_problems,
    tags_of,
    unsafe,
    unsafe_xhtml,
)
from feeds.verify.rules.table import About, At, Problem, Problems, Severity, rule
from feeds.verify.rules.vocabulary import ATOM_ATTRIBUTES, ATOM_CHILDREN, PAGING, names
from feeds.verify.xmltree import NAMESPACES, Element

_CHILDREN = {parent: names(children) for parent, children in ATOM_CHILDREN.items()}
_ATTRIBUTES = {element: frozenset(attributes.split()) for element, attributes in ATOM_ATTRIBUTES.items()}
_TEXTS = ("atom:title", "atom:subtitle", "atom:summary", "atom:rights")
_DATES = ("atom:updated", "atom:published")
_DRAWN = {
    "mathml": words(
        """
        annotation annotation-xml maction math menclose merror mfenced mfrac mi mmultiscripts mn
        mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup
        mtable mtd mtext mtr munder munderover none semantics
        """
    ),
    "svg": words(
        """
        a animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend
        feColorMatrix filter font-face foreignObject g glyph image line linearGradient marker mask
        metadata mpath path pattern polygon polyline radialGradient rect set stop style svg switch
        symbol text textPath title tspan use view
        """
    ),
}
"""Elements of the two vocabularies that may stand within XHTML."""
_INLINE = frozenset({"xhtml", "svg", "mathml"})


def _atom(part: Element, about: About) -> Iterator[Element]:
    """Elements of an Atom document, those inside of content left out."""
    if about.root is None or about.root.name not in ("atom:feed", "atom:entry"):
        return
    waiting = [part]
    while waiting:
        element = waiting.pop()
        yield element
        if element.name not in ("atom:content", *_TEXTS):
            waiting.extend(reversed(element.children))


def _required(parent: Element, listed: tuple[str, ...]) -> Problems:
    for name in listed:
        found = parent.first(f"atom:{name}")
        if found is None:
            yield Problem(parent, f"the {parent.name.removeprefix('atom:')} has no {name}")
        elif not found.text.strip() and not found.children:
            lax: Severity | None = "warning" if name == "title" else None
            yield Problem(found, f"the {name} is empty", elsewhere=lax)


@rule(
    "ATM-01",
    "error",
    on="feed",
    says="A feed has one id, title and updated, and all its own elements come before its entries.",
    fix="Write id, title, updated, author and links first, then the entries.",
    source="RFC4287 4.1.1; FV MissingElement, MisplacedMetadata",
    profiles="atom",
)
def feed_required(feed: Element, about: About) -> Problems:
    """Look for what a feed must say of itself."""
    yield from _required(feed, ("id", "title", "updated"))
    if not about.facts.items and feed.first("atom:author") is None:
        yield Problem(feed, "a feed without entries has no author")
    for child in feed.children[about.facts.before_items :] if about.facts.items else ():
        if child.name.startswith("atom:"):
            yield Problem(child, f"<{child.name}> comes after an entry")


@rule(
    "ATM-02",
    "error",
    on="entry",
    says="The feed has an author, or every entry has one.",
    fix="Add <author><name>…</name></author> to the feed.",
    source="RFC4287 4.1.1, 4.1.2; FV MissingElement",
    profiles="atom",
)
def authors(entry: Element, _about: About) -> Problems:
    """Look for who wrote an entry."""
    origins = (entry, entry.first("atom:source"), entry.parent)
    if not any(origin is not None and origin.first("atom:author") is not None for origin in origins):
        yield Problem(entry, "neither the entry nor the feed has an author")


@rule(
    "ATM-03",
    "error",
    on="feed",
    says="One link rel='self' gives the feed's own public address, with type application/atom+xml.",
    fix="Add <link rel='self' type='application/atom+xml' href='…'/> with the address people subscribe to.",
    source="RFC4287 4.1.1; FV MissingSelf, SelfDoesntMatchLocation, RelativeSelf, SelfNotAtom",
    profiles="atom",
)
def feed_self(feed: Element, about: About) -> Problems:
    """Check where the feed says it is."""
    types = ("application/atom+xml", "application/rss+xml", "application/rdf+xml")
    yield from self_problems(feed, types, about.url, "add link rel='self'")


@rule(
    "ATM-04",
    "error",
    on="xml",
    says="No two alternate links have the same type and hreflang.",
    fix="Keep one of them, or tell them apart by type or hreflang.",
    source="RFC4287 4.1.1, 4.1.2; FV DuplicateAtomLink",
    profiles="atom",
)
def alternates(part: Element, about: About) -> Problems:
    """Compare the alternates of the feed and of each entry."""
    for parent in _atom(part, about):
        seen: set[tuple[str, str]] = set()
        for link in links(parent, "alternate") if parent.name in _CHILDREN else ():
            kind = (link.attributes.get("type", ""), link.attributes.get("hreflang", ""))
            if kind in seen:
                yield Problem(link, f"a second alternate link of type {kind[0]!r} and language {kind[1]!r}")
            seen.add(kind)


@rule(
    "ATM-05",
    "error",
    on="xml",
    says="An id is an absolute, normalised IRI without blanks.",
    fix="Use a tag: or urn:uuid: URI, or an address with scheme and host in lower case.",
    source=(
        "RFC4287 4.2.6; FV NonCanonicalURI, InvalidFullLink, InvalidTAG, InvalidUUID, UnexpectedWhitespace"
    ),
    profiles="atom",
)
def ids(part: Element, about: About) -> Problems:
    """Check what names the feed and its entries; one that came from elsewhere is kept letter by letter."""
    for element in _atom(part, about):
        if element.name != "atom:id" or not element.text.strip():
            continue
        text = element.text.strip()
        if text != element.text:
            yield Problem(element, "there are blanks around the id")
        if flaw := values.full_uri(text, iri=True):
            yield Problem(element, flaw.message, level=flaw.grave, elsewhere=flaw.grave)
        elif values.canonical(text) != text:
            message = f"{text!r} is normalised {values.canonical(text)!r}"
            yield Problem(element, message, level="warning", elsewhere="warning")


@rule(
    "ATM-06",
    "error",
    on="entry",
    says="No id occurs twice in a feed.",
    fix="Give each entry its own id; readers keep one of two with one id.",
    source="RFC4287 4.1.1; FV DuplicateEntries, DuplicateIds",
    profiles="atom",
    elsewhere="warning",
)
def id_once(entry: Element, about: About) -> Problems:
    """Compare each id with those before it."""
    found = entry.first("atom:id")
    if found is not None and found.text.strip():
        line = about.earlier("atom:id", found.text.strip(), found)
        if line is not None:
            yield Problem(found, f"the id {found.text.strip()!r} is on line {line} already")


@rule(
    "ATM-07",
    "error",
    on="xml",
    says="Dates are RFC 3339, in UTC with Z, neither in the future nor before 1990.",
    fix="Write '2026-01-02T03:04:05Z'.",
    source="RFC4287 3.3; FV InvalidRFC3339Date, ImplausibleDate, UnexpectedWhitespace",
    profiles="atom",
)
def dates(part: Element, about: About) -> Problems:
    """Check every date of the feed."""
    for element in _atom(part, about):
        if element.name not in _DATES:
            continue
        text = element.text.strip()
        when = values.rfc3339_time(text)
        if text != element.text:
            yield Problem(element, "there are blanks around the date")
        if flaw := values.rfc3339(text):
            yield Problem(element, flaw.message)
        elif when is not None and (why := values.implausible(when, about.context.now)):
            yield Problem(element, f"{text!r} {why}", elsewhere="warning")
        elif not text.endswith("Z"):
            yield Problem(element, f"{text!r} is right, but not in UTC", elsewhere="off")


@rule(
    "ATM-08",
    "error",
    on="feed",
    says="The feed's updated is the newest of those of its entries.",
    fix="Take it from the entries, never from the clock.",
    source="requirements B.3",
    profiles="atom",
    elsewhere="off",
)
def newest_change(feed: Element, about: About) -> Problems:
    """Compare the feed's date with those of its entries."""
    found = feed.first("atom:updated")
    newest = max((item.updated for item in about.outline.items), default=None)
    if found is not None and newest is not None and found.text.strip() < newest:
        yield Problem(found, f"updated is {found.text.strip()!r}, an entry's is {newest!r}")


@rule(
    "ATM-09",
    "error",
    on="entry",
    says="An entry and its source have one id, title and updated; published is not later than updated.",
    fix="Add what is missing; updated starts as published and only moves forward.",
    source="RFC4287 4.1.2, 4.2.11; FV MissingElement, MissingSourceElement",
    profiles="atom",
)
def entry_required(entry: Element, _about: About) -> Problems:
    """Look for what an entry must have."""
    yield from _required(entry, ("id", "title", "updated"))
    published = values.rfc3339_time(entry.value("atom:published"))
    updated = values.rfc3339_time(entry.value("atom:updated"))
    if published is not None and updated is not None and published > updated:
        yield Problem(entry.first("atom:published"), "published is later than updated", elsewhere="info")
    for source in entry.all("atom:source"):
        for problem in _required(source, ("id", "title", "updated")):
            yield problem._replace(elsewhere="warning")


@rule(
    "ATM-10",
    "error",
    on="entry",
    says=(
        "An entry has content or an alternate link, and a summary where its content is elsewhere or "
        "is not text."
    ),
    fix="Add <link rel='alternate' href='…'/> or <content>, and <summary> beside content with src.",
    source="RFC4287 4.1.2; FV MissingContentOrAlternate, MissingSummary",
    profiles="atom",
)
def something_to_read(entry: Element, _about: About) -> Problems:
    """Look for the body of an entry, or the way to it."""
    content = entry.first("atom:content")
    if content is None and not links(entry, "alternate"):
        yield Problem(entry, "the entry has neither content nor an alternate link")
    if content is None or entry.first("atom:summary") is not None:
        return
    if "src" in content.attributes or _binary(content.attributes.get("type", "text")):
        yield Problem(content, "the content is not in the feed as text, and there is no summary")


def _binary(kind: str) -> bool:
    return "/" in kind and not kind.endswith(("+xml", "/xml")) and not kind.startswith("text/")


@rule(
    "ATM-11",
    "warning",
    on="entry",
    says="An entry has a summary or content.",
    fix="Add a sentence of summary.",
    source="FV MissingTextualContent",
    profiles="atom",
)
def text_of_entry(entry: Element, _about: About) -> Problems:
    """Look for anything to show besides the title."""
    if entry.first("atom:summary", "atom:content") is None:
        yield Problem(entry, "the entry has neither summary nor content")


@rule(
    "ATM-12",
    "error",
    on="xml",
    says="Text is of type text, html or xhtml, and is what its type says.",
    fix="Say type='html' where there is markup, and put XHTML into one <div>.",
    source=(
        "RFC4287 3.1, 4.1.3; FV InvalidTextType, ContainsUndeclaredHTML, MissingXhtmlDiv, NotHtml, NotBase64"
    ),
    profiles="atom",
)
def texts(part: Element, about: About) -> Problems:
    """Compare each text with the type it declares."""
    for element in _atom(part, about):
        if element.name in _TEXTS:
            kind = element.attributes.get("type", "text")
            if kind not in ("text", "html", "xhtml"):
                lax: Severity | None = "error" if kind else "warning"
                yield Problem(element, f"the type {kind!r} is none of text, html and xhtml", elsewhere=lax)
            else:
                yield from _typed(element, kind)
        elif element.name == "atom:content":
            yield from _content(element)


def _typed(element: Element, kind: str) -> Problems:
    if kind == "xhtml":
        yield from _xhtml(element)
        return
    if element.children:
        yield Problem(element.children[0], f"<{element.children[0].name}> within text of type {kind!r}")
    if kind == "html":
        if problem := html_problem(element):
            yield Problem(element, f"the HTML is not sound: {problem}", elsewhere="warning")
    elif what := looks_like_markup(element.text):
        yield Problem(element, f"holds {what}, and its type is text", elsewhere="warning")


def _xhtml(element: Element) -> Problems:
    first = element.children[0] if element.children else None
    if first is None or first.name != "xhtml:div" or len(element.children) > 1 or element.text.strip():
        yield Problem(element, "text of type xhtml is one <div> of the XHTML namespace and nothing beside it")
    if what := looks_like_markup(element.text + (first.text if first is not None else "")):
        yield Problem(element, f"holds {what}, escaped, within XHTML", elsewhere="warning")
    for inner in element.walk():
        if inner is element:
            continue
        prefix, _, local = inner.name.partition(":")
        if prefix not in _INLINE:
            grave: Severity | None = (
                "error" if prefix in NAMESPACES.values() or ":" not in inner.name else "warning"
            )
            yield Problem(inner, f"<{inner.name}> is not XHTML", elsewhere=grave)
        elif local not in _DRAWN.get(prefix, ELEMENTS):
            yield Problem(inner, f"<{local}> is not an element of {prefix}", elsewhere="warning")


def _content(element: Element) -> Problems:
    kind = element.attributes.get("type")
    if "src" in element.attributes:
        yield from _remote_content(element, kind)
        return
    if not element.text.strip() and not element.children:
        yield Problem(element, "the content is empty", elsewhere="warning")
    elif kind in (None, "text", "html", "xhtml"):
        yield from _typed(element, kind or "text")
    elif flaw := values.mime(kind):
        yield Problem(element, flaw.message, elsewhere="error" if kind else "warning")
    elif kind.startswith("multipart/"):
        yield Problem(element, f"the composite type {kind!r} is not allowed")
    elif _binary(kind):
        yield from _base64(element)
    elif not kind.endswith(("+xml", "/xml")):
        if element.children:
            yield Problem(
                element.children[0], f"<{element.children[0].name}> within content of type {kind!r}"
            )
        elif kind.endswith("/html"):
            if "<html" not in element.text.lower():
                yield Problem(
                    element, "type text/html is a whole page; write type='html'", elsewhere="warning"
                )
        elif what := looks_like_markup(element.text):
            yield Problem(element, f"holds {what}, and its type is {kind}", elsewhere="warning")
    elif element.text.strip() and element.children:
        yield Problem(element, f"text beside the elements of {kind}", elsewhere="warning")
    elif kind == "application/xhtml+xml" and (
        not element.children or element.children[0].name != "xhtml:html"
    ):
        yield Problem(element, f"{kind} is a whole page; write type='xhtml' for a piece", elsewhere="warning")


def _remote_content(element: Element, kind: str | None) -> Problems:
    if flaw := values.uri(element.attributes["src"], iri=True):
        yield Problem(element, f"src: {flaw.message}")
    if kind is None:
        yield Problem(element, "content with src has no type", elsewhere="warning")
    elif kind in ("text", "html", "xhtml") or values.mime(kind):
        yield Problem(element, f"content with src has the type {kind!r}, which is not a MIME type")
    if element.text.strip() or element.children:
        yield Problem(element, "content with src is not empty")


def _base64(element: Element) -> Problems:
    try:
        base64.b64decode("".join(element.text.split()), validate=True)
    except (binascii.Error, ValueError):
        yield Problem(element, f"content of type {element.attributes['type']!r} is not Base64")
    if element.children:
        yield Problem(element.children[0], "an element within Base64")


@rule(
    "ATM-13",
    "error",
    on="xml",
    says="A category has a term, and its scheme is an absolute IRI.",
    fix="Write term, and leave scheme out unless it is an address.",
    source="RFC4287 4.2.2; FV MissingAttribute, AttrNotBlank, InvalidFullLink",
    profiles="atom",
)
def categories(part: Element, about: About) -> Problems:
    """Check the tags of feed and entries."""
    for element in _atom(part, about):
        if element.name != "atom:category":
            continue
        term, scheme = element.attributes.get("term"), element.attributes.get("scheme")
        if term is None:
            yield Problem(element, "the category has no term")
        elif not term.strip():
            yield Problem(element, "the term is empty", elsewhere="warning")
        if scheme is not None and (flaw := values.full_uri(scheme, iri=True)):
            yield Problem(element, f"scheme: {flaw.message}", elsewhere=flaw.grave)
        if looks_like_markup(element.attributes.get("label", "")):
            yield Problem(element, "the label is plain text, and looks like HTML", elsewhere="warning")


@rule(
    "ATM-14",
    "error",
    on="entry",
    says="A link to an enclosure has an absolute address, a type and a length.",
    fix="Write href, type and length (in bytes).",
    source="RFC4287 4.2.7.2; requirements N",
    profiles="atom",
    elsewhere="info",
)
def enclosures(entry: Element, _about: About) -> Problems:
    """Check the files of an entry."""
    for link in links(entry, "enclosure"):
        if not values.scheme_of(link.attributes.get("href", "")):
            yield Problem(link, "the address of the enclosure is not absolute")
        for name in ("type", "length"):
            if name not in link.attributes:
                yield Problem(link, f"the enclosure has no {name}")


@rule(
    "ATM-15",
    "error",
    on="xml",
    says="Links have a sound address and type, a registered relation, and no content.",
    fix=(
        "Write href, a MIME type, and a relation of the IANA registry ('previous', not 'prev') or an "
        "absolute URI."
    ),
    source="RFC4287 4.2.7; FV MissingHref, InvalidMIMEType, AtomLinkNotEmpty, UnregisteredAtomLinkRel",
    profiles="atom",
)
def atom_links(part: Element, about: About) -> Problems:
    """Check every link."""
    for element in _atom(part, about):
        if element.name == "atom:link":
            yield from link_problems(element)
            for problem in relation_problems(element):
                yield problem._replace(elsewhere=problem.elsewhere or "warning")


@rule(
    "ATM-16",
    "warning",
    on="entry",
    says="No two entries have the same updated.",
    fix="Space out entries that came at once; their order is arbitrary otherwise.",
    source="FV DuplicateUpdated; requirements M.2",
    profiles="atom",
)
def updated_once(entry: Element, about: About) -> Problems:
    """Compare each date with those before it."""
    found = entry.first("atom:updated")
    if found is not None and entry.parent is not None:
        line = about.earlier("atom:updated", found.text.strip(), found)
        if line is not None:
            yield Problem(found, f"updated {found.text.strip()!r} is on line {line} already")


@rule(
    "ATM-17",
    "warning",
    on="feed",
    says="The feed names its language in xml:lang.",
    fix="Write <feed xml:lang='en' …>.",
    source="FV MissingDCLanguage",
    profiles="atom",
    elsewhere="info",
)
def language(feed: Element, _about: About) -> Problems:
    """Look for the language of the feed."""
    if not feed.attributes.get("xml:lang"):
        yield Problem(feed, "the feed does not name its language")


@rule(
    "ATM-18",
    "warning",
    on="feed",
    says="Atom and XHTML are default namespaces, not bound to prefixes.",
    fix="Write <feed xmlns='…'> and <div xmlns='…'>.",
    source="FV AvoidNamespacePrefix",
    profiles="atom",
)
def default_namespaces(feed: Element, about: About) -> Problems:
    """Some readers do not know prefixes."""
    for prefix, uri, line, _ in about.facts.bindings:
        if prefix and NAMESPACES.get(uri) in ("atom", "xhtml"):
            yield Problem(At(line, None, feed.path), f"the prefix {prefix!r} for {uri!r}")


@rule(
    "ATM-19",
    "error",
    on="xml",
    says="A feed that says it is complete has no paging or archive links.",
    fix="Remove fh:complete, or the links.",
    source="RFC5005; FV FeedRelInCompleteFeed, CurrentNotSelfInCompleteFeed",
    profiles="atom rss",
)
def complete(part: Element, _about: About) -> Problems:
    """Check what a complete feed must not have."""
    feed = part.first("channel") or part
    if feed.first("fh:complete") is None:
        return
    for link in feed.all("atom:link"):
        relation = link.attributes.get("rel", "alternate")
        own = relation == "current" and link.attributes.get("href") in [
            other.attributes.get("href") for other in links(feed, "self")
        ]
        if relation in PAGING and not own:
            yield Problem(link, f"a complete feed has a link {relation!r}")


@rule(
    "ATM-20",
    "error",
    on="site",
    says=(
        "Paging links reach every page and come to an end: no loop, no previous on the first, no next"
        " on the last."
    ),
    fix="Link each page to its neighbours, and write all pages of one feed together.",
    source="RFC5005 3; FV LinkPastEnd",
    profiles="atom rss",
)
def paging(_site: None, about: About) -> Problems:
    """Follow the pages of each feed from the first."""
    by_url = {outline.self_url: outline for outline in about.outlines if outline.self_url}
    for outline in about.outlines:
        source = outline.subject.name
        ends = {name: outline.links.get(name) for name in ("first", "last", "next", "previous")}
        if ends["first"] == outline.self_url != "" and ends["previous"]:
            yield Problem(At(source=source), "the first page has a link to a previous one")
        if ends["last"] == outline.self_url != "" and ends["next"]:
            yield Problem(At(source=source), "the last page has a link to a next one")
    for relation in ("next", "prev-archive", "next-archive"):
        followed: set[str] = set()
        for outline in about.outlines:
            if outline.self_url not in followed:
                yield from _followed(outline, relation, by_url, followed, about.context)


def _followed(
    outline: Outline, relation: str, by_url: Mapping[str, Outline], followed: set[str], context: Context
) -> Problems:
    """Follow the pages from one of them on, up to those that were `followed` before."""
    seen, here = {outline.self_url}, outline
    while (url := here.links.get(relation)) and url in by_url and url not in followed:
        if url in seen:
            yield Problem(At(source=here.subject.name), f"the {relation!r} links come back to {url!r}")
            break
        seen.add(url)
        here = by_url[url]
    if url and url not in by_url and context.here(url) and context.find(url) is None:
        at = At(source=here.subject.name)
        yield Problem(at, f"the {relation!r} link leads to {url!r}, which is not there")
    followed |= seen - {""}  # which stands for all that do not say where they are


@rule(
    "ATM-21",
    "warning",
    on="xml",
    says="An archive document links to the current feed and to a neighbour; no entry has paging links.",
    fix="Add links 'current' and 'prev-archive' or 'next-archive' to the archive document.",
    source="RFC5005 4; FV ArchiveIncomplete, MissingCurrentInArchive, FeedHistoryRelInEntry",
    profiles="atom rss",
)
def archive(part: Element, _about: About) -> Problems:
    """Check what an archive document must have."""
    feed = part.first("channel") or part
    mark = feed.first("fh:archive")
    if mark is not None:
        if not links(feed, "current"):
            yield Problem(mark, "an archive document without a link to the current feed")
        if not links(feed, "prev-archive") and not links(feed, "next-archive"):
            # A single one has none, as our own may be; those of ours that have are held to them by ATM-20.
            message = "an archive document without a link to a neighbour"
            yield Problem(mark, message, level="off", elsewhere="info")
    if part.name == "atom:entry":
        for link in part.all("atom:link"):
            if link.attributes.get("rel") in PAGING:
                yield Problem(
                    link, f"the relation {link.attributes['rel']!r} belongs to the feed, not to an entry"
                )


@rule(
    "ATM-22",
    "error",
    on="xml",
    says="Elements and attributes of Atom are those it defines, where it defines them.",
    fix="Correct the spelling, or put the element into a namespace of its own.",
    source="RFC4287 6; FV UndefinedElement, UnexpectedAttribute, UndeterminableVocabulary",
    profiles="atom",
)
def vocabulary(part: Element, about: About) -> Problems:
    """Look up elements and attributes."""
    for element in _atom(part, about):
        known = _CHILDREN.get(element.name)
        for child in element.children if element.name not in ("atom:content", *_TEXTS) else ():
            local = child.name.removeprefix("atom:")
            if child.name.startswith("atom:") and (known is None or local not in known):
                yield Problem(child, f"Atom has no <{local}> in {element.name.removeprefix('atom:')}")
            elif ":" not in child.name and not child.name.startswith("{"):
                yield Problem(child, f"<{child.name}> is in no namespace", elsewhere="warning")
            elif child.name.startswith("xhtml:"):
                yield Problem(child, f"<{child.name}> outside of a text", elsewhere="warning")
        if element.name.startswith("atom:"):
            for name in element.attributes:
                if (
                    ":" not in name
                    and not name.startswith("{")
                    and name not in _ATTRIBUTES.get(element.name, ())
                ):
                    yield Problem(
                        element, f"Atom has no attribute {name!r} on {element.name.removeprefix('atom:')}"
                    )


@rule(
    "ATM-23",
    "error",
    on="xml",
    says="What a feed, an entry or a person can have only once occurs only once.",
    fix="Keep one of them.",
    source="RFC4287 4.1.1, 4.1.2, 3.2; FV DuplicateElement",
    profiles="atom",
)
def no_repeats(part: Element, about: About) -> Problems:
    """Count children."""
    for parent in _atom(part, about):
        seen: set[str] = set()
        for child in parent.children if parent.name in _CHILDREN else ():
            local = child.name.removeprefix("atom:")
            if child.name in seen and _CHILDREN[parent.name].get(local) is False and local != child.name:
                yield Problem(
                    child, f"<{local}> occurs more than once in {parent.name.removeprefix('atom:')}"
                )
            seen.add(child.name)


@rule(
    "ATM-24",
    "error",
    on="xml",
    says="A person has a name, and uri and email that are what they say.",
    fix="Write <name>, and a whole address in <uri> and <email>.",
    source="RFC4287 3.2; FV MissingElement, NotBlank, InvalidContact, InvalidIRI, ContainsEmail",
    profiles="atom",
)
def persons(part: Element, about: About) -> Problems:
    """Check authors and contributors."""
    for element in _atom(part, about):
        if element.name not in ("atom:author", "atom:contributor"):
            continue
        name = element.first("atom:name")
        if name is None:
            yield Problem(element, f"the {element.name.removeprefix('atom:')} has no name")
        elif not name.text.strip():
            yield Problem(name, "the name is empty", elsewhere="warning")
        elif looks_like_markup(name.text) or ("@" in name.text and "<" in name.text):
            yield Problem(
                name, "the name is plain text, without markup or e-mail address", elsewhere="warning"
            )
        for found in element.all("atom:uri"):
            flaw = values.uri(found.text.strip(), iri=True)
            if not found.text.strip():
                yield Problem(found, "the uri is empty", elsewhere="warning")
            elif flaw is not None:
                yield Problem(found, flaw.message, elsewhere=flaw.grave)
        for found in element.all("atom:email"):
            if flaw := values.email(found.text.strip()):
                yield Problem(found, flaw.message)
        for found in element.all("atom:uri", "atom:email"):
            if found.text != found.text.strip():
                yield Problem(found, "there are blanks around the address")


@rule(
    "ATM-25",
    "warning",
    on="xml",
    says=(
        "HTML and XHTML have nothing that readers strip because it can do harm, and only absolute addresses."
    ),
    fix="Leave out scripts, frames, forms, event attributes and layout styles.",
    source="FV SecurityRisk, SecurityRiskAttr, DangerousStyleAttr, ContainsRelRef",
    profiles="atom",
)
def harmless(part: Element, about: About) -> Problems:
    """Look for risky elements and attributes in texts."""
    for element in _atom(part, about):
        if element.name not in ("atom:content", *_TEXTS):
            continue
        kind = element.attributes.get("type", "text")
        if kind == "html" or kind.endswith("/html"):
            found = tags_of(element)
            for what in dict.fromkeys(unsafe(element)):
                yield Problem(element, f"{what} is stripped by readers")
            if kind == "html" and (about.subject.own or not _has_base(element)):
                for address in relative_references(found):
                    yield Problem(element, f"the relative address {address!r}", "error", "warning")
        for inner in element.walk():
            if inner.name.startswith("xhtml:"):
                yield from unsafe_xhtml(inner)


def _has_base(element: Element | None) -> bool:
    """Tell whether an element says what its relative addresses start from."""
    while element is not None:
        if "xml:base" in element.attributes:
            return True
        element = element.parent
    return False


@rule(
    "ATM-26",
    "error",
    on="xml",
    says="icon, logo and the uri of generator are IRIs, without blanks; generator is not empty.",
    fix="Write the address and nothing else.",
    source="RFC4287 4.2.4, 4.2.5, 4.2.8; FV InvalidIRI, NotBlank, UnexpectedWhitespace",
    profiles="atom",
)
def pictures(part: Element, about: About) -> Problems:
    """Check the addresses that no other rule looks at."""
    for element in _atom(part, about):
        text = element.text.strip()
        if element.name in ("atom:icon", "atom:logo"):
            if not text:
                yield Problem(element, "the address is empty", elsewhere="warning")
            elif flaw := values.uri(text, iri=True):
                yield Problem(element, flaw.message, elsewhere=flaw.grave)
            elif text != element.text:
                yield Problem(element, "there are blanks around the address")
        elif element.name == "atom:generator":
            if not text:
                yield Problem(element, "the generator is empty", elsewhere="warning")
            uri = element.attributes.get("uri")
            if uri is not None and (flaw := values.uri(uri, iri=True)):
                yield Problem(element, flaw.message, elsewhere=flaw.grave)


@rule(
    "ATM-27",
    "error",
    on="xml",
    says="Text is in elements for text, and elements are only where Atom has them.",
    fix="Move stray text into an element, and take elements out of names and dates.",
    source="FV UnexpectedText, UndefinedElement",
    profiles="atom",
)
def text_or_elements(part: Element, about: About) -> Problems:
    """Look for text between elements."""
    for element in _atom(part, about):
        if element.name in _CHILDREN and element.text.strip():
            message = f"{element.text.strip()[:40]!r} stands between the elements of {element.name}"
            yield Problem(element, message)
        elif element.name == "atom:category" and element.text.strip():
            yield Problem(element, "a category is empty; its name belongs in term", elsewhere="warning")
