"""Whatever a source says arrives as it was said, in every format."""

import html
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Chapter, Link, Person
from feeds.outputs import chapters
from feeds.text import clean

from .sample import (
    SHOW,
    article,
    atom,
    body,
    entry,
    episode,
    feed,
    parse,
    podcast,
    rss,
    said,
    text,
    texts,
    written,
)

HOSTILE = (
    "a & b",
    "a < b > c",
    "<b>bold</b>",
    "&amp; &lt; &nbsp; &#65;",
    "]]> and <![CDATA[ and <!-- -->",
    "\"double\" and 'single' “curly”",
    "Meta ❤️ Python 👩‍💻 🇪🇺",
    "日本語 – ไทย – العربية – é",
    "<?xml version='1.0'?><!DOCTYPE x>",
    "{{ 7 * 7 }} %s \\u0041 \\",
)

plain = st.text(min_size=1, max_size=60).map(lambda words: " ".join(clean(words).split())).filter(bool)


@pytest.mark.parametrize("words", HOSTILE)
def test_titles_arrive_as_they_were_said_in_every_format(words: str) -> None:
    item = article(title=words)
    assert text(rss(item), "//item/title") == words
    assert said(atom(item), "//atom:entry/atom:title") == words
    assert json.loads(written(feed(item))["feed.json"])["items"][0]["title"] == words
    assert text(podcast(episode(title=words)), "//item/title") == words


@pytest.mark.parametrize("words", HOSTILE)
def test_plain_text_in_html_is_read_as_it_was_said(words: str) -> None:
    item = article(summary=words)
    for markup in (
        text(rss(item), "//item/description"),
        text(rss(item), "//item/content:encoded"),
        text(atom(item), "//atom:entry/atom:content"),
        json.loads(written(feed(item))["feed.json"])["items"][0]["content_html"],
    ):
        assert parse(f"<div>{markup}</div>".encode())[0].text == words


@pytest.mark.parametrize("words", HOSTILE)
def test_the_words_of_a_show_arrive_as_they_were_said(words: str) -> None:
    show = replace(SHOW, title=words, author=words, description=words, hosts=(Person(name=words),))
    channel = podcast(episode(), show=show)[0]
    for path in ("title", "description", "itunes:author", "podcast:person", "image/title", "item/dc:creator"):
        assert text(channel, path) == words


@pytest.mark.parametrize("words", HOSTILE)
def test_tags_and_authors_arrive_as_they_were_said(words: str) -> None:
    item = article(1, tags=("storage", words), authors=(Person(name=words),))
    assert texts(rss(item), "//item/category")[1] == words
    assert texts(atom(item), "//atom:entry/atom:category/@term")[1] == words
    assert text(rss(item), "//item/dc:creator") == words
    assert text(atom(item), "//atom:entry/atom:author/atom:name") == words


@pytest.mark.parametrize("words", HOSTILE)
def test_titles_of_chapters_and_links_arrive_as_they_were_said(words: str) -> None:
    link = Link(title=words, url="https://example.org/?a=1&b='2'")
    item = episode(chapters=(Chapter(start=0, title=words),), links=(link,))
    made = podcast(item)
    notes = parse(f"<div>{text(made, '//item/description')}</div>".encode())
    assert text(made, "//psc:chapter/@title") == words
    assert notes[-1].text == f"00:00:00 {words}"
    assert (notes.find("ul/li/a").text, notes.find("ul/li/a").get("href")) == (words, link.url)
    in_json, in_vtt = (body(document).decode() for document in chapters.documents(entry(item)))
    assert json.loads(in_json)["chapters"][0]["title"] == words
    assert html.unescape(in_vtt.splitlines()[-1]) == words


@settings(max_examples=60, deadline=None)
@given(words=plain)
def test_any_text_that_a_source_can_hold_arrives_in_every_format(words: str) -> None:
    item = episode(title=words, summary=words, chapters=(Chapter(start=0, title=words),))
    documents = written(feed(item)) | written(feed(item, show=SHOW))
    for name, title in (
        ("rss.xml", "//item/title"),
        ("atom.xml", "//atom:entry/atom:title"),
        ("podcast.xml", "//item/title"),
    ):
        root: Any = parse(documents[name])
        assert said(root, title) == words
        assert text(root, "//psc:chapter/@title") == words
    assert json.loads(documents["feed.json"])["items"][0]["title"] == words


@pytest.mark.parametrize("markup", [f"<p>{html.escape(words)}</p> ]]> " for words in HOSTILE])
def test_html_of_an_item_arrives_byte_for_byte(markup: str) -> None:
    item = article(summary="", content=markup, publisher=None, minutes=None)
    assert text(rss(item), "//item/description") == markup
    assert text(atom(item), "//atom:entry/atom:content") == markup
