from pathlib import Path

import pytest

from feeds.config import Plan, keys, load
from feeds.errors import ConfigError
from feeds.model import Person
from feeds.parsers import PARSERS

CASES = Path(__file__).parent / "cases"

GOOD = """\
[site]
title = " Reading "
base_url = "https://example.org/feeds"
author = "The editors"

[[source]]
path = "articles.txt"
format = "listing"
"""

SHOW = """
[show.kites]
title = "Kites"
author = "Ann"
categories = ["Technology", "Arts > Books"]
hosts = ["Ann", { name = "Bob", role = "Co-Host", url = "https://bob.example/" }]
owner = { name = "Ann", email = "ann@kites.example" }
txt = { verify = "abc" }
"""


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda case: case.stem)
def test_each_mistake_is_reported_with_file_key_and_expectation(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES)
    with pytest.raises(ConfigError) as refusal:
        load(Path(case.name))
    formats = _listed(["auto", *PARSERS, "opml"])
    expected = case.with_suffix(".txt").read_text("utf-8").replace("{formats}", formats)
    assert f"{refusal.value}\n" == expected


def test_every_case_has_a_purpose() -> None:
    for case in CASES.glob("*.toml"):
        purpose = case.read_bytes().split(b"\n")[0]
        assert purpose.startswith(b"# "), case
        assert purpose.endswith(b"."), case


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "articles.txt").touch()
    return tmp_path / "feeds.toml"


def plan(file: Path, text: str, base_url: str | None = None) -> Plan:
    file.write_text(text, "utf-8")
    return load(file, base_url=base_url)


def test_what_is_not_given_has_a_default(file: Path) -> None:
    made = plan(file, GOOD)
    assert made.site.language == "en"
    assert made.limit == 50
    assert made.shows == {}
    assert made.topics == {}


def test_texts_lose_the_blanks_around_them(file: Path) -> None:
    assert plan(file, GOOD).site.title == "Reading"


def test_the_base_url_ends_with_a_slash(file: Path) -> None:
    assert plan(file, GOOD).site.base_url == "https://example.org/feeds/"


def test_a_byte_order_mark_is_no_mistake(file: Path) -> None:
    assert plan(file, f"\ufeff{GOOD}").site.title == "Reading"


def test_the_command_line_moves_addresses_but_not_what_ids_are_made_from(file: Path) -> None:
    made = plan(file, GOOD, base_url="http://localhost:8000")
    assert made.site.base_url == "http://localhost:8000/"
    assert made.identity == "https://example.org/feeds/"


def test_a_bad_base_url_of_the_command_line_is_reported_as_such(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--base-url: error: expected an absolute .* found 'example.org'"):
        plan(file, GOOD, base_url="example.org")


def test_a_missing_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"feeds.toml: error: no such file; .*--config"):
        load(tmp_path / "feeds.toml")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_show_is_as_it_is_configured(file: Path) -> None:
    show = plan(file, GOOD + SHOW).shows["kites"]
    assert show.categories == (("Technology", None), ("Arts", "Books"))
    assert show.hosts == (
        Person(name="Ann"),
        Person(name="Bob", role="co-host", url="https://bob.example/"),
    )
    assert show.owner == Person(name="Ann", email="ann@kites.example")
    assert show.txt == (("verify", "abc"),)


def test_a_show_speaks_the_language_of_the_site_unless_it_says_otherwise(file: Path) -> None:
    site = GOOD.replace("[[source]]", 'language = "pt-BR"\n\n[[source]]')
    assert plan(file, site + SHOW).shows["kites"].language == "pt-BR"
    assert plan(file, site + SHOW + 'language = "de"\n').shows["kites"].language == "de"


def test_sources_are_relative_to_the_configuration(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert (plan(file, GOOD).root / "articles.txt").is_file()


def test_every_key_is_documented_with_its_type_and_default() -> None:
    table = {name: rest for name, *rest in keys()}
    assert table["site.title"][:2] == ["text", "required"]
    assert table["site.limit"][:2] == ["number", "`50`"]
    assert table["[[source]].format"][:2] == ["word", "`auto`"]
    assert table["show.<slug>.explicit"][:2] == ["true or false", "false"]
    assert all(description.endswith(".") for _, _, description in table.values())


def _listed(names: list[str]) -> str:
    *most, last = map(repr, names)
    return f"{', '.join(most)} or {last}"
