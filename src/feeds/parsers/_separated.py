"""Lines of cells with one character between them, such as CSV (RFC 4180), as programs and people write them.

A quote that is opened and never closed takes the rows below into its cell, as far as the next quote. Where
that shows, only the row with the quote is lost: reading goes on with the first line below that is a row.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 65_536
_LONGEST_CELL = 500_000
"""Characters: the notes of an episode may be long; Python's own limit is a quarter of that."""
csv.field_size_limit(_LONGEST_CELL)

_LONGEST_ROW = 1_000
"""Lines of a row; one that is longer has a quote that is not closed."""

_LINES_TO_COME, _ROWS_TO_COME = 50, 20
"""How many lines of a row, and how many rows, are looked at to tell whether the rows are of the table."""

_DECLARATION = re.compile(r'"?sep=(.)"?\n?', re.IGNORECASE)
"""How Excel is told what stands between two cells: a line before all others."""


class Row(NamedTuple):
    """A row, and the line it begins in, from 1."""

    line: int
    cells: Sequence[str] = ()
    problem: str | None = None
    """Why it cannot be read."""


def delimiter(text: str) -> str | None:
    r"""Find out what stands between the cells of a table; `None` if it has but one column.

    A first line `sep=;` says so. Else it is what cuts the first lines into the same number of cells, and into
    the most.

    >>> delimiter("a;b\n1,5;2\n"), delimiter("title\nOne, two\n"), delimiter("sep=|\na,b\n")
    (';', None, '|')
    """
    lines = text[:_SAMPLE].split("\n")[:20]
    if declared := _DECLARATION.fullmatch(lines[0]):
        return declared[1]
    sample = "\n".join(lines if len(text) <= _SAMPLE else lines[:-1] or lines)
    best, most = None, 1
    for candidate in _DELIMITERS:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=candidate) if row
            ]
        except csv.Error:
            continue
        if widths and widths[0] > most and sum(width == widths[0] for width in widths) * 2 > len(widths):
            best, most = candidate, widths[0]
    return best


def rows(text: str, between: str) -> Iterator[Row]:
    """Read all rows but empty ones; the first that can be read tells how many cells a row has."""
    lines = [*io.StringIO(text, newline="\n")]
    start = 1 if lines and _DECLARATION.fullmatch(lines[0]) else 0
    width = None
    while start < len(lines):
        cells, end = _row(lines, start, between)
        if cells is None:
            end = _next_row(lines, start + 1, end, between, width)
            yield Row(start + 1, problem=_why(lines[start], start, end))
        elif any(cell.strip() for cell in cells):
            width = width or len(cells)
            yield Row(start + 1, cells)
        start = end


def _row(lines: Sequence[str], start: int, between: str) -> tuple[list[str] | None, int]:
    """Read the row that begins in a line. Gives its cells, and the line after it.

    Of a row that is broken there are no cells, and the line after what it took in.
    """
    below = (lines[number] for number in range(start, min(len(lines), start + _LONGEST_ROW)))
    reader = csv.reader(below, delimiter=between, strict=True)
    try:
        return next(reader), start + reader.line_num
    except csv.Error as error:
        end = len(lines) if "unexpected end" in str(error) else start + reader.line_num
    # A quote in the midst of a cell breaks no row of one line, as long as the line ends outside of quotes.
    lenient = csv.reader([lines[start], ""], delimiter=between)
    try:
        cells = next(lenient)
    except csv.Error:
        return None, end
    return (cells, start + 1) if lenient.line_num == 1 else (None, end)


def _next_row(lines: Sequence[str], start: int, end: int, between: str, width: int | None) -> int:
    """Find the first of some lines that has as many cells as the table has, as have most rows after it.

    So rows are told from the lines of a text that was in the cell. Where none is found, all of them are lost.
    """
    for first in range(start, end):
        widths = _widths(lines, first, end, between)
        if next(widths) == width:
            others = [*islice(widths, _ROWS_TO_COME)]
            if 2 * others.count(width) >= len(others):
                return first
    return end


def _widths(lines: Sequence[str], start: int, end: int, between: str) -> Iterator[int]:
    """How many cells each row has that begins in one of some lines; 0 where it is broken."""
    while start < end:
        cells, after = _row(lines[start : start + _LINES_TO_COME], 0, between)
        yield len(cells or ())
        start += after if cells is not None else 1


def _why(line: str, start: int, end: int) -> str:
    """Say what is wrong with the row of a line, and which lines below it are lost as well."""
    if len(line) > _LONGEST_CELL:
        return f"it has a cell of more than {_LONGEST_CELL:,} characters"
    taken = ("", f"; line {end} went into it", f"; lines {start + 2} to {end} went into it")
    return f"a quote is opened in it and not closed{taken[min(end - start - 1, 2)]}"
