"""A post of a static site: front matter in YAML or TOML, or Pelican's lines, above a text in Markdown.

One source is one file. Its habits are those of Jekyll, Hugo, Eleventy and Pelican: date and slug in the
name of the file or its folder, drafts, categories beside tags, a teaser that ends at `<!--more-->`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from markdown_it import MarkdownIt

from feeds.errors import SourceError
from feeds.model import Finding, Parsed, Place, Source
from feeds.parsers import _dates, _markup, _yaml
from feeds.parsers._decoding import text_of
from feeds.parsers._records import NAMES, ReadChapters, Record, parsed, strings
from feeds.parsers._trees import repeated_names

_LONGEST_HEAD = 30_000
_DEEPEST_KEY = 50
_LONGEST_BODY = 500_000
_MOST_BRACKETS = 10_000
"""Brackets that are not links cost the renderer the square of their number."""
_PELICAN = re.compile(r"([A-Za-z][\w-]{0,30}):[ \t]*(.*)")
_NAME = re.compile(r"(?:(\d{4}-\d{1,2}-\d{1,2})(?:[-_ ]|$))?(.*)", re.DOTALL)
_LANGUAGE = re.compile(r"(.+)\.([a-z]{2}(?:-[a-zA-Z]{2})?)")
_MORE = re.compile(r"<!--\s*(?:more|excerpt)\s*-->", re.IGNORECASE)
_HEADING = re.compile(r"\s*#[ \t]+([^\n]+?)[ \t]*#*[ \t]*(?:\n|$)")
_BRACED = re.compile(r"\{(\w+)\}")
_PLACEHOLDER = re.compile(r"[{:](\w+)\}?")
_PLACES = ("year", "month", "day", "slug", "title", "categories")
"""What a permalink may contain."""
_MARKDOWN = MarkdownIt("commonmark", {"html": True, "maxNesting": 50}).enable(["table", "strikethrough"])

# Names that mean something else in front matter than in a table, or are read apart.
_NAMES: Mapping[str, tuple[str, ...]] = {
    **NAMES,
    "link": ("canonical_url", "canonical", "external_url", "link", "permalink", "url"),
    "published": ("date", "published", "publishdate", "pubdate", "created"),
    "content": (),
    "tags": (),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to read posts."""

    permalink: str | None = None
    """Address of a post that does not name its own, such as `/{year}/{month}/{day}/{slug}/`."""
    day_first: bool | None = None
    """Whether 02/01/2026 is in January."""
    read_chapters: ReadChapters | None = None


@dataclass(frozen=True, slots=True)
class _Post:
    """A file, taken apart."""

    meta: Mapping[str, Any]
    """Names in lower case, with underscores."""
    body: str
    date: str | None
    slug: str
    language: str | None
    findings: tuple[Finding, ...]


def parse(source: Source, options: Options | None = None) -> Parsed:
    """Read one post. A draft gives no item but a finding, and so does the page of a section.

    Raises `SourceError` if there is nothing in the file, too much, front matter that cannot be read, or if
    `permalink` names what no post has.
    """
    options = options or Options()
    if unknown := sorted(_placeholders(options.permalink or "") - set(_PLACES)):
        message = f"`permalink` has {', '.join(unknown)}; there are {', '.join(_PLACES)}"
        raise SourceError(message, Place(source=source.name))
    text, findings = text_of(source, "a post in Markdown")
    post = _post(text, source)
    place = Place(source=source.name, line=1)
    if reason := _unpublished(post, source.name):
        finding = Finding(level="info", rule="draft", place=place, message=f"left out: {reason}")
        return Parsed(findings=(*findings, finding))
    fields = _fields(post, options)
    record = Record(fields=fields, place=place, base_url=_link(fields, source))
    return parsed(
        [record],
        source,
        day_first=options.day_first,
        read_chapters=options.read_chapters,
        findings=(*findings, *post.findings),
    )


def front_matter(text: str) -> str | None:
    r"""Say how the metadata at the beginning of a text is written; `None` if there is none.

    >>> front_matter("---\ntitle: One\n---\nText"), front_matter("Title: One\nDate: 2026-01-02\n\nText")
    ('YAML', 'Pelican')
    """
    first, _, rest = text.lstrip("\n").partition("\n")
    fence = first.rstrip()
    if fence in ("---", "+++"):
        closed = re.search(rf"^{re.escape(fence)}[ \t]*$", rest[:_LONGEST_HEAD], re.MULTILINE)
        return {"---": "YAML", "+++": "TOML"}[fence] if closed else None
    found = _PELICAN.fullmatch(first)
    return "Pelican" if found and found[1].lower() in ("title", "date", "slug") and found[2] else None


def _post(text: str, source: Source) -> _Post:
    kind = front_matter(text)
    stripped = text.lstrip("\n")
    meta: Mapping[str, Any] = {}
    findings: tuple[Finding, ...] = ()
    body = text
    if kind == "Pelican":
        meta, body = _pelican(stripped)
    elif kind:
        fence = stripped[:3]
        head, body = re.split(
            rf"^{re.escape(fence)}[ \t]*(?:\n|\Z)", stripped, maxsplit=2, flags=re.MULTILINE
        )[1:]
        first_line = text.count("\n", 0, len(text) - len(stripped)) + 2
        meta = _yaml_head(head, source, first_line) if kind == "YAML" else _toml_head(head, source)
        findings = (*repeated_names(meta, Place(source=source.name, line=first_line)),)
    elif stripped.startswith(("---\n", "+++\n")):
        raise SourceError(
            "front matter is opened but not closed; is the file cut off?", Place(source=source.name, line=1)
        )
    if not meta and not body.strip():
        raise SourceError("there is neither front matter nor text in it", Place(source=source.name))
    for number, of_what, most in (
        (len(body), "characters", _LONGEST_BODY),
        (body.count("["), "square brackets", _MOST_BRACKETS),
    ):
        if number > most:
            message = f"a post of {number:,} {of_what}; at most {most:,} are read"
            raise SourceError(message, Place(source=source.name))
    date, slug, language = _named(source.name)
    meta = {name.lower().replace("-", "_"): value for name, value in meta.items()}
    return _Post(meta, body, date, slug, language, findings)


