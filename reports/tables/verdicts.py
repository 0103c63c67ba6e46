"""The verdict of an organism: the first verdict word that its counts allow.

docs/verdicts.md describes the words, their order and the reasons. An organism without annotation
is not an organism without the function.
"""

from __future__ import annotations

from collections.abc import Mapping

from gafreduce.jobs.model.evidence import CURATED, GROUPS

#: Verdict words; the first that applies is the verdict.
VERDICTS = (
    "experimental",
    "high_throughput",
    "curated",
    "electronic_only",
    "unstated_only",
    "conflicting",
    "partial_file",
    "filtered_out",
    "negated",
    "other_relation_only",
    "regulators_only",
    "not_understood",
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


def find_best_group(counts: Mapping[str, int]) -> str:
    """Return the strongest evidence group of the gene products with status positive, or ""."""
    return next((group for group in GROUPS if counts[f"n_positive_{group}"]), "")


def decide_verdict(counts: Mapping[str, int], *, is_complete: bool) -> str:
    """Return the verdict word of an organism.

    Args:
        counts: The counts of `gafreduce.jobs.reducer.organism_counts.COUNTS`.
        is_complete: Whether its files hold all of its annotations: others show no absence.
    """
    group = find_best_group(counts)
    if group:
        return _WORD_OF_GROUP[group]
    if counts["n_conflicting_gene_products"]:
        return "conflicting"
    if not is_complete:
        return "partial_file"
    if counts["n_filtered_target_gene_products"]:
        return "filtered_out"
    if counts["n_negated_on_target"]:
        return "negated"
    if counts["n_other_relation_gene_products"]:
        return "other_relation_only"
    if counts["n_regulator_gene_products"]:
        return "regulators_only"
    if counts["n_not_understood_gene_products"]:
        return "not_understood"
    if counts["n_aspect_no_data"] and not counts["n_aspect_other"]:
        return "no_data"
    return "not_annotated"


def is_contested(counts: Mapping[str, int]) -> bool:
    """Return whether the target itself has an effective NOT, or a gene product is conflicting."""
    return bool(counts["n_negated_on_target"] or counts["n_conflicting_gene_products"])
