"""`feeds publish`: build, verify, put, tell; in this order, and nothing of it twice."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.project import CONFIG, NOON, Project, card

from feeds.cli import main
from feeds.config import load
from feeds.publishing import Published, publish
from feeds.targets import Folder

from .hub import Hub, a_hub

HOUR = timedelta(hours=1)
FEEDS = ("rss.xml", "atom.xml", "feed.json")


@dataclass(frozen=True)
class Site(Project):
    """A project that is served, and has a hub."""

    hub: Hub

    def publish(self, now: datetime = NOON, *, surprising: bool = False, hubs: bool = True) -> Published:
        plan = load(self.config)
        return publish(
            plan,
            output=self.output,
            state=self.state,
            now=now,
            surprising=surprising,
            hubs=hubs,
            patience=0.2,
        )

    def command(self, *arguments: str) -> Result:
        options = ["publish", "--config", str(self.config), "--now", NOON.isoformat(), "--wait", "0.2"]
        return CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)

    def topics(self, *folders: str) -> list[str]:
        return sorted(f"{self.hub.url}{folder}/{name}" for folder in folders for name in FEEDS)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Two articles in two topics, not published yet."""
    (tmp_path / "output").mkdir()
    with a_hub(tmp_path / "output") as hub:
        config = CONFIG.replace("https://example.org/", hub.url)
        config = config.replace("[[source]]", f'hubs = ["{hub.url}hub"]\n\n[[source]]', 1)
        project = Project.with_listing(tmp_path, card("First") + card("Second", tags="search"), config)
        yield Site(root=project.root, hub=hub)


def test_what_is_published_is_what_a_build_makes(site: Site) -> None:
    done = site.publish()
    other = Project.with_listing(site.root / "other", (site.root / "config/articles.txt").read_bytes())
    other.write("config/feeds.toml", site.config.read_bytes())
    other.build(NOON)
    assert site.tree() == other.tree()
    assert (done.written, done.kept, done.removed) == (len(site.tree()) - 1, 0, 0)


def test_hubs_are_told_of_every_feed_in_every_format(site: Site) -> None:
    done = site.publish()
    assert done.findings == ()
    assert site.hub.told == site.topics("all", "topics/search", "topics/storage")
    assert done.told == 9


def test_publishing_again_puts_nothing_and_tells_nobody(site: Site) -> None:
    site.publish()
    site.hub.forms.clear()
    stamps = {path: path.stat().st_mtime_ns for path in site.output.rglob("*") if path.is_file()}
    done = site.publish(NOON + HOUR)
    assert (done.written, done.removed, done.told, site.hub.forms) == (0, 0, 0, [])
    assert {path: path.stat().st_mtime_ns for path in stamps if path.name != ".feeds.lock"} == {
        path: stamp for path, stamp in stamps.items() if path.name != ".feeds.lock"
    }


def test_hubs_are_told_only_of_feeds_that_changed(site: Site) -> None:
    site.publish()
    site.hub.forms.clear()
    site.write("config/articles.txt", card("First", "Other words.") + card("Second", tags="search"))
    site.publish(NOON + HOUR)
    assert site.hub.told == site.topics("all", "topics/storage")


def test_hubs_are_not_told_of_archives_and_nobody_minds_when_they_end(site: Site) -> None:
    config = site.config.read_text("utf-8").replace("hubs =", "limit = 1\nhubs =")
    site.write("config/feeds.toml", config)
    site.publish()
    assert (site.output / "all/archive/2/rss.xml").exists()
    assert site.hub.told == site.topics("all", "topics/search", "topics/storage")
    site.write("config/feeds.toml", config.replace("limit = 1", "limit = 1\narchives = false"))
    done = site.publish(NOON + HOUR)
    assert (done.rules.fails("error"), done.removed) == (False, 6)
    assert not (site.output / "all/archive").exists()


