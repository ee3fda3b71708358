"""Rules of JSON Feed 1.1: JSF-01 to JSF-17 (requirements, O.4)."""

import re

from feeds.text import iri
from feeds.verify.documents import Outline
from feeds.verify.jsontree import Node
from feeds.verify.rules import values
from feeds.verify.rules.reading import looks_like_markup
from feeds.verify.rules.table import About, At, Problem, Problems, Severity, rule

_VERSIONS = ("https://jsonfeed.org/version/1.1", "https://jsonfeed.org/version/1")
_STRING, _ARRAY, _OBJECT = (str,), (list,), (dict,)
_TOP: dict[str, tuple[type, ...]] = {
    "version": _STRING, "title": _STRING, "home_page_url": _STRING, "feed_url": _STRING,
    "description": _STRING, "user_comment": _STRING, "next_url": _STRING, "icon": _STRING, "favicon": _STRING,
    "authors": _ARRAY, "author": _OBJECT, "language": _STRING, "expired": (bool,), "hubs": _ARRAY,
    "items": _ARRAY,
}  # fmt: skip
_ITEM: dict[str, tuple[type, ...]] = {
    "id": _STRING, "url": _STRING, "external_url": _STRING, "title": _STRING, "content_html": _STRING,
    "content_text": _STRING, "summary": _STRING, "image": _STRING, "banner_image": _STRING,
    "date_published": _STRING, "date_modified": _STRING, "authors": _ARRAY, "author": _OBJECT, "tags": _ARRAY,
    "language": _STRING, "attachments": _ARRAY,
}  # fmt: skip
_MEMBERS = {
    "authors": {"name", "url", "avatar"},
    "hubs": {"type", "url"},
    "attachments": {"url", "mime_type", "title", "size_in_bytes", "duration_in_seconds"},
}
_NAMED = {str: "a string", list: "an array", dict: "an object", bool: "true or false"}
_EXTENSION = re.compile(r"_[A-Za-z][^.]*")
_HEAVY, _LARGE = 100_000, 250_000


@rule(
    "JSF-01",
    "error",
    on="json",
    says="The file is one JSON object in UTF-8, without equal keys, NaN or Infinity.",
    fix="Write it with a JSON library, strictly.",
    source="JF; RFC 8259",
    profiles="jsonfeed",
)
def sound_json(top: Node, about: About) -> Problems:
    """Report what JSON leaves undefined; what is not JSON at all the reader reports."""
    if not isinstance(top.value, dict):
        yield Problem(top, "the document is not an object")
    for message, line, column in about.json_facts.flaws:
        yield Problem(At(line, column), message)
    if about.json_facts.byte_order_mark:
        yield Problem(top, "the file starts with a byte order mark")


@rule(
    "JSF-02",
    "error",
    on="json",
    says="version is 'https://jsonfeed.org/version/1.1'.",
    fix="Write that address, exactly.",
    source="JF",
    profiles="jsonfeed",
)
def version(top: Node, _about: About) -> Problems:
    """Check what the file claims to be."""
    found = top.get("version")
    value = top.string("version")
    if value != _VERSIONS[0]:
        lax: Severity | None = "info" if value.rstrip("/") in _VERSIONS else None
        yield Problem(found or top, f"version is {value!r}, not {_VERSIONS[0]!r}", elsewhere=lax)


@rule(
    "JSF-03",
    "error",
    on="json",
    says="title is a string that is not empty; items is an array.",
    fix="Add both; items may be empty.",
    source="JF",
    profiles="jsonfeed",
)
def required(top: Node, _about: About) -> Problems:
    """Look for what every feed has."""
    if not top.string("title").strip():
        yield Problem(top.get("title") or top, "there is no title")
    items = top.get("items")
    if items is None or not isinstance(items.value, list):
        yield Problem(items or top, "items is not an array" if items else "there is no array of items")


