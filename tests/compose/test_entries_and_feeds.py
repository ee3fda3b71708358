"""What an entry and a feed say, whatever the format."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds import compose
from feeds.model import Article, Entry, Episode, Feed, Link, Person, Show, Site, Topic, Transcript

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SITE = Site(title="Site", base_url="https://example.org/", author="The editors", language="pt-BR")
SHOW = Show(
    slug="radio",
    title="Radio",
    author="The makers",
    categories=(("Technology", None),),
    image="https://example.org/shows/radio/cover.png",
    hosts=(Person(name="Ann"), Person(name="Bob", role="co-host")),
    explicit=True,
    language="fr",
)


def article(**fields: Any) -> Entry:
    known = {"title": "Title", "id": "urn:1", "slug": "title", "tags": ("a-topic",), "updated": NOON}
    return compose.entry(Article(**{**known, **fields}), SITE, {}, {})


def episode(**fields: Any) -> Entry:
    known = {
        "title": "Title",
        "show": "radio",
        "id": "urn:2",
        "slug": "title",
        "tags": ("a-topic",),
        "updated": NOON,
    }
    return compose.entry(Episode(**{**known, **fields}), SITE, {}, {"radio": SHOW})


def feed(*entries: Entry, path: str = "topics/a-topic", show: Show | None = None) -> Feed:
    return compose.feed(path, entries, SITE, total=9, id_="urn:feed", show=show)


def test_an_article_with_a_link_is_found_there_and_has_no_page_here() -> None:
    made = article(link="https://example.net/a")
    assert (made.url, made.path) == ("https://example.net/a", None)


def test_an_article_without_a_link_has_a_page_here() -> None:
    made = article()
    assert (made.url, made.path) == ("https://example.org/articles/title/", "articles/title")


def test_an_episode_always_has_a_page_here() -> None:
    made = episode(link="https://example.net/a")
    assert (made.url, made.path) == ("https://example.org/shows/radio/title/", "shows/radio/title")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("https://example.org/a%20b?x=[1]#c", "https://example.org/a%20b?x=[1]#c"),
        ("https://example.org/größe", "https://example.org/gr%C3%B6%C3%9Fe"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://例え.jp/?q=日本", "https://xn--r8jz45g.jp/?q=%E6%97%A5%E6%9C%AC"),
        ("https://example.org/100%ü", "https://example.org/100%25%C3%BC"),
        ("https://-ü-.example/ü", "https://-%C3%BC-.example/%C3%BC"),
    ],
)
def test_every_address_is_written_in_ascii(given: str, written: str) -> None:
    assert article(link=given).url == written
    person = Person(name="Eve", role="host", url=given, image=given)
    item = episode(
        image=given,
        links=(Link(title="L", url=given),),
        persons=(person,),
        transcripts=(Transcript(url=given, type="text/vtt"),),
    ).item
    assert isinstance(item, Episode)
    assert item.image == item.links[0].url == item.transcripts[0].url == written
    assert item.persons == (replace(person, url=written, image=written),)


def test_an_address_in_prose_is_shown_as_it_was_written() -> None:
    made = article(summary="See https://example.org/größe.")
    assert made.description == (
        '<p>See <a href="https://example.org/gr%C3%B6%C3%9Fe">https://example.org/größe</a>.</p>'
    )


def test_a_bracket_around_an_address_is_not_part_of_it() -> None:
    made = article(summary="Threads (https://threads.net/@a_(b)), too")
    assert '(<a href="https://threads.net/@a_(b)">https://threads.net/@a_(b)</a>), too' in made.description


def test_a_link_without_a_title_shows_its_address() -> None:
    made = episode(links=(Link(title="", url="https://example.org/"),))
    assert '<li><a href="https://example.org/">https://example.org/</a></li>' in made.description


def test_the_publisher_is_the_author_of_an_article_that_names_none() -> None:
    assert article(publisher="Acme").item.authors == (Person(name="Acme"),)
    assert article(publisher="Acme", authors=(Person(name="Eve"),)).item.authors == (Person(name="Eve"),)
    assert article().item.authors == ()


def test_publisher_and_reading_time_end_the_text_of_an_article() -> None:
    assert (
        article(summary="S", publisher="A & B", minutes=5).content
        == "<p>S</p>\n<p>A &amp; B · 5 min read</p>"
    )
    assert article(content="<h2>S</h2>", minutes=5).content == "<h2>S</h2>\n<p>5 min read</p>"
    assert article(summary="S").content == "<p>S</p>"


def test_the_description_of_an_article_has_at_most_4000_bytes() -> None:
    made = article(summary="größer " * 2000)
    assert len(made.description.encode()) <= 4000 < len(made.content.encode())


def test_what_an_episode_does_not_say_is_as_in_its_show() -> None:
    item = episode().item
    assert isinstance(item, Episode)
    assert (item.authors, item.explicit, item.image) == ((Person(name="The makers"),), True, SHOW.image)
    item = episode(authors=(Person(name="Eve"),), explicit=False, image="https://example.org/e.png").item
    assert isinstance(item, Episode)
    assert (item.authors[0].name, item.explicit, item.image) == ("Eve", False, "https://example.org/e.png")


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ((), ()),
        ((Person(name="Eve", role="guest"),), ("Ann", "Bob", "Eve")),
        ((Person(name="Cleo", role="guest host"), Person(name="Eve", role="guest")), ("Cleo", "Eve")),
        ((Person(name="Cleo"), Person(name="Eve", role="guest")), ("Cleo", "Eve")),
    ],
)
def test_guests_do_not_push_out_the_hosts_of_the_show(
    named: tuple[Person, ...], shown: tuple[str, ...]
) -> None:
    item = episode(persons=named).item
    assert isinstance(item, Episode)
    assert tuple(person.name for person in item.persons) == shown


def test_a_topic_has_its_configured_title_or_one_made_of_its_tag() -> None:
    topics = {
        "ml": Topic(slug="ml", title="Machine Learning", description="D"),
        "a-b": Topic(slug="a-b", title=""),
    }
    assert compose.topic("ml", topics) == topics["ml"]
    assert compose.topic("a-b", topics).title == "A B"
    assert compose.topic("some-tag", topics) == Topic(slug="some-tag", title="Some Tag")


def test_the_feed_of_a_topic_names_topic_and_site() -> None:
    made = feed(article())
    assert (made.kind, made.title) == ("topic", "A Topic – Site")
    assert made.description == "Articles about A Topic. Collected by Site."
    assert (made.language, made.author, made.formats) == ("pt-BR", "The editors", ("rss", "atom", "json"))


def test_a_feed_says_what_kind_of_items_it_has() -> None:
    assert feed(episode()).description == "Episodes about A Topic. Collected by Site."
    assert feed(article(), episode()).description == "Articles and episodes about A Topic. Collected by Site."


def test_the_feed_of_a_publisher_and_that_of_everything_have_their_own_titles() -> None:
    made = feed(article(publisher="Acme"), path="publishers/acme")
    assert (made.kind, made.title) == ("publisher", "Articles by Acme – Site")
    made = feed(article(), path="all")
    assert (made.kind, made.title, made.description) == (
        "all",
        "Everything – Site",
        "Articles on every topic.",
    )


def test_the_feed_of_a_show_is_the_shows_own() -> None:
    made = feed(episode(), path="shows/radio", show=SHOW)
    assert (made.kind, made.title, made.description) == ("show", "Radio", "Episodes of Radio.")
    assert (made.language, made.author, made.formats) == ("fr", "The makers", ("podcast", "json"))
    assert made.image == SHOW.image


def test_a_feed_changed_when_its_newest_item_did() -> None:
    later = NOON + timedelta(hours=1)
    assert feed(article(), article(updated=later), article()).updated == later


def test_a_feed_keeps_the_order_and_count_it_is_given() -> None:
    made = feed(article(title="B"), article(title="A"))
    assert [entry.item.title for entry in made.entries] == ["B", "A"]
    assert (made.total, made.id, made.url) == (9, "urn:feed", "https://example.org/topics/a-topic/")
