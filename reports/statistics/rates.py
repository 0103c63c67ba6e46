"""The table `rates`: gene products with the target per 1,000, and against the other organisms.

Formulas, sources and limits: docs/statistics.md#rates
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.schema import RATES
from gafreduce.reports.tables.wilson import compute_rate


class Fold(NamedTuple):
    """The rate of one organism divided by the pooled rate of all other organisms."""

    n_target_others: int
    n_others: int
    fold: float | None  # None when the other organisms have no gene product with the target
    reason: str  # why `fold` is None


def compute_rates(organisms: pd.DataFrame) -> pd.DataFrame:
    """Return the table `rates`.

    Each compared organism has a row. The row of an incomplete organism contains its counts and the
    reason why it has no rate.

    Args:
        organisms: The table `organisms`.
    """
    columns = ("organism_id", "complete", "compared", "n_target_gene_products", "n_in_aspect")
    compared = {
        organism_id: (completeness == COMPLETE, n_target, n_total)
        for organism_id, completeness, is_compared, n_target, n_total in frames.iterate_rows(
            organisms, columns
        )
        if is_compared
    }
    counts = {
        organism_id: (k, n) for organism_id, (is_complete, k, n) in compared.items() if is_complete
    }
    folds = compute_folds(counts)
    rows = [
        _make_row(organism_id, n_target, n_total, folds.get(organism_id))
        for organism_id, (_, n_target, n_total) in compared.items()
    ]
    return frames.make_frame(RATES, rows, organisms)


def _make_row(organism_id: str, n_target: int, n_total: int, fold: Fold | None) -> frames.Values:
    """Return the row of an organism; an incomplete one has no fold."""
    counts = {
        "organism_id": organism_id,
        "n_target_gene_products": n_target,
        "n_in_aspect": n_total,
    }
    if fold is None:
        return RATES.make_partial_row(**counts, reason="incomplete")
    rate = compute_rate(n_target, n_total)
    return RATES.make_row(
        **counts,
        rate_per_1000=rate and rate.per_1000,
        rate_low=rate and rate.low,
        rate_high=rate and rate.high,
        n_target_others=fold.n_target_others,
        n_in_aspect_others=fold.n_others,
        fold=fold.fold,
        reason=fold.reason,
    )


def compute_folds(counts: Mapping[str, tuple[int, int]]) -> dict[str, Fold]:
    """Return the rate of each organism divided by the pooled rate of all other organisms.

    Formula: (k/n) / (Σk'/Σn') over the other organisms, so large organisms have more weight.

    Limit: the pool consists of the organisms that were given. Five strains of one genus do not
    represent bacteria, and each organism that is added changes the folds of all others.

    Args:
        counts: For each compared, complete organism, by id: gene products with the target,
            and gene products in the aspect.
    """
    all_target = sum(n_target for n_target, _ in counts.values())
    all_total = sum(n_total for _, n_total in counts.values())
    return {
        organism_id: _compute_fold(n_target, n_total, all_target - n_target, all_total - n_total)
        for organism_id, (n_target, n_total) in counts.items()
    }


def _compute_fold(n_target: int, n_total: int, others_target: int, others_total: int) -> Fold:
    """Return the fold of one organism, or the reason why it has none."""
    if n_total == 0:
        return Fold(others_target, others_total, None, "no_gene_products_in_aspect")
    if others_total == 0:
        return Fold(others_target, others_total, None, "no_other_organism")
    if others_target == 0:
        return Fold(others_target, others_total, None, "none_in_other_organisms")
    # Integers first: one division, one rounding.
    fold = (n_target * others_total) / (n_total * others_target)
    return Fold(others_target, others_total, fold, "")
