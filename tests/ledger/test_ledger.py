import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pytest
import sqlalchemy as sa
from tests.project import NOON

from feeds.errors import LedgerError
from feeds.groups import ALL, paths
from feeds.ledger import Group, Ledger, Part, Settled, State
from feeds.ledger.tables import moment
from feeds.model import Article, Chapter, Episode, Item, Link, Media, Person, Place, Transcript

SITE = "https://example.org/"
HOUR = timedelta(hours=1)


class Memory:
    """A ledger that each build opens anew, as builds do."""

    def __init__(self, address: str) -> None:
        self.address = address

    def build(
        self,
        now: datetime,
        *items: Item,
        source: str = "a.txt",
        killed: bool = False,
        removed: Literal["keep", "drop"] = "keep",
    ) -> Settled:
        """Have it see what one source lists; `killed` ends it before it is told that this was the last."""
        with Ledger.open(self.address) as ledger:
            settled = ledger.settle(source, items, site=SITE, now=now, groups=paths, removed=removed)
            if not killed:
                ledger.complete()
        return settled

    def items(self, path: str = ALL, *, now: datetime = NOON + 1000 * HOUR) -> list[Article | Episode]:
        with Ledger.open(self.address) as ledger:
            return ledger.items(path, now=now)

    def one(self) -> Article | Episode:
        (item,) = self.items()
        return item


@pytest.fixture
def memory(address: str) -> Memory:
    return Memory(address)


def article(title: str, number: int = 1, **more: object) -> Article:
    return replace(
        Article(title=title, publisher="Meta", place=Place(source="a.txt", line=number)),
        **more,  # type: ignore[arg-type]
    )


def episode(title: str, number: int | None = None, summary: str = "") -> Episode:
    return Episode(
        show="kites", title=title, number=number, summary=summary, place=Place(source="a.txt", line=number)
    )


def test_items_come_back_as_they_went_in_with_id_slug_and_dates(memory: Memory) -> None:
    whole = Episode(
        show="kites",
        title="One “day” 日本",
        link="https://a.example/1",
        number=1,
        season=2,
        kind="bonus",
        explicit=False,
        authors=(Person(name="Ann"),),
        tags=("C++",),
        summary="Prose.",
        content="<p>Prose.</p>",
        language="de",
        image="https://a.example/i.png",
        media=Media(url="https://a.example/1.mp3", type="audio/mpeg", size=1, duration=2.5),
        chapters=(Chapter(start=0.5, title="Intro", link="https://a.example/c"),),
        links=(Link(title="A", url="https://a.example/"),),
        persons=(Person(name="Bob", role="guest"),),
        transcripts=(Transcript(url="https://a.example/t.vtt", type="text/vtt", language="de"),),
        place=Place(source="a.txt", line=7),
    )
    memory.build(NOON, whole)
    back = memory.one()
    assert back == replace(
        whole,
        id=back.id,
        slug="1-one-day",
        published=NOON,
        updated=NOON,
        place=Place(source="a.txt"),
    )


def test_items_first_seen_together_are_a_minute_apart_in_source_order(memory: Memory) -> None:
    memory.build(NOON, article("A"), article("B"), article("C"))
    assert [(item.title, item.published) for item in memory.items()] == [
        ("A", NOON),
        ("B", NOON - timedelta(minutes=1)),
        ("C", NOON - timedelta(minutes=2)),
    ]


def test_what_several_sources_list_is_dated_in_one_sequence(memory: Memory) -> None:
    with Ledger.open(memory.address) as ledger:
        for source, title in (("a.txt", "A"), ("b.txt", "B")):
            ledger.settle(source, [article(title)], site=SITE, now=NOON, groups=paths)
    assert [item.published for item in memory.items()] == [NOON, NOON - timedelta(minutes=1)]


def test_items_that_come_later_are_newer_than_all_before_even_if_there_are_many(memory: Memory) -> None:
    memory.build(NOON, article("Old"))
    memory.build(NOON + HOUR, *(article(f"New {name}") for name in "abcdefgh" * 20), article("Old"))
    newest_first = memory.items()
    assert newest_first[-1].title == "Old"
    assert len({item.published for item in newest_first}) == len(newest_first) == 161
    assert newest_first[0].published == NOON + HOUR


def test_a_date_of_the_source_is_kept(memory: Memory) -> None:
    given = datetime.fromisoformat("2020-05-06T07:08:09Z")
    memory.build(NOON, article("A", published=given))
    assert memory.one().published == given


