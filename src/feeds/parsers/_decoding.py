"""From the bytes of a source to its text, with the bounds and declarations that formats have in common."""

import codecs
import dataclasses
import re

from feeds.errors import SourceError
from feeds.model import Finding, Place, Source
from feeds.text import MAX_BYTES, TOO_LARGE, decode

XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([\w.:-]{1,40})")
XML_TAG = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,40})")
"""A tag and its name, without a prefix."""
HTML_ENCODING = re.compile(rb"<meta\s[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)

# What browsers read where these are declared (WHATWG Encoding, section 4.2): each is a part of the other.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Python's further codecs are not character sets (`idna`), or slow on purpose-made input (`punycode`).
_CHARSETS = re.compile(
    r"utf-8|cp(125\d|866|874|932|949)|iso8859-\d+|koi8-[ru]|gb18030|big5hkscs|euc_jp|iso2022_jp|mac-roman"
)


def text_of(
    source: Source, expected: str, declaration: re.Pattern[bytes] | None = None
) -> tuple[str, tuple[Finding, ...]]:
    """Read the text of a source as browsers do: byte order mark, HTTP, the document's own words, UTF-8.

    `expected` says in a message what the source should be, such as `a feed`; `declaration` finds the name
    of an encoding in the document's beginning. Raises `SourceError` if it is empty or too large.
    """
    place = Place(source=source.name)
    if len(source.data) > MAX_BYTES:
        raise SourceError(TOO_LARGE, place)
    text, findings = decode(_with_charset(source, declaration))
    if not text.strip():
        raise SourceError(f"the source is empty; {expected} was expected", place)
    return text, findings


def _with_charset(source: Source, declaration: re.Pattern[bytes] | None) -> Source:
    """Settle the charset, so that `decode` need not guess; mark broken bytes."""
    if source.data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return source
    inside = declaration.search(source.data[:2048]) if declaration else None
    labels = [source.charset, inside[1].decode("ascii", "replace") if inside else None]
    charsets = [charset for charset in map(_charset, labels) if charset]
    for charset in charsets:
        if _reads(source.data, charset):
            return dataclasses.replace(source, charset=charset)
    # One wrong byte does not mean another encoding for the whole document; `decode` says where it was.
    declared = next((charset for charset in charsets if charset != "utf-8"), None)
    if declared is None:
        return dataclasses.replace(source, charset=None)
    data = source.data.decode(declared, errors="replace").encode()
    return dataclasses.replace(source, data=data, charset="utf-8")


def _charset(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name if label else ""
    except (LookupError, ValueError):
        return None
    name = _WIDER.get(name, name)
    return name if _CHARSETS.fullmatch(name) else None


def _reads(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeDecodeError:
        return False
    return True
