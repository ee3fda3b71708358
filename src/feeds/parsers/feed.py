"""Someone else's feed: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed, or a podcast feed.

What the original carries is kept: ids, so that subscribers who move see nothing twice; dates; enclosures
with length, type and duration; persons, transcripts, seasons, and the chapters that it has.
"""

from dataclasses import dataclass, replace

from feeds.model import Chapter, Parsed, Source
from feeds.parsers import Load, _jsonfeed, _xmlfeed
from feeds.parsers._decoding import XML_ENCODING, text_of
from feeds.parsers._records import ReadChapters


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What reading a feed needs besides its text."""

    day_first: bool | None = None
    """Whether 02/01/2026, which no standard allows, is in January; `None` infers it from the other dates."""
    read_chapters: ReadChapters | None = None
    """Reads chapters from notes, for episodes that have none of their own."""
    load: Load | None = None
    """Gets the file that `podcast:chapters` names; without it such chapters are not read."""


def parse(source: Source, options: Options | None = None) -> Parsed:
    """Read the entries of a feed, in their order.

    They are articles; those that have audio, and all of a source with a show, are episodes. Raises
    `SourceError` if it is not a feed; of one that is cut off, the last entry is quarantined.
    """
    options = options or Options()
    text, findings = text_of(source, "a feed", XML_ENCODING)
    if text.lstrip().startswith("{"):
        parsed = _jsonfeed.parse(_jsonfeed.load(text, source), source, options.read_chapters)
    else:
        parsed = _xmlfeed.parse(text, source, options.day_first, options.read_chapters, options.load)
    return replace(parsed, findings=(*findings, *parsed.findings))


def chapters(data: bytes) -> tuple[Chapter, ...]:
    """Read a JSON chapters file (Podcasting 2.0, version 1.2). Raises `ValueError` if it is none."""
    return _jsonfeed.chapters(data)
