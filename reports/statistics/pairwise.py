"""Two organisms at a time: who has more gene products with the target, and could it be chance.

Descriptive: products of one family and strains of one genus are not independent, and pipelines
that differ between organisms confound; so each evidence group is compared by itself too.
Formulas, sources and traps: docs/statistics.md#pairwise
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pandas as pd

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.statistics import exact_tests, frames
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.tables import rates
from gafreduce.reports.tables.schema import PAIRWISE, RATES

#: Organisms that are compared in pairs: 4,950 pairs. More are sampled, blind to what they have.
MAX_ORGANISMS = 100


def sample(taxon_ids: Sequence[int], limit: int = MAX_ORGANISMS) -> list[int]:
    """Return at most so many organisms, sorted: those with the smallest CRC-32 of their id.

    The choice depends on the ids alone: not on counts, not on the order, not on the run.
    """
    return sorted(_shuffled(taxon_ids)[:limit])


def within(taxon_ids: Iterable[int], sizes: Mapping[int, int], budget: int) -> list[int]:
    """Return organisms, sorted, whose sizes together stay within a budget; chosen as `sample` does.

    >>> within([1, 2, 3], {1: 4, 2: 5, 3: 1}, 10), within([1, 2], {1: 6, 2: 6}, 10)
    ([1, 2, 3], [2])
    """
    chosen: list[int] = []
    for taxon in _shuffled(taxon_ids):
        if sizes.get(taxon, 0) <= budget:
            budget -= sizes.get(taxon, 0)
            chosen.append(taxon)
    return sorted(chosen)


def _shuffled(taxon_ids: Iterable[int]) -> list[int]:
    return sorted(taxon_ids, key=lambda taxon: (zlib.crc32(str(taxon).encode()), taxon))


def comparable(organisms: pd.DataFrame) -> list[int]:
    """Return the compared organisms whose files are complete, sorted."""
    columns = ("taxon_id", "compared", "complete")
    return sorted(
        taxon for taxon, compared, whole in frames.rows(organisms, columns) if compared and whole
    )


def rates_table(organisms: pd.DataFrame) -> pd.DataFrame:
    """Return `rates`: a row for each compared organism; an incomplete one has a reason instead.

    Args:
        organisms: The table `organisms`.
    """
    columns = ("taxon_id", "complete", "compared", "n_target_gene_products", "n_in_aspect")
    compared = {
        taxon: (whole, target, total)
        for taxon, whole, chosen, target, total in frames.rows(organisms, columns)
        if chosen
    }
    counts = {taxon: (k, n) for taxon, (whole, k, n) in compared.items() if whole}
    folds = rates.fold_against_others(counts)
    made: list[Row] = []
    for taxon, (whole, n_target, n_total) in compared.items():
        if not whole:
            made.append(
                (taxon, n_target, n_total, None, None, None, None, None, None, "incomplete")
            )
            continue
        rate = rates.wilson(n_target, n_total) or (None, None, None)
        made.append((taxon, n_target, n_total, *rate, *folds[taxon]))
    return frames.frame(RATES, made)


def pairwise_table(organisms: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Return `pairwise` and what must be said with it.

    A group is compared when at least one organism has a target line of it. Its numbers are gene
    products with a line of that group over *all* gene products in the aspect, as for `all`; they
    overlap between groups, so groups do not add up.

    Args:
        organisms: The table `organisms`.
    """
    everyone = comparable(organisms)
    chosen = sample(everyone)
    groups = {"all": "n_target_gene_products"} | {group: f"n_target_{group}" for group in GROUPS}
    by_taxon = {
        row[0]: row[1:]
        for row in frames.rows(organisms, ("taxon_id", "n_in_aspect", *groups.values()))
    }
    made: list[Row] = []
    for position, group in enumerate(groups, start=1):
        counts = {taxon: (by_taxon[taxon][position], by_taxon[taxon][0]) for taxon in chosen}
        if group == "all" or any(n_target for n_target, _ in counts.values()):
            made += _compare(group, counts)
    return frames.frame(PAIRWISE, made), _notes(organisms, everyone, chosen)


def _compare(group: str, counts: dict[int, tuple[int, int]]) -> list[Row]:
    """Return the rows of one evidence group, its q values over its own pairs."""
    pairs = list(combinations(sorted(counts), 2))
    p_values = [exact_tests.fisher_two_sided(*counts[a], *counts[b]) for a, b in pairs]
    q_values = exact_tests.adjust(p_values)
    odds = exact_tests.odds_ratios((*counts[a], *counts[b]) for a, b in pairs)
    return [
        (
            group,
            a,
            b,
            *counts[a],
            *counts[b],
            *odds[*counts[a], *counts[b]],
            p_value,
            q_value,
            exact_tests.smallest_two_sided(*counts[a], *counts[b]),
        )
        for (a, b), p_value, q_value in zip(pairs, p_values, q_values, strict=True)
    ]


def _notes(organisms: pd.DataFrame, everyone: Sequence[int], chosen: Sequence[int]) -> list[Note]:
    n_compared = sum(frames.column(organisms, "compared"))
    notes = [
        Note("pairwise", "", "n_organisms_compared", str(n_compared)),
        Note("pairwise", "", "n_organisms_complete", str(len(everyone))),
        Note("pairwise", "", "n_organisms_shown", str(len(chosen))),
    ]
    if len(everyone) < 2:
        notes.append(Note("pairwise", "", "reason", "fewer_than_two_complete_organisms"))
    if len(chosen) < len(everyone):
        notes.append(Note("pairwise", "", "sample", "smallest CRC-32 of the taxonomy id"))
    return notes
