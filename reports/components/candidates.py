"""What the annotation leaves out: machinery without the target, and the terms next door.

Docs: docs/statistics.md#candidates
"""

from __future__ import annotations

import pandas as pd

from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.components.component_tables import Members
from gafreduce.reports.components.components_file import Machinery
from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.frames import Row
from gafreduce.reports.tables.schema import CANDIDATES, NEIGHBOURS


def candidates_table(
    members: Members, machinery: Machinery, organisms: pd.DataFrame, gene_products: pd.DataFrame
) -> pd.DataFrame:
    """Return `candidates`: gene products found for a component that lack the target.

    To look at, not a claim: a symbol may be another gene's, a family may be wider than the
    component, and a component may do other work (RecA does). A family that gives the target itself
    is never here, so most candidates come by symbol: how many depends on how genes were named.

    Args:
        members: Of `gafreduce.reports.components.component_tables.find_members`.
        machinery: What was looked for.
        organisms: The table `organisms`: the compared ones are shown.
        gene_products: The table `gene_products`, for the status.
    """
    compared = _compared(organisms)
    columns = ("taxon_id", "object_id", "status")
    status = {(taxon, key): word for taxon, key, word in frames.rows(gene_products, columns)}
    made: list[Row] = [
        (
            taxon,
            member.product.object_id,
            component.name,
            member.product.symbol,
            member.product.name,
            member.found_by,
            sorted(member.matched),
            status.get((taxon, member.product.object_id), ""),
            sorted(member.product.go_ids),
        )
        for component in machinery.components
        for taxon in compared
        for member in members.get((component.name, taxon), {}).values()
        if not member.product.has_target
    ]
    return frames.frame(CANDIDATES, made)


def neighbours_table(
    profile: pd.DataFrame, organisms: pd.DataFrame, terms: TermFile, ancestors: Ancestors
) -> pd.DataFrame:
    """Return `neighbours`: the target's parents and their other children, where annotated.

    Parents over the relations that propagate (is_a, part_of): of the default target GO:0009294 and
    GO:0031668. The numbers of a parent hold the target's own gene products, propagated.

    Args:
        profile: The table `profile`, whole GO.
        organisms: The table `organisms`: the compared ones are shown.
        terms: The term file of the run.
        ancestors: Of the same.
    """
    target = ancestors.number(terms.target)
    parents = set() if target is None else set(ancestors.parents(target))
    closure = {term.go_id for term in terms.term_set}
    places = {terms.go_ids[number]: "parent" for number in parents}
    for number, go_id in enumerate(terms.go_ids):
        is_sibling = not parents.isdisjoint(ancestors.parents(number))
        if is_sibling and go_id not in closure and number not in terms.obsolete:
            places.setdefault(go_id, "sibling")
    names = {go_id: terms.names[number] for number, go_id in enumerate(terms.go_ids)}
    near = profile[profile["go_id"].isin(list(places))]
    near = near[near["taxon_id"].isin(_compared(organisms))]
    columns = ("go_id", "taxon_id", "n_gene_products", "n_gene_products_propagated")
    return frames.frame(
        NEIGHBOURS,
        (
            (go_id, taxon, names[go_id], places[go_id], n_direct, n_propagated)
            for go_id, taxon, n_direct, n_propagated in frames.rows(near, columns)
        ),
    )


def _compared(organisms: pd.DataFrame) -> list[int]:
    columns = ("taxon_id", "compared")
    return sorted(taxon for taxon, chosen in frames.rows(organisms, columns) if chosen)
