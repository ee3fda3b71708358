import hashlib
import io
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from feeds import media
from feeds.media import artwork, fonts

TITLES = (
    "GOTO",
    "Distributed Systems Weekly",
    "The Very Long and Winding Podcast About Engineering, Storage and Everything Else in Between",
    "Donaudampfschifffahrtsgesellschaft",
    "x" * 300,
    "word " * 200,
)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def text_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Where the letters are: whatever is nearly white."""
    white = image.convert("L").point(lambda value: 255 if value > 240 else 0)
    box = white.getbbox()
    assert box
    return box


def luminance(color: tuple[int, ...]) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("title", TITLES)
def test_a_cover_is_what_directories_take_and_its_title_stays_within_the_margins(title: str) -> None:
    data = media.cover(title, size=1400)
    assert media.check_artwork(data, "cover.png") == ()
    image = opened(data)
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (1400, 1400))
    left, top, right, bottom = text_box(image)
    assert min(left, top) > 0.06 * 1400
    assert right < 0.94 * 1400
    assert bottom < 0.70 * 1400


def test_a_cover_is_as_large_as_directories_take_and_small_to_load() -> None:
    data = media.cover(TITLES[2])
    assert opened(data).size == (3000, 3000)
    assert media.check_artwork(data, "cover.png") == ()
    assert len(data) < 300_000


def test_a_short_title_is_readable_at_100_pixels() -> None:
    small = opened(media.cover("GOTO", size=1400)).resize((100, 100), Image.Resampling.LANCZOS)
    _, top, _, bottom = text_box(small)
    assert bottom - top >= 14


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=100)
def test_white_on_every_ground_and_shape_has_the_best_contrast_class(seed: str) -> None:
    for color in artwork._look(seed)[:2]:
        assert 1.05 / (luminance(color) + 0.05) >= 7


def test_the_same_title_gives_the_same_bytes_and_another_one_others() -> None:
    assert media.cover("A Show", size=1400) == media.cover("A Show", size=1400)
    assert media.cover("A Show", size=1400) != media.cover("B Show", size=1400)
    assert media.card("A Title", "A Show") == media.card("A Title", "A Show")
    assert media.card("A Title", "A Show") != media.card("B Title", "A Show")


def test_colour_and_bars_stay_when_the_title_changes_but_the_seed_does_not() -> None:
    one, other = (opened(media.cover(title, size=1400, seed="show")) for title in ("Old name", "New name"))
    assert one.getpixel((2, 2)) == other.getpixel((2, 2))
    assert one.crop((0, 1000, 1400, 1400)).tobytes() == other.crop((0, 1000, 1400, 1400)).tobytes()


# Of the pixels, by font; the bytes of a PNG depend on the version of the compressor too.
HASHES = {
    "Aileron": "6b4780f2ff174b7220e7cc83b5c31b7aba492b0c2ddcdcc9d5a45574fa1d3b57",
    "Inter": "10cf919ac76652f76691f9d85d7dadcf62caeb2586765049e8e85b0f63d4cf75",
}


def test_a_cover_is_the_same_on_every_machine() -> None:
    family = str(fonts.choose("Distributed Systems").face.at(10).getname()[0])
    pixels = opened(media.cover("Distributed Systems", size=1400)).tobytes()
    assert hashlib.sha256(pixels).hexdigest() == HASHES[family]


def test_a_card_has_the_size_that_social_sites_ask_for() -> None:
    image = opened(media.card("Raft, Paxos and the Art of Agreeing", "The Show"))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (1200, 630))


def test_a_card_can_do_without_a_subtitle_and_with_a_very_long_title() -> None:
    assert opened(media.card("x " * 400)).size == (1200, 630)


def test_a_thumbnail_is_a_small_jpeg_whatever_it_is_made_of() -> None:
    for mode in ("RGB", "CMYK", "L", "P", "RGBA"):
        file = io.BytesIO()
        Image.new(mode, (2000, 2000)).save(file, "TIFF")
        image = opened(media.thumbnail(file.getvalue()))
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (600, 600))


@pytest.fixture
def bare_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any font but those that packages bring."""
    monkeypatch.setattr(fonts, "_system", list)
    fonts.choose.cache_clear()
    yield
    fonts.choose.cache_clear()


@pytest.mark.usefixtures("bare_system")
class TestWithoutFontsOfTheSystem:
    def test_plain_english_is_drawn(self) -> None:
        assert media.undrawable("Plain English: 100% “yes”!") == ""

    def test_what_no_font_has_is_named_and_left_out(self) -> None:
        assert media.undrawable("Tea 🍵 time 𒀀") == "𒀀🍵"
        assert media.card("Tea 🍵 time 𒀀", seed="s") == media.card("Tea time", seed="s")

    def test_a_title_that_cannot_be_drawn_at_all_leaves_a_cover_without_letters(self) -> None:
        extrema = opened(media.cover("𒀀", size=1400)).convert("L").getextrema()
        assert extrema[1] < 240  # type: ignore[operator]

    def test_joined_scripts_are_not_drawn_letter_by_letter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(features, "check", lambda _: False)
        assert media.undrawable("Go: دوب") == "بدو"
        assert fonts.choose("Go: دوب").text == "Go:"


@pytest.mark.parametrize("title", ["Языки программирования", "Größe und Maß", "Λόγος", "بودكاست البرمجة"])
def test_other_scripts_are_drawn_if_any_font_has_them_and_named_if_not(title: str) -> None:
    missing = media.undrawable(title)
    if missing:
        assert all(unicodedata.category(char)[0] in "LM" for char in missing)
    else:
        assert text_box(opened(media.cover(title, size=1400)))


@given(st.text(max_size=200))
@settings(max_examples=20, deadline=None)
def test_any_title_can_be_set(title: str) -> None:
    choice = fonts.choose(title)
    assert set(choice.text) <= set(title) | {" "}
    assert opened(media.card(title)).size == (1200, 630)
