"""Tag rules, topics by algebra, limits and orders, through builds of whole projects."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest
from lxml.html import document_fromstring
from tests.control.written import NOTES, item, listed, write
from tests.project import NOON, SHOW, Project

HOUR = timedelta(hours=1)
ITEMS = (
    item("Python at scale", tags=["ml-systems", "storage"], minutes=4, url="https://eng.meta.example/1"),
    item("Faster search", tags=["search", "storage"], minutes=12, publisher="Acme"),
    item("Clocks", tags=["machine-learning", "distributed-systems", "search"], minutes=5),
    item("Queues", tags=["distributed-systems"]),
)


def topics(project: Project) -> dict[str, list[str]]:
    """Titles of each topic's items, as its feed has them."""
    folders = sorted((project.output / "topics").iterdir())
    return {folder.name: list(project.items(f"topics/{folder.name}")) for folder in folders}


def built(root: Path, config: str) -> dict[str, list[str]]:
    project = listed(root, *ITEMS, config=config)
    project.build()
    return topics(project)


def test_merged_tags_are_one_topic(tmp_path: Path) -> None:
    found = built(tmp_path, '[tags.merge]\nmachine-learning = ["ML Systems"]\n')
    assert found["machine-learning"] == ["Python at scale", "Clocks"]
    assert "ml-systems" not in found


def test_a_renamed_tag_is_a_topic_under_its_new_name_alone(tmp_path: Path) -> None:
    found = built(tmp_path, '[tags.merge]\nFinding = ["search"]\n')
    assert found["finding"] == ["Faster search", "Clocks"]
    assert "search" not in found


RULES = {
    'any = ["title:*python*", "title:Clocks"]': {"Python at scale", "Clocks"},
    r"any = ['text:/(?i)about (faster|queues)/']": {"Faster search", "Queues"},
    'any = ["publisher:acme"]': {"Faster search"},
    'any = ["host:*.meta.example"]': {"Python at scale"},
    'all = ["tag:search", "publisher:Meta"]': {"Clocks"},
    'any = ["tag:search"]\nnone = ["tag:*learning"]': {"Faster search"},
}


@pytest.fixture(scope="module")
def by_rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    rules = [
        f'[[tags.rule]]\n{conditions}\nadd = ["chosen {number}"]\n' for number, conditions in enumerate(RULES)
    ]
    return built(tmp_path_factory.mktemp("rules"), "".join(rules))


@pytest.mark.parametrize("conditions", RULES)
def test_a_rule_gives_a_tag_to_the_items_that_its_conditions_hold_of(
    by_rules: dict[str, list[str]], conditions: str
) -> None:
    assert set(by_rules[f"chosen-{list(RULES).index(conditions)}"]) == RULES[conditions]


def test_a_rule_that_removes_a_tag_takes_the_items_out_of_its_topic(tmp_path: Path) -> None:
    found = built(tmp_path, '[[tags.rule]]\nany = ["title:Clocks"]\nremove = ["Distributed Systems"]\n')
    assert found["distributed-systems"] == ["Queues"]


def test_a_change_of_rules_is_taken_over_and_makes_nothing_look_new(tmp_path: Path) -> None:
    project = listed(tmp_path, *ITEMS)
    project.build()
    before = [item["id"] for item in project.items("all").values()]
    config = project.config.read_text()
    project.write("config/feeds.toml", config + '[[tags.rule]]\nany = ["tag:search"]\nadd = ["x"]\n')
    report = project.build(NOON + HOUR)
    assert (report.new, report.changed) == (0, 2)
    assert topics(project)["x"] == ["Faster search", "Clocks"]
    project.write("config/feeds.toml", config)
    project.build(NOON + 2 * HOUR)
    assert "x" not in topics(project)
    assert [item["id"] for item in project.items("all").values()] == before


def test_episodes_get_topics_by_rules_and_share_them_with_articles(tmp_path: Path) -> None:
    rules = '[[tags.rule]]\nany = ["text:*Wind*", "text:*we fly*", "title:Queues"]\nadd = ["flying"]\n'
    mixed = '[topic.mixed]\nany = ["flying"]\n'
    heard = '[topic.heard]\nany = ["flying"]\nkind = "episodes"\n'
    read = '[topic.read]\nany = ["flying"]\nkind = "articles"\n'
    project = listed(tmp_path, *ITEMS, config=SHOW + rules + mixed + heard + read)
    project.write("config/notes.txt", NOTES)
    project.build()
    found = topics(project)
    assert set(found["flying"]) == set(found["mixed"]) == {"Queues", "The second one"}
    assert found["heard"] == ["The second one"]
    assert found["read"] == ["Queues"]
    feed = ET.parse(project.output / "topics/heard/rss.xml")
    assert feed.find("channel/item/enclosure") is not None


