"""`opml`: a list of subscriptions."""

import pytest

from feeds.errors import SourceError
from feeds.model import Link, Source
from feeds.parsers.opml import subscriptions

LIST = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="2.0">
<head><title>What we read</title></head>
<body>
<outline text="Folder">
  <outline text="Caf\xe9" title="Caf\xe9 &amp; more" type="rss" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
  <outline text="Inner"><outline text="B" type="rss" xmlurl="feed://b.example/feed"/></outline>
</outline>
<outline type="rss" xmlUrl="https://c.example/feed"/>
<outline text="Again" type="rss" xmlUrl="https://a.example/feed"/>
<outline text="Not this" type="rss" xmlUrl="javascript:alert(1)"/>
<outline text="A page" type="link" url="https://d.example/"/>
</body></opml>"""


def read(text: str, encoding: str = "utf-8") -> tuple[Link, ...]:
    return subscriptions(Source(name="list.opml", format="opml", data=text.encode(encoding)))


def test_feeds_are_listed_in_their_order_and_each_once() -> None:
    assert read(LIST, "latin-1") == (
        Link(title="Café & more", url="https://a.example/feed"),
        Link(title="B", url="http://b.example/feed"),
        Link(title="https://c.example/feed", url="https://c.example/feed"),
    )


def test_a_list_that_is_cut_off_gives_what_is_there() -> None:
    assert [link.title for link in read(LIST[: LIST.index('type="rss" xmlUrl="https://c')], "latin-1")] == [
        "Café & more",
        "B",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("<rss/>", "not OPML: it begins with '<rss/>'"),
        ("<opml><body/></opml>", "no outline in it has an `xmlUrl`"),
        ("<opml " + "<outline>" * 100_000, "no outline in it has an `xmlUrl`"),
    ],
)
def test_what_lists_no_feeds_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(text)


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE opml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'
    text = f'{bomb}<opml><body><outline text="x&b;" xmlUrl="https://a.example/"/></body></opml>'
    assert "lol" not in read(text)[0].title
