"""Where documents go. A target takes whole documents and returns records of what it holds."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from feeds.errors import TargetError
from feeds.locks import Lock
from feeds.model import Document, Place, Record

if TYPE_CHECKING:
    from feeds.storage import Storage

_LOCK = ".feeds.lock"
_WRITING = ".feeds-writing"
"""Exists while something writes to the folder, and says what; if it exists before, that was killed."""

_UNFINISHED = ".feeds-unfinished"
"""A file that is being written. It lies in the folder of its final name, where a rename costs least."""


class Target(Protocol):
    """What a build needs from a place that holds published files."""

    @property
    def name(self) -> str:
        """The same name for the same place, always."""

    def put(self, document: Document) -> Record:
        """Publish a document, whole or not at all; bytes that are already there are not written again."""

    def holds(self, record: Record) -> bool:
        """Tell whether the file of a record is still there."""

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files that were published before."""


def open_target(output: str | Path) -> "Folder | Storage":
    """Give the target at a path, or at an address such as `s3://bucket/prefix`; enter it to use it."""
    address = str(output)
    if "://" not in address:
        return Folder(Path(output))
    if not re.match("s3://[^/]", address):
        raise TargetError(
            "expected a folder, or an address such as s3://bucket/prefix", Place(source=address)
        )
    from feeds.storage import Storage

    return Storage(address)


class Folder:
    """A local folder. Entering it takes its lock; readers see each file old or new, never in between."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock(root / _LOCK, root / _WRITING)

    @property
    def name(self) -> str:
        """Absolute path of the folder."""
        return str(self._root.resolve())

    def __enter__(self) -> Self:
        with _complaining(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            if not self._lock.take():
                for left in self._root.rglob(_UNFINISHED):
                    left.unlink()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        self._lock.give_back()

    def put(self, document: Document) -> Record:
        """Write a file under a temporary name and rename it, unless it holds these bytes already.

        Raises `TargetError` if it cannot be written, or if its path leads out of the folder.
        """
        path = self._inside(document.path)
        with _complaining(path):
            size, digest = measure(document.body)
            same = _size(path) == size and measure(Path(path))[1] == digest
            if not same:
                _replace(path, document.body)
        return Record(path=document.path, type=document.type, size=size, hash=digest, changed=not same)

    def read(self, path: str) -> bytes | None:
        """Give what is published at a path, `None` if nothing is; this needs no lock."""
        file = Path(self._inside(path))
        try:
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise TargetError(f"cannot be read: {error.strerror}", Place(source=str(file))) from error

    def holds(self, record: Record) -> bool:
        """Tell by its size whether a file is still there."""
        return _size(self._inside(record.path)) == record.size

    def remove(self, paths: Iterable[str]) -> None:
        """Delete files, and folders that become empty."""
        for name in paths:
            path = Path(self._inside(name))
            with _complaining(path):
                if path.is_file():
                    path.unlink()
                    self._remove_empty(path.parent)

    def _inside(self, name: str) -> str:
        return f"{self._root}/{relative(name, Place(source=str(self._root)))}"

    def _remove_empty(self, folder: Path) -> None:
        while folder != self._root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def relative(name: str, root: Place) -> str:
    """Give a path below a root as it is. Raises `TargetError` if it leads out of there."""
    if "\\" in name or "\0" in name or not {"", ".", ".."}.isdisjoint(name.split("/")):
        raise TargetError(f"{name!r} leads out of the output folder", root)
    return name


def measure(body: bytes | Path) -> tuple[int, str]:
    """Size and SHA-256 of a document's body."""
    if isinstance(body, bytes):
        return len(body), hashlib.sha256(body).hexdigest()
    with body.open("rb") as file:
        return body.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: str) -> int | None:
    """Bytes of a file; `None` if there is none."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_size if S_ISREG(state.st_mode) else None


def _replace(path: str, body: bytes | Path) -> None:
    folder = os.path.dirname(path)
    unfinished = f"{folder}/{_UNFINISHED}"
    try:
        try:
            _write(unfinished, body)
        except (FileNotFoundError, NotADirectoryError):
            os.makedirs(folder, exist_ok=True)
            _write(unfinished, body)
        os.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def _write(path: str, body: bytes | Path) -> None:
    if isinstance(body, Path):
        _link_or_copy(body, path)
    else:
        with open(path, "wb") as file:
            file.write(body)


def _link_or_copy(source: Path, copy: str) -> None:
    """Share the bytes of a file that is only ever replaced, never changed; copy them from another disk."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copyfile(source, copy)


@contextmanager
def _complaining(path: Path | str) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise TargetError("is a file; expected a folder", Place(source=str(error.filename))) from error
    except OSError as error:
        raise TargetError(f"cannot be written: {error.strerror or error}", Place(source=str(path))) from error
