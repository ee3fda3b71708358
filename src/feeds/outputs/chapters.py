"""The chapters of one episode as files: JSON chapters 1.2 and WebVTT (feed-requirements F.3, H.5)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec

from feeds.dates import clock
from feeds.model import Chapter, Document, Entry, Episode


def documents(entry: Entry) -> tuple[Document, ...]:
    """Both files of an episode, or none if it has no chapters."""
    item = entry.item
    if not isinstance(item, Episode) or not item.chapters:
        return ()
    return (
        Document(
            path=f"{entry.path}/chapters.json",
            type="application/json+chapters",
            body=_json(item),
        ),
        Document(path=f"{entry.path}/chapters.vtt", type="text/vtt", body=_vtt(item)),
    )


def _json(episode: Episode) -> bytes:
    document = {
        "version": "1.2.0",
        "title": episode.title,
        "chapters": [_mark(chapter) for chapter in episode.chapters],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _mark(chapter: Chapter) -> dict[str, Any]:
    # AntennaPod reads whole numbers only, so a whole second is written as one.
    start = int(chapter.start) if chapter.start.is_integer() else round(chapter.start, 3)
    mark = {"startTime": start, "title": chapter.title, "url": chapter.link, "img": chapter.image}
    return {key: value for key, value in mark.items() if value is not None}


def _vtt(episode: Episode) -> bytes:
    """One cue a chapter, each up to the next, the last up to the end of the audio."""
    cues = [
        f"{clock(start, milliseconds=True)} --> {clock(end, milliseconds=True)}\n{_cue(title)}\n"
        for (start, title), (end, _) in pairwise(_bounds(episode.chapters, episode))
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def _bounds(chapters: Sequence[Chapter], episode: Episode) -> list[tuple[float, str]]:
    last = chapters[-1].start
    duration = episode.media.duration if episode.media else None
    return [*((chapter.start, chapter.title) for chapter in chapters), (duration or last + 60, "")]


def _cue(title: str) -> str:
    return title.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "--&gt;")
