"""Every rule there is. One table; `feeds rules`, `docs/rules.md` and the reports are made from it."""

# Importing a module enters its rules, in this order.
# isort: off
from feeds.verify.rules import files, rss, atom, jsonfeed, podcast, episodes  # noqa: F401
from feeds.verify.rules import chapters, tags, serving, history  # noqa: F401
from feeds.verify.rules.table import PROFILES, RULES, Rule

__all__ = ["PROFILES", "RULES", "Rule"]
