"""RSS 2.0 as its best practices have it (feed-requirements, section A)."""

import re
from typing import Any

import pytest
from tests.project import Project

from feeds.model import Media

from .sample import NAMESPACES, article, episode, feed, parse, rss, text, texts, written

ONCE = ("title", "link", "description", "language", "lastBuildDate", "generator", "docs")


def feeds_of(site: Project) -> dict[str, Any]:
    """The root of every RSS document, by its path."""
    paths = [*site.output.rglob("rss.xml"), *site.output.rglob("podcast.xml")]
    return {path.relative_to(site.output).as_posix(): parse(path.read_bytes()) for path in paths}


def test_a_document_is_utf_8_and_says_so_in_its_first_bytes(site: Project) -> None:
    for path in feeds_of(site):
        data = (site.output / path).read_bytes()
        assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss ")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]", data.decode())


def test_a_document_is_one_channel_of_rss_2_0(site: Project) -> None:
    for root in feeds_of(site).values():
        assert (root.tag, root.get("version"), [child.tag for child in root]) == ("rss", "2.0", ["channel"])


def test_items_come_after_everything_else_in_a_channel(site: Project) -> None:
    for root in feeds_of(site).values():
        tags = [child.tag for child in root[0]]
        assert set(tags[tags.index("item") :]) == {"item"}


@pytest.mark.parametrize("name", ONCE)
def test_a_channel_has_each_of_its_elements_once(name: str, site: Project) -> None:
    for root in feeds_of(site).values():
        assert text(root, f"channel/{name}").strip()


def test_no_element_of_an_item_is_repeated_but_categories_and_authors(site: Project) -> None:
    for root in feeds_of(site).values():
        for item in root.iter("item"):
            once = [
                child.tag for child in item if child.tag not in ("category", f"{{{NAMESPACES['dc']}}}creator")
            ]
            assert len(once) == len(set(once))


def test_the_first_atom_link_of_a_channel_is_its_own_address(site: Project) -> None:
    for path, root in feeds_of(site).items():
        own, *twins = root[0].findall("atom:link", NAMESPACES)
        assert dict(own.attrib) == {
            "href": f"https://example.org/feeds/{path}",
            "rel": "self",
            "type": "application/rss+xml",
        }
        for twin in twins:
            assert twin.get("rel") == "alternate"
            assert (site.output / twin.get("href").removeprefix("https://example.org/feeds/")).is_file()


def test_the_link_of_a_channel_is_a_page_that_is_there(site: Project) -> None:
    for root in feeds_of(site).values():
        link = text(root, "channel/link")
        assert (site.output / link.removeprefix("https://example.org/feeds/") / "index.html").is_file()


def test_an_item_has_what_readers_ask_for(site: Project) -> None:
    for root in feeds_of(site).values():
        for item in root.iter("item"):
            for name in ("title", "link", "description", "guid", "pubDate", "dc:creator"):
                assert text(item, name).strip() == text(item, name) != ""


def test_dates_are_in_the_shape_that_every_reader_understands(site: Project) -> None:
    shape = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (\+0000|GMT)"
    for root in feeds_of(site).values():
        for date in texts(root, "//pubDate | //lastBuildDate"):
            assert re.fullmatch(shape, date)


def test_the_last_build_is_the_newest_change_of_an_item(site: Project) -> None:
    for root in feeds_of(site).values():
        assert text(root, "channel/lastBuildDate") == texts(root, "//pubDate")[0]


def test_the_whole_text_follows_the_description(site: Project) -> None:
    for root in feeds_of(site).values():
        for item in root.iter("item"):
            assert f"{{{NAMESPACES['content']}}}encoded" == item.find("description").getnext().tag


def test_the_picture_of_a_channel_repeats_its_title_and_link(podcast_feed: Any) -> None:
    assert text(podcast_feed, "image/title") == text(podcast_feed, "title")
    assert text(podcast_feed, "image/link") == text(podcast_feed, "link")
    assert texts(podcast_feed, "image/width | image/height") == []


def test_an_episode_among_articles_keeps_its_audio_and_chapters() -> None:
    item = rss(article(1), episode(2))[0].findall("item")[1]
    assert text(item, "enclosure/@url") == "https://example.org/feeds/media/radio/2.mp3"
    assert texts(item, "psc:chapters/psc:chapter/@title") == ["Hello", "Talk", "Bye"]


def test_a_size_that_is_not_known_is_written_as_zero() -> None:
    media = Media(url="https://example.org/a.mp3", type="audio/mpeg", duration=60.0)
    assert text(rss(episode(media=media)), "//enclosure/@length") == "0"


def test_links_that_are_not_ascii_become_uris() -> None:
    root = rss(article(link="https://bücher.example/große bücher?q=日本#ü"))
    assert text(root, "//item/link") == (
        "https://xn--bcher-kva.example/gro%C3%9Fe%20b%C3%BCcher?q=%E6%97%A5%E6%9C%AC#%C3%BC"
    )


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml", "feed.json"])
def test_no_format_has_an_address_that_is_not_ascii(name: str) -> None:
    link = "https://example.org/ü"
    made = feed(article(1, link=link), episode(2, image=link))
    for address in re.findall(r"https?://[^\s\"<]+", written(made)[name].decode()):
        assert address.isascii()


def test_namespaces_have_their_usual_prefixes_and_stand_at_the_root(site: Project) -> None:
    for path in feeds_of(site):
        data = (site.output / path).read_bytes()
        assert data.count(b"xmlns") == data[: data.index(b"<channel>")].count(b"xmlns")
        declared = re.findall(r'xmlns:(\w+)="([^"]+)"', data.decode())
        assert all(NAMESPACES[prefix] == uri for prefix, uri in declared)
