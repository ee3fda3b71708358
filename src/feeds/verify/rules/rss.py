"""Rules of RSS 2.0, and of RSS 1.0 in the last: RSS-01 to RSS-44 (requirements, O.2 and L)."""

import re

from feeds.verify.rules import values
from feeds.verify.rules.reading import (
    flawed,
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
from feeds.verify.rules.table import About, Problem, Problems, Severity, rule
from feeds.verify.rules.vocabulary import RSS_ATTRIBUTES, RSS_CHILDREN, names
from feeds.verify.xmltree import Element

_RSS = "rss apple spotify psp1"
_VERSIONS = frozenset({"0.91", "0.92", "0.93", "0.94", "2.0"})
_CHILDREN = {parent: names(children) for parent, children in RSS_CHILDREN.items()}
_ATTRIBUTES = {element: frozenset(attributes.split()) for element, attributes in RSS_ATTRIBUTES.items()}
_HOUSE_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|\+0000)")
_TWICE_ESCAPED = re.compile(r"&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);")
_DOCS = re.compile(
    r"https?://www\.rssboard\.org/rss-specification|https?://cyber\.(law\.)?harvard\.edu/rss/rss\.html"
)
_PICTURES = ("gif", "jpg", "jpeg", "png")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HTML = ("description", "content:encoded")
_PROTOCOLS = ("xml-rpc", "soap", "http-post", "https-post")
_CLOUD = ("domain", "port", "path", "registerProcedure", "protocol")


def _version(element: Element) -> str:
    while element.parent is not None:
        element = element.parent
    return element.attributes.get("version", "")


def _http(element: Element, text: str) -> Problems:
    """What an address in RSS must be; that it is one of the web is this tool's own promise."""
    flaw = values.full_uri(text)
    if flaw is not None:
        yield Problem(element, flaw.message, elsewhere=flaw.grave)
    elif values.scheme_of(text) not in ("http", "https"):
        yield Problem(element, f"{text!r} is not an http or https address", elsewhere="off")


@rule(
    "RSS-01",
    "error",
    on="rss",
    says="The root is rss, in no namespace, version 2.0, with exactly one channel.",
    fix="Write <rss version='2.0'> around one <channel>.",
    source="PROF; FV InvalidRSSVersion, InvalidNamespace, MissingElement",
    profiles=_RSS,
)
def root(rss: Element, _about: About) -> Problems:
    """Check the two outermost elements."""
    version = rss.attributes.get("version")
    if version is None:
        yield Problem(rss, "rss has no version")
    elif version != "2.0":
        yield Problem(
            rss, f"the version is {version!r}, not '2.0'", elsewhere="off" if version in _VERSIONS else None
        )
    channels = rss.all("channel")
    if len(channels) != 1:
        yield Problem(rss, f"rss holds {len(channels)} channels, not one")


@rule(
    "RSS-02",
    "error",
    on="channel",
    says="The channel has exactly one title, link and description, none of them empty.",
    fix="Give the feed a title, the address of its page, and a sentence on what it is about.",
    source="PROF; FV MissingTitle, MissingLink, MissingDescription, NotBlank",
    profiles=_RSS,
)
def required(channel: Element, _about: About) -> Problems:
    """Look for the three elements RSS requires."""
    for name in ("title", "link", "description"):
        found = channel.first(name)
        if found is None:
            yield Problem(channel, f"the channel has no {name}")
        elif not found.text.strip():
            yield Problem(found, f"the {name} is empty", elsewhere="error" if name == "link" else "warning")


@rule(
    "RSS-03",
    "error",
    on="channel",
    says="The channel's link is the absolute address of a web page, not of the feed and not of a hub.",
    fix="Put the address of the HTML page there; the feed's own address goes into atom:link rel='self'.",
    source="PROF; requirements N",
    profiles=_RSS,
)
def home(channel: Element, about: About) -> Problems:
    """Check where the feed says its page is."""
    link = channel.first("link")
    if link is None or not link.text.strip():
        return
    url = link.text.strip()
    yield from _http(link, url)
    others = {other.attributes.get("href") for other in [*links(channel, "self"), *links(channel, "hub")]}
    if url in others or (about.url and url == about.url):
        yield Problem(link, f"{url!r} is the feed itself or its hub, not its page", elsewhere="warning")


@rule(
    "RSS-04",
    "error",
    on="channel",
    says=(
        "Exactly one atom:link rel='self' gives the feed's own public address, with type application/rss+xml."
    ),
    fix=(
        "Add <atom:link rel='self' type='application/rss+xml' href='…'/> with the address people "
        "subscribe to."
    ),
    source="PROF; FV MissingAtomSelfLink, SelfDoesntMatchLocation, RelativeSelf, SelfNotAtom",
    profiles="rss psp1",
)
def self_link(channel: Element, about: About) -> Problems:
    """Check where the feed says it is."""
    if _version(channel) == "2.0":
        yield from self_problems(channel, ("application/rss+xml",), about.url, "add atom:link rel='self'")


