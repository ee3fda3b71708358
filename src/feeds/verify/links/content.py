"""What answers say beyond their status: walls, home pages, types, fragments, chapters, transcripts. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

# By header: a pattern of its value, and the guard that wants proof of a person by it.
_CHALLENGES: Mapping[str, tuple[str, str]] = {
    "cf-mitigated": ("challenge", "Cloudflare"),
    "cf-chl-out": ("", "Cloudflare"),
    "x-amzn-waf-action": ("challenge|captcha", "AWS"),
    "x-vercel-mitigated": ("challenge|deny", "Vercel"),
}

# The same for headers that a guard adds to all it lets through, and to what it refuses.
_GUARDS: Mapping[str, tuple[str, str]] = {
    **_CHALLENGES,
    "x-datadome": ("", "DataDome"),
    "x-dd-b": ("", "DataDome"),
    "x-sucuri-block": ("", "Sucuri"),
    "x-iinfo": ("", "Imperva"),
    "server": ("akamaighost|ddos-guard|cloudflare|sucuri", "the host's guard"),
}

_LOG_IN = re.compile(
    r"(?:^|/)(?:(?:log|sign)[-_]?(?:in|on)|auth(?:enticate|orize)?|sso|oauth2?|consent|cookie-?(?:wall|consent)|"
    r"privacy-?(?:gate|wall)|gdpr|captcha|challenge|account/begin)(?:[/.]|$)",
    re.IGNORECASE,
)
_LOG_IN_HOST = re.compile(r"^(?:consent|login|accounts?|sso|auth)\.", re.IGNORECASE)

_HOME = re.compile(r"^/*(?:(?:index|home|default)(?:\.\w{2,5})?|[a-z]{2}(?:-[a-z]{2})?)?/*$", re.IGNORECASE)

# Different names of the same thing.
_SAME_TYPES = (
    {"audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg", "audio/x-mpeg-3", "audio/mpg"},
    {"audio/mp4", "audio/x-m4a", "audio/m4a", "audio/aac", "audio/x-aac", "audio/aacp", "audio/x-m4b"},
    {"audio/ogg", "audio/opus", "application/ogg", "audio/vorbis", "audio/x-ogg"},
    {"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"},
    {"audio/flac", "audio/x-flac"},
    {"video/mp4", "video/x-m4v", "video/m4v", "application/mp4"},
    {"image/jpeg", "image/jpg", "image/pjpeg"},
    {"application/epub+zip", "application/epub", "application/x-epub+zip"},
    {"application/xml", "text/xml", "application/rss+xml", "application/atom+xml"},
)


def wall(headers: Mapping[str, str]) -> str | None:
    """Name the guard that answered in place of the host, for an answer that refuses."""
    return _named(_GUARDS, headers)


def challenged(headers: Mapping[str, str]) -> str | None:
    """Name the guard that says outright that it wants proof of a person, whatever the status."""
    return _named(_CHALLENGES, headers)


def asks_to_log_in(asked: str, final: str) -> bool:
    """Tell whether one was sent to a page that asks to log in or to consent.

    >>> asks_to_log_in("https://example.org/a", "https://example.org/login?next=/a")
    True
    """
    before, after = urlsplit(asked), urlsplit(final)
    if _LOG_IN.search(before.path) or _LOG_IN_HOST.search(before.netloc):
        return False
    return bool(_LOG_IN.search(after.path) or _LOG_IN_HOST.search(after.netloc))


def sent_home(asked: str, final: str) -> bool:
    """Tell whether a deep page was answered with the way to a home page, as many sites do for lost pages.

    A short address that leads to another host's home page is what short addresses are for.

    >>> sent_home("https://example.org/2020/an-article", "https://www.example.org/")
    True
    >>> sent_home("https://sho.rt/x1", "https://example.org/")
    False
    """
    before, after = urlsplit(asked), urlsplit(final)
    if not _HOME.match(after.path) or after.query or _HOME.match(before.path):
        return False
    same_host = before.netloc.removeprefix("www.") == after.netloc.removeprefix("www.")
    depth = len([part for part in before.path.split("/") if part])
    return same_host or depth > 1


def media_type(headers: Mapping[str, str]) -> str | None:
    """Return the MIME type of an answer without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() or None


