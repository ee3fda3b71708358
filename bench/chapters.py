"""How fast show notes are read, and how much of the corpus is read right.

    python -m bench chapters

Speed is that of one process, of its own time, over notes like those of the corpus: prose with a list in
it, one a line and run on. A note counts as right when every start and every title of it is.
"""

import time
from collections import Counter

from tests.chapters.corpus import FORMS, load, same

from bench._measure import table
from feeds.chapters import parse

PROSE = "We talk about moss, stones and the weather of last week, and read your letters. "
ENTRIES = ["0:00 Hello", "4:10 Moss", "12:30 Stones & water", "40:00 What is next?", "1:02:03 Goodbye"]
SIZES = (1_000, 10_000, 100_000)
SECONDS = 1.0
"""Spent on each measurement."""


def main() -> None:
    print("Notes read in a second:\n")
    table(
        ["size", "as written", "run on"], [[f"{size // 1000} kB", *map(rate, notes(size))] for size in SIZES]
    )
    print("\nThe corpus, notes wholly right:\n")
    table(["form", "right", "of", "share"], accuracy())


def notes(size: int) -> tuple[str, str]:
    """Notes of a size in bytes, in HTML and flattened."""
    items = "".join(f"<li>{entry}</li>" for entry in ENTRIES)
    around = PROSE * (size // len(PROSE) // 2)
    return (
        f"<p>{around}</p><h3>Timestamps</h3><ul>{items}</ul><p>{around}</p>",
        f"{around}Timestamps {' '.join(ENTRIES)}. {around}",
    )


def rate(text: str) -> str:
    """How many such notes are read in a second."""
    start = time.process_time()
    rounds = 0
    while time.process_time() < start + SECONDS:
        parse(text)
        rounds += 1
    return f"{rounds / (time.process_time() - start):,.0f}"


def accuracy() -> list[list[str]]:
    """Rows for each form, and one for notes without chapters."""
    right, total, taken, empty = Counter[str](), Counter[str](), 0, 0
    for case in load():
        for form, text in case.forms():
            chapters = parse(text, duration=case.duration).chapters
            if case.reason is None:
                right[form] += same(chapters, case.chapters)
                total[form] += 1
            else:
                taken += bool(chapters)
                empty += 1
    rows = [[form, str(right[form]), str(total[form]), f"{right[form] / total[form]:.1%}"] for form in FORMS]
    return [
        *rows,
        ["without chapters, all forms", str(empty - taken), str(empty), f"{1 - taken / empty:.1%}"],
    ]
