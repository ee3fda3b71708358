"""Feeds name their hubs, in every format alike (WebSub, section 4)."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.project import CONFIG, NOON, SHOW, Project, card

from feeds.errors import ConfigError
from feeds.model import Finding
from feeds.verify.checking import check
from feeds.verify.documents import Context, folder

ATOM = "{http://www.w3.org/2005/Atom}link"
HUBS = ["https://hub.example.org/", "https://other.example.org/hub?a=1&b=2"]
WITH_HUBS = CONFIG.replace("[[source]]", f"hubs = {json.dumps(HUBS)}\n\n[[source]]", 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("hubs")
    project = Project.with_listing(root, card("First") + card("Second"), WITH_HUBS + SHOW)
    project.write(
        "config/notes.txt", "1: The first one\nWe fly. Timestamps Intro 0:06 Wind 1:40 Outro 2:10\n"
    )
    project.build(NOON)
    return project


def links(path: Path, relation: str) -> list[Any]:
    root = etree.parse(path).getroot()
    feed = root if root.tag.endswith("feed") else root[0]
    return [link.get("href") for link in feed.findall(ATOM) if link.get("rel") == relation]


def findings(project: Project, now: datetime = NOON) -> list[Finding]:
    subjects = tuple(folder(project.output, "https://example.org/"))
    rules = ("WSB-01", "WSB-02", "RSS-01", "ATM-01", "JSF-01")
    context = Context(now=now, base_url="https://example.org/", subjects=subjects)
    return list(check(subjects, context, only=rules))


@pytest.mark.parametrize(
    "name", ["all/rss.xml", "all/atom.xml", "topics/storage/rss.xml", "shows/kites/podcast.xml"]
)
def test_rss_and_atom_name_every_hub_beside_one_self_link(site: Project, name: str) -> None:
    assert links(site.output / name, "hub") == HUBS
    assert links(site.output / name, "self") == [f"https://example.org/{name}"]


@pytest.mark.parametrize("name", ["all/feed.json", "shows/kites/feed.json"])
def test_json_names_the_same_hubs(site: Project, name: str) -> None:
    feed = json.loads((site.output / name).read_bytes())
    assert feed["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]


def test_the_self_link_is_the_first_of_a_channel(site: Project) -> None:
    for path in site.output.rglob("*.xml"):
        root = etree.parse(path).getroot()
        if root.tag == "rss":
            assert root[0].find(ATOM).get("rel") == "self"


def test_the_rules_about_hubs_find_nothing(site: Project) -> None:
    assert findings(site) == []


def test_without_hubs_no_feed_names_one(project: Project) -> None:
    project.build(NOON)
    assert links(project.output / "all/rss.xml", "hub") == []
    assert "hubs" not in json.loads((project.output / "all/feed.json").read_bytes())


def test_a_hub_without_a_host_is_refused(project: Project) -> None:
    project.write("config/feeds.toml", CONFIG.replace("[[source]]", 'hubs = ["hub"]\n\n[[source]]'))
    with pytest.raises(ConfigError, match=r"site\.hubs\[0\].*absolute address"):
        project.build(NOON)
