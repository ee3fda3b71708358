"""The frames of an MP3: counting them, and writing silent ones."""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from mmap import mmap
from typing import NamedTuple

# A header of MPEG 1, 2 or 2.5 Layer III with a bit rate and a sample rate (ISO/IEC 11172-3, 2.4.1.3).
_HEADER = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef].", re.DOTALL)

# Kilobits per second by bit rate index; MPEG 2 and 2.5 share one table.
_MPEG1_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)

# One frame of MPEG-2 Layer III, 8 kbit/s, 24 kHz, mono: exactly 24 bytes and 24 ms, without padding. Its
# side information is all zero, which says that no spectral line is coded: silence. 8 kbit/s is the lowest
# rate that Apple (8 to 320 kbit/s), Android (the same) and browsers promise to play; at MPEG-1's lowest,
# 32 kbit/s, an hour would take 14 MB instead of 3.6. MPEG-2.5 would go no lower and is not an ISO standard.
_SILENCE = bytes.fromhex("fff314c0") + bytes(20)
_SILENCE_SECONDS = 0.024

# How files of other formats start that may hold frames of an MP3.
_CONTAINERS = (b"OggS", b"fLaC", b"RIFF", b"FORM")

# Anything may look like one header. Text or pictures do not look like this many in a row.
_ENOUGH = 4


class Stream(NamedTuple):
    """What the frames of an MP3 say."""

    start: int
    """Offset of the first frame: where tags and whatever else is in front end."""
    seconds: float
    """How long all complete frames play."""
    promised: float | None
    """How long the file says it plays, where its first frame is a Xing or VBRI header."""
    cut: bool
    """Whether the last frame is incomplete."""


class _Frame(NamedTuple):
    size: int
    kind: bytes
    """What stays the same from frame to frame: version, layer and sample rate."""
    samples: int
    hertz: int
    kilobits: int
    """Per second."""
    side: int
    """Size of the side information."""


def silence(seconds: float) -> bytes:
    """Write an MP3 that plays nothing for at least this many seconds, and for at least one."""
    return _SILENCE * math.ceil(max(seconds, 1) / _SILENCE_SECONDS)


def scan(data: bytes | mmap) -> Stream | None:
    """Walk all frames of an MP3; `None` if there are none.

    The frames are counted rather than the duration taken from the header or the bit rate: that is right
    for a variable bit rate without a header, and it shows where a file was cut off.
    """
    start = find(data)
    if start is None:
        return None
    first = _frame(data[start : start + 4])
    assert first
    promised = _promised(data[start : start + first.size], first)
    frames, cut = 0 if promised is None else -1, False
    for _, complete in _walk(data, start, first.kind):
        frames, cut = frames + complete, not complete
    return Stream(start, max(frames, 0) * first.samples / first.hertz, promised, cut)


def find(data: bytes | mmap) -> int | None:
    """Find the first frame of an MP3, after its tags; `None` if it is none, be there frames inside or not."""
    if data[4:8] == b"ftyp" or data[:4] in _CONTAINERS:
        return None
    return _sync(data, _skip_tags(data))


def foretell(beginning: bytes, size: int) -> float | None:
    """Tell from its beginning how many seconds an MP3 of `size` bytes plays; `None` if that does not say.

    `size` counts from the same byte as `beginning`.
    """
    start = find(beginning)
    if start is None:
        return None
    first = _frame(beginning[start : start + 4])
    assert first
    promised = _promised(beginning[start : start + first.size], first)
    if promised is not None:
        return promised
    rates = {frame.kilobits for frame, _ in _walk(beginning, start, first.kind)}
    return (size - start) / (first.kilobits * 125) if len(rates) == 1 else None


def tags_at(data: bytes) -> int:
    """Tell how many bytes the ID3v2 tag at the start takes, be they there or not."""
    return 10 + _tag_size(data[:10]) if data.startswith(b"ID3") else 0


def _skip_tags(data: bytes | mmap) -> int:
    """Find the end of the ID3v2 tags at the start; of a broken one, only the header is skipped."""
    position = 0
    while data[position : position + 3] == b"ID3":
        header = data[position : position + 10]
        end = position + 10 + _tag_size(header)
        if max(header[6:], default=0x80) > 0x7F or end > len(data):
            return position + 3
        position = end
    return position


def _tag_size(header: bytes) -> int:
    """Read from the header of an ID3v2 tag how much comes after it (ID3v2.4, 3.1 and 3.4)."""
    size = 0
    for byte in header[6:10]:
        size = size << 7 | byte
    has_footer = header[3:4] == b"\4" and header[5] & 0x10
    return size + 10 if has_footer else size


def _walk(data: bytes | mmap, position: int, kind: bytes) -> Iterator[tuple[_Frame, bool]]:
    """Go from frame to frame, over whatever lies between, and say of each whether it is complete."""
    end = len(data)
    while position + 4 <= end:
        frame = _frame(data[position : position + 4])
        if frame is None or frame.kind != kind:
            if data[position : position + 3] in (b"TAG", b"APE", b"LYR"):
                return
            found = _sync(data, position + 1, kind)
            if found is None:
                return
            position = found
        else:
            position += frame.size
            yield frame, position <= end


def _sync(data: bytes | mmap, position: int, kind: bytes | None = None) -> int | None:
    """Find the next place where frame follows frame."""
    while match := _HEADER.search(data, position):
        if _chained(data, match.start(), kind):
            return match.start()
        position = match.start() + 1
    return None


def _chained(data: bytes | mmap, position: int, kind: bytes | None) -> bool:
    for _ in range(_ENOUGH):
        frame = _frame(data[position : position + 4])
        if frame is None or frame.kind != (kind or frame.kind):
            return False
        kind = frame.kind
        position += frame.size
        if position == len(data) or data[position : position + 3] == b"TAG":
            return True
    return True


@lru_cache(maxsize=4096)
def _frame(header: bytes) -> _Frame | None:
    if not _HEADER.fullmatch(header):
        return None
    version, rate = header[1] >> 3 & 3, header[2] >> 2 & 3
    if rate == 3:
        return None
    mpeg1, mono = version == 3, header[3] >> 6 == 3
    hertz = (44100, 48000, 32000)[rate] >> {3: 0, 2: 1, 0: 2}[version]
    kilobits = (_MPEG1_RATES if mpeg1 else _MPEG2_RATES)[header[2] >> 4]
    samples = 1152 if mpeg1 else 576
    size = samples // 8 * kilobits * 1000 // hertz + (header[2] >> 1 & 1)
    side = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
    return _Frame(size, bytes((header[1] | 1, header[2] & 0x0C)), samples, hertz, kilobits, side)


def _promised(frame: bytes, head: _Frame) -> float | None:
    """Read how long the audio is from a Xing, Info or VBRI header; `None` if it is an ordinary frame."""
    xing = frame[4 + head.side :]
    if xing[:4] in (b"Xing", b"Info"):
        has_count = int.from_bytes(xing[4:8], "big") & 1
        return int.from_bytes(xing[8:12], "big") * head.samples / head.hertz if has_count else None
    vbri = frame[36:]
    if vbri[:4] == b"VBRI":
        return int.from_bytes(vbri[14:18], "big") * head.samples / head.hertz
    return None