@rule(
    "RSS-05",
    "error",
    on="channel",
    says="The self link is the first atom:link of the channel.",
    fix=(
        "Write self before hub, alternate and paging links: some programs take the first for the "
        "feed's address."
    ),
    source="ABS",
    profiles="rss psp1",
    elsewhere="info",
)
def self_first(channel: Element, _about: About) -> Problems:
    """Check which link comes first."""
    found = channel.all("atom:link")
    if found and links(channel, "self") and found[0].attributes.get("rel") != "self":
        yield Problem(found[0], f"the first atom:link is {found[0].attributes.get('rel', '')!r}, not 'self'")


@rule(
    "RSS-06",
    "warning",
    on="channel",
    says="All items come after every other element of the channel.",
    fix="Write the channel's own elements first: readers that stop early miss what follows the items.",
    source="PROF; FV MisplacedItem",
    profiles=_RSS,
)
def items_last(channel: Element, about: About) -> Problems:
    """Look for what the channel got after its first item."""
    for child in channel.children[about.facts.before_items :] if about.facts.items else ():
        yield Problem(child, f"<{child.name}> comes after an item")


@rule(
    "RSS-07",
    "error",
    on="xml",
    says="No element but category and item is repeated.",
    fix="Keep one of them.",
    source="PROF; FV DuplicateElement",
    profiles=_RSS,
)
def no_repeats(part: Element, about: About) -> Problems:
    """Count the children of each element of RSS."""
    for parent in _rss_elements(part, about):
        seen: set[str] = set()
        for child in parent.children:
            if child.name in seen and _CHILDREN[parent.name].get(child.name) is False:
                lax: Severity | None = "warning" if child.name == "enclosure" else None
                yield Problem(child, f"<{child.name}> occurs more than once in {parent.name}", elsewhere=lax)
            seen.add(child.name)


@rule(
    "RSS-08",
    "error",
    on="xml",
    says="Every element without a namespace is one that RSS defines, in a place where it defines it.",
    fix="Correct the spelling (names are case-sensitive), or put the element into a namespace.",
    source="FV UndefinedElement",
    profiles=_RSS,
)
def defined(part: Element, about: About) -> Problems:
    """Look up the children of each element of RSS."""
    for parent in _rss_elements(part, about):
        for child in parent.children:
            if (
                ":" not in child.name
                and not child.name.startswith("{")
                and child.name not in _CHILDREN[parent.name]
            ):
                yield Problem(child, f"RSS has no <{child.name}> in {parent.name}")
    if part.name == "item" and part.parent is not None and part.parent.name == "rss":
        yield Problem(part, "RSS has no <item> in rss")


def _rss_elements(part: Element, about: About) -> list[Element]:
    """Find the elements of RSS in a part that have children of their own."""
    if about.subject.kind != "rss":
        return []
    below = [part, *part.children, *(inner for child in part.all("channel") for inner in child.children)]
    return [element for element in below if element.name in _CHILDREN]


@rule(
    "RSS-09",
    "warning",
    on="channel",
    says="The channel names its language, by an ISO 639 code.",
    fix="Add <language>en</language> or the like.",
    source="A-TAGS; FV InvalidLanguage, MissingDCLanguage",
    profiles=_RSS,
    elsewhere="info",
)
def language(channel: Element, _about: About) -> Problems:
    """Check the language of the feed."""
    found = channel.first("language")
    if found is None:
        if channel.first("dc:language") is None and not channel.attributes.get("xml:lang"):
            yield Problem(channel, "the channel does not name its language")
    elif flaw := values.language(found.text.strip()):
        yield Problem(found, flaw.message, level="error", elsewhere=flaw.grave)


@rule(
    "RSS-10",
    "warning",
    on="channel",
    says="lastBuildDate is there and is the newest change of the content, not the time of the build.",
    fix="Take it from the newest item's date or change; leave it alone when nothing changed.",
    source="PROF; requirements J.2",
    profiles="rss",
    elsewhere="off",
)
def last_change(channel: Element, about: About) -> Problems:
    """Compare with the newest item."""
    found = channel.first("lastBuildDate")
    if found is None:
        yield Problem(channel, "the channel has no lastBuildDate")
        return
    when = values.rfc822_time(found.text.strip())
    newest = max((item.published for item in about.outline.items), default="")
    if when is not None and newest[:1].isdigit() and when.strftime("%Y-%m-%dT%H:%M:%SZ") < newest:
        yield Problem(found, f"lastBuildDate is older than the newest item, of {newest}")


