"""Exact tests of 2 x 2 tables: Fisher's test, odds ratios, and Benjamini-Hochberg q values.

A table is (k1, n1, k2, n2): k1 of n1 gene products in one group, k2 of n2 in the other. scipy is
not used, because its import takes a second; tests compare with scipy, R and exact fractions.
Formulas, sources and limits: docs/statistics.md#two-by-two-tables
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: One number for each table, or tables x values of the first cell.
Array = npt.NDArray[np.float64]

#: The smallest normal double: lower bound of every p and q, so that none is 0.
SMALLEST = sys.float_info.min
#: Relative tolerance for tables as likely as the observed one, as in R's fisher.test (relErr).
_TIE = 1 + 1e-7
_TAIL = 0.025
#: Significant digits of solved numbers; the solver is exact to these.
_DIGITS = 10
_CLOSE = 1e-11
_MAX_STEPS = 100
#: Numbers of one array while many tables are solved together: 8 MB.
_CELLS_TOGETHER = 1_000_000

#: (k1, n1, k2, n2)
TwoByTwo = tuple[int, int, int, int]


class OddsRatio(NamedTuple):
    """A conditional odds ratio with its exact 95 % interval; None if only one table is possible."""

    estimate: float | None
    low: float | None
    high: float | None


class _Support(NamedTuple):
    """The values that the first cell can take, with the logarithm of the number of ways to each."""

    values: Array  # tables x values
    log_ways: Array  # tables x values


def compute_upper_tail(k: int, n: int, successes: int, population: int) -> float:
    """Return P(X >= k) of the hypergeometric distribution: the one-sided Fisher test.

    Args:
        k: Observed successes among those drawn.
        n: Number drawn, without replacement.
        successes: Successes in the population.
        population: Size of the population.

    Returns:
        The p-value of over-representation, at least SMALLEST.

    Raises:
        ValueError: The counts are impossible.

    Source: Rivals et al. 2007, Bioinformatics 23:401-407, doi:10.1093/bioinformatics/btl633.

    >>> round(compute_upper_tail(2, 2, 2, 4), 9)  # 1 of the 6 ways
    0.166666667
    """
    low, high = _find_bounds(n, successes, population)
    if k <= low:
        return 1.0
    if k > high:
        raise ValueError(f"expected at most {high} hits, got {k}")
    total = compute_log_choose(population, n)
    logs = [_compute_log_ways(i, n, successes, population) - total for i in range(k, high + 1)]
    return max(min(math.fsum(map(math.exp, logs)), 1.0), SMALLEST)


def compute_fisher_two_sided(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return the p-value of Fisher's exact test, two-sided.

    Formula: the sum of the probabilities of all tables with the same margins that are at most as
    likely as the observed one, within a relative tolerance of 1e-7.

    Raises:
        ValueError: k1 is outside 0 to n1, or k2 outside 0 to n2.

    Source: Fisher 1935; the two-sided rule is that of R's fisher.test.
    """
    low, logs = _compute_log_probabilities(k1, n1, k2, n2)
    return _sum_as_unlikely(logs, k1 - low)


