"""Link checking beside lychee and LinkChecker, on the same servers over the loopback range.

    python -m bench links
    python -m bench.links [--links 10000] [--hosts 50] [--rounds 3] [--only NAME]… [--quick] [--many]

Each tool is a process of its own, reads the same web page of links, and is measured whole, start
included: wall time, processor time (user and system) and peak memory of the process. Every round asks
the tools one after the other; the figures are medians.
"""

import argparse
import asyncio
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from feeds.verify.links import Record, Settings, targets_in
from feeds.verify.links.check import check

PORT = 8099
BIN = Path(sys.executable).parent
ENCLOSURE_SIZE = 50_000_000
UNLIMITED = {"limit": 128, "host_limit": 128, "host_delay": 0.0, "robots": False}
LYCHEE_UNLIMITED = ("--host-concurrency", "128", "--host-request-interval", "0ms")


@dataclass(frozen=True)
class Figures:
    """What one tool needed."""

    wall: float
    cpu: float
    """Seconds, user and system."""
    memory: float
    """MiB at the peak."""
    requests: int
    """That the servers saw."""
    sent: float
    """MiB that the servers gave to the network."""


@dataclass(frozen=True)
class Scene:
    """A task for all tools."""

    name: str
    urls: Sequence[str]
    delay: float = 0.0
    """Seconds that a server takes to answer."""
    tls: bool = False
    role: str = "note"
    settings: Mapping[str, object] = field(default_factory=dict)
    lychee: tuple[str, ...] = ()
    linkchecker: bool = False


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description="Check links beside lychee and LinkChecker.")
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--quick", action="store_true", help="without LinkChecker, which takes minutes")
    parser.add_argument("--many", action="store_true", help="also the memory that 100,000 links need")
    options = parser.parse_args(arguments)
    print(
        f"{'scene':<32}{'tool':<13}{'wall s':>8}{'cpu s':>8}{'MiB':>7}{'asked':>8}{'sent MiB':>10}"
        "   beside lychee"
    )
    for scene in scenes(options.links, options.hosts):
        if not options.only or any(part in scene.name for part in options.only):
            measure(replace(scene, linkchecker=scene.linkchecker and not options.quick), options.rounds)
    if options.many:
        scene = Scene("100,000 links", addresses(100_000, options.hosts), settings=UNLIMITED)
        measure(scene, 1, only_ours=True)


def scenes(links: int, hosts: int) -> Iterator[Scene]:
    urls = addresses(links, hosts)
    yield Scene(
        f"{links} at 100 ms, equal limits",
        urls,
        delay=0.1,
        settings=UNLIMITED,
        lychee=LYCHEE_UNLIMITED,
        linkchecker=True,
    )
    yield Scene(f"{links} at 100 ms, defaults", urls, delay=0.1)
    yield Scene(f"{links} at once", urls, settings=UNLIMITED, lychee=LYCHEE_UNLIMITED)
    yield Scene(
        "800 files of 50 MB",
        addresses(800, hosts, "audio"),
        role="enclosure",
        settings=UNLIMITED,
        lychee=LYCHEE_UNLIMITED,
    )
    tls = [f"https://127.0.{number // 200}.{number % 200 + 1}:{PORT}/page/{number}" for number in range(250)]
    yield Scene("250 hosts with TLS", tls, tls=True, settings=UNLIMITED, lychee=LYCHEE_UNLIMITED)
    yield Scene(f"{links} known to be good", urls, settings={**UNLIMITED, "known": True})


def addresses(links: int, hosts: int, kind: str = "page") -> list[str]:
    return [f"http://127.0.0.{number % hosts + 1}:{PORT}/{kind}/{number}" for number in range(links)]


