"""Where documents go. A target takes whole documents and returns records of what it holds."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from feeds.errors import TargetError
from feeds.locks import Lock
from feeds.model import Document, Place, Record

if TYPE_CHECKING:
    from feeds.storage import Storage

_LOCK = ".feeds.lock"
_WRITING = ".feeds-writing"
"""Exists while something writes to the folder, and says what; if it exists before, that was killed."""

_UNFINISHED = ".feeds-unfinished"
"""How the name of a file begins that is being written. It lies in the folder of its final name, where a
rename costs least."""


class Staged(NamedTuple):
    """A document whose bytes are in the folder, but not under its name yet."""

    path: str
    type: str
    size: int
    hash: str
    file: str | None
    """The one that holds the bytes; `None` if they are published already."""

    def publish(self) -> Record:
        """Give the file its name, which only whoever has the lock of the folder may.

        Raises `TargetError` if that is not possible.
        """
        if self.file:
            path = f"{os.path.dirname(self.file)}/{os.path.basename(self.path)}"
            with _complaining(path), _or_removed(self.file):
                os.replace(self.file, path)
        changed = self.file is not None
        return Record(path=self.path, type=self.type, size=self.size, hash=self.hash, changed=changed)


class Stage(NamedTuple):
    """Writes documents to a folder, but for their names.

    Any process of this machine may do that while another has the lock; readers see nothing of it.
    """

    root: str

    def __call__(self, document: Document) -> Staged:
        """Write a file under a temporary name, unless it holds these bytes already.

        Raises `TargetError` if it cannot be written, or if its path leads out of the folder.
        """
        path = self.inside(document.path)
        with _complaining(path):
            size, digest = measure(document.body)
            same = _size(path) == size and measure(Path(path))[1] == digest
            file = None if same else _unfinished(os.path.dirname(path), document.body)
        return Staged(document.path, document.type, size, digest, file)

    def inside(self, name: str) -> str:
        """Give the path of a published file. Raises `TargetError` if it leads out of the folder."""
        return f"{self.root}/{relative(name, Place(source=self.root))}"


class Target(Protocol):
    """What a build needs from a place that holds published files."""

    @property
    def name(self) -> str:
        """The same name for the same place, always."""

    @property
    def stage(self) -> Stage | None:
        """What of putting a document other processes of this machine can do; `None` if nothing."""

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
        self.stage = Stage(str(root))
        self._lock = Lock(root / _LOCK, root / _WRITING)

    @property
    def name(self) -> str:
        """Absolute path of the folder."""
        return str(self._root.resolve())

    def __enter__(self) -> Self:
        with _complaining(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            if not self._lock.take():
                self._clear()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        try:
            if kind:
                self._clear()
        finally:
            self._lock.give_back()

    def put(self, document: Document) -> Record:
        """Write a file under a temporary name and rename it, unless it holds these bytes already.

        Raises `TargetError` if it cannot be written, or if its path leads out of the folder.
        """
        return self.stage(document).publish()

    def read(self, path: str) -> bytes | None:
        """Give what is published at a path, `None` if nothing is; this needs no lock."""
        file = Path(self.stage.inside(path))
        try:
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise TargetError(f"cannot be read: {error.strerror}", Place(source=str(file))) from error

    def holds(self, record: Record) -> bool:
        """Tell by its size whether a file is still there."""
        return _size(self.stage.inside(record.path)) == record.size

    def remove(self, paths: Iterable[str]) -> None:
        """Delete files, and folders that become empty."""
        for name in paths:
            path = Path(self.stage.inside(name))
            with _complaining(path):
                if path.is_file():
                    path.unlink()
                    self._remove_empty(path.parent)

    def _clear(self) -> None:
        """Remove what was begun and will not be finished."""
        for left in self._root.rglob(f"{_UNFINISHED}*"):
            left.unlink(missing_ok=True)

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


def _unfinished(folder: str, body: bytes | Path) -> str:
    """Write a file that has no name yet, in a folder that need not exist."""
    # Not the number of the process, which those of two machines or containers may share.
    file = f"{folder}/{_UNFINISHED}-{secrets.token_hex(8)}"
    with _or_removed(file):
        try:
            _write(file, body)
        except (FileNotFoundError, NotADirectoryError):
            os.makedirs(folder, exist_ok=True)
            _write(file, body)
    return file


@contextmanager
def _or_removed(file: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            os.unlink(file)
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
