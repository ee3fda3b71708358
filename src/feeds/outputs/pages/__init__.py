"""Pages for people: the front page, one per feed, per episode, and per article without a link of its own.

Templates are jinja2 with autoescaping; they and all they use lie in `feeds/theme/`. A file of the same
name in the user's theme folder replaces ours, and may extend it with
`{% extends "feeds/NAME" %}`; any other file there is published as it is.
"""

import mimetypes
import traceback
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from feeds.dates import clock, rfc3339
from feeds.errors import FeedsError
from feeds.model import Article, Document, Entry, Episode, Feed, Place, Site, Topic
from feeds.outputs.pages import structured
from feeds.outputs.pages.addresses import (
    ROOT,
    Subscription,
    apps,
    moment,
    origins,
    relative,
    subscriptions,
    way,
)
from feeds.outputs.pages.foreign import clean
from feeds.outputs.pages.marks import mark
from feeds.outputs.pages.paging import Sheet, sheets
from feeds.remembered import MOST
from feeds.text import addresses as addresses_in

CARD = "card.png"
"""Path of the picture of the site."""

_OURS = Path(__file__).parents[2] / "theme"
_RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"))
"""Languages."""
_KINDS = ("all", "show", "topic", "publisher")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    """What the head of a page says."""

    title: str
    description: str
    url: str
    """Canonical, absolute."""
    language: str
    data: structured.Data
    image: str
    """Absolute address of the picture that is shown where the page is shared."""
    kind: str = "website"
    """Type in the words of Open Graph."""
    forms: tuple[Subscription, ...] = ()
    """The feeds that a reader discovers on this page, the best one first."""
    published: datetime | None = None
    updated: datetime | None = None
    pictures: tuple[str, ...] = ()
    """Hosts, other than our own, that the page shows pictures from."""
    media: tuple[str, ...] = ()
    """Hosts, other than our own, that the page plays audio from."""