def measure(scene: Scene, rounds: int, *, only_ours: bool = False) -> None:
    with tempfile.TemporaryDirectory() as folder, serving(scene, Path(folder)) as counted:
        Path(folder).chmod(0o755)  # LinkChecker gives up its rights when it has too many
        page = Path(folder, "links.html")
        element = '<audio src="{}"></audio>' if scene.role == "enclosure" else '<a href="{}">x</a>'
        lines = "\n".join(element.format(url) for url in scene.urls)
        page.write_text(f"<!doctype html><title>x</title>\n{lines}\n", encoding="utf-8")
        tools: dict[str, list[str]] = {"feeds": ours(page, scene, Path(folder))}
        if not only_ours:
            tools["lychee"] = lychee(page, scene)
            if scene.linkchecker:
                tools["linkchecker"] = linkchecker(page, Path(folder))
        figures: dict[str, list[Figures]] = {tool: [] for tool in tools}
        for number in range(rounds):
            for tool, command in tools.items():
                if tool != "linkchecker" or number == 0:
                    figures[tool].append(run(command, counted))
    medians = {tool: median(measured) for tool, measured in figures.items()}
    for tool, figure in medians.items():
        print(row(scene.name, tool, figure, medians.get("lychee")), flush=True)


def row(scene: str, tool: str, figure: Figures, lychee_figure: Figures | None) -> str:
    beside = ""
    if lychee_figure is not None and tool != "lychee":
        beside = (
            f"   wall × {figure.wall / lychee_figure.wall:.2f}, cpu × {figure.cpu / lychee_figure.cpu:.2f}"
        )
    return (
        f"{scene:<32}{tool:<13}{figure.wall:>8.2f}{figure.cpu:>8.2f}{figure.memory:>7.0f}"
        f"{figure.requests:>8}{figure.sent:>10.2f}{beside}"
    )


def ours(page: Path, scene: Scene, folder: Path) -> list[str]:
    settings = {"allow_private": True, **scene.settings}
    if scene.tls:
        settings["authorities"] = str(folder / "authority.pem")
    return [sys.executable, "-m", "bench.links", "feeds", str(page), json.dumps(settings)]


def lychee(page: Path, scene: Scene) -> list[str]:
    options = ["--no-progress", "--quiet", "--timeout", "20", *scene.lychee]
    return [str(BIN / "lychee"), *options, *(["--insecure"] if scene.tls else []), str(page)]


def linkchecker(page: Path, folder: Path) -> list[str]:
    config = folder / "linkcheckerrc"
    config.write_text("[checking]\nmaxrequestspersecond=1000000\nthreads=128\n", encoding="utf-8")
    options = ["--check-extern", "--no-robots", "--no-status", "--recursion-level", "1", "--output", "none"]
    return [str(BIN / "linkchecker"), "--config", str(config), *options, str(page)]


def run(command: list[str], counted: Callable[[], tuple[int, int]]) -> Figures:
    """Run a tool and measure its process."""
    requests, sent = counted()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = 0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        memory = max(memory, peak_memory(process.pid))
        time.sleep(0.005)
    usage = ended[2]
    wall = time.monotonic() - started
    requests_after, sent_after = counted()
    return Figures(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        memory=memory / 1024,
        requests=requests_after - requests,
        sent=(sent_after - sent) / 2**20,
    )


