"""The artwork of a show: its cover, as given or drawn, and what is made of it.

Pictures are kept in the state folder once made, since drawing one takes longer than all else in a build.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from feeds import media
from feeds.errors import MediaError
from feeds.media.files import write
from feeds.model import Document, Finding, Place, Show, Site

_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}

_DRAWING = 1
"""Increased whenever the drawing changes, so that kept pictures are drawn again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Artwork:
    """The pictures of one show."""

    show: Show
    """With the addresses of its pictures."""
    documents: tuple[Document, ...]
    thumbnail: bytes
    """A small JPEG of the cover, for the tags of audio files."""
    findings: tuple[Finding, ...]


def prepare(show: Show, site: Site, root: Path, state: Path) -> Artwork:
    """Make the pictures of a show; `root` is what the path of a given cover is relative to.

    A cover that directories would refuse is reported, and one is drawn in its place.
    """
    findings: tuple[Finding, ...] = ()
    if show.image != "generate":
        given, findings = _given(show.image, root)
        if given is not None:
            return _artwork(show, site, given, Path(show.image).suffix.lower(), state, findings)
    made_of = _digest(_drawn_from(show).encode())
    drawn = _kept(state / f"{made_of}.png", lambda: media.cover(show.title, seed=show.slug))
    return _artwork(show, site, drawn, ".png", state, (*findings, *_undrawable(show)))


def _given(name: str, root: Path) -> tuple[bytes | None, tuple[Finding, ...]]:
    try:
        data = (root / name).read_bytes()
    except OSError as error:
        raise MediaError(f"cannot be read: {error.strerror}", Place(source=name)) from error
    findings = media.check_artwork(data, name)
    refused = any(finding.level == "error" for finding in findings)
    return None if refused else data, findings


def _artwork(
    show: Show, site: Site, cover: bytes, suffix: str, state: Path, findings: tuple[Finding, ...]
) -> Artwork:
    folder = f"shows/{show.slug}"
    made_of = _digest(cover)
    small = _kept(state / f"{made_of}-1400.jpg", lambda: media.thumbnail(cover, 1400))
    card_made_of = _digest(f"{_drawn_from(show)} {show.author}".encode())
    card = _kept(
        state / f"{card_made_of}-card.png", lambda: media.card(show.title, show.author, seed=show.slug)
    )
    documents = (
        Document(path=f"{folder}/cover{suffix}", type=_TYPES[suffix], body=cover),
        Document(path=f"{folder}/cover-1400.jpg", type=_TYPES[".jpg"], body=small),
        Document(path=f"{folder}/card.png", type=_TYPES[".png"], body=card),
    )
    image, small_image, card_image = (f"{site.base_url}{document.path}" for document in documents)
    return Artwork(
        show=replace(show, image=image, small_image=small_image, card=card_image),
        documents=documents,
        thumbnail=_kept(state / f"{made_of}-small.jpg", lambda: media.thumbnail(cover)),
        findings=findings,
    )


def _drawn_from(show: Show) -> str:
    """What decides how a title is drawn, including missing letters: a font for them may be installed."""
    return f"{_DRAWING} {show.slug} {show.title} {media.undrawable(show.title)}"


def _undrawable(show: Show) -> tuple[Finding, ...]:
    missing = media.undrawable(show.title)
    if not missing:
        return ()
    message = f"no font on this machine has {missing!r} of {show.title!r}; install one, or give a cover"
    return (
        Finding(
            level="warning", rule="cover-incomplete", place=Place(source=f"show.{show.slug}"), message=message
        ),
    )


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Read a picture that was made before, or make and keep it."""
    if not path.is_file():
        write(path, [make()])
    return path.read_bytes()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
