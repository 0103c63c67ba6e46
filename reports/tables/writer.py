"""Write tables as TSV, and as Parquet from the same text, by the definitions of schema.py."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.errors import name_file
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.schema import Column, Table

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.csv

#: Changes a text of whole rows before it is written.
Transform = Callable[[bytes], bytes]

#: Bytes of text that are written at once and form a row group. Numbers in lists temporarily take
#: ten times the memory of their text. The writer keeps 5 KB of each row group to the end.
BLOCK_BYTES = 1 << 20
BLOCK_BYTES_WITH_LISTS = 1 << 19
#: Bytes of rows that are joined before they are processed further.
_JOINED_BYTES = 1 << 18


def write_table(
    table: Table, rows: Iterable[bytes], folder: RunFolder, transform: Transform | None = None
) -> None:
    """Write a table as TSV and Parquet into a run folder, both in one pass.

    Args:
        table: The definition of the table.
        rows: Rows in the order of the table, each ended by LF; several may come as one text.
        folder: The run folder.
        transform: Applied to texts of whole rows.
    """
    tsv_path, parquet_path = folder.table(table.name), folder.parquet(table.name)
    for path in (tsv_path, parquet_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with (
        name_file(tsv_path),
        tsv_path.open("wb") as tsv,
        _ParquetFile(table, parquet_path) as parquet,
    ):
        tsv.write("\t".join(table.column_names).encode() + b"\n")
        for block in join_blocks(rows, _get_block_bytes(table), transform):
            tsv.write(block)
            parquet.write(block)
            release_memory()
    release_memory()


def copy_tables(tables: Iterable[Table], source: RunFolder, folder: RunFolder) -> None:
    """Copy tables, TSV and Parquet, from one run folder to another."""
    for table in tables:
        for path, target in (
            (source.table(table.name), folder.table(table.name)),
            (source.parquet(table.name), folder.parquet(table.name)),
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            with name_file(target):
                shutil.copyfile(path, target)


def _get_block_bytes(table: Table) -> int:
    has_lists = any(column.type in _ELEMENTS for column in table.columns)
    return BLOCK_BYTES_WITH_LISTS if has_lists else BLOCK_BYTES


def join_blocks(
    rows: Iterable[bytes], n_bytes: int, transform: Transform | None = None
) -> Iterator[bytes]:
    """Yield rows in blocks; the blocks depend on the text alone, not on how it is divided.

    Args:
        rows: Texts of whole rows, each ended by LF.
        n_bytes: Size of a block at most, unless it is a single row.
        transform: Applied to texts of whole rows.
    """
    rest = b""
    for text in _join_rows(rows):
        rest += transform(text) if transform else text
        while len(rest) > n_bytes:
            end = rest.rfind(b"\n", 0, n_bytes) + 1 or rest.index(b"\n") + 1
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _join_rows(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Yield texts of many rows, because single rows would be costly to process."""
    waiting: list[bytes] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= _JOINED_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def load_arrow() -> None:
    """Import the modules that `write_table` would import at its first call."""
    from pyarrow import csv, parquet  # noqa: F401


