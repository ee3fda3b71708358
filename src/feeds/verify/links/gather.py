"""From what documents say to what has to be checked: each address once, with all that is said of it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urlsplit

from requests.models import PreparedRequest

from feeds.model import Place
from feeds.verify.links import content
from feeds.verify.links.model import Role, Target

# Which role decides where an address has several.
_STRICTEST: tuple[Role, ...] = ("chapters", "transcript", "enclosure", "artwork", "image")


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """An address exactly as documents write it."""

    url: str
    role: Role
    places: tuple[Place, ...]

    @property
    def fragment(self) -> str:
        """What follows the `#`; empty without one."""
        return self.url.partition("#")[2]

    @property
    def element(self) -> str:
        """The id of the element it points at; empty if it points at none."""
        fragment = unquote(self.fragment)
        return fragment if content.names_an_element(fragment) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One thing to ask, with everything that documents say of it."""

    url: str
    """As it goes over the wire."""
    role: Role
    """The strictest of those it has."""
    spellings: tuple[Spelling, ...]
    promises: tuple[tuple[int | None, str | None], ...] = ()
    """Sizes in bytes and MIME types, each as some document gives them."""
    elements: frozenset[str] = frozenset()
    """The ids of all elements of it that documents point at."""


def gather(targets: Iterable[Target]) -> list[Link]:
    """Bring together what documents say of each address, in the order they say it."""
    by_spelling: dict[str, list[Target]] = {}
    for target in targets:
        by_spelling.setdefault(target.url, []).append(target)
    by_wire: dict[str, list[list[Target]]] = {}
    for spelling, held in by_spelling.items():
        by_wire.setdefault(normalise(spelling)[0], []).append(held)
    return [_link(url, spelled) for url, spelled in by_wire.items()]


def normalise(url: str) -> tuple[str, str | None]:
    """Return an http or https address as it goes over the wire, or what is wrong with it.

    >>> normalise("https://Example.org/ä b?c#d")
    ('https://example.org/%C3%A4%20b?c', None)
    """
    if _PLAIN.fullmatch(url):
        return url, None
    try:
        parts = urlsplit(urldefrag(url.strip())[0])
        if parts.scheme not in ("http", "https"):
            return url, "not a web address"
        if not parts.hostname or parts.port == 0:
            return url, "the address has no host"
        request = PreparedRequest()
        request.prepare_url(parts.geturl(), None)
    except (ValueError, UnicodeError) as error:
        return url, f"not an address that can be checked: {error}"
    prepared = urlsplit(request.url or "")
    credentials, at, host = prepared.netloc.rpartition("@")
    return prepared._replace(netloc=credentials + at + host.lower()).geturl(), None


# What needs no work to go over the wire: most addresses.
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::[1-9]\d{0,3})?/[A-Za-z0-9._~/+,;=!*()'@:&?-]*")


def _link(url: str, spelled: list[list[Target]]) -> Link:
    """Make a link of the targets of one address, those of each spelling together."""
    spellings = tuple(_spelling(targets) for targets in spelled)
    promises = dict.fromkeys(
        (target.size, target.type)
        for targets in spelled
        for target in targets
        if target.size or target.type is not None
    )
    return Link(
        url=url,
        role=_strictest([spelling.role for spelling in spellings]),
        spellings=spellings,
        promises=tuple(promises),
        elements=frozenset(spelling.element for spelling in spellings if "#" in spelling.url) - {""},
    )


def _spelling(targets: list[Target]) -> Spelling:
    first, *more = targets
    if not more:  # as most are
        return Spelling(url=first.url, role=first.role, places=first.places)
    places = dict.fromkeys(place for target in targets for place in target.places)
    return Spelling(url=first.url, role=_strictest([target.role for target in targets]), places=tuple(places))


def _strictest(roles: list[Role]) -> Role:
    return next((role for role in _STRICTEST if role in roles), roles[0])
