"""How a feed is written: each format is one file, and one line in the table."""

from collections.abc import Callable, Mapping

from feeds.model import Document, Feed
from feeds.outputs import atom, jsonfeed, podcast, rss
from feeds.outputs.formats import FORMATS

_WRITERS: Mapping[str, Callable[[], Callable[[Feed], bytes]]] = {
    "rss": rss.writer,
    "atom": atom.writer,
    "json": jsonfeed.writer,
    "podcast": podcast.writer,
}


class Outputs:
    """The writers of one build; what one makes of an entry serves all feeds that hold it."""

    def __init__(self) -> None:
        self._writers = {name: make() for name, make in _WRITERS.items()}

    def render(self, feed: Feed) -> tuple[Document, ...]:
        """Write a feed in each of its formats."""
        return tuple(
            Document(
                path=f"{feed.path}/{FORMATS[name].file}",
                type=FORMATS[name].type,
                body=self._writers[name](feed),
            )
            for name in feed.formats
        )
