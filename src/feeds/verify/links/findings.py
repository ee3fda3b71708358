"""What there is to do about links. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from fnmatch import fnmatchcase

from feeds.model import Finding, Place
from feeds.verify.links.model import Ignore, Result

_PLACES_AT_MOST = 3


def findings(
    results: Iterable[Result], ignores: Iterable[Ignore] = (), today: date | None = None
) -> Iterator[Finding]:
    """Say for each link what there is to do, and for each ignore whether it is still needed.

    Links that could not be asked for the same reason share one finding.
    """
    pending = {ignore: _Use() for ignore in ignores}
    skipped: dict[str, list[Result]] = {}
    for result in results:
        for ignore, use in pending.items():
            if fnmatchcase(result.url, ignore.pattern):
                use.matched = True
                use.failed = use.failed or result.status not in ("ok", "moved")
        if result.status == "skipped" and result.level is not None:
            skipped.setdefault(result.reason, []).append(result)
        elif result.level is not None:
            yield _finding(result)
    for alike in skipped.values():
        yield _finding(alike[0], others=len(alike) - 1)
    for ignore, use in pending.items():
        yield from _of_ignore(ignore, use, today)


class _Use:
    """The results of the links that an ignore matches."""

    matched = False
    failed = False


def _finding(result: Result, others: int = 0) -> Finding:
    place, *more = result.places or (Place(source=result.url),)
    also = ""
    if more:
        named = ", ".join(str(place) for place in more[:_PLACES_AT_MOST])
        rest = len(more) - _PLACES_AT_MOST
        also = f" (also in {named}{f' and {rest} more places' if rest > 0 else ''})"
    links = f" and {others} more" if others else ""
    assert result.level is not None
    return Finding(
        level=result.level,
        rule=f"link-{'flapping' if result.flapping else result.status}",
        place=place,
        message=f"{result.role} link {result.url}{links}: {result.reason}{also}",
    )


def _of_ignore(ignore: Ignore, use: _Use, today: date | None) -> Iterator[Finding]:
    if today is not None and ignore.until is not None and ignore.until < today:
        problem = f"ended on {ignore.until}"
    elif not use.matched:
        problem = "matches no link"
    elif not use.failed:
        problem = "is not needed: its links work again"
    else:
        return
    yield Finding(
        level="info",
        rule="link-ignore",
        place=Place(source=ignore.pattern),
        message=f"the ignore ({ignore.reason}) {problem}; remove it",
    )
