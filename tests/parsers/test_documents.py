"""Every case of every format, read by its parser; and each told from all others."""

import tomllib
from pathlib import Path

import pytest
from tests.parsers import documents

from feeds.parsers.detect import detect

CASES = [case for format_ in documents.PARSERS for case in documents.cases(format_)]
READABLE = [case for case in CASES if "refused" not in tomllib.loads(case.read_text("utf-8"))]


def name(case: Path) -> str:
    return f"{case.parent.parent.name}/{case.stem}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_case(case: Path) -> None:
    documents.check(case)


@pytest.mark.parametrize("case", READABLE, ids=name)
def test_the_format_of_a_case_is_found_out(case: Path) -> None:
    document = documents.source(case)
    assert detect(document)[0] == document.format
