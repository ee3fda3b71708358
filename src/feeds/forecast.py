"""What the next build would do: it is done in the ledger, looked at, and rolled back."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feeds import recovery
from feeds.config import Plan
from feeds.intake import Intake, Progress
from feeds.ledger import Ledger
from feeds.model import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """How one feed would change."""

    path: str
    """Folder of the feed below the output root."""
    new: int
    again: int
    """How many of the new ones subscribers have already, under another id."""
    changed: int
    vanished: int
    total: int
    """How many items its group would have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """How all feeds would change."""

    feeds: tuple[Change, ...]
    """Those that would change."""
    unchanged: int
    """How many would stay as they are."""
    surprises: tuple[str, ...]
    """Old items that would look new to subscribers, sources that are suddenly short."""
    findings: tuple[Finding, ...]


def forecast(
    plan: Plan,
    *,
    output: Path | str,
    state: Path,
    now: datetime,
    progress: Progress = lambda *_: None,
) -> Forecast:
    """Tell what a build would do to each feed. Nothing is written or remembered."""
    address = plan.ledger(state)
    is_there = "://" in address or Path(address).exists()
    with Ledger.open(address if is_there else ":memory:") as ledger, ledger.rehearsal():
        recovered = recovery.recover_lost(plan, ledger, output, now=now)
        before = ledger.members()
        taken = Intake(plan, ledger, now, "forecast", surprising=True).run(progress)
        after = ledger.members()
    changes = [
        _change(path, before.get(path, {}), after.get(path, {}), taken.again)
        for path in sorted({*before, *after})
    ]
    changing = tuple(change for change in changes if change.new or change.changed or change.vanished)
    return Forecast(
        feeds=changing,
        unchanged=len(changes) - len(changing),
        surprises=tuple(taken.surprises),
        findings=(*recovered, *taken.findings),
    )


def _change(path: str, before: Mapping[str, str], after: Mapping[str, str], again: Set[str]) -> Change:
    new = after.keys() - before.keys()
    return Change(
        path=path,
        new=len(new),
        again=len(new & again),
        changed=sum(before[id_] != after[id_] for id_ in after.keys() & before.keys()),
        vanished=len(before.keys() - after.keys()),
        total=len(after),
    )