@rule(
    "RSS-11",
    "warning",
    on="channel",
    says="docs is the address of the RSS specification, and generator names the program.",
    fix="Add <docs>https://www.rssboard.org/rss-specification</docs> and <generator>.",
    source="PROF",
    profiles="rss",
    elsewhere="off",
)
def colophon(channel: Element, _about: About) -> Problems:
    """Look for the two elements that help whoever finds the file."""
    docs = channel.first("docs")
    if docs is None or not _DOCS.fullmatch(docs.text.strip()):
        yield Problem(
            docs if docs is not None else channel, "docs is not the address of the RSS specification"
        )
    if not channel.value("generator"):
        yield Problem(channel, "the channel has no generator")


@rule(
    "RSS-12",
    "error",
    on="channel",
    says="ttl, if there, is a whole number of minutes, 1 or more.",
    fix="Write the minutes, or leave ttl out.",
    source="FV InvalidPositiveInteger",
    profiles="rss",
)
def time_to_live(channel: Element, _about: About) -> Problems:
    """Check ttl."""
    for found in channel.all("ttl"):
        yield from flawed(found, values.positive(found.text.strip()))


@rule(
    "RSS-13",
    "error",
    on="channel",
    says=(
        "image has url, title and link as the channel has them, is no larger than 144 by 400, and a "
        "GIF, JPEG or PNG."
    ),
    fix="Copy title and link from the channel, and leave width and height out for a podcast's cover.",
    source="PROF; FV MissingElement, InvalidWidth, InvalidHeight, ImageLinkDoesntMatch, ImageUrlFormat",
    profiles="rss",
)
def image(channel: Element, _about: About) -> Problems:
    """Check the channel's picture."""
    for found in channel.all("image"):
        for name in ("url", "title", "link"):
            child = found.first(name)
            if child is None:
                yield Problem(found, f"the image has no {name}")
            elif name != "title":
                yield from flawed(child, values.full_uri(child.text.strip()))
            elif not child.text.strip():
                yield Problem(child, "the title of the image is empty", elsewhere="warning")
        yield from _image_as_channel(found, channel)
        for name, most in (("width", 144), ("height", 400)):
            child = found.first(name)
            if child is not None and not 1 <= (values.whole(child.text.strip()) or 0) <= most:
                yield Problem(child, f"the {name} {child.text.strip()!r} is not between 1 and {most}")


def _image_as_channel(found: Element, channel: Element) -> Problems:
    for name in ("title", "link"):
        child = found.first(name)
        if child is not None and channel.value(name) and child.text.strip() != channel.value(name):
            yield Problem(child, f"the {name} of the image is not the channel's", elsewhere="warning")
    ending = found.value("url").rpartition("/")[2].partition("?")[0].rpartition(".")
    if ending[1] and ending[2].isalnum() and ending[2].lower() not in _PICTURES:
        yield Problem(found.first("url"), f"a picture of type {ending[2]!r}", elsewhere="warning")


@rule(
    "RSS-14",
    "warning",
    on="xml",
    says="Plain text (titles, channel description, categories, copyright) does not look like HTML.",
    fix="Write the characters themselves, without tags and entities.",
    source="FV ContainsHTML, CharacterData",
    profiles=_RSS,
)
def plain_text(part: Element, about: About) -> Problems:
    """Look for tags and entities where readers show the text as it is, or do not."""
    for element in _plain_elements(part, about):
        if what := looks_like_markup(element.text):
            yield Problem(element, f"holds {what}, in a text without markup")


def _plain_elements(part: Element, about: About) -> list[Element]:
    """Find the elements of a part whose text is plain."""
    if about.subject.kind != "rss":
        return []
    old = _version(part).startswith("0.91")
    plain = (
        "title",
        "category",
        "copyright",
        "author",
        "managingEditor",
        "webMaster",
        "dc:rights",
        "source",
        "name",
    )
    return [
        element
        for element in part.walk()
        if element.name in plain
        or (
            element.name == "description"
            and element.parent is not None
            and (element.parent.name != "item" or old)
        )
        or (element.name.startswith("itunes:") and not element.children)
    ]


@rule(
    "RSS-15",
    "error",
    on="xml",
    says="Plain text is escaped once.",
    fix="Escape when writing XML, not before: '&amp;amp;' in the file shows as '&amp;' in the reader.",
    source="requirements A.4; FV ContainsHTML",
    profiles=_RSS,
    elsewhere="warning",
)
def escaped_once(part: Element, about: About) -> Problems:
    """Look for references that are left after parsing."""
    for element in _plain_elements(part, about):
        if found := _TWICE_ESCAPED.search(element.text):
            yield Problem(element, f"{found[0]!r} is left after decoding: the text was escaped twice")


@rule(
    "RSS-16",
    "error",
    on="item",
    says="Every item has a title.",
    fix="Give the item a title, or at least a description.",
    source="PROF; FV ItemMustContainTitleOrDescription, NotBlank",
    profiles=_RSS,
)
def item_title(item: Element, _about: About) -> Problems:
    """Look for the title; RSS itself asks for it or a description."""
    found = item.first("title")
    if found is not None and not found.text.strip():
        yield Problem(found, "the title is empty", elsewhere="warning")
    elif found is None:
        lax: Severity | None = "off" if item.first("description") is not None else "error"
        yield Problem(item, "the item has no title", elsewhere=lax)


