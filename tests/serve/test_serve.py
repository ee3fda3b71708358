import doctest
import gzip
import os
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.serve.server import Server, serving

from feeds import qr, serve

FEED = b'<?xml version="1.0"?>\n<rss version="2.0"><channel>' + b"<item/>" * 500 + b"</channel></rss>\n"
SOUND = bytes(range(256)) * 100


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    around = tmp_path_factory.mktemp("around")
    root = around / "output"
    files = {
        "index.html": b"<!DOCTYPE html><title>Front</title>" + b" " * 2000,
        "feeds.opml": b"<opml/>",
        "manifest.json": b"{}",
        "robots.txt": b"User-agent: *\nDisallow:\n",
        "style.css": b"body{}",
        "copy.js": b"1",
        "favicon.svg": b"<svg/>",
        "topics/caching/index.html": b"caching",
        "topics/caching/rss.xml": FEED,
        "topics/caching/atom.xml": b"<feed/>",
        "topics/caching/feed.json": b"{}",
        "shows/tech/podcast.xml": FEED,
        "shows/tech/cover.png": SOUND,
        "shows/tech/one/chapters.json": b"{}",
        "shows/tech/one/chapters.vtt": b"WEBVTT\n",
        "media/tech/1.mp3": SOUND,
        "media/tech/1.m4a": SOUND,
        "media/tech/1.srt": b"1\n",
        "media/tech/empty.mp3": b"",
        "media/tech/über.mp3": SOUND,
        ".hidden": b"hidden",
        ".feeds/ledger.sqlite": b"hidden",
        "topics/.secret/index.html": b"hidden",
    }
    for path, body in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(body)
    (around / "outside.txt").write_bytes(b"outside")
    (around / "output-too").mkdir()
    (around / "output-too/near.txt").write_bytes(b"outside")
    (root / "link.txt").symlink_to(around / "outside.txt")
    (root / "folder").symlink_to(around / "output-too")
    (root / "to-hidden.txt").symlink_to(root / ".hidden")
    (root / "loop").symlink_to(root / "loop")
    return root


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    with serving(root) as server:
        yield server


TYPES = {
    "/": "text/html; charset=utf-8",
    "/topics/caching/rss.xml": "application/rss+xml; charset=utf-8",
    "/topics/caching/atom.xml": "application/atom+xml; charset=utf-8",
    "/topics/caching/feed.json": "application/feed+json",
    "/shows/tech/podcast.xml": "application/rss+xml; charset=utf-8",
    "/shows/tech/one/chapters.json": "application/json+chapters",
    "/shows/tech/one/chapters.vtt": "text/vtt; charset=utf-8",
    "/media/tech/1.srt": "application/x-subrip; charset=utf-8",
    "/media/tech/1.mp3": "audio/mpeg",
    "/media/tech/1.m4a": "audio/x-m4a",
    "/shows/tech/cover.png": "image/png",
    "/feeds.opml": "text/x-opml; charset=utf-8",
    "/manifest.json": "application/json",
    "/robots.txt": "text/plain; charset=utf-8",
    "/style.css": "text/css; charset=utf-8",
    "/copy.js": "text/javascript; charset=utf-8",
    "/favicon.svg": "image/svg+xml",
}
SHARED = [
    "/topics/caching/rss.xml",
    "/topics/caching/atom.xml",
    "/topics/caching/feed.json",
    "/shows/tech/podcast.xml",
    "/shows/tech/one/chapters.json",
    "/shows/tech/one/chapters.vtt",
    "/media/tech/1.srt",
    "/feeds.opml",
]
TEXT = [path for path, kind in TYPES.items() if not kind.startswith(("audio", "image/png"))]
MEDIA = ["/media/tech/1.mp3", "/media/tech/1.m4a", "/shows/tech/cover.png"]


def test_the_examples_in_the_documentation_hold() -> None:
    result = doctest.testmod(serve)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("path", TYPES)
