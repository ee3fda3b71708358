"""Real audio and real readers."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Encode = Callable[..., Path]
Probe = Callable[[Path], dict[str, Any]]


def _program(name: str, package: str = "ffmpeg") -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed (Debian package {package})")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser."""
    return _program("chromium", "chromium")


@pytest.fixture(scope="session")
def encode(tmp_path_factory: pytest.TempPathFactory) -> Encode:
    """Encode a tone of some seconds: `encode("a.mp3", "-b:a", "64k", seconds=20)`; each is made once."""
    ffmpeg = _program("ffmpeg")
    folder = tmp_path_factory.mktemp("audio")

    def make(name: str, *options: str, seconds: float = 20, extra: str = "") -> Path:
        path = folder / str(abs(hash((options, seconds, extra)))) / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            tone = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"]
            if extra:
                described = path.parent / "metadata.txt"
                described.write_text(extra, encoding="utf-8")
                tone += ["-i", str(described), "-map_metadata", "1", "-map", "0:a"]
            subprocess.run([ffmpeg, "-v", "error", "-y", *tone, *options, str(path)], check=True)
        return path

    return make


@pytest.fixture(scope="session")
def probe() -> Probe:
    """Ask ffprobe for the format and the chapters of a file."""
    ffprobe = _program("ffprobe")

    def ask(path: Path) -> dict[str, Any]:
        command = [ffprobe, "-v", "error", "-show_format", "-show_chapters", "-of", "json", str(path)]
        answer: dict[str, Any] = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
        return answer

    return ask
