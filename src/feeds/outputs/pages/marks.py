"""Marks for groups that have no cover: a small pattern, the same for the same name."""

from hashlib import sha256

from markupsafe import Markup

_CELL = 8
_HUES = 6
_FRAME = "-5 -5 34 34"
# What may stand in a cell at x, y, as SVG path data: nothing, a square, a disc, and quarters of a disc
# around each corner. Relative commands, so that a cell is moved by its first command alone.
_SHAPES = (
    "",
    "h8v8h-8z",
    "m0 4a4 4 0 0 1 8 0a4 4 0 0 1 -8 0z",
    "h8a8 8 0 0 1 -8 8z",
    "h8v8a8 8 0 0 1 -8 -8z",
    "m8 0v8h-8a8 8 0 0 1 8 -8z",
    "v8h8a8 8 0 0 0 -8 -8z",
)


def mark(name: str) -> Markup:
    """Draw the mark of a name, as SVG that takes its colours from the style sheet.

    >>> mark("caching") == mark("caching") != mark("security")
    True
    """
    digest = sha256(name.encode()).digest()
    tones: tuple[list[str], list[str]] = ([], [])
    for cell, byte in enumerate(digest[1:10]):
        y, x = divmod(cell, 3)
        shape = _SHAPES[byte % len(_SHAPES)]
        if shape:
            tones[byte // 128].append(f"M{x * _CELL} {y * _CELL}{shape}")
    paths = "".join(f'<path class="tone-{n}" d="{"".join(tone)}"/>' for n, tone in enumerate(tones) if tone)
    hue = digest[0] % _HUES
    return Markup(f'<svg class="mark hue-{hue}" viewBox="{_FRAME}" aria-hidden="true">{paths}</svg>')  # noqa: S704  # numbers
