"""This project beside what people would pick instead: the same items in, the same outputs, in one run.

    python -m bench rivals

Articles: Hugo and Pelican make what we make of the same articles with 50 tags: a feed of all and of each tag
that hold everything, lists of 30 a page, and a page per article. They read a file per article; we read one
listing. Hugo writes RSS by itself, and Atom and JSON Feed by templates such as one would write; Pelican only
RSS. A podcast: podgen, on a loop that one would write.
"""

import json
import random
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._measure import Cost, python, run, table
from bench.build import TAGS, Card, build, cards, measure_feeds, project

SIZES = (5_000, 50_000)
_PELICANS = 10_000
"""Articles: Pelican takes too long for more."""
EPISODES = 2_000
_PER_PAGE = 30
_NEWEST = datetime(2026, 1, 1, tzinfo=UTC)

_HUGO = f"""
baseURL = "https://example.org/"
title = "Bench"
paginate = {_PER_PAGE}
ignoreErrors = ["error-disable-taxonomy"]
disableKinds = ["section", "taxonomy", "sitemap", "robotsTXT", "404"]
[taxonomies]
tag = "topics"
[outputs]
home = ["HTML", "RSS"]
term = ["HTML", "RSS"]
"""

_HUGO_ATOM_AND_JSON = f"""{_HUGO.replace('"RSS"', '"RSS", "ATOM", "JSONFEED"')}
[mediaTypes."application/atom+xml"]
suffixes = ["xml"]
[mediaTypes."application/feed+json"]
suffixes = ["json"]
[outputFormats.ATOM]
mediaType = "application/atom+xml"
baseName = "atom"
rel = "alternate"
[outputFormats.JSONFEED]
mediaType = "application/feed+json"
baseName = "feed"
rel = "alternate"
isPlainText = true
"""

_HUGO_FEEDS_ALONE = f"""{_HUGO.replace('"HTML", ', "")}
[[cascade]]
[cascade._build]
render = "never"
list = "always"
[cascade._target]
kind = "page"
"""

