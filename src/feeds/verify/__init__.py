"""Proof that feeds and links work: rules over bytes, links over HTTP, reports of both.

    files → recognised → read as a stream of parts → every rule that concerns them → findings → a report

`check` is the whole of the first half; `RULES` is the table it asks; `report.PRINTERS` makes text, JSON,
JUnit, SARIF, Markdown or workflow commands of the findings.
"""

from feeds.verify.checking import check
from feeds.verify.documents import Context, Memory, Served, Subject, folder
from feeds.verify.report import PRINTERS, Report
from feeds.verify.rules import PROFILES, RULES, Rule

__all__ = [
    "PRINTERS",
    "PROFILES",
    "RULES",
    "Context",
    "Memory",
    "Report",
    "Rule",
    "Served",
    "Subject",
    "check",
    "folder",
]
