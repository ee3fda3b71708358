"""A site or a show that moves keeps its subscribers, its ids and its dates."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.project import CONFIG, NOON, SHOW, Project, card

from feeds.cli import main

DAY = timedelta(days=1)
COMPLETE = f"""{SHOW}owner = {{ name = "Ann", email = "ann@example.org" }}
image = "generate"
audio = "placeholder"
"""
LASTING = re.compile(
    rb"<guid.*?</guid>|<pubDate>.*?</pubDate>|<updated>.*?</updated>|<id>.*?</id>|<podcast:guid>.*?</podcast:guid>"
)
NEW = "https://new.example.org/shows/kites/podcast.xml"


@pytest.fixture
def site(tmp_path: Path) -> Project:
    project = Project.with_listing(tmp_path, card("First") + card("Second"), CONFIG + COMPLETE)
    project.write("config/notes.txt", "1: The first\nWe fly. Timestamps Intro 0:06 Wind 1:40 Outro 2:10\n")
    project.build(NOON)
    return project


@pytest.mark.parametrize(
    "feed", ["all/rss.xml", "all/atom.xml", "topics/storage/atom.xml", "shows/kites/podcast.xml"]
)
def test_another_address_changes_links_but_no_id_and_no_date(site: Project, feed: str) -> None:
    before = site.tree()[feed]
    site.write(
        "config/feeds.toml", (CONFIG + COMPLETE).replace("https://example.org/", "https://new.example.org/x/")
    )
    report = site.build(NOON + DAY)
    after = site.tree()[feed]
    assert (report.new, report.changed) == (0, 0)
    assert LASTING.findall(after) == LASTING.findall(before) != []
    assert b"https://example.org/" not in after
    assert b"https://new.example.org/x/" in after


def test_a_show_that_has_moved_away_is_still_published_and_says_where_to_go(site: Project) -> None:
    site.write("config/feeds.toml", f'{CONFIG}{COMPLETE}new_feed_url = "{NEW}"\n')
    command = ["publish", "--config", str(site.config), "--no-hubs", "--now", (NOON + DAY).isoformat()]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    feed = site.tree()["shows/kites/podcast.xml"].decode()
    assert f"<itunes:new-feed-url>{NEW}</itunes:new-feed-url>" in feed
    verify = ["verify", "--config", str(site.config), "--no-links", "--rule", "POD-13"]
    assert f"for the new address '{NEW}' [POD-13]" in CliRunner().invoke(main, verify).output