def test_an_item_dated_in_the_future_waits_for_its_date(memory: Memory) -> None:
    memory.build(NOON, article("A", published=NOON + 2 * HOUR))
    assert memory.items(now=NOON + HOUR) == []
    assert len(memory.items(now=NOON + 2 * HOUR)) == 1


def test_an_edit_moves_the_date_of_change_but_not_that_of_publication(memory: Memory) -> None:
    memory.build(NOON, article("A", summary="One."))
    settled = memory.build(NOON + HOUR, article("A", summary="Two."))
    item = memory.one()
    assert settled.changed == (item.id,)
    assert (item.summary, item.published, item.updated) == ("Two.", NOON, NOON + HOUR)


def test_what_is_listed_as_before_stays_as_before(memory: Memory) -> None:
    memory.build(NOON, article("A"), episode("B", 1))
    before = memory.items()
    settled = memory.build(NOON + HOUR, article("A", 9), episode("B", 1))
    assert (settled.new, settled.changed, settled.unchanged) == ((), (), 2)
    assert memory.items() == before


def test_the_date_of_change_goes_forward_even_if_that_of_the_source_does_not(memory: Memory) -> None:
    memory.build(NOON, article("A", summary="One.", updated=NOON))
    memory.build(NOON + HOUR, article("A", summary="Two.", updated=NOON - 9 * HOUR))
    assert memory.one().updated == NOON + timedelta(seconds=1)


def test_no_two_changes_share_a_date(memory: Memory) -> None:
    memory.build(NOON, article("A"), article("B"))
    memory.build(NOON + HOUR, article("A", summary="."), article("B", summary="."), article("C"))
    dates = [item.updated for item in memory.items()]
    assert len(set(dates)) == 3
    assert max(date for date in dates if date) == NOON + HOUR


@pytest.mark.parametrize("hours", [-24, 0])
def test_dates_go_forward_even_if_the_clock_does_not(memory: Memory, hours: int) -> None:
    memory.build(NOON, article("A"))
    memory.build(NOON + hours * HOUR, article("B"), article("A", summary="."))
    later, first = memory.items()
    assert (later.title, first.title) == ("B", "A")
    assert later.published
    assert first.published == NOON < later.published
    assert first.updated
    assert first.updated > NOON


def test_a_build_that_was_killed_between_two_sources_dates_as_if_nothing_had_been_if_it_is_repeated(
    memory: Memory,
) -> None:
    memory.build(NOON, article("A"), killed=True)
    memory.build(NOON, article("B"), source="b.txt")
    memory.build(NOON, article("C"), source="c.txt")
    assert [item.title for item in memory.items()] == ["C", "A", "B"]
    memory.build(NOON + HOUR, article("D"), source="d.txt", killed=True)
    memory.build(NOON + 2 * HOUR, article("E"), source="e.txt")
    assert [item.title for item in memory.items()][:2] == ["E", "D"]


def test_an_item_that_drops_off_its_source_stays(memory: Memory) -> None:
    memory.build(NOON, article("A"), article("B"))
    settled = memory.build(NOON + HOUR, article("B"))
    assert settled.gone == 1
    assert [item.title for item in memory.items()] == ["A", "B"]


def test_an_item_that_comes_back_is_the_same(memory: Memory) -> None:
    memory.build(NOON, article("A"), article("B"))
    before = memory.items()
    memory.build(NOON + HOUR, article("B"))
    settled = memory.build(NOON + 2 * HOUR, article("B"), article("A"))
    assert settled.new == ()
    assert memory.items() == before


def test_a_mended_title_keeps_id_folder_and_date(memory: Memory) -> None:
    memory.build(NOON, article("Migrating data ingestion sytems"), article("Other"))
    before = memory.items()[0]
    memory.build(NOON + HOUR, article("Migrating data ingestion systems"), article("Other"))
    after = memory.items()[0]
    assert after.title == "Migrating data ingestion systems"
    assert (after.id, after.slug, after.published) == (before.id, before.slug, before.published)


def test_an_item_stays_known_by_a_title_it_once_had(memory: Memory) -> None:
    memory.build(NOON, article("Migrating data sytems"))
    memory.build(NOON + HOUR, article("Migrating data systems"))
    memory.build(NOON + 2 * HOUR, article("Migrating data sytems"))
    assert memory.one().title == "Migrating data sytems"


