"""`detect`: which format a source has, and why."""

import tomllib
from pathlib import Path

import pytest
from tests.parsers import outline
from tests.project import DOCUMENTS, ORIGINALS

from feeds.errors import SourceError
from feeds.model import Source
from feeds.parsers.detect import detect

LISTINGS = [DOCUMENTS / "articles.txt", *ORIGINALS.glob("000_*.txt")]
NOTES = [DOCUMENTS / "meta-tech-podcast.txt", *ORIGINALS.glob("003_*.txt")]
OPML = '<?xml version="1.0"?>\n<opml version="2.0"><body><outline xmlUrl="https://a.example/"/></body></opml>'


def found(text: str | bytes, name: str = "input") -> tuple[str, str]:
    data = text if isinstance(text, bytes) else text.encode()
    return detect(Source(name=name, format="auto", data=data))


@pytest.mark.parametrize("path", LISTINGS, ids=lambda path: path.name)
def test_a_listing_is_one_by_its_cards(path: Path) -> None:
    card = "publisher, title, sentence, tags and reading time"
    assert found(path.read_bytes()) == ("listing", f"22 cards of {card}, each on a line")


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.name)
def test_show_notes_are_so_by_their_titles_and_times(path: Path) -> None:
    format_, reason = found(path.read_bytes())
    assert format_ == "shownotes"
    assert reason.startswith("it has titles of episodes (15) and times such as 1:40 (")


@pytest.mark.parametrize(
    "case",
    [
        case
        for format_ in ("listing", "shownotes")
        for case in outline.cases(format_)
        if "refused" not in tomllib.loads(case.read_text("utf-8"))
    ],
    ids=lambda case: f"{case.parent.name}/{case.stem}",
)
def test_every_case_is_told_even_a_small_one(case: Path) -> None:
    show = "a-show" if case.parent.name == "shownotes" else None
    source = Source(name="input", format="auto", data=case.with_suffix(".txt").read_bytes(), show=show)
    assert detect(source)[0] == case.parent.name


@pytest.mark.parametrize(
    ("text", "format_", "reason"),
    [
        (OPML, "opml", "its outermost element is <opml>"),
        ("<!-- a feed --><rss version='2.0'/>", "feed", "its outermost element is <rss>"),
        ("<!DOCTYPE rss [<!ENTITY x '<html>'>]>\n<rss/>", "feed", "its outermost element is <rss>"),
        ('{"version": "https:\\/\\/jsonfeed.org\\/version\\/1"}', "feed", "its version is that of JSON Feed"),
        ("---\ntitle: One\n---\nText", "markdown", "it begins with front matter as in YAML"),
        ("+++\ntitle = 'One'\n+++\nText", "markdown", "it begins with front matter as in TOML"),
        ("Title: One\nDate: 2026-01-02\n\nText", "markdown", "it begins with front matter as in Pelican"),
        ("- title: One\n  url: /1\n", "table", "it is a list in YAML with title, link"),
        (
            "Headline;URL\nOne;/1\n",
            "table",
            "its first line names columns, with semicolons between them: title, link",
        ),
        (
            "One\nhttps://a.example/1\nTwo\nhttps://a.example/2",
            "listing",
            "2 cards of title and address, each on a line",
        ),
        ("# One\n\nSee [this](https://a.example/).", "markdown", "2 lines are headings or links in Markdown"),
        ("<div class='post'><a href='/'>One</a></div>", "html", "it begins with the tag <div>"),
    ],
)
def test_a_document_is_told_by_its_text(text: str, format_: str, reason: str) -> None:
    assert found(text) == (format_, reason)


def test_the_name_decides_where_the_text_does_not() -> None:
    assert found("Some words.", "post.md") == ("markdown", "its name ends in .md")


def test_the_text_counts_for_more_than_the_name() -> None:
    assert found("<rss version='2.0'/>", "feed.html")[0] == "feed"


def test_the_encoding_does_not_matter() -> None:
    assert found("Title,Link\nÖl,/1\n".encode("utf-16"))[0] == "table"


@pytest.mark.parametrize(("show", "format_"), [(None, "listing"), ("a-show", "shownotes")])
def test_titles_with_dates_and_nothing_else_are_episodes_if_the_source_is_of_a_show(
    show: str | None, format_: str
) -> None:
    data = b"How Ropes Are Made\n3 March 2025\nKnots That Hold\n10 March 2025\n"
    assert detect(Source(name="input", format="auto", data=data, show=show))[0] == format_


NO_LISTS = {
    "prose": "The rain falls down on the town.\n\nNo one knows where the water goes.\n\nIt is wet.",
    "a poem": "the rain falls down\nupon the town\n\nand no one knows\nwhere water goes",
    "a haiku": "An old silent pond\nA frog jumps in\nSplash! Silence again\n\n"
    "Over the wintry\nForest winds howl\nWith no leaves to blow",
    "words": "apple\nbanana\ncherry\nelder\nfig\ngrape",
    "a log": "2026-01-02 12:00:00 INFO start\n2026-01-02 12:00:01 ERROR stop",
    "a log with heads": "ERROR: this\nERROR: that\nWARN: no",
    "subtitles": "1\n00:00:01,000 --> 00:00:04,000\nHello there.\n\n"
    "2\n00:00:05,000 --> 00:00:06,000\nGeneral Kenobi.",
    "settings": "# The host.\n# Or its address.\nhost = example\n\n# The port,\n# a number.\nport = 80",
    "a letter": "Dear Ann,\n\nIt is wet here.\n\nWe meet at 5:30, or 6:15, or 7:45 if you like.\n\n"
    "Yours,\nBob\nP. S.\nBring a coat.\nAnd a hat.",
    "a recipe": "Pancakes\n200 g flour\n2 eggs\n10 min\nMix it all. Wait.\nFry.\nServe with jam.",
}


@pytest.mark.parametrize("text", NO_LISTS.values(), ids=NO_LISTS.keys())
def test_a_text_that_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="cannot tell what it is"):
        found(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "the source is empty"), ("Hello there.", "cannot tell what it is: it begins with 'Hello there.'")],
)
def test_what_is_none_of_them_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        found(text)
