import doctest
import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from lxml import html
from tests.pages.sample import EPISODES, OWN_ARTICLE, SHOW, SITE, documents, feeds, write

from feeds.errors import FeedsError
from feeds.model import Chapter, Document, Episode, Link, Person, Topic
from feeds.outputs.pages import Pages

EPISODE = "shows/back-room/20-forgetting/index.html"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("site")).root


@pytest.fixture(scope="module")
def pages() -> dict[str, Any]:
    """Path → tree, of every page."""
    return {path: html.fromstring(body) for path, body in _bodies(documents()) if path.endswith(".html")}


def _bodies(made: Iterator[Document]) -> Iterator[tuple[str, bytes]]:
    for document in made:
        assert isinstance(document.body, bytes)
        yield document.path, document.body


def _data(page: Any) -> Any:
    return json.loads(page.xpath("string(//script[@type='application/ld+json'])"))


@pytest.mark.parametrize("name", ["", ".addresses", ".marks"])
def test_the_examples_in_the_documentation_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"feeds.outputs.pages{name}"))
    assert result.attempted
    assert not result.failed


def test_the_same_feeds_make_the_same_bytes() -> None:
    assert list(documents()) == list(documents())


def test_no_two_documents_have_the_same_path() -> None:
    paths = [document.path for document in documents()]
    assert len(paths) == len(set(paths))


