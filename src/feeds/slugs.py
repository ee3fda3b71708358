"""Names fit for files and addresses."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse

_LONGEST = 60
"""Characters of a slug. File systems allow more, people do not read more."""


@lru_cache(maxsize=4096)  # the few tags of many items come again and again
def slug(name: str) -> str:
    """Make a slug of a name: lower-case ASCII letters, digits and hyphens.

    The same name always gives the same slug. Where letters or signs had to be given up, a short digest of
    the name keeps names apart that would become one, and a path from leaving its folder.

    >>> slug("Machine Learning"), slug("Informática"), slug("C++"), slug("../x")
    ('machine-learning', 'informatica', 'c-cedb1b', 'x-d6b96a')
    """
    plain, kept = _reduced(name)
    return kept if kept == plain and 0 < len(kept) <= _LONGEST else _digested(name, kept)


def title_slug(title: str) -> str:
    """Make a slug of a title, where it does not matter that signs are given up.

    >>> title_slug("Meta ❤️ Python 3.12: what's new?"), title_slug("日本語")
    ('meta-python-3-12-whats-new', '77710a')
    """
    _, kept = _reduced(re.sub("['’]", "", title))
    if len(kept) > _LONGEST:
        kept = kept[: _LONGEST + 1].rpartition("-")[0] or kept[:_LONGEST]
    return kept or _digested(title, kept)


def _reduced(name: str) -> tuple[str, str]:
    """The name without case and accents, and what is left of that in ASCII."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    letters = unicodedata.normalize("NFKD", folded.replace("ø", "o").replace("ł", "l").replace("æ", "ae"))
    unaccented = "".join(filterfalse(unicodedata.combining, letters))
    plain = re.sub(r"[\s_-]+", "-", unaccented).strip("-")
    return plain, re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _digested(name: str, kept: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    digest = hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{kept[: _LONGEST - 7].rstrip('-')}-{digest}".lstrip("-")
