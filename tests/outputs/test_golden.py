"""What the repository's own documents become, byte for byte.

After a change that is meant, renew the files with `python -m pytest tests/outputs --update-golden`, and read
what `git diff` shows line by line before it is committed.
"""

import re
from pathlib import Path

import pytest
from tests.project import Project

GOLDEN = Path(__file__).parent / "golden"

EPISODE = "shows/meta-tech-podcast/59-meta-python-3-12"
FILES = {
    "topic.rss.xml": "topics/ml-systems/rss.xml",
    "topic.atom.xml": "topics/ml-systems/atom.xml",
    "topic.feed.json": "topics/ml-systems/feed.json",
    "podcast.xml": "shows/meta-tech-podcast/podcast.xml",
    "podcast.feed.json": "shows/meta-tech-podcast/feed.json",
    "chapters.json": f"{EPISODE}/chapters.json",
    "chapters.vtt": f"{EPISODE}/chapters.vtt",
    "feeds.opml": "feeds.opml",
}

# The cover inside the audio is drawn with the fonts at hand, so its size is not everywhere the same.
_SIZE = re.compile(rb'(?<=length=")\d+(?=")|(?<="size_in_bytes": )\d+')


@pytest.mark.parametrize("name", FILES)
def test_a_document_is_as_it_was_when_it_was_last_read(
    name: str, site: Project, request: pytest.FixtureRequest
) -> None:
    published = _SIZE.sub(b"0", (site.output / FILES[name]).read_bytes())
    if request.config.getoption("--update-golden", default=False):
        (GOLDEN / name).write_bytes(published)
    assert published.decode() == (GOLDEN / name).read_text(encoding="utf-8")


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(FILES)
