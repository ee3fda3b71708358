"""A listing of articles, as a browser saves it: one card after the other, five lines a card.

    Publisher
    Title
    One sentence that says what it is about.
    tag another-tag
    5 min

Blank lines between them mean nothing. The reading time ends a card. Listings of other sites have these
lines in another order, lack some, or have dates and addresses too; what the lines mean is then found from
the whole document, or told by the configuration.
"""

from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

from feeds.errors import SourceError
from feeds.model import Article, Finding, Parsed, Place, Source
from feeds.parsers import _dates, _layout
from feeds.parsers._decoding import text_of
from feeds.parsers._layout import MINUTES, SLUG, Layout, Line

STANDARD = ("publisher", "title", "summary", "tags", "minutes")
_WORDS = {"minutes": "reading time", "link": "address"}


def parse(source: Source, order: tuple[str, ...] = (), *, day_first: bool | None = None) -> Parsed:
    """Read the cards of a listing, in their order.

    `order` names the field on each line of a card; empty finds it out. `day_first` says whether 02/01/2026 is
    in January; `None` finds that out as well. A card without tags or reading time
    is kept and reported; one that cannot be read, such as the last one of a listing that was cut off, is
    quarantined. Raises `SourceError` if it is not a listing at all.
    """
    text, findings = text_of(source, "a listing of articles")
    lines = _layout.lines(text)
    known = _layout.given(lines, order) if order else layout(lines)
    if not order and known.order == STANDARD:
        parsed = _parse_standard(lines, source)
    elif known.share:
        parsed = _parse_layout(lines, known, day_first, source.name)
    else:
        message = f"no card has the lines that `order` names: {in_words(order)}"
        raise SourceError(message, Place(source=source.name, line=lines[0].number))
    return Parsed(items=parsed.items, findings=(*findings, *parsed.findings))


def layout(lines: Sequence[Line]) -> Layout:
    """Find how the cards are laid out: the standard way, unless another one fits better."""
    sample = lines[: _layout.SAMPLE]
    other = _other_layout(sample)
    if other is None:
        return Layout(order=STANDARD, share=_standard_share(sample))
    return _layout.given(lines, other.order, blocks=other.blocks)


def in_words(order: Sequence[str]) -> str:
    """Name the lines of a card, such as `title, sentence and reading time`."""
    words = _WORDS | {"summary": "sentence"}
    *most, last = (words.get(field, field) for field in order)
    return f"{', '.join(most)} and {last}" if most else last


def _other_layout(lines: Sequence[Line]) -> Layout | None:
    """Find a layout that fits better than the standard one, which damage alone does not rule out."""
    other = _layout.find(lines)
    if other is None or other.order == STANDARD:
        return None
    standard = _standard_share(lines)
    if set(other.order[:3]) == set(STANDARD[:3]) and other.order[3:] == STANDARD[3:]:
        return other if other.share >= standard else None
    few = other.share < 0.9 or other.share * len(lines) < 3 * len(other.order)
    return None if standard and (few or other.share <= standard) else other


def _standard_share(lines: Sequence[Line]) -> float:
    """The share of lines that are in whole cards of the standard layout."""
    ends = [index for index, line in enumerate(lines) if line.shape == "minutes"]
    whole = [lines[end - 4 : end + 1] for end in ends if end >= 4]
    fitting = sum(
        all(line.shape in ("text", "tags") for line in card[:4])
        and card[2].shape == "text"
        and _is_tags([line.text for line in card[:4]])
        for card in whole
    )
    return fitting * 5 / max(len(lines), 1)


def _parse_layout(lines: Sequence[Line], layout: Layout, day_first: bool | None, name: str) -> Parsed:
    """Read cards whose lines are in some known order."""
    cards = list(_layout.cards(lines, layout))
    written = [_layout.date_text(card.fields["date"].text) for card in cards if "date" in card.fields]
    if day_first is None:
        day_first = _dates.day_first(written)
    articles: list[Article] = []
    findings: list[Finding] = []
    for card in cards:
        if not card.fields:
            findings.append(_quarantine(card.lines, name, layout.order))
            continue
        place = Place(source=name, line=card.lines[0].number)
        said = {field: line.text for field, line in card.fields.items()}
        minutes = MINUTES.fullmatch(said.get("minutes", ""))
        date = _layout.date_text(said.get("date", ""))
        article = Article(
            publisher=said.get("publisher"),
            title=said["title"],
            summary=said.get("summary", ""),
            tags=_layout.tags(said.get("tags", "")),
            minutes=int(minutes[1]) if minutes else None,
            published=_dates.read(date, day_first=day_first),
            link=_layout.address(said.get("link", "")),
            place=place,
        )
        articles.append(article)
        if date and article.published is None:
            at = Place(source=name, line=card.fields["date"].number)
            findings.append(_dates.unread("date", date, at))
        if lacking := [_WORDS.get(field, field) for field in layout.order if field not in said]:
            findings.append(_incomplete(article.title, lacking, place))
    return Parsed(items=tuple(articles), findings=tuple(findings))


