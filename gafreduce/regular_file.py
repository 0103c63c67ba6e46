"""Check that a file is a regular one: reading a pipe or a device may wait for ever."""

from __future__ import annotations

import stat
from pathlib import Path

from gafreduce.errors import InputError

_KINDS = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def check_regular_file(path: Path) -> None:
    """Check that a file is no pipe, device or socket; one that does not exist passes.

    Raises:
        InputError: It is one.
    """
    try:
        kind = _KINDS.get(stat.S_IFMT(path.stat().st_mode))
    except OSError:
        return
    if kind is not None:
        raise InputError(f"{path}: expected a regular file, got {kind} (copy it to a file first)")
