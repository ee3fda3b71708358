import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.pages.sample import write
from tests.serve.built import BASE_URL, build
from tests.serve.server import Server, serving

CHROMIUM = shutil.which("chromium")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample site as files."""
    return write(tmp_path_factory.mktemp("site")).root


@pytest.fixture(scope="session")
def server(root: Path) -> Iterator[Server]:
    with serving(root) as server:
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository as files."""
    return build(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def built_server(built: Path) -> Iterator[Server]:
    with serving(built, base_url=BASE_URL) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("needs chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open a page. At the end, no page may have complained, or asked another host for anything."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    asked: list[str] = []

    def open_page(
        path: str,
        *,
        width: int = 1280,
        url: str = server.url,
        prepare: Callable[[Page], object] = id,
        **options: Any,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        prepare(page)
        response = page.goto(url + path)
        assert response
        assert response.ok
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith("http://127.0.0.1:")] == []
