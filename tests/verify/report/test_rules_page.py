"""The page of rules is the table of rules."""

from pathlib import Path

from feeds.verify.rules import PROFILES, RULES
from feeds.verify.rules.page import rules_page

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page()


def test_every_rule_says_what_holds_and_how_to_mend_it_in_a_sentence() -> None:
    for rule in RULES.values():
        assert rule.source, rule.id
        for sentence in (rule.says, rule.fix):
            assert len(sentence) > 5, rule.id
            assert sentence.endswith("."), rule.id


def test_every_profile_has_rules() -> None:
    assert {profile for rule in RULES.values() for profile in rule.profiles} == set(PROFILES)


def test_every_rule_of_the_checklist_is_there() -> None:
    numbers = {"XML": 12, "RSS": 34, "ATM": 21, "JSF": 16, "POD": 28, "EPI": 23, "CHP": 17, "ID3": 6}
    numbers |= {"MP4": 1, "VTT": 1, "WSB": 4, "HTP": 10, "SIT": 4, "LED": 8}
    asked = {f"{family}-{number:02}" for family, count in numbers.items() for number in range(1, count + 1)}
    assert len(asked) == 185
    assert asked <= set(RULES)