ALGEBRA = {
    'all = ["search", "storage"]': ["Faster search"],
    'any = ["ML Systems", "machine-learning"]': ["Python at scale", "Clocks"],
    'any = ["storage", "search"]\nnone = ["distributed-systems"]': ["Python at scale", "Faster search"],
    'none = ["storage"]': ["Clocks", "Queues"],
    'publisher = "Acme"': ["Faster search"],
    "max_minutes = 5": ["Python at scale", "Clocks"],
    'max_minutes = 5\nnone = ["search"]': ["Python at scale"],
    'any = ["storage", "search"]\nlimit = 2': ["Python at scale", "Faster search"],
}


@pytest.fixture(scope="module")
def by_algebra(tmp_path_factory: pytest.TempPathFactory) -> Project:
    tables = [
        f'[topic.mine-{number}]\ntitle = "Mine {number}"\n{algebra}\n'
        for number, algebra in enumerate(ALGEBRA)
    ]
    project = listed(tmp_path_factory.mktemp("algebra"), *ITEMS, config="".join(tables))
    project.build()
    return project


@pytest.mark.parametrize("algebra", ALGEBRA)
def test_a_topic_has_the_items_that_its_algebra_chooses(by_algebra: Project, algebra: str) -> None:
    number = list(ALGEBRA).index(algebra)
    assert topics(by_algebra)[f"mine-{number}"] == ALGEBRA[algebra]
    feed = ET.parse(by_algebra.output / f"topics/mine-{number}/rss.xml")
    assert feed.findtext("channel/title") == f"Mine {number} – Reading"
    assert f"topics/mine-{number}/" in (by_algebra.output / "feeds.opml").read_text()


def test_a_topic_of_its_own_tag_is_limited_too(tmp_path: Path) -> None:
    assert built(tmp_path, "[topic.storage]\nlimit = 1\n")["storage"] == ["Python at scale"]


def test_a_topic_with_fewer_items_than_it_must_have_gets_no_feeds(tmp_path: Path) -> None:
    found = built(tmp_path, "[topic.storage]\nat_least = 3\n[topic.search]\nat_least = 2\n")
    assert "storage" not in found
    assert found["search"] == ["Faster search", "Clocks"]


def shown_tags(project: Project, page: str) -> dict[str, str | None]:
    """The tags on a page, and where each leads."""
    found = document_fromstring((project.output / page).read_bytes()).cssselect(".tags li > *")
    return {tag.text_content(): tag.get("href") for tag in found}


def test_a_tag_leads_to_its_topic_only_while_that_has_a_page(tmp_path: Path) -> None:
    config = '[topic.storage]\nat_least = 3\n[topic.machine-learning]\nkind = "episodes"\n'
    project = listed(tmp_path, *ITEMS, config=config)
    project.build()
    tags = shown_tags(project, "all/index.html")
    assert (tags["Storage"], tags["Machine Learning"]) == (None, None)
    assert tags["Search"] == "../topics/search/"
    write(project, "a.json", [*ITEMS, item("Shards", tags=["storage"])])
    project.build(NOON + HOUR)
    assert shown_tags(project, "articles/clocks/index.html")["Machine Learning"] is None
    for page in ("all/index.html", "publishers/acme/index.html"):
        assert shown_tags(project, page)["Storage"] == "../" * page.count("/") + "topics/storage/"


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("date", ["Newest", "Middle", "Oldest"]),
        ("source", ["Middle", "Newest", "Oldest"]),
    ],
)
def test_a_topic_is_sorted_by_date_or_as_its_source(tmp_path: Path, sort: str, order: list[str]) -> None:
    project = listed(
        tmp_path,
        item("Middle", tags="x", date="2025-05-02"),
        item("Newest", tags="x", date="2025-05-03"),
        item("Oldest", tags="x", date="2025-05-01"),
        config=f'[topic.x]\nsort = "{sort}"\n',
    )
    project.build()
    assert list(project.items("topics/x")) == order


def test_a_topic_sorted_as_its_source_follows_that(tmp_path: Path) -> None:
    project = listed(
        tmp_path, item("A", tags="x"), item("B", tags="x"), config='[topic.x]\nsort = "source"\n'
    )
    project.build()
    write(project, "a.json", [item("B", tags="x"), item("A", tags="x")])
    project.build(NOON + HOUR)
    assert list(project.items("topics/x")) == ["B", "A"]


def test_a_topic_of_episodes_is_sorted_by_number(tmp_path: Path) -> None:
    config = SHOW + '[[tags.rule]]\nany = ["title:The*"]\nadd = ["x"]\n[topic.x]\nsort = "number"\n'
    project = listed(tmp_path, item("Queues"), config=config)
    project.write("config/notes.txt", "\n".join(reversed(NOTES.splitlines()[0:3:2])) + "\n")
    project.write("config/overrides.toml", "[[override]]\nmatch = { number = 1 }\ndate = 2026-01-01\n")
    project.build()
    assert list(project.items("topics/x")) == ["The second one", "The first one"]
