"""What a second pass over the inputs must bring: docs/statistics.md#what-the-statistics-need."""

from __future__ import annotations

import pandas as pd

from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.reports.components.component_tables import HAVING_TARGET
from gafreduce.reports.components.components_file import Machinery
from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.enrichment import enrichment_taxa
from gafreduce.reports.statistics.evidence_sources import spellings
from gafreduce.reports.statistics.rarefaction import depth_taxa


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
