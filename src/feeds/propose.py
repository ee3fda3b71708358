"""How to read a page: the CSS selectors that a person would write, found by the block that repeats.

    elements of one kind → the kind that holds titles, links and dates → selectors that find just those

What is proposed is tried before it is: the items that come of it are part of the proposal.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import log2
from typing import Any

from lxml import etree

from feeds.errors import SourceError
from feeds.model import Episode, Finding, Item, Link, Place, Source
from feeds.parsers import _dates, _markup, _structured, html, parse
from feeds.parsers.detect import detect

_FEEDS = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))
_FURNITURE = frozenset(("nav", "header", "footer", "aside", "form", "address"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_MEANINGFUL = frozenset((*_HEADINGS, "time", "img", "audio", "article", "figure", "blockquote"))
_CLASS = re.compile(r"-?[A-Za-z_][\w-]{0,60}")
_ITEM_WORDS = re.compile(r"post|article|entry|item|card|episode|story|teaser|result|tile", re.IGNORECASE)
_SUMMARY_WORDS = re.compile(r"summary|excerpt|descr|intro|teaser|dek|lead|abstract|subtitle", re.IGNORECASE)
_TAG_WORDS = re.compile(r"tag|categor|topic|label|keyword", re.IGNORECASE)
_TITLE_WORDS = re.compile(r"title|headline|heading", re.IGNORECASE)
_NOTES_WORDS = re.compile(r"notes|content|body|descr", re.IGNORECASE)
_AUTHOR_WORDS = re.compile(r"author|byline|writer", re.IGNORECASE)
_AUDIO = re.compile(r"\.(?:mp3|m4a|ogg|opus|aac)(?:\?|$)", re.IGNORECASE)
_MINUTES = re.compile(r"\d{1,3}\s*min(?:ute)?s?(?:\s+read)?", re.IGNORECASE)

_FEWEST = 2
_SAMPLE = 30
"""Members of a group that are looked at closely."""
_MOST_GROUPS = 300
_ENOUGH = 0.6
"""The share of items that have to have a field, for it to be one."""

_Pick = Callable[[Any], Any]
"""Finds an element within an item, or `None`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """How to read a source."""

    format: str
    reason: str
    """Why this format, and how its items were found, for a person."""
    select: Mapping[str, str] = field(default_factory=dict)
    """For a page: the selectors, as `feeds.parsers.html.Options` takes them; empty if it needs none."""
    items: tuple[Item, ...] = ()
    """What comes of it."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with it."""
    feeds: tuple[Link, ...] = ()
    """Feeds that a page names; to read one of them is better than to read the page."""
    url: str | None = None
    """For a page that was saved: where it was, if it says so."""

    @property
    def is_show(self) -> bool:
        """Whether it lists episodes."""
        return any(isinstance(item, Episode) for item in self.items)

    @property
    def needs_url(self) -> bool:
        """Whether relative addresses in it lead nowhere, for it does not say where it was."""
        return any(finding.rule == "bad-address" for finding in self.findings)


def propose(source: Source) -> Proposal:
    """Say how to read a source whose format nobody knows.

    Raises `SourceError` if its format cannot be told, or if nothing in a page repeats.
    """
    format_, reason = detect(source)
    if format_ == "opml":
        return Proposal(format=format_, reason=reason)
    if format_ != "html":
        parsed = parse(replace(source, format=format_))
        return Proposal(format=format_, reason=reason, items=parsed.items, findings=parsed.findings)
    page, _ = html.load(source)
    url = html.base(page, source)
    proposal = Proposal(
        format=format_, reason=reason, feeds=tuple(_feeds(page, url)), url=None if source.base_url else url
    )
    for name, find in _structured.FINDERS.items():
        if len(find(page)) > 1:
            parsed = html.parse(source)
            said = f"{reason}; its {name} lists {len(parsed.items)} items, so it needs no selectors"
            return replace(proposal, reason=said, items=parsed.items, findings=parsed.findings)
    select = selectors(page)
    if not select:
        message = "no block with a title and a link repeats in this page; is it made by scripts?"
        if proposal.feeds:
            message += f" But it has a feed: {proposal.feeds[0].url}"
        raise SourceError(message, Place(source=source.name))
    parsed = html.parse(source, html.Options(select=select))
    said = f"{reason}; {select['item']!r} repeats in it, {len(parsed.items)} times"
    return replace(proposal, reason=said, select=select, items=parsed.items, findings=parsed.findings)


