"""A block of lines that all have the same columns: what is asked of it, and two ways to answer.

In Python the block becomes one list of cells: one `replace` and one `split` for thousands of lines
cost a quarter of a split for each line. The compiled twin only notes where cells end, and makes an
object of a cell when it is asked for one; it takes a sixth of the time. Both give the same answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import compress, islice
from operator import ne
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from gafreduce.jobs.native import loader

#: Bytes that may not stand in an object id: they would break the order of the shuffle.
_CONTROL = bytes(range(0x20)) + b"\x7f"

Combination = Tuple[bytes, bytes, bytes, bytes]  # raw cells: relation, GO id, evidence, aspect


class Positions(NamedTuple):
    """Where a format has what a block is asked for (0-based)."""

    database: int
    local_id: int
    taxon: int
    combination: Tuple[int, int, int, int]


class TokensByCombination(Dict[Combination, bytes]):
    """Tokens by combination; a subclass works out those that are missing."""

    def __init__(self) -> None:
        super().__init__()
        self.special: Set[bytes] = set()  # tokens whose lines are told; one is, or isn't, for good
        self.seen = new_cells()  # what the compiled twin remembers of it


class TaxaByCell(Dict[bytes, bytes]):
    """Taxa in twelve digits by raw cell; a subclass works out those that are missing."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: Set[bytes] = set()  # cells that are more, or less, than a `PLAIN_TAXON`


class Columns(ABC):
    """A block as columns. Lines and columns are numbered from zero."""

    def __init__(self, positions: Positions, n_lines: int, width: int) -> None:
        self.positions = positions
        self.n_lines = n_lines
        self.width = width  # columns of a line

    @abstractmethod
    def line(self, number: int) -> bytes:
        """Return a line as it stood in the block, without its line end."""

    @abstractmethod
    def cell(self, number: int, column: int) -> bytes:
        """Return one cell."""

    @abstractmethod
    def cells(self, column: int, numbers: List[int]) -> List[bytes]:
        """Return the cells of a column in some lines."""

    @abstractmethod
    def column(self, column: int) -> List[bytes]:
        """Return the cells of a column in all lines."""

    @abstractmethod
    def empty(self, column: int) -> List[int]:
        """Return the numbers of the lines whose cell is empty; a blank is not."""

    @abstractmethod
    def look_up(self, column: int, known: Any) -> Tuple[Set[bytes], Dict[bytes, int]]:
        """Look up the cells of a column among those of `new_cells`.

        Returns:
            The distinct ones that are not known, and of each odd one how many lines have it.
        """

    @abstractmethod
    def numbers(self, column: int, wanted: Any) -> List[int]:
        """Return the numbers of the lines whose cell is one of `new_cells`."""

    @abstractmethod
    def run_starts(self) -> List[int]:
        """Return the numbers of the lines whose gene product differs from the line before."""

    @abstractmethod
    def owners(self, numbers: List[int], taxa: TaxaByCell) -> Tuple[List[bytes], Set[bytes]]:
        """Return what `taxa` says of some lines, and those of their cells that are odd."""

    @abstractmethod
    def names(self, numbers: List[int]) -> Optional[List[bytes]]:
        """Return `database:id` of some lines.

        None: one of them is not filled, or holds a blank or control byte.
        """

    @abstractmethod
    def least(self, numbers: List[int]) -> bytes:
        """Return the least `database<TAB>id` of some lines in the order of bytes."""

    @abstractmethod
    def tokens(self, tokens: TokensByCombination) -> Tuple[List[bytes], List[int]]:
        """Return the token of each line, and the numbers of the lines whose token is special."""

    def combinations(self) -> Iterator[Combination]:
        """Return relation, GO id, evidence code and aspect of each line as they stand."""
        relation, go_id, evidence, aspect = map(self.column, self.positions.combination)
        return zip(relation, go_id, evidence, aspect)


def read(block: bytes, min_columns: int, positions: Positions) -> Optional[Columns]:
    """Return the block as columns, or None when its lines are not all alike, or not UTF-8.

    Args:
        block: Whole lines, each ended by LF alone, no header among them.
        min_columns: A line has at least so many, and all that `positions` names.
        positions: Of the format.
    """
    module = loader.module
    if module is None:
        return _split(block, min_columns, positions) if _is_utf8(block) else None
    table = module.columns(block, min_columns)
    if table is None or not (table.is_ascii or _is_utf8(block)):
        return None
    return _CompiledColumns(positions, table)


def _is_utf8(block: bytes) -> bool:
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return True


def new_cells(cells: Iterable[bytes] = ()) -> Any:
    """Return cells for `look_up` and `numbers`: they have `add`, `clear` and a length.

    `add` takes a cell, and whether it is odd.
    """
    module = loader.module
    found = _PlainCells() if module is None else module.Cells()
    for cell in cells:
        found.add(cell)
    return found


