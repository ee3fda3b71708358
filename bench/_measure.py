"""Time and memory of a command, and tables of them."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WORDS = ("cache", "queue", "shard", "replica", "index", "stream", "batch", "cluster", "trace", "log", "graph")
"""What made-up titles and texts are made of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run of a command took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system."""
    memory: int
    """Bytes of resident memory at the peak."""


def run(command: Sequence[str], *, times: int = 1) -> Cost:
    """Run a command a number of times, each in a process of its own; gives the medians."""
    costs = [_once(command) for _ in range(times)]
    return Cost(
        wall=median(cost.wall for cost in costs),
        cpu=median(cost.cpu for cost in costs),
        memory=max(cost.memory for cost in costs),
    )


def python(*arguments: str) -> list[str]:
    """A command of the Python that runs this."""
    return [sys.executable, *arguments]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print(f"| {' | '.join(head)} |")
    print(f"|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def _once(command: Sequence[str]) -> Cost:
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.execvp(command[0], list(command))  # no shell is wanted
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    wall = time.perf_counter() - start
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss * 1024)
