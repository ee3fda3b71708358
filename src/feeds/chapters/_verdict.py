"""Which proposal is the list of chapters, how sure that is, and why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.chapters._listing import Listing, strays
from feeds.chapters._times import LIMIT, Mark

THRESHOLD = 0.55
"""Below this a list is not published."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided."""

    listing: Listing | None
    """The list decided about, accepted or not."""
    accepted: bool
    confidence: float
    reason: str


def decide(listings: Sequence[Listing], marks: Sequence[Mark], duration: float | None) -> Verdict:
    """Choose the likeliest list and judge it."""
    if len(marks) > LIMIT:
        return Verdict(None, False, 0.0, f"There are more than {LIMIT} times, as in a transcript.")
    judged = [_judge(listing, duration) for listing in listings if len(listing.entries) > 1]
    if not judged:
        return Verdict(None, False, 0.0, _too_few(marks))
    return max(judged, key=lambda verdict: verdict.confidence)


def _too_few(marks: Sequence[Mark]) -> str:
    if not marks:
        return "There is no time in the notes."
    certain = [mark for mark in marks if not mark.doubt]
    if not certain:
        return "The times in the notes are times of day or the like."
    if len(certain) == 1:
        return f"There is only one time, {clock(certain[0].seconds)}."
    return "The times in the notes do not make a list."


def _judge(listing: Listing, duration: float | None) -> Verdict:
    objection = _objection(listing, duration)
    confidence = _confidence(listing)
    if objection:
        return Verdict(listing, False, min(confidence, THRESHOLD) / 2, objection)
    accepted = confidence >= THRESHOLD
    return Verdict(listing, accepted, confidence, _acceptance(listing) if accepted else _weakness(listing))


def _confidence(listing: Listing) -> float:
    """Add up what speaks for a list and what speaks against it."""
    starts, entries = listing.seconds, listing.entries
    count = len(starts)
    score = {2: 0.3, 3: 0.5, 4: 0.6, 5: 0.7, 6: 0.75}.get(count, 0.8)
    score += {"timed": 0.3, "topical": 0.2, "foreign": -0.4, "spoken": -0.4}.get(listing.kind, 0)
    score += 0.1 if starts[0] <= 15 else 0.05 if starts[0] <= 120 else 0
    score -= 2 * len(strays(starts)) / count
    score -= 0.3 * sum(not entry.title.words for entry in entries) / count
    if listing.run_on:
        score -= 0.05
    if not listing.kind:
        score += _bearing(listing)
    return round(min(max(score, 0.0), 1.0), 2)


def _bearing(listing: Listing) -> float:
    """Weigh what tells chapters from songs, results and prose where no heading does."""
    starts, entries = listing.seconds, listing.entries
    score = 0.0
    if max(starts) - min(starts) >= 1200:  # longer than songs
        score += 0.1
    if all(entry.mark.hours for entry in entries):
        score += 0.1
    if starts[0] > 600:
        score -= 0.15
    if starts[0] > 3600:
        score -= 0.2
    if listing.order == "label first" and starts[0] > 60:
        score -= 0.1
    if starts[0] and any(entry.mark.doubt == "unit" for entry in entries):  # minutes of cooking or reading
        score -= 0.3
    if listing.run_on:
        score -= 0.3 * sum(entry.title.words[:1].islower() for entry in entries) / len(entries)
    return score


def _objection(listing: Listing, duration: float | None) -> str:
    """Say what rules a list out, whatever speaks for it."""
    starts = listing.seconds
    if duration is not None and max(starts) > duration + 1:
        beyond = next(start for start in starts if start > duration + 1)
        return f"The mark {clock(beyond)} lies beyond the end of the episode at {clock(duration)}."
    if len(starts) >= 30 and (max(starts) - min(starts)) / len(starts) < 12:
        return f"{len(starts)} times, a few seconds apart, are a transcript."
    if len(starts) >= 8 and len({entry.title.words for entry in listing.entries}) * 2 <= len(starts):
        return f"{len(starts)} times with titles that repeat, as names of speakers do, are a transcript."
    if not listing.kind and _reads_as_schedule(starts):
        return f"The times from {clock(starts[0])} on read like times of day."
    return ""


def _reads_as_schedule(starts: Sequence[float]) -> bool:
    """Tell whether all are hours and quarters of a day: 09:00, 09:45, 11:30."""
    is_by_day = min(starts) >= 360 and max(starts) < 1440
    return is_by_day and all(start % 60 in (0, 15, 30, 45) for start in starts)


def _acceptance(listing: Listing) -> str:
    starts = listing.seconds
    after = f" after the heading “{listing.heading}”" if listing.kind else ""
    exception = _first_stray(starts)
    order = f"in ascending order except that {exception}" if exception else "in ascending order"
    return f"{len(starts)} marks from {clock(starts[0])} to {clock(starts[-1])}{after}, {order}."


def _weakness(listing: Listing) -> str:
    starts = listing.seconds
    if listing.kind in ("foreign", "spoken"):
        return f"The times after “{listing.heading}” are not chapters."
    if stray := _first_stray(starts):
        return f"The times are not in order: {stray}."
    lack = "titles" if not any(entry.title.words for entry in listing.entries) else "a heading"
    return f"{len(starts)} times without {lack}, from {clock(starts[0])} on, are too little to go by."


def _first_stray(starts: Sequence[float]) -> str:
    """Name the first mark out of order; empty if there is none."""
    places = strays(starts)
    if not places:
        return ""
    if places[0] == 0:
        return f"{clock(starts[0])} comes before {clock(starts[1])}"
    return f"{clock(starts[places[0]])} comes after {clock(starts[places[0] - 1])}"


def clock(seconds: float) -> str:
    """Write a time as people do in notes.

    >>> clock(66), clock(3815)
    ('1:06', '1:03:35')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
