"""The job's part files, read by table in the order of the tables, in bounded memory.

A part file is sorted, so the records of a kind are one stretch of it: they are read from where they
lie, once for each table that needs them. Nothing is copied but what the tables order otherwise, and
that is let go when it was read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import chain, groupby, pairwise
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import IO

from gafreduce.errors import InternalError
from gafreduce.jobs.files import batching
from gafreduce.jobs.files.sorting import sort_files
from gafreduce.reports.tables.term_record import TermRecord, read_line, read_pieces

#: Memory that lines of one kind may take; what a line takes besides its text: an object, a pointer.
MEMORY = 24 << 20
_OVERHEAD = 41
#: Part files that are open at once.
MOST_OPEN = 200

#: How many characters of `A<taxon>.<bucket>` are not part of the row: kind, and the bucket.
_BUCKETED = "AG"
_TAXON_END = 13
_BUCKET_END = 16
#: Records that a table orders otherwise than the job: Hadoop sorts by the first two fields only,
#: and those of an organism stand in its buckets.
_RESORTED = "AGQ"
_taxon_of = itemgetter(slice(0, _TAXON_END - 1))
#: Bytes of a part file that are read at once.
_BLOCK = 1 << 18


class PartError(InternalError):
    """A part file is not as the job leaves it."""


class SortedLines:
    """Lines gathered in any order, then read once, sorted by bytes."""

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
            batching.write_lines(self._lines, stream)
        self._lines, self._bytes, self._spilled = [], 0, True

    def __iter__(self) -> Iterator[bytes]:
        """Return the lines in order; none is held afterwards."""
        if not self._spilled:
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


class PartRecords:
    """The records of all part files, by kind (docs/formats.md#records-of-the-jobs)."""

    KINDS = "AFGOPQU"  # the records T of terms stand among those of P

    def __init__(self, parts: Iterable[Path], scratch: Path) -> None:
        """Find the records of each kind; what is sorted anew is spilled into `scratch`."""
        found = [_stretches(part) for part in sorted(parts)]
        self._stretches = {
            kind: [of_part[kind] for of_part in found if of_part[kind].size] for kind in self.KINDS
        }
        self._scratch = scratch

    def __getitem__(self, kind: str) -> Iterable[bytes]:
        """Return the records of a kind without their first byte (and bucket), sorted."""
        if self._is_in_order(kind):
            return chain.from_iterable(self._stretches[kind])
        if kind == "Q" or len(self._stretches[kind]) > MOST_OPEN:
            return self._sorted_anew(kind, self._stretches[kind])
        if kind in _BUCKETED:
            organisms = groupby(merge(*self._stretches[kind], key=_taxon_of), _taxon_of)
            return chain.from_iterable(self._sorted_anew(kind, [each]) for _, each in organisms)
        return merge(*self._stretches[kind])

    def texts(self, kind: str) -> Iterable[bytes]:
        """Return the same as texts of one record or, where it can be had, of thousands."""
        if not self._is_in_order(kind):
            return self[kind]
        return (text for part in self._stretches[kind] for text in part.texts())

    def terms(self) -> Iterator[TermRecord]:
        """Return the records T, sorted; each is read before the next one is asked for."""
        parts = [part.terms() for part in self._stretches["P"]]
        if self._is_in_order("P"):
            return chain.from_iterable(parts)
        return merge(*parts, key=attrgetter("go_id"))

    def _is_in_order(self, kind: str) -> bool:
        """Tell whether the parts one after the other are the records in order."""
        return kind not in _RESORTED and all(
            one.last_line() < other.first_line() for one, other in pairwise(self._stretches[kind])
        )

    def _sorted_anew(self, kind: str, stretches: Iterable[Iterable[bytes]]) -> SortedLines:
        lines = SortedLines(self._scratch / f"records-{kind}")
        for stretch in stretches:
            for some in batching.batch_lines(stretch):
                lines.extend(some)
        return lines


@dataclass(frozen=True)
class Stretch:
    """The records of one kind in one part file; the record T of a term stands behind its P."""

    part: Path
    kind: str
    start: int
    size: int

    def __iter__(self) -> Iterator[bytes]:
        """Return the records, without their first byte (and bucket)."""
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[list[bytes]]:
        """Return the records, some thousand at a time.

        Raises:
            PartError: The part file is not sorted.
        """
        wanted = ord(self.kind)
        allowed = {wanted, ord("T")} if self.kind == "P" else {wanted}
        with self.part.open("rb") as stream:
            stream.seek(self.start)
            left = self.size
            while left > 0:
                lines = stream.readlines(min(left - 1, _BLOCK))  # until there are more bytes
                left -= sum(map(len, lines))
                kinds = set(map(itemgetter(0), lines))
                if not kinds <= allowed:
                    raise self._mixed()
                if len(kinds) > 1:
                    lines = [line for line in lines if line[0] == wanted]
                if self.kind in _BUCKETED:
                    yield [line[1:_TAXON_END] + line[_BUCKET_END:] for line in lines]
                elif wanted in kinds:
                    yield [line[1:] for line in lines]

    def texts(self) -> Iterator[bytes]:
        """Return the records as texts of thousands, none of which is looked at; not of buckets.

        Raises:
            PartError: The part file is not sorted.
        """
        own = b"\n" + self.kind.encode()
        for marked, _ in self._texts_and_long_ones():
            if self.kind == "P":
                marked = _without_terms(marked)
            text = marked.replace(own, b"\n")
            if len(marked) - len(text) != text.count(b"\n") - 1:
                raise self._mixed()
            if len(text) > 1:
                yield text[1:]

    def terms(self) -> Iterator[TermRecord]:
        """Return the records T among those of P; each is read before the next one is asked for."""
        for text, long in self._texts_and_long_ones():
            for line in _terms_of(text):
                yield read_line(line)
            if long is not None:
                yield read_pieces(long)

    def _texts_and_long_ones(self) -> Iterator[tuple[bytes, Iterator[bytes] | None]]:
        """Return all lines of the stretch in texts; before each text stands a line end.

        A record T that is not whole in the text comes behind it, without its first byte, in pieces.
        """
        end = self.start + self.size
        with self.part.open("rb") as stream:
            stream.seek(self.start)
            while (n_left := end - stream.tell()) > 0:
                text = b"\n" + stream.read(min(n_left, _BLOCK))
                last = text.rfind(b"\n")
                if self.kind == "P" and text.startswith(b"\nT", last):
                    long = _to_line_end(text[last + 2 :], stream)
                    yield text[: last + 1], long
                    for _ in long:  # what nobody has read
                        pass
                else:
                    yield text if text.endswith(b"\n") else text + stream.readline(), None

    def _mixed(self) -> PartError:
        return PartError(
            f"{self.part}: expected the records of a kind side by side, got others among "
            f"{self.kind!r} (run again)"
        )

    def first_line(self) -> bytes:
        """Return the first line of the stretch behind its kind."""
        with self.part.open("rb") as stream:
            stream.seek(self.start)
            return stream.readline()[1:]

    def last_line(self) -> bytes:
        """Return the last line of the stretch behind its kind."""
        end = self.start + self.size
        places = range(self.start, end)
        with self.part.open("rb") as stream:
            behind = bisect_left(
                places, True, key=lambda place: batching.seek_line(stream, place) >= end
            )
            stream.seek(places[behind - 1])
            return stream.readline()[1:]


def _terms_of(text: bytes) -> list[bytes]:
    r"""Return the records T of a text without their first byte.

    >>> _terms_of(b"\nPa\nTb\nPc\nTd\n")
    [b'b\n', b'd\n']
    """
    lines, end = [], 0
    while (at := text.find(b"\nT", end)) >= 0:
        end = text.index(b"\n", at + 1)
        lines.append(text[at + 2 : end + 1])
    return lines


def _to_line_end(piece: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    """Return the piece of a line that was read, and the others."""
    yield piece
    while not piece.endswith(b"\n") and (piece := stream.readline(_BLOCK)):
        yield piece


def _without_terms(text: bytes) -> bytes:
    r"""Return a text without its records T, each with the end of the line before it.

    >>> _without_terms(b"\nPa\nTb\nPc\n")
    b'\nPa\nPc\n'
    """
    kept, begin = [], 0
    while (at := text.find(b"\nT", begin)) >= 0:
        kept.append(text[begin:at])
        begin = text.index(b"\n", at + 1)
    return b"".join([*kept, text[begin:]])


def _stretches(part: Path) -> dict[str, Stretch]:
    """Return where the records of each kind lie in a part file."""
    size = part.stat().st_size
    kinds = PartRecords.KINDS
    with part.open("rb") as stream:
        starts = [_start(stream, size, ord(kind)) for kind in kinds]
    ends = [*starts[1:], size]
    return {
        kind: Stretch(part, kind, start, end - start)
        for kind, start, end in zip(kinds, starts, ends, strict=True)
    }


def _start(stream: IO[bytes], size: int, kind: int) -> int:
    """Return where the first record of a kind or of a later one begins, or the size."""

    def is_late(place: int) -> bool:
        stream.seek(batching.seek_line(stream, place))
        found = stream.read(1)
        return not found or ord(b"P" if found == b"T" else found) >= kind

    return batching.seek_line(stream, bisect_left(range(size), True, key=is_late))
