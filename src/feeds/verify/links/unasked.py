"""Verdicts on addresses that need no request: our own files, and addresses that are not on the web."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from feeds.http import Answer
from feeds.verify.links import inquiry
from feeds.verify.links.content import has_element
from feeds.verify.links.gather import Link, normalise
from feeds.verify.links.inquiry import Verdict

_MAILBOX = r"[^\s@,?]+@[^\s@,?.]+(?:\.[^\s@,?.]+)+"
# What the rest of an address must look like, by scheme.
_SHAPES: Mapping[str, re.Pattern[str]] = {
    # RFC 6068: addresses, then header fields.
    "mailto": re.compile(rf"{_MAILBOX}(?:,{_MAILBOX})*(?:\?[^\s=&?]+=[^\s&]*(?:&[^\s=&]+=[^\s&]*)*)?"),
    # RFC 3966: a global number, or a local one with its context.
    "tel": re.compile(r"\+?[\d*#](?:[\d*#().-]*[\d*#])?(?:;[a-z0-9-]+(?:=[^\s;]+)?)*", re.IGNORECASE),
    "sms": re.compile(r"\+?\d[\d().-]*(?:[;?]\S*)?"),
    "geo": re.compile(r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?(?:[,;?]\S*)?"),
    "data": re.compile(r"[^,]*,.*", re.DOTALL),
    "urn": re.compile(r"[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE),
    "magnet": re.compile(r"\?\S*xt=\S+"),
}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def unasked_verdict(link: Link, local: Callable[[str], Path | None]) -> Verdict | None:
    """Judge an address without a request; `None` if it needs one."""
    file = local(link.spellings[0].url.partition("#")[0])
    if file is not None:
        return _of_file(link, file)
    url = link.spellings[0].url.strip()
    scheme = match[1].lower() if (match := _SCHEME.match(url)) else ""
    if scheme in ("http", "https"):
        problem = normalise(url)[1]
        return _broken(problem) if problem else None
    if not scheme:
        return _broken("not an absolute address; readers cannot tell what it is relative to")
    if scheme in ("javascript", "file", "about", "blob", "chrome"):
        return _broken(f"a {scheme}: address does nothing for a reader")
    shape = _SHAPES.get(scheme)
    if shape is None:
        return Verdict(status="skipped", reason=f"addresses of {scheme}: are not checked")
    if shape.fullmatch(url.partition(":")[2]):
        return Verdict(status="ok", reason=f"has the shape of a {scheme}: address")
    return _broken(f"not a {scheme}: address that a program can use")


def _of_file(link: Link, file: Path) -> Verdict:
    try:
        file = file / "index.html" if file.is_dir() else file
        size = file.stat().st_size
        body = file.read_bytes() if link.role in ("chapters", "transcript") or link.elements else b""
    except (OSError, ValueError):  # an address may hold what no file name can
        return _broken(f"belongs to this site, which has no file {file}")
    suspicious = Verdict(status="suspicious", reason="", level="error", size=size)
    promised = next((promised for promised, _ in link.promises if promised), size)
    if promised != size:
        return replace(suspicious, reason=f"the file has {size} bytes, not {promised} as the feed says")
    answer = Answer(code=200, body=body, whole=True)
    if link.role in ("chapters", "transcript") and (problem := inquiry.document_problem(link, answer)):
        return replace(suspicious, reason=f"the file {problem}")
    missing = frozenset(name for name in link.elements if not has_element(body, name))
    return Verdict(status="ok", reason="the file is there", size=size, missing=missing)


def _broken(reason: str) -> Verdict:
    return Verdict(status="broken", reason=reason, level="error")
