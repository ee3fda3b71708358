"""The configurations in docs/hosting.md, run as they stand: all hosts give what `feeds serve` gives."""

import gzip
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from tests.pages.sample import write
from tests.serve.server import Server, serving

pytestmark = pytest.mark.slow

DOC = (Path(__file__).parents[2] / "docs/hosting.md").read_text()
LARGE = ["rss.xml", "atom.xml", "podcast.xml", "feed.json", "chapters.json", "a.vtt", "a.srt", "a.opml"]
SHOW, EPISODE = "/shows/back-room", "/shows/back-room/20-forgetting"


def block(language: str) -> str:
    """The one block of code in the page that is in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write(tmp_path_factory.mktemp("site")).root
    (root / "media/back-room/1.mp3").write_bytes(bytes(1000))
    (root / "media/back-room/1.m4a").write_bytes(bytes(1000))
    (root / "media/back-room/1.srt").write_bytes(b"1\n")
    for name in LARGE:
        (root / name).write_bytes(b"words " * 1000)
    (root / ".secret").write_text("hidden")
    (root / ".git").mkdir()
    (root / ".git/config").write_text("hidden")
    root.chmod(0o755)
    for parent in root.parents[:2]:
        parent.chmod(0o755)
    return root


@pytest.fixture(scope="module", params=["feeds", "caddy", "nginx"])
def server(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    if request.param == "feeds":
        with serving(root) as server:
            yield server
        return
    if not _program(request.param):
        pytest.skip(f"needs {request.param}")
    hosting = {"caddy": _caddy, "nginx": _nginx}[request.param]
    with hosting(root, tmp_path_factory.mktemp(request.param)) as server:
        yield server


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        pytest.skip(f"needs {name}")
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _caddy(root: Path, home: Path) -> Iterator[Server]:
    port = _free_port()
    site = block("caddyfile").replace("feeds.example.org", f"http://127.0.0.1:{port}")
    assert "/srv/feeds/output" in site
    (home / "Caddyfile").write_text("{\n\tadmin off\n}\n" + site.replace("/srv/feeds/output", str(root)))
    command = [str(_program("caddy")), "run", "--config", str(home / "Caddyfile")]
    with _running(
        command, port, {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    ):
        yield Server(port=port)


@contextmanager
def _nginx(root: Path, home: Path) -> Iterator[Server]:
    port = _free_port()
    site = block("nginx").replace("listen 80;", f"listen 127.0.0.1:{port};")
    assert "/srv/feeds/output" in site
    places = "".join(
        f"{name}_temp_path {home}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"daemon off; pid {home}/pid; error_log {home}/errors; user {root.owner()};\n"
        f"events {{}}\nhttp {{ access_log off; {places}\n"
        f"{site.replace('/srv/feeds/output', str(root))}\n}}\n"
    )
    command = [
        str(_program("nginx")),
        "-e",
        str(home / "errors"),
        "-p",
        str(home),
        "-c",
        str(home / "nginx.conf"),
    ]
    with _running(command, port, {}):
        yield Server(port=port)


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        try:
            for _ in range(1200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/all/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/all/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/all/feed.json", "application/feed+json"),
        (f"{SHOW}/podcast.xml", "application/rss+xml; charset=utf-8"),
        (f"{EPISODE}/chapters.json", "application/json+chapters"),
        (f"{EPISODE}/chapters.vtt", "text/vtt; charset=utf-8"),
        ("/media/back-room/1.srt", "application/x-subrip; charset=utf-8"),
        ("/media/back-room/1.mp3", "audio/mpeg"),
        (f"{SHOW}/cover.png", "image/png"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/filter.js", "text/javascript; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
    ],
)
def test_the_type_is_right_and_head_tells_the_length(
    server: Server, root: Path, path: str, kind: str
) -> None:
    answer = server.ask(path, "HEAD")
    assert answer.status == 200
    assert answer.headers["content-type"].lower().startswith(kind)
    file = root / path.lstrip("/") if path != "/" else root / "index.html"
    assert answer.headers["content-length"] == str(file.stat().st_size)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert "camera=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize("path", ["/", "/all/rss.xml", f"{SHOW}/podcast.xml", "/media/back-room/1.mp3"])
def test_what_has_not_changed_is_not_sent_again(server: Server, path: str) -> None:
    for coding in ("identity", "gzip"):
        first = server.ask(path, Accept_Encoding=coding)
        for condition, value in (("If_None_Match", "etag"), ("If_Modified_Since", "last-modified")):
            again = server.ask(path, Accept_Encoding=coding, **{condition: first.headers[value]})
            assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", ["/", "/style.css", "/filter.js", *(f"/{name}" for name in LARGE)])
def test_text_is_compressed(server: Server, path: str) -> None:
    packed = server.ask(path, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"].lower() == "accept-encoding"
    assert gzip.decompress(packed.body) == server.ask(path).body


@pytest.mark.parametrize("path", ["/media/back-room/1.mp3", "/media/back-room/20.wav", f"{SHOW}/cover.png"])
def test_a_part_of_media_can_be_had_and_it_is_not_compressed(server: Server, root: Path, path: str) -> None:
    part = server.ask(path, Range="bytes=0-1", Accept_Encoding="gzip")
    size = (root / path.lstrip("/")).stat().st_size
    assert part.status == 206
    assert part.headers["content-range"] == f"bytes 0-1/{size}"
    assert "content-encoding" not in part.headers
    assert server.ask(path, Range=f"bytes={size}-").status == 416


@pytest.mark.parametrize(
    "path",
    ["/all/rss.xml", "/all/feed.json", f"{EPISODE}/chapters.json", f"{EPISODE}/chapters.vtt", "/feeds.opml"],
)
def test_feeds_chapters_and_transcripts_are_shared_with_other_sites(server: Server, path: str) -> None:
    assert server.ask(path).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in server.ask("/").headers


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", "no-cache"),
        ("/topics/caching/", "no-cache"),
        ("/style.css", "no-cache"),
        ("/all/rss.xml", "public, max-age=300"),
        (f"{EPISODE}/chapters.vtt", "public, max-age=300"),
        ("/media/back-room/1.mp3", "public, max-age=86400"),
        (f"{SHOW}/cover.png", "public, max-age=86400"),
    ],
)
def test_caches_are_told_how_long_to_keep_it(server: Server, path: str, caching: str) -> None:
    assert server.ask(path).headers["cache-control"] == caching


@pytest.mark.parametrize(
    "path", ["/.secret", "/.git/config", "/%2esecret", "/media/", "/media/back-room/", "/../etc"]
)
def test_what_is_hidden_or_a_mere_folder_is_not_shown(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status in (400, 403, 404)
    assert b"hidden" not in answer.body
    assert b"back-room" not in answer.body


def test_a_folder_is_one_hop_from_its_page(server: Server) -> None:
    answer = server.ask("/topics/caching")
    assert answer.status in (301, 308)
    assert answer.headers["location"].endswith("caching/")


def test_the_workflow_keeps_the_ledger_from_run_to_run(tmp_path: Path) -> None:
    workflow = yaml.safe_load(block("yaml"))
    steps = workflow["jobs"]["publish"]["steps"]
    scripts = {step["name"]: step["run"] for step in steps if "run" in step}
    environment = {name: value for name, value in workflow["jobs"]["publish"]["env"].items() if "GIT" in name}
    _git(tmp_path, "init", "--bare", "--quiet", "origin", environment=environment)
    ledgers = []
    for run in ("first", "second"):
        _git(tmp_path, "clone", "--quiet", "origin", run, environment=environment)
        clone = tmp_path / run
        _git(clone, "commit", "--allow-empty", "--quiet", "-m", run, environment=environment)
        _bash(clone, scripts["Fetch the ledger"], environment)
        ledger = clone / ".feeds/ledger.sqlite"
        ledgers.append(ledger.read_text() if ledger.exists() else "")
        ledger.write_text(f"{ledgers[-1]}{run} ")
        (clone / ".feeds/covers").mkdir()
        (clone / ".feeds/covers/large.png").write_text("not kept")
        _bash(clone, scripts["Keep the ledger"], environment)
        _bash(clone, scripts["Keep the ledger"], environment)
    assert ledgers == ["", "first "]
    kept = _git(tmp_path / "origin", "ls-tree", "--name-only", "ledger", environment=environment)
    assert kept.split() == ["ledger.sqlite"]


def _bash(folder: Path, script: str, environment: dict[str, str]) -> None:
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=os.environ | environment, check=True
    )


def _git(folder: Path, *arguments: str, environment: dict[str, str]) -> str:
    environment = os.environ | environment
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout
