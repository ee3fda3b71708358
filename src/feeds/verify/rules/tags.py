"""Rules of chapters within MP3 files: ID3-01 to ID3-06 (requirements, O.7 and H)."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from feeds.verify.documents import Subject
from feeds.verify.rules import values
from feeds.verify.rules.table import About, At, Problem, Problems, rule

_TOP_LEVEL, _ORDERED = 2, 1
_NO_OFFSET = 0xFFFFFFFF
_MOST_CHILDREN, _LONGEST_ID = 255, 99
_PICTURES = ("image/jpeg", "image/png", "-->")
_MOST_PICTURE_BYTES = 5_000_000
_ROUNDING = 1.0
"""Seconds by which the last chapter may outlast the audio."""


def _frames(subject: Subject, name: str) -> list[Any]:
    tags = subject.audio.tags
    return list(tags.getall(name)) if tags is not None else []


def _chapters(subject: Subject) -> list[Any]:
    return sorted(_frames(subject, "CHAP"), key=lambda frame: frame.start_time)


@rule(
    "ID3-01",
    "error",
    on="audio",
    says="Chapters are listed by exactly one top-level, ordered table of contents, in order of time.",
    fix="Write one CTOC frame, flags top-level and ordered, naming every chapter.",
    source="ID3CH",
    profiles="chapters",
)
def contents(subject: Subject, _about: About) -> Problems:
    """Compare the table of contents with the chapters."""
    chapters, tables = _chapters(subject), _frames(subject, "CTOC")
    if subject.audio.problem is not None:
        yield Problem(None, f"the audio cannot be read: {subject.audio.problem}")
    if not chapters and not tables:
        return
    tops = [table for table in tables if int(table.flags) & _TOP_LEVEL]
    if len(tops) != 1:
        yield Problem(None, f"there are {len(tops)} top-level tables of contents, not one")
        return
    if not int(tops[0].flags) & _ORDERED:
        yield Problem(None, "the table of contents is not marked as ordered")
    known = [chapter.element_id for chapter in chapters]
    listed = list(_children(tops[0], tables))
    if missing := [child for child in listed if child not in known]:
        yield Problem(None, f"the table of contents names {missing[0]!r}, which is not a chapter")
    elif [name for name in known if name in listed] != listed:
        yield Problem(None, "the table of contents is not in order of time")
    elif len(listed) < len(known):
        yield Problem(None, f"{len(known) - len(listed)} chapters are not in the table of contents")


def _children(table: Any, tables: list[Any], depth: int = 0) -> Iterator[str]:
    by_id = {other.element_id: other for other in tables}
    for child in table.child_element_ids:
        if child in by_id and depth < 10:
            yield from _children(by_id[child], tables, depth + 1)
        else:
            yield child


@rule(
    "ID3-02",
    "error",
    on="audio",
    says="A table of contents has at most 255 children; ids are unique, ASCII, and shorter than 100 bytes.",
    fix="Name chapters chp001, chp002 and so on.",
    source="ID3CH; MUT; AP",
    profiles="chapters",
)
def element_ids(subject: Subject, _about: About) -> Problems:
    """Check the ids of chapters and tables."""
    frames = [*_frames(subject, "CHAP"), *_frames(subject, "CTOC")]
    seen: set[str] = set()
    for frame in frames:
        name = frame.element_id
        if name in seen:
            yield Problem(None, f"the id {name!r} occurs twice")
        if not name.isascii() or not 0 < len(name) <= _LONGEST_ID:
            yield Problem(None, f"the id {name[:40]!r} is not 1 to {_LONGEST_ID} ASCII characters")
        seen.add(name)
    for table in _frames(subject, "CTOC"):
        if len(table.child_element_ids) > _MOST_CHILDREN:
            yield Problem(None, f"a table of contents has {len(table.child_element_ids)} children")


@rule(
    "ID3-03",
    "error",
    on="audio",
    says=(
        "Each chapter ends after it starts, where the next one starts, and within the audio; byte "
        "offsets are unused."
    ),
    fix=(
        "Take each end from the next start, the last from the length of the audio, and set offsets to"
        " all ones."
    ),
    source="ID3CH",
    profiles="chapters",
)
def times(subject: Subject, _about: About) -> Problems:
    """Check the times of the chapters."""
    chapters = _chapters(subject)
    for chapter, following in zip_longest(chapters, chapters[1:]):
        name = chapter.element_id
        if chapter.end_time <= chapter.start_time:
            yield Problem(None, f"the chapter {name!r} ends before it starts")
        if following is not None and chapter.end_time != following.start_time:
            yield Problem(None, f"the chapter {name!r} does not end where the next one starts")
        if {chapter.start_offset, chapter.end_offset} != {_NO_OFFSET}:
            yield Problem(None, f"the chapter {name!r} gives byte offsets")
    whole = subject.audio.duration
    if chapters and whole is not None and chapters[-1].end_time / 1000 > whole + _ROUNDING:
        yield Problem(
            None, f"the last chapter ends at {chapters[-1].end_time / 1000:g} s, the audio at {whole:.1f} s"
        )


@rule(
    "ID3-04",
    "error",
    on="audio",
    says=(
        "Each chapter has one title; its link is an absolute address, its picture a JPEG, a PNG or an"
        " address."
    ),
    fix="Write one TIT2 in each chapter, and absolute addresses.",
    source="ID3CH; AP",
    profiles="chapters",
)
def inside(subject: Subject, _about: About) -> Problems:
    """Check what the chapters hold."""
    for chapter in _chapters(subject):
        name = chapter.element_id
        titles = chapter.sub_frames.getall("TIT2")
        if len(titles) != 1 or not str(titles[0]).strip():
            yield Problem(None, f"the chapter {name!r} has no title")
        for link in chapter.sub_frames.getall("WXXX"):
            if flaw := values.full_uri(link.url, iri=True):
                yield Problem(None, f"the chapter {name!r}: {flaw.message}")
        for picture in chapter.sub_frames.getall("APIC"):
            if picture.mime not in _PICTURES:
                yield Problem(None, f"the chapter {name!r} has a picture of type {picture.mime!r}")


@rule(
    "ID3-05",
    "warning",
    on="audio",
    says=(
        "The tag is of the version that is configured (2.3 unless said otherwise), at the start, with"
        " small pictures."
    ),
    fix="Save as ID3v2.3, and give pictures by address.",
    source="requirements H.2, H.3",
    profiles="chapters",
    elsewhere="info",
)
def tag(subject: Subject, about: About) -> Problems:
    """Check the tag as a whole."""
    tags = subject.audio.tags
    if tags is None or not hasattr(tags, "version"):
        return
    if not subject.head.startswith(b"ID3"):
        yield Problem(None, "the tag is not at the start of the file")
    expected = about.context.id3_version
    if tuple(tags.version[:2]) != expected:
        yield Problem(
            None, f"the tag is version {tags.version[0]}.{tags.version[1]}, not {expected[0]}.{expected[1]}"
        )
    inner = [picture for chapter in _chapters(subject) for picture in chapter.sub_frames.getall("APIC")]
    size = sum(len(picture.data) for picture in [*_frames(subject, "APIC"), *inner])
    if size > _MOST_PICTURE_BYTES:
        yield Problem(None, f"pictures fill {size:,} bytes before the audio begins")


@rule(
    "ID3-06",
    "error",
    on="site",
    says="After tagging, every feed gives the size that the file has now.",
    fix="Write the feeds after the audio.",
    source="requirements H.3",
    profiles="chapters site",
)
def sizes(_site: None, about: About) -> Problems:
    """Compare the sizes in all feeds with the files."""
    for outline in about.outlines:
        for item in outline.items:
            subject = about.context.find(item.enclosure) if item.enclosure and item.size else None
            if subject is not None and subject.kind == "audio" and item.size != str(subject.size):
                at = At(item.line, None, item.path, outline.subject.name)
                yield Problem(at, f"{item.enclosure!r} has {subject.size} bytes, the feed says {item.size}")
