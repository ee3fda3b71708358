"""Where text comes from: a file, all files that fit a glob or lie in a folder, standard input, an address."""

import mimetypes
import re
import sys
from pathlib import Path

from feeds.errors import SourceError
from feeds.model import Place, Source

STDIN = "-"


def names(path: str, root: Path) -> list[str]:
    """Name what `path` stands for, relative to `root`: one file or address, or files in their order."""
    if is_address(path) or path == STDIN:
        return [path]
    if is_glob(path):
        found = root.glob(path)
    elif (root / path).is_dir():
        found = (root / path).rglob("*")
    else:
        return [path]
    files = (file for file in found if file.is_file() and not file.name.startswith("."))
    return sorted(file.relative_to(root).as_posix() for file in files)


def read(
    name: str, root: Path, *, format_: str, show: str | None = None, base_url: str | None = None
) -> Source:
    """Read a source from a file relative to `root`, or from standard input.

    `base_url` is what relative addresses in it are relative to. Raises `SourceError` if it cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if name == STDIN else (root / name).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", Place(source=name)) from error
    return Source(name=name, format=format_, data=data, show=show, base_url=base_url)


def is_media(name: str) -> bool:
    """Tell by its name whether a file stands beside texts, such as the pictures of a post."""
    kind, packed = mimetypes.guess_type(name)
    return bool(packed) or (kind or "").startswith(("image/", "audio/", "video/", "font/"))


def is_address(path: str) -> bool:
    """Tell whether a source is on the web."""
    return path.startswith(("http://", "https://"))


def is_glob(path: str) -> bool:
    """Tell whether a source is all files that fit a pattern."""
    return not is_address(path) and re.search(r"[*?\[]", path) is not None
