"""The output of the main job: its part files, read by kind of record in bounded memory.

Nothing is copied except records whose order in the table differs from the order in the parts; their
copies are deleted when they have been read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, groupby, pairwise
from operator import attrgetter
from pathlib import Path

from gafreduce.jobs import records
from gafreduce.jobs.files import batching
from gafreduce.jobs.files.sorting import sort_files
from gafreduce.reports.tables.part_sections import PartSection, TermRecord, find_sections

#: Bytes of memory for lines that are sorted; each line takes an object and a pointer on top.
MEMORY = 24 << 20
_OVERHEAD = 41
#: Part files that are open at once.
MOST_OPEN = 200


class SortedLines:
    """Lines collected in any order, then read once, sorted by bytes."""

    def __init__(self, spill_path: Path) -> None:
        """Begin without lines.

        Args:
            spill_path: File for lines that exceed MEMORY; nothing exists there before or after.
        """
        self._path = spill_path
        self._sorted_path = spill_path.with_suffix(".sorted")
        self._lines: list[bytes] = []
        self._bytes = 0
        self._is_spilled = False

    def extend(self, lines: list[bytes]) -> None:
        """Add lines, each ended by LF."""
        self._lines += lines
        self._bytes += sum(map(len, lines)) + _OVERHEAD * len(lines)
        if self._bytes > MEMORY:
            self._spill()

    def _spill(self) -> None:
        with self._path.open("ab") as stream:
            batching.write_lines(self._lines, stream)
        self._lines, self._bytes, self._is_spilled = [], 0, True

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines in order; afterwards they are gone."""
        if not self._is_spilled:
            lines, self._lines = self._lines, []
            lines.sort()
            yield from lines
            return
        self._spill()
        sort_files([str(self._path)], str(self._sorted_path), str(self._path.parent))
        self._path.unlink()
        with self._sorted_path.open("rb") as stream:
            yield from stream
        self._sorted_path.unlink()


class JobOutput:
    """The records of all part files, by kind (docs/formats.md#records-of-the-jobs).

    The records of a kind come in one of three orders:

    - Parts that follow each other (a local run has such parts) are read one after the other.
    - Other parts are merged, as each of them is sorted.
    - Gene products (`records.KINDS_BY_BUCKET`) are sorted within their organism, because an
      organism is distributed over buckets. Quarantined lines are sorted altogether, because
      Hadoop sorts by the first two fields only; so are records of very many parts.
    """

    def __init__(self, parts: Iterable[Path], scratch: Path) -> None:
        """Find the records of each kind.

        Args:
            parts: The part files, each sorted.
            scratch: A folder for records that are sorted and exceed memory.
        """
        found = [find_sections(part) for part in sorted(parts)]
        self._sections = {
            kind: [sections[kind] for sections in found if sections[kind].size]
            for kind in records.OUTPUT_KINDS
        }
        self._scratch = scratch

    def read(self, kind: bytes) -> Iterable[bytes]:
        """Return the records of a kind, sorted, each ended by LF, without kind and bucket.

        Raises:
            InternalError: A part file is not sorted (raised while the records are read).
        """
        sections = self._sections[kind]
        lines = [section.read_lines() for section in sections]
        is_by_bucket = kind in records.KINDS_BY_BUCKET
        if not is_by_bucket and kind != records.QUARANTINE and _are_in_order(sections):
            return chain.from_iterable(lines)
        if kind == records.QUARANTINE or len(sections) > MOST_OPEN:
            return self._sort(kind, lines)
        if is_by_bucket:
            by_organism = merge(*lines, key=records.organism_of)
            organisms = groupby(by_organism, records.organism_of)
            return chain.from_iterable(self._sort(kind, [each]) for _, each in organisms)
        return merge(*lines)

    def read_blocks(self, kind: bytes) -> Iterable[bytes]:
        """Return the records of `read`, in blocks of thousands where no merge is needed.

        Args:
            kind: A kind that is neither in `records.KINDS_BY_BUCKET` nor `records.QUARANTINE`.

        Raises:
            InternalError: A part file is not sorted (raised while the records are read).
        """
        sections = self._sections[kind]
        if _are_in_order(sections):
            return chain.from_iterable(section.read_blocks() for section in sections)
        return self.read(kind)

    def read_terms(self) -> Iterable[TermRecord]:
        """Return the records of kind T, sorted; each must be read before the next is requested."""
        sections = self._sections[records.PROFILE]
        terms = [section.read_terms() for section in sections]
        if _are_in_order(sections):
            return chain.from_iterable(terms)
        return merge(*terms, key=attrgetter("go_id"))

    def _sort(self, kind: bytes, sources: Iterable[Iterable[bytes]]) -> SortedLines:
        lines = SortedLines(self._scratch / f"records-{kind.decode()}")
        for source in sources:
            for batch in batching.batch_lines(source):
                lines.extend(batch)
        return lines


def _are_in_order(sections: Iterable[PartSection]) -> bool:
    """Return whether the sections, one after the other, are in order."""
    return all(one.read_last_line() < other.read_first_line() for one, other in pairwise(sections))
