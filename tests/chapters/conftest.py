"""Tests of the real page of show notes are collected only where that page is at hand."""

from pathlib import Path

SEED = Path(__file__).parents[3] / "shared/seeds/003_7ad462325d7dc7e1.txt"
collect_ignore = [] if SEED.exists() else ["test_seeds.py"]
