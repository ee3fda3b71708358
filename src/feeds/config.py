"""The configuration: `read` gets the file, `understand` makes a plan of it, or reports all problems at once.

Nobody else sees TOML. Every key is a field below; its description is the documentation.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from feeds.errors import ConfigError
from feeds.model import Finding, Person, Place, Show, Site, Topic
from feeds.parsers import PARSERS
from feeds.slugs import slug
from feeds.vocabulary import CATEGORIES, ROLES


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcePlan:
    """A source to read, and what it is."""

    path: str
    """As the configuration says it, relative to the folder of the configuration."""
    format: str
    show: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that a build needs to know, understood and checked."""

    path: Path
    """Of the configuration file; relative paths in it are relative to its folder."""
    site: Site
    identity: str
    """What ids are made from: the base URL that the configuration gives, whatever the command line says."""
    limit: int
    """How many items a feed holds, but for a show's own feed, which holds all."""
    sources: tuple[SourcePlan, ...]
    shows: Mapping[str, Show]
    topics: Mapping[str, Topic]
    theme: Path | None
    """Folder of the user's own templates and style."""

    @property
    def root(self) -> Path:
        """The folder that paths in the configuration are relative to."""
        return self.path.parent


def load(path: Path, *, base_url: str | None = None) -> Plan:
    """Read and understand a configuration file. `base_url` takes the place of the one it gives.

    Raises `ConfigError` with every problem found.
    """
    return understand(read(path), path, base_url=base_url)


