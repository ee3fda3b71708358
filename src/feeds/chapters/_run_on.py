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
_SHORT_LABEL = 60
_EARLY = 60
"""Seconds within which the first chapter usually starts."""
_SENTENCE_END = re.compile(
    r"""(?: (?<=[^\W\d_]{3}) | (?<=[\d)\]"'»”’]) ) [.!?…]++ [)"'”’»]?+ \s++ (?![a-zа-яё])
      | [。！？]++[”』」]?+ | [ ](?=【)""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[-•*\s]*+[#(]?(\d{1,3})[.)][ ]+")
_NUMBER_BEHIND = re.compile(r"[ ][#(]?(\d{1,3})[.)][ ]*$")
_PADDED = re.compile(r"\W*0\d")
_LISTED = re.compile(r"[,;][ ]*$")
_FULL_STOP = re.compile(r"[.。][^\w.]*$")
_QUESTION = re.compile(r"[!?！？][^\w]*$")
_OPENERS, _CLOSERS = "([{\"'«„“‘#", ")]}\"'»”’.?!…"


def by_run(text: Text, row: Row) -> Iterator[Listing]:
    """Find the lists in one line."""
    marks = [mark for mark in row.marks if mark.doubt in ("", "name")]
    for part in _parts(text, marks):
        run = _sorted_out(text, _trimmed(text, _without_verses(text, part)))
        if len(run) > 1:
            yield _Run(text, run, row.line.content, row.line.end).listing()


def _without_verses(text: Text, marks: list[Mark]) -> list[Mark]:
    """Leave out John 3:16 where the marks are written 03:16."""
    padded = any(_PADDED.match(text.plain, mark.start) for mark in marks)
    return [mark for mark in marks if not (padded and mark.doubt and text.plain[mark.start + 1] == ":")]


def _parts(text: Text, marks: list[Mark]) -> Iterator[list[Mark]]:
    """Part the times of a line where a list cannot go on."""
    part: list[Mark] = []
    for place, mark in enumerate(marks):
        if part and _is_new(text, part, mark, marks[place + 1 : place + 2]):
            yield part
            part = []
        part.append(mark)
    yield part


def _is_new(text: Text, part: list[Mark], mark: Mark, following: list[Mark]) -> bool:
    last = part[-1]
    if mark.start - last.end > _FARTHEST:
        return True
    goes_back = mark.seconds < last.seconds
    if goes_back and mark.seconds <= part[0].seconds and following and following[0].seconds < last.seconds:
        return True
    headings = _words.headings(text.shown, last.end, mark.start) if goes_back else ()
    return any(kind == "timed" for _, _, kind in headings)


def _trimmed(text: Text, marks: list[Mark]) -> list[Mark]:
    """Let go of a time at either end that is said in a sentence of its own: "see our 45:00 talk"."""
    breaks = [_is_broken(text, before.end, after.start) for before, after in pairwise(marks)]
    if not breaks or sum(breaks) * 3 > len(breaks):
        return marks
    first = 1 if breaks[0] and _is_said(text, marks[0]) else 0
    last = -1 if breaks[-1] and _is_said(text, marks[-1]) else None
    return marks[first:last]


def _is_said(text: Text, mark: Mark) -> bool:
    """Tell whether a time stands between words of a sentence."""
    before = text.shown[max(0, mark.start - 20) : mark.start].split()[-1:]
    behind = text.shown[mark.end : mark.end + 2].strip()
    return not mark.look and (behind.islower() or any(map(str.islower, before)))


def _is_broken(text: Text, start: int, end: int) -> bool:
    ends = [match.end() for match in _SENTENCE_END.finditer(text.shown, start, end)]
    ends += [anchor.end for anchor in text.addresses(start, end)]
    return any(map(str.isalpha, text.shown[min(ends, default=end) : end]))


def _sorted_out(text: Text, marks: list[Mark]) -> list[Mark]:
    """Leave times to the titles that mention them: those that look otherwise, or stand out of order.

    Times in brackets are marks even out of order, so that somebody hears of it.
    """
    if len(marks) < 2:
        return marks
    look, count = Counter(mark.look.strip("-") for mark in marks).most_common(1)[0]
    if count * 10 >= len(marks) * 7:
        marks = [mark for mark in marks if mark.look.strip("-") == look]
    kept = _ascending(marks)
    if look and len(kept) * 3 >= len(marks) * 2:
        return marks
    return max(_ascending(_alike(text, marks)), kept, key=len)


def _alike(text: Text, marks: list[Mark]) -> list[Mark]:
    """Keep the times that have the usual sign behind them, or before them, if there is one."""
    behind = [_sign_behind(text, mark.end) for mark in marks]
    before = [_sign_before(text, mark.start) for mark in marks]
    signs = behind if _usual(behind) else before
    usual = _usual(signs)
    return [mark for mark, sign in zip(marks, signs, strict=True) if sign == usual] if usual else marks


def _ascending(marks: list[Mark]) -> list[Mark]:
    return [marks[place] for place in ascending([mark.seconds for mark in marks])]


class _Run:
    """Times that follow each other in one line, and the text around them."""

    def __init__(self, text: Text, marks: list[Mark], start: int, end: int) -> None:
        self._text = text
        self._marks = marks
        self._start = max(start, marks[0].start - _FARTHEST)
        self._end = min(end, marks[-1].end + _FARTHEST)

    def listing(self) -> Listing:
        heading = self._heading()
        label = self._first_label(heading)
        order = self._order(label)
        marks = self._marks
        if order == "label first":
            stretches = [(label, marks[0].start), *self._gaps()]
        else:
            stretches = [*self._gaps(), (marks[-1].end, self._end_of_last())]
        stretches = self._undecorated(stretches, order)
        entries = tuple(
            Entry(mark, title(self._text, start, end, mark))
            for mark, (start, end) in zip(marks, stretches, strict=True)
        )
        first = min(entries[0].title.start, marks[0].start)
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

    def _gaps(self) -> list[tuple[int, int]]:
        return [(before.end, after.start) for before, after in pairwise(self._marks)]

    # What stands before the first time

    def _heading(self) -> tuple[int, int, _words.Kind] | None:
        """Find the heading before the first time: one that speaks of times rather than another."""
        first = self._marks[0].start
        found = [
            heading
            for heading in _words.headings(self._text.shown, self._start, first)
            if first - heading[1] <= _LONGEST_LABEL and not _is_broken(self._text, heading[1], first)
        ]
        if self._marks[0].seconds <= _EARLY:  # rather a chapter called "Music" than the music of the episode
            found = [heading for heading in found if heading[2] != "foreign"]
        if not found:
            return None
        start, end, kind = next((heading for heading in found if heading[2] == "timed"), found[-1])
        return start, self._past_decoration(start, end), kind

    def _past_decoration(self, start: int, end: int) -> int:
        """Step over the sign behind a heading that stands before it, too."""
        sign = self._text.shown[max(0, start - 4) : start].rstrip()[-1:]
        behind = self._text.shown[end : end + 4]
        if sign and not sign.isalnum() and behind.lstrip().startswith(sign):
            return end + behind.index(sign) + 1
        return end

    def _first_label(self, heading: tuple[int, int, _words.Kind] | None) -> int:
        """Find where a label before the first time would begin; at the time if there is none."""
        first = self._marks[0].start
        begin = heading[1] if heading is not None else self._bound()
        if number := _NUMBER.match(self._text.shown, begin, first):
            begin = number.end()
        label = self._text.shown[begin:first]
        if heading is None and not any(": " in self._text.plain[start:end] for start, end in self._gaps()):
            label = label.rpartition(": ")[2]
            begin = first - len(label)
        is_none = not _words.has_word(label) or _FULL_STOP.search(label[-12:]) is not None
        return first if is_none or _words.announces(label) in ("timed", "topical") else begin

    def _bound(self) -> int:
        """Find the last sentence or address that ends before the first time; a question may be its label."""
        shown, start, first = self._text.shown, self._start, self._marks[0].start
        bounds = [match.end() for match in _SENTENCE_END.finditer(shown, start, first + 1)]
        bounds = [bound for bound in bounds if _words.has_word(shown[bound:first])]
        bounds += [anchor.end for anchor in self._text.addresses(start, first)]
        return min(max(bounds, default=start), first)

    # Which comes first

    def _order(self, label: int) -> Order:
        """Weigh the signs beside the times and both ends of the list."""
        first, last = self._marks[0].start, self._marks[-1].end
        votes = self._vote_of_signs_behind() + self._vote_of_signs_before(label)
        if label == first:
            votes += 3
        elif first - label <= _SHORT_LABEL and not _QUESTION.search(self._text.shown[label:first][-12:]):
            votes -= 2
        section = _words.section(self._text.shown, last, min(last + 40, self._end))
        if not _words.has_word(self._text.plain[last : self._end]):
            votes -= 4
        elif section is not None and section <= last + 3:
            votes -= 2
        return "label first" if votes < 0 else "time first"

    def _vote_of_signs_behind(self) -> int:
        """A comma behind times parts entries; a dash, too, unless one stands behind the last as well."""
        sign = _usual([_sign_behind(self._text, start) for start, _ in self._gaps()])
        if not sign:
            return 0
        return 3 if sign not in ",;." and _sign_behind(self._text, self._marks[-1].end) == sign else -3

    def _vote_of_signs_before(self, label: int) -> int:
        """A sign before times parts entries, unless one stands before the first and behind a label."""
        sign = _usual([_sign_before(self._text, end) for _, end in self._gaps()])
        if not sign:
            return 0
        first = self._marks[0].start
        return -2 if label < first and _sign_before(self._text, first) == sign else 2

    # Where titles end

    def _end_of_last(self) -> int:
        """Find where the title behind the last time ends."""
        shown, last, end = self._text.shown, self._marks[-1].end, self._end
        start = last
        while start < end and not shown[start].isalnum():
            start += 1
        ends = [end, *(anchor.start for anchor in self._text.addresses(start, end) if anchor.start > start)]
        if not any(_is_broken(self._text, *gap) for gap in self._gaps()):
            ends += [match.end() for match in _SENTENCE_END.finditer(shown, start, end)][:1]
        section = _words.section(shown, start + 1, end)
        return min([*ends, section] if section is not None else ends)

    def _undecorated(self, stretches: list[tuple[int, int]], order: Order) -> list[tuple[int, int]]:
        """Cut off what all entries have in common: a bullet, a comma, or a number that counts them."""
        texts = [self._text.plain[start:end] for start, end in stretches]
        if order == "label first":
            sizes = _sizes_before(texts)
            return [(start + size, end) for (start, end), size in zip(stretches, sizes, strict=True)]
        sizes = [*_sizes_behind(texts[:-1]), _size_of_stop(texts)]
        return [(start, end - size) for (start, end), size in zip(stretches, sizes, strict=True)]


def _sign_behind(text: Text, place: int) -> str:
    sign = text.plain[place : place + 2].strip()[:1]
    return "" if sign.isalnum() or sign in _OPENERS else sign


def _sign_before(text: Text, place: int) -> str:
    sign = text.plain[max(0, place - 2) : place].strip()[-1:]
    return "" if sign.isalnum() or sign in _CLOSERS else sign


def _usual(signs: list[str]) -> str:
    """Find the sign that three in five have."""
    sign, count = Counter(signs).most_common(1)[0]
    return sign if count * 5 >= len(signs) * 3 else ""


def _sizes_before(texts: list[str]) -> list[int]:
    """Measure the numbers that count the entries; the first may have been taken already."""
    numbers = [_NUMBER.match(text) for text in texts]
    if _is_counting(numbers) or _is_counting(numbers[1:]):
        return [len(number[0]) if number else 0 for number in numbers]
    return [0] * len(texts)


def _sizes_behind(texts: list[str]) -> list[int]:
    """Measure the numbers of the next entries, or the signs that stand at the end of all."""
    numbers = [_NUMBER_BEHIND.search(text[-8:]) for text in texts]
    if _is_counting(numbers):
        return [len(number[0]) if number else 0 for number in numbers]
    size = 0
    for signs in zip(*map(reversed, texts), strict=False):
        if len(set(signs)) > 1 or signs[0].isalnum() or signs[0] in _CLOSERS:
            break
        size += 1
    return [size] * len(texts)


def _size_of_stop(texts: list[str]) -> int:
    """Measure the full stop that ends an enumeration with commas."""
    stop = _FULL_STOP.search(texts[-1]) if _LISTED.search(texts[0]) else None
    return len(stop[0]) if stop else 0


def _is_counting(numbers: list[re.Match[str] | None]) -> bool:
    values = [int(number[1]) for number in numbers if number]
    return len(values) == len(numbers) > 0 and all(after == before + 1 for before, after in pairwise(values))
