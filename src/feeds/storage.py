"""Object storage that speaks S3, as a target.

Every object carries the SHA-256 of its document, and `manifest.json` lists them all: by the manifest of the
last build, what has not changed is not sent again. Where that build did not come to its end, objects may be
newer than their manifest; then each is asked.

Several are sent at once, but a feed only when all that was put before it is there, and the manifest last.

The endpoint and the credentials come from where the tools of AWS have them: `AWS_ENDPOINT_URL`,
`AWS_ACCESS_KEY_ID` and the like, or `~/.aws`.
"""

import gzip
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from typing import Any, NamedTuple, Self

from feeds.delivery import caching, content_type, is_feed, is_text
from feeds.errors import TargetError
from feeds.lease import Lease
from feeds.manifest import MANIFEST, listed
from feeds.model import Document, Place, Record
from feeds.outputs.formats import archive_page
from feeds.targets import measure, relative

_LOCK = ".feeds.lock"

_ATTEMPTS = 6
"""How often a request is made before it is given up, with waits of up to 1, 2, 4, 8 and 16 s between."""

_AT_ONCE = 8
"""Concurrent requests; at most twice as many documents are kept in memory for them."""

_PER_REMOVAL = 1000
"""Most objects that one request of S3 removes."""


class _Known(NamedTuple):
    """What is published at a path."""

    type: str
    sha256: str


