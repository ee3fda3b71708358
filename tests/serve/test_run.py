"""`run` in a process of its own, as the command calls it."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from subprocess import PIPE, STDOUT

import pytest
from tests.project import CONFIG, Project, card

from feeds import serve
from feeds.errors import FeedsError

SCRIPT = """
import sys
import time
from pathlib import Path
from statistics import median
from feeds.errors import FeedsError
from feeds.serve import run

root, source = Path(sys.argv[1]), Path(sys.argv[2])

def rebuild():
    text = (source / "words.txt").read_text()
    if "wrong" in text:
        raise FeedsError("words.txt is wrong")
    if "odd" in text:
        raise ValueError("words.txt is odd")
    (root / "index.html").write_text(text)
    (state / "ledger").write_text(text)

watch, state = [source, root / "never-there"], source / ".feeds"
say = lambda text: print(text, flush=True)
run(root, port=0, rebuild=rebuild, watch=watch, ignore=[state], say=say)
"""


@contextmanager
def running(root: Path, source: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-c", SCRIPT, str(root), str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", process.stdout.readline())
            assert found
            yield process, int(found[1])
        finally:
            process.kill()


def site(project: Path) -> Path:
    """The folder of a site of one page, in a project with a folder for its state."""
    (project / ".feeds").mkdir(parents=True)
    root = project / "output"
    root.mkdir()
    (root / "index.html").write_text("before")
    return root


def said(process: subprocess.Popen[str], words: str) -> None:
    """Wait until the process says this."""
    assert process.stdout
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it never said {words!r}")


def page(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def test_a_change_is_built_and_open_pages_are_told(tmp_path: Path) -> None:
    source = tmp_path / "config"
    root = site(source)
    (source / "words.txt").write_text("before")
    with running(root, source) as (process, port):
        said(process, "Subscribe to")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/_feeds/events")
        events = connection.getresponse()
        assert events.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert events.readline() == b"retry: 500\n"

        (source / "words.txt").write_text("all wrong")
        said(process, "words.txt is wrong")
        assert "before" in page(port)

        (source / "words.txt").write_text("after")
        assert events.readline() == b"\n"
        assert events.readline() == b"data: built\n"
        assert "after" in page(port)

        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)


def test_sources_elsewhere_are_watched_and_what_needs_a_restart_is_said(tmp_path: Path) -> None:
    config = CONFIG.replace("articles.txt", "../lists/articles.txt")
    posts = '[[source]]\npath = "../posts/*.md"\n'
    project = Project(tmp_path)
    project.write("config/feeds.toml", config + posts)
    project.write("lists/articles.txt", card("First"))
    project.write("posts/1.md", "# Second\n\nText.\n")
    command = [sys.executable, "-m", "feeds", "serve", "--build", "--port", "0", "--config"]
    with subprocess.Popen([*command, str(project.config)], stdout=PIPE, stderr=STDOUT, text=True) as process:
        try:
            said(process, "Subscribe to")
            time.sleep(0.5)  # until it watches
            for number in range(2):  # as by editors that write a new file in the place of the old
                project.write("lists/new.txt", card(f"First {number}"))
                (tmp_path / "lists/new.txt").replace(tmp_path / "lists/articles.txt")
                said(process, "Changed: articles.txt")
                said(process, "items")
            project.write("posts/1.md", "# Third\n\nText.\n")
            said(process, "Changed: 1.md")
            said(process, "items")
            assert {"First 1", "Third"} <= project.items("all").keys()
            project.write("config/feeds.toml", config.replace("example.org", "other.example"))
            said(process, "restart `feeds serve`")
        finally:
            process.kill()


def test_what_a_build_writes_itself_is_no_change(tmp_path: Path) -> None:
    root = site(tmp_path)
    with running(root, tmp_path) as (process, port):
        said(process, "Subscribe to")
        assert "before" in page(port)  # and so it watches
        (tmp_path / "words.txt").write_text("after")
        assert process.stdout
        assert process.stdout.readline() == "Changed: words.txt\n"
        while "after" not in page(port):
            time.sleep(0.05)
        (root / "index.html").write_text("by hand")
        (tmp_path / "words.txt").write_text("later")
        assert process.stdout.readline() == "Changed: words.txt\n"


def test_after_a_build_that_broke_the_next_change_is_built(tmp_path: Path) -> None:
    root = site(tmp_path)
    with running(root, tmp_path) as (process, port):
        said(process, "Subscribe to")
        assert "before" in page(port)  # and so it watches
        (tmp_path / "words.txt").write_text("odd")
        said(process, "not built: ValueError: words.txt is odd")
        (tmp_path / "words.txt").write_text("after")
        said(process, "Changed: words.txt")
        while "after" not in page(port):
            time.sleep(0.05)


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FeedsError, match=f"port {port}.*choose another port"):
            serve.run(Path(), port=port)


def test_a_site_that_was_never_built_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(FeedsError, match="feeds build"):
        serve.run(tmp_path / "output")


def test_an_answer_on_an_open_connection_does_not_wait_for_an_acknowledgement(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("words " * 1000)
    with running(tmp_path, tmp_path) as (process, port):
        said(process, "Subscribe to")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        times = []
        for _ in range(30):
            start = time.perf_counter()
            connection.request("GET", "/")
            connection.getresponse().read()
            times.append(time.perf_counter() - start)
    assert median(times) < 0.03
