"""How a feed is written: each format is one file, and one line in the table."""

from collections.abc import Callable, Iterable, Mapping

from feeds.model import Document, Feed
from feeds.outputs.formats import FORMATS, path

_Write = Callable[[Feed], bytes]


def _rss() -> _Write:
    from feeds.outputs import rss

    return rss.writer()


def _atom() -> _Write:
    from feeds.outputs import atom

    return atom.writer()


def _json() -> _Write:
    from feeds.outputs import jsonfeed

    return jsonfeed.writer()


def _podcast() -> _Write:
    from feeds.outputs import podcast

    return podcast.writer()


_WRITERS: Mapping[str, Callable[[], _Write]] = {
    "rss": _rss,
    "atom": _atom,
    "json": _json,
    "podcast": _podcast,
}


class Outputs:
    """The writers of one build; what one makes of an entry serves all feeds that hold it."""

    def __init__(self) -> None:
        self._writers: dict[str, _Write] = {}

    def render(self, feed: Feed, formats: Iterable[str] | None = None) -> tuple[Document, ...]:
        """Write a feed in some of its formats, by default in all."""
        wanted = feed.formats if formats is None else tuple(formats)
        for name in wanted:
            if name not in self._writers:
                self._writers[name] = _WRITERS[name]()
        return tuple(
            Document(
                path=path(feed, name),
                type=FORMATS[name].type,
                body=self._writers[name](feed),
            )
            for name in wanted
        )
