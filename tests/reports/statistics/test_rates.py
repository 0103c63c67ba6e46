"""Folds against the other organisms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.reports.statistics.rates import Fold, compute_folds


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