class _ParquetFile:
    """A table's Parquet file, written in row groups; an empty cell becomes null.

    Arrow reads plain columns from the text, and the elements of lists as a column of their own.
    `pyarrow.compute` could split lists, in nearly the same time, but its import costs every run
    0.03 s of CPU time and 10 MB.
    """

    def __init__(self, table: Table, path: Path) -> None:
        """Open the file."""
        import pyarrow
        from pyarrow import csv, parquet

        self._table = table
        self._types = {name: make(pyarrow) for name, make in _ARROW_TYPES.items()}
        self._schema = pyarrow.schema(
            [(column.name, self._get_stored_type(column.type)) for column in table.columns]
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
        # Numbers are written as differences: a third of the bytes of a dictionary, a fifth less
        # time, and no table of all numbers in a row group.
        leaves = {_get_leaf_name(column): column.type for column in table.columns}
        numbers = [leaf for leaf, kind in leaves.items() if kind in ("integer", "integers")]
        self._stream = path.open("wb")  # Arrow knows only names in UTF-8
        self._writer = parquet.ParquetWriter(
            self._stream,
            self._schema,
            compression="zstd",
            use_dictionary=[leaf for leaf in leaves if leaf not in numbers],
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        )

    def _get_stored_type(self, name: str) -> pyarrow.DataType:
        import pyarrow

        element = _ELEMENTS.get(name)
        return self._types[name] if element is None else pyarrow.list_(self._types[element])

    def __enter__(self) -> _ParquetFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        self._stream.close()

    def write(self, block: bytes) -> None:
        """Write rows of the TSV as a row group."""
        import pyarrow

        names = self._table.column_names
        plain = _read_csv(block, names, self._convert).to_batches()[0]
        lists = dict(self._read_lists(block))
        columns = [lists[name] if name in lists else plain.column(name) for name in names]
        self._writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=self._schema))

    def _read_lists(self, block: bytes) -> Iterator[tuple[str, pyarrow.ListArray]]:
        """Yield the name and the values of each column of lists."""
        columns = self._table.columns
        if not any(column.type in _ELEMENTS for column in columns):
            return
        cells = block.replace(b"\n", b"\t").split(b"\t")
        cells.pop()  # after the last line end
        for position, column in enumerate(columns):
            if column.type in _ELEMENTS:
                yield (
                    column.name,
                    self._make_list_array(cells[position :: len(columns)], column.type),
                )

    def _make_list_array(self, cells: Sequence[bytes], kind: str) -> pyarrow.ListArray:
        """Return cells of a list type as an array of lists; an empty cell is null."""
        import pyarrow
        from pyarrow import csv

        filled = [cell for cell in cells if cell]
        text = b"|".join([*filled, b""]).replace(b"|", b"\n")
        if kind == "texts":
            text = text.replace(b"%7C", b"|").replace(b"%25", b"%")
        element = self._types[_ELEMENTS[kind]]
        if text:
            convert = csv.ConvertOptions(column_types={kind: element}, null_values=["..."])
            elements = _read_csv(text, (kind,), convert).column(0).chunk(0)
        else:
            elements = pyarrow.array([], element)
        ends = accumulate((cell.count(b"|") + 1 if cell else 0 for cell in cells), initial=0)
        # a list without an offset is null; a mask would import pyarrow.compute
        begins = [end if cell else None for end, cell in zip(ends, cells, strict=False)]
        offsets = pyarrow.array([*begins, len(elements)], pyarrow.int32())
        return pyarrow.ListArray.from_arrays(offsets, elements)


_ARROW_TYPES: dict[str, Any] = {
    "text": lambda arrow: arrow.string(),
    "integer": lambda arrow: arrow.int64(),
    "float": lambda arrow: arrow.float64(),
    "boolean": lambda arrow: arrow.bool_(),
}
#: Types of the elements of list columns.
_ELEMENTS = {"texts": "text", "integers": "integer"}


def _get_leaf_name(column: Column) -> str:
    """Return the name that Parquet gives to the values of a column."""
    return f"{column.name}.list.element" if column.type in _ELEMENTS else column.name


def _read_csv(
    text: bytes, names: Sequence[str], convert: pyarrow.csv.ConvertOptions
) -> pyarrow.Table:
    """Return the rows of a TSV without header as a table of one chunk."""
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
    """Return memory that Arrow has freed, and would keep for later blocks, to the system."""
    import pyarrow

    pyarrow.default_memory_pool().release_unused()


def encode_cell(value: object) -> str:
    r"""Return a value as a TSV cell.

    >>> [encode_cell(value) for value in (None, True, 0.5, "a\tb", [83333, 224308])]
    ['', 'true', '0.5', 'a b', '83333|224308']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, list | tuple):
        return "|".join(_encode_element(item) for item in value)
    return CONTROL_CHARACTER.sub(" ", str(value))


def _encode_element(item: object) -> str:
    return encode_cell(item).replace("%", "%25").replace("|", "%7C")


def encode_row(table: Table, values: Mapping[str, object]) -> bytes:
    """Return a row of a table as a line of its TSV.

    Args:
        table: The definition of the table.
        values: Values by column; columns that are missing are empty, other keys are ignored.
    """
    cells = [
        str(value) if type(value) is int else encode_cell(value)  # most are: this spares a call
        for value in map(values.get, table.column_names)
    ]
    return ("\t".join(cells) + "\n").encode()
