"""Marks of time within a text, and what speaks against one being a chapter's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from feeds.chapters._text import Text

LIMIT = 3000
"""With more times than this the notes are a transcript or a log. It also bounds all further work."""

_DIGITS = re.compile(r"\d+")
_TIME = re.compile(
    r"""
    # Each way to write a time numbers the names of its parts.
    (?<!\d[:.,/]) (?:
        (?P<hours> \d{1,3}):(?P<minutes> [0-5]\d):(?P<seconds> [0-5]\d)(?P<fraction> [.,]\d{1,3} )?+
      | (?P<minutes2> \d{1,3}):(?P<seconds2> [0-5]\d)(?P<fraction2> \.\d{1,3} )?+(?:[ ]?min\b\.?+)?+
      | (?: (?P<hours3> \d{1,2})[ ]?(?:h|hrs?|小时|小時|時間|ч)[ ]?)?+
        (?: (?P<minutes3> \d{1,3})[ ]?(?:m|mins?|min\.|分钟|分鐘|分|мин\.?)[ ]?)
        (?P<seconds3> \d{1,2})[ ]?(?:s|secs?|sek|秒|сек\.?|с)(?![^\W\d_])
      | (?P<hours4> \d{1,2})[ ]?(?:h|hrs?)[ ]?(?P<minutes4> [0-5]\d|\d(?=[ ]?m))
        (?:[ ]?(?:m|mins?)(?![^\W\d_]))?+
      | (?: (?P<hours5> \d{1,2})h)?+(?P<minutes5> \d{1,3})'(?P<seconds5> [0-5]\d)(?:"|'')?+
      | (?P<single> \d{1,3})[ ]?(?P<unit> h|mins?|m|secs?|s)(?![^\W\d_])
    ) (?! \d | :\d | \.\d )
    """,
    re.VERBOSE,
)

# "10:30 am" but not "10:30 Am Anfang"; "um 20:15 Uhr"; "17:00 CET".
_CLOCK_AFTER = re.compile(
    r"[ ]?(?:[ap]m\b|[AP]M\b|[ap]\.[ ]?m\.|Uhr\b|o'clock\b|hrs\b|часов\b|horas\b|heures\b"
    r"|(?:UTC|GMT|CES?T|MES?Z|[ECMP][SD]T|BST|MSK|МСК|JST|IST|AEST)\b|[ECMP]T(?=[.,;)]|\s*$))"
)
_DATE_BEFORE = re.compile(
    r"(?:\b(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)[.,]"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?,?"
    r"|\b(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)s?,?"
    r"|\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|August|September"
    r"|October|November|December)\.?[ ]\d{1,2}(?:st|nd|rd|th)?,?(?:[ ]\d{4},?)?"
    r"|\d{4}[-./]\d{1,2}[-./]\d{1,2}[T,]?|\b\d{1,2}[./]\d{1,2}[./]\d{2,4},?)[ ]?\Z"
)
_SAID_BEFORE = re.compile(r"\b(?:at|until|till|um|ab|gegen|à|às|alle|las|в)[ ]\Z")
_VERSE_BEFORE = re.compile(
    r"\b(?:Gen(?:esis)?|Ex(?:odus)?|Lev(?:iticus)?|Num(?:bers)?|Deut(?:eronomy)?|Josh(?:ua)?|Judges|Samuel|Kings"
    r"|Chronicles|Ezra|Neh(?:emiah)?|Psalms?|Ps|Prov(?:erbs)?|Eccl(?:esiastes)?|Isa(?:iah)?|Jer(?:emiah)?"
    r"|Lam(?:entations)?|Ezek(?:iel)?|Hos(?:ea)?|Jonah|Micah|Habakkuk|Zech(?:ariah)?|Malachi|Mt|Mk|Lk|Jn|Acts"
    r"|Rom(?:ans)?|Cor(?:inthians)?|Gal(?:atians)?|Eph(?:esians)?|Philippians|Col(?:ossians)?|Thess(?:alonians)?"
    r"|Titus|Heb(?:rews)?|Rev(?:elation)?|Mose|Matthäus|Markus|Johannes|Römer|Korinther|Sprüche|Jesaja|Salmos?"
    r"|Иоанна?|Матфея|Луки|Sura[ht]?|Quran)\.?[ ]\Z"
)
_NAME_BEFORE = re.compile(
    r"\b(?:John|Mark|Luke|Matt(?:hew)?|James|Peter|Timothy|Jude|Job|Ruth|Esther|Dan(?:iel)?|Joel|Amos|Jean|Luc|Lukas"
    r"|João|Juan|Mateus|Mateo|Lucas|Marcos)[ ]\Z"
)
_RANGE = re.compile(r"[ ]{0,2}(?:-{1,2}>?|→|~|to|bis|até|hasta|до|至|到)[ ]{0,2}")
_OPENING, _CLOSING = "([{<", ")]}>"
_AT = re.compile(r"(?:@|T[ ]?\+)[ ]?$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A time in the text, with the brackets around it and the end of a range that it opens."""

    start: int
    end: int
    seconds: float
    look: str
    """How it is dressed: its brackets, `@` or `T+`, its kind of notation."""
    hours: bool = False
    """Whether hours are written, if only as zeros."""
    doubt: str = ""
    """What it may be instead: a `clock` time; one `said` in a sentence, as in "at 3:30"; a `verse`, or one
    if the `name` before it is not that of a person; a mere `unit`. Empty without doubt."""