@rule(
    "JSF-04",
    "error",
    on="json",
    says="home_page_url and feed_url are absolute addresses, feed_url the one the feed is published at.",
    fix="Write both with scheme and host.",
    source="JF",
    profiles="jsonfeed",
)
def own_addresses(top: Node, about: About) -> Problems:
    """Check where the feed says it and its page are."""
    for key in ("home_page_url", "feed_url"):
        found = top.get(key)
        if found is None:
            yield Problem(top, f"there is no {key}", elsewhere="warning")
        elif flaw := values.full_uri(top.string(key), iri=True):
            yield Problem(found, flaw.message, elsewhere=flaw.grave)
    url = top.string("feed_url")
    if url and about.url and url != about.url:
        yield Problem(
            top.get("feed_url"), f"feed_url is {url!r}, the feed is at {about.url!r}", elsewhere="warning"
        )


@rule(
    "JSF-05",
    "error",
    on="json",
    says="next_url leads to another page, and the pages come to an end.",
    fix="Leave next_url out on the last page.",
    source="JF",
    profiles="jsonfeed",
)
def next_page(top: Node, _about: About) -> Problems:
    """Check where the older items are; the chain of pages is followed by ATM-20's kin for all formats."""
    found = top.get("next_url")
    if found is None:
        return
    if values.full_uri(top.string("next_url"), iri=True):
        yield Problem(found, f"next_url {top.string('next_url')!r} is not an absolute address")
    elif top.string("next_url") == top.string("feed_url"):
        yield Problem(found, "next_url is the feed itself")


def _authors(owner: Node) -> Problems:
    if old := owner.get("author"):
        yield Problem(old, "author is of JSON Feed 1.0; write authors, an array", elsewhere="info")
    for author in owner.members("authors"):
        if not any(author.string(key) for key in ("name", "url", "avatar")):
            yield Problem(author, "the author has neither name nor url nor avatar")


@rule(
    "JSF-06",
    "error",
    on="json",
    says="authors are objects with at least one of name, url and avatar; the key is authors, not author.",
    fix='Write "authors": [{"name": "…"}].',
    source="JF",
    profiles="jsonfeed",
)
def feed_authors(top: Node, _about: About) -> Problems:
    """Check the authors of the feed."""
    yield from _authors(top)


@rule(
    "JSF-07",
    "error",
    on="json",
    says="Each of hubs has a type and a url.",
    fix='Write "hubs": [{"type": "WebSub", "url": "…"}].',
    source="JF",
    profiles="jsonfeed",
)
def hubs(top: Node, _about: About) -> Problems:
    """Check who announces changes."""
    for hub in top.members("hubs"):
        for key in ("type", "url"):
            if not hub.string(key):
                yield Problem(hub, f"the hub has no {key}")
        if hub.string("url") and values.full_uri(hub.string("url")):
            yield Problem(hub, f"the url {hub.string('url')!r} is not an absolute address")


@rule(
    "JSF-08",
    "error",
    on="json item",
    says="id is a string that is not empty and occurs once in the feed.",
    fix="Use the permanent id of the item, as text; readers discard items without one.",
    source="JF; requirements M.1",
    profiles="jsonfeed",
)
def item_id(item: Node, about: About) -> Problems:
    """Check what names the item."""
    found = item.get("id")
    if found is None or found.value in ("", None):
        yield Problem(found or item, "the item has no id")
        return
    if not isinstance(found.value, str):
        lax: Severity | None = "warning" if found.number is not None else None
        yield Problem(found, f"the id {found.value!r} is not a string", elsewhere=lax)
    line = about.earlier("id", str(found.value), found)
    if line is not None:
        yield Problem(found, f"the id {found.value!r} is on line {line} already")


@rule(
    "JSF-09",
    "error",
    on="json item",
    says="An item has content_html or content_text.",
    fix="Put the text into one of them; readers drop items with neither.",
    source="JF; NNW",
    profiles="jsonfeed",
)
def item_content(item: Node, _about: About) -> Problems:
    """Look for the body of the item."""
    if item.get("content_html") is None and item.get("content_text") is None:
        yield Problem(item, "the item has neither content_html nor content_text")


