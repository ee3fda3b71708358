"""A feed for the editor's own reader: which links broke or recovered, run by run."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from feeds import compose
from feeds.ledger import Ledger
from feeds.model import Article, Document, Feed, Site
from feeds.outputs import Outputs
from feeds.outputs.pages import Pages
from feeds.verify.links import Result

_MOST = 100
"""Events that the feed holds."""

_BROKEN, _EVENT, _BEGINNING = "maintenance broken", "maintenance event", "maintenance"
"""Kinds of notes in the ledger."""


class _Event(msgspec.Struct, frozen=True):
    title: str
    summary: str
    url: str
    moment: datetime


def documents(
    site: Site,
    path: str,
    identity: str,
    ledger: Ledger,
    results: Iterable[Result],
    pages: Pages,
    *,
    now: datetime,
) -> Iterator[Document]:
    """Note which links broke or recovered since the last run, and give the feed and its page.

    `path` is the folder of the feed below the output root, `identity` what ids are made from.
    """
    _note(f"{identity}{path}/", ledger, results, now)
    began = ledger.recall(_BEGINNING, "began", datetime)
    if began is None:
        began = now.replace(microsecond=0)
        ledger.note(_BEGINNING, {"began": began})
    feed = _feed(site, path, f"{identity}{path}/", _latest(ledger), began)
    yield from Outputs().render(feed)
    yield from pages.feed(feed)


def _note(identity: str, ledger: Ledger, results: Iterable[Result], now: datetime) -> None:
    known = ledger.recall_all(_BROKEN, datetime)
    broken: dict[str, datetime] = {}
    mended: list[str] = []
    events: dict[str, _Event] = {}
    for result in results:
        if result.level == "error" and result.url not in known:
            broken[result.url] = now
        elif result.status in ("ok", "moved") and result.url in known:
            mended.append(result.url)
        else:
            continue
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{identity} {result.url} {now.isoformat()}").urn
        events[id_] = _event(result, now)
    ledger.note(_EVENT, events)
    ledger.note(_BROKEN, broken)
    ledger.forget(_BROKEN, mended)


def _event(result: Result, now: datetime) -> _Event:
    what = "Broken" if result.level == "error" else "Back"
    places = "\n".join(f"It is in {place}." for place in result.places)
    return _Event(
        title=f"{what}: {result.url}",
        summary=f"{result.reason[:1].upper()}{result.reason[1:]}.\n{places}",
        url=result.url,
        # Not rounded, so that what broke and recovered within a second keeps its order.
        moment=now,
    )


def _latest(ledger: Ledger) -> Mapping[str, _Event]:
    """The latest events, by id; older ones are forgotten."""
    events = sorted(ledger.recall_all(_EVENT, _Event).items(), key=lambda pair: (pair[1].moment, pair[0]))
    ledger.forget(_EVENT, [id_ for id_, _ in events[:-_MOST]])
    return dict(reversed(events[-_MOST:]))


def _feed(site: Site, path: str, identity: str, events: Mapping[str, _Event], began: datetime) -> Feed:
    items = [
        Article(
            id=id_,
            title=event.title,
            link=event.url,
            summary=event.summary,
            published=event.moment,
            updated=event.moment,
        )
        for id_, event in events.items()
    ]
    entries = [compose.entry(item, site, {}, {}) for item in items]
    return Feed(
        id=uuid.uuid5(uuid.NAMESPACE_URL, identity).urn,
        path=path,
        site=site,
        title=f"Maintenance – {site.title}",
        description="Links that broke or recovered.",
        language=site.language,
        author=site.author,
        updated=max([began, *_moments(events)]),
        entries=tuple(entries),
        kind="topic",
        formats=("atom",),
        total=len(entries),
    )


def _moments(events: Mapping[str, _Event]) -> Sequence[datetime]:
    return [event.moment for event in events.values()]
