"""What pages say for machines: JSON-LD and microdata (schema.org), microformats, Open Graph.

Each finder gives fields by the names of `feeds.parsers._records.NAMES`, and the line they stand in.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from feeds.parsers import _markup
from feeds.parsers._records import duration

_MOST_NODES = 100_000
_TYPES = frozenset(
    {
        *("Article", "AdvertiserContentArticle", "AnalysisNewsArticle", "BlogPosting", "LiveBlogPosting"),
        *("NewsArticle", "OpinionNewsArticle", "ReportageNewsArticle", "ReviewNewsArticle", "Report"),
        *("ScholarlyArticle", "SocialMediaPosting", "TechArticle", "APIReference", "HowTo", "Recipe"),
        *("PodcastEpisode", "RadioEpisode", "Episode", "AudioObject"),
    }
)
_MICROFORMATS: Mapping[str, str] = {
    "title": ".p-name",
    "link": ".u-url",
    "published": ".dt-published",
    "updated": ".dt-updated",
    "authors": ".p-author",
    "tags": ".p-category",
    "summary": ".p-summary",
    "content": ".e-content",
    "image": ".u-photo, .u-featured",
    "audio": ".u-audio",
}


class Found(NamedTuple):
    """An item as the page describes it."""

    fields: Mapping[str, Any]
    line: int | None


def json_ld(page: Any) -> list[Found]:
    """Read articles and episodes of JSON-LD, in lists and graphs too; each address once."""
    found: list[Found] = []
    for script in page.iterfind(".//script[@type='application/ld+json']"):
        try:
            document = json.loads("".join(script.itertext()))
        except (ValueError, RecursionError):
            continue
        found.extend(Found(fields, script.sourceline) for fields in _things(document))
    return _once(found)


def microdata(page: Any) -> list[Found]:
    """Read articles and episodes of microdata."""
    scopes = page.iterfind(".//*[@itemscope][@itemtype]")
    return _once(
        [
            Found(_schema(_properties(scope)), scope.sourceline)
            for scope in scopes
            if scope.get("itemtype").rstrip("/").rpartition("/")[2] in _TYPES
        ]
    )


def open_graph(page: Any) -> Found | None:
    """Read the one article or episode that a page is about."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for meta in page.iterfind(".//meta[@content]"):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        said[name].append(meta.get("content"))

    def first(*names: str) -> str | None:
        return next((said[name][0] for name in names if name in said), None)

    if not (title := first("og:title", "twitter:title")):
        return None
    fields = {
        "title": title,
        "link": first("og:url"),
        "published": first("article:published_time", "og:article:published_time", "date"),
        "updated": first("article:modified_time", "og:updated_time"),
        "authors": said["author"] or [name for name in said["article:author"] if "/" not in name],
        "tags": said["article:tag"] or _list(first("keywords")),
        "summary": first("og:description", "description"),
        "image": first("og:image", "og:image:url"),
        "audio": first("og:audio", "og:audio:url"),
        "audio_type": first("og:audio:type"),
        "publisher": first("og:site_name"),
    }
    return Found({name: value for name, value in fields.items() if value}, None)


MICROFORMATS = (".h-entry", _MICROFORMATS)
"""Selectors for microformats, which are classes: of an item, and of its fields."""


def _things(document: Any) -> Iterator[Mapping[str, Any]]:
    """Walk through a document, without recursion, in its order."""
    waiting = [document]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
            continue
        if not isinstance(node, dict) or "BreadcrumbList" in _types(node):
            continue
        if _types(node) & _TYPES:
            yield _schema(node)
            continue
        if "ListItem" in _types(node) and node.get("name") and node.get("url"):
            yield _schema(node)
            continue
        waiting.extend(value for value in reversed(node.values()) if isinstance(value, dict | list))


def _types(node: Mapping[str, Any]) -> frozenset[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(kind.rpartition("/")[2].rpartition(":")[2] for kind in kinds if isinstance(kind, str))


def _schema(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the fields of a thing of schema.org."""
    audio = _one(_first(node, "associatedMedia", "audio", "encoding"))
    media = audio if isinstance(audio, dict) else {"contentUrl": audio}
    length = duration(_one(_first(node, "timeRequired", "duration")))
    season, is_episode = _one(node.get("partOfSeason")), bool(media.get("contentUrl"))
    fields = {
        "title": _one(_first(node, "headline", "name")),
        "link": _address(_first(node, "url", "mainEntityOfPage")) or _address(node.get("@id")),
        "published": _one(_first(node, "datePublished", "dateCreated", "uploadDate")),
        "updated": _one(node.get("dateModified")),
        "authors": _first(node, "author", "creator"),
        "tags": [*_list(node.get("keywords")), *_list(node.get("articleSection"))],
        "summary": _one(_first(node, "description", "abstract")),
        "content": _one(node.get("articleBody")),
        "language": _one(node.get("inLanguage")),
        "image": _address(_first(node, "image", "thumbnailUrl")),
        "publisher": _name(node.get("publisher")),
        "minutes": None if is_episode or length is None else round(length / 60),
        "audio": _one(_first(media, "contentUrl", "url")),
        "audio_type": _one(media.get("encodingFormat")),
        "duration": length if is_episode and length else _one(media.get("duration")),
        "number": _one(node.get("episodeNumber")),
        "season": _one(season.get("seasonNumber")) if isinstance(season, dict) else None,
    }
    return {name: value for name, value in fields.items() if value}


def _first(node: Mapping[str, Any], *names: str) -> Any:
    return next((value for name in names if (value := node.get(name))), None)


def _one(value: Any) -> Any:
    """Give the first of a list; the value of `{"@value": …}`."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value.get("@value", value) if isinstance(value, dict) else value


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value if isinstance(value, list) else []


def _address(value: Any) -> str | None:
    value = _one(value)
    if isinstance(value, dict):
        value = _one(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return value if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    value = _one(value)
    if isinstance(value, dict):
        value = _one(value.get("name"))
    return value if isinstance(value, str) else None


def _properties(scope: Any) -> dict[str, Any]:
    """Read the properties of a microdata item (WHATWG HTML, section 5.2), of those within it name and URL."""
    properties: dict[str, Any] = {}
    waiting = list(reversed(scope))
    while waiting:
        node = waiting.pop()
        is_item = node.get("itemscope") is not None
        for name in (node.get("itemprop") or "").split():
            value = {"name": _inner(node, "name"), "url": _inner(node, "url")} if is_item else _value(node)
            properties.setdefault(name, []).append(value)
        if not is_item:
            waiting.extend(reversed(node))
    return properties


def _inner(scope: Any, name: str) -> str | None:
    node = next(iter(scope.iterfind(f".//*[@itemprop='{name}']")), None)
    return None if node is None else _value(node)


def _value(node: Any) -> str:
    for attribute in ("content", "datetime", "src", "href", "data"):
        if (value := node.get(attribute)) and isinstance(value, str):
            return value
    return _markup.text_of(node)


def _once(found: list[Found]) -> list[Found]:
    """Keep of several descriptions of one thing the fullest, in the place of the first."""
    best: dict[Any, Found] = {}
    for index, one in enumerate(found):
        key = one.fields.get("link") or one.fields.get("title") or index
        if key not in best or len(one.fields) > len(best[key].fields):
            best[key] = one
    return [one for one in best.values() if one.fields.get("title")]


FINDERS: Mapping[str, Callable[[Any], list[Found]]] = {"JSON-LD": json_ld, "microdata": microdata}
"""What finds the items of a list, the fullest first."""
