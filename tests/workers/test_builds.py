"""Whoever renders a site's feeds, they are the same bytes."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from distributed import Client, LocalCluster
from tests.project import CONFIG, NOON, Project, card
from tests.workers.conftest import address_of

from feeds.errors import FeedsError
from feeds.model import Record
from feeds.targets import Staged


def project(root: Path, workers: str, topics: int = 5) -> Project:
    cards = "".join(
        card(f"Title {number}", tags=f"storage topic-{number % topics}") for number in range(2 * topics)
    )
    config = CONFIG.replace("\n[[", "limit = 4\n\n[[", 1)
    return Project.with_listing(root, cards, f'{config}\n[build]\nworkers = "{workers}"\n')


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """What one process makes."""
    ours = project(tmp_path_factory.mktemp("serial"), "serial")
    ours.build(NOON)
    assert (ours.output / "all/archive/2").exists()
    return ours.tree()


def test_the_bytes_are_the_same_whoever_renders(
    tmp_path: Path, workers: str, expected: Mapping[str, bytes]
) -> None:
    ours = project(tmp_path, workers)
    report = ours.build(NOON)
    assert ours.tree() == expected
    assert report.written == len(expected)


@pytest.mark.slow
def test_other_workers_are_no_reason_to_make_anything_again(tmp_path: Path, workers: str) -> None:
    ours = project(tmp_path, "serial")
    ours.build(NOON)
    project(tmp_path, workers)
    assert ours.build(NOON).written == 0


@pytest.mark.usefixtures("processes")
def test_a_process_that_is_killed_stops_the_build_and_the_next_one_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = project(tmp_path / "one", "serial", topics=30)
    one.build(NOON)
    many = project(tmp_path / "many", "processes", topics=30)
    publish = Staged.publish

    def publish_and_kill(staged: Staged) -> Record:
        for process in multiprocessing.active_children():
            if process.name == "feeds":
                process.kill()
        return publish(staged)

    monkeypatch.setattr(Staged, "publish", publish_and_kill)
    with pytest.raises(FeedsError, match="a worker was killed"):
        many.build(NOON)
    monkeypatch.setattr(Staged, "publish", publish)
    assert not [*many.output.rglob(".feeds-unfinished*")]
    assert len(many.tree()) < len(one.tree())
    many.build(NOON)
    assert many.tree() == one.tree()


@pytest.mark.slow
def test_a_build_completes_though_a_worker_of_the_cluster_is_killed_in_the_middle(
    tmp_path: Path, cluster: LocalCluster
) -> None:
    one = project(tmp_path / "one", "serial", topics=80)
    one.build(NOON)
    many = project(tmp_path / "many", address_of(cluster), topics=80)
    with Client(cluster.scheduler_address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        victim = next(iter(client.run(os.getpid).values()))
    left: list[int] = []

    def kill() -> None:
        while not (many.output / "topics").exists():
            time.sleep(0.005)
        os.kill(victim, signal.SIGKILL)
        left.append(80 - len(list((many.output / "topics").iterdir())))

    killer = threading.Thread(target=kill)
    killer.start()
    many.build(NOON)
    killer.join()
    assert left[0] > 10, "there was work left when the worker was killed"
    assert many.tree() == one.tree()


def test_a_theme_that_a_worker_does_not_have_is_a_clear_error(
    tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of the theme is named as the configuration is: here, from where only we are."""
    ours = project(tmp_path, address_of(cluster))
    ours.write("config/theme/style.css", "body { color: black }")
    monkeypatch.chdir(tmp_path)
    from feeds.build import build
    from feeds.config import load

    with pytest.raises(FeedsError, match="another version of feeds or of the theme"):
        build(load(Path("config/feeds.toml")), output=ours.output, state=ours.state, now=NOON)
