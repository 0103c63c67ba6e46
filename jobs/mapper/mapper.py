"""Map blocks of annotation lines to the records of the first shuffle, in one pass.

The lines of a gene product are mostly consecutive, so each *run* of them becomes one record, and
the reducer merges the runs of a gene product. A block of lines with equal numbers of columns is
read column by column; any other block, and one with a line that may be refused, line by line. Both
ways give the same records.
"""

from __future__ import annotations

from functools import partial
from typing import (
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
from gafreduce.jobs.mapper.annotation_row import BlockRows, encode_row, make_row
from gafreduce.jobs.mapper.excluded_annotations import (
    ExcludedAnnotations,
    encode_excluded_lines,
)
from gafreduce.jobs.mapper.id_map import NO_MAP, IdMap
from gafreduce.jobs.mapper.interpretation import Interpretation, Interpreter, make_rejection
from gafreduce.jobs.mapper.line_blocks import read_blocks
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.mapper.plain_rows import PlainRows
from gafreduce.jobs.mapper.product_runs import (
    Runs,
    encode_line_runs,
    find_line_runs,
    merge_runs,
)
from gafreduce.jobs.mapper.rule_checker import Marked, RuleChecker
from gafreduce.jobs.mapper.token_cache import (
    FILTERED,
    MAX_INTERPRETATIONS,
    REFUSED,
    Combination,
    TaxonCache,
    TokenCache,
    group_by_token,
    split_filtered,
)
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, Annotation, Filtered, Rejection
from gafreduce.jobs.model.filters import NO_FILTERS, Filters
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import TermFile

Interpreted = List[Tuple[Annotation, Interpretation]]


class _LineByLine(Exception):  # noqa: N818 (no error: the block is read in the other way)
    """A block cannot be read column by column: one of its lines may be refused."""


class ProfileMapper:
    """Maps the blocks of one file after another."""

    def __init__(
        self,
        terms: TermFile,
        target_only: bool,
        filters: Filters = NO_FILTERS,
        id_map: IdMap = NO_MAP,
        has_many_targets: bool = False,
    ) -> None:
        """Begin with empty caches.

        Args:
            terms: The term file of the run.
            target_only: Whether all terms outside the term set are treated alike (--scope target).
            filters: Which lines are taken.
            id_map: Other ids of gene products.
            has_many_targets: Whether the term file joins the term sets of several targets.
        """
        self._interpreter = Interpreter(terms, target_only, filters, has_many_targets)
        self._rule_checker = RuleChecker(terms)
        self._filters = filters
        self._id_map = id_map
        self._target_only = target_only
        self._interpretations: Dict[Combination, Union[Interpretation, Rejection, Filtered]] = {}
        self._tokens: Dict[str, TokenCache] = {}  # by format
        self._taxa = TaxonCache()

    def map_blocks(
        self, source: InputFile, blocks: Iterable[bytes], counts: FileCounts
    ) -> Iterator[List[bytes]]:
        """Return the records of a file, a list for each block.

        Args:
            source: The file.
            blocks: Whole lines, each ended by LF.
            counts: Of the file; grow as records are read.
        """
        reader, origin = self.make_reader(source), Origin(source, counts.number)
        plain_rows = PlainRows(
            reader, origin, self._rule_checker.check_line, self._filters == NO_FILTERS
        )
        for block, columns in read_blocks(reader, blocks, counts, self._filters.has_line_filters):
            if columns is not None:
                try:
                    yield self._map_columns(reader, columns, origin, counts)
                    continue
                except _LineByLine:
                    pass
            yield self._map_lines(reader, block, origin, counts, plain_rows)
        yield from origin.encode_ids()

    def make_reader(self, source: InputFile) -> LineReader:
        """Return the reader of a file."""
        return self._id_map.wrap(registry.make_reader(source))

    def interpret(self, combination: Combination) -> Union[Interpretation, Rejection, Filtered]:
        """Return the interpretation, or why lines with this combination are refused or left out."""
        found = self._interpretations.get(combination)
        if found is None:
            if len(self._interpretations) >= MAX_INTERPRETATIONS:
                self._interpretations.clear()
            found = self._interpretations[combination] = self._interpreter.interpret(*combination)
        return found

    # A block as columns

    def _map_columns(
        self, reader: LineReader, columns: ColumnarBlock, origin: Origin, counts: FileCounts
    ) -> List[bytes]:
        """Return the records of a block.

        Raises:
            _LineByLine: A line may be refused; nothing was counted.
        """
        cache = self._tokens_of(origin.format, reader)
        tokens, special = columns.tokens(cache)
        numbers_of = group_by_token(tokens, special)
        if REFUSED in numbers_of:
            raise _LineByLine
        runs, odd_taxa = self._find_runs(columns, origin)
        filtered = {
            token: len(numbers)
            for token, numbers in numbers_of.items()
            if token.startswith(FILTERED)
        }
        excluded: List[bytes] = []
        if filtered:  # only now: filters are applied to lines that are not refused
            excluded = encode_excluded_lines(runs, tokens, filtered, origin)
            left = [number for number, token in enumerate(tokens) if token not in filtered]
            taken = reader.columns(b"".join(columns.line(number) + b"\n" for number in left))
            if taken is None:  # no line is left
                _count_filtered(filtered, counts)
                return excluded
            columns = taken
            runs, odd_taxa = self._find_runs(columns, origin)
            tokens = [tokens[number] for number in left]
            special = [number for number, token in enumerate(tokens) if token in cache.special]
            numbers_of = group_by_token(tokens, special)
        marked = cache.unmark(tokens, numbers_of)
        in_term_set = [
            (token, numbers)
            for token, (interpreted, numbers) in zip(numbers_of, marked)
            if interpreted.term_class
        ]
        found = excluded
        if in_term_set:
            rows = BlockRows(reader, columns, runs, odd_taxa, origin.source_file)
            parse = partial(self._parse_row, reader, origin)
            found = excluded + rows.make(in_term_set, cache.templates, parse)
        counts.n_kept += len(tokens)
        _count_filtered(filtered, counts)
        self._count_findings(reader, columns, runs.starts, odd_taxa, marked, counts)
        origin.collect_ids(runs.organisms, runs.object_ids)
        file = records.encode_file(counts.number)
        found.append(records.encode_runs(*merge_runs(runs), tokens, file, self._target_only))
        return found

    def _tokens_of(self, form: str, reader: LineReader) -> TokenCache:
        """Return the cache of a format, with room for a block."""
        cache = self._tokens.get(form)
        if cache is None:
            cache = self._tokens[form] = TokenCache(self.interpret, reader)
        cache.make_room()
        return cache

    def _find_runs(self, columns: ColumnarBlock, origin: Origin) -> Tuple[Runs, Set[bytes]]:
        """Return the runs of a block, and its odd taxa.

        Raises:
            _LineByLine: A cell with a taxon or an object id needs the checks of a line.
        """
        self._taxa.make_room()
        starts = columns.run_starts()
        organisms, odd_taxa = columns.organisms(starts, self._taxa)
        object_ids = None if b"" in organisms else columns.object_ids(starts)
        if object_ids is None:
            raise _LineByLine
        object_ids = self._id_map.replace_ids(object_ids)
        return Runs(origin.replace_taxa(organisms), object_ids, starts), odd_taxa

    def _parse_row(self, reader: LineReader, origin: Origin, line: bytes) -> records.AnnotationRow:
        """Return the row of a line of a block.

        Raises:
            _LineByLine: The line is refused.
        """
        annotations = self.interpret_line(reader, line)
        if not isinstance(annotations, list):
            raise _LineByLine
        ((annotation, interpreted),) = annotations
        return make_row(annotation, interpreted, origin.source_file, line)

    def _count_findings(
        self,
        reader: LineReader,
        columns: ColumnarBlock,
        starts: List[int],
        odd_taxa: Set[bytes],
        marked: Marked,
        counts: FileCounts,
    ) -> None:
        """Count the findings of rules in a block."""
        checker = self._rule_checker
        for number in checker.check_columns(reader, columns, starts, odd_taxa, marked, counts):
            line = columns.line(number)
            annotations = self.interpret_line(reader, line)
            if isinstance(annotations, list):
                found = [f for each in annotations for f in checker.check_product(*each)]
                counts.add_findings(found, line)

    # A block line by line

    def _map_lines(
        self,
        reader: LineReader,
        block: bytes,
        origin: Origin,
        counts: FileCounts,
        plain_rows: PlainRows,
    ) -> List[bytes]:
        """Return the records of a block."""
        lines = block.split(b"\n")[:-1]
        split = plain_rows.split(block, lines)
        rows: List[bytes] = []
        excluded = ExcludedAnnotations(origin)
        for number in plain_rows.find_lines(split):
            line = lines[number].rstrip(b"\r")
            if number in split.findings:
                counts.add_findings(split.findings[number], line)
                continue
            split.annotations[number] = None
            if _count_other_line(reader, line, counts):
                continue
            findings: List[Finding] = []
            left_out: List[Tuple[Annotation, bytes]] = []
            annotations = self.interpret_line(reader, line, findings, left_out)
            if isinstance(annotations, Rejection):
                counts.add_rejection(annotations, line)
                continue
            if isinstance(annotations, Filtered):
                counts.add_filtered(annotations)
                excluded.add(left_out, 1)
                continue
            excluded.add(left_out, 0)
            if split.rows:
                plain_rows.learn(line, split.rows[number], annotations, findings)
            split.annotations[number] = ()
            if annotations:
                counts.add_findings(findings, line)
                first = annotations[0][0]
                tokens = tuple([interpreted.token for _, interpreted in annotations])
                split.annotations[number] = origin.find_organism(first.taxon_id), tokens
                split.object_ids[number] = first.object_id.encode("utf-8")
            for annotation, interpreted in annotations:
                if interpreted.term_class:
                    rows.append(encode_row(origin, annotation, interpreted, line))
        n_without = split.annotations.count(())  # gene products without a term: counted as blank
        counts.n_blank += n_without
        counts.n_without_term += n_without
        rows += excluded.encode()
        found = find_line_runs(*split.take_lines())
        counts.n_kept += sum(found.sizes)
        origin.collect_ids(found.runs.organisms, found.runs.object_ids)
        return rows + encode_line_runs(found, counts.number, self._target_only)

    def interpret_line(
        self,
        reader: LineReader,
        line: bytes,
        findings: Optional[List[Finding]] = None,
        left_out: Optional[List[Tuple[Annotation, bytes]]] = None,
    ) -> Union[Interpreted, Rejection, Filtered]:
        """Return the annotations of a line that are used, or why none is: refused, or left out.

        Args:
            reader: Of the line's file.
            line: Without its line end; not a header, not blank.
            findings: The findings of a line that is used are added to this list.
            left_out: Annotations that filters exclude are added to this list, with their tokens.
        """
        annotations = reader.parse(line)
        if isinstance(annotations, Rejection):
            return annotations
        used: Interpreted = []
        refused: Dict[str, Rejection] = {}  # by reason
        filtered: Optional[Filtered] = None
        for annotation in annotations:
            interpreted = self._interpret_annotation(annotation)
            if isinstance(interpreted, Interpretation) and self._filters.strict:
                interpreted = self._check_strictly(reader, line, annotation, interpreted)
            if isinstance(interpreted, Rejection):
                refused.setdefault(interpreted.reason, interpreted)
            elif isinstance(interpreted, Filtered):
                filtered = filtered or interpreted
                if left_out is not None:
                    left_out.append((annotation, interpreted.token))
            else:
                used.append((annotation, interpreted))
        if not used and (refused or filtered):
            return next(iter(refused.values()), filtered) or []
        if findings is not None:
            findings += self._rule_checker.check_line(reader, line, used)
            findings += [Finding("refused_in_part", reason) for reason in refused]
        return used

    def _check_strictly(
        self, reader: LineReader, line: bytes, annotation: Annotation, interpreted: Interpretation
    ) -> Union[Interpretation, Rejection]:
        """Return the interpretation, or the rejection for its first finding named by --strict."""
        for finding in self._rule_checker.check_line(reader, line, [(annotation, interpreted)]):
            if finding.word in self._filters.strict:
                return make_rejection(finding)
        return interpreted

    def _interpret_annotation(
        self, annotation: Annotation
    ) -> Union[Interpretation, Rejection, Filtered]:
        """Return the interpretation of an annotation, or why it is not used."""
        if not annotation.db or not annotation.local_id:
            return Rejection("no_object_id", "GORULE:0000001")
        if CONTROL_CHARACTER.search(annotation.object_id):
            return Rejection("control_character", "GORULE:0000001")
        interpreted = self.interpret(
            (
                annotation.relation,
                annotation.negated,
                annotation.go_id,
                annotation.evidence_code,
                annotation.aspect,
            )
        )
        if isinstance(interpreted, Interpretation):
            option = self._filters.check_annotation(annotation)
            if option is not None:
                return Filtered(option, interpreted.excluded_token)
        return interpreted


def _count_other_line(reader: LineReader, line: bytes, counts: FileCounts) -> bool:
    """Count a line that is blank or a header; return whether it is."""
    if not line.strip():
        counts.n_blank += 1
        return True
    if reader.is_header(line):
        counts.n_header += 1
        return True
    return False


def _count_filtered(filtered: Mapping[bytes, int], counts: FileCounts) -> None:
    for token, n_lines in filtered.items():
        counts.add_filtered(split_filtered(token), n_lines)
