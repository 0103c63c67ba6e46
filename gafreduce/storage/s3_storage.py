"""Objects in S3: the storage of s3:// URIs.

Requests for an object with a known ETag have the ETag as a condition (If-Match), so that no run
mixes two versions of an object.
"""

from __future__ import annotations

import fnmatch
import re
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.storage import s3
from gafreduce.storage.base import Entry, Folder, Identity, Matches, Progress
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import S3Error, is_absent, translate_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GLOB = re.compile(r"[*?[]")
_STAT_THREADS = 32
_NS_PER_S = 1_000_000_000
#: Options with which Hadoop reads `s3://` as EMR does.
_READ_OPTIONS = ("-D", "fs.s3.impl=org.apache.hadoop.fs.s3a.S3AFileSystem")
#: Only one of two attempts of a task may write an object, and none before the job commits it.
WRITE_OPTIONS = (
    *("-D", "mapreduce.map.speculative=false"),
    *("-D", "mapreduce.reduce.speculative=false"),
    *("-D", "mapreduce.fileoutputcommitter.algorithm.version=1"),
)


class S3Storage:
    """The storage of s3:// URIs, in Hadoop's spellings too.

    Args:
        access: How S3 is reached.
    """

    location = "in S3"
    read_in_place_by = frozenset({"hadoop", "emr"})
    hadoop_input_options: tuple[str, ...] = _READ_OPTIONS
    hadoop_output_options: tuple[str, ...] = WRITE_OPTIONS
    n_readers = 8

    def __init__(self, access: Access) -> None:
        self._access = access

    def list(self, uri: str) -> Folder | Matches:
        """Return the object of a key, the objects that fit a pattern, or those under a prefix.

        Raises:
            S3Error: A request failed.
        """
        location = s3.parse(uri)
        found = self._find_object(location, uri)
        if found is not None:
            return Matches((found,))
        if _GLOB.search(location.key):
            literal = Location(location.bucket, literal_prefix(location.key))
            return Matches(
                tuple(
                    entry
                    for entry in self._list_below(literal)
                    if fits_pattern(s3.parse(entry.uri).key, location.key)
                )
            )
        folder = Location(location.bucket, f"{location.key.rstrip('/')}/".lstrip("/"))
        return Folder(uri, tuple(self._list_below(folder)))

    def prepare(self, uris: Iterable[str]) -> None:
        """Do nothing: each object is found by a request of its own."""

    def find_in_folder(self, folder: str, name: str) -> Entry | None:
        """Return the object of this name under a prefix; None if there is none, or for a pattern.

        Raises:
            S3Error: The request failed.
        """
        bucket, key = s3.parse(folder)
        if _GLOB.search(key):
            return None
        location = Location(bucket, f"{key.rstrip('/')}/{name}".lstrip("/"))
        return self._find_object(location, folder)

    def stat(self, uris: Iterable[str]) -> dict[str, Entry]:
        """Return the entries of objects by URI; those that don't exist are left out.

        Raises:
            S3Error: A request failed.
        """
        wanted = list(uris)
        if not wanted:
            return {}
        client = self._access.client()
        with ThreadPoolExecutor(min(_STAT_THREADS, len(wanted))) as pool:
            found = list(pool.map(partial(_head, client), wanted))
        return {uri: entry for uri, entry in zip(wanted, found, strict=True) if entry is not None}

    def read(self, uri: str, identity: Identity, n_bytes: int | None = None) -> bytes:
        """Return the first bytes of an object, or all of them.

        Raises:
            S3Error: The request failed, or the object is another version by now.
        """
        if not identity.bytes:
            return b""  # S3 refuses a range of an empty object
        options = {"Range": f"bytes=0-{'' if n_bytes is None else n_bytes - 1}"}
        if identity.etag:
            options["IfMatch"] = identity.etag
        return s3.read_object(self._access.client(), s3.parse(uri), **options)

    def read_beginnings(self, entries: Iterable[Entry], n_bytes: int) -> dict[str, bytes]:
        """Return nothing: objects are not read at less cost together."""
        return {}

    def checksums(self, files: Mapping[str, Identity]) -> dict[str, str]:
        """Return the ETags: equal for copies that were put in the same way."""
        return {uri: each.etag for uri, each in files.items() if each.etag is not None}

    def download(
        self, wanted: Mapping[str, Identity], folder: Path, progress: Progress
    ) -> dict[str, Path]:
        """Copy objects into a folder of this machine, and return their paths by URI.

        boto3's transfer manager reads several parts of several objects at the same time.

        Raises:
            S3Error: An object can't be read, or is another version than that identity's.
        """
        if not wanted:
            return {}
        from boto3.s3.transfer import ProgressCallbackInvoker, create_transfer_manager

        locations = {uri: s3.parse(uri) for uri in wanted}
        paths = {uri: folder / f"{number:06d}.stored" for number, uri in enumerate(wanted)}
        etags = {locations[uri]: each.etag for uri, each in wanted.items() if each.etag is not None}
        counter = _Counter(sum(each.bytes for each in wanted.values()), progress)
        client = self._access.client()
        with (
            s3.require_etags(client, etags),
            create_transfer_manager(client, s3.transfer_config()) as manager,
        ):
            transfers = {
                uri: manager.download(
                    *(location.bucket, location.key, str(paths[uri])),
                    subscribers=[ProgressCallbackInvoker(counter.add)],
                )
                for uri, location in locations.items()
            }
            for uri, transfer in transfers.items():
                with translate_errors(f"reading {uri}"):
                    transfer.result()
                _check_size(uri, wanted[uri].bytes, paths[uri])
        return paths

    def remove_folder(self, uri: str) -> None:
        """Remove all objects under a prefix.

        Raises:
            S3Error: A request failed.
        """
        s3.remove_prefix(self._access.client(), s3.parse(f"{uri.rstrip('/')}/"))

    def _find_object(self, location: Location, asked: str) -> Entry | None:
        """Return the object of exactly this key, or None; a key that ends in a slash is none.

        A list request is used, not HEAD: an error of HEAD has no body that names its cause.
        """
        bucket, key = location
        if not key or key.endswith("/"):
            return None
        with translate_errors(f"listing {asked}"):
            page = self._access.client().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
        items = (item for item in page.get("Contents", []) if item["Key"] == key)
        return next((_entry(bucket, item, key) for item in items), None)

    def _list_below(self, location: Location) -> Iterable[Entry]:
        """Yield the objects under a prefix; names begin after its last slash."""
        folder = location.key[: location.key.rfind("/") + 1]
        for item in s3.list_objects(self._access.client(), location):
            if not item["Key"].endswith("/"):  # consoles put such objects to show a folder
                yield _entry(location.bucket, item, folder)


