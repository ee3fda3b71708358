"""Chapters, title and cover at the start of an MP3, where players look for them: ID3v2.3."""

# mutagen says that it is typed, but its constructors are not.
# mypy: disable-error-code="no-untyped-call"

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from mutagen.id3 import (
    APIC,
    CHAP,
    CTOC,
    ID3,
    TALB,
    TIT2,
    TPE1,
    TRCK,
    WXXX,
    BitPaddedInt,
    CTOCFlags,
    Encoding,
    Frame,
    PictureType,
    TextFrame,
)

from feeds.errors import MediaError
from feeds.media import mp3
from feeds.media.files import BROKEN, unusable, write
from feeds.model import Chapter, Place

# A table of contents counts its children in one byte (ID3v2 Chapter Frame Addendum, 3.2).
_MOST_CHILDREN = 255

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Tags:
    """What an MP3 says of itself."""

    title: str
    show: str
    duration: float
    """Seconds; the last chapter ends here."""
    number: int | None = None
    author: str | None = None
    chapters: tuple[Chapter, ...] = ()
    """In ascending order, within the duration. Without any, those the file has are kept."""
    cover: bytes | None = None
    """A JPEG or PNG. It lies before the audio and delays its start, so keep it small."""


def tag(audio: bytes, tags: Tags) -> bytes:
    """Put tags before an MP3 in memory; the same input gives the same bytes.

    Raises `MediaError` if it is not an MP3.
    """
    start = mp3.find(audio)
    if start is None:
        raise MediaError("is not an MP3")
    return _head(BytesIO(audio), tags) + audio[start:]


def publish(original: Path, copy: Path, tags: Tags) -> int:
    """Make the published copy of an audio file, with tags if it is an MP3; return its size in bytes.

    The original is never touched. The copy appears whole or not at all, and one that is up to date is
    left alone. Raises `MediaError` if the original cannot be read or changes meanwhile, `TargetError` if
    the copy cannot be written.
    """
    try:
        with original.open("rb") as file:
            before = os.fstat(file.fileno())
            head, start = _opening(file, tags)
            size = len(head) + before.st_size - start
            if not _up_to_date(copy, head, size, before):
                file.seek(start)
                write(copy, chain([head], _rest(original, file, before)))
    except OSError as error:
        raise unusable(original, error) from error
    return size


def _opening(file: BinaryIO, tags: Tags) -> tuple[bytes, int]:
    """Make the bytes that go before the audio, and say where the audio starts."""
    if not os.fstat(file.fileno()).st_size:
        return b"", 0
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        start = mp3.find(data)
    return (b"", 0) if start is None else (_head(file, tags), start)


def _up_to_date(copy: Path, head: bytes, size: int, original: os.stat_result) -> bool:
    """Compare as `make` does, by time, and the tags byte for byte; reading all audio again would be slow."""
    try:
        found = copy.stat()
        if found.st_size != size or found.st_mtime_ns <= max(original.st_mtime_ns, original.st_ctime_ns):
            return False
        with copy.open("rb") as file:
            return file.read(len(head)) == head
    except OSError:
        return False


def _rest(original: Path, file: BinaryIO, before: os.stat_result) -> Iterator[bytes]:
    try:
        while block := file.read(_BLOCK):
            yield block
        after = os.fstat(file.fileno())
    except OSError as error:
        raise unusable(original, error) from error
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise MediaError("changed while it was being copied; build again", Place(source=str(original)))


def _head(original: BinaryIO, tags: Tags) -> bytes:
    """Write the whole ID3v2.3 tag; 2.3 is the version that most players read.

    mutagen sorts the frames of a tag by size, but many readers take chapters as they come in the file,
    so each of these is written as a tag of its own and loses its header of ten bytes.
    """
    parts = [_described(original, tags)]
    parts += map(_alone, _contents(tags.chapters))
    parts += map(_alone, _marks(tags.chapters, tags.duration))
    body = b"".join(part[10:] for part in parts)
    return b"ID3\x03\x00\x00" + BitPaddedInt.to_str(len(body), width=4) + body