def test_two_episodes_of_one_number_are_both_kept_and_reported(memory: Memory) -> None:
    settled = memory.build(NOON, episode("A", 63, "One."), episode("A", 63, "Two."))
    assert len({item.id for item in memory.items()}) == 2
    assert [(finding.rule, str(finding.place)) for finding in settled.findings] == [
        ("shared-key", "a.txt:63")
    ]
    assert "'A' has the same number as another item" in settled.findings[0].message


def test_two_episodes_of_one_number_keep_each_its_id_when_their_order_changes(memory: Memory) -> None:
    one, two = episode("A", 63, "One."), episode("A", 63, "Two.")
    memory.build(NOON, one, two)
    before = memory.items()
    settled = memory.build(NOON + HOUR, two, one)
    assert settled.unchanged == 2
    assert memory.items() == before


def test_the_second_of_a_name_gets_a_folder_of_its_own(memory: Memory) -> None:
    memory.build(NOON, article("A!", publisher="Meta"), article("A", publisher="Acme"))
    memory.build(NOON + HOUR, article("A?", publisher="Other"))
    assert sorted(item.slug or "" for item in memory.items()) == ["a", "a-2", "a-3"]


def test_an_item_of_two_sources_is_one_item_and_the_first_speaks_for_it(memory: Memory) -> None:
    memory.build(NOON, article("A", summary="One."), source="a.txt")
    memory.build(NOON + HOUR, article("A", summary="Two."), source="b.txt")
    assert memory.one().summary == "One."


def test_when_the_first_source_lists_it_no_longer_the_next_one_speaks_for_it(memory: Memory) -> None:
    memory.build(NOON, article("A", summary="One."), source="a.txt")
    memory.build(NOON + HOUR, source="a.txt")
    memory.build(NOON + HOUR, article("A", summary="Two."), source="b.txt")
    assert memory.one().summary == "Two."


def test_items_are_found_by_group_and_counted(memory: Memory) -> None:
    memory.build(NOON, article("A", tags=("x", "y")), article("B", tags=("y",)), episode("C", 1))
    with Ledger.open(memory.address) as ledger:
        assert {path: group.total for path, group in ledger.groups(now=NOON).items()} == {
            "all": 3,
            "publishers/meta": 2,
            "shows/kites": 1,
            "topics/x": 1,
            "topics/y": 2,
        }
        assert [item.title for item in ledger.items("topics/y", now=NOON)] == ["A", "B"]
        assert [item.title for item in ledger.items("topics/y", now=NOON, limit=1)] == ["A"]


def test_other_tags_move_an_item_to_other_groups(memory: Memory) -> None:
    memory.build(NOON, article("A", tags=("x",)))
    memory.build(NOON + HOUR, article("A", tags=("y",)))
    with Ledger.open(memory.address) as ledger:
        assert [path for path in ledger.groups(now=NOON) if path.startswith("topics/")] == ["topics/y"]


def test_the_state_of_a_group_changes_with_its_items_and_only_then(memory: Memory) -> None:
    def states() -> list[list[State]]:
        with Ledger.open(memory.address) as ledger:
            return [[*ledger.states(path, now=NOON + 9 * HOUR)] for path in ("topics/x", "topics/y")]

    first, second = article("A", tags=("x",)), article("B", tags=("y",))
    memory.build(NOON, first, second)
    x, y = states()
    memory.build(NOON + HOUR, second, first)
    assert states() == [x, y]
    memory.build(NOON + 2 * HOUR, replace(first, summary="."), second)
    assert states()[0] != x
    assert states()[1] == y


def marks(memory: Memory) -> dict[str, Group]:
    with Ledger.open(memory.address) as ledger:
        return ledger.groups(now=NOON + 9 * HOUR)


def changed(before: dict[str, Group], after: dict[str, Group]) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def test_a_group_has_another_mark_when_an_item_in_it_changes_comes_or_goes(memory: Memory) -> None:
    x, y, z = (article(name, tags=(name,)) for name in "xyz")
    memory.build(NOON, x, y)
    first = marks(memory)
    memory.build(NOON + HOUR, y, x)
    assert changed(first, marks(memory)) == set()
    memory.build(NOON + 2 * HOUR, replace(x, summary="."), y)
    second = marks(memory)
    assert changed(first, second) == {"all", "publishers/meta", "topics/x"}
    memory.build(NOON + 3 * HOUR, replace(x, summary="."), y, z)
    third = marks(memory)
    assert changed(second, third) == {"all", "publishers/meta", "topics/z"}
    memory.build(NOON + 4 * HOUR, y, z, removed="drop")
    assert changed(third, marks(memory)) == {"all", "publishers/meta", "topics/x"}


