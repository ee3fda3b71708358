"""A small site made by hand: two shows, some topics, a publisher, and enough articles for a second page."""

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw

from feeds.model import (
    Article,
    Chapter,
    Document,
    Entry,
    Episode,
    Feed,
    Link,
    Media,
    Person,
    Related,
    Show,
    Site,
    Topic,
    Transcript,
)
from feeds.outputs.pages import Pages

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

SITE = Site(
    title="Field Notes",
    base_url="https://notes.example.org/reader/",
    author="The editors",
    description="What engineers write and say about building things that last, sorted so that you can follow "
    "just the part you care about.",
)

TOPICS = {
    slug: Topic(slug=slug, title=title, description=description)
    for slug, title, description in (
        ("caching", "Caching", "Keeping answers close, and knowing when they have gone stale."),
        ("security", "Security", "Keys, trust, and what happens when either is lost."),
        ("storage", "Storage Systems", "Where bytes live and how they survive."),
        ("search", "Search", "Finding the one thing among many."),
        ("observability", "Observability", "Seeing what a system does while it does it."),
        ("queues", "Queues & Streams", "Work that waits its turn <in order>."),
        ("databases", "Databases", ""),
        ("frontend", "Frontend", "What reaches people."),
    )
}

_TITLES = (
    ("A cache that knows when to forget", "Expiry by time is a guess.", "caching storage"),
    ("Rotating ten thousand keys over lunch", "How a yearly chore became a button.", "security"),
    ("Cold data, warm hearts: tiers for a small shop", "Three disks and a rule.", "storage databases"),
    ("Why our search box got slower as it got smarter", "Ranking costs, measured.", "search caching"),
    ("One trace, forty services", "What we kept and what we sampled away.", "observability"),
    ("Backpressure, explained with a bakery", "Orders, ovens, and a queue out of the door.", "queues"),
    ("Migrating a live table without anyone noticing", "Shadow writes & patience.", "databases storage"),
    ("The 40 kB page", "A budget, and the arguments it settled.", "frontend caching"),
    ("Threat models for people in a hurry", "Four questions on one sheet of paper.", "security frontend"),
    ("Full-text search in a single file", "When a server is one dependency too many.", "search databases"),
    ("Alerts that wake nobody", "A month of deleting rules.", "observability queues"),
    ("Exactly once, more or less", "Idempotency is cheaper than certainty.", "queues databases"),
)  # fmt: skip

_PUBLISHERS = ("Northwind Labs", "Harbour & Sons", "Tessellate")


def _article(number: int) -> Entry:
    title, summary, tags = _TITLES[number % len(_TITLES)]
    part = number // len(_TITLES)
    link = f"https://blog{number % 3}.example.net/posts/{number}"
    return Entry(
        item=Article(
            title=f"{title}, part {part + 1}" if part else title,
            link=link,
            id=f"urn:uuid:00000000-0000-4000-8000-{number:012}",
            published=START - timedelta(hours=31 * number),
            updated=START - timedelta(hours=31 * number),
            tags=tuple(tags.split()),
            summary=summary,
            publisher=_PUBLISHERS[number % 3],
            minutes=3 + number * 7 % 11,
        ),
        url=link,
        topics=tuple(TOPICS[tag] for tag in tags.split()),
    )


OWN_ARTICLE = Entry(
    item=Article(
        title="House rules for <adding> a feed",
        id="urn:uuid:00000000-0000-4000-8000-100000000000",
        published=START - timedelta(hours=5),
        updated=START - timedelta(hours=4),
        authors=(Person(name="Ana Lima"),),
        summary="How we choose what is listed here.",
        content='<h1>What we list</h1><p onclick="alert(1)">Anything that '
        '<a href="javascript:alert(1)">taught</a> us <a href="https://notes.example.org/reader/topics/caching/">something</a>.</p>'
        "<script>alert(1)</script><h3>What we do not</h3>"
        "<ul><li>Press releases</li><li>Lists of lists</li></ul>"
        '<p style="position:fixed">A picture: '
        '<img src="https://elsewhere.example.net/chart.png" alt="The chart">'
        '<img src="https://notes.example.org/reader/favicon.svg" width="32" height="32"></p>'
        "<pre><code>feeds build</code></pre><blockquote><p>Less, but listed.</p></blockquote>",
        publisher="Field Notes",
        minutes=2,
        tags=("frontend",),
    ),
    url=f"{SITE.base_url}articles/house-rules/",
    path="articles/house-rules",
    topics=(TOPICS["frontend"],),
)

