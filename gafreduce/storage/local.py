"""Files of this machine: the storage of paths."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from glob import glob
from pathlib import Path

from gafreduce.errors import InputError
from gafreduce.jobs.files.file_version import encode_version
from gafreduce.storage.base import (
    Entry,
    Folder,
    Identity,
    Kind,
    Matches,
    Progress,
)

_GLOB = re.compile(r"[*?[]")


class LocalStorage:
    """The storage of paths."""

    location = "on this machine"
    read_in_place_by: frozenset[str] = frozenset()
    hadoop_input_options: tuple[str, ...] = ()
    hadoop_output_options: tuple[str, ...] = ()
    n_readers = 1

    def list(self, uri: str) -> Folder | Matches:
        """Return the files of a path, folder or glob pattern.

        Of a folder its regular files and its folders, but no links to folders.
        """
        path = Path(uri)
        if path.is_dir():
            return Folder(path.as_posix(), tuple(_list_folder(path)))
        if path.exists():
            return Matches((make_entry(path),))
        if _GLOB.search(uri):
            paths = map(Path, sorted(glob(uri)))  # noqa: PTH207 - the pattern may be absolute
            return Matches(
                tuple(make_entry(each) for each in paths if each.is_file() or each.is_dir())
            )
        return Matches(())

    def prepare(self, uris: Iterable[str]) -> None:
        """Do nothing: looking at a file costs next to nothing."""

    def find_in_folder(self, folder: str, name: str) -> Entry | None:
        """Return the file of this name in a folder, or None."""
        path = Path(folder, name)
        return make_entry(path) if path.is_file() else None

    def stat(self, uris: Iterable[str]) -> dict[str, Entry]:
        """Return the entries of files by path; those that don't exist are left out."""
        return {uri: make_entry(Path(uri)) for uri in uris if Path(uri).exists()}

    def read(self, uri: str, identity: Identity, n_bytes: int | None = None) -> bytes:
        """Return the first bytes of a file, or all of them; its identity is not checked."""
        try:
            with Path(uri).open("rb") as stream:
                return stream.read(n_bytes)
        except OSError as error:
            raise InputError(f"{uri}: expected to read it, got {error.strerror}") from error

    def read_beginnings(self, entries: Iterable[Entry], n_bytes: int) -> dict[str, bytes]:
        """Return nothing: files are not read at less cost together."""
        return {}

    def checksums(self, files: Mapping[str, Identity]) -> dict[str, str]:
        """Return nothing: the system keeps no checksums."""
        return {}

    def download(
        self, wanted: Mapping[str, Identity], folder: Path, progress: Progress
    ) -> dict[str, Path]:
        """Return the paths: nothing is copied."""
        return {uri: Path(uri) for uri in wanted}

    def remove_folder(self, uri: str) -> None:
        """Refuse: nothing that the product removes by its URI is on this machine."""
        raise InputError(f"{uri}: expected a folder in S3 or HDFS (remove it yourself)")


def make_entry(path: Path, real: Path | None = None) -> Entry:
    """Return the entry of a file or folder.

    Args:
        path: As it was named.
        real: The same without symbolic links, where it is known.

    Raises:
        InputError: It doesn't exist, or its folder can't be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"{path}: expected a file, got {error.strerror}") from error
    kind = Kind.FILE if stat.S_ISREG(status.st_mode) else Kind.OTHER
    if stat.S_ISDIR(status.st_mode):
        kind = Kind.FOLDER
    # hard links are two real paths of one file; elsewhere not every file system has true numbers
    key = f"{status.st_dev}:{status.st_ino}" if status.st_nlink > 1 else str(real or path.resolve())
    identity = Identity(
        status.st_size, mtime_ns=status.st_mtime_ns, file_version=encode_version(status)
    )
    return Entry(path.absolute().as_posix(), identity, path.name, key, kind)


def _list_folder(folder: Path) -> Iterator[Entry]:
    with os.scandir(folder) as entries:  # an entry's type is known without a call of stat
        names = sorted(
            (each.name, each.is_symlink())
            for each in entries
            if each.is_file() or each.is_dir(follow_symlinks=False)
        )
    real = folder.resolve()  # once for all files: resolving looks at each folder above
    for name, is_link in names:
        yield make_entry(folder / name, None if is_link else real / name)
