"""The tables of a comparison: names, keys, and columns, which are the rows of columns.tsv."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from gafreduce.reports.tables.schema import Column, ColumnType, Table

_COLUMNS_FILE = Path(__file__).with_name("columns.tsv")


def _read_columns() -> dict[str, tuple[Column, ...]]:
    columns: dict[str, tuple[Column, ...]] = {}
    _, *lines = _COLUMNS_FILE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        table, name, kind, description = line.split("\t")
        column = Column(name, cast(ColumnType, kind), description)
        columns[table] = (*columns.get(table, ()), column)
    return columns


#: Key and description of each table.
_DESCRIPTIONS = {
    "runs": (("number",), "One row for each run, in the order of the command line."),
    "settings": (
        ("step", "setting"),
        "Options, filters, versions, ontologies and input files that differ between two runs.",
    ),
    "differences": (
        ("step", "table", "reason"),
        "Number of differences by table and primary reason. They add up to the rows of the tables.",
    ),
    "organisms": (
        ("step", "organism_id"),
        "Organisms that are new or gone, or with another verdict, completeness or number of gene "
        "products, or with a changed gene product.",
    ),
    "gene_products": (
        ("step", "organism_id", "object_id"),
        "Gene products with a difference in `annotations`.",
    ),
    "annotations": (
        ("step", "organism_id", "object_id", "go_id"),
        "Lines in the term set that are new, gone or changed. Lines are equal when gene product, "
        "term, class, relation, NOT, evidence code, With/From and assigning group are: a date or a "
        "reference alone is no change.",
    ),
    "terms": (
        ("step", "go_id", "organism_id"),
        "Terms that are new in the term set, gone from it or of another class, and terms with "
        "another number of gene products in an organism.",
    ),
}
#: The tables, by name, in the order of the page.
COMPARISON_TABLES = {
    name: Table(name, *_DESCRIPTIONS[name], columns) for name, columns in _read_columns().items()
}
