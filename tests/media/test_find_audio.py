from pathlib import Path

import pytest

from feeds import media
from feeds.errors import MediaError
from feeds.model import Episode

EPISODE = Episode(title="AC/DC: ../live", show="rock", number=7, season=2)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "root"
    for name in ("media/7.mp3", "media/007.mp3", "s2/live.m4a", "AC-DC: ..-live.mp3"):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).touch()
    (tmp_path / "secret.mp3").touch()
    return inside


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("media/{number}.mp3", "media/7.mp3"),
        ("media/{number:03}.mp3", "media/007.mp3"),
        ("s{season}/{slug}.m4a", "s2/live.m4a"),
        ("{title}.mp3", "AC-DC: ..-live.mp3"),
        ("media/{number}.ogg", None),
        ("media", None),
    ],
)
def test_a_pattern_leads_to_the_file_of_the_episode(pattern: str, found: str | None, root: Path) -> None:
    assert media.find_audio(pattern, EPISODE, root, slug="live") == (root / found if found else None)


def test_an_episode_that_lacks_what_the_pattern_names_has_no_file(root: Path) -> None:
    assert media.find_audio("media/{number}.mp3", Episode(title="Bonus", show="rock"), root) is None


@pytest.mark.parametrize("pattern", ["../secret.mp3", "/etc/passwd", "media/../../secret.mp3"])
def test_a_pattern_that_leaves_the_root_is_refused(pattern: str, root: Path) -> None:
    with pytest.raises(MediaError, match="outside"):
        media.find_audio(pattern, EPISODE, root)


def test_a_title_cannot_lead_out_of_the_root(root: Path) -> None:
    sly = Episode(title="..", show="rock")
    with pytest.raises(MediaError, match="outside"):
        media.find_audio("{title}/secret.mp3", sly, root)


@pytest.mark.parametrize(
    "pattern", ["{numbr}.mp3", "{number.real}.mp3", "{0}.mp3", "{number", "{title:03d}.mp3"]
)
def test_a_pattern_that_cannot_be_filled_says_what_it_may_name(pattern: str, root: Path) -> None:
    with pytest.raises(MediaError, match=r"may name \{number\}, \{season\}, \{title\}, \{slug\}"):
        media.find_audio(pattern, EPISODE, root)


def test_a_title_too_long_for_the_name_of_a_file_has_no_file(root: Path) -> None:
    assert media.find_audio("{title}.mp3", Episode(title="ä" * 200, show="rock"), root) is None