def same_type(one: str, other: str) -> bool:
    """Tell whether two MIME types name the same thing.

    >>> same_type("audio/mpeg", "audio/mp3"), same_type("audio/mpeg", "text/html")
    (True, False)
    """
    one, other = (name.partition(";")[0].strip().lower() for name in (one, other))
    return one == other or any(one in types and other in types for types in _SAME_TYPES)


def has_element(html: bytes, name: str) -> bool:
    """Tell whether a page has an element of this id, or an anchor of this name.

    >>> has_element(b'<h2 class=x id="here">', "here"), has_element(b"<p>here</p>", "here")
    (True, False)
    """
    spelled = re.escape(name.encode())
    pattern = rb"(?i:\s(?:id|name)\s*=\s*)(?:\"%s\"|'%s'|%s[\s>/])" % (spelled, spelled, spelled)
    return re.search(pattern, html) is not None


def names_an_element(fragment: str) -> bool:
    """Tell whether a fragment names an element of a page, not a text, a time or a script's route.

    >>> [names_an_element(text) for text in ("notes", ":~:text=word", "t=90", "/route", "top")]
    [True, False, False, False, False]
    """
    return bool(re.fullmatch(r"[^/!:=&?~]+", fragment)) and fragment.lower() != "top"


def chapters_problem(body: bytes) -> str | None:
    """Say why a document cannot be used as JSON chapters; `None` if it can."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        return f"is not JSON: {error}"
    chapters = document.get("chapters") if isinstance(document, dict) else None
    if not isinstance(chapters, list) or not chapters:
        return "has no list of chapters"
    if not all(isinstance(chapter, dict) and _is_time(chapter.get("startTime")) for chapter in chapters):
        return "has chapters without a startTime"
    return None


def transcript_problem(body: bytes, mime: str) -> str | None:
    """Say why a document cannot be used as a transcript of a MIME type; `None` if it can."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "is not in UTF-8"
    if not text.strip():
        return "is empty"
    problem = _TRANSCRIPTS.get(mime.partition(";")[0].strip().lower())
    return problem(text) if problem else None


def _named(guards: Mapping[str, tuple[str, str]], headers: Mapping[str, str]) -> str | None:
    for header in guards.keys() & headers.keys():
        pattern, name = guards[header]
        if re.search(pattern, headers[header], re.IGNORECASE):
            return name
    return None


def _vtt_problem(text: str) -> str | None:
    return None if re.match(r"WEBVTT(?:[ \t\n\r]|$)", text) else "does not start with WEBVTT"


def _srt_problem(text: str) -> str | None:
    return None if re.search(r"\d{1,3}:\d\d:\d\d[,.]\d{1,3}\s*-->", text) else "has no times of an SRT file"


def _json_problem(text: str) -> str | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"is not JSON: {error}"
    return None if isinstance(document, dict) and "segments" in document else "has no segments"


def _html_problem(text: str) -> str | None:
    return None if re.search(r"<[a-zA-Z!]", text) else "is not HTML"


def _text_problem(text: str) -> str | None:
    page = re.match(r"\s*<(?:!doctype|html)", text, re.IGNORECASE)
    return "is a web page, not plain text" if page else None


_TRANSCRIPTS: Mapping[str, Callable[[str], str | None]] = {
    "text/vtt": _vtt_problem,
    "application/srt": _srt_problem,
    "application/x-subrip": _srt_problem,
    "text/srt": _srt_problem,
    "application/json": _json_problem,
    "text/html": _html_problem,
    "text/plain": _text_problem,
}


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
