"""Rendering, on its own: jobs of plain data, from which any process anywhere makes the same bytes.

A job brings items as the ledger has them; who takes it composes them, once for all of its jobs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from feeds import compose
from feeds.errors import FeedsError
from feeds.model import Article, Document, Entry, Episode, Feed, Show, Site, Tombstone, Topic
from feeds.outputs import Outputs, chapters
from feeds.outputs.pages import Pages
from feeds.outputs.pages.paging import Sheet
from feeds.remembered import Remembered

AnyItem: TypeAlias = Article | Episode
Shows: TypeAlias = Mapping[str, Show]
"""By slug: those that items of a job are episodes of."""


class Frame(NamedTuple):
    """What holds for all jobs of a build."""

    site: Site
    topics: tuple[Topic, ...]
    theme: Path | None
    look: str
    """Digest of the theme and the code of pages, so that no worker renders with others."""
    build: str


class ItemPages(NamedTuple):
    """The pages of items that have one on this site, with their files of chapters."""

    frame: Frame
    feed: Feed
    """The one that they belong to, without its entries."""
    shows: Shows
    items: Sequence[tuple[AnyItem | None, AnyItem, AnyItem | None]]
    """Each between the two that its page links to: the one before it, and the one after."""


class ListPages(NamedTuple):
    """Pages of feeds, each of which lists some of the items of its feed."""

    frame: Frame
    shows: Shows
    sheets: Sequence[tuple[Feed, Sheet, Sequence[AnyItem]]]
    """Feeds without their entries."""


class FeedFiles(NamedTuple):
    """A feed in each of its formats."""

    frame: Frame
    feed: Feed
    """Without its entries."""
    shows: Shows
    items: Sequence[AnyItem]
    tombstones: Sequence[Tombstone] = ()


Job: TypeAlias = ItemPages | ListPages | FeedFiles


def render(job: Job) -> list[Document]:
    """Make the files that a job asks for.

    Raises `FeedsError` where this process would make others than who made the job.
    """
    tools = _tools(job.frame)
    compose_ = partial(tools.entry, job.shows)
    match job:
        case ItemPages():
            return [*_item_pages(job, tools, compose_)]
        case ListPages():
            return [
                tools.pages.sheet(feed, sheet, [*map(compose_, items)]) for feed, sheet, items in job.sheets
            ]
        case FeedFiles():
            tools.entries.make_room(len(job.items))
            feed = compose.filled(job.feed, [*map(compose_, job.items)], job.tombstones)
            return [*tools.outputs.render(feed)]


def forget() -> None:
    """Let go of what this process remembers of the items it rendered."""
    _tools.cache_clear()


class _Tools:
    """What one process renders a build with; it remembers what it made of the items."""

    def __init__(self, frame: Frame) -> None:
        self.pages = Pages(frame.site, frame.theme)
        self.outputs = Outputs()
        self._site = frame.site
        self._topics = {topic.slug: topic for topic in frame.topics}
        self.entries = Remembered(self._compose)

    def entry(self, shows: Shows, item: AnyItem) -> Entry:
        """Compose an item, once for every file that shows it."""
        assert item.id
        show = shows[item.show] if isinstance(item, Episode) else None
        return self.entries(item.id, (item, show))

    def _compose(self, of: tuple[AnyItem, Show | None]) -> Entry:
        item, show = of
        return compose.entry(item, self._site, self._topics, {show.slug: show} if show else {})


@lru_cache(maxsize=1)
def _tools(frame: Frame) -> _Tools:
    tools = _Tools(frame)
    if tools.pages.digest != frame.look:
        raise FeedsError("a worker has another version of feeds or of the theme; give it the same as here")
    return tools


def _item_pages(job: ItemPages, tools: _Tools, compose_: Callable[[AnyItem], Entry]) -> Iterator[Document]:
    for before, item, after in job.items:
        entry = compose_(item)
        yield from chapters.documents(entry)
        previous, following = (compose_(other) if other else None for other in (before, after))
        yield from tools.pages.entry(entry, job.feed, previous, following)
