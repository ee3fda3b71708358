"""What a chapter is called: a stretch of text without the signs around it, and the link in it."""

import re
from dataclasses import dataclass

from feeds.chapters._text import Text
from feeds.chapters._times import Mark


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a title, and the stretch of text they were taken from."""

    words: str
    link: str | None
    start: int
    end: int


_BEFORE = frozenset(" \t\n-:|•·*▪◦‣►▶→⇒➔➜»>~=,;)]}\ufe0f\\")
_AFTER = frozenset(" \t\n,;|•·▪◦‣\\")
_AFTER_SPACE = frozenset("-/*+>~=#@→►▶")
"""What does not belong to a title if a space stands before it: `C++` ends in signs of its own."""
_AFTER_LABEL = frozenset("-:=([{→►▶")
"""What does not belong to a label that its time follows."""
_LEADERS = re.compile(r"(?:\.{4,}|…{2,}|(?: \.){3,})$")
_TIME_LINK = re.compile(
    r"[#?&](?:t|time|start|at|ts|position|offset|seek)=|\#(?:t?\d[\d:.hms]*)$|^\#|^(?:javascript|seek|time):",
    re.IGNORECASE,
)


def title(text: Text, start: int, end: int, mark: Mark) -> Title:
    """Take the title out of a stretch of text; `mark` tells on which side its time is."""
    label = end <= mark.start
    start, end = _cell(text, start, end)
    start, end = _trimmed(text.plain, start, end, label=label)
    links = (anchor.url for anchor in text.links(start, end))
    link = next((url for url in links if not _TIME_LINK.search(url)), None)
    for anchor in reversed(text.addresses(start, end)):
        if start < anchor.start and not any(map(str.isalnum, text.plain[anchor.end : end])):
            start, end = _trimmed(text.plain, start, _before_bracket(text.plain, anchor.start), label=True)
    if link is not None and link.startswith("www."):
        link = f"https://{link}"
    return Title(" ".join(text.shown[start:end].split()), link, start, end)


def _cell(text: Text, start: int, end: int) -> tuple[int, int]:
    """Choose the first cell with a word in it, if the stretch is part of a row of a table."""
    line_start = text.plain.rfind("\n", 0, start) + 1
    row = text.plain[line_start : line_start + 20].lstrip(" \t•")
    separator = "|" if row.startswith("|") else "\t"
    at = start
    for cell in text.plain[start:end].split(separator):
        if any(map(str.isalpha, cell)):
            return at, at + len(cell)
        at += len(cell) + 1
    return start, end


def _trimmed(plain: str, start: int, end: int, *, label: bool) -> tuple[int, int]:
    while start < end and (plain[start] in _BEFORE or _is_loose_dot(plain, start, end)):
        start += 1
    while start < end:
        last = plain[end - 1]
        apart = end - 1 == start or plain[end - 2].isspace()
        if last in _AFTER or (label and last in _AFTER_LABEL) or (apart and last in _AFTER_SPACE):
            end -= 1
        elif label and (leaders := _LEADERS.search(plain, max(start, end - 200), end)):
            end = leaders.start()
        else:
            break
    return start, end


def _is_loose_dot(plain: str, start: int, end: int) -> bool:
    """Tell full stops after the time from the one that opens `.NET`."""
    return plain[start] == "." and (start + 1 == end or plain[start + 1] in " .\t\n")


def _before_bracket(plain: str, start: int) -> int:
    return start - 1 if start and plain[start - 1] in "([<" else start