def test_a_broken_rule_stops_before_anything_is_put(site: Site) -> None:
    site.publish()
    before = site.tree()
    site.hub.forms.clear()
    site.write(
        "config/overrides.toml", '[[override]]\nmatch = { title = "First" }\nlink = "http://10.0.0.1/"\n'
    )
    result = site.command()
    assert result.exit_code == 1
    assert "nothing was published" in result.stderr
    assert "only this machine or network reaches [XML-11]" in result.stdout
    assert site.tree() == before
    assert site.hub.forms == []
    site.write("config/overrides.toml", "")
    assert site.command().exit_code == 0


def test_a_clock_set_back_stops_nothing_and_new_items_are_dated_above_the_others(site: Site) -> None:
    site.publish(NOON)
    site.write("config/articles.txt", card("Zeroth") + card("First") + card("Second", tags="search"))
    done = site.publish(NOON - timedelta(days=365))
    assert not done.rules.fails("error")
    assert list(site.items("all")) == ["Zeroth", "First", "Second"]


def test_a_date_that_the_editor_sets_is_meant(site: Site) -> None:
    site.publish()
    site.write(
        "config/overrides.toml", '[[override]]\nmatch = { title = "First" }\ndate = 2025-12-24T08:00:00Z\n'
    )
    assert not site.publish(NOON + HOUR).rules.fails("error")
    assert site.items("all")["First"]["date_published"] == "2025-12-24T08:00:00Z"


def test_a_hub_that_fails_leaves_the_site_published_and_is_told_at_the_next_call(site: Site) -> None:
    site.hub.status = 500
    result = site.command()
    assert result.exit_code == 1
    assert f"{site.hub.url}hub: error: the hub answers 500: as you say" in result.stderr
    assert "all/rss.xml" in site.tree()
    site.hub.status = 204
    site.hub.forms.clear()
    result = site.command()
    assert (result.exit_code, result.stderr) == (0, "")
    assert "hubs   9 notices" in result.stdout
    assert site.hub.told == site.topics("all", "topics/search", "topics/storage")


def test_hubs_can_be_left_to_the_next_call(site: Site) -> None:
    assert site.command("--no-hubs").exit_code == 0
    assert site.hub.forms == []
    assert site.command().exit_code == 0
    assert len(site.hub.forms) == 9


def test_the_result_as_json_counts_everything(site: Site) -> None:
    done = json.loads(site.command("--json").stdout)
    assert (done["told"], done["removed"], done["built"]["new"]) == (9, 0, 2)


def test_a_feed_that_goes_stops_it_until_it_is_said_to_be_right(site: Site) -> None:
    site.publish()
    before = site.tree()
    site.write("config/articles.txt", card("First") + card("Second"))
    result = site.command()
    assert result.exit_code == 1
    assert "[LED-04]" in result.stdout
    assert "say --yes" in result.stderr
    assert site.tree() == before
    done = site.publish(NOON + HOUR, surprising=True)
    assert done.removed == 4
    assert not (site.output / "topics/search").exists()
    assert not site.publish(NOON + 2 * HOUR).rules.fails("error"), "it is said once"


def test_builds_and_publishing_may_take_turns_on_one_output(site: Site) -> None:
    site.build(NOON)
    site.write("config/articles.txt", card("First") + card("Second"))
    site.publish(NOON + HOUR)
    assert not (site.output / "topics/search").exists()
    site.write("config/articles.txt", card("First", tags="other") + card("Second", tags="other"))
    site.build(NOON + 2 * HOUR)
    assert not (site.output / "topics/storage").exists()
    assert site.publish(NOON + 3 * HOUR, surprising=True).written == 0


def test_verify_says_when_the_last_notice_was_not_taken(site: Site) -> None:
    site.hub.status = 500
    site.publish()
    command = ["verify", "--config", str(site.config), "--no-links", "--rule", "WSB-03"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 1
    assert "answered 500 [WSB-03]" in result.stdout
    site.hub.status = 202
    site.publish()
    assert CliRunner().invoke(main, command, catch_exceptions=False).exit_code == 0


def test_an_output_in_use_is_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    monkeypatch.setattr("feeds.locks._PATIENCE", 0.1)
    with Folder(site.output):
        result = site.command()
    assert result.exit_code == 2
    assert "another run of feeds has been writing here" in result.stderr