def test_everything_has_the_content_type_of_its_kind(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == TYPES[path]


@pytest.mark.parametrize("path", TYPES)
def test_everything_has_a_strong_etag_and_a_date(server: Server, root: Path, path: str) -> None:
    answer = server.ask(path)
    assert answer.headers["etag"].startswith('"')
    file = root / path.strip("/") if path != "/" else root / "index.html"
    assert answer.headers["last-modified"] == formatdate(file.stat().st_mtime, usegmt=True)


@pytest.mark.parametrize("path", TYPES)
def test_what_has_not_changed_is_not_sent_again(server: Server, path: str) -> None:
    first = server.ask(path)
    for condition in (
        {"If_None_Match": first.headers["etag"]},
        {"If_Modified_Since": first.headers["last-modified"]},
    ):
        again = server.ask(path, **condition)
        assert (again.status, again.body) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert again.headers.get(name) == first.headers.get(name)


@pytest.mark.parametrize("path", ["/topics/caching/rss.xml", "/media/tech/1.mp3"])
@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"If_None_Match": '"other", {etag}'}, 304),
        ({"If_None_Match": "W/{etag}"}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": "{date}"}, 200),
        ({"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Match": "{etag}"}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": "W/{etag}"}, 412),
        ({"If_Unmodified_Since": "{date}"}, 200),
        ({"If_Unmodified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 412),
        ({"If_Unmodified_Since": "yesterday"}, 200),
    ],
    ids=str,
)
def test_conditions_are_read_in_the_order_of_the_standard(
    server: Server, path: str, condition: dict[str, str], status: int
) -> None:
    plain = server.ask(path).headers
    known = {"etag": plain["etag"], "date": plain["last-modified"]}
    given = {name: value.format(**known) for name, value in condition.items()}
    assert server.ask(path, **given).status == status


def test_the_etag_follows_the_bytes_and_not_the_clock(tmp_path: Path) -> None:
    for name in ("rss.xml", "a.mp3"):
        file = tmp_path / name
        file.write_bytes(b"one")
        with serving(tmp_path) as server:
            first = server.ask(f"/{name}")
            os.utime(file, (1, 1))
            touched = server.ask(f"/{name}")
            file.write_bytes(b"two")
            changed = server.ask(f"/{name}")
        assert touched.headers["etag"] == first.headers["etag"]
        assert touched.headers["last-modified"] == "Thu, 01 Jan 1970 00:00:01 GMT"
        assert changed.headers["etag"] != first.headers["etag"]
        assert changed.body == b"two"


@pytest.mark.parametrize("path", TEXT)
def test_text_is_compressed_for_those_who_take_it(server: Server, path: str) -> None:
    plain = server.ask(path)
    packed = server.ask(path, Accept_Encoding="gzip, deflate")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    assert plain.headers["etag"] != packed.headers["etag"]
    assert server.ask(path, Accept_Encoding="gzip", If_None_Match=packed.headers["etag"]).status == 304


def test_brotli_is_preferred(server: Server) -> None:
    brotli = pytest.importorskip("brotli", reason="needs the package brotli")
    packed = server.ask("/topics/caching/rss.xml", Accept_Encoding="gzip, deflate, br")
    assert packed.headers["content-encoding"] == "br"
    assert brotli.decompress(packed.body) == FEED


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip;q=0", None),
        ("identity, gzip;q=0", None),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("gzip;q=odd", None),
    ],
)
def test_the_clients_weights_decide(server: Server, accepted: str, coding: str | None) -> None:
    answer = server.ask("/topics/caching/rss.xml", Accept_Encoding=accepted)
    assert answer.headers.get("content-encoding") == coding


@pytest.mark.parametrize("path", MEDIA)
def test_media_is_never_compressed(server: Server, path: str) -> None:
    answer = server.ask(path, Accept_Encoding="gzip, br")
    assert "content-encoding" not in answer.headers
    assert answer.body == SOUND
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("path", TYPES)
def test_head_tells_the_same_as_get_without_the_body(server: Server, path: str) -> None:
    got, head = server.ask(path), server.ask(path, "HEAD")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["content-length"] == str(len(got.body))
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=100-", 100, 25599),
        ("bytes=-10", 25590, 25599),
        ("bytes=25000-99999", 25000, 25599),
        ("bytes=-99999", 0, 25599),
        ("bytes=5-6, 99999-", 5, 6),
    ],
)
@pytest.mark.parametrize("path", MEDIA)
def test_a_part_of_media_can_be_had(server: Server, path: str, given: str, first: int, last: int) -> None:
    answer = server.ask(path, Range=given)
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/25600"
    assert answer.body == SOUND[first : last + 1]
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["content-type"] == TYPES[path]


