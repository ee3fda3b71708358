"""The table of rules: what a rule is, and how one enters the table.

A rule is one function under one decorator. Its `on` names what it is asked of:

| on | asked of | node |
| --- | --- | --- |
| `xml` | each part of any XML file: every item, then the rest | `Element` |
| `rss` | RSS: the root once all was read | `Element` |
| `channel`, `item` | RSS: the channel once all was read; each item | `Element` |
| `feed`, `entry` | Atom: the feed once all was read; each entry | `Element` |
| `show`, `episode` | RSS that is a podcast: channel and items | `Element` |
| `opml` | an OPML document's root | `Element` |
| `json`, `json item` | a JSON Feed without its items; each item | `Node` |
| `chapters` | a JSON chapters file | `Node` |
| `file` | every file, once it was read | `Subject` |
| `page`, `vtt`, `audio`, `picture`, `robots` | a file of that kind | `Subject` |
| `site` | everything that was checked together, at the end | `None` |
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from feeds.model import Level
from feeds.verify.documents import FEED_KINDS, Context, Kind, Outline, Subject
from feeds.verify.jsontree import JsonFacts, Node
from feeds.verify.xmltree import ALIASES, NAMESPACES, Element, Facts

Severity = Level | Literal["off"]

PROFILES = {
    "rss": "RSS 2.0 and the Best Practices Profile of the RSS Advisory Board",
    "atom": "Atom 1.0 (RFC 4287) and feed paging (RFC 5005)",
    "jsonfeed": "JSON Feed 1.1",
    "apple": "what Apple Podcasts asks for",
    "spotify": "what Spotify asks for",
    "psp1": "PSP-1, the Podcast Standards Project's profile of RSS",
    "podcasting20": "the podcast namespace, and JSON chapters",
    "chapters": "chapters in every form: Podlove, JSON, ID3, MP4, WebVTT, show notes",
    "opml": "OPML 2.0",
    "web": "how files are served, announced and linked",
    "site": "what a site of this tool keeps from build to build",
}

_CONCERNED: dict[str, Kind] = {"rss": "rss", "atom": "atom", "jsonfeed": "json", "opml": "opml"}
"""The one kind of document that a profile concerns."""

_OF_PODCASTS = frozenset({"apple", "spotify", "psp1", "podcasting20"})
"""Profiles that concern no other feeds."""


class At(NamedTuple):
    """A place that is not an element: a line of a file, or a path within it."""

    line: int | None = None
    column: int | None = None
    path: str | None = None
    source: str | None = None
    """The file, where it is not the one being checked."""


class Problem(NamedTuple):
    """What a check found, before the table says how grave it is."""

    at: Element | Node | At | None
    message: str
    level: Severity | None = None
    """Instead of the rule's."""
    elsewhere: Severity | None = None
    """Instead of the rule's, in feeds that others publish."""


class About:
    """One file while its rules are asked: what is known so far, and what they want to remember."""

    REMEMBERED = 250_000
    """Values of one kind that are compared; in a larger feed, the latest ones."""

    def __init__(
        self,
        *,
        subject: Subject,
        context: Context,
        profiles: frozenset[str] = frozenset(),
        outlines: tuple[Outline, ...] = (),
    ) -> None:
        self.subject = subject
        self.context = context
        self.profiles = profiles
        self.outlines = outlines
        """Of every file, for the rules of the site."""
        self.outline = Outline(subject=subject)
        self.facts = Facts()
        self.json_facts = JsonFacts()
        self.root: Element | None = None
        self.top: Node | None = None
        self.state: dict[str, Any] = {}
        """What a rule over all items keeps between two of them, by the rule's own key."""
        self.found: Counter[str] = Counter()
        """How many findings of each rule there are so far."""
        self._seen: dict[str, dict[int, int]] = {}

    @property
    def url(self) -> str:
        """Where the file is published; empty if nobody said."""
        return self.subject.url or ""

    @cached_property
    def podcast(self) -> bool:
        """Whether this RSS feed is a podcast: it says so, or it alone was asked to be one."""
        bound = {xml_namespace(uri) for _, uri, _, _ in self.facts.bindings}
        return (
            bool(bound & {"itunes", "podcast"})
            or bool(self.profiles & _OF_PODCASTS and not self.subject.found)
            or self.subject.name.endswith("podcast.xml")
        )

    @cached_property
    def concerning(self) -> frozenset[str]:
        """Those of the profiles asked for that this file is to be held to."""
        return frozenset(profile for profile in self.profiles if self._is_held_to(profile))

    def _is_held_to(self, profile: str) -> bool:
        kind = self.subject.kind
        if kind not in FEED_KINDS | {"opml"}:
            return True
        if profile in _OF_PODCASTS:
            return kind == "rss" and self.podcast
        return _CONCERNED.get(profile, kind) == kind

    def earlier(self, kind: str, value: str, node: Element | Node) -> int | None:
        """Remember a value; the line of an earlier equal one of the same kind, or `None`."""
        seen = self._seen.setdefault(kind, {})
        key = hash(value)
        line = seen.get(key)
        if line is None:
            seen[key] = node.line
            if len(seen) > self.REMEMBERED:
                del seen[next(iter(seen))]
        return line


def xml_namespace(uri: str) -> str:
    """Usual prefix of a namespace; empty if it is unknown."""
    return NAMESPACES.get(uri) or ALIASES.get(uri) or ""


Problems = Iterable[Problem]
Check = Callable[[Any, Any], Problems]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One thing that holds for good feeds."""

    id: str
    level: Level
    """In what this tool publishes, and under a profile that was asked for by name."""
    elsewhere: Severity
    """In feeds that others publish, which may lawfully leave out what this tool promises."""
    on: str
    says: str
    """The rule, in one sentence."""
    fix: str
    source: str
    profiles: frozenset[str]
    check: Check


RULES: dict[str, Rule] = {}
"""Every rule by its id, in the order of the modules that hold them."""


def rule(
    id: str,  # noqa: A002 - the word every reader of a finding knows
    level: Level,
    *,
    on: str,
    says: str,
    fix: str,
    source: str,
    profiles: str,
    elsewhere: Severity | None = None,
) -> Callable[[Check], Check]:
    """Enter the decorated check into the table. `elsewhere` is the level in others' feeds, if another."""

    def enter(check: Check) -> Check:
        if id in RULES or set(profiles.split()) - set(PROFILES):
            raise ValueError(f"{id}: occurs twice in the table, or names an unknown profile")
        RULES[id] = Rule(
            id=id,
            level=level,
            elsewhere=elsewhere or level,
            on=on,
            says=says,
            fix=fix,
            source=source,
            profiles=frozenset(profiles.split()),
            check=check,
        )
        return check

    return enter
