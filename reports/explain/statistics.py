"""The cells of the statistics tables made again.

Plain counts and ratios are worked out here from the cells that their formula names; everything else
by the pure function that made it, from the tables of the run and, for what those do not hold, from
the inputs read again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gafreduce.jobs.files import splits
from gafreduce.jobs.mapper.context_mapper import ContextReader
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.reports.explain.evidence import Found, Inputs, NotMadeAgain, Sources, first
from gafreduce.reports.explain.source_lines import Fact
from gafreduce.reports.tables.reader import Row, list_cell
from gafreduce.reports.tables.schema import STATISTICS_TABLES, Table
from gafreduce.reports.tables.wilson import compute_rate

if TYPE_CHECKING:
    import pandas as pd

#: Which function makes a table, as the reader finds it.
MADE_BY = {
    "rates": "gafreduce.reports.statistics.rates.compute_rates",
    "pairwise": "gafreduce.reports.statistics.pairwise.compute_pairwise",
    "similarity": "gafreduce.reports.statistics.similarity.compute_similarity",
    "similarity_depth": "gafreduce.reports.statistics.rarefaction.compute_rarefaction",
    "enrichment": "gafreduce.reports.statistics.enrichment.compute_enrichment",
    "enrichment_families": "gafreduce.reports.statistics.enrichment.compute_enrichment",
    "robustness": "gafreduce.reports.statistics.sensitivity.compute_sensitivity",
    "robustness_sets": "gafreduce.reports.statistics.sensitivity.compute_sensitivity",
    "components": "gafreduce.reports.components.component_tables.compute_components",
    "component_members": "gafreduce.reports.components.component_tables.compute_components",
    "candidates": "gafreduce.reports.components.candidates.compute_candidates",
    "neighbours": "gafreduce.reports.statistics.neighbours.compute_neighbours",
    "sets": "gafreduce.reports.statistics.intersections.compute_intersections",
    "statistics_notes": "gafreduce.reports.statistics.run_all.Statistics",
}
#: Keys by which rows are addressed, where the table's own has a value that only orders.
ADDRESS = {"enrichment": ("taxon_id", "variant", "aspect", "go_id")}


def address_key(table: Table) -> tuple[str, ...]:
    """Return the columns by which a row of a table is addressed."""
    return ADDRESS.get(table.name, table.key)


class Formula(NamedTuple):
    """A number worked out of cells."""

    words: str
    value: Callable[[Mapping[str, int]], object]  # of the whole numbers of the row


def _divided(
    words: str, top: Callable[[Mapping[str, int]], int], bottom: Callable[[Mapping[str, int]], int]
) -> Formula:
    def value(cells: Mapping[str, int]) -> object:
        return top(cells) / bottom(cells) if bottom(cells) else None

    return Formula(words, value)


def _rate(number: int) -> Callable[[Mapping[str, int]], object]:
    def value(cells: Mapping[str, int]) -> object:
        rate = compute_rate(cells["n_target_gene_products"], cells["n_in_aspect"])
        return rate and rate[number]

    return value


_WILSON = "Wilson 95 % score interval of n_target_gene_products / n_in_aspect, x 1000"
#: Formulas over the whole numbers of the same row; beside a reason a cell is the function's.
FORMULAS = {
    ("rates", "rate_per_1000"): Formula("1000 x n_target_gene_products / n_in_aspect", _rate(0)),
    ("rates", "rate_low"): Formula(f"lower end of the {_WILSON}", _rate(1)),
    ("rates", "rate_high"): Formula(f"upper end of the {_WILSON}", _rate(2)),
    ("rates", "fold"): _divided(
        "(n_target_gene_products / n_in_aspect) / (n_target_others / n_in_aspect_others)",
        lambda c: c["n_target_gene_products"] * c["n_in_aspect_others"],
        lambda c: c["n_in_aspect"] * c["n_target_others"],
    ),
    ("similarity", "jaccard_direct"): _divided(
        "n_direct_shared / (n_direct_a + n_direct_b - n_direct_shared)",
        lambda c: c["n_direct_shared"],
        lambda c: c["n_direct_a"] + c["n_direct_b"] - c["n_direct_shared"],
    ),
    ("similarity", "overlap_direct"): _divided(
        "n_direct_shared / the smaller of n_direct_a and n_direct_b",
        lambda c: c["n_direct_shared"],
        lambda c: min(c["n_direct_a"], c["n_direct_b"]),
    ),
    ("similarity", "sim_ui"): _divided(
        "n_closed_shared / (n_closed_a + n_closed_b - n_closed_shared)",
        lambda c: c["n_closed_shared"],
        lambda c: c["n_closed_a"] + c["n_closed_b"] - c["n_closed_shared"],
    ),
    ("similarity", "overlap_closed"): _divided(
        "n_closed_shared / the smaller of n_closed_a and n_closed_b",
        lambda c: c["n_closed_shared"],
        lambda c: min(c["n_closed_a"], c["n_closed_b"]),
    ),
    ("enrichment", "n_expected"): _divided(
        "n_study x n_population_with_term / n_population",
        lambda c: c["n_study"] * c["n_population_with_term"],
        lambda c: c["n_population"],
    ),
    ("enrichment", "fold"): _divided(
        "n_study_with_term / (n_study x n_population_with_term / n_population)",
        lambda c: c["n_study_with_term"] * c["n_population"],
        lambda c: c["n_study"] * c["n_population_with_term"],
    ),
}


class Remade:
    """The statistics of a run, made again once, by table and address."""

    def __init__(self, sources: Sources) -> None:
        from gafreduce.reports.statistics.run_all import read_tables

        inputs = sources.need_inputs()
        tables = read_tables(sources.folder)
        self._rows = {
            name: dict(_keyed(STATISTICS_TABLES[name], lines))
            for name, lines in _statistics(sources, inputs, tables).items()
        }

    def row(self, table: Table, row: Row) -> Row | None:
        """Return a row as it is made now."""
        return self._rows[table.name].get(_address(table, row))


def _statistics(
    sources: Sources, inputs: Inputs, tables: Mapping[str, pd.DataFrame]
) -> dict[str, list[bytes]]:
    """Return the lines of every statistics table."""
    from gafreduce.reports.statistics.context import read_context_tables, request_context
    from gafreduce.reports.statistics.run_all import Statistics
    from gafreduce.reports.tables import frames

    target_only = sources.record["scope"] == "target"
    made = Statistics(tables, inputs.terms, inputs.machinery, target_only)
    request = request_context(tables["gene_products"], tables["organisms"], inputs.machinery)
    with tempfile.TemporaryDirectory(prefix="gafreduce-") as name:
        parts = [] if request.asks_for_nothing() else [_context(inputs, request, Path(name))]
        found = made.complete(read_context_tables(parts, Path(name)))
    return {
        name: list(frames.encode_rows(STATISTICS_TABLES[name], found[name]))
        for name in STATISTICS_TABLES
    }


def _context(inputs: Inputs, request: ContextRequest, folder: Path) -> Path:
    """Return the part file that the job of context would write."""
    part = folder / "part"
    reader = ContextReader(inputs.terms, request, inputs.filters)
    with part.open("wb") as stream:
        for source in inputs.files:
            blocks = splits.read_split(splits.Split(source.uri, 0, source.bytes)).blocks
            for record in chain.from_iterable(reader.records(source, blocks)):
                stream.write(record + b"\n")
    return part


def _keyed(table: Table, lines: list[bytes]) -> Iterator[tuple[tuple[str, ...], Row]]:
    for line in lines:
        cells = line.decode("utf-8").rstrip("\n").split("\t")
        row = dict(zip(table.column_names, cells, strict=True))
        yield _address(table, row), row


def _address(table: Table, row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in address_key(table))


def statistics_cell(sources: Sources, table: Table, row: Row, column: str) -> Found:
    """Return a cell of a statistics table made again."""
    numbers = {
        described.name: int(row[described.name])
        for described in table.columns
        if described.type == "integer" and row[described.name]
    }
    cells = {name: value for name, value in numbers.items() if name not in (column, *table.key)}
    facts = first(_facts(sources, table.name, row), sources.limit)
    formula = FORMULAS.get((table.name, column))
    if formula is not None and not row.get("reason"):
        return Found(formula.value(numbers), formula.words, *facts, cells)
    remade = sources.remade(lambda: Remade(sources)).row(table, row)
    if remade is None:
        raise NotMadeAgain(f"{MADE_BY[table.name]} gives no such row now")
    how = f"by {MADE_BY[table.name]}, called again (docs/statistics.md)"
    return Found(Text(remade[column]), how, *facts, cells)


class Text(str):
    """A cell as it stands in a table, lists and all."""


def _facts(sources: Sources, table: str, row: Row) -> Iterator[Fact]:
    """Return the annotation lines that a row of statistics rests on, where they are few."""
    taxa = [int(row[name]) for name in ("taxon_id", "taxon_a", "taxon_b") if row.get(name)]
    if table in ("rates", "pairwise", "robustness", "robustness_sets"):
        for taxon_id in taxa:
            yield from sources.closure_facts(taxon_id)
    elif table in ("enrichment", "neighbours") and sources.inputs is not None:
        named = set(list_cell(row.get("object_ids", "")))
        for fact in sources.facts_saying(row["go_id"], taxa[0]):
            if not named or fact.object_id in named:
                yield fact
    elif table in ("components", "component_members", "candidates"):
        named = {row["object_id"]} if "object_id" in row else set(list_cell(row["object_ids"]))
        lines = sources.closure_facts(taxa[0])
        yield from (fact for fact in lines if fact.object_id in named)
