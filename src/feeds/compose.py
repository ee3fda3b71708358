"""A group of items as a feed in no format's words: addresses, HTML, chapters in their final form.

What is decided here once holds for every format: all of them show the same titles, dates and chapters.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from html import escape
from itertools import accumulate
from types import MappingProxyType
from typing import Literal, overload
from urllib.parse import quote

from feeds.dates import clock
from feeds.groups import ALL, readable
from feeds.model import (
    Article,
    Chapter,
    Entry,
    Episode,
    Feed,
    Finding,
    Link,
    Person,
    Place,
    Show,
    Site,
    Tombstone,
    Topic,
)
from feeds.slugs import slug
from feeds.text import addresses

DESCRIPTION_LIMIT = 4000
"""Bytes of a description, tags included (Apple, PSP-1; feed-requirements D.6)."""

_OPENING = 10.0
"""Seconds: a first mark no later than this is moved to the start."""

_LINE = 80
"""Characters: a text that is cut may lose this much more to end after a word."""

_URI = re.compile(r"(?:[\w\-.~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", re.ASCII)

_ARTICLES = ("rss", "atom", "json")
_PODCAST = ("podcast", "json")


def chapters(episode: Episode, duration: float | None) -> tuple[tuple[Chapter, ...], tuple[Finding, ...]]:
    """Put the chapters of an episode into the one form that all outputs share, and report what was left out.

    The first starts at zero, starts are whole milliseconds and fall in different seconds, all lie within
    `duration` seconds, all have a title of one line. A link of the notes that has a chapter's title becomes
    the chapter's link.
    """
    if not episode.chapters:
        return (), ()
    findings = []
    kept: list[Chapter] = []
    marks = (replace(chapter, start=round(float(chapter.start), 3)) for chapter in episode.chapters)
    for chapter in sorted(marks, key=lambda chapter: chapter.start):
        if duration is not None and chapter.start >= round(duration, 3):
            findings.append(_late(episode, chapter, duration))
        elif kept and int(chapter.start) <= int(kept[-1].start):
            findings.append(_double(episode, chapter, kept[-1]))
        else:
            kept.append(chapter)
    if kept and kept[0].start <= _OPENING:
        kept[0] = replace(kept[0], start=0.0)
    elif kept:
        kept.insert(0, Chapter(start=0.0, title="Opening"))
    named = {link.title.casefold(): link.url for link in episode.links if link.title}
    return tuple(
        replace(
            chapter,
            title=" ".join(chapter.title.split()) or f"Chapter {number}",
            link=_uri(chapter.link or named.get(chapter.title.casefold())),
            image=_uri(chapter.image),
        )
        for number, chapter in enumerate(kept, 1)
    ), tuple(findings)


def entry(
    item: Article | Episode, site: Site, topics: Mapping[str, Topic], shows: Mapping[str, Show]
) -> Entry:
    """Make an item ready to be shown. An episode's chapters and media are final already."""
    labels = tuple(topic(tag, topics) for tag in item.tags)
    if isinstance(item, Article):
        return _article_entry(item, site, labels)
    return _episode_entry(item, site, labels, shows[item.show])


def _article_entry(article: Article, site: Site, topics: tuple[Topic, ...]) -> Entry:
    publisher = (Person(name=article.publisher),) if article.publisher else ()
    own = f"articles/{article.slug}"
    link = _uri(article.link)
    return Entry(
        item=replace(article, link=link, image=_uri(article.image), authors=article.authors or publisher),
        url=link or f"{site.base_url}{own}/",
        path=None if link else own,
        description=_fitting(article.summary, DESCRIPTION_LIMIT, _prose),
        content=_html(_article_blocks(article)) or _prose(article.title),
        topics=topics,
    )


def _episode_entry(episode: Episode, site: Site, topics: tuple[Topic, ...], show: Show) -> Entry:
    path = f"shows/{show.slug}/{episode.slug}"
    episode = replace(
        episode,
        link=_uri(episode.link),
        image=_uri(episode.image) or show.image,
        authors=episode.authors or (Person(name=show.author),),
        explicit=show.explicit if episode.explicit is None else episode.explicit,
        links=tuple(replace(link, url=_uri(link.url)) for link in episode.links),
        persons=tuple(_persons(episode, show)),
        transcripts=tuple(replace(script, url=_uri(script.url)) for script in episode.transcripts),
    )
    return Entry(
        item=episode,
        url=f"{site.base_url}{path}/",
        path=path,
        description=_episode_description(episode) or _fitting(episode.title, DESCRIPTION_LIMIT, _prose),
        content=_html(_episode_blocks(episode)) or _prose(episode.title),
        topics=topics,
        chapters_url=f"{site.base_url}{path}/chapters.json" if episode.chapters else None,
    )


def _persons(episode: Episode, show: Show) -> Iterator[Person]:
    """Who takes part. Persons of an episode replace those of the show, so its hosts are named again."""
    if episode.persons and not any((person.role or "host").endswith("host") for person in episode.persons):
        yield from show.hosts
    for person in episode.persons:
        yield replace(person, url=_uri(person.url), image=_uri(person.image))


