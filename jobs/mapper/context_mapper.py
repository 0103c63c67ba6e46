"""From blocks of annotation lines to those that a request wants, and to each product's terms.

Nearly all lines are unwanted, so a regular block is searched column by column, each distinct cell
looked at once; only lines that match are parsed.
"""

from __future__ import annotations

import re
from itertools import compress
from typing import Any, Callable, Dict, Iterable, Iterator, List, Set, Tuple

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gaf, registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, combinations
from gafreduce.jobs.mapper.blocks import columns_of, without_head
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.jobs.mapper.interpretation import Reading
from gafreduce.jobs.mapper.mapper import Digest
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.filters import Filters
from gafreduce.ontology.termfile import TermFile

#: Distinct cells held at once: bounds the memory that hostile input can take.
_MAX_CELLS = 100_000
_ENTRY_END = re.compile(r"[|,]")
_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")

_Understood = List[Tuple[Annotation, Reading]]


class ContextReader:
    """Turns the blocks of one file after another into the records of the second job."""

    def __init__(self, terms: TermFile, request: ContextRequest, filters: Filters) -> None:
        self._digest = Digest(terms, target_only=False, filters=filters)
        self._has_line_filters = filters.has_line_filters
        self._request = request
        self._current = frozenset(
            go_id for number, go_id in enumerate(terms.go_ids) if number not in terms.obsolete
        )
        self._local_ids = frozenset(_endings(request.object_ids))
        self._has_symbol = _Cells(self._names_symbol)
        self._has_family = _Cells(self._names_family)
        self._taxa = frozenset(request.term_set_taxa)
        self._taxon_of = _Cells(self._term_set_taxon)
        self._terms_of: Dict[str, _Cells] = {}

    def records(self, source: InputFile, blocks: Iterable[bytes]) -> Iterator[List[bytes]]:
        """Return the records of a file, a list for each block."""
        reader = registry.make_reader(source)
        ignored = FileCounts(0)
        for block in blocks:
            block = without_head(block, reader, ignored)
            if not block:
                continue
            columns = None if self._has_line_filters else columns_of(block, reader)
            starts = columns.run_starts() if columns is not None else []
            names = columns.object_ids(starts) if columns is not None else None
            if columns is not None and names is not None:
                yield self._by_columns(reader, columns, starts, names, source)
            else:
                yield self._by_lines(reader, block)

    def _by_columns(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        names: List[bytes],
        source: InputFile,
    ) -> List[bytes]:
        found: List[bytes] = []
        for number in self._matching(reader, columns):
            for annotation, reading in self._understand(reader, columns.line(number)):
                if self._is_wanted(annotation):
                    found.append(_context_record(annotation, reading))
        if self._taxa:
            found += self._term_sets(reader, columns, starts, names, source)
        return found

    def _matching(self, reader: LineReader, columns: ColumnarBlock) -> List[int]:
        """Return the numbers of the lines that may be wanted, in order."""
        symbols, with_from, synonyms = map(columns.column, reader.naming_columns)
        numbers = range(columns.n_lines)
        local_ids = columns.column(columns.positions.local_id)
        is_wanted = map(self._local_ids.__contains__, local_ids)
        found: Set[int] = set(compress(numbers, is_wanted))
        for cells, known in (
            (symbols, self._has_symbol),
            (synonyms, self._has_symbol),
            (with_from, self._has_family),
        ):
            found.update(compress(numbers, map(known.__getitem__, cells)))
        return sorted(found)

    def _term_sets(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        names: List[bytes],
        source: InputFile,
    ) -> Iterator[bytes]:
        """Return the terms of each run of lines of a gene product whose organism is asked for."""
        owners = [self._taxon_of[cell] for cell in columns.cells(columns.positions.taxon, starts)]
        if not any(owners):
            return
        terms_of = self._terms_of.get(source.format)
        if terms_of is None:
            terms_of = self._terms_of[source.format] = _Cells(
                lambda cells: self._term(reader.read_combination(cells))
            )
        terms = list(map(terms_of.__getitem__, combinations(columns)))
        ends = [*starts[1:], len(terms)]
        for owner, name, start, end in zip(owners, names, starts, ends):
            said = set(terms[start:end]) - {b""} if owner else ()
            if said:
                yield records.encode_term_set(owner, name, said)

    def _by_lines(self, reader: LineReader, block: bytes) -> List[bytes]:
        found: List[bytes] = []
        for line in block.split(b"\n")[:-1]:
            line = line.rstrip(b"\r")
            if not line.strip() or reader.is_header(line):
                continue
            for annotation, reading in self._understand(reader, line):
                if self._is_wanted(annotation):
                    found.append(_context_record(annotation, reading))
                if annotation.taxon_id in self._taxa and self._counts(reading):
                    object_id = annotation.object_id.encode("utf-8")
                    owner = records.encode_organism(annotation.taxon_id)
                    found.append(
                        records.encode_term_set(owner, object_id, {reading.go_id.encode()})
                    )
        return found

    def _understand(self, reader: LineReader, line: bytes) -> _Understood:
        understood = self._digest.understand(reader, line)
        return understood if isinstance(understood, list) else []

    def _is_wanted(self, annotation: Annotation) -> bool:
        return (
            annotation.object_id in self._request.object_ids
            or self._names_family(annotation.with_from)
            or self._names_symbol(annotation.symbol)
            or self._names_symbol(annotation.synonyms)
        )

    def _names_family(self, with_from: Any) -> bool:
        entries = _ENTRY_END.split(_text(with_from))
        return any(entry.strip() in self._request.families for entry in entries)

    def _names_symbol(self, names: Any) -> bool:
        """Tell whether a cell, cut at `|`, has a wanted symbol: a symbol with `|` has none."""
        return any(
            name.strip().lower() in self._request.symbols for name in _text(names).split("|")
        )

    def _term_set_taxon(self, cell: bytes) -> bytes:
        taxon = gaf.read_taxon(cell.decode("utf-8").strip(" "))
        if taxon is None or taxon[0] not in self._taxa:
            return b""
        return records.encode_organism(taxon[0])

    def _term(self, combination: Tuple[str, bool, str, str, str]) -> bytes:
        """Return the term that a combination supports; nothing for one that doesn't count."""
        reading = self._digest.reading(combination)
        if not isinstance(reading, Reading) or not self._counts(reading):
            return b""
        return reading.go_id.encode()

    def _counts(self, reading: Reading) -> bool:
        return reading.supporting and reading.go_id in self._current


