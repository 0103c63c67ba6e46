"""The table `candidates`: gene products that match a component but do not have the target.

Docs: docs/statistics.md#candidates
"""

from __future__ import annotations

import pandas as pd

from gafreduce.reports.components.component_tables import Members
from gafreduce.reports.components.components_file import Machinery
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.schema import CANDIDATES


def compute_candidates(
    members: Members, machinery: Machinery, organisms: pd.DataFrame, gene_products: pd.DataFrame
) -> pd.DataFrame:
    """Return the table `candidates`.

    Candidates are for inspection, not a claim: a symbol may belong to another gene, a family may be
    wider than the component, and a component may have other functions (RecA does). A family that
    gives the target itself never yields a candidate, so most candidates match by symbol, and their
    number depends on how genes were named.

    Args:
        members: The matches of `gafreduce.reports.components.component_tables.find_members`.
        machinery: The components that were looked for.
        organisms: The table `organisms`; rows are of compared organisms.
        gene_products: The table `gene_products`, for the status.
    """
    compared = frames.list_compared(organisms)
    columns = ("organism_id", "object_id", "status")
    status_of = {
        (organism_id, object_id): status
        for organism_id, object_id, status in frames.iterate_rows(gene_products, columns)
    }
    rows = [
        CANDIDATES.make_row(
            organism_id=organism_id,
            object_id=member.product.object_id,
            component=component.name,
            symbol=member.product.symbol,
            name=member.product.name,
            found_by=member.found_by,
            matched=sorted(member.matched),
            status=status_of.get((organism_id, member.product.object_id), ""),
            go_ids=sorted(member.product.go_ids),
        )
        for component in machinery.components
        for organism_id in compared
        for member in members.get((component.name, organism_id), {}).values()
        if not member.product.has_target
    ]
    return frames.make_frame(CANDIDATES, rows, organisms)
