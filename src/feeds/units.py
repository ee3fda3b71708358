"""Which files were made from what, so that nothing is made again from the same things.

A unit is what is made together. Its files may belong to parts that are tracked one by one, so that a change
in one part leaves the others as they are.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

import msgspec

from feeds.ledger import Ledger
from feeds.model import Record
from feeds.targets import Target

_AT_ONCE = 100
"""Units noted in one transaction, which costs the disk more than a small feed does. A build that is killed
makes no more than these again."""

_MANY = 1_000
"""Files: a unit of more is noted at once."""

_LEFT_OVER = "left over"
"""Name of a unit that no build has: files that the next one removes, unless it makes them."""

_PACKED = msgspec.msgpack.Decoder(list[Record])


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger notes of files made together."""

    records: tuple[Record, ...]
    """As they stand when nothing is made again, in the order of their paths."""
    made_by: str = ""
    """Digest of what makes files; when it changes, all are made again."""
    digest: str = ""
    """Of what they were made from."""
    parts: dict[str, str] = {}
    """Digest of what each part was made from, by its file or its folder."""


class Work(NamedTuple):
    """A unit that is being made."""

    name: str
    digest: str
    parts: Mapping[str, str]
    stale: Sequence[str]
    """Parts that are to be made."""
    records: list[Record]
    """Of files that stay; those of files that are made join them."""


class Units:
    """All units of a target. Each is kept or made; at the end, `left` gives the files that belong to none."""

    def __init__(self, ledger: Ledger, target: Target, made_by: str) -> None:
        self._ledger = ledger
        self._target = target
        self._made_by = made_by
        self._kind = kind(target)
        self._unnoted: dict[str, Unit] = {}
        self._last: tuple[str, Unit | None] = "", None
        self._made: list[str] = []
        """Names of units that were made anew."""
        self._before: set[str] = set()
        """Paths of the files that they had."""
        self._written: set[str] = set()
        """Paths of new files that belong to no unit yet."""
        self._records: dict[str, bytes] = {}
        """What each unit has, packed, since a site may have millions of files."""
        self.digests: dict[str, str] = {}
        """What each unit was made from, so far."""
        self.changes: Counter[bool] = Counter()
        """How many files are new or changed, and how many are as they were."""

    def keep(self, name: str, digest: str) -> bool:
        """Keep a unit that was made from the same things and whose files are there; tell whether it was."""
        unit = self._known(name)
        if not unit or unit.digest != digest or not all(map(self._target.holds, unit.records)):
            return False
        self._hold(name, unit)
        self.changes[False] += len(unit.records)
        return True

    def resume(self, name: str, digest: str, parts: Mapping[str, str]) -> Work:
        """Begin a unit whose parts are tracked one by one, with what can stay of it.

        `parts` gives the digest of what each part is to be made from.
        """
        unit = self._known(name)
        if not unit:
            return Work(name, digest, parts, [*parts], [])
        lost = {_part(record, unit) for record in unit.records if not self._target.holds(record)}
        stays = {part for part, digest in parts.items() if unit.parts.get(part) == digest} - lost
        kept = [record for record in unit.records if _part(record, unit) in stays]
        return Work(name, digest, parts, [part for part in parts if part not in stays], kept)

    def finish(self, *works: Work) -> None:
        """Note what became of units that were resumed, now that all files of them are there."""
        for work in works:
            self._add(work.name, work.digest, work.records, work.parts)

    def make(self, name: str, digest: str, records: Iterable[Record]) -> None:
        """Make a unit by asking for its `records`, unless it can stay as it is."""
        if not self.keep(name, digest):
            self._add(name, digest, records, {})

    def records(self) -> Iterator[Record]:
        """Give the records of all files so far, always in the same order."""
        for name in sorted(self._records):
            yield from _PACKED.decode(self._records[name])

    def _add(self, name: str, digest: str, records: Iterable[Record], parts: Mapping[str, str]) -> None:
        made = sorted(records, key=attrgetter("path"))
        self.changes.update(record.changed for record in made)
        if before := self._recall(name):
            self._before.update(record.path for record in before.records)
        unit = Unit(records=(*map(_again, made),), made_by=self._made_by, digest=digest, parts={**parts})
        self._hold(name, unit)
        self._written.difference_update(record.path for record in made)
        self._made.append(name)
        self._note_soon(name, unit)

    def _note_soon(self, name: str, unit: Unit) -> None:
        self._unnoted[name] = unit
        if len(self._unnoted) >= _AT_ONCE or len(unit.records) >= _MANY:
            self.note()

    def _hold(self, name: str, unit: Unit) -> None:
        self.digests[name] = unit.digest
        self._records[name] = msgspec.msgpack.encode(unit.records)

    def note(self) -> None:
        """Note in the ledger what was made."""
        self._ledger.note(self._kind, self._unnoted)
        self._unnoted = {}

    @property
    def made(self) -> bool:
        """Whether any was made anew."""
        return bool(self._made)

    def write(self, record: Record) -> None:
        """Remember that a file was written, in case that its unit is never finished."""
        if record.changed:
            self._written.add(record.path)

    def doubt(self) -> None:
        """Have the next build make again what was made anew, and only then remove what is left over."""
        for name in self._made:
            self._note_soon(name, Unit(records=tuple(_PACKED.decode(self._records[name]))))
        self.abandon()

    def abandon(self) -> None:
        """Note what was made so far, and have the next build remove what is left over then."""
        before = self._recall(_LEFT_OVER)
        left = self._before | self._written | {record.path for record in (before.records if before else ())}
        records = (Record(path=path, type="", size=0, hash="", changed=False) for path in sorted(left))
        self._note_soon(_LEFT_OVER, Unit(records=tuple(records)))
        self.note()

    def left(self) -> Set[str]:
        """Give the paths of files that earlier builds made and that belong to no unit now."""
        units = filter(None, map(self._recall, self._gone()))
        left = self._before.union(*({record.path for record in unit.records} for unit in units))
        left.difference_update(record.path for record in self.records())
        return left

    def forget(self) -> None:
        """Forget units that no longer exist, once the files they left are removed."""
        self._ledger.forget(self._kind, self._gone())

    def _gone(self) -> list[str]:
        return [name for name in self._ledger.noted(self._kind) if name not in self.digests]

    def _known(self, name: str) -> Unit | None:
        """A unit as it was noted, if nothing that makes files has changed since."""
        unit = self._recall(name)
        return unit if unit and unit.made_by == self._made_by else None

    def _recall(self, name: str) -> Unit | None:
        if self._last[0] != name:
            self._last = name, self._ledger.recall(self._kind, name, Unit)
        return self._last[1]


def kind(target: Target) -> str:
    """Kind of the ledger's notes on what is published at a target."""
    return f"unit {target.name}"


def digest_of(*things: object) -> str:
    """Digest of the `repr` of things, which are made of plain values."""
    return hashlib.blake2b(repr(things).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _again(record: Record) -> Record:
    """The record of a file that the next build finds as it is."""
    return replace(record, changed=False) if record.changed else record


def _part(record: Record, unit: Unit) -> str:
    return record.path if record.path in unit.parts else record.path.rpartition("/")[0]
