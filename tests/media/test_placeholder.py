import subprocess
from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import media
from feeds.model import Chapter

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


@pytest.mark.slow
def test_a_browser_agrees_on_the_duration_behind_a_tag_with_a_cover_and_chapters(
    tmp_path: Path, chromium: str
) -> None:
    marks = tuple(Chapter(start=index * 10.0, title=f"Part {index}") for index in range(300))
    cover = media.thumbnail(media.cover("A Show", size=1400))
    tags = media.Tags(title="One", show="A Show", duration=4000.5, chapters=marks, cover=cover)
    (tmp_path / "one.mp3").write_bytes(media.tag(media.placeholder(4000.5), tags))
    page = tmp_path / "page.html"
    page.write_text(
        "<body><audio src=one.mp3 preload=metadata></audio><script>"
        "const audio = document.querySelector('audio');"
        "audio.onloadedmetadata = () => document.body.append('plays ' + audio.duration);"
        "audio.onerror = () => document.body.append('fails')</script>"
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]
    command = [chromium, *options, page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "plays 4000.512" in shown.stdout
