"""A new project: a configuration with comments, a sample of each kind of source, a `.gitignore`."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feeds.config import check
from feeds.errors import FeedsError
from feeds.model import Place

_GITIGNORE = """\
# The ledger is the memory of ids and dates: keep it safe. If it cannot be kept elsewhere, commit it.
/.feeds/
/output/
"""

_SHOW = """
[show.a-show]
title = {title}
author = {author}
# Of Apple Podcasts, such as "Arts > Books".
categories = ["Technology"]
# Silence of the right length stands in where an episode has no audio: audio = "media/{{number}}.mp3"
audio = "placeholder"
# A cover is drawn until you give one: image = "cover.png"
image = "generate"
"""

_CONFIGURATION = """\
# What `feeds build` makes of the sources. Run `feeds inspect SOURCE` to see what is read in one.

[site]
title = {title}
# Where output/ will be published; it ends up in every feed, so set it before anyone subscribes.
base_url = {base_url}
author = {author}
language = {language}

# A list of articles: one feed for each tag, and one for everything.
[[source]]
path = "sources/articles.txt"
format = "listing"

# A page of show notes: one podcast feed, with chapters made from the timestamps.
[[source]]
path = "sources/show-notes.txt"
format = "shownotes"
show = "a-show"
{show}
# A tag gets its title from its slug, unless you say otherwise.
# [topic.gardening]
# title = "Gardening"
# description = "Things that grow."
"""

_FROM = """\
# What `feeds build` makes of {source}.

[site]
title = {title}
base_url = {base_url}
author = {author}
language = {language}

[[source]]
path = {source}
format = {format}
{more}{show}"""

_ARTICLES = """\
Example Garden

Tomatoes on a Balcony

How to grow tomatoes where there is no garden, from the first pot to the first salad.

vegetables balcony
4 min
Example Garden

Rain Barrels That Do Not Leak

Which barrels last, how to seal the tap, and what to do before the first frost.

tools
7 min
"""

_SHOW_NOTES = """\
A show about a garden, with one guest each time.
2: Bees in the City
We visit the hives on a roof and taste what the bees make of the park. Links City bees: \
https://example.org/bees Timestamps Intro 0:00 On the roof 1:10 Tasting 12:30 Outro 18:45
1: A Wild Corner
Why a corner of the garden is better left alone. Timestamps Intro 0:04 Nettles 2:20 Hedgehogs 9:05 Outro 15:00
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """A source to begin with."""

    path: str
    """As the configuration names it."""
    format: str
    fields: Mapping[str, str]
    """Selectors of a page."""
    url: str | None = None
    """Base of the relative addresses in it."""
    needs_url: bool = False
    """Whether someone has to find that out."""
    is_show: bool = False
    """Whether it lists episodes."""
    allow_private: bool = False


def start(
    folder: Path,
    *,
    title: str,
    author: str,
    base_url: str,
    language: str,
    source: Beginning | None = None,
) -> tuple[Path, ...]:
    """Write a new project into a folder that holds none, and give the files that were written.

    Without a source to begin with it gets samples. Raises `FeedsError` if a file is there already, and
    `ConfigError` if something cannot be so, such as an address.
    """
    words = {
        "title": quoted(title),
        "author": quoted(author),
        "base_url": quoted(base_url),
        "language": quoted(language),
    }
    files = {".gitignore": _GITIGNORE}
    if source is None:
        show = _SHOW.format(title=quoted("A Show"), author=words["author"])
        files["config/feeds.toml"] = _CONFIGURATION.format(**words, show=show)
        files["config/sources/articles.txt"] = _ARTICLES
        files["config/sources/show-notes.txt"] = _SHOW_NOTES
    else:
        files["config/feeds.toml"] = _FROM.format(
            **words,
            source=quoted(source.path),
            format=quoted(source.format),
            more="".join(_more(source)),
            show=_SHOW.format(**words) if source.is_show else "",
        )
    check(tomllib.loads(files["config/feeds.toml"]), folder / "config/feeds.toml")
    return _write(folder, files)


def _more(source: Beginning) -> Iterator[str]:
    """What else there is to say of a source."""
    if source.is_show:
        yield 'show = "a-show"\n'
    if source.url:
        yield f"url = {quoted(source.url)}\n"
    elif source.needs_url:
        yield "# Relative addresses are left out until you say where it was:\n"
        yield '# url = "https://example.org/where/it/was/"\n'
    yield from (f"fields.{name} = {quoted(selector)}\n" for name, selector in source.fields.items())
    if source.allow_private:
        yield "allow_private = true\n"


def _write(folder: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    paths = {folder / name: text for name, text in files.items()}
    for path in paths:
        if path.exists() and path.name != ".gitignore":
            raise FeedsError("already exists; choose an empty folder", Place(source=str(path)))
    written = []
    try:
        for path, text in paths.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
                written.append(path)
    except OSError as error:
        raise FeedsError(f"cannot be written: {error.strerror}", Place(source=str(folder))) from error
    return tuple(written)


def quoted(text: str) -> str:
    """Write text as a basic string of TOML."""
    # JSON escapes the same characters the same way, but for one.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
