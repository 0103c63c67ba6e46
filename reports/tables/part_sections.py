"""Sections of part files: the records of one kind, which follow each other in a sorted file.

A section is found by binary search over positions in the file, and read from there in blocks.
Records of kind T (`records.TERM`) are written among those of kind P, each after the profile of its
term; they belong to the section of P. jobs/records.py defines all records.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

from gafreduce.errors import InternalError
from gafreduce.jobs import records
from gafreduce.jobs.files import batching

#: Bytes of a part file that are read at once.
_BLOCK_BYTES = 1 << 18
#: Bytes of a list of taxa that are handled at once, about.
_SPLIT_BYTES = 1 << 16

_TERM_LINE = b"\n" + records.TERM


class TermRecord(NamedTuple):
    """A term and its organisms.

    There may be a million organisms, so they come as texts of some thousand taxa with `|` between
    them. The texts are read from the file: once, and `direct` before `propagated`.
    """

    go_id: bytes
    direct: Iterable[bytes]  # with a gene product on the term itself
    propagated: Iterable[bytes]


class PartSection(NamedTuple):
    """The records of one kind in one part file."""

    part: Path
    kind: bytes
    start: int  # position in the file
    size: int  # bytes; 0: the part has no such record

    def read_lines(self) -> Iterator[bytes]:
        """Yield the records, each ended by LF, without kind and bucket.

        Raises:
            InternalError: The part file is not sorted.
        """
        for text in self._read_own():
            lines = BytesIO(text).readlines()
            if self.kind in records.KINDS_BY_BUCKET:
                yield from records.strip_buckets(lines)
            else:
                yield from [line[1:] for line in lines]

    def read_blocks(self) -> Iterator[bytes]:
        """Yield the records without their kind, in blocks of thousands; not for KINDS_BY_BUCKET.

        Raises:
            InternalError: The part file is not sorted.
        """
        for text in self._read_own():
            yield text[1:].replace(b"\n" + self.kind, b"\n")

    def _read_own(self) -> Iterator[bytes]:
        """Yield the records in blocks of whole lines; check that each is of this kind."""
        own = b"\n" + self.kind
        for text, _ in self._read_texts():
            if self.kind == records.PROFILE:
                text = _remove_terms(text)
            if text.count(own) != text.count(b"\n") - 1:
                raise InternalError(
                    f"{self.part}: expected the records of kind {self.kind.decode()!r} together, "
                    "got others between them (run again)"
                )
            if len(text) > 1:
                yield text[1:]

    def read_terms(self) -> Iterator[TermRecord]:
        """Yield the records of kind T in a section of P; read each before the next is requested."""
        for text, long_record in self._read_texts():
            for line in _find_terms(text):
                yield _decode_term(line)
            if long_record is not None:
                yield _decode_long_term(long_record)

    def _read_texts(self) -> Iterator[tuple[bytes, Iterator[bytes] | None]]:
        """Yield all lines of the section in texts of whole lines; a text begins with an LF.

        A record of kind T can be longer than a text. When a text ends inside such a record, the
        record comes with the text, without its kind, as an iterator of its pieces.
        """
        end = self.start + self.size
        with self.part.open("rb") as stream:
            stream.seek(self.start)
            while (n_left := end - stream.tell()) > 0:
                text = b"\n" + stream.read(min(n_left, _BLOCK_BYTES))
                last = text.rfind(b"\n")
                if self.kind == records.PROFILE and text.startswith(_TERM_LINE, last):
                    rest = _read_to_line_end(text[last + len(_TERM_LINE) :], stream)
                    yield text[: last + 1], rest
                    for _ in rest:  # the caller may not have read all of it
                        pass
                elif text.endswith(b"\n"):
                    yield text, None
                else:
                    yield text + stream.readline(), None

    def read_first_line(self) -> bytes:
        """Return the first line, without its kind."""
        with self.part.open("rb") as stream:
            stream.seek(self.start)
            return stream.readline()[1:]

    def read_last_line(self) -> bytes:
        """Return the last line, without its kind."""
        end = self.start + self.size
        positions = range(self.start, end)
        with self.part.open("rb") as stream:
            # the first position after which no other line begins follows the begin of the last line
            after = bisect_left(
                positions, True, key=lambda position: batching.seek_line(stream, position) >= end
            )
            stream.seek(positions[after - 1])
            return stream.readline()[1:]


def find_sections(part: Path) -> dict[bytes, PartSection]:
    """Return the section of each kind of `records.OUTPUT_KINDS` in a part file."""
    size = part.stat().st_size
    with part.open("rb") as stream:
        starts = [_find_start(stream, size, kind) for kind in records.OUTPUT_KINDS]
    ends = [*starts[1:], size]
    return {
        kind: PartSection(part, kind, start, end - start)
        for kind, start, end in zip(records.OUTPUT_KINDS, starts, ends, strict=True)
    }


def _find_start(stream: IO[bytes], size: int, kind: bytes) -> int:
    """Return the position of the first record of a kind or a later kind; the size without any."""

    def is_reached(position: int) -> bool:
        """Return whether the first line from the position on is such a record."""
        batching.seek_line(stream, position)
        found = stream.read(1)
        return not found or (records.PROFILE if found == records.TERM else found) >= kind

    position = bisect_left(range(size), True, key=is_reached)
    return batching.seek_line(stream, position)


def _find_terms(text: bytes) -> list[bytes]:
    r"""Return the records of kind T in a text, without their kind.

    >>> _find_terms(b"\nPa\nTb\nPc\nTd\n")
    [b'b\n', b'd\n']
    """
    lines, end = [], 0
    while (begin := text.find(_TERM_LINE, end)) >= 0:
        end = text.index(b"\n", begin + 1)
        lines.append(text[begin + len(_TERM_LINE) : end + 1])
    return lines


def _remove_terms(text: bytes) -> bytes:
    r"""Return a text without its records of kind T.

    >>> _remove_terms(b"\nPa\nTb\nPc\n")
    b'\nPa\nPc\n'
    """
    kept, end = [], 0
    while (begin := text.find(_TERM_LINE, end)) >= 0:
        kept.append(text[end:begin])
        end = text.index(b"\n", begin + 1)
    return b"".join([*kept, text[end:]])


def _read_to_line_end(piece: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a piece of a line that has been read, and the following pieces of the line."""
    yield piece
    while not piece.endswith(b"\n") and (piece := stream.readline(_BLOCK_BYTES)):
        yield piece


