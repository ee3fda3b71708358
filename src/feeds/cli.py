"""The command `feeds`: each command reads its arguments, makes one call, prints, and gives an exit code.

0: all well. 1: done, with problems to look at. 2: could not run. Results go to stdout, progress and
complaints to stderr.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from feeds import __version__

if TYPE_CHECKING:
    from feeds.build import Progress, Report
    from feeds.config import Plan

OK, PROBLEMS, FAILED = 0, 1, 2


class _Moment(click.ParamType[datetime]):
    """A date and time with a zone, or seconds since 1970."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if value.isdigit():
                return datetime.fromtimestamp(int(value), UTC)
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError, OSError):
            self.fail(f"{value!r} is no date; expected one such as 2026-01-31T12:00:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config/feeds.toml"),
    show_default=True,
    help="The configuration file.",
)
_output = click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to publish into.  [default: output/ beside config/]",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


class _Commands(click.Group):
    """Expected trouble ends with a message and exit code 2, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        from feeds.errors import FeedsError

        try:
            return super().invoke(ctx)
        except FeedsError as error:
            _fail(error)
        except KeyboardInterrupt:
            click.echo("interrupted; the next build takes up what is missing", err=True)
            sys.exit(FAILED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Turn lists of articles and pages of show notes into feeds people can subscribe to."""


@main.command()
@_config
@_output
@click.option(
    "--base-url",
    metavar="URL",
    help="Address that the output is published at, in place of the configured one.",
)
@click.option(
    "--now",
    type=_Moment(),
    envvar="SOURCE_DATE_EPOCH",
    help="The time to date new items with.  [env: SOURCE_DATE_EPOCH]",
)
@_json
def build(
    config: Path, output: Path | None, base_url: str | None, now: datetime | None, as_json: bool
) -> None:
    r"""Read the sources and bring the output up to date.

    \b
    Examples:
      feeds build
      feeds build --base-url https://example.org/feeds/
      feeds build --config other/feeds.toml --output public --json
    """
    from feeds.build import build as run

    plan = _load(config, base_url)
    with _progress() as progress:
        report = run(
            plan,
            output=output or _project(config) / "output",
            state=_project(config) / ".feeds",
            now=now or datetime.now(UTC),
            progress=progress,
        )
    _print_report(report, as_json)
    sys.exit(PROBLEMS if _problems(report) else OK)


def _load(config: Path, base_url: str | None = None) -> "Plan":
    from feeds.config import load

    return load(config, base_url=base_url)


def _project(config: Path) -> Path:
    """The folder that holds `config/`, `output/` and `.feeds/`."""
    folder = config.parent
    return folder.parent if folder.resolve().name == "config" else folder


@contextmanager
def _progress() -> "Iterator[Progress | None]":
    """Show a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _problems(report: "Report") -> list[Any]:
    return [finding for finding in report.findings if finding.level != "info"]


def _print_report(report: "Report", as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
        return
    for finding in _problems(report):
        click.echo(str(finding), err=True)
    gone = f", {report.gone} no longer listed by their source (kept)" if report.gone else ""
    click.echo(f"items  {report.new} new, {report.changed} changed, {report.unchanged} unchanged{gone}")
    removed = f", {report.removed} removed" if report.removed else ""
    click.echo(f"files  {report.written} written, {report.kept} unchanged{removed}")
    click.echo(f"feeds  {report.feeds}")
    if count := len(_problems(report)):
        click.echo(f"{count} problem{'s' if count > 1 else ''} to look at, listed above", err=True)


def _fail(error: Exception) -> NoReturn:
    click.echo(str(error), err=True)
    sys.exit(FAILED)
