"""The line, in order.

    sources → parsers → identity, ledger → groups → episodes → compose → outputs → target

A build remembers first, then writes: what feeds point at before the feeds, the manifest last. What cannot
have changed since the last build is neither read nor rendered again.
"""

import glob
import hashlib
import heapq
import secrets
import uuid
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, groupby, islice
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

from feeds import card, compose, groups, manifest, recovery, rendering
from feeds.config import OVERRIDES, THEME, Plan
from feeds.errors import FeedsError
from feeds.groups import Selection
from feeds.intake import Intake, Progress, Read
from feeds.ledger import AT_ONCE, Group, Ledger, State
from feeds.manifest import MANIFEST
from feeds.model import Document, Entry, Episode, Feed, Finding, Place, Record, Report, Show, Tombstone, Topic
from feeds.outputs import opml, redirects
from feeds.outputs.pages import CARD, Pages
from feeds.outputs.pages.paging import LENGTH, Sheet, sheets
from feeds.remembered import MOST
from feeds.rendering import (
    AnyItem,
    Filling,
    Frame,
    ItemPages,
    Job,
    ListPages,
    feed_files,
    kin,
    render,
    render_and_stage,
)
from feeds.sources import STDIN
from feeds.targets import Staged, Target, open_target
from feeds.unchanged import Basis, Stamp, code
from feeds.units import Units, Work, digest_of
from feeds.workers import Map, are_here, open_map

_T = TypeVar("_T")

# A show's guid is a UUIDv5 of its feed's address in this namespace (Podcasting 2.0, podcast:guid).
_PODCAST_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


def build(
    plan: Plan,
    *,
    output: Path | str,
    state: Path,
    now: datetime,
    surprising: bool = False,
    progress: Progress | None = None,
    stamp: Stamp | None = None,
) -> Report:
    """Bring `output`, a folder or an address, up to date with the sources.

    `state` is the folder of audio copies, and of the ledger unless the plan says otherwise. `stamp` is left
    to tell when another build would be needless.

    Raises `FeedsError` if it cannot go on, and `SurpriseError` if subscribers would be surprised, unless
    that may be; what was published before stays as it was. An empty ledger beside an output that is not
    empty is a lost one: it is made anew from the output, and a finding says so.
    """
    with (
        open_target(output) as target,
        Ledger.open(plan.ledger(state)) as ledger,
        open_map(plan.build.workers) as each,
    ):
        recovered = recovery.recover_lost(plan, ledger, output, now=now)
        run = _Build(plan, target, ledger, each, state, now, progress or (lambda *_: None))
        try:
            report = run(surprising=surprising)
            basis = run.basis()
        finally:
            rendering.forget()  # a server that builds at each change need not hold what it published
    if stamp and basis:  # now that the ledger is closed, and its file stays as it is
        stamp.leave(basis, report)
    return replace(report, findings=(*recovered, *report.findings))