@rule(
    "RSS-17",
    "error",
    on="item",
    says="The link of an item is an absolute http or https address in ASCII.",
    fix="Write the whole address of the item's page, with everything but ASCII percent-encoded.",
    source="FV InvalidFullLink, UriNotIri",
    profiles=_RSS,
)
def item_link(item: Element, _about: About) -> Problems:
    """Check where the item leads."""
    found = item.first("link")
    if found is None:
        yield Problem(item, "the item has no link", elsewhere="off")
    else:
        yield from _http(found, found.text.strip())


@rule(
    "RSS-18",
    "error",
    on="item",
    says="Every item has a guid, without blanks around it.",
    fix="Give the item an id that never changes, such as a urn:uuid:.",
    source="PROF; AP; FV MissingGuid",
    profiles=_RSS,
    elsewhere="warning",
)
def guid(item: Element, _about: About) -> Problems:
    """Look for what tells readers which item is new."""
    found = item.first("guid")
    if found is None or not found.text.strip():
        lax: Severity | None = None if _version(item).startswith("2") else "off"
        yield Problem(found if found is not None else item, "the item has no guid", elsewhere=lax)
    elif found.text != found.text.strip():
        yield Problem(
            found,
            "there are blanks around the guid, which some readers count as part of it",
            elsewhere="info",
        )


@rule(
    "RSS-19",
    "error",
    on="item",
    says="isPermaLink is written, 'true' or 'false'; if true, the guid is the item's link.",
    fix="Write isPermaLink='false' for every guid that is not the address of the item's page.",
    source="FV InvalidBooleanAttribute, InvalidHttpGUID, InvalidPermalink",
    profiles=_RSS,
)
def permalink(item: Element, _about: About) -> Problems:
    """Check what the guid claims to be."""
    found = item.first("guid")
    if found is None:
        return
    claim, value = found.attributes.get("isPermaLink"), found.text.strip()
    if claim is None:
        yield Problem(found, "isPermaLink is not written, which means 'true'", elsewhere="off")
    elif claim not in ("true", "false"):
        yield Problem(found, f"isPermaLink is {claim!r}, neither 'true' nor 'false'")
        return
    if claim == "false" or not value:
        return
    if (flaw := values.full_uri(value)) or values.scheme_of(value) in ("tag", "urn"):
        message = flaw.message if flaw else f"{value!r} names the item but leads nowhere"
        yield Problem(found, f"the guid counts as a permanent link, and {message}")
    elif claim == "true" and value != item.value("link"):
        yield Problem(
            found, "the guid counts as a permanent link and is not the item's link", elsewhere="off"
        )


@rule(
    "RSS-20",
    "error",
    on="item",
    says="A guid is not a short number.",
    fix="Use an id that no other site will use too, such as a urn:uuid:.",
    source="FV NotSufficientlyUnique",
    profiles=_RSS,
    elsewhere="warning",
)
def unique_enough(item: Element, _about: About) -> Problems:
    """Look for guids that are mere counters."""
    found = item.first("guid")
    if found is not None and len(found.text.strip()) < 9 and found.text.strip().isdigit():
        yield Problem(found, f"the guid {found.text.strip()!r} is a short number, which many feeds will use")


@rule(
    "RSS-21",
    "error",
    on="item",
    says="No guid occurs twice in a feed.",
    fix="Give each item its own id; readers drop the second of two with one id.",
    source="FV DuplicateValue; requirements M.1",
    profiles=_RSS,
)
def guid_once(item: Element, about: About) -> Problems:
    """Compare each id with those before it."""
    for name in ("guid", "atom:id"):
        found = item.first(name)
        if found is not None and found.text.strip():
            line = about.earlier(name, found.text.strip(), found)
            if line is not None:
                yield Problem(found, f"{name} {found.text.strip()!r} is on line {line} already")


@rule(
    "RSS-22",
    "error",
    on="item",
    says=(
        "Every item has a pubDate in the one shape that all readers understand, in UTC, with the "
        "right weekday."
    ),
    fix="Write 'Fri, 02 Jan 2026 03:04:05 GMT'.",
    source="PROF; FV InvalidRFC2822Date, IncorrectDOW, ProblematicalRFC822Date",
    profiles=_RSS,
)
def publication_date(item: Element, _about: About) -> Problems:
    """Check the date of an item."""
    found = item.first("pubDate")
    if found is None:
        yield Problem(item, "the item has no pubDate", elsewhere="off")
        return
    text = found.text.strip()
    if flaw := values.rfc822(text):
        yield Problem(found, flaw.message, elsewhere=flaw.grave)
    elif not _HOUSE_DATE.fullmatch(text):
        yield Problem(
            found, f"{text!r} is right, but not every reader understands its shape", elsewhere="off"
        )


