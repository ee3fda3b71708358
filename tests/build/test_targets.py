import errno
import io
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds import locks
from feeds.dates import rfc3339
from feeds.errors import TargetError
from feeds.model import Document
from feeds.targets import Folder


def document(path: str, body: bytes | Path = b"body") -> Document:
    return Document(path=path, type="text/plain", body=body)


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".feeds.lock"
    }


def test_a_record_says_what_was_written(tmp_path: Path) -> None:
    with Folder(tmp_path / "out") as target:
        record = target.put(document("a/b.txt"))
    assert (record.path, record.type, record.size, record.changed) == ("a/b.txt", "text/plain", 4, True)
    assert record.hash == "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"
    assert files(tmp_path / "out") == {"a/b.txt": b"body"}


def test_bytes_that_are_there_already_are_not_written_again(tmp_path: Path) -> None:
    with Folder(tmp_path) as target:
        target.put(document("a.txt"))
        before = (tmp_path / "a.txt").stat()
        record = target.put(document("a.txt"))
    assert not record.changed
    assert (tmp_path / "a.txt").stat().st_ino == before.st_ino
    assert (tmp_path / "a.txt").stat().st_mtime_ns == before.st_mtime_ns


def test_other_bytes_of_the_same_length_are_written(tmp_path: Path) -> None:
    with Folder(tmp_path) as target:
        target.put(document("a.txt", b"one"))
        assert target.put(document("a.txt", b"two")).changed
    assert files(tmp_path) == {"a.txt": b"two"}


def test_a_document_may_be_a_file(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_bytes(b"x" * 100_000)
    with Folder(tmp_path / "out") as target:
        first = target.put(document("a.mp3", original))
        assert (first.size, first.changed) == (100_000, True)
        assert not target.put(document("a.mp3", original)).changed
    assert original.read_bytes() == files(tmp_path / "out")["a.mp3"]


def test_a_file_on_another_disk_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", link)
    (tmp_path / "original").write_bytes(b"audio")
    with Folder(tmp_path / "out") as target:
        target.put(document("a.mp3", tmp_path / "original"))
    assert files(tmp_path / "out") == {"a.mp3": b"audio"}
    assert (tmp_path / "original").stat().st_nlink == 1


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/a", "", ".", "a\\..\\b", "a\0b", "a/../b"])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    root = tmp_path / "out"
    with Folder(root) as target, pytest.raises(TargetError, match="leads out of the output folder"):
        target.put(document(path))
    with Folder(root) as target, pytest.raises(TargetError, match="leads out of the output folder"):
        target.remove([path])
    assert files(tmp_path) == {}


def test_removing_takes_empty_folders_along_and_leaves_the_others(tmp_path: Path) -> None:
    with Folder(tmp_path) as target:
        for name in ("a/b/c.txt", "a/b/d/e.txt", "f.txt"):
            target.put(document(name))
        (tmp_path / "a/mine.txt").touch()
        target.remove(["a/b/c.txt", "a/b/d/e.txt", "never/was.txt"])
    assert files(tmp_path) == {"a/mine.txt": b"", "f.txt": b"body"}
    assert not (tmp_path / "a/b").exists()


def test_a_record_holds_while_the_file_has_its_size(tmp_path: Path) -> None:
    with Folder(tmp_path) as target:
        record = target.put(document("a.txt"))
        assert target.holds(record)
        (tmp_path / "a.txt").write_bytes(b"cut")
        assert not target.holds(record)
        (tmp_path / "a.txt").unlink()
        assert not target.holds(record)


class FullDisk(io.BytesIO):
    """A file that takes half of what is written, as on a disk that becomes full."""

    def __init__(self, path: str, _mode: str) -> None:
        super().__init__()
        self._path = Path(path)

    def write(self, data: Any, /) -> int:
        self._path.write_bytes(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fail_to_rename(_: str, path: str) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO), path)


