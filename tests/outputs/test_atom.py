"""Atom as RFC 4287, section 4, and the W3C validator have it (feed-requirements, section B)."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import fragment_fromstring
from tests.project import Project

from feeds.model import Person
from feeds.text import iri
from feeds.verify.rules.values import full_uri

from .sample import NAMESPACES, article, atom, episode, feed, parse, text, texts, written

A = f"{{{NAMESPACES['atom']}}}"
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
ID = r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

OF_FEED = {
    "id": (1, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "author": (1, 9),
    "link": (2, 9),
} | dict.fromkeys(("generator", "icon", "logo", "rights", "subtitle"), (0, 1))
OF_ENTRY = {
    "id": (1, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "link": (1, 9),
    "content": (1, 1),
} | dict.fromkeys(("published", "rights", "source", "summary"), (0, 1))


@pytest.fixture(scope="module")
def documents(site: Project) -> list[Any]:
    """All Atom feeds of the repository's documents, and one with an episode and what is rare."""
    rare = written(
        feed(
            episode(1),
            article(2, authors=(), publisher=None, summary="", content="<p>A &amp; B</p>"),
            article(3, title="a < b & c > d", summary="a < b & c > d", authors=(Person(name="A & B"),)),
        )
    )
    published = [path.read_bytes() for path in site.output.rglob("atom.xml")]
    assert len(published) == 12
    return [parse(data) for data in (*published, rare["atom.xml"])]


def count(parent: Any, limits: dict[str, tuple[int, int]]) -> None:
    found = Counter(child.tag for child in parent)
    for name, (least, most) in limits.items():
        assert least <= found[A + name] <= most, name


def test_a_feed_has_the_elements_it_must_and_no_more(documents: list[Any]) -> None:
    for document in documents:
        count(document, OF_FEED)


def test_an_entry_has_the_elements_it_must_and_no_more(documents: list[Any]) -> None:
    for document in documents:
        for entry in document.iter(A + "entry"):
            count(entry, OF_ENTRY)


def test_entries_come_after_everything_else(documents: list[Any]) -> None:
    for document in documents:
        tags = [child.tag for child in document]
        assert set(tags[tags.index(A + "entry") :]) == {A + "entry"}


def test_ids_are_uuids_and_each_is_used_once(documents: list[Any]) -> None:
    for document in documents:
        ids = texts(document, "//atom:id")
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(ID, one) for one in ids)


def test_dates_are_in_utc_and_nothing_changed_before_it_was_published(documents: list[Any]) -> None:
    for document in documents:
        assert all(re.fullmatch(DATE, date) for date in texts(document, "//atom:updated | //atom:published"))
        for entry in document.iter(A + "entry"):
            assert text(entry, "atom:published") <= text(entry, "atom:updated")


def test_a_feed_changed_when_its_last_entry_did(documents: list[Any]) -> None:
    for document in documents:
        assert text(document, "atom:updated") == max(texts(document, "atom:entry/atom:updated"))


def test_every_person_has_a_name(documents: list[Any]) -> None:
    for document in documents:
        for person in document.iter(A + "author", A + "contributor"):
            assert text(person, "atom:name").strip()


def test_every_category_has_a_term(documents: list[Any]) -> None:
    for document in documents:
        assert all(category.get("term") for category in document.iter(A + "category"))


def test_the_one_alternate_is_the_page_since_readers_take_the_first_or_the_last(documents: list[Any]) -> None:
    for document in documents:
        for parent in (document, *document.iter(A + "entry")):
            alternates = [
                (link.get("type"), link.get("hreflang"))
                for link in parent.findall(A + "link")
                if link.get("rel", "alternate") == "alternate"
            ]
            assert alternates == [("text/html", None)]


def test_links_are_absolute_typed_and_empty(documents: list[Any]) -> None:
    for document in documents:
        for link in document.iter(A + "link"):
            assert link.get("href").startswith("https://")
            assert re.fullmatch(r"[a-z]+/[a-z+.-]+", link.get("type"))
            assert link.get("rel") in ("self", "alternate", "enclosure")
            assert not link.text
            assert len(link) == 0


def test_a_feed_links_to_itself_once(documents: list[Any]) -> None:
    for document in documents:
        (own,) = document.xpath("atom:link[@rel='self']", namespaces=NAMESPACES)
        assert own.get("type") == "application/atom+xml"
        assert own.get("href").endswith("/atom.xml")


def test_content_is_html_and_all_other_text_is_plain(documents: list[Any]) -> None:
    for document in documents:
        assert set(texts(document, "//atom:content/@type")) == {"html"}
        assert texts(document, "//atom:title/@type | //atom:summary/@type | //atom:subtitle/@type") == []


def test_an_entry_without_an_author_of_its_own_has_that_of_its_feed() -> None:
    document = atom(article(authors=(), publisher=None))
    assert texts(document, "//atom:author/atom:name") == ["The editors"]


def test_the_language_is_set_and_the_namespace_has_no_prefix(documents: list[Any]) -> None:
    for document in documents:
        assert document.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        assert b"<feed " in etree.tostring(document)
        assert "atom" not in document.nsmap


@pytest.mark.parametrize("words", ["The <b> element", "What &nbsp; is for", "</p>"])
def test_text_that_looks_like_markup_is_told_as_html_which_shows_it(words: str) -> None:
    made = replace(feed(article(title=words, summary=words)), title=words, description=words)
    document = parse(written(made)["atom.xml"])
    for path in ("/atom:feed/atom:title", "//atom:subtitle", "//atom:entry/atom:title", "//atom:summary"):
        (element,) = document.xpath(path, namespaces=NAMESPACES)
        assert element.get("type") == "html"
        assert fragment_fromstring(element.text, create_parent=True).text_content() == words


def test_text_is_escaped_once() -> None:
    data = written(feed(article(title="a < b & c", summary="<x> & y")))["atom.xml"]
    assert b"<title>a &lt; b &amp; c</title>" in data
    assert b'<summary type="html">&amp;lt;x&amp;gt; &amp;amp; y</summary>' in data
    assert b"&lt;p&gt;&amp;lt;x&amp;gt; &amp;amp; y&lt;/p&gt;" in data


@pytest.mark.parametrize(
    "id_",
    [
        "urn:uuid:6f0b5d3e-3f5c-5c3a-9c0e-0f6f3b1f2a10",
        "tag:example.org,2026-01-02:/a#1",
        "https://Example.org/?p=1#x",
        "http://127.0.0.1:60123/1",
        "https://xn--bcher-kva.example/\u00e4",
        "yt:video:dQw4w9WgXcQ",
        "urn:isbn:9780141036144",
    ],
)
def test_an_id_that_is_an_iri_is_kept_letter_by_letter(id_: str) -> None:
    assert text(atom(article(id=id_)), "//atom:entry/atom:id") == id_


@given(st.text() | st.from_regex(r"(?:https?://|urn:|urn:uuid:|tag:|x:)[ -~]{0,20}", fullmatch=True))
@example("Buzzsprout-1234567")
@example("5d6d2a3c9f1e4b0a")
@example("ab: c")
def test_any_other_id_is_made_an_iri_and_always_the_same(name: str) -> None:
    made = iri(name)
    assert iri(made) == made
    flaw = full_uri(made, iri=True)
    assert flaw is None or flaw.grave == "warning"
    assert made == made.strip()
