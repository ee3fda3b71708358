"""Rules of an episode: EPI-01 to EPI-23 (requirements, O.6)."""

import base64
import re
from hashlib import new as new_hash

from feeds.verify.documents import Subject
from feeds.verify.markup import words
from feeds.verify.rules import values
from feeds.verify.rules.podcast import (
    artwork_address,
    required_url,
    too_long,
    too_long_description,
    true_or_false,
)
from feeds.verify.rules.reading import tags_of
from feeds.verify.rules.table import About, Problem, Problems, rule
from feeds.verify.xmltree import Element

_TYPES = {
    "audio/mpeg": ("mp3",),
    "audio/x-m4a": ("m4a",),
    "audio/m4a": ("m4a",),
    "audio/mp4": ("m4a", "mp4"),
    "audio/aac": ("aac", "m4a"),
    "video/quicktime": ("mov",),
    "video/mp4": ("mp4", "m4v"),
    "video/x-m4v": ("m4v",),
    "video/m4v": ("m4v",),
    "application/pdf": ("pdf",),
}
_EXTENSIONS = frozenset(extension for listed in _TYPES.values() for extension in listed) | {"epub"}
_ALLOWED_TAGS = words("p ol ul li a b i strong em br")
_CLOCK = re.compile(r"\d+(?::[0-5]\d){0,2}")
_NUMBERED = re.compile(r"(?:#?\d+\s*[.:)|–-]\s|(?:episode|ep\.?|folge|season|s\d+)\s*#?\d+)", re.IGNORECASE)
_TRANSCRIPTS = {
    "text/vtt": "WEBVTT",
    "application/x-subrip": "",
    "application/srt": "",
    "text/srt": "",
    "text/html": "",
    "text/plain": "",
    "application/json": "{",
}
_LEAST_BYTES = 16384
_HASHES = ("sha256", "sha384", "sha512")


def enclosure_of(item: Element) -> tuple[Element | None, str]:
    """Find the first enclosure and its address."""
    found = item.first("enclosure")
    return found, found.attributes.get("url", "").strip() if found is not None else ""


def audio_of(item: Element, about: About) -> Subject | None:
    """Find the audio file of an episode, if it is one of this site's."""
    _, url = enclosure_of(item)
    return about.context.find(url) if url else None


def length_of(item: Element, about: About) -> float | None:
    """Seconds of an episode: of the file itself if it is at hand, else as the feed says."""
    subject = audio_of(item, about)
    measured = subject.audio.duration if subject is not None else None
    return measured if measured is not None else stated_length(item)


def stated_length(item: Element) -> float | None:
    """Seconds that `itunes:duration` gives; `None` if it gives none."""
    text = item.value("itunes:duration")
    if not _CLOCK.fullmatch(text) or len(text) > 20:
        return None
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + int(part)
    return total


@rule(
    "EPI-01",
    "error",
    on="episode",
    says=(
        "An episode has exactly one enclosure, of a type that podcast apps play, with the extension "
        "of that type."
    ),
    fix="Publish MP3 (audio/mpeg, .mp3) or M4A (audio/x-m4a, .m4a), one file per episode.",
    source="A-TAGS; PSP1; FV UnsupportedItunesFormat",
    profiles="apple psp1 spotify",
    elsewhere="warning",
)
def playable(item: Element, _about: About) -> Problems:
    """Check what the audience is to play."""
    found, url = enclosure_of(item)
    if found is None:
        yield Problem(item, "the episode has no enclosure", elsewhere="off")
        return
    kind = found.attributes.get("type", "").partition(";")[0].strip().lower()
    path = url.partition("#")[0].partition("?")[0]
    extension = path.rpartition("/")[2].rpartition(".")[2].lower()
    if extension not in _EXTENSIONS:
        yield Problem(found, f"{url!r} does not end in an extension that Apple plays")
    elif kind not in _TYPES:
        yield Problem(found, f"the type {kind!r} is not one that Apple plays", elsewhere="info")
    elif extension not in _TYPES[kind]:
        yield Problem(found, f"the extension {extension!r} does not fit the type {kind!r}")


