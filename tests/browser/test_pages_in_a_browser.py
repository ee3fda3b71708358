"""The pages as people use them: in Chromium, by pointer, by keyboard, and without scripts."""

import shutil
import subprocess
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Page, Response, Route, expect
from tests.browser.conftest import Visit
from tests.pages.sample import SITE
from tests.serve.test_run import running

pytestmark = pytest.mark.slow

EPISODE = "shows/back-room/20-forgetting/"
KINDS = ["", "all/page-1.html", "topics/caching/", "shows/back-room/", EPISODE, "articles/house-rules/"]


def seconds(page: Page) -> float:
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def paused(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('audio').paused"))


def wait_for_seconds(page: Page, low: float, high: float) -> None:
    page.wait_for_function(
        """([low, high]) => {
            const now = document.querySelector("audio").currentTime;
            return low <= now && now < high;
        }""",
        arg=[low, high],
    )


def current_chapter(page: Page) -> str:
    return page.locator(".chapters [aria-current]").inner_text().replace("\n", " ")


def test_the_box_on_the_front_page_filters_as_one_types(visit: Visit) -> None:
    page = visit("")
    cards = page.locator(".card:visible")
    all_cards = cards.count()
    page.get_by_role("searchbox", name="Filter the feeds").press_sequentially("SEAR box")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("Search")
    expect(page.locator(".filter [role=status]")).to_have_text("1 feed")
    expect(page.locator("#shows")).to_be_hidden()
    page.get_by_role("searchbox").fill("nothing like it")
    expect(cards).to_have_count(0)
    page.get_by_role("searchbox").fill("")
    expect(cards).to_have_count(all_cards)


def test_the_address_of_a_feed_is_copied_with_one_click(visit: Visit) -> None:
    page = visit("topics/caching/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{SITE.base_url}topics/caching/rss.xml"


def test_the_address_is_selected_where_it_cannot_be_copied(visit: Visit) -> None:
    page = visit("topics/caching/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".said")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()") == f"{SITE.base_url}topics/caching/rss.xml"


def test_a_reader_app_is_one_click_away(visit: Visit) -> None:
    page = visit("topics/caching/")
    link = page.get_by_role("link", name="Open in a feed reader")
    expect(link).to_have_attribute("href", f"feed:{SITE.base_url}topics/caching/rss.xml")


def test_a_phone_reads_the_address_of_a_show_from_its_code(visit: Visit, tmp_path: Path) -> None:
    if not shutil.which("zbarimg"):
        pytest.skip("needs zbarimg")
    for scheme in ("light", "dark"):
        page = visit("shows/back-room/", color_scheme=scheme, device_scale_factor=2)
        page.get_by_role("img", name="QR code").screenshot(path=tmp_path / "code.png")
        read = subprocess.run(
            ["zbarimg", "--quiet", "--raw", tmp_path / "code.png"], capture_output=True, check=True
        )
        assert read.stdout.decode().strip() == f"{SITE.base_url}shows/back-room/podcast.xml"


def test_a_click_on_a_chapter_plays_it_and_marks_it(visit: Visit) -> None:
    page = visit(EPISODE)
    page.get_by_role("link", name="1:02 The outage that started it").click()
    wait_for_seconds(page, 62, 70)
    assert not paused(page)
    assert page.url.endswith("#t=62")
    assert current_chapter(page) == "1:02 The outage that started it"
    assert page.locator("[aria-current=true]").count() == 1


def test_the_current_chapter_follows_the_audio(visit: Visit) -> None:
    page = visit(EPISODE)
    for second, chapter in ((0.5, "Welcome"), (111, "Asking the writer"), (25, "What a cache promises")):
        page.evaluate("second => { document.querySelector('audio').currentTime = second }", second)
        expect(page.locator(".chapters [aria-current]")).to_contain_text(chapter)
        assert page.locator(".chapters [aria-current]").count() == 1


@pytest.mark.parametrize("fragment", ["#t=62", "#t=1:02", "#t=62.4", "#t=0:01:02"])
def test_a_link_to_a_moment_opens_the_episode_there(visit: Visit, fragment: str) -> None:
    page = visit(EPISODE + fragment)
    wait_for_seconds(page, 62, 63)
    assert paused(page)
    assert current_chapter(page) == "1:02 The outage that started it"


def test_a_link_to_a_moment_works_on_the_page_that_is_open(visit: Visit) -> None:
    page = visit(EPISODE)
    page.evaluate("location.hash = '#t=171'")
    wait_for_seconds(page, 171, 172)
    page.evaluate("location.hash = '#chapters'")
    wait_for_seconds(page, 171, 172)


def test_the_chapters_track_is_loaded_by_the_player(visit: Visit) -> None:
    page = visit(EPISODE)
    page.wait_for_function("document.querySelector('track').readyState === 2")
    cues = page.evaluate("[...document.querySelector('audio').textTracks[0].cues].map(cue => cue.text)")
    assert cues[2] == "The outage that started it"
    assert len(cues) == page.locator(".chapters li").count()


def test_keys_move_through_the_episode(visit: Visit) -> None:
    page = visit(EPISODE)
    page.get_by_role("link", name="0:20 What a cache promises").focus()
    page.keyboard.press("Enter")
    wait_for_seconds(page, 20, 30)
    for key, second in (("n", 62), ("n", 110.5), ("p", 62), ("l", 92), ("p", 62), ("j", 47)):
        page.keyboard.press(key)
        wait_for_seconds(page, second, second + 4)
    page.keyboard.press("k")
    assert paused(page)
    page.keyboard.press("K")
    page.wait_for_function("!document.querySelector('audio').paused")


def test_keys_pressed_elsewhere_do_nothing(visit: Visit) -> None:
    page = visit(EPISODE)
    page.get_by_role("link", name="Field Notes").focus()
    for key in "nlk":
        page.keyboard.press(key)
    page.get_by_role("link", name="0:20 What a cache promises").focus()
    page.keyboard.press("Control+l")
    assert (seconds(page), paused(page)) == (0, True)


def test_the_first_key_leads_past_the_navigation(visit: Visit) -> None:
    page = visit("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", KINDS)
def test_everything_that_can_be_focused_shows_it(visit: Visit, path: str) -> None:
    page = visit(path)
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """(() => {
                const focused = document.activeElement;
                return [focused.outerHTML, getComputedStyle(focused).outlineStyle];
            })()"""
        )
        if name.startswith("<body"):  # It went all around.
            break
        seen.add(name)
        # The audio element marks the one of its controls that has the focus, by itself.
        assert outline != "none" or name.startswith("<audio"), name
    assert len(seen) > 5


def test_colours_follow_the_system(visit: Visit) -> None:
    light, dark = (
        visit("", color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )
    assert light == "rgb(252, 251, 248)"
    assert dark == "rgb(22, 21, 19)"


def test_nothing_moves_for_those_who_asked_for_that(visit: Visit) -> None:
    moving = """[...document.querySelectorAll("*")].filter(element => {
        const style = getComputedStyle(element);
        return style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert visit("").evaluate(moving) > 0
    assert visit("", reduced_motion="reduce").evaluate(moving) == 0


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(visit: Visit, path: str, width: int) -> None:
    page = visit(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_word_of_300_letters_stays_on_the_page_wherever_it_stands(
    visit: Visit, path: str, width: int
) -> None:
    page = visit(path, width=width)
    page.evaluate(
        """word => document.querySelectorAll("main :is(h1, h3, p, li, dd, td, a, span:not(.time))")
            .forEach(element => element.append(word))""",
        "w" * 300,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_shifts_while_pictures_arrive(visit: Visit, path: str, width: int) -> None:
    def hold_pictures_back(page: Page) -> None:
        def hold_back(route: Route) -> None:
            sleep(0.3)
            route.continue_()

        page.route("**/*.png", hold_back)

    page = visit(path, width=width, prepare=hold_pictures_back)
    page.wait_for_load_state("networkidle")
    shift = page.evaluate(
        """new Promise(resolve => {
            let sum = 0;
            new PerformanceObserver(list => {
                for (const entry of list.getEntries()) sum += entry.value;
            }).observe({type: "layout-shift", buffered: true});
            setTimeout(() => resolve(sum), 200);
        })"""
    )
    assert shift < 0.01


def test_the_front_page_costs_less_than_100_kb_without_covers(visit: Visit) -> None:
    answers: list[Response] = []

    def listen(page: Page) -> None:
        page.on("response", lambda answer: answers.extend([answer]))

    page = visit("", prepare=listen)
    page.wait_for_load_state("networkidle")
    sizes = {answer.url: len(answer.body()) for answer in answers if not answer.url.endswith("cover.png")}
    assert len(sizes) == 4
    assert sum(sizes.values()) < 100_000


@pytest.mark.parametrize("path", KINDS)
def test_every_page_says_all_it_has_to_say_without_scripts(visit: Visit, path: str) -> None:
    with_scripts = visit(path).locator("main").inner_text()
    page = visit(path, java_script_enabled=False)
    words = page.locator("main").inner_text()
    for needless in ("Filter the feeds", "Copy", "Keys"):
        assert needless not in words.split("\n")
    missing = set(with_scripts.split("\n")) - set(words.split("\n")) - {"Filter the feeds", "Copy", "Keys"}
    assert missing == set()


def test_a_chapter_opens_the_audio_at_its_start_without_scripts(visit: Visit) -> None:
    page = visit(EPISODE, java_script_enabled=False)
    link = page.get_by_role("link", name="1:02 The outage that started it")
    expect(link).to_have_attribute("href", "../../../media/back-room/20.wav#t=62")


def test_an_open_page_loads_again_after_a_build_under_its_own_policy(
    visit: Visit, root: Path, tmp_path: Path
) -> None:
    output, source = tmp_path / "output", tmp_path / "config"
    shutil.copytree(root, output)
    (source / ".feeds").mkdir(parents=True)
    before = (output / "index.html").read_text()
    with running(output, source) as (_, port):
        page = visit("", url=f"http://127.0.0.1:{port}/")
        expect(page.locator("h1")).to_have_text("Field Notes")
        (source / "words.txt").write_text(before.replace("<h1>Field Notes", "<h1>New Notes"))
        expect(page.locator("h1")).to_have_text("New Notes")
        page.close()
