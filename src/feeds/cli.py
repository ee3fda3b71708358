"""The command `feeds`: each command reads its arguments, makes one call, prints, and gives an exit code.

0: all well. 1: done, with problems to look at. 2: could not run. Results go to stdout, progress and
complaints to stderr.
"""

import difflib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from feeds import __version__

if TYPE_CHECKING:
    from feeds.config import Plan, SourcePlan
    from feeds.forecast import Forecast
    from feeds.inspection import Inspection
    from feeds.intake import Progress
    from feeds.model import Finding, Report
    from feeds.publishing import Published
    from feeds.starting import Beginning
    from feeds.verification import Verified
    from feeds.verify import links

OK, PROBLEMS, FAILED = 0, 1, 2


class _Moment(click.ParamType[datetime]):
    """A date and time with a zone, or seconds since 1970.

    What lies outside of these years is a slip, and would date items for ever.
    """

    years = range(1990, 2200)

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            number = datetime.fromtimestamp(int(value), UTC) if value.isdigit() else None
            moment = number or datetime.fromisoformat(value)
        except (ValueError, OverflowError, OSError):
            self.fail(f"{value!r} is not a date; expected one such as 2026-01-31T12:00:00Z", param, ctx)
        if moment.year not in self.years:
            found = f"{value!r} is in the year {moment.year}"
            self.fail(f"{found}; expected a date such as 2026-01-31T12:00:00Z", param, ctx)
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
    help="The published folder, or s3://bucket/prefix.  [default: the configured one, or output/]",
)
_base_url = click.option(
    "--base-url",
    metavar="URL",
    help="Address that the output is published at, instead of the configured one.",
)
_now = click.option(
    "--now",
    type=_Moment(),
    envvar="SOURCE_DATE_EPOCH",
    help="The time to date new items with.  [env: SOURCE_DATE_EPOCH]",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


_TRACEBACK = "FEEDS_TRACEBACK"
"""Variable of the environment; whatever it is set to, unexpected trouble shows its traceback."""


class _Commands(click.Group):
    """Trouble ends with a message and exit code 2, without a traceback."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        # How click marks lines that are not to be run together; docstrings hold it as two characters.
        cmd.help = (cmd.help or "").replace(r"\b", "\b")
        super().add_command(cmd, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        _expect("the command", args[:1], self.commands)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        from feeds.errors import FeedsError, SurpriseError

        try:
            return super().invoke(ctx)
        except SurpriseError as error:
            click.echo(
                f"{error}. Nothing was written; see `feeds plan`, and if this is intended, say --yes",
                err=True,
            )
            sys.exit(PROBLEMS)
        except FeedsError as error:
            _fail(error)
        except KeyboardInterrupt:
            click.echo("interrupted; the next build completes what is missing", err=True)
            sys.exit(FAILED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click knows what to do
        except Exception as error:  # noqa: BLE001 - whatever it is, the program could not run
            _crash(error)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Turn lists of articles and pages of show notes into feeds people can subscribe to."""


@main.command()
@_config
@_output
@_base_url
@_now
@click.option("--yes", is_flag=True, help="Go on even if subscribers would be surprised.")
@_json
def build(
    config: Path, output: str | None, base_url: str | None, now: datetime | None, yes: bool, as_json: bool
) -> None:
    r"""Read the sources and bring the output up to date.

    \b
    Examples:
      feeds build
      feeds build --base-url https://example.org/feeds/
      feeds build --config other/feeds.toml --output public --json
    """
    _stop_in_order()
    report = _build(config, output, base_url, now, surprising=yes)
    _print_report(report, as_json)
    sys.exit(PROBLEMS if _problems(report) else OK)


@main.command()
@_config
@_output
@_base_url
@_now
@click.option("--yes", is_flag=True, help="Go on even if subscribers would be surprised.")
@click.option("--no-hubs", is_flag=True, help="Leave notifying the hubs to the next run.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until the site serves a feed as published.",
)
@_json
def publish(
    config: Path,
    output: str | None,
    base_url: str | None,
    now: datetime | None,
    yes: bool,
    no_hubs: bool,
    wait: float,
    as_json: bool,
) -> None:
    r"""Build, verify, publish what passes, notify the hubs.

    \b
    Examples:
      feeds publish
      feeds publish --output /srv/www --wait 300
      feeds publish --no-hubs && rsync -a output/ example.org:/srv/www/ && feeds publish
    """
    from feeds.publishing import publish

    _stop_in_order()
    plan = _load(config, base_url)
    with _progress() as progress:
        done = publish(
            plan,
            output=output or plan.output(_project(config) / "output"),
            state=_project(config) / ".feeds",
            now=now or datetime.now(UTC),
            surprising=yes,
            hubs=not no_hubs,
            patience=wait,
            progress=progress,
        )
    _print_published(done, as_json)
    stopped = done.rules.fails("error")
    sys.exit(PROBLEMS if stopped or _problems(done.built) or done.findings else OK)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--title", help="Name of the site.")
@click.option("--author", help="Who publishes it.")
@click.option("--base-url", metavar="URL", help="Address that the output will be published at.")
@click.option("--language", default="en", show_default=True, help="Language tag.")
@click.option("--from", "source", metavar="URL|FILE", help="A page or document to make feeds of.")
@click.option("--allow-private", is_flag=True, help="Allow its address to be on a private network.")
def init(
    folder: Path,
    title: str | None,
    author: str | None,
    base_url: str | None,
    language: str,
    source: str | None,
    allow_private: bool,
) -> None:
    r"""Start a new project in a folder, with samples or from a page.

    Whatever is not given is asked for, on a terminal.

    \b
    Examples:
      feeds init
      feeds init garden --title "Garden" --author "Ana" --base-url https://example.org/
      feeds init news --from https://example.org/news/
    """
    from feeds.starting import start

    written = start(
        folder,
        title=title or _ask("Name of the site", "My feeds"),
        author=author or _ask("Who publishes it", "The editors"),
        base_url=base_url or _ask("Address it will be published at", "http://localhost:8000/"),
        language=language,
        source=_proposed(source, folder, allow_private=allow_private) if source else None,
    )
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"next: {'' if folder == Path() else f'cd {folder} && '}feeds build && feeds serve")


