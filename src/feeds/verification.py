"""The rules and the links of a published site, or of any feed, with memory of earlier runs."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds import groups
from feeds.config import Plan
from feeds.errors import FeedsError, SourceError
from feeds.ledger import Ledger
from feeds.model import Finding, Place
from feeds.outputs.formats import FILES
from feeds.sources import is_address
from feeds.targets import open_target
from feeds.text import iri
from feeds.verify import links
from feeds.verify.documents import (
    Context,
    KnownFeed,
    KnownItem,
    Memory,
    Outline,
    Served,
    Subject,
    folder,
    following,
)
from feeds.verify.report import Report

if TYPE_CHECKING:
    from feeds.fetch import Fetched, Fetcher
    from feeds.http import Question

_LINKING = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "opml": "text/x-opml",
    "json": "application/feed+json",
    "chapters": "application/json+chapters",
}
"""Kinds of documents whose addresses are checked, by the MIME type that says how to read them."""

_NO_FEEDS = ("page", "picture", "robots", "other")
"""Kinds of files that are not verified without a feed beside them."""

_MAINTENANCE = "maintenance"
"""Folder of the feed of what broke, below the output root."""

_MOST = 128 * 2**20
"""Bytes of a document at an address; it is read as a stream, but held meanwhile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """What to check."""

    ask_rules: bool = True
    ask_links: bool = True
    only: tuple[str, ...] = ()
    """Names of rules; empty is all of them."""
    profiles: tuple[str, ...] = ()
    settings: links.Settings = field(default_factory=links.Settings)
    since: datetime | None = None
    """Leave out files that were not written since."""
    staged: bool = False
    """Whether it is not published yet: hubs cannot know of it, and what has errors is not remembered."""
    surprising: bool = False
    """Whether surprises for subscribers of a staged site are mere warnings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What was found, and the state of each address."""

    report: Report
    results: tuple[links.Result, ...]


def settings(plan: Plan | None, max_age: float | None = None) -> links.Settings:
    """How to check links according to the configuration; good ones again after `max_age` days."""
    table = plan.verify.model_dump() if plan else {}
    hosts = {
        host.pop("pattern"): links.HostSettings(**{**host, "accept": frozenset(host["accept"])})
        for host in table.pop("host", ())
    }
    ignores = tuple(links.Ignore(**ignore) for ignore in table.pop("ignore", ()))
    table.pop("maintenance", None)
    age = None if max_age is None else timedelta(days=max_age)
    return links.Settings(**table, hosts=hosts, ignores=ignores, max_age=age)


def verify_site(
    root: Path,
    plan: Plan,
    ledger: Ledger,
    questions: Questions,
    *,
    now: datetime,
    output: Path | str | None = None,
    progress: Callable[[links.Progress], None] | None = None,
) -> Verified:
    """Verify what is published from a folder, against what the ledger remembers of it.

    `output` is where readers get it, if that is another place: object storage, for which the folder was
    staged. Raises `FeedsError` if nothing is published there.
    """
    from feeds.websub import answers

    base_url = plan.site.base_url
    subjects = tuple(
        subject
        for subject in folder(root, base_url)
        # It reports broken links; those are not to be checked for ever.
        if subject.url is None or not subject.url.startswith(f"{base_url}{_MAINTENANCE}/")
    )
    if not any(subject.name.endswith(FILES) for subject in subjects):
        first = "`feeds publish`" if output and "://" in str(output) else "`feeds build`"
        raise FeedsError(f"holds no feed; run {first} first", Place(source=str(root)))
    context = Context(
        now=now,
        base_url=base_url,
        subjects=subjects,
        memory=_recall(ledger, plan, now),
        pinged=None if questions.staged else answers(ledger),
    )
    asked = [subject for subject in subjects if _is_since(subject, questions.since)]
    outlines: list[Outline] = []
    verified = _verify(
        asked, context, questions, _LinkMemory(ledger), outlines.append, _local(root, base_url), progress
    )
    if questions.staged:
        # An edit that was undone before it was published has moved `updated` all the same.
        tolerated = "LED-" if questions.surprising else "LED-03"
        verified = replace(verified, report=_tolerated(verified.report, tolerated))
    is_lasting = not (questions.staged and verified.report.fails("error"))
    if questions.ask_rules and not questions.only and questions.since is None and is_lasting:
        _remember(ledger, outlines, subjects)
    if plan.verify.maintenance and questions.ask_links and not questions.only:
        _tell(output or root, plan, ledger, verified.results, now)
    return verified


