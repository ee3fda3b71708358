"""What holds of either database: who waits for whom, what is brought up to date, what is refused."""

import random
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.ledger.conftest import Server
from tests.project import NOON

from feeds.errors import LedgerError
from feeds.groups import ALL, paths
from feeds.ledger import Ledger, Settled, database, migrations
from feeds.ledger.database import Database
from feeds.model import Article, Item

SITE = "https://example.org/"
ITEMS = tuple(Article(title=f"Title {letter}", publisher="Meta") for letter in "ABCDEFGH")


def settle(ledger: Ledger, *items: Item) -> Settled:
    return ledger.settle("a.txt", items, site=SITE, now=NOON, groups=paths)


def execute(address: str, *statements: str) -> None:
    engine = sa.create_engine(address if "://" in address else f"sqlite:///{address}")
    with engine.begin() as db:
        for statement in statements:
            db.exec_driver_sql(statement)
    engine.dispose()


def write_version_1(address: str) -> None:
    text = Path(__file__).with_name("version-1.sql").read_text("utf-8").partition("\n")[2]
    execute(
        address,
        *(text.replace("BLOB", "BYTEA") if "://" in address else text).strip().removesuffix(";").split(";\n"),
    )


def test_several_that_find_no_ledger_and_remember_the_same_at_once_agree(address: str) -> None:
    ready = threading.Barrier(6)

    def build(_: int) -> Settled:
        ready.wait()
        with Ledger.open(address) as ledger:
            return settle(ledger, *ITEMS)

    with ThreadPoolExecutor(6) as pool:
        all_settled = list(pool.map(build, range(6)))
    assert len({settled.ids for settled in all_settled}) == 1
    assert sorted(len(settled.new) for settled in all_settled) == [0, 0, 0, 0, 0, len(ITEMS)]


