"""How fast each parser reads a document of its kind: items and megabytes a second."""

import json
import random
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import NamedTuple

from bench._measure import WORDS, table
from feeds.model import Source
from feeds.parsers import Settings, parse

ITEMS = 2_000
TIMES = 3


class Document(NamedTuple):
    """What is read, in one piece or in several."""

    kind: str
    sources: list[Source]
    settings: Settings


def main(items: int = ITEMS) -> None:
    """Print a table of one row for each kind of document."""
    rows = []
    for document in documents(items):
        seconds = median(_seconds(document, items) for _ in range(TIMES))
        size = sum(len(source.data) for source in document.sources)
        rows.append(
            (
                document.kind,
                f"{items:,}",
                f"{size / 1e6:.1f} MB",
                f"{items / seconds:,.0f}",
                f"{size / 1e6 / seconds:.1f}",
            )
        )
    table(("document", "items", "size", "items/s", "MB/s"), rows)


def documents(items: int) -> Iterator[Document]:
    """Make a document of each kind, with the same items."""
    chance = random.Random(1)
    posts = [_post(chance, number) for number in range(items)]

    def whole(
        kind: str, format_: str, text: str, settings: Settings | None = None, show: str | None = None
    ) -> Document:
        source = Source(
            name=kind, format=format_, data=text.encode(), base_url="https://a.example/", show=show
        )
        return Document(kind, [source], settings or Settings())

    yield whole("listing", "listing", "".join(map(_card, posts)))
    yield whole("show notes", "shownotes", "About.\n" + "".join(map(_notes, posts)), show="s")
    yield whole("RSS", "feed", _rss(posts, _item))
    yield whole("podcast, chapters inline", "feed", _rss(posts, _episode), show="s")
    yield whole("podcast, chapters in the notes", "feed", _rss(posts, _episode_with_notes), show="s")
    yield whole("Atom", "feed", _atom(posts))
    yield whole(
        "JSON Feed",
        "feed",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": list(map(_entry, posts))}),
    )
    selectors = {"item": ".post", "summary": ".summary", "tags": ".tag"}
    yield whole("page, by selectors", "html", "".join(map(_block, posts)), Settings(fields=selectors))
    yield whole("CSV", "table", "title,link,date,summary,tags\n" + "".join(map(_row, posts)))
    yield whole("JSON", "table", json.dumps(posts))
    yield whole("YAML", "table", "".join(f"- {json.dumps(post)}\n" for post in posts))
    files = [
        Source(name=f"{number}.md", format="markdown", data=_file(post).encode())
        for number, post in enumerate(posts)
    ]
    yield Document("Markdown, a file each", files, Settings())


def _seconds(document: Document, items: int) -> float:
    start = perf_counter()
    count = sum(len(parse(source, document.settings).items) for source in document.sources)
    seconds = perf_counter() - start
    assert count == items, f"{document.kind}: {count} of {items} items"
    return seconds


def _post(chance: random.Random, number: int) -> dict[str, str]:
    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count))

    return {
        "title": f"{words(5).capitalize()} {number}",
        "link": f"https://blog.example/{number}",
        "date": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T03:04:05Z",
        "summary": f"{words(15).capitalize()}.",
        "tags": ", ".join(sorted(set(chance.choices(WORDS, k=2)))),
        "content": "".join(
            f"<p>{words(60)} <a href='/{word}'>{word}</a>.</p>" for word in chance.choices(WORDS, k=5)
        ),
    }


def _card(post: dict[str, str]) -> str:
    return f"Acme\n{post['title']}\n\n{post['summary']}\n\n{post['tags'].replace(',', '')}\n5 min\n"


def _notes(post: dict[str, str]) -> str:
    number = post["link"].rpartition("/")[2]
    lists = f"Links One: {post['link']} Timestamps Intro 0:06 Middle 1:40 End 31:07"
    return f"{number}: {post['title']}\n{post['summary']} {lists}\n"


def _rss(posts: list[dict[str, str]], render: Callable[[dict[str, str]], str]) -> str:
    namespaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:psc="http://podlove.org/simple-chapters" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    items = "\n".join(f"<item>{render(post)}</item>" for post in posts)
    return f'<rss version="2.0" {namespaces}><channel><title>B</title>{items}</channel></rss>'


def _item(post: dict[str, str]) -> str:
    tags = "".join(f"<category>{tag}</category>" for tag in post["tags"].split(", "))
    return (
        f"<title>{post['title']}</title><link>{post['link']}</link><guid>{post['link']}</guid>"
        f"<pubDate>Fri, 02 Jan 2026 03:04:05 GMT</pubDate><description>{post['summary']}</description>{tags}"
        f"<content:encoded><![CDATA[{post['content']}]]></content:encoded>"
    )


def _audio(post: dict[str, str]) -> str:
    enclosure = f'<enclosure url="{post["link"]}.mp3" length="4800000" type="audio/mpeg"/>'
    return f"{enclosure}<itunes:duration>3600</itunes:duration>"


def _episode(post: dict[str, str]) -> str:
    minutes = range(0, 50, 5)
    marks = "".join(f'<psc:chapter start="00:{minute:02}:00" title="Part {minute}"/>' for minute in minutes)
    return f"{_item(post)}{_audio(post)}<psc:chapters>{marks}</psc:chapters>"


def _episode_with_notes(post: dict[str, str]) -> str:
    marks = "".join(f"<li>{minute:02}:00 Part {minute}</li>" for minute in range(0, 50, 5))
    return f"{_item({**post, 'content': f'<p>About it.</p><ul>{marks}</ul>'})}{_audio(post)}"


def _atom(posts: list[dict[str, str]]) -> str:
    entries = "".join(
        f"<entry><title>{post['title']}</title><id>{post['link']}</id><link href='{post['link']}'/>"
        f"<updated>{post['date']}</updated><summary>{post['summary']}</summary>"
        f"<content type='html'><![CDATA[{post['content']}]]></content></entry>\n"
        for post in posts
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>B</title>{entries}</feed>"


def _entry(post: dict[str, str]) -> dict[str, object]:
    return {
        "id": post["link"],
        "url": post["link"],
        "title": post["title"],
        "summary": post["summary"],
        "content_html": post["content"],
        "date_published": post["date"],
        "tags": post["tags"].split(", "),
    }


def _block(post: dict[str, str]) -> str:
    tags = " ".join(f"<a class='tag' href='/t'>{tag}</a>" for tag in post["tags"].split(", "))
    return (
        f"<article class='post'><h2><a href='{post['link']}'>{post['title']}</a></h2>"
        f"<time datetime='{post['date']}'>then</time><p class='summary'>{post['summary']}</p>"
        f"{tags}</article>\n"
    )


def _row(post: dict[str, str]) -> str:
    return f'{post["title"]},{post["link"]},{post["date"]},{post["summary"]},"{post["tags"]}"\n'


def _file(post: dict[str, str]) -> str:
    head = f"title: {post['title']}\ndate: {post['date']}\ntags: [{post['tags']}]\nlink: {post['link']}"
    body = post["content"].replace("</p>", "</p>\n\n")
    return f"---\n{head}\n---\n{post['summary']}\n\n{body}"
