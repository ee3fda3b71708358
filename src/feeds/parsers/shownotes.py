"""A podcast's directory page, as a browser saves it.

    What the show is about.
    Similar Podcasts
    Name
    What that one is about.
    68: Title of an episode
    Prose about it. Links Name: https://… Name: https://… Timestamps Label 0:06 Label 1:40
    ARCHIVE: Title of an episode without a number
    …

The notes of an episode may also run over several lines.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from feeds import chapters
from feeds.errors import SourceError
from feeds.model import Episode, Finding, Link, Parsed, Place, Related, Source
from feeds.text import addresses, decode

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


class _Line(NamedTuple):
    number: int
    text: str


def parse(source: Source) -> Parsed:
    """Read the show's description, related shows and episodes, in their order.

    Blocks that are alike to the letter are one episode. Raises `SourceError` if there is no episode.
    """
    text, findings = decode(source)
    lines = [_Line(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    starts = [index for index, line in enumerate(lines) if _TITLE.fullmatch(line.text)]
    if not starts:
        raise SourceError(_refusal(lines), Place(source=source.name, line=lines[0].number if lines else None))
    description, related, unread = _head(lines[: starts[0]], source.name)
    episodes: list[Episode] = []
    problems = list(unread)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        episode, found = _episode(lines[start:end], source)
        episodes.append(episode)
        problems.extend(found)
    return Parsed(
        items=tuple(episodes),
        findings=(*findings, *problems),
        description=description,
        related=related,
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


def _refusal(lines: Sequence[_Line]) -> str:
    if not lines:
        return "the source is empty; a page of show notes was expected"
    return (
        f"no episode title such as '68: How to …' in {len(lines)} lines of what should be show notes. "
        "Is `format` in the configuration right?"
    )


def _head(lines: Sequence[_Line], name: str) -> tuple[str | None, tuple[Related, ...], list[Finding]]:
    """Read what stands before the first episode."""
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


def _episode(block: Sequence[_Line], source: Source) -> tuple[Episode, list[Finding]]:
    place = Place(source=source.name, line=block[0].number)
    title = _TITLE.fullmatch(block[0].text)
    assert title
    notes = "\n".join(line.text for line in block[1:])
    reading = chapters.parse(notes)
    start, end = reading.span if reading.accepted and reading.span else (len(notes), len(notes))
    prose, named = _split_links(f"{notes[:start].rstrip()}\n{notes[end:].lstrip()}".strip())
    number = title["number"] or title["in_season"] or title["named"]
    episode = Episode(
        show=source.show or "",
        title=title["title"] or title["whole"],
        number=int(number) if number else None,
        season=int(title["season"]) if title["season"] else None,
        kind=_KINDS.get(title["word"] or "", "full"),
        summary=prose,
        links=named,
        chapters=reading.chapters if reading.accepted else (),
        place=place,
    )
    return episode, list(_remarks(episode, notes, reading, place))


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
