"""What an audio file is: where it is, its type, its size, how long it plays, the chapters in it."""

# mutagen says that it is typed, but its constructors are not.
# mypy: disable-error-code="no-untyped-call"

import errno
import string
from collections.abc import Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import mutagen
from mutagen import FileType
from mutagen.aac import AAC
from mutagen.aiff import AIFF
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.mp4 import MP4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from feeds.dates import clock
from feeds.errors import MediaError
from feeds.media import mp3
from feeds.media.files import BROKEN, unusable
from feeds.model import Chapter, Episode, Media, Place

# Types that Apple lists (feed requirements, D.2), by extension; the extension decides there.
APPLE = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/x-m4a",
    ".mp4": "video/mp4",
    ".m4v": "video/x-m4v",
    ".mov": "video/quicktime",
}

# What else can be measured: how it starts, its type, and who reads it.
OTHERS: tuple[tuple[bytes, str, tuple[type[FileType], ...]], ...] = (
    (b"OggS", "audio/ogg", (OggOpus, OggVorbis, OggFLAC)),
    (b"fLaC", "audio/flac", (FLAC,)),
    (b"RIFF", "audio/wav", (WAVE,)),
    (b"FORM", "audio/aiff", (AIFF,)),
    (b"\xff\xf1", "audio/aac", (AAC,)),
    (b"\xff\xf9", "audio/aac", (AAC,)),
)

# A file may end this much earlier than its header says: some encoders count their own delay.
_TOLERANCE = 1.0


def placeholder(seconds: float) -> bytes:
    """Write a silent MP3 of this many seconds, rounded up to the next 24 ms; the same bytes each time."""
    return mp3.silence(seconds)


def measure(path: Path) -> Media:
    """Measure an audio file: its type by content, its size and its duration; the address stays empty.

    The frames of an MP3 are counted, so that the duration is right whatever its header says.
    Raises `MediaError` if the file cannot be read, is empty, is cut off, or is not audio.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if not size:
                raise MediaError("is empty (0 bytes); copy it again", Place(source=str(path)))
            with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                kind, duration = _measured(path, data)
    except OSError as error:
        raise unusable(path, error) from error
    return Media(url="", type=kind, size=size, duration=duration)


def find_audio(pattern: str, episode: Episode, root: Path, *, slug: str = "") -> Path | None:
    """Find the audio file of an episode by a pattern such as `media/{number:03}.mp3`.

    A pattern may name `{number}`, `{season}`, `{title}` and `{slug}`; a slash in a title becomes a dash.
    The answer is `None` if the episode lacks what the pattern names, or if there is no such file.
    Raises `MediaError` if the pattern names something else or leads outside `root`, or if the path cannot be
    looked at.
    """
    name = fill(pattern, episode, slug=slug)
    if name is None:
        return None
    path = root / name
    if not path.is_relative_to(root) or ".." in path.relative_to(root).parts:
        place = Place(source=pattern)
        raise MediaError(f"leads to {name}, outside {root}; name a path within it", place)
    try:
        return path if path.is_file() else None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # as a title may be
            return None
        raise unusable(path, error) from error


def fill(pattern: str, episode: Episode, *, slug: str = "") -> str | None:
    """Put an episode's facts into a pattern, as `find_audio` knows it; `None` if it lacks one of them.

    Raises `MediaError` if the pattern names something else.
    """
    known: Mapping[str, str | int | None] = {
        "number": episode.number,
        "season": episode.season,
        "title": episode.title.replace("/", "-").replace("\\", "-").replace("\0", "") or None,
        "slug": slug or None,
    }
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(pattern) if field is not None]
        unknown = sorted(set(fields) - set(known))
        if unknown:
            raise ValueError(f"unknown {{{unknown[0]}}}")
        if any(known[field] is None for field in fields):
            return None
        return pattern.format_map(known)
    except ValueError as error:
        choices = ", ".join(f"{{{name}}}" for name in known)
        place = Place(source=pattern)
        raise MediaError(f"is not a pattern of a path ({error}); it may name {choices}", place) from error


def _measured(path: Path, data: mmap) -> tuple[str, float]:
    place = Place(source=str(path))
    if data[4:8] == b"ftyp":
        _check_boxes(data, place)
        suffix = path.suffix.lower()
        return APPLE[suffix if suffix in APPLE and suffix != ".mp3" else ".m4a"], _length(path, (MP4,), place)
    for magic, kind, readers in OTHERS:
        if data[: len(magic)] == magic:
            return kind, _length(path, readers, place)
    if stream := mp3.scan(data):
        return APPLE[".mp3"], _whole(stream, place)
    raise MediaError(f"is not audio in a known format; it starts with {data[:16]!r}", place)


def _length(path: Path, readers: tuple[type[FileType], ...], place: Place) -> float:
    try:
        file = mutagen.File(path, options=readers)
    except BROKEN as error:
        raise MediaError(f"is broken or cut off: {error}", place) from error
    if file is None or not file.info.length:
        raise MediaError("does not say how long it plays; export it again", place)
    return float(file.info.length)


def _whole(stream: mp3.Stream, place: Place) -> float:
    """Return how long an MP3 plays, if nothing of it is missing."""
    if stream.promised is not None and stream.seconds < stream.promised - _TOLERANCE:
        raise MediaError(
            f"is cut off: it should play for {clock(stream.promised)} but ends after "
            f"{clock(stream.seconds)}; copy or export it again",
            place,
        )
    if stream.cut:
        raise MediaError(
            f"is cut off in the middle of a frame, after {clock(stream.seconds)}; copy or export it again",
            place,
        )
    return stream.seconds


def _check_boxes(data: mmap, place: Place) -> None:
    """Refuse an MP4 whose boxes reach beyond its end (ISO/IEC 14496-12, 4.2)."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:
            return
        position += max(size, 8)
    if position > len(data):
        raise MediaError(
            f"is cut off: {position - len(data)} bytes are missing; copy or export it again", place
        )


def chapters(path: Path) -> tuple[Chapter, ...]:
    """Read the chapters that an audio file has: ID3 in an MP3, the `chpl` box in an MP4 (H.1, H.4).

    Raises `MediaError` if the file cannot be read. One that is neither has none, nor has one whose tags
    are broken.
    """
    try:
        with path.open("rb") as file:
            is_mp4 = file.read(12)[4:8] == b"ftyp"
    except OSError as error:
        raise unusable(path, error) from error
    try:
        found = MP4(path).chapters or () if is_mp4 else ID3(path).getall("CHAP")
    except BROKEN:
        return ()
    marks = [Chapter(start=mark.start, title=mark.title) if is_mp4 else _mark(mark) for mark in found]
    return tuple(sorted(marks, key=lambda chapter: chapter.start))


def _mark(frame: Any) -> Chapter:
    titles = frame.sub_frames.getall("TIT2")
    links = frame.sub_frames.getall("WXXX")
    return Chapter(
        start=frame.start_time / 1000,
        title=str(titles[0]) if titles else "",
        link=links[0].url if links else None,
    )
