from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.identity import Known, canonical, gist, keys, match, permanent_id, slug
from feeds.model import Article, Episode, Item

SITE = "https://example.org/"


def known(item: Item, id_: str, *, gone: bool = False) -> Known:
    return Known(id=id_, keys=keys(item), title=item.title, gist=gist(item), gone=gone)


def article(title: str, **more: str) -> Article:
    return Article(title=title, publisher=more.pop("publisher", "Meta"), **more)  # type: ignore[arg-type]


def episode(title: str, number: int | None = None, show: str = "kites") -> Episode:
    return Episode(show=show, title=title, number=number)


def test_keys_come_with_the_strongest_kind_first() -> None:
    whole = Episode(show="kites", id="x", link="https://a.example/1", title="One", number=1)
    assert [key.kind for key in keys(whole)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/p", "http://www.A.example/p/"),
        ("https://a.example/p?utm_source=x&b=1", "https://a.example/p?b=1"),
        ("https://a.example/p#top", "https://a.example/p"),
        ("https://a.example/p?a=1&b=2", "https://a.example/p?b=2&a=1"),
    ],
)
def test_addresses_that_lead_to_the_same_page_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/p?id=1", "https://a.example/p?id=2"),
        ("https://a.example/P", "https://a.example/p"),
        ("https://a.example/p", "https://b.example/p"),
    ],
)
def test_addresses_that_may_lead_elsewhere_are_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "title", ["the  title", "The Title!", "“The” title…", "THE TITLE", "The\u00a0Title", "The title"]
)
def test_case_spaces_and_punctuation_do_not_make_another_title(title: str) -> None:
    assert keys(article(title))[-1] == keys(article("The title"))[-1]


def test_a_title_of_signs_only_is_still_a_title() -> None:
    assert keys(article("???"))[-1] != keys(article("!!!"))[-1]


def test_publishers_and_shows_keep_equal_titles_apart() -> None:
    titles = [
        article("One"),
        article("One", publisher="Acme"),
        episode("One"),
        episode("One", show="boats"),
    ]
    assert len({keys(item)[-1] for item in titles}) == 4


def test_a_trailer_is_not_the_episode_of_its_number() -> None:
    full = episode("One", 1)
    assert keys(full)[0] != keys(replace(full, kind="trailer"))[0]


def test_an_id_is_the_same_for_ever() -> None:
    assert permanent_id(SITE, keys(article("One"))[0]) == "urn:uuid:cde9be47-f443-5704-9e45-4021d5b108f9"


def test_items_that_share_a_key_get_ids_of_their_own() -> None:
    key = keys(article("One"))[0]
    assert len({permanent_id(SITE, key, attempt) for attempt in range(3)}) == 3


def test_an_item_is_known_by_its_number_whatever_its_title() -> None:
    assert match([episode("A better title", 7)], [known(episode("A title", 7), "seven")]) == ["seven"]


def test_an_item_is_known_by_its_link_whatever_its_title() -> None:
    before = article("A title", link="https://a.example/1")
    assert match([article("Another", link="https://a.example/1?utm_source=x")], [known(before, "x")]) == ["x"]


def test_another_link_makes_another_item_even_of_the_same_title() -> None:
    before = article("A title", link="https://a.example/1")
    assert match([article("A title", link="https://a.example/2")], [known(before, "x")]) == [None]


def test_an_item_that_gains_a_link_stays_what_it_is() -> None:
    assert match([article("A", link="https://a.example/")], [known(article("A"), "x")]) == ["x"]


def test_no_id_is_given_twice() -> None:
    assert sorted(match([article("A"), article("A")], [known(article("A"), "x")]), key=str) == [None, "x"]


