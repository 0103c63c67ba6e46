"""Any table with a header row, a column of gene products and one of GO ids.

With two columns it is a list of ids, but where the GO ids are between other text.

Columns: the gene product, by its name, else the first column that may be one; every column of GO
ids, alone or with text such as their names. Evidence, qualifier, aspect, symbol and taxon are used
where a name shows them; scores and E-values are no evidence, and without an evidence code it is
unstated. `--id-column`, `--go-column` and `--delimiter` decide what cannot be recognised. The taxon
comes from a column, else from the user.
"""

from __future__ import annotations

from typing import Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import Format, FormatError, LineReader
from gafreduce.jobs.formats.column_choice import ColumnChoice
from gafreduce.jobs.formats.delimited import columns, rows
from gafreduce.jobs.formats.delimited.names import TABLE
from gafreduce.jobs.formats.delimited.reader import make_delimited_reader


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no table of GO ids; "" if it may be one."""
    layout = columns.find_layout(lines, TABLE)
    if layout is None:
        return "no column of GO ids, or none of gene products; gene sets and enrichments are none"
    n_columns = 2 if columns.TEXT in layout.roles else 3
    if not layout.heading or len(layout.roles) < n_columns or columns.MORE in layout.roles:
        return "no header row of three columns or more (two, if GO ids are between other text)"
    return ""


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the columns."""
    found = columns.find_layout(lines, TABLE)
    return "" if found is None else found.encode()


def find_chosen_layout(lines: Sequence[bytes], choice: ColumnChoice, label: str) -> str:
    """Return the columns of a file whose separator or columns the user named.

    Raises:
        FormatError: There is no such column; the message names those that there are.
    """
    found = columns.find_layout(lines, TABLE, choice)
    if found is not None:
        return found.encode()
    wanted = " and ".join(
        f"a column {name!r}" for name in (choice.id_column, choice.go_column) if name
    )
    raise FormatError(
        f"{label}: expected {wanted or 'a column of GO ids'}, got "
        f"{columns.describe_columns(lines, choice)} (--id-column and --go-column take a name or a "
        f"number from 1; --delimiter: {', '.join(rows.DELIMITERS)})"
    )


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The columns are unknown, or there is no taxon.
    """
    return make_delimited_reader(source, "a table")


FORMAT = Format("table", find_mismatch, make_reader, find_layout)
