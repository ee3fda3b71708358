"""Pages that lead to where others have moved."""

import pytest
from lxml import html
from tests.project import CONFIG, NOON, Project, card

from feeds.errors import ConfigError


def moved(project: Project, redirects: str) -> Project:
    project.write(
        "config/feeds.toml", CONFIG.replace("[[source]]", f"redirects = {redirects}\n\n[[source]]", 1)
    )
    return project


def test_a_page_leads_to_the_address_by_link_by_refresh_and_for_search_engines(project: Project) -> None:
    address = "https://example.com/new?a=1&b=2"
    moved(project, f'{{ "old/page.html" = "{address}" }}').build(NOON)
    page = html.fromstring(project.tree()["old/page.html"])
    assert page.xpath("//a/@href") == page.xpath("//link[@rel='canonical']/@href") == [address]
    assert page.xpath("//meta[@http-equiv='refresh']/@content") == [f"0; url={address}"]


def test_a_path_that_is_no_page_becomes_a_folder_with_one(project: Project) -> None:
    moved(project, '{ "old" = "https://example.com/", "older/" = "https://example.com/" }').build(NOON)
    assert {"old/index.html", "older/index.html"} <= project.tree().keys()


def test_what_is_still_published_stays_as_it_is_and_is_reported(project: Project) -> None:
    project.build(NOON)
    before = project.tree()["topics/storage/index.html"]
    report = moved(project, '{ "topics/storage/" = "https://example.com/" }').build(NOON)
    assert project.tree()["topics/storage/index.html"] == before
    (finding,) = report.findings
    assert (finding.rule, finding.place.path) == ("redirect-in-use", "site.redirects")


def test_a_redirect_that_is_taken_out_of_the_configuration_goes(project: Project) -> None:
    moved(project, '{ "old" = "https://example.com/" }').build(NOON)
    moved(project, "{}").build(NOON)
    assert not (project.output / "old").exists()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../x", "expected a path below"),
        ("/x", "expected a path below"),
        ("a/../../x", "expected a path below"),
        (".feeds.lock", "expected a path below"),
        ("a//b", "expected a path below"),
        ("", "expected a path below"),
        ("old/rss.xml", "readers of feeds do not follow"),
    ],
)
def test_a_path_that_no_page_can_have_is_refused(project: Project, path: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        moved(project, f'{{ "{path}" = "https://example.com/" }}').build(NOON)


def test_an_address_that_is_none_is_refused(project: Project) -> None:
    with pytest.raises(ConfigError, match="absolute address"):
        moved(project, '{ "old" = "javascript:alert(1)" }').build(NOON)


def test_a_project_whose_topic_is_gone_may_lead_from_there(project: Project) -> None:
    project.write("config/articles.txt", card("First", tags="search"))
    moved(project, '{ "topics/storage/" = "https://example.org/topics/search/" }').build(NOON)
    assert b"topics/search/" in project.tree()["topics/storage/index.html"]