@rule(
    "EPI-02",
    "error",
    on="episode",
    says="No two episodes have the same enclosure address.",
    fix="Give each episode its own file; apps ignore the second of two.",
    source="A-REQ; AP",
    profiles="apple psp1 spotify",
    elsewhere="warning",
)
def enclosure_once(item: Element, about: About) -> Problems:
    """Compare each address with those before it."""
    found, url = enclosure_of(item)
    if found is not None and url and (line := about.earlier("enclosure", url, found)) is not None:
        yield Problem(found, f"the enclosure {url!r} is on line {line} already")


@rule(
    "EPI-03",
    "error",
    on="episode",
    says="length is the size of the file in bytes.",
    fix="Measure the file after tagging it.",
    source="PROF; requirements H.3",
    profiles="apple psp1",
)
def size_of_file(item: Element, about: About) -> Problems:
    """Compare with the file, if it is at hand."""
    found, _ = enclosure_of(item)
    subject = audio_of(item, about)
    if found is not None and subject is not None:
        length = found.attributes.get("length", "")
        if length != str(subject.size):
            yield Problem(found, f"length is {length!r}, the file has {subject.size} bytes")


@rule(
    "EPI-04",
    "warning",
    on="episode",
    says="length is at least 16384, below which apps take the size for unknown.",
    fix="Write the real size of the file.",
    source="AP",
    profiles="psp1",
    elsewhere="info",
)
def size_is_known(item: Element, _about: About) -> Problems:
    """Look at the size the feed gives."""
    found, _ = enclosure_of(item)
    size = values.whole(found.attributes.get("length", "").strip()) if found is not None else None
    if size is not None and size < _LEAST_BYTES:
        yield Problem(found, f"length is {size}")


@rule(
    "EPI-05",
    "error",
    on="episode",
    says="The enclosure is served over https, at an ASCII address without user name and fragment.",
    fix="Write the plain https address of the file.",
    source="A-REQ",
    profiles="apple psp1 spotify",
    elsewhere="info",
)
def plain_address(item: Element, _about: About) -> Problems:
    """Check the address of the file."""
    found, url = enclosure_of(item)
    if found is None or values.web_url(url):
        return
    if values.insecure(url):
        yield Problem(found, f"{url!r} is not served over https")
    if "@" in url.partition("//")[2].partition("/")[0]:
        yield Problem(found, f"{url!r} holds a user name")
    if "#" in url:
        yield Problem(found, f"{url!r} has a fragment")


@rule(
    "EPI-06",
    "error",
    on="episode",
    says="The guid of an episode is the one it always had.",
    fix="Take ids from the ledger; a changed guid makes every app download the episode again.",
    source="A-TAGS; requirements M.1",
    profiles="apple site",
)
def same_guid(item: Element, about: About) -> Problems:
    """Look for an episode of the same title that the ledger knows under another id."""
    memory, guid, title = about.context.memory, item.value("guid"), item.value("title")
    if memory is None or guid in memory.items:
        return
    known = [other.id for other in memory.items.values() if other.title == title and about.url in other.feeds]
    if known and title:
        yield Problem(item.first("guid") or item, f"the guid of {title!r} was {known[0]!r} and is {guid!r}")


@rule(
    "EPI-07",
    "error",
    on="episode",
    says="The description of an episode has at most 4000 bytes.",
    fix="Shorten it and put the whole text into content:encoded.",
    source="A-TAGS",
    profiles="apple psp1 spotify",
    elsewhere="warning",
)
def description(item: Element, _about: About) -> Problems:
    """Measure the description."""
    yield from too_long_description(item)


@rule(
    "EPI-08",
    "warning",
    on="episode",
    says="The description uses only p, ol, ul, li and a (b, i, strong, em and br do no harm).",
    fix="Put richer HTML into content:encoded.",
    source="A-TAGS; PSP1",
    profiles="apple psp1 spotify",
    elsewhere="info",
)
def simple_html(item: Element, _about: About) -> Problems:
    """Look for tags that apps drop."""
    found = item.first("description")
    odd = sorted({tag.name for tag in tags_of(found)} - _ALLOWED_TAGS) if found is not None else []
    if odd:
        yield Problem(found, f"apps drop {', '.join(f'<{name}>' for name in odd[:5])}")


