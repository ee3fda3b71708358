from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import media

from .conftest import Probe


@given(st.floats(min_value=1, max_value=20_000))
def test_a_placeholder_lasts_as_long_as_asked_and_less_than_a_frame_longer(seconds: float) -> None:
    frames = len(media.placeholder(seconds)) // 24
    assert seconds <= frames * 0.024 + 1e-9 < seconds + 0.024 + 1e-6


@pytest.mark.parametrize("seconds", [1, 59.9, 4444.5])
def test_ffprobe_mutagen_and_our_own_count_agree_on_its_duration(
    seconds: float, tmp_path: Path, probe: Probe
) -> None:
    path = tmp_path / "silence.mp3"
    path.write_bytes(media.placeholder(seconds))
    ours = media.measure(path).duration
    assert ours is not None
    assert ours == pytest.approx(seconds, abs=0.025)
    assert float(probe(path)["format"]["duration"]) == pytest.approx(ours, abs=0.001)
    assert mutagen.File(path).info.length == pytest.approx(ours, abs=0.001)


def test_an_hour_of_silence_takes_less_than_four_megabytes() -> None:
    assert len(media.placeholder(3600)) == 3_600_000


def test_even_nothing_becomes_a_second_that_players_recognise(tmp_path: Path) -> None:
    path = tmp_path / "silence.mp3"
    path.write_bytes(media.placeholder(0))
    assert media.measure(path).duration == pytest.approx(1.008)
