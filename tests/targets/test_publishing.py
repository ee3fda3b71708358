"""`feeds publish` into object storage: what readers get there, and what hubs are told."""

import itertools
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from tests.project import CONFIG, NOON, Project, card
from tests.targets.conftest import Bucket

from feeds import storage
from feeds.cli import main

FEEDS = ("rss.xml", "atom.xml", "feed.json")


@pytest.fixture
def project(project: Project, bucket: Bucket) -> Project:
    """Two articles, whose site is to be in a bucket, and to be told of to a hub."""
    config = CONFIG.replace("https://example.org/", bucket.site)
    config = config.replace("[[source]]", f'hubs = ["{bucket.hub}"]\n\n[[source]]', 1)
    project.write("config/feeds.toml", f'{config}\n[build]\noutput = "s3://site/feeds/"\n')
    return project


def run(project: Project, command: str, *arguments: str) -> Result:
    options = ["--config", str(project.config), *arguments]
    return CliRunner().invoke(main, [command, *options], catch_exceptions=False)


def publish(project: Project, hours: int = 0) -> Result:
    now = (NOON + timedelta(hours=hours)).isoformat()
    return run(project, "publish", "--wait", "0.2", "--now", now)


def topics(bucket: Bucket, *folders: str) -> list[str]:
    return sorted(f"{bucket.site}{folder}/{name}" for folder in folders for name in FEEDS)


def test_a_site_is_built_put_whole_and_told(project: Project, bucket: Bucket) -> None:
    result = publish(project)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "hubs   9 notices" in result.stdout
    assert sorted(bucket.told) == topics(bucket, "all", "topics/search", "topics/storage")
    in_bucket = bucket.tree()
    project.run("--output", str(project.output))
    assert {path.removeprefix("feeds/"): body for path, body in in_bucket.items()} == project.tree()


def test_publishing_again_puts_nothing_and_tells_nobody(project: Project, bucket: Bucket) -> None:
    publish(project)
    bucket.forget()
    assert "put    0 new or changed" in publish(project, 1).stdout
    assert (bucket.puts(), bucket.told) == ([], [])


def test_a_change_puts_and_tells_of_what_it_changed(project: Project, bucket: Bucket) -> None:
    publish(project)
    bucket.forget()
    project.write("config/articles.txt", card("First", "Other.") + card("Second", tags="storage search"))
    assert publish(project, 1).exit_code == 0
    assert sorted(bucket.told) == topics(bucket, "all", "topics/storage")
    put = [path.removeprefix("feeds/") for path in bucket.puts()]
    assert "topics/search/rss.xml" not in put
    assert put[-1] == "manifest.json"
    feeds = [path for path in put if path.endswith(FEEDS)]
    assert len(feeds) == 6
    assert sorted(put[-7:-1]) == sorted(feeds), "feeds after what they point at"


def test_a_broken_rule_stops_before_anything_is_put(project: Project, bucket: Bucket) -> None:
    publish(project)
    bucket.forget()
    project.write(
        "config/overrides.toml", '[[override]]\nmatch = { title = "First" }\nlink = "http://10.0.0.1/"\n'
    )
    result = publish(project, 1)
    assert result.exit_code == 1
    assert "nothing was published" in result.stderr
    assert (bucket.asked, bucket.told) == ([], [])


def test_a_hub_that_fails_is_told_at_the_next_call(project: Project, bucket: Bucket) -> None:
    bucket.fails = lambda _, path: path.endswith("/hub")
    result = publish(project)
    assert result.exit_code == 1
    assert "the hub answers 500" in result.stderr
    assert bucket.get("feeds/all/rss.xml").status_code == 200
    bucket.fails = lambda *_: False
    bucket.forget()
    assert publish(project, 1).exit_code == 0
    assert len(bucket.told) == 9
    assert bucket.puts() == []