class Pages:
    """Makes the pages of one site. The same values always make the same bytes.

    Any method raises `FeedsError` if a template of the user's own cannot be used.

    >>> site = Site(title="Notes", base_url="https://example.org/", author="Ana")
    >>> Pages(site).index([]).path
    'index.html'
    """

    digest: str
    """Of all that pages are made from, but for the feeds: when it changes, every page must be made again."""

    def __init__(self, site: Site, theme: Path | None = None) -> None:
        """Read our theme, and the user's own files over it."""
        self._site = site
        self._is_theirs = theme is not None
        self._files = _files(_OURS) | (_files(theme) if theme else {})
        self._environment = _environment(theme)
        self._environment.globals.update(site=site, to=partial(relative, base=site.base_url))
        self._environment.filters["name"] = self._name
        code = {path.name: path for path in Path(__file__).parent.glob("*.py")}
        digest = sha256()
        for name, path in sorted({**self._files, **code}.items()):
            digest.update(name.encode() + sha256(path.read_bytes()).digest())
        self.digest = digest.hexdigest()

    def index(self, feeds: Sequence[Feed]) -> Document:
        """Make the front page. Of each feed it shows the three newest entries."""
        site = self._site
        head = _Head(
            title=site.title,
            description=site.description,
            url=site.base_url,
            language=site.language,
            data=structured.of_site(site),
            forms=_forms(sorted(feeds, key=lambda feed: feed.kind != "all")),
            image=self._card(),
            pictures=self._elsewhere(map(_cover, feeds)),
        )
        groups = {kind: [feed for feed in feeds if feed.kind == kind] for kind in _KINDS}
        return self._page("index.html", "index.html", head, groups=groups)

    def feed(self, feed: Feed) -> Iterator[Document]:
        """Make the page of a feed, and the pages that its list continues on."""
        for sheet in sheets(len(feed.entries)):
            yield self.sheet(feed, sheet, feed.entries[sheet.start : sheet.stop])

    def sheet(self, feed: Feed, sheet: Sheet, entries: Sequence[Entry]) -> Document:
        """Make one page of a feed, which lists these entries."""
        head = _Head(
            title=self._name(feed) + (f", page {sheet.number}" if sheet.number else ""),
            description=feed.description,
            url=feed.url + (sheet.file if sheet.number else ""),
            language=feed.language,
            data=structured.of_feed(feed, entries),
            forms=subscriptions(feed),
            image=self._card(feed),
            pictures=self._elsewhere([_cover(feed)]),
        )
        return self._page(
            "show.html" if feed.kind == "show" else "feed.html",
            f"{feed.path}/{sheet.file}",
            head,
            feed=feed,
            entries=entries,
            sheet=sheet,
        )

    def entry(
        self,
        entry: Entry,
        feed: Feed,
        previous: Entry | None,
        next: Entry | None,  # noqa: A002  # the word for it
    ) -> Iterator[Document]:
        """Make the page of an episode, or of an article without a link of its own; none for other entries.

        `feed` is the one the page belongs to, for an article without its entries, since its page is not made
        again when they change; `previous` the entry before it in time, `next` the one after.
        The page of an episode with chapters asks for `chapters.vtt` in its own folder.
        """
        if entry.path is None:
            return
        item = entry.item
        episode = isinstance(item, Episode)
        own = item.image if item.image != feed.image else None
        cover = own or _cover(feed)
        head = _Head(
            title=item.title,
            description=item.summary,
            url=f"{self._site.base_url}{entry.path}/",
            language=item.language or feed.language,
            data=structured.of_entry(entry, feed),
            kind="article",
            forms=subscriptions(feed),
            published=item.published,
            updated=item.updated,
            image=own or self._card(feed),
            pictures=self._elsewhere([cover]),
            media=self._elsewhere([item.media.url]) if isinstance(item, Episode) and item.media else (),
        )
        yield self._page(
            "episode.html" if episode else "article.html",
            f"{entry.path}/index.html",
            head,
            entry=entry,
            item=item,
            feed=feed,
            cover=cover,
            previous=previous,
            next=next,
        )

    def assets(self) -> Iterator[Document]:
        """What pages use: style, scripts, icons, robots.txt, and the user's own files."""
        for name, path in sorted(self._files.items()):
            if path.suffix != ".html":
                known = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0]
                yield Document(path=name, type=known or "application/octet-stream", body=path.read_bytes())

    def _page(self, template: str, path: str, head: _Head, **context: object) -> Document:
        root = way(path)
        to = partial(relative, base=self._site.base_url, root=root)
        try:
            text = self._environment.get_template(template).render(
                head=head,
                policy=_policy(head),
                foreign=partial(clean, base=self._site.base_url, relative=to),
                **context,
            )
        except Exception as error:  # whatever a template of the user's does
            if not self._is_theirs and not isinstance(error, jinja2.TemplateError):
                raise
            raise _theme_error(template, error) from error
        return Document(path=path, type="text/html", body=text.replace(ROOT, root).encode())

    def _name(self, feed: Feed) -> str:
        """Title of a feed without that of the site, which every page shows anyway."""
        return feed.title.removesuffix(self._site.title).rstrip(" –-|·") or feed.title

    def _card(self, feed: Feed | None = None) -> str:
        """The picture that is shown where a page is shared: of its show, else of the site."""
        own = feed and ((feed.show and feed.show.card) or feed.image)
        return own or f"{self._site.base_url}{CARD}"

    def _elsewhere(self, addresses: Iterable[str | None]) -> tuple[str, ...]:
        return origins(filter(None, addresses), self._site.base_url)


def _cover(feed: Feed) -> str | None:
    """The picture that pages show for a feed: the smallest there is, since none shows it large."""
    return (feed.show and feed.show.small_image) or feed.image


def _forms(feeds: Sequence[Feed]) -> tuple[Subscription, ...]:
    """All forms of the feed of everything, and the most useful one of each other."""
    return tuple(
        form
        for feed in feeds
        for form in subscriptions(feed)[: None if feed.kind == "all" or len(feeds) == 1 else 1]
    )


def _policy(head: _Head) -> str:
    """Content-Security-Policy: nothing inline, no host but ours and those of the media."""
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "connect-src 'self'",
            " ".join(("img-src 'self'", *head.pictures)),
            " ".join(("media-src 'self'", *head.media)),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


