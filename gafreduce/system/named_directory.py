"""A directory by its path: the form of `gafreduce.directory.Directory` for Windows.

Windows has no operations relative to the handle of a directory. Names are looked at before they are
used, so a link is not followed unless someone puts it there in the same moment. Files are opened so
that they can be renamed and removed while they are open, as on other systems.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from pathlib import Path

from gafreduce.system import file_access
from gafreduce.system.directory_tree import DirectoryTree

if sys.platform == "win32":
    import msvcrt

    from gafreduce.system import file_handle

    def _open(path: Path, flags: int, *, is_new: bool) -> int:
        handle = file_handle.open_handle(
            path, may_write=bool(flags & os.O_RDWR), is_new=is_new, is_shared=True
        )
        return msvcrt.open_osfhandle(handle, flags | file_access.BYTES)

    def create_file(path: Path) -> int:
        """Create a file and return its descriptor.

        Raises:
            FileExistsError: The name is taken.
        """
        return _open(path, os.O_RDWR, is_new=True)

    def open_file(path: Path, flags: int) -> int:
        """Return the descriptor of an existing file."""
        return _open(path, flags, is_new=False)

else:  # for tests of this class on other systems

    def create_file(path: Path) -> int:
        """Create a file and return its descriptor.

        Raises:
            FileExistsError: The name is taken.
        """
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | file_access.BYTES)

    def open_file(path: Path, flags: int) -> int:
        """Return the descriptor of an existing file."""
        return os.open(path, flags | file_access.BYTES)


class NamedDirectory(DirectoryTree):
    """A directory that is found by its path again for each operation.

    Methods are those of `gafreduce.directory.Directory`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path) -> NamedDirectory:
        """Return a directory.

        Raises:
            OSError: It does not exist, or is no directory.
        """
        _check_directory(path)
        return cls(path)

    def open_below(self, name: str) -> NamedDirectory:
        """Return a directory in this one.

        Raises:
            OSError: It does not exist, or is no directory.
        """
        return NamedDirectory.open(self.path / name)

    def __enter__(self) -> NamedDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: nothing is open."""

    def list_names(self) -> list[str]:
        """Return the names of the entries, sorted."""
        return sorted(os.listdir(self.path))  # noqa: PTH208 - names alone

    def stat(self, name: str = "") -> os.stat_result | None:
        """Return the status of an entry, or of the directory itself; None when there is none."""
        try:
            return (self.path / name).lstat()
        except FileNotFoundError:
            if not name:
                raise
            return None

    def make(self, name: str, mode: int = 0o777) -> None:
        """Make a directory; permissions are those of its parent.

        Raises:
            FileExistsError: The name is taken.
        """
        (self.path / name).mkdir()

    def create(self, name: str, mode: int = 0o666) -> int:
        """Create a file, and return its descriptor.

        Raises:
            FileExistsError: The name is taken.
        """
        return create_file(self.path / name)

    def open_file(self, name: str, flags: int = os.O_RDONLY) -> int:
        """Return the descriptor of an existing regular file.

        Raises:
            OSError: It does not exist, or is something else.
        """
        path = self.path / name
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return open_file(path, flags)

    def rename(self, name: str, new: str) -> None:
        """Rename an entry; a file of the new name is replaced."""
        file_access.rename(self.path / name, self.path / new)

    def link(self, name: str, new: str) -> None:
        """Refuse: a file that is open under two names keeps both on some versions of Windows.

        Raises:
            FileExistsError: The name is taken.
            OSError: In all other cases.
        """
        if os.path.lexists(self.path / new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path / new))
        raise OSError(errno.EPERM, "no hard links of open files", str(self.path / new))

    def unlink(self, name: str) -> None:
        """Remove a file, or a link between directories itself, if it exists."""
        (self.path / name).unlink(missing_ok=True)

    def remove_empty(self, name: str) -> None:
        """Remove an empty directory.

        Raises:
            OSError: It is not empty, or could not be removed.
        """
        (self.path / name).rmdir()

    def _remove_tree(self, name: str) -> None:
        shutil.rmtree(self.path / name)

    @staticmethod
    def _is_directory(status: os.stat_result) -> bool:
        return stat.S_ISDIR(status.st_mode) and not _is_junction(status)


def _check_directory(path: Path) -> None:
    """Check that a path is a directory, and neither a link nor a junction."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode) or _is_junction(status):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def _is_junction(status: os.stat_result) -> bool:
    """Return whether an entry is a link between directories of Windows."""
    return getattr(status, "st_reparse_tag", 0) == getattr(
        stat, "IO_REPARSE_TAG_MOUNT_POINT", 0xA0000003
    )
