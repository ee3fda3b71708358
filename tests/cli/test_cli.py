import json
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from tests.project import CONFIG, Project, card

from feeds import __version__
from feeds.cli import main

HEAVY = (
    *("dateutil", "distributed", "feedgen", "feedparser", "filelock", "fsspec", "jinja2", "lxml"),
    *("markdown_it", "msgspec", "mutagen", "nh3", "PIL", "protego", "pydantic", "rapidfuzz", "re2"),
    *("requests", "rich", "segno", "sqlalchemy", "starlette", "urllib3", "uvicorn", "watchfiles", "yaml"),
)


def run(*arguments: str, **options: object) -> Result:
    options = {"prog_name": "feeds", "catch_exceptions": False, **options}
    return CliRunner().invoke(main, arguments, **options)  # type: ignore[arg-type]


def python(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )


def test_help_lists_every_command() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert {"build"} <= set(main.commands)
    for name in main.commands:
        assert f"\n  {name} " in result.stdout


@pytest.mark.parametrize("name", main.commands)
def test_the_help_of_each_command_has_examples_that_parse(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    _, _, rest = result.stdout.partition("Examples:\n")
    lines = rest.partition("\n\n")[0].splitlines()
    examples = [shlex.split(part, comments=True) for line in lines for part in line.split("&&")]
    ours = [arguments for program, *arguments in examples if program == "feeds"]
    assert any(command == name for command, *_ in ours)
    for command, *arguments in ours:
        main.commands[command].make_context(command, arguments).close()


@pytest.mark.parametrize("name", main.commands)
def test_every_option_says_what_it_does(name: str) -> None:
    for parameter in main.commands[name].params:
        assert isinstance(parameter, click.Argument) or parameter.help, parameter.name


def test_h_is_help_and_version_is_the_version() -> None:
    assert run("build", "-h").stdout == run("build", "--help").stdout
    assert run("--version").stdout.endswith(f" {__version__}\n")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from feeds.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "print(*sys.modules, file=sys.stderr)"
    )
    for arguments in (["--help"], ["build", "--help"]):
        result = python(code, *arguments)
        assert "Usage:" in result.stdout
        loaded = {name.partition(".")[0] for name in result.stderr.split()}
        assert loaded & set(HEAVY) == set()


def test_python_m_feeds_is_feeds() -> None:
    command = [sys.executable, "-m", "feeds", "--version"]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert result.stdout == f"feeds {__version__}\n"


def test_all_well_is_0_results_on_stdout_and_nothing_on_stderr(project: Project) -> None:
    result = project.run()
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "items  2 new, 0 changed, 0 unchanged",
        f"files  {len(project.tree())} written, 0 unchanged",
        "feeds  3",
    ]
    assert result.stderr == ""


def test_the_summary_tells_what_changed(project: Project) -> None:
    project.run()
    project.write("config/articles.txt", card("Third") + card("First", "Now something else."))
    lines = project.run("--now", "2026-01-03T12:00:00Z").stdout.splitlines()
    assert lines[0] == "items  1 new, 1 changed, 0 unchanged, 1 no longer listed by their source"
    assert lines[2] == "feeds  3"


def test_problems_are_1_and_on_stderr(project: Project) -> None:
    project.write("config/articles.txt", card("First") + "Meta\nSecond\n")
    result = project.run()
    assert result.exit_code == 1
    assert result.stderr.startswith("articles.txt:9: warning: ")
    assert result.stdout.startswith("items  1 new")


def test_a_configuration_that_is_not_there_is_2_with_a_hint(tmp_path: Path) -> None:
    result = run("build", "--config", str(tmp_path / "feeds.toml"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "no such file; give the configuration with --config, or make one with `feeds init`" in result.stderr
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["buld"], "the command buld is unknown; did you mean build?"),
        (["build", "--ouput", "x"], "No such option '--ouput'. Did you mean '--output'?"),
        (["build", "extra"], "unexpected extra argument (extra)"),
        (["build", "--now"], "Option '--now' requires an argument"),
        (["build", "--config", "."], "File '.' is a directory"),
        ([], "Usage: feeds [OPTIONS] COMMAND"),
    ],
)
def test_wrong_arguments_are_2_with_a_hint_on_stderr(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("1769860800", "2026-01-31T12:00:00Z"),
    ],
)
def test_now_may_be_given_in_several_ways(project: Project, now: str, moment: str) -> None:
    assert project.run("--now", now).exit_code == 0
    assert next(iter(project.items("all").values()))["date_published"] == moment


