"""The list of all published files, so that anyone can tell whether the site is whole.

It has one file a line, so that even a list of millions is written and read through bit by bit.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from feeds.model import Record

MANIFEST = "manifest.json"
"""Its path in the output. It is written last."""


class _File(msgspec.Struct, frozen=True):
    type: str
    size: int
    sha256: str


class _Manifest(msgspec.Struct, frozen=True):
    version: int
    files: dict[str, _File]


def write(records: Iterable[Record], file: Path) -> None:
    """Write what is published, in the order of `records`."""
    with file.open("wb") as out:
        out.write(b'{"version": 1, "files": {')
        separator = b"\n"
        for record in records:
            about = _File(type=record.type, size=record.size, sha256=record.hash)
            out.write(separator + msgspec.json.encode(record.path) + b": " + msgspec.json.encode(about))
            separator = b",\n"
        out.write(b"\n}}\n")


def listed(manifest: bytes) -> tuple[Record, ...]:
    """Give the records of the files that a manifest lists. Raises `ValueError` if it is not one of ours."""
    files = msgspec.json.decode(manifest, type=_Manifest).files
    return tuple(
        Record(path=path, type=file.type, size=file.size, hash=file.sha256, changed=False)
        for path, file in files.items()
    )


def paths(file: Path) -> Iterator[str]:
    """Give the paths of what is published, one by one.

    Raises `OSError` if the file cannot be read, and `ValueError` if `write` did not write it.
    """
    decoder = json.JSONDecoder()
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('"'):
                yield decoder.raw_decode(line)[0]