def _proposed(name: str, folder: Path, *, allow_private: bool) -> "Beginning":
    """How to read a page or document."""
    from feeds.fetch import Fetcher
    from feeds.propose import propose
    from feeds.sources import is_address, read
    from feeds.starting import Beginning

    if is_address(name):
        with Fetcher(allow_private=allow_private) as fetcher:
            source = fetcher.get(name).source(format="auto")
    else:
        source = read(name, Path(), format_="auto")
        name = os.path.relpath(name, folder / "config")
    proposal = propose(source)
    count = len(proposal.items)
    click.echo(f"{proposal.reason}: {count} item{'s' if count > 1 else ''}" if count else proposal.reason)
    for feed in proposal.feeds:
        click.echo(f"it also has a feed, which is a better source: {feed.url}")
    return Beginning(
        path=name,
        format=proposal.format,
        fields=proposal.select,
        url=proposal.url,
        needs_url=proposal.needs_url,
        is_show=proposal.is_show,
        allow_private=allow_private,
    )


def _ask(question: str, default: str) -> str:
    return str(click.prompt(question, default=default)) if sys.stdin.isatty() else default


@main.command()
@_config
@_json
def plan(config: Path, as_json: bool) -> None:
    r"""Show what the next build would do to each feed.

    \b
    Examples:
      feeds plan
      feeds plan --json
    """
    from feeds.forecast import forecast

    plan = _load(config)
    with _progress() as progress:
        result = forecast(
            plan,
            output=plan.output(_project(config) / "output"),
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
            what = (
                (feed.new, "new"),
                (feed.again, "announced again"),
                (feed.changed, "changed"),
                (feed.vanished, "vanished"),
            )
            click.echo(f"{feed.path}  {', '.join(f'{count} {name}' for count, name in what if count)}")
        click.echo(f"{len(result.feeds)} feeds would change, {result.unchanged} stay as they are")
        for surprise in result.surprises:
            click.echo(f"{surprise}; `feeds build` will stop there without --yes", err=True)
    sys.exit(PROBLEMS if _problems(result) or result.surprises else OK)


@main.command()
@click.argument("source")
@_config
@click.option("--format", "format_", help="Format of the source.  [default: as configured]")
@_json
def inspect(source: str, config: Path, format_: str | None, as_json: bool) -> None:
    r"""Show what is understood of a source, and what is not.

    \b
    Examples:
      feeds inspect config/sources/articles.txt
      feeds inspect notes.txt --format shownotes --json
      feeds inspect https://example.org/feed.xml
    """
    from feeds.inspection import inspect as run
    from feeds.inspection import print_table
    from feeds.parsers import PARSERS, Settings

    known = _known_source(source, config)
    format_ = format_ or (known.format if known else "auto")
    _expect("--format", [format_], ["auto", *PARSERS])
    found = run(
        source,
        format_=format_,
        show=known.show if known else "show" if format_ == "shownotes" else None,
        url=known.url if known else None,
        allow_private=known is not None and known.allow_private,
        settings=known.settings if known else Settings(),
    )
    if as_json:
        _print_json(found)
    else:
        from rich.console import Console

        print_table(found, Console(highlight=False))
    sys.exit(PROBLEMS if _problems(found) else OK)


@main.command()
@_config
@_output
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 for any free port."
)
@click.option("--build", "building", is_flag=True, help="Build first, and again whenever something changes.")
def serve(config: Path, output: str | None, host: str, port: int, building: bool) -> None:
    r"""Serve the output as a good host would, to try it out.

    \b
    Examples:
      feeds serve
      feeds serve --build
      feeds serve --host 0.0.0.0 --port 8080
    """
    from feeds.serve import run

    plan = _load(config)
    root = _folder(config, plan, output)

    def rebuild() -> None:
        _print_report(_build(config, output), as_json=False)
        now = _load(config)
        if (now.site.base_url, _watched(now)) != (plan.site.base_url, _watched(plan)):
            what = "base_url, or files outside of its folder"
            click.echo(f"the configuration names another {what}; restart `feeds serve` to use them", err=True)

    if building:
        rebuild()
    run(
        root,
        host=host,
        port=port,
        base_url=plan.site.base_url,
        rebuild=rebuild if building else None,
        watch=_watched(plan),
        ignore=[_project(config) / ".feeds"],
        say=click.echo,
    )


