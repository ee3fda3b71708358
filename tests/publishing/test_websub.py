"""Hubs are told of what changed, once it is served, until they take it."""

import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from feeds.ledger import Ledger
from feeds.websub import Told, Topic, answers, tell

from .hub import Hub, a_hub

BODY = b"<rss/>"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def hub(root: Path) -> Iterator[Hub]:
    with a_hub(root) as hub:
        yield hub


@pytest.fixture
def site(hub: Hub) -> str:
    return hub.url


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open(":memory:") as ledger:
        yield ledger


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.websub._TIMEOUT", 0.5)
    monkeypatch.setattr("feeds.websub._PAUSE", 0.02)


def put(root: Path, name: str, body: bytes = BODY) -> None:
    (root / name).write_bytes(body)


def topic(site: str, name: str, body: bytes = BODY) -> Topic:
    return Topic(url=f"{site}{name}", hash=sha256(body).hexdigest(), size=len(body))


def told(hub: Hub, ledger: Ledger, *topics: Topic, patience: float = 0) -> Told:
    return tell([hub.url], topics, ledger, patience=patience)


def test_a_notice_is_a_form_that_names_the_topic(hub: Hub, root: Path, site: str, ledger: Ledger) -> None:
    put(root, "rss.xml")
    assert told(hub, ledger, topic(site, "rss.xml")) == Told(notices=1, findings=())
    url = f"{site}rss.xml"
    assert hub.forms == [{"hub.mode": ["publish"], "hub.url": [url], "hub.topic": [url]}]
    assert hub.types == ["application/x-www-form-urlencoded"]


def test_a_feed_that_a_hub_was_told_of_is_told_again_only_when_it_changes(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "a.xml")
    put(root, "b.xml")
    told(hub, ledger, topic(site, "a.xml"), topic(site, "b.xml"))
    assert told(hub, ledger, topic(site, "a.xml"), topic(site, "b.xml")).notices == 0
    put(root, "b.xml", b"<new/>")
    hub.forms.clear()
    assert told(hub, ledger, topic(site, "a.xml"), topic(site, "b.xml", b"<new/>")).notices == 1
    assert hub.told == [f"{site}b.xml"]


def test_every_hub_is_told(hub: Hub, root: Path, site: str, ledger: Ledger) -> None:
    put(root, "a.xml")
    with a_hub(root) as other:
        done = tell([hub.url, other.url], [topic(site, "a.xml")], ledger, patience=0)
        assert (done.notices, hub.told, other.told) == (2, [f"{site}a.xml"], [f"{site}a.xml"])


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_answer_of_success_is_taken(status: int, hub: Hub, root: Path, site: str, ledger: Ledger) -> None:
    hub.status = status
    put(root, "a.xml")
    assert told(hub, ledger, topic(site, "a.xml")) == Told(notices=1, findings=())


@pytest.mark.parametrize("status", [302, 400, 429, 500, 503])
def test_what_a_hub_does_not_take_is_a_finding_and_told_the_next_time(
    status: int, hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "a.xml")
    hub.status = status
    done = told(hub, ledger, topic(site, "a.xml"))
    (finding,) = done.findings
    assert (done.notices, finding.level, finding.rule, finding.place.source) == (
        0,
        "error",
        "WSB-03",
        hub.url,
    )
    assert f"answers {status}" in finding.message
    hub.status = 204
    assert told(hub, ledger, topic(site, "a.xml")) == Told(notices=1, findings=())


@pytest.mark.parametrize(
    ("status", "said"),
    [(None, "does not answer: no answer within 0.5 s"), (429, "answers 429"), (503, "answers 503")],
)
def test_a_hub_that_hangs_or_can_take_no_more_is_left_alone_for_the_rest_of_the_call(
    status: int | None, said: str, hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    names = ["a.xml", "b.xml", "c.xml"]
    for name in names:
        put(root, name)
    hub.status = status
    done = told(hub, ledger, *(topic(site, name) for name in names))
    (finding,) = done.findings
    assert said in finding.message
    assert "3 feeds are sent again at the next" in finding.message
    assert len(hub.forms) == 1
    hub.status = 204
    assert told(hub, ledger, *(topic(site, name) for name in names)).notices == 3


def test_a_hub_that_is_not_there_does_not_keep_others_from_being_told(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "a.xml")
    done = tell(["http://127.0.0.1:9/", hub.url], [topic(site, "a.xml")], ledger, patience=0)
    assert done.notices == 1
    (finding,) = done.findings
    assert finding.place.source == "http://127.0.0.1:9/"


def test_a_topic_that_a_hub_refuses_does_not_keep_others_from_being_told(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    for name in ("a.xml", "b.xml"):
        put(root, name)
    hub.refused = {f"{site}a.xml"}
    done = told(hub, ledger, topic(site, "a.xml"), topic(site, "b.xml"))
    assert done.notices == 1
    assert "answers 404: unknown topic" in done.findings[0].message


def test_no_hub_is_told_before_the_new_bytes_are_served(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "a.xml", b"<old/>")
    done = told(hub, ledger, topic(site, "a.xml"), patience=0.1)
    assert hub.forms == []
    (finding,) = done.findings
    assert "a.xml serves other bytes" in finding.message
    assert finding.place.source == f"{site}a.xml"


def test_bytes_that_only_begin_like_the_new_ones_are_others(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "a.xml", BODY + b" ")
    assert told(hub, ledger, topic(site, "a.xml")).notices == 0


def test_hubs_are_told_as_soon_as_the_new_bytes_are_served(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "a.xml", b"<old/>")
    upload = threading.Timer(0.3, put, (root, "a.xml"))
    upload.start()
    assert told(hub, ledger, topic(site, "a.xml"), patience=10) == Told(notices=1, findings=())
    upload.join()


def test_what_is_served_is_told_though_something_else_is_not(
    hub: Hub, root: Path, site: str, ledger: Ledger
) -> None:
    put(root, "b.xml")
    done = told(hub, ledger, topic(site, "a.xml"), topic(site, "b.xml"))
    assert hub.told == [f"{site}b.xml"]
    assert "1 feed is not served" in done.findings[0].message
    assert "answers 404" in done.findings[0].message


def test_the_last_answer_of_each_hub_is_known(hub: Hub, root: Path, site: str, ledger: Ledger) -> None:
    assert answers(ledger) is None
    put(root, "a.xml")
    hub.status = 500
    told(hub, ledger, topic(site, "a.xml"))
    known = answers(ledger)
    assert known
    status, form = known[hub.url]
    assert status == 500
    assert form.startswith("hub.mode=publish&hub.url=http")
    tell([], [], ledger)
    assert answers(ledger) is None, "a hub that is configured no longer is forgotten"
