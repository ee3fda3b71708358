"""An episode's audio and everything that depends on it: size, length, chapters in final form, transcripts.

Published copies are made in the state folder and handed to the target as files.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from feeds import compose, media
from feeds.errors import MediaError
from feeds.ledger import Ledger
from feeds.media.files import write
from feeds.model import Chapter, Document, Episode, Finding, Media, Place, Show, Site, Transcript
from feeds.sources import is_address

if TYPE_CHECKING:
    from feeds.media.remote import Prober

_T = TypeVar("_T")

_TAIL = 60.0
"""Seconds of silence in a placeholder after the start of its last chapter."""


class Prepared(NamedTuple):
    """Episodes of a show, ready to be composed, and the files they need."""

    episodes: tuple[Episode, ...]
    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


class _Measured(msgspec.Struct, frozen=True):
    """What the ledger notes of a local file, so as not to measure it again while it stays the same."""

    size: int
    mtime: int
    """Nanoseconds since 1970."""
    media: Media


class Memory:
    """The ledger's notes on audio: read once for all shows, and written when there is something new."""

    def __init__(self, ledger: Ledger) -> None:
        """Read nothing yet."""
        self._ledger = ledger
        self._known: dict[str, dict[str, Any]] = {}

    def recall(self, kind: str, key: str, type_: type[_T]) -> _T | None:
        """Give back a note, or `None`."""
        if kind not in self._known:
            self._known[kind] = dict[str, Any](self._ledger.recall_all(kind, type_))
        return self._known[kind].get(key)

    def note(self, kind: str, found: dict[str, _T]) -> None:
        """Keep what is new or different."""
        news = {key: value for key, value in found.items() if self.recall(kind, key, type(value)) != value}
        if news:
            self._known[kind].update(news)
            self._ledger.note(kind, news)


