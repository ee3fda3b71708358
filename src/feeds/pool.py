"""Processes of this machine that share its work.

They are started only once this process has worked for a while, and until they are ready it goes on by itself;
so what is soon done is done no later than without them.
"""

import os
import pickle
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from operator import attrgetter
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from feeds.errors import FeedsError

_T = TypeVar("_T")
_R = TypeVar("_R")

_ALONE = 1.0
"""Seconds of work that are done here before processes are started. Each takes half a second to load modules
and templates, and makes some things again that are known here."""

_AT_HAND = 2
"""Tasks that a process is given at a time, so that it need not wait for the next."""

_AHEAD = 32
"""Tasks for each process that may be taken before the first of them is done."""

_SWITCH = 0.0005
"""Seconds after which a process that works takes in what it is sent, since our parent waits for that."""


class Pool:
    """Entering it starts no process yet; leaving it ends them, whatever they do."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._workers: list[_Worker] = []
        self._worked = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for worker in self._workers:
            worker.end()

    def map(
        self,
        function: Callable[[_T], _R],
        arguments: Iterable[_T],
        kin: Callable[[_T], str] | None = None,
        /,
    ) -> Iterator[_R]:
        """Like the built-in `map`; while there is enough to do, each process does what is of one `kin`.

        Raises `FeedsError` if a process is killed, and what the function raises in its result's place.
        """
        untaken = (
            _Task(function, argument, kin(argument) if kin else "", Future()) for argument in arguments
        )
        taken: deque[_Task] = deque()
        waiting: list[_Task] = []
        while True:
            if self._worked >= _ALONE and not self._workers:
                self._workers = [_Worker(function) for _ in range(self._size)]
            self._receive(0)
            self._give(waiting)
            ready = [worker for worker in self._workers if worker.is_ready]
            wanted = any(worker.room for worker in ready) or len(waiting) <= len(ready)
            if taken and taken[0].result.done():
                yield taken.popleft().result.result()
            elif wanted and len(taken) <= _AHEAD * len(ready) and (task := next(untaken, None)):
                taken.append(task)
                waiting.append(task)
            elif not taken:
                return
            elif not ready:
                self._do(waiting.pop(0))
            elif idle := [worker for worker in ready if worker.is_idle and waiting]:
                idle[0].give(waiting.pop(0))
            else:
                self._receive(None)

    def _do(self, task: "_Task") -> None:
        begun = time.monotonic()
        try:
            task.result.set_result(task.function(task.argument))
        except Exception as error:  # noqa: BLE001  # to be raised in its result's place
            task.result.set_exception(error)
        self._worked += time.monotonic() - begun

    def _give(self, waiting: list["_Task"]) -> None:
        """Give each process what is of its kin, or of a kin that no other has."""
        for worker in sorted(self._workers, key=attrgetter("room"), reverse=True):
            others = {one.kin for one in self._workers if one is not worker}
            while worker.room and waiting:
                kins = [task.kin for task in waiting]
                new = (index for index, kin in enumerate(kins) if kin not in others)
                index = kins.index(worker.kin) if worker.kin in kins else next(new, None)
                if index is None:
                    break
                worker.give(waiting.pop(index))

    def _receive(self, timeout: float | None) -> None:
        """Take answers, if there are any within so many seconds."""
        answering = wait([worker.connection for worker in self._workers], timeout)
        for worker in self._workers:
            if worker.connection in answering:
                worker.receive()


class _Task(NamedTuple):
    function: Callable[[Any], Any]
    argument: Any
    kin: str
    result: "Future[Any]"


class _Worker:
    """A process that does one task after another."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        """Start it; it loads the module of a function before it says that it is ready."""
        # Not forked, for there may be threads, of object storage or of a test.
        context = get_context("spawn")
        self.connection, there = context.Pipe()
        self._process = context.Process(name="feeds", target=_work, args=(there, function), daemon=True)
        self._process.start()
        there.close()
        self._given: deque[_Task] = deque()
        self.is_ready = False
        self.kin = ""
        """Of the task it was given last."""

    @property
    def is_idle(self) -> bool:
        return self.is_ready and not self._given

    @property
    def room(self) -> int:
        """How many tasks more it may be given."""
        return _AT_HAND - len(self._given) if self.is_ready else 0

    def give(self, task: _Task) -> None:
        self._given.append(task)
        self.kin = task.kin
        with self._living():
            # Not `send`, whose pickler looks up every object in Python.
            self.connection.send_bytes(_dumps((task.function, task.argument)))

    def receive(self) -> None:
        """Take an answer: at first, that it is ready."""
        with self._living():
            answer = self.connection.recv()
        if not self.is_ready:
            self.is_ready = True
        elif isinstance(answer, _Failure):
            self._given.popleft().result.set_exception(answer.error)
        else:
            self._given.popleft().result.set_result(answer)

    def end(self) -> None:
        """Kill it, since it may be in the middle of something."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    @contextmanager
    def _living(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, ConnectionError) as error:
            message = "a worker was killed, perhaps for lack of memory; workers = 'serial' needs the least"
            raise FeedsError(message) from error


class _Failure(NamedTuple):
    error: Exception


_dumps = partial(pickle.dumps, protocol=pickle.HIGHEST_PROTOCOL)


def _work(connection: Connection, _: Callable[[Any], Any]) -> None:
    """What a process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its parent, who hears of that too
    sys.setswitchinterval(_SWITCH)
    tasks: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(connection, tasks), daemon=True).start()
    connection.send_bytes(_dumps(None))
    while True:
        function, argument = pickle.loads(tasks.get())  # noqa: S301  # from our parent
        try:
            answer = _dumps(function(argument))
        except Exception as error:  # noqa: BLE001  # to be raised by our parent
            error.add_note(traceback.format_exc())
            answer = _dumps(_Failure(error))
        connection.send_bytes(answer)


def _listen(connection: Connection, tasks: "SimpleQueue[bytes]") -> None:
    """Take tasks at any time, so that nobody waits who sends them; end at once when the parent is no more."""
    try:
        while True:
            tasks.put(connection.recv_bytes())
    except (EOFError, OSError):
        os._exit(1)
