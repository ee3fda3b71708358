"""Whatever a parser is given, it gives items or says why not; the items are fit for the rest of the line."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.parsers import documents

from feeds import chapters
from feeds.errors import FeedsError
from feeds.model import Article, Chapter, Episode, Parsed, Source
from feeds.parsers import feed, html, markdown, opml, table
from feeds.parsers.detect import detect

SEEDS = {
    format_: [documents.source(case).data for case in documents.cases(format_)]
    for format_ in documents.PARSERS
}
ANY_DATE = st.sampled_from([True, False, None])


def read_chapters(notes: str, duration: float | None) -> tuple[Chapter, ...]:
    return chapters.parse(notes, duration=duration).chapters


@st.composite
def near(draw: st.DrawFn, format_: str) -> bytes:
    """Bytes that are nearly a document of a format: one with pieces of others, or of nothing, put into it."""
    data = draw(st.sampled_from(SEEDS[format_]))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(
            st.binary(max_size=20)
            | st.text(max_size=10).map(lambda text: text.encode("utf-8", "surrogatepass"))
        )
        data = data[:start] + piece + draw(st.sampled_from([data[start:], data[end:], b""]))
    return data


def sources(format_: str) -> st.SearchStrategy[Source]:
    return st.builds(
        Source,
        name=st.sampled_from(["input", "2026-01-02-a.md", "a.csv", "a.yaml", "a.json", "_drafts/x/index.md"]),
        format=st.just(format_),
        data=near(format_) | near(format_) | st.binary(max_size=200),
        charset=st.sampled_from([None, None, "utf-8", "latin-1", "utf-16", "shift_jis", "none such"]),
        base_url=st.sampled_from([None, "https://a.example/b/"]),
        show=st.sampled_from([None, "a-show"]),
    )


def holds(parse: Callable[[], Parsed], source: Source) -> None:
    parsed, problem = Parsed(), None
    try:
        parsed = parse()
    except FeedsError as error:
        problem = error
    assert problem is None or (problem.place is not None and problem.place.source == source.name)
    for item in parsed.items:
        assert isinstance(item, Article | Episode)
        fit(item, source)
    for finding in parsed.findings:
        assert finding.place.source == source.name
        assert finding.message


def fit(item: Article | Episode, source: Source) -> None:
    assert item.title == item.title.strip() != ""
    assert "\n" not in item.title
    assert item.place is not None
    assert item.place.source == source.name
    assert all(tag.strip() == tag != "" for tag in item.tags)
    for when in (item.published, item.updated):
        assert when is None or when.tzinfo is UTC
    for url in addresses(item):
        assert urlsplit(url).scheme in ("http", "https")
        assert not set(url) & set(' <>"\n')
    assert "<script" not in (item.content or "").lower()
    if isinstance(item, Episode):
        assert item.show == (source.show or "")
        assert list(item.chapters) == sorted(item.chapters, key=lambda chapter: chapter.start)
    else:
        assert source.show is None


def addresses(value: Any) -> list[str]:
    """All that an item holds by the name of a link, an image or a URL."""
    found = []
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        if field.name in ("url", "link", "image") and inner is not None:
            found.append(inner)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if dataclasses.is_dataclass(part) and not isinstance(part, datetime):
                found.extend(addresses(part))
    return found


RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@RELAXED
@given(sources("feed"))
def test_feed(source: Source) -> None:
    options = feed.Options(read_chapters=read_chapters, load=lambda _: source.data)
    holds(lambda: feed.parse(source, options), source)


@RELAXED
@given(sources("html"), st.booleans())
def test_html(source: Source, is_selected: bool) -> None:
    select = {"item": ".post, .i, li", "notes": "p", "image": "img", "tags": "a", "date": "time"}
    options = html.Options(select=select if is_selected else {}, read_chapters=read_chapters)
    holds(lambda: html.parse(source, options), source)


@RELAXED
@given(sources("markdown"), ANY_DATE)
def test_markdown(source: Source, day_first: bool | None) -> None:
    options = markdown.Options(permalink="/{year}/{slug}/", day_first=day_first, read_chapters=read_chapters)
    holds(lambda: markdown.parse(source, options), source)


@RELAXED
@given(sources("table"), ANY_DATE, st.sampled_from([{}, {"title": "name"}, {"title": "a.b", "link": "0"}]))
def test_table(source: Source, day_first: bool | None, columns: dict[str, str]) -> None:
    options = table.Options(columns=columns, day_first=day_first, read_chapters=read_chapters)
    holds(lambda: table.parse(source, options), source)


@RELAXED
@given(st.sampled_from(sorted(SEEDS)).flatmap(sources))
def test_the_rest(source: Source) -> None:
    for read in (opml.subscriptions, detect):
        problem = None
        try:
            read(source)
        except FeedsError as error:
            problem = error
        assert problem is None or problem.place is not None
