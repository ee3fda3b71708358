"""`config/overrides.toml`, through builds of whole projects."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.control.written import NOTES, item, listed, write
from tests.project import NOON, SHOW, Project

from feeds.errors import ConfigError
from feeds.model import Report

HOUR = timedelta(hours=1)
ITEMS = (
    item("First", url="https://meta.example/first", tags="storage"),
    item("Second", url="https://meta.example/second", tags="search", date="2025-05-01T10:00:00Z"),
    item("Third", id="tag:meta.example,2025:3", tags="storage"),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return listed(tmp_path, *ITEMS)


@pytest.fixture
def podcast(tmp_path: Path) -> Project:
    project = listed(tmp_path, *ITEMS, config=SHOW)
    project.write("config/notes.txt", NOTES)
    return project


def override(project: Project, match: str, *values: str) -> None:
    project.write("config/overrides.toml", "\n".join(["[[override]]", f"match = {{ {match} }}", *values]))


def complaints(report: Report) -> list[str]:
    return [finding.message for finding in report.findings if finding.rule == "override"]


def one(project: Project, title: str, path: str = "all") -> dict[str, Any]:
    return project.items(path)[title]


@pytest.mark.parametrize(
    "match",
    [
        'title = "first"',
        'link = "http://www.meta.example/first/?utm_source=x"',
        'title = "First", link = "https://meta.example/first"',
    ],
)
def test_an_item_is_named_by_title_or_by_any_spelling_of_its_link(project: Project, match: str) -> None:
    override(project, match, 'summary = "Mended."')
    report = project.build()
    assert "Mended." in one(project, "First")["summary"]
    assert "Mended." not in str(one(project, "Second"))
    assert complaints(report) == []


def test_an_item_is_named_by_the_id_that_its_source_gives(project: Project) -> None:
    override(project, 'id = "tag:meta.example,2025:3"', 'title = "Third, mended"')
    report = project.build()
    assert one(project, "Third, mended")["id"] == "tag:meta.example,2025:3"
    assert complaints(report) == []


def test_an_item_is_named_by_the_id_that_its_feeds_give(project: Project) -> None:
    project.build()
    before = one(project, "First")
    override(project, f'id = "{before["id"]}"', 'title = "First, mended"')
    report = project.build(NOON + HOUR)
    assert one(project, "First, mended")["id"] == before["id"]
    assert complaints(report) == []
    # The same holds where everything begins anew, since ids are made from the items.
    project.ledger.unlink()
    assert complaints(project.build(NOON + HOUR)) == []
    assert one(project, "First, mended")["id"] == before["id"]


def test_an_episode_is_named_by_its_number(podcast: Project) -> None:
    override(podcast, "number = 2", 'title = "Wind"', 'audio = "https://cdn.example/2.mp3"')
    report = podcast.build()
    assert complaints(report) == []
    assert set(podcast.items("shows/kites")) >= {"The first one"}
    assert any("Wind" in title for title in podcast.items("all"))


VALUES: tuple[tuple[str, str, object], ...] = (
    ('title = "Renamed"', "title", "Renamed"),
    ('link = "https://other.example/1"', "url", "https://other.example/1"),
    ("date = 2024-02-03", "date_published", "2024-02-03T12:00:00Z"),
    ("date = 2024-02-03T04:05:06+01:00", "date_published", "2024-02-03T03:05:06Z"),
    ('tags = ["Other"]', "tags", ["Other"]),
    ('image = "https://other.example/1.png"', "image", "https://other.example/1.png"),
    ('summary = "In other words."', "summary", "In other words."),
    ('language = "de"', "language", "de"),
    ('publisher = "Another"', "authors", [{"name": "Another"}]),
    ('authors = ["Ann", "Bob"]', "authors", [{"name": "Ann"}, {"name": "Bob"}]),
    ("minutes = 9", "_feeds", {"reading_minutes": 9}),
)


def test_a_field_says_what_the_override_says_and_taking_that_away_restores_the_word_of_the_source(
    tmp_path: Path,
) -> None:
    """One item for each value."""
    links = [f"https://meta.example/{number}" for number in range(len(VALUES))]
    project = listed(tmp_path, *(item(f"Title {link}", url=link, tags="a") for link in links))

    def by_id() -> dict[str, dict[str, Any]]:
        return {item["id"]: item for item in project.items("all").values()}

    project.build()
    before = by_id()
    overrides = [
        f'[[override]]\nmatch = {{ link = "{link}" }}\n{value}\n'
        for link, (value, *_) in zip(links, VALUES, strict=True)
    ]
    project.write("config/overrides.toml", "".join(overrides))
    report = project.build(NOON + HOUR)
    assert (report.new, report.changed) == (0, len(VALUES))
    ids = {item["url"]: id_ for id_, item in before.items()}
    after = by_id()
    assert after.keys() == before.keys()
    for link, (_, field, expected) in zip(links, VALUES, strict=True):
        assert after[ids[link]][field] == expected
    (project.root / "config/overrides.toml").unlink()
    report = project.build(NOON + 2 * HOUR)
    assert (report.new, report.changed) == (0, len(VALUES))
    restored = by_id()
    for id_, item_ in before.items():
        item_["date_modified"] = restored[id_]["date_modified"]
    assert restored == before


def test_a_date_the_source_gives_comes_back_when_its_override_is_taken_away(project: Project) -> None:
    override(project, 'title = "Second"', "date = 2024-02-03")
    project.build()
    assert one(project, "Second")["date_published"] == "2024-02-03T12:00:00Z"
    project.write("config/overrides.toml", "")
    project.build(NOON + HOUR)
    assert one(project, "Second")["date_published"] == "2025-05-01T10:00:00Z"


def test_no_override_makes_an_old_item_look_new(project: Project) -> None:
    project.build()
    before = [item["id"] for item in project.items("all").values()]
    override(
        project,
        'title = "First"',
        'title = "Quite another"',
        'link = "https://other.example/"',
        'id = "other"',
        'tags = ["other"]',
    )
    report = project.build(NOON + HOUR)
    assert [item["id"] for item in project.items("all").values()] == before
    assert (report.new, report.changed) == (0, 1)
    # Nor does what the source says of it afterwards.
    write(project, "a.json", [item("First", url="https://meta.example/first", summary="New words.")])
    assert project.build(NOON + 2 * HOUR).new == 0
    assert [item["id"] for item in project.items("all").values()] == before


def test_an_id_in_an_override_is_that_of_an_item_which_is_not_published_yet(project: Project) -> None:
    override(project, 'title = "First"', 'id = "tag:old.example,2001:1"')
    project.build()
    assert one(project, "First")["id"] == "tag:old.example,2001:1"


def test_a_hidden_item_is_in_no_feed_and_comes_back_as_it_was(project: Project) -> None:
    project.build()
    before = project.tree()
    override(project, 'title = "First"', "hidden = true")
    project.build(NOON + HOUR)
    assert set(project.items("all")) == {"Second", "Third"}
    assert set(project.items("topics/storage")) == {"Third"}
    assert b"About first." not in b"".join(project.tree().values())
    project.write("config/overrides.toml", "")
    project.build(NOON + 2 * HOUR)
    after = project.items("all")["First"]
    assert after["id"] in before["all/feed.json"].decode()


def test_tags_of_an_override_decide_on_topics(project: Project) -> None:
    project.build()
    override(project, 'title = "First"', 'tags = ["Search", "Kites"]')
    project.build(NOON + HOUR)
    assert set(project.items("topics/search")) == {"First", "Second"}
    assert set(project.items("topics/kites")) == {"First"}
    assert set(project.items("topics/storage")) == {"Third"}


def test_chapters_and_guests_of_an_episode_are_as_the_override_says(podcast: Project) -> None:
    override(
        podcast,
        'number = 1, show = "kites"',
        'guests = ["Bo", { name = "Cy", url = "https://cy.example/" }]',
        'chapters = [{ start = "0", title = "Hello" }, { start = "0:01.5", title = "Wood and paper" }]',
        "season = 3",
        'kind = "bonus"',
        "explicit = true",
        'image = "https://cdn.example/1.png"',
    )
    assert complaints(podcast.build()) == []
    feed = (podcast.output / "shows/kites/podcast.xml").read_text()
    (episode,) = [part for part in feed.split("<item>") if "The first one" in part]
    for said in (
        ">Bo</podcast:person>",
        'href="https://cy.example/"',
        'title="Hello"',
        'start="00:00:01.500" title="Wood and paper"',
        "<itunes:season>3<",
        "<itunes:episodeType>bonus<",
        "<itunes:explicit>true<",
        "https://cdn.example/1.png",
    ):
        assert said in episode
    assert "Wood</" not in episode


def test_an_override_acts_on_an_item_that_its_source_lists_no_longer(project: Project) -> None:
    project.build()
    before = one(project, "First")
    write(project, "a.json", ITEMS[1:])
    project.build(NOON + HOUR)
    override(project, 'title = "First"', 'title = "Mended"', "date = 2020-01-01")
    report = project.build(NOON + 2 * HOUR)
    assert complaints(report) == []
    assert one(project, "Mended")["id"] == before["id"]
    assert one(project, "Mended")["date_published"] == "2020-01-01T12:00:00Z"
    project.write("config/overrides.toml", "")
    project.build(NOON + 3 * HOUR)
    assert one(project, "First")["date_published"] == before["date_published"]


def test_an_override_acts_on_an_item_whose_source_cannot_be_read(project: Project) -> None:
    project.build()
    (project.root / "config/a.json").write_text("")
    override(project, 'title = "First"', 'title = "Mended"')
    project.build(NOON + HOUR)
    assert "Mended" in project.items("all")


def test_an_override_that_means_no_item_or_two_is_a_problem_of_the_build(project: Project) -> None:
    override(project, 'title = "Frist"', "hidden = true")
    assert complaints(project.build()) == ["title 'Frist' matches no item; the nearest are 'First'"]
    result = project.run("--now", "2026-01-02T13:00:00Z")
    assert result.exit_code == 1
    assert "overrides.toml override[0]: warning: title 'Frist' matches no item" in result.stderr


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ('titel = "x"', "titel"),
        ('kind = "extra"', "kind"),
        ("number = 0", "number"),
        ('chapters = [{ start = "soon", title = "x" }]', "start"),
    ],
)
def test_a_mistake_in_the_overrides_is_reported_with_its_place(
    project: Project, value: str, key: str
) -> None:
    override(project, 'title = "First"', value)
    with pytest.raises(ConfigError) as error:
        project.build()
    (finding,) = error.value.findings
    assert finding.place.source.endswith("overrides.toml")
    assert key in str(finding.place.path)
