"""The interface of a storage: the file operations that the product needs, for any kind of place.

The vocabulary is that of object stores: an entry has an identity, which tells one version of a file
from another, and reading can be bound to it. `gafreduce/storage/resolve.py` finds the storage of a
URI. A new kind of storage is a new class, and a line there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

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

    def matches(self, other: Identity) -> bool:
        """Return whether two identities are of the same version of a file.

        Sizes must be equal, and ETags; without an ETag times must be, as for make.

        >>> Identity(1, etag="a").matches(Identity(1, etag="a", version="7"))
        True
        >>> Identity(1, mtime_ns=5).matches(Identity(1, mtime_ns=6))
        False
        """
        if self.etag is not None or other.etag is not None:
            return (self.bytes, self.etag) == (other.bytes, other.etag)
        is_timed = self.mtime_ns is not None and other.mtime_ns is not None
        return self.bytes == other.bytes and (not is_timed or self.mtime_ns == other.mtime_ns)

    def __str__(self) -> str:
        """Return the ETag, or size and time."""
        return self.etag or f"{self.bytes}:{self.mtime_ns}"


class Kind(Enum):
    """The kind of an entry."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "pipe or device"


@dataclass(frozen=True)
class Entry:
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


@dataclass(frozen=True)
class Folder:
    """The files of a folder, by name; in an object store all objects below the prefix."""

    uri: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Matches:
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

        No wildcard stands for a slash, as in a shell. An existing file comes before a pattern.
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

        Where the storage can, the request is bound to the identity: it fails for another version.
        """

    def read_beginnings(self, entries: Iterable[Entry], n_bytes: int) -> dict[str, bytes]:
        """Return the first bytes of those files that are read together at less cost, by URI."""

    def checksums(self, files: Mapping[str, Identity]) -> dict[str, str]:
        """Return what the storage knows of the content of files without reading them, by URI."""

    def download(
        self, wanted: Mapping[str, Identity], folder: Path, progress: Progress
    ) -> dict[str, Path]:
        """Copy files into a folder of this machine, and return their paths by URI.

        Raises:
            GafreduceError: A file can't be read, or is another version than that identity's.
        """

    def remove_folder(self, uri: str) -> None:
        """Remove a folder and all below; one that doesn't exist is no error."""
