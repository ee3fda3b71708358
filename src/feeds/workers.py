"""Who does work that can be done apart: this process, processes of this machine, or a Dask cluster.

What is mapped is a module-level function of plain data, so that it can be sent to whoever does it. Whoever
does it, the results are the same and come in the same order.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Protocol, TypeVar

from feeds import __version__
from feeds.errors import FeedsError
from feeds.model import Place

_T = TypeVar("_T")
_R = TypeVar("_R")

_PATIENCE = 30
"""Seconds to wait for a cluster to answer, and for its first worker."""

_alone = threading.Lock()
"""Workers of a cluster may have several threads; feedgen must not."""


class Map(Protocol):
    """Like the built-in `map` of one iterable; what the function raises is raised in its result's place."""

    def __call__(
        self,
        function: Callable[[_T], _R],
        arguments: Iterable[_T],
        kin: Callable[[_T], str] | None = None,
        /,
    ) -> Iterator[_R]:
        """Give the results in the order of the arguments, which are taken only as they are needed.

        Arguments of the same `kin` are better given to the same worker.
        """


def are_here(workers: str) -> bool:
    """Tell whether workers are processes of this machine, which share its files."""
    return not workers.startswith("dask://")


def open_map(workers: str) -> AbstractContextManager[Map]:
    """Give a map that `workers` carry out: `serial`, `processes`, or `dask://host:port` of a scheduler.

    Entering it raises `FeedsError` if there is no such cluster, or if what it needs is not installed.

    >>> with open_map("serial") as each:
    ...     list(each(len, ["a", "bc"]))
    [1, 2]
    """
    if workers == "serial":
        return nullcontext(_serial)
    return _processes() if workers == "processes" else _cluster(workers)


def _serial(
    function: Callable[[_T], _R], arguments: Iterable[_T], _: Callable[[_T], str] | None = None, /
) -> Iterator[_R]:
    return map(function, arguments)


@contextmanager
def _processes() -> Iterator[Map]:
    if _cores() == 1:
        yield _serial
        return
    from feeds.pool import Pool

    with Pool(_cores()) as pool:
        yield pool.map


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _cluster(workers: str) -> Iterator[Map]:
    place = Place(source=workers)
    try:
        from distributed import Client, KilledWorker
        from distributed.client import FutureCancelledError
    except ImportError as error:
        message = f"a Dask cluster needs {error.name}, which is not installed: pip install 'feeds[dask]'"
        raise FeedsError(message, place) from error
    try:
        address = workers.replace("dask://", "tcp://")
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise FeedsError(f"no Dask scheduler answers there: {error}", place) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise FeedsError(f"the cluster had no worker for {_PATIENCE} s", place) from error
        ahead = 2 * len(client.scheduler_info(n_workers=-1)["workers"])

        def each(
            function: Callable[[_T], _R], arguments: Iterable[_T], _: Callable[[_T], str] | None = None, /
        ) -> Iterator[_R]:
            submit = partial(client.submit, _remote, __version__, function, pure=False)
            try:
                yield from _in_order(submit, arguments, ahead)
            except KilledWorker as error:
                raise FeedsError(f"workers were killed repeatedly: {error}", place) from error
            except FutureCancelledError as error:
                raise FeedsError("the cluster went away; build again when it is back", place) from error
            except ModuleNotFoundError as error:
                raise FeedsError(
                    f"a worker has no {error.name}; install the same feeds there", place
                ) from error

        yield each


def _in_order(submit: Callable[[_T], Any], arguments: Iterable[_T], ahead: int) -> Iterator[Any]:
    """Submit a few more than are awaited, so that memory holds no more than a few."""
    waiting: deque[Any] = deque()
    for argument in arguments:
        waiting.append(submit(argument))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _remote(version: str, function: Callable[[_T], _R], argument: _T) -> _R:
    """Call a function on a worker of a cluster."""
    if version != __version__:
        raise FeedsError(f"a worker has feeds {__version__}; install {version} there, the same as here")
    with _alone:
        return function(argument)