@pytest.mark.parametrize("first", ["a", "b"])
def test_items_of_one_number_and_title_are_told_apart_by_what_they_say(first: str) -> None:
    one, two = (replace(episode("T", 63), summary=summary) for summary in ("one", "two"))
    second = "b" if first == "a" else "a"
    entries = [known(one, first), known(two, second)]
    assert match([one, two], entries) == [first, second]
    assert match([two, one], entries) == [second, first]


def test_items_whose_titles_differ_in_signs_only_keep_each_its_id() -> None:
    entries = [known(article("What now?"), "b"), known(article("What now!"), "a")]
    assert match([article("What now!"), article("What now?")], entries) == ["a", "b"]
    assert match([article("What now?"), article("What now!")], entries) == ["b", "a"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Migrating Data Ingestion Sytems at Meta", "Migrating Data Ingestion Systems at Meta"),
        ("Trust but canary", "Trust, but Canary"),
        ("Building Promethues", "Building Prometheus"),
    ],
)
def test_a_title_with_a_typo_mended_stays_the_same_item(before: str, after: str) -> None:
    assert match([article(after)], [known(article(before), "x", gone=True)]) == ["x"]


def test_a_title_put_in_other_words_stays_the_same_item_if_its_summary_stays() -> None:
    before = article("Scaling reads at Meta", summary="How many people read.")
    after = article("Scaling reads for everybody at Meta", summary="How many people read.")
    assert match([after], [known(before, "x", gone=True)]) == ["x"]
    assert match([replace(after, summary="Something else.")], [known(before, "x", gone=True)]) == [None]


def test_a_summary_that_several_have_tells_nothing() -> None:
    series = [
        article(f"Interview with {name}", summary="We talk about kites.") for name in ("Ann Lee", "Bob Lee")
    ]
    entries = [known(one, one.title, gone=True) for one in series]
    assert match([replace(series[0], title="Interview with Cem Oz")], entries) == [None]


def test_an_item_that_is_still_listed_is_not_taken_for_a_typo() -> None:
    entries = [known(article("Scaling reads at Meta"), "x", gone=False)]
    assert match([article("Scaling reads at Metas")], entries) == [None]


@pytest.mark.parametrize("summary", ["", "Our weekly notes."])
def test_the_next_of_a_series_is_not_the_last_one_with_a_typo_mended(summary: str) -> None:
    before = article("Weekly notes 41", summary=summary)
    assert match([article("Weekly notes 42", summary=summary)], [known(before, "x", gone=True)]) == [None]


def test_a_typo_is_mended_within_a_publisher_only() -> None:
    before = known(article("Trust but canary", publisher="Acme"), "x", gone=True)
    assert match([article("Trust but canarys")], [before]) == [None]
    assert match([article("Trust but canarys", publisher="Acme")], [before]) == ["x"]


def test_of_several_near_titles_the_nearest_is_meant() -> None:
    entries = [
        known(article("Escaping a fork at last to-day"), "far", gone=True),
        known(article("Escaping the fork at last todau"), "near", gone=True),
    ]
    assert match([article("Escaping the fork at last today")], entries) == ["near"]


def test_the_folder_of_an_episode_begins_with_its_number() -> None:
    assert slug(episode("What’s next?", 7)) == "7-whats-next"
    assert slug(episode("What’s next?")) == "whats-next"


TITLES = st.text("ab 1é日", min_size=1, max_size=4)
ARTICLES = st.builds(
    Article,
    title=TITLES,
    publisher=st.sampled_from([None, "Meta"]),
    link=st.sampled_from([None, "https://a.example/1", "https://a.example/2"]),
    summary=st.sampled_from(["", "One.", "Two."]),
)


@given(st.lists(ARTICLES, unique=True, max_size=6), st.randoms(use_true_random=False))
def test_known_items_keep_each_its_id_in_any_order(items: list[Article], random: Random) -> None:
    entries = [known(item, str(number)) for number, item in enumerate(items)]
    shuffled = random.sample(items, len(items))
    assert match(shuffled, entries) == [str(items.index(item)) for item in shuffled]
