"""A group of items as a feed in no format's words: addresses, HTML, chapters in their final form.

What is decided here once holds for every format: all of them show the same titles, dates and chapters.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Literal

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
    Topic,
)
from feeds.slugs import slug
from feeds.text import addresses

DESCRIPTION_LIMIT = 4000
"""Bytes of an episode's description, tags included (Apple, PSP-1; feed-requirements D.6)."""

_OPENING = 10.0
"""Seconds: a first mark no later than this is the start."""

_ARTICLES = ("rss", "atom", "json")
_PODCAST = ("podcast", "json")


def chapters(episode: Episode, duration: float | None) -> tuple[tuple[Chapter, ...], tuple[Finding, ...]]:
    """Put the chapters of an episode into the one form that all outputs share, and say what had to give.

    The first starts at zero, starts ascend by whole seconds at least, all lie within `duration` seconds,
    all have a title. A link of the notes that has a chapter's title becomes the chapter's link.
    """
    if not episode.chapters:
        return (), ()
    findings = []
    kept: list[Chapter] = []
    for chapter in sorted(episode.chapters, key=lambda chapter: chapter.start):
        if duration is not None and chapter.start >= duration:
            findings.append(_late(episode, chapter, duration))
        elif kept and int(chapter.start) <= int(kept[-1].start):
            findings.append(_double(episode, chapter, kept[-1]))
        else:
            kept.append(chapter)
    if kept and kept[0].start <= _OPENING:
        kept[0] = replace(kept[0], start=0.0)
    elif kept:
        kept.insert(0, Chapter(start=0.0, title="Opening"))
    named = {link.title.casefold(): link.url for link in episode.links}
    return tuple(
        replace(
            chapter,
            title=chapter.title or f"Chapter {number}",
            link=chapter.link or named.get(chapter.title.casefold()),
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
    return Entry(
        item=replace(article, authors=article.authors or publisher),
        url=article.link or f"{site.base_url}{own}/",
        path=None if article.link else own,
        description=_html(_paragraphs(article.summary)),
        content=_html(_article_blocks(article)),
        topics=topics,
    )


def _episode_entry(episode: Episode, site: Site, topics: tuple[Topic, ...], show: Show) -> Entry:
    path = f"shows/{show.slug}/{episode.slug}"
    return Entry(
        item=replace(
            episode,
            authors=episode.authors or (Person(name=show.author),),
            explicit=show.explicit if episode.explicit is None else episode.explicit,
            image=episode.image or show.image,
        ),
        url=f"{site.base_url}{path}/",
        path=path,
        description=_episode_description(episode),
        content=_html(_episode_blocks(episode)),
        topics=topics,
        chapters_url=f"{site.base_url}{path}/chapters.json" if episode.chapters else None,
    )


def topic(tag: str, topics: Mapping[str, Topic]) -> Topic:
    """Find the topic of a tag: as configured, else with a title made from the tag."""
    name = slug(tag)
    known = topics.get(name)
    if known is None:
        return Topic(slug=name, title=readable(tag))
    return known if known.title else replace(known, title=readable(tag))


def feed(
    path: str, entries: Sequence[Entry], site: Site, *, total: int, id_: str, show: Show | None = None
) -> Feed:
    """Make the feed of a group of `total` items from its newest entries, of which there must be one."""
    topic = _topic_of(path, entries)
    kind, title, description = _heading(path, entries, site, topic, show)
    return Feed(
        id=id_,
        path=path,
        site=site,
        title=title,
        description=description,
        language=show.language if show else site.language,
        author=show.author if show else site.author,
        updated=max(_updated(entry) for entry in entries),
        entries=tuple(entries),
        kind=kind,
        formats=_PODCAST if show else _ARTICLES,
        show=show,
        topic=topic,
        image=show.image if show else None,
        total=total,
    )


def _heading(
    path: str, entries: Sequence[Entry], site: Site, topic: Topic | None, show: Show | None
) -> tuple[Literal["topic", "publisher", "all", "show"], str, str]:
    """Kind, title and description of a feed; no two feeds of a site have the same."""
    what = _what(entries)
    if show:
        return "show", show.title, show.description or f"Episodes of {show.title}."
    if topic:
        description = topic.description or f"{what} about {topic.title}."
        return "topic", f"{topic.title} – {site.title}", f"{description} Collected by {site.title}."
    if path == ALL:
        return "all", f"Everything – {site.title}", site.description or f"{what} on every topic."
    publisher = next(
        entry.item.publisher for entry in entries if isinstance(entry.item, Article) and entry.item.publisher
    )
    return "publisher", f"{publisher} – {site.title}", f"{what} by {publisher}. Collected by {site.title}."


def _what(entries: Sequence[Entry]) -> str:
    kinds = {isinstance(entry.item, Episode) for entry in entries}
    return "Articles and episodes" if len(kinds) == 2 else "Episodes" if True in kinds else "Articles"


def _topic_of(path: str, entries: Sequence[Entry]) -> Topic | None:
    return next((topic for topic in entries[0].topics if path == f"topics/{topic.slug}"), None)


def _updated(entry: Entry) -> datetime:
    assert entry.item.updated
    return entry.item.updated


def _article_blocks(article: Article) -> Iterator[str]:
    if article.content:
        yield article.content
    else:
        yield from _paragraphs(article.summary)
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
    else:
        yield from _paragraphs(episode.summary)
    if episode.links:
        yield "<p>Links</p>"
        yield _list(episode.links)
    yield from _timestamps(episode.chapters)


def _episode_description(episode: Episode) -> str:
    """As much of an episode's notes as fits, in the order of what would be missed most.

    The timestamps come whole or not at all, since platforms make chapters of them; then as much of the
    prose as there is room for, then links.
    """
    room = DESCRIPTION_LIMIT
    notice = _html(_notice(episode))
    timestamps = _html(_timestamps(episode.chapters))
    if _size(notice) + _size(timestamps) + 2 > room:
        timestamps = ""
    room -= _size(notice) + _size(timestamps) + 2
    prose = _fitting(episode.summary, room)
    room -= _size(prose) + 1
    links = ""
    for count in range(len(episode.links), 0, -1):
        links = "<p>Links</p>\n" + _list(episode.links[:count])
        if _size(links) <= room:
            break
        links = ""
    return _html(part for part in (notice, prose, links, timestamps) if part)


def _fitting(text: str, room: int) -> str:
    """As much of the text as gives at most `room` bytes of HTML, cut after a word."""
    html = _html(_paragraphs(text))
    while text and _size(html) > room:
        surplus = max(1, (_size(html) - room) // 4)
        text = text[:-surplus].rpartition(" ")[0].rstrip(" ,;:–-") if " " in text else ""
        html = _html(_paragraphs(f"{text} …")) if text else ""
    return html


def _notice(episode: Episode) -> Iterator[str]:
    if episode.media and episode.media.placeholder:
        yield "<p>The audio of this episode is a placeholder: silence, as long as its chapters need.</p>"


def _timestamps(chapters: Sequence[Chapter]) -> Iterator[str]:
    """One line each, in the shape that Apple, Spotify, YouTube and AntennaPod read (D.7)."""
    if chapters:
        yield "<p>Timestamps</p>"
        yield from (f"<p>{clock(mark.start)} {escape(mark.title, quote=False)}</p>" for mark in chapters)


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
        parts.append(f'<a href="{escape(url)}">{escape(url, quote=False)}</a>')
        end = stop
    return "".join([*parts, escape(text[end:], quote=False)])


def _list(links: Sequence[Link]) -> str:
    items = (f'<li><a href="{escape(link.url)}">{escape(link.title, quote=False)}</a></li>' for link in links)
    return f"<ul>{''.join(items)}</ul>"


def _html(blocks: Iterable[str]) -> str:
    return "\n".join(blocks)


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
