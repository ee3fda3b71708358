"""`feeds verify`: rules and links of a published site, of feeds of others, with memory, in every format."""

import contextlib
import gzip
import io
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
from click.testing import CliRunner, Result
from junitparser import JUnitXml
from pytest_httpserver import HTTPServer
from tests.control.written import item, listed, write
from tests.project import Project
from werkzeug import Request, Response

from feeds.cli import main
from feeds.model import Report
from feeds.verify.report import PRINTERS
from feeds.verify.rules import PROFILES

BAD = '<rss version="2.0"><channel><title>T</title><item><title>x</title></item></channel></rss>'
LOCAL = "http://localhost:8000"
LINKS = "[verify]\nallow_private = true\nretries = 0\n"


def verify(project: Project, *arguments: str) -> Result:
    command = ["verify", "--config", str(project.config), *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def findings(project: Project, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(verify(project, *arguments, "--format", "json").stdout)[
        "findings"
    ]
    return found


def names(project: Project, *arguments: str) -> set[str]:
    return {finding["rule"] for finding in findings(project, *arguments)}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small site, published."""
    project = listed(tmp_path, item("First", tags="storage"), item("Second", tags="search"))
    project.build()
    return project


class Web:
    """Pages elsewhere, by path, with the status that each answers with."""

    def __init__(self) -> None:
        self.status: dict[str, int] = {}
        self.moved: dict[str, str] = {}
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.path)
        if to := self.moved.get(request.path):
            return Response("", 301, {"Location": to})
        return Response("<title>Here</title>", self.status.get(request.path, 200), content_type="text/html")


@pytest.fixture
def web(httpserver: HTTPServer) -> Web:
    web = Web()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(web)
    return web


@pytest.fixture
def linked(tmp_path: Path, httpserver: HTTPServer, web: Web) -> Project:
    """A small site whose articles are elsewhere."""
    items = [item(name, url=httpserver.url_for(f"/{name.lower()}")) for name in ("First", "Second")]
    project = listed(tmp_path, *items, config=LINKS)
    # That it is only local, like what it links to, is a warning.
    project.write("config/feeds.toml", project.config.read_text().replace("https://example.org", LOCAL))
    project.build()
    assert web.asked == []
    return project


def test_our_own_sample_has_no_error_and_but_a_few_known_warnings(built: tuple[Project, Report]) -> None:
    project, _ = built
    found = findings(project, "--no-links")
    assert {finding["rule"] for finding in found if finding["level"] == "error"} == set()
    assert {finding["rule"] for finding in found} <= {"XML-11", "CHP-03", "CHP-05"}
    assert verify(project, "--no-links").exit_code == 0


def test_every_file_of_a_site_is_looked_at(project: Project) -> None:
    files = json.loads(verify(project, "--no-links", "--format", "json").stdout)["files"]
    assert {Path(name).relative_to(project.output).as_posix() for name in files} == set(project.tree())


def test_without_a_build_there_is_nothing_to_verify(tmp_path: Path) -> None:
    result = verify(listed(tmp_path, item("First")))
    assert result.exit_code == 2
    assert "feeds build" in result.stderr


def test_a_file_a_folder_and_an_address_are_verified_alike(
    tmp_path: Path, project: Project, httpserver: HTTPServer
) -> None:
    (tmp_path / "bad.xml").write_text(BAD)
    httpserver.expect_request("/bad.xml").respond_with_data(BAD, content_type="application/rss+xml")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    project.write("config/feeds.toml", project.config.read_text() + LINKS)
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(tmp_path / "bad.xml", folder)
    by_file = names(project, str(tmp_path / "bad.xml"), "--no-links")
    assert {"RSS-04", "RSS-05"} & by_file
    assert names(project, str(folder), "--no-links") >= by_file
    assert names(project, httpserver.url_for("/bad.xml"), "--no-links") >= by_file
    both = findings(project, str(tmp_path / "bad.xml"), str(folder), "--no-links")
    assert {finding["file"] for finding in both} == {str(tmp_path / "bad.xml"), str(folder / "bad.xml")}


GOOD_HOST = {"ETag": '"1"', "Vary": "Accept-Encoding", "Access-Control-Allow-Origin": "*"}


def served(httpserver: HTTPServer, path: str, body: bytes, type_: str, headers: dict[str, str]) -> str:
    """Serve a document with these headers: conditionally if they have an ETag, packed if they vary."""

    def answer(request: Request) -> Response:
        if "ETag" in headers and request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(status=304, headers=headers)
        packed = "Vary" in headers and "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(gzip.compress(body) if packed else body, headers=headers, content_type=type_)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        if "Accept-Ranges" in headers and "Range" in request.headers:
            response.make_conditional(request, accept_ranges=True, complete_length=len(body))
        return response

    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request(path).respond_with_handler(answer)
    return httpserver.url_for(path)


@pytest.mark.parametrize(
    ("lacking", "rule"),
    [("", ""), ("ETag", "HTP-02"), ("Vary", "HTP-03"), ("Access-Control-Allow-Origin", "HTP-04")],
)
def test_how_an_address_is_served_is_verified(
    project: Project, httpserver: HTTPServer, lacking: str, rule: str
) -> None:
    headers = {name: value for name, value in GOOD_HOST.items() if name != lacking}
    url = served(httpserver, "/feed.json", b'{"items": []}', "application/feed+json", headers)
    project.write("config/feeds.toml", project.config.read_text() + LINKS)
    found = names(project, url, "--no-links", "--profile", "web")
    assert {name for name in found if name.startswith("HTP-")} == ({rule} if rule else set())


def test_a_server_that_sends_the_same_again_to_who_has_it_is_told(
    project: Project, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/a.xml").respond_with_data(BAD, headers={"ETag": '"1"'})
    project.write("config/feeds.toml", project.config.read_text() + LINKS)
    found = findings(project, httpserver.url_for("/a.xml"), "--no-links", "--rule", "HTP-02")
    assert "not 304" in found[0]["message"]


def test_the_way_to_an_address_is_verified(project: Project, httpserver: HTTPServer) -> None:
    url = served(httpserver, "/feed.json", b'{"items": []}', "application/feed+json", GOOD_HOST)
    for path, to in (("/b", "/feed.json"), ("/a", "/b")):
        httpserver.expect_request(path).respond_with_data("", status=301, headers={"Location": to})
    project.write("config/feeds.toml", project.config.read_text() + LINKS)
    asked = ("--no-links", "--rule", "HTP-08", "--rule", "HTP-09")
    assert names(project, httpserver.url_for("/a"), *asked) == {"HTP-08", "HTP-09"}
    assert names(project, httpserver.url_for("/b"), *asked) == names(project, url, *asked) == set()


def test_audio_at_an_address_is_asked_for_its_size_and_in_parts(
    built: tuple[Project, Report], project: Project, httpserver: HTTPServer
) -> None:
    audio = next(built[0].output.glob("media/*/*.mp3")).read_bytes()
    project.write("config/feeds.toml", project.config.read_text() + LINKS)
    plain = served(httpserver, "/plain.mp3", audio, "text/plain", {})
    parted = served(httpserver, "/parted.mp3", audio, "audio/mpeg", {"Accept-Ranges": "bytes"})
    asked = ("--no-links", "--profile", "web")
    assert {"HTP-06", "HTP-07"} <= names(project, plain, *asked)
    assert not {"HTP-05", "HTP-06", "HTP-07"} & names(project, parted, *asked)


def test_a_pipe_is_verified_like_a_file(tmp_path: Path, project: Project) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(BAD,))
    writer.start()
    assert "RSS-04" in names(project, str(pipe), "--no-links")
    writer.join()


def test_of_a_folder_hidden_files_and_folders_are_left_out(tmp_path: Path, project: Project) -> None:
    for place in (".git/bad.xml", "sub/.venv/bad.xml", ".bad.xml", "sub/bad.xml"):
        file = tmp_path / "folder" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(BAD)
    found = findings(project, str(tmp_path / "folder"), "--no-links")
    assert {finding["file"] for finding in found} == {str(tmp_path / "folder/sub/bad.xml")}


def test_of_a_folder_only_what_is_named_as_a_cover_has_to_be_one(built: tuple[Project, Report]) -> None:
    site, _ = built
    assert [*site.output.glob("shows/*/card.png")], "a picture that is not a square"
    assert "POD-03" not in names(site, str(site.output), "--no-links")


def test_feeds_of_others_need_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.xml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["verify", "bad.xml", "--no-links"])
    assert result.exit_code == 1
    assert "bad.xml:1:" in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["bad.xml"]


def test_what_cannot_be_had_is_a_finding_and_the_others_are_verified(
    tmp_path: Path, project: Project
) -> None:
    (tmp_path / "bad.xml").write_text(BAD)
    found = findings(project, str(tmp_path / "absent.xml"), str(tmp_path / "bad.xml"), "", "--no-links")
    assert [finding["rule"] for finding in found[:2]] == ["unreadable", "unreadable"]
    assert len(found) > 1


@pytest.mark.parametrize("format_", PRINTERS)
def test_every_format_can_be_read(tmp_path: Path, project: Project, format_: str) -> None:
    (tmp_path / "bad.xml").write_text(BAD)
    result = verify(project, str(tmp_path / "bad.xml"), "--no-links", "--format", format_)
    assert result.exit_code == 1
    said = result.stdout
    match format_:
        case "json":
            assert json.loads(said)["summary"]["error"] > 0
        case "sarif":
            assert json.loads(said)["runs"][0]["results"]
        case "junit":
            assert JUnitXml.fromroot(JUnitXml.fromstring(said.encode())._elem).failures > 0
        case "github":
            assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in said.splitlines())
        case "markdown":
            assert "| --- |" in said
        case "text":
            assert re.search(r"bad\.xml:1:\d+ \S+: error: .+ \[RSS-\d+\]", said)


def test_a_rule_is_asked_alone(tmp_path: Path, project: Project) -> None:
    (tmp_path / "bad.xml").write_text(BAD)
    every = names(project, str(tmp_path / "bad.xml"), "--no-links")
    for rule in sorted(every)[:3]:
        assert names(project, str(tmp_path / "bad.xml"), "--rule", rule) == {rule}


def test_a_profile_asks_its_own_rules_in_full_rigour(project: Project) -> None:
    feed = str(project.output / "all/rss.xml")
    assert "POD-04" not in names(project, feed, "--no-links")
    assert "POD-04" in names(project, feed, "--no-links", "--profile", "apple")


@pytest.mark.parametrize("profile", PROFILES)
def test_our_own_output_holds_to_every_profile(built: tuple[Project, Report], profile: str) -> None:
    project, _ = built
    result = verify(project, "--no-links", "--profile", profile)
    assert result.exit_code == 0, result.stdout


def test_a_profile_is_asked_of_the_feeds_it_concerns_and_says_which_it_does_not(
    built: tuple[Project, Report],
) -> None:
    project, _ = built
    found = findings(project, "--no-links", "--profile", "apple")
    (passed_over,) = (one for one in found if one["rule"] == "profile")
    assert passed_over["level"] == "info"
    assert re.search("nor [0-9]+ other feeds", passed_over["message"])
    assert {Path(one["file"]).name for one in found if one["rule"] != "profile"} <= {"podcast.xml"}


def test_a_profile_that_concerns_no_feed_is_warned_of(project: Project) -> None:
    (found,) = findings(project, str(project.output / "all/rss.xml"), "--no-links", "--profile", "atom")
    assert (found["rule"], found["level"]) == ("profile", "warning")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("--rule", "RSS-4"), "RSS-4 is unknown; did you mean RSS-"),
        (("--rule", "pod-04"), "did you mean POD-04?"),
        (("--profile", "aple"), "did you mean apple?"),
        (("--format", "jsn"), "did you mean json?"),
        (("--only", "link"), "links"),
        (("--fail-on", "info"), "never"),
        (("--since", "soon"), "2026-01-31"),
        (("--max-age", "-1"), "not in the range"),
        (("--rule", "link-broken"), "`feeds rules` lists them"),
        (("--only", "links", "--no-links"), "cannot be combined"),
        (("--fix", "--no-links"), "configured output"),
        (("--fix", "https://example.org/feed.xml"), "configured output"),
        (("--only", "links", "--rule", "RSS-04"), "cannot be combined"),
    ],
)
def test_a_mistaken_option_is_explained(project: Project, arguments: tuple[str, ...], meant: str) -> None:
    result = verify(project, *arguments)
    assert result.exit_code == 2
    assert meant in result.stderr


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("feed.xml", b"", "the file is empty"),
        ("feed", b"", "is empty"),
        ("feed.xml", b"\0\1\2\xff", "not well-formed: invalid token"),
        ("feed.txt", b"Lighthouses", "is not a feed"),
        ("feed.xml", b"<!doctype html><html><title>x</title></html>", "is a web page"),
        (
            "feed.xml",
            b'<html><link rel="alternate" type="application/atom+xml" title="x" href="https://example.org/a">',
            "is a web page, which announces https://example.org/a",
        ),
    ],
)
def test_what_is_no_feed_is_an_error_that_says_what_it_is(
    tmp_path: Path, project: Project, name: str, body: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(body)
    result = verify(project, str(tmp_path / name), "--no-links")
    assert result.exit_code == 1
    assert f"error: {said}" in result.stdout


def test_a_folder_without_a_feed_is_an_error(tmp_path: Path, project: Project) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing/readme.txt").write_text("Lighthouses")
    result = verify(project, str(tmp_path / "nothing"), "--no-links")
    assert (result.exit_code, "nothing: error: holds no feed" in result.stdout) == (1, True)


def test_a_mistaken_configuration_cannot_run(project: Project) -> None:
    project.write("config/feeds.toml", "[site]\n")
    assert verify(project).exit_code == 2


@pytest.mark.parametrize(
    ("level", "fail_on", "code"),
    [
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("warning", "never", 0),
        ("error", "error", 1),
        ("error", "warning", 1),
        ("error", "never", 0),
    ],
)
def test_the_exit_code_is_as_grave_as_was_asked(
    project: Project, level: str, fail_on: str, code: int
) -> None:
    if level == "error":
        (project.output / "all/rss.xml").write_text(BAD)
    else:
        local = project.config.read_text().replace("https://example.org", LOCAL)
        project.write("config/feeds.toml", local)
        project.build()
    result = verify(project, "--no-links", "--fail-on", fail_on)
    assert f": {level}: " in result.stdout
    assert result.exit_code == code


def test_since_leaves_out_what_was_written_before(project: Project) -> None:
    (project.output / "all/rss.xml").write_text(BAD)
    before = time.time() + 5
    assert findings(project, "--no-links", "--since", "2020-01-01")
    assert findings(project, "--no-links", "--since", str(int(before))) == []


def test_links_are_asked_and_the_rules_left_out(linked: Project, web: Web) -> None:
    (linked.output / "all/rss.xml").write_text(BAD)
    assert verify(linked, "--only", "links").exit_code == 0
    assert {"/first", "/second"} <= set(web.asked)


@pytest.mark.parametrize("arguments", [("--no-links",), ("--only", "rules"), ("--rule", "RSS-04")])
def test_no_link_is_asked_where_none_is_wanted(linked: Project, web: Web, arguments: tuple[str, ...]) -> None:
    verify(linked, *arguments)
    assert web.asked == []


def test_a_good_link_is_not_asked_again_so_soon_unless_it_is_too_old(linked: Project, web: Web) -> None:
    verify(linked, "--only", "links")
    first = len(web.asked)
    verify(linked, "--only", "links")
    assert len(web.asked) == first
    verify(linked, "--only", "links", "--max-age", "0")
    assert len(web.asked) > first


def test_a_link_that_fails_is_a_warning_first_and_an_error_when_it_fails_again(
    linked: Project, web: Web
) -> None:
    web.status["/first"] = 500
    first = verify(linked, "--only", "links")
    assert first.exit_code == 0
    assert "warning" in first.stdout
    second = verify(linked, "--only", "links")
    assert second.exit_code == 1
    assert "error: item link" in second.stdout
    assert "failing since" in second.stdout
    web.status.clear()
    assert verify(linked, "--only", "links").exit_code == 0


def test_a_link_to_nothing_is_an_error_at_once(linked: Project, web: Web) -> None:
    web.status["/first"] = 404
    result = verify(linked, "--only", "links")
    assert result.exit_code == 1
    (finding,) = [one for one in findings(linked, "--only", "links") if one["level"] == "error"]
    assert finding["rule"] == "link-broken"
    assert finding["line"]


def test_an_ignored_link_is_no_problem_and_an_idle_ignore_is_told(linked: Project, web: Web) -> None:
    web.status["/first"] = 404
    config = linked.config.read_text()
    ignore = '[[verify.ignore]]\npattern = "*/{}"\nreason = "known"\n'
    linked.write("config/feeds.toml", config + ignore.format("first") + ignore.format("nowhere"))
    found = findings(linked, "--only", "links")
    assert [(one["level"], one["rule"], one["file"]) for one in found] == [
        ("info", "link-ignore", "*/nowhere")
    ]


def test_an_ignore_is_told_to_be_idle_only_where_all_links_are_looked_at(linked: Project) -> None:
    ignore = '[[verify.ignore]]\npattern = "*/nowhere"\nreason = "known"\n'
    linked.write("config/feeds.toml", linked.config.read_text() + ignore)
    for arguments in ((str(linked.output / "all"),), ("--since", "2100-01-01")):
        assert "link-ignore" not in names(linked, *arguments)
    assert "link-ignore" in names(linked)


def test_a_host_may_answer_what_the_configuration_accepts(linked: Project, web: Web) -> None:
    web.status["/first"] = 403
    assert "link-blocked" in names(linked, "--only", "links")
    config = linked.config.read_text()
    linked.write("config/feeds.toml", f'{config}[[verify.host]]\npattern = "localhost"\naccept = [403]\n')
    assert names(linked, "--only", "links") == set()


def test_addresses_that_moved_for_good_go_into_the_overrides_and_the_next_build(
    linked: Project, web: Web, httpserver: HTTPServer
) -> None:
    old, new = httpserver.url_for("/first"), httpserver.url_for("/new%22place")
    web.moved["/first"] = "/new%22place"
    shown = verify(linked, "--only", "links", "--fix")
    assert f'match = {{ link = "{old}" }}' in shown.stderr
    assert "nothing was written; to write it, say --yes" in shown.stderr
    overrides = linked.root / "config/overrides.toml"
    assert not overrides.exists()
    overrides.write_text("# Mine.")
    written = verify(linked, "--only", "links", "--fix", "--yes")
    assert written.exit_code == 0
    assert overrides.read_text().startswith("# Mine.\n")
    before = linked.items("all")["First"]
    report = linked.build()
    after = linked.items("all")["First"]
    assert (report.changed, report.findings) == (1, ())
    assert (after["url"], after["id"]) == (new, before["id"])
    again = verify(linked, "--only", "links", "--fix", "--yes")
    assert "has moved permanently" in again.stderr


def test_an_address_that_moved_is_replaced_where_an_override_says_it(
    linked: Project, web: Web, httpserver: HTTPServer
) -> None:
    first, mine, new = (httpserver.url_for(path) for path in ("/first", "/mine", "/new"))
    linked.write(
        "config/overrides.toml",
        f"# Mine.\n[[override]]\nmatch.link = '{first}'\nlink = '{mine}'  # for now\n",
    )
    linked.build()
    web.moved["/mine"] = "/new"
    shown = verify(linked, "--only", "links", "--fix")
    assert f"-link = '{mine}'  # for now" in shown.stderr
    assert f'+link = "{new}"  # for now' in shown.stderr
    verify(linked, "--only", "links", "--fix", "--yes")
    overrides = (linked.root / "config/overrides.toml").read_text()
    assert overrides == f"# Mine.\n[[override]]\nmatch.link = '{first}'\nlink = \"{new}\"  # for now\n"
    linked.build()
    assert linked.items("all")["First"]["url"] == new


def test_the_second_run_compares_with_the_first(project: Project) -> None:
    assert verify(project, "--no-links").exit_code == 0
    id_ = project.items("all")["First"]["id"]
    for path, body in project.tree().items():
        project.write(f"output/{path}", body.replace(id_.encode(), b"urn:uuid:" + b"0" * 8 + b"-0000" * 4))
    found = findings(project, "--no-links")
    assert any(one["rule"] == "LED-01" and one["level"] == "error" for one in found)


def test_a_feed_that_is_gone_is_told_once(project: Project) -> None:
    verify(project, "--no-links")
    write(project, "a.json", [item("First", tags="storage"), item("Second", tags="storage")])
    project.build()
    assert (
        "the feed 'https://example.org/topics/search/rss.xml' is gone" in verify(project, "--no-links").stdout
    )
    assert names(project, "--no-links") == set()


def test_a_feed_whose_folder_leads_elsewhere_is_gone_on_purpose(project: Project) -> None:
    verify(project, "--no-links")
    write(project, "a.json", [item("First", tags="storage"), item("Second", tags="storage")])
    redirects = '[site.redirects]\n"topics/search" = "https://example.org/topics/storage/"\n'
    project.write("config/feeds.toml", project.config.read_text() + redirects)
    project.build()
    assert "LED-04" not in names(project, "--no-links")


def test_ids_that_are_no_addresses_are_no_problem(tmp_path: Path) -> None:
    project = listed(tmp_path, item("First", id="Buzzsprout-1"), item("Second", id="5d6d2a3c9f1e"))
    project.build()
    assert names(project, "--no-links") == set()
    ids = {one["id"] for one in project.items("all").values()}
    assert ids == {"Buzzsprout-1", "5d6d2a3c9f1e"}
    project.write("config/overrides.toml", '[[override]]\nmatch.id = "Buzzsprout-1"\nhidden = true\n')
    project.build()
    assert names(project, "--no-links") == set()


def test_a_date_that_the_editor_sets_is_no_problem(project: Project) -> None:
    verify(project, "--no-links")
    project.write("config/overrides.toml", '[[override]]\nmatch.title = "First"\ndate = 2025-02-03\n')
    project.build()
    assert project.items("all")["First"]["date_published"].startswith("2025-02-03")
    result = verify(project, "--no-links")
    assert result.exit_code == 0, result.stdout


def test_an_item_that_is_edited_hidden_or_dropped_is_no_problem(project: Project) -> None:
    write(project, "a.json", [item("First", tags="storage"), item("Second", tags="storage")])
    project.build()
    verify(project, "--no-links")
    project.write("config/overrides.toml", '[[override]]\nmatch = { title = "First" }\nhidden = true\n')
    write(project, "a.json", [item("First"), item("Second", tags="storage", summary="New words.")])
    project.build()
    result = verify(project, "--no-links")
    assert result.exit_code == 0, result.stdout


def test_what_broke_and_what_came_back_is_told_in_a_feed(linked: Project, web: Web) -> None:
    def entries() -> list[tuple[str, str]]:
        feed = feedparser.parse((linked.output / "maintenance/atom.xml").read_bytes())
        assert not feed.bozo
        return [(entry.title, entry.id) for entry in feed.entries]

    verify(linked)
    assert not (linked.output / "maintenance").exists()
    linked.write("config/feeds.toml", linked.config.read_text() + "maintenance = true\n")
    verify(linked)
    assert entries() == []
    web.status["/first"] = 404
    verify(linked, "--max-age", "0")
    ((broke, id_),) = entries()
    assert (broke.startswith("Broken: http://"), broke.endswith("/first")) == (True, True)
    # It is told once, and its own links are not checked.
    web.asked.clear()
    verify(linked, "--max-age", "0")
    assert entries() == [(broke, id_)]
    web.status.clear()
    verify(linked, "--max-age", "0")
    (back, _), before = entries()
    assert back == broke.replace("Broken", "Back")
    assert before == (broke, id_)
    linked.build()
    assert len(entries()) == 2


def test_the_feed_of_maintenance_is_a_good_feed(linked: Project, web: Web) -> None:
    linked.write("config/feeds.toml", linked.config.read_text() + "maintenance = true\n")
    web.status["/first"] = 404
    verify(linked)
    text = (linked.output / "maintenance/atom.xml").read_text()
    assert "It is in" in text
    found = findings(linked, str(linked.output / "maintenance"), "--no-links", "--profile", "atom")
    assert {one["rule"] for one in found if one["level"] == "error"} == {"XML-11"}


@pytest.fixture
def hanging() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                kept.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    for connection in kept:
        connection.close()


def test_ctrl_c_prints_what_is_known_so_far(
    tmp_path: Path, httpserver: HTTPServer, web: Web, hanging: str
) -> None:
    web.status["/first"] = 404
    items = [item("First", url=httpserver.url_for("/first")), item("Second", url=f"{hanging}/second")]
    project = listed(tmp_path, *items, config=LINKS + "timeout = 60.0\n")
    project.build()
    command = [sys.executable, "-m", "feeds", "verify", "--config", str(project.config), "--only", "links"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while "/first" not in web.asked and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    assert "first: " in stdout, stderr
    assert "the run was interrupted" in stdout
    assert process.returncode == 1
    assert "Traceback" not in stderr


def test_a_terminal_shows_how_many_links_are_done_at_which_rate_and_the_time_that_is_left(
    linked: Project, web: Web
) -> None:
    web.status["/second"] = 500
    linked.write("config/feeds.toml", linked.config.read_text().replace("retries = 0", "retries = 1"))
    command = [sys.executable, "-m", "feeds", "verify", "--config", str(linked.config), "--only", "links"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = bytearray()
        with contextlib.suppress(OSError):  # how a terminal ends
            while data := os.read(ours, 65536):
                shown += data
    os.close(ours)
    assert process.returncode == 0
    assert re.search(rb"Links.*\d+/\d+.*\d+:\d\d:\d\d.*\d\.\d a second", shown, re.DOTALL), shown


def test_the_table_of_rules_is_listed_and_explained() -> None:
    listing = CliRunner().invoke(main, ["rules"])
    assert listing.exit_code == 0
    assert len(listing.stdout.splitlines()) > 150
    one = CliRunner().invoke(main, ["rules", "POD-04"])
    assert one.stdout.startswith("POD-04 (")
    data = json.load(io.StringIO(CliRunner().invoke(main, ["rules", "POD-04", "RSS-04", "--json"]).stdout))
    assert [rule["id"] for rule in data] == ["POD-04", "RSS-04"]
    unknown = CliRunner().invoke(main, ["rules", "POD-4"])
    assert unknown.exit_code == 2
    assert "did you mean POD-" in unknown.stderr
