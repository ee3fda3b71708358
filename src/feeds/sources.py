"""Where text comes from: the files that the configuration names."""

from pathlib import Path

from feeds.errors import SourceError
from feeds.model import Place, Source


def read(path: str, root: Path, *, format_: str, show: str | None) -> Source:
    """Read a source from a file, relative to `root`. Raises `SourceError` if it cannot be read."""
    try:
        data = (root / path).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", Place(source=path)) from error
    return Source(name=path, format=format_, data=data, show=show)
