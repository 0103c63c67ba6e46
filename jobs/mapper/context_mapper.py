"""Map blocks of annotation lines to the lines that a request wants, and to sets of terms.

Nearly all lines are unwanted, so it reads a block column by column, checks each distinct cell once,
and parses only lines that match. It uses the blocks and interpretations of `ProfileMapper`; it is a
mapper of its own because it looks up other columns, and makes other records without counts.
"""

from __future__ import annotations

from itertools import compress
from typing import Callable, Dict, Iterable, Iterator, List, Set, TypeVar

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import columnar_block
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.jobs.mapper.id_map import NO_MAP, IdMap
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.line_blocks import read_blocks
from gafreduce.jobs.mapper.mapper import Interpreted, ProfileMapper
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.mapper.token_cache import Combination, TaxonCache
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.filters import Filters
from gafreduce.ontology.termfile import TermFile

#: Distinct cells that are kept: bounds the memory for hostile input.
_MAX_CELLS = 100_000
_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")

_Cell = TypeVar("_Cell")
_Value = TypeVar("_Value")


class ContextMapper:
    """Maps the blocks of one file after another."""

    def __init__(
        self,
        terms: TermFile,
        request: ContextRequest,
        filters: Filters,
        id_map: IdMap = NO_MAP,
    ) -> None:
        self._mapper = ProfileMapper(terms, False, filters, id_map)
        self._id_map = id_map
        self._by_line = filters.has_line_filters
        self._request = request
        self._current = frozenset(
            go_id for number, go_id in enumerate(terms.go_ids) if number not in terms.obsolete
        )
        wanted = [object_id.encode("utf-8") for object_id in request.object_ids]
        self._local_ids = frozenset(
            [*_list_local_ids(request.object_ids), *id_map.list_local_ids(wanted)]
        )
        self._has_symbol = _Cache(request.names_symbol)
        self._has_family = _Cache(request.names_family)
        self._organisms = frozenset(map(records.encode_organism, request.term_set_organisms))
        self._taxa = TaxonCache()
        self._terms_of: Dict[str, _Cache[columnar_block.Combination, bytes]] = {}  # by format

    def map_blocks(
        self, source: InputFile, blocks: Iterable[bytes], counts: FileCounts
    ) -> Iterator[List[bytes]]:
        """Return the records of a file, a list for each block; its lines are counted."""
        reader, origin = self._mapper.make_reader(source), Origin(source)
        for block, columns in read_blocks(reader, blocks, counts, self._by_line):
            starts = columns.run_starts() if columns is not None else []
            object_ids = columns.object_ids(starts) if columns is not None else None
            if columns is None or object_ids is None:
                yield self._map_lines(reader, block, origin)
                continue
            object_ids = self._id_map.replace_ids(object_ids)
            found = [
                record
                for number in self._find_matches(reader, columns)
                for record in self._map_annotations(reader, columns.line(number), origin)
            ]
            if self._organisms:
                found += self._map_term_sets(reader, columns, starts, object_ids, origin)
            yield found

    def _find_matches(self, reader: LineReader, columns: ColumnarBlock) -> List[int]:
        """Return the numbers of the lines that may be wanted, in order."""
        symbols, with_from, synonyms = map(columns.column, reader.naming_columns)
        numbers = range(columns.n_lines)
        local_ids = columns.column(columns.positions.local_id)
        found: Set[int] = set(compress(numbers, map(self._local_ids.__contains__, local_ids)))
        for cells, is_wanted in (
            (symbols, self._has_symbol),
            (synonyms, self._has_symbol),
            (with_from, self._has_family),
        ):
            found.update(compress(numbers, map(is_wanted.__getitem__, cells)))
        return sorted(found)

    def _map_term_sets(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        object_ids: List[bytes],
        origin: Origin,
    ) -> Iterator[bytes]:
        """Return the terms of each run whose organism is wanted."""
        self._taxa.make_room()
        organisms = origin.replace_taxa(columns.organisms(starts, self._taxa)[0])
        if self._organisms.isdisjoint(organisms):
            return
        terms_of = self._terms_of.get(origin.format)
        if terms_of is None:
            terms_of = self._terms_of[origin.format] = _Cache(
                lambda cells: self._find_term(reader.read_combination(cells))
            )
        terms = list(map(terms_of.__getitem__, columnar_block.combinations(columns)))
        ends = [*starts[1:], len(terms)]
        for organism, object_id, start, end in zip(organisms, object_ids, starts, ends):
            go_ids = set(terms[start:end]) - {b""} if organism in self._organisms else set()
            if go_ids:
                yield records.encode_term_set(organism, object_id, go_ids)

    def _map_lines(self, reader: LineReader, block: bytes, origin: Origin) -> List[bytes]:
        """Return the records of a block, read line by line."""
        found: List[bytes] = []
        for line in block.split(b"\n")[:-1]:
            line = line.rstrip(b"\r")
            if not line.strip() or reader.is_header(line):
                continue
            annotations = self._interpret_line(reader, line)
            found += self._encode_wanted(annotations, origin)
            for annotation, interpreted in annotations:
                organism = origin.find_organism(annotation.taxon_id)
                if organism in self._organisms and self._is_counted(interpreted):
                    object_id = annotation.object_id.encode("utf-8")
                    go_ids = {interpreted.go_id.encode()}
                    found.append(records.encode_term_set(organism, object_id, go_ids))
        return found

    def _map_annotations(self, reader: LineReader, line: bytes, origin: Origin) -> Iterator[bytes]:
        """Return the rows of `context` of a line."""
        return self._encode_wanted(self._interpret_line(reader, line), origin)

    def _encode_wanted(self, annotations: Interpreted, origin: Origin) -> Iterator[bytes]:
        for annotation, interpreted in annotations:
            if self._is_wanted(annotation):
                organism = origin.find_organism(annotation.taxon_id)
                yield _encode_context(organism, annotation, interpreted)

    def _interpret_line(self, reader: LineReader, line: bytes) -> Interpreted:
        annotations = self._mapper.interpret_line(reader, line)
        return annotations if isinstance(annotations, list) else []

    def _is_wanted(self, annotation: Annotation) -> bool:
        return (
            annotation.object_id in self._request.object_ids
            or self._request.names_family(annotation.with_from)
            or self._request.names_symbol(annotation.symbol)
            or self._request.names_symbol(annotation.synonyms)
        )

    def _find_term(self, combination: Combination) -> bytes:
        """Return the term that a combination supports; empty if it is not counted."""
        interpreted = self._mapper.interpret(combination)
        if not isinstance(interpreted, Interpretation) or not self._is_counted(interpreted):
            return b""
        return interpreted.go_id.encode()

    def _is_counted(self, interpreted: Interpretation) -> bool:
        return interpreted.is_supporting and interpreted.go_id in self._current


