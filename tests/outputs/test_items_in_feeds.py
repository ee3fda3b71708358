"""One item, many feeds: the same id, the same bytes, in the same order (feed-requirements, section M)."""

import json
import re
from itertools import pairwise
from pathlib import Path

from lxml import etree
from tests.project import CONFIG, NOON, Project, card

from feeds.outputs import Outputs

from .sample import NAMESPACES, SHOW, article, body, episode, feed, parse, texts


def ids(project: Project) -> dict[str, list[str]]:
    """The ids of the items of each document, in their order."""
    found = {}
    for path in (*project.output.rglob("*.xml"), *project.output.rglob("feed.json")):
        data = path.read_bytes()
        name = path.relative_to(project.output).as_posix()
        if path.suffix == ".json":
            found[name] = [item["id"] for item in json.loads(data)["items"]]
        else:
            found[name] = texts(parse(data), "//item/guid | //atom:entry/atom:id")
    return found


def test_the_formats_of_a_feed_hold_the_same_items_in_the_same_order(site: Project) -> None:
    documents = ids(site)
    for folder in {name.rpartition("/")[0] for name in documents}:
        twins = [found for name, found in documents.items() if name.rpartition("/")[0] == folder]
        assert len(twins) == (2 if folder.startswith("shows/") else 3)
        assert all(twin == twins[0] for twin in twins)


def test_an_item_has_one_id_in_all_feeds(site: Project) -> None:
    by_title: dict[str, set[str]] = {}
    for path in site.output.rglob("feed.json"):
        for item in json.loads(path.read_bytes())["items"]:
            by_title.setdefault(item["title"], set()).add(item["id"])
    assert len(by_title) == 22 + 14
    assert all(len(known) == 1 for known in by_title.values())
    assert len(set.union(*by_title.values())) == 22 + 14


def test_items_stand_newest_first_and_no_two_share_a_date(site: Project) -> None:
    for path in site.output.rglob("feed.json"):
        dates = [item["date_published"] for item in json.loads(path.read_bytes())["items"]]
        assert all(newer > older for newer, older in pairwise(dates))


def test_a_feed_is_as_if_its_entries_had_been_written_with_it(site: Project) -> None:
    keeping = etree.XMLParser(strip_cdata=False)
    for path in site.output.rglob("*.xml"):
        document = path.read_bytes()
        tree = etree.fromstring(document, keeping)
        for element in tree.iter():
            if not (element.text or "").strip() and len(element):
                element.text = None  # indented anew
            element.tail = None
        again = etree.tostring(tree, pretty_print=True, encoding="UTF-8", xml_declaration=True)
        assert again == document


def test_an_item_is_the_same_bytes_in_every_feed_that_holds_it(site: Project) -> None:
    for name, pattern in (("rss.xml", rb"<item>.*?</item>"), ("atom.xml", rb"<entry>.*?</entry>")):
        copies = [
            one
            for path in site.output.rglob(name)
            for one in re.findall(pattern, path.read_bytes(), re.DOTALL)
        ]
        assert len(set(copies)) == 22 + 14
        assert len(copies) > len(set(copies))


def test_an_entry_is_made_once_for_all_feeds() -> None:
    first = feed(article(1), episode(2))
    outputs = Outputs()
    alone = {document.path: body(document) for document in outputs.render(first)}
    later = feed(article(1), path="topics/search")
    outputs.render(later)
    again = {document.path: body(document) for document in outputs.render(first)}
    assert again == alone


def test_a_changed_item_is_made_anew() -> None:
    outputs = Outputs()
    outputs.render(feed(article(1)))
    rss, *_ = outputs.render(feed(article(1, title="Mended")))
    assert texts(parse(body(rss)), "//item/title") == ["Mended"]


def test_a_feed_holds_the_newest_items_up_to_the_limit(tmp_path: Path) -> None:
    listing = "".join(card(f"Article {number}") for number in range(5))
    config = CONFIG.replace("[site]", "[site]\nlimit = 2")
    project = Project.with_listing(tmp_path, listing, config)
    project.build(NOON)
    for path in ("all", "topics/storage"):
        assert list(project.items(path)) == ["Article 0", "Article 1"]
    assert all(len(found) == 2 for found in ids(project).values())


def test_a_topic_and_a_publisher_of_one_name_have_feeds_of_different_titles(tmp_path: Path) -> None:
    listing = card("One", tags="acme", publisher="Acme") + card("Two", tags="acme", publisher="Other")
    project = Project.with_listing(tmp_path, listing)
    project.build(NOON)
    for name, path in (("title", "//channel/title"), ("description", "//channel/description")):
        found = [texts(parse(file.read_bytes()), path)[0] for file in project.output.rglob("rss.xml")]
        assert len(found) == len(set(found)) == 4, name


def test_reading_time_publisher_and_categories_are_in_the_item() -> None:
    rss, *_ = Outputs().render(feed(article(1, publisher="Acme", minutes=7, tags=("storage", "C++"))))
    (item,) = parse(body(rss)).iter("item")
    assert item.find("content:encoded", NAMESPACES).text.endswith("<p>Acme · 7 min read</p>")
    assert texts(item, "category") == ["storage", "C++"]
    assert texts(item, "dc:creator") == ["Acme"]


def test_a_show_feed_is_for_its_own_show() -> None:
    made = Outputs().render(feed(episode(), show=SHOW))
    assert [document.path for document in made] == ["shows/radio/podcast.xml", "shows/radio/feed.json"]
    assert [document.type for document in made] == ["application/rss+xml", "application/feed+json"]
