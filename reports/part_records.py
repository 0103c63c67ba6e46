"""The job's part files, taken apart by table and sorted as the tables are, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from jobs.sorting import sort_files

#: Memory that lines of one kind may take; what a line takes besides its text: an object, a pointer.
MEMORY = 24 << 20
_OVERHEAD = 41

#: How many characters of `A<taxon>.<bucket>` are not part of the row: kind, and the bucket.
_BUCKETED = frozenset(b"AG")
_TAXON_END = 13
_BUCKET_END = 16


class SortedLines:
    """Lines gathered in any order, then read sorted by bytes, as often as wanted."""

    def __init__(self, spill_path: Path) -> None:
        self._path = spill_path
        self._sorted_path = spill_path.with_suffix(".sorted")
        self._lines: list[bytes] = []
        self._bytes = 0
        self._spilled = False

    def extend(self, lines: list[bytes]) -> None:
        """Take lines, each ended by LF."""
        self._lines += lines
        self._bytes += sum(map(len, lines)) + _OVERHEAD * len(lines)
        if self._bytes > MEMORY:
            self._spill()

    def _spill(self) -> None:
        with self._path.open("ab") as stream:
            stream.writelines(self._lines)
        self._lines, self._bytes, self._spilled = [], 0, True

    def __iter__(self) -> Iterator[bytes]:
        """Return the lines in order; no line may be added afterwards."""
        if not self._spilled:
            self._lines.sort()
            yield from self._lines
            return
        if not self._sorted_path.exists():
            self._spill()
            sort_files([str(self._path)], str(self._sorted_path), str(self._path.parent))
            self._path.unlink()
        with self._sorted_path.open("rb") as stream:
            yield from stream


class PartRecords:
    """The records of all part files, by kind (docs/formats.md#records-of-the-jobs)."""

    KINDS = "AFGOPQTU"

    def __init__(self, parts: Iterable[Path], scratch: Path) -> None:
        """Read the part files; what is large is spilled into `scratch`."""
        self._by_kind = {kind: SortedLines(scratch / f"records-{kind}") for kind in self.KINDS}
        for part in parts:
            self._read(part)

    def __getitem__(self, kind: str) -> SortedLines:
        """Return the records of a kind without their first byte (and bucket), sorted."""
        return self._by_kind[kind]

    def _read(self, part: Path) -> None:
        with part.open("rb") as stream:
            while lines := stream.readlines(1 << 22):
                by_kind: dict[int, list[bytes]] = {ord(kind): [] for kind in self.KINDS}
                for line in lines:
                    by_kind[line[0]].append(line)
                for kind, found in by_kind.items():
                    rows = (
                        [line[1:_TAXON_END] + line[_BUCKET_END:] for line in found]
                        if kind in _BUCKETED
                        else [line[1:] for line in found]
                    )
                    self._by_kind[chr(kind)].extend(rows)