def selectors(page: Any) -> dict[str, str]:
    """Propose selectors for the items of a parsed page and for their fields; empty if nothing repeats."""
    scored = [(_score(group), index, group) for index, group in enumerate(_groups(page))]
    best, _, group = max(scored, key=lambda one: (one[0], -one[1]), default=(0.0, 0, []))
    if not best:
        return {}
    item = _item_selector(page, group)
    return {"item": item, **dict(_fields(html.select(page, item)))}


def _feeds(page: Any, base_url: str | None) -> Iterator[Link]:
    for link in page.iterfind(".//link[@href]"):
        url = _markup.absolute(link.get("href"), base_url)
        if url and (link.get("type") or "").strip().lower() in _FEEDS:
            yield Link(title=_markup.line(link.get("title") or "") or url, url=url)


def _groups(page: Any) -> Iterable[list[Any]]:
    """Bring together elements with a link in them that lie on the same path of tags, whole and by class."""
    paths: dict[Any, int] = {}
    numbers: dict[tuple[int, str], int] = {}
    groups: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
    linked = {node for link in page.iterfind(".//a[@href]") for node in (link, *link.iterancestors())}
    for node in page.iter(etree.Element):
        path = paths[node] = numbers.setdefault((paths.get(node.getparent(), 0), node.tag), len(numbers) + 1)
        if node in linked and node.tag not in _HEADINGS:
            for name in ("", *_classes(node)):
                groups[path, name].append(node)
    repeating = (group for group in groups.values() if len(group) >= _FEWEST)
    return sorted(repeating, key=len, reverse=True)[:_MOST_GROUPS]


def _score(group: Sequence[Any]) -> float:
    """Say how much a group looks like the items of a list; 0 if it cannot be."""
    sample = group[:_SAMPLE]
    titles = [_title(node) for node in sample]
    texts = [_markup.line(_markup.text_of(title)) for title in titles if title is not None]
    links = {link.get("href") for node in sample if (link := _link(node)) is not None}
    long_enough = [text for text in texts if len(text) > 3]
    if min(len(set(long_enough)), len(links)) < 0.75 * len(sample) or len(set(long_enough)) < _FEWEST:
        return 0
    headed = _share(sample, lambda node: _heading(node) is not None)
    dated = _share(sample, lambda node: _date(node) is not None)
    length = sum(min(len(_markup.text_of(node)), 600) for node in sample) / len(sample)
    crowded = _share(sample, lambda node: len(_within(node, _HEADINGS)) > 2)
    if len(group) == _FEWEST and min(headed, dated) < 1:
        return 0
    furniture = any(above.tag in _FURNITURE for above in group[0].iterancestors())
    telling = group[0].tag in ("article", "li") or any(map(_ITEM_WORDS.search, _shared_classes(group)))
    # Ten posts are more of a list than a hundred links; but of two groups alike the larger one is it.
    many = min(len(group), _SAMPLE) ** 0.5 * (1 + 0.05 * log2(len(group)))
    score: float = many * (1 + 2 * headed + 1.5 * dated + length / 300)
    return score * (1 - 0.8 * crowded) * (0.1 if furniture else 1) * (1.1 if telling else 1)


