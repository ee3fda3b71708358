"""Overrides, conditions and tag rules, on items as sources give them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.editing import Editor, Match, Override, TagRule, condition
from feeds.model import Article, Episode, Item, Place

HERE = Place(source="overrides.toml", path="override[0]")
ARTICLE = Article(
    title="Faster queries in Python",
    id="urn:uuid:1",
    link="https://engineering.meta.example/queries/",
    summary="How one index\nsaved a database.",
    publisher="Meta",
    tags=("Query Engines", "python"),
)
SECOND = Episode(title="The second one", id="urn:uuid:2", show="kites", number=2)
FIRST = Episode(title="The first one", id="urn:uuid:3", show="kites", number=1)
OTHER = Episode(title="Of another show", id="urn:uuid:4", show="boats", number=2)
ITEMS = (ARTICLE, SECOND, FIRST, OTHER)


def tags(item: Item, *rules: TagRule, merged: dict[str, str] | None = None) -> tuple[str, ...]:
    return Editor(rules=rules, merged=merged or {})(item).tags


@pytest.mark.parametrize(
    "text",
    [
        "title:*python*",
        "title:faster*",
        "title:Faster queries in Pytho?",
        "title:[ef]aster*",
        "title:/quer(y|ies)/",
        r"title:/(?i)\\bpython$/",
        "text:*index*database*",
        "text:/saved/",
        "publisher:meta",
        "publisher:/^Me/",
        "host:*.meta.example",
        "tag:query engines",
        "tag:py*",
    ],
)
def test_a_condition_holds_of_a_field_that_fits(text: str) -> None:
    assert condition(text.replace("\\\\", "\\"))(ARTICLE)


@pytest.mark.parametrize(
    "text",
    [
        "title:python",
        "title:/python/",
        "text:*kites*",
        "publisher:Met",
        "host:meta.example",
        "tag:query",
        "tag:/^engines/",
    ],
)
def test_a_condition_does_not_hold_of_a_field_that_does_not_fit(text: str) -> None:
    assert not condition(text)(ARTICLE)


def test_a_condition_on_what_an_item_has_not_does_not_hold() -> None:
    for field in ("publisher", "host", "tag"):
        assert not condition(f"{field}:*")(SECOND)


@pytest.mark.parametrize("text", ["", "python", "titel:x", ":x", "title:/(/", "title:/(?=x)/"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a field|not a regular expression"):
        condition(text)


@given(st.text(), st.text())
def test_a_pattern_of_stars_around_a_text_is_that_the_field_contains_it(part: str, whole: str) -> None:
    special = str.maketrans({character: f"[{character}]" for character in "*?["})
    holds = condition(f"title:*{part.translate(special)}*")(Article(title=whole))
    if f"*{part}*" != "*/*":
        assert holds == (part.casefold() in whole.casefold())


def test_a_rule_needs_one_of_any_all_of_all_and_none_of_none() -> None:
    yes, no = condition("title:*python*"), condition("title:*cobol*")
    assert TagRule().holds(ARTICLE)
    assert TagRule(any=(no, yes), all=(yes,), none=(no,)).holds(ARTICLE)
    assert not TagRule(any=(no,)).holds(ARTICLE)
    assert not TagRule(all=(yes, no)).holds(ARTICLE)
    assert not TagRule(none=(no, yes)).holds(ARTICLE)


def test_a_rule_adds_tags_at_the_end_and_each_once() -> None:
    rule = TagRule(add=("fast", "python"))
    assert tags(ARTICLE, rule) == ("Query Engines", "python", "fast")


def test_a_rule_removes_tags_however_they_are_spelt() -> None:
    assert tags(ARTICLE, TagRule(remove=("query-engines", "absent"))) == ("python",)


def test_a_rule_sees_the_tags_that_the_rules_before_it_gave() -> None:
    first = TagRule(any=(condition("title:*python*"),), add=("code",))
    second = TagRule(any=(condition("tag:code"),), add=("text",), remove=("code",))
    assert tags(ARTICLE, first, second) == ("Query Engines", "python", "text")
    assert tags(ARTICLE, second, first) == ("Query Engines", "python", "code")


def test_merged_tags_are_one_and_rules_see_the_merged_tag() -> None:
    merged = {"query-engines": "databases", "sql": "databases"}
    rule = TagRule(any=(condition("tag:databases"),), add=("storage",))
    both = replace(ARTICLE, tags=("SQL", "Query Engines", "python"))
    assert tags(both, rule, merged=merged) == ("databases", "python", "storage")


def test_an_item_that_nothing_is_said_of_stays_the_same_object() -> None:
    editor = Editor(
        rules=(TagRule(any=(condition("title:*cobol*"),), add=("old",)),),
        overrides=(Override(match=Match(title="x"), values={"title": "y"}, place=HERE),),
    )
    assert editor(ARTICLE) is ARTICLE


def test_values_for_fields_that_an_item_has_not_are_left_out() -> None:
    override = Override(match=Match(id="urn:uuid:1"), values={"season": 2, "title": "New"}, place=HERE)
    assert Editor(overrides=(override,))(ARTICLE) == replace(ARTICLE, title="New")


def test_of_two_overrides_of_an_item_both_act_and_the_later_one_wins() -> None:
    overrides = [
        Override(match=Match(title=ARTICLE.title), values={"title": "A", "summary": "S"}, place=HERE),
        Override(match=Match(title=ARTICLE.title), values={"title": "B"}, place=HERE),
    ]
    both = Editor(overrides=overrides)(ARTICLE)
    assert (both.title, both.summary) == ("B", "S")


@pytest.mark.parametrize(
    ("match", "said"),
    [
        (Match(title="The sceond one"), "matches no item; the nearest are 'The second one', 'The first one'"),
        (
            Match(link="https://engineering.meta.example/querys"),
            "matches no item; the nearest are 'Faster queries in Python'",
        ),
        (Match(id="urn:uuid:9", show="boats"), "matches no item; the nearest are "),
        (Match(number=7, show="kites"), "matches no item; the nearest are 'The second one', 'The first one'"),
        (Match(title="Nothing like it at all, 42"), "matches no item"),
        (Match(number=2), "number 2 matches 2 items ('The second one', 'Of another show'); add the show"),
    ],
)
def test_an_override_that_means_no_item_or_two_is_reported_with_the_nearest_titles(
    match: Match, said: str
) -> None:
    (finding,) = Editor(overrides=(Override(match=match, values={}, place=HERE),)).check(ITEMS)
    assert (finding.level, finding.place) == ("warning", HERE)
    assert said in finding.message


@pytest.mark.parametrize(
    "match",
    [
        Match(number=2, show="kites"),
        Match(title="THE FIRST ONE"),
        Match(link="http://www.engineering.meta.example/queries?utm_source=x#y"),
        Match(id="urn:uuid:4"),
    ],
)
def test_an_override_that_means_one_item_is_in_order(match: Match) -> None:
    assert not list(Editor(overrides=(Override(match=match, values={}, place=HERE),)).check(ITEMS))
