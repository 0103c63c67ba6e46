"""Plain rows: rows of delimited text whose annotations have no term of the term set.

Nearly all rows are plain. They are the same to the reducer but for their gene product, so tokens
are looked up without the steps of a line: by all cells that decide about a row, else by each of its
terms and those of these cells that are no terms. The first row with a term and such cells is read
as any other line is, and is learnt from.
"""

from __future__ import annotations

from itertools import compress
from operator import itemgetter
from typing import (
    Callable,
    Dict,
    Hashable,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

from gafreduce.jobs.formats.base import LineReader, RowPattern
from gafreduce.jobs.mapper.known_terms import (
    GO,
    MAX_ENTRIES,
    Annotations,
    Cells,
    CheckLine,
    Interpreted,
    KnownTerms,
    is_plain,
)
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, is_utf8
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.jobs.rules.cell_rules import COMPLEX_DATABASE

#: Bytes of cells that a row is looked up by: bounds the memory.
_MAX_BYTES = 300
#: Lines after which blocks are no longer split by a pattern, if most of them had to be read.
_ENOUGH_LINES = 20_000
#: Lines that are looked up together, at first; more when most are known.
_FIRST_LINES = 64


class SplitBlock(NamedTuple):
    """The rows of a block by line; None where a line has to be read."""

    rows: Sequence[Cells]  # empty where the lines of the block are no rows
    annotations: List[Optional[Annotations]]
    object_ids: List[Optional[bytes]]  # in the form that records have
    findings: Dict[int, List[Finding]]  # of rows that have any, by the number of the line

    def take_lines(self) -> Tuple[Sequence[bytes], Sequence[bytes], Sequence[Tuple[bytes, ...]]]:
        """Return organism, object id and tokens of each line with annotations."""
        object_ids = list(filter(None, compress(self.object_ids, self.annotations)))
        both = list(zip(*filter(None, self.annotations)))
        return (both[0], object_ids, both[1]) if both else ((), (), ())


class PlainRows:
    """The plain rows of one file."""

    def __init__(
        self,
        reader: LineReader,
        origin: Origin,
        check_line: CheckLine,
        is_used: bool = True,
    ) -> None:
        """Know no row yet.

        Args:
            reader: Of the file.
            origin: Of its lines.
            check_line: Returns the findings of some annotations of a line.
            is_used: False with filters, which look at more cells.
        """
        self._is_used = is_used
        self._reader = reader
        self._find_organism = origin.find_organism
        self._patterns: Dict[bool, Optional[RowPattern]] = {}  # by: cells may be quoted
        self._pattern: Optional[RowPattern] = None  # of the last block
        self._get_key: Callable[[Cells], Hashable] = itemgetter(0)  # all deciding cells of a row
        self._chunk = _FIRST_LINES
        self._n_lines = self._n_read = 0
        self._rows: Dict[Hashable, Annotations] = {}  # by their key
        self._terms = KnownTerms(reader, origin.find_organism, check_line)
        self._object_ids = _ObjectIds(reader)

    def split(self, block: bytes, lines: Sequence[bytes]) -> SplitBlock:
        """Return the rows of a block, with the annotations of those that are known.

        Args:
            block: Whole lines, each ended by LF.
            lines: The lines of the block, without LF.
        """
        pattern = self._pattern = self._find_pattern(b'"' in block) if self._is_used else None
        if pattern is None:
            return SplitBlock((), [None] * len(lines), [None] * len(lines), {})
        self._object_ids.make_room()
        rows = pattern.rows.findall(block, 0, len(block) - 1)
        columns = list(zip(*rows))
        ids: Sequence[bytes] = columns[pattern.object_id[0]]
        for place in pattern.object_id[1:]:
            ids = list(map(bytes.__add__, ids, columns[place]))
        object_ids = list(map(self._object_ids.__getitem__, ids))
        if not is_utf8(block):
            for number, line in enumerate(lines):
                if not is_utf8(line):  # it is decoded as a whole
                    object_ids[number] = None
        self._get_key = itemgetter(*pattern.deciding)
        keys: Iterable[Hashable] = columns[pattern.deciding[0]]
        if len(pattern.deciding) > 1:
            keys = zip(*[columns[place] for place in pattern.deciding])
        return SplitBlock(rows, list(map(self._rows.get, keys)), object_ids, {})

    def find_lines(self, split: SplitBlock) -> Iterator[int]:
        """Yield the numbers of the lines that have to be read, or have findings, in order.

        Lines that are learnt of before they are reached are left out.

        Args:
            split: The last block; annotations and findings of lines are added.
        """
        both = zip(split.annotations, split.object_ids)
        numbers = [number for number, line in enumerate(both) if None in line]
        n_all, start = 0, 0
        while start < len(numbers):
            chunk = numbers[start : start + self._chunk]
            start += len(chunk)
            n_read = 0
            for number in self._find_terms(split, chunk):
                if number in split.findings:
                    yield number
                elif not self._find_row(split, number):
                    n_read += 1
                    yield number
            self._chunk = 2 * self._chunk if n_read * 8 < len(chunk) else _FIRST_LINES
            n_all += n_read
        if self._n_lines < _ENOUGH_LINES:
            self._n_lines += len(split.annotations)
            self._n_read += n_all

    def _find_terms(self, split: SplitBlock, numbers: Sequence[int]) -> List[int]:
        """Add the annotations of rows whose terms are known; return the numbers of other lines.

        Those with findings are among the others.
        """
        annotations, object_ids = split.annotations, split.object_ids
        unknown = [
            number
            for number in numbers
            if annotations[number] is None and object_ids[number] is not None
        ]
        if self._pattern is None or not unknown:
            return list(numbers)
        found = self._terms.find(self._pattern, list(map(split.rows.__getitem__, unknown)))
        for number, known in zip(unknown, found.annotations):
            annotations[number] = known
        for place, findings in found.findings.items():
            split.findings[unknown[place]] = findings
        return [
            number
            for number in numbers
            if annotations[number] is None or object_ids[number] is None or number in split.findings
        ]

    def _find_row(self, split: SplitBlock, number: int) -> bool:
        """Add the annotations of a row, by the number of its line; return if they are known."""
        if self._pattern is None or split.object_ids[number] is None:
            return False
        known = split.annotations[number] = self._rows.get(self._get_key(split.rows[number]))
        return known is not None

    def learn(
        self, line: bytes, cells: Cells, used: Interpreted, findings: Sequence[Finding]
    ) -> None:
        """Learn from a line of the last block that was read as any other.

        Args:
            line: Without its line end.
            cells: As `split` returned them.
            used: Its annotations that are used; none if the line has no term.
            findings: Of the line.
        """
        pattern = self._pattern
        if pattern is None or not any(cells) or not is_utf8(line):
            return
        self._terms.learn(line, pattern, cells, used, findings)
        n_bytes = sum(len(cells[place]) for place in pattern.deciding)
        if findings or n_bytes > _MAX_BYTES or not all(is_plain(each) for _, each in used):
            return
        if len(used) > 1 and pattern.pieces:  # it is looked up term by term
            return
        if not used and GO in line:  # then even a cell like the heading makes no header row
            return
        if len(self._rows) >= MAX_ENTRIES:
            self._rows.clear()
        tokens = tuple([interpreted.token for _, interpreted in used])
        key = self._get_key(cells)
        self._rows[key] = (self._find_organism(used[0][0].taxon_id), tokens) if used else ()

    def _find_pattern(self, has_quotes: bool) -> Optional[RowPattern]:
        """Return the pattern that splits a block; None if most lines had to be read."""
        if has_quotes not in self._patterns:
            self._patterns[has_quotes] = self._reader.make_row_pattern(has_quotes)
        if self._n_lines >= _ENOUGH_LINES and self._n_read * 2 > self._n_lines:
            return None
        return self._patterns[has_quotes]


class _ObjectIds(Dict[bytes, Optional[bytes]]):
    """Object ids by the cells of rows; None where a rule may refuse or question the id."""

    def __init__(self, reader: LineReader) -> None:
        """Know no cell yet; `reader` is that of the file."""
        super().__init__()
        self._reader = reader

    def make_room(self) -> None:
        """Clear the cache if it is full."""
        if len(self) >= MAX_ENTRIES:
            self.clear()

    def __missing__(self, cell: bytes) -> Optional[bytes]:
        found: Optional[bytes] = None
        try:
            text = cell.decode("utf-8")
        except UnicodeDecodeError:  # of a line that is decoded as a whole
            return found
        db, local_id = self._reader.read_object_id(text)
        if db and local_id and db != COMPLEX_DATABASE and not CONTROL_CHARACTER.search(text):
            found = f"{db}:{local_id}".encode()
        if len(self) < 2 * MAX_ENTRIES:
            self[cell] = found
        return found
