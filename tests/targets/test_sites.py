"""A whole site in object storage."""

import itertools
import json
from datetime import timedelta

import feedparser
import pytest
from click.testing import CliRunner
from tests.project import CONFIG, NOON, Project, card
from tests.targets.conftest import Bucket

from feeds import storage
from feeds.build import build
from feeds.cli import main
from feeds.config import load

FEEDS = ("rss.xml", "atom.xml", "feed.json")


@pytest.fixture
def project(project: Project) -> Project:
    """Two articles, whose site is to be in a bucket."""
    project.write("config/feeds.toml", f'{CONFIG}\n[build]\noutput = "s3://site/feeds/"\n')
    return project


def published(bucket: Bucket) -> dict[str, bytes]:
    return {path.removeprefix("feeds/"): body for path, body in bucket.tree().items()}


def test_a_bucket_holds_what_a_folder_would(bucket: Bucket, project: Project) -> None:
    assert project.run().exit_code == 0
    assert not project.output.exists()
    in_bucket = published(bucket)
    project.run("--output", str(project.output))
    assert in_bucket == project.tree()
    rss = feedparser.parse(bucket.get("feeds/all/rss.xml").content)
    assert [entry.title for entry in rss.entries] == ["First", "Second"]


def test_the_manifest_is_put_last_and_feeds_after_what_they_point_at(
    bucket: Bucket, project: Project
) -> None:
    project.run()
    puts = [path.removeprefix("feeds/") for path in bucket.puts()]
    assert puts[-1] == "manifest.json"
    pages = [puts.index(path) for path in puts if path.startswith("articles/")]
    feeds = [puts.index(path) for path in puts if path.endswith(FEEDS)]
    assert len(pages) == 2
    assert max(pages) < min(feeds)


def test_an_unchanged_build_uploads_nothing_and_a_changed_one_what_changed(
    bucket: Bucket, project: Project
) -> None:
    project.run()
    bucket.asked.clear()
    project.run()
    assert bucket.puts() == []
    project.write(
        "config/articles.txt", card("First") + card("Second", "Other words.", tags="storage search")
    )
    project.run("--now", (NOON + timedelta(hours=1)).isoformat())
    changed = {path.removeprefix("feeds/") for path in bucket.puts()}
    assert "topics/search/rss.xml" in changed
    assert "articles/second/index.html" in changed
    assert "articles/first/index.html" not in changed
    assert "style.css" not in changed


@pytest.mark.slow
def test_what_is_no_longer_made_is_taken_away(bucket: Bucket, project: Project) -> None:
    project.run()
    assert "feeds/topics/search/rss.xml" in bucket.tree()
    project.write("config/articles.txt", card("First") + card("Second", tags="storage"))
    project.run("--now", (NOON + timedelta(hours=1)).isoformat())
    tree = published(bucket)
    assert not [path for path in tree if path.startswith("topics/search")]
    assert tree.keys() == {*json.loads(tree["manifest.json"])["files"], "manifest.json"}


@pytest.mark.slow
def test_a_server_that_fails_every_third_time_gets_the_whole_site(bucket: Bucket, project: Project) -> None:
    requests = itertools.count(1)
    bucket.fails = lambda *_: next(requests) % 3 == 0
    assert project.run().exit_code == 0
    bucket.fails = lambda *_: False
    in_bucket = published(bucket)
    project.run("--output", str(project.output))
    assert in_bucket == project.tree()


@pytest.mark.slow
def test_a_build_that_cannot_upload_leaves_the_old_site_and_the_next_one_completes_it(
    bucket: Bucket, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_ATTEMPTS", 1)
    project.run()
    before = published(bucket)
    project.write(
        "config/articles.txt", card("Zeroth") + card("First") + card("Second", tags="storage search")
    )
    later = ("--now", (NOON + timedelta(hours=1)).isoformat())
    bucket.fails = lambda method, path: method == "PUT" and path.endswith("all/rss.xml")
    result = project.run(*later)
    assert result.exit_code == 2
    assert "s3://site/feeds/all/rss.xml: cannot be published" in result.stderr
    bucket.fails = lambda *_: False
    halfway = published(bucket)
    assert halfway["manifest.json"] == before["manifest.json"]
    assert halfway["all/rss.xml"] == before["all/rss.xml"]
    assert project.run(*later).exit_code == 0
    in_bucket = published(bucket)
    other = Project.with_listing(project.root / "other", (project.root / "config/articles.txt").read_bytes())
    build(load(project.config), output=other.output, state=project.state, now=NOON)
    assert in_bucket == other.tree()


def test_what_broke_in_a_site_in_a_bucket_is_told_there(bucket: Bucket, project: Project) -> None:
    project.write("config/feeds.toml", project.config.read_text() + "[verify]\nmaintenance = true\n")
    verify = ["verify", "--config", str(project.config)]
    early = CliRunner().invoke(main, verify)
    assert (early.exit_code, "run `feeds publish` first" in early.stderr) == (2, True)
    publish = CliRunner().invoke(main, ["publish", "--config", str(project.config)])
    assert publish.exit_code == 0, publish.stderr
    result = CliRunner().invoke(main, verify, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    assert feedparser.parse(published(bucket)["maintenance/atom.xml"]).feed.title.startswith("Maintenance")
    project.run()
    assert "maintenance/atom.xml" in published(bucket)


def test_a_site_in_a_bucket_is_no_folder_to_serve(project: Project) -> None:
    result = CliRunner().invoke(main, ["serve", "--config", str(project.config)])
    assert result.exit_code == 2
    assert "s3://site/feeds/ is not a folder; give one with --output" in result.stderr
