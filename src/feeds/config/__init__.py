"""The configuration: `read` gets the file, `understand` makes a plan of it and reports every problem at once.

Nobody else sees TOML. Every key is a field in `tables.py`; its description there is its documentation.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePath
from typing import Any, Literal

from pydantic import ValidationError

from feeds.config.problems import contradictions, explanations, problem, unclean
from feeds.config.tables import (
    BuildTable,
    ConfigTable,
    HostTable,
    IgnoreTable,
    OverridesTable,
    OverrideTable,
    PersonTable,
    ShowTable,
    SiteTable,
    SourceTable,
    TagRuleTable,
    TagsTable,
    TopicTable,
    VerifyTable,
)
from feeds.config.tables import (
    base_url as checked_base_url,
)
from feeds.dates import seconds
from feeds.editing import Condition, Editor, Match, Override, TagRule, condition
from feeds.errors import ConfigError
from feeds.groups import Selection
from feeds.model import Chapter, Finding, Person, Place, Show, Site, Topic
from feeds.parsers import Settings
from feeds.slugs import slug

OVERRIDES = "overrides.toml"
"""Name of the file of overrides, beside the configuration."""

THEME = "theme"
"""Name of the folder of the user's own templates and style, beside the configuration."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcePlan:
    """A source to read, and what it is."""

    path: str
    """As the configuration says it, relative to the folder of the configuration; or an address, or `-`."""
    format: str
    show: str | None
    url: str | None
    settings: Settings
    tags: tuple[str, ...]
    filter: TagRule
    """Only its conditions are used."""
    limit: int | None
    removed: Literal["keep", "drop", "tombstone"]
    allow_private: bool
    apart: str = ""
    """What tells it from a source of the same path for another show; empty if there is none above it."""

    @property
    def key(self) -> str:
        """What the ledger calls it."""
        return self.key_of(self.path)

    def key_of(self, name: str) -> str:
        """What the ledger calls one of its files or addresses."""
        return f"{name}{self.apart}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that a build needs to know, understood and checked."""

    path: Path
    """Of the configuration file; relative paths in it are relative to its folder."""
    site: Site
    redirects: Mapping[str, str]
    """Where to go from a path below the output root."""
    identity: str
    """What ids are made from: the base URL that the configuration gives, whatever the command line says."""
    limit: int
    """How many items a feed holds, but for a show's own feed, which holds all."""
    archives: bool
    """Whether feeds with more items than that have archives."""
    sources: tuple[SourcePlan, ...]
    shows: Mapping[str, Show]
    topics: Mapping[str, Topic]
    selections: Mapping[str, Selection]
    """What belongs to a topic, by slug; a topic without has the items with its tag."""
    editor: Editor
    editing: str
    """All that decides how items are edited and grouped, so that a change of it can be told."""
    theme: Path | None
    """Folder of the user's own templates and style."""
    verify: VerifyTable
    """How links are checked."""
    build: BuildTable = field(repr=False)
    """Where a build keeps and puts things, and who does its work: nothing that it makes depends on that."""

    @property
    def root(self) -> Path:
        """The folder that paths in the configuration are relative to."""
        return self.path.parent

    def ledger(self, state: Path) -> str:
        """Path or address of the ledger; `state` is the folder that has it unless the configuration says."""
        return self._located(self.build.ledger) or str(state / "ledger.sqlite")

    def output(self, folder: Path) -> str:
        """Path or address to publish into: `folder`, unless the configuration says."""
        return self._located(self.build.output) or str(folder)

    def _located(self, place: str | None) -> str | None:
        return str(self.root / place) if place and "://" not in place else place


def load(path: Path, *, base_url: str | None = None) -> Plan:
    """Read and understand a configuration, and the overrides beside it.

    `base_url` takes the place of the one it gives. Raises `ConfigError` with every problem found.
    """
    overrides = path.with_name(OVERRIDES)
    return understand(
        read(path), path, base_url=base_url, overrides=read(overrides) if overrides.exists() else {}
    )


