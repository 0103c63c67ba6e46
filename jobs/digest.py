"""From blocks of annotation lines to the records of the first shuffle, in one pass.

A gene product's lines mostly stand together, so one record leaves for each *run* of lines of one
gene product, not one for each line; the reducer puts the pieces of a gene product together. A block
whose lines are all alike is read as columns; any other block, line by line. Both end in the same
runs.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import compress, groupby, islice
from operator import ne
from typing import Counter as CounterOf
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple, Union
from zlib import crc32

from jobs import formats, gaf
from jobs.annotation import Annotation, Columns, Filtered, Rejection
from jobs.file_counts import FileCounts
from jobs.findings import Inspector, required_evidence
from jobs.input_list import InputFile
from jobs.line_reader import LineReader
from jobs.readings import Reader, Reading
from jobs.rows import Row
from jobs.rules import RULES, Finding
from jobs.selection import EVERYTHING, Selection
from ontology.termfile import TermFile

#: Parts that an organism's gene products are spread over, so that one organism can use all cores.
N_BUCKETS = 16
#: Combinations held at once: bounds the memory that hostile input can take.
_MAX_READINGS = 100_000
#: Bytes that may not stand in an object id: they would break the order of the shuffle.
_CONTROL = bytes(range(0x20)) + b"\x7f"
_CONTROL_IN_TEXT = re.compile("[\x00-\x1f\x7f]")
_TRAILING_CR = re.compile(rb"\r+\n")

#: The token of a line that is refused.
_REFUSED = b"!"
_REFUSED_IN_PART = Finding("refused_in_part")
#: Begins the token of a line that a filter leaves out; the option follows.
_FILTERED = b"~"

_Combination = Tuple[str, bool, str, str, str]  # as `LineReader.read_combination` returns it
_Understood = List[Tuple[Annotation, Reading]]
_Run = Tuple[bytes, bytes, int, int]  # taxon, object id, first token, token after the last


class Digest:
    """Turns the blocks of one file after another into records."""

    def __init__(
        self,
        terms: TermFile,
        target_only: bool,
        selection: Selection = EVERYTHING,
        names_no_data: bool = False,
    ) -> None:
        """Take what decides how lines are read.

        Args:
            terms: The term file of the run.
            target_only: Whether terms outside the closure all look alike (--scope target).
            selection: Which lines are taken.
            names_no_data: Whether ND has a token for each aspect, for rules across lines.
        """
        self._reader = Reader(terms, target_only, selection, names_no_data)
        self._inspector = Inspector(terms)
        self._selection = selection
        self._target_only = target_only
        self._readings: Dict[_Combination, Union[Reading, Rejection, Filtered]] = {}
        self._tokens: Dict[str, _Tokens] = {}
        self._taxa = _Taxa()

    def records(
        self, source: InputFile, blocks: Iterable[bytes], counts: FileCounts
    ) -> Iterator[List[bytes]]:
        """Return the records of a file, a list for each block; `counts` grows as they are read."""
        reader = formats.reader(source)
        for block in blocks:
            block = without_head(block, reader, counts)
            if not block:
                continue
            table = None if self._selection.reads_more else columns_of(block, reader)
            records = None
            if table is not None:
                counts.n_lines += len(table.local_ids)
                records = self._by_columns(reader, table, source, counts)
            else:
                counts.n_lines += block.count(b"\n")
            yield self._by_lines(reader, block, source, counts) if records is None else records

    def reading(self, combination: _Combination) -> Union[Reading, Rejection, Filtered]:
        """Return what a combination says, or why such lines are refused or left out."""
        reading = self._readings.get(combination)
        if reading is None:
            if len(self._readings) >= _MAX_READINGS:
                self._readings.clear()
            reading = self._readings[combination] = self._reader.read(*combination)
        return reading

    # A block as columns

    def _by_columns(
        self, reader: LineReader, table: Columns, source: InputFile, counts: FileCounts
    ) -> Optional[List[bytes]]:
        """Return the records of a block; None, and nothing counted, when a line is refused."""
        tokens_of = self._tokens.get(source.format)
        if tokens_of is None:
            tokens_of = self._tokens[source.format] = _Tokens(self, reader)
        tokens_of.make_room()
        tokens = list(map(tokens_of.__getitem__, table.combinations))
        is_special = not tokens_of.special.isdisjoint(tokens)
        if is_special and _REFUSED in tokens:
            return None
        filtered: CounterOf[bytes] = Counter()
        if tokens_of.has_filtered:
            filtered.update(token for token in tokens if token.startswith(_FILTERED))
            left = [n for n, token in enumerate(tokens) if token not in filtered]
            taken = reader.columns(b"".join(table.line(n) + b"\n" for n in left))
            if taken is None:  # nothing is left
                _leave_out(filtered, counts)
                return []
            table = taken
            tokens = [tokens[n] for n in left]
        starts = run_starts(table)
        names = [table.databases[start] + b":" + table.local_ids[start] for start in starts]
        owners = [self._taxa[table.taxa[start]] for start in starts]
        if b"" in owners or not are_clean(table, starts):
            return None
        marked = tokens_of.unmark(tokens) if is_special else {}
        rows = self._rows(reader, table, marked, source)
        if rows is None:
            return None
        ends = [*starts[1:], len(tokens)]
        _keep(counts, owners, starts, ends)
        _leave_out(filtered, counts)
        self._inspect(reader, table, starts, marked, counts)
        return self._write(zip(owners, names, starts, ends), tokens, rows)

    def _rows(
        self, reader: LineReader, table: Columns, marked: Mapping[int, Reading], source: InputFile
    ) -> Optional[List[bytes]]:
        """Return the rows of the lines that are in the closure; None: one is refused."""
        rows: List[bytes] = []
        for number, reading in marked.items():
            if reading.term_class:
                line = table.line(number)
                understood = self.understand(reader, line)
                if not isinstance(understood, list):
                    return None
                rows += [_row(*said, source.source_file, line) for said in understood]
        return rows

    def _inspect(
        self,
        reader: LineReader,
        table: Columns,
        starts: List[int],
        marked: Mapping[int, Reading],
        counts: FileCounts,
    ) -> None:
        """Count what rules have to say of the lines of a block."""
        inspector = self._inspector
        inspector.of_columns(reader, table, starts, marked, counts)
        for number in inspector.products_of(table, starts):
            line = table.line(number)
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
                keys.append((b"%012d" % annotation.taxon_id, annotation.object_id.encode("utf-8")))
            counts.keep(keys[-1][0], 1)
        return self._write(_runs_of(keys), tokens, rows)

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
        refused: Optional[Rejection] = None
        filtered: Optional[Filtered] = None
        for annotation in annotations:
            reading = self._read(annotation)
            if isinstance(reading, Reading) and self._selection.strict:
                reading = self._strictly(reader, line, annotation, reading)
            if isinstance(reading, Rejection):
                refused = refused or reading
            elif isinstance(reading, Filtered):
                filtered = filtered or reading
            else:
                understood.append((annotation, reading))
        if not understood and (refused or filtered):
            return refused or filtered or []
        if findings is not None:
            findings += self._inspector.of_line(reader, line, understood)
            findings += [] if refused is None else [_REFUSED_IN_PART]
        return understood

    def _strictly(
        self, reader: LineReader, line: bytes, annotation: Annotation, reading: Reading
    ) -> Union[Reading, Rejection]:
        """Return the reading, or the first finding of it that is not to be forgiven."""
        found = self._inspector.of_line(reader, line, [(annotation, reading)])
        for finding in found:
            if finding.word in self._selection.strict:
                return Rejection(finding.word, RULES[finding.word].rule or None)
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
            option = self._selection.leaves_out_annotation(annotation)
            if option is not None:
                return Filtered(option)
        return reading

    # Records

    def _write(self, runs: Iterable[_Run], tokens: List[bytes], rows: List[bytes]) -> List[bytes]:
        """Return a record for each run and row."""
        shown = _distinct_outside if self._target_only else _as_they_are
        return rows + [
            b"%s.%02d\t%s\t=\t%d\t%s"
            % (
                owner,
                crc32(object_id) % N_BUCKETS,
                object_id,
                end - start,
                b" ".join(sorted(shown(tokens[start:end]))),
            )
            for owner, object_id, start, end in runs
        ]


class _Tokens(Dict[Tuple[bytes, bytes, bytes, bytes], bytes]):
    """The token of each combination of raw cells, worked out when it is first met."""

    def __init__(self, digest: Digest, reader: LineReader) -> None:
        super().__init__()
        self._digest = digest
        self._reader = reader
        self._marked: Dict[bytes, Reading] = {}
        self.special: Set[bytes] = {_REFUSED}
        self.has_filtered = False

    def make_room(self) -> None:
        """Forget all when it is much; not while a block is read, whose tokens point here."""
        if len(self) >= _MAX_READINGS:
            self.clear()
            self._marked.clear()
            self.special = {_REFUSED}

    def unmark(self, tokens: List[bytes]) -> Dict[int, Reading]:
        """Return the readings of marked lines by their numbers; the tokens lose their marks."""
        is_marked = map(self._marked.__contains__, tokens)
        marked = {n: self._marked[tokens[n]] for n in compress(range(len(tokens)), is_marked)}
        for number, reading in marked.items():
            tokens[number] = reading.token
        return marked

    def __missing__(self, cells: Tuple[bytes, bytes, bytes, bytes]) -> bytes:
        combination = self._reader.read_combination(cells)
        reading = self._digest.reading(combination)
        if isinstance(reading, Rejection):
            token = _REFUSED
        elif isinstance(reading, Filtered):
            token = _FILTERED + reading.option.encode()
            self.has_filtered = True
        else:
            more = required_evidence(self._reader, combination[3])
            if more:
                reading = reading._replace(findings=reading.findings + more)
            is_marked = reading.term_class or reading.findings or reading.looked_at
            token = self._mark(reading) if is_marked else reading.token
        self[cells] = token
        return token

    def _mark(self, reading: Reading) -> bytes:
        """Return a token for lines that are looked at: in the closure, or with a finding."""
        token = b"*%d" % len(self._marked)
        self._marked[token] = reading
        self.special.add(token)
        return token


class _Taxa(Dict[bytes, bytes]):
    """The twelve-digit taxon of each raw cell; empty when the cell names none."""

    def __missing__(self, cell: bytes) -> bytes:
        if len(self) >= _MAX_READINGS:
            self.clear()
        taxon = gaf.read_taxon(cell.decode("utf-8").strip(" "))
        self[cell] = value = b"" if taxon is None else b"%012d" % taxon[0]
        return value


def _leave_out(filtered: CounterOf[bytes], counts: FileCounts) -> None:
    for token, n_lines in filtered.items():
        counts.leave_out(Filtered(token[len(_FILTERED) :].decode()), n_lines)


def _keep(counts: FileCounts, owners: List[bytes], starts: List[int], ends: List[int]) -> None:
    """Count the lines of runs as kept."""
    if owners.count(owners[0]) == len(owners):
        counts.keep(owners[0], ends[-1])
        return
    for owner, start, end in zip(owners, starts, ends):
        counts.keep(owner, end - start)


def _row(annotation: Annotation, reading: Reading, source_file: str, line: bytes) -> bytes:
    """Return the record of a line that is a row of `annotations`."""
    object_id = annotation.object_id.encode("utf-8")
    key = _key(b"%012d" % annotation.taxon_id, object_id)
    row = Row.of(annotation, reading, source_file, line)
    return b"%s\t%s\tA\t%s" % (key, object_id, row.encode())


def _key(taxon: bytes, object_id: bytes) -> bytes:
    """Return the key of a gene product in the first shuffle: its taxon and its bucket."""
    return b"%s.%02d" % (taxon, crc32(object_id) % N_BUCKETS)


def without_head(block: bytes, reader: LineReader, counts: FileCounts) -> bytes:
    """Return the block without CRs at line ends and the header lines that it begins with."""
    if b"\r" in block:
        block = _TRAILING_CR.sub(b"\n", block)
    if not reader.header_prefix:
        return block
    start = 0
    while block.startswith(reader.header_prefix, start):
        start = block.index(b"\n", start) + 1
        counts.n_header += 1
        counts.n_lines += 1
    return block[start:] if start else block


def columns_of(block: bytes, reader: LineReader) -> Optional[Columns]:
    """Return the block as columns where it is regular text without header lines."""
    prefix = reader.header_prefix
    # one byte is searched for ten times faster than two, and mostly isn't there
    if not reader.reads_blocks or (prefix in block and b"\n" + prefix in block):
        return None
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return reader.columns(block)


def run_starts(table: Columns) -> List[int]:
    """Return the numbers of the lines whose gene product differs from the line before."""
    local_ids, n_lines = table.local_ids, len(table.local_ids)
    if _are_equal(table.databases) and _are_equal(table.taxa):
        changes = map(ne, islice(local_ids, 1, None), local_ids)
    else:
        products = list(zip(local_ids, table.databases, table.taxa))
        changes = map(ne, islice(products, 1, None), products)
    return [0, *compress(range(1, n_lines), changes)]


def _are_equal(cells: List[bytes]) -> bool:
    return cells.count(cells[0]) == len(cells)


def are_clean(table: Columns, starts: List[int]) -> bool:
    """Tell whether databases and ids of the runs are filled, unpadded and free of control bytes."""
    for column in (table.databases, table.local_ids):
        cells = [column[start] for start in starts]
        text = b"".join(cells)
        if b"" in cells or b" " in text or text.translate(None, _CONTROL) != text:
            return False
    return True


def _runs_of(keys: List[Tuple[bytes, bytes]]) -> Iterator[_Run]:
    """Return the runs of equal neighbours among (taxon, object id)."""
    start = 0
    for (taxon, object_id), lines in groupby(keys):
        end = start + sum(1 for _ in lines)
        yield taxon, object_id, start, end
        start = end


def _as_they_are(tokens: List[bytes]) -> List[bytes]:
    return tokens


def _distinct_outside(tokens: List[bytes]) -> List[bytes]:
    """Return the tokens, those outside the closure once each: they say no more than that."""
    distinct = set(tokens)
    if all(len(token) == 1 for token in distinct):
        return list(distinct)
    return [t for t in tokens if len(t) > 1] + [t for t in distinct if len(t) == 1]
