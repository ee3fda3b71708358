"""Pictures of the site for the README: `python -m tests.browser.screenshots [OUTPUT]`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import CHROMIUM, QUIET
from tests.serve.server import serving

_FOLDER = Path(__file__).parents[2] / "docs/images"
_COLOURS = 128
_EPISODE = "shows/*/[0-9]*/index.html"


@dataclass(frozen=True, kw_only=True)
class _Shot:
    name: str
    page: str
    """Pattern of a page below the output root; the first that fits is shown."""
    width: int
    height: int
    scheme: Literal["light", "dark"]
    chapter: int | None = None
    """Counted from 1: a chapter to click first."""


_SHOTS = (
    _Shot(name="front", page="index.html", width=1280, height=1300, scheme="light"),
    _Shot(name="topic", page="topics/security/index.html", width=1280, height=900, scheme="dark"),
    _Shot(name="show", page="shows/*/index.html", width=1280, height=900, scheme="light"),
    _Shot(name="episode", page=_EPISODE, width=1280, height=900, scheme="dark", chapter=3),
    _Shot(name="front-narrow", page="index.html", width=390, height=1080, scheme="dark"),
    _Shot(name="episode-narrow", page=_EPISODE, width=390, height=1080, scheme="light", chapter=3),
)


def main(output: Path) -> None:
    """Take the pictures of a built site, anew."""
    with serving(output) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for shot in _SHOTS:
            page = max(output.glob(shot.page)).parent.relative_to(output).as_posix()
            _take(browser, server.url + ("" if page == "." else f"{page}/"), shot)
        browser.close()


def _take(browser: Browser, url: str, shot: _Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        device_scale_factor=1.5,
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    if shot.chapter:
        page.locator("[data-start]").nth(shot.chapter - 1).click()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    path = _FOLDER / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    # A page has few colours: a palette makes the file a third of its size.
    Image.open(path).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("output"))
