"""How the cards of a listing are laid out: which field is on which line.

Each line has a shape of its own, such as that of a date. What tells a publisher, a title and a sentence
apart is only seen in many cards: publishers are few, sentences are long and end like one.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from feeds.parsers import _dates

MINUTES = re.compile(r"(\d{1,5})\s*(?:min|mins|minutes?)(?:\s+read)?", re.IGNORECASE)
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ADDRESS = re.compile(
    r"(?:(?:link|url|page|source|read(?: more)?|listen):?\s+)?<?(https?://[^\s<>]+)>?", re.IGNORECASE
)
_DATE_HEAD = re.compile(r"(?:(?:published|posted|updated|date)(?:\s+on)?\b:?\s*)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_HASHES = re.compile(r"#[\w-]+(?:[\s,]+#[\w-]+)*")
_BETWEEN_TAGS = re.compile(r"[\s,]+")
_SLUGS = re.compile(rf"{SLUG.pattern}(?:[\s,]+{SLUG.pattern})*")
_SENTENCE_END = (".", "!", "?", "…", "。")
SAMPLE = 1000
"""How many lines are enough to find the layout of all."""

_CANDIDATES = 60
_LONGEST_DATE = 40
_TEXTS = ("publisher", "title", "summary")

# Cards are looked for in a string of one letter per line: that of its shape, a capital below a blank line.
_LETTERS = {"text": "t", "tags": "g", "minutes": "m", "date": "d", "link": "l"}
_SHAPES = {letter: shape for shape, letter in _LETTERS.items()}


class Line(NamedTuple):
    """A line that is not blank."""

    number: int
    text: str
    opens: bool
    """Whether there is a blank line above it."""

    @property
    def shape(self) -> str:
        """The field that its form implies, or `text`."""
        return _shape(self.text)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The order of the lines of a card."""

    order: tuple[str, ...]
    """Names of fields."""
    blocks: bool = False
    """Whether blank lines separate the cards, and nothing else."""
    share: float = 0.0
    """The share of lines that are in whole cards."""
    publishers: frozenset[str] = frozenset()


class Card(NamedTuple):
    """Lines that belong together."""

    lines: tuple[Line, ...]
    fields: Mapping[str, Line]
    """By name; empty if the lines are not understood."""


def lines(text: str) -> list[Line]:
    """List the lines of a text that are not blank."""
    found: list[Line] = []
    last = 0
    for number, line in enumerate(text.split("\n"), 1):
        if stripped := line.strip():
            found.append(Line(number, stripped, number > last + 1 or not found))
            last = number
    return found


def address(text: str) -> str | None:
    """Give the address that a line consists of, such as `Link: https://…`."""
    found = _ADDRESS.fullmatch(text) if "://" in text else None
    return found[1] if found else None


def date_text(text: str) -> str | None:
    """Give the date that a line consists of, as it is written; `None` if it is not a date."""
    if len(text) > _LONGEST_DATE or not _DIGIT.search(text) or text.isdecimal():
        return None
    bare = _DATE_HEAD.sub("", text, count=1) if _DATE_HEAD.match(text) else text
    return bare if _dates.is_ambiguous(bare) or _dates.read(bare) else None


def tags(text: str) -> tuple[str, ...]:
    """Split a line of tags, with spaces, commas or hashes between them.

    >>> tags("caching ml-systems"), tags("#Kites, #wind")
    (('caching', 'ml-systems'), ('Kites', 'wind'))
    """
    words = (word.lstrip("#") if text.startswith("#") else word for word in _BETWEEN_TAGS.split(text))
    return tuple(dict.fromkeys(word for word in words if word))


def is_sentence(text: str) -> bool:
    """Tell a sentence by its end."""
    return " " in text and text.endswith(_SENTENCE_END)


def given(found: Sequence[Line], order: tuple[str, ...], *, blocks: bool = False) -> Layout:
    """Make a layout of an order that is known."""
    starts = _whole(_letters(found), _letters_of(order), blocks=blocks)
    publisher = order.index("publisher") if "publisher" in order else None
    return Layout(
        order=order,
        blocks=blocks,
        share=len(starts) * len(order) / max(len(found), 1),
        publishers=frozenset(found[start + publisher].text for start in starts if publisher is not None),
    )


def find(sample: Sequence[Line]) -> Layout | None:
    """Find the order that most lines fit; `None` if fewer than half of them, or than two cards, do."""
    best: tuple[tuple[float, bool, float, int], tuple[str, ...]] | None = None
    letters = _letters(sample)
    for card in _candidates(letters.lower()):
        for blocks in (True, False):
            starts = _whole(letters, card, blocks=blocks)
            share = len(starts) * len(card) / len(sample)
            if len(starts) < 2 or share < 0.5:
                continue
            rank = (share, blocks, 1 - card.count("t") / len(card), -len(card))
            if best and rank <= best[0]:
                continue
            order = _order([sample[start : start + len(card)] for start in starts], card, blocks=blocks)
            if order:
                best = rank, order
    return given(sample, best[1], blocks=best[0][1]) if best else None


def cards(found: Sequence[Line], layout: Layout) -> Iterator[Card]:
    """Cut lines into whole cards and, between them, what may lack something."""
    size = len(layout.order)
    end = 0
    for start in _whole(_letters(found), _letters_of(layout.order), blocks=layout.blocks):
        yield from _between(found[end:start], layout)
        end = start + size
        card = tuple(found[start:end])
        yield Card(card, dict(zip(layout.order, card, strict=True)))
    yield from _between(found[end:], layout)


