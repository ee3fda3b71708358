"""A lost ledger costs no id and no date: it comes back from what is published."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from tests.project import CONFIG, NOON, NOTES, SHOW, Project, card

from feeds.cli import main
from feeds.config import load
from feeds.forecast import forecast
from feeds.model import Report

from .hub import a_hub

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def feeds(project: Project) -> dict[str, bytes]:
    """All feeds, by their paths."""
    return {path: body for path, body in project.tree().items() if path.endswith((".xml", "feed.json"))}


def lose(project: Project) -> None:
    shutil.rmtree(project.state)


def problems(report: Report) -> list[str]:
    """The rules of all findings that a person would be told."""
    return [finding.rule for finding in report.findings if finding.level != "info"]


def dates(project: Project, path: str = "all") -> dict[str, tuple[str, str]]:
    """Id and date of each item, by its title."""
    return {title: (item["id"], item["date_published"]) for title, item in project.items(path).items()}


@pytest.fixture
def mixed(tmp_path: Path) -> Project:
    """Articles that were seen at two times, two that are in no source any longer, and a show."""
    listing = card("First", tags="storage search") + card("Second") + card("Third", publisher="Netflix")
    project = Project.with_listing(tmp_path, listing, CONFIG + SHOW)
    project.write("config/notes.txt", NOTES)
    project.build(NOON)
    listing = card("Newest") + listing.replace("Third", "Thirdly").replace("About something", "Other", 1)
    project.write("config/articles.txt", listing)
    project.build(NOON + HOUR)
    project.write("config/articles.txt", listing.replace("Thirdly", "Third and last"))
    project.build(NOON + 2 * HOUR)
    return project


def test_a_build_after_the_loss_publishes_the_same_bytes_and_says_so(mixed: Project) -> None:
    before = mixed.tree()
    lose(mixed)
    report = mixed.build(NOON + DAY)
    assert {path: body for path, body in mixed.tree().items() if before[path] != body} == {}
    assert mixed.tree().keys() == before.keys()
    assert (report.new, report.changed) == (0, 0)
    assert problems(report) == ["ledger-recovered"]
    assert "8 items got back the ids and dates" in report.findings[0].message
    assert problems(mixed.build(NOON + 2 * DAY)) == []


def test_the_repository_s_own_documents_come_back_as_they_were(tmp_path: Path) -> None:
    project = Project.of_repository(tmp_path)
    project.build(NOON)
    before = feeds(project)
    lose(project)
    report = project.build(NOON + DAY)
    assert feeds(project) == before
    assert (report.new, report.changed) == (0, 0)


def test_what_the_source_lists_no_longer_stays_with_its_id_and_date(mixed: Project) -> None:
    mixed.write("config/articles.txt", card("Newest"))
    mixed.build(NOON + 3 * HOUR)
    before, bytes_before = dates(mixed), feeds(mixed)
    lose(mixed)
    mixed.build(NOON + DAY)
    assert dates(mixed) == before
    assert feeds(mixed) == bytes_before


def test_what_comes_back_to_its_source_after_the_loss_is_the_same_item(mixed: Project) -> None:
    listing = (mixed.root / "config/articles.txt").read_bytes()
    before = dates(mixed)
    mixed.write("config/articles.txt", card("Newest"))
    mixed.build(NOON + 3 * HOUR)
    lose(mixed)
    mixed.build(NOON + DAY)
    mixed.write("config/articles.txt", listing)
    assert mixed.build(NOON + 2 * DAY).new == 0
    assert dates(mixed) == before


def test_an_item_that_is_new_when_the_ledger_is_lost_is_announced(mixed: Project) -> None:
    before = dates(mixed)
    listing = (mixed.root / "config/articles.txt").read_text("utf-8")
    mixed.write("config/articles.txt", card("Just in") + listing)
    lose(mixed)
    mixed.build(NOON + DAY)
    after = dates(mixed)
    assert after.pop("Just in")[1] == "2026-01-03T12:00:00Z"
    assert after == before


def test_what_feeds_have_no_room_for_is_not_announced_again(tmp_path: Path) -> None:
    config = CONFIG.replace("[[source]]", "limit = 3\narchives = false\n\n[[source]]", 1)
    listing = "".join(card(f"Title {letter}") for letter in "ABCDEFGH")
    project = Project.with_listing(tmp_path, listing, config)
    project.build(NOON)
    before = feeds(project)
    lose(project)
    project.write("config/articles.txt", card("New") + listing)
    project.build(NOON + DAY)
    assert list(project.items("all")) == ["New", "Title A", "Title B"]
    project.write("config/feeds.toml", CONFIG)
    project.build(NOON + 2 * DAY)
    at = [item["date_published"][11:16] for item in project.items("all").values()]
    assert at == ["12:00", "12:00", "11:59", "11:58", "11:57", "11:56", "11:55", "11:54", "11:53"]
    assert before.keys() == feeds(project).keys()


@pytest.fixture
def archived(tmp_path: Path) -> Project:
    """Ten articles, of which feeds hold three; one came late, with an old date, and one was edited."""
    config = CONFIG.replace("[[source]]", "limit = 3\n\n[[source]]", 1)
    late = '\n[[source]]\npath = "late.json"\nformat = "table"\n'
    listing = "".join(card(f"Title {letter}") for letter in "BCDEFGHI")
    project = Project.with_listing(tmp_path, listing, config)
    project.build(NOON)
    project.write("config/feeds.toml", config + late)
    project.write("config/late.json", '[{"title": "Late", "date": "2020-01-01", "tags": ["storage"]}]')
    project.build(NOON + HOUR)
    listing = card("Title A") + listing.replace("Title I\n\nAbout something.", "Title I\n\nAnother.")
    project.write("config/articles.txt", listing)
    project.build(NOON + 2 * HOUR)
    return project


def test_what_only_archives_hold_comes_back_as_it_was_and_on_its_page(archived: Project) -> None:
    before = archived.tree()
    lose(archived)
    report = archived.build(NOON + DAY)
    assert {path: body for path, body in archived.tree().items() if before.get(path) != body} == {}
    assert archived.tree().keys() == before.keys()
    assert (report.new, report.changed) == (0, 0)


def test_what_only_archives_hold_comes_back_though_no_source_lists_it(archived: Project) -> None:
    before = {path: body for path, body in feeds(archived).items() if "/archive/" in path}
    archived.write("config/articles.txt", card("Title A"))
    lose(archived)
    archived.build(NOON + DAY)
    assert {path: body for path, body in feeds(archived).items() if "/archive/" in path} == before


def test_a_show_keeps_its_guid_and_feeds_keep_their_ids_though_the_address_has_changed(
    mixed: Project,
) -> None:
    before = mixed.tree()
    mixed.write("config/feeds.toml", (CONFIG + SHOW).replace("//example.org/", "//moved.example/"))
    lose(mixed)
    mixed.build(NOON + DAY)

    def told(tree: dict[str, bytes], path: str, name: bytes) -> bytes:
        return tree[path].partition(b"<%s>" % name)[2].partition(b"<")[0]

    for path, name in (("shows/kites/podcast.xml", b"podcast:guid"), ("all/atom.xml", b"id")):
        assert told(mixed.tree(), path, name) == told(before, path, name) != b""


def test_an_overridden_date_comes_back_and_goes_with_its_override(mixed: Project) -> None:
    mixed.write(
        "config/overrides.toml", '[[override]]\nmatch = { title = "First" }\ndate = 2025-12-24T08:00:00Z\n'
    )
    mixed.build(NOON + 3 * HOUR)
    before = dates(mixed)
    lose(mixed)
    mixed.build(NOON + DAY)
    assert dates(mixed) == before
    assert mixed.build(NOON + 2 * DAY).changed == 0


def test_tombstones_come_back_and_go_when_their_item_does(tmp_path: Path) -> None:
    listing = card("First") + card("Second")
    project = Project.with_listing(tmp_path, listing, f'{CONFIG}removed = "tombstone"\n')
    project.build(NOON)
    id_ = project.items("all")["Second"]["id"].encode()
    project.write("config/articles.txt", card("First"))
    project.build(NOON + HOUR)
    before = project.tree()
    assert b'deleted-entry ref="%s"' % id_ in before["all/atom.xml"]
    lose(project)
    project.build(NOON + DAY)
    assert project.tree() == before
    project.write("config/articles.txt", listing)
    project.build(NOON + 2 * DAY)
    assert b"deleted-entry" not in project.tree()["all/atom.xml"]
    assert project.items("all")["Second"]["id"].encode() == id_


def test_a_forecast_tells_what_a_build_would_do_after_the_loss_and_recovers_nothing(mixed: Project) -> None:
    listing = (mixed.root / "config/articles.txt").read_text("utf-8")
    mixed.write("config/articles.txt", card("Just in", tags="unheard") + listing)
    lose(mixed)
    plan = load(mixed.config)
    told = forecast(plan, output=mixed.output, state=mixed.state, now=NOON + DAY)
    assert not mixed.state.exists()
    assert [(feed.path, feed.new) for feed in told.feeds] == [
        ("all", 1),
        ("publishers/meta", 1),
        ("topics/unheard", 1),
    ]
    assert told.findings[0].rule == "ledger-recovered"
    assert mixed.build(NOON + DAY).new == 1


def test_files_that_are_no_longer_made_are_removed_after_the_loss(mixed: Project) -> None:
    lose(mixed)
    mixed.write("config/articles.txt", card("Newest", tags="other"))
    mixed.build(NOON + DAY)
    mixed.write("config/feeds.toml", CONFIG)
    mixed.build(NOON + 2 * DAY)
    assert not (mixed.output / "shows").exists()


def test_a_feed_that_cannot_be_read_costs_only_what_it_alone_holds(mixed: Project) -> None:
    before = dates(mixed)
    (mixed.output / "topics/storage/feed.json").write_bytes(b"{")
    lose(mixed)
    report = mixed.build(NOON + DAY)
    assert dates(mixed) == before
    assert problems(report) == ["ledger-recovered", "not-recovered"]


def test_a_manifest_of_something_else_is_left_alone(project: Project) -> None:
    project.write("output/manifest.json", '{"name": "an app", "icons": []}')
    assert project.build(NOON).findings == ()


def test_a_recovery_that_was_killed_begins_again(mixed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = mixed.tree()
    lose(mixed)
    monkeypatch.setattr("feeds.recovery._Remains.unlisted", _die)
    with pytest.raises(RuntimeError):
        mixed.build(NOON + DAY)
    monkeypatch.undo()
    assert mixed.build(NOON + DAY).findings[0].rule == "ledger-recovered"
    assert mixed.tree() == before


def _die(*_: object) -> None:
    raise RuntimeError


def run(project: Project, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["recover", "--config", str(project.config), *arguments])
    return result.exit_code, result.output


def test_the_command_recovers_from_the_output_and_a_build_goes_on_from_there(mixed: Project) -> None:
    before = mixed.tree()
    lose(mixed)
    assert run(mixed) == (0, "8 items recovered, 2 of them in no source\n")
    report = mixed.build(NOON + DAY)
    assert (report.new, report.changed, problems(report)) == (0, 0, [])
    assert mixed.tree() == before


def test_the_command_recovers_from_an_address(mixed: Project, tmp_path: Path) -> None:
    before = mixed.tree()
    elsewhere = mixed.output.rename(tmp_path / "elsewhere")
    lose(mixed)
    with a_hub(elsewhere) as host:
        assert run(mixed, "--from", host.url)[0] == 0
    mixed.build(NOON + DAY)
    assert mixed.tree() == before


def test_the_command_recovers_nothing_while_a_feed_cannot_be_had(
    mixed: Project, httpserver: HTTPServer
) -> None:
    before = mixed.tree()
    for path, body in before.items():
        httpserver.expect_request(f"/{path}").respond_with_data(body)
    failing = httpserver.expect_oneshot_request("/all/feed.json")
    failing.respond_with_data("", status=403)
    shutil.rmtree(mixed.output)
    lose(mixed)
    code, said = run(mixed, "--from", httpserver.url_for("/"))
    assert code == 2
    assert "/all/feed.json: answers 403" in said
    assert "Nothing was recovered" in said
    assert run(mixed, "--from", httpserver.url_for("/"))[0] == 0
    mixed.build(NOON + DAY)
    assert mixed.tree() == before


def test_the_command_recovers_the_rest_where_a_feed_is_gone(mixed: Project, httpserver: HTTPServer) -> None:
    before = dates(mixed)
    for path, body in mixed.tree().items():
        status = 404 if path == "topics/storage/feed.json" else 200
        httpserver.expect_request(f"/{path}").respond_with_data(body, status=status)
    lose(mixed)
    code, said = run(mixed, "--from", httpserver.url_for("/"))
    assert (code, "[not-recovered]" in said) == (1, True)
    mixed.build(NOON + DAY)
    assert dates(mixed) == before


def test_the_command_leaves_a_ledger_alone_that_remembers(mixed: Project) -> None:
    code, said = run(mixed)
    assert code == 2
    assert said.startswith(f"{mixed.ledger}: this ledger is not empty")


def test_the_command_says_where_nothing_is_published(project: Project, tmp_path: Path) -> None:
    code, said = run(project, "--from", str(tmp_path))
    assert code == 2
    assert said == f"{tmp_path}/manifest.json: there is no such file; expected an output of feeds\n"