def _parse_standard(lines: Sequence[Line], source: Source) -> Parsed:
    """Read cards of publisher, title, sentence, tags and reading time, damaged ones too."""
    if not any(MINUTES.fullmatch(line.text) for line in lines):
        raise SourceError(_refusal(lines), Place(source=source.name, line=lines[0].number))
    articles: list[Article] = []
    problems: list[Finding] = []
    publishers = _publishers(lines)
    for card in _cards(lines, publishers):
        article, found = _article(card, publishers, source.name)
        problems.extend(found)
        if article is not None:
            articles.append(article)
    return Parsed(items=tuple(articles), findings=tuple(problems))


def _refusal(lines: Sequence[Line]) -> str:
    return (
        f"no reading time such as '5 min' in {len(lines)} lines; a listing has one under each article. "
        "Is `format` in the configuration right?"
    )


def _cards(lines: Sequence[Line], publishers: Container[str]) -> Iterator[list[Line]]:
    """Cut after each reading time, and before a publisher where a card has lost its reading time."""
    card: list[Line] = []
    for line in lines:
        if line.text in publishers and len(card) >= 2:
            yield card
            card = []
        card.append(line)
        if MINUTES.fullmatch(line.text):
            yield card
            card = []
    if card:
        yield card


def _publishers(lines: Sequence[Line]) -> frozenset[str]:
    """First lines of whole cards: five lines from one reading time to the next. Of any, if none is whole."""
    ends = [-1, *(index for index, line in enumerate(lines) if MINUTES.fullmatch(line.text))]
    whole = frozenset(lines[before + 1].text for before, end in pairwise(ends) if end - before == 5)
    return whole or frozenset(lines[before + 1].text for before in ends[:-1])


def _article(
    card: Sequence[Line], publishers: Container[str], name: str
) -> tuple[Article | None, list[Finding]]:
    """Read one card; the findings say what it lacks, or why it is quarantined."""
    place = Place(source=name, line=card[0].number)
    *rest, last = card
    minutes = MINUTES.fullmatch(last.text)
    texts = [line.text for line in (rest if minutes else card)]
    tags = _layout.tags(texts.pop()) if len(texts) >= 3 and _is_tags(texts) else ()
    if len(texts) not in (2, 3) or not (minutes or tags):
        return None, [_quarantine(card, name, STANDARD)]
    publisher, title, *summary = texts
    lacking = [
        lack for lack, there in (("tags", tags), ("reading time", minutes), ("summary", summary)) if not there
    ]
    if lacking and publisher not in publishers:
        return None, [_quarantine(card, name, STANDARD)]  # its head may be what it lacks
    article = Article(
        publisher=publisher,
        title=title,
        summary="".join(summary),
        tags=tags,
        minutes=int(minutes[1]) if minutes else None,
        place=place,
    )
    if not lacking:
        return article, []
    return article, [_incomplete(title, lacking, place)]


def _incomplete(title: str, lacking: Sequence[str], place: Place) -> Finding:
    message = f"the card of {title!r} has no {' and no '.join(lacking)}; it is published without"
    return Finding(level="warning", rule="card-incomplete", place=place, message=message)


def _is_tags(texts: Sequence[str]) -> bool:
    """Tell tags from a sentence: by their place in a whole card, else by their shape."""
    line = texts[-1]
    if len(texts) == 4:
        return not _layout.is_sentence(line)
    return all(SLUG.fullmatch(word) for word in line.split())


def _quarantine(card: Sequence[Line], name: str, order: Sequence[str]) -> Finding:
    first, last = card[0], card[-1]
    extent = f"{_short(first.text)!r}"
    if len(card) > 1:
        extent = f"lines {first.number}–{last.number}, from {extent} to {_short(last.text)!r}"
    return Finding(
        level="warning",
        rule="quarantined",
        place=Place(source=name, line=first.number),
        message=f"not understood as a card and left out ({extent}); "
        f"expected {in_words(order)}, each on a line",
    )


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
