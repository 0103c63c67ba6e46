"""Rates of organisms, and folds against the other organisms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.statistics.rates import Fold, compute_folds, compute_rates
from gafreduce.reports.statistics.sampling import list_complete
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.schema import RATES


def test_fold_by_hand():
    folds = compute_folds({1: (6, 3000), 2: (2, 4000), 3: (0, 1000)})
    assert folds[1] == Fold(2, 5000, (6 / 3000) / (2 / 5000), "")
    assert folds[2] == Fold(6, 4000, pytest.approx((2 / 4000) / (6 / 4000)), "")
    assert folds[3] == Fold(8, 7000, 0.0, "")


def test_an_empty_fold_has_a_reason():
    assert compute_folds({1: (3, 10)})[1] == Fold(0, 0, None, "no_other_organism")
    two = compute_folds({1: (3, 10), 2: (0, 10), 3: (0, 0)})
    assert two[1] == Fold(0, 10, None, "none_in_other_organisms")
    assert two[3] == Fold(3, 20, None, "no_gene_products_in_aspect")
    assert compute_folds({}) == {}


@given(st.dictionaries(st.integers(1, 99), st.tuples(st.just(3), st.just(70)), min_size=2))
def test_equal_organisms_have_fold_1(alike):
    assert {fold.fold for fold in compute_folds(alike).values()} == {1.0}


def test_rates_by_hand(make):
    table = compute_rates(make.organisms((1, 6, 3101, {}), (2, 7, 2757, {}), (3, 0, 0, {})))
    assert list(table.columns) == list(RATES.column_names)
    first = table.iloc[0]
    assert [round(first[c], 3) for c in ("rate_per_1000", "rate_low", "rate_high")] == [
        1.935,
        0.887,
        4.215,
    ]
    assert first["fold"] == pytest.approx((6 / 3101) / (7 / 2757))
    assert first["reason"] is None
    assert table.iloc[2]["reason"] == "no_gene_products_in_aspect"
    assert frames.list_values(table, "rate_per_1000")[2] is None


def test_an_incomplete_organism_has_a_reason_and_is_not_pooled(make):
    table = make.organisms((1, 52, 54, {"complete": "false"}), (2, 6, 2000, {}), (3, 7, 2000, {}))
    rates = compute_rates(table)
    assert rates.iloc[0]["reason"] == "incomplete"
    assert rates.iloc[0][["rate_per_1000", "rate_low", "rate_high", "fold"]].isna().all()
    assert rates.iloc[1]["n_target_others"] == 7


def test_an_organism_that_is_not_compared_has_no_row(make):
    table = make.organisms((1, 6, 2000, {}), (2, 1, 1, {"compared": False}))
    assert list(compute_rates(table)["taxon_id"]) == [1]
    assert list_complete(table) == ["1"]


def test_no_organisms_have_no_rates(make):
    assert len(compute_rates(make.organisms())) == 0
