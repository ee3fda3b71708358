"""Dates as feeds write them. Every datetime here is aware; what is written is in UTC."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache


def rfc822(when: datetime) -> str:
    """Format for RSS, in the shape that every reader understands (RSS Best Practices Profile, dates).

    >>> rfc822(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    'Fri, 02 Jan 2026 03:04:05 GMT'
    """
    return format_datetime(when.astimezone(UTC).replace(microsecond=0), usegmt=True)


@lru_cache(maxsize=1000)  # each page and each document of an item says the same dates
def rfc3339(when: datetime) -> str:
    """Format for Atom, JSON Feed and the ledger (RFC 3339), to the second.

    >>> rfc3339(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    return f"{when.astimezone(UTC).isoformat()[:19]}Z"


def clock(seconds: float, *, milliseconds: bool = False) -> str:
    """Format a time within audio as `HH:MM:SS`, or as `HH:MM:SS.mmm`.

    >>> clock(3815.25), clock(3815.25, milliseconds=True)
    ('01:03:35', '01:03:35.250')
    """
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    text = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{text}.{thousandths:03}" if milliseconds else text


def seconds(text: str) -> float:
    """Read a time within audio: `H:MM:SS`, `MM:SS` or seconds, with decimals or without.

    >>> seconds("1:03:35"), seconds("0:06.5"), seconds("90")
    (3815.0, 6.5, 90.0)
    """
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def spaced(now: datetime, count: int, *, after: datetime | None, step: timedelta) -> list[datetime]:
    """Give things that happened together a moment each, the first the latest, none later than `now`.

    They lie `step` apart, closer where all of them have to come after `after`, and at least a second.

    >>> noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    >>> [when.minute for when in spaced(noon, 3, after=None, step=timedelta(minutes=1))]
    [0, 59, 58]
    """
    if after is not None and count:
        step = min(step, (now - after) / count)
    whole = timedelta(seconds=max(1, int(step.total_seconds())))
    return [now - index * whole for index in range(count)]
