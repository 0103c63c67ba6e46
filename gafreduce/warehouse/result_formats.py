"""Results of queries as text: a table for people, TSV, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gafreduce.reports.tables.writer import encode_cell
from gafreduce.streams import StyledLine
from gafreduce.terminal.text_table import TextCell, TextColumn, format_table, get_width
from gafreduce.warehouse.duckdb_engine import Result

TABLE = "table"
TSV = "tsv"


def _format_tsv(found: Result) -> Iterator[str]:
    """Yield the lines of a TSV, with cells as in the tables of a run folder."""
    yield "\t".join(found.columns)
    for row in found.rows:
        yield "\t".join(map(encode_cell, row))


def _format_csv(found: Result) -> Iterator[str]:
    """Yield the lines of a CSV by RFC 4180; lists are joined as in TSV."""
    yield _encode_csv(found.columns)
    for row in found.rows:
        yield _encode_csv(row)


def _encode_csv(row: Sequence[Any]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(map(encode_cell, row))
    return stream.getvalue()


def _format_json(found: Result) -> Iterator[str]:
    """Yield a list of objects, one in a line."""
    before = "["
    for row in found.rows:
        cells = dict(zip(found.columns, row, strict=True))
        yield before + json.dumps(cells, ensure_ascii=False, default=str)
        before = ","
    yield "[]" if before == "[" else "]"


def _format_table(found: Result) -> Iterator[str | StyledLine]:
    """Yield a table that fits the terminal, and the number of rows."""
    rows = list(found.rows)
    columns = [
        TextColumn(name, all(_is_number(row[number]) for row in rows))
        for number, name in enumerate(found.columns)
    ]
    cells = [[TextCell(_show(value)) for value in row] for row in rows]
    if rows:
        yield from format_table(columns, cells, get_width())
    yield "1 row" if len(rows) == 1 else f"{len(rows):,} rows"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _show(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(encode_cell, value))
    return encode_cell(value)


#: The formats by name.
FORMATS: dict[str, Callable[[Result], Iterator[str | StyledLine]]] = {
    TABLE: _format_table,
    TSV: _format_tsv,
    "csv": _format_csv,
    "json": _format_json,
}
