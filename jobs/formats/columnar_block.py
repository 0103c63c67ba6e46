"""A block of lines that all have the same number of columns, read column by column.

`read_columns` returns a `ColumnarBlock`. In Python it is one list of cells: one `replace` and one
`split` for thousands of lines cost a quarter of a split for each line. In the C extension it is the
position where each cell ends; cells become objects when they are needed, which takes a sixth of the
time. Both give the same results.
"""

from __future__ import annotations

from itertools import compress, islice
from operator import ne
from typing import (
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    Union,
    cast,
)

from gafreduce.jobs.native import loader

#: Bytes that an object id must not have: they would break the order of the shuffle.
_CONTROL = bytes(range(0x20)) + b"\x7f"

#: Has blanks in place of control characters.
_SPACES = bytes(0x20 if byte < 0x20 or byte == 0x7F else byte for byte in range(0x100))

#: A cell of rows: a text, or the number of a column; empty for a column that lines do not have.
RowCell = Union[bytes, int]
Combination = Tuple[bytes, bytes, bytes, bytes]  # raw cells: relation, GO id, evidence, aspect


class Positions(NamedTuple):
    """Columns of a format that blocks are searched by (0-based)."""

    database: int
    local_id: int
    taxon: int
    combination: Tuple[int, int, int, int]


class CellSet(Protocol):
    """A set of cells, each marked as odd or not, for `look_up` and `find_lines`."""

    def add(self, cell: bytes, is_odd: bool = False) -> None:
        """Add a cell, or change the mark of one that was added."""

    def clear(self) -> None:
        """Remove all cells."""

    def __len__(self) -> int: ...


class TokenLookup(Protocol):
    """Tokens of combinations."""

    special: Set[bytes]  # tokens that `tokens` reports the lines of; a token never changes sides
    seen: CellSet  # used by the C extension to remember combinations

    def __getitem__(self, cells: Combination) -> bytes: ...


class TaxonLookup(Protocol):
    """Organisms, in the form that records have, of cells that hold taxa."""

    odd: Set[bytes]  # cells that `cell_rules.PLAIN_TAXON` does not match

    def __getitem__(self, cell: bytes) -> bytes: ...


class ColumnarBlock(Protocol):
    """A block as columns. Lines and columns are numbered from zero.

    Raises:
        IndexError: There is no such line or column (the C extension checks all numbers).
    """

    @property
    def positions(self) -> Positions:
        """Columns of the format."""

    @property
    def n_lines(self) -> int:
        """Number of lines."""

    @property
    def width(self) -> int:
        """Number of columns of each line."""

    def line(self, number: int) -> bytes:
        """Return a line without its line end."""

    def cell(self, number: int, column: int) -> bytes:
        """Return one cell."""

    def cells(self, column: int, numbers: List[int]) -> List[bytes]:
        """Return the cells of a column in some lines."""

    def column(self, column: int) -> List[bytes]:
        """Return the cells of a column in all lines."""

    def find_empty(self, column: int) -> List[int]:
        """Return the numbers of the lines with an empty cell; a blank is not empty."""

    def look_up(self, column: int, known: CellSet) -> Tuple[Set[bytes], Dict[bytes, int]]:
        """Look up the cells of a column.

        Returns:
            The distinct cells that are not known, and the number of lines of each odd cell.
        """

    def find_lines(self, column: int, wanted: CellSet) -> List[int]:
        """Return the numbers of the lines with one of the wanted cells."""

    def run_starts(self) -> List[int]:
        """Return the numbers of the lines that have another gene product than the line before."""

    def organisms(self, numbers: List[int], taxa: TaxonLookup) -> Tuple[List[bytes], Set[bytes]]:
        """Return the organisms of some lines, and the odd cells among theirs."""

    def object_ids(self, numbers: List[int]) -> Optional[List[bytes]]:
        """Return `database:id` of some lines.

        None: a cell of them is empty, or has a blank or a control byte.
        """

    def first_product(self, numbers: List[int]) -> bytes:
        """Return the first `database<TAB>id` of some lines in the order of bytes."""

    def tokens(self, tokens: TokenLookup) -> Tuple[List[bytes], List[int]]:
        """Return the token of each line, and the numbers of the lines with a special token."""

    def rows(self, numbers: List[int], heads: List[bytes], cells: Tuple[RowCell, ...]) -> bytes:
        """Return a row for each of some lines, joined by LF.

        A row has its head, each cell with a tab behind it, and the line. Blanks around the cell of
        a column are removed; control characters, in the line too, become blanks.

        Args:
            numbers: Of the lines.
            heads: The beginning of each row, with a tab at its end.
            cells: The same for all rows.
        """


def read_columns(block: bytes, min_columns: int, positions: Positions) -> Optional[ColumnarBlock]:
    """Return a block as columns; None when its lines differ in width, or are not UTF-8.

    Args:
        block: Whole lines, each ended by LF alone, without header lines.
        min_columns: Smallest width, above all numbers in `positions`.
        positions: Columns of the format.
    """
    if not loader.has_extension():
        return _split_block(block, min_columns, positions) if _is_utf8(block) else None
    columns = loader.module.read_columns(block, min_columns, positions)
    return columns if columns is None or columns.is_ascii or _is_utf8(block) else None


def _is_utf8(block: bytes) -> bool:
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return True


def new_cells(cells: Iterable[bytes] = ()) -> CellSet:
    """Return a set of cells, none of them odd."""
    found: CellSet = loader.module.CellSet() if loader.has_extension() else _PythonCellSet()
    for cell in cells:
        found.add(cell)
    return found


