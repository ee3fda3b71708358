"""Files that are whole or absent: written under another name, then renamed. And files that are broken."""

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from mutagen import MutagenError

from feeds.errors import MediaError, TargetError
from feeds.model import Place

# What mutagen raises for a broken file: its own error, or whatever its decoders stumbled over.
BROKEN = (
    MutagenError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)


def write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file from its parts; if that fails, whatever was there before is still there.

    Raises `TargetError` if it cannot be written, such as on a full disk: no fault of this one medium.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as file:
                file.writelines(parts)
            os.replace(partial, path)  # noqa: PTH105
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise TargetError(message, Place(source=str(path))) from error


def unusable(path: Path, error: OSError) -> MediaError:
    """Say of a file that it cannot be read, and why."""
    return MediaError(f"cannot be read: {error.strerror or error}", Place(source=str(path)))
