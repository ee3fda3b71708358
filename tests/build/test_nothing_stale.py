"""After any change a build leaves the very files that one would make that remembers nothing it once made."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from tests.project import NOON, Project, card

from feeds import media
from feeds.media import fonts

pytestmark = pytest.mark.slow

LATER = ["--now", (NOON + timedelta(hours=1)).isoformat(), "--yes"]
CONFIG = """\
[site]
title = "Reading"
base_url = "https://example.org/"
author = "The editors"
limit = 3

[[source]]
path = "articles.txt"
format = "listing"

[[source]]
path = "posts/*.md"

[[source]]
path = "talk.txt"
format = "shownotes"
show = "talk"

[[source]]
path = "hush.txt"
format = "shownotes"
show = "hush"

[show.talk]
title = "Talk"
author = "Ana"
categories = ["Technology"]
audio = "media/{number}.mp3"
image = "cover.png"

[show.hush]
title = "Hush"
author = "Ben"
categories = ["Arts > Books"]

[topic.short]
max_minutes = 4

[topic.storage]
title = "Storage"
"""
TALK = """\
About talking.
Similar Podcasts
Other Talk
They talk too, and at length.
3: The third
We part. Links Site: https://example.net/site Timestamps Intro 0:00 Middle 0:30
2: The second
We go on. Timestamps Intro 0:00 Site 0:30
1: The first
We begin. Timestamps Intro 0:00 Middle 0:30 End 0:50
"""
HUSH = "2: Two\nStill. Timestamps Intro 0:00 Middle 1:00\n1: One\nStill. Timestamps Intro 0:00 Middle 1:00\n"
ARTICLES = "".join(
    card(f"Title {number}", tags="storage search" if number % 2 else "storage", minutes=number)
    for number in range(1, 8)
)
POST = """\
---
title: A post
date: 2025-12-01
tags: [search]
---
What it says.
"""
OVERRIDES = """
[[override]]
match = { title = "Title 2" }
summary = "As the editor has it."
"""
COVER = media.cover("Talk", size=1400)
TRANSCRIPT = "WEBVTT\n\n00:00.000 --> 00:10.000\nHello\n"
STYLE = "p { color: red }\n"
TEMPLATE = '{% extends "feeds/index.html" %}\n'


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A built project with something of everything, older than its build: where it is, and a copy."""
    folder = tmp_path_factory.mktemp("stale")
    project = Project.with_listing(folder / "project", ARTICLES, CONFIG)
    _fill(project)
    assert project.run().exit_code == 0
    shutil.copytree(project.root, folder / "saved")
    return project.root, folder / "saved"


@pytest.fixture
def settled(saved: tuple[Path, Path]) -> Project:
    """That project as it was built: at the same place, since a build remembers where it put what."""
    root, copy = saved
    shutil.rmtree(root)
    shutil.copytree(copy, root)
    return Project(root)


def _configured(old: str, new: str) -> Callable[[Project], object]:
    assert old in CONFIG
    return lambda project: project.write("config/feeds.toml", CONFIG.replace(old, new, 1))


def _site(line: str) -> Callable[[Project], object]:
    return _configured("limit = 3\n", f"limit = 3\n{line}\n")


def _show(line: str) -> Callable[[Project], object]:
    return _configured('title = "Talk"\n', f'title = "Talk"\n{line}\n')


def _source(line: str) -> Callable[[Project], object]:
    return _configured('format = "listing"\n', f'format = "listing"\n{line}\n')


def _topic(line: str) -> Callable[[Project], object]:
    return _configured('title = "Storage"\n', f'title = "Storage"\n{line}\n')


def _also(text: str) -> Callable[[Project], object]:
    return lambda project: project.write("config/feeds.toml", f"{CONFIG}\n{text}\n")


def _override(match: str, line: str) -> Callable[[Project], object]:
    text = f"{OVERRIDES}\n[[override]]\nmatch = {{ {match} }}\n{line}\n"
    return lambda project: project.write("config/overrides.toml", text)