def combinations(columns: ColumnarBlock) -> Iterator[Combination]:
    """Return the raw relation, GO id, evidence code and aspect of each line."""
    relation, go_id, evidence, aspect = map(columns.column, columns.positions.combination)
    return zip(relation, go_id, evidence, aspect)


# In Python


class _PythonCellSet(Set[bytes]):
    """A set with a second set of its odd cells."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: Set[bytes] = set()

    def add(self, cell: bytes, is_odd: bool = False) -> None:
        super().add(cell)
        (self.odd.add if is_odd else self.odd.discard)(cell)

    def clear(self) -> None:
        super().clear()
        self.odd.clear()


def _split_block(
    block: bytes, min_columns: int, positions: Positions
) -> Optional[_PythonColumnarBlock]:
    r"""Return a block as columns.

    A line end stays at the end of its cell. All lines have one width when there are as many line
    ends as rows, and each is in the last column. Line ends are counted by the change of length when
    they are removed, or a tab is put behind them: that is faster than `count`.
    """
    width = block.count(b"\t", 0, block.find(b"\n")) + 1
    if width < min_columns:
        return None
    widened = block.replace(b"\n", b"\n\t")
    cells = widened.split(b"\t")
    n_lines, rest = divmod(len(cells), width)
    if rest != 1 or len(widened) - len(block) != n_lines:
        return None
    last = b"".join(cells[width - 1 : n_lines * width : width])
    if len(last) - len(last.translate(None, b"\n")) != n_lines:
        return None
    return _PythonColumnarBlock(positions, cells, n_lines, width)


class _PythonColumnarBlock:
    """All cells of a block in one list; `ColumnarBlock` describes the methods."""

    def __init__(self, positions: Positions, cells: List[bytes], n_lines: int, width: int) -> None:
        self.positions = positions
        self.n_lines = n_lines
        self.width = width
        self._cells = cells  # the last of a line keeps its line end

    def line(self, number: int) -> bytes:
        start = number * self.width
        return b"\t".join(self._cells[start : start + self.width])[:-1]

    def cell(self, number: int, column: int) -> bytes:
        cell = self._cells[number * self.width + column]
        return cell if column < self.width - 1 else cell[:-1]

    def cells(self, column: int, numbers: List[int]) -> List[bytes]:
        return list(map(self.column(column).__getitem__, numbers))

    def column(self, column: int) -> List[bytes]:
        cells = self._cells[column : self.n_lines * self.width : self.width]
        return cells if column < self.width - 1 else [cell[:-1] for cell in cells]

    def find_empty(self, column: int) -> List[int]:
        cells = self.column(column)
        return [] if all(cells) else [number for number, cell in enumerate(cells) if not cell]

    def look_up(self, column: int, known: CellSet) -> Tuple[Set[bytes], Dict[bytes, int]]:
        known = cast(_PythonCellSet, known)
        cells = self.column(column)
        distinct = {cells[0]} if not any(cells) or _are_equal(cells) else set(cells)
        odd = {cell: cells.count(cell) for cell in known.odd.intersection(distinct)}
        return distinct.difference(known), odd

    def find_lines(self, column: int, wanted: CellSet) -> List[int]:
        is_wanted = cast(_PythonCellSet, wanted).__contains__
        return list(compress(range(self.n_lines), map(is_wanted, self.column(column))))

    def run_starts(self) -> List[int]:
        at = self.positions
        database, local_id, taxon = map(self.column, (at.database, at.local_id, at.taxon))
        if _are_equal(database) and _are_equal(taxon):
            changes = map(ne, islice(local_id, 1, None), local_id)
        else:
            products = list(zip(local_id, database, taxon))
            changes = map(ne, islice(products, 1, None), products)
        return [0, *compress(range(1, self.n_lines), changes)]

    def organisms(self, numbers: List[int], taxa: TaxonLookup) -> Tuple[List[bytes], Set[bytes]]:
        cells = self.cells(self.positions.taxon, numbers)
        return list(map(taxa.__getitem__, cells)), taxa.odd.intersection(cells)

    def object_ids(self, numbers: List[int]) -> Optional[List[bytes]]:
        at = self.positions
        both = [self.cells(column, numbers) for column in (at.database, at.local_id)]
        for cells in both:
            text = b"".join(cells)
            if b"" in cells or b" " in text or text.translate(None, _CONTROL) != text:
                return None
        return list(map(b":".join, zip(*both)))

    def first_product(self, numbers: List[int]) -> bytes:
        at = self.positions
        both = (self.cells(column, numbers) for column in (at.database, at.local_id))
        return min(map(b"\t".join, zip(*both)))

    def tokens(self, tokens: TokenLookup) -> Tuple[List[bytes], List[int]]:
        found = list(map(tokens.__getitem__, combinations(self)))
        special = tokens.special
        if special.isdisjoint(found):
            return found, []
        return found, list(compress(range(self.n_lines), map(special.__contains__, found)))

    def rows(self, numbers: List[int], heads: List[bytes], cells: Tuple[RowCell, ...]) -> bytes:
        rows = []
        for number, head in zip(numbers, heads):
            start = number * self.width
            line = b"\t".join(self._cells[start : start + self.width])[:-1]
            of_line = line.split(b"\t")
            texts = [self._find_text(cell, of_line) for cell in cells]
            rows.append(head + b"\t".join([*texts, line.translate(_SPACES)]))
        return b"\n".join(rows)

    def _find_text(self, cell: RowCell, of_line: List[bytes]) -> bytes:
        if not isinstance(cell, bytes):
            cell = of_line[cell].strip(b" ") if cell < self.width else b""
        return cell.translate(_SPACES)


def _are_equal(cells: Sequence[bytes]) -> bool:
    return cells[0] == cells[-1] and cells.count(cells[0]) == len(cells)
