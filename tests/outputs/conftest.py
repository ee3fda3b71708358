"""The repository's own documents, published at an address that apps would accept."""

from typing import Any

import pytest
from tests.project import NOON, Project

from .sample import parse

ADDRESS = "https://example.org/feeds/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A build of the repository's config/; look, do not touch."""
    project = Project.of_repository(tmp_path_factory.mktemp("site"))
    project.build(NOON, base_url=ADDRESS)
    return project


@pytest.fixture(scope="session")
def podcast_feed(site: Project) -> Any:
    """The channel of its podcast feed."""
    return parse((site.output / "shows/meta-tech-podcast/podcast.xml").read_bytes())[0]
