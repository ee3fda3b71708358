"""What holds for checking as such: one pass, every file, bounded time and memory."""

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Finding
from feeds.verify.checking import MOST, check
from feeds.verify.documents import Context, Subject, recognise
from feeds.verify.jsontree import JsonFacts
from feeds.verify.jsontree import parts as json_parts
from feeds.verify.xmltree import BrokenError, Facts
from feeds.verify.xmltree import parts as xml_parts

from .loading import CASES

CONTEXT = Context(now=datetime(2026, 11, 21, 12, tzinfo=UTC))
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
RSS = b'<rss version="2.0"><channel><title>x</title><link>https://example.org/</link><description>x</description>'
END = b"</channel></rss>"
ITEM = b"<item><title>a</title><guid isPermaLink='false'>urn:x-a:1</guid></item>"


def found(body: bytes, name: str = "feed.xml", **asked: object) -> list[Finding]:
    return list(check([Subject(name=name, body=body)], CONTEXT, **asked))  # type: ignore[arg-type]


def test_a_broken_file_has_its_finding_and_the_next_one_is_checked() -> None:
    broken = Subject(name="a.xml", body=HEAD + RSS + b"<item>")
    good = Subject(name="b.xml", body=HEAD + RSS + b"<item/>" + END)
    missing = Subject(name="c.xml", body=Path("no/such/file"))
    findings = list(check([broken, missing, good], CONTEXT, level="error"))
    assert [(finding.place.source, finding.rule) for finding in findings] == [
        ("a.xml", "XML-01"),
        ("c.xml", "HTP-01"),
        ("b.xml", "RSS-16"),
    ]


def test_findings_of_a_file_stand_in_the_order_of_its_lines() -> None:
    items = b"\n".join([b"<item/>"] * 3)
    lines = [finding.place.line or 0 for finding in found(HEAD + RSS + items + END)]
    assert lines == sorted(lines)
    assert len(set(lines)) > 2


def test_a_finding_has_file_line_column_and_path() -> None:
    body = HEAD + RSS + b"\n  <item/>\n  <item><title>a</title><pubDate>never</pubDate></item>" + END
    finding = next(finding for finding in found(body) if finding.rule == "RSS-22")
    assert str(finding.place) == "feed.xml:4:25 /rss/channel/item[2]/pubDate"
    assert "'never'" in finding.message


def test_findings_of_a_json_file_have_file_line_column_and_path() -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "title": "x",\n "items": [{"id": ""}]}'
    finding = next(finding for finding in found(body, "feed.json") if finding.rule == "JSF-08")
    assert str(finding.place) == "feed.json:2:19 /items[1]/id"


def test_rules_can_be_asked_for_by_id_profile_and_level() -> None:
    body = HEAD + RSS + b"<item/>" + END
    assert {finding.rule for finding in found(body, only=["RSS-16", "RSS-04"])} == {"RSS-16", "RSS-04"}
    assert {finding.rule for finding in found(body, profiles=["atom"])} == {"profile"}
    assert {finding.level for finding in found(body, level="error")} == {"error"}


def test_a_profile_asked_for_by_name_is_held_to_in_full() -> None:
    body = HEAD + RSS + ITEM + END
    lenient = {finding.rule for finding in found(body, level="error")}
    strict = {finding.rule for finding in found(body, level="error", profiles=["apple"])}
    assert lenient == set()
    assert {"EPI-01", "POD-02", "POD-04", "POD-05", "RSS-22"} <= strict


def test_what_others_may_lawfully_leave_out_is_an_error_only_in_what_this_tool_publishes() -> None:
    body = HEAD + RSS + b"<item><title>a</title></item>" + END
    foreign = Subject(name="feed.xml", body=body)
    own = Subject(name="feed.xml", body=body, own=True)
    assert not [finding for finding in check([foreign], CONTEXT) if finding.level == "error"]
    assert {"RSS-18", "RSS-22", "RSS-04"} <= {f.rule for f in check([own], CONTEXT) if f.level == "error"}


def test_one_rule_broken_everywhere_is_shown_a_hundred_times_and_counted() -> None:
    findings = [finding for finding in found(HEAD + RSS + b"<item/>" * 250 + END) if finding.rule == "RSS-16"]
    assert len(findings) == MOST + 1
    assert findings[-1].message == "and 150 more findings of this rule in this file"


BOMB = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"lol") for n in range(12))


def _item(name: bytes, text: bytes) -> bytes:
    """Make a feed of one item that holds one element."""
    itunes = b'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    return HEAD + RSS + b"<item><%s %s>" % (name, itunes) + text + b"</%s></item>" % name + END


