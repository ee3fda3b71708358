"""`feeds inspect`: what is read in a source, as a table and as JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from tests.control.written import HEAD

from feeds.cli import main

SOURCES = Path(__file__).parents[2] / "config" / "sources"


def inspect(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["inspect", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_table_shows_items_chapters_with_reasons_and_links() -> None:
    code, out, _ = inspect(
        str(SOURCES / "meta-tech-podcast.txt"), "--config", str(SOURCES.parent / "feeds.toml")
    )
    assert code == 0
    for shown in (
        "number 68",
        "13 chapters",
        "00:01:40  Alfred Introduction",
        "sure:",
        "Caddy",
        "Spotify: yes",
    ):
        assert shown in out
    assert "14 items" in out


def test_json_has_every_item_with_its_place_and_what_platforms_show() -> None:
    code, out, _ = inspect(str(SOURCES / "meta-tech-podcast.txt"), "--format", "shownotes", "--json")
    found = json.loads(out)
    assert code == 0
    assert len(found["parsed"]["items"]) == len(found["platforms"]) == 14
    assert found["parsed"]["items"][0]["place"]["line"] == 9
    assert [note["platform"] for note in found["platforms"][0]] == [
        "Apple Podcasts",
        "Spotify",
        "YouTube",
        "AntennaPod",
    ]


def test_a_refused_list_is_shown_with_its_reason(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("A show.\n1: One\nTimestamps\n0:00 A\n5:00 B\n4:00 C\n3:00 D\n2:00 E\n")
    code, out, _ = inspect(str(notes), "--format", "shownotes")
    assert code == 1
    assert "0 chapters" in out
    assert "4:00 comes after 5:00" in " ".join(out.split())


def test_what_is_not_understood_is_shown_with_its_line(tmp_path: Path) -> None:
    listing = tmp_path / "listing.txt"
    listing.write_text("Ann\n\nA title\n\nA sentence about it.\n\na-tag\n5 min\nAnn\n\nCut off")
    code, out, _ = inspect(str(listing), "--format", "listing")
    assert code == 1
    assert "listing.txt:9: warning" in out.replace("\n", "")


@pytest.mark.parametrize(
    ("file", "format_"), [("articles.txt", "listing"), ("meta-tech-podcast.txt", "shownotes")]
)
def test_the_format_of_a_file_that_is_not_configured_is_found(
    tmp_path: Path, file: str, format_: str
) -> None:
    copy = tmp_path / file
    copy.write_bytes((SOURCES / file).read_bytes())
    _, out, _ = inspect(str(copy), "--config", str(tmp_path / "none.toml"), "--json")
    findings = json.loads(out)["parsed"]["findings"]
    assert any(finding["message"].startswith(f"read as {format_}: ") for finding in findings)


def test_a_file_that_is_not_there_is_a_clear_error() -> None:
    code, _, err = inspect("nowhere.txt", "--format", "listing")
    assert (code, err) == (2, "nowhere.txt: cannot be read: No such file or directory\n")


def test_an_address_is_read_as_its_source_says(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/a.csv").respond_with_data("title,link\nOne,/1\n", content_type="text/csv")
    address = httpserver.url_for("/a.csv")
    config = tmp_path / "feeds.toml"
    config.write_text(f'{HEAD}[[source]]\npath = "{address}"\nallow_private = true\n')
    code, out, _ = inspect(address, "--config", str(config), "--json")
    (item,) = json.loads(out)["parsed"]["items"]
    assert (code, item["link"]) == (0, httpserver.url_for("/1"))
    code, _, err = inspect(address, "--config", str(tmp_path / "none.toml"))
    assert (code, "private" in err) == (2, True)


def test_a_file_of_a_folder_is_read_as_its_source_says(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/one.md").write_text("---\ntitle: One\n---\nText")
    config = tmp_path / "feeds.toml"
    more = 'url = "https://a.example/"\npermalink = "/{slug}/"\n'
    config.write_text(f'{HEAD}[[source]]\npath = "posts"\n{more}')
    _, out, _ = inspect(str(tmp_path / "posts/one.md"), "--config", str(config), "--json")
    (item,) = json.loads(out)["parsed"]["items"]
    assert item["link"] == "https://a.example/one/"
