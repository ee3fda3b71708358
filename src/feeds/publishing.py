"""Publishing: a build that reaches readers only if it is right, and that hubs are notified of.

    build → verify the rules → put → notify the hubs

All of it is done beside the output first; if a rule is broken, nothing is put. Whatever interrupts it, the
next call completes what is missing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feeds import recovery, units, websub
from feeds.build import build
from feeds.config import Plan
from feeds.errors import TargetError
from feeds.intake import Progress
from feeds.ledger import Ledger
from feeds.locks import Lock
from feeds.manifest import MANIFEST, listed
from feeds.model import Document, Finding, Place, Record, Report
from feeds.outputs.formats import FILES, archive_page
from feeds.targets import Target, open_target
from feeds.units import Unit
from feeds.verification import Questions, verify_site
from feeds.verify.report import Report as Rules


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What happened to the site."""

    built: Report
    rules: Rules
    """What the rules found; if there is an error, nothing was put."""
    written: int = 0
    """Files that are new or changed for readers."""
    kept: int = 0
    removed: int = 0
    told: int = 0
    """Notices that hubs accepted."""
    findings: tuple[Finding, ...] = ()
    """Which notices failed, and why; they are sent again at the next call."""


def publish(
    plan: Plan,
    *,
    output: Path | str,
    state: Path,
    now: datetime,
    surprising: bool = False,
    hubs: bool = True,
    patience: float = 60.0,
    progress: Progress | None = None,
) -> Published:
    """Build beside `output`, and put it there if no rule finds an error; then notify the hubs.

    `surprising` lets items change that subscribers already have. `hubs` says whether to notify hubs at all,
    and `patience` how many seconds to wait until the site serves a feed as published.

    Raises `FeedsError` if it cannot go on, and `SurpriseError` if subscribers would be surprised; what was
    published before stays as it was.
    """
    staging = state / "staging"
    with _turn(state), Ledger.open(plan.ledger(state)) as ledger:
        recovered = recovery.recover_lost(plan, ledger, output, now=now)
        built = build(plan, output=staging, state=state, now=now, surprising=surprising, progress=progress)
        built = replace(built, findings=(*recovered, *built.findings))
        questions = Questions(ask_links=False, staged=True, surprising=surprising)
        # The dates that the ledger gave are no fault of this site, even where the clock was set back since.
        report = verify_site(staging, plan, ledger, questions, now=ledger.latest(now)).report
        if report.fails("error"):
            return Published(built=built, rules=report)
        with open_target(output) as target:
            records, removed = _put(staging, target, ledger)
        published = Published(
            built=built,
            rules=report,
            written=sum(record.changed for record in records),
            kept=sum(not record.changed for record in records),
            removed=removed,
        )
        if not hubs:
            return published
        topics = [
            websub.Topic(url=f"{plan.site.base_url}{record.path}", hash=record.hash, size=record.size)
            for record in records
            if _is_feed(record.path)
        ]
        told = websub.tell(plan.site.hubs, topics, ledger, patience=patience)
        return replace(published, told=told.notices, findings=told.findings)


@contextmanager
def _turn(state: Path) -> Iterator[None]:
    """Run one publish at a time."""
    lock = Lock(state / "publish.lock", state / "publishing")
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock.take()
    except OSError as error:
        raise TargetError(f"cannot be written: {error.strerror}", Place(source=str(state))) from error
    try:
        yield
    finally:
        lock.give_back()


def _built(staging: Path) -> list[Record]:
    """Everything that was built except the manifest, feeds after what they point at."""
    records = listed((staging / MANIFEST).read_bytes())
    return sorted(records, key=lambda record: _is_feed(record.path))


def _is_feed(path: str) -> bool:
    """Tell whether people may subscribe to a file, as they do not to pages of archives."""
    return path.endswith(FILES) and not archive_page(path)


def _put(staging: Path, target: Target, ledger: Ledger) -> tuple[list[Record], int]:
    """Put what was built, the manifest last. Gives what was put, and how many files were removed.

    What is going to be there is noted first, so that a killed run leaves no file behind for ever.
    """
    kind = units.kind(target)
    before = ledger.recall_all(kind, Unit)
    built = Unit(records=tuple(_built(staging)))
    ledger.note(kind, {"publishing": built})
    records = [
        target.put(Document(path=record.path, type=record.type, body=staging / record.path))
        for record in built.records
    ]
    stale = {record.path for unit in before.values() for record in unit.records}
    stale -= {record.path for record in records}
    target.remove(sorted(stale))
    target.put(Document(path=MANIFEST, type="application/json", body=staging / MANIFEST))
    ledger.note(kind, {"published": built})
    ledger.forget(kind, (before.keys() | {"publishing"}) - {"published"})
    return records, len(stale)
