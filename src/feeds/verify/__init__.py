"""Proof that feeds and links work: rules over bytes, links over HTTP, reports of both.

    files → recognised → read as a stream of parts → every rule that concerns them → findings → a report

`checking.check` is the whole of the first half; `rules.RULES` is the table it asks; `report.PRINTERS` makes
text, JSON, JUnit, SARIF, Markdown or workflow commands of the findings; `links.check` asks the addresses.
Whoever needs but one of them imports its module, as the rules and HTTP both take their time to load.
"""
