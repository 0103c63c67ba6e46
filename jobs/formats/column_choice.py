"""The separator and columns of delimited text that the user named."""

from __future__ import annotations

from typing import NamedTuple

#: The advice on a file of no known format.
NAME_COLUMNS = (
    " (name its columns: --id-column, --go-column, --delimiter; or its format: --format; or remove "
    "the file)"
)


class ColumnChoice(NamedTuple):
    """The separator and columns that the user named; a column by its name or 1-based number."""

    delimiter: str = ""  # a name of `delimited.rows.DELIMITERS`
    id_column: str = ""
    go_column: str = ""


NO_CHOICE = ColumnChoice()
