"""Check the rules that need more of a line than its interpretation: line by line, or by columns.

Both ways give the same findings. `interpretation` has the findings that depend on relation, term,
evidence and aspect alone. In a block, each distinct cell of a column is checked once, and most
distinct cells are known from the blocks before.
"""

from __future__ import annotations

from functools import lru_cache, partial
from operator import attrgetter
from typing import Callable, Dict, List, Optional, Sequence, Set, Tuple

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, new_cells
from gafreduce.jobs.mapper.interpretation import Interpretation
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

#: Distinct cells of a column that are kept: bounds the memory for hostile input.
_MAX_CELLS = 100_000
_COMPLEX_DATABASE = COMPLEX_DATABASE.encode()
TOO_MANY_COLUMNS = Finding("too_many_columns")
_ODD_TAXON = Finding("odd_taxon")
_AMBIGUOUS = Finding("ambiguous_eco_id")
_MISSING = "missing_value"
_CELL_CHECKS = tuple(CELL_RULES.values())
_checked_cells_of = attrgetter(*CELL_RULES)
#: Required fields that are not raw cells: the interpretation has their findings.
_NOT_RAW = ("evidence_code",)

#: Interpretations that need a look at their lines, and the numbers of these lines, in order.
Marked = List[Tuple[Interpretation, List[int]]]


