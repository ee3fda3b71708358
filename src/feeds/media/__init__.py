"""Audio and artwork: measure, find, tag with chapters, draw a cover."""

from feeds.media.artwork import card as card
from feeds.media.artwork import cover as cover
from feeds.media.artwork import thumbnail as thumbnail
from feeds.media.artwork import undrawable as undrawable
from feeds.media.audio import chapters as chapters
from feeds.media.audio import find_audio as find_audio
from feeds.media.audio import measure as measure
from feeds.media.audio import placeholder as placeholder
from feeds.media.checks import check_artwork as check_artwork
from feeds.media.checks import check_audio as check_audio
from feeds.media.checks import check_change as check_change
from feeds.media.checks import check_reuse as check_reuse
from feeds.media.id3 import Tags as Tags
from feeds.media.id3 import publish as publish
from feeds.media.id3 import tag as tag