def peak_memory(process: int) -> int:
    """Return the peak of a process so far in KiB, without that of the process it was forked from."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def median(figures: list[Figures]) -> Figures:
    def of(value: Callable[[Figures], float]) -> float:
        return statistics.median(value(figure) for figure in figures)

    return Figures(
        wall=of(lambda figure: figure.wall),
        cpu=of(lambda figure: figure.cpu),
        memory=of(lambda figure: figure.memory),
        requests=int(of(lambda figure: figure.requests)),
        sent=of(lambda figure: figure.sent),
    )


class Known:
    """A memory in which every address was good an hour ago, or none is known."""

    def __init__(self, *, known: bool) -> None:
        self.known = known

    def load(self, urls: Sequence[str]) -> dict[str, Record]:
        """Know every address, or none."""
        when = datetime.now(UTC) - timedelta(hours=1)
        return {
            url: Record(url=url, status="ok", reason="answers 200", checked_at=when, goods=1)
            for url in urls
            if self.known
        }

    def save(self, records: object) -> None:
        """Forget them, as it is the check that is measured."""


def check_page(page: str, options: str) -> None:
    """Check the links of a page as `feeds verify` does; the tool that is measured."""
    given = json.loads(options)
    memory = Known(known=given.pop("known", False))
    if "authorities" in given:
        given["authorities"] = Path(given["authorities"])
    targets = targets_in(Path(page).read_bytes(), "text/html", page)
    results = check(targets, Settings(**given), memory, now=datetime.now(UTC))  # type: ignore[arg-type]
    wrong = [result for result in results if result.status != "ok"]
    for result in wrong[:3]:
        print(result, file=sys.stderr)
    sys.exit(1 if wrong else 0)


@contextmanager
def serving(scene: Scene, folder: Path) -> Iterator[Callable[[], tuple[int, int]]]:
    """Run the servers in a process of their own; yields a function that counts requests and bytes."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    names = sorted({url.split("/")[2].split(":")[0] for url in scene.urls})
    authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    certificate = [str(folder / "server.pem")] if scene.tls else []
    command = [sys.executable, "-m", "bench.links", "serve", str(scene.delay), *certificate]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    stdin, stdout = server.stdin, server.stdout
    stdout.readline()

    def counted() -> tuple[int, int]:
        stdin.write("\n")
        stdin.flush()
        requests, sent = stdout.readline().split()
        return int(requests), int(sent)

    try:
        yield counted
    finally:
        stdin.close()
        server.wait()


class Server(asyncio.Protocol):
    """Answers pages at once or after a while, and audio files with ranges."""

    requests = 0
    sent = 0
    page = b"<!doctype html><title>x</title><p>" + b"x" * 500

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            Server.requests += 1
            answer = self.audio(head) if b" /audio/" in head else self.of_page(head)
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.write, answer)
            else:
                self.write(answer)

    def of_page(self, head: bytes) -> bytes:
        """Answer for a page."""
        body = b"" if head.startswith(b"HEAD") else self.page
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (
            len(self.page),
            body,
        )

    def audio(self, head: bytes) -> bytes:
        """Answer for an audio file, starting to send it if all of it is wanted."""
        fields = b"Content-Type: audio/mpeg\r\nAccept-Ranges: bytes\r\nContent-Length: %d\r\n\r\n"
        if head.startswith(b"HEAD"):
            return b"HTTP/1.1 200 OK\r\n" + fields % ENCLOSURE_SIZE
        if b"bytes=0-0" in head:
            partial = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-0/%d\r\n" % ENCLOSURE_SIZE
            return partial + fields % 1 + b"I"
        task = asyncio.get_running_loop().create_task(self.stream())
        task.add_done_callback(lambda task: task.exception())
        return b"HTTP/1.1 200 OK\r\n" + fields % ENCLOSURE_SIZE

    async def stream(self) -> None:
        """Send a file as far as the other side takes it."""
        self.taking = asyncio.Event()
        for _ in range(ENCLOSURE_SIZE // 65536):
            if self.transport.is_closing():
                return
            self.write(b"\0" * 65536)
            if self.transport.get_write_buffer_size() > 65536:
                self.taking.clear()
                await self.taking.wait()

    def resume_writing(self) -> None:
        """Go on with a file."""
        self.taking.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Stop sending a file."""
        if hasattr(self, "taking"):
            self.taking.set()

    def write(self, data: bytes) -> None:
        """Send, and count it."""
        if not self.transport.is_closing():
            Server.sent += len(data)
            self.transport.write(data)


async def serve(delay: float, certificate: str | None) -> None:
    loop = asyncio.get_running_loop()
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    ended = asyncio.Event()

    def count() -> None:
        if sys.stdin.readline():
            print(Server.requests, Server.sent, flush=True)
        else:
            ended.set()

    # The whole loopback range answers, whatever its last bytes.
    server = await loop.create_server(lambda: Server(delay), "0.0.0.0", PORT, ssl=context, backlog=1024)
    loop.add_reader(sys.stdin, count)
    print("ready", flush=True)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["feeds"]:
            check_page(*sys.argv[2:])
        case ["serve"]:
            asyncio.run(serve(float(sys.argv[2]), sys.argv[3] if sys.argv[3:] else None))
        case _:
            main(sys.argv[1:])
