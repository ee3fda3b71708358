"""Lists with one entry a line, the time before, behind, above or below its label."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from feeds.chapters import _words
from feeds.chapters._listing import Entry, Listing
from feeds.chapters._text import Line, Text
from feeds.chapters._times import Mark
from feeds.chapters._titles import title


@dataclass(frozen=True, slots=True)
class Row:
    """A line that has times in it."""

    number: int
    line: Line
    marks: tuple[Mark, ...]
    leads: bool
    """Begins with a time."""
    closes: bool
    """Ends with a time."""

    @property
    def alone(self) -> bool:
        """Tell whether it is a time and nothing else."""
        return self.leads and self.closes and len(self.marks) == 1


# Before a time there may be signs, a number, or "Chapter 3:".
_NUMBERED = re.compile(
    r"[\W_]*+(?:(?:chapter|part|topic|segment|kapitel|teil|thema|chapitre|partie|cap[ií]tulo|parte|глава|часть|第)?"
    r"[\W_]{0,2}\d{1,3}[ ]?[-.):|\t\]章节節期]?[\W_]*+)?",
    re.IGNORECASE,
)
_LONGEST_LEAD = 60


def rows(text: Text, marks: Sequence[Mark]) -> list[Row]:
    rows = []
    first = 0
    for number, line in enumerate(text.lines):
        last = first
        while last < len(marks) and marks[last].start < line.end:
            last += 1
        if last > first:
            rows.append(_row(text, number, line, tuple(marks[first:last])))
        first = last
    return rows


def _row(text: Text, number: int, line: Line, marks: tuple[Mark, ...]) -> Row:
    before = text.plain[line.content : marks[0].start]
    after = text.plain[marks[-1].end : line.end]
    leads = marks[0].doubt != "clock" and len(before) <= _LONGEST_LEAD and _is_lead(before)
    closes = marks[-1].doubt != "clock" and not any(map(str.isalnum, after[:_LONGEST_LEAD]))
    return Row(number, line, marks, leads, closes)


def _is_lead(before: str) -> bool:
    return _NUMBERED.fullmatch(before) is not None or _words.kind(before) in ("timed", "topical")


def by_line(text: Text, rows: list[Row]) -> Iterator[Listing]:
    leading = [row for row in rows if row.leads]
    closing = [row for row in rows if row.closes and not row.leads]
    alone = sum(row.alone for row in leading)
    if len(closing) > len(leading) - alone:
        closing = [row for row in rows if row.closes and (row.alone or not row.leads)]
    for part in _parts(text, leading):
        yield from _in_lines(text, part)
    for part in _parts(text, closing):
        yield from _in_lines(text, part, closing=True)


def _parts(text: Text, rows: list[Row]) -> list[list[Row]]:
    """Part the rows where another heading stands between them, or where the times begin anew."""
    parts: list[list[Row]] = []
    loose = sum(row.alone for row in rows) * 2 > len(rows)  # labels on lines of their own look like headings
    for row in rows:
        if not parts or _parts_before(text, parts[-1], row, loose=loose):
            parts.append([])
        parts[-1].append(row)
    return parts


def _parts_before(text: Text, part: list[Row], row: Row, *, loose: bool) -> bool:
    between = range(part[-1].number + 1, row.number)
    if not between:
        return False
    mark, first = row.marks[0].seconds, part[0].marks[0].seconds
    if mark <= first:
        return True
    return not loose and any(_kind(text, number) in ("timed", "topical", "foreign") for number in between)


def _kind(text: Text, number: int) -> _words.Kind:
    line = text.lines[number]
    return _words.kind(text.shown[line.content : line.end])


def _in_lines(text: Text, rows: list[Row], *, closing: bool = False) -> Iterator[Listing]:
    marks = [row.marks[-1 if closing else 0] for row in rows]
    if sum(row.alone for row in rows) * 5 >= len(rows) * 4:
        side = _side_of_labels(text, rows)
        closing = side < 0
    else:
        side = 0
    numbered = [row.line.number for row in rows]
    counted = None not in numbered and numbered == list(
        range(numbered[0] or 0, (numbered[0] or 0) + len(rows))
    )
    entries = []
    for row, mark in zip(rows, marks, strict=True):
        if side and row.alone:
            start, end = _line_beside(text, row.number, side)
        elif closing:
            start, end = (
                row.line.content if counted or row.line.number is None else row.line.start,
                mark.start,
            )
        else:
            start, end = mark.end, _end_of_item(text, row)
        entries.append(Entry(mark, title(text, start, end, mark)))
    yield _headed(text, rows, entries, side, closing=closing)


def _side_of_labels(text: Text, rows: list[Row]) -> int:
    """Tell on which side of times that stand alone their labels are: 1 below, -1 above, 0 nowhere.

    Between two times the label may belong to either; what is above the first and below the last decides.
    """
    taken = {row.number for row in rows}
    below = sum(_is_label(text, row.number + 1, taken) for row in rows)
    above = sum(_is_label(text, row.number - 1, taken) for row in rows)
    if max(above, below) * 2 < len(rows):
        return 0
    return 1 if below >= above else -1


def _is_label(text: Text, number: int, taken: set[int]) -> bool:
    if number in taken or not 0 <= number < len(text.lines):
        return False
    line = text.lines[number]
    return not (line.blank or line.quote or line.end - line.content > 200 or _kind(text, number) == "timed")


def _line_beside(text: Text, number: int, side: int) -> tuple[int, int]:
    if 0 <= number + side < len(text.lines) and not text.lines[number + side].quote:
        line = text.lines[number + side]
        return line.content, line.end
    line = text.lines[number]
    return line.end, line.end


def _end_of_item(text: Text, row: Row) -> int:
    """Find where an item of a Markdown list ends: its indented lines are still the same paragraph."""
    number = row.number + 1
    if row.line.bullet:
        while number < len(text.lines):
            line = text.lines[number]
            if line.blank or line.bullet or line.quote or line.heading or not line.indented:
                break
            number += 1
    return text.lines[number - 1].end


def _headed(text: Text, rows: list[Row], entries: list[Entry], side: int, *, closing: bool) -> Listing:
    first, last = rows[0].number, rows[-1].number
    top = first - 1 if side < 0 else first
    bottom = last + 1 if side > 0 else last
    line = text.lines[max(top, 0)]
    end = max(text.lines[min(bottom, len(text.lines) - 1)].end, entries[-1].title.end)
    listing = Listing(
        order="label first" if closing else "time first",
        entries=tuple(entries),
        run_on=False,
        start=line.start,
        end=end,
    )
    inline = text.shown[line.content : entries[0].mark.start] if not closing else ""
    if _words.kind(inline) in ("timed", "topical"):
        return replace(listing, heading=_words.bare(inline), kind=_words.kind(inline))
    return _with_heading_above(text, listing, top)


def _with_heading_above(text: Text, listing: Listing, top: int) -> Listing:
    """Look for the heading in the three lines above that are not blank; a foreign one only in the next."""
    seen = 0
    for number in range(top - 1, max(top - 9, -1), -1):
        line = text.lines[number]
        if line.blank:
            continue
        kind = _kind(text, number)
        if kind in ("timed", "topical") or (kind == "foreign" and not seen):
            heading = _words.bare(text.shown[line.content : line.end])
            return replace(listing, heading=heading, kind=kind, start=line.start)
        seen += 1
        if seen == 3 or kind:
            break
    return listing
