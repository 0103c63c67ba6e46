"""Sort whole lines by bytes: in memory, by ranges of keys, or with the `sort` program.

More than fits into memory is sorted in file parts, by any number of processes: each part is written
as one sorted file for each range of keys, and the files of a range are merged. All bytes are
written twice, and no process waits for another.

In Python, a line in memory is an object. The C extension notes where lines begin and compares eight
bytes of two lines at a time, in half the time. Both return the same bytes.

Imports nothing of mrjob.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import subprocess
import sys
from bisect import bisect_left
from io import BytesIO
from typing import IO, TYPE_CHECKING, Iterator, List, NamedTuple, Optional, Sequence, Union

from gafreduce.jobs.files import batching
from gafreduce.jobs.native import loader
from gafreduce.processes import find_program
from gafreduce.system import host

if TYPE_CHECKING:
    from gafreduce.jobs.native import _compiled

#: Records sorted in memory; more go through the `sort` program, which spills to disk.
SORT_BYTES = 64 << 20
#: Bytes of a file part: as lines of a hundred bytes or less, they take twice that in memory.
PART_BYTES = 16 << 20
#: Bytes that are reserved for the end of the last line; a longer one takes more memory.
_LONGEST_LINE = 1 << 16
#: Bytes that sorted lines are returned in at a time, about.
_BLOCK_BYTES = 1 << 18
#: Files merged at once, if so many may be open: `sort` needs a quarter of a megabyte for each.
_MOST_MERGED = 96
#: Bytes of a line in which its key is searched first.
_KEY_BYTES = 1 << 10
#: Further memory of `sort` when it merges.
_MERGE_BYTES = 8 << 20
#: Other files that a process has open.
_OTHERS_OPEN = 32
#: Keys sampled for each range: ranges differ by a few percent.
_SAMPLES = 128


class _PythonLineSorter:
    """A list of lines."""

    def __init__(self) -> None:
        self._lines: List[bytes] = []
        self._n_taken = 0

    def reserve(self, n_bytes: int) -> None:
        """Do nothing: each line is an object of its own."""

    def add(self, text: bytes, low: Optional[bytes] = None, high: Optional[bytes] = None) -> None:
        lines = BytesIO(text)
        if low is not None and high is not None:
            self._lines += [line for line in lines if low <= line < high]
        elif low is not None:
            self._lines += [line for line in lines if low <= line]
        elif high is not None:
            self._lines += [line for line in lines if line < high]
        else:
            self._lines += lines

    def sort(self) -> None:
        self._lines.sort()

    def take(self, n_bytes: int, below: Optional[bytes]) -> bytes:
        start = self._n_taken
        end = min(start + batching.BATCH_LINES, len(self._lines))
        if below is not None:
            end = bisect_left(self._lines, below, start, end)
        self._n_taken = end
        return b"".join(self._lines[start:end])


class LineSorter:
    """Whole lines, sorted when the first of them is taken."""

    def __init__(self, n_bytes: int = 0) -> None:
        """Begin without lines.

        Args:
            n_bytes: Expected size of all lines; 0 when that is not known.
        """
        self._lines: Union[_compiled.LineSorter, _PythonLineSorter] = (
            loader.module.LineSorter() if loader.has_extension() else _PythonLineSorter()
        )
        self._lines.reserve(n_bytes)
        self._is_sorted = False

    def add(self, block: bytes, low: Optional[bytes] = None, high: Optional[bytes] = None) -> None:
        """Add the lines of a block, each ended by LF, from `low` up to but without `high`."""
        self._lines.add(block, low, high)

    def take_below(self, bound: Optional[bytes]) -> Iterator[bytes]:
        """Return in order, in blocks, the lines below a bound that were not returned before."""
        if not self._is_sorted:
            self._lines.sort()
            self._is_sorted = True
        while block := self._lines.take(_BLOCK_BYTES, bound):
            yield block


def range_bounds(paths: Sequence[str], n_ranges: int) -> List[bytes]:
    """Return bounds that divide the keys of files into ranges of about equal size.

    There are at most n - 1. All lines of a key are on one side of a bound.

    Args:
        paths: Files of lines in any order, with a tab behind each key.
        n_ranges: At least one.
    """
    sizes = [os.stat(path).st_size for path in paths]
    step = max(sum(sizes) // (_SAMPLES * n_ranges), 1)
    keys: List[bytes] = []
    offset = step // 2
    for path, size in zip(paths, sizes):
        with open(path, "rb") as stream:
            key, start = b"", 0  # of the line behind that of the last offset
            while offset < size:
                if offset >= start:  # each long line is read once, not for each offset in it
                    start = batching.seek_line(stream, offset + 1)
                    key = _read_key(stream)
                if key:
                    keys.append(key)
                offset += step
        offset -= size
    keys.sort()
    bounds = {keys[len(keys) * number // n_ranges] for number in range(1, n_ranges) if keys}
    return sorted(bounds)


def _read_key(stream: IO[bytes]) -> bytes:
    """Return the key of the line that begins here, with the tab behind it; empty at the end."""
    line = b""
    while b"\t" not in line and (part := stream.readline(max(len(line), _KEY_BYTES))):
        line += part
    return line[: line.index(b"\t") + 1] if line else b""


def sort_range(paths: Sequence[str], low: bytes, high: Optional[bytes], output_path: str) -> None:
    """Sort the lines of files, from `low` up to but without `high`, in memory."""
    lines = LineSorter()
    for path in paths:
        with open(path, "rb") as stream:
            for block in batching.read_blocks(stream, os.stat(path).st_size):
                lines.add(block, low, high)
    with open(output_path, "wb") as stream:
        stream.writelines(lines.take_below(None))


class FilePart(NamedTuple):
    """The lines of a file that begin in the bytes from `start` up to but without `end`."""

    path: str
    start: int
    end: int


def split_files(paths: Sequence[str]) -> Iterator[FilePart]:
    """Return the parts of files; each is small enough to be sorted in memory."""
    for path in paths:
        size = os.stat(path).st_size
        for start in range(0, size, PART_BYTES):
            yield FilePart(path, start, min(start + PART_BYTES, size))


def write_ranges(part: FilePart, bounds: Sequence[bytes], output_paths: Sequence[str]) -> None:
    """Sort the lines of a file part, and write each range to a file.

    Args:
        part: Lines in any order.
        bounds: Of `range_bounds`.
        output_paths: One more than bounds.
    """
    lines = LineSorter(part.end - part.start + _LONGEST_LINE)
    with open(part.path, "rb") as stream:
        start = batching.seek_line(stream, part.start)
        for block in batching.read_blocks(stream, part.end - start):
            lines.add(block)
    for output_path, bound in zip(output_paths, [*bounds, None]):
        with open(output_path, "wb") as stream:
            stream.writelines(lines.take_below(bound))


def merge_files(paths: Sequence[str], output_path: str, tmp_dir: str) -> None:
    """Merge files of sorted lines with the `sort` program, and remove them.

    Raises:
        OSError: As `sort_files`.
    """
    if host.IS_WINDOWS:  # its program `sort` is another one
        merge_here(paths, output_path)
        return
    at_once = max(min(_MOST_MERGED, _count_openable() - _OTHERS_OPEN), 2)
    _sort(["-m", f"--batch-size={at_once}", "--", *paths], _MERGE_BYTES, output_path, tmp_dir)
    for path in paths:
        os.remove(path)


def _count_openable() -> int:
    """Return the number of files that this process may have open."""
    import resource  # not on Windows

    may_open = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if may_open == resource.RLIM_INFINITY else may_open


def merge_here(paths: Sequence[str], output_path: str) -> None:
    """Merge files of sorted lines without the `sort` program, and remove them."""
    waiting = list(paths)
    number = 0
    while len(waiting) > _MOST_MERGED:
        some, waiting = waiting[:_MOST_MERGED], waiting[_MOST_MERGED:]
        waiting.append(f"{output_path}-{number}")
        merge_here(some, waiting[-1])
        number += 1
    with contextlib.ExitStack() as stack, open(output_path, "wb", _BLOCK_BYTES) as target:
        streams = [stack.enter_context(open(path, "rb", _LONGEST_LINE)) for path in waiting]
        target.writelines(heapq.merge(*streams))
    for path in waiting:
        os.remove(path)


def sort_here(paths: Sequence[str], output_path: str, tmp_dir: str) -> None:
    """Sort whole lines of files by bytes without the `sort` program, in bounded memory."""
    sorted_paths = []
    for number, part in enumerate(split_files(paths)):
        sorted_paths.append(os.path.join(tmp_dir, f"part-{number}"))
        write_ranges(part, [], sorted_paths[-1:])
    merge_here(sorted_paths, output_path)


def sort_files(paths: Sequence[str], output_path: str, tmp_dir: str) -> None:
    """Sort whole lines of files by bytes with the `sort` program, in bounded memory.

    Raises:
        OSError: The program is missing, or failed; the message quotes it.
    """
    if host.IS_WINDOWS:  # its program `sort` is another one
        sort_here(paths, output_path, tmp_dir)
        return
    _sort(["--", *paths], SORT_BYTES, output_path, tmp_dir)


def _sort(arguments: Sequence[str], n_bytes: int, output_path: str, tmp_dir: str) -> None:
    program = find_program("sort")
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
