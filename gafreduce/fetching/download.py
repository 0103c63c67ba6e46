"""Download files over HTTP into a cache that runs share: resumed, verified, never half there.

A file is complete when its record exists: size, ETag, SHA-256. Until then its bytes are in a part
file, which the next attempt, or the next run after a kill, continues if the server still has the
same version.
"""

from __future__ import annotations

import contextlib
import email.utils
import gzip
import hashlib
import http.client
import json
import logging
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from gafreduce.errors import InputError, TransientError
from gafreduce.system import file_access

log = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 16
_SECONDS = 60  # without a byte
#: Attempts in a row that get no new byte.
_ATTEMPTS = 5
_LONGEST_WAIT = 300.0
_AGENT = "gafreduce/0.1 (annotation files; python-urllib)"
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))
_NOT_MODIFIED, _NOT_FOUND, _BAD_RANGE, _PARTIAL = 304, (403, 404, 410), 416, 206


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not from HTTPS to an address that others on the way can change."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if req.type == "https" and urllib.parse.urlsplit(newurl).scheme != "https":
            raise NotThereError(
                f"{req.full_url}: expected a file, got a redirect to {newurl}, which is not HTTPS"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = urllib.request.build_opener(_Redirects)


class NotThereError(InputError):
    """The server has no such file."""


class OfflineError(TransientError):
    """The server cannot be reached, or breaks off again and again."""


class FetchedFile(NamedTuple):
    """A complete file of the cache."""

    path: Path
    url: str
    bytes: int
    etag: str  # empty if the server gave none
    last_modified: str
    sha256: str


class Downloader:
    """Gets files into the cache; one connection, one file after another."""

    def __init__(
        self,
        cache: Path,
        report: Callable[[int], None] = lambda n_bytes: None,
        sleep: Callable[[float], None] = time.sleep,
        begin: Callable[[str, int, int | None], None] = lambda name, done, total: None,
    ) -> None:
        """Use a cache.

        Args:
            cache: Its folder; it is made.
            report: Gets the number of bytes of each block that arrives.
            sleep: Waits for seconds.
            begin: Gets, when bytes of a file begin to arrive, its name, the number of those that
                are there already, and that of the whole file, if the server states it.
        """
        self._cache = cache
        self._report = report
        self._sleep = sleep
        self._begin = begin
        self.answered: set[str] = set()  # addresses that a server has answered
        cache.mkdir(parents=True, exist_ok=True)

    def get(self, url: str, is_fixed: bool = False) -> FetchedFile:
        """Return a file, from the cache if the server has no newer one, or cannot be reached.

        Args:
            url: Its address.
            is_fixed: Whether the file never changes: that of a dated release.

        Raises:
            NotThereError: The server has no such file.
            OfflineError: The file is not in the cache, and the server cannot be reached.
        """
        home = self._cache / hashlib.sha256(url.encode()).hexdigest()[:32]
        home.mkdir(exist_ok=True)
        with _lock(home / "lock"):
            known = self._read(home, url)
            if known is not None and is_fixed:
                return known
            try:
                return self._download(home, url, known)
            except OfflineError as error:
                if known is None:
                    raise
                log.warning("%s (the copy of %s is used)", error, known.last_modified or "before")
                return known

    def list_cached(self) -> list[FetchedFile]:
        """Return the complete files of the cache, by address."""
        found = []
        for home in self._cache.iterdir():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                record = json.loads((home / "record.json").read_text("utf-8"))
                found.append(FetchedFile(home / record.pop("name"), **record))
        return sorted(found, key=lambda each: each.url)

    def _read(self, home: Path, url: str) -> FetchedFile | None:
        """Return the complete file, after reading it again; None without one."""
        try:
            record = json.loads((home / "record.json").read_text("utf-8"))
            found = FetchedFile(home / record.pop("name"), **record)
            if found.url == url and _hash(found.path) == (found.bytes, found.sha256):
                return found
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _download(self, home: Path, url: str, known: FetchedFile | None) -> FetchedFile:
        attempt = 0
        reason = ""
        most = _Part(home).size  # a server without ranges begins again, and may get less far
        while attempt < _ATTEMPTS:
            part = _Part(home)
            try:
                answer = self._receive(url, part, known)
                if answer is None:
                    assert known is not None
                    return known
                return self._finish(home, url, part, answer)
            except _RetryError as error:
                reason, wait = str(error), error.seconds
                attempt = 0 if part.size > most else attempt + 1
                most = max(most, part.size)
                if attempt < _ATTEMPTS:
                    log.info("%s: %s; trying again in %.1f s", url, reason, wait)
                    self._sleep(wait * 2 ** max(attempt - 1, 0) if error.is_own else wait)
        raise OfflineError(f"{url}: expected the file, got {reason} (try again later)")

    def _receive(self, url: str, part: _Part, known: FetchedFile | None) -> _ServedVersion | None:
        """Write what is missing of a file into its part; None if the known one is up to date."""
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
        if part.size and part.version:
            headers |= {"Range": f"bytes={part.size}-", "If-Range": part.version}
        elif known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        try:
            request = urllib.request.Request(url, headers=headers)
            with _OPENER.open(request, timeout=_SECONDS) as response:
                self.answered.add(url)
                return self._copy(url, response, part)
        except urllib.error.HTTPError as error:
            with error:
                self.answered.add(url)
                self._handle(url, error, part)
                return None
        except (OSError, http.client.HTTPException) as error:
            raise _RetryError(_describe(error)) from error

    def _handle(self, url: str, error: urllib.error.HTTPError, part: _Part) -> None:
        """Raise an error for a status, unless it says that the known file has not changed."""
        if error.code == _NOT_MODIFIED:
            return
        if error.code in _NOT_FOUND:
            raise NotThereError(f"{url}: expected a file, got none there ({error.code})")
        if error.code == _BAD_RANGE:  # the part is not of the file that is there now
            part.clear()
            raise _RetryError("another version of the file")
        if error.code in _TRANSIENT:
            raise _RetryError(f"status {error.code}", _read_wait(error.headers.get("Retry-After")))
        raise NotThereError(f"{url}: expected a file, got status {error.code}")

    def _copy(self, url: str, response: Any, part: _Part) -> _ServedVersion:
        headers = response.headers
        answer = _ServedVersion(headers.get("ETag", ""), headers.get("Last-Modified", ""))
        total: int | None = None
        if response.status == _PARTIAL:
            span, _, size = headers.get("Content-Range", "").rpartition("/")
            if not span.startswith(f"bytes {part.size}-"):
                part.clear()
                raise _RetryError("another part than the one asked for")
            total = int(size) if size.isdigit() else None
        else:
            part.clear()
            length = headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
        part.set_version(answer)
        self._begin(_name(url), part.size, total)
        with part.open() as stream:
            while block := response.read(_BLOCK_BYTES):
                part.write(stream, block)
                self._report(len(block))
        if total is not None and part.size != total:
            n_bytes = part.size
            if n_bytes > total:
                part.clear()
            raise _RetryError(f"{n_bytes:,} of {total:,} bytes")
        return answer

    def _finish(self, home: Path, url: str, part: _Part, answer: _ServedVersion) -> FetchedFile:
        """Verify a file, and give it its name and its record."""
        name = _name(url)
        fault = _find_fault(part.path, name)
        n_bytes, sha256 = _hash(part.path)
        if fault:
            part.clear()
            raise _RetryError(fault)
        (home / "record.json").unlink(missing_ok=True)
        part.path.replace(home / f"file-{name}")
        part.forget()
        found = FetchedFile(
            home / f"file-{name}", url, n_bytes, answer.etag, answer.last_modified, sha256
        )
        record = found._asdict() | {"name": found.path.name}
        del record["path"]
        working = home / "record.part"
        working.write_text(json.dumps(record), encoding="utf-8", newline="\n")
        working.replace(home / "record.json")
        return found


class _ServedVersion(NamedTuple):
    etag: str
    last_modified: str


class _RetryError(Exception):
    """An attempt failed; another one may work.

    Attributes:
        seconds: To wait before it.
        is_own: Whether the server named no time.
    """

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.is_own = seconds is None
        self.seconds = random.uniform(0.5, 1.0) if seconds is None else seconds


class _Part:
    """The bytes of a file that have arrived, and the version that they are of."""

    def __init__(self, home: Path) -> None:
        self.path = home / "part"
        self._note = home / "part.version"

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> str:
        """What If-Range names: a strong ETag, or a date."""
        try:
            return self._note.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def set_version(self, answer: _ServedVersion) -> None:
        is_strong = bool(answer.etag) and not answer.etag.startswith("W/")
        self._note.write_text(
            answer.etag if is_strong else answer.last_modified, "utf-8", newline="\n"
        )

    def open(self) -> BinaryIO:
        return self.path.open("ab", buffering=0)

    def write(self, stream: BinaryIO, block: bytes) -> None:
        """Append a block.

        Raises:
            InputError: The disk is full, or fails: another attempt would not help.
        """
        try:
            while block:
                block = block[stream.write(block) :]
        except OSError as error:
            raise InputError(
                f"{self.path}: expected to write it, got {error.strerror} (make room in the "
                "cache; what has arrived is kept)"
            ) from error

    def clear(self) -> None:
        self.forget()
        self.path.unlink(missing_ok=True)

    def forget(self) -> None:
        self._note.unlink(missing_ok=True)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Wait until no other process downloads the file."""
    with path.open("ab") as stream:
        file_access.wait_for_lock(stream.fileno())
        yield


def _name(url: str) -> str:
    return url.rpartition("/")[2] or "file"


def _read_wait(stated: str | None) -> float | None:
    """Return the seconds that Retry-After states, at most five minutes; None without it.

    >>> _read_wait("7"), _read_wait("86400"), _read_wait("soon")
    (7.0, 300.0, None)
    """
    if stated is None:
        return None
    if stated.strip().isdigit():
        return min(float(stated), _LONGEST_WAIT)
    try:
        seconds = email.utils.parsedate_to_datetime(stated).timestamp() - time.time()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _hash(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        return path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()


def _find_fault(path: Path, name: str) -> str:
    """Return why the bytes cannot be the whole file; empty if they can."""
    with path.open("rb") as stream:
        start = stream.read(512)
        if start.lstrip()[:1] == b"<":
            return "a web page"
        if not name.endswith(".gz"):
            stream.seek(max(path.stat().st_size - 1, 0))
            return "" if stream.read() == b"\n" else "a file that ends within a line"
    if not start.startswith(b"\x1f\x8b"):
        return "a file that is not gzip"
    try:
        with gzip.open(path) as unpacked:
            while unpacked.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error):
        return "a damaged gzip file"
    return ""


def _describe(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(error, http.client.IncompleteRead):
        return "a connection that broke off"
    return f"{type(reason).__name__}: {reason}"
