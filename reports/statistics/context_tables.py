"""The output of the second job, as the tables `context` and `term_sets`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pandas as pd

from gafreduce.reports.statistics import frames
from gafreduce.reports.tables.job_output import SortedLines
from gafreduce.reports.tables.schema import CONTEXT, TERM_SETS

_CONTEXT, _TERM_SET = b"X", b"S"


def context_tables(parts: Iterable[Path], scratch: Path) -> dict[str, pd.DataFrame]:
    """Return `context` and `term_sets`; the order and the number of parts play no role.

    Args:
        parts: Part files of the job (docs/formats.md#records-of-the-jobs).
        scratch: A folder for what is too large for memory.
    """
    lines = SortedLines(scratch / "sorted-context")
    sets = SortedLines(scratch / "sorted-term-sets")
    for part in parts:
        with part.open("rb") as stream:
            while found := stream.readlines(1 << 22):
                lines.extend([line[1:] for line in found if line.startswith(_CONTEXT)])
                sets.extend([line[1:] for line in found if line.startswith(_TERM_SET)])
    return {
        "context": frames.frame(CONTEXT, _context_rows(lines)),
        "term_sets": frames.frame(TERM_SETS, _term_set_rows(sets)),
    }


def _context_rows(lines: Iterable[bytes]) -> Iterator[frames.Row]:
    """Return each distinct line with how often it occurs."""
    booleans = [n for n, column in enumerate(CONTEXT.columns) if column.type == "boolean"]
    for line, alike in groupby(lines):
        taxon, *cells = line.rstrip(b"\n").decode("utf-8").split("\t")
        values: list[object] = [int(taxon), *cells]
        for number in booleans:
            values[number] = values[number] == "true"
        yield (*values, sum(1 for _ in alike))


def _term_set_rows(lines: Iterable[bytes]) -> Iterator[frames.Row]:
    """Return each distinct set of terms of an organism's gene products, and how many have it.

    A gene product whose lines lay apart has several records: its set is their union.
    """
    counts: Counter[tuple[int, tuple[str, ...]]] = Counter()
    cells = (line.rstrip(b"\n").decode("utf-8").split("\t") for line in lines)
    for (taxon, _), records in groupby(cells, key=lambda cell: (cell[0], cell[1])):
        terms = {go_id for _, _, go_ids in records for go_id in go_ids.split("|")}
        counts[int(taxon), tuple(sorted(terms))] += 1
    for (taxon_id, go_ids), n_gene_products in counts.items():
        yield taxon_id, list(go_ids), n_gene_products
