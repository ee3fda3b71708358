"""`relinking`: addresses that moved for good, written into the overrides."""

import tomllib
from datetime import UTC, datetime

import pytest

from feeds.relinking import relinked
from feeds.verify.links import Result, Role

OLD, NEW = "https://example.org/old", 'https://example.org/"new"'
ESCAPED = r'"https://example.org/\"new\""'


def moved(role: Role = "item", url: str = OLD) -> Result:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Result(
        url=url, role=role, status="moved", reason="", level="info", places=(), checked_at=now, moved_to=NEW
    )


def test_an_override_is_added_for_an_item_whose_address_is_that_of_its_source() -> None:
    assert relinked("", [moved()]) == f'[[override]]\nmatch = {{ link = "{OLD}" }}\nlink = {ESCAPED}\n'


def test_an_override_is_added_beside_one_that_says_something_else_of_the_item() -> None:
    before = f'[[override]]\nmatch.link = "{OLD}"\ntitle = "T"'
    after = tomllib.loads(relinked(before, [moved()]))["override"]
    assert after[0] == {"match": {"link": OLD}, "title": "T"}
    assert after[1] == {"match": {"link": OLD}, "link": NEW}


def test_what_was_added_is_not_added_again() -> None:
    once = relinked("", [moved()])
    assert relinked(once, [moved()]) == once


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (f'link = "{OLD}"', "item"),
        (f"image = '{OLD}'", "artwork"),
        (f'audio = "{OLD}"', "enclosure"),
        (f'guests = [{{ name = "G", url = "{OLD}" }}]', "person"),
        (f'chapters = [{{ start = "0:00", title = "One", link = "{OLD}" }}]', "note"),
    ],
)
def test_an_address_that_an_override_says_is_replaced_where_it_stands(said: str, role: Role) -> None:
    before = f'# Don\'t touch.\n[[override]]\nmatch = {{ link = "{OLD}" }}\n'
    new = said.replace(f'"{OLD}"', ESCAPED).replace(f"'{OLD}'", ESCAPED)
    assert relinked(f"{before}{said} # kept\n", [moved(role)]) == f"{before}{new} # kept\n"


def test_an_address_that_no_override_can_say_is_left_alone() -> None:
    assert relinked("", [moved("self"), moved("hub")]) == ""


def test_a_table_of_what_is_matched_stays() -> None:
    before = f'[[override]]\nlink = "{OLD}"\n[override.match]\nlink = "{OLD}"\n'
    after = tomllib.loads(relinked(before, [moved()]))["override"]
    assert after == [{"match": {"link": OLD}, "link": NEW}]