def test_an_item_that_falls_due_gives_its_groups_another_mark(memory: Memory) -> None:
    memory.build(NOON, article("A", tags=("x",)), article("B", tags=("y",), published=NOON + 99 * HOUR))
    with Ledger.open(memory.address) as ledger:
        before, after = (ledger.groups(now=NOON + hours * HOUR) for hours in (98, 99))
    assert changed(before, after) == {"all", "publishers/meta", "topics/y"}


def test_an_item_that_is_published_as_another_counts_as_changed_in_all_its_groups(memory: Memory) -> None:
    memory.build(NOON, replace(episode("A", 1), tags=("x",)), replace(episode("B", 2), tags=("y",)))
    with Ledger.open(memory.address) as ledger:
        a, b = (item.id or "" for item in ledger.items("shows/kites", now=NOON))
        ledger.mark("shows/kites", {a: "as it is", b: "as it is"})
        before = marks(memory)
        ledger.mark("shows/kites", {a: "as it is", b: "as it is"})
        assert changed(before, marks(memory)) == set()
        ledger.mark("shows/kites", {a: "with audio", b: "as it is"})
        assert changed(before, marks(memory)) == {"all", "shows/kites", "topics/x"}


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_states_are_read_in_the_order_of_the_items_however_many_at_once(
    memory: Memory, at_once: int, oldest_first: bool
) -> None:
    same_date = [article(title, published=NOON) for title in "ABC"]
    memory.build(NOON, *same_date, article("D"), article("E"))
    memory.build(NOON + HOUR, article("F"), article("G", published=NOON), source="another")
    with Ledger.open(memory.address) as ledger:
        ids = [item.id for item in ledger.items("all", now=NOON + HOUR)]
        ids = ids[::-1] if oldest_first else ids
        for start, limit in ((0, None), (0, 4), (2, None), (3, 2), (9, 1)):
            states = ledger.states(
                "all",
                now=NOON + HOUR,
                start=start,
                limit=limit,
                at_once=at_once,
                oldest_first=oldest_first,
            )
            assert [state.id for state in states] == [*islice(ids, start, limit and start + limit)]


def test_a_group_is_cut_into_parts_from_the_oldest_item_on_so_that_a_new_one_changes_only_the_last(
    memory: Memory,
) -> None:
    def parts() -> list[Part]:
        with Ledger.open(memory.address) as ledger:
            return ledger.parts("all", 2, now=NOON + 9 * HOUR)

    old = [article(title, published=NOON) for title in "ABC"]
    memory.build(NOON, *old)
    before = parts()
    assert [moment(part.published) for part in before] == [NOON, NOON]
    memory.build(NOON + HOUR, *old, article("D"), article("E"))
    after = parts()
    assert after[0] == before[0]
    assert after[1] != before[1]
    dates = [moment(part.published) for part in after]
    assert dates == [NOON, NOON + HOUR - timedelta(minutes=1), NOON + HOUR]
    memory.build(NOON + 2 * HOUR, replace(old[0], summary="."), *old[1:], article("D"), article("E"))
    assert [again == one for again, one in zip(parts(), after, strict=True)] == [True, False, True]


def test_the_newest_of_each_kind_is_given_the_newest_of_all_first(memory: Memory) -> None:
    memory.build(NOON, article("A"), article("B"), episode("C", 1), episode("D", 2))
    with Ledger.open(memory.address) as ledger:
        by_id = {item.id: item.title for item in ledger.items("all", now=NOON)}
        newest = {path: ledger.newest(path, now=NOON) for path in ("all", "shows/kites", "topics/none")}
        titles = {path: [by_id[state.id] for state in states] for path, states in newest.items()}
    assert titles == {"all": ["A", "C"], "shows/kites": ["C"], "topics/none": []}


