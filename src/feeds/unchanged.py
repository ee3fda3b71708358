"""Whether a build is needless: nothing that the last one depended on has changed since.

That is told from the state of files alone, as `make` does, before anything else is loaded. Where more than
files decides, such as a source on the web or a ledger on a server, no note is left, and a build looks.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from feeds.manifest import MANIFEST, paths
from feeds.model import Report
from feeds.sources import names

_TICK = 20_000_000
"""Nanoseconds: a disk's clock goes on in steps no longer than this, or in whole seconds."""

_SECOND = 1_000_000_000

MAKERS = frozenset(
    {
        *("cssselect", "feedgen", "feedparser", "fontpkg_inter", "jinja2", "lxml", "markdown_it_py"),
        *("markupsafe", "msgspec", "mutagen", "nh3", "pillow", "python_dateutil", "pyyaml", "segno"),
    }
)
"""Libraries on which it depends what is read in sources, and which bytes files have."""


class Basis(msgspec.Struct, frozen=True):
    """What a build's result depends on."""

    files: tuple[str, ...]
    root: str
    patterns: tuple[str, ...]
    """Files, folders and globs below `root`: which files they find, and what those hold."""
    output: str
    """Where the manifest and all that it lists must be as they were left."""
    ledger: str
    due: datetime | None
    """When something falls due: an item of a later date, or a file to be asked for again."""


class _Note(msgspec.Struct, frozen=True):
    code: str
    basis: Basis
    found: str
    """Digest of the state of what is read."""
    left: str
    """The same of what was written, of which there is more."""
    report: Report


class Stamp:
    """The note that a build leaves on what it was made from."""

    def __init__(self, folder: Path, *asked: object, begun: int) -> None:
        """`asked` is all that was asked of the build, `begun` when, in nanoseconds since 1970."""
        self._begun = begun
        self._path = folder / f"{hashlib.blake2b(repr(asked).encode(), digest_size=8).hexdigest()}.json"

    def report(self, now: datetime) -> Report | None:
        """What a build with nothing to do would report; `None` if there may be something."""
        try:
            note = msgspec.json.decode(self._path.read_bytes(), type=_Note)
        except (OSError, msgspec.DecodeError):
            return None
        due = note.basis.due is not None and note.basis.due <= now
        if due or note.code != code() or note.found != _digest(_found(note.basis)):
            return None
        return note.report if note.left == _digest(_left(note.basis)) else None

    def leave(self, basis: Basis, report: Report) -> None:
        """Note what a build was made from, unless some of it may have changed while it was read."""
        newest = max((state.st_mtime_ns for _, state in _states(_found(basis)) if state), default=0)
        tick = _TICK if newest % _SECOND else 2 * _SECOND
        if newest < self._begun - tick:
            nothing_new = replace(
                report,
                new=0,
                changed=0,
                unchanged=report.new + report.changed + report.unchanged,
                written=0,
                kept=report.written + report.kept,
                removed=0,
            )
            found, left = _digest(_found(basis)), _digest(_left(basis))
            note = _Note(code=code(), basis=basis, found=found, left=left, report=nothing_new)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(msgspec.json.encode(note))


def code() -> str:
    """Digest of our own code, by the state of its files, and of the releases of `MAKERS`.

    What other code made is made again.
    """
    package = Path(__file__).parent
    files = (path for path in package.rglob("*") if path.suffix != ".pyc" and path.is_file())
    made_by = (_digest(map(str, sorted(files))), sorted(_releases()))
    return hashlib.blake2b(repr(made_by).encode(), digest_size=16).hexdigest()


def _releases() -> Iterator[str]:
    """Names of the folders that say which release of a library is installed: `jinja2-3.1.6.dist-info`.

    Not using `importlib.metadata`: loading it would make a build with nothing to do a third longer.
    """
    for folder in sys.path:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                name, _, rest = entry.name.partition("-")
                if rest.endswith((".dist-info", ".egg-info")) and name.lower() in MAKERS:
                    yield entry.name


def _found(basis: Basis) -> Iterator[str]:
    yield from basis.files
    for pattern in basis.patterns:
        for name in names(pattern, Path(basis.root)):
            yield f"{basis.root}/{name}"


def _left(basis: Basis) -> Iterator[str]:
    yield basis.ledger
    yield f"{basis.ledger}-wal"
    listed = Path(basis.output, MANIFEST)
    yield str(listed)
    with suppress(OSError, ValueError):  # then the manifest is not as it was left either
        for path in paths(listed):
            yield f"{basis.output}/{path}"


def _digest(files: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path, state in _states(files):
        told = (path, state and (state.st_size, state.st_mtime_ns))
        digest.update(repr(told).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _states(files: Iterable[str]) -> Iterator[tuple[str, os.stat_result | None]]:
    """Files with their states; those that are not there have none."""
    for path in files:
        try:
            yield path, os.stat(path)
        except OSError:
            yield path, None