class Storage:
    """A bucket, or what lies below a prefix of one. Entering it takes its lock.

    An object is replaced in one step: readers see it either old or new, never in between.
    """

    stage = None

    def __init__(self, address: str) -> None:
        """`address` is as `s3://bucket/prefix`."""
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._known: dict[str, _Known | None] = {}
        self._unasked: set[str] = set()
        """Paths of objects that the manifest does not list."""
        self._finished = True
        """Whether the manifest says what is published."""
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="storage")
        self._uploads = _Uploads(self._pool)
        self._follows_feed = False

    @property
    def name(self) -> str:
        """Address of the bucket and the prefix."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def __enter__(self) -> Self:
        self._lease = Lease(partial(self._call, path=_LOCK), self._place(_LOCK))
        with self._complaining(_LOCK):
            self._finished = self._lease.take()
        try:
            self._look()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After one failure, a second one adds nothing.
        with suppress(*[TargetError] if kind else []), self._complaining(_LOCK):
            try:
                if not kind:
                    self._uploads.wait()
            finally:
                self._pool.shutdown(cancel_futures=True)
                self._lease.give_back(finished=self._finished)

    def put(self, document: Document) -> Record:
        """Upload a document, unless it is there already. Text is sent and kept compressed.

        It may still be under way when this returns. Raises `TargetError` if it cannot be uploaded, or one
        before it could not, or if its path leads out of the prefix.
        """
        relative(document.path, self._place(""))
        self._lease.confirm()
        with self._complaining(document.path):
            size, digest = measure(document.body)
            wanted = _Known(document.type, digest)
            before = self._published(document.path)
            changed = before != wanted
        if changed:
            # What the manifest does not list is sent again by the next build, whatever becomes of this one.
            self._finished = self._finished and before is None
            self._begin(document, digest)
            self._known[document.path] = wanted
        if document.path == MANIFEST:
            self._uploads.wait()
            self._finished = True
        return Record(path=document.path, type=document.type, size=size, hash=digest, changed=changed)

    def read(self, path: str) -> bytes | None:
        """Give what is published at a path, `None` if nothing is; this needs no lock."""
        try:
            return _unpacked(self._ask("cat_file", self._path(path)))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise TargetError(f"cannot be read: {error.strerror or error}", self._place(path)) from error

    def holds(self, record: Record) -> bool:
        """Tell by its hash whether an object is still there."""
        with self._complaining(record.path):
            return self._published(record.path) == _Known(record.type, record.hash)

    def remove(self, paths: Iterable[str]) -> None:
        """Delete objects."""
        names = [*paths]
        self._uploads.wait()
        self._lease.confirm()
        for start in range(0, len(names), _PER_REMOVAL):
            some = names[start : start + _PER_REMOVAL]
            keys = [{"Key": self._prefix + relative(name, self._place(""))} for name in some]
            with self._complaining(some[0]):
                self._finished = False
                request = {"Objects": keys, "Quiet": True}
                answer = self._ask("call_s3", "delete_objects", Bucket=self._bucket, Delete=request)
            for error in answer.get("Errors", ()):
                place = Place(source=f"s3://{self._bucket}/{error['Key']}")
                raise TargetError(f"cannot be removed: {error.get('Message')}", place)
            self._known.update(dict.fromkeys(some))

    def _look(self) -> None:
        """Read the manifest; where there is none to rely on, list what is there, and ask what it names."""
        known = self._listed()
        if known is not None and self._finished:
            self._known.update(known)
            return
        with self._complaining(""):
            paths = self._ask("find", self._path(""))
            there = {path.removeprefix(self._path("")) for path in paths}
            named = sorted(there & (known or {}).keys())
            self._known.update(zip(named, self._pool.map(self._head, named), strict=True))
            self._unasked = there.difference(named)

    def _listed(self) -> dict[str, _Known] | None:
        body = self.read(MANIFEST) or b""
        try:
            known = {record.path: _Known(record.type, record.hash) for record in listed(body)}
        except ValueError:
            return None
        return {**known, MANIFEST: _Known("application/json", measure(body)[1])}

    def _published(self, path: str) -> _Known | None:
        if path in self._unasked:
            self._unasked.remove(path)
            self._known[path] = self._head(path)
        return self._known.get(path)

    def _head(self, path: str) -> _Known:
        said = self._call("head_object", path=path)["Metadata"]
        return _Known(said.get("type", ""), said.get("sha256", ""))

    def _begin(self, document: Document, digest: str) -> None:
        """Upload a document in its turn: feeds after what they point at, including their archives."""
        is_feed_ = is_feed(document.type) and not archive_page(document.path)
        if document.path == MANIFEST or (is_feed_ and not self._follows_feed):
            self._uploads.wait()
        self._follows_feed = is_feed_
        self._uploads.add(partial(self._upload, document, digest))

    def _upload(self, document: Document, digest: str) -> None:
        with self._complaining(document.path):
            self._send(document, digest)

    def _send(self, document: Document, digest: str) -> None:
        headers: dict[str, Any] = {
            "ContentType": content_type(document.type),
            "CacheControl": caching(document.type),
            "Metadata": {"sha256": digest, "type": document.type},
        }
        path, body = self._path(document.path), document.body
        if is_text(document.type):
            text = body if isinstance(body, bytes) else body.read_bytes()
            self._ask("pipe_file", path, gzip.compress(text, mtime=0), ContentEncoding="gzip", **headers)
        elif isinstance(body, bytes):
            self._ask("pipe_file", path, body, **headers)
        else:
            self._ask("put_file", str(body), path, **headers)

    def _call(self, method: str, *, path: str, **more: Any) -> dict[str, Any]:
        key = self._prefix + path
        answer: dict[str, Any] = self._ask("call_s3", method, Bucket=self._bucket, Key=key, **more)
        return answer

    @cached_property
    def _files(self) -> Any:
        return _connect()

    def _ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of the file system; every failure becomes an `OSError`."""
        from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

        try:
            return getattr(self._files, method)(*arguments, **named)
        except BotoCoreError as error:
            raise OSError(str(error)) from error

    def _path(self, path: str) -> str:
        return f"{self._bucket}/{self._prefix}{path}"

    def _place(self, path: str) -> Place:
        return Place(source=f"s3://{self._path(path)}")

    @contextmanager
    def _complaining(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = (
                f"cannot be published: {error.strerror or error}; the next build completes what is missing"
            )
            raise TargetError(message, self._place(path)) from error


class _Uploads:
    """Uploads under way. What goes wrong with one is raised at the next call."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._pending: deque[Future[None]] = deque()

    def add(self, upload: Callable[[], None]) -> None:
        """Start one, once there are not too many."""
        self._pending.append(self._pool.submit(upload))
        while len(self._pending) > 2 * _AT_ONCE:
            self._pending.popleft().result()

    def wait(self) -> None:
        """Wait for all."""
        while self._pending:
            self._pending.popleft().result()


def _unpacked(body: bytes) -> bytes:
    """Text as it was before it was compressed; all else as it is."""
    try:
        return gzip.decompress(body)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return body


def _connect() -> Any:
    try:
        import fsspec

        settings = {"retries": {"mode": "standard", "total_max_attempts": _ATTEMPTS}}
        files = fsspec.filesystem(
            "s3", config_kwargs=settings, use_listings_cache=False, skip_instance_cache=True
        )
    except ImportError as error:
        message = "object storage needs fsspec and s3fs, which are not installed: pip install 'feeds[s3]'"
        raise TargetError(message) from error
    files.retries = 1  # Those of the line above are enough.
    return files
