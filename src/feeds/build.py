"""The line, in order.

    sources → parsers → identity, ledger → groups → episodes → compose → outputs → target

A build remembers first, then writes: what feeds point at before the feeds, the manifest last. What cannot
have changed since the last build is neither read nor rendered again.
"""

import glob
import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain, tee
from pathlib import Path
from typing import NamedTuple

import msgspec

from feeds import compose, groups, recovery
from feeds.config import OVERRIDES, THEME, Plan
from feeds.errors import FeedsError
from feeds.groups import Selection
from feeds.intake import Intake, Progress, Read
from feeds.ledger import Ledger
from feeds.model import (
    Article,
    Document,
    Entry,
    Episode,
    Feed,
    Finding,
    Place,
    Record,
    Report,
    Show,
    Site,
    Tombstone,
)
from feeds.outputs import Outputs, chapters, opml, redirects
from feeds.outputs.pages import Pages
from feeds.outputs.pages.paging import Sheet, sheets
from feeds.sources import STDIN
from feeds.targets import Target, open_target
from feeds.unchanged import Basis, Stamp, code
from feeds.workers import Map, open_map

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
            _writers.cache_clear()  # A server that builds at each change need not hold what it published.
    if stamp and basis:  # now that the ledger is closed, and its file stays as it is
        stamp.leave(basis, report)
    return replace(report, findings=(*recovered, *report.findings))


