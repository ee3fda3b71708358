"""A listing that lives: whatever happens to it, ids, dates and items stay what they were."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.project import NOON, card

from feeds.groups import paths
from feeds.ledger import Ledger, Settled
from feeds.model import Article, Episode, Source
from feeds.parsers import parse

WORDS = (
    *("albatross", "bicycle", "cathedral", "dandelion", "elephant", "firework", "gondola", "harmonica"),
    *("igloo kettle", "jamboree", "kingfisher", "lighthouse", "marmalade", "nightingale", "orchestra"),
)
TAGS = st.sampled_from(["storage", "search", "storage search"])


@dataclass(frozen=True)
class Card:
    """A card as an editor sees it; `name` is what makes it the same card, whatever is changed on it."""

    name: str
    title: str
    summary: str
    tags: str
    mended: bool = False
    """Since the last build; two typos at once may make another title of it."""

    @property
    def text(self) -> str:
        return card(self.title, self.summary, self.tags)


class LivingListing(RuleBasedStateMachine):
    """Edits of a listing in any order, with builds between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = NOON
        self.cards: list[Card] = []
        self.dropped: list[Card] = []
        self.unused = list(WORDS)
        self.published: dict[str, Article | Episode] = {}
        """What the ledger gave after the last build, by id."""
        self.names: dict[str, str] = {}
        """The id that each card had first."""

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(count=st.integers(1, 4))
    def begin(self, count: int) -> None:
        for _ in range(count):
            self.add("storage")
        self.build(hours=1)

    @precondition(lambda self: self.unused)
    @rule(tags=TAGS)
    def add(self, tags: str) -> None:
        name = self.unused.pop()
        title = f"What the {name} taught us about building {name[::-1]}"
        self.cards.insert(0, Card(name, title, f"It is about {name}.", tags))

    @precondition(lambda self: self.cards)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        self.dropped.append(self.cards.pop(self.index(data)))

    @precondition(lambda self: self.dropped)
    @rule()
    def bring_back(self) -> None:
        self.cards.append(self.dropped.pop())

    @precondition(lambda self: self.cards)
    @rule(data=st.data(), place=st.integers(6, 30))
    def mend_a_typo(self, data: st.DataObject, place: int) -> None:
        index = self.index(data)
        one = self.cards[index]
        if not one.mended:
            title = one.title[:place] + one.title[place + 1 :]
            self.cards[index] = replace(one, title=title, mended=True)

    @precondition(lambda self: self.cards)
    @rule(data=st.data(), summary=st.sampled_from(["It is", "This is", "It is not"]), tags=TAGS)
    def edit(self, data: st.DataObject, summary: str, tags: str) -> None:
        index = self.index(data)
        one = self.cards[index]
        self.cards[index] = replace(one, summary=f"{summary} about {one.name}.", tags=tags)

    @precondition(lambda self: self.cards)
    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        self.cards = data.draw(st.permutations(self.cards))

    @precondition(lambda self: self.cards)
    @rule(hours=st.sampled_from([-30, 0, 1, 1, 24]))
    def build(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        before = self.published
        settled, last = self.settle()
        self.every_card_has_its_id()
        self.only_what_is_new_is_new(before, settled, last)
        self.only_what_was_edited_has_moved(before, settled, last)
        if last is None or self.now - last > timedelta(minutes=1):
            self.no_date_lies_in_the_future()
        self.cards = [replace(one, mended=False) for one in self.cards]
        self.dropped = [replace(one, mended=False) for one in self.dropped]

    @precondition(lambda self: self.cards and self.published)
    @rule()
    def build_again(self) -> None:
        self.build(hours=0)
        before = self.published
        settled, _ = self.settle()
        assert (settled.new, settled.changed, settled.unchanged) == ((), (), len(self.cards))
        assert self.published == before

    @invariant()
    def nothing_is_lost(self) -> None:
        assert set(self.names.values()) <= set(self.published)

    def index(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.cards) - 1))

    def settle(self) -> tuple[Settled, datetime | None]:
        """Have the ledger see the listing; also tells the last date that it had given before."""
        text = "".join(one.text for one in self.cards)
        parsed = parse(Source(name="articles.txt", format="listing", data=text.encode()))
        with Ledger.open(str(self.folder / "ledger.sqlite")) as ledger:
            last = ledger.recall("clock", "last", datetime)
            settled = ledger.settle(
                "articles.txt", parsed.items, site="https://example.org/", now=self.now, groups=paths
            )
            ledger.complete()
            self.look(ledger.items("all", now=ledger.latest(self.now)))
        return settled, last

    def look(self, items: Sequence[Article | Episode]) -> None:
        self.published = {item.id: item for item in items if item.id}
        assert len(self.published) == len(items), "an id was used twice"
        assert len({item.slug for item in items}) == len(items), "a folder was used twice"
        assert len({item.published for item in items}) == len(items), "a date was used twice"

    def every_card_has_its_id(self) -> None:
        ids = {item.title: id_ for id_, item in self.published.items()}
        for one in self.cards:
            assert self.names.setdefault(one.name, ids[one.title]) == ids[one.title]

    def only_what_is_new_is_new(
        self, before: dict[str, Article | Episode], settled: Settled, last: datetime | None
    ) -> None:
        new = [item for id_, item in self.published.items() if id_ not in before]
        assert [item.id for item in new] == list(settled.new), "newest first, in the order of the listing"
        assert all(item.published and (last is None or item.published > last) for item in new)
        for id_, item in before.items():
            assert self.published[id_].published == item.published
            assert self.published[id_].slug == item.slug

    def only_what_was_edited_has_moved(
        self, before: dict[str, Article | Episode], settled: Settled, last: datetime | None
    ) -> None:
        moved = {id_ for id_, item in before.items() if self.published[id_].updated != item.updated}
        edited = {
            id_
            for id_, item in before.items()
            if replace(self.published[id_], updated=None) != replace(item, updated=None)
        }
        assert moved == edited == set(settled.changed)
        for id_ in moved:
            now, then = self.published[id_].updated, before[id_].updated
            assert now
            assert then
            assert now > then
            assert last
            assert now > last

    def no_date_lies_in_the_future(self) -> None:
        for item in self.published.values():
            assert item.published
            assert item.updated
            assert item.published <= item.updated <= self.now


TestALivingListing = LivingListing.TestCase
TestALivingListing.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