@rule(
    "EPI-09",
    "error",
    on="episode",
    says="itunes:duration is a whole number of seconds above 0.",
    fix="Write the seconds, such as 3815.",
    source="A-TAGS; FV InvalidDuration",
    profiles="apple psp1",
)
def duration(item: Element, _about: About) -> Problems:
    """Check how long the episode is said to be."""
    found = item.first("itunes:duration")
    if found is None:
        yield Problem(item, "the episode has no itunes:duration", elsewhere="off")
    elif not _CLOCK.fullmatch(found.text.strip()):
        yield Problem(found, f"{found.text.strip()!r} is neither seconds nor HH:MM:SS")
    elif ":" in found.text or not found.text.strip().strip("0"):
        yield Problem(
            found, f"{found.text.strip()!r} is not a whole number of seconds above 0", elsewhere="info"
        )


@rule(
    "EPI-10",
    "warning",
    on="episode",
    says="itunes:duration is within two seconds of the file's real length.",
    fix="Measure the file.",
    source="A-TAGS",
    profiles="apple psp1",
)
def real_duration(item: Element, about: About) -> Problems:
    """Compare with the file, if it is at hand."""
    stated, real = stated_length(item), length_of(item, about)
    if stated is not None and real is not None and abs(stated - real) > 2:
        yield Problem(
            item.first("itunes:duration"), f"the duration is {stated:.0f} s, the file has {real:.1f} s"
        )


@rule(
    "EPI-11",
    "error",
    on="episode",
    says="itunes:explicit of an episode is 'true' or 'false'.",
    fix="Write one of the two words, or leave it out.",
    source="A-TAGS; FV InvalidTrueFalse",
    profiles="apple psp1",
)
def explicit(item: Element, _about: About) -> Problems:
    """Check the parental advisory of an episode."""
    for found in item.all("itunes:explicit"):
        yield from true_or_false(found)


@rule(
    "EPI-12",
    "error",
    on="episode",
    says="itunes:episode and itunes:season are whole numbers of 1 or more.",
    fix="Number from 1, or leave the element out.",
    source="A-TAGS; FV InvalidPositiveInteger",
    profiles="apple psp1",
)
def numbers(item: Element, about: About) -> Problems:
    """Check the numbers, and note an episode without one for POD-09."""
    for found in item.all("itunes:episode", "itunes:season"):
        if flaw := values.positive(found.text.strip()):
            yield Problem(found, f"{found.name}: {flaw.message}")
    if item.first("itunes:episode") is None and item.value("itunes:episodeType") in ("", "full"):
        about.state.setdefault("unnumbered", item.line)


@rule(
    "EPI-13",
    "error",
    on="episode",
    says="itunes:episodeType is 'full', 'trailer' or 'bonus'; itunes:block is absent or 'Yes'.",
    fix="Write it in lower case.",
    source="A-TAGS; FV InvalidItunesEpisodeType, InvalidYesNoClean",
    profiles="apple psp1",
)
def episode_type(item: Element, _about: About) -> Problems:
    """Check what kind of episode it is, and tags of the past."""
    for found in item.all("itunes:episodeType"):
        if found.text.strip() not in ("full", "trailer", "bonus"):
            yield Problem(found, f"{found.text.strip()!r} is none of 'full', 'trailer' and 'bonus'")
    for found in item.all("itunes:block"):
        if found.text != "Yes":
            known = found.text.lower() in ("yes", "no", "clean")
            message = f"itunes:block is {found.text!r}; only 'Yes' does anything"
            yield Problem(found, message, elsewhere="warning" if known else "error")
    for found in item.all("itunes:keywords", "itunes:subtitle", "itunes:summary", "itunes:author"):
        yield from too_long(found)