def topic(tag: str, topics: Mapping[str, Topic]) -> Topic:
    """Find the topic of a tag: as configured, else with a title made from the tag."""
    made = _of_tag(tag)
    known = topics.get(made.slug)
    if known is None:
        return made
    return known if known.title else replace(known, title=made.title)


@lru_cache(maxsize=4096)  # the few tags of many items come again and again
def _of_tag(tag: str) -> Topic:
    return Topic(slug=slug(tag), title=readable(tag))


def feed(
    path: str,
    entries: Sequence[Entry],
    site: Site,
    *,
    total: int,
    id_: str,
    show: Show | None = None,
    topics: Mapping[str, Topic] = MappingProxyType({}),
) -> Feed:
    """Make the feed of a group of `total` items from its newest entries, of which there must be one."""
    topic = _topic_of(path, entries, topics)
    kind, title, description = _heading(path, entries, site, topic, show)
    return Feed(
        id=id_,
        path=path,
        site=site,
        title=title,
        description=description,
        language=show.language if show else site.language,
        author=show.author if show else site.author,
        updated=max(map(_updated, entries)),
        entries=tuple(entries),
        kind=kind,
        formats=_PODCAST if show else _ARTICLES,
        show=show,
        topic=topic,
        image=show.image if show else None,
        total=total,
    )


def filled(feed: Feed, entries: Sequence[Entry], tombstones: Sequence[Tombstone] = ()) -> Feed:
    """Give a feed its entries; its title and everything else that is said of it stay as they are."""
    dates = (*map(_updated, entries), *(tombstone.deleted for tombstone in tombstones))
    return replace(feed, entries=tuple(entries), tombstones=tuple(tombstones), updated=max(dates))


def archive_page(feed: Feed, page: int, *, before: int | None, after: int | None) -> Feed:
    """Make a page of a feed's archive, given the feed of its entries. No hub announces what is not new."""
    return replace(
        feed, site=replace(feed.site, hubs=()), archive=page, prev_archive=before, next_archive=after
    )


def _heading(
    path: str, entries: Sequence[Entry], site: Site, topic: Topic | None, show: Show | None
) -> tuple[Literal["topic", "publisher", "all", "show"], str, str]:
    """Kind, title and description of a feed; no two feeds of a site have the same."""
    what = _what(entries)
    if show:
        description = _fitting(show.description, DESCRIPTION_LIMIT, str)
        return "show", show.title, description or f"Episodes of {show.title}."
    if topic:
        description = topic.description or f"{what} about {topic.title}."
        return "topic", f"{topic.title} – {site.title}", f"{description} Collected by {site.title}."
    if path == ALL:
        return "all", f"Everything – {site.title}", site.description or f"{what} on every topic."
    publisher = next(
        entry.item.publisher for entry in entries if isinstance(entry.item, Article) and entry.item.publisher
    )
    title = f"{what} by {publisher}"
    return "publisher", f"{title} – {site.title}", f"{title}. Collected by {site.title}."


def _what(entries: Sequence[Entry]) -> str:
    kinds = {isinstance(entry.item, Episode) for entry in entries}
    return "Articles and episodes" if len(kinds) == 2 else "Episodes" if True in kinds else "Articles"


def _topic_of(path: str, entries: Sequence[Entry], topics: Mapping[str, Topic]) -> Topic | None:
    kind, _, name = path.partition("/")
    if kind != "topics":
        return None
    # Items selected by conditions need not have the topic's tag, whose spelling would give its title.
    return next((topic for topic in entries[0].topics if topic.slug == name), None) or topic(name, topics)


def _updated(entry: Entry) -> datetime:
    assert entry.item.updated
    return entry.item.updated


def _article_blocks(article: Article) -> Iterator[str]:
    if article.content:
        yield article.content
    elif prose := _prose(article.summary):
        yield prose
    facts = []
    if article.publisher:
        facts.append(escape(article.publisher, quote=False))
    if article.minutes:
        facts.append(f"{article.minutes} min read")
    if facts:
        yield f"<p>{' · '.join(facts)}</p>"


def _episode_blocks(episode: Episode) -> Iterator[str]:
    yield from _notice(episode)
    if episode.content:
        yield episode.content
    elif prose := _prose(episode.summary):
        yield prose
    if episode.links:
        yield _links(map(_point, episode.links))
    if not _has_times(episode.content or "", episode.chapters):
        yield from _timestamps(episode.chapters)


def _has_times(html: str, chapters: Sequence[Chapter]) -> bool:
    """Tell whether notes in HTML already hold most of the timestamps, in any form."""
    forms = (clock(chapter.start).lstrip("0:") or "0:00" for chapter in chapters)
    return bool(html) and 2 * sum(form in html for form in forms) > len(chapters)


