"""What a second pass over the inputs must bring: docs/statistics.md#what-the-statistics-need."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports import frames
from reports.components import HAVING_TARGET
from reports.depth import depth_taxa
from reports.enrichment import enrichment_taxa
from reports.machinery import Machinery
from reports.sources import spellings


@dataclass(frozen=True)
class ContextRequest:
    """Which lines the job of `context` keeps, and which organisms' `term_sets` it makes.

    A line is kept when its object_id is in `object_ids`, or an entry of its raw With/From (cut at
    `|` and `,`, stripped) is in `families`, or its symbol or one of its synonyms (cut at `|`,
    stripped, lower case) is in `symbols`. That is told line by line: nothing needs gathering.
    """

    object_ids: frozenset[str]
    families: frozenset[str]  # in every spelling that a database's name has had
    symbols: frozenset[str]
    term_set_taxa: tuple[int, ...]


def context_request(
    gene_products: pd.DataFrame, organisms: pd.DataFrame, machinery: Machinery
) -> ContextRequest:
    """Return what the job of `context` and `term_sets` must keep.

    Args:
        gene_products: The table `gene_products`.
        organisms: The table `organisms`: it tells whose enrichment and depth are shown.
        machinery: Components and orthologs.
    """
    taxa = set(enrichment_taxa(organisms))
    having = {
        object_id
        for taxon, object_id, status in frames.rows(
            gene_products, ("taxon_id", "object_id", "status")
        )
        if taxon in taxa and status in HAVING_TARGET
    }
    families = {family for component in machinery.components for family in component.families}
    symbols = {symbol for component in machinery.components for symbol in component.symbols}
    return ContextRequest(
        frozenset(having | machinery.orthologs.keys()),
        frozenset().union(*map(spellings, families)),
        frozenset(symbols),
        tuple(depth_taxa(organisms)),
    )