@rule(
    "EPI-14",
    "warning",
    on="episode",
    says="Season, number and type together occur once in the feed.",
    fix="Renumber the episodes, or mark trailers and bonus episodes as such.",
    source="A-TAGS",
    profiles="apple",
    elsewhere="info",
)
def number_once(item: Element, about: About) -> Problems:
    """Compare each number with those before it."""
    number = item.value("itunes:episode")
    if number:
        key = f"{item.value('itunes:season')}/{number}/{item.value('itunes:episodeType') or 'full'}"
        line = about.earlier("number", key, item)
        if line is not None:
            yield Problem(item.first("itunes:episode"), f"the episode {key!r} is on line {line} already")


@rule(
    "EPI-15",
    "warning",
    on="episode",
    says="The title does not begin with a number and does not repeat the show's title.",
    fix="Put numbers into itunes:episode and itunes:season.",
    source="A-TAGS; PSP1",
    profiles="apple psp1",
    elsewhere="info",
)
def clean_title(item: Element, _about: About) -> Problems:
    """Look for what apps show elsewhere."""
    found = item.first("title")
    show = item.parent.value("title") if item.parent is not None else ""
    text = found.text.strip() if found is not None else ""
    if _NUMBERED.match(text):
        yield Problem(found, f"{text!r} begins with a number")
    if show and show.lower() in text.lower():
        yield Problem(found, f"{text!r} repeats the show's title")


@rule(
    "EPI-16",
    "warning",
    on="episode",
    says="An episode has a link.",
    fix="Link the episode's page.",
    source="PSP1",
    profiles="psp1 apple",
    elsewhere="info",
)
def link(item: Element, _about: About) -> Problems:
    """Look for the page of the episode."""
    if not item.value("link"):
        yield Problem(item, "the episode has no link")


@rule(
    "EPI-17",
    "warning",
    on="episode",
    says="No two episodes of one day have the same title.",
    fix="Tell them apart by title; apps take the second for a copy of the first.",
    source="AP",
    profiles="apple",
    elsewhere="info",
)
def title_once_a_day(item: Element, about: About) -> Problems:
    """Compare title and day with those before."""
    when = values.rfc822_time(item.value("pubDate"))
    title = item.value("title")
    if when is not None and title:
        line = about.earlier("title and day", f"{when:%Y-%m-%d} {title}", item)
        if line is not None:
            yield Problem(item.first("title"), f"{title!r} of the same day is on line {line} already")


@rule(
    "EPI-18",
    "error",
    on="episode",
    says="itunes:image of an episode is as the show's: an absolute https address in href.",
    fix="Write <itunes:image href='https://…'/>.",
    source="A-TAGS; FV MissingAttribute, InvalidURLAttribute",
    profiles="apple psp1",
)
def artwork(item: Element, _about: About) -> Problems:
    """Check where the episode's artwork is."""
    for found in item.all("itunes:image"):
        yield from artwork_address(found)


@rule(
    "EPI-19",
    "error",
    on="episode",
    says="podcast:season and podcast:episode are numbers, with short names, and agree with Apple's.",
    fix="Write the same numbers in both namespaces.",
    source="P20:season, episode",
    profiles="podcasting20",
)
def same_numbers(item: Element, _about: About) -> Problems:
    """Compare the numbers of the two namespaces."""
    for name, form, label, most in (
        ("season", r"\d+", "name", 128),
        ("episode", r"\d+(?:\.\d+)?", "display", 32),
    ):
        found = item.first(f"podcast:{name}")
        if found is None:
            continue
        number, other = found.text.strip(), values.whole(item.value(f"itunes:{name}"))
        if not re.fullmatch(form, number):
            yield Problem(found, f"{number!r} is not a number")
        elif other is not None and float(number) != other:
            yield Problem(found, f"podcast:{name} is {number}, itunes:{name} is {other}")
        if len(found.attributes.get(label, "")) > most:
            yield Problem(found, f"{label} has more than {most} characters")


