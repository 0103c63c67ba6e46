"""The verdict of an organism: which word its evidence allows, by the strongest line that holds.

The words, their order and the reasons are in docs/verdicts.md. No annotation is not absence.
"""

from __future__ import annotations

from collections.abc import Mapping

from gafreduce.jobs.model.evidence import CURATED, GROUPS

#: Words in the order in which the first that holds is taken.
VERDICTS = (
    "experimental",
    "high_throughput",
    "curated",
    "electronic_only",
    "unstated_only",
    "conflicting",
    "negated",
    "other_relation_only",
    "regulators_only",
    "no_data",
    "not_annotated",
)

_WORD_OF_GROUP = {
    "experimental": "experimental",
    "high_throughput": "high_throughput",
    **dict.fromkeys(CURATED, "curated"),
    "electronic": "electronic_only",
    "unstated": "unstated_only",
}


def best_group(counts: Mapping[str, int]) -> str:
    """Return the strongest group over gene products with status positive; empty without any."""
    return next((group for group in GROUPS if counts[f"n_positive_{group}"]), "")


def verdict(counts: Mapping[str, int]) -> str:
    """Return the verdict word of an organism.

    Args:
        counts: The sums of `gafreduce.jobs.reducer.organism_counts.COUNTS`.
    """
    group = best_group(counts)
    if group:
        return _WORD_OF_GROUP[group]
    if counts["n_conflicting_gene_products"]:
        return "conflicting"
    if counts["n_negated_on_target"]:
        return "negated"
    if counts["n_other_relation_gene_products"]:
        return "other_relation_only"
    if counts["n_regulator_gene_products"]:
        return "regulators_only"
    if counts["n_aspect_no_data"] and not counts["n_aspect_other"]:
        return "no_data"
    return "not_annotated"


def is_contested(counts: Mapping[str, int]) -> bool:
    """Tell whether an effective NOT stands on the target itself, or a product is conflicting."""
    return bool(counts["n_negated_on_target"] or counts["n_conflicting_gene_products"])
