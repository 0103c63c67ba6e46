"""Conversion between data frames and rows of plain values; all statistics use it.

A missing text is "" in a row and None in a frame, as in the Parquet files (null for none).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from gafreduce.jobs.model.organisms import Organisms, order_organism
from gafreduce.reports.tables.schema import TAXON_COLUMNS, Table
from gafreduce.reports.tables.writer import encode_row

_DTYPES = {"integer": "Int64", "float": "float64", "boolean": "bool"}

_ROWS_TOGETHER = 50_000

#: The plain values of a row, in the order of the columns.
Values = tuple[Any, ...]


class Note(NamedTuple):
    """A row of `statistics_notes`: a caveat of a statistic."""

    table: str
    subject: str
    key: str
    value: str


def iterate_rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[Values]:
    """Yield rows as tuples of plain values; a missing text is "", a missing number is None.

    Plain values take ten times the memory of a column, so the frame is converted in parts.
    """
    for start in range(0, len(frame), _ROWS_TOGETHER):
        part = frame.iloc[start : start + _ROWS_TOGETHER]
        yield from zip(*(list_values(part, name) for name in columns), strict=True)


def list_values(frame: pd.DataFrame, column: str) -> list[Any]:
    """Return one column as plain values."""
    values = frame[column]
    if pd.api.types.is_bool_dtype(values.dtype):
        return [bool(value) for value in values]
    if pd.api.types.is_numeric_dtype(values.dtype):
        if values.isna().any():
            values = values.astype(object).where(values.notna(), None)
        return values.tolist()
    return [value if type(value) is str else _to_plain(value) for value in values.tolist()]


def _to_plain(value: Any) -> Any:
    """Return a text or a list; "" for each of pandas' missing values."""
    if isinstance(value, str):
        return value
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    return value if pd.api.types.is_scalar(value) else list(value)


def make_frame(
    table: Table, rows: Iterable[Values], organisms: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return rows as a data frame with the columns of a table, sorted by its key.

    Args:
        table: Names and types of the columns.
        rows: In any order; each has a value for each column (`Table.make_row`). "" and empty
            lists become None.
        organisms: The table `organisms`, which gives the taxa of organisms; None when the rows have
            them.
    """
    ordered = sorted(rows, key=_make_sort_key(table))
    cells = dict(
        zip(
            table.column_names,
            list(zip(*ordered, strict=True)) or [()] * len(table.columns),
            strict=True,
        )
    )
    if organisms is not None:
        taxon_of = read_samples(organisms).taxon_of
        for name in TAXON_COLUMNS.keys() & cells.keys():
            cells[name] = tuple(map(taxon_of, cells[TAXON_COLUMNS[name]]))
    return pd.DataFrame(
        {column.name: _make_series(column.type, cells[column.name]) for column in table.columns}
    )


def _make_sort_key(table: Table) -> Callable[[Values], tuple[Any, ...]]:
    """Return the function that gives the key of a row; organisms have an order of their own."""
    parts = [(table.column_names.index(name), name in TAXON_COLUMNS.values()) for name in table.key]

    def make_key(row: Values) -> tuple[Any, ...]:
        return tuple(
            order_organism(row[at]) if is_organism else row[at] for at, is_organism in parts
        )

    return make_key


def read_samples(organisms: pd.DataFrame) -> Organisms:
    """Return the organisms of a run; samples are the last rows of the table `organisms`."""
    samples: dict[str, int] = {}
    columns: Mapping[str, Any] = {name: organisms[name] for name in ("organism_id", "taxon_id")}
    for position in reversed(range(len(organisms))):
        organism_id = columns["organism_id"].iat[position]
        if organism_id.isdigit():
            break
        samples[organism_id] = int(columns["taxon_id"].iat[position])
    return Organisms(samples)


def _make_series(kind: str, values: Sequence[Any]) -> pd.Series[Any]:
    """Return values as a series of a column type."""
    if kind in _DTYPES:
        return pd.Series(list(values), dtype=_DTYPES[kind])
    return pd.Series([value or None for value in values], dtype=object)


def encode_rows(table: Table, frame: pd.DataFrame) -> Iterator[bytes]:
    """Yield the rows of a table as lines of its TSV."""
    for values in iterate_rows(frame, table.column_names):
        yield encode_row(table, dict(zip(table.column_names, values, strict=True)))


def list_compared(organisms: pd.DataFrame) -> list[str]:
    """Return the ids of the compared organisms, sorted.

    Args:
        organisms: The table `organisms`.
    """
    rows = iterate_rows(organisms, ("organism_id", "compared"))
    compared = (organism_id for organism_id, is_compared in rows if is_compared)
    return sorted(compared, key=order_organism)
