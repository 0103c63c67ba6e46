"""The temporary folder of a command, removed at its end."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gafreduce import owned_paths

#: Prefix of the names of temporary folders; `gafreduce clean` looks for it.
PREFIX = "gafreduce-"
_VARIABLE = "TMPDIR"
_FOLDERS = ("/tmp", "/var/tmp", "/usr/tmp")


def find_parent() -> Path:
    """Return the folder for temporary files, as `tempfile.gettempdir` does.

    That function writes a file to try each folder: a process that is killed then leaves it.
    """
    if tempfile.tempdir is not None:
        return Path(tempfile.tempdir)
    named = (os.environ.get(name) for name in (_VARIABLE, "TEMP", "TMP"))
    for each in (*named, *_FOLDERS):
        if each and Path(each).is_dir() and os.access(each, os.W_OK | os.X_OK):
            return Path(each).absolute()
    return Path(tempfile.gettempdir())


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a new folder; in this block all temporary files of the process are made in it.

    mrjob leaves its own folder when a job fails, and a killed process leaves its files: with TMPDIR
    set, theirs and those of child processes are in one place, which is removed.
    """
    before = tempfile.tempdir, os.environ.get(_VARIABLE)
    parent = find_parent()
    with owned_paths.make_folder(parent, PREFIX, owned_paths.TEMPORARY) as folder:
        tempfile.tempdir = os.environ[_VARIABLE] = str(folder.path)
        try:
            yield folder.path
        finally:
            tempfile.tempdir = before[0]
            if before[1] is None:
                del os.environ[_VARIABLE]
            else:
                os.environ[_VARIABLE] = before[1]