@main.command()
@click.argument("targets", nargs=-1, metavar="[PATH|URL]...")
@_config
@_output
@click.option("--no-links", is_flag=True, help="Check the rules only.")
@click.option("--only", type=click.Choice(["rules", "links"]), help="Check only these.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Check only this rule, such as POD-04.")
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help="Check the rules of this profile.")
@click.option("--format", "format_", default="text", show_default=True, help="How to print what was found.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="The lowest level that makes it exit with 1.",
)
@click.option("--since", type=_Moment(), help="Check only files written since then.")
@click.option(
    "--max-age", type=click.FloatRange(0), metavar="DAYS", help="Check good links again after this many days."
)
@click.option("--fix", is_flag=True, help="Write the new addresses of moved pages into the overrides.")
@click.option("--yes", is_flag=True, help="Write them without asking.")
def verify(
    targets: tuple[str, ...],
    config: Path,
    output: str | None,
    no_links: bool,
    only: str | None,
    rules: tuple[str, ...],
    profiles: tuple[str, ...],
    format_: str,
    fail_on: Literal["error", "warning", "never"],
    since: datetime | None,
    max_age: float | None,
    fix: bool,
    yes: bool,
) -> None:
    r"""Prove that feeds and links work, in the output or in any feed.

    \b
    Examples:
      feeds verify
      feeds verify --no-links --format github
      feeds verify https://example.org/podcast.xml --profile apple
      feeds verify output/all/rss.xml --rule RSS-04
    """
    from feeds import verification
    from feeds.ledger import Ledger
    from feeds.verify.report import PRINTERS

    _expect("--format", [format_], PRINTERS)
    _expect_rules(rules, profiles)
    if only == "links" and (no_links or rules or profiles):
        raise click.UsageError("--only links cannot be combined with --no-links, --rule or --profile")
    if fix and (targets or no_links or only == "rules" or rules):
        raise click.UsageError("--fix needs the links of the configured output; leave out what excludes them")
    plan = _load(config) if config.is_file() or not targets else None
    questions = verification.Questions(
        ask_rules=only != "links",
        ask_links=only != "rules" and not no_links,
        only=rules,
        profiles=profiles,
        settings=verification.settings(plan, max_age),
        since=since,
    )
    now = datetime.now(UTC)
    memory = plan.ledger(_project(config) / ".feeds") if plan else ":memory:"
    with Ledger.open(memory) as ledger, _link_progress() as progress:
        if targets:
            verified = verification.verify_others(targets, ledger, questions, now=now, progress=progress)
        else:
            assert plan
            place = output or plan.output(_project(config) / "output")
            root = _project(config) / ".feeds" / "staging" if "://" in place else Path(place)
            verified = verification.verify_site(
                root, plan, ledger, questions, output=place, now=now, progress=progress
            )
    click.echo(PRINTERS[format_](verified.report), nl=False)
    if fix and plan:
        _fix(verified, plan, yes)
    sys.exit(PROBLEMS if fail_on != "never" and verified.report.fails(fail_on) else OK)