def test_several_parts_come_in_one_answer(server: Server) -> None:
    answer = server.ask("/media/tech/1.mp3", Range="bytes=0-1,256-258")
    assert answer.status == 206
    kind, boundary = answer.headers["content-type"].split("; boundary=")
    assert kind == "multipart/byteranges"
    parts = answer.body.split(f"--{boundary}".encode())
    assert parts[-1].strip() == b"--"
    found = [part.strip(b"\r\n").split(b"\r\n\r\n") for part in parts[1:-1]]
    assert [body for _, body in found] == [b"\x00\x01", b"\x00\x01\x02"]
    assert b"content-range: bytes 256-258/25600" in found[1][0].lower()


@pytest.mark.parametrize("given", ["bytes=25600-", "bytes=99999-100000", "bytes=-0"])
def test_a_part_beyond_the_end_cannot_be_had(server: Server, given: str) -> None:
    answer = server.ask("/media/tech/1.mp3", Range=given)
    assert answer.status == 416
    assert answer.headers["content-range"] == "bytes */25600"


@pytest.mark.parametrize(
    "given", ["bytes=2-1", "bytes=a-b", "bytes=", "lines=0-1", "bytes=0-1,x", "bytes=²-3"]
)
def test_a_range_that_is_not_understood_is_as_if_it_were_not_there(server: Server, given: str) -> None:
    answer = server.ask("/media/tech/1.mp3", Range=given)
    assert (answer.status, answer.body) == (200, SOUND)


def test_nothing_can_be_had_of_an_empty_file(server: Server) -> None:
    assert server.ask("/media/tech/empty.mp3", Range="bytes=0-1").status == 416
    assert server.ask("/media/tech/empty.mp3").headers["content-length"] == "0"


def test_a_range_is_ignored_when_the_file_has_changed_since(server: Server) -> None:
    path = "/media/tech/1.mp3"
    etag = server.ask(path).headers["etag"]
    assert server.ask(path, Range="bytes=0-1", If_Range=etag).status == 206
    assert server.ask(path, Range="bytes=0-1", If_Range='"other"').status == 200


def test_a_range_goes_with_get_alone(server: Server) -> None:
    assert server.ask("/media/tech/1.mp3", "HEAD", Range="bytes=0-1").status == 200


@pytest.mark.parametrize("path", SHARED)
def test_players_on_other_sites_may_read_feeds_chapters_and_transcripts(server: Server, path: str) -> None:
    assert server.ask(path, Origin="https://player.example").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/style.css", "/topics/caching/"])
def test_pages_are_not_shared_with_other_sites(server: Server, path: str) -> None:
    assert "access-control-allow-origin" not in server.ask(path).headers


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", "no-cache"),
        ("/style.css", "no-cache"),
        ("/topics/caching/rss.xml", "public, max-age=300"),
        ("/media/tech/1.mp3", "public, max-age=86400"),
        ("/shows/tech/cover.png", "public, max-age=86400"),
    ],
)
def test_caches_are_told_how_long_to_keep_it(server: Server, path: str, caching: str) -> None:
    assert server.ask(path).headers["cache-control"] == caching


