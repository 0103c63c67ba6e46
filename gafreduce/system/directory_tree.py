"""Operations on a directory with all below, by those of its forms on single entries."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class DirectoryTree(ABC):
    """A directory with all below: the base of `Directory` and `NamedDirectory`."""

    path: Path

    @abstractmethod
    def open_below(self, name: str) -> Any:
        """Open a directory in this one; it is of the same class."""

    @abstractmethod
    def list_names(self) -> list[str]:
        """Return the names of the entries, sorted."""

    @abstractmethod
    def stat(self, name: str = "") -> os.stat_result | None:
        """Return the status of an entry, or of the directory itself; None when there is none."""

    @abstractmethod
    def unlink(self, name: str) -> None:
        """Remove a file or a link, if it exists."""

    @abstractmethod
    def _remove_tree(self, name: str) -> None:
        """Remove a directory and all below."""

    @staticmethod
    def _is_directory(status: os.stat_result) -> bool:
        """Return whether an entry is a directory, and no link to one."""
        return stat.S_ISDIR(status.st_mode)

    def clear(self, kept: str) -> None:
        """Remove all in this directory but one file; links are removed, their targets are not.

        Args:
            kept: Name of the file that stays.

        Raises:
            OSError: Something could not be removed.
        """
        for each in self.list_names():
            found = self.stat(each)
            if found is None or each == kept:
                continue
            if self._is_directory(found):
                self._remove_tree(each)
            else:
                self.unlink(each)

    def last_change(self, name: str) -> float:
        """Return the time of the last change of an entry and of all below.

        Raises:
            OSError: Something cannot be read.
        """
        return max(each.st_mtime for each in self._walk(name))

    def _walk(self, name: str) -> Iterator[os.stat_result]:
        found = self.stat(name)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(self.path / name))
        yield found
        if self._is_directory(found):
            with self.open_below(name) as below:
                for each in below.list_names():
                    with contextlib.suppress(FileNotFoundError):
                        yield from below._walk(each)
