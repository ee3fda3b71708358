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
def test_a_listing_is_one_by_its_reading_times(path: Path) -> None:
    assert found(path.read_bytes()) == ("listing", "22 lines are reading times such as '5 min'")


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.name)
def test_show_notes_are_so_by_their_titles_and_times(path: Path) -> None:
    format_, reason = found(path.read_bytes())
    assert format_ == "shownotes"
    assert reason.startswith("15 lines are titles of episodes")


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
def test_even_a_small_one_is_told(case: Path) -> None:
    assert found(case.with_suffix(".txt").read_bytes())[0] == case.parent.name


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
            "2 lines are addresses, one for each article",
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


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "the source is empty"), ("Hello there.", "cannot tell what it is; it begins with 'Hello there.'")],
)
def test_what_is_none_of_them_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        found(text)
