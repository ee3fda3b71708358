"""Transcripts beside an audio file."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from feeds.media.files import unusable
from feeds.model import Finding, Place

TYPES = {
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".json": "application/json",
    ".html": "text/html",
    ".txt": "text/plain",
}
"""What `podcast:transcript` may be (feed requirements, F.2), those with times and speakers first."""

_SRT_TIMES = re.compile(r"^\d+:\d\d:\d\d,\d{3} --> \d+:\d\d:\d\d,\d{3}", re.MULTILINE)


def transcripts_beside(audio: Path) -> tuple[tuple[Path, str], ...]:
    """Find transcripts with the name of an audio file, such as `12.vtt` beside `12.mp3`, and their types."""
    files = ((audio.with_suffix(suffix), kind) for suffix, kind in TYPES.items())
    return tuple((path, kind) for path, kind in files if path.is_file())


def check_transcript(path: Path) -> tuple[Finding, ...]:
    """Report a transcript that is not what its name says (EPI-20).

    Raises `MediaError` if it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unusable(path, error) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "is not in UTF-8; players show wrong characters"
    else:
        suffix = path.suffix.lower()
        if text.strip() and _LOOKS[suffix](text):
            return ()
        message = f"is not what {TYPES[suffix]} should be: {_SHOULD[suffix]}" if text.strip() else "is empty"
    return (Finding(level="warning", rule="EPI-20", place=Place(source=str(path)), message=message),)


def _is_transcript_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text)["segments"], list)
    except (ValueError, LookupError, TypeError):
        return False


_LOOKS: Mapping[str, Callable[[str], bool]] = {
    ".vtt": lambda text: text.startswith("WEBVTT"),
    ".srt": lambda text: _SRT_TIMES.search(text) is not None,
    ".json": _is_transcript_json,
    ".html": lambda text: "<" in text,
    ".txt": bool,
}

_SHOULD: Mapping[str, str] = {
    ".vtt": "it does not start with WEBVTT",
    ".srt": "it has no line such as 00:00:01,000 --> 00:00:04,000",
    ".json": "it has no list of segments",
    ".html": "it has no tags",
}
