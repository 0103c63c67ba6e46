"""Plain rows: rows of delimited text whose annotations have no finding and no term of the term set.

Nearly all rows are plain. They are the same to the reducer but for their gene product, so the token
of a term is looked up by the term and the cells that decide about it, without the steps of a line.
The first row with a term and such cells is read as any other line is, and is learnt from.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Dict, Hashable, List, NamedTuple, Optional, Pattern, Sequence, Tuple

from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, Annotation, is_utf8
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.jobs.rules.cell_rules import COMPLEX_DATABASE

#: Entries of a cache: bounds the memory for hostile input.
_MAX_ENTRIES = 100_000
#: Rows after which blocks are no longer split by a pattern, if less than half of them were known.
_ENOUGH_ROWS = 20_000

#: The organism of a row, and the token of each of its annotations.
_Annotations = Tuple[bytes, Tuple[bytes, ...]]


class SplitBlock(NamedTuple):
    """The rows of a block by line; None where a line has to be read."""

    cells: Sequence[Optional[Sequence[object]]]  # those that decide; all empty where none is a row
    annotations: Sequence[Optional[_Annotations]]
    object_ids: Sequence[Optional[bytes]]  # in the form that records have


class PlainRows:
    """The plain rows of one file."""

    def __init__(self, reader: LineReader, origin: Origin, is_used: bool = True) -> None:
        """Know no row yet; `is_used` is false with filters, which look at more cells."""
        self._is_used = is_used
        self._reader = reader
        self._find_organism = origin.find_organism
        self._patterns: Dict[bool, Optional[Pattern[bytes]]] = {}  # by: cells may be quoted
        self._n_split = self._n_known = 0  # rows
        self._rows: Dict[Hashable, _Annotations] = {}  # by the deciding cells
        # by the deciding cells but for terms: the organism, and the token of each term
        self._contexts: Dict[Hashable, Tuple[bytes, Dict[str, bytes]]] = {}
        self._n_terms = 0
        self._object_ids = _ObjectIds(reader)

    def split(self, block: bytes, n_lines: int) -> SplitBlock:
        """Return the rows of a block, with the annotations of those that are known.

        Args:
            block: Whole lines, each ended by LF.
            n_lines: In the block.
        """
        pattern = self._find_pattern(b'"' in block) if self._is_used else None
        if pattern is None or not is_utf8(block):  # such lines are decoded as a whole
            nothing = [None] * n_lines
            return SplitBlock(nothing, nothing, nothing)
        if len(self._object_ids) >= _MAX_ENTRIES:
            self._object_ids.clear()
        found = pattern.findall(block, 0, len(block) - 1)
        of_id = [number - 1 for number in pattern.groupindex.values()]  # its forms, one empty
        ids = [
            b"".join(forms) for forms in zip(*(map(itemgetter(place), found) for place in of_id))
        ]
        others = [number for number in range(pattern.groups) if number not in of_id]
        cells = list(map(itemgetter(*others), found))
        annotations = list(map(self._rows.get, cells))
        if self._rows and self._n_split < _ENOUGH_ROWS:  # not the first block: nothing was known
            self._n_split += n_lines
            self._n_known += n_lines - annotations.count(None)
        return SplitBlock(cells, annotations, list(map(self._object_ids.__getitem__, ids)))

    def take(self, line: bytes, tokens: List[bytes], products: List[Tuple[bytes, bytes]]) -> bool:
        """Add token and gene product of each annotation of a row whose terms are known.

        Args:
            line: Without its line end.
            tokens: Grows.
            products: Organism and object id of each annotation, in the form that records have;
                grows.

        Returns:
            Whether the row is known to be plain; otherwise nothing was added.
        """
        row = self._reader.split_row(line) if self._is_used else None
        known = self._contexts.get(row[2]) if row is not None else None
        if row is None or known is None:
            return False
        organism, token_of = known
        try:
            found = [token_of[go_id] for go_id in row[1]]
        except KeyError:
            return False
        object_id = self._object_ids[row[0].encode("utf-8")]
        if object_id is None or not found:
            return False
        tokens += found
        products += [(organism, object_id)] * len(found)
        return True

    def learn(
        self,
        line: bytes,
        cells: Optional[Sequence[object]],
        used: Sequence[Tuple[Annotation, Interpretation]],
        findings: Sequence[Finding],
    ) -> None:
        """Learn from a line that was read as any other.

        Args:
            line: Without its line end.
            cells: As `split` returned them.
            used: Its annotations that are used.
            findings: Of the line.
        """
        row = self._reader.split_row(line) if self._is_used and not findings else None
        plain = [
            (annotation, interpreted)
            for annotation, interpreted in used
            if not (interpreted.term_class or interpreted.findings or interpreted.checked_code)
        ]
        if row is None or not plain:
            return
        if self._n_terms >= _MAX_ENTRIES:
            self._rows.clear()
            self._contexts.clear()
            self._n_terms = 0
        self._n_terms += len(plain)
        organism = self._find_organism(plain[0][0].taxon_id)
        _, token_of = self._contexts.setdefault(row[2], (organism, {}))
        for annotation, interpreted in plain:
            token_of[annotation.go_id] = interpreted.token
        if cells and any(cells) and len(plain) == len(used):
            self._rows[cells] = organism, tuple([each.token for _, each in plain])

    def _find_pattern(self, has_quotes: bool) -> Optional[Pattern[bytes]]:
        """Return the pattern that splits a block; None if most rows were not known before."""
        if has_quotes not in self._patterns:
            self._patterns[has_quotes] = self._reader.make_row_pattern(has_quotes)
        if self._n_split >= _ENOUGH_ROWS and self._n_known * 2 < self._n_split:
            return None
        return self._patterns[has_quotes]


class _ObjectIds(Dict[bytes, Optional[bytes]]):
    """Object ids by the cells of rows; None where a rule may refuse or question the id."""

    def __init__(self, reader: LineReader) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, cell: bytes) -> Optional[bytes]:
        text = cell.decode("utf-8")
        db, local_id = self._reader.read_object_id(text)
        found: Optional[bytes] = None
        if db and local_id and db != COMPLEX_DATABASE and not CONTROL_CHARACTER.search(text):
            found = f"{db}:{local_id}".encode()
        if len(self) < 2 * _MAX_ENTRIES:
            self[cell] = found
        return found