class Studio:
    """Prepares the episodes of one show."""

    def __init__(
        self, show: Show, site: Site, *, root: Path, state: Path, memory: Memory, cover: bytes | None
    ) -> None:
        """`root` is what patterns of audio files are relative to, `state` the folder for published copies.

        `cover` is a small picture for the tags of audio files.
        """
        self._show = show
        self._site = site
        self._root = root
        self._state = state
        self._memory = memory
        self._cover = cover
        self._resources = ExitStack()
        self._prober: Prober | None = None

    def prepare(self, episodes: Iterable[Episode]) -> Prepared:
        """Give each episode its media, as published, its final chapters and its transcripts.

        An episode whose audio cannot be had keeps what was published last; without that it is kept
        without audio. Either is reported.
        """
        with self._resources:
            prepared = [self._prepare(episode) for episode in episodes]
        ready = tuple(episode for one in prepared for episode in one.episodes)
        reused = media.check_reuse(
            (episode.media.url, episode.place or Place(source=self._show.slug))
            for episode in ready
            if episode.media
        )
        self._memory.note("media", {one.id: one.media for one in ready if one.id and one.media})
        return Prepared(
            episodes=ready,
            documents=tuple(document for one in prepared for document in one.documents),
            findings=(*(finding for one in prepared for finding in one.findings), *reused),
        )

    def _prepare(self, episode: Episode) -> Prepared:
        audio = episode.audio or ("" if episode.media else self._show.audio)
        try:
            if not audio:
                return self._as_given(episode)
            if is_address(audio):
                return self._with_remote(episode, audio)
            if audio == "placeholder":
                return self._with_placeholder(episode)
            return self._with_local(episode, audio)
        except MediaError as error:
            return self._without(episode, str(error))

    def _as_given(self, episode: Episode) -> Prepared:
        """The source itself says where the audio is."""
        final, findings = compose.chapters(episode, episode.media.duration if episode.media else None)
        return Prepared((replace(episode, chapters=final),), (), findings)

    def _with_remote(self, episode: Episode, pattern: str) -> Prepared:
        url = media.fill(pattern, episode, slug=episode.slug or "")
        if url is None:
            raise MediaError(f"the episode lacks what the pattern {pattern!r} names")
        from feeds.media.remote import Prober, RemoteMedia  # an HTTP client, which few builds need

        if self._prober is None:
            self._prober = self._resources.enter_context(Prober(allow_private=self._show.allow_private))
        known = self._memory.recall("remote", url, RemoteMedia)
        found, findings = self._prober.probe(url, known)
        if found is None:
            return self._without(episode, "; ".join(finding.message for finding in findings))
        self._memory.note("remote", {url: found})
        published = Media(url=url, type=found.type, size=found.size, duration=found.duration)
        final, problems = compose.chapters(episode, found.duration)
        return Prepared((replace(episode, media=published, chapters=final),), (), (*findings, *problems))

    def _with_local(self, episode: Episode, pattern: str) -> Prepared:
        original = media.find_audio(pattern, episode, self._root, slug=episode.slug or "")
        if original is None:
            raise MediaError(f"no file fits the pattern {pattern!r} in {self._root}")
        measured = self._measure(original)
        final, findings = compose.chapters(episode, measured.duration)
        path = self._path(episode, original.suffix.lower())
        tags = self._tags(episode, final, measured.duration or 0.0)
        copy = self._state / path
        size = media.publish(original, copy, tags)
        transcripts, documents, objections = self._transcripts(original, path)
        done = replace(
            episode,
            media=self._media(path, measured.type, size, measured.duration),
            chapters=final,
            transcripts=episode.transcripts or transcripts,
        )
        audio = Document(path=path, type=measured.type, body=copy)
        problems = media.check_audio(original, measured, final)
        return Prepared((done,), (audio, *documents), (*findings, *problems, *objections))

    def _with_placeholder(self, episode: Episode) -> Prepared:
        last = max((chapter.start for chapter in episode.chapters), default=0.0)
        duration = last + _TAIL
        final, findings = compose.chapters(episode, duration)
        path = self._path(episode, ".mp3")
        tags = self._tags(episode, final, duration)
        copy = self._state / path
        made_of = blake2b(repr(tags).encode(), digest_size=16).hexdigest()
        if not copy.is_file() or self._memory.recall("placeholder", path, str) != made_of:
            write(copy, [media.tag(media.placeholder(duration), tags)])
            self._memory.note("placeholder", {path: made_of})
        published = self._media(path, "audio/mpeg", copy.stat().st_size, duration, placeholder=True)
        document = Document(path=path, type="audio/mpeg", body=copy)
        return Prepared((replace(episode, media=published, chapters=final),), (document,), findings)

    def _without(self, episode: Episode, reason: str) -> Prepared:
        """Without audio, keep what was published last, if anything."""
        last = self._memory.recall("media", episode.id or "", Media)
        if last and last.placeholder:
            last = None
        then = "what was published last is kept" if last else "it is left out of the podcast feed"
        final, findings = compose.chapters(episode, last.duration if last else None)
        missing = Finding(
            level="warning",
            rule="audio-missing",
            place=episode.place or Place(source=episode.show),
            message=f"{episode.title!r}: {reason}; {then}",
        )
        return Prepared(
            (replace(episode, chapters=final, media=last),), self._kept(last), (*findings, missing)
        )

    def _kept(self, last: Media | None) -> tuple[Document, ...]:
        """The copy that was published last, if it was made here."""
        if last is None or not last.url.startswith(self._site.base_url):
            return ()
        path = last.url.removeprefix(self._site.base_url)
        copy = self._state / path
        return (Document(path=path, type=last.type, body=copy),) if copy.is_file() else ()

    def _measure(self, original: Path) -> Media:
        try:
            state = original.stat()
        except OSError as error:
            raise MediaError(f"cannot be read: {error.strerror}", Place(source=str(original))) from error
        known = self._memory.recall("measured", str(original), _Measured)
        if known and (known.size, known.mtime) == (state.st_size, state.st_mtime_ns):
            return known.media
        found = media.measure(original)
        measured = _Measured(size=state.st_size, mtime=state.st_mtime_ns, media=found)
        self._memory.note("measured", {str(original): measured})
        return found

    def _transcripts(
        self, audio: Path, path: str
    ) -> tuple[tuple[Transcript, ...], tuple[Document, ...], tuple[Finding, ...]]:
        """Copy transcripts that are beside the audio and named like it."""
        transcripts: list[Transcript] = []
        documents: list[Document] = []
        findings: list[Finding] = []
        for file, type_ in media.transcripts_beside(audio):
            place = str(Path(path).with_suffix(file.suffix.lower()))
            findings.extend(media.check_transcript(file))
            transcripts.append(Transcript(url=f"{self._site.base_url}{place}", type=type_))
            documents.append(Document(path=place, type=type_, body=file.read_bytes()))
        return tuple(transcripts), tuple(documents), tuple(findings)

    def _tags(self, episode: Episode, chapters: Sequence[Chapter], duration: float) -> media.Tags:
        return media.Tags(
            title=episode.title,
            show=self._show.title,
            number=episode.number,
            author=self._show.author,
            duration=duration,
            chapters=tuple(chapters),
            cover=self._cover,
        )

    def _media(
        self, path: str, type_: str, size: int, duration: float | None, *, placeholder: bool = False
    ) -> Media:
        return Media(
            url=f"{self._site.base_url}{path}",
            type=type_,
            size=size,
            duration=duration,
            placeholder=placeholder,
        )

    def _path(self, episode: Episode, suffix: str) -> str:
        return f"media/{self._show.slug}/{episode.slug}{suffix}"
