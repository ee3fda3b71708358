import hashlib
import itertools
import json
import logging
import os
import platform
import re
import sys
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff  # type: ignore[import-untyped]
from fsspec.registry import _registry
from tests.targets.conftest import Bucket

from feeds import lease, storage
from feeds.errors import TargetError
from feeds.model import Document, Record
from feeds.storage import Storage
from feeds.targets import Folder, open_target

SITE = "s3://site/feeds"


def document(path: str, body: bytes | Path = b"body", type_: str = "text/html") -> Document:
    return Document(path=path, type=type_, body=body)


def manifest(*records: Record) -> Document:
    """As the build makes it."""
    files = {
        record.path: {"type": record.type, "size": record.size, "sha256": record.hash} for record in records
    }
    return document("manifest.json", json.dumps({"version": 1, "files": files}).encode(), "application/json")


def publish(*documents: Document) -> list[Record]:
    with Storage(SITE) as target:
        records = [target.put(document) for document in documents]
        target.put(manifest(*records))
    return records


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits does not wait for long."""
    monkeypatch.setattr(lease, "_PATIENCE", 0.2)
    monkeypatch.setattr(lease, "_PAUSE", 0.05)
    monkeypatch.setattr(storage, "_ATTEMPTS", 2)


def test_a_record_says_what_was_uploaded(bucket: Bucket) -> None:
    (record,) = publish(document("a/b.html"))
    assert (record.path, record.type, record.size, record.changed) == ("a/b.html", "text/html", 4, True)
    assert record.hash == hashlib.sha256(b"body").hexdigest()
    assert bucket.tree().keys() == {"feeds/a/b.html", "feeds/manifest.json"}
    assert bucket.get("feeds/a/b.html").content == b"body"


def test_an_object_is_served_as_its_type_asks(bucket: Bucket) -> None:
    feeds, pages, media = "public, max-age=300", "no-cache", "public, max-age=86400"
    expected = {
        "application/rss+xml": ("application/rss+xml; charset=utf-8", feeds, "gzip"),
        "application/atom+xml": ("application/atom+xml; charset=utf-8", feeds, "gzip"),
        "application/feed+json": ("application/feed+json", feeds, "gzip"),
        "application/json+chapters": ("application/json+chapters", feeds, "gzip"),
        "text/vtt": ("text/vtt; charset=utf-8", feeds, "gzip"),
        "text/html": ("text/html; charset=utf-8", pages, "gzip"),
        "image/svg+xml": ("image/svg+xml", pages, "gzip"),
        "audio/mpeg": ("audio/mpeg", media, None),
        "image/png": ("image/png", media, None),
    }
    publish(*(document(type_, b"body", type_) for type_ in expected))
    answers = {type_: bucket.get(f"feeds/{type_}") for type_ in expected}
    assert {answer.content for answer in answers.values()} == {b"body"}
    names = ("Content-Type", "Cache-Control", "Content-Encoding")
    assert {
        type_: tuple(answer.headers.get(name) for name in names) for type_, answer in answers.items()
    } == expected


def test_audio_is_uploaded_from_its_file_and_as_it_is(bucket: Bucket, tmp_path: Path) -> None:
    audio = tmp_path / "1.mp3"
    audio.write_bytes(bytes(range(256)) * 500)
    publish(document("1.mp3", audio, "audio/mpeg"))
    assert bucket.get("feeds/1.mp3").content == audio.read_bytes()
    assert bucket.get("feeds/1.mp3").headers["Content-Length"] == "128000"


def test_a_bucket_can_be_the_site_without_a_prefix(bucket: Bucket) -> None:
    with Storage("s3://site") as target:
        assert target.name == "s3://site"
        target.put(document("a.html"))
    assert "a.html" in bucket.tree()


def test_only_what_changed_is_uploaded_again_and_nothing_else_is_asked(bucket: Bucket) -> None:
    publish(document("a.html", b"one"), document("b.html", b"two"), document("c.html", b"three"))
    bucket.asked.clear()
    records = publish(document("a.html", b"one"), document("b.html", b"new"), document("c.html", b"three"))
    assert [record.changed for record in records] == [False, True, False]
    assert bucket.puts() == ["feeds/b.html", "feeds/manifest.json"]
    assert [path for method, path in bucket.asked if method == "HEAD" and path.endswith(".html")] == []


def test_where_nothing_changed_nothing_is_uploaded(bucket: Bucket) -> None:
    publish(document("a.html"))
    before = bucket.get("feeds/manifest.json").headers["Last-Modified"]
    bucket.asked.clear()
    publish(document("a.html"))
    assert bucket.puts() == []
    assert bucket.get("feeds/manifest.json").headers["Last-Modified"] == before


def test_the_same_bytes_of_another_type_are_uploaded_again(bucket: Bucket) -> None:
    publish(document("a"))
    (record,) = publish(document("a", type_="text/vtt"))
    assert record.changed
    assert bucket.get("feeds/a").headers["Content-Type"] == "text/vtt; charset=utf-8"


def test_a_record_holds_while_the_object_is_what_it_says(bucket: Bucket) -> None:
    (old,) = publish(document("a.html", b"old"))
    (new,) = publish(document("a.html", b"new"))
    assert bucket.get("feeds/a.html").content == b"new"
    with Storage(SITE) as target:
        assert target.holds(new)
        assert not target.holds(old)
        target.remove(["a.html"])
        assert not target.holds(new)


def test_what_is_removed_is_gone_and_what_is_gone_already_is_no_trouble(bucket: Bucket) -> None:
    publish(document("a.html"), document("b.html"))
    with Storage(SITE) as target:
        target.remove(["a.html", "c.html"])
    assert "feeds/a.html" not in bucket.tree()
    assert "feeds/b.html" in bucket.tree()


def test_thousands_are_removed_in_a_few_requests(bucket: Bucket) -> None:
    with Storage(SITE) as target:
        bucket.asked.clear()
        target.remove(f"{number}.html" for number in range(2500))
        assert [method for method, _ in bucket.asked] == ["POST"] * 3


def test_no_path_leads_out_of_the_prefix(bucket: Bucket) -> None:
    with Storage(SITE) as target:
        for path in ("../a", "/a", "a/../../b", "", "a\\b"):
            with pytest.raises(TargetError, match="leads out of"):
                target.put(document(path))
            with pytest.raises(TargetError, match="leads out of"):
                target.remove([path])
    assert bucket.tree() == {}


@pytest.mark.slow
def test_every_third_request_may_fail_and_all_is_published(bucket: Bucket) -> None:
    requests = itertools.count(1)
    bucket.fails = lambda *_: next(requests) % 3 == 0
    documents = [document(f"{letter}.html", letter.encode()) for letter in "abcde"]
    publish(*documents)
    bucket.fails = lambda *_: False
    tree = bucket.tree()
    assert {path: tree[f"feeds/{path}"] for path in "abcde" for path in [f"{path}.html"]} == {
        one.path: one.body for one in documents
    }
    assert tree.keys() == {*(f"feeds/{one.path}" for one in documents), "feeds/manifest.json"}


@pytest.mark.slow
def test_retries_wait_longer_each_time(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    # The waits are random, with bounds that grow; here they are a tenth of the bounds.
    constant = property(lambda _: lambda: 0.1, lambda *_: None)
    monkeypatch.setattr(ExponentialBackoff, "_random", constant, raising=False)
    times: list[float] = []

    def fail(_: str, path: str) -> bool:
        if path.endswith("a.html"):
            times.append(time.monotonic())
        return path.endswith("a.html") and len(times) < 5

    bucket.fails = fail
    publish(document("a.html"))
    waits = [after - before for before, after in itertools.pairwise(times)]
    assert len(waits) == 4
    # A busy machine makes them longer, never shorter.
    assert all(wait > 0.08 * 2**number for number, wait in enumerate(waits))


@pytest.mark.usefixtures("impatient")
def test_an_upload_that_fails_for_good_names_its_object_and_keeps_feeds_and_manifest_as_they_are(
    bucket: Bucket,
) -> None:
    pages = [f"{number}.html" for number in range(40)]
    feed = "application/rss+xml"
    publish(*(document(page, b"old") for page in pages), document("rss.xml", b"old", feed))
    before = bucket.tree()
    bucket.fails = lambda method, path: method == "PUT" and path.endswith("/7.html")
    with pytest.raises(TargetError, match=r"s3://site/feeds/7.html: cannot be published: .*ill"):
        publish(*(document(page, b"new") for page in pages), document("rss.xml", b"new", feed))
    after = bucket.tree()
    for path in ("feeds/7.html", "feeds/rss.xml", "feeds/manifest.json"):
        assert after[path] == before[path]
    assert {after[f"feeds/{page}"] for page in pages} == {b"old", b"new"}


def test_several_are_sent_at_once_but_a_feed_only_when_all_before_it_is_there(bucket: Bucket) -> None:
    kinds = {"1.html": "text/html", "2.html": "text/html", "3.mp3": "audio/mpeg"}
    kinds["all/archive/1/rss.xml"] = "application/rss+xml"
    feeds = {"rss.xml": "application/rss+xml", "feed.json": "application/feed+json"}
    together = {
        path: meeting
        for group in (kinds, feeds)
        for meeting in [threading.Barrier(len(group))]
        for path in group
    }
    sent: list[str] = []

    def send(method: str, address: str) -> bool:
        path = address.removeprefix("/site/feeds/")
        if method == "PUT":
            if path in together:
                together[path].wait(timeout=30)  # which breaks unless all of them are being sent
            sent.append(path)
        return False

    bucket.fails = send
    publish(*(document(path, type_=type_) for path, type_ in {**kinds, **feeds}.items()))
    assert set(sent[1:5]) == set(kinds), "after the lock"
    assert set(sent[5:7]) == set(feeds)
    assert sent[7:] == ["manifest.json"]


def test_no_more_documents_than_are_being_sent_are_kept_waiting(bucket: Bucket) -> None:
    def answer_slowly(*_: str) -> bool:
        time.sleep(0.01)
        return False

    bucket.fails = answer_slowly
    with Storage(SITE) as target:
        for number in range(200):
            target.put(document(f"{number}.html"))
            assert number - len(bucket.puts()) <= 3 * storage._AT_ONCE
    assert len(bucket.puts()) == 200


@pytest.mark.usefixtures("impatient")
def test_what_an_unfinished_build_has_changed_is_noticed_whatever_the_manifest_says(bucket: Bucket) -> None:
    publish(document("a.html", b"old"), document("b.html", b"old"))
    bucket.fails = lambda method, path: method == "PUT" and path.endswith("b.html")
    with pytest.raises(TargetError, match="cannot be published"):
        publish(document("a.html", b"new"), document("b.html", b"new"))
    bucket.fails = lambda *_: False
    old_again = publish(document("a.html", b"old"), document("b.html", b"old"))
    assert [record.changed for record in old_again] == [True, False]
    assert bucket.get("feeds/a.html").content == b"old"
    bucket.asked.clear()
    publish(document("a.html", b"old"), document("b.html", b"old"))
    assert ("HEAD", "/site/feeds/a.html") not in bucket.asked, "the manifest speaks for all again"


def test_an_object_that_the_manifest_does_not_list_is_no_reason_to_distrust_it(bucket: Bucket) -> None:
    publish(document("a.html"))
    with Storage(SITE) as target:
        assert target.put(document("beside.html")).changed
    assert bucket.tree().keys() == {"feeds/a.html", "feeds/beside.html", "feeds/manifest.json"}
    bucket.asked.clear()
    publish(document("a.html"))
    assert ("HEAD", "/site/feeds/a.html") not in bucket.asked


def test_without_a_manifest_each_object_is_asked_and_only_those_that_differ_are_uploaded(
    bucket: Bucket,
) -> None:
    publish(document("a.html"), document("b.html"))
    with Storage(SITE) as target:
        target.remove(["manifest.json"])
    bucket.put("feeds/b.html", b"of someone else")
    records = publish(document("a.html"), document("b.html"), document("c.html"))
    assert [record.changed for record in records] == [False, True, True]
    assert bucket.get("feeds/b.html").content == b"body"


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"no manifest", b"\x1f\x8bbroken"])
def test_a_manifest_that_is_none_is_made_anew(bucket: Bucket, content: bytes) -> None:
    publish(document("a.html"))
    bucket.put("feeds/manifest.json", content)
    (record,) = publish(document("a.html"))
    assert not record.changed
    assert "a.html" in bucket.get("feeds/manifest.json").json()["files"]


# The lock.


def test_a_build_leaves_no_lock_behind(bucket: Bucket) -> None:
    with Storage(SITE) as target:
        assert "feeds/.feeds.lock" in bucket.tree()
        target.put(manifest())
    assert "feeds/.feeds.lock" not in bucket.tree()


def test_a_second_build_waits_for_the_first(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_PAUSE", 0.05)
    order: list[str] = []

    def second() -> None:
        with Storage(SITE):
            order.append("second")

    with Storage(SITE):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert bucket.tree() == {}


@pytest.mark.usefixtures("impatient")
def test_whoever_waits_is_told_at_once_for_whom_and_in_the_end_that_it_was_in_vain(
    bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with Storage(SITE):
        began = parsedate_to_datetime(bucket.get("feeds/.feeds.lock").headers["Last-Modified"])
        with (
            pytest.raises(TargetError, match="another run of feeds has been writing here") as error,
            Storage(SITE),
        ):
            pass
    moment = rf"{began:%Y-%m-%dT%H:%M}:\d\dZ"
    busy = rf"{SITE}/\.feeds\.lock: another run of feeds has been writing here since {moment}: "
    busy += f"process {os.getpid()} on {re.escape(platform.node())}; "
    assert re.match(f"{busy}try again when it has finished", str(error.value))
    (told,) = caplog.messages
    assert re.match(f"{busy}waiting for it; if that was killed, this goes on in (60|5[0-9]) s", told)
    assert bucket.tree() == {}


@pytest.mark.usefixtures("impatient")
def test_a_lock_that_nobody_renews_is_taken_over(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(document("a.html", b"old"))
    dead = Storage(SITE).__enter__()
    dead.put(document("a.html", b"new"))
    dead._uploads.wait()
    dead._lease._given_back.set()
    dead._lease._renewal.join()
    monkeypatch.setattr(lease, "_TERM", 0.5)
    monkeypatch.setattr(lease, "_PATIENCE", 10)
    dead._lease._write(IfMatch=dead._lease._tag)
    (record,) = publish(document("a.html", b"old"))
    assert record.changed, "the manifest says the old bytes are there; the dead build knew better"
    assert bucket.get("feeds/a.html").content == b"old"
    assert "feeds/.feeds.lock" not in bucket.tree()


@pytest.mark.slow
def test_a_lock_that_is_renewed_is_not_taken_over(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    # LastModified has no fractions of a second: a lock may look a second older than it is.
    monkeypatch.setattr(lease, "_TERM", 2.5)
    monkeypatch.setattr(lease, "_PATIENCE", 4)
    monkeypatch.setattr(lease, "_PAUSE", 0.05)
    with Storage(SITE), pytest.raises(TargetError, match="another run of feeds"), Storage(SITE):
        pass
    assert bucket.tree() == {}


def test_a_build_that_lost_its_lock_publishes_nothing_more(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_TERM", 0.3)
    with Storage(SITE) as target:
        bucket.put("feeds/.feeds.lock", b"of someone else")
        _wait(lambda: target._lease._lost)
        with pytest.raises(TargetError, match="another run of feeds may have taken over"):
            target.put(document("a.html"))
        with pytest.raises(TargetError, match="another run of feeds may have taken over"):
            target.remove(["a.html"])
    assert bucket.tree() == {"feeds/.feeds.lock": b"of someone else"}


@pytest.mark.usefixtures("impatient")
def test_a_build_that_cannot_renew_its_lock_stops_before_anyone_can_take_over(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_TERM", 1000)
    with Storage(SITE) as target:

        def renewed(ago: float) -> None:
            monkeypatch.setattr(lease._Moment, "age", lambda _: ago)

        renewed(ago=700)
        target.put(document("a.html"))
        target._uploads.wait()
        renewed(ago=800)
        with pytest.raises(TargetError, match="another run of feeds may have taken over"):
            target.put(document("b.html"))
    assert bucket.tree().keys() == {"feeds/.feeds.lock", "feeds/a.html"}


def test_a_lock_of_an_earlier_version_that_does_not_say_its_term_is_given_five_minutes(
    bucket: Bucket,
) -> None:
    bucket.put("feeds/.feeds.lock", b"at work")
    held = Storage(SITE)
    found = lease.Lease(partial(held._call, path=".feeds.lock"), held._place(""))._held()
    assert found
    assert 290 < found.left <= 300


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# What cannot be used.


def test_a_bucket_that_is_not_there_is_a_clear_error(bucket: Bucket) -> None:
    with (
        pytest.raises(TargetError, match=r"s3://nowhere/\.feeds\.lock: .*bucket does not exist"),
        Storage("s3://nowhere"),
    ):
        pass
    assert bucket.tree() == {}


def test_a_server_that_is_not_there_is_a_clear_error(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(storage, "_ATTEMPTS", 1)
    with pytest.raises(TargetError, match="Could not connect to the endpoint"), Storage(SITE):
        pass
    assert bucket.asked == []


@pytest.mark.parametrize("name", ["fsspec", "s3fs"])
def test_what_is_not_installed_is_named_with_what_to_install(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(_registry, "s3", raising=False)
    with pytest.raises(TargetError, match=r"pip install 'feeds\[s3\]'"), Storage(SITE):
        pass
    assert bucket.asked == []


def test_an_address_tells_what_kind_of_target_it_is(tmp_path: Path) -> None:
    assert isinstance(open_target(tmp_path), Folder)
    assert isinstance(open_target("output"), Folder)
    assert isinstance(open_target(SITE), Storage)


@pytest.mark.parametrize("address", ["ftp://example.org/", "s3://", "s3:///prefix"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(TargetError, match="expected a folder, or an address such as s3://"):
        open_target(address)
