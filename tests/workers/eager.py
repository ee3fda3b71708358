"""Processes that need not wait until there is much to do."""

from collections.abc import Callable
from typing import Any

from feeds import pool


def at_once(patch: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have processes do all work, from the first task on, however little it is."""
    start = pool._Worker.__init__

    def start_and_wait(worker: pool._Worker, function: Callable[[Any], Any]) -> None:
        start(worker, function)
        worker.receive()

    patch(pool, "_ALONE", 0)
    patch(pool._Worker, "__init__", start_and_wait)
