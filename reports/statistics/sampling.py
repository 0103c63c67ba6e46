"""Choice of the organisms for which a statistic is computed, when there are too many for all.

The choice depends on taxon ids alone (and on given sizes), so it is the same in every run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from gafreduce.reports.tables import frames

#: Organisms that are compared in pairs: 4,950 pairs.
MAX_ORGANISMS = 100
#: Value of the note `sample`, for a table of sampled organisms.
SAMPLED_BY = "smallest CRC-32 of the taxonomy id"


def list_complete(organisms: pd.DataFrame) -> list[int]:
    """Return the compared organisms with complete files, sorted.

    Args:
        organisms: The table `organisms`.
    """
    columns = ("taxon_id", "compared", "complete")
    return sorted(
        taxon
        for taxon, is_compared, is_complete in frames.iterate_rows(organisms, columns)
        if is_compared and is_complete
    )


def sample(taxon_ids: Sequence[int], limit: int = MAX_ORGANISMS) -> list[int]:
    """Return at most `limit` organisms, sorted: those with the smallest CRC-32 of their id.

    The choice does not depend on counts, on the order of the ids or on the run.
    """
    return sorted(_shuffle(taxon_ids)[:limit])


def sample_within(taxon_ids: Iterable[int], sizes: Mapping[int, int], budget: int) -> list[int]:
    """Return organisms, sorted, with a total size within a budget, in the order of `sample`.

    >>> sample_within([1, 2, 3], {1: 4, 2: 5, 3: 1}, 10)
    [1, 2, 3]
    >>> sample_within([1, 2], {1: 6, 2: 6}, 10)
    [2]
    """
    chosen: list[int] = []
    for taxon in _shuffle(taxon_ids):
        if sizes.get(taxon, 0) <= budget:
            budget -= sizes.get(taxon, 0)
            chosen.append(taxon)
    return sorted(chosen)


def _shuffle(taxon_ids: Iterable[int]) -> list[int]:
    """Return organisms by the CRC-32 of their id."""
    return sorted(taxon_ids, key=lambda taxon: (zlib.crc32(str(taxon).encode()), taxon))