@rule(
    "JSF-10",
    "error",
    on="json item",
    says="Dates are RFC 3339, and not in the future.",
    fix="Write '2026-01-02T03:04:05Z'.",
    source="JF",
    profiles="jsonfeed",
)
def item_dates(item: Node, about: About) -> Problems:
    """Check both dates of an item."""
    for key in ("date_published", "date_modified"):
        found = item.get(key)
        if found is None:
            continue
        text = item.string(key)
        when = values.rfc3339_time(text)
        if flaw := values.rfc3339(text):
            yield Problem(found, flaw.message)
        elif when is not None and (why := values.implausible(when, about.context.now)):
            yield Problem(found, f"{text!r} {why}", elsewhere="warning")


@rule(
    "JSF-11",
    "warning",
    on="json item",
    says="An item has a url, and it is absolute.",
    fix="Write the whole address of the item's page.",
    source="JF",
    profiles="jsonfeed",
)
def item_url(item: Node, _about: About) -> Problems:
    """Check where the item leads."""
    found = item.get("url")
    if found is None:
        lax: Severity | None = "off" if item.get("external_url") is not None else "info"
        yield Problem(item, "the item has no url", elsewhere=lax)
    elif flaw := values.full_uri(item.string("url"), iri=True):
        yield Problem(found, flaw.message)


@rule(
    "JSF-12",
    "warning",
    on="json item",
    says="title, summary, content_text and tags are plain text.",
    fix="Put HTML into content_html alone.",
    source="JF",
    profiles="jsonfeed",
)
def item_plain_text(item: Node, _about: About) -> Problems:
    """Look for tags where readers show the text as it is."""
    for node in [item.get("title"), item.get("summary"), item.get("content_text"), *item.members("tags")]:
        if node is not None and isinstance(node.value, str) and (what := looks_like_markup(node.value)):
            yield Problem(node, f"holds {what}, in a text without markup")


@rule(
    "JSF-13",
    "error",
    on="json item",
    says="An attachment has url and mime_type; size_in_bytes and duration_in_seconds are numbers, 0 or more.",
    fix="Add what is missing, and write numbers without quotes.",
    source="JF",
    profiles="jsonfeed",
)
def attachments(item: Node, _about: About) -> Problems:
    """Check the files of an item."""
    for found in item.members("attachments"):
        for key in ("url", "mime_type"):
            if not found.string(key):
                yield Problem(found, f"the attachment has no {key}")
        if found.string("url") and values.full_uri(found.string("url"), iri=True):
            yield Problem(found, f"the url {found.string('url')!r} is not an absolute address")
        if found.string("mime_type") and (flaw := values.mime(found.string("mime_type"))):
            yield Problem(found, flaw.message)
        for key in ("size_in_bytes", "duration_in_seconds"):
            number = found.get(key)
            if number is not None and (number.number is None or number.number < 0):
                yield Problem(number, f"{key} is not a number of 0 or more")


def _keys(owner: Node, known: "set[str] | dict[str, tuple[type, ...]]") -> Problems:
    for key, member in owner.value.items() if isinstance(owner.value, dict) else ():
        if key.startswith("_"):
            inner = member.value if isinstance(member.value, dict) else {}
            dotted = next((name for name in inner if "." in name), None)
            if not _EXTENSION.fullmatch(key):
                yield Problem(member, f"the extension {key!r} is not '_' and a name without dots")
            elif dotted is not None:
                yield Problem(inner[dotted], f"the key {dotted!r} of the extension {key} has a dot")
        elif key not in known:
            yield Problem(
                member, f"JSON Feed has no {key!r} here; name an extension with '_'", elsewhere="warning"
            )


@rule(
    "JSF-14",
    "error",
    on="json item",
    says="Keys that JSON Feed does not define start with '_' and a letter, and have no dots.",
    fix='Put what is your own into one object under a key such as "_example".',
    source="JF",
    profiles="jsonfeed",
)
def item_extensions(item: Node, _about: About) -> Problems:
    """Look up the keys of an item."""
    yield from _keys(item, _ITEM)
    for name in ("authors", "attachments"):
        for member in item.members(name):
            yield from _keys(member, _MEMBERS[name])


