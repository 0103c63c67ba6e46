"""Warnings about rates that suggest a file selected on the target term."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from gafreduce.reports.tables.core_tables import OrganismRow

#: A rate per 1,000 that no complete annotation reaches, when the others have a small part of it.
HIGH_RATE, HIGH_FOLD = 300, 20


def find_high_rates(organisms: Iterable[OrganismRow]) -> Iterator[str]:
    """Yield a warning for each organism with a rate typical of files selected on the target term.

    A rule of thumb, since no organism has a third of its gene products annotated to one narrow
    term: a rate above 300 per 1,000 and more than 20 times the median of the other organisms.

    Args:
        organisms: Organisms that are not compared or have no rate are ignored.
    """
    in_order: list[float] = []
    high: list[tuple[str, float]] = []
    for row in organisms:  # up to a million
        rate = row.rate_per_1000
        if not row.compared or rate is None:
            continue
        in_order.append(rate)
        if rate > HIGH_RATE:
            high.append((row.organism, rate))
    in_order.sort()
    for organism, rate in high:
        median = _find_median_of_others(in_order, rate)
        if rate > HIGH_FOLD * median:
            yield (
                f"{organism}: {rate:.0f} of 1,000 gene products in the aspect have the target, "
                f"{median:.1f} elsewhere: if its file was selected on the target term, say so "
                "in a sample sheet (column complete), and no rate is computed for it"
            )


def _find_median_of_others(in_order: Sequence[float], own: float) -> float:
    """Return the upper median of sorted numbers without one of them; a single one is its own.

    >>> _find_median_of_others([1, 2, 3, 4], 4), _find_median_of_others([1, 2, 3, 4], 1)
    (2, 3)
    """
    if len(in_order) == 1:
        return own
    middle = (len(in_order) - 1) // 2
    return in_order[middle + 1 if bisect_left(in_order, own) <= middle else middle]
