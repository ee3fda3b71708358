"""Every rule is shown by files: one that keeps it and one that breaks it.

`cases/<RULE>/pass-….xml` has no finding of that rule, `cases/<RULE>/fail-….xml` has one. A case that
needs more than one document, or something around it, is a folder whose `case.json` says what;
`loading.py` reads it.
"""

from pathlib import Path

import pytest

from feeds.verify.checking import check
from feeds.verify.rules import RULES

from .loading import CASES, load

PATHS = [path for folder in sorted(CASES.iterdir()) for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_breaks_the_rule_it_is_filed_under_exactly_if_its_name_says_so(path: Path) -> None:
    subjects, context = load(path)
    found = [finding for finding in check(subjects, context) if finding.rule == path.parent.name]
    if path.name.startswith("pass"):
        assert found == []
    else:
        assert found, f"no finding of {path.parent.name}"
        assert all(finding.place.line is not None for finding in found if finding.place.path)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_a_case_that_keeps_it_and_one_that_breaks_it(rule: str) -> None:
    names = [path.name for path in PATHS if path.parent.name == rule]
    assert any(name.startswith("pass") for name in names)
    assert any(name.startswith("fail") for name in names)
