"""Blocks of whole lines: their heads, and when they can be read as columns."""

from __future__ import annotations

import re
from typing import Optional

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock

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


def columns_of(block: bytes, reader: LineReader) -> Optional[ColumnarBlock]:
    """Return the block as columns where it is regular and without header lines."""
    prefix = reader.header_prefix
    # one byte is searched for ten times faster than two, and mostly isn't there
    if not reader.reads_blocks or (prefix in block and b"\n" + prefix in block):
        return None
    return reader.columns(block)
