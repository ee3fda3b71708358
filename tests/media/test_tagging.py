# mutagen says that it is typed, but its constructors are not.
# mypy: disable-error-code="no-untyped-call"

import errno
import io
import os
import re
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import eyed3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import COMM, ID3, TDRC, TIT2, TXXX, Frames
from PIL import Image

from feeds import media
from feeds.errors import MediaError, TargetError
from feeds.model import Chapter

from .conftest import Encode, Probe

TITLES = ("Opening", "A much longer title than the others", "Q&A", "2", "Größe – 日本語 🎙", "End")
CHAPTERS = tuple(
    Chapter(
        start=index * 9.5,
        title=TITLES[index % len(TITLES)],
        link=f"https://example.org/ä/{index}?a=1&b=2#c" if index % 2 else None,
        image="https://example.org/a.png" if index % 3 == 0 else None,
    )
    for index in range(600)
)


COVER = media.thumbnail(media.cover("The Show", size=1400))


def tags(count: int) -> media.Tags:
    return media.Tags(
        title="Consensus, “explained”",
        show="The Show",
        number=68,
        author="Åsa Author",
        duration=count * 9.5 + 5,
        chapters=CHAPTERS[:count],
        cover=COVER,
    )


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


COUNTS = (1, 12, 255, 256, 600)


@pytest.fixture(params=COUNTS)
def tagged(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, media.Tags]:
    given_tags = tags(request.param)
    return write(
        tmp_path / "a.mp3", media.tag(media.placeholder(given_tags.duration), given_tags)
    ), given_tags


def times(chapters: tuple[Chapter, ...], duration: float) -> list[tuple[int, int, str]]:
    ends = [*(chapter.start for chapter in chapters[1:]), duration]
    return [
        (round(c.start * 1000), round(end * 1000), c.title) for c, end in zip(chapters, ends, strict=True)
    ]


def test_ffprobe_reads_the_chapters_in_order(tagged: tuple[Path, media.Tags], probe: Probe) -> None:
    path, wanted = tagged
    answer = probe(path)
    found = [
        (round(float(c["start_time"]) * 1000), round(float(c["end_time"]) * 1000), c["tags"].get("title", ""))
        for c in answer["chapters"]
    ]
    assert found == times(wanted.chapters, wanted.duration)
    assert float(answer["format"]["duration"]) == pytest.approx(wanted.duration, abs=0.03)
    assert answer["format"]["tags"] == {
        "title": wanted.title,
        "album": "The Show",
        "artist": "Åsa Author",
        "track": "68",
    }


def test_eyed3_reads_the_chapters_through_the_table_of_contents(tagged: tuple[Path, media.Tags]) -> None:
    path, wanted = tagged
    tag = eyed3.load(path).tag
    found = []

    def follow(name: bytes) -> None:
        if chapter := tag.chapters.get(name):
            found.append((*chapter.times, chapter.title))
        else:
            for child in tag.table_of_contents[name].child_ids:
                follow(child)

    tops = [toc for toc in tag.table_of_contents if toc.toplevel]
    assert [toc.ordered for toc in tag.table_of_contents] == [True] * len(list(tag.table_of_contents))
    assert len(tops) == 1
    follow(tops[0].element_id)
    assert found == times(wanted.chapters, wanted.duration)


def test_mutagen_reads_the_chapters_with_their_links(tagged: tuple[Path, media.Tags]) -> None:
    path, wanted = tagged
    found = media.chapters(path)
    assert [(c.start, c.title) for c in found] == [(c.start, c.title) for c in wanted.chapters]
    assert found[-1].link == (
        None if len(found) % 2 else f"https://example.org/%C3%A4/{len(found) - 1}?a=1&b=2#c"
    )


