"""Choice of the organisms for which a statistic is computed, when there are too many for all.

The choice depends on the ids of organisms alone (and on given sizes), so it is
the same in every run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from gafreduce.jobs.model.organisms import order_organism
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE

#: Organisms that are compared in pairs: 4,950 pairs.
MAX_ORGANISMS = 100
#: Value of the note `sample`, for a table of sampled organisms.
SAMPLED_BY = "smallest CRC-32 of the organism id"


def list_complete(organisms: pd.DataFrame) -> list[str]:
    """Return the compared organisms with complete files, sorted.

    Args:
        organisms: The table `organisms`.
    """
    columns = ("organism_id", "compared", "complete")
    complete = (
        organism_id
        for organism_id, is_compared, completeness in frames.iterate_rows(organisms, columns)
        if is_compared and completeness == COMPLETE
    )
    return sorted(complete, key=order_organism)


def sample(organism_ids: Sequence[str], limit: int = MAX_ORGANISMS) -> list[str]:
    """Return at most `limit` organisms, sorted: those with the smallest CRC-32 of their id.

    The choice does not depend on counts, on the order of the ids or on the run.
    """
    return sorted(_shuffle(organism_ids)[:limit], key=order_organism)


def sample_within(organism_ids: Iterable[str], sizes: Mapping[str, int], budget: int) -> list[str]:
    """Return organisms, sorted, with a total size within a budget, in the order of `sample`.

    >>> sample_within(["1", "2", "3"], {"1": 4, "2": 5, "3": 1}, 10)
    ['1', '2', '3']
    >>> sample_within(["1", "2"], {"1": 6, "2": 6}, 10)
    ['2']
    """
    chosen: list[str] = []
    for organism_id in _shuffle(organism_ids):
        if sizes.get(organism_id, 0) <= budget:
            budget -= sizes.get(organism_id, 0)
            chosen.append(organism_id)
    return sorted(chosen, key=order_organism)


def _shuffle(organism_ids: Iterable[str]) -> list[str]:
    """Return organisms by the CRC-32 of their id."""
    return sorted(organism_ids, key=lambda each: (zlib.crc32(each.encode()), each))