def _item_selector(page: Any, group: Sequence[Any]) -> str:
    """Write the simplest selector that finds the members of a group, and as few other elements as can be."""
    tag, parent = group[0].tag, group[0].getparent()
    shared = sorted(_shared_classes(group), key=lambda name: not _ITEM_WORDS.search(name))
    above = [] if parent is None else [f".{name}" for name in _classes(parent)]
    if parent is not None and _CLASS.fullmatch(parent.get("id", "")):
        above.insert(0, f"#{parent.get('id')}")
    candidates = [
        *(f".{name}" for name in shared),
        *(f"{tag}.{name}" for name in shared),
        *([tag] if tag == "article" else []),
        *(f"{name} > {tag}" for name in above),
        *(f"{name} > {tag}.{own}" for name in above for own in shared),
        *_paths(group[0]),
    ]
    wanted = set(group)

    def agreement(selector: str) -> float:
        found = set(html.select(page, selector))
        # One that looks the same but lies elsewhere, such as a featured post, is welcome.
        alike = {node for node in found if shared and node.tag == tag and set(shared) <= set(_classes(node))}
        return len(found & (wanted | alike)) / len(found | wanted)

    best: str = max(candidates[:60], key=agreement)  # of those that agree as well, the first
    return best


def _paths(node: Any) -> Iterator[str]:
    """Paths of tags that end in an element, the shortest first."""
    path = str(node.tag)
    for above in node.iterancestors():
        path = f"{above.tag} > {path}"
        yield path


