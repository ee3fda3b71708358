"""A cache, so that things are made only once."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

_Source = TypeVar("_Source")
_Made = TypeVar("_Made")

MOST = 20_000
"""How many results are remembered, unless a feed holds more items: those on a page of each of 400 feeds."""


class Remembered(Generic[_Source, _Made]):
    """Makes something of what has an id, and makes it again only if that has changed or was long ago.

    >>> upper = Remembered(str.upper)
    >>> upper("a", "one"), upper("a", "one"), upper("a", "two")
    ('ONE', 'ONE', 'TWO')
    """

    def __init__(self, make: Callable[[_Source], _Made]) -> None:
        self._make = make
        self._most = MOST
        self._made: OrderedDict[str, tuple[_Source, _Made]] = OrderedDict()

    def make_room(self, count: int) -> None:
        """Remember at least this many: one document that holds them all takes as much memory anyway."""
        self._most = max(self._most, count)

    def __call__(self, id_: str, source: _Source) -> _Made:
        """Give what is made of a source, by its id."""
        known = self._made.get(id_)
        if known is None or (known[0] is not source and known[0] != source):
            known = self._made[id_] = (source, self._make(source))
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        return known[1]