def read(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises `ConfigError` if it is not there, or no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        message = "no such file; give the configuration with --config, or make one with `feeds init`"
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 at byte {error.start}; save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        message = f"is not TOML: {error}"
    raise ConfigError([problem(path, None, message)])


def check(data: Mapping[str, Any], path: Path) -> None:
    """Raise `ConfigError` if a configuration that is yet to be written says what none may."""
    try:
        ConfigTable.model_validate(data)
    except ValidationError as error:
        raise ConfigError([*explanations(path, error)]) from error


def understand(
    data: Mapping[str, Any],
    path: Path,
    *,
    base_url: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Plan:
    """Make a plan of what a configuration says. Raises `ConfigError` with every problem found."""
    problems: list[Finding] = []
    config = edits = None
    try:
        config = ConfigTable.model_validate(data)
    except ValidationError as error:
        problems.extend(explanations(path, error))
    try:
        edits = OverridesTable.model_validate(overrides or {})
    except ValidationError as error:
        problems.extend(explanations(path.with_name(OVERRIDES), error))
    problems.extend(contradictions(data, path))
    problems.extend(unclean(data, path))
    problems.extend(unclean(overrides, path.with_name(OVERRIDES)))
    if base_url is not None:
        try:
            base_url = checked_base_url(base_url)
        except ValueError as error:
            problems.append(problem(Path("--base-url"), None, f"{error}; found {base_url!r}"))
    if config is None or edits is None or problems:
        raise ConfigError(sorted(problems, key=lambda finding: finding.place.path or ""))
    return _plan(config, edits, path, base_url or config.site.base_url)


def keys() -> Iterator[tuple[str, str, str, str]]:
    """List every key of the configuration: its name, type, default and meaning; the documentation's table."""
    for prefix, table in (
        ("site", SiteTable),
        ("[[source]]", SourceTable),
        ("show.<slug>", ShowTable),
        ("topic.<slug>", TopicTable),
        ("tags", TagsTable),
        ("[[tags.rule]]", TagRuleTable),
        ("build", BuildTable),
        ("verify", VerifyTable),
        ("[[verify.host]]", HostTable),
        ("[[verify.ignore]]", IgnoreTable),
    ):
        for name, key in table.model_fields.items():
            if key.description:
                default = "required" if key.is_required() else _toml(key.get_default())
                yield f"{prefix}.{name}", _type_name(key.annotation), default, key.description


def _plan(config: ConfigTable, edits: OverridesTable, path: Path, base_url: str) -> Plan:
    site = config.site
    theme = path.parent / THEME
    return Plan(
        path=path,
        theme=theme if theme.is_dir() else None,
        site=Site(
            title=site.title,
            base_url=base_url,
            author=site.author,
            language=site.language,
            description=site.description,
            hubs=tuple(dict.fromkeys(site.hubs)),
        ),
        redirects=site.redirects,
        identity=site.base_url,
        limit=site.limit,
        archives=site.archives,
        sources=tuple(_sources(config.source)),
        shows={name: _show(name, show, site) for name, show in config.show.items()},
        topics={
            name: Topic(slug=name, title=topic.title or "", description=topic.description)
            for name, topic in config.topic.items()
        },
        selections={name: _selection(topic) for name, topic in config.topic.items()},
        editor=_editor(config.tags, edits.override, path.with_name(OVERRIDES)),
        verify=config.verify,
        build=config.build,
        editing=repr((config.tags, edits, config.topic, sorted(config.show))),
    )


def _sources(sources: Sequence[SourceTable]) -> Iterator[SourcePlan]:
    paths: set[PurePath] = set()
    for source in sources:
        path = PurePath(source.path)
        yield _source(source, apart=f" for {source.show}" if path in paths else "")
        paths.add(path)


def _source(source: SourceTable, *, apart: str) -> SourcePlan:
    return SourcePlan(
        path=source.path,
        format=source.format,
        show=source.show,
        url=source.url,
        settings=Settings(
            fields=source.fields,
            items=source.items,
            order=tuple(source.order),
            permalink=source.permalink,
            day_first=source.day_first,
        ),
        tags=tuple(source.tags),
        filter=TagRule(
            any=_conditions(source.any), all=_conditions(source.all), none=_conditions(source.none)
        ),
        limit=source.limit,
        removed=source.removed,
        allow_private=source.allow_private,
        apart=apart,
    )


def _conditions(texts: Sequence[str]) -> tuple[Condition, ...]:
    return tuple(map(condition, texts))


def _selection(topic: TopicTable) -> Selection:
    return Selection(
        any=frozenset(map(slug, topic.any)),
        all=frozenset(map(slug, topic.all)),
        none=frozenset(map(slug, topic.none)),
        publisher=topic.publisher,
        max_minutes=topic.max_minutes,
        kind=topic.kind,
        limit=topic.limit,
        at_least=topic.at_least,
        sort=topic.sort,
    )


def _editor(tags: TagsTable, overrides: Sequence[OverrideTable], path: Path) -> Editor:
    return Editor(
        overrides=[_override(override, index, path) for index, override in enumerate(overrides)],
        rules=[
            TagRule(
                any=_conditions(rule.any),
                all=_conditions(rule.all),
                none=_conditions(rule.none),
                add=tuple(rule.add),
                remove=tuple(rule.remove),
            )
            for rule in tags.rule
        ],
        merged={slug(tag): into for into, merged in tags.merge.items() for tag in merged},
    )


def _override(override: OverrideTable, index: int, path: Path) -> Override:
    values = {
        name: getattr(override, name)
        for name in override.model_fields_set - {"match", "date", "authors", "guests", "chapters", "tags"}
    }
    if override.date is not None:
        values["published"] = _moment(override.date)
    if override.tags is not None:
        values["tags"] = tuple(override.tags)
    if override.authors is not None:
        values["authors"] = tuple(Person(name=name) for name in override.authors)
    if override.guests is not None:
        values["persons"] = tuple(replace(_person(guest), role="guest") for guest in override.guests)
    if override.chapters is not None:
        values["chapters"] = tuple(
            Chapter(start=seconds(chapter.start), title=chapter.title, link=chapter.link)
            for chapter in override.chapters
        )
    return Override(
        match=Match(**override.match.model_dump()),
        values=values,
        place=Place(source=str(path), path=f"override[{index}]"),
    )


def _moment(when: datetime | date) -> datetime:
    """A date without a time is noon, without a zone UTC, so that it is that day nearly everywhere."""
    if not isinstance(when, datetime):
        return datetime.combine(when, time(12), UTC)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _show(name: str, show: ShowTable, site: SiteTable) -> Show:
    categories = [category.partition(">") for category in show.categories]
    return Show(
        slug=name,
        title=show.title,
        author=show.author,
        owner=Person(name=show.owner.name, email=show.owner.email) if show.owner else None,
        description=show.description,
        categories=tuple((top.strip(), sub.strip() or None) for top, _, sub in categories),
        explicit=show.explicit,
        language=show.language or site.language,
        image=show.image,
        audio=show.audio,
        allow_private=show.allow_private,
        hosts=tuple(map(_person, show.hosts)),
        type=show.type,
        link=show.link,
        copyright=show.copyright,
        locked=show.locked,
        complete=show.complete,
        guid=show.guid,
        new_feed_url=show.new_feed_url,
        txt=tuple(show.txt.items()),
    )


def _person(person: str | PersonTable) -> Person:
    return Person(name=person) if isinstance(person, str) else Person(**person.model_dump())


def _type_name(annotation: Any) -> str:
    names = {str: "text", bool: "true or false", int: "number", float: "number"}
    text = str(annotation)
    if annotation in names:
        return names[annotation]
    kinds = (
        ("dict[", "table"),
        ("list[", "list"),
        ("OwnerTable", "table"),
        ("Literal", "word"),
        ("int", "number"),
        ("float", "number"),
        ("bool", "true or false"),
        ("date", "date"),
    )
    return next((name for mark, name in kinds if mark in text), "text")


def _toml(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return ""
    return str(value).lower() if isinstance(value, bool) else f"`{value}`"
