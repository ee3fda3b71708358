"""What a value of each kind looks like. Each check answers with what is wrong, or `None`."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from feeds.verify.markup import words

Grave = Literal["error", "warning"]


class Flaw(NamedTuple):
    """What is wrong with a value, and whether the specification forbids it or readers merely differ."""

    message: str
    grave: Grave = "error"


# Dates

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC822 = re.compile(
    rf"(?:({'|'.join(_DAYS)}), )?\d\d? (?:{'|'.join(_MONTHS)}) \d{{4}} \d\d:\d\d(?::\d\d)? "
    r"(?:[+-]\d\d(?:00|30)|UT|GMT|[ECMP][SD]T|Z)"
)
_RFC822_LOOSE = re.compile(
    rf"(?:(?:{'|'.join(_DAYS)})\s*,\s*)?\d\d?\s+(?:{'|'.join(_MONTHS)})\s+\d\d(?:\d\d)?\s+\d\d:\d\d(?::\d\d)?"
    r"\s*(?:[+-]\d{4}|ut|gmt|[ecmp][sd]t|[a-ik-z])?",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*+\)")
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))")
_W3CDTF = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?")
_LONGEST = 200
_FIRST_YEAR = 1990
_AHEAD = timedelta(minutes=10)


def rfc822(text: str) -> Flaw | None:
    """Check a date of RSS (RFC 822 with a four-digit year)."""
    if len(text) > _LONGEST:
        return Flaw(f"{text[:40]!r}… is too long for a date")
    if found := _RFC822.fullmatch(text):
        when = _moment(text)
        if when is None:
            return Flaw(f"{text!r} is not a date of the calendar")
        if found[1] and found[1] != _DAYS[when.weekday()]:
            return Flaw(f"{text!r} was a {_DAYS[when.weekday()]}")
        return None
    plain = text.replace("\\", "")
    while (shorter := _COMMENT.sub(" ", plain)) != plain:
        plain = shorter
    if _RFC822_LOOSE.fullmatch(plain.strip()):
        return Flaw(f"{text!r} is written in a way that not every reader understands", "warning")
    return Flaw(f"{text!r} is not an RFC 822 date such as 'Fri, 02 Jan 2026 03:04:05 GMT'")


def rfc822_time(text: str) -> datetime | None:
    """Read a date of RSS; `None` if it cannot be read. Without a zone it is taken for UTC."""
    when = _moment(text)
    try:
        return when.astimezone(UTC) if when else None
    except OverflowError:
        return None


def _moment(text: str) -> datetime | None:
    """Read a date of RSS, in its own zone, where the weekday it names is the right one."""
    try:
        when = parsedate_to_datetime(text[:_LONGEST])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def rfc3339(text: str) -> Flaw | None:
    """Check a date of Atom or JSON Feed."""
    if not _RFC3339.fullmatch(text):
        return Flaw(f"{text!r} is not an RFC 3339 date such as '2026-01-02T03:04:05Z'")
    return None if rfc3339_time(text) else Flaw(f"{text!r} is not a date of the calendar")


def rfc3339_time(text: str) -> datetime | None:
    """Read a date of Atom or JSON Feed; `None` if it cannot be read."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset = timedelta(hours=int(found[7] or 0), minutes=int(found[8] or 0))
    sign = -1 if text[-6:-5] == "-" else 1
    if second > 60:
        return None
    try:
        # A leap second, 60, is the last second of its minute here.
        zone = timezone(sign * offset)
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def w3cdtf(text: str) -> Flaw | None:
    """Check a date of Dublin Core: a year, a month, a day, or a time with its zone."""
    if not _W3CDTF.fullmatch(text):
        return Flaw(f"{text!r} is not a date such as '2026-01-02' or '2026-01-02T03:04:05Z'")
    year, month, day = (int(part) for part in f"{text[:10]}-01-01".split("-")[:3])
    try:
        date(year, month, day)
    except ValueError:
        return Flaw(f"{text!r} is not a date of the calendar")
    hour, minute, second = (
        int(text[at : at + 2] or 0) if text[at : at + 2].isdigit() else 0 for at in (11, 14, 17)
    )
    return Flaw(f"{text!r} is not a time of day") if hour > 23 or minute > 59 or second > 60 else None


