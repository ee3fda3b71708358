import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.slugs import slug, title_slug

NAMES = st.text("aAéß .-_/\\+#0日\u0301\x00%", max_size=20)


@given(NAMES)
@example("../x")
@example("..")
@example(".")
@example("")
@example("CON")
@example("\ud83d")
@example("x" * 300)
@example("a\u0338/b")
def test_a_slug_is_a_file_name_that_cannot_leave_its_folder(name: str) -> None:
    for made in (slug(name), title_slug(name)):
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", made)
        assert len(made) <= 60


@given(NAMES)
def test_a_slug_is_the_slug_of_itself(name: str) -> None:
    assert slug(slug(name)) == slug(name)


@given(NAMES)
def test_case_and_blanks_around_it_do_not_make_another_slug(name: str) -> None:
    assert slug(f" {name.upper().lower()}\t") == slug(name.upper().lower())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C++", "C#"),
        ("日本語", "中文"),
        ("x" * 300, "x" * 299),
        ("../x", "x"),
        ("a/b", "a-b"),
        ("", "?"),
    ],
)
def test_names_that_lose_letters_or_signs_are_kept_apart(one: str, other: str) -> None:
    assert slug(one) != slug(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Machine Learning", "machine-learning"), ("machine_learning", "machine  learning"), ("É", "é")],
)
def test_ways_to_write_one_name_have_one_slug(one: str, other: str) -> None:
    assert slug(one) == slug(other)


def test_a_long_title_is_cut_after_a_word() -> None:
    assert title_slug("word " * 30) == "-".join(["word"] * 12)
