"""The definitions of the tables, and rows made by column name."""

from __future__ import annotations

import re

import pytest

from gafreduce.reports.tables.schema import (
    ALL_TABLES,
    CONTEXT_TABLES,
    CONVERTED_TABLES,
    TERM_SET,
    Table,
)

EVERY_TABLE = [
    table for group in (ALL_TABLES, CONTEXT_TABLES, CONVERTED_TABLES) for table in group.values()
]
CELLS = {"go_id": "GO:1", "term_class": "core", "relation_path": "is_a", "name": "n"}


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: table.name)
def test_every_column_is_described_in_full(table: Table) -> None:
    assert set(table.key) <= set(table.column_names)
    assert len(set(table.column_names)) == len(table.columns)
    for column in table.columns:
        assert column.description.endswith("."), column
        # each description can be read alone
        assert not re.match("(The same|Those|Of those|Likewise|Second$)", column.description), (
            column
        )


def test_cells_are_ordered_by_column() -> None:
    reverse = dict(reversed(CELLS.items()))
    assert TERM_SET.make_row(**reverse) == ("GO:1", "core", "is_a", "n")


def test_a_partial_row_is_none_elsewhere() -> None:
    assert TERM_SET.make_partial_row(name="n") == (None, None, None, "n")


@pytest.mark.parametrize("wrong", ["missing", "unknown", "misspelt"])
def test_wrong_columns_are_refused(wrong: str) -> None:
    cells: dict[str, object] = dict(CELLS)
    if wrong != "unknown":
        del cells["name"]
    if wrong != "missing":
        cells["nmae"] = "n"
    with pytest.raises(TypeError, match="expected the columns of term_set"):
        TERM_SET.make_row(**cells)
    if wrong != "missing":
        with pytest.raises(TypeError, match="nmae"):
            TERM_SET.make_partial_row(**cells)
