"""Exact statistics of 2 x 2 tables, without scipy: its import alone costs a second.

A table is (k1, n1, k2, n2): k1 of n1 gene products here, k2 of n2 there. Formulas, sources and
traps: docs/statistics.md#two-by-two-tables. Tested against scipy, R's values and exact fractions.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: No p or q is ever 0: smaller ones are given as this, the smallest normal double.
SMALLEST = sys.float_info.min
#: Tables as likely as the observed one count to it, as in R's fisher.test (relErr).
_TIE = 1 + 1e-7
_TAIL = 0.025
#: Significant digits of solved numbers: what the solver is sure of.
_DIGITS = 10


class OddsRatio(NamedTuple):
    """A conditional odds ratio with its exact 95 % interval; None where the table says nothing."""

    estimate: float | None
    low: float | None
    high: float | None


class _Support(NamedTuple):
    """The values the first cell can take, and the logarithm of the ways to get each."""

    values: Array
    log_ways: Array


def upper_tail(k: int, n: int, successes: int, population: int) -> float:
    """Return P(X >= k), X hypergeometric: n drawn of a population with so many successes.

    It is the one-sided Fisher test of over-representation. Never 0.

    Source: Rivals et al. 2007, Bioinformatics 23:401-407, doi:10.1093/bioinformatics/btl633.

    >>> round(upper_tail(2, 2, 2, 4), 9)  # 1 of the 6 ways
    0.166666667
    """
    low, high = _bounds(n, successes, population)
    if k <= low:
        return 1.0
    if k > high:
        raise ValueError(f"expected at most {high} hits, got {k}")
    total = log_choose(population, n)
    logs = [_log_ways(i, n, successes, population) - total for i in range(k, high + 1)]
    return max(min(math.fsum(map(math.exp, logs)), 1.0), SMALLEST)


def fisher_two_sided(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return Fisher's exact p: the probability of all tables no more likely than this one.

    Source: Fisher 1935; the two-sided rule is R's fisher.test: as likely means within 1e-7.
    """
    _check(k1, n1, k2, n2)
    total = log_choose(n1 + n2, n1)
    low, high = _bounds(n1, k1 + k2, n1 + n2)
    logs = [_log_ways(i, n1, k1 + k2, n1 + n2) - total for i in range(low, high + 1)]
    bound = logs[k1 - low] + math.log(_TIE)
    return max(min(math.fsum(math.exp(value) for value in logs if value <= bound), 1.0), SMALLEST)


@lru_cache(maxsize=100_000)
def odds_ratio(k1: int, n1: int, k2: int, n2: int) -> OddsRatio:
    """Return the conditional maximum likelihood odds ratio and its exact 95 % interval.

    With margins fixed, the first cell is noncentral hypergeometric in the odds ratio w. The
    estimate is the w at which the expected cell is the observed one; the ends are those at which
    one tail, observed cell included, is 2.5 %. Traps: k1 (n2 - k2) / ((n1 - k1) k2) is another
    estimate, and the Wald interval is too narrow for counts this small.

    Source: Cornfield 1956; R's fisher.test; scipy.stats.contingency.odds_ratio(kind="conditional").

    >>> [round(value, 3) for value in odds_ratio(7, 2757, 6, 3900)]
    [1.652, 0.475, 5.957]
    """
    _check(k1, n1, k2, n2)
    low, high = _bounds(n1, k1 + k2, n1 + n2)
    if low == high:
        return OddsRatio(None, None, None)
    values = np.arange(low, high + 1, dtype=np.float64)
    # Only differences matter; centred at the mode they neither over- nor underflow near it.
    logs = np.array([_log_ways(i, n1, k1 + k2, n1 + n2) for i in range(low, high + 1)])
    support = _Support(values, logs - logs.max())
    estimate = 0.0 if k1 == low else math.inf if k1 == high else _mean_equals(support, k1)
    lower = 0.0 if k1 == low else _tail_equals(support, values >= k1, _TAIL)
    upper = math.inf if k1 == high else _tail_equals(support, values <= k1, _TAIL)
    return OddsRatio(_rounded(estimate), _rounded(lower), _rounded(upper))