@rule(
    "RSS-23",
    "error",
    on="xml",
    says="No date lies in the future or before 1990.",
    fix="Publish the item when its date has come, and look at the clock of the machine that wrote it.",
    source="FV ImplausibleDate",
    profiles=_RSS,
    elsewhere="warning",
)
def plausible_dates(part: Element, about: About) -> Problems:
    """Compare every date of the feed with the clock."""
    if about.subject.kind != "rss":
        return
    for element in part.walk():
        if element.name in ("pubDate", "lastBuildDate"):
            when = values.rfc822_time(element.text.strip())
        elif element.name in ("atom:updated", "atom:published", "dc:date"):
            when = values.rfc3339_time(element.text.strip())
        else:
            continue
        if when is not None and (why := values.implausible(when, about.context.now)):
            yield Problem(element, f"{element.text.strip()!r} {why}")


@rule(
    "RSS-24",
    "error",
    on="item",
    says="Every item has a description; the HTML in it is sound and all its addresses are absolute.",
    fix="Close what is opened, and write addresses with https:// and host.",
    source="PROF; FV NotHtml, ContainsRelRef",
    profiles=_RSS,
    elsewhere="warning",
)
def description(item: Element, _about: About) -> Problems:
    """Check the text of an item as HTML."""
    if item.first("description") is None:
        yield Problem(item, "the item has no description", elsewhere="off")
    for element in item.all(*_HTML):
        found = tags_of(element)
        if problem := html_problem(element):
            yield Problem(element, f"the HTML is not sound: {problem}")
        for address in relative_references(found):
            yield Problem(element, f"the relative address {address!r} leads nowhere outside its page")


@rule(
    "RSS-25",
    "error",
    on="item",
    says="content:encoded comes only together with, and after, description.",
    fix=(
        "Put the summary into description, before content:encoded; if there is no summary, use "
        "description alone."
    ),
    source="FV NeedDescriptionBeforeContent",
    profiles=_RSS,
    elsewhere="warning",
)
def content_after_description(item: Element, _about: About) -> Problems:
    """Check the order of summary and full text."""
    seen = [child.name for child in item.children if child.name in _HTML]
    if seen[:1] == ["content:encoded"]:
        yield Problem(item.first("content:encoded"), "content:encoded without a description before it")


@rule(
    "RSS-26",
    "warning",
    on="xml",
    says="HTML has nothing that readers strip because it can do harm.",
    fix="Leave out scripts, frames, forms, event attributes and layout styles.",
    source="FV SecurityRisk, SecurityRiskAttr, DangerousStyleAttr",
    profiles=_RSS,
)
def harmless(part: Element, about: About) -> Problems:
    """Look for risky elements and attributes, escaped or not."""
    if about.subject.kind != "rss":
        return
    for element in part.walk():
        if element.name in _HTML:
            for what in dict.fromkeys(unsafe(element)):
                yield Problem(element, f"{what} is stripped by readers")
        elif element.name.startswith("xhtml:"):
            yield from unsafe_xhtml(element)


@rule(
    "RSS-27",
    "error",
    on="item",
    says="At most one enclosure, with the absolute address, the length in bytes and the MIME type of a file.",
    fix="Write url, length (0 if unknown) and type; a second file belongs into an item of its own.",
    source="PROF; FV MissingAttribute, InvalidIntegerAttribute, UseZeroForUnknown, DuplicateEnclosure",
    profiles=_RSS,
)
def enclosure(item: Element, _about: About) -> Problems:
    """Check the file of an item."""
    found = item.all("enclosure")
    for extra in found[1:]:
        yield Problem(extra, "a second enclosure, which many readers ignore", elsewhere="warning")
    for element in found:
        checks = {"url": values.web_url, "length": values.not_negative, "type": values.mime}
        for name, check in checks.items():
            value = element.attributes.get(name)
            if value is None:
                yield Problem(element, f"the enclosure has no {name}")
            elif flaw := check(value.strip() if name == "length" else value):
                hint = "; write 0 if it is unknown" if value == "-1" else ""
                yield Problem(element, f"{name}: {flaw.message}{hint}")


@rule(
    "RSS-28",
    "error",
    on="item",
    says="author is an e-mail address with a name, and is not combined with dc:creator.",
    fix="Put a name without an address into dc:creator.",
    source="FV InvalidContact, EmailFormat, MissingRealName, DuplicateItemSemantics",
    profiles=_RSS,
)
def author(item: Element, _about: About) -> Problems:
    """Check who wrote the item."""
    for found in item.all("author"):
        yield from flawed(found, values.contact(found.text.strip()))
        if item.first("dc:creator") is not None:
            yield Problem(found, "author and dc:creator say the same thing", elsewhere="warning")


_ITEM_TWINS = (
    ("pubDate", "dc:date"),
    ("pubDate", "atom:published"),
    ("guid", "atom:id"),
    ("category", "dc:subject"),
    ("source", "dc:source"),
    ("creativeCommons:license", "cc:license"),
)


