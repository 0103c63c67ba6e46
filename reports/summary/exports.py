"""Exports of a run for other programs: a summary as JSON, and a section for MultiQC."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from typing import Any

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.publishing.run_folder import MULTIQC_EXPORT, SUMMARY_EXPORT, RunFolder
from gafreduce.reports.summary.answer_sentences import label_verdict
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import NO_ABSENCE
from gafreduce.reports.summary.summary import OrganismSummary
from gafreduce.reports.tables.reader import Row, parse_count, split_list

#: Version of docs/summary.schema.json; it increases when readers would have to change.
SCHEMA = "gafreduce-summary/2"

SUMMARY = SUMMARY_EXPORT.rpartition("/")[2]
MULTIQC = MULTIQC_EXPORT.rpartition("/")[2]

#: Keys of run.json that are copied into the summary.
_RECORD_KEYS = (
    "run_id",
    "gafreduce_version",
    "scope",
    "ontology",
    "target",
    "relations",
    "counts",
)


def write_exports(folder: RunFolder) -> None:
    """Write the files of `extras/` of a run folder; the same tables give the same bytes.

    Raises:
        InputError: A table is missing or damaged.
    """
    results = RunResults(folder)
    exports = ((SUMMARY_EXPORT, make_summary_export), (MULTIQC_EXPORT, make_multiqc_section))
    for path, make in exports:
        text = json.dumps(make(results), ensure_ascii=False, indent=2, allow_nan=False)
        with folder.replace(path) as stream:
            stream.write(f"{text}\n".encode())


def make_summary_export(results: RunResults) -> dict[str, Any]:
    """Return the summary with its numbers; docs/summary.schema.json describes the keys."""
    found = {each.organism_id: each for each in results.summary.organisms}
    return {
        "schema": SCHEMA,
        **{key: results.record[key] for key in _RECORD_KEYS},
        "warnings": list(results.summary.warnings),
        "headline": results.summary.headline,
        "shared": results.summary.shared,
        "sensitivity": list(results.summary.sensitivity),
        "caveats": list(results.summary.caveats),
        "organisms": [
            _export_organism(row, found.get(row["organism_id"])) for row in results.organisms
        ],
        "closure_terms": [
            {
                "go_id": row["go_id"],
                "name": row["name"],
                "term_class": row["term_class"],
                "membership": row["membership"] or None,
                "n_organisms": int(row["n_organisms"]),
                # the cell lists at most 1,000 organisms, then "..."
                "organism_ids": [each for each in split_list(row["organism_ids"]) if each != "..."],
            }
            for row in results.rows("terms")
            if row["term_class"]
        ],
        "verdict_changes": list(_export_verdict_changes(results)),
    }


def _export_organism(row: Row, found: OrganismSummary | None) -> dict[str, Any]:
    """Return the numbers of an organism; `found` is None for one that is not compared."""
    return {
        "organism_id": row["organism_id"],
        "taxon_id": int(row["taxon_id"]),
        "organism": row["organism"],
        "compared": row["compared"] == "true",
        "complete": row["complete"],
        "partial_reasons": split_list(row["partial_reasons"]),
        "verdict": row["verdict"],
        "contested": row["contested"] == "true",
        "best_group": row["best_group"] or None,
        "n_target_gene_products": parse_count(row["n_target_gene_products"]),
        "n_target_by_group": {group: parse_count(row[f"n_target_{group}"]) for group in GROUPS},
        "n_regulator_gene_products": parse_count(row["n_regulator_gene_products"]),
        "n_negated_gene_products": parse_count(row["n_negated_gene_products"]),
        "n_upstream_or_within_only": parse_count(row["n_upstream_or_within_only"]),
        "n_in_aspect": parse_count(row["n_in_aspect"]),
        "rate_per_1000": _parse_number(row["rate_per_1000"]),
        "rate_low": _parse_number(row["rate_low"]),
        "rate_high": _parse_number(row["rate_high"]),
        "remaining": (found and found.remaining) or None,
        "sources": asdict(found.sources) if found and found.sources else None,
    }


def _parse_number(text: str) -> float | None:
    return float(text) if text else None


def _export_verdict_changes(results: RunResults) -> Iterator[dict[str, Any]]:
    """Yield each evidence source without which the verdict of an organism changes."""
    for row in results.rows("robustness"):
        if row["changes_verdict"] == "true":
            yield {
                "organism_id": row["organism_id"],
                "kind": row["kind"],
                "source": row["source"] or None,
                "verdict": row["verdict"],
            }


def make_multiqc_section(results: RunResults) -> dict[str, Any]:
    """Return the compared organisms as a table of MultiQC.

    MultiQC puts every text into its page as HTML, so names from files are escaped here.

    Source: https://docs.seqera.io/multiqc/custom_content
    """
    target = {key: escape(str(value)) for key, value in results.record["target"].items()}
    by_id = {row["organism_id"]: row for row in results.organisms}
    # MultiQC keeps one section of each id: runs of several terms are below one heading
    term = re.sub(r"[^A-Za-z0-9]", "_", str(results.record["target"]["go_id"]))
    return {
        "id": f"gafreduce_{term}",
        "parent_id": "gafreduce",
        "parent_name": "gafreduce",
        # without one, MultiQC takes the description of a single term
        "parent_description": "Organisms with gene products annotated to GO terms.",
        "section_name": f"gafreduce: {target['name']}",
        "description": escape(f"{results.summary.headline} {NO_ABSENCE}"),
        "plot_type": "table",
        "pconfig": {
            "id": f"gafreduce_{term}_organisms",
            "title": f"gafreduce: {target['name']} ({target['go_id']})",
            "col1_header": "Organism",
        },
        "headers": {
            "verdict": {"title": "Verdict", "description": "strongest evidence of the annotation"},
            "gene_products": {
                "title": "Gene products",
                "description": "distinct gene products with a supporting annotation to the term "
                "or a descendant",
                "format": "{:,.0f}",
                "min": 0,
            },
            "rate": {
                "title": "Per 1,000",
                "description": "annotated gene products per 1,000 with an annotation in the "
                "term's aspect",
                "format": "{:,.2f}",
                "min": 0,
            },
            "regulators": {
                "title": "Regulators",
                "description": "gene products with a supporting annotation to a regulator of the "
                "term",
                "format": "{:,.0f}",
                "min": 0,
            },
        },
        "data": {
            escape(results.label(each)): _export_multiqc_row(by_id[each])
            for each in results.compared
        },
    }


def _export_multiqc_row(row: Row) -> dict[str, Any]:
    cells = {
        "verdict": label_verdict(
            row["verdict"], row["best_group"], is_complete=row["complete"] == "true"
        ),
        "gene_products": parse_count(row["n_target_gene_products"]),
        "rate": _parse_number(row["rate_per_1000"]),
        "regulators": parse_count(row["n_regulator_gene_products"]),
    }
    return {heading: value for heading, value in cells.items() if value is not None}