_HUGO_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ .Title }} · {{ .Site.Title }}</title>
<meta name="description" content="{{ .Summary | plainify | truncate 200 }}">
<link rel="canonical" href="{{ .Permalink }}">
{{ range .AlternativeOutputFormats }}
<link rel="alternate" type="{{ .MediaType }}" href="{{ .Permalink }}">
{{ end }}
</head>
<body>
<header><a href="{{ "/" | relURL }}">{{ .Site.Title }}</a></header>
<main>{{ block "main" . }}{{ end }}</main>
</body>
</html>
"""

_HUGO_SINGLE = """{{ define "main" }}
<article>
<h1>{{ .Title }}</h1>
<time datetime="{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}">{{ .Date.Format "2 January 2006" }}</time>
{{ .Content }}
<ul>{{ range .GetTerms "topics" }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul>
</article>
{{ end }}
"""

_HUGO_LIST = """{{ define "main" }}
<h1>{{ .Title }}</h1>
{{ $pages := .Paginate (cond .IsHome .Site.RegularPages .Pages) }}
{{ range $pages.Pages }}
<article>
<time datetime="{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}">{{ .Date.Format "2 January 2006" }}</time>
<h3><a href="{{ .RelPermalink }}">{{ .Title }}</a></h3>
<p>{{ .Summary | plainify | truncate 280 }}</p>
<ul>{{ range .GetTerms "topics" }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul>
</article>
{{ end }}
{{ if $pages.HasPrev }}<a href="{{ $pages.Prev.URL }}">Newer</a>{{ end }}
{{ if $pages.HasNext }}<a href="{{ $pages.Next.URL }}">Older</a>{{ end }}
{{ end }}
"""

_HUGO_ATOM = """{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom">
<title>{{ .Title }}</title>
<id>{{ .Permalink }}</id>
<updated>{{ .Site.LastChange.Format "2006-01-02T15:04:05Z07:00" }}</updated>
<link rel="alternate" href="{{ .Permalink }}"/>
{{ with .OutputFormats.Get "ATOM" }}<link rel="self" href="{{ .Permalink }}"/>{{ end }}
{{ range (cond .IsHome .Site.RegularPages .Pages) }}
<entry>
<title>{{ .Title }}</title>
<id>{{ .Permalink }}</id>
<link rel="alternate" href="{{ .Permalink }}"/>
<published>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</published>
<updated>{{ .Lastmod.Format "2006-01-02T15:04:05Z07:00" }}</updated>
{{ range .GetTerms "topics" }}<category term="{{ .Title }}"/>{{ end }}
<summary>{{ .Summary | plainify }}</summary>
<content type="html">{{ .Content | html }}</content>
</entry>
{{ end }}
</feed>
"""

_HUGO_JSON = """{
"version": "https://jsonfeed.org/version/1.1",
"title": {{ .Title | jsonify }},
"home_page_url": {{ .Permalink | jsonify }},
"items": [{{ range $at, $page := (cond .IsHome .Site.RegularPages .Pages) }}{{ if $at }},{{ end }}
{{ $tags := slice }}{{ range .GetTerms "topics" }}{{ $tags = $tags | append .Title }}{{ end }}
{{ dict "id" .Permalink "url" .Permalink "title" .Title "summary" (.Summary | plainify)
"content_html" .Content "date_published" (.Date.Format "2006-01-02T15:04:05Z07:00")
"tags" $tags | jsonify }}{{ end }}]}
"""

_PELICAN = f"""
SITENAME = AUTHOR = "Bench"
SITEURL = "https://example.org"
PATH = "content"
THEME = "simple"
TIMEZONE = "UTC"
DEFAULT_PAGINATION = {_PER_PAGE}
DIRECT_TEMPLATES = ["index"]
ARTICLE_URL = "articles/{{slug}}/"
ARTICLE_SAVE_AS = "articles/{{slug}}/index.html"
TAG_URL = "topics/{{slug}}/"
TAG_SAVE_AS = "topics/{{slug}}/index.html"
FEED_ALL_RSS = "all/rss.xml"
TAG_FEED_RSS = "topics/{{slug}}/rss.xml"
FEED_MAX_ITEMS = None
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = ""
"""


def main(sizes: tuple[int, ...] = SIZES, episodes: int = EPISODES) -> None:
    """Print a table for articles, one for their feeds alone, and one for a podcast."""
    rows: list[tuple[str, ...]] = []
    for size in sizes:
        with TemporaryDirectory() as name:
            rows += _articles(Path(name), size)
    head = ("articles", "by", "build", "CPU", "peak", "build / Hugo's", "CPU / Hugo's")
    table((*head, "again"), rows)
    print()
    rows = []
    for size in sizes:
        with TemporaryDirectory() as name:
            rows += _feeds_alone(Path(name), size)
    table(head, rows)
    print()
    with TemporaryDirectory() as name:
        head = ("episodes", "by", "build", "CPU", "peak", "build / podgen's", "CPU / podgen's")
        table(head, [*_podcast(Path(name), episodes)])


# Articles


def _articles(folder: Path, size: int) -> Iterator[tuple[str, ...]]:
    if not shutil.which("hugo"):
        sys.exit("needs Hugo: apt-get install hugo")
    ours = build(project(folder / "ours", size))
    by_processes = project(folder / "by processes", size)
    with by_processes.open("a") as config:
        config.write('[build]\nworkers = "processes"\n')
    hugo = _hugo(folder / "hugo", size, _HUGO_ATOM_AND_JSON)
    hugo_rss = _hugo(folder / "hugo, RSS", size, _HUGO)
    settings = _pelican(folder / "pelican", size)
    pelican = python("-m", "pelican", "--quiet", "--settings", str(settings), "--output", f"{folder}/out")
    base: Cost | None = None
    rivals = {"Hugo": hugo, "Hugo, RSS": hugo_rss, "feeds": ours, "feeds, processes": build(by_processes)}
    if size <= _PELICANS:
        rivals["Pelican, RSS"] = pelican
    for name, command in rivals.items():
        full, again = run(command), run(command)
        base = base or full
        yield *_row(size, name, full, base), f"{again.wall:.1f} s"


def _feeds_alone(folder: Path, size: int) -> Iterator[tuple[str, ...]]:
    hugo = run(_hugo(folder / "hugo", size, _HUGO_FEEDS_ALONE))
    ours = measure_feeds(folder, size, "ours, with JSON")
    for name, cost in (("Hugo: RSS", hugo), ("feeds: RSS, Atom and JSON", ours)):
        yield _row(size, name, cost, hugo)


def _row(size: int, name: str, cost: Cost, base: Cost) -> tuple[str, ...]:
    return (
        f"{size:,}",
        name,
        f"{cost.wall:.1f} s",
        f"{cost.cpu:.1f} s",
        f"{cost.memory / 2**20:.0f} MiB",
        f"{cost.wall / base.wall:.2f}",
        f"{cost.cpu / base.cpu:.2f}",
    )


def _hugo(folder: Path, size: int, settings: str) -> list[str]:
    layouts = folder / "layouts" / "_default"
    layouts.mkdir(parents=True)
    (folder / "config.toml").write_text(settings)
    for name, text in (("baseof", _HUGO_PAGE), ("single", _HUGO_SINGLE), ("list", _HUGO_LIST)):
        (layouts / f"{name}.html").write_text(text)
    (layouts / "list.atom.xml").write_text(_HUGO_ATOM)
    (layouts / "list.jsonfeed.json").write_text(_HUGO_JSON)
    content = folder / "content" / "articles"
    content.mkdir(parents=True)
    for number, card in enumerate(cards(size)):
        head = f"title: {card.title}\ndate: {_when(number).isoformat()}\ntopics: {json.dumps(card.tags)}"
        (content / f"{number}.md").write_text(f"---\n{head}\n---\n{_text(card)}\n")
    return ["hugo", "--quiet", "--source", str(folder)]


def _pelican(folder: Path, size: int) -> Path:
    content = folder / "content"
    content.mkdir(parents=True)
    settings = folder / "settings.py"
    settings.write_text(_PELICAN)
    for number, card in enumerate(cards(size)):
        head = f":date: {_when(number):%Y-%m-%d %H:%M}\n:tags: {', '.join(card.tags)}\n:slug: {number}"
        (content / f"{number}.rst").write_text(
            f"{card.title}\n{'#' * len(card.title)}\n\n{head}\n\n{_text(card)}\n"
        )
    return settings


def _text(card: Card) -> str:
    return f"{card.summary}\n\n{card.publisher} · {card.minutes} min read"


def _when(number: int) -> datetime:
    return _NEWEST - timedelta(minutes=number)


# A podcast


def _podcast(folder: Path, size: int) -> Iterator[tuple[str, ...]]:
    episodes = folder / "episodes.json"
    episodes.write_text(json.dumps(list(_episodes(size))))
    config = folder / "config" / "feeds.toml"
    config.parent.mkdir()
    shutil.copy(episodes, config.parent)
    config.write_text(
        '[site]\ntitle = "Bench"\nbase_url = "https://example.org/"\nauthor = "Bench"\n'
        '[[source]]\npath = "episodes.json"\nformat = "table"\nshow = "show"\n'
        '[show.show]\ntitle = "Show"\nauthor = "Bench"\ncategories = ["Technology"]\n'
    )
    podgen = run(python("-m", "bench.rivals", str(episodes), str(folder / "podgen.xml")))
    ours = run(build(config))
    for name, cost in (("podgen, only the feed", podgen), ("feeds, with all pages and chapter files", ours)):
        yield _row(size, name, cost, podgen)


def _episodes(size: int) -> Iterator[dict[str, object]]:
    choose = random.Random(size)
    for number in range(size, 0, -1):
        yield {
            "title": f"Episode {number} on {choose.choice(TAGS)}",
            "number": number,
            "id": f"episode-{number}",
            "date": (_NEWEST - timedelta(days=size - number)).isoformat(),
            "summary": "What is said in it, told in a sentence or two of the usual length. " * 6,
            "audio": f"https://cdn.example/{number}.mp3",
            "audio_type": "audio/mpeg",
            "audio_size": 20_000_000 + number,
            "duration": 1800 + number % 600,
        }


def _podgen_loop(source: Path, output: Path) -> None:
    """What one would write by hand with podgen."""
    from podgen import Category, Episode, Media, Podcast

    podcast = Podcast(
        name="Show",
        description="Episodes of Show.",
        website="https://example.org/shows/show/",
        explicit=False,
        category=Category("Technology"),
        language="en",
    )
    for row in json.loads(source.read_text()):
        podcast.episodes.append(
            Episode(
                id=row["id"],
                title=row["title"],
                summary=row["summary"],
                position=row["number"],
                publication_date=datetime.fromisoformat(row["date"]),
                media=Media(
                    row["audio"], row["audio_size"], row["audio_type"], timedelta(seconds=row["duration"])
                ),
            )
        )
    podcast.rss_file(str(output))


if __name__ == "__main__":
    _podgen_loop(Path(sys.argv[1]), Path(sys.argv[2]))
