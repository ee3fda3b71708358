"""Processes of this machine: when they are started, who gets what, and how they end."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from feeds import pool
from feeds.pool import Pool


def who(_: object) -> int:
    """The process that does this."""
    return os.getpid()


def who_slowly(_: object) -> int:
    time.sleep(0.02)
    return os.getpid()


def fail(_: object) -> int:
    raise LookupError("nothing there")


def unpicklable(_: object) -> Callable[[], int]:
    return lambda: 0


def same(data: bytes) -> bytes:
    return data


def ours() -> list[multiprocessing.process.BaseProcess]:
    """The processes of pools that live."""
    return [process for process in multiprocessing.active_children() if process.name == "feeds"]


def test_little_work_is_done_here_and_starts_no_process() -> None:
    with Pool(2) as processes:
        assert set(processes.map(who, range(1_000))) == {os.getpid()}
        assert ours() == []


def test_until_processes_are_ready_work_goes_on_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_ALONE", 0)
    with Pool(2) as processes:
        doing = [*processes.map(who_slowly, range(200))]
    assert doing[0] == os.getpid()
    assert doing[-1] != os.getpid()


@pytest.mark.usefixtures("processes")
def test_each_kin_has_a_process_of_its_own() -> None:
    """So that what is made for one argument serves the next."""
    kins = [f"{number % 2}" for number in range(30)]
    with Pool(2) as processes:
        doing = [*processes.map(who_slowly, kins, str)]
    assert len(set(zip(kins, doing, strict=True))) == len(set(kins))


@pytest.mark.usefixtures("processes")
def test_arguments_of_one_kin_are_shared_when_there_is_nothing_else() -> None:
    with Pool(2) as processes:
        doing = Counter(processes.map(who_slowly, range(40)))
    assert len(doing) == 2
    assert min(doing.values()) > 10


@pytest.mark.usefixtures("processes")
def test_what_is_large_goes_there_and_back() -> None:
    """Larger than a pipe holds, in both directions at the same time."""
    large = [bytes([number]) * 3_000_000 for number in range(12)]
    with Pool(2) as processes:
        assert list(processes.map(same, large)) == large


@pytest.mark.usefixtures("processes")
def test_results_that_nobody_took_do_not_reach_who_asks_next() -> None:
    with Pool(2) as processes:
        assert next(processes.map(abs, range(-30, 0))) == 30
        assert list(processes.map(len, ["a", "bc"])) == [1, 2]


@pytest.mark.usefixtures("processes")
def test_what_cannot_be_sent_back_is_an_error_here() -> None:
    with Pool(2) as processes, pytest.raises(Exception, match=r"pickle.*unpicklable"):
        next(processes.map(unpicklable, [1]))


@pytest.mark.usefixtures("processes")
def test_leaving_it_ends_what_is_under_way() -> None:
    with Pool(2) as processes:
        next(processes.map(who_slowly, range(10)))
        assert len(ours()) == 2
    assert ours() == []


_PARENT = """
import sys, time
from tests.workers.eager import at_once
from feeds.pool import Pool
if __name__ == "__main__":
    at_once()
    with Pool(2) as processes:
        for worker in processes.map(time.sleep, [0.01] * 4 + [60] * 4):
            print(*(one._process.pid for one in processes._workers), flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc which processes live")
def test_processes_end_with_whoever_started_them(tmp_path: Path) -> None:
    """Even if that was killed, and they are in the middle of something."""
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    path = os.pathsep.join(sys.path)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env={"PYTHONPATH": path})
    assert parent.stdout
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 5
    while any(map(_lives, workers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(_lives, workers))


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
