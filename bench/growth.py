"""How a site of many sources grows, to a million articles. The large one takes most of an hour.

Each source is of a publisher, and lists a thousand articles. Feeds hold 50, all else is in their archives, so
that each article has a page and stands in four lists and four archives.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._measure import Cost, run, table
from bench.build import build, edit, growth, project

SOURCES = (60, 1_000)
_ARTICLES = 1_000
"""In a source."""
_LIMIT = 50


def main(sources: tuple[int, ...] = SOURCES) -> None:
    """Print a table of one row for each number of sources."""
    rows: list[tuple[str, ...]] = []
    costs: list[Cost] = []
    for count in sources:
        with TemporaryDirectory() as name:
            row, full = _measure(Path(name), count)
        rows.append(row)
        costs.append(full)
    head = ("articles", "files", "ledger", "CPU", "peak", "unchanged", "a source touched", "one changed")
    table(head, rows)
    growth([count * _ARTICLES for count in sources], costs)


def _measure(folder: Path, sources: int) -> tuple[tuple[str, ...], Cost]:
    size = sources * _ARTICLES
    config = project(folder, size, _LIMIT, publishers=sources)
    full = run(build(config))
    files = len(json.loads((folder / "output" / "manifest.json").read_bytes())["files"])
    ledger = (folder / ".feeds" / "ledger.sqlite").stat().st_size
    again = run(build(config))
    (config.parent / "articles-0.txt").touch()
    touched = run(build(config))
    edit(config)
    one = run(build(config))
    shares = (f"{cost.cpu:.1f} s ({cost.cpu / full.cpu:.1%})" for cost in (again, touched, one))
    return (
        f"{size:,}",
        f"{files:,}",
        f"{ledger / 2**20:,.0f} MiB",
        f"{full.cpu:,.0f} s",
        f"{full.memory / 2**20:.0f} MiB",
        *shares,
    ), full