def _file(name: str, content: str | bytes) -> Callable[[Project], object]:
    return lambda project: project.write(f"config/{name}", content)


def _without(name: str) -> Callable[[Project], object]:
    return lambda project: (project.root / "config" / name).unlink()


def _spoken(number: int) -> bytes:
    """Audio as long, and as large, as what was there before."""
    audio = bytearray(media.placeholder(60))
    audio[-1] ^= number
    return bytes(audio)


ONE, TWO = 'title = "Title 1"', 'show = "talk", number = 2'

CHANGES: dict[str, Callable[[Project], object]] = {
    "site.title": _configured('title = "Reading"', 'title = "Books"'),
    "site.base_url": _configured("https://example.org/", "https://example.net/feeds/"),
    "site.author": _configured('author = "The editors"', 'author = "The others"'),
    "site.limit": _configured("limit = 3", "limit = 2"),
    "site.language": _site('language = "de"'),
    "site.description": _site('description = "All there is."'),
    "site.archives": _site("archives = false"),
    "site.hubs": _site('hubs = ["https://hub.example/"]'),
    "site.redirects": _site('redirects = { "old/page.html" = "https://example.org/all/" }'),
    "site.redirects to be in use": _site('redirects = { "all/index.html" = "https://example.org/" }'),
    "source.path": _configured('"posts/*.md"', '"posts"'),
    "source.format": _configured('"posts/*.md"', '"posts/*.md"\nformat = "markdown"'),
    "source.url": _source('url = "https://example.com/"'),
    "source.permalink": _configured(
        '"posts/*.md"', '"posts/*.md"\npermalink = "/{slug}/"\nurl = "https://a.example/"'
    ),
    "source.order": _source('order = ["publisher", "title", "summary", "tags", "minutes"]'),
    "source.day_first": _source("day_first = true"),
    "source.tags": _source('tags = ["more"]'),
    "source.any": _source('any = ["title:*1"]'),
    "source.all": _source('all = ["title:*1"]'),
    "source.none": _source('none = ["title:*1"]'),
    "source.limit": _source("limit = 2"),
    "source.removed": _source('removed = "tombstone"'),
    "source.removed and limit": _source('limit = 2\nremoved = "tombstone"'),
    "source.removed is drop and limit": _source('limit = 2\nremoved = "drop"'),
    "source.show": _configured('show = "hush"', 'show = "talk"'),
    "a source more": _also('[[source]]\npath = "talk.txt"\nformat = "shownotes"\nshow = "hush"'),
    "show.title": _configured('title = "Talk"', 'title = "Talking"'),
    "show.author": _configured('author = "Ana"', 'author = "Eva"'),
    "show.categories": _configured('"Technology"', '"Arts"'),
    "show.image is drawn": _configured('image = "cover.png"\n', ""),
    "show.audio": _configured("media/{number}.mp3", "other/{number}.mp3"),
    "show.audio is a placeholder": _configured('audio = "media/{number}.mp3"\n', ""),
    "show.audio elsewhere": _configured("media/{number}.mp3", "http://127.0.0.1:9/{number}.mp3"),
    "show.owner": _show('owner = { name = "Ana", email = "ana@example.org" }'),
    "show.description": _show('description = "What it is about."'),
    "show.explicit": _show("explicit = true"),
    "show.language": _show('language = "fr"'),
    "show.allow_private": _show("allow_private = true"),
    "show.hosts": _show('hosts = ["Ana", { name = "Eva", role = "co-host", url = "https://eva.example/" }]'),
    "show.type": _show('type = "serial"'),
    "show.link": _show('link = "https://talk.example/"'),
    "show.copyright": _show('copyright = "Ana"'),
    "show.locked": _show("locked = false"),
    "show.complete": _show("complete = true"),
    "show.guid": _show('guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810"'),
    "show.new_feed_url": _show('new_feed_url = "https://talk.example/feed.xml"'),
    "show.txt": _show('txt = { verify = "me" }'),
    "topic.title": _configured('title = "Storage"', 'title = "Stores"'),
    "topic.description": _topic('description = "Where things are."'),
    "topic.any": _topic('any = ["search"]'),
    "topic.all": _topic('all = ["search", "storage"]'),
    "topic.none": _topic('none = ["search"]'),
    "topic.publisher": _topic('publisher = "Meta"'),
    "topic.max_minutes": _configured("max_minutes = 4", "max_minutes = 2"),
    "topic.kind": _configured("max_minutes = 4", 'any = ["search"]\nkind = "articles"'),
    "topic.limit": _topic("limit = 1"),
    "topic.limit of all": _topic("limit = 9"),
    "topic.at_least": _topic("at_least = 10"),
    "topic.sort is number": _topic('sort = "number"'),
    "topic.sort is source": _topic('sort = "source"'),
    "a topic of a tag": _also('[topic.search]\ntitle = "Finding"'),
    "tags.merge": _also('[tags]\nmerge = { storage = ["search"] }'),
    "tags.rule": _also('[[tags.rule]]\nany = ["title:*1"]\nadd = ["first"]\nremove = ["storage"]'),
    "build.workers": _also('[build]\nworkers = "processes"'),
    "override of title": _override(ONE, 'title = "The first title"'),
    "override of id": _override(ONE, 'id = "one"'),
    "override of link": _override(ONE, 'link = "https://example.net/one"'),
    "override of date": _override(ONE, "date = 2025-11-01"),
    "override of a date to come": _override(ONE, "date = 2026-11-01"),
    "override of summary": _override(ONE, 'summary = "Another."'),
    "override of tags": _override(ONE, 'tags = ["other"]'),
    "override of image": _override(ONE, 'image = "https://example.net/one.png"'),
    "override of hidden": _override(ONE, "hidden = true"),
    "override of hidden episode": _override(TWO, "hidden = true"),
    "override of number": _override(TWO, "number = 3"),
    "override of season": _override(TWO, "season = 4"),
    "override of kind": _override(TWO, 'kind = "bonus"'),
    "override of audio": _override(TWO, 'audio = "media/1.mp3"'),
    "override of guests": _override(TWO, 'guests = ["Guest"]'),
    "override of chapters": _override(TWO, 'chapters = [{ start = "0:00", title = "All" }]'),
    "override of episode's title": _override(TWO, 'title = "The other second"'),
    "override of episode's image": _override(TWO, 'image = "https://example.net/two.png"'),
    "an override less": _file("overrides.toml", ""),
    "an article changes": _file("articles.txt", ARTICLES.replace("Title 7", "Title seven")),
    "an article more": _file("articles.txt", card("Title 0") + ARTICLES),
    "an article of another publisher": _file("articles.txt", card("Title 0", publisher="Acme") + ARTICLES),
    "an article less": _file("articles.txt", ARTICLES[len(card("Title 1", tags="storage search")) :]),
    "a post changes": _file("posts/one.md", POST.replace("What it says", "What it said")),
    "a post more": _file("posts/two.md", POST.replace("A post", "Another post")),
    "a post less": _without("posts/one.md"),
    "notes change": _file("talk.txt", TALK.replace("We go on", "We went on")),
    "notes of a show change": _file("talk.txt", TALK.replace("About talking", "On talking")),
    "a related show changes": _file("talk.txt", TALK.replace("They talk too", "They talk also")),
    "a link of notes changes": _file("talk.txt", TALK.replace("example.net/site", "example.net/other")),
    "a chapter changes": _file("talk.txt", TALK.replace("Middle 0:30", "Centre 0:31")),
    "an episode more": _file("talk.txt", TALK.replace("3: The", "4: The fourth\nWe return.\n3: The")),
    "an episode less": _file("talk.txt", TALK.partition("1: The first")[0]),
    "audio changes": _file("media/2.mp3", media.placeholder(90)),
    "audio of the same size": _file("media/2.mp3", _spoken(1)),
    "audio less": _without("media/2.mp3"),
    "audio is broken": _file("media/2.mp3", b"no audio"),
    "a transcript of the same size": _file("media/2.vtt", TRANSCRIPT.replace("Hello", "Adieu")),
    "a transcript of another size": _file("media/2.vtt", TRANSCRIPT.replace("Hello", "Good bye")),
    "a transcript more": _file("media/1.vtt", TRANSCRIPT),
    "a transcript less": _without("media/2.vtt"),
    "a cover changes": _file("cover.png", media.cover("Other", size=1400)),
    "a cover that looks the same": _file("cover.png", COVER + b"\0"),
    "a cover of a bad size": _file("cover.png", media.cover("Talk", size=100)),
    "style of the theme": _file("theme/extra.css", STYLE.replace("red", "tan")),
    "our style replaced": _file("theme/style.css", STYLE),
    "a file less in the theme": _without("theme/extra.css"),
    "a template of the theme": _file("theme/index.html", TEMPLATE + "{% block main %}Here{% endblock %}"),
    "another template": _file("theme/article.html", '{% extends "feeds/article.html" %}\n'),
    "a template that others use": _file("theme/neighbours.html", "<p>No neighbours.</p>"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_after_a_change_leaves_what_a_fresh_one_makes(
    settled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    fresh = Project(tmp_path)
    CHANGES[change](settled)
    shutil.copytree(settled.root / "config", fresh.root / "config")
    shutil.copytree(settled.state / "media", fresh.state / "media")
    for path in fresh.state.rglob("*.mp3"):
        os.utime(path, (0, 0))  # older than its original, if there still is one
    shutil.copy(settled.ledger, fresh.ledger)
    done = settled.run(*LATER)
    monkeypatch.setattr("feeds.build.code", lambda: "another")  # by which nothing was made before
    anew = fresh.run(*LATER)
    assert done.exit_code == anew.exit_code < 2
    assert _complaints(done, settled) == _complaints(anew, fresh)
    there, expected = settled.tree(), fresh.tree()
    assert there.keys() == expected.keys()
    assert [path for path in there if there[path] != expected[path]] == []


def _fill(project: Project) -> None:
    project.write("config/talk.txt", TALK)
    project.write("config/hush.txt", HUSH)
    project.write("config/posts/one.md", POST)
    project.write("config/posts/zero.md", POST.replace("A post", "The first post"))
    project.write("config/overrides.toml", OVERRIDES)
    project.write("config/cover.png", COVER)
    for number in (1, 2, 3):
        project.write(f"config/media/{number}.mp3", media.placeholder(60))
    project.write("config/media/2.vtt", TRANSCRIPT)
    project.write("config/theme/extra.css", STYLE)
    project.write("config/theme/index.html", TEMPLATE)
    for path in (project.root / "config").rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))


def _complaints(result: Result, project: Project) -> str:
    return result.stderr.replace(str(project.root), "")


def test_a_cover_is_drawn_again_once_there_is_a_font_for_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.with_listing(tmp_path, ARTICLES, CONFIG.replace('title = "Hush"', 'title = "Λόγος"'))
    _fill(project)
    with monkeypatch.context() as patch:
        patch.setattr(fonts, "_packaged", lambda: [None])
        patch.setattr(fonts, "_system", list)
        fonts.choose.cache_clear()
        assert "no font" in project.run().stderr
    fonts.choose.cache_clear()
    before = project.tree()
    project.run()
    after = project.tree()
    assert {path for path in after if path.endswith(".png") and after[path] != before[path]} == {
        "shows/hush/card.png",
        "shows/hush/cover.png",
    }