class Unit(msgspec.Struct, frozen=True):
    """What the ledger notes of files made together, so as not to make them again from the same things."""

    digest: str
    records: tuple[Record, ...]
    parts: dict[str, str] = {}
    """File → digest of what it was made from, of files that are not made again with the others."""

    def again(self) -> "Unit":
        """The same unit where nothing was made of it."""
        return msgspec.structs.replace(
            self, records=tuple(replace(record, changed=False) for record in self.records)
        )


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
        self._state = state
        self._now = now
        self._progress = progress
        self._pages = Pages(plan.site, plan.theme)
        self._frame = _Frame(plan.site, plan.theme, self._pages.digest, secrets.token_hex())
        self._findings: list[Finding] = []
        self._records: list[Record] = []
        self._entries: dict[str, Entry] = {}
        self._episodes: dict[str, Episode] = {}
        self._archives: dict[str, int] = {}
        """Newest page of the archive of each feed that has one."""
        self._done: dict[str, Unit] = {}
        self._unnoted: dict[str, Unit] = {}
        self._episode_digests: dict[str, str] = {}
        self._read: dict[str, Read] = {}
        self._code = code()
        self._made_by = _digest(self._code, plan, self._pages.digest)
        self._unit_kind = f"unit {target.name}"
        self._units = ledger.recall_all(self._unit_kind, Unit)
        self._ids = ledger.recall_all("feed-id", str)

    def __call__(self, *, surprising: bool) -> Report:
        """Do all of it."""
        intake = Intake(self._plan, self._ledger, self._now, self._code, surprising=surprising)
        taken = intake.run(self._progress)
        self._now = self._ledger.latest(self._now)
        self._read = taken.read
        shows = self._shows(taken.read)
        counts = self._groups(shows)
        self._publish_episodes(counts, shows)
        self._publish_articles(shows)
        self._publish_archives(counts, shows)
        feeds = self._publish_feeds(counts, shows)
        self._publish_site(feeds)
        self._publish_redirects()
        self._note_units()
        removed = self._remove_stale()
        self._publish_manifest()
        written = sum(record.changed for record in self._records)
        return Report(
            new=taken.new,
            changed=taken.changed,
            unchanged=taken.unchanged,
            gone=taken.gone,
            feeds=sum(len(feed.formats) for feed in feeds),
            written=written,
            kept=len(self._records) - written,
            removed=removed,
            findings=(*taken.findings, *self._findings),
        )

    def basis(self) -> Basis | None:
        """What decided on all this; `None` if that is more than files."""
        plan = self._plan
        sources = {source.path for source in plan.sources}
        audio = {show.audio for show in plan.shows.values()}
        audio |= {episode.audio for episode in self._episodes.values() if episode.audio}
        audio.discard("placeholder")
        places = {*sources, *self._read, *audio, self._target.name, plan.ledger(self._state)}
        if STDIN in sources or any("://" in place for place in places):
            return None
        if any(finding.rule == "cover-incomplete" for finding in self._findings):
            return None  # a font may be installed
        root = plan.root.resolve()
        again = (read.again for read in self._read.values())
        covers = (str(root / show.image) for show in plan.shows.values())
        return Basis(
            files=(str(plan.path.resolve()), str(root / OVERRIDES), *covers),
            root=str(root),
            patterns=(*sorted(sources), *sorted(map(_beside, audio)), f"{THEME}/**/*"),
            output=self._target.name,
            published=tuple(record.path for record in self._records),
            ledger=str(Path(plan.ledger(self._state)).resolve()),
            due=min(filter(None, (self._ledger.due(now=self._now), *again)), default=None),
        )

    # Group: what there is to publish.

    def _shows(self, read: dict[str, Read]) -> dict[str, Show]:
        """The shows of the configuration, with what their notes say of them."""
        guids = self._ledger.recall_all("guid", str)
        shows = {}
        for slug, show in self._plan.shows.items():
            keys = {source.key for source in self._plan.sources if source.show == slug}
            told = [one for one in read.values() if one.path in keys]
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

    def _groups(self, shows: dict[str, Show]) -> dict[str, int]:
        """Groups that get a feed, with the number of their items."""
        counts = self._ledger.counts(now=self._now)
        publishers = [path for path in counts if path.startswith("publishers/")]
        left_out = set(publishers) if len(publishers) == 1 else set()
        for path in counts:
            kind, _, slug = path.partition("/")
            if kind == "shows" and slug not in shows:
                left_out.add(path)
            selection = self._selection(path)
            if selection and counts[path] < selection.at_least:
                left_out.add(path)
        return {path: count for path, count in counts.items() if path not in left_out}

    # Publish: what feeds point at, the feeds, the pages that list them, the manifest.

    def _publish_episodes(self, counts: dict[str, int], shows: dict[str, Show]) -> None:
        """Covers, audio, chapters and pages; from here on a show knows the address of its cover."""
        if not shows:
            return
        from feeds import covers  # with libraries of pictures and sound, which not every site needs
        from feeds.episodes import Memory, Studio

        memory = Memory(self._ledger)
        for number, (slug, show) in enumerate(shows.items()):
            self._progress("Preparing episodes", number, len(shows))
            art = covers.prepare(show, self._plan.site, self._plan.root, self._state / "covers")
            shows[slug] = art.show
            studio = Studio(
                show,
                self._plan.site,
                root=self._plan.root,
                state=self._state,
                memory=memory,
                cover=art.thumbnail,
            )
            items = self._ledger.items(f"shows/{slug}", now=self._now)
            prepared = studio.prepare(item for item in items if isinstance(item, Episode))
            self._findings.extend((*art.findings, *prepared.findings))
            episodes = {episode.id: episode for episode in prepared.episodes if episode.id}
            self._episodes.update(episodes)
            about = _digest(shows[slug], art.thumbnail)
            digests = {id_: _digest(about, episode) for id_, episode in episodes.items()}
            self._episode_digests.update(digests)
            files = (*art.documents, *prepared.documents)
            self._unit(
                f"shows/{slug}: files",
                _digest(about, digests, [*map(_state_of, files)]),
                partial(self._show_files, slug, counts, shows, files),
            )

    def _show_files(
        self, slug: str, counts: dict[str, int], shows: dict[str, Show], files: Iterable[Document]
    ) -> Iterator[Document]:
        yield from files
        path = f"shows/{slug}"
        if path not in counts:
            return
        feed = self._feed(path, counts[path], shows)
        newest_first = (None, *feed.entries, None)
        for following, entry, previous in zip(newest_first, newest_first[1:], newest_first[2:], strict=False):
            assert entry
            yield from chapters.documents(entry)
            yield from self._pages.entry(entry, feed, previous, following)

    def _publish_articles(self, shows: dict[str, Show]) -> None:
        """Pages of the articles that have no link of their own."""
        states = self._states(groups.ALL)
        digest = _digest(states)
        if not states or self._keep("articles", digest):
            return
        kind = f"page {self._target.name}"
        before = self._ledger.recall_all(kind, Unit)
        digests = {id_: _digest(self._made_by, state) for id_, state in states.items()}
        pages = {
            id_: known.again()
            for id_, of_page in digests.items()
            if (known := before.get(id_)) and self._stands(known, of_page)
        }
        stale = [id_ for id_ in states if id_ not in pages]
        made = {
            id_: Unit(digests[id_], records)
            for id_, records in zip(stale, self._article_pages(stale, len(states), shows), strict=True)
        }
        self._ledger.note(kind, made)
        self._ledger.forget(kind, before.keys() - states.keys())
        pages |= made
        self._finish("articles", digest, (record for id_ in states for record in pages[id_].records))

    def _article_pages(
        self, ids: Sequence[str], total: int, shows: dict[str, Show]
    ) -> Iterator[tuple[Record, ...]]:
        """Make the page of each of these items that has one. Gives the files of each."""
        feed = replace(self._feed(groups.ALL, total, shows, limit=1), entries=())
        starts = range(0, len(ids), _AT_ONCE)
        jobs = (
            _PageJob(self._frame, feed, tuple(self._list(ids[start : start + _AT_ONCE], shows)))
            for start in starts
        )
        for start, documents in zip(starts, self._map(_render_pages, jobs), strict=True):
            self._progress("Writing pages of articles", start, len(ids))
            yield from (tuple(map(self._target.put, page)) for page in documents)

    def _publish_archives(self, counts: dict[str, int], shows: dict[str, Show]) -> None:
        """Pages with all that feeds ever held which have more items than they hold (RFC 5005, section 4)."""
        limits = {
            path: self._limit(path) for path in counts if self._plan.archives and self._sort(path) == "date"
        }
        sizes = {path: limit for path, limit in limits.items() if limit and counts[path] > limit}
        self._ledger.archive(sizes, now=self._now)
        self._name_feeds(sizes)
        for number, path in enumerate(sizes):
            self._progress("Writing archives", number, len(sizes))
            self._publish_archive(path, counts[path], shows)

    def _publish_archive(self, path: str, count: int, shows: dict[str, Show]) -> None:
        """Make those pages of one archive that hold something else now, or have other neighbours."""
        pages = self._ledger.pages(path, now=self._now)
        pages.pop(0, None)
        if not pages:
            return
        self._archives[path] = max(pages)
        row = [None, *pages, None]
        neighbours = {
            number: (before, after) for before, number, after in zip(row, pages, row[2:], strict=False)
        }
        parts = {}
        for number, page in pages.items():
            episodes = [self._episode_digests.get(id_) for id_ in page.ids]
            digest = _digest(self._made_by, page.digest, episodes, neighbours[number])
            parts[f"{path}/archive/{number}"] = digest
        unit, digest = f"{path}: archive", _digest(parts)
        if self._keep(unit, digest):
            return
        before = self._units.get(unit, Unit("", ())).again()
        lost = {_folder_of(record) for record in before.records if not self._target.holds(record)}
        kept = {folder for folder, part in parts.items() if before.parts.get(folder) == part} - lost
        # The newest first, so that at no moment a link leads to a page that is not there yet.
        made = [number for number in reversed(pages) if f"{path}/archive/{number}" not in kept]
        jobs = (self._page_job(path, count, shows, number, *neighbours[number]) for number in made)
        documents = chain.from_iterable(self._map(_render, jobs))
        records = [record for record in before.records if _folder_of(record) in kept]
        self._finish(unit, digest, [*records, *map(self._target.put, documents)], parts)

    def _page_job(
        self, path: str, count: int, shows: dict[str, Show], page: int, before: int | None, after: int | None
    ) -> "_FeedJob":
        items = self._ledger.items(path, now=self._now, page=page)
        feed = self._compose(path, count, shows, [self._entry(item, shows) for item in items])
        return _FeedJob(self._frame, compose.archive_page(feed, page, before=before, after=after))

    def _publish_feeds(self, counts: dict[str, int], shows: dict[str, Show]) -> list[Feed]:
        """Each feed in all its formats, and its page. Gives the feeds, with a few entries each."""
        self._name_feeds(counts)
        digests = {
            path: _digest(self._states(path), self._ledger.tombstones(path), self._archives.get(path))
            for path in counts
        }
        stale = [path for path, digest in digests.items() if not self._keep(path, digest)]
        planned, given = tee(self._work(path, counts[path], shows) for path in stale)
        rendered = self._map(_render, (work.job for work in planned))
        for number, (path, work, documents) in enumerate(zip(stale, given, rendered, strict=True)):
            self._progress("Writing feeds", number, len(stale))
            records = (*work.kept, *map(self._target.put, documents))
            self._finish(path, digests[path], records, work.parts)
        return [self._feed(path, count, shows, limit=_ON_FRONT_PAGE) for path, count in counts.items()]

    def _work(self, path: str, count: int, shows: dict[str, Show]) -> "_Work":
        """What is to be made again of a feed: its files, and those pages that list something else now.

        A feed ends at its limit, its pages go on to the first item.
        """
        states = self._states(path)
        ids, told = [*states], [*states.items()]
        held = self._list(ids[: self._limit(path)], shows)
        held.extend(self._late(path, held, shows))
        feed = self._compose(path, count, shows, held, self._tombstones(path))
        feed = replace(feed, prev_archive=self._archives.get(path))
        pages = {f"{path}/{sheet.file}": sheet for sheet in sheets(count)}
        about = _digest(self._made_by, feed.title, feed.description, feed.topic)
        parts = {
            file: _digest(about, sheet.newer, sheet.older, told[sheet.start : sheet.stop])
            for file, sheet in pages.items()
        }
        before = self._units.get(path, Unit("", ())).again()
        kept = [
            record
            for record in before.records
            if (record.path, before.parts.get(record.path)) in parts.items() and self._target.holds(record)
        ]
        made = pages.keys() - {record.path for record in kept}
        job = _FeedJob(
            frame=self._frame,
            feed=feed,
            listed=tuple(
                (sheet, tuple(self._list(ids[sheet.start : sheet.stop], shows)))
                for file, sheet in pages.items()
                if file in made
            ),
        )
        return _Work(job=job, kept=kept, parts=parts)

    def _late(self, path: str, held: Sequence[Entry], shows: dict[str, Show]) -> list[Entry]:
        """What entered a feed with an old date, and would be nowhere until it fills a page of the archive."""
        if path not in self._archives:
            return []
        ids = {entry.item.id for entry in held}
        waiting = self._ledger.items(path, now=self._now, page=0)
        return [self._entry(item, shows) for item in waiting if item.id not in ids]

    def _states(self, path: str) -> dict[str, tuple[str, str | None]]:
        """Id → what decides on how an item is shown, of a group in the order of its feed."""
        states = self._ledger.states(path, now=self._now)
        if self._sort(path) != "date":
            states = {item.id: states[item.id] for item in self._items(path) if item.id}
        return {id_: (state, self._episode_digests.get(id_)) for id_, state in states.items()}

    def _publish_site(self, feeds: list[Feed]) -> None:
        """What is there once: front page, list of feeds, style, scripts."""
        digest = _digest([unit.digest for _, unit in sorted(self._done.items())])
        self._unit("site", digest, partial(self._site_files, feeds))

    def _site_files(self, feeds: list[Feed]) -> Iterator[Document]:
        yield from self._pages.assets()
        yield self._pages.index(feeds)
        yield opml.document(self._plan.site, feeds)

    def _publish_redirects(self) -> None:
        """Pages that lead to where others have moved; what is still published here stays as it is."""
        taken = {record.path for record in self._records}
        pages = [*redirects.documents(self._plan.redirects)]
        for page in pages:
            if page.path in taken:
                message = f"{page.path} is still published, so that nothing can lead from there"
                place = Place(source=str(self._plan.path), path="site.redirects")
                finding = Finding(level="warning", rule="redirect-in-use", place=place, message=message)
                self._findings.append(finding)
        free = [page for page in pages if page.path not in taken]
        self._unit("redirects", _digest(free), lambda: free)

    def _remove_stale(self) -> int:
        """Files of earlier builds that this one did not make."""
        paths = {record.path for record in self._records}
        stale = sorted({record.path for unit in self._units.values() for record in unit.records} - paths)
        self._target.remove([*stale])
        self._ledger.forget(self._unit_kind, self._units.keys() - self._done.keys())
        return len(stale)

    def _publish_manifest(self) -> None:
        """List every file, so that anyone can tell whether the site is whole."""
        files = {
            record.path: {"type": record.type, "size": record.size, "sha256": record.hash}
            for record in sorted(self._records, key=lambda record: record.path)
        }
        body = msgspec.json.format(msgspec.json.encode({"version": 1, "files": files}), indent=1) + b"\n"
        self._records.append(
            self._target.put(Document(path="manifest.json", type="application/json", body=body))
        )

    # What the stations share.

    def _unit(self, name: str, digest: str, make: Callable[[], Iterable[Document]]) -> None:
        """Make and put documents, unless they were made from the same things before and are still there."""
        if not self._keep(name, digest):
            self._put(name, digest, make())

    def _keep(self, name: str, digest: str) -> bool:
        """Leave a unit's files as they are, if they were made from the same things; tells whether."""
        before = self._units.get(name)
        if not before or not self._stands(before, _digest(digest, self._made_by)):
            return False
        self._done[name] = before.again()
        self._records.extend(self._done[name].records)
        return True

    def _stands(self, unit: Unit, digest: str) -> bool:
        """Tell whether a unit was made from the same things, and its files are still there."""
        return unit.digest == digest and all(map(self._target.holds, unit.records))

    def _put(self, name: str, digest: str, documents: Iterable[Document]) -> None:
        self._finish(name, digest, map(self._target.put, documents))

    def _finish(
        self,
        name: str,
        digest: str,
        records: Iterable[Record],
        parts: dict[str, str] | None = None,
    ) -> None:
        """Note the files of a unit that are there now."""
        self._done[name] = Unit(_digest(digest, self._made_by), tuple(records), parts or {})
        self._records.extend(self._done[name].records)
        self._unnoted[name] = self._done[name]
        if len(self._unnoted) >= _NOTES_AT_ONCE:
            self._note_units()

    def _note_units(self) -> None:
        """Note what was made lately, in one transaction: each costs the disk more than a small feed does."""
        self._ledger.note(self._unit_kind, self._unnoted)
        self._unnoted = {}

    def _feed(self, path: str, count: int, shows: dict[str, Show], limit: int | None = None) -> Feed:
        entries = [self._entry(item, shows) for item in self._items(path, limit)]
        return self._compose(path, count, shows, entries, self._tombstones(path))

    def _list(self, ids: Sequence[str], shows: dict[str, Show]) -> list[Entry]:
        """Give the entries of items. None is read twice."""
        missing = [id_ for id_ in ids if id_ not in self._entries]
        for item in self._ledger.pick(missing):
            self._entry(item, shows)
        return [self._entries[id_] for id_ in ids]

    def _tombstones(self, path: str) -> list[Tombstone]:
        deleted = self._ledger.tombstones(path)[: self._limit(path)]
        return [Tombstone(id=id_, deleted=moment) for id_, moment in deleted]

    def _compose(
        self,
        path: str,
        count: int,
        shows: dict[str, Show],
        entries: Sequence[Entry],
        tombstones: Sequence[Tombstone] = (),
    ) -> Feed:
        slug = path.removeprefix("shows/")
        return compose.feed(
            path,
            entries,
            self._plan.site,
            total=count,
            id_=self._feed_id(path),
            show=shows[slug] if slug != path else None,
            topics=self._plan.topics,
            tombstones=tombstones,
        )

    def _items(self, path: str, limit: int | None = None) -> list[Article | Episode]:
        if self._sort(path) == "date":
            return self._ledger.items(path, now=self._now, limit=limit)
        items = self._ledger.items(path, now=self._now)
        if self._sort(path) == "number":
            return groups.by_number(items)[:limit]
        orders = self._ledger.recall_all("order", list[str])
        names = [name for name in self._read if name in orders]
        return groups.by_source(items, [orders[name] for name in names])[:limit]

    def _entry(self, item: Article | Episode, shows: dict[str, Show]) -> Entry:
        """Compose an item once, for all the feeds that hold it."""
        id_ = item.id
        assert id_
        if id_ not in self._entries:
            final = self._episodes.get(id_, item)
            self._entries[id_] = compose.entry(final, self._plan.site, self._plan.topics, shows)
        return self._entries[id_]

    def _feed_id(self, path: str) -> str:
        """A feed keeps the id it first had, whatever address it moves to."""
        if path not in self._ids:
            self._name_feeds([path])
        return self._ids[path]

    def _name_feeds(self, paths: Iterable[str]) -> None:
        """Give ids to feeds that have none, in one transaction."""
        new = [path for path in paths if path not in self._ids]
        if new:
            ids = {path: uuid.uuid5(uuid.NAMESPACE_URL, f"{self._plan.identity}{path}/").urn for path in new}
            self._ledger.note("feed-id", ids)
            self._ids |= ids

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
        return self._plan.selections.get(path.removeprefix("topics/"))


