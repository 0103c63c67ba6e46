"""Counts of an organism."""

from __future__ import annotations

from gafreduce.jobs.reducer.organism_counts import OrganismCounts, add_counts, decode_counts
from gafreduce.jobs.reducer.propagation import AspectCounts, OutsideCounts


def test_counts_of_parts_add_up() -> None:
    part = OrganismCounts()
    part.add_gene_products(7, 20)
    part.add_aspects(AspectCounts({"P": 5, "F": 4, "C": 3}, 2, 1, set()))
    part.add_outside(OutsideCounts(8, {"P": 6, "F": 5, "C": 4}, [], 1, {0: 2, 1: 3}))
    part.add_excluded_on_target(2)
    once = decode_counts(part.encode()).counts
    expected = {
        **{"n_annotations": 20, "n_gene_products": 7, "n_all_gene_products": 8},
        **{"n_in_P": 5, "n_in_F": 4, "n_in_C": 3, "n_all_in_P": 6, "n_all_in_F": 5},
        **{"n_all_in_C": 4, "n_filtered_lines": 5, "n_filtered_target_gene_products": 3},
        **{"n_aspect_no_data": 2, "n_aspect_other": 1},
    }
    assert {name: n for name, n in once.items() if n} == expected
    twice = decode_counts(add_counts([part.encode(), part.encode()])).counts
    assert {name: n for name, n in twice.items() if n} == {k: 2 * n for k, n in expected.items()}
