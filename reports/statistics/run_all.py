"""All statistics of a run: its tables in, the statistics tables out.

Each table is made by a function of a module of this package or of `reports.components`, which can
be called alone. Formulas, sources and limits: docs/statistics.md
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow
from pyarrow import parquet

from gafreduce.ontology.termfile import TermFile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.components.candidates import compute_candidates
from gafreduce.reports.components.component_tables import compute_components, find_members
from gafreduce.reports.components.components_file import Machinery, load_default_machinery
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.chosen_terms import compute_neighbours, compute_slim
from gafreduce.reports.statistics.enrichment import compute_enrichment
from gafreduce.reports.statistics.evidence_lines import COLUMNS
from gafreduce.reports.statistics.intersections import compute_intersections
from gafreduce.reports.statistics.pairwise import compute_pairwise
from gafreduce.reports.statistics.rarefaction import compute_rarefaction
from gafreduce.reports.statistics.rates import compute_rates
from gafreduce.reports.statistics.sensitivity import compute_sensitivity, find_skipped_organisms
from gafreduce.reports.statistics.similarity import compute_similarity
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.frames import Note
from gafreduce.reports.tables.schema import STATISTICS_NOTES, STATISTICS_TABLES, TABLES
from gafreduce.reports.tables.writer import write_table

#: Tables that need the whole of GO: empty with --scope target.
WHOLE_GO = ("similarity", "similarity_depth", "enrichment", "enrichment_families", "neighbours")
#: Tables that need lines outside the term set: empty without the table `context`.
OF_CONTEXT = ("components", "component_members", "candidates")

#: Columns of tables that the statistics read.
_OF_GENE_PRODUCTS = ("organism_id", "object_id", "status", "n_annotations")
_OF_PROFILE = (
    *("go_id", "organism_id", "n_gene_products"),
    *("n_gene_products_propagated", "n_gene_products_non_electronic"),
)

_WithNotes = tuple[pd.DataFrame, list[Note]]
#: Tables that do not depend on the target, with their notes, by name.
Shared = dict[str, _WithNotes]


def read_tables(folder: RunFolder, profile: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of a run folder that the statistics need, with the columns they need.

    `annotations` can be nearly as large as the inputs; only the rows of organisms with a
    sensitivity analysis are read.

    Args:
        folder: The run folder.
        profile: The table `profile`, if it is known.
    """
    organisms = _read_table(folder, "organisms")
    gene_products = _read_table(folder, "gene_products", _OF_GENE_PRODUCTS)
    reasons = find_skipped_organisms(gene_products, organisms)
    chosen = [organism_id for organism_id, reason in reasons.items() if not reason]
    filters = None if len(chosen) == len(reasons) else [("organism_id", "in", chosen)]
    return {
        "organisms": organisms,
        "gene_products": gene_products,
        "profile": _read_table(folder, "profile", _OF_PROFILE) if profile is None else profile,
        "annotations": _read_table(folder, "annotations", ("organism_id", *COLUMNS), filters),
    }


def _read_table(
    folder: RunFolder, name: str, columns: Sequence[str] = (), filters: Any = None
) -> pd.DataFrame:
    """Return a table, or some of its columns.

    Args:
        folder: A run folder.
        name: The table.
        columns: All columns when empty.
        filters: Conditions of `pyarrow.parquet.read_table`.
    """
    types = {column.name: column.type for column in TABLES[name].columns}
    with folder.parquet(name).open("rb") as stream:  # Arrow knows only names in UTF-8
        found = parquet.read_table(
            stream,
            columns=list(columns) or None,
            # repeated cells are kept once
            read_dictionary=[column for column in columns if types[column] == "text"],
            filters=filters,
        )
    frame: pd.DataFrame = found.to_pandas(types_mapper={pyarrow.int64(): pd.Int64Dtype()}.get)
    return frame


def compute_statistics(
    tables: Mapping[str, pd.DataFrame],
    terms: TermFile,
    machinery: Machinery | None = None,
    *,
    target_only: bool = False,
) -> dict[str, pd.DataFrame]:
    """Return every statistics table, by name.

    Args:
        tables: `organisms`, `gene_products`, `annotations` and `profile`; optionally `context` and
            `term_sets` (tables/schema.py). Without them the tables that need them are empty, with
            a note.
        terms: The term file of the run.
        machinery: Components and orthologs; None for the default of the target.
        target_only: Whether the run had --scope target.
    """
    machinery = load_default_machinery(terms.target) if machinery is None else machinery
    return Statistics(tables, terms, machinery, target_only).complete(tables)


