"""Counts of one organism: sums over gene products, which add up over buckets and reducers."""

from __future__ import annotations

from typing import Dict, List, Sequence

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.jobs.reducer.gene_product import ProductFacts
from gafreduce.jobs.reducer.propagation import AspectCounts

#: What is summed, in the order of the record. `n_positive_...`: gene products with status positive,
#: by their strongest group; the verdict is worked out of these when everything is summed.
COUNTS = (
    "n_annotations",
    "n_gene_products",
    "n_in_P",  # distinct gene products with a supporting line in the aspect; with --scope target
    "n_in_F",  # only the target's aspect is whole
    "n_in_C",
    "n_aspect_no_data",
    "n_aspect_other",
    "n_target_annotations",
    "n_target_gene_products",
    *(f"n_target_{group}" for group in GROUPS),
    *(f"n_positive_{group}" for group in GROUPS),
    "n_regulator_gene_products",
    "n_other_relation_gene_products",
    "n_negated_gene_products",
    "n_negated_on_target",
    "n_conflicting_gene_products",
)


class OrganismCounts:
    """Counts of one organism, or of some of its gene products."""

    def __init__(self) -> None:
        self._counts: Dict[str, int] = dict.fromkeys(COUNTS, 0)

    def add_gene_products(self, n_gene_products: int, n_annotations: int) -> None:
        """Count gene products and their annotations."""
        counts = self._counts
        counts["n_gene_products"] += n_gene_products
        counts["n_annotations"] += n_annotations

    def add_facts(self, facts: ProductFacts) -> None:
        """Count a gene product with rows in `annotations`."""
        counts = self._counts
        counts["n_target_annotations"] += facts.n_target_annotations
        counts["n_target_gene_products"] += facts.n_target_annotations > 0
        for group in facts.target_groups:
            counts[f"n_target_{group}"] += 1
        if facts.status == "positive":
            counts[f"n_positive_{facts.best_group}"] += 1
        counts["n_regulator_gene_products"] += facts.is_regulator
        counts["n_other_relation_gene_products"] += facts.has_other_relation
        counts["n_negated_gene_products"] += facts.is_negated
        counts["n_negated_on_target"] += facts.is_negated_on_target
        counts["n_conflicting_gene_products"] += facts.status == "conflicting"

    def add_aspects(self, aspects: AspectCounts) -> None:
        """Count the gene products of each aspect."""
        for letter in "PFC":
            self._counts[f"n_in_{letter}"] += aspects.supported[letter]
        self._counts["n_aspect_no_data"] += aspects.n_no_data
        self._counts["n_aspect_other"] += aspects.n_other

    def encode(self) -> bytes:
        """Return the counts as one field."""
        return " ".join(map(str, self._counts.values())).encode()


def add_counts(values: Sequence[bytes]) -> List[int]:
    """Return the sums of encoded counts."""
    return [sum(column) for column in zip(*(map(int, value.split()) for value in values))]
