"""Lists run on in one line, where only words, signs and brackets show what belongs together.

Between two times stands one title, whichever comes first; the signs beside the times, and what stands
before the first and behind the last, decide. Where the first label begins, or the last title ends, is
told by a heading, the end of a sentence, an address or the name of another part of the notes.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from feeds.chapters import _words
from feeds.chapters._by_line import Row
from feeds.chapters._listing import Entry, Listing, Order, ascending
from feeds.chapters._text import Text
from feeds.chapters._times import Mark
from feeds.chapters._titles import title

_FARTHEST = 300
"""Characters between two times of one list, at most."""
_LONGEST_LABEL = 120
_SENTENCE_END = re.compile(
    r"""(?: (?<=[^\W\d_]{3}) | (?<=[\d)\]"'»”’]) ) [.!?…]++ [)"'”’»]?+ \s++ (?=[^\Wa-zа-яё])
      | [。！？]++[”』」]?""",
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"[ ]?(?:[-:|→>~=]|\.\.)")
_DELIMITER = re.compile(r"[,;.][ ]|[ ]?[•·|/][ ]")
_SEPARATOR_BEFORE = re.compile(r"(?:[-:|→~=]|\.\.)[ ]?$")
_DELIMITER_BEFORE = re.compile(r"[,;.!?][ ]?$|[•·|/*][ ]?$")


def by_run(text: Text, row: Row) -> Iterator[Listing]:
    """Find the lists in one line."""
    marks = [mark for mark in row.marks if mark.doubt in ("", "verse")]
    for run in _runs(text, marks):
        yield _Run(text, run, row.line.content, row.line.end).listing()


def _runs(text: Text, marks: list[Mark]) -> Iterator[list[Mark]]:
    """Part the times of a line where a list cannot go on."""
    run: list[Mark] = []
    for place, mark in enumerate(marks):
        if run and _is_new(text, run, mark, marks[place + 1 : place + 2]):
            yield from _sorted_out(run)
            run = []
        run.append(mark)
    yield from _sorted_out(run)


def _is_new(text: Text, run: list[Mark], mark: Mark, following: list[Mark]) -> bool:
    last = run[-1]
    if mark.start - last.end > _FARTHEST:
        return True
    goes_back = mark.seconds < last.seconds
    if goes_back and mark.seconds <= run[0].seconds and following and following[0].seconds < last.seconds:
        return True
    kinds = [kind for _, _, kind in _words.headings(text.shown, last.end, mark.start)]
    return "timed" in kinds and (goes_back or len(run) < 3)


def _sorted_out(run: list[Mark]) -> Iterator[list[Mark]]:
    """Leave times to the titles that mention them: those that look otherwise, or stand out of order.

    Times in brackets are marks even out of order, so that somebody hears of it.
    """
    if len(run) < 2:
        return
    (look, count), *_ = Counter(mark.look.strip("-") for mark in run).most_common(1)
    if count * 10 >= len(run) * 7:
        run = [mark for mark in run if mark.look.strip("-") == look]
    kept = ascending([mark.seconds for mark in run])
    if not look or len(kept) * 3 < len(run) * 2:
        run = [run[place] for place in kept]
    if len(run) > 1:
        yield run


class _Run:
    """Times that follow each other in one line, and the text around them."""

    def __init__(self, text: Text, marks: list[Mark], start: int, end: int) -> None:
        self._text = text
        self._marks = marks
        self._start = max(start, marks[0].start - 400)
        self._end = end
        self._cut_edges()

    def listing(self) -> Listing:
        heading = self._heading()
        label = self._first_label(heading)
        order = self._order(heading, label)
        marks = self._marks
        if order == "label first":
            starts = [label, *(mark.end for mark in marks[:-1])]
            ends = [mark.start for mark in marks]
        else:
            starts = [mark.end for mark in marks]
            ends = [*(mark.start for mark in marks[1:]), self._end_of_last()]
        entries = tuple(
            Entry(mark, title(self._text, start, end, mark))
            for mark, start, end in zip(marks, starts, ends, strict=True)
        )
        first = entries[0].title.start if order == "label first" else marks[0].start
        found, heading_end, kind = heading or (first, first, "")
        return Listing(
            order=order,
            entries=entries,
            run_on=True,
            start=found,
            end=max(marks[-1].end, entries[-1].title.end),
            heading=self._text.shown[found:heading_end],
            kind=kind,
        )

    def _cut_edges(self) -> None:
        """Let go of a time before or behind the list that only a sentence end parts from it."""
        breaks = [self._is_broken(before.end, after.start) for before, after in pairwise(self._marks)]
        inner = breaks[1:-1]
        if len(inner) < 1 or any(inner):
            return
        if breaks[0]:
            self._start, self._marks = self._marks[0].end, self._marks[1:]
        if breaks[-1]:
            self._marks = self._marks[:-1]

    def _is_broken(self, start: int, end: int) -> bool:
        gap = _SENTENCE_END.search(self._text.shown, start, end)
        return gap is not None and gap.end() < end - 1

    def _heading(self) -> tuple[int, int, _words.Kind] | None:
        """Find the heading before the first time: one that speaks of times rather than another."""
        first = self._marks[0].start
        found = [
            heading
            for heading in _words.headings(self._text.shown, self._start, first)
            if first - heading[1] <= _LONGEST_LABEL and not self._is_broken(heading[1], first)
        ]
        return next((heading for heading in found if heading[2] == "timed"), found[0] if found else None)

    def _first_label(self, heading: tuple[int, int, _words.Kind] | None) -> int:
        """Find where the label before the first time would begin."""
        if heading is not None:
            return heading[1]
        shown, start, first = self._text.shown, self._start, self._marks[0].start
        bounds = [match.end() for match in _SENTENCE_END.finditer(shown, start, first)]
        bounds += [anchor.end for anchor in self._text.addresses(start, first)]
        return max(bounds, default=start)

    def _order(self, heading: tuple[int, int, _words.Kind] | None, label: int) -> Order:
        votes = self._votes_of_signs() + self._votes_of_edges(heading, label)
        return "label first" if votes < 0 else "time first"

    def _votes_of_signs(self) -> float:
        """Count signs beside the times: a dash ties a time to its title, a comma parts entries."""
        plain, votes = self._text.plain, 0.0
        for before, after in pairwise(self._marks):
            gap = plain[before.end : after.start]
            if _DELIMITER.match(gap):
                votes -= 1
            elif _SEPARATOR.match(gap):
                votes += 1
            gap = gap.rstrip(" ")
            if _DELIMITER_BEFORE.search(gap[-3:]):
                votes += 0.5
            elif _SEPARATOR_BEFORE.search(gap[-3:]):
                votes += 1 if self._is_bulleted() else -1
        return 4 * votes / max(1, len(self._marks) - 1)

    def _is_bulleted(self) -> bool:
        """Tell whether the dashes before times are bullets: then one stands before the first, too."""
        before = self._text.plain[self._start : self._marks[0].start].rstrip(" ")
        return before.endswith("-") and not before.rstrip("- ")[-1:].isalnum()

    def _votes_of_edges(self, heading: tuple[int, int, _words.Kind] | None, label: int) -> float:
        shown, marks = self._text.shown, self._marks
        first = shown[label : marks[0].start].strip(" :-–—•*|(\t")
        rest = shown[marks[-1].end : self._end].strip(" .)]|-–—•*\t")
        votes = 0.0
        if not first:
            votes += 3
        elif heading is not None or len(first) <= 40:
            votes -= 2
        if not rest:
            votes -= 3
        elif _words.section(shown, marks[-1].end, marks[-1].end + 2) is not None:
            votes -= 2
        return votes

    def _end_of_last(self) -> int:
        """Find where the title behind the last time ends."""
        shown, last = self._text.shown, self._marks[-1].end
        start = (
            last
            + len(self._text.plain[last : last + 20])
            - len(self._text.plain[last : last + 20].lstrip(" -:|.)"))
        )
        ends = [self._end]
        ends += [anchor.start for anchor in self._text.addresses(start, self._end) if anchor.start > start]
        stops = [self._is_broken(before.end, after.start) for before, after in pairwise(self._marks)]
        if not any(stops) and (sentence := _SENTENCE_END.search(shown, start, self._end)):
            ends.append(sentence.end())
        if (section := _words.section(shown, start + 2, min(self._end, start + 400))) is not None:
            ends.append(section)
        return max(start, min(ends))
