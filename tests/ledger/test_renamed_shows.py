"""In every database, episodes of a show that is configured under another slug stay who they were."""

from dataclasses import replace
from datetime import timedelta

from tests.project import NOON

from feeds.groups import ALL, paths
from feeds.ledger import RENAMED, Ledger, Settled
from feeds.model import Episode, Item

SITE = "https://example.org/"
EPISODES = [
    Episode(show="kites", title="Wind", number=1, summary="Air."),
    Episode(show="kites", title="Wood", id="https://a.example/wood", summary="Sticks."),
    Episode(show="kites", title="Rope", link="https://a.example/rope"),
    Episode(show="kites", title="Gone", number=4),
]


def settle(ledger: Ledger, *episodes: Episode, former: dict[str, int] | None = None) -> Settled:
    return ledger.settle(
        "a.txt", episodes, site=SITE, now=NOON, groups=paths, former=former, edit=edited, surprising=True
    )


def edited(item: Item) -> Item:
    return replace(item, title=item.title.upper())


def test_they_keep_ids_dates_and_pages_and_nothing_of_them_changes_but_the_show(address: str) -> None:
    dragons = [replace(one, show="dragons") for one in EPISODES]
    with Ledger.open(address) as ledger:
        first = settle(ledger, *EPISODES)
        assert (ledger.listed("kites"), ledger.listed("kite")) == (4, 0)
        settle(ledger, *EPISODES[:3])
        assert ledger.listed("kites") == 3
        ledger.archive({ALL: 2}, now=NOON)
        before = ledger.items(ALL, now=NOON)
        again = settle(ledger, *dragons[:3], former={"kites": 3})
        assert (again.ids, again.new, again.changed) == (first.ids[:3], (), ())
        assert ledger.recall_all(RENAMED, str) == {"kites": "dragons"}
        ledger.take_over("kites", "dragons", now=NOON, groups=paths)
        after = [replace(item, show="dragons") for item in before if isinstance(item, Episode)]
        assert ledger.items(ALL, now=NOON) == ledger.items("shows/dragons", now=NOON) == after
        on_page = [state.id for state in ledger.page(ALL, 1, now=NOON)]
        assert on_page == [item.id for item in after[2:]]
        assert [item.title for item in ledger.given()] != [item.title for item in after]
        assert (ledger.listed("kites"), ledger.items("shows/kites", now=NOON)) == (0, [])
        assert settle(ledger, *dragons).unchanged == 4


def test_fewer_than_half_of_them_do_not_make_a_show_another(address: str) -> None:
    with Ledger.open(address) as ledger:
        first = settle(ledger, *EPISODES)
        dragon = replace(EPISODES[1], show="dragons")
        assert set(settle(ledger, dragon, former={"kites": 4}).ids).isdisjoint(first.ids)


def test_one_that_is_known_by_its_own_show_stays_itself(address: str) -> None:
    dragons = [replace(one, show="dragons", id=None) for one in EPISODES]
    with Ledger.open(address) as ledger:
        first = settle(ledger, *EPISODES)
        own = ledger.settle("b.txt", dragons[:1], site=SITE, now=NOON + timedelta(1), groups=paths, edit=None)
        again = settle(ledger, *dragons, former={"kites": 4})
        assert again.ids == (*own.ids, *first.ids[1:])
