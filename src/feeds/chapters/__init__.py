"""Show notes → chapters, with a reason for each acceptance or refusal.

    notes → text without markup → times in it → proposals for a list → verdict

Notes come as people write them: plain text, Markdown or HTML, whole or flattened to one line. What they
say is returned as it is: no chapter is added, moved or dropped here. A list that is not sure to be one
is refused, so that no guess is published as fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from feeds.chapters import _text, _times, _verdict
from feeds.chapters._by_line import by_line, rows
from feeds.chapters._listing import Listing
from feeds.chapters._run_on import by_run
from feeds.model import Chapter

__all__ = ["Reading", "parse"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was read in the notes of one episode."""

    chapters: tuple[Chapter, ...]
    """In the order of the notes; empty when refused."""
    accepted: bool
    confidence: float
    """From 0 to 1."""
    reason: str
    """Why it was accepted or refused, in one sentence for a person."""
    style: str
    """How the list is written, such as `label first, one a line`; empty when nothing was found."""
    spans: tuple[tuple[int, int], ...]
    """The characters of the notes, from and to, that the list and its heading take up."""

    def prose(self, notes: str) -> str:
        """Give what is left of the notes when the list is taken out of them, if it was accepted."""
        if not self.accepted:
            return notes
        starts, ends = zip(*self.spans, strict=True)
        left = [notes[end:start].strip() for end, start in zip((0, *ends), (*starts, None), strict=True)]
        return "\n".join(filter(None, left))


def parse(notes: str, *, duration: float | None = None) -> Reading:
    """Read the chapters out of show notes, in time proportional to their length.

    `duration` is that of the episode in seconds, if known; no chapter starts behind it.
    """
    text = _text.read(notes)
    marks = _times.find(text)
    lines = rows(text, marks) if len(marks) <= _times.LIMIT else []
    proposals = [*by_line(text, lines), *(listing for row in lines for listing in by_run(text, row))]
    verdict = _verdict.decide(proposals, marks, duration)
    listing = verdict.listing
    return Reading(
        chapters=_chapters(listing) if listing and verdict.accepted else (),
        accepted=verdict.accepted,
        confidence=verdict.confidence,
        reason=verdict.reason,
        style=_style(listing) if listing else "",
        spans=tuple(_spans(listing, text)) if listing else (),
    )


def _spans(listing: Listing, text: _text.Text) -> Iterator[tuple[int, int]]:
    edges = (listing.start, *chain.from_iterable(listing.apart), listing.end)
    places = [text.source_end(edge) for edge in edges]
    yield from zip(places[::2], places[1::2], strict=True)


def _chapters(listing: Listing) -> tuple[Chapter, ...]:
    return tuple(
        Chapter(start=entry.mark.seconds, title=entry.title.words, link=entry.title.link)
        for entry in listing.entries
    )


def _style(listing: Listing) -> str:
    return f"{listing.order}, {'run on' if listing.run_on else 'one a line'}"