def test_a_lost_ledger_comes_back_from_the_bucket(project: Project, bucket: Bucket) -> None:
    publish(project)
    before = bucket.tree()
    bucket.forget()
    shutil.rmtree(project.state)
    assert "0 feeds would change, 4 stay as they are" in run(project, "plan").stdout
    assert not project.state.exists()
    result = publish(project, 24)
    assert (result.exit_code, bucket.puts()) == (1, [])
    assert "the ledger was lost; 2 items got back the ids and dates" in result.stderr
    shutil.rmtree(project.state)
    assert run(project, "recover").stdout == "2 items recovered, 0 of them in no source\n"
    assert publish(project, 48).exit_code == 0
    assert bucket.tree() == before


def test_where_it_cannot_be_told_what_was_published_nothing_is_published_anew(
    project: Project, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(project)
    shutil.rmtree(project.state)
    monkeypatch.setattr(storage, "_ATTEMPTS", 1)
    bucket.fails = lambda method, path: method == "GET" and path.endswith("manifest.json")
    for command in ("build", "publish", "plan", "recover"):
        result = run(project, command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "s3://site/feeds/manifest.json: cannot be read: " in result.stderr


@pytest.mark.slow
def test_storage_that_fails_every_third_time_gets_all_and_hubs_are_told(
    project: Project, bucket: Bucket
) -> None:
    requests = itertools.count(1)
    bucket.fails = lambda _, path: not path.endswith("/hub") and next(requests) % 3 == 0
    result = run(project, "publish", "--wait", "60", "--now", NOON.isoformat())
    bucket.fails = lambda *_: False
    assert (result.exit_code, result.stderr) == (0, "")
    assert "put    23 new or changed" in result.stdout
    assert sorted(bucket.told) == topics(bucket, "all", "topics/search", "topics/storage")
    project.run("--output", str(project.output))
    assert {path.removeprefix("feeds/"): body for path, body in bucket.tree().items()} == project.tree()


SOON = "import sys; from feeds import cli, lease; lease._TERM = 10.0; cli.main(sys.argv[1:])"
"""Runs `feeds`, whose lock in storage is that of a dead one as soon as ten seconds after its last sign."""


def process(project: Project, *command: str) -> "subprocess.Popen[str]":
    options = ["publish", "--config", str(project.config), "--now", NOON.isoformat()]
    return subprocess.Popen([sys.executable, *command, *options], stderr=subprocess.PIPE, text=True)


def assert_made_good(project: Project, bucket: Bucket) -> None:
    assert len(bucket.told) == 9
    project.run("--output", str(project.output))
    assert {path.removeprefix("feeds/"): body for path, body in bucket.tree().items()} == project.tree()


@pytest.mark.slow
def test_a_publish_that_is_killed_in_the_middle_is_made_good_by_the_next_which_says_that_it_waits(
    project: Project, bucket: Bucket
) -> None:
    killed = process(project, "-c", SOON)

    def kill(*_: str) -> bool:
        if len(bucket.puts()) == 12:
            killed.kill()
        return False

    bucket.fails = kill
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    bucket.fails = lambda *_: False
    assert "feeds/manifest.json" not in bucket.tree()
    assert bucket.told == []
    following = process(project, "-m", "feeds")
    _, said = following.communicate(timeout=60)
    assert f"process {killed.pid} on" in said
    assert re.search(r"; waiting for it; if that was killed, this goes on in (10|\d) s\n\Z", said)
    assert following.returncode == 0
    assert_made_good(project, bucket)


@pytest.mark.slow
def test_a_publish_that_is_ended_in_order_keeps_nobody_waiting(project: Project, bucket: Bucket) -> None:
    ended = process(project, "-m", "feeds")

    def end(*_: str) -> bool:
        if len(bucket.puts()) == 12:
            ended.terminate()
            time.sleep(0.5)
        return False

    bucket.fails = end
    _, said = ended.communicate(timeout=60)
    assert (ended.returncode, said) == (2, "interrupted; the next build completes what is missing\n")
    bucket.fails = lambda *_: False
    assert "feeds/manifest.json" not in bucket.tree()
    following = process(project, "-m", "feeds")
    assert following.communicate(timeout=60)[1] == ""
    assert_made_good(project, bucket)
