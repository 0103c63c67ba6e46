"""The tables of a study; their columns are the rows of columns.tsv."""

from __future__ import annotations

from pathlib import Path

from gafreduce.reports.tables.schema import Table, read_columns_file

_COLUMNS = read_columns_file(Path(__file__).with_name("columns.tsv"))

TRAITS = Table(
    "traits",
    ("trait", "organism_id"),
    "One row for each trait and compared organism, in the order of the study and of organisms.",
    _COLUMNS["traits"],
)
SHARED_PRODUCTS = Table(
    "shared_products",
    ("trait_a", "trait_b", "organism_id"),
    "One row for each organism and two traits that share gene products there.",
    _COLUMNS["shared_products"],
)
TRAIT_GROUPS = Table(
    "trait_groups",
    ("trait", "organism_group"),
    "One row for each trait and group of organisms, if the sample sheet has groups.",
    _COLUMNS["trait_groups"],
)
#: All tables of a study, by name.
TABLES = {table.name: table for table in (TRAITS, SHARED_PRODUCTS, TRAIT_GROUPS)}
