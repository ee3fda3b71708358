"""Where documents go. A target gets whole documents and answers with records of what it holds."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from filelock import FileLock, Timeout

from feeds.errors import TargetError
from feeds.model import Document, Place, Record

if TYPE_CHECKING:
    from feeds.storage import Storage

MANIFEST = "manifest.json"
"""Path of the list of all files; it is put last."""

_LOCK = ".feeds.lock"
_UNFINISHED = ".feeds-unfinished"
"""Folder of files that are being written. It lies in the output, for a rename has to stay on one disk."""

_PATIENCE = 60.0
"""Seconds to wait for another command that writes to the same output."""


class Target(Protocol):
    """What the build asks of a place that holds published files."""

    @property
    def name(self) -> str:
        """The same for the same place, whoever asks."""

    def put(self, document: Document) -> Record:
        """Publish a document, whole or not at all; bytes that are there already are not written again."""

    def holds(self, record: Record) -> bool:
        """Tell whether what a record says is still there."""

    def remove(self, paths: Iterable[str]) -> None:
        """Take files away that were published before."""


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
    """A local folder. Entering it takes its lock; a reader sees each file as it was, or as it is to be."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = FileLock(root / _LOCK)

    @property
    def name(self) -> str:
        """Absolute path of the folder."""
        return str(self._root.resolve())

    def __enter__(self) -> Self:
        with _complaining(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            shutil.rmtree(self._root / _UNFINISHED, ignore_errors=True)
            (self._root / _UNFINISHED).mkdir(exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        shutil.rmtree(self._root / _UNFINISHED, ignore_errors=True)
        self._lock.release()

    def put(self, document: Document) -> Record:
        """Write a file under a temporary name and rename it, unless it holds these bytes already.

        Raises `TargetError` if it cannot be written, or if its path leads out of the folder.
        """
        path = self._inside(document.path)
        with _complaining(path):
            size, digest = measure(document.body)
            same = path.is_file() and path.stat().st_size == size and measure(path)[1] == digest
            if not same:
                self._replace(path, document.body)
        return Record(path=document.path, type=document.type, size=size, hash=digest, changed=not same)

    def holds(self, record: Record) -> bool:
        """Tell by its size whether a file is still there."""
        try:
            return self._inside(record.path).stat().st_size == record.size
        except OSError:
            return False

    def remove(self, paths: Iterable[str]) -> None:
        """Delete files, and folders that become empty."""
        for name in paths:
            path = self._inside(name)
            with _complaining(path):
                if path.is_file():
                    path.unlink()
                    self._remove_empty(path.parent)

    def _take_lock(self) -> None:
        try:
            self._lock.acquire(timeout=_PATIENCE)
        except Timeout:
            raise TargetError(
                f"another feeds has been writing here for {_PATIENCE:.0f} s; try again when it has finished",
                Place(source=str(self._root)),
            ) from None

    def _inside(self, name: str) -> Path:
        return self._root.joinpath(*relative(name, Place(source=str(self._root))))

    def _replace(self, path: Path, body: bytes | Path) -> None:
        unfinished = self._root / _UNFINISHED / secrets.token_hex(8)
        try:
            if isinstance(body, Path):
                _link_or_copy(body, unfinished)
            else:
                unfinished.write_bytes(body)
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _remove_empty(self, folder: Path) -> None:
        while folder != self._root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def relative(name: str, root: Place) -> tuple[str, ...]:
    """Give the parts of a path below a root. Raises `TargetError` if it leads out of there."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise TargetError(f"{name!r} leads out of the output folder", root)
    return parts


def measure(body: bytes | Path) -> tuple[int, str]:
    """Size and SHA-256 of a document's body."""
    if isinstance(body, bytes):
        return len(body), hashlib.sha256(body).hexdigest()
    with body.open("rb") as file:
        return body.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _link_or_copy(source: Path, copy: Path) -> None:
    """Share the bytes of a file that is only ever replaced, never changed; copy them from another disk."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copyfile(source, copy)


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise TargetError("is a file; expected a folder", Place(source=str(error.filename))) from error
    except OSError as error:
        raise TargetError(f"cannot be written: {error.strerror or error}", Place(source=str(path))) from error
