"""A font that has the letters of a text: one that comes with a package, else one of the system's."""

import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont, features

# Scripts whose letters join, stack or run from right to left: drawn letter by letter they are wrong.
_SHAPED = ((0x0590, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC))

_SYSTEM_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": (r"C:\Windows\Fonts",),
}
_LINUX_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")

_SUFFIXES = (".ttf", ".otf", ".ttc")

# Joiners, variation selectors and the like mean nothing to a font that is asked letter by letter.
_INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs")

_PROBE_SIZE = 24

# A noncharacter, which no font has: what it looks like is what is drawn for any missing letter.
_MISSING = "\U0010ffff"


class Face(NamedTuple):
    """A font file, or Pillow's own small font if there is no path."""

    path: str | None
    shaped: bool = False
    """Whether letters must be joined and ordered; that needs a library (Raqm) that not every Pillow has."""

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Load it in its boldest usual weight; size in pixels."""
        if self.path is None:
            font = ImageFont.load_default(size)
            assert isinstance(font, ImageFont.FreeTypeFont)
            return font.font_variant(layout_engine=ImageFont.Layout.BASIC)
        # The basic layout is the same in every build of Pillow, so it is taken wherever it suffices.
        layout = ImageFont.Layout.RAQM if self.shaped else ImageFont.Layout.BASIC
        font = ImageFont.truetype(self.path, size, layout_engine=layout)
        _embolden(font)
        return font

    @property
    def thin(self) -> bool:
        """Whether its strokes must be thickened to carry a title."""
        return self.path is None

    def missing(self, text: str) -> Iterator[str]:
        """Name the characters of a text that it has no glyph for, one by one; all of them if it is broken."""
        letters = sorted({c for c in text if not c.isspace()})
        try:
            font = self.at(_PROBE_SIZE)
            box = bytes(font.getmask(_MISSING))
            yield from (letter for letter in letters if bytes(font.getmask(letter)) == box)
        except (OSError, ValueError):
            yield from letters


class Choice(NamedTuple):
    """How a text can be drawn."""

    face: Face
    text: str
    """What of it can be drawn."""
    missing: str
    """The characters that no font at hand has; they are left out rather than drawn as boxes."""


@lru_cache(maxsize=256)
def choose(text: str) -> Choice:
    """Choose a font for a text: the first packaged one that has all of it, else the first of the system.

    For symbols alone, such as emoji, the system is not searched.
    """
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    shaped = "".join(c for c in text if any(low <= ord(c) <= high for low, high in _SHAPED))
    if shaped and not features.check("raqm"):
        rest = choose("".join(c for c in text if c not in shaped))
        return rest._replace(missing=rest.missing + "".join(sorted(set(shaped))))
    faces = [Face(path, bool(shaped)) for path in _packaged()]
    face = min(faces, key=lambda face: len(list(face.missing(text))))
    letters = "".join(c for c in text if unicodedata.category(c)[0] in "LMN")
    if any(face.missing(letters)):
        others = (Face(path, bool(shaped)) for path in _system())
        face = next((other for other in others if not any(other.missing(letters))), face)
    missing = "".join(face.missing(text))
    return Choice(face, " ".join("".join(c for c in text if c not in missing).split()), missing)


@lru_cache(maxsize=1)
def _packaged() -> list[str | None]:
    """List the fonts that packages bring (entry points of `fontpkg`), Inter first; Pillow's own is last.

    These are pinned with the packages, so that a cover has the same bytes on every machine.
    """
    points = entry_points(group="fontpkg.family")
    families = sorted(points, key=lambda point: (point.name != "inter", point.name))
    specs = [find_spec(point.module) for point in families]
    folders = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    files = [path for folder in folders for path in sorted(folder.rglob("*.[ot]tf"))]
    return [*(str(path) for path in files if "Italic" not in path.name), None]


@lru_cache(maxsize=1)
def _system() -> list[str]:
    """List the fonts of the system, bold sans-serif ones first."""
    folders = [Path(folder).expanduser() for folder in _SYSTEM_FOLDERS.get(sys.platform, _LINUX_FOLDERS)]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES]
    return [str(path) for path in sorted(files, key=_rank)]


def _rank(path: Path) -> tuple[bool, bool, bool, str]:
    name = path.name.lower()
    return ("italic" in name or "oblique" in name, "sans" not in name, "bold" not in name, name)


def _embolden(font: ImageFont.FreeTypeFont) -> None:
    """Set a variable font to the weight and the optical size of a headline."""
    try:
        axes = font.get_variation_axes()
    except OSError:
        return
    wanted = {"Weight": 800, "Optical size": 10_000}
    values: list[float] = []
    for axis in axes:
        name = axis["name"].decode() if isinstance(axis["name"], bytes) else str(axis["name"])
        value = wanted.get(name, axis["default"] or 0)
        values.append(min(value, axis["maximum"] or value))
    font.set_variation_by_axes(values)
