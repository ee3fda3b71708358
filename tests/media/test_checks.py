import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from feeds import media
from feeds.errors import MediaError
from feeds.model import Chapter, Place

from .conftest import Encode


def picture(mode: str = "RGB", size: tuple[int, int] = (1500, 1500), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def bomb(side: int) -> bytes:
    """A PNG of a few bytes whose header says that it has `side` times `side` pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def clear_palette() -> bytes:
    file = io.BytesIO()
    Image.new("P", (1500, 1500)).save(file, "PNG", transparency=0)
    return file.getvalue()


GOOD: dict[str, Callable[[], bytes]] = {
    "cover.png": picture,
    "cover.PNG": lambda: picture(size=(3000, 3000)),
    "cover.jpg": lambda: picture(kind="JPEG", size=(1400, 1400)),
    "cover.jpeg": lambda: picture(kind="JPEG"),
}

BAD: dict[str, tuple[str, Callable[[], bytes], list[str]]] = {
    "CMYK": ("cover.jpg", lambda: picture("CMYK", kind="JPEG"), ["is CMYK; a cover must be RGB"]),
    "grey": ("cover.png", lambda: picture("L"), ["is grey; a cover must be RGB"]),
    "transparent": ("cover.png", lambda: picture("RGBA"), ["has transparency"]),
    "transparent palette": ("cover.png", clear_palette, ["has transparency"]),
    "a bomb": ("cover.png", lambda: bomb(40_000), ["far more than the 3000 x 3000 pixels"]),
    "a smaller bomb": ("cover.png", lambda: bomb(12_000), ["far more than the 3000 x 3000 pixels"]),
    "not square": (
        "cover.png",
        lambda: picture(size=(1500, 1600)),
        ["is 1500 x 1600 pixels; a cover must be square"],
    ),
    "too small": ("cover.png", lambda: picture(size=(1399, 1399)), ["must have 1400 to 3000"]),
    "too large": ("cover.png", lambda: picture(size=(3001, 3001)), ["must have 1400 to 3000"]),
    "SVG named .png": ("cover.png", lambda: b"<?xml version='1.0'?><svg xmlns='x'/>", ["is an SVG"]),
    "JPEG named .png": (
        "cover.png",
        lambda: picture(kind="JPEG"),
        ["is a JPEG file but is named .png; name it .jpg"],
    ),
    "without extension": ("cover", picture, ["is named without extension; name it .png"]),
    "GIF": ("cover.gif", lambda: picture("P", kind="GIF"), ["is a GIF file"]),
    "WebP": ("cover.webp", lambda: picture(kind="WEBP"), ["is a WEBP file"]),
    "empty": ("cover.png", bytes, ["is empty"]),
    "text": ("cover.png", lambda: b"hello", ["is not a picture that can be read"]),
    "cut off": ("cover.jpg", lambda: picture(kind="JPEG")[:9000], ["is broken or cut off"]),
    "several things": (
        "cover.jpg",
        lambda: picture("L", (900, 800)),
        ["named .jpg", "square", "1400", "grey"],
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_cover_that_directories_take_is_not_objected_to(name: str) -> None:
    assert media.check_artwork(GOOD[name](), name) == ()


@pytest.mark.parametrize("case", BAD)
def test_a_cover_that_directories_refuse_is_refused_with_every_reason(case: str) -> None:
    name, make, reasons = BAD[case]
    findings = media.check_artwork(make(), name)
    assert {(finding.level, finding.rule, str(finding.place)) for finding in findings} == {
        ("error", "POD-03", name)
    }
    assert len(findings) == len(reasons)
    for finding, reason in zip(findings, reasons, strict=True):
        assert reason in finding.message


CHAPTERS = (Chapter(start=0, title="Intro"), Chapter(start=8, title="Größe"), Chapter(start=15, title="End"))


def rules(path: Path, chapters: tuple[Chapter, ...] = ()) -> list[str]:
    return [finding.rule for finding in media.check_audio(path, media.measure(path), chapters)]


def test_an_ordinary_mp3_is_not_objected_to(encode: Encode) -> None:
    assert rules(encode("a.mp3", "-b:a", "64k"), CHAPTERS) == []


def test_a_type_that_apple_does_not_list_is_reported(encode: Encode) -> None:
    path = encode("speech.opus", "-c:a", "libopus")
    (finding,) = media.check_audio(path, media.measure(path))
    assert str(finding) == (
        f"{path}: warning: is audio/ogg, which Apple Podcasts does not list; use MP3 or M4A [EPI-01]"
    )


def test_a_name_that_hides_the_type_is_reported(encode: Encode, tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(encode("a.mp3", "-b:a", "64k").read_bytes())
    (finding,) = media.check_audio(path, media.measure(path))
    assert finding.message == "is audio/mpeg but is named .m4a; name it .mp3"


def test_a_size_that_players_do_not_believe_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(media.placeholder(16))
    assert rules(path) == ["EPI-04"]


def test_broken_tags_are_reported_with_what_is_done_about_them(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"ID3\x03\0\0\x7f\x7f\x7f\x7fjunk" + media.placeholder(60))
    (finding,) = media.check_audio(path, media.measure(path))
    assert finding.rule == "ID3-05"
    assert "the published copy gets new ones" in finding.message


CHAPTERED = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=8000
title=Intro
[CHAPTER]
TIMEBASE=1/1000
START=8000
END=15000
title=Größe
[CHAPTER]
TIMEBASE=1/1000
START=15000
END=20000
title=End
"""


@pytest.mark.parametrize("name", ["a.m4a", "a.mp3"])
def test_chapters_that_another_program_wrote_are_read(name: str, encode: Encode) -> None:
    assert media.chapters(encode(name, "-b:a", "64k", extra=CHAPTERED)) == CHAPTERS


def test_an_audio_file_without_chapters_has_none(encode: Encode) -> None:
    for name in ("a.m4a", "a.mp3", "a.flac"):
        assert media.chapters(encode(name)) == ()


def test_chapters_of_a_file_that_is_not_there_are_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.m4a: cannot be read"):
        media.chapters(tmp_path / "gone.m4a")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (CHAPTERS, None),
        (CHAPTERS[:2], "has 3 chapters, the notes have 2"),
        (
            (*CHAPTERS[:2], Chapter(start=15, title="Ending")),
            "has a chapter 'End' at 00:00:15 where the notes have",
        ),
        ((*CHAPTERS[:2], Chapter(start=17, title="End")), "'End' at 00:00:17"),
    ],
)
def test_chapters_in_an_m4a_that_differ_are_reported_and_left(
    wanted: tuple[Chapter, ...], message: str | None, encode: Encode
) -> None:
    path = encode("a.m4a", "-b:a", "64k", extra=CHAPTERED)
    findings = media.check_audio(path, media.measure(path), wanted)
    assert [finding.rule for finding in findings] == (["MP4-01"] if message else [])
    for finding in findings:
        assert message
        assert message in finding.message


def test_every_second_use_of_an_enclosure_is_reported() -> None:
    places = [Place(source="notes.txt", line=line) for line in (1, 9, 20, 31)]
    urls = ["https://example.org/1.mp3", "https://example.org/2.mp3"]
    findings = media.check_reuse(zip([urls[0], urls[1], urls[0], urls[0]], places, strict=True))
    assert [(finding.rule, finding.place.line) for finding in findings] == [("EPI-02", 20), ("EPI-02", 31)]
    assert "is the audio of notes.txt:1 too" in findings[0].message


def test_changed_bytes_under_an_unchanged_name_are_reported() -> None:
    assert media.check_change(Path("1.mp3"), "abc", None) == ()
    assert media.check_change(Path("1.mp3"), "abc", "abc") == ()
    (finding,) = media.check_change(Path("1.mp3"), "abc", "def")
    assert (finding.rule, str(finding.place)) == ("LED-05", "1.mp3")