def _fields(items: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Propose a selector for each field that most items have."""
    picks: Mapping[str, _Pick] = {
        "title": _title,
        "link": _link,
        "date": _date,
        "summary": _summary,
        "tags": lambda item: next(iter(_tags(item)), None),
        "authors": _author,
        "minutes": _minutes,
        "image": lambda item: next(iter(_within(item, ("img",))), None),
        "audio": _audio,
        "notes": lambda item: None if _audio(item) is None else _named(item, _NOTES_WORDS, 100_000),
    }
    for name, pick in picks.items():
        if selector := _field_selector(items[:_SAMPLE], pick, many=name == "tags"):
            yield name, selector


def _field_selector(items: Sequence[Any], pick: _Pick, *, many: bool) -> str | None:
    """Write the simplest selector whose first match in each item is what is picked there."""
    picked = [(item, node) for item in items if (node := pick(item)) is not None]
    if len(picked) < _ENOUGH * len(items):
        return None
    candidates = Counter(selector for item, node in picked for selector in _spellings(item, node))

    def hits(selector: str) -> int:
        return sum(next(iter(html.select(item, selector)), None) is node for item, node in picked)

    def strays(selector: str) -> int:
        """Of several matches all count as tags, so that there must be no others among them."""
        return sum(node not in _tags(item) for item, _ in picked for node in html.select(item, selector))

    def worth(selector: str) -> int:
        return hits(selector) - (strays(selector) if many else 0)

    best = max(islice(candidates, 60), key=worth, default="")
    return best if best and hits(best) >= 0.8 * len(picked) else None


def _spellings(item: Any, node: Any) -> Iterator[str]:
    """Ways to select an element within an item, the plainest first."""
    if node is item:
        return
    above = node.getparent()
    if node.get("rel") in ("tag", "author", "bookmark"):
        yield f"[rel={node.get('rel')}]"
    if node.tag in _MEANINGFUL:
        yield node.tag
    for name in _classes(node):
        yield f".{name}"
        yield f"{node.tag}.{name}"
    if above is not item:
        for name in _classes(above):
            yield f".{name} {node.tag}"
        if above.tag in _MEANINGFUL:
            yield f"{above.tag} {node.tag}"
    yield node.tag


def _heading(item: Any) -> Any:
    return next(iter(_within(item, _HEADINGS)), None)


def _title(item: Any) -> Any:
    """The heading, else what a class calls so, else the link with the most words."""
    if (heading := _heading(item)) is not None:
        return heading
    for leaf in _leaves(item):
        if any(map(_TITLE_WORDS.search, _classes(leaf))):
            return leaf
    return max(_links(item), key=lambda link: len(_markup.text_of(link)), default=None)


def _link(item: Any) -> Any:
    """The link within or around the title, else the one that most links of the item agree with."""
    links = _links(item)
    title = _title(item)
    if title is not None and links:
        own = [
            link for link in links if link in (title, *title.iterancestors()) or title in link.iterancestors()
        ]
        addresses = Counter(link.get("href") for link in links)
        return own[0] if own else max(links, key=lambda link: addresses[link.get("href")])
    return next(iter(links), None)


def _links(item: Any) -> list[Any]:
    return [link for link in _within(item, ("a",)) if link.get("href")]


def _date(item: Any) -> Any:
    """A `<time>`, else the shortest element whose words are a date."""
    times = _within(item, ("time",))
    return times[0] if times else next((leaf for leaf in _leaves(item) if _is_date(leaf)), None)


def _is_date(leaf: Any) -> bool:
    return _dates.read(html.date_of(leaf), day_first=True) is not None


def _summary(item: Any) -> Any:
    """What is called so, else the paragraph with the most words."""
    if (named := _named(item, _SUMMARY_WORDS, 1000)) is not None:
        return named
    title = _title(item)
    texts = [node for node in _within(item, ("p",)) if title is None or title not in node.iter()]
    best = max(texts, key=lambda node: len(_markup.text_of(node)), default=None)
    return best if best is not None and len(_markup.text_of(best)) >= 30 else None


def _tags(item: Any) -> list[Any]:
    """Links and words that say of themselves, or stand in something that says, that they are tags."""
    said = [node for node in item.iter("a") if "tag" in (node.get("rel") or "").split()]
    return said or [
        leaf
        for leaf in _leaves(item)
        if leaf.tag in ("a", "span", "li") and len(_markup.text_of(leaf)) <= 40
        if any(map(_TAG_WORDS.search, (*_classes(leaf), *_classes(leaf.getparent()))))
    ]


def _minutes(item: Any) -> Any:
    return next((leaf for leaf in _leaves(item) if _MINUTES.fullmatch(_markup.text_of(leaf))), None)


def _audio(item: Any) -> Any:
    players = [node for node in item.iter("audio", "source") if node.get("src")]
    files = [link for link in _links(item) if _AUDIO.search(link.get("href"))]
    return next(iter((*players, *files)), None)


def _author(item: Any) -> Any:
    said = next((node for node in item.iter("a", "span") if node.get("rel") == "author"), None)
    return _named(item, _AUTHOR_WORDS, 60) if said is None else said


def _named(item: Any, words: re.Pattern[str], longest: int) -> Any:
    """The first element that a class calls by one of these words, with no more text than that."""
    title = _title(item)
    for node in item.iter(etree.Element):
        if node is item or not any(map(words.search, _classes(node))) or title in node.iter():
            continue
        if 0 < len(_markup.text_of(node)) <= longest:
            return node
    return None


def _leaves(item: Any) -> list[Any]:
    """Elements with words and without elements, the item itself aside."""
    return [
        node for node in item.iter(etree.Element) if len(node) == 0 and node is not item and _has_words(node)
    ]


def _has_words(node: Any) -> bool:
    return bool(node.text and node.text.strip()) and node.tag not in ("script", "style")


def _within(item: Any, tags: Iterable[str]) -> list[Any]:
    return list(item.iter(*tags))


def _classes(node: Any) -> list[str]:
    return [name for name in (node.get("class") or "").split() if _CLASS.fullmatch(name)][:20]


def _shared_classes(group: Sequence[Any]) -> list[str]:
    others = [set(_classes(node)) for node in group[1:]]
    return [name for name in _classes(group[0]) if all(name in classes for classes in others)]


def _share(sample: Sequence[Any], holds: Callable[[Any], bool]) -> float:
    return sum(map(holds, sample)) / len(sample)
