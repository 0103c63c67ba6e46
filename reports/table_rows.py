"""Reading tables back as plain rows, without pandas: for the answer and the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reports.columns import TABLES
from reports.statistics_columns import TABLES as STATISTICS

Row = dict[str, str]


class TableError(ValueError):
    """A table of a run folder is missing or damaged."""


def read_rows(run_dir: Path, name: str) -> Iterator[Row]:
    """Yield the rows of a table; every value is text as it stands in the TSV.

    Raises:
        TableError: The table is missing, or its columns are not those of the contract.
    """
    path = run_dir / "tables" / f"{name}.tsv"
    expected = (TABLES | STATISTICS)[name].column_names
    try:
        stream = path.open(encoding="utf-8", newline="\n")
    except OSError as error:
        raise TableError(f"{path}: expected a table of a run, got {error.strerror}") from error
    with stream:
        columns = tuple(stream.readline().rstrip("\n").split("\t"))
        if columns != expected:
            raise TableError(f"{path}:1: expected columns {' '.join(expected)}")
        for number, line in enumerate(stream, 2):
            cells = line.rstrip("\n").split("\t")
            if len(cells) != len(columns):
                raise TableError(
                    f"{path}:{number}: expected {len(columns)} columns, got {len(cells)}"
                )
            yield dict(zip(columns, cells, strict=True))


def list_cell(cell: str) -> list[str]:
    """Return the elements of a list cell.

    >>> list_cell("a%7Cb|c"), list_cell("")
    (['a|b', 'c'], [])
    """
    if not cell:
        return []
    return [part.replace("%7C", "|").replace("%25", "%") for part in cell.split("|")]