def implausible(when: datetime, now: datetime) -> str | None:
    """Say why a date cannot be right: it lies ahead, or before there were feeds."""
    if when > now + _AHEAD:
        return "lies in the future"
    return f"lies before {_FIRST_YEAR}" if when.year < _FIRST_YEAR else None


# Addresses

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_URI_CHARACTERS = re.compile(r"[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#\[\]]*")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[a-z0-9()+,.:=@;$_!*'/?#-]|%[0-9a-f]{2})+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TAG = re.compile(
    r"tag:(?:[a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:"
    r"[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*(?:#[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*)?"
)
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?", re.IGNORECASE
)
_SCHEMES = words(
    """
    http https ftp ftps sftp mailto tel sms news nntp irc ircs xmpp data file gopher git svn ssh urn tag
    info doi magnet geo cid mid dict dns feed ldap ldaps nfs rtsp rtmp sip sips telnet webcal ws wss
    acct lightning bitcoin at ipfs ipns nostr spotify hdl aaa acap callto dav go h323 im imap ipp iris
    mupdate opaquelocktoken pop pres prospero service shttp snmp tftp tip tv vemmi wais crid fax modem
    msrp mtqp thismessage about javascript
    """
)


def uri(text: str, *, iri: bool = False) -> Flaw | None:
    """Check a URI reference, which may be relative; with `iri`, letters of any script are allowed."""
    plain = _ascii(text) if iri else text
    if not _URI_CHARACTERS.fullmatch(plain):
        wrong = next(character for character in plain if not _URI_CHARACTERS.fullmatch(character))
        hint = "percent-encode it" if wrong.isascii() else "write non-ASCII characters percent-encoded"
        return Flaw(f"{text!r} holds {wrong!r}, which no address may: {hint}")
    scheme = scheme_of(text)
    if scheme == "tag" and not _TAG.fullmatch(plain):
        return Flaw(f"{text!r} is not a tag URI such as 'tag:example.org,2026:name'")
    if scheme == "urn":
        return _urn(plain)
    if scheme in ("http", "https", "ftp") and not _authority(text):
        return Flaw(f"{text!r} has no valid host")
    if not scheme and ":" in plain.partition("/")[0].partition("?")[0].partition("#")[0]:
        return Flaw(f"{text!r} has a colon where no scheme is before it")
    if scheme and scheme not in _SCHEMES:
        return Flaw(f"{text!r} has the unregistered scheme {scheme!r}", "warning")
    return None


def full_uri(text: str, *, iri: bool = False) -> Flaw | None:
    """Check a URI that stands on its own: it has a scheme and something after it."""
    flaw = uri(text, iri=iri)
    if flaw is not None and flaw.grave == "error":
        return flaw
    if not scheme_of(text) or text.lower() == f"{scheme_of(text)}:":
        return Flaw(f"{text!r} is not an absolute address" if text else "the address is empty")
    return flaw


def web_url(text: str) -> Flaw | None:
    """Check the address of something fetched over HTTP, in ASCII."""
    if flaw := full_uri(text):
        return flaw
    return None if scheme_of(text) in ("http", "https") else Flaw(f"{text!r} is not an http or https address")


def scheme_of(text: str) -> str:
    """Find the scheme in lower case; empty for a relative reference."""
    found = _SCHEME.match(text)
    return found[0].lower() if found else ""


def is_uuid(text: str) -> bool:
    """Tell whether this is a UUID in its usual form of 8-4-4-4-12 digits."""
    return _UUID.fullmatch(text) is not None


def canonical(text: str) -> str:
    """Normalise an IRI as comparison by characters needs it (RFC 4287, 4.2.6.1).

    >>> canonical("HTTP://Example.org:80"), canonical("http://example.org/a/../b%7e")
    ('http://example.org/', 'http://example.org/b~')
    """
    scheme, colon, rest = text.partition(":")
    if not colon or not _SCHEME.match(text):
        return text
    scheme = scheme.lower()
    rest = re.sub(r"%[0-9a-fA-F]{2}", _escape, rest)
    if not rest.startswith("//"):
        return f"{scheme}:{rest}"
    end = next((at for at, character in enumerate(rest[2:], 2) if character in "/?#"), len(rest))
    user, at, host = rest[2:end].rpartition("@")
    user, at = ("", "") if user in ("", ":") else (user, at)
    host = (
        host.lower()
        .removesuffix({"http": ":80", "https": ":443", "ftp": ":21"}.get(scheme, ":"))
        .removesuffix(":")
    )
    path, mark, tail = _split(rest[end:])
    return f"{scheme}://{user}{at}{host}{_dots(path) or '/'}{mark}{tail}"