def test_the_chapter_frames_lie_in_order_of_time_in_the_file(tagged: tuple[Path, media.Tags]) -> None:
    path, wanted = tagged
    places = [
        match.group(1) for match in re.finditer(rb"CHAP....\0\0(chp\d{5})\0", path.read_bytes(), re.DOTALL)
    ]
    assert len(places) == len(wanted.chapters)
    assert places == sorted(places)


def test_every_frame_obeys_the_rules_for_chapters(tagged: tuple[Path, media.Tags]) -> None:
    path, wanted = tagged
    id3 = ID3(path)
    tables, marks = id3.getall("CTOC"), id3.getall("CHAP")
    ids = [frame.element_id for frame in (*tables, *marks)]
    children = [child for table in tables for child in table.child_element_ids]
    assert id3.version == (2, 3, 0)
    assert sorted([*children, "toc"]) == sorted(set(ids)) == sorted(ids)
    assert all(len(table.child_element_ids) <= 255 for table in tables)
    assert all(name.isascii() and len(name) < 100 for name in ids)
    for mark in marks:
        assert mark.start_time < mark.end_time <= wanted.duration * 1000 + 1000
        assert mark.start_offset == mark.end_offset == 0xFFFFFFFF
        assert len(mark.sub_frames.getall("TIT2")) == 1
        assert [picture.mime for picture in mark.sub_frames.getall("APIC")] in ([], ["-->"])


def test_the_tag_stands_at_the_start_and_the_audio_follows_unchanged() -> None:
    audio = media.placeholder(200)
    data = media.tag(audio, tags(12))
    assert data.startswith(b"ID3\x03")
    assert data.endswith(audio)


def test_the_cover_in_the_file_is_a_small_jpeg() -> None:
    data = media.tag(media.placeholder(200), tags(12))
    (picture,) = ID3(io.BytesIO(data)).getall("APIC")
    assert (picture.mime, picture.type) == ("image/jpeg", 3)
    assert Image.open(io.BytesIO(picture.data)).size == (600, 600)
    assert len(picture.data) < 60_000


def test_the_same_input_gives_the_same_bytes_and_tagging_twice_changes_nothing() -> None:
    once = media.tag(media.placeholder(200), tags(12))
    assert once == media.tag(media.placeholder(200), tags(12))
    assert once == media.tag(once, tags(12))


@pytest.mark.parametrize("version", [3, 4])
def test_frames_that_say_something_else_are_kept(version: int, encode: Encode, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", encode("a.mp3", "-b:a", "64k").read_bytes())
    old = ID3()
    for frame in (
        TIT2(encoding=3, text="working title"),
        TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text="-3 dB"),
        COMM(encoding=3, lang="eng", desc="", text="recorded in München"),
        TDRC(encoding=3, text="2024-05-06"),
    ):
        old.add(frame)
    if version == 3:
        old.update_to_v23()
    old.save(path, v2_version=version)
    new = ID3(io.BytesIO(media.tag(path.read_bytes(), tags(3))))
    assert str(new["TIT2"]) == tags(3).title
    assert str(new["TXXX:REPLAYGAIN_TRACK_GAIN"]) == "-3 dB"
    assert str(new["COMM::eng"]) == "recorded in München"
    assert str(new["TDRC"]) == "2024-05-06"


def test_frames_unknown_to_us_are_kept_where_the_version_is_the_same() -> None:
    frame = b"XQRS\0\0\0\x04\0\0abcd"
    head = b"ID3\x03\0\0\0\0\0" + bytes([len(frame)])
    assert frame in media.tag(head + frame + media.placeholder(60), tags(3))


def test_chapters_and_cover_of_the_file_stay_where_we_have_none() -> None:
    first = media.tag(media.placeholder(200), tags(12))
    again = media.tag(first, replace(tags(12), chapters=(), cover=None))
    assert len(ID3(io.BytesIO(again)).getall("CHAP")) == 12
    assert len(ID3(io.BytesIO(again)).getall("APIC")) == 1


