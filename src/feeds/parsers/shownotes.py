"""A podcast's directory page, as a browser saves it.

    What the show is about.
    Similar Podcasts
    Name
    What that one is about.
    68: Title of an episode
    Prose about it. Links Name: https://… Name: https://… Timestamps Label 0:06 Label 1:40
    ARCHIVE: Title of an episode without a number
    …

The notes of an episode may also run over several lines. On other sites, lines of their own below a title
tell its date, address and duration; a title with its date below needs no number.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from feeds import chapters
from feeds.dates import seconds
from feeds.errors import SourceError
from feeds.model import Episode, Finding, Link, Parsed, Place, Related, Source
from feeds.parsers import _dates, _layout
from feeds.parsers._decoding import text_of
from feeds.parsers._layout import Line
from feeds.text import addresses

_TITLE = re.compile(
    r"""(?: (?:S(?P<season>\d{1,4})\s*E(?P<in_season>\d{1,5}) \s*[:–—-]
          | (?:(?:Episode|Ep\.?|Folge)\s*)?\#?(?P<number>\d{1,5}) \s*:
          | (?:(?:Episode|Ep\.?|Folge)\s+\#?|\#)(?P<named>\d{1,5}) \s*[.–—-]
          ) \s+ (?P<title>\S.*)
        # Such as `ARCHIVE:`, but for what heads a part of the notes.
        | (?P<whole>(?!(?:LINKS?|NOTES?|GUESTS?|HOSTS?|SPONSORS?|CREDITS|MUSIC|WARNING|TIMESTAMPS|CHAPTERS):)
            (?P<word>[A-Z][A-Z]{2,19}): \s+ \S.*)
        )""",
    re.VERBOSE,
)
_RELATED = re.compile(r"(?:Similar|Related) (?:Podcasts|Shows)|You might also like:?", re.IGNORECASE)
_LINKS = re.compile(r"(?:^|(?<=\s))(?:Links|Show ?links|Resources)\b:?\s+", re.IGNORECASE)
_KINDS: dict[str, Literal["trailer", "bonus"]] = {"TRAILER": "trailer", "BONUS": "bonus"}
_HEADS = frozenset((*_KINDS, "ARCHIVE", "SPECIAL", "TEASER"))
"""Words before titles that do not begin other lines too, as `ERROR:` does in a log."""


_DURATION = re.compile(
    r"""(?:(?:Duration|Length|Runtime):?\s+)?
        (?: (?P<clock>\d{1,2}:\d{2}:\d{2})
          | (?:(?P<hours>\d{1,2})\s*(?:h|hrs?|hours?)\.?)? \s*
            (?:(?P<minutes>\d{1,4})\s*(?:m|min|mins|minutes?)\.?)?
        )""",
    re.VERBOSE | re.IGNORECASE,
)


class Signs(NamedTuple):
    """Signs that lines are show notes."""

    episodes: int
    numbered: int
    """How many of their titles have a number, or a head that tells an episode, such as `TRAILER:`."""
    dated: int
    """How many have a date below their title."""
    share: float
    """The share of lines that belong to episodes."""


class _About(NamedTuple):
    """What the lines right below a title say."""

    date: Line | None
    link: str | None
    duration: float | None
    """Seconds."""
    size: int
    """How many lines they are."""


def parse(source: Source, *, day_first: bool | None = None) -> Parsed:
    """Read the show's description, related shows and episodes, in their order.

    `day_first` says whether 02/01/2026 is in January; `None` finds it out. Raises `SourceError` if there is
    no episode.
    """
    text, findings = text_of(source, "a page of show notes")
    lines = _layout.lines(text)
    starts = _starts(lines)
    if not starts:
        raise SourceError(_refusal(lines), Place(source=source.name, line=lines[0].number))
    description, related, unread = _head(lines[: starts[0]], source.name)
    episodes: list[Episode] = []
    problems = list(unread)
    blocks = [lines[start:end] for start, end in pairwise([*starts, len(lines)])]
    abouts = [_about(block[1:]) for block in blocks]
    if day_first is None:
        day_first = _dates.day_first(_layout.date_text(about.date.text) for about in abouts if about.date)
    for block, about in zip(blocks, abouts, strict=True):
        episode, found = _episode(block, about, day_first, source)
        episodes.append(episode)
        problems.extend(found)
    if not any(map(_is_certain, blocks, abouts, episodes)):
        raise SourceError(_refusal(lines), Place(source=source.name, line=lines[0].number))
    return Parsed(
        items=tuple(episodes),
        findings=(*findings, *problems),
        description=description,
        related=related,
    )


def signs(lines: Sequence[Line]) -> Signs:
    """Count what looks like episodes."""
    starts = _starts(lines)
    return Signs(
        episodes=len(starts),
        numbered=sum(_is_numbered(lines[start].text) for start in starts),
        dated=sum(_about(lines[start + 1 : start + 4]).date is not None for start in starts),
        share=1 - starts[0] / len(lines) if starts else 0.0,
    )


def links(text: str) -> tuple[Link, ...]:
    """Read a run of named addresses: `Name: URL Name: URL`, `“Name” - URL`, one a line or all in one.

    >>> [(link.title, link.url) for link in links("Fizz: https://a.example “Two: 2” - https://b.example")]
    [('Fizz', 'https://a.example'), ('Two: 2', 'https://b.example')]
    """
    found = []
    end = 0
    for start, stop in addresses(text):
        name = text[end:start].strip(" \t\n\r*•·-–—:|")
        if name.startswith("“") and name.endswith("”"):
            name = name[1:-1]
        url = text[start:stop]
        end = stop
        found.append(Link(title=" ".join(name.split()) or url, url=url))
    return tuple(found)


def _refusal(lines: Sequence[Line]) -> str:
    return (
        f"no episode title such as '68: How to …' in {len(lines)} lines of what should be show notes. "
        "Is `format` in the configuration right?"
    )


def _starts(lines: Sequence[Line]) -> list[int]:
    """Where episodes begin: at a title with a number and, where titles have dates, at any line above one."""
    numbered = [index for index, line in enumerate(lines) if _TITLE.fullmatch(line.text)]
    above = [
        index
        for index, line in enumerate(lines)
        if line.shape in ("text", "tags")
        and not _duration(line.text)
        and _about(lines[index + 1 : index + 4]).date
    ]
    if 2 * len(set(numbered).intersection(above)) < len(numbered):
        return numbered
    return sorted({*numbered, *above})


def _is_numbered(text: str) -> bool:
    title = _TITLE.fullmatch(text)
    return title is not None and (title["word"] is None or title["word"] in _HEADS)


def _is_certain(block: Sequence[Line], about: _About, episode: Episode) -> bool:
    """Tell whether more than a word such as `FAQ:` before its title speaks for an episode."""
    return bool(_is_numbered(block[0].text) or about.date or episode.chapters or episode.links)


def _about(below: Sequence[Line]) -> _About:
    """Read the date, the address and the duration below a title, in any order and each once."""
    found: dict[str, Line] = {}
    for line in below:
        kind = "duration" if _duration(line.text) else line.shape
        if kind not in ("date", "link", "duration") or kind in found:
            break
        found[kind] = line
    return _About(
        date=found.get("date"),
        link=_layout.address(found["link"].text) if "link" in found else None,
        duration=_duration(found["duration"].text) if "duration" in found else None,
        size=len(found),
    )


def _duration(text: str) -> float | None:
    """Give the seconds of a line such as `45 min`, `1 h 5 min` or `00:45:12`; `None` if it says none."""
    found = _DURATION.fullmatch(text)
    if not found:
        return None
    if found["clock"]:
        return seconds(found["clock"]) or None
    return int(found["hours"] or 0) * 3600.0 + int(found["minutes"] or 0) * 60.0 or None


def _head(lines: Sequence[Line], name: str) -> tuple[str | None, tuple[Related, ...], list[Finding]]:
    """Read what comes before the first episode."""
    heading = next((index for index, line in enumerate(lines) if _RELATED.fullmatch(line.text)), len(lines))
    description = "\n\n".join(line.text for line in lines[:heading]) or None
    pairs = lines[heading + 1 :]
    related = tuple(
        Related(title=title.text, description=about.text)
        for title, about in zip(pairs[::2], pairs[1::2], strict=False)
    )
    unread = [
        Finding(
            level="warning",
            rule="line-not-understood",
            place=Place(source=name, line=line.number),
            message=f"{line.text[:60]!r} stands alone; expected a show's name and, below it, its description",
        )
        for line in pairs[len(related) * 2 :]
    ]
    return description, related, unread


def _episode(
    block: Sequence[Line], about: _About, day_first: bool | None, source: Source
) -> tuple[Episode, list[Finding]]:
    place = Place(source=source.name, line=block[0].number)
    parts = title.groupdict() if (title := _TITLE.fullmatch(block[0].text)) else {}
    notes = "\n".join(line.text for line in block[1 + about.size :])
    reading = chapters.parse(notes, duration=about.duration)
    prose, named = _split_links(reading.prose(notes))
    number = parts.get("number") or parts.get("in_season") or parts.get("named")
    season = parts.get("season")
    date = _layout.date_text(about.date.text) if about.date else None
    episode = Episode(
        show=source.show or "",
        title=parts.get("title") or block[0].text,
        number=int(number) if number else None,
        season=int(season) if season else None,
        kind=_KINDS.get(parts.get("word") or "", "full"),
        link=about.link,
        published=_dates.read(date, day_first=day_first),
        summary=prose,
        links=named,
        chapters=reading.chapters if reading.accepted else (),
        place=place,
    )
    findings = list(_remarks(episode, notes, reading, place))
    if about.date and date and episode.published is None:
        at = Place(source=source.name, line=about.date.number)
        findings.append(_dates.unread("date", date, at))
    return episode, findings


def _split_links(text: str) -> tuple[str, tuple[Link, ...]]:
    """Cut the list of links off the prose: the last heading that nothing but named addresses follow."""
    for heading in reversed(list(_LINKS.finditer(text))):
        rest = text[heading.end() :]
        spans = list(addresses(rest))
        if spans and not rest[spans[-1][1] :].strip():
            return text[: heading.start()].rstrip(), links(rest)
    return text, ()


def _remarks(episode: Episode, notes: str, reading: chapters.Reading, place: Place) -> Iterator[Finding]:
    if not notes:
        yield Finding(
            level="warning",
            rule="notes-missing",
            place=place,
            message=f"{episode.title!r} has no notes below its title; it is published without",
        )
        return
    yield Finding(
        level="info" if reading.accepted or not reading.style else "warning",
        rule="chapters-read" if reading.accepted else "chapters-refused",
        place=place,
        message=f"{len(reading.chapters)} chapters, {reading.confidence:.0%} sure: {reading.reason}",
    )
