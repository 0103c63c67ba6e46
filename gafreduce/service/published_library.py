"""The runs below a prefix of S3, for a function that starts often, has a small disk and only reads.

A run is known by its manifest, which is written last: one without is not served, and a new ETag of
the manifest means a new content. Databases are fetched when a request is about their run; requests
about all runs are answered by one that is made of them here.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gafreduce.errors import InputError
from gafreduce.publishing.manifest import NAME as MANIFEST
from gafreduce.publishing.open_run import parse_record
from gafreduce.publishing.run_folder import (
    PAGE,
    RECORD,
    SEARCH_DATABASE,
    RunFolder,
    table_path,
)
from gafreduce.service.search_database import (
    TABLES,
    build_database,
    is_current,
    merge_databases,
)
from gafreduce.service.store import Store, TooSlowError
from gafreduce.storage import s3
from gafreduce.storage.s3_errors import translate_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: Seconds between two looks at the bucket.
_PAUSE_SECONDS = 60.0
#: Bytes of all databases on the disk, which has 512 MB.
_MOST_BYTES = 400 << 20
#: A larger page is not passed on, because an answer of a function has at most 6 MB: it is fetched
#: from S3 by a URL that is valid for this time.
_MOST_OF_PAGE = 4 << 20
_URL_SECONDS = 300
_N_THREADS = 8
_WANTED = (RECORD, PAGE, SEARCH_DATABASE, *(table_path(table.name) for table in TABLES))


class _Object(NamedTuple):
    """An object of a run."""

    etag: str
    n_bytes: int


class _ListedRun(NamedTuple):
    """A published run."""

    run_id: str
    prefix: str
    version: str  # ETag of its manifest
    objects: Mapping[str, _Object]  # by path in the run folder


class PublishedLibrary:
    """The runs below a URI.

    Args:
        place: The s3:// URI.
        access: How S3 is reached.
        scratch: A folder for databases and pages.
        seconds: Limit of a request.
    """

    def __init__(self, place: str, access: s3.Access, scratch: Path, seconds: float = 2.0) -> None:
        location = s3.parse(place)
        self._place = place
        self._bucket = location.bucket
        self._prefix = f"{location.key.rstrip('/')}/" if location.key else ""
        self._access = access
        self._scratch = scratch
        self._seconds = seconds
        self._runs: dict[str, _ListedRun] = {}  # by run id
        self._stores: dict[str, tuple[Store, Path]] = {}  # by version, the oldest first
        self._next_look = 0.0
        self._lock = threading.Lock()

    def choose_store(self, run_id: str | None) -> Store:
        """Return the database that answers a request about a run; None: about all of them.

        Raises:
            InputError: There is no run.
            S3Error: The runs cannot be read.
            TooSlowError: All runs together are too large.
        """
        with self._lock:
            self._look()
            if not self._runs:
                raise InputError(f"{self._place}: expected published runs, got none")
            if run_id is None and len(self._runs) > 1:
                return self._open_all()
            # a run that does not exist has no rows in the database of another one
            return self._open(self._runs.get(run_id or "") or next(iter(self._runs.values())))

    def find_page(self, run_id: str) -> Path | str | None:
        """Return the page of a run: its path, a URL when it is large, or None when it has none.

        Raises:
            S3Error: It cannot be read.
        """
        with self._lock:
            self._look()
            run = self._runs.get(run_id)
            if run is None or PAGE not in run.objects:
                return None
            if run.objects[PAGE].n_bytes > _MOST_OF_PAGE:
                return self._client.generate_presigned_url(
                    "get_object",
                    Params={"Bucket": self._bucket, "Key": f"{run.prefix}{PAGE}"},
                    ExpiresIn=_URL_SECONDS,
                )
            path = self._scratch / f"{_shorten(run.version)}.html"
            if not path.is_file():
                self._fetch(run, PAGE, path)
            return path

    @property
    def _client(self) -> S3Client:
        return self._access.client()

    def _look(self) -> None:
        """Look which runs there are, unless it was done a moment ago."""
        if time.monotonic() < self._next_look:
            return
        location = s3.Location(self._bucket, self._prefix)
        objects = {
            each["Key"]: _Object(each["ETag"], each["Size"])
            for each in s3.list_objects(self._client, location)
        }
        known = {run.prefix: run for run in self._runs.values()}
        prefixes = [
            key.removesuffix(MANIFEST) for key in objects if f"/{key}".endswith(f"/{MANIFEST}")
        ]
        with ThreadPoolExecutor(_N_THREADS) as pool:
            found = pool.map(
                lambda prefix: self._read_run(prefix, objects, known.get(prefix)), sorted(prefixes)
            )
            self._runs = {run.run_id: run for run in found if run is not None}
        self._next_look = time.monotonic() + _PAUSE_SECONDS

    def _read_run(
        self, prefix: str, objects: Mapping[str, _Object], known: _ListedRun | None
    ) -> _ListedRun | None:
        """Return the run at a prefix; None when it is none of ours."""
        version = objects[f"{prefix}{MANIFEST}"].etag
        if known is not None and known.version == version:
            return known
        if f"{prefix}{RECORD}" not in objects:
            return None
        body = s3.read_object(self._client, s3.Location(self._bucket, f"{prefix}{RECORD}"))
        record = parse_record(body)
        if record is None:
            return None
        wanted = {
            name: objects[f"{prefix}{name}"] for name in _WANTED if f"{prefix}{name}" in objects
        }
        return _ListedRun(str(record["run_id"]), prefix, version, wanted)

    def _open(self, run: _ListedRun) -> Store:
        """Return the database of a run, fetched or made when it is not here."""
        found = self._stores.pop(run.version, None)
        if found is None:
            path = self._scratch / f"{_shorten(run.version)}.sqlite"
            if SEARCH_DATABASE in run.objects:
                self._fetch(run, SEARCH_DATABASE, path)
            if not is_current(path):
                self._build(run, path)
            found = Store(path, self._seconds), path
        return self._keep(run.version, found)

    def _open_all(self) -> Store:
        """Return the database of all runs, made when it is not here."""
        version = " ".join(sorted(run.version for run in self._runs.values()))
        found = self._stores.pop(version, None)
        if found is None:
            if sum(self._list_sizes()) > _MOST_BYTES // 2:
                raise TooSlowError
            path = self._scratch / f"{_shorten(version)}.sqlite"
            parts = []
            for run_id in sorted(self._runs):
                self._open(self._runs[run_id])
                parts.append(self._stores[self._runs[run_id].version][1])
            path.unlink(missing_ok=True)
            merge_databases(parts, path)
            found = Store(path, self._seconds), path
        return self._keep(version, found)

    def _list_sizes(self) -> Iterator[int]:
        for run in self._runs.values():
            found = run.objects.get(SEARCH_DATABASE)
            yield found.n_bytes if found else sum(each.n_bytes for each in run.objects.values())

    def _keep(self, version: str, found: tuple[Store, Path]) -> Store:
        """Make a database the youngest one, and remove the oldest ones that do not fit."""
        self._stores[version] = found
        n_bytes = sum(path.stat().st_size for _, path in self._stores.values())
        while n_bytes > _MOST_BYTES and len(self._stores) > 1:
            _, path = self._stores.pop(next(iter(self._stores)))
            n_bytes -= path.stat().st_size
            path.unlink()
        return found[0]

    def _fetch(self, run: _ListedRun, name: str, path: Path) -> None:
        """Copy an object of a run, if it is still the one that was listed."""
        location = s3.Location(self._bucket, f"{run.prefix}{name}")
        body = s3.read_object(self._client, location, IfMatch=run.objects[name].etag)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(body)
        part.replace(path)

    def _build(self, run: _ListedRun, path: Path) -> None:
        """Make the database of a run that has none, or an older one, of its tables."""
        folder = self._scratch / _shorten(run.version)
        with translate_errors(f"reading s3://{self._bucket}/{run.prefix}"):
            for name in run.objects:
                if name not in (PAGE, SEARCH_DATABASE):
                    self._fetch(run, name, folder / name)
        path.unlink(missing_ok=True)
        build_database([RunFolder(folder)], path)
        for each in folder.rglob("*"):
            if each.is_file():
                each.unlink()


def _shorten(version: str) -> str:
    return hashlib.sha256(version.encode()).hexdigest()[:16]
