"""The table of organisms in the page: its columns, in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.publishing.run_folder import table_path
from gafreduce.reports.html.links import find_url
from gafreduce.reports.html.page import (
    Cell,
    RowView,
    TableView,
    make_anchor,
    make_number_cell,
    make_text_cell,
)
from gafreduce.reports.html.table_views import MAX_ROWS, make_float_cell, make_group_cell
from gafreduce.reports.summary.answer_sentences import label_verdict, write_partial_reason
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import GROUP_LABELS
from gafreduce.reports.tables.reader import Row, split_list

#: Section of the page on tracing numbers to lines of the input files.
_TRACE = "#trace"


class OrganismColumn(NamedTuple):
    """A column of the table of organisms."""

    heading: str
    explanation: str
    make_cell: Callable[[Row], Cell]
    source: str = ""  # a column of `organisms`: shown only where a row has a value, other than 0


def make_organisms_table(results: RunResults, caption: str, rows: Sequence[Row]) -> TableView:
    """Return organisms in the order of the summary, with numbers linked to their rows."""
    order = {organism_id: position for position, organism_id in enumerate(results.compared)}
    ordered = sorted(rows, key=lambda row: order.get(row["organism_id"], len(order)))
    columns = [
        column
        for column in _list_columns(results)
        if not column.source or any(row[column.source] not in ("", "0") for row in rows)
    ]
    return TableView(
        "organisms" if rows and rows[0]["compared"] == "true" else "others",
        caption,
        tuple((column.heading, column.explanation) for column in columns),
        tuple(
            RowView(tuple(column.make_cell(row) for column in columns))
            for row in ordered[:MAX_ROWS]
        ),
        len(rows),
        table_path("organisms"),
    )


def _list_columns(results: RunResults) -> list[OrganismColumn]:
    """Return all columns of the table of organisms."""
    return [
        OrganismColumn(
            "organism",
            "Name of the organism, linked to NCBI Taxonomy.",
            lambda row: _make_organism_cell(results.label(row["organism_id"]), row["taxon_id"]),
        ),
        OrganismColumn("verdict", "Strongest kind of annotation.", _make_verdict_cell),
        OrganismColumn(
            "gene products",
            "Distinct gene products with a supporting annotation to the target term or a "
            "descendant.",
            partial(_make_linked_cell, "n_target_gene_products"),
        ),
        OrganismColumn(
            "best evidence",
            "Strongest evidence group.",
            lambda row: make_group_cell(row["best_group"]),
        ),
        *(
            OrganismColumn(
                GROUP_LABELS[group],
                "Gene products with such an annotation; the groups overlap.",
                partial(_make_evidence_cell, group),
                source=f"n_target_{group}",
            )
            for group in GROUPS
        ),
        _make_linked_column(
            "regulators",
            "Gene products with a supporting annotation to a regulator of the target term.",
            "n_regulator_gene_products",
        ),
        _make_linked_column(
            "other relations",
            "Gene products annotated with a relation by which they do not take part in the term.",
            "n_other_relation_gene_products",
        ),
        _make_linked_column(
            "not understood",
            "Gene products with a line whose relation GO does not define: it supports nothing.",
            "n_not_understood_gene_products",
        ),
        _make_linked_column(
            "upstream or within",
            "Gene products annotated only with acts_upstream_of_or_within: they may act upstream "
            "of the term instead of taking part in it.",
            "n_upstream_or_within_only",
        ),
        _make_linked_column(
            "NOT", "Gene products with an effective NOT annotation.", "n_negated_gene_products"
        ),
        _make_linked_column(
            "conflicting",
            "Gene products with both an effective NOT annotation and a supporting annotation to "
            "the target term.",
            "n_conflicting_gene_products",
        ),
        OrganismColumn(
            "foreign lines",
            "Lines of other taxa in the files of this organism.",
            lambda row: make_number_cell(row["n_foreign_in_files"]),
            source="n_foreign_in_files",
        ),
        OrganismColumn(
            "in aspect",
            "Gene products with a supporting annotation in the aspect of the target term, and "
            "their share of all gene products of the organism.",
            lambda row: _make_share_cell(row["n_in_aspect"], row["n_gene_products"]),
        ),
        OrganismColumn(
            "per 1,000",
            "Gene products with the target term per 1,000 in its aspect, with 95 % interval.",
            _make_rate_cell,
        ),
        *_list_columns_of_other_tables(results),
        OrganismColumn(
            "all gene products",
            "Distinct gene products with any annotation that was kept.",
            lambda row: make_number_cell(row["n_gene_products"], target=_TRACE),
        ),
        OrganismColumn(
            "lines",
            "Annotation lines that were kept.",
            lambda row: make_number_cell(row["n_annotations"], target=_TRACE),
        ),
    ]


def _list_columns_of_other_tables(results: RunResults) -> list[OrganismColumn]:
    """Return the columns from the tables `rates` and `components`, if these have values."""
    columns: list[OrganismColumn] = []
    folds = {row["organism_id"]: row["fold"] for row in results.rows("rates") if row["fold"]}
    if folds:
        columns.append(
            OrganismColumn(
                "fold",
                "This rate divided by the pooled rate of the other organisms; not a test.",
                lambda row: make_float_cell(folds.get(row["organism_id"], "")),
            )
        )
    n_components = Counter(
        row["organism_id"] for row in results.rows("components") if row["n_gene_products"] != "0"
    )
    if n_components:
        columns.append(
            OrganismColumn(
                "components",
                "Known components found in the annotations by family, gene symbol or ortholog.",
                lambda row: make_number_cell(
                    str(n_components[row["organism_id"]]), target="#machinery"
                ),
            )
        )
    return columns


def _make_linked_column(heading: str, explanation: str, source: str) -> OrganismColumn:
    """Return an optional column with a number that is linked to its gene products."""
    return OrganismColumn(heading, explanation, partial(_make_linked_cell, source), source)


def _make_organism_cell(label: str, taxon: str) -> Cell:
    return Cell(((label, find_url(f"taxon:{taxon}")),))


def _make_verdict_cell(row: Row) -> Cell:
    contested = " (contested by NOT)" if row["contested"] == "true" else ""
    label = label_verdict(row["verdict"], row["best_group"], is_complete=row["complete"] == "true")
    return make_text_cell(label + contested)


def _make_linked_cell(column: str, row: Row) -> Cell:
    """Return a number linked to the gene products of the organism."""
    return make_number_cell(row[column], target=make_anchor("gene_products", row["organism_id"]))


def _make_evidence_cell(group: str, row: Row) -> Cell:
    target = make_anchor("annotations", row["organism_id"], group)
    return make_number_cell(row[f"n_target_{group}"], target=target)


def _make_share_cell(part: str, whole: str) -> Cell:
    """Return a number with its share of another, sorted by the number."""
    share = f" ({int(part) / int(whole):.0%})" if part and int(whole or 0) else ""
    return make_number_cell(f"{part}{share}", part, _TRACE)


def _make_rate_cell(row: Row) -> Cell:
    if not row["rate_per_1000"]:
        reason = ""
        if row["complete"] != "true":
            reason = f"partial file: {write_partial_reason(split_list(row['partial_reasons']))}"
        return Cell(((reason, None),), order="-1")
    rate, low, high = (float(row[column]) for column in ("rate_per_1000", "rate_low", "rate_high"))
    return make_number_cell(f"{rate:.2f} ({low:.2f} to {high:.2f})", repr(rate), "#figure-rates")
