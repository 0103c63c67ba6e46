"""Rates per 1,000 and their intervals: published values, statsmodels, and laws."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from gafreduce.reports.tables.wilson import Z_95, compute_rate

counts = st.integers(1, 10**7).flatmap(
    lambda total: st.tuples(st.integers(0, total), st.just(total))
)


@pytest.mark.parametrize(
    ("n_target", "n_total", "expected"),
    [
        (6, 3101, (1.935, 0.887, 4.215)),
        (7, 2757, (2.539, 1.230, 5.232)),
        # Newcombe 1998, table I, method 3, per 1,000: 81/263, 15/148, 0/20, 1/29
        (81, 263, (308.0, 255.3, 366.2)),
        (15, 148, (101.4, 62.4, 160.5)),
        (0, 20, (0.0, 0.0, 161.1)),
        (1, 29, (34.5, 6.1, 171.8)),
    ],
)
def test_published_values(n_target, n_total, expected):
    digits = 3 if n_total > 1000 else 1
    assert tuple(round(value, digits) for value in compute_rate(n_target, n_total)) == expected


@given(counts)
def test_rates_agree_with_statsmodels(pair):
    n_target, n_total = pair
    rate = compute_rate(n_target, n_total)
    low, high = proportion_confint(n_target, n_total, 0.05, "wilson")
    assert rate.low == pytest.approx(1000 * low, rel=1e-6, abs=1e-9)
    assert rate.high == pytest.approx(1000 * high, rel=1e-9)


@given(counts)
def test_the_interval_contains_its_rate_and_stays_in_bounds(pair):
    rate = compute_rate(*pair)
    assert 0 <= rate.low <= rate.per_1000 <= rate.high <= 1000


@given(counts)
def test_the_interval_is_symmetric_in_success_and_failure(pair):
    n_target, n_total = pair
    one, other = compute_rate(n_target, n_total), compute_rate(n_total - n_target, n_total)
    assert one.low == pytest.approx(1000 - other.high, abs=1e-9)


@given(st.integers(1, 1000), st.integers(2, 50))
def test_the_interval_narrows_with_more_gene_products(n_target, factor):
    few = compute_rate(n_target, 2 * n_target)
    many = compute_rate(n_target * factor, 2 * n_target * factor)
    assert many.high - many.low < few.high - few.low


def test_z_is_the_normal_quantile():
    from scipy.stats import norm

    assert norm.ppf(0.975) == Z_95


def test_no_gene_products_give_no_rate():
    assert compute_rate(0, 0) is None


@pytest.mark.parametrize("pair", [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(pair):
    with pytest.raises(ValueError, match="expected 0 to"):
        compute_rate(*pair)


def test_rates_import_neither_numpy_nor_pandas():
    code = "import sys, gafreduce.reports.tables.wilson; print(sorted({'numpy','pandas','scipy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert answer.stdout.strip() == b"[]"