class RuleChecker:
    """Checks lines and blocks."""

    def __init__(self, terms: TermFile) -> None:
        self._marks = terms.marks
        # cells of earlier blocks, by column; the odd ones have findings
        self._known = {name: new_cells() for name in CELL_RULES}
        self._findings_of: Dict[str, Dict[bytes, Tuple[Finding, ...]]] = {
            name: {} for name in CELL_RULES
        }
        self._databases = new_cells()  # the odd one is that of complexes
        self._databases.add(_COMPLEX_DATABASE, True)

    # Line by line

    def check_line(
        self,
        reader: LineReader,
        line: bytes,
        annotations: Sequence[Tuple[Annotation, Interpretation]],
    ) -> List[Finding]:
        """Return the distinct findings of a line."""
        found: List[Finding] = []
        if reader.max_columns and line.count(b"\t") >= reader.max_columns:
            found.append(TOO_MANY_COLUMNS)
        if "taxon" in reader.positions:
            position = reader.positions["taxon"]
            found += check_taxa(decode(line.split(b"\t", position + 1)[position]).strip(" "))
        for annotation, interpreted in annotations:
            found += self._check_annotation(reader, line, annotation, interpreted)
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _check_annotation(
        self, reader: LineReader, line: bytes, annotation: Annotation, interpreted: Interpretation
    ) -> List[Finding]:
        """Return the findings of one annotation of a line."""
        found = list(interpreted.findings)
        if "" in _get_fields(reader.required)(annotation):
            found += map(_make_missing, _find_missing(reader, line, annotation))
        for check, text in zip(_CELL_CHECKS, _checked_cells_of(annotation)):
            if text:
                found += check(text)
        if interpreted.checked_code:
            found += check_evidence(
                interpreted.checked_code,
                annotation.object_id,
                annotation.with_from,
                annotation.reference,
                annotation.assigned_by,
            )
        if annotation.eco_id and _is_ambiguous(annotation):
            found.append(_AMBIGUOUS)
        if annotation.interacting_taxon or annotation.db == COMPLEX_DATABASE:
            found += self.check_product(annotation, interpreted)
        return found

    def check_product(self, annotation: Annotation, interpreted: Interpretation) -> List[Finding]:
        """Return the findings that depend on the gene product's database or second taxon."""
        number = interpreted.term_number
        return [
            *check_second_taxon(annotation.interacting_taxon, number, self._marks),
            *check_complex(annotation.db, number, self._marks),
        ]

    # A block as columns

    def check_columns(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        odd_taxa: Set[bytes],
        marked: Marked,
        counts: FileCounts,
    ) -> List[int]:
        """Count the findings of a block, without those of `check_product`.

        Args:
            reader: Of the file.
            columns: The block.
            starts: Numbers of the first lines of gene products.
            odd_taxa: Cells of taxa that are not plain.
            marked: Interpretations with findings, or with a code to check.
            counts: Of the file; grow.

        Returns:
            The numbers of the lines that need `check_product`, in order.
        """
        counter = _FindingCounter(columns, starts, counts)
        self._check_marked(reader, columns, marked, counter)
        if columns.width > reader.max_columns:
            counter.count_lines(TOO_MANY_COLUMNS, range(columns.n_lines))
        positions = reader.positions
        for name in reader.required:
            if name not in CELL_RULES and name not in _NOT_RAW:
                empty = columns.find_empty(reader.positions[name])
                if empty:
                    missing = _make_missing(name)
                    counter.count_lines(missing, empty)
                    counter.note_cells(missing.word, partial(columns.find_empty, positions[name]))
        for name in CELL_RULES:
            self._check_column(name, reader, columns, counter)
        wrong = [cell for cell in odd_taxa if check_taxa(decode(cell).strip(" "))]
        if wrong:
            numbers = columns.find_lines(columns.positions.taxon, new_cells(wrong))
            counter.count_lines(_ODD_TAXON, numbers)
        counter.count_repeated()
        return self._find_products(columns, starts, odd_taxa)

    def _check_marked(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        marked: Marked,
        counter: _FindingCounter,
    ) -> None:
        """Count the findings of interpretations, and of cells that an evidence code needs."""
        lines_of: Dict[Finding, List[int]] = {}
        for interpreted, numbers in marked:
            for finding in interpreted.findings:
                lines_of.setdefault(finding, []).extend(numbers)
            code = interpreted.checked_code
            for number in numbers if code else ():
                for finding in _check_evidence_cells(reader, columns, number, code):
                    lines_of.setdefault(finding, []).append(number)
        for finding, numbers in lines_of.items():
            numbers.sort()
            counter.count_lines(finding, numbers)
            if finding.word == _MISSING:  # other columns may be empty too
                counter.note_cells(_MISSING, partial(list, numbers))

    def _check_column(
        self, name: str, reader: LineReader, columns: ColumnarBlock, counter: _FindingCounter
    ) -> None:
        """Count the findings of the cells of a column; each distinct cell is checked once."""
        position = reader.positions[name]
        if position >= columns.width:
            return
        known, findings_of = self._known[name], self._findings_of[name]
        unknown, odd = columns.look_up(position, known)
        cells_of: Dict[Finding, Set[bytes]] = {}
        for cell in unknown:
            found = _check_cell(name, cell, name in reader.required)
            if len(known) < _MAX_CELLS:
                known.add(cell, bool(found))
                if found:
                    findings_of[cell] = found
            for finding in found:
                cells_of.setdefault(finding, set()).add(cell)
        for cell in odd:
            for finding in findings_of[cell]:
                cells_of.setdefault(finding, set()).add(cell)
        self._count_repeated(position, columns, cells_of, counter)
        for finding, cells in cells_of.items():
            find_lines = partial(columns.find_lines, position, new_cells(cells))
            if cells <= odd.keys():
                counter.count(finding, sum(map(odd.__getitem__, cells)), find_lines)
            else:
                counter.count_lines(finding, find_lines())

    def _count_repeated(
        self,
        position: int,
        columns: ColumnarBlock,
        cells_of: Dict[Finding, Set[bytes]],
        counter: _FindingCounter,
    ) -> None:
        """Note lines that count for several findings of one word, because of a column or others."""
        by_word: Dict[str, List[Set[bytes]]] = {}
        for finding, cells in cells_of.items():
            by_word.setdefault(finding.word, []).append(cells)
        for word, sets in by_word.items():
            together = set().union(*sets)
            counter.note_cells(word, partial(columns.find_lines, position, new_cells(together)))
            if sum(map(len, sets)) > len(together):
                for cell in together:
                    n_values = sum(cell in cells for cells in sets)
                    if n_values > 1:
                        n_lines = len(columns.find_lines(position, new_cells([cell])))
                        counter.add_repeated(word, (n_values - 1) * n_lines)

    def _find_products(
        self, columns: ColumnarBlock, starts: List[int], odd_taxa: Set[bytes]
    ) -> List[int]:
        """Return the numbers of the lines of complexes and of products with two taxa, in order."""
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