BROKEN_TAGS = {
    "size beyond the file": b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + b"TIT2junk" * 9,
    "size that is not a size": b"ID3\x03\0\0\xff\xff\xff\xff" + b"TIT2junk" * 9,
    "size too small": b"ID3\x03\0\0\0\0\0\x05" + b"TIT2junk" * 9,
    "unknown version": b"ID3\x09\0\0\0\0\0\x0a" + b"0123456789",
    "unknown flags": b"ID3\x03\0\x1f\0\0\0\x0a" + b"0123456789",
    "extended header of nothing": b"ID3\x04\0\x40\0\0\0\x0a\xff\xff\xff\xff0123456",
    "frame beyond the tag": b"ID3\x03\0\0\0\0\0\x14" + b"TIT2\0\0\x99\x99\0\0" + bytes(10),
    "text that is not text": b"ID3\x03\0\0\0\0\0\x14" + b"TIT2\0\0\0\x0a\0\0\x01\xff\xfe\x00\xd8abcde",
}


@pytest.mark.parametrize("case", BROKEN_TAGS)
def test_broken_tags_are_survived_and_replaced(case: str, tmp_path: Path, probe: Probe) -> None:
    audio = media.placeholder(200)
    original = write(tmp_path / "a.mp3", BROKEN_TAGS[case] + audio)
    assert media.measure(original).duration == pytest.approx(200, abs=0.03)
    copy = tmp_path / "out" / "a.mp3"
    media.publish(original, copy, tags(12))
    assert copy.read_bytes().endswith(audio)
    answer = probe(copy)
    assert len(answer["chapters"]) == 12
    assert float(answer["format"]["duration"]) == pytest.approx(200, abs=0.03)


def frame(name: str, flags: int, data: bytes) -> bytes:
    return name.encode() + len(data).to_bytes(4, "big") + flags.to_bytes(2, "big") + data


FRAMES = st.builds(
    frame,
    st.sampled_from(sorted(Frames)),
    st.sampled_from([0, 0, 0, 1, 2, 8, 0x40, 0x80, 0xFFFF]),
    st.binary(max_size=60),
)


@given(
    st.sampled_from([b"ID3\x02\0\0", b"ID3\x03\0\0", b"ID3\x04\0\0", b"ID3\x04\0\x80", b"ID3\x04\0\x40"]),
    st.binary(max_size=100) | st.lists(FRAMES, max_size=5).map(b"".join),
)
@settings(max_examples=120, deadline=None)
def test_no_bytes_in_a_tag_can_stop_the_tagging(head: bytes, body: bytes) -> None:
    size = bytes([0, 0, len(body) >> 7, len(body) & 127])
    data = media.tag(head + size + body + media.placeholder(30), tags(3))
    assert data.endswith(media.placeholder(30))
    assert len(ID3(io.BytesIO(data)).getall("CHAP")) == 3


def test_what_is_no_mp3_cannot_be_tagged_in_memory() -> None:
    with pytest.raises(MediaError, match="not an MP3"):
        media.tag(b"hello " * 99, tags(3))