def read(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises `ConfigError` if it is not there, or no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        problem = "no such file; give the configuration with --config, or make one with `feeds init`"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 at byte {error.start}; save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is no TOML: {error}"
    raise ConfigError([_problem(path, None, problem)])


def understand(data: Mapping[str, Any], path: Path, *, base_url: str | None = None) -> Plan:
    """Make a plan of what a configuration file says. Raises `ConfigError` with every problem found."""
    problems: list[Finding] = []
    config = None
    try:
        config = _Config.model_validate(data)
    except ValidationError as error:
        problems.extend(_explanations(path, error))
    problems.extend(_contradictions(data, path))
    if base_url is not None:
        try:
            base_url = _base(base_url)
        except ValueError as error:
            problems.append(_problem(Path("--base-url"), None, f"{error}; found {base_url!r}"))
    if config is None or problems:
        raise ConfigError(sorted(problems, key=lambda finding: finding.place.path or ""))
    return _plan(config, path, base_url or config.site.base_url)


def keys() -> Iterator[tuple[str, str, str, str]]:
    """List every key of the configuration: its name, type, default and meaning; the documentation's table."""
    for prefix, table in (
        ("site", _Site),
        ("[[source]]", _Source),
        ("show.<slug>", _Show),
        ("topic.<slug>", _Topic),
    ):
        for name, field in table.model_fields.items():
            if field.description:
                default = "required" if field.is_required() else _toml(field.get_default())
                yield (
                    f"{prefix}.{field.alias or name}",
                    _type_name(field.annotation),
                    default,
                    field.description,
                )


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _absolute(url: str) -> str:
    if not _is_absolute(url):
        raise ValueError("expected an absolute address such as 'https://example.org/feeds/'")
    return url


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or port
        return False
    return whole and parts.scheme in ("http", "https") and not re.search(r"[\s<>\"\\^`{|}]", url)


def _base(url: str) -> str:
    if "?" in _absolute(url) or "#" in url or "@" in urlsplit(url).netloc:
        raise ValueError("expected an address without '?', '#' and password")
    if not url.isascii():
        raise ValueError("expected ASCII only: the host as 'xn--…', other letters as '%…'")
    return url if url.endswith("/") else f"{url}/"


def _language(tag: str) -> str:
    primary = tag.partition("-")[0]
    if not (2 <= len(primary) <= 3 and tag.replace("-", "").isalnum() and tag.isascii()):
        raise ValueError("expected a language tag such as 'en' or 'pt-BR'")
    return tag


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("expected some text")
    return text.strip()


def _category(text: str) -> str:
    name, _, sub = (part.strip() for part in text.partition(">"))
    names = [*CATEGORIES, *(f"{top} > {part}" for top, parts in CATEGORIES.items() for part in parts)]
    if name not in CATEGORIES or (sub and sub not in CATEGORIES[name]):
        raise ValueError(f"no category of Apple Podcasts{_suggestion(text, names)}")
    return text


def _role(text: str) -> str:
    names = [role.lower() for roles in ROLES.values() for role in roles]
    if text.lower() not in names:
        raise ValueError(f"no role of the Podcasting 2.0 taxonomy{_suggestion(text.lower(), names)}")
    return text.lower()


_Text = Annotated[str, AfterValidator(_filled)]
_Url = Annotated[str, AfterValidator(_absolute)]
_BaseUrl = Annotated[str, AfterValidator(_base)]
_Language = Annotated[str, AfterValidator(_language)]


class _Site(_Table):
    title: _Text = Field(description="Name of the site.")
    base_url: _BaseUrl = Field(description="Address that `output/` is published at.")
    author: _Text = Field(description="Who publishes it.")
    language: _Language = Field("en", description="Language tag, such as `en` or `pt-BR`.")
    description: str = Field("", description="A sentence or two about it.")
    limit: int = Field(50, ge=1, description="How many items a feed holds; a show's feed holds all.")


class _Source(_Table):
    path: _Text = Field(description="File to read, relative to the configuration file.")
    format: Literal[tuple(PARSERS)] = Field(description="What it is.")  # type: ignore[valid-type]
    show: str | None = Field(None, description="Slug of the show whose episodes it lists.")


class _Person(_Table):
    name: _Text
    role: Annotated[str, AfterValidator(_role)] | None = None
    url: _Url | None = None
    image: str | None = None
    email: str | None = None


class _Owner(_Table):
    name: _Text
    email: _Text


class _Show(_Table):
    title: _Text = Field(description="Name of the show.")
    author: _Text = Field(description="Who makes it.")
    owner: _Owner | None = Field(None, description="`{ name, email }`; the address becomes public.")
    description: str = Field("", description="What it is about; else what its notes say.")
    categories: list[Annotated[str, AfterValidator(_category)]] = Field(
        min_length=1, description="Of Apple Podcasts, such as `Technology` or `Arts > Books`."
    )
    explicit: bool = Field(False, description="Whether it is not for children.")
    language: _Language | None = Field(None, description="Language tag; else the site's.")
    image: _Text = Field("generate", description="Path of the cover, or `generate`.")
    audio: _Text = Field(
        "placeholder",
        description="Pattern of the audio files such as `media/{number}.mp3`, or `placeholder`.",
    )
    hosts: list[_Text | _Person] = Field([], description="Names, or tables `{ name, role, url, image }`.")
    type: Literal["episodic", "serial"] = Field("episodic", description="`episodic` or `serial`.")
    link: _Url | None = Field(None, description="Home page of the show, if it is not on this site.")
    copyright: str | None = Field(None, description="Who holds the rights.")
    locked: bool = Field(True, description="Whether other hosts may not import the feed.")
    complete: bool = Field(False, description="Whether no episode will follow.")
    guid: str | None = Field(None, description="`podcast:guid` that the show has from elsewhere.")
    new_feed_url: _Url | None = Field(None, description="Where the feed has moved to.")
    txt: dict[str, str] = Field({}, description="Texts by purpose, such as `verify`.")


class _Topic(_Table):
    title: _Text | None = Field(None, description="Name of the topic; else made from its tag.")
    description: str = Field("", description="A sentence about it.")


class _Config(_Table):
    site: _Site
    source: list[_Source] = Field(min_length=1)
    show: dict[str, _Show] = {}
    topic: dict[str, _Topic] = {}


def _plan(config: _Config, path: Path, base_url: str) -> Plan:
    site = config.site
    theme = path.parent / "theme"
    return Plan(
        path=path,
        theme=theme if theme.is_dir() else None,
        site=Site(
            title=site.title,
            base_url=base_url,
            author=site.author,
            language=site.language,
            description=site.description,
        ),
        identity=site.base_url,
        limit=site.limit,
        sources=tuple(
            SourcePlan(path=source.path, format=source.format, show=source.show) for source in config.source
        ),
        shows={name: _show(name, show, site) for name, show in config.show.items()},
        topics={
            name: Topic(slug=name, title=topic.title or "", description=topic.description)
            for name, topic in config.topic.items()
        },
    )


def _show(name: str, show: _Show, site: _Site) -> Show:
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
        hosts=tuple(
            Person(name=host) if isinstance(host, str) else Person(**host.model_dump()) for host in show.hosts
        ),
        type=show.type,
        link=show.link,
        copyright=show.copyright,
        locked=show.locked,
        complete=show.complete,
        guid=show.guid,
        new_feed_url=show.new_feed_url,
        txt=tuple(show.txt.items()),
    )


