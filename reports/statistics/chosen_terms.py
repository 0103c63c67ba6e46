"""Counts of chosen terms: tables `neighbours` (the target's parents and siblings) and `slim`.

`slim` has the terms of a subset of GO. Docs: docs/statistics.md#candidates, #subsets
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.schema import NEIGHBOURS, SLIM


def compute_neighbours(
    profile: pd.DataFrame, organisms: pd.DataFrame, terms: TermFile, ancestors: Ancestors
) -> pd.DataFrame:
    """Return `neighbours`: the target's parents and their other children, where annotated.

    Parents are those over the relations that propagate (is_a, part_of): GO:0009294 and GO:0031668
    for the default target. The propagated count of a parent includes the gene products of the
    target.

    Args:
        profile: The table `profile` of the whole GO.
        organisms: The table `organisms`; rows are of compared organisms.
        terms: The term file of the run.
        ancestors: Ancestors in the same term file.
    """
    places = _find_places(terms, ancestors)
    near = profile[profile["go_id"].isin(list(places))]
    near = near[near["organism_id"].isin(frames.list_compared(organisms))]
    columns = ("go_id", "organism_id", "n_gene_products", "n_gene_products_propagated")
    return frames.make_frame(
        NEIGHBOURS,
        (
            NEIGHBOURS.make_row(
                go_id=go_id,
                organism_id=organism_id,
                name=terms.names[terms.index[go_id]],
                place=places[go_id],
                n_gene_products=n_direct,
                n_gene_products_propagated=n_propagated,
            )
            for go_id, organism_id, n_direct, n_propagated in frames.iterate_rows(near, columns)
        ),
        organisms,
    )


def _find_places(terms: TermFile, ancestors: Ancestors) -> dict[str, str]:
    """Return `parent` or `sibling` for each neighbour of the target, by GO id."""
    target = ancestors.find_number(terms.target)
    parents = set() if target is None else set(ancestors.list_parents(target))
    term_set = {term.go_id for term in terms.term_set}
    places = {terms.go_ids[number]: "parent" for number in parents}
    for number, go_id in enumerate(terms.go_ids):
        is_sibling = not parents.isdisjoint(ancestors.list_parents(number))
        if is_sibling and go_id not in term_set and number not in terms.obsolete:
            places.setdefault(go_id, "sibling")
    return places


def compute_slim(
    profile: pd.DataFrame,
    organisms: pd.DataFrame,
    terms: TermFile,
    ancestors: Ancestors,
    go_ids: Collection[str],
) -> pd.DataFrame:
    """Return `slim`: a row for each term and compared organism, without annotations too.

    The numbers are those of `profile`, so this costs no pass over lines. Shares have the root's
    number as their denominator: by part_of, a term of one aspect is below terms of another one.

    Args:
        profile: The table `profile` of the whole GO.
        organisms: The table `organisms`.
        terms: The term file of the run.
        ancestors: Ancestors in the same term file.
        go_ids: The subset: current terms.
    """
    rows = _make_slim_rows(profile, organisms, terms, ancestors, go_ids) if go_ids else ()
    return frames.make_frame(SLIM, rows, organisms)


def _make_slim_rows(
    profile: pd.DataFrame,
    organisms: pd.DataFrame,
    terms: TermFile,
    ancestors: Ancestors,
    go_ids: Collection[str],
) -> Iterator[frames.Values]:
    roots = {aspect: terms.go_ids[number] for aspect, number in ancestors.find_roots().items()}
    columns = ("go_id", "organism_id", "n_gene_products", "n_gene_products_propagated")
    wanted = profile[profile["go_id"].isin([*go_ids, *roots.values()])]
    counts = {
        (go_id, organism_id): (n_direct, n_propagated)
        for go_id, organism_id, n_direct, n_propagated in frames.iterate_rows(wanted, columns)
    }
    # files that name gene products by different ids have no total
    completeness = {
        organism_id: completeness
        for organism_id, completeness, is_compared, n_total in frames.iterate_rows(
            organisms, ("organism_id", "complete", "compared", "n_gene_products")
        )
        if is_compared and n_total is not None
    }
    for go_id in go_ids:
        number = terms.index[go_id]
        aspect = ancestors.get_aspect(number)
        for organism_id, complete in completeness.items():
            n_direct, n_propagated = counts.get((go_id, organism_id), (0, 0))
            n_root = None
            if aspect in roots:
                _, n_root = counts.get((roots[aspect], organism_id), (0, 0))
            yield SLIM.make_row(
                go_id=go_id,
                organism_id=organism_id,
                name=terms.names[number],
                aspect=aspect,
                n_gene_products=n_direct,
                n_gene_products_propagated=n_propagated,
                n_root_gene_products=n_root,
                share=n_propagated / n_root if n_root and complete == COMPLETE else None,
            )