class _PlainCells(Set[bytes]):
    """In Python: a set, and those of it that are odd."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: Set[bytes] = set()

    def add(self, cell: bytes, is_odd: bool = False) -> None:
        super().add(cell)
        (self.odd.add if is_odd else self.odd.discard)(cell)

    def clear(self) -> None:
        super().clear()
        self.odd.clear()


def _split(block: bytes, min_columns: int, positions: Positions) -> Optional[Columns]:
    r"""Return the block as columns in Python.

    A line end stays at the end of its cell. Lines are all alike when there are as many line ends
    as there are rows, and each stands in the last column. Line ends are counted by what taking
    them away or putting something behind them does to a length: that is faster than counting.
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
    return _PlainColumns(positions, cells, n_lines, width)


class _PlainColumns(Columns):
    """In Python: all cells in one list."""

    def __init__(self, positions: Positions, cells: List[bytes], n_lines: int, width: int) -> None:
        super().__init__(positions, n_lines, width)
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

    def empty(self, column: int) -> List[int]:
        cells = self.column(column)
        return [] if all(cells) else [number for number, cell in enumerate(cells) if not cell]

    def look_up(self, column: int, known: Any) -> Tuple[Set[bytes], Dict[bytes, int]]:
        cells = self.column(column)
        distinct = {cells[0]} if not any(cells) or _are_equal(cells) else set(cells)
        odd = {cell: cells.count(cell) for cell in known.odd.intersection(distinct)}
        return distinct.difference(known), odd

    def numbers(self, column: int, wanted: Any) -> List[int]:
        return list(compress(range(self.n_lines), map(wanted.__contains__, self.column(column))))

    def run_starts(self) -> List[int]:
        at = self.positions
        database, local_id, taxon = map(self.column, (at.database, at.local_id, at.taxon))
        if _are_equal(database) and _are_equal(taxon):
            changes = map(ne, islice(local_id, 1, None), local_id)
        else:
            products = list(zip(local_id, database, taxon))
            changes = map(ne, islice(products, 1, None), products)
        return [0, *compress(range(1, self.n_lines), changes)]

    def owners(self, numbers: List[int], taxa: TaxaByCell) -> Tuple[List[bytes], Set[bytes]]:
        cells = self.cells(self.positions.taxon, numbers)
        return list(map(taxa.__getitem__, cells)), taxa.odd.intersection(cells)

    def names(self, numbers: List[int]) -> Optional[List[bytes]]:
        both = [
            self.cells(at, numbers) for at in (self.positions.database, self.positions.local_id)
        ]
        for cells in both:
            text = b"".join(cells)
            if b"" in cells or b" " in text or text.translate(None, _CONTROL) != text:
                return None
        return list(map(b":".join, zip(*both)))

    def least(self, numbers: List[int]) -> bytes:
        at = self.positions
        both = (self.cells(column, numbers) for column in (at.database, at.local_id))
        return min(map(b"\t".join, zip(*both)))

    def tokens(self, tokens: TokensByCombination) -> Tuple[List[bytes], List[int]]:
        found = list(map(tokens.__getitem__, self.combinations()))
        special = tokens.special
        if special.isdisjoint(found):
            return found, []
        return found, list(compress(range(self.n_lines), map(special.__contains__, found)))


def _are_equal(cells: Sequence[bytes]) -> bool:
    return cells[0] == cells[-1] and cells.count(cells[0]) == len(cells)


class _CompiledColumns(Columns):
    """The compiled twin: where cells end."""

    def __init__(self, positions: Positions, table: Any) -> None:
        super().__init__(positions, table.n_lines, table.width)
        self._table = table

    def line(self, number: int) -> bytes:
        line: bytes = self._table.line(number)
        return line

    def cell(self, number: int, column: int) -> bytes:
        cell: bytes = self._table.cell(number, column)
        return cell

    def cells(self, column: int, numbers: List[int]) -> List[bytes]:
        cells: List[bytes] = self._table.cells(column, numbers)
        return cells

    def column(self, column: int) -> List[bytes]:
        cells: List[bytes] = self._table.column(column)
        return cells

    def empty(self, column: int) -> List[int]:
        numbers: List[int] = self._table.empty(column)
        return numbers

    def look_up(self, column: int, known: Any) -> Tuple[Set[bytes], Dict[bytes, int]]:
        found: Tuple[Set[bytes], Dict[bytes, int]] = self._table.look_up(column, known)
        return found

    def numbers(self, column: int, wanted: Any) -> List[int]:
        numbers: List[int] = self._table.numbers(column, wanted)
        return numbers

    def run_starts(self) -> List[int]:
        starts: List[int] = self._table.run_starts(*self.positions[:3])
        return starts

    def owners(self, numbers: List[int], taxa: TaxaByCell) -> Tuple[List[bytes], Set[bytes]]:
        found: Tuple[List[bytes], Set[bytes]] = self._table.owners(
            self.positions.taxon, numbers, taxa
        )
        return found

    def names(self, numbers: List[int]) -> Optional[List[bytes]]:
        at = self.positions
        names: Optional[List[bytes]] = self._table.names(at.database, at.local_id, numbers)
        return names

    def least(self, numbers: List[int]) -> bytes:
        at = self.positions
        least: bytes = self._table.least(at.database, at.local_id, numbers)
        return least

    def tokens(self, tokens: TokensByCombination) -> Tuple[List[bytes], List[int]]:
        found: Tuple[List[bytes], List[int]] = self._table.tokens(
            tokens, tokens.special, tokens.seen, self.positions.combination
        )
        return found