@rule(
    "RSS-29",
    "error",
    on="item",
    says="No Dublin Core or Atom element repeats what an element of RSS says.",
    fix="Keep the element of RSS.",
    source="FV DuplicateItemSemantics; NNW, MF",
    profiles=_RSS,
    elsewhere="warning",
)
def said_once(item: Element, _about: About) -> Problems:
    """Look for pairs of which readers take one or the other."""
    for core, extra in _ITEM_TWINS:
        found = item.first(extra)
        if found is not None and item.first(core) is not None:
            yield Problem(found, f"{extra} says the same as {core}, and readers differ in which they take")


@rule(
    "RSS-30",
    "warning",
    on="xml",
    says="Every atom:link has a sound address and a registered relation.",
    fix="Write href, and a relation of the IANA registry ('previous', not 'prev') or an absolute URI.",
    source="FV UnregisteredAtomLinkRel, MissingHref, InvalidIRI, InvalidMIMEType",
    profiles="rss psp1",
)
def atom_links(part: Element, about: About) -> Problems:
    """Check the Atom links of the channel and of items."""
    if about.subject.kind != "rss":
        return
    for link in part.walk():
        if link.name == "atom:link":
            for problem in link_problems(link):
                yield problem._replace(level="error", elsewhere=problem.elsewhere or "error")
            yield from relation_problems(link)


@rule(
    "RSS-31",
    "warning",
    on="xml",
    says="A category is not empty; its domain is an absolute address.",
    fix="Leave empty categories out, and domain too unless it is the address of a taxonomy.",
    source="PROF; FV NotBlank",
    profiles="rss",
)
def categories(part: Element, about: About) -> Problems:
    """Check the tags of channel and items."""
    for parent in _rss_elements(part, about):
        for found in parent.all("category"):
            if not found.text.strip():
                yield Problem(found, "the category is empty")
            domain = found.attributes.get("domain")
            if domain is not None and values.full_uri(domain):
                yield Problem(found, f"the domain {domain!r} is not an absolute address", elsewhere="info")


@rule(
    "RSS-32",
    "warning",
    on="item",
    says="Items come newest first, no two with the same date.",
    fix="Sort by date, and space out items that came at once.",
    source="requirements M.2",
    profiles="rss",
    elsewhere="off",
)
def newest_first(item: Element, about: About) -> Problems:
    """Compare each date with the one before it."""
    found = item.first("pubDate")
    when = values.rfc822_time(found.text.strip()) if found is not None else None
    if found is None or when is None or item.parent is None or item.parent.value("itunes:type") == "serial":
        return
    before = about.state.get("RSS-32")
    about.state["RSS-32"] = when
    if before is not None and when >= before:
        what = "the same date as" if when == before else "newer than"
        yield Problem(found, f"{found.text.strip()!r} is {what} the item before it")


@rule(
    "RSS-33",
    "warning",
    on="channel",
    says="managingEditor and webMaster are e-mail addresses with a name.",
    fix="Write 'address@example.org (Real Name)', or leave the element out.",
    source="FV InvalidContact, EmailFormat, MissingRealName",
    profiles="rss",
)
def contacts(channel: Element, _about: About) -> Problems:
    """Check whom to write to."""
    for found in channel.all("managingEditor", "webMaster"):
        yield from flawed(found, values.contact(found.text.strip()))


@rule(
    "RSS-34",
    "error",
    on="xml",
    says="There are no XHTML elements in the feed.",
    fix="Put HTML, escaped, into description or content:encoded.",
    source="FV MisplacedXHTMLContent",
    profiles="rss",
    elsewhere="warning",
)
def no_xhtml(part: Element, about: About) -> Problems:
    """Look for elements of the XHTML namespace."""
    if about.subject.kind != "rss":
        return
    for element in part.walk():
        if (
            element.name.startswith("xhtml:")
            and element.parent is not None
            and not element.parent.name.startswith("xhtml:")
        ):
            yield Problem(element, f"<{element.name}> in a feed, where readers do not look for it")


@rule(
    "RSS-35",
    "error",
    on="xml",
    says="Elements of RSS have the attributes that RSS gives them, and no others.",
    fix="Remove the attribute, or put it into a namespace.",
    source="FV UnexpectedAttribute, UseOfExtensionAttr",
    profiles=_RSS,
)
def attributes(part: Element, about: About) -> Problems:
    """Look up the attributes of elements without a namespace."""
    if about.subject.kind != "rss":
        return
    for element in part.walk():
        if ":" in element.name or element.name.startswith("{"):
            continue
        for name in element.attributes:
            if name.startswith(("xml:", "rdf:")) or name in _ATTRIBUTES.get(element.name, ()):
                continue
            lax: Severity | None = "warning" if ":" in name or name.startswith("{") else None
            yield Problem(element, f"<{element.name}> has no attribute {name!r}", elsewhere=lax)


