"""How fast audio is measured and tagged, in MB/s: medians of runs that take turns.

Plain copying is the measure of what the disk allows; mutagen's own way is to copy and then to save.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from mutagen.id3 import CHAP, ID3, TIT2

from bench._measure import table
from feeds import media
from feeds.model import Chapter

_RUNS = 7
_MEGABYTES = (5, 50, 150)

# Silence at 128 kbit/s and 48 kHz, whose frames are all of one length.
_FRAME = bytes.fromhex("fffb94c4") + bytes(380)

_CHAPTERS = tuple(Chapter(start=60.0 * index, title=f"Part {index} of the talk") for index in range(30))


def main() -> None:
    """Print a table with a row for each size of file."""
    head = ["file", "plain copy", "copy and mutagen", "publish", "measure", "publish, up to date"]
    with tempfile.TemporaryDirectory() as folder:
        table(head, [_row(megabytes, Path(folder)) for megabytes in _MEGABYTES])


def _row(megabytes: int, folder: Path) -> list[str]:
    original, copy = folder / "original.mp3", folder / "copy.mp3"
    original.write_bytes(_FRAME * (megabytes * 1_000_000 // len(_FRAME)))
    cover = media.thumbnail(media.cover("A Show", size=1400))
    duration = media.measure(original).duration or 0
    tags = media.Tags(title="One", show="A Show", duration=duration, chapters=_CHAPTERS, cover=cover)
    times = _in_turns(
        lambda: copy.unlink(missing_ok=True),
        lambda: shutil.copyfile(original, copy),
        lambda: _by_mutagen(original, copy),
        lambda: media.publish(original, copy, tags),
        lambda: media.measure(original),
    )
    media.publish(original, copy, tags)
    (again,) = _in_turns(lambda: None, lambda: media.publish(original, copy, tags))
    speeds = [f"{megabytes / seconds:,.0f} MB/s" for seconds in times]
    return [f"{megabytes} MB", *speeds, f"{again * 1000:.0f} ms"]


def _in_turns(prepare: Callable[[], object], *works: Callable[[], object]) -> list[float]:
    """Give the median seconds of each piece of work."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(_RUNS):
        for work, spent in zip(works, times, strict=True):
            prepare()
            start = time.perf_counter()
            work()
            spent.append(time.perf_counter() - start)
    return [median(spent) for spent in times]


def _by_mutagen(original: Path, copy: Path) -> None:
    shutil.copyfile(original, copy)
    id3 = ID3()  # type: ignore[no-untyped-call]
    for index, chapter in enumerate(_CHAPTERS):
        title = TIT2(encoding=3, text=chapter.title)  # type: ignore[no-untyped-call]
        start = int(chapter.start * 1000)
        mark = CHAP(element_id=f"c{index}", start_time=start, end_time=start + 60_000, sub_frames=[title])  # type: ignore[no-untyped-call]
        id3.add(mark)  # type: ignore[no-untyped-call]
    id3.save(copy, v2_version=3)
