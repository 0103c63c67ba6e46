"""Sorting whole lines by bytes: in memory, by ranges of keys, or with the `sort` program.

What is too large for memory is sorted in pieces, by any number of processes: of each piece every
range gets a run, and the runs of a range are merged. So all is written twice, and no process waits.

Imports nothing of mrjob.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from typing import Iterator, List, NamedTuple, Optional, Sequence

from gafreduce.jobs.files import batching
from gafreduce.jobs.files.line_order import Lines

#: Records sorted in memory; more go through the `sort` program, which spills to disk.
SORT_BYTES = 64 << 20
#: Text of a piece: as lines, of a hundred bytes or less, it takes twice that.
PIECE_BYTES = 16 << 20
#: What the last line of a piece may have behind its end; a longer one only takes more memory.
_LONGEST_LINE = 1 << 16
#: Files merged at once, where so many may be open: `sort` takes a quarter of a megabyte for each.
_MOST_MERGED = 96
#: What it may take besides.
_MERGE_BYTES = 8 << 20
#: Files that a process has open besides.
_OTHERS_OPEN = 32

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
    lines = Lines()
    for path in paths:
        with open(path, "rb") as stream:
            for text in batching.texts(stream, os.stat(path).st_size):
                lines.add(text, low, high)
    with open(output_path, "wb") as stream:
        stream.writelines(lines.below(None))


class Piece(NamedTuple):
    """The lines of a file that begin at a place or behind it, and before another."""

    path: str
    start: int
    end: int


def pieces(paths: Sequence[str]) -> Iterator[Piece]:
    """Return files in pieces that are sorted in memory."""
    for path in paths:
        size = os.stat(path).st_size
        for start in range(0, size, PIECE_BYTES):
            yield Piece(path, start, min(start + PIECE_BYTES, size))


def write_runs(piece: Piece, bounds: Sequence[bytes], output_paths: Sequence[str]) -> None:
    """Sort the lines of a piece, and write those of each range.

    Args:
        piece: Lines in any order.
        bounds: Of `range_bounds`.
        output_paths: One more than bounds.
    """
    lines = Lines(piece.end - piece.start + _LONGEST_LINE)
    with open(piece.path, "rb") as stream:
        start = batching.next_line(stream, piece.start)
        for text in batching.texts(stream, piece.end - start):
            lines.add(text)
    for output_path, bound in zip(output_paths, [*bounds, None]):
        with open(output_path, "wb") as stream:
            stream.writelines(lines.below(bound))


def merge_files(paths: Sequence[str], output_path: str, tmp_dir: str) -> None:
    """Merge files of sorted lines with the `sort` program; they are gone then.

    Raises:
        OSError: As `sort_files`.
    """
    may_open = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    at_once = _MOST_MERGED
    if may_open != resource.RLIM_INFINITY:
        at_once = max(min(at_once, may_open - _OTHERS_OPEN), 2)
    _sort(["-m", f"--batch-size={at_once}", "--", *paths], _MERGE_BYTES, output_path, tmp_dir)
    for path in paths:
        os.remove(path)


def sort_files(paths: Sequence[str], output_path: str, tmp_dir: str) -> None:
    """Sort whole lines of files by bytes with the `sort` program, in bounded memory.

    Raises:
        OSError: The program is missing, or failed (its own words are in the message).
    """
    _sort(["--", *paths], SORT_BYTES, output_path, tmp_dir)


def _sort(arguments: Sequence[str], n_bytes: int, output_path: str, tmp_dir: str) -> None:
    program = shutil.which("sort")
    if program is None:
        raise OSError("expected the program `sort` on the PATH for records above 64 MB")
    finished = subprocess.run(
        [program, "-S", f"{n_bytes >> 10}K", "-T", tmp_dir, "-o", output_path, *arguments],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    if finished.returncode:
        raise OSError(f"sort failed: {finished.stderr.decode(errors='replace').strip()}")
