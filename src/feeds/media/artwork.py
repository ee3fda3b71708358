"""Pictures drawn from a title: the cover of a show, and the card of a page."""

import hashlib
import itertools
import math
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from feeds.media import fonts

_Color = tuple[int, int, int]

# The longest line, the sum of the squares of all lines, and the index of each line's first word.
_Break = tuple[float, float, tuple[int, ...]]

# Lightness and chroma in OKLCH of ground, shape, bars and text. Equal lightness looks equal in every hue
# there, so that white on the ground has a contrast beyond 7:1 whatever the name of the show.
_GROUND = (0.33, 0.10)
_SHAPE = (0.38, 0.115)
_BARS = (0.72, 0.14)
_TEXT = (0.99, 0.0)

_LONGEST_TITLE = 160
_LONGEST_WORD = 40
_NO_LINE_STARTS_WITH = "ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎー々"
_MOST_LINES = 9

# Of the size of the letters: from the top of the box to the first baseline, from one to the next, and from
# the last one to where the text ends.
_ASCENT, _LEADING, _DESCENT = 0.78, 1.12, 0.2


class _Box(NamedTuple):
    left: float
    top: float
    width: float
    height: float


def cover(title: str, *, size: int = 3000, seed: str | None = None) -> bytes:
    """Draw the cover of a show: a square PNG of `size` pixels, in a colour and with bars from its name.

    The same input gives the same bytes. `seed` stands in for the title where colour and bars should stay
    as they are when the title changes. `undrawable` names what of the title no font can draw.
    """
    ground, shape, bars, digest = _look(seed or title)
    picture = Image.new("RGB", (size, size), ground)
    unit = size / 100
    _circle(picture, digest[0] / 255, shape)
    end = _write(picture, title, _Box(9 * unit, 9 * unit, 82 * unit, 56 * unit), largest=27 * unit)
    top = max(end + 7 * unit, 50 * unit)
    _bars(picture, digest[1:14], _Box(9 * unit, top, 82 * unit, 91 * unit - top), bars)
    return _png(picture)


def card(title: str, subtitle: str = "", *, seed: str | None = None) -> bytes:
    """Draw the social card of a page: a PNG of 1200 by 630 pixels; `seed` is as for `cover`."""
    ground, shape, bars, digest = _look(seed or subtitle or title)
    picture = Image.new("RGB", (1200, 630), ground)
    _circle(picture, digest[0] / 255, shape)
    end = _write(picture, title, _Box(72, 64, 1056, 310), largest=116)
    end = _write(picture, subtitle, _Box(72, end + 24, 1056, 50), largest=40)
    top = max(end + 36, 400)
    _bars(picture, digest[1:28], _Box(72, top, 1056, 566 - top), bars)
    return _png(picture)


def thumbnail(picture: bytes, size: int = 600) -> bytes:
    """Make a small JPEG of a picture, such as goes into an MP3."""
    with Image.open(BytesIO(picture)) as image:
        small = image.convert("RGB")
    small.thumbnail((size, size), Image.Resampling.LANCZOS)
    file = BytesIO()
    small.save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()


def undrawable(title: str) -> str:
    """Name the characters of a title that no font at hand has; a cover leaves them out."""
    return fonts.choose(title).missing


def _look(seed: str) -> tuple[_Color, _Color, _Color, bytes]:
    """Choose the colours of ground, shape and bars, and the bytes that everything else is drawn from."""
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
    # Every hue but the yellows, which are mud when they are dark.
    hue = 125 + int.from_bytes(digest[:2], "big") / 65536 * 285
    return _color(_GROUND, hue), _color(_SHAPE, hue), _color(_BARS, hue), digest[2:]


def _circle(picture: Image.Image, where: float, color: _Color) -> None:
    """Draw a circle that is larger than the picture lets see, too faint for its edge to need smoothing."""
    width, height = picture.size
    center = ((0.55 + 0.45 * where) * width, 0.2 * height)
    ImageDraw.Draw(picture).circle(center, 0.62 * height, fill=color)


