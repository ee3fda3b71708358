"""Documents that are damaged, or made to do harm: refused or read in part, soon, with place and reason."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.parsers import documents

from feeds.errors import SourceError
from feeds.model import Parsed, Source
from feeds.parsers import _decoding, feed, html, listing, markdown, opml, shownotes, table
from feeds.parsers.detect import detect

Read = Callable[[bytes], Any]


def by(parse: Callable[..., Any], name: str, *options: Any) -> Read:
    return lambda data: parse(Source(name=name, format="any", data=data), *options)


READERS: dict[str, Read] = {
    "listing": by(listing.parse, "list.txt"),
    "shownotes": by(shownotes.parse, "notes.txt"),
    "feed": by(feed.parse, "feed.xml"),
    "html": by(html.parse, "page.html", html.Options(select={"item": ".i"})),
    "html, described": by(html.parse, "page.html"),
    "markdown": by(markdown.parse, "post.md"),
    "table": by(table.parse, "table.csv"),
    "yaml": by(table.parse, "table.yaml"),
    "opml": by(opml.subscriptions, "list.opml"),
    "detect": by(detect, "anything"),
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())


@contextmanager
def bounds(seconds: float = 5.0, megabytes: float = 300.0) -> Iterator[None]:
    """Hold what happens within to a time of the processor and to an amount of memory; both are generous."""
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - start < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes * 1000


def refused_or_read(read: Read, data: bytes) -> None:
    problem = None
    try:
        read(data)
    except SourceError as error:
        problem = error
    assert problem is None or (problem.place is not None and len(problem.message) < 2000)


class TestEverySource:
    @every_reader
    @pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf", b"\0" * 10])
    def test_that_is_empty_is_refused(self, read: Read, data: bytes) -> None:
        with pytest.raises(SourceError):
            read(data)

    @every_reader
    def test_larger_than_anyone_maintains_is_refused(
        self, read: Read, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_decoding, "MAX_BYTES", 1000)
        with pytest.raises(SourceError, match="the most that is read"):
            read(b"x" * 1001)

    @every_reader
    @pytest.mark.parametrize(
        "data",
        [
            bytes(range(256)) * 20,
            b"\xff\xfe" + b"\x00\xd8" * 500,
            b"PK\x03\x04" + bytes(range(256)) * 10,
            b"\x1f\x8b\x08" + bytes(range(256)) * 10,
            b"%PDF-1.7\n" + b"\xe2\xe3\xcf\xd3" * 100,
        ],
        ids=["all bytes", "lone surrogates", "zip", "gzip", "pdf"],
    )
    def test_that_is_no_text_is_refused_or_read(self, read: Read, data: bytes) -> None:
        refused_or_read(read, data)

    @every_reader
    @pytest.mark.parametrize(
        "data",
        [
            b"x" * 2_000_000,
            b"<a>" * 20_000,
            b"<rss><channel><item><title>" + b"<b>" * 15_000,
            b"<div>" * 100_000,
            b"<rss>" + b"<!--" * 40_000,
            b"<" * 120_000,
            b"&" * 120_000,
            b"[" * 40_000,
            b'{"a":' * 40_000,
            b"- " * 40_000,
            b"- title: x\n" * 8_000,
            b"{a: " * 40_000,
            b"---\n" + b"a: [" * 20_000 + b"\n---\n",
            b"+++\n" + b"a." * 10_000 + b"b=1\n+++\nx",
            b'"' * 120_000,
            b"a,b\n" + b'"' * 120_000,
            b"a,b\n" + b'"a","\n' * 20_000,
            b"a,b\n" + (b"a,b\n" * 11 + b'x","y\n') * 2_500,
            b"a,b,c\n" + b'"' + b"x\n" * 60_000,
            b"# " * 40_000,
            b"[a](" * 5_000,
            b"> " * 20_000,
            b"title\n" + b"," * 120_000,
            b"12:34 " * 20_000,
            b"\n" * 120_000,
        ],
        ids=lambda data: repr(data[:20]),
    )
    def test_made_to_take_long_does_not(self, read: Read, data: bytes) -> None:
        with bounds(seconds=8):
            refused_or_read(read, data)


class TestFeeds:
    def items(self, text: str) -> Parsed:
        return feed.parse(Source(name="feed.xml", format="feed", data=text.encode()))

    def test_with_an_item_of_ten_thousand_categories_are_refused(self) -> None:
        categories = "<category>x</category>" * 10_000
        text = f"<rss><channel><item><title>One</title>{categories}</item></channel></rss>"
        with bounds(), pytest.raises(SourceError, match="item 1 has 10000 categories; at most 500 are read"):
            self.items(text)

    def test_with_an_author_of_a_megabyte_are_read(self) -> None:
        text = (
            f"<rss><channel><item><author>{'a' * 1_000_000}</author><title>One</title></item></channel></rss>"
        )
        with bounds():
            (item,) = self.items(text).items
        assert item.title == "One"

    def test_that_are_broken_and_large_are_refused(self) -> None:
        with bounds(), pytest.raises(SourceError, match="too large to be read all the same"):
            self.items("<rss><channel>" + "<item>" * 250_000)

    def test_with_entities_of_their_own_do_not_grow(self) -> None:
        entities = '<!ENTITY a0 "ha">' + "".join(
            f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 60)
        )
        text = f"<!DOCTYPE rss [{entities}]><rss><channel><item><title>x&a59;</title></item></channel></rss>"
        with bounds():
            (item,) = self.items(text).items
        assert item.title == "x&a59;"

    def test_with_content_nested_very_deep_are_read(self) -> None:
        deep = "&lt;div&gt;" * 100_000
        text = (
            f"<rss><channel><item><title>One</title><description>{deep}</description></item></channel></rss>"
        )
        with bounds():
            (item,) = self.items(text).items
        assert item.title == "One"


class TestPages:
    def items(self, text: str) -> Parsed:
        options = html.Options(select={"item": ".i"})
        return html.parse(Source(name="page.html", format="html", data=text.encode()), options)

    def test_nested_very_deep_are_read_as_far_as_they_can_be(self) -> None:
        with bounds():
            parsed = self.items("<p class='i'><b>x</b><a href='/'>One</a></p>" + "<div>" * 100_000)
        assert [item.title for item in parsed.items] == ["One"]
        assert [finding.rule for finding in parsed.findings] == ["too-deep", "bad-address"]

    def test_as_deep_as_any_real_one_are_read(self) -> None:
        parsed = self.items("<div>" * 1000 + "<p class='i'><a href='https://a.example/'>One</a></p>")
        assert [item.title for item in parsed.items] == ["One"]
        assert parsed.findings == ()


class TestTables:
    def items(self, text: str, name: str = "table.csv") -> Parsed:
        return table.parse(Source(name=name, format="table", data=text.encode()))

    def test_of_ten_thousand_columns_are_read(self) -> None:
        header = ",".join(f"column {number}" for number in range(10_000))
        with bounds():
            parsed = self.items(f"{header},title\n" + (("x," * 10_000) + "One\n") * 20)
        assert len(parsed.items) == 20

    def test_with_a_cell_of_a_megabyte_lose_its_row_and_no_other(self) -> None:
        with bounds():
            parsed = self.items(f"title,link\nOne,{'x' * 1_000_000}\nTwo,https://a.example/\n")
        assert [item.title for item in parsed.items] == ["Two"]
        assert [(finding.rule, finding.place.line) for finding in parsed.findings] == [("quarantined", 2)]

    def test_with_notes_of_four_hundred_thousand_letters_are_read(self) -> None:
        with bounds():
            (item,) = self.items(f"title,notes\nOne,{'word ' * 80_000}\n").items
        assert item.content
        assert len(item.content) > 399_000

    def test_with_a_quote_that_is_never_closed_lose_its_row_and_no_other(self) -> None:
        parsed = self.items('title,link\nOne,https://a.example/\n"Two,https://b.example/\nThree,\n')
        assert [item.title for item in parsed.items] == ["One", "Three"]
        (finding,) = parsed.findings
        assert (finding.place.line, "not closed" in finding.message) == (3, True)

    def test_in_yaml_that_stand_for_billions_are_refused(self) -> None:
        lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
        with bounds(), pytest.raises(SourceError, match="aliases"):
            self.items("\n".join(lines), "bomb.yaml")


class TestEncodings:
    """A listing of one title with letters, in the encodings that browsers find by the same means."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    def test_of_a_table_are_found_without_being_said(self, encoding: str) -> None:
        data = "title,link\nÖl für Café – “neu”,https://a.example/\n".encode(encoding)
        (item,) = table.parse(Source(name="t.csv", format="table", data=data)).items
        assert item.title == "Öl für Café – “neu”"

    @pytest.mark.parametrize(
        ("declared", "encoding", "title"),
        [
            ("windows-1251", "cp1251", "Привет"),
            ("iso-8859-1", "cp1252", "“Café” – 5 €"),
            ("Shift_JIS", "cp932", "日本語①"),
            ("gb2312", "gb18030", "中文镕"),
            ("euc-kr", "cp949", "한국어똠"),
            ("utf-8", "utf-8", "日本語"),
        ],
    )
    @pytest.mark.parametrize("way", ["in the page", "by HTTP", "in XML"])
    def test_that_are_declared_are_read_as_browsers_do(
        self, declared: str, encoding: str, title: str, way: str
    ) -> None:
        if way == "in XML":
            item = f"<item><title>{title}</title></item>"
            text = f"<?xml version='1.0' encoding='{declared}'?><rss><channel>{item}</channel></rss>"
            parsed = feed.parse(Source(name="f", format="feed", data=text.encode(encoding)))
        else:
            meta = f"<meta charset={declared}>" if way == "in the page" else ""
            source = Source(
                name="p",
                format="html",
                data=f"{meta}<p class=i><a href=https://a.example/>{title}</a></p>".encode(encoding),
                charset=declared if way == "by HTTP" else None,
            )
            parsed = html.parse(source, html.Options(select={"item": ".i"}))
        assert [item.title for item in parsed.items] == [title]

    @pytest.mark.parametrize(
        "declared", ["punycode", "idna", "unicode_escape", "hex", "utf-7", "x-unknown", "a\0b"]
    )
    def test_that_are_none_are_passed_over(self, declared: str) -> None:
        source = Source(name="t.csv", format="table", data="title\nÖl\n".encode(), charset=declared)
        assert [item.title for item in table.parse(source).items] == ["Öl"]

    def test_with_a_broken_byte_keep_the_rest(self) -> None:
        data = (
            "<meta charset=shift_jis><p class=i><a href=https://a.example/>日本".encode("cp932")
            + b"\x81\xff</a>"
        )
        parsed = html.parse(Source(name="p", format="html", data=data), html.Options(select={"item": ".i"}))
        assert parsed.items[0].title.startswith("日本")
        assert "forbidden-character" in [finding.rule for finding in parsed.findings]


@pytest.mark.parametrize("format_", documents.PARSERS)
def test_a_document_cut_off_anywhere_is_refused_or_read_in_part(format_: str) -> None:
    parser = documents.PARSERS[format_]
    for case in documents.cases(format_):
        source = documents.source(case)
        step = max(1, len(source.data) // 12)
        for end in range(0, len(source.data), step):
            refused_or_read(by(parser.parse, source.name), source.data[:end])