def _contradictions(data: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """What no single key shows: files that are missing, shows that are not there, slugs that collide."""
    shows = data.get("show")
    names = list(shows) if isinstance(shows, dict) else []
    listed: set[Path] = set()
    for index, source in enumerate(sources if isinstance(sources := data.get("source"), list) else []):
        if not isinstance(source, dict):
            continue
        key = f"source[{index}]"
        file, show = source.get("path"), source.get("show")
        if isinstance(file, str) and file:
            yield from _file_problems(path, f"{key}.path", file)
            if (file_path := path.parent / file) in listed:
                yield _problem(path, f"{key}.path", f"{file!r} is listed twice; expected each source once")
            listed.add(file_path)
        if isinstance(show, str) and show not in names:
            yield _problem(
                path, f"{key}.show", f"no [show.{show}] in the configuration{_suggestion(show, names)}"
            )
        if source.get("format") == "shownotes" and show is None:
            yield _problem(
                path, f"{key}.show", "missing; expected the slug of the show these notes belong to"
            )
    for kind in ("show", "topic"):
        tables = data.get(kind)
        yield from _slug_problems(kind, list(tables) if isinstance(tables, dict) else [], path)
    if isinstance(shows, dict):
        for name, show in shows.items():
            image = show.get("image") if isinstance(show, dict) else None
            if isinstance(image, str) and image and image != "generate":
                yield from _file_problems(path, f"show.{_quoted(name)}.image", image)


def _file_problems(path: Path, key: str, name: str) -> Iterator[Finding]:
    file = path.parent / name
    try:
        if file.is_file():
            return
        problem = f"expected a file; {file} is a folder" if file.is_dir() else f"no such file: {file}"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    yield _problem(path, key, problem)


def _slug_problems(kind: str, names: list[str], path: Path) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name in names:
        fit, key = slug(name), f"{kind}.{_quoted(name)}"
        if other := first.get(fit):
            yield _problem(path, key, f"has the same slug as {kind}.{_quoted(other)}; rename one of them")
        elif fit != name:
            yield _problem(path, key, f"is no slug; expected [{kind}.{fit}]")
        first[fit] = name


def _explanations(path: Path, error: ValidationError) -> Iterator[Finding]:
    """Say in a person's words what pydantic found, once for each place."""
    problems = error.errors()
    tables = {_key(details["loc"]) for details in problems if isinstance(details["input"], dict)}
    seen = set()
    for details in problems:
        where = _key(details["loc"])
        # A host is a name or a table: what is a table is no bad name, what is neither is told once.
        if (details["type"] == "string_type" and where in tables) or where in seen:
            continue
        seen.add(where)
        yield _problem(path, where, _explain(details))


def _explain(details: Any) -> str:
    found = f"; found {details['input']!r}"
    match details["type"]:
        case "extra_forbidden":
            return f"unknown key{_suggestion(str(details['loc'][-1]), _siblings(details['loc']))}"
        case "missing":
            return "missing; it is required"
        case "too_short":
            return f"expected at least one{found}"
        case "greater_than_equal":
            return f"expected {details['ctx']['ge']} or more{found}"
        case "value_error":
            return f"{details['ctx']['error']}{found}"
        case "literal_error":
            return f"expected {details['ctx']['expected']}{found}"
        case kind:
            return f"expected {_EXPECTED.get(kind, details['msg'])}{found}"


_EXPECTED = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a number",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


def _key(location: tuple[str | int, ...]) -> str:
    """`('source', 0, 'path')` as `source[0].path`, without pydantic's names of the parts of a union."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif not part.startswith(("function-", "_Person", "constrained-")) and "[" not in part:
            key += f".{_quoted(part)}" if key else _quoted(part)
    return key


def _quoted(name: str) -> str:
    """A key as TOML writes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _siblings(location: tuple[str | int, ...]) -> list[str]:
    """Keys that could have been meant in the table at a location."""
    tables: dict[str, type[_Table]] = {"site": _Site, "source": _Source, "show": _Show, "topic": _Topic}
    if len(location) == 1:
        return list(tables)
    nested: dict[str, type[_Table]] = {"owner": _Owner, "hosts": _Person}
    inner = [nested[part] for part in location[1:-1] if isinstance(part, str) and part in nested]
    return list((inner or [tables[str(location[0])]])[0].model_fields)


def _suggestion(found: str, possible: list[str]) -> str:
    near = difflib.get_close_matches(found, possible, n=1)
    return (
        f"; did you mean {near[0]!r}?"
        if near
        else f"; expected one of {', '.join(possible)}"
        if len(possible) < 30
        else ""
    )


def _problem(path: Path, key: str | None, message: str) -> Finding:
    return Finding(
        level="error", rule="configuration", place=Place(source=str(path), path=key), message=message
    )


def _type_name(annotation: Any) -> str:
    names = {str: "text", bool: "true or false", int: "number"}
    text = str(annotation)
    if annotation in names:
        return names[annotation]
    for mark, name in (("list[", "list"), ("dict[", "table"), ("_Owner", "table"), ("Literal", "word")):
        if mark in text:
            return name
    return "text"


def _toml(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return ""
    return str(value).lower() if isinstance(value, bool) else f"`{value}`"
