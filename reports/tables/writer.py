"""Writing tables: TSV, and Parquet of the same text, both by one set of definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.schema import Column, Table

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.csv

#: What is done to a text of whole rows on its way into a table.
Transform = Callable[[bytes], bytes]

#: Bytes of text that are written at once and make a row group. Numbers in lists take ten times the
#: room of their text on the way; what the writer keeps of each row group, 5 KB, is held to the end.
BLOCK_BYTES = 1 << 20
BLOCK_BYTES_WITH_LISTS = 1 << 19
#: Bytes of rows that are joined before they are handled further.
_JOINED_BYTES = 1 << 18
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


def write_table(
    table: Table, rows: Iterable[bytes], folder: RunFolder, transform: Transform | None = None
) -> None:
    """Write a table's TSV and Parquet side by side; nothing is read again.

    Args:
        table: Its definition.
        rows: Each ended by LF, in the table's order; several may come as one text.
        folder: The run folder.
        transform: Applied to texts of whole rows.
    """
    tsv_path, parquet_path = folder.table(table.name), folder.parquet(table.name)
    for path in (tsv_path, parquet_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with tsv_path.open("wb") as tsv, _ParquetFile(table, parquet_path) as parquet:
        tsv.write("\t".join(table.column_names).encode() + b"\n")
        for block in blocks(rows, _block_bytes(table), transform):
            tsv.write(block)
            parquet.write(block)
            release_memory()
    release_memory()


def _block_bytes(table: Table) -> int:
    has_lists = any(column.type in _ELEMENTS for column in table.columns)
    return BLOCK_BYTES_WITH_LISTS if has_lists else BLOCK_BYTES


def blocks(
    rows: Iterable[bytes], n_bytes: int, transform: Transform | None = None
) -> Iterator[bytes]:
    """Return rows as blocks that depend on the text alone, not on how it comes.

    Args:
        rows: Texts of whole rows, each ended by LF.
        n_bytes: That a block may have, if it is not a single row.
        transform: Applied to texts of whole rows.
    """
    held = b""
    for text in _joined(rows):
        held += transform(text) if transform else text
        while len(held) > n_bytes:
            end = held.rfind(b"\n", 0, n_bytes) + 1 or held.index(b"\n") + 1
            yield held[:end]
            held = held[end:]
    if held:
        yield held


def _joined(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Return texts of many rows: single ones would be costly to handle."""
    held: list[bytes] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row)
        if size >= _JOINED_BYTES:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def load_arrow() -> None:
    """Import what writing tables imports otherwise when it begins."""
    from pyarrow import csv, parquet  # noqa: F401


class _ParquetFile:
    """A table's Parquet file, written in row groups; an empty cell becomes null.

    Arrow reads plain columns from the text, and the elements of lists as a column of their own: its
    functions that would take lists apart cost 0.04 s and 10 MB to import.
    """

    def __init__(self, table: Table, path: Path) -> None:
        import pyarrow
        from pyarrow import csv, parquet

        self._table = table
        self._types = {name: make(pyarrow) for name, make in _TYPES.items()}
        self._schema = pyarrow.schema(
            [(column.name, self._stored_as(column.type)) for column in table.columns]
        )
        plain = [column for column in table.columns if column.type not in _ELEMENTS]
        self._convert = csv.ConvertOptions(
            column_types={column.name: self._types[column.type] for column in plain},
            include_columns=[column.name for column in plain],
            null_values=[""],
            strings_can_be_null=True,
            true_values=["true"],
            false_values=["false"],
        )
        # numbers are written as differences: a third of the bytes that a dictionary takes, a fifth
        # less time, and no table of all that stand in a row group
        leaves = {_leaf(column): column.type for column in table.columns}
        numbers = [leaf for leaf, kind in leaves.items() if kind in ("integer", "integers")]
        self._writer = parquet.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            use_dictionary=[leaf for leaf in leaves if leaf not in numbers],
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        )

    def _stored_as(self, name: str) -> pyarrow.DataType:
        import pyarrow

        element = _ELEMENTS.get(name)
        return self._types[name] if element is None else pyarrow.list_(self._types[element])

    def __enter__(self) -> _ParquetFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, block: bytes) -> None:
        """Write rows of the TSV as a row group."""
        import pyarrow

        names = self._table.column_names
        plain = _read_csv(block, names, self._convert).to_batches()[0]
        lists = dict(self._lists(block))
        columns = [lists[name] if name in lists else plain.column(name) for name in names]
        self._writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=self._schema))

    def _lists(self, block: bytes) -> Iterator[tuple[str, pyarrow.ListArray]]:
        """Yield the columns of lists by name."""
        columns = self._table.columns
        if not any(column.type in _ELEMENTS for column in columns):
            return
        cells = block.replace(b"\n", b"\t").split(b"\t")
        cells.pop()  # behind the last line end
        for place, column in enumerate(columns):
            if column.type in _ELEMENTS:
                yield column.name, self._list(cells[place :: len(columns)], column.type)

    def _list(self, cells: Sequence[bytes], name: str) -> pyarrow.ListArray:
        """Return cells as lists."""
        import pyarrow
        from pyarrow import csv

        filled = [cell for cell in cells if cell]
        text = b"|".join([*filled, b""]).replace(b"|", b"\n")
        if name == "texts":
            text = text.replace(b"%7C", b"|").replace(b"%25", b"%")
        element = self._types[_ELEMENTS[name]]
        if text:
            convert = csv.ConvertOptions(column_types={name: element}, null_values=["..."])
            elements = _read_csv(text, (name,), convert).column(0).chunk(0)
        else:
            elements = pyarrow.array([], element)
        ends = accumulate((cell.count(b"|") + 1 if cell else 0 for cell in cells), initial=0)
        # a list that does not begin anywhere is null; a mask would import Arrow's functions
        begins = [end if cell else None for end, cell in zip(ends, cells, strict=False)]
        offsets = pyarrow.array([*begins, len(elements)], pyarrow.int32())
        return pyarrow.ListArray.from_arrays(offsets, elements)


_TYPES: dict[str, Any] = {
    "text": lambda arrow: arrow.string(),
    "integer": lambda arrow: arrow.int64(),
    "float": lambda arrow: arrow.float64(),
    "boolean": lambda arrow: arrow.bool_(),
}
#: What the elements of list columns are.
_ELEMENTS = {"texts": "text", "integers": "integer"}


def _leaf(column: Column) -> str:
    """Return what Parquet calls the values of a column."""
    return f"{column.name}.list.element" if column.type in _ELEMENTS else column.name


def _read_csv(
    text: bytes, names: Sequence[str], convert: pyarrow.csv.ConvertOptions
) -> pyarrow.Table:
    """Return rows as they stand in a TSV, in one piece."""
    import pyarrow
    from pyarrow import csv

    read = csv.ReadOptions(
        use_threads=False,
        block_size=len(text) + 1,  # all at once
        column_names=list(names),
    )
    parse = csv.ParseOptions(
        delimiter="\t", quote_char=False, double_quote=False, ignore_empty_lines=False
    )
    return csv.read_csv(pyarrow.BufferReader(text), read, parse, convert)


def release_memory() -> None:
    """Give back to the system what was freed and would be kept for blocks to come."""
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
    cells = [
        str(value) if type(value) is int else cell(value)  # most are: a call less for them
        for value in map(values.get, table.column_names)
    ]
    return ("\t".join(cells) + "\n").encode()
