"""Builds in processes of their own, which are killed at a step of theirs or at a moment."""

import multiprocessing
import os
import signal
import sys
import time
from typing import Any

import sqlalchemy as sa
from tests.project import Project
from tests.workers.eager import at_once

_STEPS = {"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect"}
"""What counts as a step, as the interpreter names it to its auditors; each SQL statement does too."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["feeds.build", "feeds.cli", "feeds.config", "feeds.outputs.pages"])


class Build:
    """A build under way."""

    def __init__(self, project: Project, now: str, *, dies_at: int = 0) -> None:
        """`dies_at` is the number of the step at which it is killed. Workers do whatever they can."""
        self._steps = _processes.Value("i", lock=False)
        self._begun = time.monotonic()
        self._process = _processes.Process(target=_run, args=(project, now, dies_at, self._steps))
        self._process.start()

    def wait_for(self, step: int) -> None:
        """Wait until it has come as far as that, or to its end."""
        while self.steps < step and self._process.is_alive():
            time.sleep(0.001)

    def finish(self, *, kill_after: float = 60.0) -> int | None:
        """Wait for its end, but so many seconds only. Gives its exit code, negative if it was killed."""
        self._process.join(kill_after)
        self._process.kill()
        self._process.join()
        self.seconds = time.monotonic() - self._begun
        return self._process.exitcode

    @property
    def steps(self) -> int:
        """How many it took."""
        return int(self._steps.value)


def _run(project: Project, now: str, dies_at: int, steps: Any) -> None:
    def step(*_: object) -> None:
        steps.value += 1
        if steps.value == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    at_once()
    sys.addaudithook(lambda event, _: step() if event in _STEPS else None)
    sa.event.listen(sa.Engine, "before_cursor_execute", step)
    sys.exit(project.run("--now", now).exit_code)
