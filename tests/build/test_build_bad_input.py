"""Bad input: each has a clear message with its place, and loses nothing."""

from pathlib import Path

import feedparser
import pytest
from lxml import etree
from tests.project import CONFIG, NOON, Project, card

WHOLE = card("A First Title") + card("A Second Title", tags="search")
HEAD = "A First Title"


def cut(text: str) -> bytes:
    return (WHOLE + text).encode()


BAD = {
    "empty": (b"", 0, "articles.txt: error: the source is empty; a listing of articles was expected"),
    "of another format": (
        b"<html><body>\n<p>Hello</p>\n</body></html>",
        0,
        "articles.txt:1: error: no reading time such as '5 min' in 3 lines; a listing has one under each "
        "article. Is `format` in the configuration right?",
    ),
    "binary": (bytes(range(256)) * 9, 0, "articles.txt:3: error: no reading time such as '5 min' in 9 lines"),
    "cut off in a card": (
        cut("Meta\n\nA Third"),
        2,
        "articles.txt:17: warning: not understood as a card and left out (lines 17–19, from 'Meta' to "
        "'A Third'); expected publisher, title, sentence, tags and reading time, each on a line",
    ),
    "without tags": (
        cut("Meta\nA Third\nA sentence.\n5 min\n"),
        3,
        "articles.txt:17: warning: the card of 'A Third' has no tags; it is published without",
    ),
    "without minutes": (
        cut("Meta\nA Third\nA sentence.\nsearch\n"),
        3,
        "articles.txt:17: warning: the card of 'A Third' has no reading time; it is published without",
    ),
    "in Latin-1": (
        WHOLE.replace("something", "cafés").encode("latin-1"),
        2,
        "articles.txt: warning: read as windows-1252; save it as UTF-8 if characters look wrong",
    ),
    "in UTF-16": (
        WHOLE.encode("utf-16"),
        2,
        "articles.txt: warning: read as utf-16-le; save it as UTF-8 if characters look wrong",
    ),
    "with control characters": (
        WHOLE.replace(HEAD, "A \x00Fi\x1brst\x9f Title").encode(),
        2,
        "articles.txt:3: warning: left out U+0000, U+001B, U+009F, which no feed can hold",
    ),
    "with half an emoji": (
        WHOLE.replace(HEAD, f"{HEAD}\ud83d").encode("utf-8", "surrogatepass"),
        2,
        "articles.txt:3: warning: left out U+D83D, which no feed can hold",
    ),
    "with slugs that collide": (
        WHOLE.replace("storage", "big-data").replace("search", "big_data").encode(),
        2,
        "articles.txt:9: warning: the tags 'big-data' and 'big_data' share the topic 'big-data'; write them "
        "alike, or apart",
    ),
}


@pytest.mark.parametrize(("data", "items", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_source_is_reported_with_its_place_and_the_rest_is_built(
    tmp_path: Path, data: bytes, items: int, says: str
) -> None:
    project = Project.with_listing(tmp_path, data)
    result = project.run()
    first, *_, last = result.stderr.splitlines()
    assert first.startswith(says)
    assert last == "1 problem to look at, listed above"
    assert result.exit_code == 1
    assert result.stdout.startswith(f"items  {items} new, ")
    entries = feeds(project).get("all/rss.xml", [])
    assert len(entries) == items
    assert not items or HEAD in entries


@pytest.mark.parametrize(
    "data",
    [
        WHOLE.encode("utf-8-sig"),
        WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.replace("\n", "\r").encode(),
        WHOLE.rstrip("\n").encode(),
    ],
    ids=["byte order mark", "CRLF", "CR", "no line end at the end"],
)
def test_what_an_editor_does_to_a_file_is_no_problem(tmp_path: Path, data: bytes) -> None:
    project = Project.with_listing(tmp_path, data)
    result = project.run()
    assert (result.exit_code, result.stderr) == (0, "")
    plain = Project.with_listing(tmp_path / "plain", WHOLE)
    plain.build(NOON)
    assert project.tree() == plain.tree()


def test_odd_tags_make_topics_of_their_own_within_the_output(tmp_path: Path) -> None:
    tags = f"../x C++ C 日本語 {'y' * 300} .. <b>&amp;"
    project = Project.with_listing(tmp_path, card("Odd", tags=tags))
    result = project.run()
    assert (result.exit_code, result.stderr) == (0, "")
    topics = [path.name for path in (project.output / "topics").iterdir()]
    assert len(topics) == 7
    assert all(len(name) <= 60 and name.isascii() for name in topics)
    assert {path.name for path in tmp_path.iterdir()} == {"config", "output", ".feeds"}
    titles = {title for path in project.output.rglob("rss.xml") for title in [feed_title(path)]}
    assert {"C++ – Reading", "C – Reading", "日本語 – Reading", "../x – Reading"} <= titles


def feeds(project: Project) -> dict[str, list[str]]:
    """The titles in every feed, each of which must be well-formed and without what XML forbids."""
    found = {}
    for path in project.output.rglob("*.xml"):
        etree.parse(path)
        read = feedparser.parse(str(path))
        assert not read.bozo
        found[path.relative_to(project.output).as_posix()] = [entry.title for entry in read.entries]
    return found


def feed_title(path: Path) -> str:
    return str(feedparser.parse(str(path)).feed.title)


def test_one_bad_source_does_not_stop_the_others(tmp_path: Path) -> None:
    more = '[[source]]\npath = "more.txt"\nformat = "listing"\n'
    project = Project.with_listing(tmp_path, "", CONFIG + more)
    project.write("config/more.txt", WHOLE)
    assert project.run().exit_code == 1
    assert len(feeds(project)["all/rss.xml"]) == 2


def test_a_configuration_with_mistakes_is_refused_and_nothing_is_written(project: Project) -> None:
    config = CONFIG.replace("https://", "").replace("author", "auther")
    project.write("config/feeds.toml", config)
    result = project.run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.partition(": ")[2] for line in result.stderr.splitlines()] == [
        "error: unknown key; did you mean 'author'? [configuration]",
        "error: missing; it is required [configuration]",
        "error: expected an absolute address such as 'https://example.org/feeds/'; found 'example.org/' "
        "[configuration]",
    ]
    assert {path.name for path in project.root.iterdir()} == {"config"}


def test_a_base_url_without_scheme_is_refused_and_nothing_is_written(project: Project) -> None:
    result = project.run("--base-url", "example.org")
    assert result.exit_code == 2
    assert result.stderr.startswith("--base-url: error: expected an absolute address such as 'https://")
    assert {path.name for path in project.root.iterdir()} == {"config"}


def test_a_ledger_that_is_no_database_is_refused_and_left_as_it_is(project: Project) -> None:
    project.build(NOON)
    before = project.tree()
    project.write(".feeds/ledger.sqlite", "my shopping list\n" * 100)
    project.write("config/articles.txt", card("New"))
    result = project.run()
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{project.ledger}: file is not a database; expected a ledger")
    assert project.ledger.read_text() == "my shopping list\n" * 100
    assert project.tree() == before


def test_an_output_that_is_a_file_is_refused_and_left_as_it_is(project: Project) -> None:
    project.write("output", "mine")
    result = project.run()
    assert result.exit_code == 2
    assert result.stderr == f"{project.output}: is a file; expected a folder\n"
    assert project.output.read_text() == "mine"


def test_a_state_folder_that_is_a_file_is_refused(project: Project) -> None:
    project.write(".feeds", "mine")
    result = project.run()
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{project.ledger}: the ledger cannot be used: ")