class Pause:
    """Groups that take as long as someone else decides."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, item: Item) -> Iterator[str]:
        self.entered.set()
        assert self.go_on.wait(30)
        return paths(item)


def test_a_second_build_waits_for_what_the_first_has_to_say(address: str) -> None:
    pause = Pause()
    with Ledger.open(address) as first, Ledger.open(address) as second, ThreadPoolExecutor(2) as pool:
        one = pool.submit(first.settle, "a.txt", ITEMS, site=SITE, now=NOON, groups=pause)
        assert pause.entered.wait(30)
        two = pool.submit(settle, second, *ITEMS)
        with pytest.raises(TimeoutError):
            two.result(timeout=0.3)
        pause.go_on.set()
        assert (len(one.result().new), len(two.result().new)) == (len(ITEMS), 0)
        assert one.result().ids == two.result().ids


def test_whoever_reads_does_not_wait_for_whoever_writes(address: str) -> None:
    pause = Pause()
    with Ledger.open(address) as first, Ledger.open(address) as second, ThreadPoolExecutor(1) as pool:
        settle(first, ITEMS[0])
        writing = pool.submit(first.settle, "b.txt", ITEMS, site=SITE, now=NOON, groups=pause)
        assert pause.entered.wait(30)
        assert [item.title for item in second.items(ALL, now=NOON)] == ["Title A"]
        pause.go_on.set()
        writing.result()


def test_whoever_waits_is_told_and_patience_ends_with_a_message_that_says_what_to_do(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "_MOMENT", 0.1)
    monkeypatch.setattr(database, "_PATIENCE", 0.2)
    with Ledger.open(address) as first, Ledger.open(address) as second:
        with (
            first.rehearsal(),
            pytest.raises(LedgerError, match="another run of feeds has been writing to it"),
        ):
            settle(second, *ITEMS)
        assert caplog.messages == [f"{second.name}: another run of feeds is writing to it; waiting up to 0 s"]
        assert len(settle(second, *ITEMS).new) == len(ITEMS)


def test_groups_are_in_the_order_of_their_bytes(address: str) -> None:
    with Ledger.open(address) as ledger:
        ledger.settle(
            "a.txt", ITEMS, site=SITE, now=NOON, groups=lambda _: ["é", "z", "Z", "a-c", "ab", "日"]
        )
        assert list(ledger.groups(now=NOON)) == ["Z", "a-c", "ab", "z", "é", "日"]


def test_a_ledger_of_version_1_is_brought_up_and_knows_what_it_knew(address: str) -> None:
    write_version_1(address)
    for _ in range(2):
        with Ledger.open(address) as ledger:
            assert ledger.recall("schema", "version", int) == migrations.version()
            assert [(item.title, item.published) for item in ledger.items(ALL, now=NOON)] == [
                ("Zebra crossing", NOON),
                ("ant hill", NOON - timedelta(minutes=1)),
            ]
    zebra = Article(title="Zebra crossing", publisher="Meta", tags=("storage",), summary="Stripes.")
    ant = Article(title="ant hill", publisher="Meta", tags=("storage",), summary="Ants.")
    with Ledger.open(address) as ledger:
        settled = settle(ledger, zebra, ant)
        assert (settled.new, settled.changed, settled.unchanged) == ((), (), 2)
        ledger.archive({ALL: 1}, now=NOON)
        on_page = [state.id for state in ledger.page(ALL, 1, now=NOON)]
        assert [item.title for item in ledger.pick(on_page)] == ["ant hill"]


def test_ids_links_titles_and_notes_may_be_longer_than_an_index_takes(address: str) -> None:
    long = "".join(map(chr, random.Random(1).choices(range(0x4E00, 0x9FFF), k=3000)))  # cannot be compressed
    items = [
        Article(title="By id", id=f"{long}1"),
        Article(title="By id", id=f"{long}2"),
        Article(title="By link", link=f"https://example.org/{long}1"),
        Article(title="By link", link=f"https://example.org/{long}2"),
        Article(title=f"{long}1"),
        Article(title=f"{long}2"),
    ]
    with Ledger.open(address) as ledger:
        settled = settle(ledger, *items)
        assert len(set(settled.new)) == len(items)
        assert max(len(id_.encode()) for id_ in settled.new) <= 1000
        again = settle(ledger, *reversed(items))
        assert (again.ids, again.unchanged) == (settled.ids[::-1], len(items))
        for number in (1, 2):
            ledger.note("link", {f"{long}{number}": number})
        assert ledger.recall("link", f"{long}1", int) == 1
        ledger.forget("link", [f"{long}1"])
        assert [*ledger.recall_all("link", int).values()] == [2]


def test_an_item_that_an_earlier_version_knew_by_a_long_link_stays_who_it_is(address: str) -> None:
    write_version_1(address)
    link = f"https://example.org/{'a/' * 600}b"
    zebra = "urn:uuid:59a0b375-8d3b-5579-adbc-20627660a17e"
    execute(address, f"insert into key values ('articles link:{link.partition('//')[2]}', '{zebra}', 1)")
    with Ledger.open(address) as ledger:
        settled = settle(ledger, Article(title="Of another title", publisher="Meta", link=link))
        assert (settled.ids, settled.new) == ((zebra,), ())


@pytest.mark.parametrize("version", range(1, migrations.version()))
def test_a_ledger_of_any_version_keeps_pages_marks_and_kinds_of_what_is_in_its_groups(
    address: str, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an article on a page of the archive, and of an episode, which is newer."""
    write_version_1(address)
    execute(
        address,
        "insert into item select 'urn:e', 'episode', 'b.txt', FALSE, 'Wind', '', 'wind', published + 60, "
        "updated, '', body, NULL from item where title = 'Zebra crossing'",
        "insert into member select 'all', id, published, 0 from item where id = 'urn:e'",
    )
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[: version - 1])
        with Database(address) as database:
            migrations.prepare(database)
    paged, marked = version >= 3, version >= 4
    if paged:
        execute(address, "update member set page = 7 where path = 'all' and published = 1767355140")
    if marked:
        execute(address, "update member set mark = 1000 + position + page")
    now = NOON + timedelta(hours=1)
    with Ledger.open(address) as ledger:
        states = [*ledger.states(ALL, now=now)]
        assert [state.kind for state in states] == ["episode", "article", "article"]
        assert ledger.newest(ALL, now=now) == states[:2]
        assert [*ledger.pages(ALL, now=now)] == ([0, 7] if paged else [0])
        if marked:
            assert [state.mark for state in states] == [1000, 1000, 1008]
        assert len({state.mark for state in states}) > 1, "any will do, but not the same for all"


def test_a_ledger_of_version_1_gets_the_tables_that_a_new_one_has(address: str) -> None:
    write_version_1(address)
    Ledger.open(address).close()
    url = address if "://" in address else f"sqlite:///{address}"
    engine = sa.create_engine(url)
    before = _schema(engine)
    execute(address, *(f"drop table {table}" for table in before))
    Ledger.open(address).close()
    assert _schema(engine) == before
    engine.dispose()


