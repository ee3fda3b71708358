import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.parsers import outline
from tests.project import DOCUMENTS, ORIGINALS

from feeds.errors import SourceError
from feeds.model import Episode, Parsed, Source
from feeds.parsers import parse

PAGES = [
    path
    for path in (DOCUMENTS / "meta-tech-podcast.txt", ORIGINALS / "003_7ad462325d7dc7e1.txt")
    if path.parent == DOCUMENTS or path.exists()
]


def read(data: bytes) -> Parsed:
    """Read bytes as show notes."""
    return parse(Source(name="notes.txt", format="shownotes", data=data, show="a-show"))


def episodes(parsed: Parsed) -> list[Episode]:
    return [item for item in parsed.items if isinstance(item, Episode)]


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def page(request: pytest.FixtureRequest) -> Parsed:
    path: Path = request.param
    return read(path.read_bytes())


@pytest.mark.parametrize("case", outline.cases("shownotes"), ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    outline.check(case, "shownotes", parse)


def test_the_page_has_a_description_and_three_related_shows(page: Parsed) -> None:
    assert page.description
    assert "Pascal Hartig (@passy)" in page.description
    assert [related.title for related in page.related] == [
        "Flutter 101 Podcast",
        "The Top Shelf",
        "The Infinite Monkey Cage",
    ]
    assert all(related.description for related in page.related)


def test_the_page_has_14_episodes_in_15_blocks(page: Parsed) -> None:
    assert [episode.number for episode in episodes(page)] == [*range(68, 57, -1), None, 57, 56]
    repeated = [finding for finding in page.findings if finding.rule == "repeated"]
    assert [finding.message.split(" is repeated")[0] for finding in repeated] == [
        "'The key to a happy Rust/C++ relationship'"
    ]


def test_the_page_has_216_chapters_and_55_named_links(page: Parsed) -> None:
    assert sum(len(episode.chapters) for episode in episodes(page)) == 216
    assert sum(len(episode.links) for episode in episodes(page)) == 55


def test_nothing_on_the_page_is_a_problem(page: Parsed) -> None:
    assert [str(finding) for finding in page.findings if finding.level != "info"] == []


def test_numbers_are_taken_out_of_titles(page: Parsed) -> None:
    titles = {episode.number: episode.title for episode in episodes(page)}
    assert titles[68] == "How to Build a Mixed Reality Headset"
    assert titles[59] == "Meta ❤️ Python 3.12"
    assert titles[None] == "ARCHIVE: From Facebook Home to Instagram Stories"


def test_labels_keep_the_digits_that_stand_just_before_their_time(page: Parsed) -> None:
    marks = {chapter.title: chapter.start for episode in episodes(page) for chapter in episode.chapters}
    assert marks["Meta Open Source 101"] == 70.0


def test_chapters_go_beyond_an_hour(page: Parsed) -> None:
    assert {chapter.start for episode in episodes(page) for chapter in episode.chapters} >= {3815.0}


def test_first_marks_are_as_the_notes_give_them(page: Parsed) -> None:
    assert {episode.chapters[0].start for episode in episodes(page) if episode.chapters} == {0.0, 5.0, 6.0}


def test_chapters_ascend_and_are_named(page: Parsed) -> None:
    for episode in episodes(page):
        starts = [chapter.start for chapter in episode.chapters]
        assert starts == sorted(set(starts))
        assert all(chapter.title.strip() for chapter in episode.chapters)


def test_link_names_keep_their_colons_and_lose_their_quotes(page: Parsed) -> None:
    names = {link.title: link.url for episode in episodes(page) for link in episode.links}
    assert "Threads: The inside story of Meta’s newest social app" in names
    assert "How Meta built the infrastructure for Threads" in names
    assert names["Cinder on GitHub"] == "https://github.com/facebookincubator/cinder"
    assert names["5 Things You Didn’t Know About Buck2"].endswith("didnt-know-about-buck2/")


def test_prose_ends_where_links_and_timestamps_begin(page: Parsed) -> None:
    for episode in episodes(page):
        assert "(https://threads.net/@metatechpod)" in episode.summary
        assert not re.search(r"\b(Timestamps|\d:\d\d)\b|Links [A-Z“]", episode.summary)


def test_both_documents_state_the_same_facts() -> None:
    facts = {
        tuple(
            (episode.number, episode.title, episode.chapters, episode.links)
            for episode in episodes(read(path.read_bytes()))
        )
        for path in PAGES
    }
    assert len(facts) == 1


LINES = tuple(
    (outline.CASES / "shownotes" / "identical-blocks.txt").read_text("utf-8").splitlines()
    + (outline.CASES / "shownotes" / "notes-over-several-lines.txt").read_text("utf-8").splitlines()
)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=20))
def test_every_word_is_used_or_its_line_reported(lines: list[str]) -> None:
    try:
        parsed = read("\n".join(lines).encode())
    except SourceError:
        return  # nothing was used, and that is said
    said = [parsed.description or ""]
    for related in parsed.related:
        said += [related.title, related.description]
    for episode in episodes(parsed):
        said += [f"{episode.number}:", episode.title, episode.summary]
        said += [f"{link.title}: {link.url}" for link in episode.links]
        said += [chapter.title for chapter in episode.chapters]
    words = {word for text in said for word in text.split()} | {"Links", "Timestamps", "Similar", "Podcasts"}
    reported = {finding.place.line for finding in parsed.findings if finding.level == "warning"}
    for number, line in enumerate(lines, 1):
        rest = [word for word in line.split() if word not in words and not re.fullmatch(r"[\d:]+", word)]
        assert not rest or number in reported, f"line {number} lost {rest}"
