"""Checking the rules: one pass over each file, every rule that concerns it, all findings."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from feeds.model import Finding, Level, Place
from feeds.verify import documents, jsontree, xmltree
from feeds.verify.documents import FEED_KINDS, Context, Outline, Subject
from feeds.verify.rules import RULES, Rule
from feeds.verify.rules.outline import outline_item, outline_page, outline_rest
from feeds.verify.rules.table import About, At, Problem, Severity

MOST = 100
"""Findings of one rule in one file that are shown; the rest are counted."""

_LEVELS: dict[Severity, int] = {"error": 3, "warning": 2, "info": 1, "off": 0}


def check(
    subjects: Iterable[Subject],
    context: Context,
    *,
    only: Collection[str] = (),
    profiles: Collection[str] = (),
    level: Level = "info",
    leave: Callable[[Outline], object] = lambda _: None,
) -> Iterator[Finding]:
    """Check files one after the other, then what holds between them.

    `only` names the rules to ask, all if empty. `profiles` narrows them to those of these profiles and
    asks in full rigour, as for what this tool publishes, of the feeds that they concern. Findings below
    `level` are left out. A file that cannot be read has its finding, and the next one follows. `leave` gets
    what each file leaves behind, to be remembered.
    """
    asked = _Asked(only, profiles, level)
    outlines: list[Outline] = []
    concerned: list[str] = []
    passed_over: list[str] = []
    for subject in subjects:
        about = About(subject=subject, context=context, profiles=frozenset(profiles))
        yield from asked.sorted(about, _file(about, asked))
        outlines.append(about.outline)
        leave(about.outline)
        if subject.kind in FEED_KINDS | {"opml"}:
            (concerned if about.concerning else passed_over).append(subject.name)
    if profiles and passed_over:
        yield _not_concerned(passed_over, profiles, "info" if concerned else "warning")
    about = About(subject=Subject(name="site", body=b"", own=True), context=context, outlines=tuple(outlines))
    yield from asked.sorted(about, asked.of("site", None, about))


def _not_concerned(names: Sequence[str], profiles: Iterable[str], level: Level) -> Finding:
    """Say that no rule was checked for some feeds."""
    these = f"the profile {' and '.join(profiles)}"
    others = f", nor {len(names) - 1} other feed{'s' if len(names) > 2 else ''}" if names[1:] else ""
    return Finding(
        level=level,
        rule="profile",
        place=Place(source=names[0]),
        message=f"{these} does not concern this feed{others}",
    )


class _Asked:
    """The rules that were asked for, by what they check."""

    def __init__(self, only: Collection[str], profiles: Collection[str], level: Level) -> None:
        chosen = [
            rule
            for rule in RULES.values()
            if (not only or rule.id in only) and (not profiles or rule.profiles & set(profiles))
        ]
        self.lowest = _LEVELS[level]
        self.strict = frozenset(rule.id for rule in chosen) if profiles else frozenset()
        self.by_node: dict[str, list[Rule]] = defaultdict(list)
        for rule in chosen:
            self.by_node[rule.on].append(rule)

    def of(self, on: str, node: Any, about: About) -> Iterator[Finding]:
        """Check one node by every rule of its kind."""
        for rule in self.by_node[on]:
            if about.profiles and not rule.profiles & about.concerning:
                continue
            for problem in rule.check(node, about):
                if finding := self.finding(rule, problem, about):
                    yield finding

    def finding(self, rule: Rule, problem: Problem, about: About) -> Finding | None:
        """Give a problem its level: stricter in what this tool publishes. Beyond `MOST`, only count."""
        house = about.subject.own or rule.id in self.strict
        severity = (
            problem.level or rule.level if house else problem.elsewhere or problem.level or rule.elsewhere
        )
        if severity == "off" or _LEVELS[severity] < self.lowest:
            return None
        about.found[rule.id] += 1
        if about.found[rule.id] > MOST:
            return None
        return Finding(level=severity, rule=rule.id, place=_place(problem, about), message=problem.message)

    def sorted(self, about: About, found: Iterable[Finding]) -> Iterator[Finding]:
        """Put one file's findings in the order of its lines, and say how many were only counted."""
        kept = sorted(found, key=lambda each: (each.place.line or 0, each.place.column or 0, each.rule))
        yield from kept
        for rule, number in about.found.items():
            if number > MOST:
                last = next(finding for finding in reversed(kept) if finding.rule == rule)
                message = f"and {number - MOST} more findings of this rule in this file"
                yield replace(last, place=Place(source=about.subject.name), message=message)


