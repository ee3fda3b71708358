"""Look for bytes that a parser answers with anything but items or a clean error.

    python -m fuzz                          all parsers, for ten minutes
    python -m fuzz feed -max_total_time=60  one of them, with options of libFuzzer

Needs atheris, which the project does not: `pip install atheris`. It starts from the cases of the tests.
What it finds is written to the current folder as `crash-…`, `timeout-…` or `oom-…`; give such a file as
an argument to run it again. The first byte of an input says which parser reads it, the second how.
"""

import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["feeds", "feedparser", "markdown_it", "yaml", "dateutil"]):
    from feeds import chapters
    from feeds.errors import FeedsError
    from feeds.model import Chapter, Source
    from feeds.parsers import feed, html, listing, markdown, opml, shownotes, table
    from feeds.parsers.detect import detect

CASES = Path(__file__).parents[1] / "tests" / "parsers"
SELECTORS = {"item": ".post, .i, li", "notes": "p", "image": "img", "tags": "a", "date": "time"}
DEFAULTS = ("-max_total_time=600", "-timeout=25", "-rss_limit_mb=3000", "-max_len=20000")


def read_chapters(notes: str, duration: float | None) -> tuple[Chapter, ...]:
    """Read chapters from notes, as the parsers are given it in a build."""
    return chapters.parse(notes, duration=duration).chapters


PARSERS: dict[str, Callable[[Source], Any]] = {
    "feed": lambda source: feed.parse(
        source, feed.Options(read_chapters=read_chapters, load=lambda _: source.data)
    ),
    "html": lambda source: html.parse(source, html.Options(select=SELECTORS)),
    "described": html.parse,
    "markdown": lambda source: markdown.parse(source, markdown.Options(permalink="/{year}/{slug}")),
    "table": table.parse,
    "opml": opml.subscriptions,
    "listing": listing.parse,
    "shownotes": shownotes.parse,
    "detect": detect,
}
NAMES = ("input", "2026-01-02-post.md", "list.csv", "list.yaml", "list.json")
CHARSETS = (None, "utf-8", "latin-1", "utf-16", "shift_jis")


def run(name: str | None, data: bytes) -> None:
    """Parse an input: by the parser of this name, else by the one that its first byte says."""
    if len(data) < 2:
        return
    parser = PARSERS[name] if name else list(PARSERS.values())[data[0] % len(PARSERS)]
    way = data[1]
    source = Source(
        name=NAMES[way % len(NAMES)],
        format="any",
        data=data[2:],
        charset=CHARSETS[way // 8 % len(CHARSETS)],
        base_url="https://a.example/b/" if way & 64 else None,
        show="a-show" if way & 128 else None,
    )
    try:
        parser(source)
    except FeedsError as error:
        if error.place is None:
            raise AssertionError("no place") from error


def seeds(folder: Path) -> None:
    """Write the documents of all cases as inputs, for the parser of their format."""
    for number, name in enumerate(PARSERS):
        for case in sorted(CASES.glob(f"{name}/cases/*.toml")):
            text = tomllib.loads(case.read_text("utf-8"))["input"]
            (folder / f"{name}-{case.stem}").write_bytes(bytes((number, 64)) + text.encode())
        for file in sorted(CASES.glob(f"cases/{name}/*.txt")):
            (folder / f"{name}-{file.stem}").write_bytes(bytes((number, 128)) + file.read_bytes())


def main() -> None:
    """Run libFuzzer until its time is up, or until it has found something."""
    arguments = sys.argv[1:]
    name = arguments.pop(0) if arguments and arguments[0] in PARSERS else None
    given = {argument.partition("=")[0] for argument in arguments}
    options = [option for option in DEFAULTS if option.partition("=")[0] not in given]
    with tempfile.TemporaryDirectory() as folder:
        seeds(Path(folder))
        files = [argument for argument in arguments if not argument.startswith("-")]
        atheris.Setup(
            [sys.argv[0], *options, *arguments, *([] if files else [folder])], lambda data: run(name, data)
        )
        atheris.Fuzz()


main()