@lru_cache(maxsize=10_000)
def _shape(text: str) -> str:
    if MINUTES.fullmatch(text):
        return "minutes"
    if address(text):
        return "link"
    if date_text(text):
        return "date"
    if _HASHES.fullmatch(text) or _SLUGS.fullmatch(text):
        return "tags"
    return "text"


def _letters(found: Iterable[Line]) -> str:
    letters = ((_LETTERS[line.shape], line.opens) for line in found)
    return "".join(letter.upper() if opens else letter for letter, opens in letters)


def _letters_of(order: Iterable[str]) -> str:
    """The letters of a whole card with these fields."""
    return "".join(_LETTERS["text" if name in _TEXTS else name] for name in order)


def _candidates(letters: str) -> list[str]:
    """List what a card may look like, the most frequent first."""
    seen = Counter(
        letters[start : start + size] for size in range(1, 8) for start in range(len(letters) - size + 1)
    )
    found: dict[str, None] = {}
    for card, _ in sorted(seen.items(), key=lambda pair: -pair[1] * len(pair[0])):
        for variant in _variants(card):
            counts = Counter(variant)
            if 1 <= counts.pop("t", 0) <= len(_TEXTS) and len(variant) > 1 and set(counts.values()) <= {1}:
                found[variant] = None
        if len(found) >= _CANDIDATES:
            break
    return list(found)


def _variants(card: str) -> Iterator[str]:
    """Of lines that look like tags, at most one really is; the others are titles or names in lower case."""
    plain = card.replace("g", "t")
    yield plain
    for kept in range(len(card) - 1, -1, -1):
        if card[kept] == "g":
            yield f"{plain[:kept]}g{plain[kept + 1 :]}"


def _whole(letters: str, card: str, *, blocks: bool) -> list[int]:
    """List where whole cards start; those that are `blocks` have blank lines around, and none within."""
    first, *rest = ("[tg]" if letter == "t" else letter for letter in card)
    if blocks:
        found = re.finditer("".join((first.upper(), *rest, "(?![a-z])")), letters)
    else:
        found = re.finditer("".join((first, *rest)), letters, re.IGNORECASE)
    return [one.start() for one in found]


def _fits(line: Line, shape: str) -> bool:
    return line.shape == shape or (shape == "text" and line.shape == "tags")


def _order(whole: Sequence[Sequence[Line]], letters: str, *, blocks: bool) -> tuple[str, ...] | None:
    """Give each column of text its role; `None` if nothing tells where cards end."""
    columns = {
        index: [card[index].text for card in whole] for index, letter in enumerate(letters) if letter == "t"
    }
    roles = [_SHAPES[letter] for letter in letters]
    sentences = {index: sum(map(is_sentence, column)) / len(whole) for index, column in columns.items()}
    lengths = {index: sum(map(len, column)) / len(whole) for index, column in columns.items()}
    kinds = {index: len(set(column)) for index, column in columns.items()}
    left = list(columns)
    longest = max(left, key=lambda index: (round(sentences[index], 1), lengths[index]))
    if len(left) == 3 or (len(left) == 2 and _is_summary(longest, left, sentences, lengths, kinds)):
        roles[longest] = "summary"
        left.remove(longest)
    if len(left) == 2:
        few = min(left, key=lambda index: kinds[index])
        roles[few] = "publisher"
        left.remove(few)
    roles[left[0]] = "title"
    # Without a line of another shape, or blank lines, only sentences can tell where a card ends.
    if len(columns) == len(letters) and not blocks:
        told = roles[longest] == "summary" and sentences[longest] >= 0.9
        if not told or len(whole) < 3 or sentences[left[0]] > 0.3:
            return None
    return tuple(roles)


def _is_summary(
    index: int,
    both: Sequence[int],
    sentences: Mapping[int, float],
    lengths: Mapping[int, float],
    kinds: Mapping[int, int],
) -> bool:
    """Tell a title and its sentence from a publisher and a title."""
    (other,) = (one for one in both if one != index)
    if sentences[index] != sentences[other]:
        return sentences[index] >= 0.6
    return kinds[index] == kinds[other] and lengths[index] > 1.5 * lengths[other]


def _between(gap: Sequence[Line], layout: Layout) -> Iterator[Card]:
    """Cut lines that form no whole card where a card begins or ends, and read each piece."""
    piece: list[Line] = []
    first, last = layout.order[0], layout.order[-1]
    for line in gap:
        begins = (
            line.opens if layout.blocks else _is(line, first, layout) and first not in ("title", "summary")
        )
        if piece and begins:
            yield _piece(piece, layout)
            piece = []
        piece.append(line)
        if line.shape == last and not layout.blocks:
            yield _piece(piece, layout)
            piece = []
    if piece:
        yield _piece(piece, layout)


def _piece(piece: Sequence[Line], layout: Layout) -> Card:
    """Read a card that lacks something, if there is only one way to."""
    ways = [
        order
        for order in combinations(layout.order, len(piece))
        if "title" in order and all(_is(line, name, layout) for line, name in zip(piece, order, strict=True))
    ]
    readable = len(piece) > 1 and len(ways) == 1
    return Card(tuple(piece), dict(zip(ways[0], piece, strict=True)) if readable else {})


def _is(line: Line, name: str, layout: Layout) -> bool:
    """Tell whether a line can be a field, judged by more than its position."""
    if not _fits(line, "text" if name in _TEXTS else name):
        return False
    match name:
        case "publisher":
            return line.text in layout.publishers
        case "title":
            return line.text not in layout.publishers and not line.text.endswith((".", "。"))
        case "summary":
            return is_sentence(line.text)
    return True
