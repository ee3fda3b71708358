"""Dates in whatever form a source writes them. Everything that comes out is aware and in UTC.

No zone is UTC, and a date without a time is noon (12:00 UTC), never the time of the run. The clock is
not asked: what leaves out the day or the year, such as `yesterday` or `May 5`, is not a date here.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

from dateutil import parser

from feeds.model import Finding, Place

_LONGEST = 80
# 2 January and 1 February look alike in these; with dots the day comes first everywhere.
_NUMERIC = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?![\d.])")
_YEAR_FIRST = re.compile(r"\D{0,20}\d{4}")
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?")
_RFC822 = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:[+-]\d{4}|GMT|UTC?)")
_FIRST_OF_MONTH = re.compile(r"\b1(?:er|º|°)(?=\s)")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)

# Hours from UTC. Letters that two parts of the world use have the meaning of RFC 822, else none.
_ZONES = dict.fromkeys(("UT", "Z", "UTC", "GMT", "WET"), 0)
_ZONES |= {"WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3}
_ZONES |= {"JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13}
_ZONES |= {"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}


_JUMP = [*parser.parserinfo.JUMP, "de", "del", "le", "den", "der", "um", "uhr", "г", "года", "в", "à"]
_MONTHS = [
    (*english, *others)
    for english, *others in zip(
        parser.parserinfo.MONTHS,
        *(
            language.split()
            for language in (
                "januar februar märz april mai juni juli august september oktober november dezember",
                "jän feb mär apr mai jun jul aug sep okt nov dez",
                "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
                "janv févr mars avr mai juin juil aou sept oct nov déc",
                "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
                "ene feb mar abr may jun jul ago sep oct nov dic",
                "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
                "jan fev mar abr mai jun jul ago set out nov dez",
                "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
                "dicembre",
                "januari februari maart april mei juni juli augustus september oktober november december",
                "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
                "янв фев мар апр май июн июл авг сен окт ноя дек",
            )
        ),
        strict=True,
    )
]


class _Words(parser.parserinfo):
    """Months in the languages most used for podcasts and blogs, besides English."""

    JUMP = _JUMP
    MONTHS = _MONTHS

    def convertyear(self, year: int, century_specified: bool = False) -> int:
        """Two digits are within 1969 to 2068 (POSIX), whenever they are read."""
        if year >= 100 or century_specified:
            return year
        return year + (1900 if year >= 69 else 2000)


_WORDS = _Words()
# What a text leaves out is taken from a default: where two defaults give two dates, it was left out.
_DEFAULTS = (datetime(2000, 1, 1, 12, tzinfo=UTC), datetime(2001, 2, 2, 13, tzinfo=UTC))


def day_first(texts: Iterable[object]) -> bool | None:
    """Infer from all dates of a source whether 02/01/2026 is in January; `None` if none of them decides.

    >>> day_first(["02/01/2026", "31/12/2025"]), day_first(["02/01/2026"]), day_first(["12/31/2025"])
    (True, None, False)
    """
    votes = {day > 12 for text in texts if (day := _deciding(text))}
    return votes.pop() if len(votes) == 1 else None


def is_ambiguous(value: object) -> bool:
    """Tell whether a date can be read in two ways, such as 02/01/2026.

    >>> is_ambiguous("02/01/2026"), is_ambiguous("02/02/2026"), is_ambiguous("2.1.2026")
    (True, False, False)
    """
    found = _NUMERIC.search(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    return found is not None and found[1].zfill(2) != found[3].zfill(2) and _deciding(value) is None


def read(value: object, *, day_first: bool | None = None) -> datetime | None:
    """Read a date; `None` if it is not one, or is ambiguous and `day_first` does not decide.

    >>> read("Fri, 02 Jan 2026 03:04:05 +0100")
    datetime.datetime(2026, 1, 2, 2, 4, 5, tzinfo=datetime.timezone.utc)
    >>> read("2.1.2026") == read("January 2nd, 2026") == read("2026-01-02") == read(date(2026, 1, 2))
    True
    """
    try:
        return _read(value, day_first)
    except (ValueError, OverflowError, ArithmeticError, TypeError, IndexError, AttributeError):
        return None  # dateutil raises errors other than its own for some texts


def unread(name: str, value: str, place: Place) -> Finding:
    """Report a date that `read` cannot read; `name` is that of its field."""
    if is_ambiguous(value):
        rule = "ambiguous-date"
        expected = "nothing in the source tells day from month; say `day_first`, or write 2026-01-02"
    else:
        rule, expected = "bad-date", "expected a date with day, month and year, such as 2026-01-02"
    shown = value if len(value) <= 60 else f"{value[:59]}…"
    message = f"{name} {shown!r} is left out; {expected}"
    return Finding(level="warning", rule=rule, place=place, message=message)


def _deciding(value: object) -> int | None:
    """A first number that shows the order: above 12 it is a day, else the second is one."""
    found = _NUMERIC.search(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    if not found:
        return None
    first, second = int(found[1]), int(found[3])
    return first if (first > 12) != (second > 12) else None


def _read(value: object, day_first: bool | None) -> datetime | None:
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, date):
        return datetime.combine(value, time(12), UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not (text := value.strip()) or len(text) > _LONGEST:
        return None
    if _EPOCH.fullmatch(text):
        whole = text.partition(".")[0]
        return _UNIX + timedelta(seconds=int(whole) / (1000 if len(whole) == 13 else 1))
    if _ISO.fullmatch(text):
        return _utc(datetime.fromisoformat(text.replace(",", ".")))
    if _RFC822.fullmatch(text):
        return _utc(parsedate_to_datetime(text))
    if is_ambiguous(text) and day_first is None:
        return None
    return _words(text, bool(day_first))


def _words(text: str, day_first: bool) -> datetime | None:
    text = _FIRST_OF_MONTH.sub("1", _EAST_ASIAN.sub(r"\1-\2-\3 ", text))
    text = _DOTTED.sub(r"\1/\2/\3 ", text) if (dotted := _DOTTED.search(text)) else text
    day_first = (day_first or bool(dotted)) and not _YEAR_FIRST.match(text)
    one, other = (
        parser.parse(text, parserinfo=_WORDS, dayfirst=day_first, default=default, tzinfos=_zone)
        for default in _DEFAULTS
    )
    if one.date() != other.date():
        return None
    return _utc(one)


def _zone(name: str | None, offset: int | None) -> timezone:
    """Decides zones without the machine's own zone."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    return timezone(timedelta(hours=_ZONES.get((name or "").upper(), 0)))


def _utc(when: datetime) -> datetime:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
