"""How many gene products per 1,000 carry the target, and how far that number may be trusted.

Standard library only: the table stage calls `wilson` in a process that loads neither pandas nor
scipy. Formulas, sources and traps: docs/statistics.md#rates
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gafreduce.reports.tables.core_tables import Organism

#: The 97.5 % point of the standard normal distribution: two-sided 95 %.
Z_95 = 1.959963984540054
PER = 1000
#: A rate that no whole annotation has, where the others have a small part of it.
ODD_RATE, ODD_FOLD = 300, 20


class Rate(NamedTuple):
    """A rate per 1,000 with the ends of its 95 % interval."""

    per_1000: float
    low: float
    high: float


class Fold(NamedTuple):
    """One organism's rate against that of all the others taken together."""

    n_target_others: int
    n_others: int
    fold: float | None  # empty when the others have no gene product with the target
    reason: str  # why `fold` is empty


def wilson(n_target: int, n_total: int) -> Rate | None:
    """Return n_target per 1,000 of n_total with its Wilson 95 % score interval; None of nothing.

    Formula: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), without continuity correction.

    The interval says what a binomial with this n would allow: a guard against over-reading small
    counts. It holds no annotation error (one keyword mapping puts all its lines in at once), and
    gene products of one family are not independent draws.

    Args:
        n_target: Distinct gene products with the property, 0 to n_total.
        n_total: Distinct gene products that could have it; none: there is no rate.

    Raises:
        ValueError: n_target lies outside 0 to n_total.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22:209-212, doi:10.1080/01621459.1927.10502953;
    Newcombe 1998, Stat. Med. 17:857-872 (method 3).

    >>> [round(value, 3) for value in wilson(6, 3101)]
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
    # At the edges the score interval ends exactly there; rounding must not move it past.
    low = 0.0 if n_target == 0 else scale * (centre - half)
    high = float(PER) if n_target == n_total else scale * (centre + half)
    return Rate(PER * share, low, high)


def fold_against_others(counts: Mapping[int, tuple[int, int]]) -> dict[int, Fold]:
    """Return for each organism its rate divided by the pooled rate of all other organisms.

    Formula: (k/n) / (Σk'/Σn') over the other organisms, so large organisms weigh more.

    Trap: the pooled others are whoever else was given. Five strains of one genus make a pool that
    says little about bacteria; adding an organism moves everyone's fold.

    Args:
        counts: taxon_id -> (gene products with the target, gene products in the aspect) of the
            compared, complete organisms.
    """
    all_target, all_total = _sums(counts.values())
    return {
        taxon_id: _fold(n_target, n_total, all_target - n_target, all_total - n_total)
        for taxon_id, (n_target, n_total) in counts.items()
    }


def _sums(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the sums of both members."""
    first = second = 0
    for left, right in pairs:
        first, second = first + left, second + right
    return first, second


def _fold(n_target: int, n_total: int, others_target: int, others_total: int) -> Fold:
    """Return the fold of one organism, or why there is none."""
    if n_total == 0:
        return Fold(others_target, others_total, None, "no_gene_products_in_aspect")
    if others_total == 0:
        return Fold(others_target, others_total, None, "no_other_organism")
    if others_target == 0:
        return Fold(others_target, others_total, None, "none_in_other_organisms")
    # Integers first: one division, one rounding.
    fold = (n_target * others_total) / (n_total * others_target)
    return Fold(others_target, others_total, fold, "")


def odd_rates(organisms: Iterable[Organism]) -> Iterator[str]:
    """Say of whom the rate looks as if files had been chosen by the outcome.

    A rule of thumb, for nobody annotates a third of an organism to one narrow term: above 300 per
    1,000 and more than 20 times that of the middle one of the others.

    Args:
        organisms: Those that are not compared, or have no rate, count for nothing.
    """
    in_order: list[float] = []
    high: list[tuple[str, float]] = []
    for found in organisms:  # there may be a million
        rate = found.rate_per_1000
        if not found.compared or rate is None:
            continue
        in_order.append(rate)
        if rate > ODD_RATE:
            high.append((found.organism, rate))
    in_order.sort()
    for organism, rate in high:
        middle = _middle_of_others(in_order, rate)
        if rate > ODD_FOLD * middle:
            yield (
                f"{organism}: {rate:.0f} of 1,000 gene products in the aspect have the target, "
                f"{middle:.1f} elsewhere: if its file was chosen by the outcome, say so in "
                "a sample sheet (column complete), and no rate is made of it"
            )


def _middle_of_others(in_order: Sequence[float], own: float) -> float:
    """Return the middle one of sorted numbers without one of them; it alone is its own.

    >>> _middle_of_others([1, 2, 3, 4], 4), _middle_of_others([1, 2, 3, 4], 1)
    (2, 3)
    """
    if len(in_order) == 1:
        return own
    middle = (len(in_order) - 1) // 2
    return in_order[middle + 1 if bisect_left(in_order, own) <= middle else middle]
