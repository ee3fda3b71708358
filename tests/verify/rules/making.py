"""Files too large or too binary to keep beside a case: made from a description in its `case.json`."""

import io
import struct
from collections.abc import Callable
from typing import Any

from mutagen import id3 as untyped
from PIL import Image

id3: Any = untyped

FRAME = b"\xff\xe3\x18\xc0" + bytes(68)
"""72 ms of silence: MPEG 2.5 layer III, 8 kbit/s, 8 kHz, mono."""


def made(description: dict[str, Any]) -> bytes:
    """Make the bytes of a file."""
    kinds: dict[str, Callable[..., bytes]] = {"text": text, "mp3": mp3, "m4a": m4a, "picture": picture}
    return kinds[description["kind"]](**{key: value for key, value in description.items() if key != "kind"})


def text(*, before: str, repeat: str, times: int, after: str) -> bytes:
    return (before + repeat * times + after).encode()


def mp3(
    *,
    seconds: int,
    chapters: list[tuple[int, str]] | None = None,
    ends: list[int] | None = None,
    table: list[str] | str | None = "all",
    flags: int = 3,
    prefix: str = "chp",
    offset: int = 0xFFFFFFFF,
    link: str | None = None,
    version: int = 3,
    picture: int = 0,
) -> bytes:
    """Silence, with chapters in its tag: each from its start to the next, or to `ends`."""
    audio = io.BytesIO(FRAME * round(seconds / 0.072))
    if chapters is None:
        return audio.getvalue()
    tags = id3.ID3()
    starts = [start for start, _ in chapters]
    stops = ends or [*starts[1:], seconds]
    for number, ((start, title), end) in enumerate(zip(chapters, stops, strict=True), 1):
        inner = [id3.TIT2(encoding=3, text=title)] if title else []
        if link:
            inner.append(id3.WXXX(encoding=3, desc="", url=link))
        tags.add(
            id3.CHAP(
                element_id=f"{prefix}{number}",
                start_time=start * 1000,
                end_time=end * 1000,
                start_offset=offset,
                end_offset=offset,
                sub_frames=inner,
            )
        )
    if table is not None:
        children = (
            [f"{prefix}{number}" for number in range(1, len(chapters) + 1)] if table == "all" else table
        )
        tags.add(id3.CTOC(element_id="toc", flags=flags, child_element_ids=children, sub_frames=[]))
    if picture:
        tags.add(
            id3.APIC(encoding=3, mime="image/jpeg", type=3, desc="cover", data=b"\xff\xd8" + b"x" * picture)
        )
    tags.save(audio, v2_version=version)
    return audio.getvalue()


def m4a(*, chapters: list[tuple[int, str]]) -> bytes:
    """An M4A of no sound, with a Nero list of chapters."""
    listed = b"".join(
        struct.pack(">QB", start * 10_000_000, len(title)) + title.encode() for start, title in chapters
    )
    chpl = _box(b"chpl", b"\x01\0\0\0\0\0\0\0" + bytes([len(chapters)]) + listed)
    times = struct.pack(">IIIII", 0, 0, 0, 1000, 600_000)
    media = _box(b"mdhd", times + bytes(4)) + _box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    track = _box(b"trak", _box(b"mdia", media))
    movie = _box(b"mvhd", times + bytes(80)) + track + _box(b"udta", chpl)
    return _box(b"ftyp", b"M4A \0\0\0\0M4A ") + _box(b"moov", movie)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def picture(*, size: list[int], mode: str, format: str, cut: int | None = None) -> bytes:  # noqa: A002
    """A plain picture, cut off after `cut` bytes."""
    out = io.BytesIO()
    Image.new(mode, (size[0], size[1])).save(out, format)
    return out.getvalue()[:cut]
