"""JSON Feed 1.0 and 1.1, with the extension `_feeds` of our own, and JSON chapters 1.2 (Podcasting 2.0)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from feeds.errors import SourceError
from feeds.model import Article, Chapter, Earlier, Episode, Finding, Media, Parsed, Place, Source
from feeds.parsers import _dates, _markup
from feeds.parsers._records import (
    ReadChapters,
    duration,
    media_type,
    opening,
    persons,
    quarantined,
    whole,
)
from feeds.parsers._trees import load_json, repeated_names


def load(text: str, source: Source) -> Mapping[str, Any]:
    """Read the document. Raises `SourceError` if it is not JSON Feed."""
    document = load_json(text, source)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        message = "JSON without a list of `items`; a JSON Feed was expected. Is it a `table`?"
        raise SourceError(message, Place(source=source.name))
    return document


def parse(document: Mapping[str, Any], source: Source, read_chapters: ReadChapters | None) -> Parsed:
    """Read the items of a JSON Feed, in their order."""
    items: list[Article | Episode] = []
    findings = [*repeated_names(document, Place(source=source.name))]
    for index, item in enumerate(document["items"]):
        place = Place(source=source.name, path=f"items[{index}]")
        if not isinstance(item, dict):
            findings.append(quarantined(place, "not an object"))
        elif (read := _item(item, document, source, place, read_chapters)) is None:
            findings.append(quarantined(place, "it has neither a title nor a text"))
        else:
            items.append(read)
            findings.extend(_unread_dates(item, place))
    description = _string(document, "description")
    following = _url(document, "next_url", source)
    return Parsed(
        items=tuple(items),
        findings=tuple(findings),
        description=description or None,
        earlier=Earlier(url=following) if following else None,
    )


def chapters(data: bytes) -> tuple[Chapter, ...]:
    """Read a JSON chapters file; those that are not to be listed (`toc: false`) are left out.

    Raises `ValueError` if it is none.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    listed = document.get("chapters") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no list of `chapters`")
    return _chapters(listed, "startTime", "img")


def _item(
    item: Mapping[str, Any],
    document: Mapping[str, Any],
    source: Source,
    place: Place,
    read_chapters: ReadChapters | None,
) -> Article | Episode | None:
    html, text = _string(item, "content_html"), _string(item, "content_text")
    content = _markup.sanitise(html, source.base_url) or None
    summary = _markup.lines(_string(item, "summary")) or ("" if html else _markup.lines(text))
    title = _markup.line(_string(item, "title")) or _markup.shortened(summary or opening(content))
    if not title:
        return None
    media = _media(item, source)
    identifier = item.get("id")
    common: dict[str, Any] = {
        "title": title,
        "link": _url(item, "url", source) or _url(item, "external_url", source),
        "id": str(identifier).strip() if _is_id(identifier) else None,
        "published": _dates.read(item.get("date_published")),
        "updated": _dates.read(item.get("date_modified")),
        "authors": persons(item.get("authors") or item.get("author") or document.get("authors")),
        "tags": _tags(item.get("tags")),
        "content": content,
        "language": _string(item, "language") or _string(document, "language") or None,
        "image": _url(item, "image", source) or _url(item, "banner_image", source),
        "place": place,
    }
    ours = extension if isinstance(extension := item.get("_feeds"), dict) else {}
    if source.show is None and media is None:
        minutes = whole(ours.get("reading_minutes"))
        return Article(**common, summary=summary or opening(content), minutes=minutes)
    listed = _chapters(ours.get("chapters"), "start", "image")
    notes = html or text
    if not listed and read_chapters and notes:
        listed = read_chapters(notes, media.duration if media else None)
    return Episode(
        **common,
        summary=summary or _markup.plain(content or ""),
        show=source.show or "",
        number=whole(ours.get("episode")),
        season=whole(ours.get("season")),
        media=media,
        chapters=listed,
    )


def _is_id(value: object) -> bool:
    """An id is a text; that some write numbers is allowed for (version 1.1, items)."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _unread_dates(item: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    for name in ("date_published", "date_modified"):
        value = item.get(name)
        if value not in (None, "") and _dates.read(value) is None:
            yield _dates.unread(name, str(value), place)


def _chapters(listed: object, start_key: str, image_key: str) -> tuple[Chapter, ...]:
    found = [
        Chapter(
            start=start,
            title=_markup.line(_string(chapter, "title")),
            link=_markup.absolute(_string(chapter, "url")),
            image=_markup.absolute(_string(chapter, image_key)),
        )
        for chapter in (listed if isinstance(listed, list) else ())
        if isinstance(chapter, dict) and chapter.get("toc") is not False
        if (start := _seconds(chapter.get(start_key))) is not None
    ]
    return tuple(sorted(found, key=lambda chapter: chapter.start))


def _tags(tags: object) -> tuple[str, ...]:
    texts = (_markup.line(tag) for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str))
    return tuple(dict.fromkeys(filter(None, texts)))


def _media(item: Mapping[str, Any], source: Source) -> Media | None:
    """Take the first attachment that can be heard or watched."""
    attachments = item.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if not isinstance(attachment, dict) or not (url := _url(attachment, "url", source)):
            continue
        kind = media_type(url, attachment.get("mime_type"))
        if kind and kind.startswith(("audio/", "video/")):
            size, length = (
                whole(attachment.get("size_in_bytes")),
                duration(attachment.get("duration_in_seconds")),
            )
            return Media(url=url, type=kind, size=size or None, duration=length)
    return None


def _seconds(value: object) -> float | None:
    if isinstance(value, str):
        return duration(value)
    return float(value) if isinstance(value, int | float) and 0 <= value < 10**7 else None


def _string(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    return value.strip() if isinstance(value, str) else ""


def _url(table: Mapping[str, Any], name: str, source: Source) -> str | None:
    return _markup.absolute(_string(table, name), source.base_url)
