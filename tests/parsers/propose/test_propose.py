"""`propose`: the selectors that a person would write, for pages as blogs and shows have them."""

import time

import pytest

from feeds.errors import SourceError
from feeds.model import Article, Episode, Link, Source
from feeds.propose import Proposal, propose

NAV = "".join(f'<li><a href="/nav/{n}">Part number {n}</a></li>' for n in range(9))
RECENT = "".join(f'<li><a href="/post/{n}">Recent: number {n}</a></li>' for n in range(6))


def page(main: str, head: str = "") -> Proposal:
    """Propose for a page that has a menu and a list of recent posts beside its main part."""
    text = (
        f"<!doctype html><html><head><title>Blog</title>{head}</head><body><nav><ul>{NAV}</ul></nav>"
        f"<main>{main}</main><aside><ul>{RECENT}</ul></aside><footer><a href='/about'>About</a></footer>"
        "</body></html>"
    )
    return propose(
        Source(name="blog.html", format="auto", data=text.encode(), base_url="https://blog.example/")
    )


def posts(count: int = 5) -> str:
    return "".join(
        f"""<article class="post post-{n} category-{n % 2}"><img src="/i/{n}.png" alt="">
        <h2 class="entry-title"><a href="/post/{n}">Title of number {n}</a></h2>
        <div class="meta"><time datetime="2026-01-0{n % 9 + 1}">that day</time>
        by <a rel="author" href="/ann">Ann Lee</a>
        <span class="reading">{n + 3} min read</span></div>
        <div class="excerpt"><p>Some words that say what number {n} is all about, and at length.</p></div>
        <p class="tags"><a href="/t/a">alpha</a> <a href="/t/b">beta</a></p>
        <a href="/post/{n}">Read more</a></article>"""
        for n in range(count)
    )


def test_a_blog_gets_a_selector_for_all_that_its_posts_show() -> None:
    assert page(posts()).select == {
        "item": ".post",
        "title": "h2",
        "link": ".entry-title a",
        "date": "time",
        "summary": ".excerpt",
        "tags": ".tags a",
        "authors": "[rel=author]",
        "minutes": ".reading",
        "image": "img",
    }


def test_what_is_proposed_gives_the_items() -> None:
    proposal = page(posts())
    assert "'.post' repeats in it, 5 times" in proposal.reason
    item = proposal.items[2]
    assert isinstance(item, Article)
    assert (item.title, item.link, item.tags, item.minutes) == (
        "Title of number 2",
        "https://blog.example/post/2",
        ("alpha", "beta"),
        5,
    )
    assert item.published is not None
    assert item.published.date().isoformat() == "2026-01-03"
    assert [author.name for author in item.authors] == ["Ann Lee"]


def test_a_featured_post_of_its_own_is_found_by_the_same_selector() -> None:
    featured = posts(6).replace('<article class="post', '<div class="hero"><article class="post', 1)
    assert len(page(featured.replace("</article>", "</article></div>", 1)).items) == 6


def test_cards_that_are_links_get_their_titles_from_what_is_called_so() -> None:
    cards = "".join(
        f"""<a class="Card_root__x1 md:flex" href="/story/{n}">
        <div class="Card_title__y2">Headline {n}</div>
        <div class="Card_date__z3">Jan {n + 1}, 2026</div>
        <p>Words about the story that fill a line or so.</p></a>"""
        for n in range(8)
    )
    proposal = page(f'<div class="grid">{cards}</div>')
    assert proposal.select["item"] == ".Card_root__x1"
    assert [item.title for item in proposal.items] == [f"Headline {n}" for n in range(8)]
    assert all(item.published and item.link for item in proposal.items)


def test_episodes_get_their_audio_and_notes() -> None:
    episodes = "".join(
        f"""<section><h3>{n}: Title of {n}</h3><audio controls><source src="/media/{n}.mp3"></audio>
        <div class="show-notes"><p>Notes of {n}.</p></div>
        <a href="/episode/{n}">Permalink</a></section>"""
        for n in range(4)
    )
    item = page(episodes).items[1]
    assert isinstance(item, Episode)
    assert item.media is not None
    assert (item.media.url, item.content, item.link) == (
        "https://blog.example/media/1.mp3",
        "<p>Notes of 1.</p>",
        "https://blog.example/episode/1",
    )


def repeated(before: str, item: str, after: str) -> str:
    return before + "".join(item.format(n) for n in range(1, 8)) + after


@pytest.mark.parametrize(
    ("main", "selector"),
    [
        (
            repeated(
                "<table>", "<tr><td>2026-01-0{0}</td><td><a href='/{0}'>Row {0}</a></td></tr>", "</table>"
            ),
            "table > tr",
        ),
        (repeated("<ul>", "<li><a href='/{0}'>A link to number {0}</a></li>", "</ul>"), "main > ul > li"),
        (
            repeated("<div id='posts'>", "<div><h4><a href='/{0}'>Title {0}</a></h4></div>", "</div>"),
            "#posts > div",
        ),
    ],
)
def test_items_without_a_class_are_found_by_where_they_are(main: str, selector: str) -> None:
    assert page(main).select["item"] == selector


def test_feeds_that_the_page_names_are_told() -> None:
    head = '<link rel="alternate" type="application/rss+xml" title="All" href="/feed.xml">'
    assert page(posts(), head).feeds == (Link(title="All", url="https://blog.example/feed.xml"),)


def test_a_page_that_lists_its_items_for_machines_needs_no_selectors() -> None:
    item = '{{"@type": "BlogPosting", "headline": "Post {0}", "url": "/post/{0}"}}'
    listed = ", ".join(item.format(n) for n in range(3))
    proposal = page(posts(), f'<script type="application/ld+json">[{listed}]</script>')
    assert proposal.select == {}
    assert [item.title for item in proposal.items] == ["Post 0", "Post 1", "Post 2"]
    assert "JSON-LD" in proposal.reason


def test_another_format_is_told_with_its_reason() -> None:
    proposal = propose(Source(name="x", format="auto", data=b"<rss version='2.0'/>"))
    assert (proposal.format, proposal.reason) == ("feed", "its outermost element is <rss>")
    assert not proposal.is_show


def test_a_page_in_which_nothing_repeats_is_refused() -> None:
    data = b"<html><body><h1>About</h1><p>Us.</p></body></html>"
    with pytest.raises(SourceError, match="repeats in this page"):
        propose(Source(name="about.html", format="auto", data=data))


def test_a_large_page_takes_seconds_at_most() -> None:
    start = time.process_time()
    assert len(page(posts(2000)).items) == 2000
    assert time.process_time() - start < 15


def test_a_page_without_a_list_names_its_feed() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="https://a.example/rss">'
    data = f"<html><head>{link}</head><body><p>Nothing repeats.</p></body></html>".encode()
    with pytest.raises(SourceError, match=r"it has a feed: https://a\.example/rss"):
        propose(Source(name="page.html", format="auto", data=data))
