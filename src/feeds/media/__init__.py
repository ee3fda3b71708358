"""Audio and artwork: measure, find, tag with chapters, draw a cover. Asking servers is `media.remote`."""

from feeds.media.artwork import card, cover, thumbnail, undrawable
from feeds.media.audio import chapters, fill, find_audio, measure, placeholder
from feeds.media.checks import check_artwork, check_audio, check_change, check_reuse
from feeds.media.id3 import Tags, publish, tag
from feeds.media.transcripts import check_transcript, transcripts_beside

__all__ = [
    "Tags",
    "card",
    "chapters",
    "check_artwork",
    "check_audio",
    "check_change",
    "check_reuse",
    "check_transcript",
    "cover",
    "fill",
    "find_audio",
    "measure",
    "placeholder",
    "publish",
    "tag",
    "thumbnail",
    "transcripts_beside",
    "undrawable",
]
