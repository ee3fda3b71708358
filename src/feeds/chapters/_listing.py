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
    apart: tuple[tuple[int, int], ...] = ()
    """What stands between the entries and belongs to none of them, such as a paragraph."""
    heading: str = ""
    kind: Kind = ""
    """What the heading announces."""

    @property
    def seconds(self) -> tuple[float, ...]:
        """Where the chapters start."""
        return tuple(entry.mark.seconds for entry in self.entries)


def ascending(seconds: Sequence[float]) -> list[int]:
    """Find the longest run of times that never goes back, as places in the sequence; of two, the earlier.

    >>> ascending([0, 90, 800, 600, 1000])
    [0, 1, 2, 4]
    """
    # Patience sorting, from the end: `tops` are the latest first times of runs of each length.
    tops: list[tuple[float, int]] = []
    following: dict[int, int] = {}
    for place in range(len(seconds) - 1, -1, -1):
        card = (-seconds[place], -place)
        at = bisect_left(tops, card)
        if at:
            following[place] = -tops[at - 1][1]
        tops[at : at + 1] = [card]
    chain = [-tops[-1][1]] if tops else []
    while chain and chain[-1] in following:
        chain.append(following[chain[-1]])
    return chain


def strays(seconds: Sequence[float]) -> list[int]:
    """Find the places that are out of order.

    >>> strays([0, 90, 800, 600, 1000])
    [3]
    """
    return sorted(set(range(len(seconds))) - set(ascending(seconds)))
