"""`feed`: what a feed needs beside its text, and how its pages hang together."""

import json

import pytest

from feeds import chapters
from feeds.errors import SourceError
from feeds.model import Chapter, Earlier, Episode, Source
from feeds.parsers import feed

NOTES = "<p>About it.</p><ul><li>00:00 Intro</li><li>01:30 The middle</li><li>05:00 Outro</li></ul>"
LISTED = (
    Chapter(start=0, title="Intro"),
    Chapter(start=90, title="The middle"),
    Chapter(start=300, title="Outro"),
)


def podcast(item: str) -> Source:
    namespaces = (
        'xmlns:podcast="https://podcastindex.org/namespace/1.0" '
        'xmlns:psc="http://podlove.org/simple-chapters" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    item = f'<title>One</title><enclosure url="https://a.example/1.mp3" length="1" type="audio/mpeg"/>{item}'
    text = f"<rss version='2.0' {namespaces}><channel><title>S</title><item>{item}</item></channel></rss>"
    return Source(
        name="show.xml", format="feed", data=text.encode(), show="s", base_url="https://a.example/show.xml"
    )


def read_chapters(notes: str, duration: float | None) -> tuple[Chapter, ...]:
    return chapters.parse(notes, duration=duration).chapters


def episode(source: Source, options: feed.Options) -> Episode:
    (item,) = feed.parse(source, options).items
    assert isinstance(item, Episode)
    return item


class TestChapters:
    DESCRIPTION = f"<description><![CDATA[{NOTES}]]></description>"
    INLINE = '<psc:chapters><psc:chapter start="0" title="Inline"/></psc:chapters>'
    LINK = '<podcast:chapters url="/c.json" type="application/json+chapters"/>'

    def test_are_read_from_the_notes_where_the_episode_has_none(self) -> None:
        options = feed.Options(read_chapters=read_chapters)
        assert episode(podcast(self.DESCRIPTION), options).chapters == LISTED

    def test_are_read_in_the_knowledge_of_how_long_the_episode_is(self) -> None:
        asked = []

        def read(_: str, duration: float | None) -> tuple[Chapter, ...]:
            asked.append(duration)
            return ()

        source = podcast(f"{self.DESCRIPTION}<itunes:duration>1:40</itunes:duration>")
        assert episode(source, feed.Options(read_chapters=read)).chapters == ()
        assert asked == [100.0]

    def test_of_the_episode_count_for_more_than_those_of_the_notes(self) -> None:
        options = feed.Options(read_chapters=read_chapters)
        found = episode(podcast(self.DESCRIPTION + self.INLINE), options).chapters
        assert found == (Chapter(start=0, title="Inline"),)

    def test_in_a_file_are_got_and_count_for_more_than_those_of_the_notes(self) -> None:
        listed = {
            "version": "1.2.0",
            "chapters": [{"startTime": 1.5, "title": "File", "url": "https://x.example/"}],
        }
        got = []

        def load(url: str) -> bytes:
            got.append(url)
            return json.dumps(listed).encode()

        options = feed.Options(read_chapters=read_chapters, load=load)
        found = episode(podcast(self.DESCRIPTION + self.LINK), options).chapters
        assert found == (Chapter(start=1.5, title="File", link="https://x.example/"),)
        assert got == ["https://a.example/c.json"]

    @pytest.mark.parametrize("answer", [SourceError("answers 404"), b"<html>", b'{"chapters": 3}', b"\xff"])
    def test_in_a_file_that_cannot_be_had_are_reported_and_the_notes_read(
        self, answer: bytes | SourceError
    ) -> None:
        def load(_: str) -> bytes:
            if isinstance(answer, SourceError):
                raise answer
            return answer

        parsed = feed.parse(
            podcast(self.DESCRIPTION + self.LINK), feed.Options(read_chapters=read_chapters, load=load)
        )
        (item,) = parsed.items
        assert isinstance(item, Episode)
        assert item.chapters == LISTED
        assert [finding.rule for finding in parsed.findings] == ["chapters-not-read"]

    def test_in_a_file_are_not_got_unless_someone_can(self) -> None:
        assert episode(podcast(self.LINK), feed.Options()).chapters == ()


class TestAChaptersFile:
    def test_gives_its_visible_chapters_in_order(self) -> None:
        data = b"""\xef\xbb\xbf{"version": "1.2.0", "chapters": [
            {"startTime": 60, "title": "B", "img": "https://x.example/b.png"},
            {"startTime": 30.5, "title": "hidden", "toc": false},
            {"startTime": "0:05", "title": "A"}, {"title": "no start"}, {"startTime": -1}, 7]}"""
        assert feed.chapters(data) == (
            Chapter(start=5, title="A"),
            Chapter(start=60, title="B", image="https://x.example/b.png"),
        )

    @pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000])
    def test_that_is_none_is_refused(self, data: bytes) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - whichever: the caller reports it
            feed.chapters(data)


class TestThePageThatFollows:
    def after(self, links: str) -> str | None:
        text = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="?page=1"/>{links}</feed>'
        return self.of(text)

    def of(self, text: str) -> str | None:
        base_url = "https://a.example/feed?page=1"
        earlier = feed.parse(Source(name="f", format="feed", data=text.encode(), base_url=base_url)).earlier
        return earlier.url if earlier else None

    def test_is_the_archive_of_a_feed_that_has_one(self) -> None:
        links = '<link rel="next" href="?page=2"/><link rel="prev-archive" href="/old"/>'
        assert self.after(links) == "https://a.example/old"

    def test_is_known_to_stay_as_it_is_only_in_an_archive(self) -> None:
        for relation in ("prev-archive", "next"):
            text = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="{relation}" href="https://a.example/"/></feed>'
            earlier = feed.parse(Source(name="f", format="feed", data=text.encode())).earlier
            assert earlier == Earlier(url="https://a.example/", is_archive=relation == "prev-archive")

    def test_is_the_next_page_of_a_paged_feed(self) -> None:
        assert self.after('<link rel="next" href="?page=2"/>') == "https://a.example/feed?page=2"

    def test_is_found_in_rss(self) -> None:
        link = '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="https://a.example/2"/>'
        assert self.of(f"<rss><channel>{link}</channel></rss>") == "https://a.example/2"

    def test_is_that_of_a_json_feed(self) -> None:
        assert self.of('{"items": [], "next_url": "https://a.example/2"}') == "https://a.example/2"

    def test_is_not_that_of_an_entry(self) -> None:
        assert self.after('<entry><link rel="next" href="https://a.example/x"/></entry>') is None

    def test_need_not_be(self) -> None:
        assert self.after("") is None
