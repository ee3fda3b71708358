"""From the files of a case to what is checked."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeds.verify.documents import Context, KnownFeed, KnownItem, Memory, Served, Subject

from .making import made

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = "https://example.org/"


def load(path: Path) -> tuple[list[Subject], Context]:
    """Read a case.

    A file stands for itself, as this tool would publish it; as somebody else's if its name ends in
    `-foreign`. A folder has a `case.json`: the files, each with its name and address, how it was served
    or how it is made; and what is known around them. `SIZE` in it and in the files is the size of the
    audio.
    """
    if path.is_file():
        own = not path.stem.endswith("-foreign")
        return [Subject(name=path.name, body=path, own=own)], Context(now=NOW)
    case: dict[str, Any] = json.loads((path / "case.json").read_text(encoding="utf-8"))
    bodies = {entry["name"]: _body(path, entry) for entry in case["files"]}
    size = str(
        max((len(body) for name, body in bodies.items() if name.endswith((".mp3", ".m4a"))), default=0)
    )
    subjects = tuple(_subject(entry, bodies[entry["name"]], size) for entry in case["files"])
    memory = Memory(
        items={name: _item(name, known) for name, known in case.get("items", {}).items()},
        feeds={url: KnownFeed(**known) for url, known in case.get("feeds", {}).items()},
        files=case.get("hashes", {}),
        moved=frozenset(case.get("moved", ())),
        dated=frozenset(case.get("dated", ())),
    )
    context = Context(
        now=NOW,
        base_url=BASE,
        subjects=subjects,
        memory=memory if case.keys() & {"items", "feeds", "hashes"} else None,
        **{key: case[key] for key in ("rebuilt", "pings", "pinged") if key in case},
    )
    return list(subjects), context


def _body(folder: Path, entry: dict[str, Any]) -> bytes:
    return made(entry["make"]) if "make" in entry else (folder / entry["name"]).read_bytes()


def _subject(entry: dict[str, Any], body: bytes, size: str) -> Subject:
    served = json.loads(json.dumps(entry.get("served", {})).replace("SIZE", size))
    return Subject(
        name=entry["name"],
        body=body.replace(b"SIZE", size.encode()),
        url=entry.get("url", BASE + entry["name"]),
        own=True,
        served=Served(**{key: _frozen(value) for key, value in served.items()}) if served else None,
    )


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _item(name: str, known: dict[str, Any]) -> KnownItem:
    sets = {"digests": frozenset(known.get("digests", ())), "feeds": tuple(known.get("feeds", ()))}
    return KnownItem(id=name, **{**known, **sets})