def _decode_term(line: bytes) -> TermRecord:
    """Return the record of a line, without its kind (`records.encode_term`)."""
    go_id, direct, propagated = line[:-1].split(b"\t")
    return TermRecord(go_id, (direct,) if direct != b"-" else (), (propagated,))


def _decode_long_term(pieces: Iterator[bytes]) -> TermRecord:
    """Return the record of a line in pieces, without its kind."""
    fields = _FieldReader(pieces)
    return TermRecord(
        b"".join(fields.read_field(b"\t")), fields.read_taxa(b"\t"), fields.read_taxa(b"\n")
    )


class _FieldReader:
    """Reads the fields of a line that comes in pieces, one after the other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Begin with the first field; the pieces may be cut anywhere."""
        self._pieces = pieces
        self._rest = b""

    def read_field(self, end: bytes) -> Iterator[bytes]:
        """Yield the next field in pieces; it ends with this byte, which is left out."""
        while (position := self._rest.find(end)) < 0:
            yield self._rest
            self._rest = next(self._pieces)
        field, self._rest = self._rest[:position], self._rest[position + 1 :]
        yield field

    def read_taxa(self, end: bytes) -> Iterator[bytes]:
        """Yield the taxa of the next field in texts of some thousand; none for `-`."""
        rest = b""
        for piece in self.read_field(end):
            whole, _, rest = (rest + piece).rpartition(b"|")
            if whole:
                yield from _split_taxa(whole)
        if rest != b"-":
            yield rest


def _split_taxa(taxa: bytes) -> Iterator[bytes]:
    """Yield a text of taxa in smaller ones, cut at `|`."""
    start = 0
    while (end := taxa.find(b"|", start + _SPLIT_BYTES)) >= 0:
        yield taxa[start:end]
        start = end + 1
    yield taxa[start:]
