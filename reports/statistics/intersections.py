"""The table `sets`: terms annotated in exactly the same organisms, the data of an UpSet plot.

Only intersections that occur are counted, never the power set: 100 sets have 2**100 subsets.
Docs: docs/statistics.md#sets
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from gafreduce.jobs.model.organisms import order_organism
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import SETS

#: Intersections of each scope, aspect and counting; the notes count the others.
MAX_SETS = 500
MAX_LISTED = 1000
_COUNTINGS = {"direct": "n_gene_products", "propagated": "n_gene_products_propagated"}

#: The compared organisms with a term, by GO id: positions among the sorted organisms, sorted.
OrganismsOf = Mapping[str, tuple[int, ...]]


class _Intersection(NamedTuple):
    """Terms that are annotated in exactly these organisms."""

    positions: tuple[int, ...]  # of organisms
    go_ids: list[str]


def compute_intersections(
    profile: pd.DataFrame,
    organisms: pd.DataFrame,
    terms: TermFile,
    ancestors: Ancestors,
    target_only: bool,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the table `sets` and its notes.

    "Only in" means "annotated only in": deeper annotation increases it. Incomplete organisms
    count in both scopes, although a term that their file lacks may have been left out of the file;
    the notes name them.

    Args:
        profile: The table `profile`.
        organisms: The table `organisms`; compared organisms count.
        terms: The term file of the run; its term set is the scope `closure`.
        ancestors: Ancestors in the same term file; obsolete and unknown terms do not count.
        target_only: Whether the profile contains the term set only; there is no scope `all` then.
    """
    columns = ("organism_id", "compared", "complete")
    known = list(frames.iterate_rows(organisms, columns))
    known.sort(key=lambda row: order_organism(row[0]))
    organism_ids = [organism_id for organism_id, _, _ in known]
    compared = {
        organism_id: position
        for position, (organism_id, is_compared, _) in enumerate(known)
        if is_compared
    }
    term_set = {term.go_id for term in terms.term_set}
    rows: list[Values] = []
    notes = [
        Note("sets", organism_id, "incomplete", "true")
        for organism_id, is_compared, completeness in known
        if is_compared and completeness != COMPLETE
    ]
    if target_only:
        notes.append(Note("sets", "all", "reason", "scope_target"))
    for counting, column in _COUNTINGS.items():
        organisms_of = _find_organisms(profile, column, compared, ancestors)
        scopes = {"closure": {g: found for g, found in organisms_of.items() if g in term_set}}
        if not target_only:
            scopes["all"] = organisms_of
        for scope, members in scopes.items():
            for aspect, of_aspect in _split_by_aspect(members, ancestors).items():
                found = _intersect(of_aspect)
                rows += [
                    SETS.make_row(
                        scope=scope,
                        aspect=aspect,
                        counting=counting,
                        rank=rank,
                        n_terms=len(each.go_ids),
                        n_organisms=len(each.positions),
                        organism_ids=[organism_ids[at] for at in each.positions[:MAX_LISTED]],
                        go_ids=sorted(each.go_ids),
                    )
                    for rank, each in enumerate(found[:MAX_SETS], start=1)
                ]
                if len(found) > MAX_SETS:
                    subject = f"{scope} {aspect} {counting}"
                    notes.append(Note("sets", subject, "n_sets", str(len(found))))
                    notes.append(Note("sets", subject, "n_sets_shown", str(MAX_SETS)))
    return frames.make_frame(SETS, rows), notes


def _find_organisms(
    profile: pd.DataFrame, column: str, compared: Mapping[str, int], ancestors: Ancestors
) -> dict[str, tuple[int, ...]]:
    """Return for each current term the compared organisms with a gene product.

    Args:
        profile: The table `profile`.
        column: Column that counts gene products.
        compared: The positions of the compared organisms; all rows share these objects.
        ancestors: Ancestors in the term file of the run.
    """
    positions: defaultdict[str, list[int]] = defaultdict(list)
    columns = ("go_id", "organism_id", column)
    for go_id, organism_id, n_products in frames.iterate_rows(profile, columns):
        position = compared.get(organism_id)
        if n_products and position is not None and ancestors.find_number(go_id) is not None:
            positions[go_id].append(position)
    return {go_id: tuple(sorted(positions.pop(go_id))) for go_id in list(positions)}


def _split_by_aspect(organisms_of: OrganismsOf, ancestors: Ancestors) -> dict[str, OrganismsOf]:
    """Return the terms of each aspect that has any, and all of them as `all`."""
    parts: dict[str, dict[str, tuple[int, ...]]] = {aspect: {} for aspect in ASPECTS}
    for go_id, positions in organisms_of.items():
        number = ancestors.find_number(go_id)
        if number is not None:
            parts[ancestors.get_aspect(number)][go_id] = positions
    return {"all": organisms_of, **{aspect: part for aspect, part in parts.items() if part}}


def _intersect(organisms_of: OrganismsOf) -> list[_Intersection]:
    """Return each observed intersection, the largest first; ties by more organisms, then by ids."""
    go_ids: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for go_id, positions in organisms_of.items():
        go_ids[positions].append(go_id)
    return sorted(
        (_Intersection(*item) for item in go_ids.items()),
        key=lambda each: (-len(each.go_ids), -len(each.positions), each.positions),
    )