def _tell(
    output: Path | str, plan: Plan, ledger: Ledger, results: Iterable[links.Result], now: datetime
) -> None:
    """Update the feed of links that broke or recovered."""
    from feeds.maintenance import documents
    from feeds.outputs.pages import Pages

    pages = Pages(plan.site, plan.theme)
    with open_target(output) as target:
        for document in documents(plan.site, _MAINTENANCE, plan.identity, ledger, results, pages, now=now):
            target.put(document)


def _tolerated(report: Report, rules: str) -> Report:
    """Turn errors into warnings, of rules whose names begin with `rules`."""
    findings = (
        replace(finding, level="warning")
        if finding.level == "error" and finding.rule.startswith(rules)
        else finding
        for finding in report.findings
    )
    return replace(report, findings=tuple(findings))


def verify_others(
    names: Iterable[str],
    ledger: Ledger,
    questions: Questions,
    *,
    now: datetime,
    progress: Callable[[links.Progress], None] | None = None,
) -> Verified:
    """Verify anyone's feeds, given as files, folders or addresses. One that cannot be read is a finding."""
    from feeds.fetch import Fetcher, Limits

    subjects: list[Subject] = []
    failures: list[Finding] = []
    limits = Limits(size=_MOST)
    with Fetcher(limits=limits, allow_private=questions.settings.allow_private) as fetcher:
        for name in names:
            try:
                subjects.extend(_subjects(name, fetcher))
            except SourceError as error:
                place = error.place or Place(source=name)
                failures.append(Finding(level="error", rule="unreadable", place=place, message=error.message))
    context = Context(now=now, subjects=tuple(subjects))
    verified = _verify(
        subjects, context, questions, _LinkMemory(ledger), lambda _: None, lambda _: None, progress
    )
    findings = (*failures, *verified.report.findings)
    return replace(verified, report=replace(verified.report, findings=findings))


def _verify(
    subjects: Sequence[Subject],
    context: Context,
    questions: Questions,
    memory: links.Memory,
    leave: Callable[[Outline], object],
    local: Callable[[str], Path | None],
    progress: Callable[[links.Progress], None] | None,
) -> Verified:
    findings: list[Finding] = []
    results: tuple[links.Result, ...] = ()
    if questions.ask_rules:
        from feeds.verify.checking import check

        findings.extend(
            check(subjects, context, only=questions.only, profiles=questions.profiles, leave=leave)
        )
    if questions.ask_links and not questions.only:
        from feeds.verify.links.check import check as check_links

        settings = questions.settings
        checked = check_links(
            _targets(subjects), settings, memory, now=context.now, local=local, progress=progress
        )
        results = tuple(sorted(checked, key=_where))
        # A part of a site does not show which ignores are needless.
        is_whole_site = context.base_url is not None and questions.since is None
        ignores = settings.ignores if is_whole_site else ()
        findings.extend(links.findings(results, ignores, today=context.now.date()))
    files = tuple(subject.name for subject in subjects)
    return Verified(report=Report(findings=tuple(findings), files=files), results=results)


def _where(result: links.Result) -> tuple[str, int, str]:
    """Where an address first occurs, so that findings come in the order of the files."""
    place = result.places[0] if result.places else Place(source=result.url)
    return place.source, place.line or 0, result.url


def _targets(subjects: Iterable[Subject]) -> Iterator[links.Target]:
    """Every address in the files that people and programs subscribe to; pages only repeat them."""
    for subject in subjects:
        if type_ := _LINKING.get(subject.kind):
            with subject.open() as stream:
                yield from links.targets_in(stream, type_, subject.name, subject.url)


def _subjects(name: str, fetcher: "Fetcher") -> Iterator[Subject]:
    path = Path(name)
    if is_address(name):
        yield _subject_at(name, fetcher)
    elif not name or not path.exists():
        raise SourceError("no such file; expected a file, a folder or an address", Place(source=name))
    elif path.is_dir():
        found = [*folder(path, own=False)]
        if all(subject.kind in _NO_FEEDS for subject in found):
            raise SourceError("holds no feed", Place(source=name))
        yield from found
    else:
        # A pipe can be read only once.
        yield Subject(name=name, body=path if path.is_file() else path.read_bytes())


