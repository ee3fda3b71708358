"""Every rule there is. One table; `feeds rules`, `docs/rules.md` and the reports are made from it."""

from feeds.verify.rules import (  # noqa: F401 - importing a module enters its rules
    atom,
    files,
    jsonfeed,
    rss,
)
from feeds.verify.rules.table import PROFILES, RULES, Rule

__all__ = ["PROFILES", "RULES", "Rule"]
