"""The table `sets`: terms annotated in exactly the same organisms, the data of an UpSet plot.

Only intersections that occur are counted, never the power set: 100 sets have 2**100 subsets.
Docs: docs/statistics.md#sets
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import SETS

#: Intersections of each scope, aspect and counting; the notes count the others.
MAX_SETS = 500
MAX_LISTED = 1000
_COUNTINGS = {"direct": "n_gene_products", "propagated": "n_gene_products_propagated"}

#: The compared organisms with a term, sorted, by GO id.
OrganismsOf = Mapping[str, tuple[int, ...]]


class _Intersection(NamedTuple):
    """Terms that are annotated in exactly these organisms."""

    taxon_ids: tuple[int, ...]
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
    known = list(frames.iterate_rows(organisms, ("taxon_id", "compared", "complete")))
    compared = {taxon: taxon for taxon, is_compared, _ in known if is_compared}
    term_set = {term.go_id for term in terms.term_set}
    rows: list[Values] = []
    notes = [
        Note("sets", str(taxon), "incomplete", "true")
        for taxon, is_compared, is_complete in known
        if is_compared and not is_complete
    ]
    if target_only:
        notes.append(Note("sets", "all", "reason", "scope_target"))
    for counting, column in _COUNTINGS.items():
        organisms_of = _find_organisms(profile, column, compared, ancestors)
        scopes = {"closure": {g: taxa for g, taxa in organisms_of.items() if g in term_set}}
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
                        n_organisms=len(each.taxon_ids),
                        taxon_ids=list(each.taxon_ids[:MAX_LISTED]),
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
    profile: pd.DataFrame, column: str, compared: Mapping[int, int], ancestors: Ancestors
) -> dict[str, tuple[int, ...]]:
    """Return for each current term the compared organisms with a gene product.

    Args:
        profile: The table `profile`.
        column: Column that counts gene products.
        compared: The compared organisms. A dict to itself, so that all rows share one object.
        ancestors: Ancestors in the term file of the run.
    """
    taxa: defaultdict[str, list[int]] = defaultdict(list)
    columns = ("go_id", "taxon_id", column)
    for go_id, row_taxon, n_products in frames.iterate_rows(profile, columns):
        taxon = compared.get(row_taxon)
        if n_products and taxon is not None and ancestors.find_number(go_id) is not None:
            taxa[go_id].append(taxon)
    return {go_id: tuple(sorted(taxa.pop(go_id))) for go_id in list(taxa)}


def _split_by_aspect(organisms_of: OrganismsOf, ancestors: Ancestors) -> dict[str, OrganismsOf]:
    """Return the terms of each aspect that has any, and all of them as `all`."""
    parts: dict[str, dict[str, tuple[int, ...]]] = {aspect: {} for aspect in ASPECTS}
    for go_id, taxa in organisms_of.items():
        number = ancestors.find_number(go_id)
        if number is not None:
            parts[ancestors.get_aspect(number)][go_id] = taxa
    return {"all": organisms_of, **{aspect: part for aspect, part in parts.items() if part}}


def _intersect(organisms_of: OrganismsOf) -> list[_Intersection]:
    """Return each observed intersection, the largest first; ties by more organisms, then by ids."""
    go_ids: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for go_id, taxa in organisms_of.items():
        go_ids[taxa].append(go_id)
    return sorted(
        (_Intersection(*item) for item in go_ids.items()),
        key=lambda each: (-len(each.go_ids), -len(each.taxon_ids), each.taxon_ids),
    )
