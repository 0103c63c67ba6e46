"""What rules have to say of lines: asked line by line, or of the columns of a block at once.

Both ways say the same. What the combination of relation, term, evidence and aspect decides is found
in `readings`; here is what needs other cells. Of a block, each column is asked for its distinct
cells, and most of these were asked before.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache, partial
from operator import attrgetter
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from gafreduce.jobs.accounting.line_counts import Examples, FileCounts
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, new_cells
from gafreduce.jobs.mapper.interpretation import Reading
from gafreduce.jobs.model.annotation import Annotation, decode
from gafreduce.jobs.model.eco import AMBIGUOUS
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.jobs.rules.cell_rules import (
    BY_SIMILARITY,
    CELL_RULES,
    COMPLEX_DATABASE,
    check_complex,
    check_evidence,
    check_second_taxon,
    check_taxa,
)
from gafreduce.ontology.termfile import TermFile

#: Distinct cells of a column held at once: bounds the memory that hostile input can take.
_MAX_CELLS = 100_000
#: So many lines are looked at one by one for examples.
_FEW = 32
_COMPLEX_DATABASE = COMPLEX_DATABASE.encode()
TOO_MANY_COLUMNS = Finding("too_many_columns")
_ODD_TAXON = Finding("odd_taxon")
_AMBIGUOUS = Finding("ambiguous_eco_id")
_RULES_OF_CELLS = tuple(CELL_RULES.values())
_cells_of = attrgetter(*CELL_RULES)
_NOT_RAW = ("evidence_code",)


#: Readings, and the numbers of their lines in a block, in order.
Marked = List[Tuple[Reading, List[int]]]


def missing(name: str) -> Finding:
    """Return the finding of a column that is empty and must not be."""
    return Finding("missing_value", name)


class Inspector:
    """Asks the rules that need more of a line than `readings` sees."""

    def __init__(self, terms: TermFile) -> None:
        self._marks = terms.marks
        # cells that were asked; the odd ones are those of which there is something to say
        self._asked = {name: new_cells() for name in CELL_RULES}
        self._said: Dict[str, Dict[bytes, Tuple[Finding, ...]]] = {name: {} for name in CELL_RULES}
        self._databases = new_cells()  # that of complexes is odd
        self._databases.add(_COMPLEX_DATABASE, True)

    # Line by line

    def of_line(
        self, reader: LineReader, line: bytes, said: Sequence[Tuple[Annotation, Reading]]
    ) -> List[Finding]:
        """Return what there is to say of a line, each thing once."""
        found: List[Finding] = []
        if reader.max_columns and line.count(b"\t") >= reader.max_columns:
            found.append(TOO_MANY_COLUMNS)
        if "taxon" in reader.positions:
            position = reader.positions["taxon"]
            found += check_taxa(decode(line.split(b"\t", position + 1)[position]).strip(" "))
        for annotation, reading in said:
            found += self._of_annotation(reader, line, annotation, reading)
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _of_annotation(
        self, reader: LineReader, line: bytes, annotation: Annotation, reading: Reading
    ) -> List[Finding]:
        """Return what there is to say of one annotation of a line."""
        found = list(reading.findings)
        if "" in _fields(reader.required)(annotation):
            found += map(missing, _missing(reader, line, annotation))
        for rule, text in zip(_RULES_OF_CELLS, _cells_of(annotation)):
            if text:
                found += rule(text)
        if reading.looked_at:
            found += check_evidence(
                reading.looked_at,
                annotation.object_id,
                annotation.with_from,
                annotation.reference,
                annotation.assigned_by,
            )
        if annotation.eco_id and _is_ambiguous(annotation):
            found.append(_AMBIGUOUS)
        if annotation.interacting_taxon or annotation.db == COMPLEX_DATABASE:
            found += self.of_product(annotation, reading)
        return found

    def of_product(self, annotation: Annotation, reading: Reading) -> List[Finding]:
        """Return what there is to say because of the gene product's database or taxa."""
        return [
            *check_second_taxon(annotation.interacting_taxon, reading.number, self._marks),
            *check_complex(annotation.db, reading.number, self._marks),
        ]

    # A block as columns

    def of_columns(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        odd_taxa: Set[bytes],
        marked: Marked,
        counts: FileCounts,
    ) -> List[int]:
        """Count what there is to say of the lines of a block, but for single gene products.

        Args:
            reader: Of the file.
            columns: The block.
            starts: Numbers of the lines that begin another gene product.
            odd_taxa: Cells of taxa that are not plain.
            marked: Readings with something to say, and the numbers of their lines.
            counts: Of the file; grow.

        Returns:
            The numbers of the lines whose gene product some rule is about, in order.
        """
        counter = _Counter(columns, starts, counts)
        self._of_marked(reader, columns, marked, counter)
        if columns.width > reader.max_columns:
            counter.count_all(TOO_MANY_COLUMNS, range(columns.n_lines))
        for name in reader.required:
            if name not in CELL_RULES and name not in _NOT_RAW:
                empty = columns.find_empty(reader.positions[name])
                if empty:
                    counter.count_all(missing(name), empty)
        for name in CELL_RULES:
            self._of_column(name, reader, columns, counter)
        wrong = [cell for cell in odd_taxa if check_taxa(decode(cell).strip(" "))]
        if wrong:
            counter.count_all(
                _ODD_TAXON, columns.find_lines(columns.positions.taxon, new_cells(wrong))
            )
        return self._products_of(columns, starts, odd_taxa)

    def _of_marked(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        marked: Marked,
        counter: _Counter,
    ) -> None:
        """Count what the combinations of lines say, and the cells that some evidence needs."""
        lines_of: Dict[Finding, List[int]] = {}
        for reading, numbers in marked:
            for finding in reading.findings:
                lines_of.setdefault(finding, []).extend(numbers)
            for number in numbers if reading.looked_at else ():
                for finding in self._of_evidence(reader, columns, number, reading.looked_at):
                    lines_of.setdefault(finding, []).append(number)
        for finding, numbers in lines_of.items():
            numbers.sort()
            counter.count_all(finding, numbers)

    def _of_column(
        self, name: str, reader: LineReader, columns: ColumnarBlock, counter: _Counter
    ) -> None:
        """Count what the cells of one column say, asking each distinct one once."""
        position = reader.positions[name]
        if position >= columns.width:
            return
        asked, said = self._asked[name], self._said[name]
        unknown, odd = columns.look_up(position, asked)
        cells_of: Dict[Finding, Set[bytes]] = {}
        for cell in unknown:
            found = _of_cell(name, cell, name in reader.required)
            if len(asked) < _MAX_CELLS:
                asked.add(cell, bool(found))
                if found:
                    said[cell] = found
            for finding in found:
                cells_of.setdefault(finding, set()).add(cell)
        for cell in odd:
            for finding in said[cell]:
                cells_of.setdefault(finding, set()).add(cell)
        for finding, cells in cells_of.items():
            numbers = partial(columns.find_lines, position, new_cells(cells))
            if cells <= odd.keys():
                counter.count(finding, sum(map(odd.__getitem__, cells)), numbers)
            else:
                counter.count_all(finding, numbers())

    def _of_evidence(
        self, reader: LineReader, columns: ColumnarBlock, number: int, code: str
    ) -> Tuple[Finding, ...]:
        """Return what there is to say of a line with an evidence code that is looked at."""
        at = reader.positions
        source = columns.cell(number, at["with_from"])
        local_id = columns.cell(number, columns.positions.local_id)
        if code in BY_SIMILARITY and source.strip(b" ") and local_id not in source:
            return ()  # nearly always: nothing has to be decoded
        others = (columns.cell(number, at[name]) for name in ("reference", "assigned_by"))
        with_from, reference, assigned_by = (decode(cell).strip(" ") for cell in (source, *others))
        object_id = decode(columns.cell(number, columns.positions.database) + b":" + local_id)
        return check_evidence(code, object_id, with_from, reference, assigned_by)

    def _products_of(
        self, columns: ColumnarBlock, starts: List[int], odd_taxa: Set[bytes]
    ) -> List[int]:
        """Return the numbers of the lines whose gene product some rule is about, in order.

        Args:
            columns: The block.
            starts: Numbers of the lines that begin another gene product.
            odd_taxa: Cells of taxa that are not plain.
        """
        at = columns.positions
        others, complexes = columns.look_up(at.database, self._databases)
        for database in others:
            if len(self._databases) < _MAX_CELLS:
                self._databases.add(database)
        if not complexes and not any(b"|" in taxon for taxon in odd_taxa):
            return []
        taxa, databases = columns.cells(at.taxon, starts), columns.cells(at.database, starts)
        found: List[int] = []
        ends = [*starts[1:], columns.n_lines]
        for taxon, database, start, end in zip(taxa, databases, starts, ends):
            if b"|" in taxon or database == _COMPLEX_DATABASE:
                found += range(start, end)
        return found


