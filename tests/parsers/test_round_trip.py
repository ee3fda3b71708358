"""Our own feeds, read back as sources: the same items, ids, dates, enclosures and chapters."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds import compose
from feeds.model import (
    Article,
    Chapter,
    Element,
    Entry,
    Episode,
    Feed,
    Media,
    Person,
    Show,
    Site,
    Source,
    Transcript,
)
from feeds.outputs import atom, jsonfeed, podcast, rss
from feeds.parsers import feed

SITE = Site(title="Site", base_url="https://site.example/", author="Us")
SHOW = Show(slug="s", title="Show", author="Us", categories=(("Technology", None),), description="About.")
SHOW = replace(SHOW, image="https://site.example/cover.png", guid="d7fadfe7-2b06-51dd-b617-7b9864c982e3")

# Whether a title in RSS is text or HTML nobody can tell; one that closes tags or names entities is HTML.
_HTML = re.compile(r"</[A-Za-z]|<br|&#?\w+;")
words = (
    st.text(
        st.characters(categories=["L", "Nd", "P", "S", "Zs"], exclude_characters="\xa0\ufffd"),
        min_size=1,
        max_size=40,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and not _HTML.search(text))
)
addresses = st.text("abcdefghijklmnopqrstuvwxyz0123456789-/&=", max_size=20).map(
    lambda path: f"https://a.example/{path.lstrip('/')}"
)
moments = st.integers(1_000_000_000, 1_800_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
people = st.builds(
    Person,
    name=words,
    role=st.sampled_from(["host", "guest", "producer"]),
    group=st.sampled_from(["cast", "writing"]),
    url=st.none() | addresses,
    image=st.none() | addresses,
)
media = st.builds(
    Media,
    url=addresses.map(lambda url: f"{url}.mp3"),
    type=st.just("audio/mpeg"),
    size=st.integers(1, 10**9),
    duration=st.integers(400, 30_000).map(float),
)
transcripts = st.builds(
    Transcript,
    url=addresses,
    type=st.sampled_from(["text/vtt", "application/x-subrip"]),
    language=st.sampled_from([None, "en"]),
)
CARRIED = (
    Element(name="itunes:block", text="Yes"),
    Element(
        name="podcast:alternateEnclosure",
        attributes=(("type", "audio/opus"),),
        children=(Element(name="podcast:source", attributes=(("uri", "https://example.org/1.opus"),)),),
    ),
    Element(name="podcast:location", text="Wien & \u0141\u00f3d", attributes=(("geo", "geo:48.2,16.4"),)),
    Element(name="podcast:soundbite", attributes=(("startTime", "1.5"), ("duration", "30"))),
    Element(name="podcast:soundbite", text="One more", attributes=(("startTime", "60"), ("duration", "30"))),
    Element(name="podcast:txt", text="<Hello>", attributes=(("purpose", "note"),)),
)
"""In the order that they are read in."""
marks = st.builds(
    Chapter,
    start=st.integers(0, 399_000).map(lambda thousandths: thousandths / 1000),
    title=words,
    link=st.none() | addresses,
    image=st.none() | addresses,
)


@st.composite
def dated(draw: st.DrawFn, model: type[Article] | type[Episode], /, **fields: st.SearchStrategy[Any]) -> Any:
    """An item as the ledger leaves it: with an id, a name of its own, and both dates."""
    published = draw(moments)
    item = draw(
        st.builds(
            model,
            title=words,
            tags=st.lists(words.filter(lambda text: "," not in text), max_size=3, unique_by=str.casefold).map(
                tuple
            ),
            summary=words,
            **fields,
        )
    )
    number = draw(st.uuids(version=5))
    later = timedelta(seconds=draw(st.integers(0, 10**6)))
    return replace(
        item, id=f"urn:uuid:{number}", slug=str(number), published=published, updated=published + later
    )


articles = dated(Article, link=addresses, image=st.none() | addresses)
episodes = dated(
    Episode,
    show=st.just("s"),
    number=st.none() | st.integers(1, 10_000),
    season=st.none() | st.integers(1, 99),
    kind=st.sampled_from(["full", "trailer", "bonus"]),
    explicit=st.booleans(),
    media=media,
    chapters=st.lists(marks, max_size=5).map(tuple),
    persons=st.lists(people, max_size=2, unique=True).map(tuple),
    transcripts=st.lists(transcripts, max_size=2, unique=True).map(tuple),
    carried=st.sets(st.sampled_from(CARRIED)).map(lambda chosen: tuple(sorted(chosen, key=CARRIED.index))),
    image=st.none() | addresses,
)
RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def composed(items: list[Any], path: str, show: Show | None = None) -> Feed:
    entries = [compose.entry(item, SITE, {}, {"s": SHOW}) for item in items]
    return compose.feed(path, entries, SITE, total=len(entries), id_="urn:uuid:0", show=show)


def read(document: bytes, base_url: str, show: str | None = None) -> list[Any]:
    parsed = feed.parse(Source(name="own", format="feed", data=document, base_url=base_url, show=show))
    assert parsed.findings == ()
    return list(parsed.items)


def essence(entry: Entry) -> dict[str, Any]:
    """What a reader of a feed has to know again."""
    item = entry.item
    return {
        "id": item.id,
        "title": item.title,
        "link": entry.url,
        "published": item.published,
        "tags": item.tags,
    }


def same(found: Any, *, unlike: tuple[str, ...] = ()) -> dict[str, Any]:
    names = ("id", "title", "link", "published", "tags")
    return {name: getattr(found, name) for name in names if name not in unlike}


@RELAXED
@given(st.lists(articles, min_size=1, max_size=4, unique_by=lambda item: item.id))
def test_articles_in_rss(items: list[Article]) -> None:
    group = composed(items, "all")
    found = read(rss.writer()(group), group.url)
    assert list(map(same, found)) == list(map(essence, group.entries))


@RELAXED
@given(st.lists(articles, min_size=1, max_size=4, unique_by=lambda item: item.id))
def test_articles_in_atom(items: list[Article]) -> None:
    group = composed(items, "all")
    found = read(atom.writer()(group), group.url)
    assert list(map(same, found)) == list(map(essence, group.entries))
    assert [item.updated for item in found] == [item.updated for item in items]


@RELAXED
@given(st.lists(articles, min_size=1, max_size=4, unique_by=lambda item: item.id))
def test_articles_in_json_feed(items: list[Article]) -> None:
    group = composed(items, "all")
    found = read(jsonfeed.writer()(group), group.url)
    assert list(map(same, found)) == list(map(essence, group.entries))
    assert [(item.updated, item.image) for item in found] == [(item.updated, item.image) for item in items]


def final(episode: Episode) -> Episode:
    """With its chapters as `compose` puts them into every form."""
    assert episode.media
    return replace(episode, chapters=compose.chapters(episode, episode.media.duration)[0])


@RELAXED
@given(st.lists(episodes.map(final), min_size=1, max_size=3, unique_by=lambda item: item.id))
def test_episodes_in_a_podcast_feed(items: list[Episode]) -> None:
    group = composed(items, "shows/s", SHOW)
    found = read(podcast.writer()(group), group.url, "s")
    assert [same(item, unlike=("tags",)) for item in found] == [
        {name: value for name, value in essence(entry).items() if name != "tags"} for entry in group.entries
    ]
    for item, entry in zip(found, group.entries, strict=True):
        assert isinstance(entry.item, Episode)
        for name in (
            "media",
            "chapters",
            "number",
            "season",
            "kind",
            "explicit",
            "persons",
            "transcripts",
            "carried",
            "image",
        ):
            assert getattr(item, name) == getattr(entry.item, name), name


@RELAXED
@given(st.lists(episodes.map(final), min_size=1, max_size=3, unique_by=lambda item: item.id))
def test_episodes_in_json_feed(items: list[Episode]) -> None:
    group = composed(items, "shows/s", SHOW)
    found = read(jsonfeed.writer()(group), group.url, "s")
    assert list(map(same, found)) == list(map(essence, group.entries))
    for item, entry in zip(found, group.entries, strict=True):
        assert isinstance(entry.item, Episode)
        for name in ("media", "chapters", "number", "season"):
            assert getattr(item, name) == getattr(entry.item, name), name
