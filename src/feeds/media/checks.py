"""What directories and players would object to in a cover or an audio file, as findings."""

# mutagen says that it is typed, but its constructors are not.
# mypy: disable-error-code="no-untyped-call"

import warnings
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from mutagen.id3 import ID3, ID3NoHeaderError
from PIL import Image, UnidentifiedImageError

from feeds.dates import clock
from feeds.media import audio
from feeds.media.audio import APPLE
from feeds.media.files import BROKEN
from feeds.model import Chapter, Finding, Level, Media, Place

_SMALLEST, _LARGEST = 1400, 3000

# AntennaPod takes the size of anything smaller for unknown (feed requirements, A.7).
_SMALLEST_AUDIO = 16384

_SUFFIXES = {"JPEG": (".jpg", ".jpeg"), "MPO": (".jpg", ".jpeg"), "PNG": (".png",)}

_COLOURS = {"CMYK": "CMYK", "L": "grey", "1": "black and white", "I;16": "grey", "I": "grey"}


def check_artwork(data: bytes, name: str) -> tuple[Finding, ...]:
    """Check a cover against what directories take (rule POD-03): each finding that is an error refuses it.

    It must be a JPEG or PNG by content with an extension that agrees, square, 1400 to 3000 pixels, RGB
    without transparency. It is decoded only if its header says that it is no larger than that.
    """
    return tuple(
        Finding(level="error", rule="POD-03", place=Place(source=name), message=message)
        for message in _objections(data, Path(name).suffix.lower())
    )


def _objections(data: bytes, suffix: str) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        yield f"has far more than the {_LARGEST} x {_LARGEST} pixels a cover may have; it was not decoded"
        return
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        what = "an SVG" if b"<svg" in data[:4096] else "not a picture that can be read" if data else "empty"
        yield f"is {what}; a cover must be a JPEG or a PNG"
        return
    suffixes = _SUFFIXES.get(image.format or "")
    if not suffixes:
        yield f"is a {image.format} file; a cover must be a JPEG or a PNG"
    elif suffix not in suffixes:
        yield f"is a {image.format} file but is named {suffix or 'without extension'}; name it {suffixes[0]}"
    width, height = image.size
    if width != height:
        yield f"is {width} x {height} pixels; a cover must be square"
    if max(width, height) > _LARGEST or min(width, height) < _SMALLEST:
        yield f"is {width} x {height} pixels; a cover must have {_SMALLEST} to {_LARGEST} on each side"
    if image.mode in _COLOURS:
        yield f"is {_COLOURS[image.mode]}; a cover must be RGB"
    if image.has_transparency_data:
        yield "has transparency, which players show in any colour; flatten it"
    if max(width, height) <= _LARGEST:
        try:
            image.load()
        except (OSError, ValueError, SyntaxError) as error:
            yield f"is broken or cut off ({error}); save it again"


def check_audio(path: Path, media: Media, chapters: Sequence[Chapter] = ()) -> tuple[Finding, ...]:
    """Check a measured audio file that is going to be published with these chapters.

    Reported are a type that Apple does not list and a name that hides the type (EPI-01), a size that
    players do not believe (EPI-04), tags that are broken (ID3-05), and chapters in an MP4 that differ
    from these (MP4-01), since those stay as they are. Raises `MediaError` if the file cannot be read.
    """
    found: list[tuple[Level, str, str]] = []
    suffix = path.suffix.lower()
    if media.type not in APPLE.values():
        found.append(
            ("warning", "EPI-01", f"is {media.type}, which Apple Podcasts does not list; use MP3 or M4A")
        )
    elif APPLE.get(suffix) != media.type:
        right = next(name for name, kind in APPLE.items() if kind == media.type)
        found.append(("warning", "EPI-01", f"is {media.type} but is named {suffix}; name it {right}"))
    if media.size is not None and media.size < _SMALLEST_AUDIO:
        found.append(
            (
                "warning",
                "EPI-04",
                f"has {media.size} bytes; players take less than {_SMALLEST_AUDIO} for an unknown size",
            )
        )
    if media.type == APPLE[".mp3"] and (reason := _broken_tags(path)):
        found.append(
            ("warning", "ID3-05", f"has broken ID3 tags ({reason}); the published copy gets new ones")
        )
    if media.type != APPLE[".mp3"]:
        found += [("info", "MP4-01", message) for message in _differences(audio.chapters(path), chapters)]
    place = Place(source=str(path))
    return tuple(Finding(level=level, rule=rule, place=place, message=text) for level, rule, text in found)


def check_reuse(enclosures: Iterable[tuple[str, Place]]) -> tuple[Finding, ...]:
    """Report every enclosure address that more than one episode of a show has (EPI-02)."""
    first: dict[str, Place] = {}
    return tuple(
        Finding(
            level="error",
            rule="EPI-02",
            place=place,
            message=f"{url} is the audio of {first[url]} too; Apple ignores an address it has seen",
        )
        for url, place in enclosures
        if first.setdefault(url, place) is not place
    )


def check_change(path: Path, hash_: str, known: str | None) -> tuple[Finding, ...]:
    """Report a file whose bytes changed under an unchanged name (LED-05); hashes as the caller has them."""
    if known is None or known == hash_:
        return ()
    message = "has changed since it was last published; players and caches may keep the old version"
    return (Finding(level="info", rule="LED-05", place=Place(source=str(path)), message=message),)


def _broken_tags(path: Path) -> str | None:
    """Say why the ID3 tags of an MP3 cannot be read; `None` if they can be, or if there are none."""
    try:
        ID3(path)
    except ID3NoHeaderError:
        return None
    except BROKEN as error:
        return str(error) or type(error).__name__
    return None


def _differences(inside: Sequence[Chapter], wanted: Sequence[Chapter]) -> Iterator[str]:
    """Compare the chapters in a file with those of the feed: how many, when, and what they are called."""
    if not inside:
        return
    if len(inside) != len(wanted):
        yield f"has {len(inside)} chapters, the notes have {len(wanted)}; the file is left as it is"
        return
    for one, other in zip(inside, wanted, strict=True):
        if abs(one.start - other.start) >= 1 or one.title != other.title:
            yield (
                f"has a chapter {one.title!r} at {clock(one.start)} where the notes have {other.title!r} at"
                f" {clock(other.start)}; the file is left as it is"
            )