ARTICLES = (OWN_ARTICLE, *(_article(number) for number in range(70)))

SHOW = Show(
    slug="back-room",
    title="The Back Room",
    author="Field Notes",
    categories=(("Technology", None),),
    description="Two people who run things talk to a third who built them. "
    "Every other Thursday, about half an hour.",
    hosts=(Person(name="Ana Lima", url="https://people.example.net/ana"), Person(name="Jonas Brandt")),
    related=(
        Related(title="Slow Deploys", description="Long conversations about short outages."),
        Related(title="Bits & Boroughs", description="The computers that run a city."),
    ),
)

_PAPER = "https://paper.example.net/7"
_CHAPTERS = (
    (0, "Welcome"),
    (20, "What a cache promises"),
    (62, "The outage that started it"),
    (110.5, "Asking the writer instead of the clock"),
    (171, "What it costs"),
    (228, "Where it does not fit & why"),
    (281, "One thing to try on Monday"),
)


def _episode(number: int, title: str, summary: str, *, chapters: bool = True, media: bool = True) -> Entry:
    path = f"shows/back-room/{number}-{title.split(' ', 1)[0].lower()}"
    media_url = f"{SITE.base_url}media/back-room/{number}"
    return Entry(
        item=Episode(
            title=title,
            show="back-room",
            number=number,
            id=f"urn:uuid:00000000-0000-4000-8000-2{number:011}",
            published=START - timedelta(days=14 * (20 - number)),
            updated=START - timedelta(days=14 * (20 - number)),
            summary=summary,
            tags=("caching",),
            media=Media(
                url=f"{media_url}.wav",
                type="audio/wav",
                size=2_400_044,
                duration=300.0,
                placeholder=number == 18,
            )
            if media
            else None,
            chapters=tuple(
                Chapter(
                    start=float(start),
                    title=name,
                    link="https://paper.example.net/7" if start == 62 else None,
                )
                for start, name in _CHAPTERS
            )
            if chapters
            else (),
            links=(
                Link(title="The paper on writer-driven expiry", url=f"{_PAPER}?a=1&b=2"),
                Link(title="Slides", url="https://slides.example.net/cache"),
            ),
            persons=(Person(name="Mira Okafor", role="guest", url="https://people.example.net/mira"),),
            transcripts=(
                Transcript(
                    url=f"{SITE.base_url}media/back-room/{number}.vtt", type="text/vtt", language="en"
                ),
            ),
        ),
        url=f"{SITE.base_url}{path}/",
        path=path,
        topics=(TOPICS["caching"],),
    )


EPISODES = (
    _episode(
        20,
        "Forgetting on purpose",
        "Caches are easy to fill and hard to empty. Mira Okafor tells Ana and Jonas about the night a menu "
        "from last winter was served to half a country, and the small protocol that came of it.\n"
        "Write to us at https://notes.example.org/reader/ if you have done it better.",
    ),
    _episode(19, "Keys under the mat", "Where secrets really live in a company of nine."),
    _episode(18, "Queues all the way down", "Why waiting in line is a feature.", chapters=False),
    _episode(17, "An episode without audio", "It was never recorded.", media=False),
)

SECOND_SHOW = Show(
    slug="short-waves",
    title="Short Waves",
    author="Jonas Brandt",
    categories=(("Technology", None),),
    description="",
)


def _feed(path: str, name: str, entries: Sequence[Entry], **more: object) -> Feed:
    values: dict[str, object] = {
        "id": f"urn:uuid:{path}",
        "path": path,
        "site": SITE,
        "title": f"{name} – {SITE.title}",
        "description": f"What there is about {name}. Collected by {SITE.title}.",
        "language": "en",
        "author": SITE.author,
        "updated": START,
        "entries": tuple(entries),
        "formats": ("rss", "atom", "json"),
        "total": len(entries),
    }
    return Feed(**(values | more))  # type: ignore[arg-type]  # names are checked by the class


