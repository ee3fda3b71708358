"""What an audio file says of itself: its length and its chapters. The file is read by mutagen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feeds.verify.documents import Subject


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One chapter as a file or a document gives it."""

    start: float
    """Seconds."""
    title: str
    end: float | None = None
    link: str | None = None
    image: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Audio:
    """An audio file, as far as it could be read."""

    duration: float | None = None
    """Seconds."""
    marks: tuple[Mark, ...] = ()
    tags: Any = None
    """The ID3 tag; `None` for a file without one."""
    problem: str | None = None
    """Why the file cannot be read."""


def probe(subject: "Subject") -> Audio:
    """Read an audio file. What is not audio has a problem, never an exception."""
    from mutagen import File, MutagenError

    try:
        with subject.open() as stream:
            file = File(fileobj=stream, filename=subject.name)  # MP3 without a tag is told by its name
            if file is None:
                return Audio(problem="neither MP3 nor M4A")
            duration = getattr(file.info, "length", None)
            chapters = getattr(file, "chapters", None)
    except (MutagenError, OSError, ValueError, IndexError, KeyError, EOFError) as error:
        return Audio(problem=str(error) or type(error).__name__)
    tags = file.tags if hasattr(file.tags, "getall") else None
    marks = tuple(Mark(start=mark.start, title=mark.title) for mark in chapters or ())
    return Audio(duration=duration, marks=marks or _id3_marks(tags), tags=tags)


def _id3_marks(tags: Any) -> tuple[Mark, ...]:
    """Chapters of an ID3 tag, in order of time."""
    frames = sorted(tags.getall("CHAP"), key=lambda frame: frame.start_time) if tags is not None else []
    marks = []
    for frame in frames:
        titles, links = frame.sub_frames.getall("TIT2"), frame.sub_frames.getall("WXXX")
        marks.append(
            Mark(
                start=frame.start_time / 1000,
                end=frame.end_time / 1000,
                title=str(titles[0]) if titles else "",
                link=links[0].url if links else None,
            )
        )
    return tuple(marks)
