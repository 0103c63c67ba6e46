"""Plain rows: rows of delimited text whose annotations have no finding and no term of the term set.

Nearly all rows are plain. They are the same to the reducer but for their gene product, so the token
of a term is looked up by the term and the cells that decide about it, without the steps of a line.
The first row with a term and such cells is read as any other line is, and is learnt from.
"""

from __future__ import annotations

from typing import Dict, Hashable, List, Optional, Sequence, Tuple

from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, Annotation
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.jobs.rules.cell_rules import COMPLEX_DATABASE

#: Entries of a cache: bounds the memory for hostile input.
_MAX_ENTRIES = 100_000


class PlainRows:
    """The plain rows of one file."""

    def __init__(self, reader: LineReader, origin: Origin, is_used: bool = True) -> None:
        """Know no row yet; `is_used` is false with filters, which look at more cells."""
        self._is_used = is_used
        self._reader = reader
        self._find_organism = origin.find_organism
        # by the other cells of a row: the organism, and the token of each term
        self._known: Dict[Hashable, Tuple[bytes, Dict[str, bytes]]] = {}
        self._n_known = 0
        self._object_ids: Dict[str, Optional[bytes]] = {}  # None: the id needs the checks of a line

    def take(self, line: bytes, tokens: List[bytes], products: List[Tuple[bytes, bytes]]) -> bool:
        """Add token and gene product of each annotation of a row.

        Args:
            line: Without its line end.
            tokens: Grows.
            products: Organism and object id of each annotation, in the form that records have;
                grows.

        Returns:
            Whether the row is known to be plain; otherwise nothing was added.
        """
        row = self._reader.split_row(line) if self._is_used else None
        known = self._known.get(row[2]) if row is not None else None
        if row is None or known is None:
            return False
        organism, token_of = known
        try:
            found = [token_of[go_id] for go_id in row[1]]
        except KeyError:
            return False
        try:
            object_id = self._object_ids[row[0]]
        except KeyError:
            object_id = self._read_object_id(row[0])
        if object_id is None or not found:
            return False
        tokens += found
        products += [(organism, object_id)] * len(found)
        return True

    def learn(
        self,
        line: bytes,
        used: Sequence[Tuple[Annotation, Interpretation]],
        findings: Sequence[Finding],
    ) -> None:
        """Learn from a line that was read as any other.

        Args:
            line: Without its line end.
            used: Its annotations that are used.
            findings: Of the line.
        """
        row = self._reader.split_row(line) if self._is_used and not findings else None
        if row is None:
            return
        for annotation, interpreted in used:
            if interpreted.term_class or interpreted.findings or interpreted.checked_code:
                continue
            if self._n_known >= _MAX_ENTRIES:
                self._known.clear()
                self._n_known = 0
            organism = self._find_organism(annotation.taxon_id)
            _, token_of = self._known.setdefault(row[2], (organism, {}))
            token_of[annotation.go_id] = interpreted.token
            self._n_known += 1

    def _read_object_id(self, cell: str) -> Optional[bytes]:
        """Return the object id of a cell; None if a rule may refuse or question it."""
        if len(self._object_ids) >= _MAX_ENTRIES:
            self._object_ids.clear()
        db, local_id = self._reader.read_object_id(cell)
        found: Optional[bytes] = None
        if db and local_id and db != COMPLEX_DATABASE and not CONTROL_CHARACTER.search(cell):
            found = f"{db}:{local_id}".encode()
        self._object_ids[cell] = found
        return found
