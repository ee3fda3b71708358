"""Which elements and attributes the formats define, and what kind of value each holds.

One line per element of a well-known namespace that no rule of its own looks at. `*` after a name means
that it may stand more than once in its parent.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial

from feeds.verify.markup import words
from feeds.verify.rules import values
from feeds.verify.rules.values import Flaw

RSS_CHILDREN: Mapping[str, str] = {
    "rss": "channel",
    "channel": """title link description language copyright managingEditor webMaster pubDate
        lastBuildDate category* generator docs cloud ttl image rating textInput skipHours skipDays item*""",
    "item": "title link description author category* comments enclosure guid pubDate source",
    "image": "url title link width height description",
    "textInput": "title description name link",
    "skipHours": "hour*",
    "skipDays": "day*",
}
"""RSS 2.0: the children of each element that has any."""

RSS_ATTRIBUTES: Mapping[str, str] = {
    "rss": "version",
    "category": "domain",
    "cloud": "domain path port protocol registerProcedure",
    "enclosure": "url length type",
    "guid": "isPermaLink",
    "source": "url",
}
"""RSS 2.0: the attributes of each element that has any."""

ATOM_CHILDREN: Mapping[str, str] = {
    "atom:feed": """
        author* category* contributor* generator icon id link* logo rights subtitle title updated
        entry*
    """,
    "atom:entry": """
        author* category* content contributor* id link* published rights source summary title
        updated
    """,
    "atom:source": """
        author* category* contributor* generator icon id link* logo rights subtitle title updated
    """,
    "atom:author": "name uri email",
    "atom:contributor": "name uri email",
}
"""Atom 1.0: the children of each element that has any, without the prefix."""

ATOM_ATTRIBUTES: Mapping[str, str] = {
    "atom:category": "term scheme label",
    "atom:content": "type src",
    "atom:generator": "uri version",
    "atom:link": "href rel type hreflang title length",
    "atom:title": "type",
    "atom:subtitle": "type",
    "atom:summary": "type",
    "atom:rights": "type",
}
"""Atom 1.0: the attributes of each element that has any."""

_SHOW = (
    "author block complete category* explicit image keywords new-feed-url owner subtitle summary title type"
)
_EPISODE = """author block duration episode episodeType explicit image keywords season subtitle summary title
    isClosedCaptioned order"""

EXTENSIONS: Mapping[str, Mapping[str, str]] = {
    "atom": {
        "channel": """
            author* category* contributor* generator icon id link* logo rights subtitle title
            updated
        """,
        "item": """
            author* category* content contributor* id link* published rights source summary
            title updated
        """,
    },
    "content": {"item": "encoded items"},
    "dc": {
        "": """title creator* subject* description publisher* contributor* date* type format identifier*
            source language relation* coverage* rights""",
    },
    "sy": {
        "channel": "updatePeriod updateFrequency updateBase",
        "atom:feed": "updatePeriod updateFrequency updateBase",
    },
    "slash": {"item": "section* department* comments hit_parade hit-parade", "atom:entry": "comments"},
    "wfw": {"": "comment commentRss commentRSS"},
    "admin": {"": "generatorAgent errorReportsTo"},
    "blogChannel": {"channel": "blogRoll mySubscriptions blink changes"},
    "creativeCommons": {"": "license*"},
    "trackback": {"item": "ping about*"},
    "fh": {"channel": "complete archive", "atom:feed": "complete archive"},
    "media": {
        "": """content* group* title* description* keywords* thumbnail* category* hash* player* credit*
            copyright* text* rating* restriction* adult* community comments embed responses backLinks
            status price* license* subTitle* peerLink* location* rights scenes scene*""",
    },
    "thr": {"atom:entry": "in-reply-to* total", "item": "in-reply-to* total"},
    "opensearch": {"": "totalResults startIndex itemsPerPage link* Query*"},
    "itunes": {
        "channel": _SHOW,
        "item": _EPISODE,
        "atom:feed": _SHOW,
        "atom:entry": _EPISODE,
        "itunes:owner": "name email",
        "itunes:category": "category*",
    },
}
"""Per namespace: the elements it defines, by parent; an empty parent stands for any."""

Check = Callable[[str], Flaw | None]


def _one_of(*allowed: str) -> Check:
    def check(text: str) -> Flaw | None:
        return None if text in allowed else Flaw(f"{text!r} is none of {', '.join(allowed)}")

    return check


def _number(low: float, high: float) -> Check:
    def check(text: str) -> Flaw | None:
        try:
            return None if low <= float(text) <= high else Flaw(f"{text} lies outside {low} to {high}")
        except ValueError:
            return Flaw(f"{text!r} is not a number")

    return check


def _whole(text: str) -> Flaw | None:
    return None if re.fullmatch(r"-?\d{1,9}", text) else Flaw(f"{text!r} is not a whole number")


def _numbers(text: str) -> Flaw | None:
    listed = [part.strip() for part in text.split(",")]
    return (
        None if all(part.isdecimal() for part in listed) else Flaw(f"{text!r} is not a list of whole numbers")
    )


def _filled(text: str) -> Flaw | None:
    return None if text else Flaw("is empty", "warning")


def _matching(pattern: str, what: str) -> Check:
    def check(text: str) -> Flaw | None:
        return None if re.fullmatch(pattern, text) else Flaw(f"{text!r} is not a {what}")

    return check


def _places(least: int, most: int | None = None, *, closed: bool = False) -> Check:
    """Check pairs of latitude and longitude, as GeoRSS Simple writes them."""

    def check(text: str) -> Flaw | None:
        numbers = text.replace(",", " ").split()
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        if len(numbers) % 2 or not least <= len(pairs) <= (most or len(pairs)):
            return Flaw(f"{text[:40]!r} has not the pairs of latitude and longitude it needs")
        for latitude, longitude in pairs:
            if flaw := _LATITUDE(latitude) or _LONGITUDE(longitude):
                return flaw
        return Flaw("the last place is not the first one") if closed and pairs[0] != pairs[-1] else None

    return check


_ANY = _number(float("-inf"), float("inf"))
_NOT_NEGATIVE = _number(0, float("inf"))
_LATITUDE, _LONGITUDE = _number(-90, 90), _number(-180, 180)
_TRUE_OR_FALSE = _one_of("true", "false")
_TIME = _matching(r"(?:\d+:[0-5]\d:[0-5]\d|\d+)(?:\.\d+)?", "time such as '12:05:01.123'")
_PLAIN_OR_HTML = _one_of("plain", "html")
_SIZE = {"width": values.not_negative, "height": values.not_negative}

EXTENSION_VALUES: Mapping[str, Check] = {
    "dc:date": values.w3cdtf,
    "dc:language": values.language,
    "dcterms:created": values.w3cdtf,
    "dcterms:issued": values.w3cdtf,
    "dcterms:modified": values.w3cdtf,
    "sy:updatePeriod": _one_of("hourly", "daily", "weekly", "monthly", "yearly"),
    "sy:updateFrequency": values.positive,
    "sy:updateBase": values.w3cdtf,
    "slash:comments": values.not_negative,
    "slash:hit_parade": _numbers,
    "slash:hit-parade": _numbers,
    "thr:total": values.not_negative,
    "wfw:comment": values.full_uri,
    "wfw:commentRss": values.full_uri,
    "creativeCommons:license": values.full_uri,
    "blogChannel:blogRoll": values.full_uri,
    "blogChannel:mySubscriptions": values.full_uri,
    "blogChannel:blink": values.full_uri,
    "blogChannel:changes": values.full_uri,
    "trackback:ping": values.full_uri,
    "trackback:about": values.full_uri,
    "feedburner:origLink": values.full_uri,
    "feedburner:awareness": values.full_uri,
    "geo:lat": _LATITUDE,
    "geo:long": _LONGITUDE,
    "icbm:latitude": _LATITUDE,
    "icbm:longitude": _LONGITUDE,
    "georss:point": _places(1, 1),
    "georss:line": _places(2),
    "georss:polygon": _places(4, closed=True),
    "georss:box": _places(2, 2),
    "georss:elev": _ANY,
    "georss:floor": _whole,
    "georss:radius": _NOT_NEGATIVE,
    "ev:startdate": values.w3cdtf,
    "ev:enddate": values.w3cdtf,
    "opensearch:totalResults": values.not_negative,
    "opensearch:startIndex": _whole,
    "opensearch:itemsPerPage": values.not_negative,
    **dict.fromkeys(("dc:creator", "dc:publisher", "dc:rights", "dc:subject", "dc:title"), _filled),
    **dict.fromkeys(("slash:department", "slash:section", "itunes:author"), _filled),
}
"""What the text of extension elements must be."""

EXTENSION_ATTRIBUTES: Mapping[str, Mapping[str, Check | None]] = {
    "itunes:category": {"text": None},
    "itunes:image": {"href": None},
    "media:content": {
        **_SIZE,
        "url": values.full_uri,
        "fileSize": values.not_negative,
        "type": values.mime,
        "medium": _one_of("image", "audio", "video", "document", "executable"),
        "isDefault": _TRUE_OR_FALSE,
        "expression": _one_of("sample", "full", "nonstop"),
        "bitrate": _NOT_NEGATIVE,
        "framerate": _NOT_NEGATIVE,
        "samplingrate": _NOT_NEGATIVE,
        "channels": values.not_negative,
        "duration": _NOT_NEGATIVE,
        "lang": values.language,
    },
    "media:thumbnail": {**_SIZE, "url": values.full_uri, "time": _TIME},
    "media:player": {**_SIZE, "url": values.full_uri},
    "media:title": {"type": _PLAIN_OR_HTML},
    "media:description": {"type": _PLAIN_OR_HTML},
    "media:text": {"type": _PLAIN_OR_HTML, "lang": values.language, "start": _TIME, "end": _TIME},
    "media:hash": {"algo": _one_of("md5", "sha-1")},
    "media:credit": {"role": _matching(r"[^A-Z]+", "role in small letters"), "scheme": None},
    "media:category": {"scheme": None, "label": None},
    "media:copyright": {"url": values.full_uri},
    "media:rating": {"scheme": None},
    "media:restriction": {
        "relationship": _one_of("allow", "deny"),
        "type": _one_of("country", "uri", "sharing"),
    },
    "thr:in-reply-to": {
        "ref": partial(values.full_uri, iri=True),
        "href": partial(values.uri, iri=True),
        "type": values.mime,
        "source": partial(values.uri, iri=True),
    },
    "atom:link": {
        **dict.fromkeys(("href", "rel", "type", "hreflang", "title", "length")),
        "thr:count": values.not_negative,
        "thr:updated": values.rfc3339,
    },
    "admin:generatorAgent": {"rdf:resource": values.full_uri},
    "admin:errorReportsTo": {"rdf:resource": values.full_uri},
    "cc:license": {"rdf:resource": values.full_uri},
}
"""Attributes that elements whose namespace is checked for them may have, and what they must be."""

NEEDED_ATTRIBUTES: Mapping[str, str] = {
    "admin:generatorAgent": "rdf:resource",
    "admin:errorReportsTo": "rdf:resource",
    "cc:license": "rdf:resource",
    "media:thumbnail": "url",
    "media:player": "url",
    "media:restriction": "relationship",
    "opensearch:Query": "role",
    "thr:in-reply-to": "ref",
}
"""The attribute that an element is of no use without."""

RELATIONS = words(
    """
    alternate current describedby edit edit-media enclosure first hub last license next next-archive
    payment prev-archive previous related replies search self service up via http-opensearch
    """
)
"""Link relations that feeds use, as registered."""

PAGING = frozenset({"first", "last", "next", "previous", "prev-archive", "next-archive", "current"})
"""Relations of feed paging and archiving (RFC 5005)."""


def names(listed: str) -> dict[str, bool]:
    """Read a line of the tables: each name, and whether it may repeat.

    >>> names("title link*")
    {'title': False, 'link': True}
    """
    return {name.removesuffix("*"): name.endswith("*") for name in listed.split()}
