"""Blocks of whole lines: when they can be read as columns, and where gene products begin."""

from __future__ import annotations

import re
from itertools import compress, islice
from operator import ne
from typing import List, Optional

from jobs.annotation import Columns
from jobs.file_counts import FileCounts
from jobs.line_reader import LineReader

#: Bytes that may not stand in an object id: they would break the order of the shuffle.
_CONTROL = bytes(range(0x20)) + b"\x7f"
_TRAILING_CR = re.compile(rb"\r+\n")


def without_head(block: bytes, reader: LineReader, counts: FileCounts) -> bytes:
    """Return the block without CRs at line ends and the header lines that it begins with."""
    if b"\r" in block:
        block = _TRAILING_CR.sub(b"\n", block)
    if not reader.header_prefix:
        return block
    start = 0
    while block.startswith(reader.header_prefix, start):
        start = block.index(b"\n", start) + 1
        counts.n_header += 1
        counts.n_lines += 1
    return block[start:] if start else block


def columns_of(block: bytes, reader: LineReader) -> Optional[Columns]:
    """Return the block as columns where it is regular text without header lines."""
    prefix = reader.header_prefix
    # one byte is searched for ten times faster than two, and mostly isn't there
    if not reader.reads_blocks or (prefix in block and b"\n" + prefix in block):
        return None
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return reader.columns(block)


def run_starts(table: Columns) -> List[int]:
    """Return the numbers of the lines whose gene product differs from the line before."""
    local_ids, n_lines = table.local_ids, len(table.local_ids)
    if _are_equal(table.databases) and _are_equal(table.taxa):
        changes = map(ne, islice(local_ids, 1, None), local_ids)
    else:
        products = list(zip(local_ids, table.databases, table.taxa))
        changes = map(ne, islice(products, 1, None), products)
    return [0, *compress(range(1, n_lines), changes)]


def _are_equal(cells: List[bytes]) -> bool:
    return cells.count(cells[0]) == len(cells)


def are_clean(table: Columns, starts: List[int]) -> bool:
    """Tell whether databases and ids of the runs are filled, unpadded and free of control bytes."""
    for column in (table.databases, table.local_ids):
        cells = [column[start] for start in starts]
        text = b"".join(cells)
        if b"" in cells or b" " in text or text.translate(None, _CONTROL) != text:
            return False
    return True
