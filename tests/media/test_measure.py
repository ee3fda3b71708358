from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import media
from feeds.errors import MediaError
from feeds.media import mp3

from .conftest import Encode, Probe

CASES = {
    "constant.mp3": ("audio/mpeg", ["-b:a", "64k"]),
    "variable.mp3": ("audio/mpeg", ["-q:a", "6"]),
    "low.mp3": ("audio/mpeg", ["-b:a", "24k", "-ar", "22050", "-ac", "1"]),
    "mpeg25.mp3": ("audio/mpeg", ["-b:a", "8k", "-ar", "8000", "-ac", "1"]),
    "old-tags.mp3": (
        "audio/mpeg",
        ["-b:a", "64k", "-id3v2_version", "4", "-write_id3v1", "1", "-metadata", "title=x"],
    ),
    "apple.m4a": ("audio/x-m4a", []),
    "vorbis.ogg": ("audio/ogg", ["-c:a", "libvorbis"]),
    "speech.opus": ("audio/ogg", ["-c:a", "libopus"]),
    "lossless.flac": ("audio/flac", []),
    "plain.wav": ("audio/wav", []),
    "plain.aiff": ("audio/aiff", []),
    "raw.aac": ("audio/aac", []),
}


@pytest.mark.parametrize("name", CASES)
def test_type_size_and_duration_are_those_that_ffprobe_finds(name: str, encode: Encode, probe: Probe) -> None:
    kind, options = CASES[name]
    path = encode(name, *options)
    found = media.measure(path)
    assert (found.url, found.type, found.size) == ("", kind, path.stat().st_size)
    assert found.duration == pytest.approx(float(probe(path)["format"]["duration"]), abs=0.3)


def test_the_type_is_told_by_content_whatever_the_name_says(encode: Encode, tmp_path: Path) -> None:
    path = tmp_path / "really-flac.mp3"
    path.write_bytes(encode("lossless.flac").read_bytes())
    assert media.measure(path).type == "audio/flac"


def test_a_variable_bit_rate_without_a_header_is_counted_where_others_guess(encode: Encode) -> None:
    quiet_then_loud = "volume='if(lt(t,15),0,1)':eval=frame"
    path = encode("headless.mp3", "-q:a", "2", "-write_xing", "0", "-af", quiet_then_loud)
    assert media.measure(path).duration == pytest.approx(20, abs=0.1)


def test_an_mp3_within_junk_and_between_tags_is_measured(encode: Encode, tmp_path: Path) -> None:
    audio = encode("plain.mp3", "-b:a", "64k", "-write_xing", "0", "-id3v2_version", "0").read_bytes()
    path = tmp_path / "joined.mp3"
    tag = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    path.write_bytes(tag + tag + b"\0" * 700 + audio + tag + audio + b"TAG" + bytes(125))
    assert media.measure(path).duration == pytest.approx(40, abs=0.2)


BROKEN: dict[str, tuple[str | bytes, Callable[[bytes], bytes], str]] = {
    "empty": (b"", bytes, "is empty"),
    "text": (b"Show notes of episode 12\n" * 900, bytes, "is not audio in a known format"),
    "truncated": (
        "a.mp3",
        lambda d: d[: len(d) * 2 // 3],
        "should play for 00:00:20 but ends after 00:00:13",
    ),
    "truncated MP4": ("a.m4a", lambda d: d[: len(d) * 2 // 3], "is cut off"),
    "MP4 without its index": ("a.m4a", lambda d: d[: d.index(b"moov") - 4], "is broken or cut off"),
    "one frame of nothing": (b"\xff\xfb\x90\x00", bytes, "is not audio"),
    "FLAC in name only": (b"fLaC" + bytes(300), bytes, "is broken or cut off"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_used_is_refused_with_its_reason_and_place(
    case: str, encode: Encode, tmp_path: Path
) -> None:
    source, spoil, message = BROKEN[case]
    path = tmp_path / "12.mp3"
    path.write_bytes(spoil(encode(source).read_bytes() if isinstance(source, str) else source))
    with pytest.raises(MediaError, match=message) as caught:
        media.measure(path)
    assert str(caught.value).startswith(str(path))


def test_an_mp3_cut_in_the_middle_of_a_frame_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "12.mp3"
    path.write_bytes(media.placeholder(60)[:-7])
    with pytest.raises(MediaError, match="in the middle of a frame, after 00:00:59"):
        media.measure(path)


def test_a_file_that_is_not_there_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.mp3: cannot be read: No such file"):
        media.measure(tmp_path / "gone.mp3")


@given(st.binary(max_size=2000), st.integers(min_value=0, max_value=3))
@settings(max_examples=300)
def test_any_bytes_are_scanned_without_an_accident(data: bytes, copies: int) -> None:
    stream = mp3.scan(bytes(8) + data + media.placeholder(1) * copies + data)
    if copies:
        assert stream is not None
        assert stream.seconds >= 0
    else:
        assert stream is None or stream.start < 8 + 2 * len(data)