@pytest.mark.parametrize(
    "now",
    ["yesterday", "", "-5", "²", "2026-13-01", "20260131", "0", "9999-12-31T23:59:59-12:00", "9" * 30],
)
def test_a_now_that_is_none_is_refused_and_nothing_is_dated(project: Project, now: str) -> None:
    result = project.run("--now", now)
    assert result.exit_code == 2
    assert "Invalid value for '--now'" in result.stderr
    assert "2026-01-31T12:00:00Z" in result.stderr
    assert not project.state.exists()


def test_source_date_epoch_is_now_and_the_option_goes_before_it(project: Project) -> None:
    environment = {"SOURCE_DATE_EPOCH": "1769860800"}
    command = ("build", "--config", str(project.config))
    assert run(*command, env=environment).exit_code == 0
    assert project.items("all")["First"]["date_published"] == "2026-01-31T12:00:00Z"
    project.write("config/articles.txt", card("Third"))
    assert run(*command, "--now", "2026-02-01", env=environment).exit_code == 0
    assert project.items("all")["Third"]["date_published"] == "2026-02-01T00:00:00Z"


def test_without_now_it_is_now(project: Project) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert run("build", "--config", str(project.config)).exit_code == 0
    first = datetime.fromisoformat(project.items("all")["First"]["date_published"])
    assert before <= first <= datetime.now(UTC)


def test_json_is_the_whole_report_and_nothing_else_on_stdout(project: Project) -> None:
    project.write("config/articles.txt", card("First") + "Meta\nSecond\n")
    result = project.run("--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert result.stderr == ""
    assert {key: value for key, value in report.items() if key != "findings"} == {
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "gone": 0,
        "feeds": 2,
        "written": len(project.tree()),
        "kept": 0,
        "removed": 0,
    }
    (finding,) = report["findings"]
    assert finding["rule"] == "quarantined"
    assert (finding["place"]["source"], finding["place"]["line"]) == ("articles.txt", 9)


def test_the_output_lies_beside_the_folder_config_unless_said_otherwise(project: Project) -> None:
    project.run()
    assert {path.name for path in project.root.iterdir()} == {"config", "output", ".feeds"}
    project.run("--output", str(project.root / "public" / "site"))
    assert (project.root / "public/site/index.html").is_file()


def test_a_configuration_in_another_folder_keeps_its_output_there(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("garden/feeds.toml", CONFIG)
    project.write("garden/articles.txt", card("First"))
    result = run("build", "--config", str(tmp_path / "garden/feeds.toml"))
    assert result.exit_code == 0
    assert {path.name for path in (tmp_path / "garden").iterdir()} >= {"output", ".feeds"}


def test_config_and_output_may_be_relative(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root / "config")
    assert run("build", "--config", "feeds.toml").exit_code == 0
    assert (project.output / "index.html").is_file()
    monkeypatch.chdir(project.root)
    assert run("build").stdout.splitlines()[1].startswith("files  0 written, ")


@pytest.mark.parametrize("shown", [False, True])
def test_a_fault_of_the_program_could_not_run_and_asks_to_be_reported(
    project: Project, monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("such")

    monkeypatch.setattr("feeds.build.build", fail)
    result = project.run(env={"FEEDS_TRACEBACK": "1"} if shown else None)
    assert (result.exit_code, result.stdout) == (2, "")
    assert ("Traceback" in result.stderr) == shown
    assert result.stderr.splitlines()[-1].startswith(f"feeds {__version__} has a fault (KeyError: 'such')")


def test_what_the_system_refuses_is_told_and_is_no_fault_of_the_program(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/srv/feeds/state")

    monkeypatch.setattr("feeds.build.build", fail)
    result = project.run()
    assert result.exit_code == 2
    assert result.stderr == "PermissionError: [Errno 13] Permission denied: '/srv/feeds/state'\n"


def test_an_interrupted_build_says_that_the_next_one_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("feeds.build.build", interrupt)
    result = project.run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "interrupted; the next build completes what is missing\n"


def test_progress_is_not_mixed_into_results(project: Project) -> None:
    command = [sys.executable, "-m", "feeds", "build", "--config", str(project.config), "--json"]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert result.stderr == ""
    assert json.loads(result.stdout)["new"] == 2