@pytest.mark.parametrize("path", ["/", "/topics/caching/rss.xml", "/media/tech/1.mp3", "/nothing", "/topics"])
def test_every_answer_has_the_security_headers(server: Server, path: str) -> None:
    headers = server.ask(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/topics/",
        "/topics",
        "/shows/tech/",
        "/.hidden",
        "/.feeds/ledger.sqlite",
        "/%2ehidden",
        "/topics/.secret/",
        "/topics/.secret/index.html",
        "/../outside.txt",
        "/topics/../../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/topics/..%2f..%2f..%2foutside.txt",
        "/..%5coutside.txt",
        "/../output-too/near.txt",
        "/link.txt",
        "/folder/near.txt",
        "/to-hidden.txt",
        "/loop",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/topics//caching/rss.xml",
        "/topics/caching/rss.xml/",
        "/topics/caching/rss.xml/x",
        "/style.css%00.html",
        "/" + "x" * 5000,
        "/%ff%fe",
    ],
)
def test_what_is_hidden_outside_or_a_mere_folder_is_not_found(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status == 404
    assert b"outside" not in answer.body
    assert b"hidden" not in answer.body


def test_a_folder_is_one_hop_from_its_page(server: Server) -> None:
    answer = server.ask("/topics/caching")
    assert answer.status == 308
    assert answer.headers["location"] == "caching/"
    assert server.ask("/topics/caching/").body == b"caching"


def test_names_outside_ascii_are_found(server: Server) -> None:
    assert server.ask("/media/tech/%C3%BCber.mp3").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(server: Server, method: str) -> None:
    answer = server.ask("/index.html", method)
    assert answer.status == 405
    assert {name.strip() for name in answer.headers["allow"].split(",")} == {"GET", "HEAD"}


def test_what_is_subscribed_to_here_is_downloaded_from_here(tmp_path: Path) -> None:
    (tmp_path / "podcast.xml").write_text(
        '<enclosure url="https://site.example/sub/1.mp3"/> podcast://site.example/sub/podcast.xml '
        "overcast://x-callback-url/add?url=https%3A%2F%2Fsite.example%2Fsub%2Fpodcast.xml https://other.example/sub/"
    )
    with serving(tmp_path, base_url="https://site.example/sub/") as server:
        answer = server.ask("/podcast.xml")
        here = f"127.0.0.1:{server.port}"
        assert answer.body.decode() == (
            f'<enclosure url="http://{here}/1.mp3"/> podcast://{here}/podcast.xml '
            f"overcast://x-callback-url/add?url=http%3A%2F%2F127.0.0.1%3A{server.port}%2Fpodcast.xml "
            "https://other.example/sub/"
        )
        assert answer.headers["content-length"] == str(len(answer.body))
        other = server.ask("/podcast.xml", Host="radio.example")
        assert b"http://radio.example/1.mp3" in other.body
        assert other.headers["etag"] != answer.headers["etag"]


def test_the_code_on_the_page_of_a_show_leads_a_phone_here(tmp_path: Path) -> None:
    (tmp_path / "shows/tech").mkdir(parents=True)
    (tmp_path / "shows/tech/podcast.xml").touch()
    page = tmp_path / "shows/tech/index.html"
    page.write_text(qr.svg("https://site.example/sub/shows/tech/podcast.xml"))
    with serving(tmp_path, base_url="https://site.example/sub/") as server:
        answer = server.ask("/shows/tech/", Host="radio.local:8000")
    assert answer.body.decode() == qr.svg("http://radio.local:8000/shows/tech/podcast.xml")


def test_pages_load_again_after_a_build(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head><title>x</title></head>")
    live = serve.Live()
    with serving(tmp_path, live=live) as server:
        page = server.ask("/")
        assert page.body.count(b'<script src="/_feeds/reload.js" defer></script>') == 1
        assert page.headers["cache-control"] == "no-cache"
        script = server.ask("/_feeds/reload.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert b"/_feeds/events" in script.body
    with serving(tmp_path) as server:
        assert server.ask("/").body == b"<head><title>x</title></head>"
        assert server.ask("/_feeds/reload.js").status == 404


def test_subscriptions_name_the_best_form_of_each_feed_podcasts_first(root: Path) -> None:
    assert serve.feed_paths(root) == ["shows/tech/podcast.xml", "topics/caching/rss.xml"]


def test_subscriptions_name_no_page_of_an_archive_and_not_more_than_fit_on_a_screen(tmp_path: Path) -> None:
    for name in ("all", "all/archive/1", *(f"topics/t{number:02}" for number in range(40))):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "rss.xml").touch()
    said = serve.announcement(tmp_path, "127.0.0.1", 8000)
    assert "/all/rss.xml" in said
    assert "archive" not in said
    assert said.count("rss.xml") == 20
    assert "21 more" in said


def test_a_code_for_phones_is_shown_only_when_phones_can_reach_it(root: Path) -> None:
    local = serve.announcement(root, "127.0.0.1", 8000)
    assert "http://127.0.0.1:8000/shows/tech/podcast.xml" in local
    assert "phone" not in local
    wide = serve.announcement(root, "192.0.2.7", 8000)
    assert "http://192.0.2.7:8000/topics/caching/rss.xml" in wide
    assert "phone" in wide
    assert "█" in wide
    assert "http://[2001:db8::7]:8000/" in serve.announcement(root, "2001:db8::7", 8000)
