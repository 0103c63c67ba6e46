"""From blocks of annotation lines to the records of the first shuffle, in one pass.

A gene product's lines mostly stand together, so one record leaves for each *run* of lines of one
gene product, not one for each line; the reducer puts the pieces of a gene product together. A block
whose lines are all alike is read as columns; any other block, line by line. Both end in the same
runs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import chain
from typing import (
    ClassVar,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Set,
    Tuple,
    Union,
)

from gafreduce.jobs import records
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock
from gafreduce.jobs.mapper.annotation_row import make_row
from gafreduce.jobs.mapper.blocks import columns_of, without_head
from gafreduce.jobs.mapper.interpretation import Reader, Reading, rejection
from gafreduce.jobs.mapper.product_runs import Runs, joined, runs_of
from gafreduce.jobs.mapper.rule_checker import Inspector, Marked
from gafreduce.jobs.mapper.token_cache import (
    FILTERED,
    MAX_READINGS,
    REFUSED,
    Combination,
    TaxonCache,
    TokenCache,
)
from gafreduce.jobs.model.annotation import Annotation, Filtered, Rejection
from gafreduce.jobs.model.filters import NO_FILTERS, Filters
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import TermFile

#: What may not stand in an object id: it would break the order of the shuffle.
_CONTROL_IN_TEXT = re.compile("[\x00-\x1f\x7f]")


_Understood = List[Tuple[Annotation, Reading]]


class Digest:
    """Turns the blocks of one file after another into records."""

    _last: ClassVar[Optional[Tuple[TermFile, bool, Filters, Digest]]] = None

    def __init__(
        self,
        terms: TermFile,
        target_only: bool,
        filters: Filters = NO_FILTERS,
    ) -> None:
        """Take what decides how lines are read.

        Args:
            terms: The term file of the run.
            target_only: Whether terms outside the closure all look alike (--scope target).
            filters: Which lines are taken.
        """
        self._reader = Reader(terms, target_only, filters)
        self._inspector = Inspector(terms)
        self._filters = filters
        self._target_only = target_only
        self._readings: Dict[Combination, Union[Reading, Rejection, Filtered]] = {}
        self._tokens: Dict[str, TokenCache] = {}
        self._taxa = TaxonCache()

    @classmethod
    def kept(cls, terms: TermFile, target_only: bool, filters: Filters) -> Digest:
        """Return the same as the constructor, or what a task before in this process has left.

        It has worked out thousands of combinations, which are much the same in the next files.
        """
        if (
            cls._last is None
            or cls._last[0] is not terms
            or cls._last[1:3] != (target_only, filters)
        ):
            cls._last = (terms, target_only, filters, cls(terms, target_only, filters))
        return cls._last[3]

    def records(
        self, source: InputFile, blocks: Iterable[bytes], counts: FileCounts
    ) -> Iterator[List[bytes]]:
        """Return the records of a file, a list for each block; `counts` grows as they are read."""
        reader = registry.make_reader(source)
        for block in blocks:
            block = without_head(block, reader, counts)
            if not block:
                continue
            columns = None if self._filters.has_line_filters else columns_of(block, reader)
            found = None
            if columns is not None:
                counts.n_lines += columns.n_lines
                found = self._by_columns(reader, columns, source, counts)
            else:
                counts.n_lines += block.count(b"\n")
            yield self._by_lines(reader, block, source, counts) if found is None else found

    def reading(self, combination: Combination) -> Union[Reading, Rejection, Filtered]:
        """Return what a combination says, or why such lines are refused or left out."""
        reading = self._readings.get(combination)
        if reading is None:
            if len(self._readings) >= MAX_READINGS:
                self._readings.clear()
            reading = self._readings[combination] = self._reader.read(*combination)
        return reading

    # A block as columns

    def _by_columns(
        self, reader: LineReader, columns: ColumnarBlock, source: InputFile, counts: FileCounts
    ) -> Optional[List[bytes]]:
        """Return the records of a block; None, and nothing counted, when a line is refused."""
        tokens_of = self._tokens.get(source.format)
        if tokens_of is None:
            tokens_of = self._tokens[source.format] = TokenCache(self.reading, reader)
        tokens_of.make_room()
        tokens, special = columns.tokens(tokens_of)
        numbers_of = _by_token(tokens, special)
        if REFUSED in numbers_of:
            return None
        found = self._runs(columns)
        if found is None:
            return None
        filtered = {
            token: len(numbers)
            for token, numbers in numbers_of.items()
            if token.startswith(FILTERED)
        }
        if filtered:  # only now: a line that must be refused is refused whatever the filters say
            left = [n for n, token in enumerate(tokens) if token not in filtered]
            taken = reader.columns(b"".join(columns.line(n) + b"\n" for n in left))
            found = None if taken is None else self._runs(taken)
            if taken is None or found is None:  # nothing is left
                _leave_out(filtered, counts)
                return []
            columns = taken
            tokens = [tokens[n] for n in left]
            special = [n for n, token in enumerate(tokens) if token in tokens_of.special]
            numbers_of = _by_token(tokens, special)
        runs, odd_taxa = found
        marked = tokens_of.unmark(tokens, numbers_of)
        rows = self._rows(reader, columns, marked, source)
        if rows is None:
            return None
        counts.n_kept += len(tokens)
        _leave_out(filtered, counts)
        self._inspect(reader, columns, runs.starts, odd_taxa, marked, counts)
        return rows + self._write(joined(runs), tokens, records.encode_file(counts.number))

    def _runs(self, columns: ColumnarBlock) -> Optional[Tuple[Runs, Set[bytes]]]:
        """Return the runs of a block, and its odd taxa; None: some name is to be looked at."""
        self._taxa.make_room()
        starts = columns.run_starts()
        owners, odd_taxa = columns.organisms(starts, self._taxa)
        names = None if b"" in owners else columns.object_ids(starts)
        return None if names is None else (Runs(owners, names, starts), odd_taxa)

    def _rows(
        self, reader: LineReader, columns: ColumnarBlock, marked: Marked, source: InputFile
    ) -> Optional[List[bytes]]:
        """Return the rows of the lines that are in the closure; None: one is refused."""
        rows: List[bytes] = []
        in_closure = (numbers for reading, numbers in marked if reading.term_class)
        for number in chain.from_iterable(in_closure):
            line = columns.line(number)
            understood = self.understand(reader, line)
            if not isinstance(understood, list):
                return None
            rows += [_row(*said, source.source_file, line) for said in understood]
        return rows

    def _inspect(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        odd_taxa: Set[bytes],
        marked: Marked,
        counts: FileCounts,
    ) -> None:
        """Count what rules have to say of the lines of a block."""
        inspector = self._inspector
        for number in inspector.of_columns(reader, columns, starts, odd_taxa, marked, counts):
            line = columns.line(number)
            understood = self.understand(reader, line)
            for said in understood if isinstance(understood, list) else ():
                for finding in inspector.of_product(*said):
                    counts.find(finding, line)

    # A block line by line

    def _by_lines(
        self, reader: LineReader, block: bytes, source: InputFile, counts: FileCounts
    ) -> List[bytes]:
        tokens: List[bytes] = []
        keys: List[Tuple[bytes, bytes]] = []
        rows: List[bytes] = []
        ends: List[int] = []  # where the annotations of each line end
        for line in block.split(b"\n")[:-1]:
            line = line.rstrip(b"\r")
            if not line.strip():
                counts.n_blank += 1
                continue
            if reader.is_header(line):
                counts.n_header += 1
                continue
            findings: List[Finding] = []
            understood = self.understand(reader, line, findings)
            if isinstance(understood, Rejection):
                counts.refuse(understood, line)
                continue
            if isinstance(understood, Filtered):
                counts.leave_out(understood)
                continue
            if not understood:  # a gene product without a term: the line is blank where it counts
                counts.n_blank += 1
                counts.n_without_term += 1
                continue
            for finding in findings:
                counts.find(finding, line)
            for annotation, reading in understood:
                if reading.term_class:
                    rows.append(_row(annotation, reading, source.source_file, line))
                tokens.append(reading.token)
                organism = records.encode_organism(annotation.taxon_id)
                keys.append((organism, annotation.object_id.encode("utf-8")))
            ends.append(len(tokens))
        counts.n_kept += len(ends)
        return rows + self._runs_with_lines(runs_of(keys), tokens, ends, counts.number)

    def understand(
        self, reader: LineReader, line: bytes, findings: Optional[List[Finding]] = None
    ) -> Union[_Understood, Rejection, Filtered]:
        """Return what a line says, or why nothing it says is used: it is refused, or left out.

        Args:
            reader: Of the line's file.
            line: Without its line end; not a header, not blank.
            findings: What rules have to say of a line that is used is added here.
        """
        annotations = reader.parse(line)
        if isinstance(annotations, Rejection):
            return annotations
        understood: _Understood = []
        refused: Dict[str, Rejection] = {}  # by reason
        filtered: Optional[Filtered] = None
        for annotation in annotations:
            reading = self._read(annotation)
            if isinstance(reading, Reading) and self._filters.strict:
                reading = self._strictly(reader, line, annotation, reading)
            if isinstance(reading, Rejection):
                refused.setdefault(reading.reason, reading)
            elif isinstance(reading, Filtered):
                filtered = filtered or reading
            else:
                understood.append((annotation, reading))
        if not understood and (refused or filtered):
            return next(iter(refused.values()), filtered) or []
        if findings is not None:
            findings += self._inspector.of_line(reader, line, understood)
            findings += [Finding("refused_in_part", reason) for reason in refused]
        return understood

    def _strictly(
        self, reader: LineReader, line: bytes, annotation: Annotation, reading: Reading
    ) -> Union[Reading, Rejection]:
        """Return the reading, or the first finding of it that is not to be forgiven."""
        found = self._inspector.of_line(reader, line, [(annotation, reading)])
        for finding in found:
            if finding.word in self._filters.strict:
                return rejection(finding)
        return reading

    def _read(self, annotation: Annotation) -> Union[Reading, Rejection, Filtered]:
        """Return what an annotation says of its gene product, or why it is not used."""
        if not annotation.db or not annotation.local_id:
            return Rejection("no_object_id", "GORULE:0000001")
        if _CONTROL_IN_TEXT.search(annotation.object_id):
            return Rejection("control_character", "GORULE:0000001")
        reading = self.reading(
            (
                annotation.relation,
                annotation.negated,
                annotation.go_id,
                annotation.evidence_code,
                annotation.aspect,
            )
        )
        if isinstance(reading, Reading):
            option = self._filters.check_annotation(annotation)
            if option is not None:
                return Filtered(option)
        return reading

    # Records

    def _write(self, runs: Runs, tokens: List[bytes], file: bytes) -> List[bytes]:
        """Return a record for each run, all in one text."""
        return [records.encode_runs(*runs, tokens, file, self._target_only)] if tokens else []

    def _runs_with_lines(
        self, runs: Runs, tokens: List[bytes], ends: List[int], number: int
    ) -> List[bytes]:
        """Return a record for each run; where annotations are not lines, it tells how many end."""
        if len(ends) == len(tokens):
            return self._write(runs, tokens, records.encode_file(number))
        found: List[bytes] = []
        for owner, name, start, end in zip(*runs, [*runs.starts[1:], len(tokens)]):
            n_lines = bisect_right(ends, end) - bisect_right(ends, start)
            run = Runs([owner], [name], [0])
            found += self._write(run, tokens[start:end], records.encode_file(number, n_lines))
        return found


def _by_token(tokens: List[bytes], numbers: List[int]) -> Dict[bytes, List[int]]:
    """Return the numbers of lines by their tokens: there are few of these."""
    numbers_of: Dict[bytes, List[int]] = {}
    for number in numbers:
        numbers_of.setdefault(tokens[number], []).append(number)
    return numbers_of


def _leave_out(filtered: Mapping[bytes, int], counts: FileCounts) -> None:
    for token, n_lines in filtered.items():
        counts.leave_out(Filtered(token[len(FILTERED) :].decode()), n_lines)


def _row(annotation: Annotation, reading: Reading, source_file: str, line: bytes) -> bytes:
    """Return the record of a line that is a row of `annotations`."""
    return records.encode_mapped_row(
        records.encode_organism(annotation.taxon_id),
        annotation.object_id.encode("utf-8"),
        make_row(annotation, reading, source_file, line),
    )
