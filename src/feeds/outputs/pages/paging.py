"""How the list of a feed is cut into pages, so that a new item changes only the newest one."""

from dataclasses import dataclass

LENGTH = 30
"""Items of a page; the newest may have more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One page of a list: the items from `start` to `stop`, counted from the newest."""

    file: str
    """Name in the folder of the feed."""
    start: int
    stop: int
    number: int | None = None
    """Counted from the oldest page, which is 1; `None` for the newest one, the page of the feed itself."""
    newer: str | None = None
    """Address of the next newer page, as seen from this one."""
    older: str | None = None


def sheets(count: int) -> tuple[Sheet, ...]:
    """Cut a list of `count` items, the newest page first.

    Pages are filled from the oldest item on and hold the same number each. An item stays on its page, for
    search engines and for links to it; the newest page takes what is left, at least as much as the others.

    >>> [(sheet.file, sheet.start, sheet.stop) for sheet in sheets(100)]
    [('index.html', 0, 40), ('page-2.html', 40, 70), ('page-1.html', 70, 100)]
    """
    last = max(count // LENGTH - 1, 0)
    newest = Sheet(file="index.html", start=0, stop=count - last * LENGTH, older=_file(last))
    return newest, *(
        Sheet(
            file=f"page-{number}.html",
            start=count - number * LENGTH,
            stop=count - (number - 1) * LENGTH,
            number=number,
            newer=_file(number + 1) if number < last else "./",
            older=_file(number - 1),
        )
        for number in range(last, 0, -1)
    )


def _file(number: int) -> str | None:
    return f"page-{number}.html" if number else None
