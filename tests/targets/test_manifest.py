"""The list of published files is read as it was written, whole or one by one."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import manifest
from feeds.model import Record

PATHS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.lists(PATHS, unique=True))
def test_what_is_written_is_read_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str]
) -> None:
    file = tmp_path_factory.mktemp("output") / "manifest.json"
    records = [Record(path=path, type="text/html", size=1, hash="ab", changed=False) for path in paths]
    manifest.write(records, file)
    assert [*manifest.listed(file.read_bytes())] == records
    assert [*manifest.paths(file)] == paths


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 1, "files": {"a": {"type": "text/html"}}}'])
def test_what_is_not_a_manifest_is_refused(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        manifest.listed(text.encode())


def test_a_manifest_that_is_not_there_has_no_paths(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        next(manifest.paths(tmp_path / "manifest.json"))