def test_every_relative_address_on_every_page_leads_to_a_file(root: Path, pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        for address in page.xpath("//@href | //@src"):
            if not urlsplit(address).scheme and not address.startswith("#"):
                target = unquote(urldefrag(urljoin(f"/{path}", address)).url).lstrip("/")
                file = root / target / "index.html" if target.endswith("/") or not target else root / target
                assert file.is_file(), f"{path} points at {address}"


def test_every_fragment_on_every_page_names_something(pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        for address in page.xpath("//a/@href[starts-with(., '#')]"):
            assert page.xpath("//*[@id=$name]", name=address[1:]), f"{path} points at {address}"


def test_every_page_says_where_it_lives(pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        url = SITE.base_url + path.removesuffix("index.html")
        assert page.xpath("//link[@rel='canonical']/@href") == [url]
        assert page.xpath("//meta[@property='og:url']/@content") == [url]
        assert page.xpath("/html/@lang") == ["en"]
        assert page.xpath("count(//main)") == page.xpath("count(//h1)") == 1


def test_every_page_leads_readers_to_its_feeds(root: Path, pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        links = page.xpath("//link[@rel='alternate']")
        assert links, path
        assert len({link.get("title") for link in links}) == len(links)
        for link in links:
            assert link.get("type") in (
                "application/rss+xml",
                "application/atom+xml",
                "application/feed+json",
            )
            assert link.get("href").startswith(SITE.base_url)
            assert (root / link.get("href").removeprefix(SITE.base_url)).is_file()


def test_the_front_page_offers_the_site_wide_feed_first(pages: dict[str, Any]) -> None:
    first = pages["index.html"].xpath("//link[@rel='alternate']/@href")[0]
    assert first == f"{SITE.base_url}all/rss.xml"


def test_nothing_on_a_page_runs_or_styles_inline(pages: dict[str, Any]) -> None:
    for page in pages.values():
        assert not page.xpath("//style | //@style | //script[not(@src) and @type != 'application/ld+json']")
        assert not [name for element in page.iter() for name in element.attrib if name.startswith("on")]
        assert page.xpath("//script[@src and not(@defer)]") == []


def test_the_policy_of_every_page_allows_our_own_host_alone(pages: dict[str, Any]) -> None:
    for page in pages.values():
        policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert len(policy) == 1
        rules = dict(rule.strip().split(" ", 1) for rule in policy[0].split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
        assert all(value in ("'none'", "'self'") for value in rules.values())


def test_the_policy_lets_audio_and_artwork_come_from_where_they_are() -> None:
    entry, show = EPISODES[0], feeds()[1]
    assert entry.item.media  # type: ignore[union-attr]
    media = replace(entry.item.media, url="https://audio.example.net:8443/20.mp3")  # type: ignore[union-attr]
    moved = replace(entry, item=replace(entry.item, media=media, image="https://art.example.net/20.png"))  # type: ignore[arg-type]
    (page,) = Pages(SITE).entry(moved, show, None, None)
    assert isinstance(page.body, bytes)
    text = page.body.decode()
    assert "media-src &#39;self&#39; https://audio.example.net:8443;" in text
    assert "img-src &#39;self&#39; https://art.example.net;" in text


def test_the_front_page_shows_every_feed_with_its_count_and_newest_titles(pages: dict[str, Any]) -> None:
    cards = pages["index.html"].xpath("//article[contains(@class, 'card')]")
    assert len(cards) == len([feed for feed in feeds() if feed.kind != "all"])
    caching = next(card for card in cards if card.xpath("string(.//h3)") == "Caching")
    assert caching.xpath("string(.//*[@class='count'])") == "22 items"
    assert caching.xpath(".//li/a/text()") == [
        "Forgetting on purpose",
        "Keys under the mat",
        "Queues all the way down",
    ]


def test_a_topic_has_a_mark_of_its_own_and_a_show_its_cover(pages: dict[str, Any]) -> None:
    cards = pages["index.html"].xpath("//section[@aria-labelledby='topics']//article")
    marks = {html.tostring(card.xpath(".//svg")[0]) for card in cards}
    assert len(marks) == len(cards)
    cover = pages["index.html"].xpath("//section[@aria-labelledby='shows']//img")[0]
    assert cover.get("src") == "./shows/back-room/cover.png"
    assert cover.get("width") == cover.get("height")


def test_pages_show_the_cover_and_give_the_card_to_those_who_share_them() -> None:
    folder = f"{SITE.base_url}shows/back-room/"
    feed = feeds()[1]
    assert feed.show
    show = replace(feed.show, small_image=f"{folder}small.jpg", card=f"{folder}card.png")
    feed = replace(feed, show=show)
    pages = Pages(SITE)
    for document in (*pages.feed(feed), *pages.entry(feed.entries[0], feed, None, None)):
        assert isinstance(document.body, bytes)
        page = html.fromstring(document.body)
        (cover,) = page.xpath("//img[@class='cover']/@src")
        assert cover.endswith("/small.jpg")
        assert page.xpath("//meta[@property='og:image']/@content") == [f"{folder}card.png"]


def test_every_page_has_a_picture_for_where_it_is_shared(pages: dict[str, Any]) -> None:
    pictures = {name: page.xpath("//meta[@property='og:image']/@content") for name, page in pages.items()}
    assert all(len(found) == 1 for found in pictures.values())
    for name in ("index.html", "topics/caching/index.html", "articles/house-rules/index.html"):
        assert pictures[name] == [f"{SITE.base_url}card.png"]


def test_a_topic_can_be_subscribed_to_in_one_click(pages: dict[str, Any]) -> None:
    page = pages["topics/caching/index.html"]
    url = f"{SITE.base_url}topics/caching/rss.xml"
    links = dict(zip(page.xpath("//a/text()"), page.xpath("//a/@href"), strict=False))
    assert links["Open in a feed reader"] == f"feed:{url}"
    here = "../../topics/caching"
    assert (links["RSS"], links["Atom"]) == (f"{here}/rss.xml", f"{here}/atom.xml")
    assert links["JSON"] == f"{here}/feed.json"
    assert page.xpath("//button/@data-copy") == [url]
    assert page.xpath("string(//code)") == url


def test_a_show_can_be_subscribed_to_in_podcast_apps(pages: dict[str, Any]) -> None:
    page = pages["shows/back-room/index.html"]
    bare = "notes.example.org/reader/shows/back-room/podcast.xml"
    assert page.xpath("//a[text()='Open in a podcast app']/@href") == [f"podcast://{bare}"]
    apps = {link.text: link.get("href") for link in page.xpath("//ul[@class='apps']//a")}
    assert apps["AntennaPod"] == f"antennapod-subscribe://{bare}"
    assert apps["Pocket Casts"] == f"pktc://subscribe/{bare}"
    assert apps["Another app"] == f"pcast://{bare}"
    assert apps["Overcast"] == (
        "overcast://x-callback-url/add?url=https%3A%2F%2Fnotes.example.org%2Freader%2Fshows%2Fback-room%2Fpodcast.xml"
    )
    assert page.xpath("//figure//*[@role='img']/*[name()='svg']")


def test_a_show_tells_of_its_hosts_and_of_related_shows(pages: dict[str, Any]) -> None:
    page = pages["shows/back-room/index.html"]
    assert page.xpath("string(//dd[preceding-sibling::dt = 'Hosts'])") == "Ana Lima, Jonas Brandt"
    assert page.xpath("//dd/a/@href") == ["https://people.example.net/ana"]
    related = page.xpath("//section[@aria-labelledby='related']//h3/text()")
    assert related == ["Slow Deploys", "Bits & Boroughs"]


def test_a_long_feed_goes_on_on_further_pages(pages: dict[str, Any]) -> None:
    first, second = pages["all/index.html"], pages["all/page-1.html"]
    shown = [page.xpath("//article//h3/a/@href") for page in (first, second)]
    assert [len(links) for links in shown] == [41, 30]
    assert len(set(shown[0] + shown[1])) == 71
    assert first.xpath("//a[@rel='next']/@href") == ["page-1.html"]
    assert second.xpath("//a[@rel='prev']/@href") == ["./"]
    assert not first.xpath("//a[@rel='prev']")
    assert not second.xpath("//a[@rel='next']")
    assert first.xpath("string(//title)") != second.xpath("string(//title)")


def test_a_page_runs_in_the_direction_of_its_language() -> None:
    for language, direction in (("ar", "rtl"), ("he-IL", "rtl"), ("pt-BR", None)):
        page = Pages(replace(SITE, language=language)).index(feeds())
        assert isinstance(page.body, bytes)
        assert html.fromstring(page.body).get("dir") == direction


def test_words_of_the_interface_say_that_they_are_english_and_nothing_else_does() -> None:
    """The sample in a language of its own, in which everything that is not ours has the sign `§`."""
    item = EPISODES[0].item
    assert isinstance(item, Episode)
    item = replace(
        item,
        title="§ Eins",
        summary="§ Zwei.",
        content=None,
        links=(Link(title="§ Drei", url="https://example.net/"),),
        chapters=(Chapter(start=0, title="§ Vier"),),
        persons=(Person(name="§ Mira", role="guest"),),
    )
    entry = replace(EPISODES[0], item=item, topics=(Topic(slug="caching", title="§ Vorrat"),))
    ours: Any = {"title": "§ Hinten", "author": "§ Wir", "description": "§ Zwei.", "language": "de"}
    site = replace(SITE, **ours)
    show = replace(SHOW, **ours, hosts=(), related=())
    feed = replace(feeds()[1], **ours, site=site, show=show, entries=(entry,) * 60)
    pages = Pages(site)
    for document in (pages.index([feed]), *pages.feed(feed), *pages.entry(entry, feed, entry, entry)):
        assert isinstance(document.body, bytes)
        root = html.fromstring(document.body)
        assert root.get("lang") == "de"
        for text in root.xpath("//body//text()[normalize-space()]"):
            language = text.getparent() if not text.is_tail else text.getparent().getparent()
            (tag,) = language.xpath("ancestor-or-self::*[@lang][1]/@lang")
            is_word = re.search(r"[^\W\d]", text) and "§" not in text
            assert not is_word or tag == "en", (document.path, text)
            assert "§" not in text or tag == "de", (document.path, text)


def test_an_item_shows_date_publisher_reading_time_and_its_other_topics(pages: dict[str, Any]) -> None:
    article = pages["topics/caching/index.html"].xpath("//article[.//h3/a='The 40 kB page']")[0]
    assert article.xpath(".//ul[@class='facts']/li//text()") == [
        "11 November 2026",
        "Harbour & Sons",
        "8 min read",
    ]
    assert article.xpath(".//ul[@class='tags']//a/@href") == ["../../topics/frontend/"]


def test_an_episode_has_a_player_with_a_chapters_track(pages: dict[str, Any]) -> None:
    audio = pages[EPISODE].xpath("//audio")[0]
    assert audio.get("src") == "../../../media/back-room/20.wav"
    track = audio.find("track")
    assert (track.get("kind"), track.get("src"), track.get("srclang")) == ("chapters", "chapters.vtt", "en")


def test_chapters_are_links_into_the_audio_that_work_without_scripts(pages: dict[str, Any]) -> None:
    links = pages[EPISODE].xpath("//a[@data-start]")
    assert [link.get("href") for link in links][:4] == [
        f"../../../media/back-room/20.wav#t={start}" for start in ("0", "20", "62", "110.5")
    ]
    assert " ".join(links[3].text_content().split()) == "1:50 Asking the writer instead of the clock"


def test_an_episode_without_audio_has_no_player_but_its_chapters(pages: dict[str, Any]) -> None:
    page = pages["shows/back-room/17-an/index.html"]
    assert not page.xpath("//audio | //script[@src]")
    assert len(page.xpath("//section[@class='chapters']//li")) == 7


def test_a_placeholder_is_said_to_be_one(pages: dict[str, Any]) -> None:
    assert "silence" in pages["shows/back-room/18-queues/index.html"].text_content()
    assert "silence" not in pages[EPISODE].text_content()


def test_an_episode_leads_to_its_neighbours(pages: dict[str, Any]) -> None:
    page = pages["shows/back-room/19-keys/index.html"]
    assert page.xpath("//a[@rel='prev']/@href") == ["../../../shows/back-room/18-queues/"]
    assert page.xpath("//a[@rel='next']/@href") == ["../../../shows/back-room/20-forgetting/"]


def test_search_engines_are_told_all_about_an_episode(pages: dict[str, Any]) -> None:
    data = _data(pages[EPISODE])
    assert data["@type"] == "PodcastEpisode"
    assert data["episodeNumber"] == 20
    assert data["datePublished"] == "2026-11-20T09:00:00Z"
    assert data["partOfSeries"]["webFeed"] == f"{SITE.base_url}shows/back-room/podcast.xml"
    assert data["associatedMedia"]["contentSize"] == "2400044"
    assert data["associatedMedia"]["duration"] == "PT300S"
    assert data["hasPart"][2]["url"].endswith("/20-forgetting/#t=62")


def test_search_engines_are_told_about_sites_feeds_and_articles(pages: dict[str, Any]) -> None:
    assert _data(pages["index.html"])["@type"] == "WebSite"
    assert _data(pages["shows/back-room/index.html"])["@type"] == "PodcastSeries"
    assert _data(pages["topics/caching/index.html"])["@type"] == "CollectionPage"
    article = _data(pages["articles/house-rules/index.html"])
    assert article["@type"] == "BlogPosting"
    assert article["headline"] == "House rules for <adding> a feed"
    assert article["author"] == [{"@type": "Person", "name": "Ana Lima"}]


def test_html_of_others_is_cleaned_and_fitted_into_the_page(pages: dict[str, Any]) -> None:
    prose = pages["articles/house-rules/index.html"].xpath("//div[@class='prose']")[0]
    assert [element.tag for element in prose.iter("h1", "h2", "h3", "h4")] == ["h2", "h3"]
    assert not prose.xpath(".//script | .//@onclick | .//@style | .//a[starts-with(@href, 'javascript')]")
    assert prose.xpath(".//a[text()='something']/@href") == ["../../topics/caching/"]
    assert prose.xpath(".//a[text()='The chart']/@href") == ["https://elsewhere.example.net/chart.png"]
    assert prose.xpath(".//img/@src") == ["../../favicon.svg"]


def test_an_item_with_a_page_elsewhere_gets_none_here() -> None:
    entry = feeds()[0].entries[5]
    assert entry.path is None
    assert list(Pages(SITE).entry(entry, feeds()[0], None, None)) == []


def test_assets_have_the_types_that_browsers_insist_on() -> None:
    types = {document.path: document.type for document in Pages(SITE).assets()}
    assert types["style.css"] == "text/css"
    assert types["player.js"] == "text/javascript"
    assert types["favicon.svg"] == "image/svg+xml"
    assert types["robots.txt"] == "text/plain"
    assert not [path for path in types if PurePosixPath(path).suffix == ".html"]


def test_robots_may_fetch_everything() -> None:
    robots = dict(_bodies(Pages(SITE).assets()))["robots.txt"].decode()
    assert robots == "User-agent: *\nDisallow:\n"


def test_a_file_of_the_users_theme_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "style.css").write_text("body { color: red }")
    (tmp_path / "article.html").write_text("mine: {{ item.title }}")
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/mine.woff2").write_bytes(b"font")
    (tmp_path / ".hidden").write_text("no")
    pages = Pages(SITE, tmp_path)
    assets = dict(_bodies(pages.assets()))
    assert assets["style.css"] == b"body { color: red }"
    assert assets["fonts/mine.woff2"] == b"font"
    assert ".hidden" not in assets
    assert "player.js" in assets
    ((_, body),) = _bodies(pages.entry(OWN_ARTICLE, feeds()[0], None, None))
    assert body == b"mine: House rules for &lt;adding&gt; a feed"


def test_a_template_of_the_users_theme_may_build_on_ours(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '{% extends "feeds/index.html" %}{% block main %}<p>First of all.</p>{{ super() }}{% endblock %}'
    )
    ((_, body),) = _bodies(iter([Pages(SITE, tmp_path).index(feeds())]))
    main = html.fromstring(body).xpath("//main")[0]
    assert main[0].text == "First of all."
    assert main.xpath("string(.//h1)") == "Field Notes"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("\n{% if %}", "index.html:2", "Expected an expression"),
        ("\n\n{{ nobody.knows }}", "index.html:3", "'nobody' is undefined"),
        ("\n{{ 1 / 0 }}", "index.html:2", "division by zero"),
        ('{% include "nothing.html" %}', "index.html:1", "nothing.html"),
        ('{% extends "index.html" %}', "index.html:1", 'extends "feeds/index.html"'),
        ("caf\xe9", "index.html", "not in UTF-8"),
    ],
    ids=["syntax", "name", "value", "missing", "itself", "encoding"],
)
def test_a_broken_template_is_reported_with_its_place(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    (tmp_path / "index.html").write_bytes(text.encode("latin-1"))
    with pytest.raises(FeedsError) as caught:
        Pages(SITE, tmp_path).index(feeds())
    assert f"{where}: " in str(caught.value)
    assert what in str(caught.value)


def test_the_digest_changes_with_the_theme_and_with_nothing_else(tmp_path: Path) -> None:
    plain = Pages(SITE).digest
    assert plain == Pages(SITE, tmp_path).digest
    (tmp_path / "style.css").write_text("body { color: red }")
    changed = Pages(SITE, tmp_path).digest
    assert changed != plain
    (tmp_path / "style.css").write_text("body { color: blue }")
    assert Pages(SITE, tmp_path).digest not in (plain, changed)


def test_the_front_page_fits_its_budget_without_covers(root: Path, pages: dict[str, Any]) -> None:
    used = {
        address
        for address in pages["index.html"].xpath(
            "//link[not(@rel='alternate' or @rel='canonical')]/@href | //@src"
        )
        if not address.endswith("cover.png")
    }
    assert used == {"./style.css", "./filter.js", "./favicon.svg"}
    assert sum((root / name).stat().st_size for name in {"index.html", *used}) < 100_000