class _Build:
    """One run; its methods are the stations in their order."""

    def __init__(
        self,
        plan: Plan,
        target: Target,
        ledger: Ledger,
        each: Map,
        state: Path,
        now: datetime,
        progress: Progress,
    ) -> None:
        self._plan = plan
        self._target = target
        self._ledger = ledger
        self._map = each
        self._render: Callable[[Job], Sequence[Document | Staged]] = render
        if target.stage and are_here(plan.build.workers):
            self._render = partial(render_and_stage, target.stage)
        self._state = state
        self._now = now
        self._progress = progress
        self._pages = Pages(plan.site, plan.theme)
        self._code = code()
        self._ids: dict[str, str] = {}
        """Ids of feeds, by path."""
        self._findings: list[Finding] = []
        self._read: dict[str, Read] = {}
        self._shows: dict[str, Show] = {}
        self._groups: dict[str, Group] = {}
        """Those that get a feed."""
        self._archives: dict[str, int] = {}
        """Newest page of the archive of each feed that has one."""
        self._episodes: dict[str, Episode] = {}
        """Those that are published, with audio and final chapters."""
        self._items: OrderedDict[str, tuple[int, AnyItem]] = OrderedDict()
        """The items that were read last, with the marks they had."""

    def __call__(self, *, surprising: bool) -> Report:
        """Do all of it."""
        intake = Intake(self._plan, self._ledger, self._now, self._code, surprising=surprising)
        taken = intake.run(self._progress)
        self._now = self._ledger.latest(self._now)
        self._read = taken.read
        self._shows = self._find_shows()
        self._groups = self._find_groups()
        self._name_feeds()
        self._topics = self._find_topics()
        self._frame = Frame(
            site=self._plan.site,
            topics=tuple(self._topics.values()),
            theme=self._plan.theme,
            look=self._pages.digest,
            build=secrets.token_hex(),
        )
        made_by = digest_of(self._code, self._plan, self._topics, self._pages.digest)
        self._units = Units(self._ledger, self._target, made_by)
        try:
            feeds = self._publish()
            removed = self._settle_units()
            last = self._publish_manifest()
        except BaseException:
            with suppress(FeedsError):  # if it is the ledger that fails
                self._units.abandon()
            raise
        changes = self._units.changes + Counter([last.changed])
        return Report(
            new=taken.new,
            changed=taken.changed,
            unchanged=taken.unchanged,
            gone=taken.gone,
            feeds=len(feeds),
            written=changes[True],
            kept=changes[False],
            removed=removed,
            findings=(*taken.findings, *self._findings),
        )

    def _publish(self) -> list[Feed]:
        self._publish_episodes()
        self._publish_articles()
        self._publish_archives()
        self._publish_feeds()
        feeds = [self._feed(path) for path in self._groups]
        self._publish_site(feeds)
        self._publish_redirects()
        return feeds

    def basis(self) -> Basis | None:
        """What the result depends on; `None` if that is more than files."""
        plan = self._plan
        sources = {source.path for source in plan.sources}
        audio = {show.audio for show in plan.shows.values()}
        audio |= {episode.audio for episode in self._episodes.values() if episode.audio}
        audio.discard("placeholder")
        places = {*sources, *self._read, *audio, self._target.name, plan.ledger(self._state)}
        if STDIN in sources or any("://" in place for place in places):
            return None
        if not {finding.rule for finding in self._findings}.isdisjoint(("cover-incomplete", _DISTURBED)):
            return None  # a font may be installed; what the other build remembered is yet to be published
        root = plan.root.resolve()
        again = (read.again for read in self._read.values())
        covers = (str(root / show.image) for show in plan.shows.values())
        return Basis(
            files=(str(plan.path.resolve()), str(root / OVERRIDES), *covers),
            root=str(root),
            patterns=(*sorted(sources), *sorted(map(_beside, audio)), f"{THEME}/**/*"),
            output=self._target.name,
            ledger=str(Path(plan.ledger(self._state)).resolve()),
            due=min(filter(None, (self._ledger.due(now=self._now), *again)), default=None),
        )

    # Group: what there is to publish.

    def _find_shows(self) -> dict[str, Show]:
        """The shows of the configuration, with what their notes say of them."""
        guids = self._ledger.recall_all("guid", str)
        shows = {}
        for slug, show in self._plan.shows.items():
            keys = {source.key for source in self._plan.sources if source.show == slug}
            told = [one for one in self._read.values() if one.path in keys]
            guids.setdefault(slug, show.guid or self._guid(slug))
            shows[slug] = replace(
                show,
                guid=show.guid or guids[slug],
                description=show.description
                or next((one.description for one in told if one.description), ""),
                related=tuple(related for one in told for related in one.related),
            )
        self._ledger.note("guid", guids)
        return shows

    def _guid(self, slug: str) -> str:
        address = f"{self._plan.identity}shows/{slug}/podcast.xml"
        return str(uuid.uuid5(_PODCAST_NAMESPACE, address.partition("://")[2].rstrip("/")))

    def _find_groups(self) -> dict[str, Group]:
        found = self._ledger.groups(now=self._now)
        publishers = [path for path in found if path.startswith("publishers/")]
        left_out = set(publishers) if len(publishers) == 1 else set()
        for path, group in found.items():
            kind, _, slug = path.partition("/")
            if kind == "shows" and slug not in self._shows:
                left_out.add(path)
            selection = self._selection(path)
            if selection and group.total < selection.at_least:
                left_out.add(path)
        return {path: group for path, group in found.items() if path not in left_out}

    def _find_topics(self) -> dict[str, Topic]:
        """The topics of the configuration, and whether each has a page that tags can lead to."""
        return {
            slug: replace(topic, published=f"topics/{slug}" in self._groups)
            for slug, topic in self._plan.topics.items()
        }

    def _name_feeds(self) -> None:
        """Give ids to feeds that have none; a feed keeps the one it first had, wherever it moves to."""
        self._ids = self._ledger.recall_all("feed-id", str)
        new = [path for path in self._groups if path not in self._ids]
        if new:
            ids = {path: uuid.uuid5(uuid.NAMESPACE_URL, f"{self._plan.identity}{path}/").urn for path in new}
            self._ledger.note("feed-id", ids)
            self._ids |= ids

    # Publish: what feeds point at, the feeds, the pages that list them, the manifest.

    def _publish_episodes(self) -> None:
        """Covers, audio, chapters and pages; from here on a show knows the address of its cover.

        An episode that is published differently, say with other audio, gives its groups other marks.
        """
        if not self._shows:
            return
        from feeds import covers  # with libraries of pictures and sound, which not every site needs
        from feeds.episodes import Memory, Studio

        memory = Memory(self._ledger)
        for number, (slug, show) in enumerate(self._shows.items()):
            self._progress("Preparing episodes", number, len(self._shows))
            path = f"shows/{slug}"
            art = covers.prepare(show, self._plan.site, self._plan.root, self._state / "covers")
            self._shows[slug] = art.show
            studio = Studio(
                show,
                self._plan.site,
                root=self._plan.root,
                state=self._state,
                memory=memory,
                cover=art.thumbnail,
            )
            items = self._ledger.items(path, now=self._now)
            prepared = studio.prepare(item for item in items if isinstance(item, Episode))
            self._findings.extend((*art.findings, *prepared.findings))
            episodes = {episode.id: episode for episode in prepared.episodes if episode.id}
            self._episodes.update(episodes)
            about = digest_of(art.show, art.thumbnail)
            digests = {id_: digest_of(about, episode) for id_, episode in episodes.items()}
            self._ledger.mark(f"{path} at {self._target.name}", digests)
            files = (*art.documents, *prepared.documents)
            pages = self._rendered(self._episode_pages(path, [*episodes.values()]))
            digest = digest_of(about, digests, [*map(_state_of, files)])
            self._units.make(f"{path}: files", digest, self._put(chain(files, pages)))
        self._groups = self._find_groups()
        self._name_feeds()  # of groups that another build has added meanwhile

    def _episode_pages(self, path: str, newest_first: Sequence[Episode]) -> Iterator[Job]:
        """Each leads to the episode before it, and to the one after."""
        if path not in self._groups:
            return
        feed, shows = self._header(path, newest_first), self._shows_of(newest_first)
        rows = zip((*newest_first[1:], None), newest_first, (None, *newest_first), strict=False)
        for some in _batches(rows, _PAGES_AT_ONCE):
            yield ItemPages(self._frame, feed, shows, some)

    def _publish_articles(self) -> None:
        """Pages of the articles that have no link of their own."""
        begun: deque[Work] = deque()  # for each job that is under way, the unit it is of
        made = self._map(self._render, self._article_pages(begun), kin)
        for _, of_unit in groupby(((begun.popleft(), files) for files in made), lambda pair: pair[0].name):
            for work, files in of_unit:
                work.records.extend(self._put(files))
            self._units.finish(work)

    def _article_pages(self, begun: deque[Work]) -> Iterator[Job]:
        for work, states in self._stale_articles():
            if not states:
                self._units.finish(work)
            for some in _batches(states, _PAGES_AT_ONCE):
                begun.append(work)
                items = self._pick(some)
                feed = self._header(groups.ALL, items)
                yield ItemPages(self._frame, feed, {}, [(None, item, None) for item in items])

    def _stale_articles(self) -> Iterator[tuple[Work, list[State]]]:
        """The units in which something changed, and how the articles stand of which a page is to be made.

        Those among a thousand items are a unit, from the oldest on, so that what comes is in the last.
        """
        size = _ARTICLES_AT_ONCE
        parts = self._ledger.parts(groups.ALL, size, now=self._now)
        digests = {f"articles/{number}": digest_of(part.mark) for number, part in enumerate(parts)}
        kept = [self._units.keep(unit, digest) for unit, digest in digests.items()]
        for some in _runs(number for number, keeps in enumerate(kept) if not keeps):
            states = self._ledger.states(
                groups.ALL, now=self._now, start=some.start * size, limit=len(some) * size, oldest_first=True
            )
            # Another build may have taken some out meanwhile.
            for number, told in zip(some, _batches(states, size), strict=False):
                self._progress("Writing pages of articles", number * size, self._groups[groups.ALL].total)
                unit = f"articles/{number}"
                yield self._resume_articles(unit, digests[unit], told)

    def _resume_articles(self, unit: str, digest: str, states: Iterable[State]) -> tuple[Work, list[State]]:
        articles = {state.id: state for state in states if state.kind == "article"}
        folders = {f"articles/{slug}": id_ for id_, slug in self._ledger.slugs([*articles]).items()}
        parts = {folder: str(articles[id_].mark) for folder, id_ in folders.items()}
        work = self._units.resume(unit, digest, parts)
        return work, [articles[folders[folder]] for folder in work.stale]

    def _publish_archives(self) -> None:
        """Archives of the feeds that do not hold all of their items (RFC 5005, section 4)."""
        limits = {
            path: self._limit(path)
            for path in self._groups
            if self._plan.archives and self._sort(path) == "date"
        }
        sizes = {path: limit for path, limit in limits.items() if limit and self._groups[path].total > limit}
        self._archives = self._ledger.archive(sizes, now=self._now)
        works: dict[str, Work] = {}
        stale: list[_ArchivePage] = []
        for path in self._archives:
            unit, digest = f"{path}: archive", digest_of(self._groups[path].mark)
            if not self._units.keep(unit, digest):
                pages = {page.folder: page for page in self._archive(path)}
                parts = {folder: page.digest for folder, page in pages.items()}
                works[path] = self._units.resume(unit, digest, parts)
                stale.extend(pages[folder] for folder in works[path].stale)
        # The newest first, so that no link leads to what is not there yet; and those of all feeds together,
        # so that what was made of an item is still remembered.
        stale.sort(key=attrgetter("until", "number"), reverse=True)
        for record in self._put(self._rendered(self._archive_pages(stale))):
            works[record.path.rpartition("/archive/")[0]].records.append(record)
        self._units.finish(*works.values())

    def _archive(self, path: str) -> Iterator["_ArchivePage"]:
        """The pages of the archive of a feed, the oldest first."""
        pages = self._ledger.pages(path, now=self._now)
        numbers = [number for number in pages if number]
        until = 0
        for before, number, after in zip((None, *numbers), numbers, (*numbers[1:], None), strict=False):
            until = max(until, pages[number].published)
            digest = digest_of(pages[number].mark, before, after)
            yield _ArchivePage(path, number, before, after, until, digest)

    def _archive_pages(self, pages: Sequence["_ArchivePage"]) -> Iterator[Job]:
        for number, some in enumerate(_batches(pages, _ARCHIVES_AT_ONCE)):
            self._progress("Writing archives", number * _ARCHIVES_AT_ONCE, len(pages))
            yield from self._files_of([*map(self._archive_page, some)])

    def _archive_page(self, page: "_ArchivePage") -> Filling:
        items = self._members(page.path, page.number)
        header = self._header(page.path, items)
        return Filling(compose.archive_page(header, page.number, before=page.before, after=page.after), items)

    def _publish_feeds(self) -> None:
        """Each feed in all its formats, and its pages; the newest of these first, as with archives."""
        works: dict[str, Work] = {}
        feeds: dict[str, Feed] = {}
        for path in self._groups:
            digest = self._digest(path)
            if not self._units.keep(path, digest):
                feeds[path] = self._header(path, self._pick(self._newest(path)))
                works[path] = self._units.resume(path, digest, self._list_parts(feeds[path]))
        lists = (self._lists(feed, {*works[path].stale}) for path, feed in feeds.items())
        newest_first = heapq.merge(*lists, key=attrgetter("published"), reverse=True)
        count = sum(len(work.stale) for work in works.values())
        jobs = chain(self._list_pages(newest_first, count), self._feed_files(feeds.values()))
        for record in self._put(self._rendered(jobs)):
            works[record.path.rpartition("/")[0]].records.append(record)
        self._units.finish(*works.values())

    def _digest(self, path: str) -> str:
        """Digest of what a feed and its pages are to be made from."""
        order = self._orders() if self._sort(path) == "source" else None
        return digest_of(
            self._groups[path].mark, order, self._ledger.tombstones(path), self._archives.get(path)
        )

    def _list_parts(self, feed: Feed) -> dict[str, str]:
        """For each page of a feed a digest of what it lists. A feed ends at its limit, its pages go on."""
        said = digest_of(feed.title, feed.description, feed.topic)
        marks = self._list_marks(feed.path)
        pages = sheets(feed.total)
        firsts = [(feed.total - sheet.stop) // LENGTH for sheet in pages]
        return {
            f"{feed.path}/{sheet.file}": digest_of(said, sheet.newer, sheet.older, marks[first:end])
            for sheet, first, end in zip(pages, firsts, (None, *firsts), strict=False)
        }

    def _list_marks(self, path: str) -> list[str]:
        """What differs whenever something that pages of a feed list does, from the oldest page on."""
        if self._sort(path) == "date":
            return [part.mark for part in self._ledger.parts(path, LENGTH, now=self._now)]
        oldest_first = reversed([(state.id, state.mark) for state in self._states(path)])
        return [digest_of(some) for some in _batches(oldest_first, LENGTH)]

    def _lists(self, feed: Feed, files: Set[str]) -> Iterator["_List"]:
        """What the pages of a feed with these names list."""
        pages = sheets(feed.total)
        for some in _runs(
            number for number, sheet in enumerate(pages) if f"{feed.path}/{sheet.file}" in files
        ):
            first, last = pages[some[0]], pages[some[-1]]
            states = self._states(feed.path, first.start, last.stop - first.start, _ROWS_AT_ONCE)
            for sheet in pages[some.start : some.stop]:
                if told := [*islice(states, sheet.stop - sheet.start)]:
                    yield _List(told[0].published, feed, sheet, told)

    def _list_pages(self, lists: Iterable["_List"], count: int) -> Iterator[Job]:
        for number, some in enumerate(_batches(lists, _LISTS_AT_ONCE)):
            self._progress("Writing lists", number * _LISTS_AT_ONCE, count)
            found = [(feed, sheet, self._pick(states)) for _, feed, sheet, states in some]
            shows = self._shows_of(chain.from_iterable(items for *_, items in found))
            yield ListPages(self._frame, shows, found)

    def _feed_files(self, feeds: Collection[Feed]) -> Iterator[Job]:
        """The feeds themselves, with items that entered late and do not yet fill a page of the archive."""
        for number, feed in enumerate(feeds):
            self._progress("Writing feeds", number, len(feeds))
            limit = self._limit(feed.path)
            items = self._pick([*self._states(feed.path, limit=limit)])
            if not items:
                raise self._vanished(feed.path)
            archive = self._archives.get(feed.path)
            if archive is not None:
                there = {item.id for item in items}
                items += [item for item in self._members(feed.path, 0) if item.id not in there]
            deleted = self._ledger.tombstones(feed.path)[:limit]
            tombstones = [Tombstone(id=id_, deleted=moment) for id_, moment in deleted]
            yield from self._files_of([Filling(replace(feed, prev_archive=archive), items, tombstones)])

    def _publish_site(self, feeds: list[Feed]) -> None:
        """What exists once: front page, list of feeds, style, scripts."""
        digest = digest_of(sorted(self._units.digests.items()))
        self._units.make("site", digest, self._put(self._site_files(feeds, self._own_assets())))

    def _own_assets(self) -> list[Document]:
        """Files of the theme, except those that would replace what is made from the sources."""
        assets = [*self._pages.assets()]
        taken = self._taken({asset.path for asset in assets}) | {opml.PATH, MANIFEST}
        for path in [asset.path for asset in assets if asset.path in taken]:
            message = f"{path} is made from the sources, so that this file is left out; rename it"
            place = Place(source=f"{THEME}/{path}")
            self._findings.append(Finding(level="warning", rule="theme-in-use", place=place, message=message))
        return [asset for asset in assets if asset.path not in taken]

    def _site_files(self, feeds: list[Feed], assets: Collection[Document]) -> Iterator[Document]:
        yield from assets
        if not any(asset.path == CARD for asset in assets):
            yield card.draw(self._plan.site, self._state / "covers")
        yield self._pages.index(feeds)
        yield opml.document(self._plan.site, feeds)

    def _publish_redirects(self) -> None:
        """Pages that lead to where others have moved; what is still published here stays as it is."""
        pages = [*redirects.documents(self._plan.redirects)]
        taken = self._taken({page.path for page in pages})
        for page in pages:
            if page.path in taken:
                message = f"{page.path} is still published, so that nothing can lead from there"
                place = Place(source=str(self._plan.path), path="site.redirects")
                finding = Finding(level="warning", rule="redirect-in-use", place=place, message=message)
                self._findings.append(finding)
        free = [page for page in pages if page.path not in taken]
        self._units.make("redirects", digest_of(free), self._put(free))

    def _taken(self, paths: Set[str]) -> Set[str]:
        """Those of some paths that are published already."""
        return {record.path for record in self._units.records() if record.path in paths} if paths else set()

    def _settle_units(self) -> int:
        """Note what was made, and remove files of earlier builds that this one did not make.

        If another build has changed the ledger meanwhile, what was read of it at several times may not fit
        together. Then the next build makes all this again; until then, no file goes that it may still need.
        """
        if self._units.made and self._find_groups() != self._groups:
            self._units.doubt()
            self._findings.append(_disturbed(self._ledger.name))
            return 0
        self._units.note()
        left = self._units.left()
        self._target.remove(sorted(left))
        self._units.forget()
        return len(left)

    def _publish_manifest(self) -> Record:
        with TemporaryDirectory() as folder:
            file = Path(folder, MANIFEST)
            manifest.write(self._units.records(), file)
            return self._target.put(Document(path=MANIFEST, type="application/json", body=file))

    # What the stations share.

    def _files_of(self, feeds: Sequence[Filling]) -> Iterator[Job]:
        shows = self._shows_of(chain.from_iterable(feed.items for feed in feeds))
        return feed_files(self._frame, shows, feeds)

    def _rendered(self, jobs: Iterable[Job]) -> Iterator[Document | Staged]:
        return chain.from_iterable(self._map(self._render, jobs, kin))

    def _put(self, documents: Iterable[Document | Staged]) -> Iterator[Record]:
        for one in documents:
            record = one.publish() if isinstance(one, Staged) else self._target.put(one)
            self._units.write(record)
            yield record

    def _feed(self, path: str) -> Feed:
        """A feed with its newest entries alone."""
        items = self._pick([*self._states(path, limit=_ON_FRONT_PAGE)])
        return self._compose(path, [self._entry(item) for item in items])

    def _header(self, path: str, items: Iterable[AnyItem]) -> Feed:
        """A feed without entries. What it says of itself comes from the first item of each kind."""
        firsts: dict[type, AnyItem] = {}
        for item in items:
            firsts.setdefault(type(item), item)
        return replace(self._compose(path, [*map(self._entry, firsts.values())]), entries=())

    def _compose(self, path: str, entries: Sequence[Entry]) -> Feed:
        kind, _, slug = path.partition("/")
        if not entries and kind != "shows":  # whose episodes may all be left out
            raise self._vanished(path)
        return compose.feed(
            path,
            entries,
            self._plan.site,
            total=self._groups[path].total,
            id_=self._ids[path],
            show=self._shows[slug] if kind == "shows" else None,
            topics=self._topics,
        )

    def _vanished(self, path: str) -> FeedsError:
        message = f"another build has taken everything out of {path} while this one published; build again"
        return FeedsError(message, Place(source=self._ledger.name))

    def _entry(self, item: AnyItem) -> Entry:
        return compose.entry(item, self._plan.site, self._topics, self._shows)

    def _shows_of(self, items: Iterable[AnyItem]) -> dict[str, Show]:
        return {item.show: self._shows[item.show] for item in items if isinstance(item, Episode)}

    def _newest(self, path: str) -> list[State]:
        """How the first article and the first episode of a feed stand."""
        if self._sort(path) == "date":
            return self._ledger.newest(path, now=self._now)
        newest: dict[str, State] = {}
        for state in self._states(path):
            newest.setdefault(state.kind, state)
        return [*newest.values()]

    def _states(
        self, path: str, start: int = 0, limit: int | None = None, at_once: int = AT_ONCE
    ) -> Iterator[State]:
        """How the items of a group stand, in the order of its feed; only some are in memory `at_once`."""
        if self._sort(path) == "date":
            return self._ledger.states(path, now=self._now, start=start, limit=limit, at_once=at_once)
        by_id = {state.id: state for state in self._ledger.states(path, now=self._now)}
        ordered = islice(self._sorted(path), start, None if limit is None else start + limit)
        return (by_id[item.id] for item in ordered if item.id in by_id)

    def _sorted(self, path: str) -> list[AnyItem]:
        """The items of a group whose order is not that of their dates."""
        items = self._ledger.items(path, now=self._now)
        if self._sort(path) == "number":
            return groups.by_number(items)
        return groups.by_source(items, self._orders())

    def _orders(self) -> list[list[str]]:
        """The ids of what each source lists, in its order."""
        orders = self._ledger.recall_all("order", list[str])
        return [orders[name] for name in self._read if name in orders]

    def _members(self, path: str, page: int) -> list[AnyItem]:
        """Give the items of a page of an archive as they are published."""
        return self._pick(self._ledger.page(path, page, now=self._now))

    def _pick(self, states: Sequence[State]) -> list[AnyItem]:
        """Give items as they are published; those that were read last are not read again.

        None is older than its state, since what is noted as made from that state is not made again.
        """
        items = {
            state.id: known[1]
            for state in states
            if (known := self._items.get(state.id)) and known[0] == state.mark
        }
        marks = {state.id: state.mark for state in states if state.id not in items}
        for item in self._ledger.pick([*marks]):
            assert item.id
            items[item.id] = self._episodes.get(item.id, item)
            self._items[item.id] = marks[item.id], items[item.id]
        while len(self._items) > MOST:
            self._items.popitem(last=False)
        return [items[state.id] for state in states]

    def _limit(self, path: str) -> int | None:
        """A show's feed holds all episodes, since directories drop what vanishes."""
        if path.startswith("shows/"):
            return None
        selection = self._selection(path)
        return (selection and selection.limit) or self._plan.limit

    def _sort(self, path: str) -> str:
        selection = self._selection(path)
        return selection.sort if selection else "date"

    def _selection(self, path: str) -> Selection | None:
        kind, _, slug = path.partition("/")
        return self._plan.selections.get(slug) if kind == "topics" else None


class _ArchivePage(NamedTuple):
    path: str
    """Of the group."""
    number: int
    before: int | None
    """Number of the page with what came before."""
    after: int | None
    until: int
    """When the newest item of this page and those before it was published, in seconds since 1970."""
    digest: str
    """Of what it is to be made from."""

    @property
    def folder(self) -> str:
        return f"{self.path}/archive/{self.number}"


class _List(NamedTuple):
    """What a page of a feed lists."""

    published: int
    """When the newest item was published, in seconds since 1970."""
    feed: Feed
    sheet: Sheet
    states: Sequence[State]


_DISTURBED = "disturbed"

_ARTICLES_AT_ONCE = 1_000
"""Items whose articles are a unit."""

_PAGES_AT_ONCE = 100
"""Pages of items in a job."""

_LISTS_AT_ONCE = 200
"""Pages of feeds in a job: as many of them list the same items."""

_ARCHIVES_AT_ONCE = 10
"""Pages of archives in a job."""

_ROWS_AT_ONCE = 120
"""States in memory of each of many groups."""

_ON_FRONT_PAGE = 3
"""Newest entries of each feed that the front page may show."""


def _disturbed(ledger: str) -> Finding:
    message = (
        "another build remembered something while this one published; some lists may not fit together "
        "until the next build, which makes them again"
    )
    return Finding(level="info", rule=_DISTURBED, place=Place(source=ledger), message=message)


def _runs(numbers: Iterable[int]) -> Iterator[range]:
    """Cut ascending numbers where some are left out."""
    for _, some in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        (_, first), *rest = some
        yield range(first, first + 1 + len(rest))


def _batches(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Cut into lists of a size."""
    iterator = iter(things)
    return iter(lambda: [*islice(iterator, size)], [])


def _beside(pattern: str) -> str:
    """A glob of all files that a pattern of audio may mean, and of the files beside them."""
    folder = pattern.partition("{")[0].rpartition("/")[0] or "."
    return f"{glob.escape(folder)}/**/*"


def _state_of(document: Document) -> tuple[object, ...]:
    """What differs whenever a document does, without reading a file of audio."""
    if isinstance(document.body, Path):
        state = document.body.stat()
        return document.path, state.st_size, state.st_mtime_ns
    return document.path, hashlib.sha256(document.body).digest()
