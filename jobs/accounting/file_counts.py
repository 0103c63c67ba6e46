"""Read the counts of files that a map-only job writes at the end of each part."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Dict, Iterable, List

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileSums
from gafreduce.jobs.accounting.reconcile import FileTotal

#: Bytes at the end of a part that are read first.
_TAIL_BYTES = 1 << 14


def read_counts(parts: Iterable[Path]) -> Dict[int, FileTotal]:
    """Return the sums of each file by its position in the input list.

    Args:
        parts: Part files; in each the records of kind F are the last ones.
    """
    sums: Dict[bytes, FileSums] = defaultdict(FileSums)
    for part in parts:
        for line in _read_last_lines(part, records.FILE):
            key, name, value = line.split(b"\t", 2)
            sums[key].add(name, value)
    return {
        records.decode_file_key(key): FileTotal.decode(each.encode(key).split(b"\t", 2)[2])
        for key, each in sums.items()
    }


def _read_last_lines(path: Path, kind: bytes) -> List[bytes]:
    """Return the last lines of a file that begin with a kind, without line ends."""
    size = path.stat().st_size
    n_bytes = _TAIL_BYTES
    with path.open("rb") as stream:
        while True:
            start = max(size - n_bytes, 0)
            stream.seek(start)
            lines = stream.read(size - start).split(b"\n")[:-1]
            if start:
                del lines[:1]  # it may be cut
            first = len(lines)
            while first and lines[first - 1].startswith(kind):
                first -= 1
            if first or not start:
                return lines[first:]
            n_bytes *= 8
