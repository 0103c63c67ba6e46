"""Writing tables: TSV row by row, Parquet from the TSV, both by one set of definitions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.columns import Table

if TYPE_CHECKING:
    import pyarrow

#: Bytes written at once, and bytes of a row group's text.
_BLOCK = 1 << 20
_PARQUET_BLOCK = 2 << 20
#: A taxon has ten digits at most, so that two zeros or more stand before one padded to twelve.
_PADDING = re.compile(rb"\t00+")


def unpad_taxa(block: bytes) -> bytes:
    r"""Return rows with the zeros before taxon ids taken away; counts never begin with a zero.

    >>> unpad_taxa(b"GO:0008150\t000000083333\t0\t10\n")
    b'GO:0008150\t83333\t0\t10\n'
    """
    return _PADDING.sub(b"\t", block)


_LEADING_TAXON = re.compile(rb"^0+", re.MULTILINE)


def unpad_leading_taxa(block: bytes) -> bytes:
    """Return rows that begin with a padded taxon without its zeros."""
    return _LEADING_TAXON.sub(b"", block)


def write_tsv(table: Table, rows: Iterable[bytes], folder: Path, transform: Any = None) -> Path:
    """Write a table's TSV.

    Args:
        table: Its definition.
        rows: Each ended by LF, in the table's order; several may come as one text.
        folder: Where `<name>.tsv` goes.
        transform: Applied to blocks of whole rows.

    Returns:
        The path.
    """
    path = folder / f"{table.name}.tsv"
    with path.open("wb") as stream:
        stream.write("\t".join(table.column_names).encode() + b"\n")
        held: list[bytes] = []
        size = 0
        for row in rows:
            held.append(row)
            size += len(row)
            if size >= _BLOCK:
                _flush(held, stream, transform)
                held, size = [], 0
        _flush(held, stream, transform)
    return path


def _flush(rows: list[bytes], stream: Any, transform: Any) -> None:
    block = b"".join(rows)
    stream.write(transform(block) if transform else block)


def write_parquet(table: Table, tsv: Path) -> Path:
    """Write `<name>.parquet` beside a TSV, in row groups; an empty cell becomes null."""
    import pyarrow
    from pyarrow import csv, parquet

    path = tsv.with_suffix(".parquet")
    read_as = {column.name: _READ_AS[column.type](pyarrow) for column in table.columns}
    reader = csv.open_csv(
        tsv,
        read_options=csv.ReadOptions(use_threads=False, block_size=_block_size(tsv)),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, double_quote=False),
        convert_options=csv.ConvertOptions(
            column_types=read_as,
            null_values=[""],
            strings_can_be_null=True,
            true_values=["true"],
            false_values=["false"],
        ),
    )
    schema = pyarrow.schema(
        [(column.name, _STORED_AS[column.type](pyarrow)) for column in table.columns]
    )
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(_with_lists(batch, table, schema))
    return path


_READ_AS: dict[str, Any] = {
    "text": lambda arrow: arrow.string(),
    "integer": lambda arrow: arrow.int64(),
    "float": lambda arrow: arrow.float64(),
    "boolean": lambda arrow: arrow.bool_(),
    "texts": lambda arrow: arrow.string(),
    "integers": lambda arrow: arrow.string(),
}
_STORED_AS: dict[str, Any] = {
    **_READ_AS,
    "texts": lambda arrow: arrow.list_(arrow.string()),
    "integers": lambda arrow: arrow.list_(arrow.int64()),
}


def _block_size(tsv: Path) -> int:
    """Return a block that holds the longest row of a file."""
    if tsv.stat().st_size <= _PARQUET_BLOCK:
        return _PARQUET_BLOCK
    with tsv.open("rb") as stream:
        longest = max(map(len, stream))
    return max(_PARQUET_BLOCK, 2 * longest)


def _with_lists(
    batch: pyarrow.RecordBatch, table: Table, schema: pyarrow.Schema
) -> pyarrow.RecordBatch:
    """Return the batch with list cells taken apart."""
    import pyarrow
    from pyarrow import compute

    columns = []
    for column, values in zip(table.columns, batch.columns, strict=True):
        if column.type in ("texts", "integers"):
            parts = compute.split_pattern(values, "|")
            flat = parts.flatten()
            if column.type == "integers":
                # scalars of Arrow and options of functions: a Python value would import pandas
                none = pyarrow.nulls(1, flat.type)[0]
                flat = compute.if_else(compute.match_substring(flat, "..."), none, flat)
                flat = compute.cast(flat, "int64")
            else:
                flat = compute.replace_substring(flat, "%7C", "|")
                flat = compute.replace_substring(flat, "%25", "%")
            values = pyarrow.ListArray.from_arrays(
                parts.offsets, flat, mask=compute.is_null(values)
            )
        columns.append(values)
    return pyarrow.RecordBatch.from_arrays(columns, schema=schema)


def write_table(table: Table, rows: Iterable[bytes], folder: Path, transform: Any = None) -> None:
    """Write a table's TSV and Parquet."""
    write_parquet(table, write_tsv(table, rows, folder, transform))


def release_memory() -> None:
    """Give back to the system what Arrow keeps for tables to come."""
    import pyarrow

    pyarrow.default_memory_pool().release_unused()


def cell(value: object) -> str:
    r"""Return a value as a TSV cell.

    >>> cell(None), cell(True), cell(0.5), cell("a\tb"), cell([83333, 224308])
    ('', 'true', '0.5', 'a b', '83333|224308')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, list | tuple):
        return "|".join(_element(item) for item in value)
    return _CONTROL.sub(" ", str(value))


_CONTROL = re.compile("[\x00-\x1f\x7f]")


def _element(item: object) -> str:
    return cell(item).replace("%", "%25").replace("|", "%7C")


def row(table: Table, values: dict[str, object]) -> bytes:
    """Return a row of a table as a TSV line; columns that are not given are empty."""
    return ("\t".join(cell(values.get(name)) for name in table.column_names) + "\n").encode()
