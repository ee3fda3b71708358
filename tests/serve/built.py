"""The site that the configuration of this repository makes."""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
BASE_URL = "https://feeds.example.org/reader/"


def build(folder: Path) -> Path:
    """Build it in `folder`, for `BASE_URL`; gives the root of the site."""
    shutil.copytree(REPOSITORY / "config", folder / "config")
    command = [sys.executable, "-m", "feeds", "build", "--base-url", BASE_URL]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "output"