class _Frame(NamedTuple):
    """What decides how anything is rendered; like all of a job, it can be sent to another process."""

    site: Site
    theme: Path | None
    look: str
    """Digest of the theme and the code of pages, so that no worker renders with others."""
    build: str


class _FeedJob(NamedTuple):
    """A feed to be rendered."""

    frame: _Frame
    feed: Feed
    listed: tuple[tuple[Sheet, tuple[Entry, ...]], ...] = ()
    """Those of its pages that are to be made, and what they list."""


class _PageJob(NamedTuple):
    """Entries that may have a page of their own."""

    frame: _Frame
    feed: Feed
    entries: tuple[Entry, ...]


class _Work(NamedTuple):
    """What there is to do for a feed, and what is done."""

    job: _FeedJob
    kept: list[Record]
    """Of pages that stay as they are."""
    parts: dict[str, str]
    """Page → digest of what it is made from."""


class _Writers(NamedTuple):
    """What one process renders a build's feeds with; it remembers what it made of the entries."""

    pages: Pages
    outputs: Outputs


def _render(job: _FeedJob) -> tuple[Document, ...]:
    """Make the files of a feed."""
    pages, outputs = _writers(job.frame)
    return (*(pages.sheet(job.feed, *listed) for listed in job.listed), *outputs.render(job.feed))


