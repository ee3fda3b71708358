"""The picture of the site, shown where a page that has no other is shared."""

from hashlib import sha256
from pathlib import Path

from feeds.model import Document, Site
from feeds.outputs.pages import CARD


def draw(site: Site, state: Path) -> Document:
    """Draw the title of the site and its author, or take what was drawn of them before.

    `state` is the folder that pictures are kept in. Raises `TargetError` if it cannot be written to.
    """
    made_of = sha256(f"{site.title}\n{site.author}".encode()).hexdigest()[:32]
    path = state / f"{made_of}-site.png"
    if not path.is_file():
        from feeds import media  # with libraries of pictures and sound, which few builds need
        from feeds.media.files import write

        write(path, [media.card(site.title, site.author)])
    return Document(path=CARD, type="image/png", body=path)
