"""A directory that stays the same while its name may come to mean another one.

Every method works relative to the open handle of the directory, and no method follows a symbolic
link. This is the form for POSIX; Windows has no such handles, and the form of
gafreduce/system/named_directory.py.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from gafreduce.system import file_access
from gafreduce.system.directory_tree import DirectoryTree

if sys.platform == "win32":
    from gafreduce.system.named_directory import NamedDirectory

_OPEN = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | file_access.NO_LINK | file_access.BYTES
_PATH = getattr(os, "O_PATH", 0)
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | file_access.NO_LINK | file_access.BYTES
_READ = file_access.NO_LINK | file_access.NO_WAIT | file_access.BYTES


@contextlib.contextmanager
def _name_path(path: Path) -> Iterator[None]:
    """Give the whole path to errors of this block, which know names relative to a handle."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


class Directory(DirectoryTree):
    """An open directory. It is closed at the end of a `with` block."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self.path = path  # for messages: under which name it was opened

    @classmethod
    def open(cls, path: Path) -> Directory:
        """Open a directory; links are followed in its path, but the last part may be none.

        Raises:
            OSError: It does not exist, or is no directory.
        """
        try:
            return cls(os.open(path, _OPEN), path)
        except PermissionError:  # it may not be listed, but files in it may be written
            return cls(os.open(path, _OPEN | _PATH), path)

    def open_below(self, name: str) -> Directory:
        """Open a directory in this one.

        Raises:
            OSError: It does not exist, or is no directory.
        """
        with _name_path(self.path / name):
            return Directory(os.open(name, _OPEN, dir_fd=self._descriptor), self.path / name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def list_names(self) -> list[str]:
        """Return the names of the entries, sorted."""
        return sorted(os.listdir(self._descriptor))  # noqa: PTH208 - a descriptor

    def stat(self, name: str = "") -> os.stat_result | None:
        """Return the status of an entry, or of the directory itself; None when there is none."""
        if not name:
            return os.fstat(self._descriptor)
        try:
            return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def make(self, name: str, mode: int = 0o777) -> None:
        """Make a directory.

        Raises:
            FileExistsError: The name is taken.
        """
        with _name_path(self.path / name):
            os.mkdir(name, mode, dir_fd=self._descriptor)

    def create(self, name: str, mode: int = 0o666) -> int:
        """Create a file, and return its descriptor.

        Raises:
            FileExistsError: The name is taken, if only by a link.
        """
        with _name_path(self.path / name):
            return os.open(name, _CREATE, mode, dir_fd=self._descriptor)

    def open_file(self, name: str, flags: int = os.O_RDONLY) -> int:
        """Return the descriptor of an existing regular file.

        Raises:
            OSError: It does not exist, or is something else.
        """
        with _name_path(self.path / name):
            descriptor = os.open(name, flags | _READ, dir_fd=self._descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file", str(self.path / name))
        return descriptor

    def rename(self, name: str, new: str) -> None:
        """Rename an entry; a file of the new name is replaced."""
        with _name_path(self.path / new):
            os.rename(name, new, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def link(self, name: str, new: str) -> None:
        """Give a file a second name.

        Raises:
            FileExistsError: The name is taken, if only by a link.
            OSError: The file system has no hard links.
        """
        with _name_path(self.path / new):
            os.link(
                name,
                new,
                src_dir_fd=self._descriptor,
                dst_dir_fd=self._descriptor,
                follow_symlinks=False,
            )

    def unlink(self, name: str) -> None:
        """Remove a file, if it exists."""
        with contextlib.suppress(FileNotFoundError), _name_path(self.path / name):
            os.unlink(name, dir_fd=self._descriptor)

    def remove_empty(self, name: str) -> None:
        """Remove an empty directory.

        Raises:
            OSError: It is not empty, or could not be removed.
        """
        with _name_path(self.path / name):
            os.rmdir(name, dir_fd=self._descriptor)

    def _remove_tree(self, name: str) -> None:
        shutil.rmtree(name, dir_fd=self._descriptor)


if sys.platform == "win32":
    Directory = NamedDirectory
