"""Check the space on the disk for copies of inputs."""

from __future__ import annotations

import shutil
from pathlib import Path

from gafreduce.errors import InputError

#: Space that copies leave free: the job and its tables need some too.
SPARE_BYTES = 64 << 20


def check_space(n_bytes: int, folder: Path) -> None:
    """Check that there is space for so many bytes.

    Raises:
        InputError: There is less.
    """
    free = shutil.disk_usage(folder).free
    if n_bytes and n_bytes + SPARE_BYTES > free:
        raise InputError(
            f"{folder.parent}: expected space for {n_bytes:,} bytes of inputs, got {free:,} "
            "(set TMPDIR to another disk, or run where the inputs are: -r emr)"
        )