def _doctype(declarations: bytes) -> bytes:
    """Begin a feed that declares entities."""
    return HEAD + b"<!DOCTYPE rss [" + declarations + b"]>" + RSS


HOSTILE = {
    "entities of entities": _doctype(BOMB) + b"<item><title>&a11;</title></item>" + END,
    "one long entity": _doctype(b'<!ENTITY a "%s">' % (b"a" * 100_000)) + b"&a;" * 100_000 + END,
    "an external entity": _doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">') + b"&a;" + END,
    "a parameter entity": _doctype(b'<!ENTITY % a SYSTEM "https://example.org/a">%a;') + END,
    "depth": HEAD + RSS + b"<a>" * 2_000_000,
    "one huge attribute": HEAD + b'<rss version="' + b"2" * 20_000_000 + b'">',
    "one huge comment": HEAD + b"<!--" + b"-a" * 10_000_000,
    "one huge tag name": HEAD + b"<" + b"a" * 20_000_000,
    "one huge text": HEAD + RSS + b"<item><title>" + b"a" * 40_000_000,
    "one huge item": HEAD + RSS + b"<item>" + b"<category/>" * 2_000_000,
    "a channel without end": HEAD + RSS + b"<category/>" * 2_000_000,
    "many attributes": HEAD + b"<rss " + b" ".join(b'a%d="x"' % n for n in range(1_000_000)),
    "an unknown encoding": b'<?xml version="1.0" encoding="idna"?>' + RSS + END,
    "wrong bytes": HEAD + RSS + b"\xff\xfe\x00" + END,
    "nothing": b"",
    "deep json": b'{"items": ' + b"[" * 1_000_000,
    "a json string without end": b'{"items": "' + b"a" * 30_000_000,
    "json numbers without end": b'{"items": ' + b"1" * 3_000_000,
    "json of nothing but keys": b'{"items": [{' + b'"a": 1,' * 1_000_000,
    "unclosed tags in html": _item(b"description", b"<![CDATA[" + b"<a " * 1_000_000 + b"]]>"),
    "comments in html": _item(b"description", b"<![CDATA[" + b"<!--" * 1_000_000 + b"]]>"),
    "a long style": _item(b"description", b"<![CDATA[<p style='" + b" " * 1_000_000 + b"'>]]>"),
    "a long date": _item(b"pubDate", b"(" * 1_000_000),
    "a long person": _item(b"author", b"a@" * 500_000),
    "a long address": _item(b"link", b"https://" + b"a." * 500_000),
    "a long language": HEAD + RSS + b"<language>" + b"a-" * 500_000 + b"</language>" + END,
    "a long width": HEAD + RSS + b"<image><width>" + b"9" * 1_000_000 + b"</width></image>" + END,
    "a long hour": HEAD + RSS + b"<skipHours><hour>" + b"9" * 1_000_000 + b"</hour></skipHours>" + END,
    "a long duration": _item(b"itunes:duration", b"9" * 1_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_or_read_in_bounded_time(name: str) -> None:
    began = time.process_time()
    findings = found(HOSTILE[name], "feed.json" if "json" in name else "feed.xml")
    assert time.process_time() - began < 10
    assert findings or name == "nothing"


@pytest.mark.parametrize("name", ["entities of entities", "one long entity", "depth", "one huge attribute"])
def test_what_is_made_to_exhaust_a_reader_is_called_so(name: str) -> None:
    assert "XML-13" in {finding.rule for finding in found(HOSTILE[name])}


CORPUS = [
    path.read_bytes() for path in sorted(CASES.rglob("*.*")) if path.suffix in (".xml", ".json", ".vtt")
][::9]
SMALL = settings(max_examples=60, deadline=None)


@SMALL
@given(st.sampled_from(CORPUS), st.integers(0, 3000), st.binary(max_size=12), st.integers(0, 40))
def test_no_damage_to_a_file_stops_the_check(body: bytes, at: int, put: bytes, cut: int) -> None:
    at %= len(body) + 1
    damaged = body[:at] + put + body[at + cut :]
    for name in ("a.xml", "a.json", "chapters.vtt", "index.html"):
        for own in (True, False):
            list(check([Subject(name=name, body=damaged, own=own)], CONTEXT, profiles=()))


VALUES = st.text(
    st.sampled_from("<>&;:/?#[]@!'\"()%+-., \n0123456789TZabcXn\u00e9\u00b2\u0663\U0001f30a"), max_size=40
)
NAMES = """title link description guid pubDate author category enclosure itunes:duration itunes:episode
    itunes:image itunes:category podcast:person podcast:location podcast:soundbite podcast:transcript
    podcast:chapters podcast:updateFrequency podcast:season psc:chapters content:encoded dc:date atom:link
    itunes:season itunes:block podcast:alternateEnclosure podcast:trailer itunes:owner"""
ATTRIBUTES = """url href length type rel isPermaLink startTime duration rrule start title text feedGuid geo
    pubdate uri"""
ATTRIBUTE = st.tuples(st.sampled_from(ATTRIBUTES.split()), VALUES)
ELEMENT = st.tuples(st.sampled_from(NAMES.split()), st.lists(ATTRIBUTE, max_size=3), VALUES)
SPACES = """xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"
    xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" """


def _written(name: str, attributes: list[tuple[str, str]], text: str) -> str:
    given_once = "".join(f" {key}={quoteattr(value)}" for key, value in dict(attributes).items())
    return f"<{name}{given_once}>{escape(text)}</{name}>"


@SMALL
@given(st.lists(ELEMENT, max_size=8))
def test_no_value_of_any_element_stops_the_check(
    elements: list[tuple[str, list[tuple[str, str]], str]],
) -> None:
    inner = "".join(_written(*element) for element in elements)
    body = f'<rss version="2.0" {SPACES}><channel>{inner}<item>{inner}</item></channel></rss>'
    for own in (True, False):
        list(check([Subject(name="podcast.xml", body=body.encode(), own=own)], CONTEXT))


@given(st.integers(1, 70_000), st.integers(1, 40))
@SMALL
def test_the_parts_of_a_document_do_not_depend_on_where_it_is_cut(size: int, count: int) -> None:
    body = HEAD + RSS + ITEM.replace(b"<title>a", b"<title>" + b"\xc3\xa9" * size) * count + END
    items = [part for part in xml_parts(io.BytesIO(body), Facts()) if part.index]
    assert [part.index for part in items] == list(range(1, count + 1))
    assert {part.value("title") for part in items} == {"é" * size}


def test_json_is_read_as_the_standard_library_reads_it() -> None:
    text = r'{"a": [1, -2.5e3, true, null, "\u00e9\ud83c\udf0a\n\"", {}], "b": {}, "items": [1, {"d": "e"}]}'
    *items, top = json_parts(io.BytesIO(text.encode()), JsonFacts())
    assert [item.path for item in items] == ["/items[1]", "/items[2]"]
    assert [node.value for node in top.members("a")][:5] == [1, -2500.0, True, None, 'é🌊\n"']


@pytest.mark.parametrize(
    "text", ["", "{", '{"a" 1}', "[1,]", '{"a": 1,}', "01", "1 2", '"\\x"', '{"a": tru}', "nul"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(BrokenError):
        list(json_parts(io.BytesIO(text.encode()), JsonFacts()))


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"<rss>", "a", "rss"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <feed> --><rss>", "a", "rss"),
        ("<?xml version='1.0' encoding='utf-16'?><feed>".encode("utf-16"), "a", "atom"),
        (b"<a:feed xmlns:a='http://www.w3.org/2005/Atom'>", "a", "atom"),
        (b"<!DOCTYPE html><title>x</title>", "a", "page"),
        (b'{"version": "https://jsonfeed.org/version/1.1"', "a", "json"),
        (b'{"version": "1.2.0", "chapters": [', "a.json", "chapters"),
        (b"WEBVTT\n", "a", "vtt"),
        (b"User-agent: *", "https://example.org/robots.txt", "robots"),
        (b"ID3\x03\x00", "a", "audio"),
        (b"\x00\x00\x00\x20ftypM4A ", "a", "audio"),
        (b"\x89PNG\r\n", "a", "picture"),
        (b"<urlset>", "a", "xml"),
        (b"hello", "a.txt", "other"),
    ],
)
def test_a_file_is_recognised_by_its_first_bytes(head: bytes, name: str, kind: str) -> None:
    assert recognise(head, name) == kind


def _large(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(HEAD + RSS)
        for number in _until(file, size):
            text = b"&lt;p&gt;Green and red.&lt;/p&gt;" * 60
            file.write(
                b"<item><title>%d</title><guid isPermaLink='false'>urn:x-a:%d</guid>" % (number, number)
            )
            file.write(b"<description>%s</description></item>\n" % text)
        file.write(END)


def _until(file: io.BufferedWriter, size: int) -> Iterator[int]:
    number = 0
    while file.tell() < size:
        number += 1
        yield number


MEASURE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from feeds.verify.checking import check
from feeds.verify.documents import Context, Subject
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
subject = Subject(name="large.xml", body=Path(sys.argv[1]))
found = sum(1 for _ in check([subject], Context(now=datetime.now(UTC))))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_a_feed_of_100_megabytes_needs_less_than_150_more_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    _large(path, 100_000_000)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) / 1024 < 150