class _Cells(Dict[Any, Any]):
    """What a function says of each distinct cell, asked when it is first met."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, cell: Any) -> Any:
        if len(self) >= _MAX_CELLS:
            self.clear()
        value = self[cell] = self._ask(cell)
        return value


def _endings(object_ids: Iterable[str]) -> Iterator[bytes]:
    """Return what may stand in the id column of these: what follows any colon.

    >>> sorted(_endings(["MGI:MGI:1"]))
    [b'1', b'MGI:1']
    """
    for object_id in object_ids:
        parts = object_id.encode("utf-8").split(b":")
        for first in range(1, len(parts)):
            yield b":".join(parts[first:])


def _text(cell: Any) -> str:
    return cell.decode("utf-8") if isinstance(cell, bytes) else str(cell)


def _context_record(annotation: Annotation, reading: Reading) -> bytes:
    """Return a row of `context`, without how often it occurs."""
    cells = (
        annotation.object_id,
        reading.go_id,
        annotation.relation,
        "true" if annotation.negated else "false",
        annotation.evidence_code,
        reading.evidence_group,
        annotation.reference,
        annotation.with_from,
        annotation.assigned_by,
        annotation.symbol,
        annotation.name,
        annotation.synonyms,
        annotation.object_type,
        "true" if reading.takes_part else "false",
    )
    printable = [cell.translate(_SPACES) for cell in cells]
    return records.encode_context(annotation.taxon_id, printable)