def _schema(engine: sa.Engine) -> dict[str, object]:
    inspector = sa.inspect(engine)
    inspector.clear_cache()
    return {
        table: (
            [
                (column["name"], repr(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            ],
            sorted((index["name"] or "", index["column_names"]) for index in inspector.get_indexes(table)),
            inspector.get_pk_constraint(table)["constrained_columns"],
            inspector.get_table_options(table),
        )
        for table in sorted(inspector.get_table_names())
    }


def test_a_migration_that_fails_leaves_all_as_it_was(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(db: sa.Connection) -> None:
        db.exec_driver_sql("create table extra (name text)")
        raise RuntimeError("halfway")

    with Ledger.open(address) as ledger:
        settle(ledger, *ITEMS)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, fail))
        with pytest.raises(RuntimeError, match="halfway"):
            Ledger.open(address)
    with Ledger.open(address) as ledger:
        assert len(ledger.items(ALL, now=NOON)) == len(ITEMS)
    execute(address, "create table extra (name text)")


def test_a_ledger_of_a_newer_version_is_refused(address: str) -> None:
    with Ledger.open(address) as ledger:
        ledger.note("schema", {"version": 99})
    with pytest.raises(LedgerError, match=r"has version 99, .*; use a newer one"):
        Ledger.open(address)


def test_a_server_that_goes_away_is_a_clear_error_and_costs_nothing(postgresql: Server) -> None:
    def groups(item: Item) -> Iterator[str]:
        if item.title == "Title D":
            postgresql.stop()
        return paths(item)

    with Ledger.open(postgresql.database()) as ledger:
        settle(ledger, ITEMS[0])
        try:
            with pytest.raises(
                LedgerError, match=r"cannot be reached.*remembered before is not lost"
            ) as error:
                ledger.settle("b.txt", ITEMS, site=SITE, now=NOON, groups=groups)
            with pytest.raises(LedgerError, match="cannot be reached"):
                ledger.groups(now=NOON)
        finally:
            postgresql.start()
        assert [item.title for item in ledger.items(ALL, now=NOON)] == ["Title A"]
        assert len(settle(ledger, *ITEMS).new) == len(ITEMS) - 1
    assert str(error.value).startswith("postgresql+psycopg://postgres@127.0.0.1:")


def test_a_server_that_was_started_anew_between_two_questions_is_not_noticed(postgresql: Server) -> None:
    with Ledger.open(postgresql.database()) as ledger:
        settle(ledger, *ITEMS)
        postgresql.stop()
        postgresql.start()
        assert len(ledger.items(ALL, now=NOON)) == len(ITEMS)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql+psycopg://ann:secret@127.0.0.1:1/feeds", "cannot be reached"),
        ("mysql://ann:secret@127.0.0.1/feeds", "expected a path, or an address: postgresql"),
        ("nonsense+more://ann:secret@127.0.0.1/", "expected a path, or an address: postgresql"),
    ],
)
def test_an_address_that_leads_to_no_ledger_is_refused_without_showing_its_password(
    address: str, says: str
) -> None:
    with pytest.raises(LedgerError, match=says) as error:
        Ledger.open(address)
    assert "secret" not in str(error.value)
    assert str(error.value).startswith(address.partition("://")[0] + "://")


def test_a_driver_that_is_not_installed_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"psycopg.* pip install 'feeds\[postgres\]'"):
        Ledger.open("postgresql+psycopg://127.0.0.1/feeds")


def test_a_database_that_takes_no_more_is_one_clear_error_and_nothing_of_the_source_is_remembered(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Ledger.open(address) as ledger:
        settle(ledger, ITEMS[0])
    if "://" in address:
        execute(address, "alter table item add check (title = '') not valid")
    else:
        execute(address, "create trigger full before insert on item begin select raise(abort, 'full'); end")
    with Ledger.open(address) as ledger:
        with pytest.raises(LedgerError, match="the ledger cannot be used: "):
            settle(ledger, *(replace(item, summary="Long. " * 9_000) for item in ITEMS))
        assert [item.title for item in ledger.given()] == ["Title A"]
    assert caplog.messages == []


def test_damage_in_the_middle_is_reported_with_the_copy_that_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(str(path)) as ledger:
        ledger.settle("a.txt", ITEMS, site=SITE, now=NOON, groups=paths)
        ledger.note("filler", {str(number): "x" * 500 for number in range(200)})
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    damaged = path.read_bytes()

    def read() -> None:
        with Ledger.open(str(path)) as ledger:
            ledger.items(ALL, now=NOON)
            ledger.recall_all("filler", str)

    for _ in range(2):
        with pytest.raises(LedgerError, match="feeds recover") as error:
            read()
    assert f"a copy is {path}.damaged-1" in str(error.value)
    assert path.read_bytes() == (tmp_path / "ledger.sqlite.damaged-1").read_bytes() == damaged
    assert not (tmp_path / "ledger.sqlite.damaged-2").exists()


@pytest.mark.parametrize("column", ["memo set value", "item set body", "item set title"])
def test_a_row_that_is_damaged_while_its_page_looks_whole_is_reported_as_damage_too(
    tmp_path: Path, column: str
) -> None:
    """As where a copy was cut off before its end, whose last page SQLite takes for zeros."""
    path = str(tmp_path / "ledger.sqlite")
    with Ledger.open(path) as ledger:
        settle(ledger, *ITEMS)
        ledger.note("filler", {"one": "x"})
    execute(path, f"update {column} = cast(x'ff00' as {'text' if column.endswith('title') else 'blob'})")

    def read() -> None:
        with Ledger.open(path) as ledger:
            ledger.recall_all("filler", str)
            ledger.items(ALL, now=NOON)
            ledger.given()

    with pytest.raises(LedgerError, match=r"damaged-1: .* `feeds recover` makes a new one"):
        read()
