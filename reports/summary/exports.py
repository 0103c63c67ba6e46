"""What other programs read of a run: a summary as JSON, and a section for MultiQC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.summary.run_tables import RunTables
from gafreduce.reports.summary.summary import VERDICT_WORDS
from gafreduce.reports.tables.reader import Row, list_cell

#: Version of docs/summary.schema.json: the number goes up when a reader would have to change.
SCHEMA = "gafreduce-summary/1"

SUMMARY = "summary.json"
MULTIQC = "gafreduce_mqc.json"

_OF_RECORD = (
    "run_id",
    "gafreduce_version",
    "scope",
    "ontology",
    "target",
    "relations",
    "counts",
    "warnings",
)


def write_extras(folder: RunFolder) -> None:
    """Write the files of `extras/` of a run folder; the same tables give the same bytes.

    Raises:
        TableError: A table is missing or damaged.
    """
    tables = RunTables(folder)
    folder.extras.mkdir(exist_ok=True)
    for name, content in ((SUMMARY, summary(tables)), (MULTIQC, multiqc_section(tables))):
        text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
        (folder.extras / name).write_text(text + "\n", encoding="utf-8")


def summary(tables: RunTables) -> dict[str, Any]:
    """Return the answer and the numbers behind it, as docs/summary.schema.json describes them."""
    answer = tables.answer
    return {
        "schema": SCHEMA,
        **{name: tables.record[name] for name in _OF_RECORD},
        "headline": answer.headline,
        "shared": answer.shared,
        "caveats": list(answer.caveats),
        "organisms": [_organism(row) for row in tables.organisms],
        "closure_terms": [
            {
                "go_id": row["go_id"],
                "name": row["name"],
                "term_class": row["term_class"],
                "membership": row["membership"] or None,
                "n_organisms": int(row["n_organisms"]),
                # the table names at most 1,000, then "..."
                "taxon_ids": [int(t) for t in list_cell(row["taxon_ids"]) if t.isdigit()],
            }
            for row in tables.rows("terms")
            if row["term_class"]
        ],
        "verdict_changes": list(_verdict_changes(tables)),
    }


def _organism(row: Row) -> dict[str, Any]:
    return {
        "taxon_id": int(row["taxon_id"]),
        "organism": row["organism"],
        "compared": row["compared"] == "true",
        "complete": row["complete"] == "true",
        "verdict": row["verdict"],
        "contested": row["contested"] == "true",
        "best_group": row["best_group"] or None,
        "n_target_gene_products": int(row["n_target_gene_products"]),
        "n_target_by_group": {group: int(row[f"n_target_{group}"]) for group in GROUPS},
        "n_regulator_gene_products": int(row["n_regulator_gene_products"]),
        "n_negated_gene_products": int(row["n_negated_gene_products"]),
        "n_in_aspect": int(row["n_in_aspect"]),
        "rate_per_1000": _number(row["rate_per_1000"]),
        "rate_low": _number(row["rate_low"]),
        "rate_high": _number(row["rate_high"]),
    }


def _number(text: str) -> float | None:
    return float(text) if text else None


def _verdict_changes(tables: RunTables) -> Iterator[dict[str, Any]]:
    """Yield each source without which an organism has another verdict."""
    for row in tables.rows("robustness"):
        if row["changes_verdict"] == "true":
            yield {
                "taxon_id": int(row["taxon_id"]),
                "kind": row["kind"],
                "source": row["source"] or None,
                "verdict": row["verdict"],
            }


def multiqc_section(tables: RunTables) -> dict[str, Any]:
    """Return the compared organisms as a table of MultiQC.

    Source: https://docs.seqera.io/multiqc/custom_content
    """
    target = tables.record["target"]
    by_taxon = {row["taxon_id"]: row for row in tables.organisms}
    return {
        "id": "gafreduce",
        "section_name": f"gafreduce: {target['name']}",
        "description": f"{tables.answer.headline} No annotation is not absence.",
        "plot_type": "table",
        "pconfig": {
            "id": "gafreduce_organisms",
            "title": f"gafreduce: {target['name']} ({target['go_id']})",
            "col1_header": "Organism",
        },
        "headers": {
            "verdict": {"title": "Verdict", "description": "what the evidence allows to say"},
            "gene_products": {
                "title": "Gene products",
                "description": "distinct, with a supporting line on the target",
                "format": "{:,.0f}",
                "min": 0,
            },
            "rate": {
                "title": "Per 1,000",
                "description": "of the gene products with a line in the target's aspect",
                "format": "{:,.2f}",
                "min": 0,
            },
            "regulators": {
                "title": "Regulators",
                "description": "gene products with a supporting line on its regulation",
                "format": "{:,.0f}",
                "min": 0,
            },
        },
        "data": {tables.label(taxon): _multiqc_row(by_taxon[taxon]) for taxon in tables.compared},
    }


def _multiqc_row(row: Row) -> dict[str, Any]:
    cells = {
        "verdict": VERDICT_WORDS[row["verdict"]],
        "gene_products": int(row["n_target_gene_products"]),
        "rate": _number(row["rate_per_1000"]),
        "regulators": int(row["n_regulator_gene_products"]),
    }
    return {name: value for name, value in cells.items() if value is not None}
