import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.parsers import outline
from tests.project import DOCUMENTS, ORIGINALS

from feeds.errors import SourceError
from feeds.model import Article, Finding, Parsed, Source
from feeds.parsers import Settings, parse
from feeds.parsers._layout import tags
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
            assert line.strip() in used or used.issuperset(tags(line)), f"line {number} is lost: {line!r}"


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


SLUGS = st.from_regex(r"[a-z]{3,8}(-[a-z]{3,8})?", fullmatch=True)
WORD = st.from_regex(r"[a-z]{2,9}", fullmatch=True)
ADDRESSES = st.integers(1, 9999).map("https://example.org/{}".format)
DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))
DATE_FORMS = ("%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "Published on %d.%m.%Y")


@st.composite
def articles(draw: st.DrawFn) -> list[Article]:
    """Articles of fewer publishers than articles, whose sentences end like one."""
    names = ("Acme", "Big Wheel", "Cogs & Sons")
    return [
        Article(
            publisher=names[index % draw(st.integers(1, 3))],
            title=" ".join(draw(st.lists(WORD, min_size=1, max_size=6))).capitalize() + f" No {index}",
            summary=f"It says {' '.join(draw(st.lists(WORD, min_size=4, max_size=12)))}.",
            tags=tuple(dict.fromkeys(draw(st.lists(SLUGS, min_size=1, max_size=4)))),
            minutes=draw(st.integers(1, 99)),
            published=datetime.combine(draw(DAYS), time(12), UTC),
            link=draw(ADDRESSES),
        )
        for index in range(draw(st.integers(4, 8)))
    ]


NAMES = {"date": "published"}


def line(article: Article, field: str, form: str) -> str:
    """Write a field of an article on a line."""
    match field:
        case "tags":
            return " ".join(article.tags)
        case "minutes":
            return f"{article.minutes} min read"
        case "date":
            assert article.published
            return article.published.strftime(form)
    return str(getattr(article, field))


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, ...]:
    """A title, a line that cannot be mistaken for one, and any others, in any order."""
    anchors = draw(st.sets(st.sampled_from(["minutes", "date", "link", "tags"]), min_size=1))
    others = draw(st.sets(st.sampled_from(["publisher", "summary"])))
    return tuple(draw(st.permutations(["title", *sorted(anchors), *sorted(others)])))


@given(articles(), orders(), st.sampled_from(DATE_FORMS), st.sampled_from(["\n", "\n\n"]), st.booleans())
def test_a_listing_in_any_order_reads_back_the_same(
    expected: list[Article], order: tuple[str, ...], form: str, between: str, told: bool
) -> None:
    cards = ["\n".join(line(article, field, form) for field in order) for article in expected]
    source = Source(name="articles.txt", format="auto", data=between.join(cards).encode())
    parsed = parse(source, Settings(order=order if told else ()))
    (finding,) = parsed.findings
    assert finding.message.startswith("read as listing: ")
    assert [replace(item, place=None) for item in parsed.items] == [
        Article(**{NAMES.get(field, field): getattr(article, NAMES.get(field, field)) for field in order})
        for article in expected
    ]


@pytest.mark.parametrize("order", [("title", "date"), ("tags", "title", "link")])
def test_an_order_that_no_card_has_is_refused(order: tuple[str, ...]) -> None:
    source = Source(name="articles.txt", format="listing", data=LISTINGS[0].read_bytes())
    with pytest.raises(SourceError, match="no card has the lines that `order` names: "):
        parse(source, Settings(order=order))
