"""Find out which format a source has, and say why."""

import re
from collections.abc import Sequence
from itertools import pairwise

from feeds.errors import SourceError
from feeds.model import Place, Source
from feeds.parsers import _layout, _separated, listing, markdown, shownotes, table
from feeds.parsers._decoding import HTML_ENCODING, XML_ENCODING, XML_TAG, text_of
from feeds.parsers._layout import MINUTES, Layout, Line

_LONGEST = 200_000
"""Characters that are looked at."""
_MOST_LINES = 1000
_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE
)
_XML = {"rss": "feed", "feed": "feed", "rdf": "feed", "opml": "opml", "html": "html"}
_TAG = re.compile(
    r"<(?:a|article|body|div|h[1-6]|head|img|li|link|main|meta|ol|p|script|section|span|table|ul)[\s>]",
    re.IGNORECASE,
)
_JSON_FEED = re.compile(r"\"version\"\s*:\s*\"https?:\\?/\\?/jsonfeed\.org")
_CLOCK = re.compile(r"(?<![\d:])(?:\d{1,2}:)?\d{1,2}:\d{2}(?![\d:])")
_MARKDOWN = re.compile(r"#{1,6} \S.*|```.*|.*\[[^\]]{1,200}\]\(\S{1,300}\).*")
_BETWEEN = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
_NAMES = {
    "markdown": (".md", ".markdown", ".mdown", ".mkd", ".mdx"),
    "table": (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".yml", ".yaml"),
    "html": (".html", ".htm", ".xhtml"),
    "feed": (".rss", ".atom"),
    "opml": (".opml",),
}


def detect(source: Source) -> tuple[str, str]:
    """Give the format of a source, as the table of parsers calls it, and the reason for a person to read.

    What the text says counts for more than the name. Raises `SourceError` if nothing fits.
    """
    declaration = XML_ENCODING if source.data.lstrip()[:5] == b"<?xml" else HTML_ENCODING
    text, _ = text_of(source, "a document", declaration)
    text = text[:_LONGEST]
    for look in (_xml, _json, _front_matter, _yaml, _columns):
        if found := look(text):
            return found
    named = next((name for name, ends in _NAMES.items() if source.name.lower().endswith(ends)), None)
    if named:
        return named, f"its name ends in {source.name[source.name.rindex('.') :]}"
    if markdown.front_matter(text):
        return "markdown", "it begins with front matter as in Pelican"
    lines = _layout.lines(text)[:_MOST_LINES]
    for guess in (_cards_or_notes, _markdown, _tags, _sentences, _minutes):
        if found := guess(lines, source):
            return found
    formats = "a listing, show notes, a page, a feed, Markdown, a table or a list of subscriptions"
    message = (
        f"cannot tell what it is: it begins with {text.strip()[:60]!r}. Expected {formats}: say `format`"
    )
    raise SourceError(message, Place(source=source.name, line=1))


def _xml(text: str) -> tuple[str, str] | None:
    start = 0
    while before := _BEFORE_ROOT.match(text, start):
        start = before.end()
    root = XML_TAG.match(text[start : start + 200].lstrip())
    if root is None:
        return None
    name = root[1].lower()
    if name in _XML:
        return _XML[name], f"its outermost element is <{root[1]}>"
    return ("html", f"it begins with the tag <{root[1]}>") if _TAG.search(text) else None


def _json(text: str) -> tuple[str, str] | None:
    if not text.lstrip().startswith(("{", "[")) or text.lstrip().startswith("[["):
        return None
    if _JSON_FEED.search(text[:5000]):
        return "feed", "its version is that of JSON Feed"
    is_json = re.match(r"\s*(?:\[\s*(?:\{|\])|\{\s*(?:\"|\}))", text)
    return ("table", "it is JSON without the marks of a JSON Feed") if is_json else None


def _front_matter(text: str) -> tuple[str, str] | None:
    kind = markdown.front_matter(text)
    # Lines such as `Title: One` begin other texts, too.
    return ("markdown", f"it begins with front matter as in {kind}") if kind in ("YAML", "TOML") else None


def _yaml(text: str) -> tuple[str, str] | None:
    found = table.YAML_START.match(text)
    keys = re.findall(r"^[ ]{0,12}(?:- )?([\w-]{1,40}):(?:\s|$)", text[:5000], re.MULTILINE)
    known = table.choose(keys, {})
    return ("table", f"it is a list in YAML with {', '.join(known)}") if found and "title" in known else None


