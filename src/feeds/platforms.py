"""Which platforms will show the chapters of an episode, and if not, why (feed-requirements D.7, F.4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from feeds.model import Chapter

_FEWEST = 3
"""Chapters below which Apple, Spotify and YouTube show none."""
_SHORTEST = 10.0
"""Seconds below which YouTube takes no chapter."""
_ADVISED = 30.0
"""Seconds that Spotify advises as the least."""
_TITLE = 40
"""Characters that Spotify advises as the most; others cut longer titles too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformNote:
    """What one platform makes of the chapters of an episode."""

    platform: str
    shows: bool
    reads: str
    """Where it finds them."""
    remarks: tuple[str, ...]
    """Why it shows none, or what it will not show well."""


_READS: Mapping[str, str] = {
    "Apple Podcasts": "the JSON file, the MP3, the timestamps in the description",
    "Spotify": "Podlove Simple Chapters, the timestamps in the description",
    "YouTube": "the timestamps in the description",
    "AntennaPod": "Podlove Simple Chapters, the JSON file, the MP3",
}


def notes(chapters: Sequence[Chapter], duration: float | None) -> tuple[PlatformNote, ...]:
    """Say for each platform whether it will show chapters in their final form; none for no chapters.

    `duration` is that of the episode in seconds, if known.
    """
    if not chapters:
        return ()
    lengths = [after.start - before.start for before, after in pairwise(chapters)]
    if duration is not None:
        lengths.append(duration - chapters[-1].start)
    long = [chapter.title for chapter in chapters if len(chapter.title) > _TITLE]
    return tuple(
        PlatformNote(
            platform=platform,
            shows=not (refusals := tuple(_refusals(platform, chapters, lengths))),
            reads=reads,
            remarks=(*refusals, *_advice(platform, lengths, long)),
        )
        for platform, reads in _READS.items()
    )


def _refusals(platform: str, chapters: Sequence[Chapter], lengths: Sequence[float]) -> Iterator[str]:
    if platform != "AntennaPod" and len(chapters) < _FEWEST:
        yield f"needs at least {_FEWEST} chapters, there are {len(chapters)}"
    if platform == "YouTube" and (shortest := min(lengths, default=_SHORTEST)) < _SHORTEST:
        yield f"takes no chapter shorter than {_SHORTEST:.0f} s, one has {shortest:.0f} s"


def _advice(platform: str, lengths: Sequence[float], long: Sequence[str]) -> Iterator[str]:
    if platform == "Spotify" and (short := sum(length < _ADVISED for length in lengths)):
        yield f"advises at least {_ADVISED:.0f} s a chapter, {short} have less"
    if platform in ("Spotify", "YouTube") and long:
        yield f"cuts titles of more than {_TITLE} characters: {', '.join(map(repr, long))}"
