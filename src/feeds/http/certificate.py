"""What a certificate says of itself, for telling why it is not valid.

Python parses only certificates that it has found valid (`SSLSocket.getpeercert`), which are the ones
we need not explain; so the few fields of interest are read from the DER form here (RFC 5280, 4.1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_SUBJECT_ALT_NAME = bytes.fromhex("551d11")
_UTC_TIME, _OCTETS, _VERSION, _EXTENSIONS, _DNS_NAME = 0x17, 0x04, 0xA0, 0xA3, 0x82


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """The days and host names that a certificate is valid for."""

    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]


def read(der: bytes) -> Certificate:
    """Read a certificate in DER form. Raises `ValueError` or `IndexError` if it is none."""
    ((_, certificate),) = _fields(der)
    fields = list(_fields(next(_fields(certificate))[1]))
    if fields[0][0] == _VERSION:
        del fields[0]
    # serial number, algorithm, issuer, validity, subject, public key, and optional ones
    not_before, not_after = (_time(*field) for field in _fields(fields[3][1]))
    names: tuple[str, ...] = ()
    for tag, body in fields[6:]:
        if tag == _EXTENSIONS:
            names = tuple(_alternative_names(body))
    return Certificate(not_before=not_before, not_after=not_after, names=names)


def _alternative_names(extensions: bytes) -> Iterator[str]:
    ((_, sequence),) = _fields(extensions)
    for _, extension in _fields(sequence):
        (_, identifier), *_, (tag, value) = _fields(extension)
        if identifier == _SUBJECT_ALT_NAME and tag == _OCTETS:
            ((_, names),) = _fields(value)
            yield from (name.decode("latin-1") for kind, name in _fields(names) if kind == _DNS_NAME)


def _time(tag: int, text: bytes) -> datetime:
    if tag == _UTC_TIME:  # two digits of the year; from 50 on they are of the last century
        text = (b"19" if text[:2] >= b"50" else b"20") + text
    return datetime.strptime(text.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Split DER into its elements, each a tag and a body."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise ValueError("the certificate is cut off")
        yield tag, data[at : at + length]
        at += length
