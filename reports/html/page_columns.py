"""The columns of each table that the page shows, with their headings and explanations.

All other columns are in the store of the page too, and are shown on request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.reports.summary.sentences import (
    GROUP_LABELS,
    VERDICT_LABELS,
    format_code,
    format_term_class,
)
from gafreduce.reports.tables.schema import TABLES

# fmt: off
#: Columns in the order of the page, by table.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "organisms": (
        "organism_id", "verdict", "n_target_gene_products",
        *(f"n_target_{group}" for group in GROUPS),
        "n_regulator_gene_products", "n_other_relation_gene_products",
        "n_not_understood_gene_products", "n_upstream_or_within_only", "n_negated_gene_products",
        "n_conflicting_gene_products", "n_in_aspect", "rate_per_1000", "rate_low", "rate_high",
        "n_gene_products", "n_annotations", "n_foreign_in_files",
    ),
    "gene_products": (
        "symbol", "organism_id", "name", "status", "best_group", "evidence_codes", "n_annotations",
        "object_id", "flags",
    ),
    "annotations": (
        "organism_id", "object_id", "symbol", "go_id", "term_class", "relation", "negated",
        "evidence_code", "evidence_group", "reference", "with_from", "assigned_by", "date",
        "annotation_extension", "gene_product_form", "source_file",
    ),
    "terms": (
        "go_id", "name", "aspect", "term_class", "membership", "n_organisms", "organism_ids",
    ),
    "inputs": (
        "source_file", "format", "layout", "compression", "bytes", "n_lines", "n_header",
        "n_blank", "n_kept", "n_filtered", "n_rejected", "n_taxa",
    ),
    "rejections": (
        "source_file", "reason", "rule", "n_lines", "example_1", "example_2", "example_3",
    ),
    "findings": (
        "source_file", "rule", "finding", "value", "becomes", "severity", "n_lines", "example_1",
    ),
    "term_set": ("go_id", "term_class", "relation_path", "name"),
    "similarity": (
        "organism_a", "organism_b", "aspect", "evidence", "sim_gic", "sim_ui", "jaccard_direct",
        "overlap_closed", "n_direct_a", "n_direct_b", "n_direct_shared", "reason",
    ),
    "similarity_depth": (
        "aspect", "organism_a", "organism_b", "n_drawn", "sim_ui_low", "sim_ui_median",
        "sim_ui_high", "jaccard_direct_low", "jaccard_direct_median", "jaccard_direct_high",
        "reason",
    ),
    "sets": (
        "scope", "aspect", "counting", "rank", "n_terms", "n_organisms", "organism_ids", "go_ids",
    ),
    "statistics_notes": ("table", "subject", "key", "value"),
    "candidates": (
        "symbol", "organism_id", "component", "name", "found_by", "matched", "object_id", "status",
    ),
    "component_members": (
        "organism_id", "component", "object_id", "symbol", "name", "found_by", "matched",
        "evidence_groups", "has_target",
    ),
    "neighbours": (
        "go_id", "name", "place", "organism_id", "n_gene_products", "n_gene_products_propagated",
    ),
    "slim": (
        "go_id", "name", "aspect", "organism_id", "n_gene_products", "n_gene_products_propagated",
        "n_root_gene_products", "share",
    ),
    "robustness": (
        "organism_id", "kind", "source", "n_target_gene_products", "n_also_negative_regulators",
        "n_gene_products_lost", "n_target_annotations", "n_annotations_lost", "changes_verdict",
        "verdict", "verdict_without_negative_regulators", "left_by",
    ),
    "robustness_sets": (
        "organism_id", "n_entries", "entries", "verdict", "verdict_without", "n_sets", "reason",
    ),
    "enrichment": (
        "go_id", "name", "organism_id", "variant", "n_study_with_term", "n_study",
        "n_population_with_term", "n_population", "fold", "q_value",
    ),
    "enrichment_families": (
        "organism_id", "variant", "aspect", "n_study", "n_population", "n_terms", "n_family",
        "smallest_attainable_p", "n_below_alpha", "reason",
    ),
    "rates": (
        "organism_id", "n_target_gene_products", "n_in_aspect", "rate_per_1000", "rate_low",
        "rate_high", "fold",
    ),
    "components": (
        "component", "organism_id", "found_by", "n_gene_products", "n_with_target",
    ),
    "pairwise": (
        "evidence_group", "organism_a", "organism_b", "n_target_a", "n_in_aspect_a", "n_target_b",
        "n_in_aspect_b", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "p_value", "q_value",
        "smallest_attainable_p",
    ),
}
# fmt: on

#: Columns that are not shown at first if all rows have the same cell, by table.
HIDDEN_IF_SAME = {"gene_products": ("status", "best_group"), "enrichment": ("variant",)}
#: Columns that only repeat others, by table.
NOT_STORED = {"annotations": ("line", "name", "synonyms", "object_type", "taxon_id")}

#: Headings that are not the column's name in words.
HEADINGS = {
    "organism_id": "organism",
    "organism_a": "organism a",
    "organism_b": "organism b",
    "organism_ids": "annotated in",
    "object_id": "gene product",
    "object_ids": "gene products",
    "go_id": "term",
    "go_ids": "terms",
    "with_from": "With/From",
    "object_type": "type",
    "n_annotations": "lines",
    "n_target_gene_products": "gene products",
    "n_gene_products": "all gene products",
    "n_regulator_gene_products": "regulators",
    "n_other_relation_gene_products": "other relations",
    "n_not_understood_gene_products": "not understood",
    "n_upstream_or_within_only": "upstream or within",
    "n_negated_gene_products": "NOT",
    "n_conflicting_gene_products": "conflicting",
    "n_foreign_in_files": "lines of other organisms",
    "rate_per_1000": "per 1,000",
    **{f"n_target_{group}": GROUP_LABELS[group] for group in GROUPS},
    "best_group": "best evidence",
    "evidence_group": "evidence",
    "p_value": "p",
    "q_value": "q",
}
#: Explanations of columns in which the page shows something else than the table.
EXPLANATIONS = {
    "organism_id": "Name of the organism (the table has its id).",
    "organism_a": "Name of the first organism (the table has its id).",
    "organism_b": "Name of the second organism (the table has its id).",
    "organism_ids": "Compared organisms with the term (the table has their ids).",
    "aspect": "Aspect of GO: biological process, molecular function or cellular component "
    "(P, F or C in the table).",
}


def make_heading(column: str) -> str:
    """Return the heading of a column.

    >>> make_heading("go_id"), make_heading("n_target_a")
    ('term', 'target a')
    """
    return HEADINGS.get(column, column.removeprefix("n_").replace("_", " "))


def _write_group(group: str) -> str:
    return GROUP_LABELS.get(group, format_code(group))


def _write_status(status: str) -> str:
    return {"current": "", "positive": "annotated"}.get(status, format_code(status))


def write_boolean(text: str) -> str:
    """Return yes or nothing."""
    return {"true": "yes", "false": ""}.get(text, text)


def _write_verdict(text: str) -> str:
    return VERDICT_LABELS.get(text, text)


def _write_aspect(text: str) -> str:
    return {"P": "process", "F": "function", "C": "component"}.get(text, text)


def _write_variant(text: str) -> str:
    return "all products" if text == "all" else format_code(text)


#: Functions that return the words for a cell, by column.
WRITERS: dict[str, Callable[[str], str]] = {
    "best_group": _write_group,
    "evidence_group": _write_group,
    "verdict": _write_verdict,
    "verdict_without": _write_verdict,
    "verdict_without_negative_regulators": _write_verdict,
    "status": _write_status,
    "term_class": format_term_class,
    "circular": format_code,
    "variant": _write_variant,
    "reason": format_code,
    "aspect": _write_aspect,
    "membership": format_code,
    "membership_propagated": format_code,
} | {
    column.name: write_boolean
    for table in TABLES.values()
    for column in table.columns
    if column.type == "boolean"
}
