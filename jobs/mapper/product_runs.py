"""Runs of neighbouring lines of one gene product, and the records that stand for them."""

from __future__ import annotations

from itertools import islice
from operator import eq
from typing import List, NamedTuple, Tuple


class Runs(NamedTuple):
    """Runs in the order of their lines; each ends where the next one begins."""

    owners: List[bytes]  # taxon as keys have it
    names: List[bytes]  # object id
    starts: List[int]  # number of the first line


def joined(runs: Runs) -> Runs:
    """Return the runs, neighbours of one gene product as one: their cells may differ elsewhere."""
    owners, names, starts = runs
    if not any(map(eq, islice(names, 1, None), names)):
        return runs
    firsts = _firsts(list(zip(owners, names)))
    return Runs(
        [owners[n] for n in firsts], [names[n] for n in firsts], [starts[n] for n in firsts]
    )


def runs_of(keys: List[Tuple[bytes, bytes]]) -> Runs:
    """Return the runs of equal neighbours among (owner, name)."""
    starts = _firsts(keys)
    return Runs([keys[n][0] for n in starts], [keys[n][1] for n in starts], starts)


def _firsts(keys: List[Tuple[bytes, bytes]]) -> List[int]:
    """Return the places of those that differ from the one before."""
    return [place for place, each in enumerate(keys) if not place or each != keys[place - 1]]
