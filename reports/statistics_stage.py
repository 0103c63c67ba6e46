"""All statistics in one call: tables in, tables out. Each is callable alone in its own module.

Formulas, sources and traps: docs/statistics.md
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ontology.termfile import TermFile
from reports import frames
from reports.ancestors import Ancestors
from reports.candidates import candidates_table, neighbours_table
from reports.components import component_tables, find_members
from reports.depth import depth_table
from reports.enrichment import enrichment_tables
from reports.frames import Note
from reports.machinery import Machinery, default_machinery
from reports.pairwise import pairwise_table, rates_table
from reports.robustness import robustness_tables
from reports.sets import sets_table
from reports.similarity import similarity_table
from reports.statistics_columns import STATISTICS_NOTES, TABLES
from reports.table_files import write_table

#: Made of the whole of GO: empty with --scope target.
WHOLE_GO = ("similarity", "similarity_depth", "enrichment", "enrichment_families", "neighbours")
#: Made of lines beyond the closure: empty without the table `context`.
OF_CONTEXT = ("components", "component_members", "candidates")


def statistics(
    tables: Mapping[str, pd.DataFrame],
    terms: TermFile,
    machinery: Machinery | None = None,
    *,
    target_only: bool = False,
) -> dict[str, pd.DataFrame]:
    """Return every statistics table, by name.

    Args:
        tables: `organisms`, `gene_products`, `annotations` and `profile` of reports/columns.py; as
            wanted `context` and `term_sets` of reports/statistics_columns.py: without them what
            needs them stays empty, and the notes say so.
        terms: The term file of the run.
        machinery: Components and orthologs; None for the one that comes with the target.
        target_only: The run had --scope target.
    """
    machinery = default_machinery(terms.target) if machinery is None else machinery
    ancestors = Ancestors(terms)
    organisms, profile = tables["organisms"], tables["profile"]
    made: dict[str, pd.DataFrame] = {"rates": rates_table(organisms)}
    notes: list[Note] = []
    made["pairwise"], said = pairwise_table(organisms)
    notes += said
    made["robustness"], made["robustness_sets"], said = robustness_tables(
        tables["annotations"], organisms
    )
    notes += said
    made["sets"], said = sets_table(profile, organisms, terms, ancestors, target_only)
    notes += said
    if target_only:
        notes += _empty(made, WHOLE_GO, "scope_target")
    else:
        notes += _add_whole_go(made, tables, terms, ancestors)
    if tables.get("context") is None:
        notes += _empty(made, OF_CONTEXT, "no_context")
    else:
        notes += _add_machinery(made, tables, machinery)
    made["statistics_notes"] = frames.frame(STATISTICS_NOTES, notes)
    return {name: made[name] for name in TABLES}


def write_statistics(made: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each statistics table as `<name>.tsv` and `<name>.parquet` into a folder."""
    for name, table in TABLES.items():
        write_table(table, frames.encoded(table, made[name]), folder)


def _empty(made: dict[str, pd.DataFrame], names: tuple[str, ...], reason: str) -> list[Note]:
    """Put empty tables down, and say why they are."""
    for name in names:
        made[name] = frames.frame(TABLES[name], ())
    return [Note(name, "", "reason", reason) for name in names]


def _add_whole_go(
    made: dict[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    terms: TermFile,
    ancestors: Ancestors,
) -> list[Note]:
    organisms, profile = tables["organisms"], tables["profile"]
    made["similarity"], of_similarity = similarity_table(profile, organisms, ancestors)
    made["similarity_depth"], of_depth = depth_table(tables.get("term_sets"), organisms, ancestors)
    made["enrichment"], made["enrichment_families"], of_enrichment = enrichment_tables(
        tables.get("context"), profile, organisms, terms, ancestors
    )
    made["neighbours"] = neighbours_table(profile, organisms, terms, ancestors)
    return [*of_similarity, *of_depth, *of_enrichment]


def _add_machinery(
    made: dict[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    machinery: Machinery,
) -> list[Note]:
    organisms = tables["organisms"]
    members = find_members(tables["context"], machinery, tables["gene_products"])
    made["components"], made["component_members"], notes = component_tables(
        members, machinery, organisms
    )
    made["candidates"] = candidates_table(members, machinery, organisms, tables["gene_products"])
    return notes