def find(text: Text) -> tuple[Mark, ...]:
    """Find all times, in the order of the text; at most one more than `LIMIT`."""
    found = islice(_matches(text.plain), LIMIT + 1)
    marks = [_mark(text.plain, match) for match in found]
    return tuple(_joined(text.plain, _outside_addresses(text, marks)))


def _matches(plain: str) -> Iterator[re.Match[str]]:
    """Look for a time wherever digits begin, which is faster than to look everywhere."""
    end = 0
    for digits in _DIGITS.finditer(plain):
        if digits.start() >= end and (match := _TIME.match(plain, digits.start())):
            end = match.end()
            yield match


def _mark(plain: str, match: re.Match[str]) -> Mark:
    start, end = match.span()
    before, after = plain[max(0, start - 40) : start], plain[end : end + 12]
    mark = Mark(
        start=start,
        end=end,
        seconds=_seconds(match),
        look="unit" if match["single"] else "",
        hours=match["hours"] is not None,
        doubt=_doubt(match, before, after),
    )
    return _dressed(plain, mark)


def _seconds(match: re.Match[str]) -> float:
    parts = {name.rstrip("2345"): value for name, value in match.groupdict().items() if value is not None}
    if "single" in parts:
        return int(parts["single"]) * {"h": 3600, "m": 60, "s": 1}[parts["unit"][0]]
    hours, minutes, seconds = (int(parts.get(part, 0)) for part in ("hours", "minutes", "seconds"))
    return hours * 3600 + minutes * 60 + seconds + float(parts.get("fraction", "0").replace(",", "."))


def _doubt(match: re.Match[str], before: str, after: str) -> str:
    if match["single"] or (match["hours4"] and "m" not in match[0]):
        return "unit"
    if _CLOCK_AFTER.match(after) or _DATE_BEFORE.search(before):
        return "clock"
    if _SAID_BEFORE.search(before):
        return "said"
    if _VERSE_BEFORE.search(before):
        return "verse"
    return "name" if _NAME_BEFORE.search(before) else ""


def _dressed(plain: str, mark: Mark) -> Mark:
    """Take in the signs before a time and the brackets around it."""
    start, end, look = mark.start, mark.end, mark.look
    if sign := _AT.search(plain, max(0, start - 4), start):
        start, look = sign.start(), look + plain[sign.start()]
    while start > 0 and end < len(plain) and plain[start - 1] in _OPENING:
        if plain[end] != _CLOSING[_OPENING.index(plain[start - 1])]:
            break
        look = plain[start - 1] + look
        start, end = start - 1, end + 1
    return replace(mark, start=start, end=end, look=look)


def _outside_addresses(text: Text, marks: list[Mark]) -> list[Mark]:
    """Leave out times that are part of an address written out."""
    written = text.addresses(0, len(text.shown))
    kept: list[Mark] = []
    address = 0
    for mark in marks:
        while address < len(written) and written[address].end <= mark.start:
            address += 1
        if address == len(written) or mark.start < written[address].start:
            kept.append(mark)
    return kept


def _joined(plain: str, marks: list[Mark]) -> list[Mark]:
    """Make one mark of the two times of a range."""
    joined: list[Mark] = []
    for mark in marks:
        if joined and _is_range(plain, joined[-1], mark):
            whole = replace(joined[-1], end=mark.end, look=joined[-1].look + "-", doubt="")
            joined[-1] = _dressed(plain, whole)
        else:
            joined.append(mark)
    return joined


def _is_range(plain: str, first: Mark, second: Mark) -> bool:
    if second.start - first.end > 8 or first.look.endswith("-") or second.seconds <= first.seconds:
        return False
    between = plain[first.end : second.start].strip("()[] ")
    return _RANGE.fullmatch(between) is not None and first.doubt != "clock" != second.doubt
