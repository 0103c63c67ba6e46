"""The storage of a URI: the only module that knows which schemes there are."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from glob import escape
from pathlib import Path

from gafreduce.errors import UsageError
from gafreduce.storage import s3
from gafreduce.storage.base import NotReachableError, Storage
from gafreduce.storage.local import LocalStorage
from gafreduce.system import host

_HDFS_SCHEME = "hdfs://"
#: Also paths with a drive or of a server of Windows, there.
_ABSOLUTE = re.compile(r"/|[a-z0-9]+://" + (r"|\\|[A-Za-z]:[/\\]" if host.IS_WINDOWS else ""))
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_GLOB = re.compile(r"[*?[]")
_DEFAULT_ACCESS = s3.Access()


class StorageResolver:
    """Finds the storage of a URI; one object of each kind is made, at its first use.

    Args:
        access: How S3 and Hadoop are reached.
        has_hadoop: Whether a Hadoop reads the files.
    """

    def __init__(self, access: s3.Access = _DEFAULT_ACCESS, has_hadoop: bool = False) -> None:
        self._access = access
        self._local = LocalStorage()
        self._has_hadoop = has_hadoop

    # imported at their first use: most runs read files of this machine only

    @functools.cached_property
    def _s3(self) -> Storage:
        from gafreduce.storage.s3_storage import S3Storage

        return S3Storage(self._access)

    @functools.cached_property
    def _hdfs(self) -> Storage:
        from gafreduce.storage.hdfs import HdfsStorage

        return HdfsStorage(self._access.hadoop_conf)

    def open(self, uri: str) -> Storage:
        """Return the storage of a URI or path.

        Raises:
            NotReachableError: It is in HDFS, and no Hadoop reads it.
        """
        if s3.is_uri(uri):
            return self._s3
        if not uri.startswith(_HDFS_SCHEME):
            return self._local
        if not self._has_hadoop:
            raise NotReachableError(
                f"{uri}: expected a file here or in S3, got one in HDFS "
                "(-r hadoop reads it there; or copy it: hadoop fs -get)"
            )
        return self._hdfs

    def group(self, uris: Iterable[str]) -> list[tuple[Storage, list[str]]]:
        """Return each storage that some of the URIs need, with those URIs in their order.

        Raises:
            NotReachableError: One is in HDFS, and no Hadoop reads it.
        """
        groups: dict[int, tuple[Storage, list[str]]] = {}
        for uri in uris:
            storage = self.open(uri)
            groups.setdefault(id(storage), (storage, []))[1].append(uri)
        return list(groups.values())


def open_storage(uri: str, access: s3.Access) -> Storage:
    """Return the storage of a URI or path."""
    return StorageResolver(access, has_hadoop=True).open(uri)


def local_path(uri: str) -> Path | None:
    """Return the path of a file of this machine, None for a URI of another storage.

    >>> local_path("in/x.gaf"), local_path("s3://bucket/x.gaf")
    (PosixPath('in/x.gaf'), None)
    """
    return None if s3.is_uri(uri) or uri.startswith(_HDFS_SCHEME) else Path(uri)


def check_output_address(output: str) -> None:
    """Check that an output is a path or a URI of S3: `file://x` would become a folder `file:`.

    Raises:
        UsageError: It is an address of another kind.
    """
    if _ADDRESS.match(output) and not s3.is_uri(output):
        raise UsageError(
            f"{output}: expected a folder or s3://bucket/prefix, got another kind of address "
            f"(for a folder of this name: ./{output})"
        )


def resolve_relative(folder: str, path: str) -> str:
    """Return the path or URI that a relative one names.

    Args:
        folder: A folder or URI; it contains no pattern, whatever its characters are.
        path: Relative to the folder, absolute, or a URI; it may be a glob pattern.
    """
    if _ABSOLUTE.match(path):
        return path
    local = local_path(folder)
    if local is not None and _GLOB.search(path) and not (local / path).exists():
        folder = escape(folder)
    return f"{folder}/{path}"
