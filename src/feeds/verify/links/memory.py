"""What was seen in earlier runs, and what it means for this one. Pure.

One failure proves little: hosts restart, networks fail. A link is broken for certain only when it
failed in two runs or for a day, or when its host said 404 or 410 to more than one question.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zlib import crc32

from feeds.verify.links.model import Record, Result, Status

_GOOD: frozenset[Status] = frozenset({"ok", "moved"})
_ALIVE: frozenset[Status] = frozenset({"ok", "moved", "suspicious"})
_FAILED: frozenset[Status] = frozenset({"broken", "transient", "insecure"})

_DAYS_BETWEEN = (1, 3, 7, 30)
_CERTAIN_AFTER_RUNS = 2
_CERTAIN_AFTER = timedelta(days=1)
_CERTAIN_CODES = frozenset({404, 410})
_HISTORY_LENGTH = 10
_FLAPS = 3


def is_fresh(record: Record, now: datetime, max_age: timedelta | None = None) -> bool:
    """Tell whether a link was good so recently that it need not be checked.

    The longer it has been good, the longer it is trusted: for 1, 3, 7, then 30 days, give or take a
    tenth, so that what was first asked together is not always asked together.
    """
    if record.status not in _GOOD:
        return False
    days = _DAYS_BETWEEN[min(max(record.goods, 1), len(_DAYS_BETWEEN)) - 1]
    spread = 0.9 + 0.2 * (crc32(record.url.encode()) % 1000) / 1000
    trusted = timedelta(days=days) * spread
    return now - record.checked_at < (trusted if max_age is None else min(trusted, max_age))


def settle(result: Result, record: Record | None, now: datetime) -> tuple[Result, Record]:
    """Weigh a result against what is remembered; return what to report and what to remember."""
    history = record.history if record else ""
    failed = result.status in _FAILED
    if failed or result.status in _ALIVE:
        history = (history + "+-"[failed])[-_HISTORY_LENGTH:]
    failures = record.failures if record else 0
    failing_since = record.failing_since if record else None
    if failed:
        failures, failing_since = failures + 1, failing_since or now
    elif result.status in _ALIVE:
        failures, failing_since = 0, None
    if record is None and not failed:  # as most are in a first run
        return result, _remember(result, None, history)
    seen = replace(
        result,
        previous=record.status if record else None,
        failures=failures,
        failing_since=failing_since,
        flapping=sum(one != other for one, other in pairwise(history)) >= _FLAPS,
    )
    return _weigh(seen, now), _remember(seen, record, history)


def _weigh(result: Result, now: datetime) -> Result:
    """Decide how certain a failure is."""
    if result.status not in ("broken", "transient") or result.failing_since is None:
        return result
    if result.code in _CERTAIN_CODES and result.status == "broken":
        return replace(result, level="error")
    if result.flapping:
        return replace(result, level="warning", reason=f"{result.reason}; it has been coming and going")
    lasting = result.failures >= _CERTAIN_AFTER_RUNS or now - result.failing_since >= _CERTAIN_AFTER
    # A host that asks to wait is alive, however often it does so.
    if not lasting or result.code == 429:
        return replace(result, level="warning")
    since = f"failing since {result.failing_since:%Y-%m-%d}, in {result.failures} runs"
    return replace(result, status="broken", level="error", reason=f"{result.reason}; {since}")


def _remember(result: Result, record: Record | None, history: str) -> Record:
    good = result.status in _GOOD
    alive = result.status in _ALIVE
    first_good = record.first_good if record else None
    last_good = record.last_good if record else None
    return Record(
        url=result.url,
        status=result.status,
        reason=result.reason,
        checked_at=result.checked_at,
        code=result.code,
        moved_to=result.moved_to,
        size=result.size,
        type=result.type,
        first_good=first_good or (result.checked_at if alive else None),
        last_good=result.checked_at if alive else last_good,
        goods=(record.goods if record else 0) + 1 if good else 0,
        failures=result.failures,
        failing_since=result.failing_since,
        history=history,
    )
