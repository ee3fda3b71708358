import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.parsers import outline
from tests.project import DOCUMENTS, ORIGINALS

from feeds.errors import SourceError
from feeds.model import Article, Finding, Parsed, Source
from feeds.parsers import parse
from feeds.text import decode

LISTINGS = [
    path
    for path in (DOCUMENTS / "articles.txt", ORIGINALS / "000_25abc0b64b60b89d.txt")
    if path.parent == DOCUMENTS or path.exists()
]


def read(data: bytes | str) -> Parsed:
    """Read text as a listing."""
    body = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return parse(Source(name="articles.txt", format="listing", data=body))


@pytest.fixture(params=LISTINGS, ids=lambda path: path.stem)
def document(request: pytest.FixtureRequest) -> Parsed:
    path: Path = request.param
    return read(path.read_bytes())


@pytest.mark.parametrize("case", outline.cases("listing"), ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    outline.check(case, "listing", parse)


def test_the_document_has_22_articles_and_no_problem(document: Parsed) -> None:
    assert len(document.items) == 22
    assert document.findings == ()


def test_the_document_has_11_tags_with_their_counts(document: Parsed) -> None:
    assert Counter(tag for item in document.items for tag in item.tags) == {
        "distributed-systems": 12,
        "ml-systems": 11,
        "storage-systems": 5,
        "security": 5,
        "real-time-systems": 3,
        "observability": 3,
        "search": 1,
        "microservices": 1,
        "messaging-queues": 1,
        "general": 1,
        "caching": 1,
    }


def test_every_card_of_the_document_is_whole(document: Parsed) -> None:
    for item in document.items:
        assert isinstance(item, Article)
        assert item.publisher == "Meta"
        assert item.minutes == 5
        assert item.title
        assert item.summary
        assert item.tags


def test_both_documents_name_the_same_articles() -> None:
    facts = {tuple((item.title, item.tags) for item in read(path.read_bytes()).items) for path in LISTINGS}
    assert len(facts) == 1


ODD = "a5 min.-é“\x00\x85\ud83d\ufeff"
LINES = tuple(line for line in LISTINGS[0].read_text("utf-8").split("\n")[:80])


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The beginning of the document after some lines were lost, doubled, moved or replaced."""
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 8))):
        index = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "replace"])):
            case "drop":
                del lines[index]
            case "double":
                lines.insert(index, lines[index])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(index))
            case _:
                lines[index] = draw(st.text(ODD, max_size=9))
    text = "\n".join(lines)
    return text[: draw(st.integers(len(text) // 2, len(text)))]


@given(damaged())
def test_every_line_is_used_or_reported_with_its_number(text: str) -> None:
    source = Source(name="articles.txt", format="listing", data=text.encode("utf-8", "surrogatepass"))
    try:
        parsed = parse(source)
    except SourceError:
        return  # nothing was used, and that is said
    reported = {number for finding in parsed.findings for number in quarantined(finding)}
    used = {text for item in parsed.items if isinstance(item, Article) for text in texts(item)}
    for number, line in enumerate(decode(source)[0].split("\n"), 1):
        if line.strip() and number not in reported:
            assert line.strip() in used or used.issuperset(line.split()), f"line {number} is lost: {line!r}"


def quarantined(finding: Finding) -> range:
    """The lines that a finding says were left out."""
    first = finding.place.line or 0
    last = re.search(r"lines \d+–(\d+)", finding.message)
    return range(first, (int(last[1]) if last else first) + 1 if finding.rule == "quarantined" else first)


def texts(article: Article) -> set[str | None]:
    """What the lines of a card said."""
    return {article.title, article.summary, article.publisher, f"{article.minutes} min", *article.tags}


@given(st.binary(max_size=400))
def test_any_bytes_are_read_reported_or_refused(data: bytes) -> None:
    try:
        parsed = read(data)
    except SourceError:
        return
    assert parsed.items or parsed.findings
