"""Titles of items that links or ids tell apart are not compared; only the time it takes is another."""

import time
from collections.abc import Sequence
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.project import NOON

from feeds.groups import ALL, paths
from feeds.ledger import Ledger, Settled
from feeds.ledger.settlement import Settlement
from feeds.model import Article

TITLES = [
    "How a queue behaves when nobody reads it",
    "How a queue behaves when nobody raeds it",
    "How a qeue behaves when nobody reads it",
    "How a queue behaves when somebody reads it",
    "Why a bowline rescues a climber",
    "Why a bowline rescues a climbre",
]


def one_of(*values: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(values)


ARTICLES = st.builds(
    Article,
    title=st.sampled_from(TITLES),
    publisher=one_of("Meta", "Meta", "Meta", None),
    link=one_of(*[None] * 5, *(f"https://a.example/{number}" for number in range(5))),
    id=one_of(*[None] * 8, "x"),
    summary=st.sampled_from(["", "About it.", "A part of the series."]),
)
LISTINGS = st.lists(
    st.tuples(st.sampled_from("ab"), st.lists(ARTICLES, min_size=2, max_size=3)), min_size=2, max_size=5
)


def settle(listings: Sequence[tuple[str, Sequence[Article]]]) -> tuple[list[Settled], list[object]]:
    with Ledger.open(":memory:") as ledger:
        settled = [
            ledger.settle(source, items, site="https://example.org/", now=NOON, groups=paths)
            for source, items in listings
        ]
        return settled, [*ledger.items(ALL, now=NOON)]


@settings(deadline=None)
@given(LISTINGS)
def test_it_is_as_though_all_items_of_the_publisher_were_asked(
    listings: list[tuple[str, list[Article]]],
) -> None:
    with patch.object(Settlement, "_may_be_mended", lambda *_: True):
        expected = settle(listings)
    assert settle(listings) == expected


def test_many_sources_of_one_publisher_are_settled_in_a_time_that_hardly_grows() -> None:
    def listing(number: int) -> list[Article]:
        return [
            Article(
                title=f"{TITLES[place % 6]} {number}",
                publisher="Meta",
                link=f"https://a.example/{number}/{place}",
            )
            for place in range(20)
        ]

    def seconds(numbers: range) -> float:
        begun = time.process_time()
        for number in numbers:
            ledger.settle(str(number), listing(number), site="https://example.org/", now=NOON, groups=paths)
        return time.process_time() - begun

    with Ledger.open(":memory:") as ledger:
        first = seconds(range(20))
        seconds(range(20, 120))
        assert seconds(range(120, 140)) < 3 * first