@rule(
    "EPI-20",
    "error",
    on="episode",
    says="podcast:transcript has a url and a known type, and the file is there and of that type.",
    fix=(
        "Write text/vtt, application/x-subrip, text/html, text/plain or application/json, and publish"
        " the file."
    ),
    source="P20:transcript",
    profiles="psp1 podcasting20",
)
def transcripts(item: Element, about: About) -> Problems:
    """Check the spoken words."""
    for found in item.all("podcast:transcript"):
        yield from required_url(found, "url")
        kind, url = found.attributes.get("type", ""), found.attributes.get("url", "")
        if kind not in _TRANSCRIPTS:
            yield Problem(found, f"the type {kind!r} is not one of a transcript")
        elif about.context.here(url):
            subject = about.context.find(url)
            if subject is None:
                yield Problem(found, f"{url!r} is not there")
            elif not subject.text(_LEAST_BYTES).lstrip().startswith(_TRANSCRIPTS[kind]):
                yield Problem(found, f"{url!r} is not {kind}")


@rule(
    "EPI-21",
    "error",
    on="episode",
    says="podcast:soundbite lies within the episode, and lasts 15 to 120 seconds.",
    fix="Correct startTime and duration.",
    source="P20:soundbite",
    profiles="podcasting20",
)
def soundbites(item: Element, about: About) -> Problems:
    """Check the excerpts of the episode."""
    for found in item.all("podcast:soundbite"):
        try:
            start, lasts = (float(found.attributes[name]) for name in ("startTime", "duration"))
        except (KeyError, ValueError):
            yield Problem(found, "a soundbite has startTime and duration, in seconds")
            continue
        whole = length_of(item, about)
        if start < 0 or (whole is not None and start + lasts > whole):
            yield Problem(found, f"the soundbite ends at {start + lasts:g} s, after the episode")
        if not 15 <= lasts <= 120:
            message = f"the soundbite lasts {lasts:g} s, not 15 to 120"
            yield Problem(found, message, level="warning", elsewhere="info")
        if len(found.text.strip()) > 128:
            yield Problem(found, "the title has more than 128 characters")


@rule(
    "EPI-22",
    "error",
    on="episode",
    says="podcast:alternateEnclosure has a type, a source, and at most one integrity, which fits the file.",
    fix="Add what is missing, and compute the hash again after every change of the file.",
    source="P20:alternate-enclosure, source, integrity",
    profiles="podcasting20",
)
def alternates(item: Element, about: About) -> Problems:
    """Check the other forms of the file."""
    for found in item.all("podcast:alternateEnclosure"):
        if flaw := values.mime(found.attributes.get("type", "")):
            yield Problem(found, f"type: {flaw.message}")
        sources = found.all("podcast:source")
        if not sources:
            yield Problem(found, "the alternate enclosure has no podcast:source")
        for source in sources:
            yield from required_url(source, "uri")
        for integrity in found.all("podcast:integrity"):
            yield from _integrity(integrity, sources, about)


def _integrity(integrity: Element, sources: list[Element], about: About) -> Problems:
    kind, value = integrity.attributes.get("type", ""), integrity.attributes.get("value", "")
    if kind not in ("sri", "pgp-signature"):
        yield Problem(integrity, f"the type {kind!r} is neither 'sri' nor 'pgp-signature'")
        return
    name, _, digest = value.partition("-")
    if kind == "sri" and (name not in _HASHES or not digest):
        yield Problem(integrity, f"{value!r} is not a hash such as 'sha384-…'")
        return
    for source in sources:
        subject = about.context.find(source.attributes.get("uri", ""))
        if kind == "sri" and subject is not None:
            with subject.open() as stream:
                computed = new_hash(name)
                while chunk := stream.read(1 << 20):
                    computed.update(chunk)
            if base64.b64encode(computed.digest()).decode() != digest:
                yield Problem(integrity, f"the hash is not that of {source.attributes['uri']!r}")


@rule(
    "EPI-23",
    "warning",
    on="xml",
    says="Every address in the podcast namespace is https.",
    fix="Write https.",
    source="P20 docs/1.0.md",
    profiles="podcasting20",
    elsewhere="info",
)
def https(part: Element, about: About) -> Problems:
    """Look at every attribute that is an address."""
    if about.subject.kind != "rss":
        return
    for element in part.walk():
        if element.name.startswith("podcast:"):
            for name, value in element.attributes.items():
                if values.insecure(value.strip()):
                    yield Problem(element, f"{name} is {value!r}, not https")
