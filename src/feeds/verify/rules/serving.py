"""Rules of WebSub, HTTP and the site: WSB-01 to SIT-04 (requirements, O.8)."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urljoin

from feeds.verify.documents import Served, Subject, following
from feeds.verify.markup import tags
from feeds.verify.rules import values
from feeds.verify.rules.outline import is_announcement
from feeds.verify.rules.reading import links
from feeds.verify.rules.table import About, At, Problem, Problems, Severity, rule
from feeds.verify.xmltree import Element

_FEEDS = ("rss", "atom", "json")
_TYPES: Mapping[str, tuple[str, ...]] = {
    "rss": ("application/rss+xml", "application/xml", "text/xml"),
    "atom": ("application/atom+xml", "application/xml", "text/xml"),
    "json": ("application/feed+json", "application/json"),
    "chapters": ("application/json+chapters", "application/json"),
    "vtt": ("text/vtt",),
    "opml": ("text/x-opml", "application/xml", "text/xml"),
}
"""Content types of each kind, the best one first."""
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r'\brel\s*=\s*"?([\w -]+)"?')
_AGENT = "feeds"


def _media(header: str) -> str:
    return header.partition(";")[0].strip().lower()


@rule(
    "WSB-01",
    "error",
    on="xml",
    says="A feed with a hub has an absolute hub address and exactly one self link.",
    fix="Write <link rel='hub' href='https://…'/> beside one self link.",
    source="WS",
    profiles="web",
)
def hub(part: Element, _about: About) -> Problems:
    """Check who announces changes, and of what."""
    feed = part.first("channel") or part
    found = links(feed, "hub") if part.index == 0 else []
    for link in found:
        if flaw := values.web_url(link.attributes.get("href", "")):
            yield Problem(link, flaw.message)
    if found and len(links(feed, "self")) != 1:
        yield Problem(found[0], f"a hub, and {len(links(feed, 'self'))} self links", elsewhere="warning")


@rule(
    "WSB-02",
    "error",
    on="site",
    says="The JSON Feed names the same hubs as its twins.",
    fix="Write hubs in all formats from one setting.",
    source="WS",
    profiles="web jsonfeed",
)
def same_hubs(_site: None, about: About) -> Problems:
    """Compare the hubs of the feeds that lie in one folder."""
    folders: dict[str, set[str]] = {}
    for outline in about.outlines:
        if outline.subject.own and outline.subject.kind in ("rss", "atom"):
            folders.setdefault(outline.subject.name.rpartition("/")[0], set()).update(outline.hubs)
    for outline in about.outlines:
        twins = folders.get(outline.subject.name.rpartition("/")[0])
        if (
            outline.subject.own
            and outline.subject.kind == "json"
            and twins is not None
            and twins != set(outline.hubs)
        ):
            message = f"hubs are {sorted(outline.hubs)}, in its twins {sorted(twins)}"
            yield Problem(At(source=outline.subject.name), message)


@rule(
    "WSB-03",
    "error",
    on="site",
    says="Every hub that a feed names was notified of the change, with a form, and accepted it.",
    fix="Ping after the new files are live: hub.mode=publish and hub.url, POST, answered by 2xx.",
    source="WS",
    profiles="web",
)
def told(_site: None, about: About) -> Problems:
    """Compare the hubs of the feeds with the notices that were sent."""
    pinged = about.context.pinged
    if pinged is None:
        return
    for outline in about.outlines:
        for url in outline.hubs:
            at = At(source=outline.subject.name)
            if url not in pinged:
                yield Problem(at, f"the hub {url!r} was not notified")
                continue
            status, body = pinged[url]
            form = parse_qs(body)
            if form.get("hub.mode") != ["publish"] or "hub.url" not in form:
                yield Problem(at, f"the hub {url!r} got {body[:80]!r}, which is not a notice")
            elif not 200 <= status < 300:
                yield Problem(at, f"the hub {url!r} answered {status}")


@rule(
    "WSB-04",
    "warning",
    on="file",
    says="Link headers name the same self and hub as the document.",
    fix="Configure the server from the same settings, or send no Link headers.",
    source="WS",
    profiles="web",
)
def link_headers(subject: Subject, about: About) -> Problems:
    """Compare the headers with the document."""
    header = subject.served.headers.get("link", "") if subject.served else ""
    found: dict[str, set[str]] = {}
    for url, parameters in _LINK.findall(header[:20_000]):
        relation = _REL.search(parameters)
        for name in relation[1].split() if relation else ():
            found.setdefault(name.lower(), set()).add(url)
    outline = about.outline
    for name, stated in (("self", {outline.self_url} - {""}), ("hub", set(outline.hubs))):
        if name in found and stated and found[name] != stated:
            yield Problem(
                None, f"the Link header gives {sorted(found[name])} as {name}, the document {sorted(stated)}"
            )


@rule(
    "HTP-01",
    "error",
    on="file",
    says="A feed is served with status 200, its own content type, and UTF-8 if a charset is named.",
    fix="Configure the server's types: application/rss+xml, application/atom+xml, application/feed+json.",
    source="FV UnexpectedContentType, NonSpecificMediaType, EncodingMismatch, HttpError",
    profiles="web",
)
def content_type(subject: Subject, _about: About) -> Problems:
    """Check how the file is served."""
    served = subject.served
    if served is None or subject.kind not in _TYPES:
        return
    if served.status != 200:
        yield Problem(None, f"status {served.status}")
        return
    header = served.headers.get("content-type", "")
    known = _TYPES[subject.kind]
    if _media(header) not in known:
        lax: Severity = "warning"
        yield Problem(None, f"served as {header!r}, not as {known[0]!r}", elsewhere=lax)
    elif _media(header) != known[0] and subject.kind in _FEEDS:
        yield Problem(
            None, f"served as {header!r}; {known[0]!r} is more specific", level="info", elsewhere="info"
        )
    charset = re.search(r"charset\s*=\s*[\"']?([\w-]+)", header, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        yield Problem(None, f"served with the charset {charset[1]!r}", elsewhere="warning")


@rule(
    "HTP-02",
    "warning",
    on="file",
    says="A feed has an ETag or a date of change, and answers 304 when nothing changed.",
    fix="Let the server send validators, and rewrite files only when they change.",
    source="requirements J.2",
    profiles="web",
    elsewhere="info",
)
def conditional(subject: Subject, _about: About) -> Problems:
    """Check what polling costs."""
    served = subject.served
    if served is None or subject.kind not in _FEEDS or served.status != 200:
        return
    if not {"etag", "last-modified"} & set(served.headers):
        yield Problem(None, "there is neither ETag nor Last-Modified")
    elif served.revalidated not in (None, 304):
        yield Problem(
            None, f"asked again with its own validators, the server answered {served.revalidated}, not 304"
        )


@rule(
    "HTP-03",
    "warning",
    on="file",
    says="A feed is compressed if the client accepts that, and says that it varies.",
    fix="Switch gzip on for XML and JSON, with Vary: Accept-Encoding.",
    source="FV Uncompressed",
    profiles="web",
    elsewhere="info",
)
def compressed(subject: Subject, _about: About) -> Problems:
    """Check what a download costs."""
    served = subject.served
    if served is None or subject.kind not in _FEEDS or served.status != 200:
        return
    if served.headers.get("content-encoding", "").lower() not in ("gzip", "br", "zstd", "deflate"):
        yield Problem(None, "the feed is sent uncompressed")
    elif "accept-encoding" not in served.headers.get("vary", "").lower():
        yield Problem(None, "the feed is compressed, and Vary does not name Accept-Encoding")


@rule(
    "HTP-04",
    "warning",
    on="file",
    says="Feeds, chapters and transcripts may be read by scripts of any site.",
    fix="Send Access-Control-Allow-Origin: *.",
    source="TRX; PSP-1 issue 2",
    profiles="web",
    elsewhere="info",
)
def cross_origin(subject: Subject, _about: About) -> Problems:
    """Check whether players in browsers get at the file."""
    served = subject.served
    if served is None or subject.kind not in (*_FEEDS, "chapters", "vtt"):
        return
    if served.headers.get("access-control-allow-origin", "").strip() != "*":
        yield Problem(None, "Access-Control-Allow-Origin is not '*'")


def _binary(subject: Subject) -> Served | None:
    return subject.served if subject.kind in ("audio", "picture") else None


@rule(
    "HTP-05",
    "error",
    on="file",
    says="Audio and artwork answer HEAD with 200, their type and their size.",
    fix="Let the server answer HEAD as it answers GET.",
    source="A-REQ",
    profiles="web apple",
)
def head(subject: Subject, _about: About) -> Problems:
    """Check what apps ask before they download."""
    served = _binary(subject)
    if served is None or served.head is None:
        return
    status, headers = served.head
    length = headers.get("content-length")
    if status != 200:
        yield Problem(None, f"HEAD is answered with {status}")
    elif "content-type" not in headers:
        yield Problem(None, "HEAD is answered without a content type")
    elif length is None or length != str(subject.size):
        yield Problem(None, f"HEAD gives the size {length}, the file has {subject.size} bytes")


@rule(
    "HTP-06",
    "error",
    on="file",
    says="Audio can be requested in parts.",
    fix="Let the server answer Range with 206 and Content-Range.",
    source="A-REQ",
    profiles="web apple",
)
def ranges(subject: Subject, _about: About) -> Problems:
    """Check whether apps can seek."""
    served = _binary(subject)
    if served is None or subject.kind != "audio" or served.ranged is None:
        return
    status, headers = served.ranged
    if status != 206:
        yield Problem(None, f"a request for two bytes is answered with {status}, not 206")
    elif not headers.get("content-range", "").startswith("bytes 0-1/"):
        yield Problem(None, f"Content-Range is {headers.get('content-range', '')!r}")


@rule(
    "HTP-07",
    "error",
    on="file",
    says="Audio is served as audio or video, never as text.",
    fix="Configure the server's types: audio/mpeg for .mp3, audio/mp4 for .m4a.",
    source="AP",
    profiles="web",
)
def media_type(subject: Subject, _about: About) -> Problems:
    """Check the content type of media."""
    served = _binary(subject)
    if served is not None and subject.kind == "audio":
        kind = _media(served.headers.get("content-type", ""))
        if not kind.startswith(("audio/", "video/")):
            yield Problem(None, f"audio is served as {kind!r}")


@rule(
    "HTP-08",
    "warning",
    on="file",
    says="A feed that moved says so permanently, in one step.",
    fix=(
        "Redirect the old address with 301 or 308 straight to the new one; answer 410 for a feed that ended."
    ),
    source="requirements J.3",
    profiles="web",
    elsewhere="info",
)
def moved(subject: Subject, _about: About) -> Problems:
    """Check the way to a feed."""
    if subject.served is not None and subject.kind in _FEEDS and subject.served.hops:
        statuses = [status for status, _ in subject.served.hops]
        if len(statuses) > 1 or statuses[0] not in (301, 308):
            yield Problem(
                None, f"the feed is reached by redirects {', '.join(map(str, statuses))}, not by one 301"
            )


@rule(
    "HTP-09",
    "warning",
    on="file",
    says="No address takes more than one redirect, and none is http where https works.",
    fix="Write the address it leads to.",
    source="requirements J.3",
    profiles="web",
    elsewhere="info",
)
def short_way(subject: Subject, _about: About) -> Problems:
    """Check the way to any file."""
    if subject.served is not None:
        if len(subject.served.hops) > 1:
            yield Problem(None, f"reached by {len(subject.served.hops)} redirects")
        if subject.served.secure and values.scheme_of(subject.url or subject.name) == "http":
            yield Problem(None, "the address is http, and https works")


@rule(
    "HTP-10",
    "error",
    on="site",
    says="robots.txt keeps nobody away from feeds, artwork, chapters, transcripts and audio.",
    fix="Allow these paths: directories fetch them.",
    source="requirements J.7",
    profiles="web",
)
def robots(_site: None, about: About) -> Problems:
    """Ask robots.txt about every file of the site that programs fetch."""
    from protego import Protego

    found = [subject for subject in about.context.subjects if subject.kind == "robots"]
    for subject in found[:1]:
        rules = Protego.parse(subject.text(512_000))
        fetched = (*_FEEDS, "chapters", "vtt", "audio", "picture")
        for url in (other.url for other in about.context.subjects if other.url and other.kind in fetched):
            if not rules.can_fetch(url, _AGENT):
                yield Problem(At(source=subject.name), f"{url!r} is blocked")


@rule(
    "SIT-01",
    "warning",
    on="page",
    says="A page announces feeds with type, address and a title of its own each, and the feeds are there.",
    fix="Write <link rel='alternate' type='application/rss+xml' title='…' href='…'> for each feed.",
    source="JF; HTML",
    profiles="web",
)
def announced(subject: Subject, about: About) -> Problems:
    """Check what browsers and readers find in the head of a page."""
    titles: set[str] = set()
    for tag in tags(subject.text()):
        if not is_announcement(tag):
            continue
        href, title = tag.attributes.get("href", ""), tag.attributes.get("title", "").strip()
        if not href:
            yield Problem(None, "a feed is announced without an address")
        elif not values.scheme_of(href) and not href.startswith("/"):
            yield Problem(
                None, f"the address {href!r} depends on where the page is", level="info", elsewhere="info"
            )
        if not title or title in titles:
            yield Problem(None, f"the feed {href!r} has no title of its own")
        titles.add(title)
        target = urljoin(about.url, href)
        if about.context.here(target) and about.context.find(target) is None:
            yield Problem(None, f"the feed {target!r} is not there")


@rule(
    "SIT-02",
    "warning",
    on="site",
    says="Every feed has a page that shows its address, and no page leads to a feed that is not there.",
    fix="Link each feed on its page.",
    source="requirements K",
    profiles="web",
)
def shown(_site: None, about: About) -> Problems:
    """Compare the feeds with what the pages mention."""
    pages = [outline for outline in about.outlines if outline.subject.kind == "page"]
    led_to = following(about.outlines)
    mentioned = {url for page in pages for url in page.mentions}
    for outline in about.outlines:
        subject = outline.subject
        if not (pages and subject.own and subject.url and subject.kind in _FEEDS):
            continue
        if subject.url not in mentioned and subject.url not in led_to:
            yield Problem(At(source=subject.name), f"no page mentions {subject.url!r}")
    for page in pages:
        for url in sorted(page.mentions):
            gone = (
                url.endswith(("rss.xml", "atom.xml", "feed.json", "podcast.xml"))
                and about.context.find(url) is None
            )
            if gone and about.context.here(url):
                yield Problem(At(source=page.subject.name), f"{url!r} is not there")


@rule(
    "SIT-03",
    "error",
    on="opml",
    says="OPML is version 2.0 with head and body; outlines have text, subscriptions type, xmlUrl and title.",
    fix="Write <outline type='rss' text='…' title='…' xmlUrl='…'/>.",
    source="OPML; FV InvalidOPMLVersion, MissingXmlURL, MissingTitleAttr, MissingOutlineType",
    profiles="opml",
)
def opml(root: Element, _about: About) -> Problems:
    """Check a list of subscriptions."""
    version = root.attributes.get("version", "")
    if version not in ("2.0", "1.0", "1.1"):
        yield Problem(root, f"the version is {version!r}, not '2.0'")
    elif version != "2.0":
        yield Problem(root, f"the version is {version!r}, not '2.0'", elsewhere="info")
    for name in ("head", "body"):
        if len(root.all(name)) != 1:
            yield Problem(root, f"there are {len(root.all(name))} {name} elements, not one")
    outlines = [element for element in root.walk() if element.name == "outline"]
    if not outlines:
        yield Problem(root, "there is no outline")
    for outline in outlines:
        yield from _outline(outline)


def _outline(outline: Element) -> Problems:
    attributes = outline.attributes
    if not attributes.get("text", "").strip():
        yield Problem(outline, "the outline has no text")
    kind = attributes.get("type", "").lower()
    if "xmlUrl" in attributes or kind == "rss":
        if kind != "rss":
            yield Problem(outline, "a subscription has type='rss'", elsewhere="warning")
        if not attributes.get("title", "").strip():
            yield Problem(outline, "the subscription has no title", elsewhere="warning")
        if flaw := values.full_uri(attributes.get("xmlUrl", "")):
            yield Problem(outline, f"xmlUrl: {flaw.message}", elsewhere=flaw.grave)


@rule(
    "SIT-04",
    "error",
    on="site",
    says="The site's OPML lists exactly the feeds that are published.",
    fix="Write it from the list of feeds.",
    source="OPML",
    profiles="opml site",
)
def complete_list(_site: None, about: About) -> Problems:
    """Compare the subscriptions with the feeds: one of its formats stands for a feed."""
    feeds: dict[str, set[str]] = {}
    for outline in about.outlines:
        if outline.subject.own and outline.subject.kind in ("rss", "atom") and outline.subject.url:
            feeds.setdefault(outline.subject.url.rpartition("/")[0], set()).add(outline.subject.url)
    known = {url for urls in feeds.values() for url in urls}
    led_to = following(about.outlines)
    for outline in about.outlines:
        if outline.subject.kind != "opml" or not outline.subject.own:
            continue
        at, listed = At(source=outline.subject.name), set(outline.subscriptions)
        for url in sorted(url for url in listed - known if about.context.here(url)):
            yield Problem(at, f"{url!r} is listed, and is not a feed of the site")
        for urls in feeds.values():
            if urls.isdisjoint(listed) and urls.isdisjoint(led_to):
                yield Problem(at, f"the feed {min(urls)!r} is not listed")