def _columns(text: str) -> tuple[str, str] | None:
    between = _separated.delimiter(text)
    if between is None:
        return None
    header = next(_separated.rows(text, between), _separated.Row(1))
    known = table.choose([cell.strip(' "') for cell in header.cells], {})
    if "title" not in known:
        return None
    name = _BETWEEN.get(between, repr(between))
    return "table", f"its first line names columns, with {name} between them: {', '.join(known)}"


def _cards_or_notes(lines: Sequence[Line], source: Source) -> tuple[str, str] | None:
    """Whichever leaves fewer lines unread; if both read all, a source with a show has show notes."""
    layout, notes = listing.layout(lines), shownotes.signs(lines)
    cards = _count(lines, layout) if _is_telling(lines, layout) else 0
    times = sum(len(_CLOCK.findall(line.text)) for line in lines)
    if _are_notes(lines, notes, times) and 2 * notes.episodes >= cards:
        rank = (notes.share, source.show is not None)
        if not cards or 2 * notes.numbered >= notes.episodes or rank > (layout.share, False):
            return "shownotes", _why_notes(notes, times)
    return ("listing", _why_listing(cards, layout)) if cards else None


def _count(lines: Sequence[Line], layout: Layout) -> int:
    return round(layout.share * len(lines) / len(layout.order))


def _is_telling(lines: Sequence[Line], layout: Layout) -> bool:
    """Whether cards are recognised by lines of an unmistakable form, and not by words alone."""
    if layout.share < (0.5 if _count(lines, layout) > 2 or layout.order == listing.STANDARD else 0.8):
        return False
    if {"minutes", "date", "link"}.intersection(layout.order):
        return True
    titles = [card.fields["title"] for card in _layout.cards(lines, layout) if card.fields]
    like_titles = sum(title.shape != "tags" and _has_letters(title.text) for title in titles)
    return "tags" in layout.order and like_titles > 0.7 * len(titles)


def _are_notes(lines: Sequence[Line], notes: shownotes.Signs, times: int) -> bool:
    """Whether these really are titles of episodes: with times or dates, or many."""
    if not notes.episodes:
        return False
    titles = max(notes.numbered, notes.dated)
    many = titles * (3 if titles == 1 else 10) >= len(lines)
    return many or (times >= 3 and times * 10 >= len(lines)) or (notes.numbered > 0 and notes.dated > 0)


def _why_notes(notes: shownotes.Signs, times: int) -> str:
    titles = f"it has titles of episodes ({notes.episodes})"
    return f"{titles} and times such as 1:40 ({times})" if times else titles


def _why_listing(cards: int, layout: Layout) -> str:
    return f"{cards} card{'s' if cards > 1 else ''} of {listing.in_words(layout.order)}, each on a line"


def _sentences(lines: Sequence[Line], _: Source) -> tuple[str, str] | None:
    """Cards of words alone, which only their sentences distinguish from other texts."""
    layout = _layout.find(lines)
    if layout is None or "summary" not in layout.order:
        return None
    cards = [card.fields for card in _layout.cards(lines, layout) if "summary" in card.fields]
    ends = sum(_layout.is_sentence(card["summary"].text) for card in cards)
    titles = sum(
        _has_letters(card["title"].text) and not _layout.is_sentence(card["title"].text) for card in cards
    )
    if len(cards) < 3 or min(ends, titles) < 0.8 * len(cards):
        return None
    return "listing", _why_listing(_count(lines, layout), layout)


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _minutes(lines: Sequence[Line], _: Source) -> tuple[str, str] | None:
    """A listing that is damaged, or has only one card."""
    count = sum(MINUTES.fullmatch(line.text) is not None for line in lines)
    return (
        ("listing", f"it has reading times such as '5 min' ({count})")
        if count and count * 5 >= len(lines)
        else None
    )


def _markdown(lines: Sequence[Line], _: Source) -> tuple[str, str] | None:
    marks = [_MARKDOWN.fullmatch(line.text[:1000]) for line in lines]
    # Consecutive `#` lines are comments in a program or a configuration.
    comments = sum(
        one is not None and other is not None and one[0][:2] == other[0][:2] == "# "
        for one, other in pairwise(marks)
    )
    count = sum(mark is not None for mark in marks) - 2 * comments
    return (
        ("markdown", f"{count} lines are headings or links in Markdown")
        if count > 1 and count * 20 >= len(lines)
        else None
    )


def _tags(lines: Sequence[Line], _: Source) -> tuple[str, str] | None:
    count = sum(_TAG.search(line.text) is not None for line in lines)
    return ("html", f"{count} lines have tags of HTML in them") if count and count * 3 >= len(lines) else None
