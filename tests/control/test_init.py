"""`feeds init`, and the build after it."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer
from tests.project import Project

from feeds.cli import main
from feeds.config import load
from feeds.starting import quoted

FLAGS = ("--title", 'Ana\'s "Garden"', "--author", "Ana", "--base-url", "https://garden.example/")
PAGE = """\
<!doctype html><html><head><title>News</title>
<base href="https://news.example/"></head><body>
<nav><a href="/">Home</a><a href="/about">About</a></nav>
<main>
<div class="post"><h2><a href="/one">The first story</a></h2><time datetime="2025-03-01">March</time>
<p class="summary">What happened first.</p></div>
<div class="post"><h2><a href="/two">The second story</a></h2><time datetime="2025-03-02">March</time>
<p class="summary">What happened then.</p></div>
<div class="post"><h2><a href="/three">The third story</a></h2><time datetime="2025-03-03">March</time>
<p class="summary">What happened last.</p></div>
</main></body></html>
"""
FEED = """\
<rss version="2.0"><channel><title>T</title><link>https://t.example/</link><description>d</description>
<item><title>One</title><link>https://t.example/1</link><guid>1</guid></item></channel></rss>
"""


def init(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["init", str(folder), *options], catch_exceptions=False)


@pytest.mark.slow
def test_the_first_build_of_a_new_project_works(tmp_path: Path) -> None:
    result = init(tmp_path / "garden", *FLAGS)
    assert result.exit_code == 0
    assert "feeds build" in result.stdout
    project = Project(tmp_path / "garden")
    assert project.run().exit_code == 0
    assert set(project.items("all")) >= {"Tomatoes on a Balcony", "Rain Barrels That Do Not Leak"}
    feed = (project.output / "shows/a-show/podcast.xml").read_text()
    assert feed.count("<item>") == 2
    assert 'title="Tasting"' in feed


def test_a_new_project_says_what_was_asked_for(tmp_path: Path) -> None:
    init(tmp_path, *FLAGS, "--language", "pt-BR")
    site = load(tmp_path / "config/feeds.toml").site
    assert (site.title, site.author) == ('Ana\'s "Garden"', "Ana")
    assert (site.base_url, site.language) == ("https://garden.example/", "pt-BR")


@pytest.mark.parametrize("option", [("--base-url", "garden.example"), ("--language", "English")])
def test_what_no_build_would_take_is_refused_and_nothing_is_written(
    tmp_path: Path, option: tuple[str, str]
) -> None:
    result = init(tmp_path / "garden", *FLAGS, *option)
    assert result.exit_code == 2
    assert option[1] in result.stderr
    assert not (tmp_path / "garden").exists()


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    assert init(tmp_path).exit_code == 0
    assert load(tmp_path / "config/feeds.toml").site.base_url == "http://localhost:8000/"


def test_state_and_output_of_a_new_project_are_left_out_of_version_control(tmp_path: Path) -> None:
    init(tmp_path, *FLAGS)
    assert {"/.feeds/", "/output/"} <= set((tmp_path / ".gitignore").read_text().splitlines())


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    init(tmp_path, *FLAGS)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    before = (tmp_path / "config/feeds.toml").read_text()
    result = init(tmp_path, "--title", "Other", "--author", "x", "--base-url", "https://x.example/")
    assert result.exit_code == 2
    assert "already exists" in result.stderr
    assert (tmp_path / "config/feeds.toml").read_text() == before


@pytest.mark.parametrize("where", ["", "sub"])
def test_a_saved_page_with_a_repeated_block_becomes_a_source(tmp_path: Path, where: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    folder = tmp_path / where
    result = init(folder, *FLAGS, "--from", str(page))
    assert result.exit_code == 0
    assert "3 items" in result.stdout
    project = Project(folder)
    assert [source.format for source in load(project.config).sources] == ["html"]
    built = project.run()
    assert built.exit_code == 0, built.stderr
    items = project.items("all")
    assert list(items) == ["The third story", "The second story", "The first story"]
    assert items["The first story"]["date_published"].startswith("2025-03-01")
    assert items["The first story"]["summary"] == "What happened first."


def test_a_page_on_the_web_becomes_a_source_and_its_feed_is_named(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    link = '<link rel="alternate" type="application/rss+xml" href="/rss.xml"></head>'
    page = PAGE.replace('<base href="https://news.example/"></head>', link)
    httpserver.expect_request("/news").respond_with_data(page, content_type="text/html")
    address = httpserver.url_for("/news")
    refused = init(tmp_path, *FLAGS, "--from", address)
    assert (refused.exit_code, list(tmp_path.iterdir())) == (2, [])
    result = init(tmp_path, *FLAGS, "--allow-private", "--from", address)
    assert result.exit_code == 0, result.stderr
    assert httpserver.url_for("/rss.xml") in result.stdout
    (source,) = load(tmp_path / "config/feeds.toml").sources
    assert (source.path, source.format, source.allow_private) == (address, "html", True)
    assert Project(tmp_path).run().exit_code == 0
    assert Project(tmp_path).items("all")["The first story"]["url"] == httpserver.url_for("/one")


def test_a_feed_in_a_file_becomes_a_source(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(FEED)
    assert init(tmp_path, *FLAGS, "--from", str(tmp_path / "feed.xml")).exit_code == 0
    assert Project(tmp_path).run().exit_code == 0
    assert set(Project(tmp_path).items("all")) == {"One"}


SAVED = {
    "what it says to be": '<link rel="canonical" href="https://news.example/all/">',
    "what saved it": "<!-- saved from url=(0025)https://news.example/all/ -->",
    "its base": '<base href="https://news.example/all/">',
}


@pytest.mark.parametrize("head", SAVED.values(), ids=SAVED.keys())
def test_where_a_saved_page_was_is_told_by(tmp_path: Path, head: str) -> None:
    (tmp_path / "page.html").write_text(PAGE.replace('<base href="https://news.example/">', head))
    assert init(tmp_path, *FLAGS, "--from", str(tmp_path / "page.html")).exit_code == 0
    (source,) = load(tmp_path / "config/feeds.toml").sources
    assert source.url == "https://news.example/all/"
    assert Project(tmp_path).run().exit_code == 0
    assert Project(tmp_path).items("all")["The first story"]["url"] == "https://news.example/one"


def test_a_saved_page_that_does_not_say_where_it_was_leaves_that_to_a_person(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE.replace('<base href="https://news.example/">', ""))
    assert init(tmp_path, *FLAGS, "--from", str(tmp_path / "page.html")).exit_code == 0
    config = tmp_path / "config/feeds.toml"
    assert "until you say where it was" in config.read_text()
    config.write_text(config.read_text().replace("# url = ", "url = "))
    assert load(config).sources[0].url == "https://example.org/where/it/was/"


NOTES = "2: Knots That Hold\nWe tie. Timestamps Intro 0:00 Knots 1:00 Outro 2:00\n1: Ropes\nWe twist.\n"
PODCAST = FEED.replace("</item>", '<enclosure url="https://t.example/1.mp3" type="audio/mpeg"/></item>')


@pytest.mark.slow
@pytest.mark.parametrize("text", [NOTES, PODCAST], ids=["show notes", "a podcast feed"])
def test_what_lists_episodes_becomes_the_source_of_a_show(tmp_path: Path, text: str) -> None:
    (tmp_path / "input").write_text(text)
    assert init(tmp_path, *FLAGS, "--from", str(tmp_path / "input")).exit_code == 0
    Project(tmp_path).run()
    assert "<item>" in (tmp_path / "output/shows/a-show/podcast.xml").read_text()


def test_what_nothing_can_be_made_of_is_a_clear_error_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body><p>Nothing repeats.</p></body></html>")
    result = init(tmp_path, *FLAGS, "--from", str(tmp_path / "page.html"))
    assert result.exit_code == 2
    assert "page.html" in result.stderr
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("text", ['a "b"', "a\\b", "a\nb\tc", "ü – 漢字", "\x00\x1b\x7f", "\r"])
def test_any_text_is_written_as_toml_reads_it(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}")["x"] == text
