"""Sorting whole lines by bytes: in memory, by ranges of keys, or with the `sort` program.

Imports nothing of mrjob.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import List, Optional, Sequence

from jobs import chunks

#: Records sorted in memory; more go through the `sort` program, which spills to disk.
SORT_BYTES = 64 << 20

#: Keys that are looked at for each range: ranges differ by a few percent.
_SAMPLES = 128


def range_bounds(paths: Sequence[str], n_ranges: int) -> List[bytes]:
    """Return where to cut the keys of files into ranges of about equal size: at most n - 1 places.

    Lines of one key fall on one side of a bound.

    Args:
        paths: Files of lines with a tab behind the key, in any order.
        n_ranges: At least one.
    """
    sizes = [os.stat(path).st_size for path in paths]
    step = max(sum(sizes) // (_SAMPLES * n_ranges), 1)
    keys: List[bytes] = []
    offset = step // 2
    for path, size in zip(paths, sizes):
        with open(path, "rb") as stream:
            while offset < size:
                stream.seek(offset)
                stream.readline()
                line = stream.readline()
                if line:
                    keys.append(line[: line.index(b"\t") + 1])
                offset += step
        offset -= size
    keys.sort()
    bounds = {keys[len(keys) * number // n_ranges] for number in range(1, n_ranges) if keys}
    return sorted(bounds)


def sort_range(paths: Sequence[str], low: bytes, high: Optional[bytes], output_path: str) -> None:
    """Sort the lines of files from `low` up to, and without, `high` in memory."""
    lines: List[bytes] = []
    for path in paths:
        with open(path, "rb") as stream:
            if high is None:
                lines += [line for line in stream if line >= low]
            else:
                lines += [line for line in stream if low <= line < high]
    lines.sort()
    with open(output_path, "wb") as stream:
        chunks.write(lines, stream)


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