class _FindingCounter:
    """Counts the lines of a block by finding, and reads those that may become examples."""

    def __init__(self, columns: ColumnarBlock, starts: List[int], counts: FileCounts) -> None:
        self._columns = columns
        self._starts = starts
        self._counts = counts
        self._first_start: Optional[bytes] = None
        self._noted: Dict[str, List[Callable[[], Sequence[int]]]] = {}  # by word

    def count_lines(self, finding: Finding, numbers: Sequence[int]) -> None:
        """Count lines by their numbers, which are in order."""
        self.count(finding, len(numbers), lambda: numbers)

    def count(
        self, finding: Finding, n_lines: int, find_lines: Callable[[], Sequence[int]]
    ) -> None:
        """Count lines.

        Args:
            finding: Their finding.
            n_lines: Number of lines.
            find_lines: Returns the numbers of the lines, in order; called if they are needed.
        """
        if self._counts.is_quarantined(finding):
            for number in find_lines():
                self._counts.add_finding(finding, self._columns.line(number))
            return
        examples = self._counts.get_examples(finding)
        examples.n_lines += n_lines
        if not examples.may_take(self._find_first_start()):
            return
        numbers = list(find_lines())
        if examples.may_take(self._columns.first_product(numbers)):
            for line in map(self._columns.line, numbers):
                if examples.may_take(line):
                    examples.take(line)

    def note_cells(self, word: str, find_lines: Callable[[], Sequence[int]]) -> None:
        """Note that a column has cells with a finding; other columns may have the same one."""
        self._noted.setdefault(word, []).append(find_lines)

    def add_repeated(self, word: str, n_lines: int) -> None:
        """Count lines again that were counted for another value of the finding."""
        self._counts.add_repeated(word, n_lines)

    def count_repeated(self) -> None:
        """Count the lines with the same finding in several columns."""
        for word, finders in self._noted.items():
            if len(finders) > 1:
                found = [find_lines() for find_lines in finders]
                n_distinct = len(set().union(*found))
                self._counts.add_repeated(word, sum(map(len, found)) - n_distinct)

    def _find_first_start(self) -> bytes:
        """Return the beginning of the first line of the block in the order of bytes."""
        if self._first_start is None:
            self._first_start = self._columns.first_product(self._starts)
        return self._first_start


def _make_missing(name: str) -> Finding:
    """Return the finding of an empty cell in a required column."""
    return Finding(_MISSING, name)


def _find_missing(reader: LineReader, line: bytes, annotation: Annotation) -> List[str]:
    """Return the required fields that are empty; those without a rule, if the raw cell is empty."""
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
def _get_fields(names: Tuple[str, ...]) -> Callable[[Annotation], Tuple[str, ...]]:
    """Return a function that returns these fields, and two that are never empty: at least two."""
    return attrgetter("db", "local_id", *names)


def _is_ambiguous(annotation: Annotation) -> bool:
    """Return whether the ECO id has two codes, and the annotation has the default one."""
    known = AMBIGUOUS.get(annotation.eco_id)
    return known is not None and known[0] == annotation.evidence_code


def _check_cell(name: str, cell: bytes, is_required: bool) -> Tuple[Finding, ...]:
    text = decode(cell).strip(" ")
    if not text:
        return (_make_missing(name),) if is_required else ()
    return CELL_RULES[name](text)


def _check_evidence_cells(
    reader: LineReader, columns: ColumnarBlock, number: int, code: str
) -> Tuple[Finding, ...]:
    """Return the findings of a line of a block because of its evidence code."""
    at = reader.positions
    source = columns.cell(number, at["with_from"])
    local_id = columns.cell(number, columns.positions.local_id)
    if code in BY_SIMILARITY and source.strip(b" ") and local_id not in source:
        return ()  # nearly always: nothing has to be decoded
    others = (columns.cell(number, at[name]) for name in ("reference", "assigned_by"))
    with_from, reference, assigned_by = (decode(cell).strip(" ") for cell in (source, *others))
    object_id = decode(columns.cell(number, columns.positions.database) + b":" + local_id)
    return check_evidence(code, object_id, with_from, reference, assigned_by)


def check_required_evidence(reader: LineReader, evidence_code: str) -> Tuple[Finding, ...]:
    """Return the finding of a line without the evidence code that its format requires."""
    if evidence_code or "evidence_code" not in reader.required:
        return ()
    return (_make_missing("evidence_code"),)
