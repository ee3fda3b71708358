"""An episode's audio and everything that depends on it: its size, its length, its chapters' final form.

Published copies are made in the state folder and handed to the target as files.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from feeds import compose, media
from feeds.errors import MediaError
from feeds.ledger import Ledger
from feeds.media.files import write
from feeds.model import Document, Episode, Finding, Media, Place, Show, Site

_TAIL = 60.0
"""Seconds of silence that a placeholder goes on for after its last chapter has begun."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The episodes of a show, ready to be composed, and the files they need."""

    episodes: tuple[Episode, ...]
    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Studio:
    """What preparing the episodes of a show needs beside them."""

    show: Show
    site: Site
    root: Path
    """What the show's pattern of audio files is relative to."""
    state: Path
    """Folder for published copies."""
    ledger: Ledger
    cover: bytes | None
    """Small picture for the tags."""

    def prepare(self, episodes: Iterable[Episode]) -> Prepared:
        """Give each episode its media, as published, and its final chapters.

        An episode whose audio cannot be had is kept without, and reported.
        """
        ready: list[Episode] = []
        documents: list[Document] = []
        findings: list[Finding] = []
        for episode in episodes:
            try:
                done, document, found = self._with_audio(episode)
                documents.append(document)
            except MediaError as error:
                done, found = _without_audio(episode, str(error))
            ready.append(done)
            findings.extend(found)
        return Prepared(episodes=tuple(ready), documents=tuple(documents), findings=tuple(findings))

    def _with_audio(self, episode: Episode) -> tuple[Episode, Document, tuple[Finding, ...]]:
        original = self._original(episode)
        measured = media.measure(original) if original else None
        last = max((chapter.start for chapter in episode.chapters), default=0.0)
        duration = measured.duration if measured and measured.duration else last + _TAIL
        final, findings = compose.chapters(episode, duration)
        path = f"media/{self.show.slug}/{episode.slug}{original.suffix.lower() if original else '.mp3'}"
        tags = media.Tags(
            title=episode.title,
            show=self.show.title,
            number=episode.number,
            author=self.show.author,
            duration=duration,
            chapters=final,
            cover=self.cover,
        )
        copy = self.state / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        size = media.publish(original, copy, tags) if original else self._placeholder(path, copy, tags)
        published = Media(
            url=f"{self.site.base_url}{path}",
            type=measured.type if measured else "audio/mpeg",
            size=size,
            duration=duration,
            placeholder=original is None,
        )
        document = Document(path=path, type=published.type, body=copy)
        return replace(episode, media=published, chapters=final), document, findings

    def _original(self, episode: Episode) -> Path | None:
        """The audio file of an episode; `None` stands for a placeholder."""
        if self.show.audio == "placeholder":
            return None
        found = media.find_audio(self.show.audio, episode, self.root, slug=episode.slug or "")
        if found is None:
            raise MediaError(f"no file fits the pattern {self.show.audio!r} in {self.root}")
        return found

    def _placeholder(self, path: str, copy: Path, tags: media.Tags) -> int:
        """Make silence of the right length, unless the same silence is there already."""
        made_of = blake2b(repr(tags).encode(), digest_size=16).hexdigest()
        if copy.is_file() and self.ledger.recall("placeholder", path, str) == made_of:
            return copy.stat().st_size
        data = media.tag(media.placeholder(tags.duration), tags)
        write(copy, [data])
        self.ledger.note("placeholder", {path: made_of})
        return len(data)


def _without_audio(episode: Episode, reason: str) -> tuple[Episode, tuple[Finding, ...]]:
    final, findings = compose.chapters(episode, None)
    missing = Finding(
        level="warning",
        rule="audio-missing",
        place=episode.place or Place(source=episode.show),
        message=f"{episode.title!r} is left out of the podcast feed: {reason}",
    )
    return replace(episode, chapters=final, media=None), (*findings, missing)
