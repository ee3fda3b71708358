"""From the role of an address to the requests it takes, and from their answers to a verdict. Pure.

    Link → Inquiry → Question → Answer → the next Inquiry, one for later, or a Verdict

Pages are asked by HEAD, and by GET where that gives no clean answer, as many servers answer HEAD
wrongly. Media are asked by HEAD or for their first byte, never for all of it. Chapters and transcripts
are fetched within a bound and read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urljoin, urlsplit

from requests.structures import CaseInsensitiveDict
from requests.utils import requote_uri

from feeds.http import Answer, Fault, Question, host_of
from feeds.model import Level
from feeds.verify.links import content
from feeds.verify.links.gather import Link, normalise
from feeds.verify.links.model import Hop, HostSettings, Role, Settings, Status

_MEDIA: frozenset[Role] = frozenset({"enclosure", "artwork", "image"})
_DOCUMENTS: frozenset[Role] = frozenset({"chapters", "transcript"})

_PAGE_AT_MOST = 1 << 20
_DOCUMENT_AT_MOST = 8 << 20
_HOPS_AT_MOST = 20

_FOR_GOOD = frozenset({301, 308})
_ASKED_TO_WAIT = frozenset({429, 503})
_MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 509, *range(520, 531), 598, 599})
# A host that refuses HEAD with these refuses every method.
_NOT_FOR_YOU = frozenset({401, 407, 451})
_REFUSALS: Mapping[int, str] = {
    401: "asks for a password",
    403: "refuses programs or strangers",
    407: "asks for a password of a proxy",
    451: "is withheld here for legal reasons",
    999: "refuses programs",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Inquiry:
    """How far the check of a link has come."""

    link: Link
    url: str
    """What to ask now."""
    method: Literal["HEAD", "GET", "BYTE"]
    """`BYTE` is a GET for the first byte alone."""
    hops: tuple[Hop, ...] = ()
    cookies: tuple[tuple[str, str, str], ...] = ()
    """Host, name and value of those that were set on the way."""
    tries: int = 0
    """Temporary failures so far."""
    waited: float = 0.0
    fell_back: bool = False
    """True if HEAD gave no clean answer."""
    head: Answer | None = None
    """The good answer to HEAD while the first byte is being asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """An inquiry to continue after a while."""

    inquiry: Inquiry
    seconds: float
    whole_host: bool
    """True if the host has asked for the wait, so that its other links wait too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The result of a link in this run."""

    status: Status
    reason: str
    level: Level | None = None
    code: int | None = None
    hops: tuple[Hop, ...] = ()
    moved_to: str | None = None
    missing: frozenset[str] = frozenset()
    """Ids of elements that documents point at and that the page does not have."""
    size: int | None = None
    type: str | None = None
    host_is_down: bool = False
    """True if the failure says more about the host than about the address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """What this run has learned about how a host answers."""

    head: bool = True
    """False once it answered GET where it had failed HEAD."""
    ranges: bool | None = None
    """Whether it served a part of a file; `None` if it was not asked yet."""


Next = Inquiry | Later | Verdict


def start(link: Link, manners: Manners) -> Inquiry:
    """Decide the first question of a link."""
    method: Literal["HEAD", "GET", "BYTE"] = "HEAD"
    if link.role in _DOCUMENTS or (link.elements and link.role not in _MEDIA):
        method = "GET"
    elif not manners.head:
        method = "BYTE" if link.role in _MEDIA else "GET"
    return Inquiry(link=link, url=link.url, method=method)


def question(inquiry: Inquiry, settings: HostSettings) -> Question:
    """Make a request of an inquiry, with the headers for its host."""
    headers = {}
    host = urlsplit(inquiry.url).hostname or "" if inquiry.cookies else ""
    if cookies := [f"{name}={value}" for domain, name, value in inquiry.cookies if _within(host, domain)]:
        headers["Cookie"] = "; ".join(cookies)
    if inquiry.method == "BYTE":
        headers["Range"] = "bytes=0-0"
    wanted = _wanted(inquiry)
    # Sizes and ranges are those of the file, not of a packed form of it.
    headers["Accept-Encoding"] = "gzip, deflate" if wanted else "identity"
    return Question(
        url=inquiry.url,
        method="HEAD" if inquiry.method == "HEAD" else "GET",
        headers=CaseInsensitiveDict({**headers, **settings.headers}) if settings.headers else headers,
        wanted=wanted,
    )


def advance(
    inquiry: Inquiry,
    answer: Answer,
    settings: Settings,
    manners: Manners,
    jitter: float,
) -> Next:
    """Decide what follows from an answer. `jitter` is a random number from 0 to 1."""
    if answer.code in settings.host(host_of(inquiry.url)).accept:
        return _verdict(inquiry, answer, "ok", f"{answer.code}, accepted from this host")
    if answer.fault is not None:
        return _after_fault(inquiry, answer, settings, jitter)
    code = answer.code or 0
    if answer.redirects:
        return _after_redirect(inquiry, answer)
    if guard := content.challenged(answer.headers):
        return _verdict(
            inquiry, answer, "blocked", f"{guard} wants proof that a person asks; look at it yourself", "info"
        )
    asked_to_wait = answer.retry_after if code in _ASKED_TO_WAIT else None
    if asked_to_wait is not None or code == 429:
        return _wait(inquiry, answer, settings, asked_to_wait, jitter)
    if 200 <= code < 300:
        return _after_success(inquiry, answer, manners)
    if inquiry.method == "HEAD" and code not in _NOT_FOR_YOU:
        return _without_head(inquiry)
    if code == 416 and inquiry.head is not None:
        return _unless(inquiry, inquiry.head, _NO_RANGES)
    if code in _MAY_PASS:
        return _wait(inquiry, answer, settings, None, jitter)
    return _after_failure(inquiry, answer)


def learn(manners: Manners, inquiry: Inquiry, answer: Answer) -> Manners:
    """Add what an answer shows about its host."""
    good = answer.code is not None and 200 <= answer.code < 300
    if good and inquiry.fell_back and manners.head:
        return replace(manners, head=False)
    if good and inquiry.method == "BYTE" and inquiry.head is not None and manners.ranges is None:
        return replace(manners, ranges=answer.code == 206)
    return manners


def keeps_promises(link: Link, size: int | None, mime: str | None) -> bool:
    """Tell whether a file has the size and type that documents say."""
    return _promise_problem(link, size, mime) is None


def _without_head(inquiry: Inquiry) -> Inquiry:
    return replace(inquiry, method="BYTE" if inquiry.link.role in _MEDIA else "GET", fell_back=True)


def _wanted(inquiry: Inquiry) -> int:
    if inquiry.method != "GET":
        return 0
    if inquiry.link.role in _DOCUMENTS:
        return _DOCUMENT_AT_MOST
    return _PAGE_AT_MOST if inquiry.link.elements else 0


def _after_fault(inquiry: Inquiry, answer: Answer, settings: Settings, jitter: float) -> Next:
    match answer.fault:
        case "private":
            reason = f"{answer.detail}, which nobody else can reach; it was not checked"
            return _verdict(inquiry, answer, "skipped", reason, "warning")
        case "insecure":
            return _verdict(inquiry, answer, "insecure", answer.detail, "warning")
        case "name":
            return _verdict(inquiry, answer, "broken", answer.detail, "error", host_is_down=True)
    if inquiry.method == "HEAD" and answer.fault in _HEAD_MAY_BE_TO_BLAME:
        # Lost time counts; hosts that answer HEAD wrongly mostly do so at once.
        lost = int(answer.fault == "timeout")
        return replace(_without_head(inquiry), tries=inquiry.tries + lost)
    match answer.fault:
        case "malformed":
            return _verdict(inquiry, answer, "broken", answer.detail, "error")
        case "body":
            return _verdict(inquiry, answer, "suspicious", answer.detail, "warning")
    return _wait(inquiry, answer, settings, None, jitter)


_HEAD_MAY_BE_TO_BLAME: frozenset[Fault] = frozenset({"timeout", "reset", "malformed"})


def _wait(
    inquiry: Inquiry, answer: Answer, settings: Settings, asked: float | None, jitter: float
) -> Later | Verdict:
    """Ask again later, unless it has been asked often enough or would have to wait too long."""
    what = f"it answered {answer.code}" if answer.fault is None else answer.detail
    if inquiry.tries >= settings.retries:
        often = f", {inquiry.tries + 1} times" if inquiry.tries else ""
        reason = f"{what}{often}; it is checked again in the next run"
        down = answer.fault is not None
        return _verdict(inquiry, answer, "transient", reason, "warning", host_is_down=down)
    if asked is None:
        wait = settings.retry_wait * 4**inquiry.tries * (0.75 + jitter / 2)
    else:
        wait = asked + jitter * min(1.0, asked / 10)
    if inquiry.waited + wait > settings.wait_budget:
        reason = f"{what} and asks to wait {_duration(wait)}; it is checked again in the next run"
        return _verdict(inquiry, answer, "transient", reason, "warning", host_is_down=answer.code == 429)
    later = replace(inquiry, tries=inquiry.tries + 1, waited=inquiry.waited + wait)
    return Later(inquiry=later, seconds=wait, whole_host=asked is not None)


def _after_redirect(inquiry: Inquiry, answer: Answer) -> Next:
    if not answer.location:
        return _verdict(inquiry, answer, "broken", f"{answer.code} without saying where to", "error")
    try:
        url = urljoin(inquiry.url, requote_uri(answer.location))
        scheme = urlsplit(url).scheme
    except ValueError:
        return _verdict(
            inquiry, answer, "broken", f"leads to {answer.location}, which is no address", "error"
        )
    if scheme not in ("http", "https"):
        return _verdict(inquiry, answer, "broken", f"leads to {url}, which is not on the web", "error")
    url, problem = normalise(url)
    if problem:
        return _verdict(inquiry, answer, "broken", f"leads to {url}: {problem}", "error")
    cookies = _with_cookies(inquiry.cookies, inquiry.url, answer.cookies)
    hops = (*inquiry.hops, Hop(url=inquiry.url, code=answer.code or 0))
    circle = cookies == inquiry.cookies and any(hop.url == url for hop in hops)
    if circle or len(hops) > _HOPS_AT_MOST:
        if inquiry.method == "HEAD":
            return _without_head(replace(inquiry, url=inquiry.hops[0].url if inquiry.hops else url, hops=()))
        what = f"in a circle, back to {url}" if circle else f"on more than {_HOPS_AT_MOST} times"
        return _verdict(inquiry, answer, "broken", f"leads {what}", "error")
    return replace(inquiry, url=url, hops=hops, cookies=cookies)


def _after_success(inquiry: Inquiry, answer: Answer, manners: Manners) -> Next:
    link = inquiry.link
    if inquiry.hops and content.asks_to_log_in(link.url, inquiry.url):
        return _verdict(inquiry, answer, "blocked", f"redirects strangers to {inquiry.url}", "info")
    if inquiry.hops and content.sent_home(link.url, inquiry.url):
        reason = f"redirects to a home page, {inquiry.url}: the page itself is probably gone"
        return _verdict(inquiry, answer, "suspicious", reason, "warning")
    if link.role in _MEDIA:
        return _after_media(inquiry, answer, manners)
    if link.role in _DOCUMENTS:
        return _unless(inquiry, answer, document_problem(link, answer))
    verdict = _unless(inquiry, answer, None)
    return replace(verdict, missing=_missing(link, answer)) if link.elements else verdict


def _after_media(inquiry: Inquiry, answer: Answer, manners: Manners) -> Next:
    link, head = inquiry.link, inquiry.head or answer
    problem = _promise_problem(link, _size(head), content.media_type(head.headers))
    if problem is None and link.role == "enclosure":
        if inquiry.method == "HEAD":
            announced = "bytes" in answer.headers.get("accept-ranges", "").lower()
            # One file speaks for all files of a host; where ranges are ignored, asking is expensive.
            if announced or manners.ranges is not False:
                return replace(inquiry, method="BYTE", head=answer)
            problem = _NO_RANGES
        elif answer.code != 206:
            problem = _NO_RANGES
    return _unless(inquiry, head, problem)


_NO_RANGES = "does not serve parts of the file, so players cannot seek in it; Apple requires that"


def _unless(inquiry: Inquiry, answer: Answer, problem: str | None) -> Verdict:
    if problem:
        return _verdict(inquiry, answer, "suspicious", problem, "warning")
    moved_to = _moved_to(inquiry)
    if moved_to:
        reason = f"has moved permanently to {moved_to}; use that address"
        return replace(_verdict(inquiry, answer, "moved", reason, "info"), moved_to=moved_to)
    return _verdict(inquiry, answer, "ok", f"answers {answer.code}")


def _after_failure(inquiry: Inquiry, answer: Answer) -> Verdict:
    code = answer.code or 0
    if inquiry.link.role == "hub" and code in (400, 405, 406, 411, 415, 422):
        # A hub takes subscriptions by POST (WebSub, 5.1); it need not answer anything else.
        return _verdict(inquiry, answer, "ok", f"answers {code}, as a hub may to anything but a subscription")
    if code in _REFUSALS:
        guard = content.wall(answer.headers)
        by = f" ({guard})" if guard else ""
        reason = f"{_REFUSALS[code]}{by}, {code}; probably alive, look at it yourself"
        return _verdict(inquiry, answer, "blocked", reason, "info")
    reason = {404: "does not exist", 410: "is gone for good"}.get(code, "cannot be fetched")
    return _verdict(inquiry, answer, "broken", f"{reason}, {code}; remove or replace it", "error")


def _promise_problem(link: Link, size: int | None, mime: str | None) -> str | None:
    """Compare a file with what documents say of it."""
    if link.role not in _MEDIA:
        return None
    if mime is not None and link.role != "enclosure" and not mime.startswith(("image/", "application/octet")):
        return f"is not a picture but {mime}"
    for promised_size, promised_type in link.promises:
        if promised_type and mime and not content.same_type(promised_type, mime):
            return f"is {mime}, not {promised_type} as the feed says"
        if promised_size and size is not None and size != promised_size:
            return f"has {size} bytes, not {promised_size} as the feed says"
    return None


def document_problem(link: Link, answer: Answer) -> str | None:
    """Say why chapters or a transcript are of no use; `None` if they can be used."""
    if not answer.whole:
        return f"is larger than {_DOCUMENT_AT_MOST >> 20} MiB"
    if link.role == "chapters":
        return content.chapters_problem(answer.body)
    declared = next((mime for _, mime in link.promises if mime), None)
    return content.transcript_problem(answer.body, declared or content.media_type(answer.headers) or "")


def _missing(link: Link, answer: Answer) -> frozenset[str]:
    """Return the ids that the page does not have, as far as that can be told."""
    if not answer.whole or content.media_type(answer.headers) != "text/html":
        return frozenset()
    return frozenset(name for name in link.elements if not content.has_element(answer.body, name))


def _verdict(
    inquiry: Inquiry,
    answer: Answer,
    status: Status,
    reason: str,
    level: Level | None = None,
    *,
    host_is_down: bool = False,
) -> Verdict:
    return Verdict(
        status=status,
        reason=reason,
        level=level,
        code=answer.code,
        hops=inquiry.hops,
        size=_size(answer),
        type=content.media_type(answer.headers),
        host_is_down=host_is_down,
    )


def _moved_to(inquiry: Inquiry) -> str | None:
    """Return where the permanent redirects lead, up to the first that is not."""
    onward = [*(hop.url for hop in inquiry.hops[1:]), inquiry.url]
    moved_to = None
    for hop, url in zip(inquiry.hops, onward, strict=False):
        if hop.code not in _FOR_GOOD:
            break
        moved_to = url
    return None if moved_to == inquiry.link.url else moved_to


def _size(answer: Answer) -> int | None:
    """Return the size of the file, as Content-Range or Content-Length gives it."""
    if answer.code == 206:
        total = answer.headers.get("content-range", "").rpartition("/")[2]
        return int(total) if total.isdecimal() else None
    length = answer.headers.get("content-length", "")
    packed = answer.headers.get("content-encoding", "identity").lower() != "identity"
    return int(length) if length.isdecimal() and not packed else None


def _with_cookies(
    cookies: tuple[tuple[str, str, str], ...], url: str, fresh: tuple[str, ...]
) -> tuple[tuple[str, str, str], ...]:
    """Add cookies as a browser would for the length of the chain; paths and dates do not matter in it."""
    host = urlsplit(url).hostname or ""
    jar = {(domain, name): value for domain, name, value in cookies}
    for line in fresh:
        pair, *attributes = (part.strip() for part in line.split(";"))
        name, equals, value = pair.partition("=")
        domains = [text[7:].lstrip(".").lower() for text in attributes if text[:7].lower() == "domain="]
        domain = domains[0] if domains and "." in domains[0] else host
        if equals and _within(host, domain):
            jar[domain, name] = value
    return tuple((domain, name, value) for (domain, name), value in jar.items())


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _duration(seconds: float) -> str:
    """Write seconds as a person would.

    >>> _duration(59), _duration(3600), _duration(90000)
    ('59 s', '60 min', '25 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
