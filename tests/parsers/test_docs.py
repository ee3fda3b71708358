"""The examples of `docs/sources.md` say what comes out of them."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from feeds.dates import clock
from feeds.model import Article, Episode, Item, Source
from feeds.parsers import PARSERS, Settings, parse
from feeds.parsers.detect import detect
from feeds.parsers.opml import subscriptions

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
EXAMPLE = re.compile(
    r"```\w+ (?P<name>\S+)\n(?P<text>.*?)```\n\n"
    r"(?:```toml\n(?P<config>.*?)```\n\n)?"
    r"(?P<items>(?:\* [^\n]*\n)+)",
    re.DOTALL,
)


class Example(NamedTuple):
    format: str
    source: Source
    settings: Settings
    items: list[str]


def examples() -> list[Example]:
    found = []
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE):
        format_ = section.partition("\n")[0].strip("`")
        for match in EXAMPLE.finditer(section):
            config: dict[str, Any] = {}
            if match["config"]:
                (config,) = tomllib.loads(match["config"])["source"]
                assert match["name"].startswith(config.pop("path"))
            source = Source(
                name=match["name"],
                format="auto",
                data=match["text"].encode(),
                base_url=config.pop("url", None),
                show=config.pop("show", None),
            )
            items = [line.removeprefix("* ") for line in match["items"].splitlines()]
            found.append(Example(format_, source, Settings(**config), items))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.source.name)
def test_an_example_gives_what_it_says(example: Example) -> None:
    if example.format == "opml":
        assert detect(example.source)[0] == "opml"
        told = [f"source “{link.title}” <{link.url}>" for link in subscriptions(example.source)]
    else:
        parsed = parse(example.source, example.settings)
        assert parsed.findings[0].message.startswith(f"read as {example.format}: ")
        told = [tell(item) for item in parsed.items]
    assert told == example.items


def test_every_format_has_an_example() -> None:
    assert {example.format for example in examples()} == {*PARSERS, "opml"}


def test_every_format_is_in_the_table() -> None:
    table = PAGE.partition("| `format` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == {*PARSERS, "opml"}


def tell(item: Item) -> str:
    is_episode = isinstance(item, Episode)
    number = f" {item.number}" if isinstance(item, Episode) and item.number is not None else ""
    head = f"{'episode' if is_episode else 'article'}{number} “{item.title}”"
    head += f" ({item.id})" if item.id else ""
    head += f" <{item.link}>" if item.link else ""
    parts = [head]
    if isinstance(item, Article) and item.publisher:
        parts[0] += f" by {item.publisher}"
    if item.published:
        parts.append(f"{item.published:%Y-%m-%d %H:%M}")
    if item.tags:
        parts.append(f"tags {enumerated(item.tags)}")
    if isinstance(item, Article) and item.minutes:
        parts.append(f"{item.minutes} minutes")
    if isinstance(item, Episode):
        if item.media:
            parts.append(f"{item.media.type} of {item.media.duration:g} s")
        if item.chapters:
            parts.append(
                "chapters " + enumerated([f"{clock(mark.start)} {mark.title}" for mark in item.chapters])
            )
    return ", ".join(parts)


def enumerated(words: Any) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else str(last)
