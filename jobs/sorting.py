"""Sorting what is too large for memory, with the `sort` program; imports nothing of mrjob."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Sequence

#: Records sorted in memory; more go through the `sort` program, which spills to disk.
SORT_BYTES = 64 << 20


def sort_files(paths: Sequence[str], output_path: str, tmp_dir: str) -> None:
    """Sort whole lines of files by bytes with the `sort` program, in bounded memory.

    Raises:
        OSError: The program is missing, or failed (its own words are in the message).
    """
    program = shutil.which("sort")
    if program is None:
        raise OSError("expected the program `sort` on the PATH for records above 64 MB")
    finished = subprocess.run(
        [program, "-S", f"{SORT_BYTES >> 20}M", "-T", tmp_dir, "-o", output_path, "--", *paths],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    if finished.returncode:
        raise OSError(f"sort failed: {finished.stderr.decode(errors='replace').strip()}")