def _bars(picture: Image.Image, heights: bytes, box: _Box, color: _Color) -> None:
    """Draw rounded bars, as of a sound, that stand on the lower edge of a box; higher in the middle."""
    step = box.width / (len(heights) - 0.4)
    wide = 0.6 * step
    # Drawn at twice the size and halved, so that the edges are smooth.
    mask = Image.new("L", (2 * round(box.width), 2 * round(box.height)))
    draw = ImageDraw.Draw(mask)
    for index, byte in enumerate(heights):
        hill = math.sin(math.pi * (index + 1) / (len(heights) + 1))
        tall = wide + (box.height - wide) * (0.4 + 0.6 * hill) * byte / 255
        edges = (index * step, box.height - tall, index * step + wide, box.height)
        draw.rounded_rectangle([2 * edge for edge in edges], radius=wide, fill=255)
    picture.paste(color, (round(box.left), round(box.top)), mask.reduce(2))


def _write(picture: Image.Image, text: str, box: _Box, *, largest: float) -> float:
    """Set text into a box from the top, as large as it fits, in lines of much the same length.

    Answers where the last line ends.
    """
    choice = fonts.choose(_shortened(text))
    if not choice.text:
        return box.top
    lines, size = _fit(choice, box, largest)
    font = choice.face.at(size)
    stroke = size // 40 if choice.face.thin else 0
    leftward = choice.face.shaped and unicodedata.bidirectional(choice.text[0]) in ("R", "AL")
    x, anchor = (box.left + box.width, "rs") if leftward else (box.left, "ls")
    draw = ImageDraw.Draw(picture)
    for index, line in enumerate(lines):
        y = box.top + size * (_ASCENT + index * _LEADING)
        draw.text((x, y), line, font=font, fill=_color(_TEXT, 0), anchor=anchor, stroke_width=stroke)
    return box.top + size * (_ASCENT + (len(lines) - 1) * _LEADING + _DESCENT)


def _fit(choice: fonts.Choice, box: _Box, largest: float) -> tuple[list[str], int]:
    """Choose the number of lines that allows the largest letters."""
    probe = choice.face.at(100)
    best: tuple[float, list[str]] = (0, [])
    for longest, lines in itertools.islice(_balanced(_words(choice.text), probe), _MOST_LINES):
        size = min(largest, 100 * box.width / max(longest, 1), box.height / (len(lines) * _LEADING))
        if size > best[0]:
            best = size, lines
    return best[1], max(int(best[0]), 1)


def _balanced(words: list[str], font: ImageFont.FreeTypeFont) -> Iterator[tuple[float, list[str]]]:
    """Break words into one line, into two, and so on, so that the longest line is as short as can be.

    Yields the length of the longest line and the lines.
    """
    count = len(words)
    widths = {
        (start, end): font.getlength("".join(words[start:end]).rstrip())
        for start, end in itertools.combinations(range(count + 1), 2)
    }
    # The best way to break the first `end` words into as many lines as it is the turn of.
    best: dict[int, _Break] = {0: (0.0, 0.0, ())}
    for lines in range(1, count + 1):
        best = {
            end: min(_with_line(best[cut], cut, widths[cut, end]) for cut in best if cut < end)
            for end in range(lines, count + 1)
        }
        longest, _, starts = best[count]
        cuts = itertools.pairwise([*starts, count])
        yield longest, ["".join(words[start:end]).rstrip() for start, end in cuts]


def _with_line(before: _Break, start: int, width: float) -> _Break:
    longest, squares, starts = before
    return max(longest, width), squares + width**2, (*starts, start)


def _words(text: str) -> list[str]:
    """Split text where a line may end; every piece keeps the space after it.

    Chinese and Japanese may break between any two characters, though not before closing punctuation,
    small kana and their like.
    """
    pieces = [""]
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        closing = char in _NO_LINE_STARTS_WITH or unicodedata.category(char) in ("Pe", "Pf", "Po")
        last = pieces[-1]
        ended = last.endswith((" ", "-", "/")) or len(last) > _LONGEST_WORD
        if not char.isspace() and (ended or (wide and not closing)):
            pieces.append("")
        pieces[-1] += char
    return [piece for piece in pieces if piece]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1].rstrip() + "…"


def _color(shade: tuple[float, float], hue: float) -> _Color:
    """Convert from OKLCH to sRGB, with as much of the chroma as sRGB has."""
    lightness, chroma = shade
    while True:
        red, green, blue = _linear(lightness, chroma, math.radians(hue))
        if chroma <= 0 or (min(red, green, blue) >= 0 and max(red, green, blue) <= 1):
            return _encoded(red), _encoded(green), _encoded(blue)
        chroma -= 0.005


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Convert from OKLCH to linear sRGB (CSS Color 4, section 18, sample code)."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _encoded(value: float) -> int:
    """Apply the transfer function of sRGB to one channel."""
    value = min(max(value, 0), 1)
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))


def _png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
