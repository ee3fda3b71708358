"""What the configuration says of how to read a source, and what is said of every format alike."""

from datetime import UTC, datetime

import pytest

from feeds.errors import SourceError
from feeds.model import Source
from feeds.parsers import Settings, parse

AMBIGUOUS = {
    "listing": "One\n02/01/2026\nTwo\n03/01/2026\n",
    "shownotes": "1: One\n02/01/2026\nWe talk.\n",
    "html": '<p class="i"><a href="https://a.example/">One</a> <time>02/01/2026</time></p>',
    "feed": "<rss><channel><item><title>One</title><pubDate>02/01/2026</pubDate></item></channel></rss>",
    "markdown": "---\ntitle: One\ndate: 02/01/2026\n---\nText",
    "table": "title,date\nOne,02/01/2026\n",
}
JANUARY = datetime(2026, 1, 2, 12, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 1, 12, tzinfo=UTC)


def source(format_: str) -> Source:
    return Source(
        name="input", format=format_, data=AMBIGUOUS[format_].encode(), base_url="https://a.example/"
    )


@pytest.mark.parametrize("format_", AMBIGUOUS)
@pytest.mark.parametrize(("day_first", "when"), [(True, JANUARY), (False, FEBRUARY)])
def test_the_configuration_says_whether_a_date_is_in_january(
    format_: str, day_first: bool, when: datetime
) -> None:
    settings = Settings(fields={"item": ".i"} if format_ == "html" else {}, day_first=day_first)
    parsed = parse(source(format_), settings)
    assert parsed.items[0].published == when
    assert [finding.rule for finding in parsed.findings if "date" in finding.rule] == []


def test_a_draft_is_no_source_without_items() -> None:
    data = b"---\ntitle: One\ndraft: true\n---\nText"
    parsed = parse(Source(name="posts/one.md", format="markdown", data=data))
    assert [finding.rule for finding in parsed.findings] == ["draft"]


def test_a_source_that_gives_nothing_is_reported() -> None:
    parsed = parse(Source(name="a.csv", format="table", data=b"title,link\n"))
    assert [finding.rule for finding in parsed.findings] == ["no-items"]


def test_a_source_that_gives_nothing_is_reported_with_the_format_that_was_found() -> None:
    _, finding = parse(Source(name="a.csv", format="auto", data=b"title,link\n")).findings
    assert finding.message.startswith("no item could be read as table")


@pytest.mark.parametrize(("others", "level"), [("", "warning"), ("<item><title>Two</title></item>", "info")])
def test_episodes_without_a_show_are_reported(others: str, level: str) -> None:
    enclosure = '<enclosure url="https://a.example/1.mp3" type="audio/mpeg"/>'
    data = f"<rss><channel><item><title>One</title>{enclosure}</item>{others}</channel></rss>".encode()
    (finding,) = parse(Source(name="feed.xml", format="feed", data=data)).findings
    assert (finding.level, finding.rule) == (level, "no-show")


def test_a_list_of_subscriptions_among_other_sources_is_refused_with_what_to_say() -> None:
    data = b'<opml version="2.0"><body/></opml>'
    with pytest.raises(SourceError, match='say `format = "opml"`'):
        parse(Source(name="a.opml", format="auto", data=data))