class _Counter:
    """Counts lines of a block, and looks for examples only where there can be some."""

    def __init__(self, columns: ColumnarBlock, starts: List[int], counts: FileCounts) -> None:
        self._columns = columns
        self._starts = starts
        self._counts = counts
        self._least: Optional[bytes] = None
        self._sorted: List[Tuple[bytes, int, int]] = []

    def count_all(self, finding: Finding, numbers: Sequence[int]) -> None:
        """Count lines by their numbers, which are in order."""
        self.count(finding, len(numbers), lambda: numbers)

    def count(
        self, finding: Finding, n_lines: int, numbers_of: Callable[[], Sequence[int]]
    ) -> None:
        """Count so many lines.

        Args:
            finding: What there is to say of them.
            n_lines: How many there are.
            numbers_of: Returns theirs, in order; only asked when they may be examples.
        """
        columns = self._columns
        if self._counts.keeps(finding):
            for number in numbers_of():
                self._counts.find(finding, columns.line(number))
            return
        examples = self._counts.examples(finding)
        examples.n_lines += n_lines
        if not examples.may_take(self._least_start()):
            return
        numbers = numbers_of()
        for number in numbers if len(numbers) <= _FEW else self._candidates(numbers, examples):
            line = columns.line(number)
            if examples.may_take(line):
                examples.look_at(line)

    def _candidates(self, numbers: Sequence[int], examples: Examples) -> Iterator[int]:
        """Return the numbers of the lines that may be examples, those of gene products by bytes."""
        for start, first, end in self._in_order():
            if not examples.may_take(start):
                return  # and none behind it
            yield from numbers[bisect_left(numbers, first) : bisect_left(numbers, end)]

    def _least_start(self) -> bytes:
        """Return the beginning of the first line of the block in byte order."""
        if self._least is None:
            self._least = self._columns.first_product(self._starts)
        return self._least

    def _in_order(self) -> List[Tuple[bytes, int, int]]:
        """Return what the lines of each gene product begin with, and their range, by bytes."""
        if not self._sorted:
            at, starts = self._columns.positions, self._starts
            both = (self._columns.cells(column, starts) for column in (at.database, at.local_id))
            begins = map(b"\t".join, zip(*both))
            self._sorted = sorted(zip(begins, starts, [*starts[1:], self._columns.n_lines]))
        return self._sorted