def _episode_description(episode: Episode) -> str:
    """As much of an episode's notes as fits, the most important parts first.

    The timestamps come whole or not at all, since platforms make chapters of them; then as much of the
    prose as there is room for, then links.
    """
    room = DESCRIPTION_LIMIT
    notice = _html(_notice(episode))
    timestamps = _html(_timestamps(episode.chapters))
    if _size(notice) + _size(timestamps) + 2 > room:
        timestamps = ""
    room -= _size(notice) + _size(timestamps) + 2
    prose = _fitting(episode.summary, room, _prose)
    links = _fitting_links(episode.links, room - _size(prose) - 1)
    return _html(part for part in (notice, prose, links, timestamps) if part)


def _fitting(text: str, room: int, form: Callable[[str], str]) -> str:
    """Give `form(text)` if it has at most `room` bytes, else that of as much of the text as fits."""
    whole = form(text)
    if _size(whole) <= room:
        return whole
    fits, over = 0, min(len(text), room)
    while over - fits > 1:
        middle = (fits + over) // 2
        if _size(form(_cut(text, middle))) <= room:
            fits = middle
        else:
            over = middle
    return form(_cut(text, fits))


def _cut(text: str, end: int) -> str:
    """Cut a text at `end` or before: after a word if one ends near, and never within an address.

    Scripts that are written without spaces are cut between any two letters with their marks.
    """
    word = max(text.rfind(" ", 0, end + 1), text.rfind("\n", 0, end + 1))
    if word > 0 and end - word <= _LINE:
        end = word
    else:
        end = next((start for start, stop in addresses(text) if start < end < stop), end)
        while end and unicodedata.category(text[end]).startswith("M"):
            end -= 1
    kept = text[:end].rstrip(" \n,;:–-")
    return f"{kept} …" if kept else ""


def _fitting_links(links: Iterable[Link], room: int) -> str:
    """As many of the links, in their order, as give at most `room` bytes of HTML."""
    room -= _size(_links(()))
    points = [_point(link) for link in links]
    sizes = accumulate(map(_size, points))
    fitting = [point for point, size in zip(points, sizes, strict=True) if size <= room]
    return _links(fitting) if fitting else ""


def _notice(episode: Episode) -> Iterator[str]:
    if episode.media and episode.media.placeholder:
        yield "<p>The audio of this episode is a placeholder: silence, as long as its chapters need.</p>"


def _timestamps(chapters: Sequence[Chapter]) -> Iterator[str]:
    """One line each, in the shape that Apple, Spotify, YouTube and AntennaPod read (D.7)."""
    if chapters:
        yield "<p>Timestamps</p>"
        yield from (f"<p>{clock(mark.start)} {escape(mark.title, quote=False)}</p>" for mark in chapters)


def _prose(text: str) -> str:
    return _html(_paragraphs(text))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n"):
        if paragraph.strip():
            yield f"<p>{_linked(' '.join(paragraph.split()))}</p>"


def _linked(text: str) -> str:
    """Plain text as HTML, its addresses as anchors."""
    parts = []
    end = 0
    for start, stop in addresses(text):
        url = text[start:stop]
        parts.append(escape(text[end:start], quote=False))
        parts.append(_anchor(url, url))
        end = stop
    return "".join([*parts, escape(text[end:], quote=False)])


def _links(points: Iterable[str]) -> str:
    return f"<p>Links</p>\n<ul>{''.join(points)}</ul>"


def _point(link: Link) -> str:
    return f"<li>{_anchor(link.url, link.title or link.url)}</li>"


def _anchor(url: str, text: str) -> str:
    return f'<a href="{escape(_uri(url))}">{escape(text, quote=False)}</a>'


def _html(blocks: Iterable[str]) -> str:
    return "\n".join(blocks)


@overload
def _uri(url: str) -> str: ...
@overload
def _uri(url: str | None) -> str | None: ...
def _uri(url: str | None) -> str | None:
    """Write an address in ASCII, as RSS wants it (RFC 3987, section 3.1).

    >>> _uri("https://bücher.example/ä b?q=100%#ö"), _uri("https://example.org/%C3%A4")
    ('https://xn--bcher-kva.example/%C3%A4%20b?q=100%25#%C3%B6', 'https://example.org/%C3%A4')
    """
    if not url or _URI.fullmatch(url):
        return url
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        return parse_url(url).url
    except LocationParseError:
        # A host that nobody can resolve; the rest of the feed must still be readable.
        return quote(url, safe=":/?#[]@!$&'()*+,;=%")


def _size(html: str) -> int:
    return len(html.encode())


def _late(episode: Episode, chapter: Chapter, duration: float) -> Finding:
    return _chapter_finding(
        episode,
        f"the chapter {chapter.title!r} starts at {clock(chapter.start)}, but the audio ends at "
        f"{clock(duration)}; it is left out",
    )


def _double(episode: Episode, chapter: Chapter, other: Chapter) -> Finding:
    return _chapter_finding(
        episode,
        f"the chapters {other.title!r} and {chapter.title!r} both start at {clock(chapter.start)}; "
        "the first is kept",
    )


def _chapter_finding(episode: Episode, message: str) -> Finding:
    return Finding(
        level="warning",
        rule="chapter-left-out",
        place=episode.place or Place(source=episode.show),
        message=f"{episode.title!r}: {message}",
    )
