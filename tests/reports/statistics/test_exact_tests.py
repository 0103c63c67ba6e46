"""Exact tests of 2 x 2 tables: known values, exact fractions, scipy, statsmodels, and laws."""

import math
from fractions import Fraction

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio
from statsmodels.stats.multitest import multipletests

from gafreduce.reports.statistics.exact_tests import (
    SMALLEST,
    adjust_p_values,
    compute_fisher_two_sided,
    compute_odds_ratio,
    compute_upper_tail,
    find_smallest_attainable,
    find_smallest_two_sided,
)

tables = st.tuples(st.integers(0, 40), st.integers(0, 40)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
large = st.tuples(st.integers(1, 3000), st.integers(1, 3000)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


def exact_probabilities(k1, n1, k2, n2):
    """Return the probability of each value of the first cell, as fractions."""
    total = math.comb(n1 + n2, n1)
    low, high = max(0, k1 + k2 - n2), min(n1, k1 + k2)
    return {
        i: Fraction(math.comb(k1 + k2, i) * math.comb(n1 + n2 - k1 - k2, n1 - i), total)
        for i in range(low, high + 1)
    }


def test_known_value():
    assert round(compute_fisher_two_sided(7, 2757, 6, 3900), 4) == 0.4059
    assert [round(x, 3) for x in compute_odds_ratio(7, 2757, 6, 3900)] == [1.652, 0.475, 5.957]


def test_common_mistakes_give_other_values():
    # The sample odds ratio of the same table, its Wald interval, and the table whose second numbers
    # were taken for "the rest".
    sample = 7 * (3900 - 6) / ((2757 - 7) * 6)
    spread = math.exp(1.959964 * math.sqrt(1 / 7 + 1 / 2750 + 1 / 6 + 1 / 3894))
    assert round(sample / spread, 3) == 0.555
    assert round(sample * spread, 3) == 4.921
    assert round(compute_odds_ratio(7, 2764, 6, 3906).estimate, 3) == 1.650


@pytest.mark.parametrize(
    ("table", "p_value", "estimate", "low", "high"),
    [
        # Printed by R's fisher.test for examples of its help page: tea tasting (two-sided), and
        # convictions of like-sex twins of criminals.
        ((3, 4, 1, 4), 0.4857143, 6.408309, 0.2117329, 621.9337505),
        ((2, 17, 10, 13), 0.0005367241, 0.04693661, 0.003325764, 0.363182271),
    ],
)
def test_values_of_r(table, p_value, estimate, low, high):
    assert compute_fisher_two_sided(*table) == pytest.approx(p_value, rel=1e-6)
    # R solves for the odds ratio, or for 1 / it when smaller, and stops at 1.2e-4 (uniroot's
    # tol): further digits of what it prints are not exact.
    ours = [min(value, 1 / value) for value in compute_odds_ratio(*table)]
    assert ours == pytest.approx([min(x, 1 / x) for x in (estimate, low, high)], abs=1.3e-4)


@given(tables)
def test_fisher_is_exact(table):
    probabilities = exact_probabilities(*table)
    observed = probabilities[table[0]]
    exact = sum(p for p in probabilities.values() if p <= observed)
    assert compute_fisher_two_sided(*table) == pytest.approx(float(exact), rel=1e-9)


@given(tables)
def test_upper_tail_is_exact(table):
    k1, n1, k2, n2 = table
    exact = sum(p for i, p in exact_probabilities(*table).items() if i >= k1)
    assert compute_upper_tail(k1, n1, k1 + k2, n1 + n2) == pytest.approx(float(exact), rel=1e-9)


@given(large)
def test_upper_tail_agrees_with_scipy(table):
    k1, n1, k2, n2 = table
    theirs = scipy.stats.hypergeom.sf(k1 - 1, n1 + n2, k1 + k2, n1)
    assert compute_upper_tail(k1, n1, k1 + k2, n1 + n2) == pytest.approx(
        max(theirs, SMALLEST), rel=1e-7
    )


@pytest.mark.parametrize(
    "table",
    [
        (0, 5, 3, 7),
        (5, 5, 3, 7),
        (1, 400, 20, 3000),
        (23, 111, 1, 3970),
        (300, 400, 2000, 4000),
        (1500, 3000, 1400, 3000),
        (10, 12, 1, 1705),
    ],
)
def test_odds_ratio_agrees_with_scipy(table):
    k1, n1, k2, n2 = table
    theirs = scipy_odds_ratio([[k1, k2], [n1 - k1, n2 - k2]])
    interval = theirs.confidence_interval()
    expected = (theirs.statistic, interval.low, interval.high)
    assert tuple(compute_odds_ratio(*table)) == pytest.approx(expected, rel=1e-6)


@given(tables)
def test_the_interval_contains_its_estimate(table):
    estimate, low, high = compute_odds_ratio(*table)
    if estimate is not None:
        assert 0 <= low <= estimate <= high


@given(tables)
def test_swapping_organisms_inverts_the_odds_ratio(table):
    k1, n1, k2, n2 = table
    assert compute_fisher_two_sided(*table) == pytest.approx(
        compute_fisher_two_sided(k2, n2, k1, n1), rel=1e-9
    )
    one, other = compute_odds_ratio(*table), compute_odds_ratio(k2, n2, k1, n1)
    if one.estimate is None:
        assert other.estimate is None
    elif 0 < one.estimate < math.inf:
        assert one.estimate == pytest.approx(1 / other.estimate, rel=1e-8)
        assert one.low == pytest.approx(1 / other.high, rel=1e-8) or one.low == 0


def test_a_table_without_alternatives_has_no_odds_ratio():
    assert compute_odds_ratio(0, 5, 0, 5) == (None, None, None)
    assert compute_odds_ratio(5, 5, 5, 5) == (None, None, None)
    assert compute_fisher_two_sided(0, 5, 0, 5) == 1.0


def test_a_cell_at_its_limit_opens_one_end():
    assert compute_odds_ratio(0, 10, 3, 10)[:2] == (0.0, 0.0)
    assert compute_odds_ratio(3, 10, 0, 10).estimate == math.inf
    assert compute_odds_ratio(3, 10, 0, 10).high == math.inf


@given(tables)
def test_no_p_is_below_the_smallest_attainable(table):
    k1, n1, k2, n2 = table
    least = find_smallest_attainable(n1, k1 + k2, n1 + n2)
    assert least <= compute_upper_tail(k1, n1, k1 + k2, n1 + n2) * (1 + 1e-9)
    assert find_smallest_two_sided(*table) <= compute_fisher_two_sided(*table) * (1 + 1e-9)


@given(st.integers(2, 30), st.integers(2, 30))
def test_more_hits_are_less_likely(n, successes):
    tails = [compute_upper_tail(k, n, successes, 100) for k in range(min(n, successes) + 1)]
    assert tails == sorted(tails, reverse=True)
    assert tails[0] == 1.0


def test_p_is_never_zero():
    assert compute_upper_tail(3000, 3000, 3000, 6000) == SMALLEST
    assert compute_fisher_two_sided(3000, 3000, 0, 3000) == SMALLEST
    assert adjust_p_values([SMALLEST, 0.5])[0] > 0


@given(st.lists(st.floats(1e-300, 1), min_size=1, max_size=40))
def test_q_values_agree_with_scipy_and_statsmodels(p_values):
    ours = adjust_p_values(p_values)
    assert ours == pytest.approx(scipy.stats.false_discovery_control(p_values), rel=1e-9)
    assert ours == pytest.approx(multipletests(p_values, method="fdr_bh")[1], rel=1e-9)


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=20), st.integers(0, 50))
def test_a_larger_family_adds_tests_with_p_1(p_values, n_more):
    ours = adjust_p_values(p_values, len(p_values) + n_more)
    theirs = adjust_p_values([*p_values, *[1.0] * n_more])[: len(p_values)]
    assert ours == pytest.approx(theirs)
    assert all(q >= p for p, q in zip(p_values, ours, strict=True))


def test_q_values_by_hand():
    assert adjust_p_values([]) == []
    # Benjamini and Hochberg 1995, section 3.2: the first four of fifteen are rejected at 0.05.
    of_1995 = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    of_1995 += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert sum(q <= 0.05 for q in adjust_p_values(of_1995)) == 4


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="expected at most 2 hits"):
        compute_upper_tail(3, 2, 2, 4)
    with pytest.raises(ValueError, match="expected k within 0 to n"):
        compute_fisher_two_sided(3, 2, 1, 4)
    with pytest.raises(ValueError, match="expected counts up to 4"):
        compute_upper_tail(1, 5, 1, 4)
    with pytest.raises(ValueError, match="expected a family of at least 2"):
        adjust_p_values([0.1, 0.2], 1)