def literal_prefix(pattern: str) -> str:
    """Return the part of a glob pattern before its first wildcard: every match begins with it.

    >>> literal_prefix("in/*.gaf"), literal_prefix("in/a.gaf")
    ('in/', 'in/a.gaf')
    """
    return _GLOB.split(pattern)[0]


def fits_pattern(key: str, pattern: str) -> bool:
    """Return whether a key matches a glob pattern; a wildcard never matches a slash."""
    return fnmatch.fnmatchcase(key, pattern) and key.count("/") == pattern.count("/")


def download_parts(access: Access, uri: str, folder: Path) -> list[Path]:
    """Copy the part files of a finished job into a folder of this machine, as they were listed.

    Raises:
        S3Error: There is no `_SUCCESS`, a part was replaced, or a request failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    storage = S3Storage(access)
    entries = {entry.name: entry for entry in storage.list(f"{uri.rstrip('/')}/").entries}
    if "_SUCCESS" not in entries:
        raise S3Error(f"{uri}: expected _SUCCESS with the parts, got none (run again)")
    names = sorted(name for name in entries if name.startswith("part-"))
    wanted = {entries[name].uri: entries[name].identity for name in names}
    paths = storage.download(wanted, folder, lambda done, total: None)
    return [paths[entries[name].uri].rename(folder / name) for name in names]


def _head(client: S3Client, uri: str) -> Entry | None:
    from botocore.exceptions import ClientError

    bucket, key = s3.parse(uri)
    with translate_errors(f"looking at {uri}"):
        try:
            head = client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if is_absent(error):
                return None
            raise
    return _entry(bucket, {"Key": key, "Size": head["ContentLength"], **head}, key)


def _entry(bucket: str, item: Mapping[str, Any], folder: str) -> Entry:
    """Return an entry for boto3's description of an object; its name is relative to the folder."""
    uri, key = Location(bucket, item["Key"]).uri, item["Key"]
    identity = Identity(
        item["Size"],
        mtime_ns=int(item["LastModified"].timestamp()) * _NS_PER_S,
        etag=item["ETag"],
        version=item.get("VersionId"),
    )
    return Entry(uri, identity, key.removeprefix(folder) or key.rpartition("/")[2], uri)


def _check_size(uri: str, expected: int, path: Path) -> None:
    size = path.stat().st_size
    if size != expected:
        raise S3Error(f"{uri}: expected {expected} bytes, got {size} (run again)")


class _Counter:
    """Adds up the bytes that the threads of a transfer download."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._done = 0
        self._progress = progress
        self._lock = threading.Lock()

    def add(self, n_bytes: int) -> None:
        """Count bytes; a negative number when a part is downloaded again."""
        with self._lock:
            self._done += n_bytes
            self._progress(min(self._done, self._total), self._total)
