"""Audio on other servers: its size, type and duration, asked for once and remembered.

    HEAD, is it what is known? → the first bytes by a ranged GET → RemoteMedia

The client beneath refuses private addresses, on every hop and after names were looked up, and holds each
exchange to its time, whatever a server does.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from mutagen.flac import FLAC
from mutagen.mp4 import MP4

from feeds.errors import MediaError
from feeds.http import USER_AGENT, Answer, Client, Question
from feeds.media import mp3
from feeds.media.audio import APPLE, OTHERS
from feeds.media.files import BROKEN
from feeds.model import Finding, Level, Place

_USER_AGENT = f"{USER_AGENT} (enclosures)"

# Enough for the header of an MP3 behind a cover of usual size, and for the index of an MP4 of some hours.
_FIRST_BYTES = 512 * 1024

_MOST_REDIRECTS = 5

_TOTAL = re.compile(r"bytes\s+0-\d+/(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteMedia:
    """What a server said of an audio file, to be kept from build to build."""

    url: str
    type: str
    """MIME type, by content where that is known."""
    size: int
    """Bytes."""
    duration: float | None = None
    """Seconds; `None` where the beginning of the file does not tell."""
    etag: str | None = None
    last_modified: str | None = None


class Prober:
    """Asks servers about audio files; any number of threads may share it."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        timeout: float = 15.0,
        tries: int = 3,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Private, loopback and link-local addresses are refused unless allowed.

        `timeout` is in seconds, for one exchange from looking up the name to the last byte.
        """
        self._client = Client(timeout=timeout, allow_private=allow_private, user_agent=_USER_AGENT)
        self._tries = tries
        self._sleep = sleep

    def __enter__(self) -> "Prober":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def probe(
        self, url: str, known: RemoteMedia | None = None
    ) -> tuple[RemoteMedia | None, tuple[Finding, ...]]:
        """Ask for size, type and duration of an audio file, if it is not the one that is known.

        If the server cannot be asked, or does not answer with audio, what is known of this address is
        answered again, with a finding. Also reported are a file that changed under its address, and a
        server that lacks what Apple asks of one: to answer HEAD and range requests (D.5).
        """
        if known and known.url != url:
            known = None
        try:
            found, findings = self._inquire(url, known)
        except MediaError as error:
            then = "what was last known of it is used" if known else "nothing is known of it"
            return known, (_finding(url, "warning", "remote-audio", f"{error.message}; {then}"),)
        if known and _version(found) != _version(known):
            findings.append(_finding(url, "info", "LED-05", "has changed under an unchanged address"))
        return found, tuple(findings)

    def _inquire(self, url: str, known: RemoteMedia | None) -> tuple[RemoteMedia, list[Finding]]:
        findings = []
        head = self._ask(url, "HEAD", known)
        if known and (head.code == 304 or _is_unchanged(head, known)):
            return known, []
        if head.code != 200:
            said = f"answers {head.code}" if head.code else head.detail
            findings.append(_finding(url, "warning", "HTP-05", f"{said} to HEAD, which Apple sends first"))
        body = self._ask(url, "GET", known, first=0)
        if known and body.code == 304:
            return known, findings
        if body.code == 200:
            message = "does not answer requests for a range of bytes, which Apple requires"
            findings.append(_finding(url, "warning", "HTP-06", message))
        elif body.code != 206:
            raise MediaError(f"answers {body.code}" if body.code else body.detail)
        size = _size(body)
        found = RemoteMedia(
            url=url,
            type=_type(body, url),
            size=size,
            duration=self._duration(url, body.body, size),
            etag=body.headers.get("etag"),
            last_modified=body.headers.get("last-modified"),
        )
        return found, findings

    def _duration(self, url: str, beginning: bytes, size: int) -> float | None:
        """Tell the duration from the beginning, or from the beginning of the audio behind a large tag."""
        skipped = mp3.tags_at(beginning)
        if skipped >= len(beginning) and skipped < size:
            answer = self._ask(url, "GET", None, first=skipped)
            if answer.code != 206:
                return None
            return mp3.foretell(answer.body, size - skipped)
        if beginning[4:8] == b"ftyp" or beginning.startswith(b"fLaC"):
            reader = MP4 if beginning[4:8] == b"ftyp" else FLAC
            try:
                info = reader(BytesIO(beginning)).info
            except BROKEN:
                return None  # its index lies at the end, or behind a large picture
            return float(info.length) if info else None
        return mp3.foretell(beginning, size)

    def _ask(
        self, url: str, method: Literal["HEAD", "GET"], known: RemoteMedia | None, first: int | None = None
    ) -> Answer:
        """Ask, follow redirects, and ask again after temporary failures."""
        headers = {"Accept-Encoding": "identity"}
        if first is not None:
            headers["Range"] = f"bytes={first}-{first + _FIRST_BYTES - 1}"
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        wanted = 0 if first is None else _FIRST_BYTES
        target = _ascii(url)
        for _ in range(_MOST_REDIRECTS + 1):
            question = Question(url=target, method=method, headers=headers, wanted=wanted)
            answer = self._patiently(question)
            if not answer.redirects or not answer.location:
                return answer
            target = _ascii(urljoin(target, answer.location))
        raise MediaError(f"redirects more than {_MOST_REDIRECTS} times")

    def _patiently(self, question: Question) -> Answer:
        answer = self._client.ask(question)
        for attempt in range(1, self._tries):
            if not answer.is_temporary:
                break
            self._sleep(2.0 ** (attempt - 1))
            answer = self._client.ask(question)
        return answer


def _ascii(url: str) -> str:
    """Write an address as it goes over the wire. Raises `MediaError` if it is not a web address."""
    try:
        prepared = requests.Request("GET", urldefrag(url).url).prepare().url or ""
    except (requests.RequestException, ValueError) as error:
        raise MediaError(f"is not a web address: {error}") from error
    if not prepared.lower().startswith(("http://", "https://")):
        raise MediaError("is not a web address")
    return prepared


def _is_unchanged(head: Answer, known: RemoteMedia) -> bool:
    """Tell whether a server that knows no conditions describes the file that is known."""
    return (
        head.code == 200
        and head.headers.get("content-length") == str(known.size)
        and (known.etag or known.last_modified) is not None
        and head.headers.get("etag") == known.etag
        and head.headers.get("last-modified") == known.last_modified
    )


def _version(media: RemoteMedia) -> tuple[int, str | None]:
    return media.size, media.etag


def _size(answer: Answer) -> int:
    if not answer.body:
        raise MediaError("is empty")
    if answer.code == 206 and (match := _TOTAL.match(answer.headers.get("content-range", ""))):
        return int(match[1])
    if answer.code == 200 and answer.whole:
        return len(answer.body)
    length = answer.headers.get("content-length", "")
    if answer.code == 200 and length.isdecimal():
        return int(length)
    raise MediaError("does not say how large it is")


def _type(answer: Answer, url: str) -> str:
    """Tell the type by content, else as the server says."""
    said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = answer.body
    if body[4:8] == b"ftyp":
        return APPLE.get(PurePosixPath(urlsplit(url).path).suffix.lower(), APPLE[".m4a"])
    for magic, kind, _ in OTHERS:
        if body.startswith(magic):
            return kind
    if mp3.find(body) is not None or mp3.tags_at(body):
        return APPLE[".mp3"]
    if said.startswith(("audio/", "video/")) and not body.lstrip().startswith(b"<"):
        return said
    raise MediaError(f"answers with {said or 'something'}, which is not audio")


def _finding(url: str, level: Level, rule: str, message: str) -> Finding:
    return Finding(level=level, rule=rule, place=Place(source=url), message=message)
