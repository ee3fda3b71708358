"""The description of an episode: 4000 bytes at most of valid HTML, the rest of it in the content."""

import html
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds import compose
from feeds.model import Chapter, Entry, Episode, Link, Media, Show, Site
from feeds.text import clean

SITE = Site(title="Site", base_url="https://example.org/", author="A")
SHOW = Show(slug="radio", title="Radio", author="A", categories=(("Technology", None),))

SCRIPTS = (
    "a few words ",
    "größer ",
    "日本語の文章。",
    "ภาษาไทยที่ไม่มีช่องว่าง",
    "שלום עולם ",
    "👩‍💻🇪🇺❤️",
    "<&>\"' ",
    "\n\n",
)
ADDRESSES = (
    "https://example.org/",
    "(https://example.org/a_(b))",
    "https://bücher.example/?a=1&b=<",
    "http://",
)

# What belongs to an address that ends in square brackets is for `feeds.text` to say.
others = st.text(max_size=30).map(clean)
words = st.lists(
    st.one_of(st.sampled_from(SCRIPTS), st.sampled_from(ADDRESSES), others),
    max_size=8,
)
prose = st.builds(lambda parts, times: "".join(parts) * times, words, st.sampled_from((1, 3, 100)))
lines = st.text(max_size=20).map(lambda text: " ".join(clean(text).split()))
links = st.builds(
    lambda parts, times: tuple(parts) * times,
    st.lists(
        st.builds(Link, title=lines, url=st.sampled_from(("https://example.org/", "https://é.example/'\""))),
        max_size=3,
    ),
    st.sampled_from((1, 100)),
)
marks = st.builds(
    lambda titles, times: tuple(Chapter(start=20.0 * n, title=t) for n, t in enumerate(titles * times)),
    st.lists(lines.filter(bool), max_size=3),
    st.sampled_from((1, 10, 100)),
)


def entry(**fields: Any) -> Entry:
    return compose.entry(
        Episode(**{"title": "T", "show": "radio", "slug": "t", **fields}), SITE, {}, {"radio": SHOW}
    )


def tree(markup: str) -> Any:
    """Parse HTML that is well-formed XML too."""
    return etree.fromstring(f"<div>{markup}</div>")


def plain(markup: str) -> str:
    return " ".join("".join(tree(markup).itertext()).split())


def timestamps(markup: str) -> list[str]:
    return re.findall(r"<p>(\d\d:\d\d:\d\d .+)</p>", markup)


@settings(max_examples=80, deadline=None)
@given(prose=prose, links=links, chapters=marks, silent=st.booleans())
def test_whatever_the_notes_are_it_fits_and_is_well_formed(
    prose: str, links: tuple[Link, ...], chapters: tuple[Chapter, ...], silent: bool
) -> None:
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg", placeholder=silent)
    final, _ = compose.chapters(Episode(title="T", show="radio", chapters=chapters), None)
    made = entry(summary=prose, links=links, chapters=final, media=media)

    assert 0 < len(made.description.encode()) <= 4000
    assert {element.tag for element in tree(made.description).iterdescendants()} <= {"p", "a", "ul", "li"}
    for anchor in tree(made.description).iter("a"):
        assert anchor.get("href").isascii()
        assert anchor.text

    assert len(timestamps(made.description)) in (0, len(chapters))
    assert timestamps(made.content) == [
        f"{stamp(mark.start)} {html.escape(mark.title, quote=False)}" for mark in final
    ]
    assert len(list(tree(made.content).iter("li"))) == len(links)
    assert " ".join(prose.split()) in plain(made.content)


def stamp(start: float) -> str:
    return f"{int(start) // 3600:02}:{int(start) // 60 % 60:02}:{int(start) % 60:02}"


@pytest.mark.parametrize(
    "sentence", ["a few words ", "größere Wörter ", "日本語の文章。", "ภาษาไทยที่ไม่มีช่องว่าง"]
)
def test_long_prose_fills_the_room_there_is(sentence: str) -> None:
    description = entry(summary=sentence * 1000).description
    assert 3800 < len(description.encode()) <= 4000
    assert description.endswith(" …</p>")


def test_it_fits_whatever_the_parts_add_up_to() -> None:
    link = '<li><a href="https://example.org/">L</a></li>'
    chapters = (Chapter(start=0, title="T"),)
    links = (Link(title="L", url="https://example.org/"),) * 200
    for length in range(len(link)):
        with_links = entry(summary="x" * length, links=links, chapters=chapters)
        without = entry(summary="x" * length + " x" * 3000, chapters=chapters)
        assert 3950 < len(with_links.description.encode()) <= 4000
        assert 3990 < len(without.description.encode()) <= 4000


def test_prose_is_cut_after_a_word() -> None:
    cut = plain(entry(summary="word " * 1000).description)
    assert set(cut.removesuffix(" …").split(" ")) == {"word"}


def test_no_address_is_cut() -> None:
    address = "https://example.org/" + "path/" * 40
    for lead in range(0, 400, 7):
        markup = entry(summary=f"{'字' * lead} {address}{address} {address} " * 20).description
        assert {anchor.get("href") for anchor in tree(markup).iter("a")} <= {address, address + address}


def test_a_letter_keeps_its_marks() -> None:
    for lead in range(8):
        cut = plain(entry(summary="a" * lead + "e\u0301" * 3000).description).removesuffix(" …")
        assert cut.endswith("e\u0301")


def test_paragraphs_of_the_notes_stay_paragraphs() -> None:
    assert entry(summary="One\n\nTwo  words").description == "<p>One</p>\n<p>Two words</p>"


def test_timestamps_come_before_prose_and_prose_before_links() -> None:
    chapters = tuple(Chapter(start=30.0 * n, title="A chapter") for n in range(100))
    links = tuple(Link(title=f"Link {n}", url=f"https://example.org/{n}") for n in range(100))
    made = entry(summary="word " * 100, chapters=chapters, links=links)
    assert len(timestamps(made.description)) == 100
    assert "word word" in made.description
    assert 0 < made.description.count("<li>") < 100
    assert made.content.count("<li>") == 100


def test_timestamps_that_do_not_fit_are_left_out_as_a_whole() -> None:
    chapters = tuple(Chapter(start=30.0 * n, title="A chapter") for n in range(200))
    made = entry(summary="word", chapters=chapters)
    assert timestamps(made.description) == []
    assert made.description == "<p>word</p>"
    assert len(timestamps(made.content)) == 200


def test_a_placeholder_is_said_to_be_one() -> None:
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg", placeholder=True)
    made = entry(summary="word", media=media)
    assert made.description.startswith("<p>The audio of this episode is a placeholder")
    assert made.content.startswith("<p>The audio of this episode is a placeholder")


def test_html_of_the_notes_is_the_content_and_their_text_the_description() -> None:
    made = entry(summary="Some text", content="<h2>Some</h2><p>text</p>")
    assert (made.description, made.content) == ("<p>Some text</p>", "<h2>Some</h2><p>text</p>")


def test_an_episode_without_notes_has_its_title_for_them() -> None:
    made = entry(title="a < b")
    assert (made.description, made.content) == ("<p>a &lt; b</p>", "<p>a &lt; b</p>")


def test_long_html_without_text_does_not_become_the_description() -> None:
    assert entry(content="<p>x</p>" * 1000).description == "<p>T</p>"
