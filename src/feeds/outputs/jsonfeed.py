"""JSON Feed 1.1, with what only we know under `_feeds` (feed-requirements C)."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from feeds.dates import rfc3339
from feeds.model import Article, Chapter, Entry, Episode, Feed, Media
from feeds.outputs.formats import address, archive_address
from feeds.remembered import Remembered


def writer() -> Callable[[Feed], bytes]:
    """Make a writer that encodes each entry once."""
    return _Writer()


class _Writer:
    def __init__(self) -> None:
        self._encoded: Remembered[Entry, msgspec.Raw] = Remembered(_encode)

    def __call__(self, feed: Feed) -> bytes:
        """Give the document of a feed."""
        self._encoded.make_room(len(feed.entries))
        return _render(feed, [self._encoded(entry.item.id or "", entry) for entry in feed.entries])


def _encode(entry: Entry) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(dict(_filled(_item(entry)))))


def _render(feed: Feed, items: list[msgspec.Raw]) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.url,
        "feed_url": address(feed, "json"),
        "next_url": archive_address(feed, "json", feed.prev_archive),
        "description": feed.description,
        "icon": feed.image,
        "authors": [{"name": feed.author}],
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.site.hubs],
        "items": items,
    }
    return msgspec.json.format(msgspec.json.encode(dict(_filled(document))), indent=1) + b"\n"


def _item(entry: Entry) -> dict[str, Any]:
    item = entry.item
    assert item.published
    assert item.updated
    return {
        "id": item.id,
        "url": entry.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": entry.content,
        "image": item.image,
        "date_published": rfc3339(item.published),
        "date_modified": rfc3339(item.updated),
        "authors": [{"name": author.name} for author in item.authors],
        "tags": item.tags,
        "language": item.language,
        "attachments": [_attachment(item.media)] if isinstance(item, Episode) and item.media else [],
        "_feeds": _extension(item),
    }


def _attachment(media: Media) -> dict[str, Any]:
    values = {
        "url": media.url,
        "mime_type": media.type,
        "size_in_bytes": media.size,
        "duration_in_seconds": None if media.duration is None else round(media.duration),
    }
    return dict(_filled(values))


def _extension(item: Article | Episode) -> dict[str, Any]:
    if isinstance(item, Article):
        return {} if item.minutes is None else {"reading_minutes": item.minutes}
    values = {
        "season": item.season,
        "episode": item.number,
        "chapters": [dict(_filled(_chapter(chapter))) for chapter in item.chapters],
    }
    return dict(_filled(values))


def _chapter(chapter: Chapter) -> dict[str, Any]:
    return {"start": chapter.start, "title": chapter.title, "url": chapter.link, "image": chapter.image}


def _filled(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Leave out what is not known; an empty list of items stays, since it is required."""
    for key, value in values.items():
        if value or key == "items" or isinstance(value, int | float):
            yield key, value
