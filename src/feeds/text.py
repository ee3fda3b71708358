"""Bytes to text that any XML document can hold: encodings, line ends, forbidden characters."""

import codecs
import re
import uuid
from collections.abc import Iterator

from feeds.model import Finding, Place, Source

MAX_BYTES = 32 * 2**20
"""Bytes of a source that are read at most; what is larger is not a list that anyone maintains."""

TOO_LARGE = f"more than {MAX_BYTES:,} bytes, the most that is read; split it, or give the part that is new"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What XML 1.0 (section 2.2) forbids, and the C1 controls and the replacement character, shown as boxes.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd\ufffe\uffff]")

_LETTERS = r"[^\x00-\x20\x7f-\xa0\"#<>\[\\\]^`{|}]*"
_REST = rf"{_LETTERS}(?:#{_LETTERS})?"
# Absolute IRIs (RFC 3987) of web addresses, URNs (RFC 8141), tags (RFC 4151), and of all other schemes.
_IRI = re.compile(
    rf"https?://[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*(?::(?:[1-5]?\d{{1,4}}|6[0-4]\d{{3}}))?(?=[/?#]|\Z){_REST}"
    r"|urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|urn:(?!uuid:)[a-z0-9][a-z0-9-]{1,31}:(?:[a-z0-9()+,.:=@;$_!*'/?#-]|%[0-9a-f]{2})+"
    r"|tag:(?:[a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(?:-\d\d){0,2}:[a-z0-9;/?:@&=+$._!~*'()%,-]*"
    r"(?:#[a-z0-9;/?:@&=+$._!~*'()%,-]*)?"
    rf"|(?!https?:|ftp:|urn:|tag:)[a-z][a-z0-9+.-]*:(?=.){_REST}",
    re.IGNORECASE | re.ASCII,
)

_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+")


def decode(source: Source) -> tuple[str, tuple[Finding, ...]]:
    """Read the text of a source, whatever its encoding, with a line feed at the end of each line.

    A byte order mark decides, then the declared charset, then UTF-8, even if damaged; what is none of these
    is read as Windows-1252, as browsers do. Characters that a feed cannot hold are taken out. Both are
    reported.
    """
    text, encoding = _decode(source.data, source.charset)
    findings = []
    if encoding not in ("utf-8", source.charset):
        findings.append(
            Finding(
                level="warning",
                rule="encoding",
                place=Place(source=source.name),
                message=f"read as {encoding}; save it as UTF-8 if characters look wrong",
            )
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_clean(text):
        return text, tuple(findings)
    findings.extend(
        Finding(
            level="warning",
            rule="forbidden-character",
            place=Place(source=source.name, line=number),
            message=f"left out {_names(line)}, which no feed can hold",
        )
        for number, line in enumerate(text.split("\n"), 1)
        if _UNWANTED.search(line)
    )
    return clean(text), tuple(findings)


def clean(text: str) -> str:
    r"""Take out what a feed cannot hold.

    >>> clean("a\x00b\ud800c")
    'abc'
    """
    return _UNWANTED.sub("", text)


def is_clean(text: str) -> bool:
    """Tell whether `clean` would leave the text as it is."""
    return _UNWANTED.search(text) is None


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Find web addresses in prose: where each starts and ends.

    What follows an address is not part of it: a closing bracket that it did not open, a full stop.

    >>> prose = "See (https://a.example/x_(y)), https://b.example/."
    >>> [prose[start:end] for start, end in addresses(prose)]
    ['https://a.example/x_(y)', 'https://b.example/']
    """
    for match in _ADDRESS.finditer(text):
        yield match.start(), match.start() + _address_length(match[0])


def _address_length(text: str) -> int:
    """How much of what looks like an address is one: without the brackets and stops that follow it."""
    length = len(text)
    unopened = {")": text.count(")") - text.count("("), "]": text.count("]") - text.count("[")}
    while length:
        last = text[length - 1]
        if unopened.get(last, 0) > 0:
            unopened[last] -= 1
        elif last not in ".,;:!?'’":
            break
        length -= 1
    return length


def iri(name: str) -> str:
    """Give a name as an IRI, as Atom asks of ids (RFC 4287, section 4.2.6): itself, else a UUID made of it.

    >>> iri("tag:example.org,2026:1"), iri("episode 1")
    ('tag:example.org,2026:1', 'urn:uuid:5176455e-2303-56ff-9769-c2b25b5efed4')
    """
    return (
        name if _IRI.fullmatch(name) and name.split() == [name] else uuid.uuid5(uuid.NAMESPACE_OID, name).urn
    )


def _decode(data: bytes, charset: str | None) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, errors="replace"), encoding
    if charset is not None:
        try:
            return data.decode(charset), charset
        except (LookupError, UnicodeDecodeError):
            pass  # a wrong declaration is common; the bytes know better
    if utf16 := _unmarked_utf16(data):
        return data.decode(utf16, errors="replace"), utf16
    try:
        # Lone surrogates that some programs write as UTF-8 are let through here, for `clean` to report.
        return data.decode("utf-8", errors="surrogatepass"), "utf-8"
    except UnicodeDecodeError:
        damaged = data.decode("utf-8", errors="replace")
    # In another encoding hardly any bytes would be UTF-8 by chance.
    if sum(not letter.isascii() for letter in damaged) >= 2 * damaged.count("\ufffd"):
        return damaged, "utf-8"
    return data.decode("cp1252", errors="replace"), "windows-1252"


def _unmarked_utf16(data: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every other byte."""
    head = data[:1000]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 3:
        return "utf-16-be"
    return None


def _names(line: str) -> str:
    found = sorted(set(_UNWANTED.findall(line)))
    return ", ".join(
        "broken characters" if character == "\ufffd" else f"U+{ord(character):04X}" for character in found
    )