def find_smallest_two_sided(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return the smallest p-value of `compute_fisher_two_sided` with the same margins."""
    _, logs = _compute_log_probabilities(k1, n1, k2, n2)
    return min(_sum_as_unlikely(logs, 0), _sum_as_unlikely(logs, len(logs) - 1))


def _compute_log_probabilities(k1: int, n1: int, k2: int, n2: int) -> tuple[int, list[float]]:
    """Return the smallest first cell, and the log probability of each value from it on."""
    _check_counts(k1, n1, k2, n2)
    total = compute_log_choose(n1 + n2, n1)
    low, high = _find_bounds(n1, k1 + k2, n1 + n2)
    return low, [_compute_log_ways(i, n1, k1 + k2, n1 + n2) - total for i in range(low, high + 1)]


def _sum_as_unlikely(logs: Sequence[float], position: int) -> float:
    """Return the summed probability of all values at most as likely as that at a position."""
    bound = logs[position] + math.log(_TIE)
    return max(min(math.fsum(math.exp(value) for value in logs if value <= bound), 1.0), SMALLEST)


def compute_odds_ratio(k1: int, n1: int, k2: int, n2: int) -> OddsRatio:
    """Return the conditional maximum likelihood odds ratio and its exact 95 % interval.

    With fixed margins, the first cell has a noncentral hypergeometric distribution with the odds
    ratio as parameter. The estimate is the odds ratio for which the expected cell equals the
    observed cell; at each end of the interval one tail, including the observed cell, is 2.5 %.
    Limits: k1 (n2 - k2) / ((n1 - k1) k2) is another estimate, and the Wald interval is too narrow
    for counts this small.

    Raises:
        ValueError: k1 is outside 0 to n1, or k2 outside 0 to n2.

    Source: Cornfield 1956; R's fisher.test; scipy.stats.contingency.odds_ratio(kind="conditional").

    >>> [round(value, 3) for value in compute_odds_ratio(7, 2757, 6, 3900)]
    [1.652, 0.475, 5.957]
    """
    return compute_odds_ratios([(k1, n1, k2, n2)])[k1, n1, k2, n2]


def compute_odds_ratios(tables: Iterable[TwoByTwo]) -> dict[TwoByTwo, OddsRatio]:
    """Return the odds ratio of each table; solved together, they take a tenth of the time."""
    found: dict[TwoByTwo, OddsRatio] = {}
    open_tables: list[tuple[int, TwoByTwo]] = []  # with the number of values of the first cell
    for table in dict.fromkeys(tables):
        k1, n1, k2, n2 = table
        _check_counts(k1, n1, k2, n2)
        low, high = _find_bounds(n1, k1 + k2, n1 + n2)
        if low == high:
            found[table] = OddsRatio(None, None, None)
        else:
            open_tables.append((high - low + 1, table))
    open_tables.sort()
    while open_tables:
        widest = open_tables[-1][0]
        n_together = max(1, _CELLS_TOGETHER // widest)
        batch = [table for _, table in open_tables[-n_together:]]
        del open_tables[-n_together:]
        found.update(zip(batch, _solve_batch(batch, widest), strict=True))
    return found


def adjust_p_values(p_values: Sequence[float], family_size: int | None = None) -> list[float]:
    """Return Benjamini-Hochberg q values in the order of the p-values.

    Formula: q of rank i = min over j >= i of p_j m / j, for m hypotheses; at least p and SMALLEST.

    Args:
        p_values: The p-values of the family that were computed.
        family_size: Number of hypotheses m; all hypotheses without a p-value have p = 1. None for
            as many as there are p-values.

    Raises:
        ValueError: The family is smaller than the number of p-values.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300.

    >>> adjust_p_values([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    size = len(p_values) if family_size is None else family_size
    if size < len(p_values):
        raise ValueError(f"expected a family of at least {len(p_values)}, got {size}")
    q_values = [1.0] * len(p_values)
    best = 1.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank in range(len(order), 0, -1):
        position = order[rank - 1]
        best = min(best, p_values[position] * size / rank)
        q_values[position] = max(best, p_values[position], SMALLEST)
    return q_values


@lru_cache(maxsize=1 << 18)
def _compute_log_factorial(n: int) -> float:
    return math.lgamma(n + 1)


def compute_log_choose(n: int, k: int) -> float:
    """Return the logarithm of the number of ways to choose k of n."""
    return _compute_log_factorial(n) - _compute_log_factorial(k) - _compute_log_factorial(n - k)


def _compute_log_ways(i: int, n: int, successes: int, population: int) -> float:
    """Return the logarithm of the number of ways to draw n with i successes."""
    return compute_log_choose(successes, i) + compute_log_choose(population - successes, n - i)


def _find_bounds(n: int, successes: int, population: int) -> tuple[int, int]:
    """Return the smallest and the largest number of successes among n drawn."""
    if not (0 <= n <= population and 0 <= successes <= population):
        raise ValueError(f"expected counts up to {population}, got n {n} and successes {successes}")
    return max(0, n + successes - population), min(n, successes)


def _check_counts(k1: int, n1: int, k2: int, n2: int) -> None:
    if not (0 <= k1 <= n1 and 0 <= k2 <= n2):
        raise ValueError(f"expected k within 0 to n, got {k1} of {n1} and {k2} of {n2}")


def _solve_batch(tables: Sequence[TwoByTwo], width: int) -> Iterator[OddsRatio]:
    """Yield the odds ratio of each table.

    Args:
        tables: Tables with at least two values of the first cell.
        width: The largest number of values that a first cell can take.
    """
    values = np.zeros((len(tables), width))
    log_ways = np.full((len(tables), width), -np.inf)  # missing values have no weight
    observed = np.array([[table[0]] for table in tables], dtype=np.float64)
    lows, highs = np.empty(len(tables)), np.empty(len(tables))
    for row, (k1, n1, k2, n2) in enumerate(tables):
        low, high = _find_bounds(n1, k1 + k2, n1 + n2)
        lows[row], highs[row] = low, high
        logs = [_compute_log_ways(i, n1, k1 + k2, n1 + n2) for i in range(low, high + 1)]
        values[row, : len(logs)] = range(low, high + 1)
        log_ways[row, : len(logs)] = logs
    support = _Support(values, log_ways)
    at_low, at_high = observed[:, 0] == lows, observed[:, 0] == highs
    # For a cell at an end of its range no finite odds ratio is a solution: such rows are solved
    # for a neighbouring value, and the solution is replaced below.
    inner = np.clip(observed, lows[:, None] + 0.5, highs[:, None] - 0.5)
    upper = values >= np.where(at_low, lows + 1, observed[:, 0])[:, None]
    lower = values <= np.where(at_high, highs - 1, observed[:, 0])[:, None]
    n_rows = len(tables)
    mean = _find_root(lambda log_odds: _compute_mean_miss(support, log_odds, inner), n_rows)
    low_end = _find_root(lambda log_odds: _compute_tail_miss(support, log_odds, upper, 1), n_rows)
    high_end = _find_root(lambda log_odds: _compute_tail_miss(support, log_odds, lower, -1), n_rows)
    estimates, low_ends, high_ends = np.exp(mean), np.exp(low_end), np.exp(high_end)
    estimates = np.where(at_low, 0.0, np.where(at_high, np.inf, estimates))
    low_ends = np.where(at_low, 0.0, low_ends)
    high_ends = np.where(at_high, np.inf, high_ends)
    for numbers in zip(estimates, low_ends, high_ends, strict=True):
        yield OddsRatio(*map(_round_digits, map(float, numbers)))


def _compute_weights(support: _Support, log_odds: Array) -> Array:
    """Return the relative probabilities of the values, tables x values."""
    logs = support.log_ways + support.values * log_odds[:, None]
    weights: Array = np.exp(logs - logs.max(axis=1, keepdims=True))
    return weights


def _compute_mean_miss(support: _Support, log_odds: Array, wanted: Array) -> tuple[Array, Array]:
    """Return expected minus wanted value, and the slope of the expected value, for each table."""
    weights = _compute_weights(support, log_odds)
    total = weights.sum(axis=1)
    mean = (weights * support.values).sum(axis=1) / total
    spread = (weights * (support.values - mean[:, None]) ** 2).sum(axis=1) / total
    return mean - wanted[:, 0], spread


def _compute_tail_miss(
    support: _Support, log_odds: Array, tail: npt.NDArray[np.bool_], sign: int
) -> tuple[Array, Array]:
    """Return how much the logarithm of a tail exceeds that of 2.5 %, and its slope, for each table.

    Args:
        support: The values of the first cells.
        log_odds: Logarithm of the odds ratio of each table.
        tail: The values that belong to the tail, tables x values.
        sign: 1 for the upper tail, which rises with the odds ratio; -1 for the lower tail, which
            falls: its sign is reversed, so that it rises too.
    """
    weights = _compute_weights(support, log_odds)
    inside = weights * tail
    # Far from the solution the tail underflows; its logarithm is very low then, and the slope is
    # not used.
    mass = np.maximum(inside.sum(axis=1), SMALLEST)
    total = weights.sum(axis=1)
    # The slope of log P is the mean over the tail minus the mean over all values.
    slope = (inside * support.values).sum(axis=1) / mass
    slope -= (weights * support.values).sum(axis=1) / total
    return sign * (np.log(mass / total) - math.log(_TAIL)), sign * slope


def _find_root(miss: Callable[[Array], tuple[Array, Array]], n_rows: int) -> Array:
    """Return the roots of increasing functions, by Newton's method inside brackets.

    Args:
        miss: Returns the values and slopes of the functions at a point for each of them.
        n_rows: Number of functions.
    """
    low, high = np.full(n_rows, -1.0), np.full(n_rows, 1.0)
    while (outside := miss(low)[0] > 0).any():
        low[outside] *= 2
    while (outside := miss(high)[0] < 0).any():
        high[outside] *= 2
    point: Array = (low + high) / 2
    for _ in range(_MAX_STEPS):
        value, slope = miss(point)
        high = np.where(value > 0, point, high)
        low = np.where(value > 0, low, point)
        step = point - np.divide(value, slope, out=np.full(n_rows, np.nan), where=slope > 0)
        following = np.where((step > low) & (step < high), step, (low + high) / 2)
        moved = np.abs(following - point)
        point = following
        if (moved <= _CLOSE * np.maximum(1.0, np.abs(point))).all():
            break
    return point


def _round_digits(value: float) -> float:
    """Return the value with the digits to which the solver is exact; 0 and infinity stay."""
    return float(f"{value:.{_DIGITS}g}")


def find_smallest_attainable(n: int, successes: int, population: int) -> float:
    """Return the smallest p-value that `compute_upper_tail` can attain with the same margins."""
    return compute_upper_tail(min(n, successes), n, successes, population)
