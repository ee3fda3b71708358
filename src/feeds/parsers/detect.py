"""Find out which format a source has, and say why."""

import re
from collections.abc import Sequence

from feeds.errors import SourceError
from feeds.model import Place, Source
from feeds.parsers import markdown, table
from feeds.parsers._decoding import HTML_ENCODING, XML_ENCODING, text_of

_LONGEST = 200_000
"""Characters that are looked at."""
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,40})")
_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE
)
_XML = {"rss": "feed", "feed": "feed", "rdf": "feed", "opml": "opml", "html": "html"}
_TAG = re.compile(
    r"<(?:a|article|body|div|h[1-6]|head|img|li|link|main|meta|ol|p|script|section|span|table|ul)[\s>]",
    re.IGNORECASE,
)
_JSON_FEED = re.compile(r"\"version\"\s*:\s*\"https?:\\?/\\?/jsonfeed\.org")
_MINUTES = re.compile(r"\d{1,5}\s*(?:min|mins|minutes?)(?:\s+read)?", re.IGNORECASE)
_EPISODE = re.compile(
    r"(?:(?:Episode|Ep\.?|Folge)\s*)?#?\d{1,5}\s*[:–—-]\s+\S.*|S\d{1,4}\s*E\d{1,5}\b.*|[A-Z]{3,20}:\s+\S.*"
)
_CLOCK = re.compile(r"(?<![\d:])(?:\d{1,2}:)?\d{1,2}:\d{2}(?![\d:])")
_ADDRESS = re.compile(r"https?://\S+")
_MARKDOWN = re.compile(r"#{1,6} \S.*|```.*|.*\[[^\]]{1,200}\]\(\S{1,300}\).*")
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
    for format_, endings in _NAMES.items():
        if source.name.lower().endswith(endings):
            return format_, f"its name ends in {source.name[source.name.rindex('.') :]}"
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for guess in (_listing, _shownotes, _blocks, _markdown, _tags):
        if found := guess(lines):
            return found
    formats = "a listing, show notes, a page, a feed, Markdown, a table or a list of subscriptions"
    message = (
        f"cannot tell what it is; it begins with {text.strip()[:60]!r}. Expected {formats}: say `format`"
    )
    raise SourceError(message, Place(source=source.name, line=1))


def _xml(text: str) -> tuple[str, str] | None:
    start = 0
    while before := _BEFORE_ROOT.match(text, start):
        start = before.end()
    root = _ROOT.match(text[start : start + 200].lstrip())
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
    return ("markdown", f"it begins with front matter as in {kind}") if kind else None


def _yaml(text: str) -> tuple[str, str] | None:
    found = table.YAML_START.match(text)
    keys = re.findall(r"^[ ]{0,12}(?:- )?([\w-]{1,40}):(?:\s|$)", text[:5000], re.MULTILINE)
    known = table.choose(keys, {})
    return ("table", f"it is a list in YAML with {', '.join(known)}") if found and "title" in known else None


def _columns(text: str) -> tuple[str, str] | None:
    between = table.delimiter(text)
    if between is None:
        return None
    header = text.lstrip("\n").partition("\n")[0].split(between)
    known = table.choose([cell.strip(' "') for cell in header], {})
    if "title" not in known:
        return None
    name = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}[between]
    return "table", f"its first line names columns, with {name} between them: {', '.join(known)}"


def _listing(lines: Sequence[str]) -> tuple[str, str] | None:
    count = sum(_MINUTES.fullmatch(line) is not None for line in lines)
    return (
        ("listing", f"{count} lines are reading times such as '5 min'")
        if count and count * 12 >= len(lines)
        else None
    )


def _shownotes(lines: Sequence[str]) -> tuple[str, str] | None:
    titles = sum(_EPISODE.fullmatch(line) is not None and len(line) < 200 for line in lines)
    marks = sum(len(_CLOCK.findall(line)) for line in lines)
    if not titles or (marks < 3 and titles * 3 < len(lines)):
        return None
    return "shownotes", f"{titles} lines are titles of episodes, and there are {marks} times such as 1:40"


def _blocks(lines: Sequence[str]) -> tuple[str, str] | None:
    count = sum(_ADDRESS.fullmatch(line) is not None for line in lines)
    return (
        ("listing", f"{count} lines are addresses, one for each article")
        if count > 1 and count * 8 >= len(lines)
        else None
    )


def _markdown(lines: Sequence[str]) -> tuple[str, str] | None:
    count = sum(_MARKDOWN.fullmatch(line[:1000]) is not None for line in lines)
    return (
        ("markdown", f"{count} lines are headings or links in Markdown")
        if count and count * 20 >= len(lines)
        else None
    )


def _tags(lines: Sequence[str]) -> tuple[str, str] | None:
    count = sum(_TAG.search(line) is not None for line in lines)
    return ("html", f"{count} lines have tags of HTML in them") if count and count * 3 >= len(lines) else None