def _described(original: BinaryIO, tags: Tags) -> bytes:
    """Write the frames that the file had and keeps, and those that say what it is now."""
    id3 = _readable(original)
    if tags.chapters:
        id3.delall("CHAP")
        id3.delall("CTOC")
    frames: list[Frame] = [_text(TIT2, tags.title), _text(TALB, tags.show)]
    if tags.author:
        frames.append(_text(TPE1, tags.author))
    if tags.number is not None:
        frames.append(_text(TRCK, str(tags.number)))
    if tags.cover:
        frames.append(_picture(tags.cover))
    for frame in frames:
        id3.setall(frame.FrameID, [frame])
    return _saved(id3)


def _readable(original: BinaryIO) -> ID3:
    """Read the tags that a file has, or none if they are broken: cannot be read, or not be written again."""
    try:
        original.seek(0)
        id3 = ID3(original, v2_version=3, load_v1=False)
        _saved(id3)
    except BROKEN:
        return ID3()
    return id3


def _contents(chapters: Sequence[Chapter]) -> Iterator[CTOC]:
    """List the chapters in one ordered table of contents, or in several below it if they are too many."""
    if not chapters:
        return
    ids = [_id(index) for index in range(len(chapters))]
    below = []
    if len(ids) > _MOST_CHILDREN:
        groups = [ids[start : start + _MOST_CHILDREN] for start in range(0, len(ids), _MOST_CHILDREN)]
        ids = [f"toc{number:03}" for number in range(1, len(groups) + 1)]
        below = list(map(_table, ids, groups))
    yield _table("toc", ids, CTOCFlags.TOP_LEVEL)
    yield from below


def _table(name: str, children: list[str], flags: int = 0) -> CTOC:
    return CTOC(element_id=name, flags=flags | CTOCFlags.ORDERED, child_element_ids=children, sub_frames=[])


def _marks(chapters: Sequence[Chapter], duration: float) -> Iterator[CHAP]:
    """Write each chapter with its title and link, in order of time; it ends where the next one starts."""
    ends = [chapter.start for chapter in chapters[1:]] + [duration]
    for index, (chapter, end) in enumerate(zip(chapters, ends, strict=False)):
        frames: list[Frame] = [_text(TIT2, chapter.title)]
        if chapter.link:
            frames.append(WXXX(encoding=Encoding.LATIN1, desc="", url=_ascii(chapter.link)))
        if chapter.image:
            frames.append(_linked_picture(chapter.image))
        yield CHAP(
            element_id=_id(index),
            start_time=_milliseconds(chapter.start),
            end_time=max(_milliseconds(end), _milliseconds(chapter.start) + 1),
            sub_frames=frames,
        )


def _id(index: int) -> str:
    return f"chp{index + 1:05}"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _text(kind: type[TextFrame], value: str) -> TextFrame:
    """Write text as ID3v2.3 can: Latin-1, or UTF-16 where that is needed."""
    return kind(encoding=Encoding.LATIN1 if value.isascii() else Encoding.UTF16, text=[value])


def _ascii(url: str) -> str:
    """Write an address in ASCII; the frames for addresses have no other encoding that all readers share."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _linked_picture(url: str) -> APIC:
    return APIC(
        encoding=Encoding.LATIN1, mime="-->", type=PictureType.OTHER, desc="", data=_ascii(url).encode()
    )


def _picture(data: bytes) -> APIC:
    mime = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return APIC(encoding=Encoding.LATIN1, mime=mime, type=PictureType.COVER_FRONT, desc="", data=data)


def _alone(frame: Frame) -> bytes:
    id3 = ID3()
    id3.add(frame)
    return _saved(id3)


def _saved(id3: ID3) -> bytes:
    file = BytesIO()
    id3.save(file, v1=0, v2_version=3, padding=lambda _: 0)
    return file.getvalue()