def _subject_at(address: str, fetcher: "Fetcher") -> Subject:
    """Get what is at an address, and see how its server answers the requests of readers and apps."""
    from feeds.http import Question

    fetched = fetcher.get(address)
    assert fetched.data is not None
    url = fetched.url
    subject = Subject(name=address, body=fetched.data, url=url)
    is_media = subject.kind in ("audio", "picture")
    two_bytes = Question(url=url, method="GET", headers={"Range": "bytes=0-1"})
    by_https = Question(url=url.replace("http:", "https:", 1))
    served = Served(
        headers=fetched.headers,
        hops=fetched.hops,
        revalidated=_revalidated(fetched, fetcher),
        head=_answer(fetcher, Question(url=url)) if is_media else None,
        ranged=_answer(fetcher, two_bytes) if is_media else None,
        secure=fetcher.ask(by_https).code == 200 if url.startswith("http:") else None,
    )
    return replace(subject, served=served)


def _answer(fetcher: "Fetcher", question: "Question") -> tuple[int, Mapping[str, str]] | None:
    answer = fetcher.ask(question)
    return None if answer.code is None else (answer.code, answer.headers)


def _revalidated(fetched: "Fetched", fetcher: "Fetcher") -> int | None:
    """The status of a conditional request for the version just fetched; `None` if it has no validators."""
    if not (fetched.validators.etag or fetched.validators.last_modified):
        return None
    try:
        again = fetcher.get(fetched.url, fetched.validators)
    except SourceError:  # it answered a moment ago, so this says nothing about how it answers
        return None
    return 304 if again.data is None else 200


def _is_since(subject: Subject, since: datetime | None) -> bool:
    if since is None or not isinstance(subject.body, Path):
        return True
    return subject.body.stat().st_mtime >= since.timestamp()


def _local(root: Path, base_url: str) -> Callable[[str], Path | None]:
    """Find the file that an address of the site stands for."""

    def find(url: str) -> Path | None:
        if not url.startswith(base_url):
            return None
        place = unquote(url.removeprefix(base_url).partition("#")[0].partition("?")[0])
        return root / (f"{place}index.html" if not place or place.endswith("/") else place)

    return find


class _LinkMemory:
    """Remembers addresses in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def load(self, urls: Collection[str]) -> Mapping[str, links.Record]:
        """Return what is known of these addresses."""
        known = self._ledger.recall_all("link", links.Record)
        return {url: known[url] for url in urls if url in known}

    def save(self, records: Iterable[links.Record]) -> None:
        """Remember these."""
        self._ledger.note("link", {record.url: record for record in records})


def _recall(ledger: Ledger, plan: Plan, now: datetime) -> Memory | None:
    """What the last verification left; `None` before the first one."""
    feeds = ledger.recall_all("verified feed", KnownFeed)
    if not feeds:
        return None
    given = [(item, _names(item.id)) for item in ledger.given() if item.id]
    shown = {item.id for item in ledger.items(groups.ALL, now=ledger.latest(now), limit=plan.limit)}
    dating = [override for override in plan.editor.overrides if "published" in override.values]
    left = tuple(f"{plan.site.base_url}{path.rstrip('/')}/" for path in plan.redirects)
    # What feeds have no room for any more, or was taken out of them on purpose, is still in the ledger.
    moved = {name for item, names in given if item.id not in shown for name in names}
    return Memory(
        items=ledger.recall_all("verified item", KnownItem),
        feeds=feeds,
        files=ledger.recall_all("verified file", str),
        moved=frozenset(moved) | {url for url in feeds if url.startswith(left)},
        dated=frozenset(
            name for item, names in given if any(one.match(item) for one in dating) for name in names
        ),
    )


def _names(id_: str) -> tuple[str, ...]:
    """What an item is called in feeds: Atom has ids that are IRIs, the others have any."""
    return id_, iri(id_)


def _remember(ledger: Ledger, outlines: Iterable[Outline], subjects: Iterable[Subject]) -> None:
    items: dict[str, KnownItem] = {}
    feeds: dict[str, KnownFeed] = {}
    for outline in outlines:
        url = outline.subject.url
        if url is None or not outline.items:
            continue
        feeds[url] = KnownFeed(
            id=outline.id, guid=outline.guid, episodes=len(outline.items) if outline.podcast else 0
        )
        for item in outline.items:
            known = items.get(item.id) or KnownItem(
                id=item.id, title=item.title, published=item.published, updated=item.updated
            )
            items[item.id] = replace(known, digests=known.digests | {item.digest}, feeds=(*known.feeds, url))
    for page in following(outlines):
        feeds.pop(page, None)  # an archive may end, a feed may not
    files = {
        subject.url: subject.sha256
        for subject in subjects
        if subject.url and subject.kind in ("audio", "picture")
    }
    for kind, values in (("verified item", items), ("verified feed", feeds), ("verified file", files)):
        ledger.forget(kind, ledger.recall_all(kind, object).keys() - values.keys())
        ledger.note(kind, dict(values))
