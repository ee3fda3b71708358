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
    from feeds.build import Report
    from feeds.config import Plan
    from feeds.forecast import Forecast
    from feeds.intake import Progress
    from feeds.model import Finding, Parsed

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
        from feeds.errors import FeedsError, SurpriseError

        try:
            return super().invoke(ctx)
        except SurpriseError as error:
            click.echo(f"{error}. Nothing was written: look at `feeds plan`, then say --yes", err=True)
            sys.exit(PROBLEMS)
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
@click.option("--yes", is_flag=True, help="Go on where subscribers would be surprised.")
@_json
def build(
    config: Path, output: Path | None, base_url: str | None, now: datetime | None, yes: bool, as_json: bool
) -> None:
    r"""Read the sources and bring the output up to date.

    \b
    Examples:
      feeds build
      feeds build --base-url https://example.org/feeds/
      feeds build --config other/feeds.toml --output public --json
    """
    report = _build(config, output, base_url, now, surprising=yes)
    _print_report(report, as_json)
    sys.exit(PROBLEMS if _problems(report) else OK)


@main.command()
@_config
@_json
def plan(config: Path, as_json: bool) -> None:
    r"""Show what the next build would do to each feed, before it does it.

    \b
    Examples:
      feeds plan
      feeds plan --json
    """
    from feeds.forecast import forecast

    with _progress() as progress:
        result = forecast(
            _load(config),
            state=_project(config) / ".feeds",
            now=datetime.now(UTC),
            progress=progress or (lambda *_: None),
        )
    if as_json:
        _print_json(result)
    else:
        for finding in _problems(result):
            click.echo(str(finding), err=True)
        for feed in result.feeds:
            what = ((feed.new, "new"), (feed.changed, "changed"), (feed.vanished, "vanished"))
            click.echo(f"{feed.path}  {', '.join(f'{count} {name}' for count, name in what if count)}")
        click.echo(f"{len(result.feeds)} feeds would change, {result.unchanged} stay as they are")
        for surprise in result.surprises:
            click.echo(f"{surprise}; `feeds build` stops there, unless told --yes", err=True)
    sys.exit(PROBLEMS if _problems(result) or result.surprises else OK)


@main.command()
@click.argument("source")
@_config
@click.option("--format", "format_", help="What the source is.  [default: as configured]")
@_json
def inspect(source: str, config: Path, format_: str | None, as_json: bool) -> None:
    r"""Show what is read in a source: items, chapters and why, links, lines not understood.

    \b
    Examples:
      feeds inspect config/sources/articles.txt
      feeds inspect notes.txt --format shownotes --json
    """
    from feeds.inspection import inspect as run
    from feeds.inspection import print_table

    format_, show = _kind(source, config, format_)
    parsed = run(source, Path(), format_=format_, show=show)
    if as_json:
        _print_json(parsed)
    else:
        from rich.console import Console

        print_table(parsed, Console(highlight=False))
    sys.exit(PROBLEMS if _problems(parsed) else OK)


@main.command()
@_config
@_output
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 for any free."
)
@click.option("--build", "building", is_flag=True, help="Build first, and again whenever something changes.")
def serve(config: Path, output: Path | None, host: str, port: int, building: bool) -> None:
    r"""Serve the output as a good host would, to look at it and to subscribe on this machine.

    \b
    Examples:
      feeds serve
      feeds serve --build
      feeds serve --host 0.0.0.0 --port 8080
    """
    from feeds.serve import run

    plan = _load(config)
    root = output or _project(config) / "output"

    def rebuild() -> None:
        _print_report(_build(config, output), as_json=False)

    if building:
        rebuild()
    watch = [config, *(plan.root / source.path for source in plan.sources), *filter(None, [plan.theme])]
    run(
        root,
        host=host,
        port=port,
        base_url=plan.site.base_url,
        rebuild=rebuild if building else None,
        watch=watch,
        say=click.echo,
    )


def _build(
    config: Path,
    output: Path | None,
    base_url: str | None = None,
    now: datetime | None = None,
    *,
    surprising: bool = False,
) -> "Report":
    from feeds.build import build

    plan = _load(config, base_url)
    with _progress() as progress:
        return build(
            plan,
            output=output or _project(config) / "output",
            state=_project(config) / ".feeds",
            now=now or datetime.now(UTC),
            surprising=surprising,
            progress=progress,
        )


def _kind(source: str, config: Path, format_: str | None) -> tuple[str, str | None]:
    """Format and show of a source: as asked, else as the configuration has it."""
    from feeds.parsers import PARSERS

    plan = _load(config) if config.is_file() else None
    for known in plan.sources if plan else ():
        if plan and (plan.root / known.path).resolve() == Path(source).resolve():
            return format_ or known.format, known.show
    if format_ is None or format_ not in PARSERS:
        found = "no --format" if format_ is None else f"--format {format_}"
        raise click.UsageError(
            f"{found}, and {source} is no source of {config}; expected one of {', '.join(PARSERS)}"
        )
    return format_, "show"


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


def _problems(result: "Report | Parsed | Forecast") -> list["Finding"]:
    return [finding for finding in result.findings if finding.level != "info"]


def _print_json(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def _print_report(report: "Report", as_json: bool) -> None:
    if as_json:
        _print_json(report)
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