@main.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@_json
def rules(names: tuple[str, ...], as_json: bool) -> None:
    r"""List the rules that `feeds verify` checks, or explain some.

    \b
    Examples:
      feeds rules
      feeds rules POD-04 CHP-01
    """
    from feeds.verify.report import described
    from feeds.verify.rules import RULES

    _expect_rules(names, ())
    chosen = [RULES[name] for name in names or RULES]
    if as_json:
        _print_json([described(rule) for rule in chosen])
    elif names:
        for rule in chosen:
            click.echo(f"{rule.id} ({rule.level})\n  {rule.says}\n  {rule.fix}\n  Source: {rule.source}")
    else:
        for rule in chosen:
            click.echo(f"{rule.id}  {rule.level:7}  {rule.says}")


@main.command()
@_config
@click.option(
    "--from",
    "published",
    metavar="FOLDER|URL",
    help="Where it is published.  [default: the output]",
)
def recover(config: Path, published: str | None) -> None:
    r"""Restore a lost ledger from what is published.

    Nothing gets a second id or date.

    \b
    Examples:
      feeds recover
      feeds recover --from https://example.org/feeds/
    """
    from feeds.ledger import Ledger
    from feeds.recovery import recover

    plan = _load(config)
    output = plan.output(_project(config) / "output")
    with Ledger.open(plan.ledger(_project(config) / ".feeds")) as ledger:
        recovered = recover(plan, ledger, published or output, now=datetime.now(UTC))
    for finding in recovered.findings:
        click.echo(str(finding), err=True)
    click.echo(f"{recovered.items} items recovered, {recovered.unlisted} of them in no source")
    sys.exit(PROBLEMS if recovered.findings else OK)


def _expect(option: str, found: Iterable[str], known: Iterable[str], listed: str = "") -> None:
    """Refuse what is unknown, with what is near to it, or all that is known or where it is listed."""
    by_letters = {name.casefold(): name for name in known}
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name.casefold(), by_letters, n=1)
            expected = listed or f"expected one of {', '.join(known)}"
            meant = f"; did you mean {by_letters[near[0]]}?" if near else f"; {expected}"
            raise click.UsageError(f"{option} {name} is unknown{meant}")


def _expect_rules(names: Sequence[str], profiles: Sequence[str]) -> None:
    if not names and not profiles:
        return
    from feeds.verify.rules import PROFILES, RULES

    _expect("the rule", names, RULES, "`feeds rules` lists them")
    _expect("--profile", profiles, PROFILES)


@contextmanager
def _link_progress() -> "Iterator[Callable[[links.Progress], None] | None]":
    """Show how far the links are, at which rate, and what is waited for."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Links"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)

        def show(progress: "links.Progress") -> None:
            rate = bar.tasks[task].speed
            waiting = [
                f"{one.links} links of {one.host}, next in {one.seconds:.0f} s"
                for one in progress.waiting[:1]
            ]
            said = "; ".join([f"{rate:.1f} a second", *waiting] if rate else waiting)
            bar.update(task, completed=progress.done, total=progress.total, description=said)

        yield show


def _fix(verified: "Verified", plan: "Plan", yes: bool) -> None:
    """Show what would become of the overrides, and write it if that is wanted."""
    from feeds.config import OVERRIDES
    from feeds.relinking import relinked

    path = plan.path.with_name(OVERRIDES)
    before = path.read_text("utf-8") if path.exists() else ""
    after = relinked(before, verified.results)
    if after == before:
        click.echo("no address that an override can change has moved permanently", err=True)
        return
    change = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="")
    click.echo("\n".join(change), err=True)
    if yes or (sys.stdin.isatty() and click.confirm("Write it?", err=True)):
        path.write_text(after, "utf-8")
    else:
        click.echo("nothing was written; to write it, say --yes", err=True)


def _build(
    config: Path,
    output: str | None,
    base_url: str | None = None,
    now: datetime | None = None,
    *,
    surprising: bool = False,
) -> "Report":
    from feeds.unchanged import Stamp

    state = _project(config) / ".feeds"
    now = now or datetime.now(UTC)
    asked = (str(config), str(config.resolve()), output, str(Path.cwd()), base_url)
    stamp = Stamp(state / "builds", *asked, begun=time.time_ns())
    if report := stamp.report(now):
        return report

    from feeds.build import build

    plan = _load(config, base_url)
    with _progress() as progress:
        return build(
            plan,
            output=output or plan.output(_project(config) / "output"),
            state=state,
            now=now,
            surprising=surprising,
            progress=progress,
            stamp=stamp,
        )


def _stop_in_order() -> None:
    """Let whoever ends this process, such as a job that is cancelled, have it give back its locks first."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _known_source(source: str, config: Path) -> "SourcePlan | None":
    """The source of the configuration that a file or an address is, or belongs to, if it is one."""
    from feeds.sources import names

    plan = _load(config) if config.is_file() else None
    for known in plan.sources if plan else ():
        if plan and (
            source == known.path
            or any(
                (plan.root / name).resolve() == Path(source).resolve()
                for name in names(known.path, plan.root)
            )
        ):
            return known
    return None


