"""Which organisms are compared, and their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from gafreduce.jobs.reducer.organism_counts import COUNTS
from gafreduce.reports.tables.organisms import (
    Comparison,
    Labels,
    decide_comparison,
)
from gafreduce.reports.tables.verdicts import decide_verdict, find_best_group, is_contested

ZERO = dict.fromkeys(COUNTS, 0)


class Output:
    """The records of organisms of a job, from counts by taxon."""

    def __init__(self, counts: Mapping[int, Mapping[str, int]]) -> None:
        self.counts = counts

    def read(self, kind: bytes) -> Iterable[bytes]:
        for taxon_id, counts in sorted(self.counts.items()):
            yield b"%d\tx\t%s" % (taxon_id, " ".join(map(str, (ZERO | counts).values())).encode())


def label(compared: Iterable[int] | None) -> Labels:
    named = None if compared is None else frozenset(map(str, compared))
    return Labels({}, named, {}, frozenset())


def decide(n_products: Mapping[int, int], compared: Iterable[int] | None = None) -> Comparison:
    counts = {taxon: {"n_all_gene_products": n} for taxon, n in n_products.items()}
    output: Any = Output(counts)
    return decide_comparison(output, label(compared))


@pytest.mark.parametrize(
    ("n_products", "strays"),
    [
        ({1: 500, 2: 10}, set()),
        ({1: 500, 2: 9}, {2}),
        ({1: 450, 2: 9}, set()),  # 2 % of the largest
        ({1: 451, 2: 9}, {2}),
        ({1: 9, 2: 1}, set()),
        ({1: 1, 2: 500, 3: 2}, {1, 3}),
        ({}, set()),
    ],
)
def test_small_taxa_beside_a_large_one_are_not_compared(
    n_products: Mapping[int, int], strays: set[int]
) -> None:
    assert decide(n_products) == Comparison(len(n_products) - len(strays), strays, frozenset())


def test_exactly_the_organisms_that_are_named_are_compared() -> None:
    assert decide({1: 500, 2: 1, 3: 400}, [2, 3, 4]) == Comparison(3, {1}, {4})
    assert decide({1: 500}, []) == Comparison(0, {1}, frozenset())


@pytest.mark.parametrize(
    ("found", "verdict", "contested"),
    [
        ({}, "not_annotated", False),
        ({"n_aspect_no_data": 1}, "no_data", False),
        ({"n_aspect_no_data": 1, "n_aspect_other": 1}, "not_annotated", False),
        ({"n_regulator_gene_products": 1, "n_aspect_no_data": 1}, "regulators_only", False),
        (
            {"n_other_relation_gene_products": 1, "n_regulator_gene_products": 1},
            "other_relation_only",
            False,
        ),
        ({"n_negated_on_target": 1, "n_other_relation_gene_products": 1}, "negated", True),
        ({"n_conflicting_gene_products": 1, "n_negated_on_target": 1}, "conflicting", True),
        ({"n_conflicting_gene_products": 1}, "conflicting", True),
        ({"n_positive_unstated": 1, "n_conflicting_gene_products": 1}, "unstated_only", True),
        ({"n_positive_electronic": 1, "n_positive_unstated": 1}, "electronic_only", False),
        ({"n_positive_experimental": 1, "n_positive_electronic": 1}, "experimental", False),
    ],
)
def test_the_strongest_fact_decides_the_verdict(
    found: Mapping[str, int], verdict: str, contested: bool
) -> None:
    counts = ZERO | found
    assert (decide_verdict(counts, is_complete=True), is_contested(counts)) == (verdict, contested)
    assert bool(find_best_group(counts)) == any(name.startswith("n_positive") for name in found)
