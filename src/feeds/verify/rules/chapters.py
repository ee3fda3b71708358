"""Rules of chapters: CHP-01 to CHP-17, MP4-01, VTT-01 (requirements, O.7)."""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from feeds import dates
from feeds.verify import documents
from feeds.verify.documents import Subject
from feeds.verify.jsontree import JsonFacts, Node
from feeds.verify.media import Mark
from feeds.verify.rules import values
from feeds.verify.rules.episodes import audio_of, length_of
from feeds.verify.rules.reading import looks_like_markup
from feeds.verify.rules.table import About, At, Problem, Problems, Severity, rule
from feeds.verify.xmltree import BrokenError, Element

_TYPE = "application/json+chapters"
_BREAK = re.compile(r"</?(?:p|br|li|ul|ol|div|h\d)\b[^<>]*>|\n", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_LINE = re.compile(r"\s*[([]?((?:\d{1,3}:)?\d{1,2}:\d\d)[)\]]?\s*[-–—:.|]?\s*(.*\S)\s*")
_STRICT_LINE = re.compile(r"\d\d:\d\d:\d\d \S.*")
_TWO_PART = re.compile(r"(?<![\d:])\d{1,2}:\d\d(?![\d:])")
_PSC_START = re.compile(r"\d\d:[0-5]\d:[0-5]\d\.\d{3}")
_LOOSE_START = re.compile(r"(?:\d{1,3}:){0,2}\d{1,6}(?:\.\d{1,6})?")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
_CUE = re.compile(
    r"((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]+-->[ \t]+((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})(?:[ \t].*)?"
)
_CUE_AND_TITLE = re.compile(rf"^{_CUE.pattern}\n(.*)", re.MULTILINE)
_TITLE = 40
_LEAST, _ADVISED = 10, 30
_FEW = 3


class Listing(NamedTuple):
    """The chapters of an episode in one form."""

    form: str
    marks: tuple[Mark, ...]
    at: Element


def listings(item: Element, about: About) -> list[Listing]:
    """Find the chapters of an episode in every form that is at hand."""
    if not isinstance(item.scanned, list) or about.state.get("listed") is not item:
        about.state["listed"] = item
        item.scanned = list(_listings(item, about))
    return item.scanned


def _listings(item: Element, about: About) -> Iterator[Listing]:
    if (psc := item.first("psc:chapters")) is not None:
        yield Listing("Podlove", tuple(_psc(psc)), psc)
    if (link := item.first("podcast:chapters")) is not None:
        subject = about.context.find(link.attributes.get("url", ""))
        if subject is not None:
            yield Listing("JSON", tuple(_json(subject)), link)
        beside = about.context.find(link.attributes.get("url", "").removesuffix(".json") + ".vtt")
        if beside is not None:
            yield Listing("WebVTT", tuple(_vtt(beside)), link)
    subject = audio_of(item, about)
    if subject is not None and subject.audio.marks and subject.audio.tags is not None:
        yield Listing("ID3", subject.audio.marks, item.first("enclosure") or item)
    for found in item.all("description", "content:encoded")[:1]:
        if block := tuple(_block(found.text)):
            yield Listing("description", block, found)


def _seconds(text: str) -> float:
    return dates.seconds(text) if _LOOSE_START.fullmatch(text) else -1.0


def _psc(psc: Element) -> Iterator[Mark]:
    for chapter in psc.all("psc:chapter"):
        start = chapter.attributes.get("start", "").strip()
        yield Mark(start=_seconds(start), title=chapter.attributes.get("title", ""))


def _json(subject: Subject) -> Iterator[Mark]:
    try:
        top = list(documents.read_json(subject, JsonFacts()))[-1]
    except (BrokenError, OSError):
        return
    for chapter in top.members("chapters"):
        start, shown = chapter.get("startTime"), chapter.get("toc")
        if start is not None and start.number is not None and (shown is None or shown.value is not False):
            yield Mark(start=start.number, title=chapter.string("title"))


def _vtt(subject: Subject) -> Iterator[Mark]:
    for start, end, title in _CUE_AND_TITLE.findall(subject.text().replace("\r\n", "\n")):
        yield Mark(start=dates.seconds(start), end=dates.seconds(end), title=html.unescape(title))


def lines(text: str) -> list[str]:
    """Split HTML or plain text into the lines a person sees."""
    return [html.unescape(_ANY_TAG.sub("", line)).strip() for line in _BREAK.split(text)]


def _block(text: str) -> list[Mark]:
    """Find the timestamps of show notes, one a line; a single one is not a block."""
    found = [match for line in lines(text) if (match := _LINE.fullmatch(line[:500]))]
    return [Mark(start=dates.seconds(match[1]), title=match[2]) for match in found] if len(found) > 1 else []


@rule(
    "CHP-01",
    "error",
    on="episode",
    says="The first chapter starts at 0, each later than the one before, all before the end of the episode.",
    fix="Sort the chapters, open with one at 00:00:00, and drop what lies after the end.",
    source="S-CH; Y-CH; A-CH",
    profiles="apple spotify chapters",
    elsewhere="warning",
)
def in_order(item: Element, about: About) -> Problems:
    """Check the times of each form."""
    whole = length_of(item, about)
    for form, marks, at in listings(item, about):
        starts = [mark.start for mark in marks]
        if starts and starts[0] != 0:
            yield Problem(at, f"the first chapter ({form}) starts at {_clock(starts[0])}, not at 0")
        for one, two in pairwise(starts):
            if two <= one:
                yield Problem(at, f"a chapter ({form}) at {_clock(two)} follows one at {_clock(one)}")
        if whole is not None and starts and max(starts) >= whole:
            yield Problem(
                at, f"a chapter ({form}) starts at {_clock(max(starts))}, after the end at {_clock(whole)}"
            )


def _clock(start: float) -> str:
    return dates.clock(start) if start >= 0 else "no readable time"


@rule(
    "CHP-02",
    "warning",
    on="episode",
    says="There are at least three chapters.",
    fix="Add chapters, or leave them out: Apple, Spotify and YouTube show none below three.",
    source="A-CH; S-CH; Y-CH",
    profiles="apple spotify chapters",
    elsewhere="info",
)
def enough(item: Element, about: About) -> Problems:
    """Count the chapters of each form."""
    for form, marks, at in listings(item, about):
        if 0 < len(marks) < _FEW:
            yield Problem(at, f"there are only {len(marks)} chapters ({form})")


@rule(
    "CHP-03",
    "warning",
    on="episode",
    says="Every chapter lasts at least 10 seconds, better 30.",
    fix="Join short chapters.",
    source="Y-CH; S-CH",
    profiles="spotify chapters",
    elsewhere="info",
)
def long_enough(item: Element, about: About) -> Problems:
    """Measure the shortest chapter."""
    for form, marks, at in listings(item, about)[:1]:
        gaps = [two.start - one.start for one, two in pairwise(marks) if two.start > one.start]
        if gaps and min(gaps) < _ADVISED:
            grave: Severity = "warning" if min(gaps) < _LEAST else "info"
            yield Problem(at, f"a chapter ({form}) lasts {min(gaps):g} s", level=grave, elsewhere="info")


@rule(
    "CHP-04",
    "error",
    on="episode",
    says="Every chapter has a title: one line of plain text.",
    fix="Write a few words, without tags and line breaks.",
    source="PSC; S-CH",
    profiles="spotify chapters",
    elsewhere="warning",
)
def titles(item: Element, about: About) -> Problems:
    """Check the titles of each form."""
    for form, marks, at in listings(item, about):
        for mark in marks:
            if not mark.title.strip():
                yield Problem(at, f"the chapter at {_clock(mark.start)} ({form}) has no title")
            elif "\n" in mark.title or looks_like_markup(mark.title):
                yield Problem(at, f"the title {mark.title!r} ({form}) is not one line of plain text")


@rule(
    "CHP-05",
    "warning",
    on="episode",
    says="Titles of chapters have at most 40 characters, and no emoji.",
    fix="Shorten them; apps cut longer ones.",
    source="S-CH",
    profiles="spotify chapters",
    elsewhere="info",
)
def short_titles(item: Element, about: About) -> Problems:
    """Measure the titles."""
    for form, marks, at in listings(item, about)[:1]:
        for mark in marks:
            if len(mark.title) > _TITLE:
                yield Problem(at, f"the title {mark.title!r} ({form}) has {len(mark.title)} characters")
            elif _EMOJI.search(mark.title):
                yield Problem(at, f"the title {mark.title!r} ({form}) holds an emoji")


@rule(
    "CHP-06",
    "error",
    on="episode",
    says="Every form of an episode's chapters has the same count, starts (to the second) and titles.",
    fix="Write all forms from one list.",
    source="requirements F.4",
    profiles="chapters",
    elsewhere="warning",
)
def same_in_all_forms(item: Element, about: About) -> Problems:
    """Compare each form with the first."""
    first, *others = listings(item, about) or [Listing("", (), item)]
    for form, marks, at in others:
        if len(marks) != len(first.marks):
            yield Problem(at, f"{form} has {len(marks)} chapters, {first.form} {len(first.marks)}")
            continue
        for one, two in zip(first.marks, marks, strict=True):
            if int(one.start) != int(two.start) or " ".join(one.title.split()) != " ".join(two.title.split()):
                left, right = f"{_clock(one.start)} {one.title!r}", f"{_clock(two.start)} {two.title!r}"
                yield Problem(at, f"{form} has {right} where {first.form} has {left}")
                break


@rule(
    "CHP-07",
    "error",
    on="xml",
    says="An item has one psc:chapters, version 1.2, with at least one chapter, each with start and title.",
    fix="Write <psc:chapters version='1.2'> around the chapters.",
    source="PSC",
    profiles="chapters spotify",
)
def podlove(part: Element, _about: About) -> Problems:
    """Check the shape of Podlove Simple Chapters."""
    for extra in part.all("psc:chapters")[1:]:
        yield Problem(extra, "a second psc:chapters in one item")
    for found in part.all("psc:chapters"):
        version = found.attributes.get("version", "")
        if version != "1.2":
            lax: Severity = "info" if version in ("", "1.0", "1.1") else "warning"
            yield Problem(found, f"the version is {version!r}, not '1.2'", elsewhere=lax)
        if not found.all("psc:chapter"):
            yield Problem(found, "psc:chapters holds no chapter")
        for chapter in found.all("psc:chapter"):
            for name in ("start", "title"):
                if name not in chapter.attributes:
                    yield Problem(chapter, f"the chapter has no {name}")


@rule(
    "CHP-08",
    "error",
    on="xml",
    says="psc start is HH:MM:SS.mmm, the one form that every parser reads.",
    fix="Write two digits for hours, minutes and seconds, and three decimals.",
    source="requirements G",
    profiles="chapters spotify",
    elsewhere="warning",
)
def podlove_times(part: Element, _about: About) -> Problems:
    """Check the form of each start."""
    for found in part.all("psc:chapters"):
        for chapter in found.all("psc:chapter"):
            start = chapter.attributes.get("start")
            if start is not None and not _PSC_START.fullmatch(start):
                lax: Severity = "info" if _LOOSE_START.fullmatch(start.strip()) else "error"
                yield Problem(chapter, f"start is {start!r}, not of the form HH:MM:SS.mmm", elsewhere=lax)


@rule(
    "CHP-09",
    "error",
    on="xml",
    says="href and image of a psc chapter are absolute addresses.",
    fix="Write scheme and host.",
    source="PSC",
    profiles="chapters spotify",
)
def podlove_addresses(part: Element, _about: About) -> Problems:
    """Check the addresses of each chapter."""
    for found in part.all("psc:chapters"):
        for chapter in found.all("psc:chapter"):
            for name in ("href", "image"):
                value = chapter.attributes.get(name)
                if value is not None and (flaw := values.full_uri(value, iri=True)):
                    yield Problem(chapter, f"{name}: {flaw.message}", elsewhere=flaw.grave)


@rule(
    "CHP-10",
    "error",
    on="item",
    says="An item has at most one podcast:chapters, with a url and the type application/json+chapters.",
    fix="Write <podcast:chapters url='…' type='application/json+chapters'/>.",
    source="P20:chapters",
    profiles="apple podcasting20 chapters",
)
def link_to_json(item: Element, about: About) -> Problems:
    """Check where the chapters file is said to be."""
    found = item.all("podcast:chapters")
    for extra in found[1:]:
        yield Problem(extra, "a second podcast:chapters in one item")
    for element in found:
        url, kind = element.attributes.get("url", ""), element.attributes.get("type", "")
        if flaw := values.full_uri(url, iri=True):
            yield Problem(element, f"url: {flaw.message}")
        elif about.context.here(url) and about.context.subjects and about.context.find(url) is None:
            yield Problem(element, f"{url!r} is not there")
        if kind != _TYPE:
            lax: Severity = "warning" if kind == "application/json" else "error"
            yield Problem(element, f"the type is {kind!r}, not {_TYPE!r}", elsewhere=lax)


@rule(
    "CHP-11",
    "error",
    on="chapters",
    says="A chapters file has a version and an array of chapters, each with a numeric startTime, in order.",
    fix='Write {"version": "1.2.0", "chapters": [{"startTime": 0, …}, …]}.',
    source="JCH",
    profiles="podcasting20 chapters apple",
)
def json_chapters(top: Node, about: About) -> Problems:
    """Check the shape of the file, and report what JSON leaves undefined."""
    for message, line, column in about.json_facts.flaws:
        yield Problem(At(line, column), message)
    if not top.string("version"):
        yield Problem(top, "there is no version, as a string")
    chapters = top.members("chapters")
    if not chapters:
        yield Problem(top.get("chapters") or top, "there is no array of chapters, or it is empty")
    before = -1.0
    for chapter in chapters:
        start = chapter.get("startTime")
        number = start.number if start is not None else None
        if number is None or not 0 <= number < 1e9:
            yield Problem(start or chapter, "startTime is not a number of 0 or more")
        elif number <= before:
            yield Problem(start or chapter, f"startTime {number:g} does not follow {before:g}")
        before = number if number is not None else before


_JSON_TYPES: dict[str, type] = {"title": str, "img": str, "url": str, "toc": bool, "location": dict}


@rule(
    "CHP-12",
    "error",
    on="chapters",
    says="Values of a chapter have the right types, img and url are absolute, endTime follows startTime.",
    fix="Correct the value.",
    source="JCH",
    profiles="podcasting20 chapters apple",
)
def json_values(top: Node, _about: About) -> Problems:
    """Check the values of each chapter."""
    for chapter in top.members("chapters"):
        for key, kind in _JSON_TYPES.items():
            found = chapter.get(key)
            if found is not None and not isinstance(found.value, kind):
                yield Problem(found, f"{key} is of the wrong type")
            elif (
                found is not None and key in ("img", "url") and values.full_uri(chapter.string(key), iri=True)
            ):
                yield Problem(found, f"{key} {chapter.string(key)!r} is not an absolute address")
        start, end = chapter.get("startTime"), chapter.get("endTime")
        if end is not None and (
            end.number is None or (start and start.number and end.number <= start.number)
        ):
            yield Problem(end, "endTime is not a number after startTime")
        place = chapter.get("location")
        if place is not None and not (place.string("name") and place.string("geo").startswith("geo:")):
            yield Problem(place, "a location has a name and geo, 'geo:lat,lon'")


@rule(
    "CHP-13",
    "warning",
    on="chapters",
    says="Chapters start on whole seconds, and none is hidden.",
    fix="Round the starts; some apps cut fractions and show hidden chapters.",
    source="AP",
    profiles="chapters",
    elsewhere="info",
)
def json_for_all(top: Node, _about: About) -> Problems:
    """Look for what apps read differently."""
    for chapter in top.members("chapters"):
        start, shown = chapter.get("startTime"), chapter.get("toc")
        if start is not None and start.number is not None and start.number % 1:
            yield Problem(start, f"startTime {start.number:g} is cut to {int(start.number)} by some apps")
        if shown is not None and shown.value is False:
            yield Problem(shown, "toc is false, and some apps show the chapter all the same")


@rule(
    "CHP-14",
    "warning",
    on="chapters",
    says="A chapters file has no byte order mark, and at least two chapters.",
    fix="Write plain UTF-8, and leave out a file with a single chapter.",
    source="JCH; AP",
    profiles="chapters",
    elsewhere="info",
)
def json_file(top: Node, about: About) -> Problems:
    """Look at the file as a whole."""
    if about.json_facts.byte_order_mark:
        yield Problem(top, "the file starts with a byte order mark")
    if len(top.members("chapters")) == 1:
        yield Problem(top, "there is a single chapter")


@rule(
    "CHP-15",
    "warning",
    on="episode",
    says="The description lists the chapters, each line HH:MM:SS and a title, from 00:00:00.",
    fix="Write '00:00:00 Opening', one chapter a paragraph, in two digits throughout.",
    source="requirements D.7",
    profiles="apple spotify chapters",
    elsewhere="info",
)
def block(item: Element, about: About) -> Problems:
    """Check the form of the timestamps in the description."""
    found = item.first("description")
    forms = listings(item, about)
    if found is None or not forms:
        return
    stamped = [line for line in lines(found.text) if _LINE.fullmatch(line[:500])]
    if len(stamped) < 2 and any(len(listing.marks) >= _FEW for listing in forms):
        yield Problem(found, "the episode has chapters, and its description does not list them")
    odd = [line for line in stamped if not _STRICT_LINE.fullmatch(line)] if len(stamped) > 1 else []
    if odd:
        yield Problem(found, f"{odd[0]!r} is not of the form 'HH:MM:SS Title'")
    elif len(stamped) > 1 and not stamped[0].startswith("00:00:00"):
        yield Problem(found, f"the first chapter is {stamped[0]!r}, not at 00:00:00")


@rule(
    "CHP-16",
    "warning",
    on="episode",
    says="No two-part time is in the description outside the list of chapters.",
    fix="Write times as HH:MM:SS: some apps read 1:10 as an hour and ten minutes.",
    source="AP",
    profiles="chapters",
    elsewhere="off",
)
def stray_times(item: Element, _about: About) -> Problems:
    """Look for times that apps turn into links."""
    for found in item.all("description"):
        for line in lines(found.text):
            if not _LINE.fullmatch(line[:500]) and (time := _TWO_PART.search(line)):
                yield Problem(found, f"{time[0]!r} may be read as hours and minutes")


@rule(
    "CHP-17",
    "warning",
    on="episode",
    says="No timestamp of the notes lies after the end of the episode or occurs twice.",
    fix="Correct the notes.",
    source="requirements D.7",
    profiles="chapters",
    elsewhere="info",
)
def sound_notes(item: Element, about: About) -> Problems:
    """Check the timestamps of the notes against the length of the episode."""
    whole = length_of(item, about)
    for form, marks, at in listings(item, about):
        if form != "description":
            continue
        starts = [mark.start for mark in marks]
        for start in sorted({start for start in starts if starts.count(start) > 1}):
            yield Problem(at, f"{_clock(start)} occurs twice")
        for start in starts:
            if whole is not None and start >= whole:
                yield Problem(at, f"{_clock(start)} lies after the end at {_clock(whole)}")


@rule(
    "MP4-01",
    "info",
    on="episode",
    says="Chapters within an M4A file are those of the feed.",
    fix="Rewrite the file's chapters, or leave them out.",
    source="MUT",
    profiles="chapters",
)
def mp4(item: Element, about: About) -> Problems:
    """Compare the chapters of an M4A file with the feed's."""
    subject = audio_of(item, about)
    if subject is None or subject.audio.tags is not None or not subject.audio.marks:
        return
    for form, marks, at in listings(item, about)[:1]:
        if [int(mark.start) for mark in marks] != [int(mark.start) for mark in subject.audio.marks]:
            yield Problem(at, f"the file has {len(subject.audio.marks)} other chapters than {form}")


@rule(
    "VTT-01",
    "error",
    on="vtt",
    says="A chapters VTT starts with WEBVTT; its cues ascend without overlap, each ending after its start.",
    fix="Write 'WEBVTT', an empty line, and each cue as 'HH:MM:SS.mmm --> HH:MM:SS.mmm' and its title.",
    source="HTML",
    profiles="chapters",
)
def webvtt(subject: Subject, _about: About) -> Problems:
    """Check the cues of the file."""
    text = subject.text()
    if not re.match(r"WEBVTT(?:[ \t\n\r]|\Z)", text):
        yield Problem(At(1, 1), "the file does not start with WEBVTT")
    chapters = subject.name.rpartition("/")[2].startswith("chapters")
    before = 0.0
    for number, line in enumerate(text.splitlines(), 1):
        if "-->" not in line:
            continue
        cue = _CUE.fullmatch(line.strip())
        if cue is None:
            yield Problem(At(number, 1), f"{line.strip()[:60]!r} gives no times of a cue")
            continue
        start, end = dates.seconds(cue[1]), dates.seconds(cue[2])
        if end <= start:
            yield Problem(At(number, 1), "the cue ends before it starts")
        if start < before and chapters:
            yield Problem(At(number, 1), "the cue starts before the end of the one before")
        before = end


@rule(
    "VTT-02",
    "error",
    on="episode",
    says="The last cue of a chapters VTT ends with the episode.",
    fix="Measure the audio before writing its chapters.",
    source="HTML",
    profiles="chapters",
)
def ends_in_time(item: Element, about: About) -> Problems:
    """Compare the ends of all cues with the length of the episode."""
    whole = length_of(item, about)
    for form, marks, at in listings(item, about):
        last = max((mark.end or 0.0 for mark in marks), default=0.0)
        if form == "WebVTT" and whole is not None and last > whole + 1:
            yield Problem(at, f"the last cue ends at {_clock(last)}, after the end at {_clock(whole)}")
