"""How a published file is delivered, by its MIME type (feed-requirements, section J)."""

import re

_TEXT = re.compile(r"text/|application/(.+\+)?(xml|json)|application/json\+|application/x-subrip|image/svg")
_PAGE = re.compile(r"text/(html|css|javascript)|image/svg")
_FEEDS = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
_HAS_CHARSET = re.compile(r"text/|application/(.+\+)?xml|application/x-subrip")


def is_text(type_: str) -> bool:
    """Tell whether it is worth compressing.

    >>> is_text("application/rss+xml"), is_text("audio/mpeg")
    (True, False)
    """
    return _TEXT.match(type_) is not None


def is_page(type_: str) -> bool:
    """Tell whether it is a page for people, or part of one, rather than something that apps read.

    >>> is_page("text/css"), is_page("application/rss+xml")
    (True, False)
    """
    return _PAGE.match(type_) is not None


def is_feed(type_: str) -> bool:
    """Tell whether it is a feed, which points at other files.

    >>> is_feed("application/feed+json"), is_feed("application/json")
    (True, False)
    """
    return type_ in _FEEDS


def content_type(type_: str) -> str:
    """Name the character set where the type allows one.

    >>> content_type("application/rss+xml"), content_type("application/feed+json"), content_type("image/png")
    ('application/rss+xml; charset=utf-8', 'application/feed+json', 'image/png')
    """
    return f"{type_}; charset=utf-8" if _HAS_CHARSET.match(type_) and ";" not in type_ else type_


def caching(type_: str) -> str:
    """How long it may be kept without asking: feeds for minutes, audio and pictures for a day.

    >>> caching("text/html"), caching("application/rss+xml"), caching("audio/mpeg")
    ('no-cache', 'public, max-age=300', 'public, max-age=86400')
    """
    if is_page(type_):
        return "no-cache"  # Which means: keep it, but check each time whether it has changed.
    return f"public, max-age={300 if is_text(type_) else 86400}"