@pytest.mark.parametrize(
    ("name", "failure", "says"),
    [
        ("feeds.targets.open", FullDisk, "No space left on device"),
        ("feeds.targets.os.replace", fail_to_rename, "Input/output error"),
    ],
)
def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, failure: Callable[..., object], says: str
) -> None:
    with Folder(tmp_path) as target:
        target.put(document("a.txt", b"before"))
        with monkeypatch.context() as fault:
            fault.setattr(name, failure, raising=False)
            with pytest.raises(TargetError, match=rf"a\.txt: cannot be written: {says}"):
                target.put(document("a.txt", b"after"))
    assert files(tmp_path) == {"a.txt": b"before"}


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(TargetError, match=r"out: is a file; expected a folder"), Folder(tmp_path / "out"):
        pass


def test_a_file_in_place_of_a_folder_within_is_named(tmp_path: Path) -> None:
    (tmp_path / "topics").touch()
    with Folder(tmp_path) as target, pytest.raises(TargetError, match=r"topics: is a file"):
        target.put(document("topics/rss.xml"))


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with Folder(tmp_path) as target, pytest.raises(TargetError, match=r"a\.txt: cannot be written: Is a dir"):
        target.put(document("a.txt"))


def test_what_others_stage_is_not_seen_until_it_is_published(tmp_path: Path) -> None:
    with Folder(tmp_path) as target:
        target.put(document("a/b.txt", b"before"))
        changed, same = (target.stage(document("a/b.txt", body)) for body in (b"after", b"before"))
        assert (tmp_path / "a/b.txt").read_bytes() == b"before"
        assert same.file is None
        assert not same.publish().changed
        assert changed.publish().changed
    assert files(tmp_path) == {"a/b.txt": b"after"}


def test_what_is_staged_by_a_build_that_fails_is_cleared_away(tmp_path: Path) -> None:
    with suppress(LookupError), Folder(tmp_path) as target:
        target.stage(document("a/b.txt"))
        raise LookupError
    assert files(tmp_path) == {}


def test_what_a_killed_build_left_unfinished_is_cleared_away(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.read_bytes() for path in (tmp_path / "topics").iterdir()] == [b"half"]
    with Folder(tmp_path):
        assert list((tmp_path / "topics").iterdir()) == []
    assert files(tmp_path) == {}


_KILLED = """
import os, pathlib, signal, sys
from feeds import model, targets
targets.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with targets.Folder(pathlib.Path(sys.argv[1])) as folder:
    folder.put(model.Document(path="topics/rss.xml", type="text/plain", body=b"half"))
"""


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    order = []

    def second() -> None:
        with Folder(tmp_path):
            order.append("second")

    with Folder(tmp_path):
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive()
        order.append("first")
    other.join(timeout=10)
    assert order == ["first", "second"]


HOLDER = """
import pathlib, sys, time
from feeds.targets import Folder
with Folder(pathlib.Path(sys.argv[1])):
    print("writing", flush=True)
    time.sleep(60)
"""


def test_whoever_waits_is_told_at_once_for_whom_and_a_dead_one_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    other = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "writing\n"
    with (
        pytest.raises(TargetError, match="another run of feeds has been writing here") as error,
        Folder(tmp_path),
    ):
        pass
    who = f"process {other.pid} on {platform.node()}"
    began = datetime.fromtimestamp((tmp_path / ".feeds-writing").stat().st_mtime, UTC)
    busy = f"{tmp_path}: another run of feeds has been writing here since {rfc3339(began)}: {who}"
    assert str(error.value) == f"{busy}; try again when it has finished"
    told = [record.getMessage() for record in caplog.records if record.name == locks.__name__]
    assert told == [f"{busy}; waiting up to 0 s"]
    other.kill()
    other.wait()
    with Folder(tmp_path) as target:
        assert target.put(document("a.txt")).changed
    assert not (tmp_path / ".feeds-writing").exists()


def test_the_lock_is_free_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    with pytest.raises(RuntimeError), Folder(tmp_path):
        raise RuntimeError
    with Folder(tmp_path) as target:
        assert target.put(document("a.txt")).changed


def test_the_lock_is_free_though_its_sign_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that has become read-only because of an error."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    with monkeypatch.context() as patch, Folder(tmp_path):
        patch.setattr(Path, "unlink", fail)
    with Folder(tmp_path):
        pass