def feeds() -> tuple[Feed, ...]:
    """All feeds of the site."""
    topics = [
        _feed(
            f"topics/{slug}",
            topic.title,
            [entry for entry in (*EPISODES, *ARTICLES) if topic in entry.topics],
            kind="topic",
            topic=topic,
            description=topic.description,
        )
        for slug, topic in TOPICS.items()
    ]
    publishers = [
        _feed(
            f"publishers/{name.split()[0].lower()}",
            name,
            [entry for entry in ARTICLES if isinstance(entry.item, Article) and entry.item.publisher == name],
            kind="publisher",
        )
        for name in _PUBLISHERS
    ]
    shows = [
        _feed(
            "shows/back-room",
            "",
            EPISODES,
            kind="show",
            show=SHOW,
            title=SHOW.title,
            description=SHOW.description,
            author=SHOW.author,
            formats=("podcast", "json"),
            image=f"{SITE.base_url}shows/back-room/cover.png",
        ),
        _feed(
            "shows/short-waves",
            "",
            (),
            kind="show",
            show=SECOND_SHOW,
            title=SECOND_SHOW.title,
            description=SECOND_SHOW.description,
            author=SECOND_SHOW.author,
            formats=("podcast", "json"),
        ),
    ]
    return (_feed("all", "Everything", ARTICLES, kind="all"), *shows, *topics, *publishers)


def documents(pages: Pages | None = None) -> Iterator[Document]:
    """Every page of the site, and what they use."""
    pages = pages or Pages(SITE)
    groups = feeds()
    yield pages.index(groups)
    for feed in groups:
        yield from pages.feed(feed)
    show = groups[1]
    for number, entry in enumerate(EPISODES):
        newer = EPISODES[number - 1] if number else None
        older = EPISODES[number + 1] if number + 1 < len(EPISODES) else None
        yield from pages.entry(entry, show, older, newer)
    yield from pages.entry(OWN_ARTICLE, groups[0], None, None)
    yield from pages.assets()


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where the sample site lies, and what is in it."""

    root: Path
    paths: tuple[str, ...]


def write(root: Path) -> Written:
    """Write the sample site, with sound, a cover and stand-ins for what others write."""
    paths = []
    for document in documents():
        assert isinstance(document.body, bytes)
        _put(root / document.path, document.body)
        paths.append(document.path)
    for feed in feeds():
        for name in ("podcast.xml",) if feed.kind == "show" else ("rss.xml", "atom.xml"):
            _put(root / feed.path / name, _xml(feed, name))
        _put(root / feed.path / "feed.json", b'{"version": "https://jsonfeed.org/version/1.1"}')
    _put(root / "feeds.opml", b'<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0"><body/></opml>\n')
    for entry in EPISODES:
        if entry.item.chapters:  # type: ignore[union-attr]  # these are episodes
            _put(root / str(entry.path) / "chapters.vtt", _vtt())
            _put(root / str(entry.path) / "chapters.json", b'{"version": "1.2.0", "chapters": []}')
        _put(root / f"media/back-room/{entry.item.number}.vtt", b"WEBVTT\n")  # type: ignore[union-attr]
        _sound(root / f"media/back-room/{entry.item.number}.wav")  # type: ignore[union-attr]
    _cover(root / "shows/back-room/cover.png")
    return Written(root=root, paths=tuple(paths))


def _put(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _xml(feed: Feed, name: str) -> bytes:
    items = "".join(f"<item><guid>{entry.item.id}</guid></item>" for entry in feed.entries)
    channel = f"<!-- {name} --><channel>{items}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss>{channel}</rss>\n'.encode()


def _vtt() -> bytes:
    ends = [start for start, _ in _CHAPTERS[1:]] + [300]
    cues = [
        f"00:{start // 60:02.0f}:{start % 60:06.3f} --> 00:{end // 60:02.0f}:{end % 60:06.3f}\n{title}\n"
        for (start, title), end in zip(_CHAPTERS, ends, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def _sound(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * 300)


def _cover(path: Path) -> None:
    image = Image.new("RGB", (600, 600), "#17324d")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 540, 540), outline="#f2b134", width=14)
    draw.ellipse((190, 190, 410, 410), fill="#f2b134")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
