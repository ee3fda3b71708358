from collections.abc import Iterator

import pytest
from distributed import LocalCluster
from tests.workers.eager import at_once


def local_cluster(workers: int) -> LocalCluster:
    """A Dask cluster of processes on this machine."""
    return LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=2, host="127.0.0.1", dashboard_address=":0", silence_logs=50
    )


def address_of(cluster: LocalCluster) -> str:
    """As the configuration names it."""
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """A Dask cluster of two workers."""
    with local_cluster(2) as cluster:
        yield cluster


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of this machine do all work, at least two of them."""
    at_once(monkeypatch.setattr)
    monkeypatch.setattr("feeds.workers._cores", lambda: 2)


@pytest.fixture(params=["serial", "processes", "dask"])
def workers(request: pytest.FixtureRequest) -> str:
    """Each kind of workers, as the configuration names them."""
    if request.param == "dask":
        return address_of(request.getfixturevalue("cluster"))
    if request.param == "processes":
        request.getfixturevalue("processes")
    return str(request.param)
