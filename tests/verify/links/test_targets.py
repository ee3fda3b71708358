"""Every address in a document is found, with its role and place. A case is a document and what is in it."""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.verify.links import HostSettings, Target, targets_in
from feeds.verify.links.gather import gather
from feeds.verify.links.inquiry import Manners, question, start
from feeds.verify.links.unasked import unasked_verdict

DOCUMENTS = Path(__file__).parent / "documents"
TYPES = {".xml": "application/xml", ".json": "application/json", ".opml": "text/x-opml", ".html": "text/html"}
CASES = sorted(path for path in DOCUMENTS.iterdir() if path.suffix in TYPES)


def described(target: Target) -> str:
    """Write a target as a line: place, role, address, and what the document promises of it."""
    (place,) = target.places
    column = "" if place.column is None else f":{place.column}"
    promise = " ".join(str(part) for part in (target.size, target.type) if part is not None)
    return f"{place.line}{column} {target.role} {target.url} {promise}".rstrip()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_every_address_of_a_document_is_found(path: Path) -> None:
    found = [described(target) for target in targets_in(path.read_bytes(), TYPES[path.suffix], path.name)]
    expected = (DOCUMENTS / "expected" / f"{path.name}.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(found) == sorted(expected)


def test_a_place_says_which_element_of_which_document() -> None:
    document = (DOCUMENTS / "podcast.xml").read_bytes()
    places = {str(target.places[0]) for target in targets_in(document, "application/rss+xml", "p.xml")}
    assert "p.xml:32:7 /rss/channel/item[1]/enclosure" in places


def test_relative_addresses_are_resolved_against_the_address_of_the_document() -> None:
    document = b'<rss version="2.0"><channel><link>/home</link></channel></rss>'
    (resolved,) = targets_in(document, "application/rss+xml", "x", "https://example.org/feed/rss.xml")
    (kept,) = targets_in(document, "application/rss+xml", "x")
    assert (resolved.url, kept.url) == ("https://example.org/home", "/home")


def test_a_document_that_is_nothing_has_no_addresses() -> None:
    for document in (b"", b"\0\0\0", b"<", b"{", b"[]", b"null"):
        for type_ in TYPES.values():
            assert list(targets_in(document, type_, "x")) == []


@pytest.mark.slow
def test_a_feed_of_any_size_is_read_in_bounded_memory() -> None:
    def feed() -> Iterator[bytes]:
        yield b'<rss version="2.0"><channel>'
        for number in range(60_000):
            yield b"<item><link>https://example.org/%d</link><description>%s</description></item>" % (
                number,
                b"x" * 1000,
            )
        yield b"</channel></rss>"

    stream = io.BytesIO(b"".join(feed()))
    tracemalloc.start()
    count = sum(1 for _ in targets_in(stream, "application/rss+xml", "x"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 10_000_000


@given(st.data())
def test_a_document_that_was_damaged_gives_what_can_be_read_and_no_error(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(CASES))
    document = path.read_bytes()
    start = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(start, min(len(document), start + 50)))
    damaged = document[:start] + data.draw(st.binary(max_size=20)) + document[end:]
    for target in targets_in(damaged, TYPES[path.suffix], path.name):
        assert target.url


@given(
    st.sampled_from(["", "http://", "https://a.example/", "http://a.example:", "mailto:", "//"]),
    st.text(max_size=30),
)
def test_any_text_can_be_an_address(prefix: str, text: str) -> None:
    (link,) = gather([Target(url=prefix + text, role="note", places=())])
    verdict = unasked_verdict(link, lambda _url: None)
    if verdict is None:
        asked = question(start(link, Manners()), HostSettings()).url
        assert asked.isascii()
        assert urlsplit(asked).hostname
        assert "\n" not in asked
        assert " " not in asked
