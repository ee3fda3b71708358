"""Pages that lead elsewhere, for hosts that cannot redirect."""

from collections.abc import Iterator, Mapping
from html import escape

from feeds.model import Document


def documents(redirects: Mapping[str, str]) -> Iterator[Document]:
    """Make a page for each path that leads to its address; a path without `.html` becomes a folder.

    >>> [page.path for page in documents({"old": "https://example.org/", "a.html": "https://example.org/a"})]
    ['old/index.html', 'a.html']
    """
    for path, url in redirects.items():
        name = path if path.endswith((".html", ".htm")) else f"{path.rstrip('/')}/index.html"
        yield Document(path=name, type="text/html", body=_page(url).encode())


def _page(url: str) -> str:
    address = escape(url)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>This page has moved</title>
<link rel="canonical" href="{address}">
<meta http-equiv="refresh" content="0; url={address}">
<meta name="viewport" content="width=device-width">
</head>
<body><p>This page has moved to <a href="{address}">{address}</a>.</p></body>
</html>
"""
