"""Where text comes from: a file, all files of a glob or a folder, standard input, an address."""

import mimetypes
import re
import sys
from contextlib import nullcontext
from pathlib import Path, PurePosixPath

from feeds.errors import SourceError
from feeds.model import Place, Source
from feeds.text import MAX_BYTES, TOO_LARGE

STDIN = "-"


def names(path: str, root: Path) -> list[str]:
    """Name what `path` stands for, relative to `root`: one file or address, or files in their order.

    Hidden files and folders are left out, unless `path` says their names.
    """
    if is_address(path) or path == STDIN:
        return [path]
    if is_glob(path):
        found = root.glob(path)
    elif (root / path).is_dir():
        found = (root / path).rglob("*")
    else:
        return [path]
    files = (file.relative_to(root) for file in found if file.is_file())
    said = PurePosixPath(path).parts
    return sorted(
        file.as_posix() for file in files if not any(map(_is_hidden, set(file.parts).difference(said)))
    )


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def begins(path: str, root: Path) -> Path | None:
    """The file or the folder that has all that `path` stands for; `None` if that is no place on this disk.

    >>> begins("../posts/**/*.md", Path("/site/config"))
    PosixPath('/site/config/../posts')
    """
    if "://" in path or path == STDIN:
        return None
    fixed = re.split(r"[*?\[{]", path)[0]
    return root / (path if fixed == path else fixed.rpartition("/")[0])


def read(
    name: str, root: Path, *, format_: str, show: str | None = None, base_url: str | None = None
) -> Source:
    """Read a source from a file relative to `root`, or from standard input.

    `base_url` is what relative addresses in it are relative to. Raises `SourceError` if it cannot be read, or
    has more bytes than any source.
    """
    try:
        with nullcontext(sys.stdin.buffer) if name == STDIN else (root / name).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", Place(source=name)) from error
    if len(data) > MAX_BYTES:
        raise SourceError(TOO_LARGE, Place(source=name))
    return Source(name=name, format=format_, data=data, show=show, base_url=base_url)


def is_media(name: str) -> bool:
    """Tell by its name whether a file accompanies texts, such as the pictures of a post."""
    kind, packed = mimetypes.guess_type(name)
    return bool(packed) or (kind or "").startswith(("image/", "audio/", "video/", "font/"))


def is_address(path: str) -> bool:
    """Tell whether a source is on the web."""
    return path.startswith(("http://", "https://"))


def is_glob(path: str) -> bool:
    """Tell whether a source is all files that fit a pattern."""
    return not is_address(path) and re.search(r"[*?\[]", path) is not None
