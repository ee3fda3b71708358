"""Rules of a podcast's show: POD-01 to POD-28 (requirements, O.5)."""

import re
from collections.abc import Collection

from feeds.verify.documents import Subject
from feeds.verify.markup import words
from feeds.verify.rules import values
from feeds.verify.rules.categories import OBSOLETE
from feeds.verify.rules.table import About, Problem, Problems, Severity, rule, xml_namespace
from feeds.verify.rules.vocabulary import names
from feeds.verify.xmltree import Element
from feeds.vocabulary import CATEGORIES, ROLES

_NEEDED = ("itunes", "podcast", "atom", "content")
_PICTURES = {"JPEG": ("jpg", "jpeg"), "PNG": ("png",)}
_SMALLEST, _LARGEST = 1400, 3000
_LIMIT = 4000
"""Bytes of a description (A-TAGS)."""
_SHORT = 255
_LABEL = 128
_MEDIA = words("podcast music video film audiobook newsletter blog publisher course")
_MEDIUMS = _MEDIA | {f"{medium}L" for medium in _MEDIA} | {"mixed"}
_GROUPS = frozenset(group.lower() for group in ROLES)
_ROLES = frozenset(role.lower() for roles in ROLES.values() for role in roles)
_LICENSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_GEO = re.compile(r"geo:-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?)?(?:;[\w=.-]+)*")
_OSM = re.compile(r"[NWR]\d+(?:#\d+)?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_RATIO = re.compile(r"\d+(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?)?")
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_RRULE_PART = re.compile(r"[A-Z]+=[A-Z0-9,+:TZ-]+")
_FREQUENCIES = words("SECONDLY MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY")
_CHILDREN = {
    parent: names(listed)
    for parent, listed in {
        "channel": """locked person* funding* trailer* license medium podroll publisher txt* updateFrequency
            location* podping image* block* socialInteract* remoteItem* guid value* liveItem* chat*""",
        "item": """chapters transcript* person* funding* season episode license alternateEnclosure* location*
            soundbite* image* txt* socialInteract* value* chat* contentLink*""",
        "podcast:liveItem": """person* funding* location* image* alternateEnclosure* value* chat* contentLink*
            txt* socialInteract* transcript* chapters soundbite* season episode license""",
        "podcast:alternateEnclosure": "source* integrity",
        "podcast:podroll": "remoteItem*",
        "podcast:publisher": "remoteItem",
        "podcast:value": "valueRecipient* valueTimeSplit*",
        "podcast:valueTimeSplit": "remoteItem valueRecipient*",
    }.items()
}
"""The podcast namespace: which elements stand where, `*` if more than once."""


def long_text(element: Element, most: int, what: str = "text") -> Problems:
    """Report a text that is empty or longer than the podcast namespace allows."""
    if not 0 < len(element.text.strip()) <= most:
        yield Problem(element, f"the {what} has {len(element.text.strip())} characters, not 1 to {most}")


def true_or_false(element: Element) -> Problems:
    """Check a value of Apple's that is one of two words."""
    if element.text not in ("true", "false"):
        known = element.text.lower() in ("true", "false", "yes", "no", "clean", "explicit")
        yield Problem(
            element,
            f"{element.text!r} is neither 'true' nor 'false'",
            elsewhere="warning" if known else "error",
        )


def artwork_address(element: Element) -> Problems:
    """Check an `itunes:image`: nothing but the address of a picture."""
    href = element.attributes.get("href")
    if href is None:
        yield Problem(element, "itunes:image has no href")
        return
    if flaw := values.web_url(href.strip()):
        yield Problem(element, flaw.message)
    elif values.insecure(href):
        yield Problem(element, f"{href!r} is not served over https", elsewhere="info")
    if element.text.strip():
        yield Problem(element, "itunes:image has text; the address belongs in href", elsewhere="warning")


@rule(
    "POD-01",
    "error",
    on="show",
    says="The namespaces itunes, podcast, atom and content are declared.",
    fix="Declare all four on the rss element.",
    source="PSP1; A-REQ",
    profiles="apple psp1 podcasting20",
    elsewhere="info",
)
def namespaces(channel: Element, about: About) -> Problems:
    """Look for the four namespaces of a podcast."""
    bound = {xml_namespace(uri) for _, uri, _, _ in about.facts.bindings}
    for name in _NEEDED:
        if name not in bound:
            yield Problem(channel.parent or channel, f"the namespace {name!r} is not declared")


@rule(
    "POD-02",
    "error",
    on="show",
    says="itunes:image gives the show's artwork: an absolute https address in href, and nothing else.",
    fix="Write <itunes:image href='https://…/cover.png'/>.",
    source="A-TAGS; FV MissingAttribute, InvalidURLAttribute",
    profiles="apple psp1 spotify",
)
def artwork(channel: Element, _about: About) -> Problems:
    """Check where the show's artwork is."""
    found = channel.first("itunes:image")
    if found is None:
        yield Problem(channel, "the show has no itunes:image", elsewhere="warning")
    else:
        yield from artwork_address(found)


@rule(
    "POD-03",
    "error",
    on="picture",
    says="Artwork is a square JPEG or PNG of 1400 to 3000 pixels, in RGB, with the extension of its format.",
    fix="Export it as an RGB PNG or JPEG, 3000 by 3000 pixels, without transparency.",
    source="A-TAGS; PSP1",
    profiles="apple psp1 spotify",
)
def artwork_file(subject: Subject, about: About) -> Problems:
    """Measure a picture that a feed of the site names as artwork."""
    if (subject.found or (subject.url and about.context.subjects)) and not _is_artwork(subject, about):
        return
    from PIL import Image, UnidentifiedImageError

    try:
        with subject.open() as stream, Image.open(stream) as picture:
            kind, (width, height), mode = picture.format or "", picture.size, picture.mode
            transparent = "transparency" in picture.info
            if max(width, height) <= _LARGEST:
                picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        yield Problem(None, f"the picture cannot be read: {error}")
        return
    ending = (subject.url or subject.name).rpartition(".")[2].lower()
    if kind not in _PICTURES:
        yield Problem(None, f"the picture is {kind}, not JPEG or PNG")
    elif ending not in _PICTURES[kind]:
        yield Problem(None, f"the picture is {kind}, and its name ends in {ending!r}")
    if width != height:
        yield Problem(None, f"the picture is {width} by {height} pixels, not square")
    elif not _SMALLEST <= width <= _LARGEST:
        yield Problem(None, f"the picture is {width} pixels wide, not {_SMALLEST} to {_LARGEST}")
    if mode != "RGB" and not (mode == "P" and not transparent):
        yield Problem(None, f"the colours are {mode}, not RGB without transparency", elsewhere="warning")


def _is_artwork(subject: Subject, about: About) -> bool:
    """Tell artwork from other pictures of the site by the name this tool gives it."""
    name = (subject.url or subject.name).rpartition("/")[2]
    is_here = subject.url is None or about.context.find(subject.url) is not None
    return is_here and name.startswith(("cover", "artwork"))


@rule(
    "POD-04",
    "error",
    on="show",
    says=(
        "itunes:category names one of Apple's categories, and within it one of its sub-categories, "
        "letter by letter."
    ),
    fix="Take the names from Apple's list, with the sub-category inside the category.",
    source="A-CAT; FV InvalidItunesCategory, ObsoleteItunesCategory",
    profiles="apple psp1 spotify",
)
def categories(channel: Element, _about: About) -> Problems:
    """Look up the categories of the show."""
    found = channel.all("itunes:category")
    if not found:
        yield Problem(channel, "the show has no itunes:category", elsewhere="warning")
    for category in found:
        name = category.attributes.get("text")
        yield from _category(category, CATEGORIES, "category")
        for inner in category.all("itunes:category"):
            yield from _category(inner, CATEGORIES.get(name or "", ()), f"sub-category of {name!r}")


def _category(element: Element, known: Collection[str], what: str) -> Problems:
    name = element.attributes.get("text")
    if name is None:
        yield Problem(element, "itunes:category has no text")
    elif name not in known:
        lax: Severity = "warning" if name in OBSOLETE else "error"
        yield Problem(element, f"{name!r} is not a {what} in Apple's list", elsewhere=lax)


@rule(
    "POD-05",
    "error",
    on="show",
    says="itunes:explicit is 'true' or 'false'.",
    fix="Write one of the two words; 'yes', 'no' and 'clean' are obsolete.",
    source="A-TAGS; FV InvalidTrueFalse, MissingItunesElement",
    profiles="apple psp1",
)
def explicit(channel: Element, _about: About) -> Problems:
    """Check the parental advisory of the show."""
    found = channel.first("itunes:explicit")
    if found is None:
        yield Problem(channel, "the show has no itunes:explicit", elsewhere="warning")
    else:
        yield from true_or_false(found)


@rule(
    "POD-06",
    "error",
    on="show",
    says="The show names its language.",
    fix="Add <language>en</language> or the like.",
    source="A-TAGS; FV MissingItunesElement",
    profiles="apple psp1",
    elsewhere="warning",
)
def language(channel: Element, _about: About) -> Problems:
    """Look for the language."""
    found = channel.first("language")
    if found is None:
        yield Problem(channel, "the show has no language")
    elif flaw := values.language(found.text.strip()):
        yield Problem(found, flaw.message)


@rule(
    "POD-07",
    "error",
    on="show",
    says="The show's description has at most 4000 bytes.",
    fix="Shorten it; letters outside ASCII count for two bytes and more.",
    source="A-TAGS; PSP1",
    profiles="apple psp1",
    elsewhere="warning",
)
def description(channel: Element, _about: About) -> Problems:
    """Measure the description of the show."""
    yield from too_long_description(channel)


def too_long_description(parent: Element) -> Problems:
    """Count the bytes of a description as Apple does."""
    found = parent.first("description")
    if found is not None and (size := len(found.text.strip().encode("utf-8", "replace"))) > _LIMIT:
        yield Problem(found, f"the description has {size} bytes, more than {_LIMIT}")


@rule(
    "POD-08",
    "warning",
    on="show",
    says="itunes:author names who makes the show, in at most 255 characters.",
    fix="Add <itunes:author>.",
    source="PSP1; FV TooLong",
    profiles="apple psp1",
)
def author(channel: Element, _about: About) -> Problems:
    """Check who makes the show."""
    found = channel.first("itunes:author")
    if found is None or not found.text.strip():
        yield Problem(
            found if found is not None else channel, "the show has no itunes:author", elsewhere="info"
        )
    elif len(found.text.strip()) > _SHORT:
        yield Problem(
            found, f"itunes:author has more than {_SHORT} characters", level="error", elsewhere="error"
        )


@rule(
    "POD-09",
    "error",
    on="show",
    says="itunes:type is 'episodic' or 'serial'; in a serial show every full episode has a number.",
    fix="Write it in lower case, and number the episodes with itunes:episode.",
    source="A-TAGS; FV InvalidItunesChannelType",
    profiles="apple psp1",
)
def show_type(channel: Element, about: About) -> Problems:
    """Check how the show is to be listened to."""
    found = channel.first("itunes:type")
    if found is None:
        return
    if found.text.strip() not in ("episodic", "serial"):
        yield Problem(found, f"{found.text.strip()!r} is neither 'episodic' nor 'serial'")
    elif found.text.strip() == "serial" and (line := about.state.get("unnumbered")):
        yield Problem(found, f"the show is serial, and the episode on line {line} has no itunes:episode")


@rule(
    "POD-10",
    "error",
    on="show",
    says="itunes:complete and itunes:block are absent or 'Yes': no other value does anything.",
    fix="Write Yes, or leave the element out.",
    source="A-TAGS; PSP1; FV InvalidYesNoClean",
    profiles="apple psp1",
)
def switches(channel: Element, _about: About) -> Problems:
    """Check the two switches of a show."""
    for found in channel.all("itunes:complete", "itunes:block"):
        if found.text != "Yes":
            known = found.text.lower() in ("yes", "no", "clean")
            message = f"{found.name} is {found.text!r}; only 'Yes' does anything"
            yield Problem(found, message, elsewhere="warning" if known else "error")


@rule(
    "POD-11",
    "warning",
    on="show",
    says="Tags that Apple has dropped are left out.",
    fix=(
        "Remove itunes:keywords, subtitle, summary, order, isClosedCaptioned, and the channel's itunes:title."
    ),
    source="A-TAGS; FV UndefinedElement, TooLong, InvalidKeywords",
    profiles="apple",
    elsewhere="info",
)
def dropped(channel: Element, _about: About) -> Problems:
    """Look for tags of the past, and for values that were wrong even then."""
    listed = ("itunes:keywords", "itunes:subtitle", "itunes:summary", "itunes:title")
    for found in channel.all(*listed):
        yield Problem(found, f"<{found.name}> is no longer read by Apple")
        yield from too_long(found)


def too_long(element: Element) -> Problems:
    """Hold a dropped tag to the limits it had."""
    most = _LIMIT if element.name == "itunes:summary" else _SHORT
    if element.name != "itunes:title" and len(element.text.strip()) > most:
        yield Problem(element, f"<{element.name}> has more than {most} characters", elsewhere="error")
    if element.name == "itunes:keywords" and " " in element.text.strip() and "," not in element.text:
        yield Problem(element, "keywords are separated by commas", elsewhere="warning")


@rule(
    "POD-12",
    "info",
    on="show",
    says="itunes:owner is left out, or has an e-mail address.",
    fix="Leave it out and prove ownership with podcast:txt, or add itunes:email.",
    source="FV MissingItunesEmail, MissingElement, InvalidContact; D.1",
    profiles="apple",
)
def owner(channel: Element, _about: About) -> Problems:
    """Check whom Apple writes to."""
    found = channel.first("itunes:owner")
    if found is None:
        if channel.first("itunes:explicit", "itunes:category", "itunes:author", "itunes:image") is not None:
            yield Problem(channel, "the show has no itunes:owner", level="off", elsewhere="info")
        return
    email, name = found.first("itunes:email"), found.first("itunes:name")
    if email is None:
        yield Problem(found, "itunes:owner has no itunes:email", elsewhere="error")
    elif flaw := values.email(email.text.strip()):
        yield Problem(email, flaw.message, level="error", elsewhere="error")
    if name is not None and len(name.text.strip()) > _SHORT:
        yield Problem(name, f"itunes:name has more than {_SHORT} characters", elsewhere="error")


@rule(
    "POD-13",
    "error",
    on="show",
    says="itunes:new-feed-url is the absolute address that the feed has now; elsewhere it says where to go.",
    fix="Write the new address in the old feed and in the new; leave it out of one that has not moved.",
    source="A-TAGS; AP; FV InvalidFullLink",
    profiles="apple",
)
def new_address(channel: Element, about: About) -> Problems:
    """Check where the show has moved to."""
    found = channel.first("itunes:new-feed-url")
    if found is None:
        return
    url = found.text.strip()
    if flaw := values.full_uri(url):
        yield Problem(found, flaw.message, elsewhere=flaw.grave)
    elif about.url and url != about.url:
        message = f"apps leave this feed, {about.url!r}, for the new address {url!r}"
        yield Problem(found, message, level="warning", elsewhere="off")


@rule(
    "POD-14",
    "warning",
    on="xml",
    says=(
        "Values of a podcast feed have at most 255 characters where no other limit holds, and no "
        "blanks around them."
    ),
    fix="Shorten the value, and write it without blanks or line breaks around it.",
    source="A-TAGS; PSP1",
    profiles="apple psp1",
    elsewhere="info",
)
def short_values(part: Element, about: About) -> Problems:
    """Measure the texts of channel and items."""
    if about.subject.kind != "rss" or not about.podcast:
        return
    parents = [part] if part.index else part.all("channel")
    for element in (child for parent in parents for child in parent.children):
        text = element.text
        if (
            element.name in ("description", "content:encoded", "podcast:txt", "itunes:summary")
            or element.children
        ):
            continue
        if len(text) > _SHORT and not values.scheme_of(text.strip()):
            yield Problem(element, f"<{element.name}> has {len(text)} characters, more than {_SHORT}")
        if text != text.strip():
            yield Problem(element, f"there are blanks around the value of <{element.name}>")


@rule(
    "POD-15",
    "warning",
    on="show",
    says="podcast:guid is a UUID of version 5, and stays the same for the show's life.",
    fix="Compute it once from the feed's address, and keep it in the configuration.",
    source="P20:guid",
    profiles="psp1 podcasting20",
)
def guid(channel: Element, about: About) -> Problems:
    """Check the id of the show."""
    found = channel.first("podcast:guid")
    if found is None:
        yield Problem(channel, "the show has no podcast:guid", elsewhere="info")
        return
    value = found.text.strip()
    known = about.context.memory.feeds.get(about.url) if about.context.memory else None
    if not _GUID.fullmatch(value):
        yield Problem(found, f"{value!r} is not a UUID of version 5")
    elif known is not None and known.guid and known.guid != value:
        yield Problem(found, f"podcast:guid was {known.guid!r} before", level="error")


@rule(
    "POD-16",
    "warning",
    on="show",
    says="podcast:locked says 'yes' or 'no'.",
    fix="Add <podcast:locked>yes</podcast:locked>, so that nobody else can import the show.",
    source="P20:locked",
    profiles="psp1 podcasting20",
)
def locked(channel: Element, _about: About) -> Problems:
    """Check whether the show may be imported elsewhere."""
    found = channel.first("podcast:locked")
    if found is None:
        yield Problem(channel, "the show has no podcast:locked", elsewhere="info")
    elif found.text.strip() not in ("yes", "no"):
        yield Problem(found, f"podcast:locked is {found.text.strip()!r}, neither 'yes' nor 'no'")
    if (
        found is not None
        and "owner" in found.attributes
        and (flaw := values.email(found.attributes["owner"]))
    ):
        yield Problem(found, flaw.message)


@rule(
    "POD-17",
    "error",
    on="show",
    says="podcast:funding has a url, and a text of at most 128 characters.",
    fix="Write <podcast:funding url='https://…'>Support the show</podcast:funding>.",
    source="P20:funding",
    profiles="psp1 podcasting20",
)
def funding(channel: Element, _about: About) -> Problems:
    """Check where listeners can give."""
    for found in channel.all("podcast:funding"):
        yield from required_url(found, "url")
        if len(found.text.strip()) > _LABEL:
            yield Problem(found, f"the text has more than {_LABEL} characters")


def required_url(element: Element, attribute: str) -> Problems:
    """Check an attribute of the podcast namespace that is an address and must be there."""
    value = element.attributes.get(attribute)
    if not value:
        yield Problem(element, f"<{element.name}> has no {attribute}")
    elif flaw := values.full_uri(value, iri=True):
        yield Problem(element, flaw.message)


@rule(
    "POD-18",
    "error",
    on="show",
    says="podcast:medium is one of the media that the namespace lists.",
    fix="Write 'podcast', or leave the element out.",
    source="P20:medium",
    profiles="podcasting20",
)
def medium(channel: Element, _about: About) -> Problems:
    """Look up what the feed is made of."""
    for found in channel.all("podcast:medium"):
        if found.text.strip() not in _MEDIUMS:
            yield Problem(found, f"{found.text.strip()!r} is not a medium of the podcast namespace")


@rule(
    "POD-19",
    "error",
    on="show",
    says="podcast:txt has at most 4000 characters, its purpose at most 128; ai-content is 'true' or 'false'.",
    fix="Shorten it.",
    source="P20:txt",
    profiles="psp1 podcasting20",
)
def free_text(channel: Element, _about: About) -> Problems:
    """Measure the free texts of the show."""
    for found in channel.all("podcast:txt"):
        purpose = found.attributes.get("purpose", "")
        if len(found.text.strip()) > _LIMIT:
            yield Problem(found, f"the text has more than {_LIMIT} characters")
        if len(purpose) > _LABEL:
            yield Problem(found, f"the purpose has more than {_LABEL} characters")
        if purpose == "ai-content" and found.text.strip() not in ("true", "false"):
            yield Problem(found, f"ai-content is {found.text.strip()!r}, neither 'true' nor 'false'")


@rule(
    "POD-20",
    "error",
    on="show",
    says="podcast:updateFrequency has a recurrence rule that can be read, and a start where it counts.",
    fix="Write rrule='FREQ=WEEKLY', with dtstart beside a COUNT.",
    source="P20:update-frequency; RFC 5545",
    profiles="podcasting20",
)
def frequency(channel: Element, _about: About) -> Problems:
    """Check when the next episode is due."""
    for found in channel.all("podcast:updateFrequency"):
        text = found.attributes.get("rrule")
        if len(found.text.strip()) > _LABEL:
            yield Problem(found, f"the text has more than {_LABEL} characters")
        if text is None:
            continue
        parts = text.removeprefix("RRULE:").split(";")
        listed = dict(part.split("=", 1) for part in parts if _RRULE_PART.fullmatch(part))
        if len(listed) != len(parts) or listed.get("FREQ") not in _FREQUENCIES:
            yield Problem(found, f"{text!r} is not a recurrence rule such as 'FREQ=WEEKLY;BYDAY=MO'")
        elif "COUNT" in listed and "dtstart" not in found.attributes:
            yield Problem(found, "the rule has a COUNT, and there is no dtstart to count from")


@rule(
    "POD-21",
    "error",
    on="show",
    says="podcast:trailer has a url, a date in pubdate, and a title of at most 128 characters.",
    fix="Add what is missing.",
    source="P20:trailer",
    profiles="podcasting20",
)
def trailer(channel: Element, _about: About) -> Problems:
    """Check the trailers of the show."""
    for found in channel.all("podcast:trailer"):
        yield from required_url(found, "url")
        yield from long_text(found, _LABEL, "title")
        if (flaw := values.rfc822(found.attributes.get("pubdate", ""))) and flaw.grave == "error":
            yield Problem(found, f"pubdate: {flaw.message}")


@rule(
    "POD-22",
    "error",
    on="show",
    says="podcast:podroll holds podcast:remoteItem elements with a feedGuid that is a UUID.",
    fix="Write <podcast:remoteItem feedGuid='…'/> for each show.",
    source="P20:podroll, remote-item",
    profiles="podcasting20",
)
def podroll(channel: Element, _about: About) -> Problems:
    """Check the recommended shows."""
    for found in channel.all("podcast:podroll"):
        if not found.all("podcast:remoteItem"):
            yield Problem(found, "the podroll holds no podcast:remoteItem")
    for found in channel.walk():
        if found.name == "podcast:remoteItem" and not values.is_uuid(found.attributes.get("feedGuid", "")):
            yield Problem(found, f"feedGuid {found.attributes.get('feedGuid', '')!r} is not a UUID")


@rule(
    "POD-23",
    "error",
    on="xml",
    says="podcast:person is a name of 1 to 128 characters, with a role and a group of the taxonomy.",
    fix="Write the name as text, and take role and group from the taxonomy, in any case.",
    source="P20:person",
    profiles="podcasting20",
)
def persons(part: Element, about: About) -> Problems:
    """Check who made the show or episode."""
    for found in _anywhere(part, about, "podcast:person"):
        yield from long_text(found, _LABEL, "name")
        for name, known in (("role", _ROLES), ("group", _GROUPS)):
            value = found.attributes.get(name)
            if value is not None and value.lower() not in known:
                yield Problem(found, f"the {name} {value!r} is not in the taxonomy", elsewhere="warning")
        for name in ("img", "href"):
            if name in found.attributes:
                yield from required_url(found, name)


def _anywhere(part: Element, about: About, *wanted: str) -> list[Element]:
    if about.subject.kind != "rss":
        return []
    return [element for element in part.walk() if element.name in wanted]


@rule(
    "POD-24",
    "error",
    on="xml",
    says="podcast:location names a place in 1 to 128 characters, with sound geo, osm, country and rel.",
    fix="Write geo='geo:lat,lon', osm='R148838', country='US', rel='subject' or 'creator'.",
    source="P20:location; RFC 5870",
    profiles="podcasting20",
)
def location(part: Element, about: About) -> Problems:
    """Check what the show or episode is about, or where it was made."""
    forms = {"geo": _GEO, "osm": _OSM, "country": _COUNTRY, "rel": re.compile("subject|creator")}
    for found in _anywhere(part, about, "podcast:location"):
        yield from long_text(found, _LABEL, "name")
        for name, form in forms.items():
            if name in found.attributes and not form.fullmatch(found.attributes[name]):
                yield Problem(found, f"{name} is {found.attributes[name]!r}")


@rule(
    "POD-25",
    "error",
    on="xml",
    says="podcast:license is an identifier such as CC-BY-4.0, or has the url of the licence.",
    fix="Write the SPDX-like identifier, or add url.",
    source="P20:license",
    profiles="podcasting20",
)
def licence(part: Element, about: About) -> Problems:
    """Check the terms of use."""
    for found in _anywhere(part, about, "podcast:license"):
        if "url" in found.attributes:
            yield from required_url(found, "url")
        elif not _LICENSE.fullmatch(found.text.strip()):
            yield Problem(
                found, f"{found.text.strip()!r} is not the identifier of a licence, and there is no url"
            )
        if len(found.text.strip()) > _LABEL:
            yield Problem(found, f"the licence has more than {_LABEL} characters")


@rule(
    "POD-26",
    "error",
    on="xml",
    says="podcast:image has an href and a sound aspect-ratio; podcast:images is not used any more.",
    fix="Write one podcast:image per picture.",
    source="P20:image",
    profiles="podcasting20",
)
def pictures(part: Element, about: About) -> Problems:
    """Check the pictures of show and episodes."""
    for found in _anywhere(part, about, "podcast:image", "podcast:images"):
        if found.name == "podcast:images":
            yield Problem(found, "podcast:images is obsolete; write podcast:image", elsewhere="warning")
            continue
        yield from required_url(found, "href")
        ratio = found.attributes.get("aspect-ratio")
        if ratio is not None and not _RATIO.fullmatch(ratio):
            yield Problem(found, f"the aspect-ratio {ratio!r} is not of the form '16/9'")


@rule(
    "POD-27",
    "error",
    on="show",
    says="podcast:podping is there only if a podping is sent on every change.",
    fix="Configure the notice, or leave the element out.",
    source="P20:podping",
    profiles="podcasting20",
    elsewhere="off",
)
def podping(channel: Element, about: About) -> Problems:
    """Check that the feed promises no notice that is never sent."""
    for found in channel.all("podcast:podping"):
        if found.attributes.get("usesPodping") == "true" and not about.context.pings:
            yield Problem(found, "the feed promises a podping, and none is configured")


@rule(
    "POD-28",
    "error",
    on="xml",
    says=(
        "Elements of the podcast namespace are those it defines, where it defines them, no more often"
        " than it allows."
    ),
    fix="Check the spelling and the place of the element in the namespace's documentation.",
    source="requirements F.2",
    profiles="podcasting20",
    elsewhere="warning",
)
def vocabulary(part: Element, about: About) -> Problems:
    """Look up every element of the namespace."""
    if about.subject.kind != "rss":
        return
    for parent in part.walk():
        allowed = _CHILDREN.get(parent.name, {})
        seen: set[str] = set()
        for child in parent.children:
            local = child.name.removeprefix("podcast:")
            if local == child.name or local == "images":
                continue
            if local not in allowed:
                yield Problem(child, f"<{child.name}> is not defined in {parent.name}")
            elif child.name in seen and not allowed[local]:
                yield Problem(child, f"<{child.name}> occurs more than once in {parent.name}")
            seen.add(child.name)
