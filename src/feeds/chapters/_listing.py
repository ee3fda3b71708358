"""A proposal for the list of chapters."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feeds.chapters._times import Mark
from feeds.chapters._titles import Title
from feeds.chapters._words import Kind

Order = Literal["time first", "label first"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One mark and the title that belongs to it."""

    mark: Mark
    title: Title


@dataclass(frozen=True, slots=True)
class Listing:
    """These marks, in the order of the text, may be the chapters."""

    order: Order
    """Decided once for the whole list."""
    entries: tuple[Entry, ...]
    run_on: bool
    """Whether all stand in one line."""
    start: int
    end: int
    """The stretch of text from the heading, if there is one, to the end of the last entry."""
    heading: str = ""
    kind: Kind = ""
    """What the heading announces."""

    @property
    def seconds(self) -> tuple[float, ...]:
        """Where the chapters start."""
        return tuple(entry.mark.seconds for entry in self.entries)


def ascending(seconds: Sequence[float]) -> list[int]:
    """Find the longest run of times that never goes back, as places in the sequence.

    >>> ascending([0, 90, 800, 600, 1000])
    [0, 1, 3, 4]
    """
    tails: list[tuple[float, int]] = []
    before: list[int] = []
    for place, value in enumerate(seconds):
        at = bisect_left(tails, (value, place))
        before.append(tails[at - 1][1] if at else -1)
        tails[at : at + 1] = [(value, place)]
    chain = []
    place = tails[-1][1] if tails else -1
    while place >= 0:
        chain.append(place)
        place = before[place]
    return chain[::-1]
