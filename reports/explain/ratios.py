"""Recompute the ratios of statistics tables from other cells of the same row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gafreduce.reports.explain.run_sources import NotRecomputedError, Recomputed
from gafreduce.reports.tables.reader import Row
from gafreduce.reports.tables.schema import Table

_Numbers = Mapping[str, int]  # whole numbers of a row, by column


class Ratio(NamedTuple):
    """A ratio of whole numbers of a row."""

    formula: str
    numerator: Callable[[_Numbers], int]
    denominator: Callable[[_Numbers], int]
    factor: int = 1


def _make_overlap(kind: str) -> Ratio:
    return Ratio(
        f"n_{kind}_shared / min(n_{kind}_a, n_{kind}_b)",
        lambda n: n[f"n_{kind}_shared"],
        lambda n: min(n[f"n_{kind}_a"], n[f"n_{kind}_b"]),
    )


def _make_jaccard(kind: str) -> Ratio:
    return Ratio(
        f"n_{kind}_shared / (n_{kind}_a + n_{kind}_b - n_{kind}_shared)",
        lambda n: n[f"n_{kind}_shared"],
        lambda n: n[f"n_{kind}_a"] + n[f"n_{kind}_b"] - n[f"n_{kind}_shared"],
    )


RATIOS = {
    ("rates", "rate_per_1000"): Ratio(
        "1000 x n_target_gene_products / n_in_aspect",
        lambda n: n["n_target_gene_products"],
        lambda n: n["n_in_aspect"],
        1000,
    ),
    ("rates", "fold"): Ratio(
        "(n_target_gene_products / n_in_aspect) / (n_target_others / n_in_aspect_others)",
        lambda n: n["n_target_gene_products"] * n["n_in_aspect_others"],
        lambda n: n["n_in_aspect"] * n["n_target_others"],
    ),
    ("similarity", "jaccard_direct"): _make_jaccard("direct"),
    ("similarity", "overlap_direct"): _make_overlap("direct"),
    ("similarity", "sim_ui"): _make_jaccard("closed"),
    ("similarity", "overlap_closed"): _make_overlap("closed"),
    ("slim", "share"): Ratio(
        "n_gene_products_propagated / n_root_gene_products",
        lambda n: n["n_gene_products_propagated"],
        lambda n: n["n_root_gene_products"],
    ),
    ("enrichment", "n_expected"): Ratio(
        "n_study x n_population_with_term / n_population",
        lambda n: n["n_study"] * n["n_population_with_term"],
        lambda n: n["n_population"],
    ),
    ("enrichment", "fold"): Ratio(
        "n_study_with_term / (n_study x n_population_with_term / n_population)",
        lambda n: n["n_study_with_term"] * n["n_population"],
        lambda n: n["n_study"] * n["n_population_with_term"],
    ),
}


def recompute_ratio(table: Table, row: Row, column: str) -> Recomputed:
    """Return a ratio recomputed from other cells of its row.

    Raises:
        NotRecomputedError: The column is no ratio, or the row has a reason for an empty cell.
    """
    ratio = RATIOS.get((table.name, column))
    if ratio is None:
        raise NotRecomputedError(f"docs/statistics.md has the method of {table.name}")
    if row.get("reason"):
        raise NotRecomputedError(f"empty, reason: {row['reason']}")
    numbers = {
        each.name: int(row[each.name])
        for each in table.columns
        if each.type == "integer" and row[each.name]
    }
    denominator = ratio.denominator(numbers)
    value = ratio.factor * (ratio.numerator(numbers) / denominator) if denominator else None
    used = {name: number for name, number in numbers.items() if name in ratio.formula}
    return Recomputed(value, ratio.formula, cells=used)
