"""A folder for what is needed on the way, removed at the end whatever happens."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_VARIABLE = "TMPDIR"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a new folder; inside the block all temporary files are made in it.

    mrjob leaves its own folder behind when a job fails, and a process that is killed leaves what
    it had made: here, and in the processes that are started, all of that lies in one place.
    """
    before = tempfile.tempdir, os.environ.get(_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="gafreduce-") as name:
        tempfile.tempdir = os.environ[_VARIABLE] = name
        try:
            yield Path(name)
        finally:
            tempfile.tempdir = before[0]
            if before[1] is None:
                del os.environ[_VARIABLE]
            else:
                os.environ[_VARIABLE] = before[1]
