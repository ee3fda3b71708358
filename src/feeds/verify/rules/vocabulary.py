"""Which elements and attributes the formats define, and what kind of value each holds.

One line per element of a well-known namespace that no rule of its own looks at. `*` after a name means
that it may stand more than once in its parent.
"""

from collections.abc import Callable, Mapping

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

EXTENSION_ATTRIBUTES: Mapping[str, str] = {
    "itunes:category": "text",
    "itunes:image": "href",
}
"""Attributes of elements whose namespace is checked for them."""

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
            return Flaw(f"{text!r} is no number")

    return check


def _numbers(text: str) -> Flaw | None:
    listed = [part.strip() for part in text.split(",")]
    return None if all(part.isdecimal() for part in listed) else Flaw(f"{text!r} is no list of whole numbers")


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
    "blogChannel:changes": values.full_uri,
    "trackback:ping": values.full_uri,
    "trackback:about": values.full_uri,
    "feedburner:origLink": values.full_uri,
    "feedburner:awareness": values.full_uri,
    "geo:lat": _number(-90, 90),
    "geo:long": _number(-180, 180),
}
"""What the text of extension elements must be."""

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
