"""QR codes of addresses, for pages and for terminals. The same address always gives the same code."""

import io
from functools import lru_cache

import segno


@lru_cache(maxsize=64)
def svg(address: str) -> str:
    """Draw a code as SVG that is sized and coloured by the style sheet.

    >>> svg("https://example.org/")[:36]
    '<svg viewBox="0 0 29 29" class="qr">'
    """
    return _code(address).svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True)


def terminal(address: str) -> str:
    """Draw a code in lines of characters."""
    lines = io.StringIO()
    _code(address).terminal(lines, compact=True)
    return lines.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make(address, micro=False)
