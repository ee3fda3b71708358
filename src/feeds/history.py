"""What a feed has no room for: followed from document to document, back to the first item.

    feed → the document with the items before → … → one that leads no further

Pages of an archive stay as they are (RFC 5005, section 4), so each is read only once. Other pages (section 3,
and `next_url` of JSON Feed) shift with each new item, and are all read again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from feeds import identity
from feeds.errors import SourceError
from feeds.model import Finding, Item, Parsed, Place

MOST = 1000
"""Documents that are read of one feed at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What a feed and the documents that it leads to hold."""

    items: tuple[Item, ...]
    """Those of the feed first; an item that several documents hold, as the first of them has it."""
    findings: tuple[Finding, ...]
    archive: tuple[str, ...]
    """Addresses of the pages of its archive: they need not be read again."""
    is_whole: bool
    """Whether these are all its items; others were read before, or cannot be read now."""
    is_broken: bool
    """Whether a document could not be read, so that it is worth trying again."""


def follow(
    feed: Parsed,
    address: str,
    *,
    read: Callable[[str], Parsed],
    known: Collection[str] = (),
    most: int = MOST,
) -> History:
    """Read on from a feed at an address, up to pages of its archive that are `known`, or to `most` documents.

    `read` raises `SourceError` where there is no feed: that becomes a finding, and the others are kept.
    """
    read_so_far = {address: feed}
    archive: list[str] = []
    findings: list[Finding] = []
    last, is_broken = feed, False
    while (earlier := last.earlier) and not (earlier.is_archive and earlier.url in known):
        if earlier.url in read_so_far:
            findings.append(_end(earlier.url, "the feed leads back here; the rest of it is not read"))
            break
        if len(read_so_far) == most:
            findings.append(
                _end(earlier.url, f"the feed has more than {most} documents; the rest is not read")
            )
            break
        try:
            last = read_so_far[earlier.url] = read(earlier.url)
        except SourceError as error:
            findings.append(
                _end(earlier.url, f"{error.message}; older items of the feed wait until it can be read")
            )
            is_broken = True
            break
        if earlier.is_archive:
            archive.append(earlier.url)
    pages = read_so_far.values()
    return History(
        items=tuple(_distinct(pages)),
        findings=(*(finding for page in pages for finding in page.findings), *findings),
        archive=() if is_broken else (*archive, *(known if last.earlier else ())),
        is_whole=last.earlier is None,
        is_broken=is_broken,
    )


def _distinct(pages: Iterable[Parsed]) -> Iterator[Item]:
    """Leave out what an earlier page has; what one page has twice is sorted out elsewhere."""
    seen: set[str] = set()
    for page in pages:
        names = [identity.keys(item)[0].value for item in page.items]
        yield from (item for item, name in zip(page.items, names, strict=True) if name not in seen)
        seen.update(names)


def _end(url: str, message: str) -> Finding:
    return Finding(level="warning", rule="history", place=Place(source=url), message=message)
