"""The interface of all storages: file operations for local files, S3 and HDFS.

The vocabulary is that of object stores. An entry has an identity, which distinguishes the versions
of a file, and reading can require an identity. `gafreduce/storage/resolve.py` finds the storage of
a URI; a new kind of storage is a class and a line there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple, Protocol

from gafreduce.errors import InputError

#: Called with the bytes downloaded so far and the bytes in all.
Progress = Callable[[int, int], None]


class NotReachableError(InputError):
    """The storage that a URI names can't be read here."""


@dataclass(frozen=True)
class Identity:
    """The version of a file, as its storage states it."""

    bytes: int
    mtime_ns: int | None = None  # of local files; of HDFS, which keeps milliseconds
    etag: str | None = None  # of objects
    version: str | None = None  # of objects in a bucket that keeps versions, when it is known
    sha256: str = ""  # of standard input, which has none of the others
    #: The version of a local file (gafreduce/jobs/files/file_version.py).
    file_version: str = field(default="", compare=False)

    def matches(self, other: Identity) -> bool:
        """Return whether two identities are of the same version of a file.

        Sizes, ETags and times must be equal, as far as both are known; of local files also the
        other parts of their versions.

        >>> Identity(1, etag="a").matches(Identity(1, etag="a", version="7"))
        True
        >>> Identity(1, mtime_ns=5).matches(Identity(1, mtime_ns=6))
        False
        >>> Identity(1, 5, "a").matches(Identity(1, 6, "a"))  # replaced, and put back again
        False
        """
        if self.file_version and other.file_version:
            return self.file_version == other.file_version
        is_timed = self.mtime_ns is not None and other.mtime_ns is not None
        return (self.bytes, self.etag) == (other.bytes, other.etag) and (
            not is_timed or self.mtime_ns == other.mtime_ns
        )

    def __str__(self) -> str:
        """Return the ETag, or size and time."""
        return self.etag or f"{self.bytes}:{self.mtime_ns}"


class Kind(Enum):
    """The kind of an entry."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "pipe or device"


class Entry(NamedTuple):
    """A file, an object or a folder."""

    uri: str  # an absolute path on this machine
    identity: Identity
    name: str  # below the folder that was listed; else the last part of the URI
    unique_key: str  # equal for two names of one file: links, other spellings of a URI
    kind: Kind = Kind.FILE

    @property
    def bytes(self) -> int:
        """The stored size."""
        return self.identity.bytes


class Folder(NamedTuple):
    """What is in a folder, by name: files and folders; in an object store all objects below it."""

    uri: str
    entries: tuple[Entry, ...]


class Matches(NamedTuple):
    """The entries that a URI names: the one of this name, or those that fit the pattern.

    Folders that fit a pattern are among them.
    """

    entries: tuple[Entry, ...]


class Storage(Protocol):
    """File operations in one kind of place.

    All methods raise a GafreduceError when an operation fails; a file that doesn't exist is an
    error only for `read` and `download`.
    """

    #: Where the files are, for messages: "in S3".
    location: str
    #: The runners that read the files in place, of "hadoop" and "emr".
    read_in_place_by: frozenset[str]
    #: Options with which a Hadoop job reads files here.
    hadoop_input_options: tuple[str, ...]
    #: Options with which a Hadoop job writes its output here.
    hadoop_output_options: tuple[str, ...]
    #: How many files are read at the same time, where reading is waiting; 1 where it is work.
    n_readers: int

    def list(self, uri: str) -> Folder | Matches:
        """Return the files that a file name, folder or glob pattern names.

        A wildcard never matches a slash, as in a shell. An existing file takes precedence over a
        pattern.
        """

    def prepare(self, uris: Iterable[str]) -> None:
        """Look up in few requests the files that `list` will be called for.

        `list` may answer from an earlier look; `stat` never does.
        """

    def find_in_folder(self, folder: str, name: str) -> Entry | None:
        """Return the file of this name in a folder, or None."""

    def stat(self, uris: Iterable[str]) -> dict[str, Entry]:
        """Return the entries of files by URI; those that don't exist are left out."""

    def read(self, uri: str, identity: Identity, n_bytes: int | None = None) -> bytes:
        """Return the first stored bytes of a file, or all of them.

        If the storage supports it, the request fails for another version than that identity's.
        """

    def read_beginnings(self, entries: Iterable[Entry], n_bytes: int) -> dict[str, bytes]:
        """Return first bytes by URI, of those files that are cheaper to read together."""

    def checksums(self, files: Mapping[str, Identity]) -> dict[str, str]:
        """Return checksums by URI, of files whose checksum the storage knows without reading them.

        Equal checksums of one storage mean equal content.
        """

    def download(
        self, wanted: Mapping[str, Identity], folder: Path, progress: Progress
    ) -> dict[str, Path]:
        """Copy files into a folder of this machine, and return their paths by URI.

        Raises:
            GafreduceError: A file can't be read, or is another version than that identity's.
        """

    def remove_folder(self, uri: str) -> None:
        """Remove a folder and all below; one that doesn't exist is not an error."""
