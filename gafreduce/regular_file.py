"""Check that a file is a regular one.

Reading a pipe or a device may wait for ever, and Windows calls a folder a matter of permission.
"""

from __future__ import annotations

import stat
from pathlib import Path

from gafreduce.errors import InputError

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def check_regular_file(path: Path) -> None:
    """Check that a file is no folder, pipe, device or socket; one that does not exist passes.

    Raises:
        InputError: It is one.
    """
    try:
        kind = _KINDS.get(stat.S_IFMT(path.stat().st_mode))
    except OSError:
        return
    if kind is not None:
        advice = "name a file" if path.is_dir() else "copy it to a file first"
        raise InputError(f"{path}: expected a regular file, got {kind} ({advice})")