@rule(
    "RSS-36",
    "error",
    on="xml",
    says="Text is in elements for text, elements in elements for elements.",
    fix="Escape the markup in the text, and move stray text into an element.",
    source="FV UnexpectedText, UndefinedElement",
    profiles=_RSS,
)
def text_or_elements(part: Element, about: About) -> Problems:
    """Look for text between elements, and for elements within text."""
    if about.subject.kind != "rss":
        return
    for element in part.walk():
        if ":" in element.name or element.name.startswith("{"):
            continue
        if element.name in _CHILDREN or element.name in ("enclosure", "cloud"):
            if element.text.strip() and (
                element.index or element.parent is None or element.parent.name in _CHILDREN
            ):
                yield Problem(
                    element, f"{element.text.strip()[:40]!r} stands between the elements of {element.name}"
                )
        elif element.children and element.parent is not None and element.parent.name in _CHILDREN:
            yield Problem(
                element.children[0], f"<{element.children[0].name}> within the text of {element.name}"
            )


@rule(
    "RSS-37",
    "error",
    on="channel",
    says="The dates of the channel are RFC 822 dates with the right weekday.",
    fix="Write 'Fri, 02 Jan 2026 03:04:05 GMT'.",
    source="FV InvalidRFC2822Date, IncorrectDOW, ProblematicalRFC822Date",
    profiles=_RSS,
)
def channel_dates(channel: Element, _about: About) -> Problems:
    """Check pubDate and lastBuildDate of the channel."""
    for found in channel.all("pubDate", "lastBuildDate"):
        yield from flawed(found, values.rfc822(found.text.strip()))


@rule(
    "RSS-38",
    "error",
    on="channel",
    says="skipHours holds hours 0 to 23, skipDays English names of days, each once.",
    fix="Correct the list, or leave the element out: few readers look at it.",
    source="FV InvalidHour, InvalidDay, NotEnoughHoursInTheDay, EightDaysAWeek",
    profiles="rss",
)
def quiet_times(channel: Element, _about: About) -> Problems:
    """Check when readers need not come."""
    for found, name, most in [
        *((element, "hour", 24) for element in channel.all("skipHours")),
        *((element, "day", 7) for element in channel.all("skipDays")),
    ]:
        listed = [(child, child.text.strip()) for child in found.all(name)]
        if not listed:
            yield Problem(found, f"{found.name} holds no {name}")
        if len(listed) > most:
            yield Problem(found, f"{found.name} holds {len(listed)} elements; there are only {most}")
        for at, (child, text) in enumerate(listed):
            if not (text in _DAYS if name == "day" else values.whole(text) in range(25)):
                yield Problem(child, f"{text!r} is not a valid {name}")
            elif text in [earlier for _, earlier in listed[:at]]:
                yield Problem(child, f"{text!r} occurs twice", elsewhere="warning")


@rule(
    "RSS-39",
    "error",
    on="channel",
    says="cloud has its five attributes, with a port above 0.",
    fix="Write domain, port, path, registerProcedure and protocol, or leave cloud out.",
    source="FV MissingAttribute, InvalidIntegerAttribute",
    profiles="rss",
)
def cloud(channel: Element, _about: About) -> Problems:
    """Check the address of the notification service."""
    for found in channel.all("cloud"):
        for name in _CLOUD:
            if name not in found.attributes:
                yield Problem(found, f"cloud has no {name}")
            elif not found.attributes[name].strip() and name != "registerProcedure":
                yield Problem(found, f"the {name} of cloud is empty")
        if (protocol := found.attributes.get("protocol", "").strip()) not in (*_PROTOCOLS, ""):
            yield Problem(found, f"the protocol {protocol!r} is none of {', '.join(_PROTOCOLS)}")
        if "port" in found.attributes:
            yield from flawed(found, values.positive(found.attributes["port"].strip()), "port: ")


@rule(
    "RSS-40",
    "error",
    on="channel",
    says="textInput is avoided; if it is there, it has title, description, name and link.",
    fix="Leave it out: no reader shows it.",
    source="FV AvoidTextInput, MissingElement, InvalidFullLink",
    profiles="rss",
)
def text_input(channel: Element, _about: About) -> Problems:
    """Check the form field that RSS once had."""
    for found in channel.all("textInput"):
        yield Problem(found, "textInput, which no reader shows", level="warning", elsewhere="warning")
        for name in ("title", "description", "name", "link"):
            child = found.first(name)
            if child is None:
                yield Problem(found, f"textInput has no {name}")
            elif not child.text.strip():
                yield Problem(
                    child, f"the {name} is empty", elsewhere="error" if name == "link" else "warning"
                )
            elif name == "link":
                yield from flawed(child, values.full_uri(child.text.strip()))
            elif name == "name" and not re.match(r"[A-Za-z][A-Za-z0-9:._-]*\Z", child.text.strip()):
                yield Problem(child, f"{child.text.strip()!r} is not a name of a form field")