def _missing(reader: LineReader, line: bytes, annotation: Annotation) -> List[str]:
    """Return the required fields that are empty; of those that no rule reads, as they stand."""
    empty = [name for name in reader.required if not getattr(annotation, name)]
    if not empty or not reader.positions:
        return empty
    cells = line.split(b"\t")
    return [
        name
        for name in empty
        if name in CELL_RULES or name in _NOT_RAW or not cells[reader.positions[name]]
    ]


@lru_cache(maxsize=64)
def _fields(names: Tuple[str, ...]) -> Callable[[Annotation], Tuple[str, ...]]:
    """Return what gives these fields, and two that are never empty, so that it is a tuple."""
    return attrgetter("db", "local_id", *names)


def _is_ambiguous(annotation: Annotation) -> bool:
    """Tell whether the ECO id has two codes, and the one that is taken stands for it."""
    known = AMBIGUOUS.get(annotation.eco_id)
    return known is not None and known[0] == annotation.evidence_code


def _of_cell(name: str, cell: bytes, is_required: bool) -> Tuple[Finding, ...]:
    text = decode(cell).strip(" ")
    if not text:
        return (missing(name),) if is_required else ()
    return CELL_RULES[name](text)


def required_evidence(reader: LineReader, evidence_code: str) -> Tuple[Finding, ...]:
    """Return the finding of lines without the evidence code that their format requires."""
    if evidence_code or "evidence_code" not in reader.required:
        return ()
    return (missing("evidence_code"),)