def adjust(p_values: Sequence[float], family_size: int | None = None) -> list[float]:
    """Return Benjamini-Hochberg q values in the order of the p values; never below p, never 0.

    Args:
        p_values: Those of the family that were computed.
        family_size: Hypotheses in the family; more than p values means that the rest have p = 1.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300.

    >>> adjust([0.01, 0.04, 0.03])
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
def _log_factorial(n: int) -> float:
    return math.lgamma(n + 1)


def log_choose(n: int, k: int) -> float:
    """Return the logarithm of the ways to choose k of n."""
    return _log_factorial(n) - _log_factorial(k) - _log_factorial(n - k)


def _log_ways(i: int, n: int, successes: int, population: int) -> float:
    """Return the logarithm of the ways to draw n with i successes."""
    return log_choose(successes, i) + log_choose(population - successes, n - i)


def _bounds(n: int, successes: int, population: int) -> tuple[int, int]:
    """Return the smallest and the largest number of successes among n drawn."""
    if not (0 <= n <= population and 0 <= successes <= population):
        raise ValueError(f"expected counts up to {population}, got n {n} and successes {successes}")
    return max(0, n + successes - population), min(n, successes)


def _check(k1: int, n1: int, k2: int, n2: int) -> None:
    if not (0 <= k1 <= n1 and 0 <= k2 <= n2):
        raise ValueError(f"expected k within 0 to n, got {k1} of {n1} and {k2} of {n2}")


def _weights(support: _Support, log_odds: float) -> Array:
    logs = support.log_ways + support.values * log_odds
    weights: Array = np.exp(logs - logs.max())
    return weights


def _mean_equals(support: _Support, wanted: float) -> float:
    """Return the odds ratio at which the expected value is the wanted one."""

    def miss(log_odds: float) -> tuple[float, float]:
        weights = _weights(support, log_odds)
        total = weights.sum()
        mean = float(weights @ support.values / total)
        spread = float(weights @ (support.values - mean) ** 2 / total)
        return mean - wanted, spread

    return math.exp(_root(miss))


def _tail_equals(support: _Support, tail: npt.NDArray[np.bool_], wanted: float) -> float:
    """Return the odds ratio at which the tail has the wanted probability."""
    # The upper tail rises with the odds ratio, the lower one falls: turned round, it rises too.
    sign = 1.0 if tail[-1] else -1.0

    def miss(log_odds: float) -> tuple[float, float]:
        weights = _weights(support, log_odds)
        inside = weights[tail]
        mass = float(inside.sum())
        total = float(weights.sum())
        if mass <= 0.0:  # so far off that the tail underflows
            return sign * -math.inf, 0.0
        # Slope of log P: the tail's mean less the whole mean.
        slope = float(inside @ support.values[tail]) / mass
        slope -= float(weights @ support.values) / total
        return sign * (math.log(mass / total) - math.log(wanted)), sign * slope

    return math.exp(_root(miss))


def _root(miss: Callable[[float], tuple[float, float]]) -> float:
    """Return where an increasing function is 0: Newton's steps, kept inside a bracket.

    Args:
        miss: Gives value and slope.
    """
    low, high = -1.0, 1.0
    while miss(low)[0] > 0:
        low *= 2
    while miss(high)[0] < 0:
        high *= 2
    point = (low + high) / 2
    for _ in range(200):
        value, slope = miss(point)
        if value > 0:
            high = point
        else:
            low = point
        step = point - value / slope if slope > 0 and math.isfinite(value) else math.nan
        following = step if low < step < high else (low + high) / 2
        if abs(following - point) <= 1e-13 * max(1.0, abs(point)):
            return following
        point = following
    return point


def _rounded(value: float) -> float:
    """Return the value with the digits the solver is sure of; 0 and infinity stay."""
    return float(f"{value:.{_DIGITS}g}")


def smallest_attainable(n: int, successes: int, population: int) -> float:
    """Return the smallest p that `upper_tail` could give with these margins."""
    return upper_tail(min(n, successes), n, successes, population)


def smallest_two_sided(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return the smallest p that `fisher_two_sided` could give with these margins."""
    _check(k1, n1, k2, n2)
    low, high = _bounds(n1, k1 + k2, n1 + n2)
    return min(fisher_two_sided(first, n1, k1 + k2 - first, n2) for first in {low, high})