def _split(path: str) -> tuple[str, str, str]:
    found = re.search(r"[?#]", path)
    return (path[: found.start()], found[0], path[found.end() :]) if found else (path, "", "")


def _dots(path: str) -> str:
    kept: list[str] = []
    parts = path.split("/")
    for part in parts:
        if part == ".." and len(kept) > 1:
            kept.pop()
        elif part not in (".", ".."):
            kept.append(part)
    tail = "/" if parts[-1] in (".", "..") and kept and kept[-1] else ""
    return "/".join(kept) + tail


def _escape(found: re.Match[str]) -> str:
    character = chr(int(found[0][1:], 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else found[0].upper()


def _urn(text: str) -> Flaw | None:
    if text.lower().startswith("urn:uuid:") and not is_uuid(text[9:]):
        return Flaw(f"{text!r} is not 'urn:uuid:' and a UUID of 8-4-4-4-12 digits")
    return None if _URN.fullmatch(text) else Flaw(f"{text!r} is not a URN")


def _ascii(text: str) -> str:
    return "".join(character if character.isascii() else "x" for character in text)


def _authority(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host:
        return False
    return ":" in host or _HOST.fullmatch(_ascii(host)) is not None


def unreachable(url: str) -> str | None:
    """Say why nobody outside can follow an address: it names this machine, a private network or a file."""
    scheme, _, rest = url.partition(":")
    if scheme.lower() == "file":
        return "a local file"
    authority = rest.removeprefix("//").partition("/")[0].rpartition("@")[2].lower()
    host = authority[1:].partition("]")[0] if authority.startswith("[") else authority.partition(":")[0]
    return _private(host)


def insecure(url: str) -> bool:
    """Tell whether an address should be https and is not; one that is only local is no matter of that."""
    return scheme_of(url) == "http" and unreachable(url) is None


@lru_cache(maxsize=1024)
def _private(host: str) -> str | None:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan")):
        return "a host that only this network knows"
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return None if address.is_global else "an address that only this machine or network reaches"


# Other kinds

_MIME = re.compile(
    r"""[^\s()<>,;:\\"/\[\]?=]+/[^\s()<>,;:\\"/\[\]?=]+"""
    r"""(?:\s*;\s*[^\s()<>,;:\\"/\[\]?=]+=(?:"(?:\\"|[^"])*"|[^\s()<>,;:\\"/\[\]?=]+))*"""
)
_EMAIL = re.compile(
    r"[A-Z0-9_+.'%&=~!#$*/?^`{|}-]+@(?:(?:[A-Z0-9-]+\.)+[A-Z0-9][A-Z0-9-]*|\[?[\d.]+\]?)", re.IGNORECASE
)
_CONTACT = re.compile(r"(\S+@\S+)\s+\(([^()]+)\)")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}|[A-Za-z]{4,8})(?:-[A-Za-z0-9]{1,8})*|[xXiI](?:-[A-Za-z0-9]{1,8})+")
_DIGITS = re.compile(r"[0-9]+")
_MOST_DIGITS = 18
_ISO_639_1 = words(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id
    ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li
    ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa
    pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th
    ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """
)
_ISO_639_2 = words(
    """
    aar abk ace ach ada ady afa afh afr ain aka akk alb ale alg alt amh ang anp apa ara arc arg arm arn
    arp art arw asm ast ath aus ava ave awa aym aze bad bai bak bal bam ban baq bas bat bej bel bem ben
    ber bho bih bik bin bis bla bnt bod bos bra bre btk bua bug bul bur byn cad cai car cat cau ceb cel
    ces cha chb che chg chi chk chm chn cho chp chr chu chv chy cmc cnr cop cor cos cpe cpf cpp cre crh
    crp csb cus cym cze dak dan dar day del den deu dgr din div doi dra dsb dua dum dut dyu dzo efi egy
    eka ell elx eng enm epo est eus ewe ewo fan fao fas fat fij fil fin fiu fon fra fre frm fro frr frs
    fry ful fur gaa gay gba gem geo ger gez gil gla gle glg glv gmh goh gon gor got grb grc gre grn gsw
    guj gwi hai hat hau haw heb her hil him hin hit hmn hmo hrv hsb hun hup hye iba ibo ice ido iii ijo
    iku ile ilo ina inc ind ine inh ipk ira iro isl ita jav jbo jpn jpr jrb kaa kab kac kal kam kan kar
    kas kat kau kaw kaz kbd kha khi khm kho kik kin kir kmb kok kom kon kor kos kpe krc krl kro kru kua
    kum kur kut lad lah lam lao lat lav lez lim lin lit lol loz ltz lua lub lug lui lun luo lus mac mad
    mag mah mai mak mal man mao map mar mas may mdf mdr men mga mic min mis mkd mkh mlg mlt mnc mni mno
    moh mon mos mri msa mul mun mus mwl mwr mya myn myv nah nai nap nau nav nbl nde ndo nds nep new nia
    nic niu nld nno nob nog non nor nqo nso nub nwc nya nym nyn nyo nzi oci oji ori orm osa oss ota oto
    paa pag pal pam pan pap pau peo per phi phn pli pol pon por pra pro pus que raj rap rar roa roh rom
    ron rum run rup rus sad sag sah sai sal sam san sas sat scn sco sel sem sga sgn shn sid sin sio sit
    sla slk slo slv sma sme smi smj smn smo sms sna snd snk sog som son sot spa sqi srd srn srp srr ssa
    ssw suk sun sus sux swa swe syc syr tah tai tam tat tel tem ter tet tgk tgl tha tib tig tir tiv tkl
    tlh tli tmh tog ton tpi tsi tsn tso tuk tum tup tur tut tvl twi tyv udm uga uig ukr umb und urd uzb
    vai ven vie vol vot wak wal war was wel wen wln wol xal xho yao yap yid yor ypk zap zbl zen zgh zha
    zho znd zul zun zxx zza
    """
)


def mime(text: str) -> Flaw | None:
    """Check a MIME type, with parameters or without."""
    return None if _MIME.fullmatch(text) else Flaw(f"{text!r} is not a MIME type such as 'audio/mpeg'")


def email(text: str) -> Flaw | None:
    """Check an e-mail address."""
    return None if _EMAIL.fullmatch(text) else Flaw(f"{text!r} is not an e-mail address")


def contact(text: str) -> Flaw | None:
    """Check a person of RSS: `address@host (Real Name)`."""
    text = (unquote(text.removeprefix("mailto:")) if text.startswith("mailto:") else text).strip()
    if len(text) > _LONGEST:
        return Flaw(f"{text[:40]!r}… is too long for an e-mail address and a name")
    if found := _CONTACT.fullmatch(text):
        return email(found[1])
    bare = re.fullmatch(r"[^()<>]*<?(\S+@[^\s<>]+)>?", text)
    if bare and email(bare[1]) is None:
        return Flaw(f"{text!r} is not of the form 'address@example.org (Real Name)'", "warning")
    return Flaw(f"{text!r} holds no e-mail address; a name alone belongs in dc:creator")


def language(text: str) -> Flaw | None:
    """Check a language tag (RFC 5646) whose first part is an ISO 639 code."""
    first = text.split("-")[0].lower()
    if not _LANGUAGE.fullmatch(text) or (len(first) == 2 and first not in _ISO_639_1) or len(first) > 3:
        return Flaw(f"{text!r} is not a language code such as 'en' or 'en-gb'")
    if len(first) == 3 and first not in _ISO_639_2:
        return Flaw(f"{text!r} is a rare language code that few readers know", "warning")
    return None


def whole(text: str) -> int | None:
    """Read a whole number in ASCII digits, of a length that any program can count with.

    >>> whole("12"), whole("²"), whole("-1")
    (12, None, None)
    """
    return int(text) if _DIGITS.fullmatch(text) and len(text) <= _MOST_DIGITS else None


def positive(text: str) -> Flaw | None:
    """Check a whole number of at least 1."""
    return (
        None
        if _DIGITS.fullmatch(text) and text.strip("0")
        else Flaw(f"{text!r} is not a whole number of 1 or more")
    )


def not_negative(text: str) -> Flaw | None:
    """Check a whole number of at least 0."""
    return None if _DIGITS.fullmatch(text) else Flaw(f"{text!r} is not a whole number of 0 or more")
