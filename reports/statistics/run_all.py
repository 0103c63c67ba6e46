"""All statistics in one call: tables in, tables out. Each is callable alone in its own module.

Formulas, sources and traps: docs/statistics.md
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gafreduce.ontology.termfile import TermFile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.components.candidates import candidates_table, neighbours_table
from gafreduce.reports.components.component_tables import component_tables, find_members
from gafreduce.reports.components.components_file import Machinery, default_machinery
from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.enrichment import enrichment_tables
from gafreduce.reports.statistics.frames import Note
from gafreduce.reports.statistics.intersections import sets_table
from gafreduce.reports.statistics.pairwise import pairwise_table, rates_table
from gafreduce.reports.statistics.rarefaction import depth_table
from gafreduce.reports.statistics.sensitivity import robustness_tables
from gafreduce.reports.statistics.similarity import similarity_table
from gafreduce.reports.tables.schema import STATISTICS_NOTES, STATISTICS_TABLES
from gafreduce.reports.tables.writer import write_table

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
        tables: `organisms`, `gene_products`, `annotations` and `profile`; optionally `context` and
            `term_sets` (tables/schema.py): without them what
            needs them stays empty, and the notes say so.
        terms: The term file of the run.
        machinery: Components and orthologs; None for the one that comes with the target.
        target_only: The run had --scope target.
    """
    machinery = default_machinery(terms.target) if machinery is None else machinery
    return Statistics(tables, terms, machinery, target_only).tables(tables)


class Statistics:
    """All statistics in two steps: what needs no context is worked out while that is being made."""

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        terms: TermFile,
        machinery: Machinery,
        target_only: bool,
    ) -> None:
        """Work out what `organisms`, `annotations` and `profile` give."""
        self._given = tables
        self._terms = terms
        self._machinery = machinery
        self._target_only = target_only
        self._ancestors = Ancestors(terms)
        organisms, profile = tables["organisms"], tables["profile"]
        self._notes: list[Note] = []
        made = self._made = {"rates": rates_table(organisms)}
        made["pairwise"], said = pairwise_table(organisms)
        self._notes += said
        made["robustness"], made["robustness_sets"], said = robustness_tables(
            tables["annotations"], tables["gene_products"], organisms
        )
        self._notes += said
        made["sets"], said = sets_table(profile, organisms, terms, self._ancestors, target_only)
        self._notes += said
        if target_only:
            self._leave_empty(WHOLE_GO, "scope_target")
            return
        made["similarity"], said = similarity_table(profile, organisms, self._ancestors)
        self._notes += said
        made["neighbours"] = neighbours_table(profile, organisms, terms, self._ancestors)

    def tables(self, context: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Return every statistics table, by name.

        Args:
            context: `context` and `term_sets`, or neither.
        """
        if not self._target_only:
            self._add_whole_go(context)
        if context.get("context") is None:
            self._leave_empty(OF_CONTEXT, "no_context")
        else:
            self._add_machinery(context["context"])
        self._made["statistics_notes"] = frames.frame(STATISTICS_NOTES, self._notes)
        return {name: self._made[name] for name in STATISTICS_TABLES}

    def _leave_empty(self, names: tuple[str, ...], reason: str) -> None:
        """Put empty tables down, and say why they are."""
        for name in names:
            self._made[name] = frames.frame(STATISTICS_TABLES[name], ())
        self._notes += [Note(name, "", "reason", reason) for name in names]

    def _add_whole_go(self, context: Mapping[str, pd.DataFrame]) -> None:
        organisms, profile = self._given["organisms"], self._given["profile"]
        made = self._made
        made["similarity_depth"], of_depth = depth_table(
            context.get("term_sets"), organisms, self._ancestors
        )
        made["enrichment"], made["enrichment_families"], of_enrichment = enrichment_tables(
            context.get("context"), profile, organisms, self._terms, self._ancestors
        )
        self._notes += [*of_depth, *of_enrichment]

    def _add_machinery(self, context: pd.DataFrame) -> None:
        organisms, gene_products = self._given["organisms"], self._given["gene_products"]
        made, machinery = self._made, self._machinery
        members = find_members(context, machinery, gene_products)
        made["components"], made["component_members"], notes = component_tables(
            members, machinery, organisms
        )
        made["candidates"] = candidates_table(members, machinery, organisms, gene_products)
        self._notes += notes


def write_statistics(made: Mapping[str, pd.DataFrame], folder: RunFolder) -> None:
    """Write each statistics table into a run folder, as TSV and Parquet."""
    for name, table in STATISTICS_TABLES.items():
        write_table(table, frames.encoded(table, made[name]), folder)
