"""Rendering, on its own: jobs of plain data, from which any process anywhere makes the same bytes.

A job brings items as the ledger has them; who takes it composes them, once for all of its jobs.
"""

import copyreg
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from feeds import compose
from feeds.errors import FeedsError
from feeds.model import Article, Document, Entry, Episode, Feed, Item, Show, Site, Tombstone, Topic
from feeds.outputs import Outputs, chapters
from feeds.outputs.pages import Pages
from feeds.outputs.pages.paging import Sheet
from feeds.remembered import MOST, Remembered
from feeds.targets import Stage, Staged

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


class Filling(NamedTuple):
    """A feed, and what goes into it."""

    feed: Feed
    """Without its entries."""
    items: Sequence[AnyItem]
    tombstones: Sequence[Tombstone] = ()


class FeedFiles(NamedTuple):
    """Feeds in some of their formats."""

    frame: Frame
    shows: Shows
    formats: Sequence[str]
    feeds: Sequence[Filling]


Job: TypeAlias = ItemPages | ListPages | FeedFiles


def feed_files(frame: Frame, shows: Shows, feeds: Sequence[Filling]) -> Iterator[FeedFiles]:
    """The jobs for all files of some feeds: one of their first format, and one, as long, of the rest."""
    for formats, some in groupby(feeds, lambda filling: filling.feed.formats):
        of_formats = [*some]
        for apart in filter(None, (formats[:1], formats[1:])):
            yield FeedFiles(frame, shows, apart, of_formats)


def kin(job: Job) -> str:
    """Name what a job has in common with others: whoever did one has made much of what another needs."""
    return job.formats[0] if isinstance(job, FeedFiles) else "pages"


def render_and_stage(stage: Stage, job: Job) -> list[Staged]:
    """Make the files that a job asks for, and write them to a folder as far as others than its owner may."""
    return [stage(document) for document in render(job)]


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
            return [*_feed_files(job, tools, compose_)]


def forget() -> None:
    """Let go of what this process remembers of the items it rendered."""
    _tools.cache_clear()
    _unpacked.cache_clear()


def _packed(item: Item) -> tuple[Callable[..., AnyItem], tuple[type[Item], bytes]]:
    return _unpacked, (type(item), msgspec.msgpack.encode(item))


@lru_cache(maxsize=MOST)
def _unpacked(type_: type[AnyItem], packed: bytes) -> AnyItem:
    """The same item, where it comes with several jobs, need not be compared with itself."""
    return msgspec.msgpack.decode(packed, type=type_)


# Jobs carry items to other processes, which takes pickle alone four times as long.
for _type in (Article, Episode):
    copyreg.pickle(_type, _packed)


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


def _feed_files(job: FeedFiles, tools: _Tools, compose_: Callable[[AnyItem], Entry]) -> Iterator[Document]:
    for feed, items, tombstones in job.feeds:
        tools.entries.make_room(len(items))
        filled = compose.filled(feed, [*map(compose_, items)], tombstones)
        yield from tools.outputs.render(filled, job.formats)
