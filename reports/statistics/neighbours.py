"""The table `neighbours`: counts of the target's parents and siblings.

Docs: docs/statistics.md#candidates
"""

from __future__ import annotations

import pandas as pd

from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.schema import NEIGHBOURS


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
