"""What several folders of tests share."""

from pathlib import Path

import pytest
from tests.project import NOON, Project, card

from feeds.model import Report


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project of two articles; not built yet."""
    return Project.with_listing(tmp_path, card("First") + card("Second", tags="storage search"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Report]:
    """The two documents of the repository, built once for all tests that only look at the result."""
    project = Project.of_repository(tmp_path_factory.mktemp("built"))
    return project, project.build(NOON)
