"""Lists with one entry a line, the time before, behind, above or below its label."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

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


_Item = tuple[Row, Mark]
"""A line, and the one of its times that is its mark."""

# Before a time there may be signs, a number, "Chapter 3:", or "ca.".
_LEAD = re.compile(
    r"[\W_]*+(?:(?:chapter|part|topic|segment|kapitel|teil|thema|chapitre|partie|cap[ií]tulo|parte|глава|часть|第)?"
    r"[\W_]{0,2}\d{1,3}[ ]?[-.):|\t\]章节節期]?[\W_]*+)?+(?:(?:at|ab|ca|min|minute|time|zeit)[.:]?[ ])?",
    re.IGNORECASE,
)
_LONGEST_LEAD = 60
_LONGEST_LABEL = 200


def rows(text: Text, marks: Sequence[Mark]) -> list[Row]:
    """Find the lines that have times in them."""
    lines = groupby(marks, lambda mark: text.line_at(mark.start))
    return [_row(text, number, tuple(group)) for number, group in lines]


def _row(text: Text, number: int, marks: tuple[Mark, ...]) -> Row:
    line = text.line(number)
    before = text.plain[line.content : marks[0].start]
    after = text.plain[marks[-1].end : line.end]
    closes = marks[-1].doubt != "clock" and not _words.has_word(after[:_LONGEST_LEAD])
    leads = marks[0].doubt != "clock" and len(before) <= _LONGEST_LEAD and _is_lead(before)
    if closes and len(marks) == 1 and _words.has_word(before):  # "Chapter 3 (12:30)" is a label and its time
        leads = False
    return Row(number, line, marks, leads, closes)


def _is_lead(before: str) -> bool:
    return _LEAD.fullmatch(before) is not None or _words.announces(before) in ("timed", "topical")


def by_line(text: Text, rows: list[Row]) -> Iterator[Listing]:
    """Find the lists that take a line for each entry."""
    leading = [(row, row.marks[0]) for row in rows if row.leads]
    closing = [(row, row.marks[-1]) for row in rows if row.closes and not row.leads]
    if len(closing) > sum(not row.alone for row, _ in leading):  # a time alone is one whose label is missing
        closing = [(row, row.marks[-1]) for row in rows if row.closes and (row.alone or not row.leads)]
    for part in _parts(text, leading):
        yield _listing(text, part, closing=False)
    for part in _parts(text, closing):
        yield _listing(text, part, closing=True)


def _parts(text: Text, items: list[_Item]) -> list[list[_Item]]:
    """Part the items where another heading stands between them, or where the times begin anew."""
    parts: list[list[_Item]] = []
    widest = 0
    # Labels on lines of their own look like headings.
    loose = sum(row.alone for row, _ in items) * 2 > len(items)
    for item in items:
        step = item[0].number - parts[-1][-1][0].number if parts else 0
        if not parts or _is_new(text, parts[-1], item, apart=step > (widest or step), loose=loose):
            parts.append([item])
            widest = 0
        else:
            parts[-1].append(item)
            widest = max(widest, step)
    return [_without_straggler(part) for part in parts]


def _without_straggler(part: list[_Item]) -> list[_Item]:
    """Let go of a last item that goes back and stands apart: the length of a song in the credits."""
    if len(part) < 3:
        return part
    (before, last), (row, mark) = part[-2:]
    return part[:-1] if mark.seconds < last.seconds and row.number > before.number + 1 else part


def _is_new(text: Text, part: list[_Item], item: _Item, *, apart: bool, loose: bool) -> bool:
    """Tell whether an item begins a part; `apart` if it is farther from the last than all before it."""
    (row, mark), (last_row, last), (_, first) = item, part[-1], part[0]
    goes_back = mark.seconds < last.seconds
    if goes_back and (apart or row.line.bullet != last_row.line.bullet):
        return True
    between = range(last_row.number + 1, row.number)
    if not between or loose:
        return False
    kinds = {_kind(text, number) for number in between}
    return (
        mark.seconds <= first.seconds
        or bool(kinds & {"timed", "foreign", "spoken"})
        or (goes_back and kinds != {""})
    )


def _kind(text: Text, number: int) -> _words.Kind:
    line = text.line(number)
    return _words.kind(text.shown[line.content : line.end])


def _listing(text: Text, items: list[_Item], *, closing: bool) -> Listing:
    rows = [row for row, _ in items]
    side = 0
    if sum(row.alone for row in rows) * 5 >= len(rows) * 4:
        side = _side_of_labels(text, rows)
        closing = side < 0
    counted = _is_counted([row.line.number for row in rows])
    entries = []
    taken = {row.number for row in rows}
    labels: set[int] = set()
    for row, mark in items:
        beside = None
        if closing and not row.alone:
            start, end = row.line.content if counted else row.line.unnumbered, mark.start
        else:
            start, end = mark.end, _end_of_item(text, row)
            if row.alone and end == row.line.end and (side or row is not rows[-1]):
                beside = _label_beside(text, row.number, side or 1, taken, reach=2 if side else 1)
        if beside is not None:
            start, end = beside.content, beside.end
        labels.update(range(text.line_at(start), text.line_at(end) + 1))
        entries.append(Entry(mark, title(text, start, end, mark)))
    listing = _headed(text, rows, entries, side, closing=closing)
    return replace(listing, apart=_apart(text, listing, taken | labels))


def _apart(text: Text, listing: Listing, taken: set[int]) -> tuple[tuple[int, int], ...]:
    """Find the lines with words below the first one that are not taken."""
    first, last = text.line_at(listing.start), max(taken)
    lines = [text.line(number) for number in range(first + 1, last) if number not in taken]
    with_words = [line for line in lines if _words.has_word(text.plain[line.start : line.end])]
    return tuple((line.start, line.end) for line in with_words)


def _is_counted(numbers: list[int | None]) -> bool:
    """Tell whether the numbers before the lines only count them; otherwise they belong to the labels."""
    return len(numbers) > 1 and all(a is not None and b == a + 1 for a, b in pairwise(numbers))


def _side_of_labels(text: Text, rows: list[Row]) -> int:
    """Tell on which side of times that stand alone their labels are: 1 below, -1 above, 0 nowhere.

    Between two times the label may belong to either; what is above the first and below the last decides.
    """
    taken = {row.number for row in rows}
    below = sum(_label_beside(text, row.number, 1, taken) is not None for row in rows)
    above = sum(_label_beside(text, row.number, -1, taken) is not None for row in rows)
    if max(above, below) * 2 < len(rows):
        return 0
    return 1 if below >= above else -1


def _label_beside(text: Text, number: int, side: int, taken: set[int], *, reach: int = 2) -> Line | None:
    """Find the line that holds the label of a time that stands alone, past a blank one at most."""
    for beside in range(number + side, number + side * (reach + 1), side):
        if beside in taken or not 0 <= beside < text.height:
            return None
        line = text.line(beside)
        if line.blank:
            continue
        is_other = line.quote or line.bullet or line.heading or _kind(text, beside) == "timed"
        return None if is_other or line.end - line.content > _LONGEST_LABEL else line
    return None


def _end_of_item(text: Text, row: Row) -> int:
    """Find where an item of a Markdown list ends: its indented lines are still the same paragraph."""
    number = row.number + 1
    if row.line.bullet:
        while number < text.height:
            line = text.line(number)
            if line.blank or line.bullet or line.quote or line.heading or not line.indented:
                break
            number += 1
    return text.line(number - 1).end


def _headed(text: Text, rows: list[Row], entries: list[Entry], side: int, *, closing: bool) -> Listing:
    first, last = rows[0].number, rows[-1].number
    top = first - 1 if side < 0 else first
    bottom = last + 1 if side > 0 else last
    line = text.line(max(top, 0))
    end = max(text.line(min(bottom, text.height - 1)).end, entries[-1].title.end)
    listing = Listing(
        order="label first" if closing else "time first",
        entries=tuple(entries),
        run_on=False,
        start=line.start,
        end=end,
    )
    inline = text.shown[line.content : entries[0].mark.start] if not closing else ""
    if kind := _words.announces(inline):
        return replace(listing, heading=_words.bare(inline), kind=kind)
    return _with_heading_above(text, listing, top)


def _with_heading_above(text: Text, listing: Listing, top: int) -> Listing:
    """Look for the heading in the three lines above that are not blank; a foreign one only in the next."""
    seen = 0
    for number in range(top - 1, max(top - 9, -1), -1):
        line = text.line(number)
        if line.blank:
            continue
        kind = _kind(text, number)
        if kind in ("timed", "topical") or (kind in ("foreign", "spoken") and not seen):
            heading = _words.bare(text.shown[line.content : line.end])
            return replace(listing, heading=heading, kind=kind, start=line.start)
        seen += 1
        if seen == 3 or kind:
            break
    return listing
