"""Which organisms are compared, and the rows of the table `organisms`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.reducer.organism_counts import COUNTS
from gafreduce.reports.tables.organisms import (
    Comparison,
    Labels,
    decide_comparison,
    make_organism_rows,
)
from gafreduce.reports.tables.verdicts import decide_verdict, find_best_group, is_contested
from gafreduce.reports.tables.wilson import compute_rate

ZERO = dict.fromkeys(COUNTS, 0)


class Output:
    """The records of organisms of a job, from counts by taxon."""

    def __init__(self, counts: Mapping[int, Mapping[str, int]]) -> None:
        self.counts = counts

    def read(self, kind: bytes) -> Iterable[bytes]:
        for taxon_id, counts in sorted(self.counts.items()):
            yield b"%d\tx\t%s" % (taxon_id, " ".join(map(str, (ZERO | counts).values())).encode())


def label(compared: Iterable[int] | None = None, incomplete: Iterable[int] = ()) -> Labels:
    named = None if compared is None else frozenset(map(str, compared))
    return Labels({"1": "one"}, named, frozenset(incomplete))


def decide(n_products: Mapping[int, int], compared: Iterable[int] | None = None) -> Comparison:
    counts = {taxon: {"n_gene_products": n} for taxon, n in n_products.items()}
    output: Any = Output(counts)
    return decide_comparison(output, label(compared))


def rows_of(
    counts: Mapping[int, Mapping[str, int]],
    labels: Labels,
    files: Mapping[int, FileTotal] | None = None,
    comparison: Comparison | None = None,
) -> dict[int, dict[str, Any]]:
    output: Any = Output(counts)
    chosen = comparison or decide_comparison(output, labels)
    rows = make_organism_rows(output, files or {}, labels, chosen, None, "P")
    return {int(str(row["taxon_id"])): row for row in rows}


def total_of(n_kept: int, n_main: int, *taxon_ids: int, n_taxa: int = 0) -> FileTotal:
    n_taxa = n_taxa or len(taxon_ids)
    return FileTotal(
        n_kept, 0, 0, 0, n_kept, 0, 0, "", n_taxa, taxon_ids[0], n_main, list(taxon_ids), {}, []
    )


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


def test_organisms_without_lines_get_rows_of_zeros() -> None:
    rows = rows_of({1: {"n_gene_products": 5}}, label([1, 9]))
    assert list(rows) == [1, 9]
    assert {name: rows[9][name] for name in COUNTS} == ZERO
    assert (rows[9]["organism"], rows[9]["verdict"], rows[9]["compared"]) == (
        "taxon:9", "not_annotated", True
    )  # fmt: skip
    assert rows[1]["organism"] == "one"


def test_only_complete_and_compared_organisms_have_rates() -> None:
    counts = {taxon: {"n_in_P": 2000, "n_target_gene_products": 3} for taxon in (1, 2, 3, 4)}
    files = {0: total_of(5, 5, 2), 1: total_of(5, 5, 1, 3), 2: total_of(5, 5, 3)}
    rows = rows_of(counts, label([1, 2, 3], incomplete=[0, 2]), files)
    assert {taxon: row["complete"] for taxon, row in rows.items()} == {
        1: True, 2: False, 3: False, 4: True
    }  # fmt: skip
    rate = compute_rate(3, 2000)
    assert rate is not None
    cells = [rows[1].get(name) for name in ("rate_per_1000", "rate_low", "rate_high")]
    assert cells == [1.5, rate.low, rate.high]
    assert not any("rate_per_1000" in rows[taxon] for taxon in (2, 3, 4))
    assert "rate_per_1000" not in rows_of({1: {}}, label())[1], "no gene product in the aspect"


@pytest.mark.parametrize(("n_taxa", "complete"), [(2, True), (3, False)])
def test_no_organism_is_complete_when_an_incomplete_file_has_too_many_to_list(
    n_taxa: int, complete: bool
) -> None:
    files = {0: total_of(5, 5, 2, 3, n_taxa=n_taxa)}
    assert rows_of({1: {}}, label(incomplete=[0]), files)[1]["complete"] == complete


def test_lines_of_other_taxa_are_counted_for_the_main_taxon_of_each_file() -> None:
    files = {0: total_of(10, 7, 1, 2), 1: total_of(20, 15, 1, 3), 2: total_of(5, 5, 2)}
    rows = rows_of({1: {}, 2: {}, 3: {}}, label(), files)
    assert {taxon: row["n_foreign_in_files"] for taxon, row in rows.items()} == {1: 8, 2: 0, 3: 0}


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
    assert (decide_verdict(counts), is_contested(counts)) == (verdict, contested)
    assert bool(find_best_group(counts)) == any(name.startswith("n_positive") for name in found)
