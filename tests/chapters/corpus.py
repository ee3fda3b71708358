"""The corpus: each case a file of notes, with what is to be read in them; and the three forms of notes.

A case file has a sentence of purpose, `key: value` lines if it needs any, the notes between `--- notes`
and the next `---` line, and then one of

    --- chapters        a start and a title a line, with the link in <…> where there is one
    --- refused         words that the reason holds

`duration: 3600` is that of the episode in seconds. `open: flattened` names the forms in which the notes no
longer say where the titles end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Literal

from feeds.dates import seconds
from feeds.model import Chapter

CASES = Path(__file__).with_name("cases")
Form = Literal["as written", "markup removed", "flattened"]
FORMS: tuple[Form, ...] = ("as written", "markup removed", "flattened")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Notes and what they say."""

    name: str
    purpose: str
    notes: str
    chapters: tuple[Chapter, ...]
    reason: str | None
    """Words of the reason for refusal; `None` where the list is to be accepted."""
    duration: float | None
    open: frozenset[str]
    """The forms in which the notes do not say where the titles end."""

    def forms(self) -> Iterator[tuple[Form, str]]:
        """The notes in all forms that can be read."""
        for form, notes in zip(
            FORMS, (self.notes, without_markup(self.notes), flattened(self.notes)), strict=True
        ):
            if form not in self.open:
                yield form, notes


def load() -> list[Case]:
    """All cases, by name."""
    return [_case(path) for path in sorted(CASES.glob("*.txt"))]


def same(one: tuple[Chapter, ...], other: tuple[Chapter, ...]) -> bool:
    """The measure: every start and every title right. Links are lost with the markup and do not count."""
    return [(chapter.start, chapter.title) for chapter in one] == [
        (chapter.start, chapter.title) for chapter in other
    ]


def without_markup(notes: str) -> str:
    """The words of the notes, as a careless program leaves them: tags and Markdown signs gone, lines kept."""
    text = re.sub(r"(?s)<!--.*?-->", "", notes)
    text = re.sub(
        r"(?i)</?(?:p|div|br|ul|ol|li|tr|table|tbody|thead|h[1-6]|dl|dt|dd|blockquote)\b[^>]*>", "\n", text
    )
    text = re.sub(r"(?i)</?t[dh]\b[^>]*>", " ", text)
    text = re.sub(r"</?[a-zA-Z][^<>]*>", "", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)\]\((?:[^()\s]|\([^()]*\))*\)", r"\1", text)
    text = re.sub(r"(?m)^[ ]*\|[ :|-]+\|[ ]*\n?", "", text)
    text = re.sub(r"(?m)^[ ]*\|(.*)\|[ ]*$", lambda row: " ".join(row[1].replace("|", " ").split()), text)
    text = re.sub(r"(?m)^[ \t]*(?:[#>]+|[-*+•]|\d+\.)[ \t]+", "", text)
    text = re.sub(r"(\*{1,3}|__|`)(?=\S)([^\n]+?)(?<=\S)\1", r"\2", text)
    lines = [line.strip() for line in unescape(text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def flattened(notes: str) -> str:
    """The notes in one line."""
    return " ".join(without_markup(notes).split())


def _case(path: Path) -> Case:
    head, notes, expected = re.split(
        r"(?m)^--- ?(?:notes|(?=chapters|refused))", path.read_text(encoding="utf-8"), maxsplit=2
    )
    purpose, *settings = head.strip().splitlines()
    options = dict(setting.split(": ", 1) for setting in settings)
    kind, _, lines = expected.partition("\n")
    return Case(
        name=path.stem,
        purpose=purpose,
        notes=notes.strip("\n"),
        chapters=tuple(map(_chapter, lines.splitlines())) if kind == "chapters" else (),
        reason=lines.strip() if kind == "refused" else None,
        duration=float(options["duration"]) if "duration" in options else None,
        open=frozenset(options.get("open", "").split(", ")),
    )


def _chapter(line: str) -> Chapter:
    start, _, rest = line.strip().partition(" ")
    link = re.search(r" ?<(\S+)>$", rest)
    return Chapter(
        start=seconds(start), title=rest[: link.start()] if link else rest, link=link[1] if link else None
    )
