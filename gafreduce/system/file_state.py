"""The state of a file, by which two versions of it are told apart."""

from __future__ import annotations

import os
from typing import NamedTuple

from gafreduce.system.host import IS_WINDOWS


class FileState(NamedTuple):
    """The device and the place of a file, its size, and when it was changed."""

    device: int
    inode: int
    n_bytes: int
    mtime_ns: int  # content
    ctime_ns: int  # content, name, owner or permissions; 0 on Windows


def get_file_state(status: os.stat_result) -> FileState:
    """Return the state of a file by its status.

    On Windows `st_ctime` is the time when the file was made, and two ways to get it may differ.
    """
    changed = 0 if IS_WINDOWS else status.st_ctime_ns
    return FileState(
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, ctime_ns=changed
    )
