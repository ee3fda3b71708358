"""Proof that the addresses in feeds work.

    document → Target → Link → Inquiry ⇄ Answer → Verdict → Result → Finding

`targets_in` finds addresses in documents, `check.check` asks each once, `findings` says what there is to do.
Only who imports `check` has HTTP loaded.
"""

from feeds.verify.links.findings import findings
from feeds.verify.links.model import (
    HostSettings,
    Ignore,
    Memory,
    Progress,
    Record,
    Result,
    Role,
    Settings,
    Status,
    Target,
    Waiting,
)
from feeds.verify.links.targets import targets_in

__all__ = [
    "HostSettings",
    "Ignore",
    "Memory",
    "Progress",
    "Record",
    "Result",
    "Role",
    "Settings",
    "Status",
    "Target",
    "Waiting",
    "findings",
    "targets_in",
]
