"""The tables of the configuration: every key, its type, its default and what it means."""

import re
from datetime import date, datetime
from string import Formatter
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from feeds import editing
from feeds.config.suggestions import suggestion
from feeds.dates import seconds
from feeds.parsers import FIELDS, PARSERS
from feeds.vocabulary import CATEGORIES, ROLES

_PATH = re.compile(r"(?:[\w~!$'()*+,;=:@-][\w.~!$'()*+,;=:@-]*(?:/|$))+", re.ASCII)


class Table(BaseModel):
    """A table of TOML."""

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


def base_url(url: str) -> str:
    """Check an address that files are published below, and end it with a slash."""
    if "?" in _absolute(url) or "#" in url or "@" in urlsplit(url).netloc:
        raise ValueError("expected an address without '?', '#' or a password")
    if not url.isascii():
        raise ValueError("expected ASCII only: the host as 'xn--…', other letters as '%…'")
    return url if url.endswith("/") else f"{url}/"


def _language(tag: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", tag):
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
        raise ValueError(f"not a category of Apple Podcasts{suggestion(text, names)}")
    return text


def _role(text: str) -> str:
    names = [role.lower() for roles in ROLES.values() for role in roles]
    if text.lower() not in names:
        raise ValueError(f"not a role of the Podcasting 2.0 taxonomy{suggestion(text.lower(), names)}")
    return text.lower()


_EPISODE = {"number": 1, "season": 1, "title": "", "slug": ""}
"""What a pattern of audio files may name, as an episode might have it."""


def _audio(pattern: str) -> str:
    try:
        named = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
        if named <= _EPISODE.keys():
            pattern.format_map(_EPISODE)
            return pattern
    except ValueError:  # braces that do not match, or a number written in no way there is
        pass
    raise ValueError(f"expected a pattern that may name {', '.join(f'{{{name}}}' for name in _EPISODE)}")


def _email(address: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ValueError("expected an e-mail address such as 'ann@example.org'")
    return address


def _guid(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE):
        raise ValueError("expected a UUID such as '917393e3-1b1e-5cef-ace4-edaa54e1f810'")
    return text


_Moment = datetime | date
"""Named here, since a field that is called `date` hides the type of that name."""

_Text = Annotated[str, AfterValidator(_filled)]
_Url = Annotated[str, AfterValidator(_absolute)]
_BaseUrl = Annotated[str, AfterValidator(base_url)]
_Language = Annotated[str, AfterValidator(_language)]
_Audio = Annotated[_Text, AfterValidator(_audio)]
_Email = Annotated[str, AfterValidator(_email)]


def _condition(text: str) -> str:
    editing.condition(text)
    return text


def _clock(text: str) -> str:
    try:
        seconds(text)
    except ValueError:
        raise ValueError("expected a time such as '1:02:03'") from None
    return text


def _path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise ValueError("expected a path below the address of the site such as 'old/page.html'")
    if text.endswith((".xml", ".json")):
        raise ValueError("readers of feeds do not follow a page; redirect on the server, or see new_feed_url")
    return text


def _order(names: list[str]) -> list[str]:
    for name in names:
        if name not in FIELDS:
            raise ValueError(f"{name!r} is not a line of a card{suggestion(name, list(FIELDS))}")
    if names and ("title" not in names or len(set(names)) < len(names)):
        raise ValueError("expected each line once, and 'title' among them")
    return names


_Path = Annotated[str, AfterValidator(_path)]
_Conditions = list[Annotated[str, AfterValidator(_condition)]]
_Tags = list[_Text]


class SiteTable(Table):
    """The site."""

    title: _Text = Field(description="Name of the site.")
    base_url: _BaseUrl = Field(description="Address that `output/` is published at.")
    author: _Text = Field(description="Who publishes it.")
    language: _Language = Field("en", description="Language tag, such as `en` or `pt-BR`.")
    description: str = Field("", description="A sentence or two about it.")
    limit: int = Field(
        50, ge=1, description="How many items a feed holds; feeds of shows, and pages, hold all."
    )
    archives: bool = Field(
        True, description="Whether feeds with more items than their limit have an archive (RFC 5005)."
    )
    hubs: list[_Url] = Field(
        [], description="WebSub hubs that `feeds publish` notifies of each feed that changed."
    )
    redirects: dict[_Path, _Url] = Field(
        {}, description="New addresses of pages that moved, by old path such as `old/page.html`."
    )


class SourceTable(Table):
    """A source of items."""

    path: _Text = Field(
        description="File, glob or folder to read, relative to the configuration file, or a web address."
    )
    format: Literal[("auto", *PARSERS, "opml")] = Field("auto", description="What it is, or `auto`.")  # type: ignore[valid-type]
    show: str | None = Field(None, description="Slug of the show whose episodes it lists.")
    url: _Url | None = Field(None, description="Base of relative addresses in it.")
    fields: dict[str, str] = Field(
        {}, description="CSS selectors of a page, or columns of a table, by field."
    )
    items: str | None = Field(None, description="Path to the list within a JSON or YAML document.")
    order: Annotated[list[str], AfterValidator(_order)] = Field(
        [], description="Order of the lines of a card in a listing; else detected."
    )
    permalink: str | None = Field(
        None, description="Pattern of the addresses of posts, such as `/{year}/{slug}/`."
    )
    day_first: bool | None = Field(
        None, description="Whether 02/01/2026 is in January; else inferred from its other dates."
    )
    tags: _Tags = Field([], description="Tags added to all its items.")
    any: _Conditions = Field([], description="Take only items that meet at least one of these conditions.")
    all: _Conditions = Field([], description="Take only items that meet all of these conditions.")
    none: _Conditions = Field([], description="Leave out items that meet any of these conditions.")
    limit: int | None = Field(None, ge=1, description="Take at most this many items, from the top.")
    removed: Literal["keep", "drop", "tombstone"] = Field(
        "keep", description="What happens to items it no longer lists: `keep`, `drop` or `tombstone`."
    )
    allow_private: bool = Field(False, description="Whether its address may be on a private network.")


class PersonTable(Table):
    """A person."""

    name: _Text
    role: Annotated[str, AfterValidator(_role)] | None = None
    url: _Url | None = None
    image: str | None = None
    email: _Email | None = None


class OwnerTable(Table):
    """Who owns a show."""

    name: _Text
    email: _Email


class ShowTable(Table):
    """A show."""

    title: _Text = Field(description="Name of the show.")
    author: _Text = Field(description="Who makes it.")
    owner: OwnerTable | None = Field(None, description="`{ name, email }`; the address becomes public.")
    description: str = Field("", description="What it is about; else taken from its notes.")
    categories: list[Annotated[str, AfterValidator(_category)]] = Field(
        min_length=1, description="Categories of Apple Podcasts, such as `Technology` or `Arts > Books`."
    )
    explicit: bool = Field(False, description="Whether it is unsuitable for children.")
    language: _Language | None = Field(None, description="Language tag; else the site's.")
    image: _Text = Field("generate", description="Path of the cover, or `generate`.")
    audio: _Audio = Field(
        "placeholder",
        description="Pattern of the audio files, such as `media/{number}.mp3`, or `placeholder`.",
    )
    allow_private: bool = Field(False, description="Whether its audio may be on a private network.")
    hosts: list[_Text | PersonTable] = Field([], description="Names, or tables `{ name, role, url, image }`.")
    type: Literal["episodic", "serial"] = Field("episodic", description="`episodic` or `serial`.")
    link: _Url | None = Field(None, description="Home page of the show, if it is not on this site.")
    copyright: str | None = Field(None, description="Who holds the rights.")
    locked: bool = Field(True, description="Whether other hosts may not import the feed.")
    complete: bool = Field(False, description="Whether there will be no more episodes.")
    guid: Annotated[str, AfterValidator(_guid)] | None = Field(
        None, description="`podcast:guid` that the show already has."
    )
    new_feed_url: _Url | None = Field(None, description="Where the feed has moved to.")
    txt: dict[str, str] = Field({}, description="`podcast:txt` texts by purpose, such as `verify`.")


class TopicTable(Table):
    """A topic; without conditions, the items with its tag."""

    title: _Text | None = Field(None, description="Name of the topic; else made from its tag.")
    description: str = Field("", description="A sentence about it.")
    any: _Tags = Field([], description="Items with one of these tags.")
    all: _Tags = Field([], description="Items with all of these tags.")
    none: _Tags = Field([], description="Items with none of these tags.")
    publisher: _Text | None = Field(None, description="Items of this publisher.")
    max_minutes: int | None = Field(None, ge=1, description="Articles that take at most this long to read.")
    kind: Literal["articles", "episodes", "both"] = Field(
        "both", description="`articles`, `episodes` or `both`."
    )
    limit: int | None = Field(None, ge=1, description="How many items its feeds hold; else the site's limit.")
    at_least: int = Field(1, ge=1, description="How many items it needs before it gets feeds.")
    sort: Literal["date", "number", "source"] = Field("date", description="`date`, `number` or `source`.")


class TagRuleTable(Table):
    """A rule that adds and removes tags."""

    any: _Conditions = Field([], description="One of these must hold, such as `title:*Python*`.")
    all: _Conditions = Field([], description="All of these must hold.")
    none: _Conditions = Field([], description="None of these may hold.")
    add: _Tags = Field([], description="Tags to add.")
    remove: _Tags = Field([], description="Tags to remove.")


class TagsTable(Table):
    """What becomes of tags."""

    merge: dict[str, _Tags] = Field({}, description="Tags to merge, by the tag they become.")
    rule: list[TagRuleTable] = []


class MatchTable(Table):
    """Which item an override means."""

    id: str | None = None
    link: str | None = None
    number: int | None = None
    title: str | None = None
    show: str | None = None


class ChapterTable(Table):
    """A chapter in an override."""

    start: Annotated[str, AfterValidator(_clock)]
    title: str
    link: _Url | None = None


class OverrideTable(Table):
    """An override of one item."""

    match: MatchTable
    id: _Text | None = None
    title: _Text | None = None
    link: _Url | None = None
    date: _Moment | None = None
    summary: str | None = None
    language: _Language | None = None
    authors: list[_Text] | None = None
    publisher: _Text | None = None
    minutes: int | None = Field(None, ge=1)
    tags: _Tags | None = None
    image: str | None = None
    hidden: bool | None = None
    number: int | None = Field(None, ge=1)
    season: int | None = Field(None, ge=1)
    kind: Literal["full", "trailer", "bonus"] | None = None
    explicit: bool | None = None
    audio: _Audio | None = None
    guests: list[_Text | PersonTable] | None = None
    chapters: list[ChapterTable] | None = None


class OverridesTable(Table):
    """`overrides.toml`."""

    override: list[OverrideTable] = []


class HostTable(Table):
    """What differs for some hosts when links are checked."""

    pattern: _Text = Field(description="Hosts, such as `*.example.org`.")
    headers: dict[str, str] = Field({}, description="Headers to send to them.")
    accept: list[int] = Field([], description="Statuses that count as good, such as 403.")
    limit: int | None = Field(None, ge=1, description="Concurrent requests.")
    delay: float | None = Field(None, ge=0, description="Seconds between two requests.")
    timeout: float | None = Field(None, gt=0, description="Seconds for one request.")


class IgnoreTable(Table):
    """A broken link that someone has looked at and accepted."""

    pattern: _Text = Field(description="Addresses, such as `https://example.org/*`.")
    reason: _Text = Field(description="Why they are ignored.")
    until: date | None = Field(None, description="The last day they are ignored.")


class VerifyTable(Table):
    """How links are checked."""

    limit: int = Field(192, ge=1, description="Concurrent requests, over all hosts.")
    host_limit: int = Field(6, ge=1, description="Concurrent requests to one host.")
    host_delay: float = Field(0.02, ge=0, description="Seconds between two requests to one host.")
    timeout: float = Field(15.0, gt=0, description="Seconds for one request.")
    deadline: float = Field(1800.0, gt=0, description="Seconds for the whole run.")
    retries: int = Field(3, ge=0, description="How often a temporary failure is retried.")
    wait_budget: float = Field(60.0, ge=0, description="Seconds that one address may spend waiting in total.")
    robots: bool = Field(True, description="Whether to honour the delays in robots.txt.")
    allow_private: bool = Field(False, description="Whether addresses on private networks are checked.")
    maintenance: bool = Field(
        False, description="Whether to write `output/maintenance/atom.xml`: which links broke or recovered."
    )
    host: list[HostTable] = []
    ignore: list[IgnoreTable] = []


def _workers(text: str) -> str:
    if text not in ("serial", "processes") and not re.fullmatch(r"dask://[^/\s]+:\d+", text):
        raise ValueError("expected 'serial', 'processes' or an address such as 'dask://host:8786'")
    return text


class BuildTable(Table):
    """Where a build keeps and puts things, and who does its work."""

    ledger: _Text | None = Field(
        None,
        description="File of the ledger, relative to the configuration file, or a database such as "
        "`postgresql+psycopg://host/feeds`; else `.feeds/ledger.sqlite` beside `config/`.",
    )
    output: _Text | None = Field(
        None,
        description="Folder to publish into, relative to the configuration file, or object storage such as "
        "`s3://bucket/prefix`; else `output/` beside `config/`.",
    )
    workers: Annotated[str, AfterValidator(_workers)] = Field(
        "serial", description="Who renders feeds: `serial`, `processes`, or a cluster `dask://host:8786`."
    )


class ConfigTable(Table):
    """`feeds.toml`."""

    site: SiteTable
    source: list[SourceTable] = Field(min_length=1)
    show: dict[str, ShowTable] = {}
    topic: dict[str, TopicTable] = {}
    tags: TagsTable = Field(default_factory=TagsTable)
    verify: VerifyTable = Field(default_factory=VerifyTable)
    build: BuildTable = Field(default_factory=BuildTable)
