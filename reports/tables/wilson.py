"""Rates per 1,000 with Wilson score intervals.

Standard library only: the main process fills the table `organisms` with them, and loads neither
numpy nor pandas. Source and limits: docs/statistics.md#rates
"""

from __future__ import annotations

import math
from typing import NamedTuple

#: The 97.5 % point of the standard normal distribution: two-sided 95 %.
Z_95 = 1.959963984540054
PER = 1000


class Rate(NamedTuple):
    """A rate per 1,000 with the ends of its 95 % interval."""

    per_1000: float
    low: float
    high: float


def compute_rate(n_target: int, n_total: int) -> Rate | None:
    """Return n_target per 1,000 of n_total with its Wilson 95 % score interval.

    Formula: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), without continuity correction.

    The interval is that of a binomial proportion with this n: a guard against over-reading small
    counts. It contains no annotation error (one keyword mapping adds all its lines at once), and
    gene products of one family are not independent draws.

    Args:
        n_target: Distinct gene products with the property, 0 to n_total.
        n_total: Distinct gene products that could have it.

    Returns:
        The rate; None when n_total is 0.

    Raises:
        ValueError: n_target is outside 0 to n_total.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22:209-212, doi:10.1080/01621459.1927.10502953;
    Newcombe 1998, Stat. Med. 17:857-872 (method 3).

    >>> [round(value, 3) for value in compute_rate(6, 3101)]
    [1.935, 0.887, 4.215]
    """
    if not 0 <= n_target <= n_total:
        raise ValueError(f"expected 0 to {n_total} gene products with the target, got {n_target}")
    if n_total == 0:
        return None
    share = n_target / n_total
    z2_by_n = Z_95 * Z_95 / n_total
    scale = PER / (1 + z2_by_n)
    centre = share + z2_by_n / 2
    half = math.sqrt(z2_by_n * share * (1 - share) + z2_by_n * z2_by_n / 4)
    # At 0 and 1 the score interval ends exactly there; rounding must not move its end.
    low = 0.0 if n_target == 0 else scale * (centre - half)
    high = float(PER) if n_target == n_total else scale * (centre + half)
    return Rate(PER * share, low, high)
