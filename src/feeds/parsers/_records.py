"""From loosely typed fields, as in rows, front matter and selectors, to items.

A record without a title is quarantined. A field that cannot be understood is left out and reported, and
the rest of its record stays.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from feeds import dates
from feeds.model import Article, Chapter, Episode, Finding, Media, Parsed, Person, Place, Source, Transcript
from feeds.parsers import _dates, _markup

ReadChapters = Callable[[str, float | None], tuple[Chapter, ...]]
"""Reads chapters from notes (text or HTML) of an episode of so many seconds; empty if there are none."""

NAMES: Mapping[str, tuple[str, ...]] = {
    field: tuple(names.split())
    for field, names in {
        "title": "title headline name",
        "link": "link url href permalink web_url external_url",
        "id": "id guid uuid",
        "published": "published date pubdate pub_date date_published published_at publish_date datepublished "
        "publishdate created_at created release_date datetime",
        "updated": "updated updated_at modified date_modified datemodified lastmod last_modified_at",
        "authors": "authors author by byline creator writer",
        "tags": "tags tag categories category topics topic keywords labels",
        "summary": "summary description excerpt abstract teaser subtitle dek",
        "content": "content body html content_html text notes show_notes shownotes",
        "language": "language lang",
        "image": "image image_url thumbnail cover artwork picture og_image featured_image images",
        "publisher": "publisher company source site publication",
        "minutes": "minutes reading_time read_time readingtime min",
        "audio": "audio audio_url enclosure enclosure_url media mp3 file",
        "audio_type": "audio_type enclosure_type mime_type media_type",
        "audio_size": "audio_size enclosure_length size_in_bytes file_size filesize bytes",
        "duration": "duration duration_in_seconds length audio_length itunes_duration",
        "number": "number episode episode_number ep no",
        "season": "season season_number",
        "kind": "kind episode_type episodetype",
        "explicit": "explicit",
        "guests": "guests guest persons with",
        "transcript": "transcript transcript_url",
    }.items()
}
"""The fields of a record, and the names that sources use for them, the plainest first."""

OTHER_NAMES: Mapping[str, str] = {"date": "published", "notes": "content"}
"""Other names that a configuration may use for a field."""

_TYPES = dict.fromkeys(("mp3", "mpga"), "audio/mpeg")
_TYPES |= {"m4a": "audio/x-m4a", "aac": "audio/aac", "ogg": "audio/ogg", "oga": "audio/ogg"}
_TYPES |= {"opus": "audio/opus", "flac": "audio/flac", "wav": "audio/wav", "webm": "video/webm"}
_TYPES |= {"mp4": "video/mp4", "m4v": "video/x-m4v", "mov": "video/quicktime"}
_TYPES |= {"vtt": "text/vtt", "srt": "application/x-subrip", "json": "application/json"}
_TYPES |= {"html": "text/html", "htm": "text/html", "txt": "text/plain"}
_NUMBER = re.compile(r"(?<![\d.])(\d{1,9})(?:\.0+)?(?![\d.])")
_CLOCK = re.compile(
    r"(?:PT)?(?:(\d{1,3})\s*h[a-z]*)?\s*(?:(\d{1,5})\s*m[a-z]*)?\s*(?:(\d{1,6})(?:\.\d+)?\s*s[a-z]*)?",
    re.IGNORECASE,
)
_COLONS = re.compile(r"\d{1,6}(?::\d{1,2}){0,2}(?:\.\d{1,6})?")
KINDS: Mapping[str, Literal["full", "trailer", "bonus"]] = {
    "full": "full",
    "trailer": "trailer",
    "bonus": "bonus",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One entry of a source, before it is an item."""

    fields: Mapping[str, object]
    """By the names of `NAMES`."""
    place: Place
    base_url: str | None = None
    """What relative addresses in it are relative to, if that differs from the rest of its source."""


def parsed(
    records: Sequence[Record],
    source: Source,
    *,
    day_first: bool | None = None,
    read_chapters: ReadChapters | None = None,
    findings: Iterable[Finding] = (),
) -> Parsed:
    """Make items of records, in their order: episodes where the source is of a show or a record has audio."""
    if day_first is None:
        written = (record.fields.get(name) for record in records for name in ("published", "updated"))
        day_first = _dates.day_first(written)
    items = []
    problems = list(findings)
    for record in records:
        reader = _Reader(record=record, source=source, day_first=day_first, read_chapters=read_chapters)
        if (item := reader.item()) is not None:
            items.append(item)
        problems.extend(reader.findings)
    return Parsed(items=tuple(items), findings=tuple(problems))


