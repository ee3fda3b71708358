"""Addresses on pages: relative ones within the site, and those that hand a feed to an app."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from feeds.model import Feed
from feeds.outputs.formats import FORMATS

_APPS = (
    ("Apple Podcasts", "podcast://{bare}"),
    ("AntennaPod", "antennapod-subscribe://{bare}"),
    ("Overcast", "overcast://x-callback-url/add?url={quoted}"),
    ("Pocket Casts", "pktc://subscribe/{bare}"),
    ("Castro", "castro://subscribe/{bare}"),
    ("Podcast Addict", "podcastaddict://{bare}"),
    ("gPodder", "gpodder://{bare}"),
    ("Another app", "pcast://{bare}"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One form of a feed, as a page offers it."""

    label: str
    """Name of the format, for people."""
    title: str
    file: str
    """Path below the output root."""
    url: str
    """Absolute."""
    type: str
    """MIME type."""


def subscriptions(feed: Feed) -> tuple[Subscription, ...]:
    """All forms of a feed, the most useful one first."""
    return _subscriptions(feed.title, feed.path, feed.url, feed.formats)


@lru_cache(maxsize=64)
def _subscriptions(title: str, path: str, url: str, formats: tuple[str, ...]) -> tuple[Subscription, ...]:
    """Every page of an item asks for those of its feed, and many follow each other."""
    return tuple(
        Subscription(
            label=form.label,
            title=f"{title} ({form.label})",
            file=f"{path}/{form.file}",
            url=f"{url}{form.file}",
            type=form.type,
        )
        for name, form in FORMATS.items()
        if name in formats
    )


def apps(url: str) -> Iterator[tuple[str, str]]:
    """Name of a podcast app and the address that makes it subscribe to a feed."""
    bare = url.partition("://")[2]
    for name, pattern in _APPS:
        yield name, pattern.format(bare=bare, quoted=quote(url, safe=""))


ROOT = "\ufdd0"
"""Stands for the way from a page to the root of the site, so that pages of all folders can share what was
made once. It is a noncharacter, which is for use within a program (Unicode, section 23.7)."""


def way(path: str) -> str:
    """The way from a page to the root, so that the site works wherever it is put.

    >>> way("index.html"), way("topics/caching/index.html")
    ('./', '../../')
    """
    return "../" * path.count("/") or "./"


def relative(target: str, base: str, root: str = ROOT) -> str:
    """Address of `target` as seen from a page that `root` leads to the root of the site from.

    The target is a path below the root, with a final slash for a folder, or an absolute address. One
    outside the site stays as it is, unless it is of a kind that has no place on a page.

    >>> relative("topics/caching/", "https://example.org/", "../../")
    '../../topics/caching/'
    >>> relative("https://example.org/shows/tech/a.mp3#t=9", "https://example.org/", "../")
    '../shows/tech/a.mp3#t=9'
    >>> relative("https://elsewhere.example/", "https://example.org/")
    'https://elsewhere.example/'
    >>> relative("javascript:alert(1)", "https://example.org/")
    '#'
    """
    if target.startswith(base):
        target = target.removeprefix(base)
    elif ":" in target and (scheme := urlsplit(target).scheme):
        return target if scheme in ("http", "https", "mailto") else "#"
    return root + target


def moment(seconds: float) -> str:
    """Fragment that names a time within audio (Media Fragments URI, section 4.2.1).

    >>> moment(62.0), moment(3815.25)
    ('t=62', 't=3815.25')
    """
    return f"t={seconds:.3f}".rstrip("0").rstrip(".")


def origins(addresses: Iterable[str], base: str) -> tuple[str, ...]:
    """Hosts, other than the site's own, that addresses are on, as a Content-Security-Policy names them."""
    parts = [urlsplit(address) for address in addresses if not address.startswith(base)]
    return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.netloc}))