def _place(problem: Problem, about: About) -> Place:
    at = problem.at
    if at is None:
        return Place(source=about.subject.name)
    source = at.source if isinstance(at, At) else None
    return Place(source=source or about.subject.name, line=at.line, column=at.column, path=at.path or None)


def _file(about: About, asked: _Asked) -> Iterator[Finding]:
    """Read one file and check the rules that concern it."""
    kind = about.subject.kind
    try:
        about.subject.open().close()
        if kind in documents.XML_KINDS:
            yield from _xml(about, asked)
        elif kind in ("json", "chapters"):
            yield from _json(about, asked)
        elif kind != "other":
            if kind == "page":
                outline_page(about)
            yield from asked.of(kind, about.subject, about)
        yield from asked.of("file", about.subject, about)
    except xmltree.BrokenError as error:
        place = At(error.line, error.column)
        yield from _always(asked, Problem(place, error.message, "error", "error"), RULES[error.rule], about)
    except OSError as error:
        yield from _always(
            asked, Problem(None, f"cannot be read: {error.strerror or error}"), RULES["HTP-01"], about
        )


def _always(asked: _Asked, problem: Problem, rule: Rule, about: About) -> Iterator[Finding]:
    """Report what ends the reading of a file, whichever rules were asked for."""
    if finding := asked.finding(rule, problem, about):
        yield finding


def _xml(about: About, asked: _Asked) -> Iterator[Finding]:
    facts = about.facts
    for part in documents.read_xml(about.subject, facts):
        about.root = part if part.parent is None else about.root or _root(part)
        yield from asked.of("xml", part, about)
        if part.index:
            outline_item(part, about)
            yield from _item(part, about, asked)
        else:
            outline_rest(part, about)
            yield from _rest(part, about, asked)


def _root(part: xmltree.Element) -> xmltree.Element:
    while part.parent is not None:
        part = part.parent
    return part


def _item(part: xmltree.Element, about: About, asked: _Asked) -> Iterator[Finding]:
    if part.name == "item" and _is_rss(about):
        yield from asked.of("item", part, about)
        if about.podcast:
            yield from asked.of("episode", part, about)
    elif part.name == "atom:entry":
        yield from asked.of("entry", part, about)


def _rest(root: xmltree.Element, about: About, asked: _Asked) -> Iterator[Finding]:
    if root.name == "opml":
        yield from asked.of("opml", root, about)
    elif root.name == "atom:feed":
        yield from asked.of("feed", root, about)
    elif root.name == "atom:entry":
        yield from asked.of("entry", root, about)
    elif _is_rss(about):
        yield from asked.of("rss", root, about)
        for channel in root.all("channel")[:1]:
            yield from asked.of("channel", channel, about)
            if about.podcast:
                yield from asked.of("show", channel, about)


def _is_rss(about: About) -> bool:
    return about.root is not None and about.root.name.rpartition("}")[2].rpartition(":")[2] == "rss"


def _json(about: About, asked: _Asked) -> Iterator[Finding]:
    facts = about.json_facts
    on = about.subject.kind
    for part in documents.read_json(about.subject, facts):
        about.top = part if part.parent is None else _top(part)
        if part.parent is not None:
            if on == "json":
                outline_item(part, about)
                yield from asked.of("json item", part, about)
        else:
            outline_rest(part, about)
            yield from asked.of(on, part, about)


def _top(part: jsontree.Node) -> jsontree.Node:
    while part.parent is not None:
        part = part.parent
    return part