def _folder_of(record: Record) -> str:
    return record.path.rpartition("/")[0]


def _render_pages(job: _PageJob) -> list[tuple[Document, ...]]:
    """Make the page of each entry that is an article; those of episodes are made with their show."""
    pages = _writers(job.frame).pages
    return [
        tuple(pages.entry(entry, job.feed, None, None)) if isinstance(entry.item, Article) else ()
        for entry in job.entries
    ]


@lru_cache(maxsize=1)
def _writers(frame: _Frame) -> _Writers:
    pages = Pages(frame.site, frame.theme)
    if pages.digest != frame.look:
        raise FeedsError("a worker has another feeds or another theme; give it the same as here")
    return _Writers(pages, Outputs())


_AT_ONCE = 500
"""Pages of articles that a worker makes at once."""

_NOTES_AT_ONCE = 100
"""Units: a build that is killed makes no more than these again."""

_ON_FRONT_PAGE = 3
"""Newest entries of each feed that the front page may show."""


def _beside(pattern: str) -> str:
    """A glob of all files that a pattern of audio may mean, and of what lies with them."""
    folder = pattern.partition("{")[0].rpartition("/")[0] or "."
    return f"{glob.escape(folder)}/**/*"


def _state_of(document: Document) -> tuple[object, ...]:
    """What tells that a document is not what it was, without reading a file of audio."""
    if isinstance(document.body, Path):
        state = document.body.stat()
        return document.path, state.st_size, state.st_mtime_ns
    return document.path, hashlib.sha256(document.body).digest()


def _digest(*parts: object) -> str:
    """Digest of what `repr` tells apart; all that comes here is made of plain values."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
