"""Items that are as they were are found without asking who is who; all is as if it had been asked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.project import NOON

from feeds import identity
from feeds.groups import paths
from feeds.ledger import Ledger, Settled
from feeds.ledger.settlement import Removed, Settlement
from feeds.ledger.tables import MEMBER, METADATA
from feeds.model import Article, Item

ITEMS = st.builds(
    Article,
    title=st.sampled_from(
        ["How we moved the whale", "How we moved the whales", "Kites", "On sails", "Anchors", "A rope"]
    ),
    link=st.sampled_from([None, None, None, "https://a.example/1", "https://a.example/2"]),
    id=st.sampled_from([None, None, None, None, "one", "two"]),
    publisher=st.sampled_from(["Meta", "Meta", "Etsy", None]),
    summary=st.sampled_from(["", "It is about whales."]),
    tags=st.sampled_from([(), ("sea",), ("air",)]),
    published=st.sampled_from([None, NOON - timedelta(days=9)]),
)


@dataclass(frozen=True)
class Step:
    """What one source lists at one build, and how that is edited."""

    source: str
    items: Sequence[Item]
    override: Article | None = None
    """What the first item is published as."""
    removed: Removed = "keep"
    whole: bool = True
    released: bool = False
    """Whether the source was taken out of the configuration before."""

    def edit(self, item: Item) -> Item:
        other = self.override
        if other is None or item.title != self.items[0].title:
            return item
        return replace(item, title=other.title, tags=other.tags, published=other.published)

    def settle(self, ledger: Ledger, hours: int) -> Settled:
        if self.released:
            ledger.release(self.source)
        return ledger.settle(
            self.source,
            self.items,
            site="https://example.org/",
            now=NOON + timedelta(hours=hours),
            groups=paths,
            edit=self.edit if self.override else None,
            removed=self.removed,
            whole=self.whole,
        )


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Listings of two sources that have many items in common, and often the same as before."""
    known = draw(st.lists(ITEMS, min_size=2, max_size=5))
    step = st.builds(
        Step,
        source=st.sampled_from(["one.txt", "one.txt", "other.txt"]),
        items=st.lists(st.sampled_from(known), min_size=1, max_size=5),
        override=st.none() | st.none() | ITEMS,
        removed=st.sampled_from(["keep", "keep", "drop", "tombstone"]),
        whole=st.sampled_from([True, True, False]),
        released=st.sampled_from([False, False, False, True]),
    )
    return draw(st.lists(step, min_size=2, max_size=6))


@contextmanager
def asking_for_all() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settlement, "_same", lambda *_: {})
        yield


def everything(path: Path) -> dict[str, list[Any]]:
    """All rows of all tables, but for marks, which are drawn."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as db:
        return {
            table.name: sorted(map(repr, db.execute(sa.select(*_but_marks(table)))))
            for table in METADATA.sorted_tables
        }


def _but_marks(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column is not MEMBER.c.mark]


LINKED = Article(title="Kites", publisher="Meta", link="https://a.example/1")
MOVED = replace(LINKED, publisher="Etsy")
BARE = replace(MOVED, link=None)


@settings(max_examples=25, deadline=None)
@given(steps())
# An item that is back.
@example([Step("a", items) for items in ([LINKED, BARE], [BARE], [LINKED, BARE])])
# An item that is as it was, and one that has its first publisher and comes before it.
@example(
    [Step("a", [one]) for one in (LINKED, MOVED, BARE)] + [Step("a", [replace(BARE, publisher="Meta"), BARE])]
)
def test_the_ledger_is_as_if_all_had_been_asked_who_they_are(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        quick, slow = Path(folder, "quick.sqlite"), Path(folder, "slow.sqlite")
        with Ledger.open(str(quick)) as one, Ledger.open(str(slow)) as other:
            for hours, step in enumerate(steps):
                settled = step.settle(one, hours)
                with asking_for_all():
                    assert step.settle(other, hours) == settled
        assert everything(quick) == everything(slow)


def test_only_what_was_edited_is_asked_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [Article(title=f"Title {number}", summary="It is one of many.") for number in range(30)]
    asked: list[int] = []
    match = identity.match

    def count(items: Sequence[Item], *rest: Any, **more: Any) -> list[str | None]:
        asked.append(len(items))
        return match(items, *rest, **more)

    monkeypatch.setattr(identity, "match", count)
    with Ledger.open(str(tmp_path / "ledger.sqlite")) as ledger:
        for hours, listed in enumerate([items, items, [*items[:7], Article(title="Title 7"), *items[8:]]]):
            ledger.settle(
                "a.txt", listed, site="https://a.example/", now=NOON + timedelta(hours=hours), groups=paths
            )
    assert asked == [30, 0, 1]
