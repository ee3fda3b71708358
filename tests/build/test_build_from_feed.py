"""A podcast feed as a source: what it says once is said once."""

from tests.project import Project

CONFIG = """\
[site]
title = "Listening"
base_url = "https://example.org/"
author = "The editors"

[[source]]
path = "podcast.xml"
show = "kites"

[show.kites]
title = "Kites"
author = "Ann"
categories = ["Leisure > Hobbies"]
audio = "placeholder"
"""

FEED = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Kites</title><link>https://kites.example/</link>
<description>All about kites.</description>
<item><title>Wind</title><guid isPermaLink="false">kites-1</guid>
<pubDate>Fri, 02 Jan 2026 03:04:05 GMT</pubDate>
<description>&lt;p&gt;We talk about wind.&lt;/p&gt;&lt;p&gt;00:00 Intro&lt;br&gt;01:10 Knots&lt;br&gt;\
05:30 Outro&lt;/p&gt;</description>
<enclosure url="https://kites.example/1.mp3" length="123456" type="audio/mpeg"/></item>
</channel></rss>
"""


def test_timestamps_of_the_notes_become_chapters_and_are_shown_once(project: Project) -> None:
    project.write("config/feeds.toml", CONFIG)
    project.write("config/podcast.xml", FEED)
    project.build()
    item = project.items("shows/kites")["Wind"]
    assert item["id"] == "kites-1"
    assert [chapter["title"] for chapter in item["_feeds"]["chapters"]] == ["Intro", "Knots", "Outro"]
    assert item["content_html"].count("Knots") == 1
    assert "Knots" not in item["summary"]
    assert item["attachments"][0]["url"] == "https://kites.example/1.mp3"
    podcast = (project.output / "shows/kites/podcast.xml").read_text("utf-8")
    assert podcast.count("00:01:10 Knots") == 1
    assert '<guid isPermaLink="false">kites-1</guid>' in podcast
    assert "Fri, 02 Jan 2026 03:04:05" in podcast