def test_notes_are_given_back_until_forgotten(memory: Memory) -> None:
    with Ledger.open(memory.address) as ledger:
        ledger.note("size", {"a": 1, "b": 2})
        ledger.note("size", {"b": 3})
    with Ledger.open(memory.address) as ledger:
        assert ledger.recall_all("size", int) == {"a": 1, "b": 3}
        ledger.forget("size", ["a"])
        assert ledger.recall("size", "a", int) is None
        assert ledger.recall("size", "b", int) == 3


def test_a_rehearsal_is_not_remembered(memory: Memory) -> None:
    memory.build(NOON, article("A"))
    with Ledger.open(memory.address) as ledger:
        with ledger.rehearsal():
            ledger.settle("a.txt", [article("B")], site=SITE, now=NOON + HOUR, groups=paths)
            assert len(ledger.items(ALL, now=NOON + HOUR)) == 2
        assert len(ledger.items(ALL, now=NOON + HOUR)) == 1


def test_what_fails_halfway_is_not_remembered_at_all(memory: Memory) -> None:
    def fail(item: Item) -> Iterator[str]:
        if item.title == "B":
            raise RuntimeError("halfway")
        yield ALL

    with Ledger.open(memory.address) as ledger, pytest.raises(RuntimeError, match="halfway"):
        ledger.settle("a.txt", [article("A"), article("B")], site=SITE, now=NOON, groups=fail)
    assert memory.items() == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"this is not a database, but a text of some length" * 100, "file is not a database"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "not a database|malformed"),
    ],
    ids=["text", "broken"],
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=says) as refusal:
        Ledger.open(str(path))
    assert str(refusal.value).startswith(f"{path}: ")
    assert f"was left as it is, and a copy is {path}.damaged-1" in str(refusal.value)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("create table recipes (name text)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="database of something else"):
        Ledger.open(str(path))
    assert path.read_bytes() == before


def test_an_empty_file_is_a_ledger_to_be(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch()
    memory = Memory(str(path))
    memory.build(NOON, article("A"))
    assert memory.one().title == "A"


def test_a_ledger_that_lies_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be"):
        Ledger.open(str(tmp_path / "file" / "ledger.sqlite"))


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="unable to open"):
        Ledger.open(str(tmp_path))


def test_a_copy_of_the_ledger_is_all_that_moving_a_site_takes(tmp_path: Path) -> None:
    memory = Memory(str(tmp_path / "ledger.sqlite"))
    memory.build(NOON, article("A"))
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(memory.address, tmp_path / "elsewhere")
    moved = Memory(str(tmp_path / "elsewhere" / "ledger.sqlite"))
    moved.build(NOON + HOUR, article("A"))
    assert moved.one().id == memory.one().id


def cut(memory: Memory, size: int, path: str = ALL, now: datetime = NOON + 1000 * HOUR) -> None:
    with Ledger.open(memory.address) as ledger:
        ledger.archive({path: size}, now=now)


def pages(memory: Memory, path: str = ALL) -> dict[int, list[str]]:
    """Titles of what is on each page, and under 0 of what is on none."""
    now = NOON + 1000 * HOUR
    with Ledger.open(memory.address) as ledger:
        titles = {item.id: item.title for item in ledger.items(path, now=now)}
        return {
            page: [titles[state.id] for state in ledger.page(path, page, now=now)]
            for page in ledger.pages(path, now=now)
        }


@pytest.mark.parametrize("oldest_first", [False, True])
def test_to_read_a_group_by_and_by_it_is_gone_through_once(tmp_path: Path, oldest_first: bool) -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    def listen(connection: sqlite3.Connection, _: Any) -> None:
        connection.set_progress_handler(step, 20)

    def to_read(count: int) -> int:
        nonlocal steps
        memory = Memory(str(tmp_path / f"{count}.sqlite"))
        memory.build(NOON, *(article(f"{number}") for number in range(count)))
        sa.event.listen(sa.Engine, "connect", listen)
        with Ledger.open(memory.address) as ledger:
            steps = 0
            read = [*ledger.states(ALL, now=NOON, at_once=5, oldest_first=oldest_first)]
        sa.event.remove(sa.Engine, "connect", listen)
        assert len(read) == count
        return steps

    assert to_read(800) < 6 * to_read(200)


def test_to_read_a_page_of_an_archive_its_group_is_not_gone_through(tmp_path: Path) -> None:
    memory = Memory(str(tmp_path / "ledger.sqlite"))
    memory.build(NOON, *(article(title) for title in "CBA"))
    cut(memory, 2)
    asked: list[tuple[str, Any]] = []

    def listen(*call: Any) -> None:
        asked.append((call[2], call[3]))

    with Ledger.open(memory.address) as ledger:
        sa.event.listen(sa.Engine, "before_cursor_execute", listen)
        ledger.page(ALL, 1, now=NOON)
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
    (select,) = (one for one in asked if one[0].startswith("SELECT"))
    with sqlite3.connect(memory.address) as db:
        plan = [step[3] for step in db.execute(f"EXPLAIN QUERY PLAN {select[0]}", select[1])]
    assert "SEARCH member USING COVERING INDEX member_page (path=? AND page=? AND published<?)" in plan
    assert "SEARCH member USING PRIMARY KEY (path=? AND published=? AND position=? AND id=?)" in plan


def test_the_oldest_items_fill_the_first_page_and_what_fills_none_is_on_none(memory: Memory) -> None:
    memory.build(NOON, *(article(title) for title in "GFEDCBA"))
    cut(memory, 3)
    assert pages(memory) == {0: ["G"], 1: ["C", "B", "A"], 2: ["F", "E", "D"]}


def test_what_comes_later_goes_onto_the_next_page_whatever_its_date(memory: Memory) -> None:
    listed = [article(title) for title in "CBA"]
    memory.build(NOON, *listed)
    cut(memory, 2)
    old = article("old", published=NOON - 1000 * HOUR)
    memory.build(NOON + HOUR, article("D"), *listed, old)
    cut(memory, 2)
    assert pages(memory) == {1: ["B", "A"], 2: ["C", "old"], 0: ["D"]}


def test_pages_stay_as_they_are_when_others_are_to_take_more_or_less(memory: Memory) -> None:
    memory.build(NOON, *(article(title) for title in "FEDCBA"))
    cut(memory, 5)
    cut(memory, 1)
    assert pages(memory) == {1: ["E", "D", "C", "B", "A"], 2: ["F"]}


def test_an_edit_leaves_an_item_on_its_page_and_changes_the_digest_of_that_page_only(memory: Memory) -> None:
    def digests() -> dict[int, Part]:
        with Ledger.open(memory.address) as ledger:
            return ledger.pages(ALL, now=NOON + 1000 * HOUR)

    listed = [article(title, tags=("x",)) for title in "DCBA"]
    memory.build(NOON, *listed)
    cut(memory, 2)
    before = digests()
    memory.build(NOON + HOUR, *listed[:3], replace(listed[3], summary="Another.", tags=("y",)))
    assert pages(memory) == {1: ["B", "A"], 2: ["D", "C"]}
    assert digests()[1] != before[1]
    assert digests()[2] == before[2]


def test_what_is_taken_out_leaves_its_place_empty(memory: Memory) -> None:
    listed = [article(title, tags=("x",)) for title in "EDCBA"]
    memory.build(NOON, *listed)
    cut(memory, 2, "topics/x")
    memory.build(NOON + HOUR, *listed[:4], replace(listed[4], tags=()))
    cut(memory, 2, "topics/x")
    assert pages(memory, "topics/x") == {0: ["E"], 1: ["B"], 2: ["D", "C"]}


def test_what_is_dated_in_the_future_gets_a_page_when_it_is_due(memory: Memory) -> None:
    soon = article("soon", published=NOON + 5 * HOUR)
    memory.build(NOON, soon, article("B"), article("A"))
    cut(memory, 2, now=NOON)
    assert pages(memory) == {0: ["soon"], 1: ["B", "A"]}
    cut(memory, 1, now=NOON)
    assert 2 not in pages(memory)
    cut(memory, 1, now=NOON + 5 * HOUR)
    assert pages(memory) == {1: ["B", "A"], 2: ["soon"]}


def test_what_is_not_among_a_part_of_a_list_is_still_listed(memory: Memory) -> None:
    listed = [article(title) for title in "ABCDEFGHIJKL"]
    memory.build(NOON, *listed)
    with Ledger.open(memory.address) as ledger:
        settled = ledger.settle(
            "a.txt",
            [article("new"), listed[0]],
            site=SITE,
            now=NOON + HOUR,
            groups=paths,
            surprising=False,
            removed="drop",
            whole=False,
        )
    assert (len(settled.new), settled.unchanged, settled.gone) == (1, 1, 0)
    assert len(memory.items()) == 13
    assert memory.build(NOON + 2 * HOUR, article("new"), *listed).unchanged == 13
