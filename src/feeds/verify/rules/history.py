"""Rules of what stays the same from build to build: LED-01 to LED-08 (requirements, O.9)."""

from collections.abc import Iterator

from feeds.verify.documents import ItemOutline, KnownItem, Memory, Outline
from feeds.verify.rules.table import About, At, Problem, Problems, rule


def _at(outline: Outline, item: ItemOutline | None = None) -> At:
    if item is None:
        return At(source=outline.subject.name)
    return At(item.line, None, item.path, outline.subject.name)


def _known(about: About) -> Iterator[tuple[Outline, ItemOutline, KnownItem]]:
    """Every item of every feed that was there before."""
    memory = about.context.memory or Memory()
    for outline in about.outlines:
        for item in outline.items:
            if (known := memory.items.get(item.id)) is not None:
                yield outline, item, known


@rule(
    "LED-01",
    "error",
    on="site",
    says="No id that was published changes, vanishes, or comes to stand for something else.",
    fix="Take ids from the ledger; declare what is removed on purpose.",
    source="RFC4287; JF; A-TAGS",
    profiles="site",
)
def ids_stay(_site: None, about: About) -> Problems:
    """Compare the ids of all feeds with those remembered."""
    memory = about.context.memory or Memory()
    published = {item.id for outline in about.outlines for item in outline.items}
    for id in sorted(set(memory.items) - published - memory.moved):  # noqa: A001 - the domain's word
        yield Problem(None, f"the item {memory.items[id].title!r} with the id {id!r} is gone")
    for outline, item, known in _known(about):
        words, others = set(item.title.lower().split()), set(known.title.lower().split())
        if known.title and not words & others and known.published != item.published:
            yield Problem(
                _at(outline, item), f"the id {item.id!r} was that of {known.title!r}, now of {item.title!r}"
            )


@rule(
    "LED-02",
    "error",
    on="site",
    says="The date of first publication does not change.",
    fix="Take dates from the ledger; an edit moves only the date of the change.",
    source="requirements M.2",
    profiles="site",
)
def dates_stay(_site: None, about: About) -> Problems:
    """Compare the dates of all items with those remembered; what the editor does is meant."""
    dated = about.context.memory.dated if about.context.memory else frozenset()
    for outline, item, known in _known(about):
        if known.published and item.published != known.published and item.id not in dated:
            yield Problem(
                _at(outline, item), f"{item.title!r} was published {known.published}, now {item.published}"
            )


@rule(
    "LED-03",
    "error",
    on="site",
    says="An item's date of change moves when its content changed, and only then.",
    fix="Take the date of change from the ledger.",
    source="requirements B.3",
    profiles="site",
)
def changes_show(_site: None, about: About) -> Problems:
    """Compare content and date of change with those remembered."""
    for outline, item, known in _known(about):
        if not item.updated or not known.updated or not known.digests:
            continue
        changed = item.digest not in known.digests
        if changed and item.updated <= known.updated:
            yield Problem(
                _at(outline, item), f"{item.title!r} changed, and its date of change is still {item.updated}"
            )
        elif not changed and item.updated != known.updated:
            # Its tags, link or audio may have changed, which the digest leaves out.
            yield Problem(
                _at(outline, item),
                f"the texts of {item.title!r} did not change, and its date moved to {item.updated}",
                level="info",
            )


@rule(
    "LED-04",
    "error",
    on="site",
    says="The address and the ids of a feed do not change, unless the move was declared.",
    fix="Keep them in the configuration, or say in [site.redirects] where the folder of the feed leads.",
    source="requirements B.2; P20:guid",
    profiles="site",
)
def feeds_stay(_site: None, about: About) -> Problems:
    """Compare the feeds with those remembered."""
    memory = about.context.memory or Memory()
    feeds = {outline.subject.url: outline for outline in about.outlines if outline.subject.url}
    for url, known in memory.feeds.items():
        outline = feeds.get(url)
        if url in memory.moved:
            continue
        if outline is None:
            yield Problem(None, f"the feed {url!r} is gone")
            continue
        if known.id and outline.id != known.id:
            yield Problem(_at(outline), f"the id of the feed was {known.id!r}, now {outline.id!r}")
        if known.guid and outline.guid != known.guid:
            yield Problem(_at(outline), f"podcast:guid was {known.guid!r}, now {outline.guid!r}")
        if outline.self_url and outline.self_url != url:
            yield Problem(_at(outline), f"the feed at {url!r} calls itself {outline.self_url!r}")


def _changed_files(about: About, kind: str) -> Problems:
    memory = about.context.memory or Memory()
    for subject in about.context.subjects:
        known = memory.files.get(subject.url or "")
        if known is not None and subject.kind == kind and subject.sha256 != known:
            yield Problem(At(source=subject.name), f"{subject.url!r} has other bytes than before")


@rule(
    "LED-05",
    "warning",
    on="site",
    says="Audio that changed has a new address.",
    fix="Publish replaced audio under a new name: caches keep the old bytes.",
    source="requirements D.4, M.1",
    profiles="site",
)
def audio_stays(_site: None, about: About) -> Problems:
    """Compare the bytes of media with those remembered."""
    yield from _changed_files(about, "audio")


@rule(
    "LED-06",
    "warning",
    on="site",
    says="Artwork that changed has a new address.",
    fix="Publish new artwork under a new name: directories keep the old picture.",
    source="A-TAGS",
    profiles="site apple",
)
def artwork_stays(_site: None, about: About) -> Problems:
    """Compare the bytes of pictures with those remembered."""
    yield from _changed_files(about, "picture")


@rule(
    "LED-07",
    "warning",
    on="site",
    says="A podcast has no fewer episodes than before.",
    fix="Raise the limit of the feed, or declare the removal: directories drop what vanishes.",
    source="requirements M.3",
    profiles="site",
)
def no_fewer(_site: None, about: About) -> Problems:
    """Compare the number of episodes with the one remembered."""
    memory = about.context.memory or Memory()
    for outline in about.outlines:
        url = outline.subject.url or ""
        known = memory.feeds.get(url)
        if (
            known is not None
            and outline.podcast
            and url not in memory.moved
            and len(outline.items) < known.episodes
        ):
            yield Problem(_at(outline), f"{len(outline.items)} episodes, {known.episodes} before")


@rule(
    "LED-08",
    "warning",
    on="site",
    says="A new item is not dated before the newest of the earlier ones.",
    fix="Date it to when it appears: some apps do not announce an item that is older than what they know.",
    source="AP",
    profiles="site",
)
def news_is_new(_site: None, about: About) -> Problems:
    """Compare new items with the newest earlier one of their feed."""
    memory = about.context.memory
    if memory is None:
        return
    latest: dict[str, str] = {}
    for known in memory.items.values():
        for url in known.feeds:
            latest[url] = max(latest.get(url, ""), known.published)
    for outline in about.outlines:
        newest = latest.get(outline.subject.url or "", "")
        for item in outline.items:
            if newest and item.id not in memory.items and item.published < newest:
                yield Problem(
                    _at(outline, item), f"{item.title!r} is new, and dated {item.published}, before {newest}"
                )