class _Cache(Dict[_Cell, _Value]):
    """The values of a function, computed once for each argument."""

    def __init__(self, compute: Callable[[_Cell], _Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, cell: _Cell) -> _Value:
        if len(self) >= _MAX_CELLS:
            self.clear()
        value = self[cell] = self._compute(cell)
        return value


def _list_local_ids(object_ids: Iterable[str]) -> Iterator[bytes]:
    """Return the possible cells of the id column: the text behind any colon of an object id.

    >>> sorted(_list_local_ids(["MGI:MGI:1"]))
    [b'1', b'MGI:1']
    """
    for object_id in object_ids:
        parts = object_id.encode("utf-8").split(b":")
        for first in range(1, len(parts)):
            yield b":".join(parts[first:])


def _encode_context(organism: bytes, annotation: Annotation, interpreted: Interpretation) -> bytes:
    """Return a row of `context`, without the number of its occurrences."""
    cells = (
        annotation.object_id,
        interpreted.go_id,
        annotation.relation,
        "true" if annotation.negated else "false",
        annotation.evidence_code,
        interpreted.evidence_group,
        annotation.reference,
        annotation.with_from,
        annotation.assigned_by,
        annotation.symbol,
        annotation.name,
        annotation.synonyms,
        annotation.object_type,
        "true" if interpreted.has_supporting_relation else "false",
    )
    printable = [cell.translate(_SPACES) for cell in cells]
    return records.encode_context(organism, printable)
