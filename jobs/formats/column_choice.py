"""The separator and columns of delimited text that the user named."""

from __future__ import annotations

from typing import NamedTuple


class ColumnChoice(NamedTuple):
    """The separator and columns that the user named; a column by its name or 1-based number."""

    delimiter: str = ""  # a name of `delimited.rows.DELIMITERS`
    id_column: str = ""
    go_column: str = ""


NO_CHOICE = ColumnChoice()
