"""Between data frames and plain rows: every statistic reads and makes its tables through this.

A text that is missing is "" inside and None in the frame, as in the Parquet files (null for none).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from gafreduce.reports.tables.schema import Table
from gafreduce.reports.tables.writer import row

_DTYPES = {"integer": "Int64", "float": "float64", "boolean": "bool"}

_ROWS_TOGETHER = 50_000

Row = tuple[Any, ...]


class Note(NamedTuple):
    """A row of `statistics_notes`."""

    table: str
    subject: str
    key: str
    value: str


def rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[Row]:
    """Return the rows as tuples of plain values; a missing text is "", a missing number None.

    Plain values take ten times the memory of a column: a part of the frame is turned at a time.
    """
    for start in range(0, len(frame), _ROWS_TOGETHER):
        part = frame.iloc[start : start + _ROWS_TOGETHER]
        yield from zip(*(column(part, name) for name in columns), strict=True)


def column(frame: pd.DataFrame, name: str) -> list[Any]:
    """Return one column as plain values."""
    values = frame[name]
    if pd.api.types.is_bool_dtype(values.dtype):
        return [bool(value) for value in values]
    if pd.api.types.is_numeric_dtype(values.dtype):
        if values.isna().any():
            values = values.astype(object).where(values.notna(), None)
        return values.tolist()
    return [value if type(value) is str else _cell(value) for value in values.tolist()]


def _cell(value: Any) -> Any:
    """Return a text or list cell without pandas' ways of saying that there is none."""
    if isinstance(value, str):
        return value
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    return value if pd.api.types.is_scalar(value) else list(value)


def frame(table: Table, unsorted: Iterable[Row]) -> pd.DataFrame:
    """Return rows as the table of the contract, sorted by its key.

    Args:
        table: Names and types of the columns.
        unsorted: A value for each column; "" and empty lists become none.
    """
    positions = [table.column_names.index(name) for name in table.key]
    ordered = sorted(unsorted, key=lambda row: tuple(row[position] for position in positions))
    cells = list(zip(*ordered, strict=True)) or [()] * len(table.columns)
    return pd.DataFrame(
        {
            described.name: _series(described.type, values)
            for described, values in zip(table.columns, cells, strict=True)
        }
    )


def _series(kind: str, values: Sequence[Any]) -> pd.Series[Any]:
    """Return one column in its type."""
    if kind in _DTYPES:
        return pd.Series(list(values), dtype=_DTYPES[kind])
    return pd.Series([value or None for value in values], dtype=object)


def encoded(table: Table, frame: pd.DataFrame) -> Iterator[bytes]:
    """Return the rows of a table as lines of its TSV."""
    for cells in rows(frame, table.column_names):
        yield row(table, dict(zip(table.column_names, cells, strict=True)))