@rule(
    "JSF-15",
    "warning",
    on="json",
    says="The file is at most 250 KB, and better below 100 KB.",
    fix="List fewer items, and page with next_url.",
    source="JF",
    profiles="jsonfeed",
    elsewhere="info",
)
def size(_top: Node, about: About) -> Problems:
    """Every reader downloads the whole of it, again and again."""
    if about.json_facts.size > _HEAVY:
        grave: Severity | None = "warning" if about.json_facts.size > _LARGE else "info"
        yield Problem(None, f"the file has {about.json_facts.size:,} bytes", level=grave, elsewhere="info")


@rule(
    "JSF-16",
    "error",
    on="site",
    says=(
        "The formats of one feed hold the same items, in the same order, with the same titles, dates "
        "and files."
    ),
    fix="Write all formats of a feed from one list.",
    source="requirements M.1",
    profiles="jsonfeed site",
)
def twins(_site: None, about: About) -> Problems:
    """Compare the feeds that lie in one folder."""
    folders: dict[str, list[Outline]] = {}
    for outline in about.outlines:
        if outline.subject.own and outline.subject.kind in ("rss", "atom", "json"):
            folders.setdefault(outline.subject.name.rpartition("/")[0], []).append(outline)
    for first, *others in folders.values():
        for other in others:
            yield from _differences(first, other)


def _differences(first: Outline, other: Outline) -> Problems:
    source, name = other.subject.name, first.subject.name.rpartition("/")[2]
    # Atom has ids that are IRIs, the others have any.
    ids, others = ([iri(item.id) for item in outline.items] for outline in (first, other))
    if ids != others:
        missing = {*ids} ^ {*others}
        what = f"{len(missing)} items are in one of them only" if missing else "the order differs"
        yield Problem(At(source=source), f"the items are not those of {name}: {what}")
        return
    for one, two in zip(first.items, other.items, strict=True):
        for key in ("title", "published", "enclosure"):
            left, right = getattr(one, key), getattr(two, key)
            if left != right:
                at = At(two.line, None, two.path, source)
                yield Problem(at, f"{key} is {right!r}, in {name} it is {left!r}")


@rule(
    "JSF-17",
    "error",
    on="json",
    says="Every value has the type that JSON Feed gives it, and languages are language codes.",
    fix="Write strings as strings, lists as arrays, and 'en' or 'en-gb' as language.",
    source="JF",
    profiles="jsonfeed",
)
def feed_types(top: Node, _about: About) -> Problems:
    """Check the types of the feed's own values, and its keys."""
    yield from _types(top, _TOP)
    yield from _keys(top, _TOP)
    for name in ("authors", "hubs"):
        for member in top.members(name):
            yield from _keys(member, _MEMBERS[name])


@rule(
    "JSF-18",
    "error",
    on="json item",
    says="An item is an object whose values have the types that JSON Feed gives them.",
    fix="Write strings as strings and lists as arrays.",
    source="JF",
    profiles="jsonfeed",
)
def item_types(item: Node, _about: About) -> Problems:
    """Check the types of an item's values, and its authors."""
    yield from _types(item, _ITEM)
    yield from _authors(item)


def _types(owner: Node, known: dict[str, tuple[type, ...]]) -> Problems:
    if not isinstance(owner.value, dict):
        yield Problem(owner, "this is not an object")
        return
    for key, member in owner.value.items():
        allowed = known.get(key)
        if allowed and not isinstance(member.value, allowed) and key != "id":
            yield Problem(member, f"{key} is not {_NAMED[allowed[0]]}")
    for tag in owner.members("tags"):
        if not isinstance(tag.value, str):
            yield Problem(tag, "a tag is not a string")
    language = owner.string("language")
    if language and (flaw := values.language(language)):
        yield Problem(owner.get("language"), flaw.message, elsewhere=flaw.grave)