def quarantined(place: Place, reason: str) -> Finding:
    """Report a part of a source that gives no item."""
    return Finding(level="warning", rule="quarantined", place=place, message=f"left out: {reason}")


def whole(value: object) -> int | None:
    """Read a whole number, of a text the only one.

    >>> whole("5 min read"), whole(7.0), whole("E12"), whole("1 of 2"), whole("-3")
    (5, 7, 12, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 10**15 and value == int(value) else None
    if not isinstance(value, str) or len(value) > 40 or value.lstrip().startswith("-"):
        return None
    if value.strip().isdecimal() and len(value) <= 15:
        return int(value)
    found = _NUMBER.findall(value)
    return int(found[0]) if len(found) == 1 else None


def duration(value: object) -> float | None:
    """Read how long something takes, in seconds: `1:02:03`, `62:03`, `3723`, `1h 2m 3s`, `PT1H2M3S`.

    >>> duration("1:02:03"), duration("PT1H2M3S"), duration("62 min"), duration(12.5), duration("soon")
    (3723.0, 3723.0, 3720.0, 12.5, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 < value < 10**8 else None
    text = value.strip() if isinstance(value, str) and len(value) <= 40 else ""
    if _COLONS.fullmatch(text):
        return dates.seconds(text) or None
    if not text or not (found := _CLOCK.fullmatch(text)):
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds or None


def media_type(url: str, given: object = None) -> str | None:
    """Name the type of an audio, video or text file: as given, else by its extension.

    >>> media_type("https://a.example/1.mp3?x=y"), media_type("https://a.example/1")
    ('audio/mpeg', None)
    """
    if isinstance(given, str) and re.fullmatch(
        r"[\w.+-]{1,40}/[\w.+-]{1,80}", given.partition(";")[0].strip()
    ):
        return given.partition(";")[0].strip().lower()
    path = url.partition("?")[0].partition("#")[0]
    return _TYPES.get(path.rpartition(".")[2].lower())


def strings(value: object, *, words: bool = False) -> tuple[str, ...]:
    """Read a list of short texts: a list, or a text with commas, semicolons, bars or lines between them.

    `words` reads a text that has none of these as words, as Jekyll does.

    >>> strings("a, b;c"), strings(["a", 2]), strings("Two words"), strings("two words", words=True)
    (('a', 'b', 'c'), ('a', '2'), ('Two words',), ('two', 'words'))
    """
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title") or value.get("slug") or list(value)
    if isinstance(value, str):
        value = re.split(r"[,;|\n]", value)
        if words and len(value) == 1:
            value = value[0].split()
    if not isinstance(value, list | tuple):
        value = [value]
    parts = (strings(part) if isinstance(part, Mapping) else (_text(part),) for part in value)
    flat = (re.sub(r"^#(?=\w)", "", _markup.line(text)) for part in parts for text in part)
    return tuple(dict.fromkeys(text for text in flat if text))


def persons(value: object, role: str | None = None) -> tuple[Person, ...]:
    """Read people: a text, a list of texts, or tables with a name and perhaps an address.

    >>> [person.name for person in persons("Ann Lee, Bob Ray")], len(persons("Lee, Ann"))
    (['Ann Lee', 'Bob Ray'], 1)
    """
    if isinstance(value, str):
        parts = re.split(r"\s*;\s*|\s+&\s+|\s+and\s+", value)
        if len(parts) == 1:
            names = [part.strip() for part in value.split(",")]
            parts = names if all(" " in name for name in names) else parts
        value = parts
    if not isinstance(value, list | tuple):
        value = [value]
    found = []
    for one in value:
        if isinstance(one, Mapping):
            name, url = _text(one.get("name") or one.get("title")), _text(one.get("url") or one.get("uri"))
            person = Person(name=_markup.line(name), role=role, url=_markup.absolute(url))
        else:
            person = Person(
                name=re.sub(r"^by\s+", "", _markup.line(_text(one)), flags=re.IGNORECASE), role=role
            )
        if person.name:
            found.append(person)
    return tuple(dict.fromkeys(found))


def _text(value: object) -> str:
    """Make text of a single value; a list or table gives none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list | tuple):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return str(value)


@dataclass(kw_only=True, slots=True)
class _Reader:
    """Reads one record and collects what is wrong with it."""

    record: Record
    source: Source
    day_first: bool | None
    read_chapters: ReadChapters | None
    findings: list[Finding] = field(default_factory=list)

    def item(self) -> Article | Episode | None:
        fields = self.record.fields
        title = _markup.line(_markup.plain_if_html(_text(fields.get("title"))))
        if not title:
            self.findings.append(quarantined(self.record.place, self._untitled()))
            return None
        notes = _text(fields.get("content"))
        media = self._media()
        content = self._content(notes)
        common: dict[str, Any] = {
            "title": title,
            "link": self._address("link"),
            "id": _text(fields.get("id")) or None,
            "published": self._date("published"),
            "updated": self._date("updated"),
            "authors": persons(fields.get("authors")),
            "tags": strings(fields.get("tags")),
            "summary": _markup.plain_if_html(_text(fields.get("summary"))),
            "content": content,
            "language": _text(fields.get("language")) or None,
            "image": self._address("image"),
            "place": self.record.place,
        }
        if self.source.show is None and media is None:
            common["summary"] = common["summary"] or opening(content)
            publisher = _markup.line(_text(fields.get("publisher"))) or None
            return Article(**common, publisher=publisher, minutes=self._number("minutes"))
        common["summary"] = common["summary"] or _markup.plain(content or "")
        return Episode(
            **common,
            show=self.source.show or "",
            number=self._number("number"),
            season=self._number("season"),
            kind=KINDS.get(_text(fields.get("kind")).lower(), "full"),
            explicit=explicit(fields.get("explicit")),
            media=media,
            chapters=self._chapters(notes, media),
            persons=persons(fields.get("guests"), role="guest"),
            transcripts=self._transcripts(),
        )

    @property
    def _base_url(self) -> str | None:
        return self.record.base_url or self.source.base_url

    def _untitled(self) -> str:
        there = ", ".join(name for name, value in self.record.fields.items() if value and name != "title")
        if self.record.fields.get("title"):
            return "its title is not text"
        return f"it has no title, only {there}" if there else "it is empty; a title at least was expected"

    def _content(self, notes: str) -> str | None:
        if not notes:
            return None
        if "<" not in notes:
            notes = "".join(
                f"<p>{line}</p>" for line in _markup.lines(notes).replace("&", "&amp;").split("\n")
            )
        return _markup.sanitise(notes, self._base_url) or None

    def _chapters(self, notes: str, media: Media | None) -> tuple[Chapter, ...]:
        if not notes or self.read_chapters is None:
            return ()
        length = media.duration if media else duration(self.record.fields.get("duration"))
        return self.read_chapters(notes, length)

    def _date(self, name: str) -> datetime | None:
        value = self.record.fields.get(name)
        if value in (None, "", []):
            return None
        when = _dates.read(value, day_first=self.day_first)
        if when is None:
            self.findings.append(_dates.unread(name, str(value), self.record.place))
        return when

    def _number(self, name: str) -> int | None:
        value = self.record.fields.get(name)
        number = whole(value)
        if number is None and value not in (None, ""):
            self._report("bad-number", name, "expected a whole number")
        return number

    def _address(self, name: str) -> str | None:
        value = self.record.fields.get(name)
        if isinstance(value, Mapping):
            value = next(filter(None, map(value.get, ("url", "href", "src", "path", "image"))), None)
        if isinstance(value, list | tuple):
            value = value[0] if value else None
        url = _markup.absolute(_text(value), self._base_url)
        if url is None and _text(value):
            self._report("bad-address", name, "expected a web address, or a path and the `url` of its source")
        return url

    def _media(self) -> Media | None:
        url = self._address("audio")
        if url is None:
            return None
        kind = media_type(url, self.record.fields.get("audio_type"))
        if kind is None:
            self._report("media-type", "audio", "its type is not known; read as audio/mpeg")
        length = duration(self.record.fields.get("duration"))
        return Media(url=url, type=kind or "audio/mpeg", size=self._number("audio_size"), duration=length)

    def _transcripts(self) -> tuple[Transcript, ...]:
        url = self._address("transcript")
        return (Transcript(url=url, type=media_type(url) or "text/html"),) if url else ()

    def _report(self, rule: str, name: str, expected: str) -> None:
        value = _short(_text(self.record.fields[name]) or str(self.record.fields[name]))
        message = f"{name} {value!r} is left out; {expected}"
        self.findings.append(Finding(level="warning", rule=rule, place=self.record.place, message=message))


def opening(content: str | None) -> str:
    """Give the first paragraph of HTML as plain text, for an article without a summary."""
    paragraphs = _markup.plain(content or "").split("\n")
    return next((text for text in paragraphs if text.count(" ") > 2), paragraphs[0])


def explicit(value: object) -> bool | None:
    """Read whether something is explicit, in today's words and those of older feeds.

    >>> explicit("yes"), explicit("clean"), explicit(False), explicit("")
    (True, False, False, None)
    """
    word = str(value).strip().lower()
    return (
        True if word in ("true", "yes", "explicit") else False if word in ("false", "no", "clean") else None
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