class Statistics:
    """All statistics, in two steps, so that the first can run during the second job."""

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        terms: TermFile,
        machinery: Machinery,
        target_only: bool,
        shared: Shared | None = None,
        *,
        slim: Sequence[str] = (),
    ) -> None:
        """Compute the tables that need no context.

        Args:
            tables: `organisms`, `gene_products`, `annotations` and `profile`.
            terms: The term file of the run.
            machinery: Components and orthologs.
            target_only: Whether the run had --scope target.
            shared: Tables of other targets with the same profile; those that do not depend on the
                target are taken from it, or added to it.
            slim: Ids of the terms of a subset of GO, for the table `slim`.
        """
        self._given = tables
        self._shared: Shared = {} if shared is None else shared
        self._terms = terms
        self._machinery = machinery
        self._target_only = target_only
        self._ancestors = Ancestors(terms)
        self._notes: list[Note] = []
        organisms, profile = tables["organisms"], tables["profile"]
        made = self._made = {"rates": compute_rates(organisms)}
        made["pairwise"], notes = compute_pairwise(organisms)
        self._notes += notes
        made["robustness"], made["robustness_sets"], notes = compute_sensitivity(
            tables["annotations"], tables["gene_products"], organisms
        )
        self._notes += notes
        made["sets"], notes = compute_intersections(
            profile, organisms, terms, self._ancestors, target_only
        )
        self._notes += notes
        made["slim"], _ = self._share(
            "slim", lambda: (compute_slim(profile, organisms, terms, self._ancestors, slim), [])
        )
        if target_only:
            self._leave_empty(WHOLE_GO, "scope_target")
            return
        made["similarity"], notes = self._share(
            "similarity", lambda: compute_similarity(profile, organisms, self._ancestors)
        )
        self._notes += notes
        made["neighbours"] = compute_neighbours(profile, organisms, terms, self._ancestors)

    def complete(self, context: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Compute the other tables; return every statistics table, by name.

        Args:
            context: `context` and `term_sets`; either may be absent.
        """
        if not self._target_only:
            self._add_whole_go(context)
        if context.get("context") is None:
            self._leave_empty(OF_CONTEXT, "no_context")
        else:
            self._add_components(context["context"])
        self._made["statistics_notes"] = frames.make_frame(STATISTICS_NOTES, self._notes)
        return {name: self._made[name] for name in STATISTICS_TABLES}

    def _share(self, name: str, compute: Callable[[], _WithNotes]) -> _WithNotes:
        """Return a table that does not depend on the target, and its notes."""
        if name not in self._shared:
            self._shared[name] = compute()
        return self._shared[name]

    def _leave_empty(self, names: tuple[str, ...], reason: str) -> None:
        """Add empty tables and the notes that explain them."""
        for name in names:
            self._made[name] = frames.make_frame(STATISTICS_TABLES[name], ())
        self._notes += [Note(name, "", "reason", reason) for name in names]

    def _add_whole_go(self, context: Mapping[str, pd.DataFrame]) -> None:
        organisms, profile = self._given["organisms"], self._given["profile"]
        made = self._made
        made["similarity_depth"], depth_notes = self._share(
            "similarity_depth",
            lambda: compute_rarefaction(context.get("term_sets"), organisms, self._ancestors),
        )
        made["enrichment"], made["enrichment_families"], enrichment_notes = compute_enrichment(
            context.get("context"), profile, organisms, self._terms, self._ancestors
        )
        self._notes += [*depth_notes, *enrichment_notes]

    def _add_components(self, context: pd.DataFrame) -> None:
        organisms, gene_products = self._given["organisms"], self._given["gene_products"]
        made, machinery = self._made, self._machinery
        members = find_members(context, machinery, gene_products)
        made["components"], made["component_members"], notes = compute_components(
            members, machinery, organisms
        )
        made["candidates"] = compute_candidates(members, machinery, organisms, gene_products)
        self._notes += notes


def write_statistics(made: Mapping[str, pd.DataFrame], folder: RunFolder) -> None:
    """Write each statistics table into a run folder, as TSV and Parquet."""
    for name, table in STATISTICS_TABLES.items():
        write_table(table, frames.encode_rows(table, made[name]), folder)