class _Environment(jinja2.Environment):
    """Gives templates their global names in a plain dictionary, which is faster to look up."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def _environment(theme: Path | None) -> jinja2.Environment:
    ours = jinja2.FileSystemLoader(_OURS)
    theirs = [jinja2.FileSystemLoader(theme)] if theme else []
    environment = _Environment(
        loader=jinja2.ChoiceLoader([*theirs, ours, jinja2.PrefixLoader({"feeds": ours})]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,  # else every use of a template asks the disk whether it is the newest
    )
    environment.filters.update(
        besides=_besides,
        cover=_cover,
        date=_date,
        rfc3339=rfc3339,
        clock=_short_clock,
        duration=_duration,
        linked=_linked,
    )
    environment.tests.update(episode=_is_episode, rtl=_is_rtl)
    environment.globals.update(apps=apps, mark=mark, moment=moment, qr=_qr, subscriptions=subscriptions)
    environment.filters["once"] = _once()  # a filter, since calls of globals take Jinja longer
    environment.policies["json.dumps_function"] = _json
    return environment


def _once() -> Callable[..., str]:
    """Make the filter that remembers what a macro makes of some values, on whatever page.

    Each macro has a memory of its own, so that those of many values leave the others theirs.
    """

    @cache
    def remembering(macro: Macro) -> Callable[..., str]:
        return lru_cache(maxsize=MOST)(macro)

    return lambda macro, *values: remembering(macro)(*values)


def _json(data: structured.Data, **_: object) -> str:
    return msgspec.json.encode(data).decode()


def _files(folder: Path) -> dict[str, Path]:
    """Path below the folder → file, without hidden ones."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path
        for name, path in found.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def _theme_error(template: str, error: Exception) -> FeedsError:
    """Say what is wrong with a template, and where."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return FeedsError(str(error.message), Place(source=error.filename or template, line=error.lineno))
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".html")
    ]
    place = Place(source=frames[-1].filename, line=frames[-1].lineno) if frames else Place(source=template)
    if isinstance(error, RecursionError):
        reason = 'it extends itself; to extend ours, write {% extends "feeds/index.html" %}'
    elif isinstance(error, UnicodeDecodeError):
        reason = "it is not in UTF-8"
    else:
        reason = str(error) or type(error).__name__
    return FeedsError(f"the template cannot be used: {reason}", place)


def _date(when: datetime) -> str:
    """Write a date for people.

    >>> from datetime import UTC
    >>> _date(datetime(2026, 1, 2, tzinfo=UTC))
    '2 January 2026'
    """
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def _is_episode(item: Article | Episode) -> bool:
    return isinstance(item, Episode)


def _is_rtl(language: str) -> bool:
    """Tell whether a language is written from right to left.

    >>> _is_rtl("ar-EG"), _is_rtl("pt-BR")
    (True, False)
    """
    return language.lower().partition("-")[0] in _RIGHT_TO_LEFT


def _besides(topics: Iterable[Topic], slug: str | None) -> list[Topic]:
    """Leave out the topic that a page is of."""
    return [topic for topic in topics if topic.slug != slug]


def _qr(address: str) -> Markup:
    from feeds import qr  # only pages of shows need it

    return Markup(qr.svg(address))  # noqa: S704  # numbers


def _linked(text: str) -> Markup:
    """Plain text with its addresses as links.

    >>> print(_linked("see https://example.org/?a&b."))
    see <a href="https://example.org/?a&amp;b">https://example.org/?a&amp;b</a>.
    """
    parts = []
    end = 0
    for start, stop in addresses_in(text):
        url = escape(text[start:stop])
        parts += [escape(text[end:start]), f'<a href="{url}">{url}</a>']
        end = stop
    return Markup("".join([*parts, escape(text[end:])]))  # noqa: S704  # every part is escaped


def _short_clock(seconds: float) -> str:
    """Write a time within audio for people: no hours where there are none, no fractions.

    >>> _short_clock(62), _short_clock(3815.5)
    ('1:02', '1:03:35')
    """
    hours, rest = clock(int(seconds)).split(":", 1)
    return f"{int(hours)}:{rest}" if int(hours) else rest.removeprefix("0")


def _duration(seconds: float) -> str:
    """Write how long audio lasts.

    >>> _duration(45), _duration(2066), _duration(3600), _duration(3815)
    ('45 s', '34 min', '1 h', '1 h 4 min')
    """
    if seconds < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))