class TestPublishing:
    @pytest.fixture
    def original(self, tmp_path: Path) -> Path:
        path = write(tmp_path / "original.mp3", media.placeholder(200))
        os.utime(path, (1_000_000_000, 1_000_000_000))
        return path

    def test_the_copy_has_the_tags_and_the_original_is_not_touched(
        self, original: Path, tmp_path: Path
    ) -> None:
        before = original.read_bytes(), original.stat().st_mtime_ns
        copy = tmp_path / "out" / "deep" / "a.mp3"
        size = media.publish(original, copy, tags(12))
        assert size == copy.stat().st_size
        assert copy.read_bytes() == media.tag(before[0], tags(12))
        assert (original.read_bytes(), original.stat().st_mtime_ns) == before

    def test_the_copy_is_made_again_only_when_something_changed(self, original: Path, tmp_path: Path) -> None:
        copy = tmp_path / "a.mp3"
        media.publish(original, copy, tags(12))
        made = copy.stat()
        assert media.publish(original, copy, tags(12)) == made.st_size
        assert copy.stat().st_ino == made.st_ino
        media.publish(original, copy, replace(tags(12), title="Consensus, “explainer”"))
        assert copy.stat().st_ino != made.st_ino

    def test_new_audio_of_the_same_size_is_noticed(self, original: Path, tmp_path: Path) -> None:
        copy = tmp_path / "a.mp3"
        media.publish(original, copy, tags(12))
        audio = bytearray(original.read_bytes())
        audio[-1] ^= 1
        original.write_bytes(audio)
        media.publish(original, copy, tags(12))
        assert copy.read_bytes().endswith(audio)

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("apple.m4a", ()),
            ("lossless.flac", ()),
            ("mp3-inside.mp4", ("-c:a", "libmp3lame")),
            ("mp3-inside.wav", ("-c:a", "libmp3lame")),
        ],
    )
    def test_what_is_no_mp3_is_copied_as_it_is(
        self, name: str, options: tuple[str, ...], encode: Encode, tmp_path: Path
    ) -> None:
        original = encode(name, *options)
        copy = tmp_path / name
        assert media.publish(original, copy, tags(12)) == original.stat().st_size
        assert copy.read_bytes() == original.read_bytes()

    def test_the_copy_can_be_read_by_a_web_server(self, original: Path, tmp_path: Path) -> None:
        copy = tmp_path / "a.mp3"
        media.publish(original, copy, tags(12))
        assert copy.stat().st_mode == original.stat().st_mode

    def test_audio_that_vanished_since_it_was_measured_is_reported(
        self, original: Path, tmp_path: Path
    ) -> None:
        copy = write(tmp_path / "a.mp3", b"what was published last")
        media.measure(original)
        original.unlink()
        with pytest.raises(MediaError, match=r"original\.mp3: cannot be read: No such file"):
            media.publish(original, copy, tags(12))
        assert copy.read_bytes() == b"what was published last"

    def test_audio_that_grows_while_it_is_copied_is_not_published(
        self, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real_open = Path.open

        def open_late(self: Path, *args: Any, **kwargs: Any) -> Any:
            """Something else writes to the original when the copy is begun."""
            if self.name == ".a.mp3.part":
                with real_open(original, "ab") as file:
                    file.write(media.placeholder(1))
            return real_open(self, *args, **kwargs)

        monkeypatch.setattr(Path, "open", open_late)
        with pytest.raises(MediaError, match="changed while it was being copied"):
            media.publish(original, tmp_path / "a.mp3", tags(12))
        assert [path.name for path in tmp_path.iterdir()] == ["original.mp3"]

    def test_a_disk_that_takes_no_more_leaves_what_was_there_and_nothing_half_written(
        self, original: Path, tmp_path: Path
    ) -> None:
        copy = write(tmp_path / "out.mp3", b"what was published last")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            with pytest.raises(
                TargetError, match=rf"out\.mp3: cannot be written: {os.strerror(errno.EFBIG)}"
            ):
                media.publish(original, copy, tags(12))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert copy.read_bytes() == b"what was published last"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["original.mp3", "out.mp3"]

    def test_a_copy_that_was_begun_and_never_finished_is_done_over(
        self, original: Path, tmp_path: Path
    ) -> None:
        write(tmp_path / ".a.mp3.part", b"half")
        media.publish(original, tmp_path / "a.mp3", tags(12))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp3", "original.mp3"]

    def test_a_read_only_folder_is_named(self, original: Path, tmp_path: Path) -> None:
        blocked = write(tmp_path / "out", b"a file where the folder should be")
        with pytest.raises(TargetError, match=r"out/a\.mp3: cannot be written"):
            media.publish(original, blocked / "a.mp3", tags(12))