def _pelican(text: str) -> tuple[dict[str, Any], str]:
    meta: dict[str, Any] = {}
    head, _, body = text.partition("\n\n")
    for line in head.split("\n"):
        if found := _PELICAN.fullmatch(line):
            meta[found[1]] = found[2].strip()
    return meta, body


def _yaml_head(head: str, source: Source, first_line: int) -> Mapping[str, Any]:
    try:
        meta = _yaml.load(head)
    except _yaml.YamlError as error:
        place = Place(source=source.name, line=first_line + error.line - 1)
        raise SourceError(f"front matter is not YAML: {error.message}", place) from error
    if meta is not None and not isinstance(meta, dict):
        place = Place(source=source.name, line=first_line)
        raise SourceError("front matter is not a list of names and values, such as `title: …`", place)
    return meta or {}


def _toml_head(head: str, source: Source) -> Mapping[str, Any]:
    if any(line.partition("=")[0].count(".") > _DEEPEST_KEY for line in head.split("\n")):
        message = f"front matter has a key of more than {_DEEPEST_KEY} parts"
        raise SourceError(message, Place(source=source.name, line=1))
    try:
        return tomllib.loads(head)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"front matter is not TOML: {error}", Place(source=source.name, line=1)) from error


def _named(name: str) -> tuple[str | None, str, str | None]:
    """Read date, slug and language from a path: `2026-01-02-a-title.de.md`, `a-title/index.md`."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = path.stem
    language = None
    if found := _LANGUAGE.fullmatch(stem):
        stem, language = found.groups()
    if stem.lower() in ("index", "readme") and path.parent.name:
        stem = path.parent.name
    found = _NAME.fullmatch(stem)
    assert found
    return found[1], found[2] or stem, language


def _unpublished(post: _Post, name: str) -> str | None:
    if PurePosixPath(name).stem == "_index":
        return "it is the page of a section, not a post"
    words = {field: str(post.meta.get(field, "")).lower() for field in ("draft", "published", "status")}
    is_draft = words["draft"] in ("true", "yes") or words["published"] in ("false", "no")
    if is_draft or words["status"] in ("draft", "hidden") or "_drafts" in PurePosixPath(name).parts:
        return "it is a draft"
    return None


def _fields(post: _Post, options: Options) -> dict[str, Any]:
    meta = {**post.meta, **_table(post.meta.get("params")), **_table(post.meta.get("extra"))}
    if str(meta.get("published")).lower() in ("true", "false"):
        del meta["published"]
    fields: dict[str, Any] = {
        name: meta[alias]
        for name, aliases in _NAMES.items()
        if (alias := next((alias for alias in aliases if meta.get(alias) not in (None, "")), None))
    }
    body = post.body
    if "title" not in fields and (heading := _HEADING.match(body)):
        fields["title"], body = _MARKDOWN.renderInline(heading[1]), body[heading.end() :]
    fields.setdefault("title", re.sub(r"[-_\s]+", " ", post.slug).strip().capitalize())
    if "summary" not in fields and (more := _MORE.search(body)):
        fields["summary"] = _MARKDOWN.render(body[: more.start()])
    fields["content"] = _MARKDOWN.render(body)
    fields.setdefault("published", post.date)
    fields.setdefault("language", post.language)
    taxonomies = {**meta, **_table(meta.get("taxonomies"))}
    names = ("tags", "tag", "categories", "category")
    fields["tags"] = [
        tag for name in names for tag in strings(taxonomies.get(name), words=name in ("tags", "categories"))
    ]
    fields["link"] = _expanded(fields.get("link") or options.permalink, fields, meta.get("slug") or post.slug)
    return fields


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _expanded(pattern: object, fields: Mapping[str, Any], slug: object) -> str | None:
    """Fill in a permalink in the manner of Jekyll (`:year`) or Hugo and Pelican (`{year}`)."""
    if not isinstance(pattern, str) or pattern == "false":
        return None
    when = _dates.read(fields.get("published"))
    known = {"slug": str(slug), "title": str(slug), "categories": "/".join(fields["tags"][:1])}
    if when:
        known |= {"year": f"{when:%Y}", "month": f"{when:%m}", "day": f"{when:%d}"}
    if _placeholders(pattern) - set(known):
        return None
    return _placeholder(pattern).sub(lambda match: known[match[1]], pattern)


def _placeholders(pattern: str) -> set[str]:
    return set(_placeholder(pattern).findall(pattern))


def _placeholder(pattern: str) -> re.Pattern[str]:
    """What is to be filled in; within a whole address a colon stands for itself."""
    return _BRACED if "://" in pattern else _PLACEHOLDER


def _link(fields: Mapping[str, Any], source: Source) -> str | None:
    return _markup.absolute(fields["link"], source.base_url) or source.base_url
