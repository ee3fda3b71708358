from pathlib import Path

import pytest

from feeds import media
from feeds.errors import MediaError

GOOD = {
    "12.vtt": "\ufeffWEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Hello.\n",
    "12.srt": "1\n00:00:00,000 --> 00:00:02,000\nAnn: Hello.\n",
    "12.json": '{"version": "1.0.0", "segments": [{"startTime": 0, "endTime": 2, "body": "Hello."}]}',
    "12.html": "<p><cite>Ann:</cite> Hello.</p>",
    "12.txt": "Ann: Hello.",
}


def test_transcripts_with_the_name_of_the_audio_are_found_with_their_types(tmp_path: Path) -> None:
    for name in (*GOOD, "13.vtt", "12.pdf", "12.chapters.json"):
        (tmp_path / name).touch()
    assert media.transcripts_beside(tmp_path / "12.mp3") == (
        (tmp_path / "12.vtt", "text/vtt"),
        (tmp_path / "12.srt", "application/x-subrip"),
        (tmp_path / "12.json", "application/json"),
        (tmp_path / "12.html", "text/html"),
        (tmp_path / "12.txt", "text/plain"),
    )


def test_audio_without_transcripts_has_none(tmp_path: Path) -> None:
    assert media.transcripts_beside(tmp_path / "12.mp3") == ()


@pytest.mark.parametrize("name", GOOD)
def test_a_transcript_that_is_what_its_name_says_is_not_objected_to(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(GOOD[name], encoding="utf-8")
    assert media.check_transcript(path) == ()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("12.vtt", GOOD["12.srt"].encode(), "does not start with WEBVTT"),
        ("12.srt", GOOD["12.vtt"].encode(), "has no line such as"),
        ("12.json", b'{"version": "1.2.0", "chapters": []}', "has no list of segments"),
        ("12.json", b"[1", "has no list of segments"),
        ("12.json", b"[1]", "has no list of segments"),
        ("12.html", b"Ann: Hello.", "has no tags"),
        ("12.txt", "Größe".encode("latin-1"), "is not in UTF-8"),
        ("12.txt", b" \n", "is empty"),
    ],
)
def test_a_transcript_that_is_something_else_is_reported(
    name: str, data: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (finding,) = media.check_transcript(path)
    assert (finding.rule, finding.place.source) == ("EPI-20", str(path))
    assert message in finding.message


def test_a_transcript_that_is_gone_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"12\.vtt: cannot be read"):
        media.check_transcript(tmp_path / "12.vtt")
