"""The table `pairwise`: gene products with the target in two organisms, by Fisher's exact test.

Descriptive: gene products of one family and strains of one genus are not independent, and
pipelines that differ between organisms confound the comparison; therefore each evidence group is
compared separately too. Formulas, sources and limits: docs/statistics.md#pairwise
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.statistics import exact_tests
from gafreduce.reports.statistics.sampling import SAMPLED_BY, list_complete, sample
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import PAIRWISE


def compute_pairwise(organisms: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Return the table `pairwise` and its notes.

    An evidence group is compared when at least one organism has a target line of it. Its numbers
    are gene products with a target line of that group over *all* gene products in the aspect, as
    for `all`. Groups overlap, so their numbers do not add up.

    Args:
        organisms: The table `organisms`.
    """
    complete = list_complete(organisms)
    chosen = sample(complete)
    groups = {"all": "n_target_gene_products"} | {group: f"n_target_{group}" for group in GROUPS}
    counts_of_organism = {
        organism_id: (n_in_aspect, dict(zip(groups, n_target, strict=True)))
        for organism_id, n_in_aspect, *n_target in frames.iterate_rows(
            organisms, ("organism_id", "n_in_aspect", *groups.values())
        )
    }
    rows: list[Values] = []
    for group in groups:
        counts = {}
        for organism_id in chosen:
            n_in_aspect, n_target = counts_of_organism[organism_id]
            counts[organism_id] = (n_target[group], n_in_aspect)
        if group == "all" or any(n_target for n_target, _ in counts.values()):
            rows += _compare(group, counts)
    return frames.make_frame(PAIRWISE, rows, organisms), _make_notes(organisms, complete, chosen)


def _compare(group: str, counts: Mapping[str, tuple[int, int]]) -> list[Values]:
    """Return the rows of one evidence group; its q values are over its own pairs.

    Args:
        group: The evidence group, or `all`.
        counts: (gene products with the target, gene products in the aspect) by organism, in the
            order of organisms.
    """
    pairs = list(combinations(counts, 2))
    p_values = [exact_tests.compute_fisher_two_sided(*counts[a], *counts[b]) for a, b in pairs]
    q_values = exact_tests.adjust_p_values(p_values)
    odds_ratios = exact_tests.compute_odds_ratios((*counts[a], *counts[b]) for a, b in pairs)
    rows = []
    for (a, b), p_value, q_value in zip(pairs, p_values, q_values, strict=True):
        table = (*counts[a], *counts[b])
        n_target_a, n_in_aspect_a, n_target_b, n_in_aspect_b = table
        rows.append(
            PAIRWISE.make_row(
                evidence_group=group,
                organism_a=a,
                organism_b=b,
                n_target_a=n_target_a,
                n_in_aspect_a=n_in_aspect_a,
                n_target_b=n_target_b,
                n_in_aspect_b=n_in_aspect_b,
                odds_ratio=odds_ratios[table].estimate,
                odds_ratio_low=odds_ratios[table].low,
                odds_ratio_high=odds_ratios[table].high,
                p_value=p_value,
                q_value=q_value,
                smallest_attainable_p=exact_tests.find_smallest_two_sided(*table),
            )
        )
    return rows


def _make_notes(
    organisms: pd.DataFrame, complete: Sequence[str], chosen: Sequence[str]
) -> list[Note]:
    n_compared = sum(frames.list_values(organisms, "compared"))
    notes = [
        Note("pairwise", "", "n_organisms_compared", str(n_compared)),
        Note("pairwise", "", "n_organisms_complete", str(len(complete))),
        Note("pairwise", "", "n_organisms_shown", str(len(chosen))),
    ]
    if len(complete) < 2:
        notes.append(Note("pairwise", "", "reason", "fewer_than_two_complete_organisms"))
    if len(chosen) < len(complete):
        notes.append(Note("pairwise", "", "sample", SAMPLED_BY))
    return notes
