import itertools
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from distributed import LocalCluster
from tests.workers.conftest import address_of, local_cluster

from feeds import workers as module
from feeds.errors import FeedsError
from feeds.model import Place
from feeds.workers import open_map


def square(number: int) -> int:
    return number * number


def square_slowly(number: int) -> int:
    time.sleep(0.02 * (3 - number % 4))
    return number * number


def fail_at_three(number: int) -> int:
    if number == 3:
        raise FeedsError("three", Place(source="a.txt", line=3))
    return number


def die(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def die_once(mark: Path) -> int:
    """Kills the process of the first who calls it."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


_inside = threading.Lock()


def alone(_: int) -> bool:
    """Whether nobody else is in here at the same time."""
    if not _inside.acquire(blocking=False):
        return False
    time.sleep(0.02)
    _inside.release()
    return True


def test_results_come_in_the_order_of_their_arguments(workers: str) -> None:
    with open_map(workers) as each:
        assert list(each(square_slowly, range(20))) == [number * number for number in range(20)]


@pytest.mark.slow
def test_one_map_can_be_used_again_and_for_nothing(workers: str) -> None:
    with open_map(workers) as each:
        assert list(each(square, [])) == []
        assert list(each(square, [2])) == list(each(square, [-2])) == [4]


def test_arguments_are_taken_only_as_they_are_needed(workers: str) -> None:
    numbers = itertools.count()
    with open_map(workers) as each:
        assert list(itertools.islice(each(square, numbers), 3)) == [0, 1, 4]
    assert next(numbers) < 20


def test_what_a_function_raises_is_raised_here_with_its_place(workers: str) -> None:
    with open_map(workers) as each:
        results = each(fail_at_three, range(10))
        assert list(itertools.islice(results, 3)) == [0, 1, 2]
        with pytest.raises(FeedsError) as error:
            next(results)
    assert str(error.value) == "a.txt:3: three"


def test_no_two_run_in_one_process_at_a_time(workers: str) -> None:
    with open_map(workers) as each:
        assert all(each(alone, range(12)))


@pytest.mark.usefixtures("processes")
def test_a_worker_process_that_is_killed_is_a_clear_error() -> None:
    with open_map("processes") as each, pytest.raises(FeedsError, match="a worker was killed"):
        list(each(die, range(3)))


def test_a_worker_of_a_cluster_that_is_killed_is_replaced(cluster: LocalCluster, tmp_path: Path) -> None:
    address = address_of(cluster)
    with open_map(address) as each:
        results = list(each(die_once, [tmp_path / "killed"] * 12))
    assert (tmp_path / "killed").exists()
    assert all(results)


@pytest.mark.slow
def test_work_that_kills_every_worker_is_given_up() -> None:
    with local_cluster(1) as own:
        address = address_of(own)
        with open_map(address) as each, pytest.raises(FeedsError, match="killed repeatedly"):
            list(each(die, [1]))


def test_a_worker_with_another_feeds_is_refused(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__version__", "999")
    address = address_of(cluster)
    with open_map(address) as each, pytest.raises(FeedsError, match="install 999 there"):
        list(each(square, [1]))


def test_a_cluster_that_is_not_there_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    with (
        pytest.raises(FeedsError, match=r"dask://127.0.0.1:1: no Dask scheduler answers"),
        open_map("dask://127.0.0.1:1"),
    ):
        pass


@pytest.mark.slow
def test_a_cluster_without_workers_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    with local_cluster(0) as empty:
        address = address_of(empty)
        with pytest.raises(FeedsError, match="had no worker"), open_map(address):
            pass


def test_what_is_not_installed_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(FeedsError, match=r"distributed.* pip install 'feeds\[dask\]'"),
        open_map("dask://a:1"),
    ):
        pass