def _load(config: Path, base_url: str | None = None) -> "Plan":
    from feeds.config import load

    return load(config, base_url=base_url)


def _watched(plan: "Plan") -> list[Path]:
    """The folder of the configuration, and the files and folders that it names elsewhere."""
    from feeds.sources import begins

    root = plan.root.resolve()
    named = {source.path for source in plan.sources}
    named.update(path for show in plan.shows.values() for path in (show.audio, show.image))
    places = {place.resolve() for path in named if (place := begins(path, plan.root))}
    return [root, *sorted(place for place in places if not place.is_relative_to(root))]


def _folder(config: Path, plan: "Plan", output: str | None) -> Path:
    """The folder that is published into."""
    place = output or plan.output(_project(config) / "output")
    if "://" in place:
        hint = "the last `feeds publish` was built in .feeds/staging"
        raise click.UsageError(f"{place} is not a folder; give one with --output ({hint})")
    return Path(place)


def _project(config: Path) -> Path:
    """The folder that holds `config/`, `output/` and `.feeds/`."""
    folder = config.parent
    if folder.resolve().name != "config":
        return folder
    return folder.parent if folder.name == "config" else folder.resolve().parent


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


def _problems(result: "Report | Inspection | Forecast") -> list["Finding"]:
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
    gone = f", {report.gone} no longer listed by their source" if report.gone else ""
    click.echo(f"items  {report.new} new, {report.changed} changed, {report.unchanged} unchanged{gone}")
    removed = f", {report.removed} removed" if report.removed else ""
    click.echo(f"files  {report.written} written, {report.kept} unchanged{removed}")
    click.echo(f"feeds  {report.feeds}")
    if count := len(_problems(report)):
        click.echo(f"{count} problem{'s' if count > 1 else ''} to look at, listed above", err=True)


def _print_published(done: "Published", as_json: bool) -> None:
    from dataclasses import replace

    from feeds.verify.report import PRINTERS

    if as_json:
        _print_json(done)
        return
    if done.rules.fails("error"):
        for finding in _problems(done.built):
            click.echo(str(finding), err=True)
        errors = [finding for finding in done.rules.findings if finding.level == "error"]
        click.echo(PRINTERS["text"](replace(done.rules, findings=tuple(errors))), nl=False)
        click.echo("nothing was published: the rules above are broken", err=True)
        if any(finding.rule.startswith("LED-") for finding in errors):
            click.echo("if the surprises for subscribers (LED-…) are intended, say --yes", err=True)
        return
    _print_report(done.built, as_json=False)
    removed = f", {done.removed} removed" if done.removed else ""
    click.echo(f"put    {done.written} new or changed, {done.kept} unchanged{removed}")
    click.echo(f"hubs   {done.told} notices")
    for finding in done.findings:
        click.echo(str(finding), err=True)


def _crash(error: Exception) -> NoReturn:
    """Say what the system refused, or that this should not have happened."""
    if _TRACEBACK in os.environ:
        import traceback

        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".splitlines()[0].removesuffix(": ")
    if isinstance(error, OSError):
        click.echo(what, err=True)
    else:
        report = f"Please report it, with what {_TRACEBACK}=1 in the environment shows"
        click.echo(f"feeds {__version__} has a fault ({what}). {report}", err=True)
    sys.exit(FAILED)


def _fail(error: Exception) -> NoReturn:
    click.echo(str(error), err=True)
    sys.exit(FAILED)
