"""The table of rules as the page `docs/rules.md`."""

from collections import Counter
from itertools import groupby

from feeds.verify.report import cell
from feeds.verify.rules import PROFILES, RULES, Rule


def rules_page() -> str:
    """Print the table of rules as the page `docs/rules.md`."""
    lines = [_PAGE_HEAD, "| profile | what it holds feeds to | rules |", "| --- | --- | ---: |"]
    counts = Counter(profile for rule in RULES.values() for profile in rule.profiles)
    lines += [f"| `{name}` | {what} | {counts[name]} |" for name, what in PROFILES.items()]
    for family, members in groupby(RULES.values(), lambda rule: rule.id.partition("-")[0]):
        lines += ["", f"## {_FAMILIES[family]} ({family})", "", *_PAGE_TABLE]
        lines += [_row(rule) for rule in members]
    return "\n".join([*lines, ""])


_PAGE_HEAD = """# The rules of `feeds verify`

<!-- Written from the table of rules (`feeds.verify.rules.page`); a test keeps it current. -->

Each rule has a level in what this tool publishes, and a level in feeds of others, which may lawfully
leave out what this tool promises (`off`: not asked). A profile that is asked for by name applies in full
rigour to any feed.
"""
_PAGE_TABLE = (
    "| rule | level | elsewhere | what holds | how to fix it | source |",
    "| --- | --- | --- | --- | --- | --- |",
)
_FAMILIES = {
    "XML": "Every XML file",
    "RSS": "RSS 2.0",
    "ATM": "Atom 1.0 and feed paging",
    "JSF": "JSON Feed 1.1",
    "POD": "Podcasts: the show",
    "EPI": "Podcasts: the episode",
    "CHP": "Chapters",
    "MP4": "Chapters in M4A",
    "VTT": "Chapters in WebVTT",
    "ID3": "Chapters in MP3",
    "WSB": "WebSub",
    "HTP": "How files are served",
    "SIT": "Pages and lists of the site",
    "LED": "What stays from build to build",
}


def _row(rule: Rule) -> str:
    cells = (rule.id, rule.level, rule.elsewhere, cell(rule.says), cell(rule.fix), cell(rule.source))
    return f"| {' | '.join(cells)} |"
