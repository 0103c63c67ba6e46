"""Which terms are annotated in exactly which organisms: the data of an UpSet plot.

Only intersections that occur are counted, never the power set: 100 sets have 2**100.
Docs: docs/statistics.md#sets
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pandas as pd

from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.ancestors import ASPECTS, Ancestors
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.tables.schema import SETS

#: Intersections kept of each scope, aspect and counting; the rest is counted in the notes.
MAX_SETS = 500
MAX_LISTED = 1000
_COUNTINGS = {"direct": "n_gene_products", "propagated": "n_gene_products_propagated"}

#: Term -> the compared organisms that have it, sorted.
Having = Mapping[str, tuple[int, ...]]


def sets_table(
    profile: pd.DataFrame,
    organisms: pd.DataFrame,
    terms: TermFile,
    ancestors: Ancestors,
    target_only: bool,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return `sets` and what must be said with it.

    "Only in" reads "annotated only in": deeper annotation makes more of it. Incomplete organisms
    take part, for the closure as for all of GO: what an excerpt lacks is not told from what it left
    out, and the notes name them.

    Args:
        profile: The table `profile`.
        organisms: The table `organisms`: the compared ones take part.
        terms: Its closure is the scope `closure`.
        ancestors: Of the same term file: obsolete and unknown terms take no part.
        target_only: The profile holds the closure only; there is no scope `all`.
    """
    columns = ("taxon_id", "compared", "complete")
    known = list(frames.rows(organisms, columns))
    compared = {taxon: taxon for taxon, chosen, _ in known if chosen}
    closure = {term.go_id for term in terms.term_set}
    made: list[Row] = []
    notes = [
        Note("sets", str(taxon), "incomplete", "true")
        for taxon, chosen, whole in known
        if chosen and not whole
    ]
    if target_only:
        notes.append(Note("sets", "all", "reason", "scope_target"))
    for counting, name in _COUNTINGS.items():
        having = _having(profile, name, compared, ancestors)
        scopes = {"closure": {g: taxa for g, taxa in having.items() if g in closure}}
        if not target_only:
            scopes["all"] = having
        for scope, members in scopes.items():
            for aspect, of_aspect in _by_aspect(members, ancestors).items():
                found = _intersections(of_aspect)
                made += [
                    (scope, aspect, counting, rank, *cells)
                    for rank, cells in enumerate(found[:MAX_SETS], start=1)
                ]
                if len(found) > MAX_SETS:
                    subject = f"{scope} {aspect} {counting}"
                    notes.append(Note("sets", subject, "n_sets", str(len(found))))
                    notes.append(Note("sets", subject, "n_sets_shown", str(MAX_SETS)))
    return frames.frame(SETS, made), notes


def _having(
    profile: pd.DataFrame, name: str, compared: Mapping[int, int], ancestors: Ancestors
) -> dict[str, tuple[int, ...]]:
    """Return for each current term the compared organisms with a gene product on it.

    Args:
        profile: The table `profile`.
        name: Of the column that counts gene products.
        compared: Each taxon by itself, so that one number serves all of its rows.
        ancestors: Of the term file.
    """
    taxa: defaultdict[str, list[int]] = defaultdict(list)
    for go_id, row_taxon, n_products in frames.rows(profile, ("go_id", "taxon_id", name)):
        taxon = compared.get(row_taxon)
        if n_products and taxon is not None and ancestors.number(go_id) is not None:
            taxa[go_id].append(taxon)
    return {go_id: tuple(sorted(taxa.pop(go_id))) for go_id in list(taxa)}


def _by_aspect(having: Having, ancestors: Ancestors) -> dict[str, Having]:
    """Return the terms by aspect, and all of them together when they are of several."""
    parts: dict[str, dict[str, tuple[int, ...]]] = {aspect: {} for aspect in ASPECTS}
    for go_id, taxa in having.items():
        number = ancestors.number(go_id)
        if number is not None:
            parts[ancestors.aspect(number)][go_id] = taxa
    return {"all": having, **{aspect: part for aspect, part in parts.items() if part}}


def _intersections(having: Having) -> list[Row]:
    """Return the cells of each observed intersection, the largest first."""
    go_ids: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for go_id, taxa in having.items():
        go_ids[taxa].append(go_id)
    ordered: Iterable[tuple[tuple[int, ...], list[str]]] = sorted(
        go_ids.items(), key=lambda item: (-len(item[1]), -len(item[0]), item[0])
    )
    return [
        (len(found), len(taxa), list(taxa[:MAX_LISTED]), sorted(found)) for taxa, found in ordered
    ]
