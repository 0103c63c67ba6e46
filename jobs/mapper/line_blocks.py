"""Blocks of the lines of a file, as columns where that is possible."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Optional, Tuple

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock

_TRAILING_CR = re.compile(rb"\r+\n")


def read_blocks(
    reader: LineReader, blocks: Iterable[bytes], counts: FileCounts, by_line: bool
) -> Iterator[Tuple[bytes, Optional[ColumnarBlock]]]:
    """Yield the blocks of a file, without header lines at their beginning, and their columns.

    Args:
        reader: Of the file.
        blocks: Whole lines, each ended by LF.
        counts: Of the file; all lines are counted, and the header lines that are removed.
        by_line: Whether lines are read one by one: no block is returned as columns.
    """
    prefix = reader.header_prefix
    for block in blocks:
        counts.n_text_bytes += len(block)
        if b"\r" in block:
            block = _TRAILING_CR.sub(b"\n", block)
        start = 0
        while prefix and block.startswith(prefix, start):
            start = block.index(b"\n", start) + 1
            counts.n_header += 1
            counts.n_lines += 1
        if start:
            block = block[start:]
        if not block:
            continue
        columns = None
        # one byte is found ten times faster than two, and mostly is not there
        if (
            reader.reads_blocks
            and not by_line
            and (prefix not in block or b"\n" + prefix not in block)
        ):
            columns = reader.columns(block)
        counts.n_lines += block.count(b"\n") if columns is None else columns.n_lines
        yield block, columns