@rule(
    "RSS-41",
    "error",
    on="xml",
    says="docs, comments and the url of source are absolute addresses.",
    fix="Write the whole address.",
    source="FV InvalidFullLink, MissingAttribute",
    profiles="rss",
)
def addresses(part: Element, about: About) -> Problems:
    """Check the addresses that no other rule looks at."""
    for parent in _rss_elements(part, about):
        for found in parent.all("docs", "comments"):
            yield from flawed(found, values.full_uri(found.text.strip()))
        for found in parent.all("source") if parent.name == "item" else ():
            if "url" not in found.attributes:
                yield Problem(found, "source has no url")
            else:
                yield from flawed(found, values.full_uri(found.attributes["url"]))
            if not found.text.strip():
                yield Problem(found, "source has no name", elsewhere="warning")


_CHANNEL_TWINS = (
    ("managingEditor", "dc:creator"),
    ("webMaster", "dc:publisher"),
    ("category", "dc:subject"),
    ("pubDate", "dc:date"),
    ("language", "dc:language"),
    ("copyright", "dc:rights"),
    ("lastBuildDate", "dcterms:modified"),
    ("generator", "admin:generatorAgent"),
    ("title", "dc:title"),
    ("creativeCommons:license", "cc:license"),
)


@rule(
    "RSS-42",
    "warning",
    on="channel",
    says="No Dublin Core element of the channel repeats what an element of RSS says.",
    fix="Keep the element of RSS.",
    source="FV DuplicateSemantics",
    profiles="rss",
)
def channel_said_once(channel: Element, _about: About) -> Problems:
    """Look for pairs of which readers take one or the other."""
    for core, extra in _CHANNEL_TWINS:
        found = channel.first(extra)
        if found is not None and channel.first(core) is not None:
            yield Problem(found, f"{extra} says the same as {core}, and readers differ in which they take")


@rule(
    "RSS-43",
    "warning",
    on="item",
    says="An item carries its text as description and content:encoded, in no third form.",
    fix="Leave out xhtml:body, atom:summary and atom:content.",
    source="FV DuplicateDescriptionSemantics",
    profiles="rss",
)
def text_forms(item: Element, _about: About) -> Problems:
    """Look for bodies in the words of other formats."""
    for found in item.all("xhtml:body", "atom:summary", "atom:content", "atom:title"):
        if item.first("description", "title") is not None:
            yield Problem(found, f"{found.name} repeats what the elements of RSS say")


_RDF_CHILDREN = {
    "rdf:RDF": names("channel image item* textinput"),
    "rss1:channel": names("title link description image items textinput"),
    "rss1:item": names("title link description"),
    "rss1:image": names("title url link"),
    "rss1:textinput": names("title description name link"),
}
"""RSS 1.0: the children of each element, without the prefix."""
_RDF_REQUIRED = {
    "rss1:channel": ("title", "link", "description", "items"),
    "rss1:item": ("title", "link"),
    "rss1:image": ("title", "url", "link"),
}


@rule(
    "RSS-44",
    "error",
    on="xml",
    says="A feed in RSS 1.0 has the elements RSS 1.0 asks for, each once, about absolute addresses.",
    fix="Write RSS 2.0 or Atom; else add what is missing, and rdf:about to channel and items.",
    source="RSS 1.0 specification; FV MissingElement, UndefinedElement, DuplicateElement, DuplicateValue",
    profiles="rss",
)
def rss_1_0(part: Element, about: About) -> Problems:
    """Check the older RSS that is written in RDF."""
    for element in part.walk() if about.root is not None and about.root.name == "rdf:RDF" else ():
        known = _RDF_CHILDREN.get(element.name)
        if known is None:
            continue
        found = [
            child.name.removeprefix("rss1:") for child in element.children if child.name.startswith("rss1:")
        ]
        for name in _RDF_REQUIRED.get(element.name, ()):
            if name not in found:
                yield Problem(element, f"<{element.name}> has no {name}", elsewhere="warning")
        for name in dict.fromkeys(found):
            if name not in known:
                yield Problem(element, f"RSS 1.0 has no <{name}> in {element.name}")
            elif found.count(name) > 1 and not known[name]:
                yield Problem(element, f"<{name}> occurs more than once in {element.name}")
        yield from _rdf_about(element, about)


def _rdf_about(element: Element, about: About) -> Problems:
    """Check what an element of RSS 1.0 is about; each address once."""
    for link in element.all("rss1:link", "rss1:url"):
        yield from flawed(link, values.full_uri(link.text.strip(), iri=True))
    if element.name not in ("rss1:channel", "rss1:item"):
        return
    url = element.attributes.get("rdf:about")
    if url is None:
        yield Problem(element, f"<{element.name}> has no rdf:about", elsewhere="warning")
    elif (line := about.earlier("rdf:about", url, element)) is not None:
        yield Problem(element, f"rdf:about {url!r} is on line {line} already")
