"""Did you mean?"""

import difflib


def suggestion(found: str, possible: list[str]) -> str:
    """Name what was probably meant, or all that is possible, as the end of a message."""
    if near := difflib.get_close_matches(found, possible, n=1):
        return f"; did you mean {near[0]!r}?"
    return f"; expected one of {', '.join(possible)}" if 0 < len(possible) < 30 else ""
