"""The record T of a term: the lists of its organisms, of which there may be a million."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: Bytes of a text of taxa, about.
_SPLIT_BYTES = 1 << 16


class TermRecord(NamedTuple):
    """A term and its organisms, as texts of some thousand taxa with bars between them.

    They are read once, and in this order.
    """

    go_id: bytes
    direct: Iterable[bytes]  # with a direct gene product
    propagated: Iterable[bytes]


def read_line(line: bytes) -> TermRecord:
    """Return the record of a line without its first byte."""
    go_id, direct, propagated = line[:-1].split(b"\t")
    return TermRecord(go_id, (direct,) if direct != b"-" else (), (propagated,))


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

    def taxa(self, end: bytes) -> Iterator[bytes]:
        """Return the taxa of the next cell, which ends with this byte; none of `-`."""
        held = b""
        for piece in self.read(end):
            whole, _, held = (held + piece).rpartition(b"|")
            if whole:
                yield from _split(whole)
        if held != b"-":
            yield held


def _split(taxa: bytes) -> Iterator[bytes]:
    """Return a text in smaller ones, cut at bars."""
    start = 0
    while (end := taxa.find(b"|", start + _SPLIT_BYTES)) >= 0:
        yield taxa[start:end]
        start = end + 1
    yield taxa[start:]
