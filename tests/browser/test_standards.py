"""What checkers made by others say of the pages: axe-core and the Nu HTML checker."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Visit
from tests.browser.test_pages_in_a_browser import EPISODE, KINDS
from tests.serve.server import Server

pytestmark = pytest.mark.slow

MODULES = Path(__file__).parent / "node_modules"
AXE = MODULES / "axe-core/axe.min.js"
NU = str(MODULES / "vnu-jar/build/dist/vnu.jar")
ODD = ["shows/short-waves/", "shows/back-room/17-an/", "publishers/harbour/"]
# What the checker says that is not so. It reads files, which no host serves, so it takes the policy to forbid
# them; it takes JSON-LD for a script, which no browser does (`visit` would see the complaint). And it wants a
# slash after `feed:`, where the address of the feed stands.
NOT_SO = ".*violates Content Security Policy.*|Bad value .feed:https://.*"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize(
    "path", [*KINDS, "shows/short-waves/", "shows/back-room/17-an/", "publishers/harbour/"]
)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (1280, "dark")])
def test_axe_finds_no_barrier(visit: Visit, path: str, width: int, scheme: str) -> None:
    page = visit(path, width=width, color_scheme=scheme)
    if path == EPISODE:
        page.locator("[data-start]").nth(1).click()
        page.locator("[aria-current=true]").wait_for()
    look_for_barriers(page)


@pytest.mark.parametrize("kind", ["", "all/", "topics/*/", "shows/*/", "shows/*/*/", "articles/*/"])
def test_axe_finds_no_barrier_in_our_own_site(
    visit: Visit, built: Path, built_server: Server, kind: str
) -> None:
    page = min(built.glob(f"{kind}index.html"))
    path = page.parent.relative_to(built).as_posix()
    look_for_barriers(visit("" if path == "." else f"{path}/", url=built_server.url))


def look_for_barriers(page: Page) -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests/browser")
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    assert len(found["passes"]) > 15
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []


@pytest.mark.parametrize("site", ["root", "built"])
def test_the_nu_checker_finds_no_error(request: pytest.FixtureRequest, site: str) -> None:
    root: Path = request.getfixturevalue(site)
    if not (shutil.which("java") and Path(NU).exists()):
        pytest.skip("needs java and vnu-jar: npm ci --prefix tests/browser")
    pages = [str(path) for ending in ("html", "svg", "css") for path in sorted(root.rglob(f"*.{ending}"))]
    assert len(pages) > 20
    command = ["java", "-jar", NU, "--also-check-svg", "--also-check-css", "--format", "json"]
    command += ["--filterpattern", NOT_SO, *pages]
    checked = subprocess.run(command, capture_output=True, check=False)
    messages = json.loads(checked.stderr)["messages"]
    assert [f"{message['url']}:{message.get('lastLine')}: {message['message']}" for message in messages] == []
