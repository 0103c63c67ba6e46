"""The second job: the lines that statistics request from the inputs, and its output as tables.

Docs: docs/statistics.md#what-the-statistics-need
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pandas as pd

from gafreduce.jobs import records
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.jobs.model.organisms import Organisms
from gafreduce.reports.components.component_tables import HAVING_TARGET
from gafreduce.reports.components.components_file import Machinery
from gafreduce.reports.statistics import enrichment, rarefaction
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.evidence_sources import list_spellings
from gafreduce.reports.tables.frames import Values
from gafreduce.reports.tables.job_output import SortedLines
from gafreduce.reports.tables.schema import CONTEXT, TERM_SETS

_READ_BYTES = 1 << 22


def request_context(
    gene_products: pd.DataFrame, organisms: pd.DataFrame, machinery: Machinery
) -> ContextRequest:
    """Return the lines that the job of `context` and `term_sets` must keep.

    Args:
        gene_products: The table `gene_products`.
        organisms: The table `organisms`; it determines the organisms of enrichment and rarefaction.
        machinery: Components and orthologs.
    """
    numbers = frames.read_samples(organisms)
    organism_ids = set(enrichment.choose_organisms(organisms))
    columns = ("organism_id", "object_id", "status")
    study = {
        object_id
        for organism_id, object_id, status in frames.iterate_rows(gene_products, columns)
        if organism_id in organism_ids and status in HAVING_TARGET
    }
    families = {family for component in machinery.components for family in component.families}
    symbols = {symbol for component in machinery.components for symbol in component.symbols}
    return ContextRequest(
        frozenset(study | machinery.orthologs.keys()),
        frozenset().union(*map(list_spellings, families)),
        frozenset(symbols),
        tuple(map(numbers.number_of, rarefaction.choose_organisms(organisms))),
    )


def read_context_tables(
    parts: Iterable[Path], scratch: Path, organisms: Organisms
) -> dict[str, pd.DataFrame]:
    """Return `context` and `term_sets`; the order and the number of parts do not matter.

    Args:
        parts: Part files of the job (docs/formats.md#records-of-the-jobs).
        scratch: A folder for lines that exceed memory.
        organisms: The samples of the run.
    """
    lines = SortedLines(scratch / "sorted-context")
    sets = SortedLines(scratch / "sorted-term-sets")
    for part in parts:
        with part.open("rb") as stream:
            while found := stream.readlines(_READ_BYTES):
                lines.extend([line[1:] for line in found if line.startswith(records.CONTEXT)])
                sets.extend([line[1:] for line in found if line.startswith(records.TERM_SET)])
    return {
        "context": frames.make_frame(CONTEXT, _read_context(lines, organisms)),
        "term_sets": frames.make_frame(TERM_SETS, _read_term_sets(sets, organisms)),
    }


def _read_context(lines: Iterable[bytes], organisms: Organisms) -> Iterator[Values]:
    """Yield each distinct line with the number of its occurrences.

    Args:
        lines: Sorted records without their kind: all columns but the last, in the table's order.
        organisms: The samples of the run.
    """
    booleans = [n for n, column in enumerate(CONTEXT.columns) if column.type == "boolean"]
    for line, equal_lines in groupby(lines):
        number, *cells = line.rstrip(b"\n").decode("utf-8").split("\t")
        values: list[object] = [organisms.id_of(int(number)), *cells]
        for at in booleans:
            values[at] = values[at] == "true"
        yield (*values, sum(1 for _ in equal_lines))


def _read_term_sets(lines: Iterable[bytes], organisms: Organisms) -> Iterator[Values]:
    """Yield each distinct set of terms of an organism with the number of its gene products.

    A gene product with lines in several places has several records; its set is their union.

    Args:
        lines: Sorted records without their kind: organism, object id, terms.
        organisms: The samples of the run.
    """
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    cells = (line.rstrip(b"\n").decode("utf-8").split("\t") for line in lines)
    for (number, _), of_product in groupby(cells, key=lambda cell: (cell[0], cell[1])):
        terms = {go_id for _, _, go_ids in of_product for go_id in go_ids.split("|")}
        counts[organisms.id_of(int(number)), tuple(sorted(terms))] += 1
    for (organism_id, go_ids), n_gene_products in counts.items():
        yield TERM_SETS.make_row(
            organism_id=organism_id, go_ids=list(go_ids), n_gene_products=n_gene_products
        )
