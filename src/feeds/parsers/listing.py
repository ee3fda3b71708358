"""A listing of articles, as a browser saves it: one card after the other, five lines a card.

    Publisher
    Title
    One sentence that says what it is about.
    tag another-tag
    5 min

Blank lines between them mean nothing. The reading time ends a card.
"""

import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from feeds.errors import SourceError
from feeds.model import Article, Finding, Parsed, Place, Source
from feeds.text import decode

_MINUTES = re.compile(r"(\d{1,5})\s*(?:min|mins|minutes?)(?:\s+read)?", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SENTENCE_END = (".", "!", "?", "…", "。")


class _Line(NamedTuple):
    number: int
    text: str


def parse(source: Source) -> Parsed:
    """Read the cards of a listing, in their order.

    A card without tags or reading time is kept and reported; one that cannot be read, such as the last
    one of a listing that was cut off, is quarantined. Raises `SourceError` if it is no listing at all.
    """
    text, findings = decode(source)
    lines = [_Line(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not any(_MINUTES.fullmatch(line.text) for line in lines):
        raise SourceError(_refusal(lines), Place(source=source.name, line=lines[0].number if lines else None))
    articles: list[Article] = []
    problems: list[Finding] = []
    publishers = _publishers(lines)
    for card in _cards(lines, publishers):
        article, found = _article(card, publishers, source.name)
        problems.extend(found)
        if article is not None:
            articles.append(article)
    return Parsed(items=tuple(articles), findings=(*findings, *problems))


def _refusal(lines: Sequence[_Line]) -> str:
    if not lines:
        return "the source is empty; a listing of articles was expected"
    return (
        f"no reading time such as '5 min' in {len(lines)} lines; a listing has one under each article. "
        "Is `format` in the configuration right?"
    )


def _cards(lines: Sequence[_Line], publishers: Container[str]) -> Iterator[list[_Line]]:
    """Cut after each reading time, and before a publisher where a card has lost its reading time."""
    card: list[_Line] = []
    for line in lines:
        if line.text in publishers and len(card) >= 2:
            yield card
            card = []
        card.append(line)
        if _MINUTES.fullmatch(line.text):
            yield card
            card = []
    if card:
        yield card


def _publishers(lines: Sequence[_Line]) -> frozenset[str]:
    """First lines of whole cards: five lines from one reading time to the next. Of any, if none is whole."""
    ends = [-1, *(index for index, line in enumerate(lines) if _MINUTES.fullmatch(line.text))]
    whole = frozenset(lines[before + 1].text for before, end in pairwise(ends) if end - before == 5)
    return whole or frozenset(lines[before + 1].text for before in ends[:-1])


def _article(
    card: Sequence[_Line], publishers: Container[str], name: str
) -> tuple[Article | None, list[Finding]]:
    """Read one card; the findings say what it lacks, or why it is quarantined."""
    place = Place(source=name, line=card[0].number)
    *rest, last = card
    minutes = _MINUTES.fullmatch(last.text)
    texts = [line.text for line in (rest if minutes else card)]
    tags = texts.pop().split() if len(texts) >= 3 and _is_tags(texts) else []
    if len(texts) not in (2, 3) or not (minutes or tags):
        return None, [_quarantine(card, name)]
    publisher, title, *summary = texts
    lacking = [
        lack for lack, there in (("tags", tags), ("reading time", minutes), ("summary", summary)) if not there
    ]
    if lacking and publisher not in publishers:
        return None, [_quarantine(card, name)]  # its head may be what it lacks
    article = Article(
        publisher=publisher,
        title=title,
        summary="".join(summary),
        tags=tuple(dict.fromkeys(tags)),
        minutes=int(minutes[1]) if minutes else None,
        place=place,
    )
    if not lacking:
        return article, []
    message = f"the card of {title!r} has no {' and no '.join(lacking)}; it is published without"
    return article, [Finding(level="warning", rule="card-incomplete", place=place, message=message)]


def _is_tags(texts: Sequence[str]) -> bool:
    """Tell tags from a sentence: by their place in a whole card, else by their shape."""
    line = texts[-1]
    if len(texts) == 4:
        return not (line.endswith(_SENTENCE_END) and " " in line)
    return all(_SLUG.fullmatch(word) for word in line.split())


def _quarantine(card: Sequence[_Line], name: str) -> Finding:
    first, last = card[0], card[-1]
    extent = f"{_short(first.text)!r}"
    if len(card) > 1:
        extent = f"lines {first.number}–{last.number}, from {extent} to {_short(last.text)!r}"
    return Finding(
        level="warning",
        rule="quarantined",
        place=Place(source=name, line=first.number),
        message=f"not understood as a card and left out ({extent}); "
        "expected publisher, title, sentence, tags and reading time, each on a line",
    )


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
