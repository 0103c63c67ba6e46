"""The record T of a term: the lists of its organisms, of which there may be a million."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import methodcaller
from typing import NamedTuple

#: Bytes of a list of taxa that is taken apart at once.
_SPLIT_BYTES = 1 << 16
_taxa_of = methodcaller("split", b"|")


class TermRecord(NamedTuple):
    """A term and its organisms, some thousand taxa at a time; read once, and in this order."""

    go_id: bytes
    direct: Iterable[list[bytes]]  # with a direct gene product
    propagated: Iterable[list[bytes]]


def read_line(line: bytes) -> TermRecord:
    """Return the record of a line without its first byte."""
    go_id, direct, propagated = line[:-1].split(b"\t")
    with_direct = (direct,) if direct != b"-" else ()
    return TermRecord(go_id, map(_taxa_of, with_direct), map(_taxa_of, (propagated,)))


def read_pieces(pieces: Iterator[bytes]) -> TermRecord:
    """Return the record of a line without its first byte, which is cut anywhere."""
    cells = _Cells(pieces)
    return TermRecord(b"".join(cells.read(b"\t")), cells.taxa(b"\t"), cells.taxa(b"\n"))


class _Cells:
    """The cells of a line in pieces, one after the other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, end: bytes) -> Iterator[bytes]:
        """Return the next cell, which ends with this byte, in pieces."""
        while (at := self._held.find(end)) < 0:
            yield self._held
            self._held = next(self._pieces)
        cell, self._held = self._held[:at], self._held[at + 1 :]
        yield cell

    def taxa(self, end: bytes) -> Iterator[list[bytes]]:
        """Return the taxa of the next cell, which ends with this byte; none of `-`."""
        held = b""
        for piece in self.read(end):
            whole, _, held = (held + piece).rpartition(b"|")
            if whole:
                yield from _split(whole)
        if held != b"-":
            yield [held]


def _split(taxa: bytes) -> Iterator[list[bytes]]:
    """Return what stands between bars, some thousand at a time."""
    start = 0
    while (end := taxa.find(b"|", start + _SPLIT_BYTES)) >= 0:
        yield taxa[start:end].split(b"|")
        start = end + 1
    yield taxa[start:].split(b"|")
