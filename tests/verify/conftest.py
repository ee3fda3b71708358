"""What all tests of checking share."""

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def heeding_ctrl_c() -> Iterator[None]:
    """A shell that starts tests in the background makes them, and what they start, ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
