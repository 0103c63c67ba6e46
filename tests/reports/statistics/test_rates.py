"""Rates per 1,000: known answers, an independent implementation, and laws."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from gafreduce.pipeline.rate_warnings import _find_median_of_others, find_high_rates
from gafreduce.reports.statistics.rates import Fold, compute_folds
from gafreduce.reports.tables.core_tables import OrganismRow
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
def test_agrees_with_statsmodels(pair):
    n_target, n_total = pair
    rate = compute_rate(n_target, n_total)
    low, high = proportion_confint(n_target, n_total, 0.05, "wilson")
    assert rate.low == pytest.approx(1000 * low, rel=1e-6, abs=1e-9)
    assert rate.high == pytest.approx(1000 * high, rel=1e-9)


@given(counts)
def test_the_interval_holds_its_rate_and_stays_in_bounds(pair):
    rate = compute_rate(*pair)
    assert 0 <= rate.low <= rate.per_1000 <= rate.high <= 1000


@given(counts)
def test_the_interval_mirrors(pair):
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


def test_nothing_has_no_rate():
    assert compute_rate(0, 0) is None


@pytest.mark.parametrize("pair", [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(pair):
    with pytest.raises(ValueError, match="expected 0 to"):
        compute_rate(*pair)


def test_fold_by_hand():
    folds = compute_folds({1: (6, 3000), 2: (2, 4000), 3: (0, 1000)})
    assert folds[1] == Fold(2, 5000, (6 / 3000) / (2 / 5000), "")
    assert folds[2] == Fold(6, 4000, pytest.approx((2 / 4000) / (6 / 4000)), "")
    assert folds[3] == Fold(8, 7000, 0.0, "")


def test_fold_says_why_it_is_empty():
    assert compute_folds({1: (3, 10)})[1] == Fold(0, 0, None, "no_other_organism")
    two = compute_folds({1: (3, 10), 2: (0, 10), 3: (0, 0)})
    assert two[1] == Fold(0, 10, None, "none_in_other_organisms")
    assert two[3] == Fold(3, 20, None, "no_gene_products_in_aspect")
    assert compute_folds({}) == {}


@given(st.dictionaries(st.integers(1, 99), st.tuples(st.just(3), st.just(70)), min_size=2))
def test_alike_organisms_have_fold_one(alike):
    assert {fold.fold for fold in compute_folds(alike).values()} == {1.0}


def test_a_rate_that_no_whole_annotation_has_is_named():
    def rows(*rates, compared=True):
        names = "abcdef"
        return [
            OrganismRow(n, name, compared, "", 1, rate)
            for n, (name, rate) in enumerate(zip(names, rates, strict=False))
        ]

    (said,) = find_high_rates(rows(963.0, 2.5, 3.0, None))
    assert said.startswith("a: 963 of 1,000 gene products in the aspect have the target, 3.0 else")
    for fine in (rows(963.0), rows(963.0, 700.0), rows(250.0, 2.0), rows(), rows(None, None)):
        assert list(find_high_rates(fine)) == []
    assert list(find_high_rates(rows(963.0, 2.5, compared=False))) == []


def test_imports_nothing_heavy():
    code = "import sys, gafreduce.reports.tables.wilson; print(sorted({'numpy','pandas','scipy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert answer.stdout.strip() == b"[]"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.data())
def test_the_middle_of_the_others(numbers: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(numbers) - 1))
    others = sorted(numbers[:place] + numbers[place + 1 :])
    expected = others[len(others) // 2] if others else numbers[place]
    assert _find_median_of_others(sorted(numbers), numbers[place]) == expected
