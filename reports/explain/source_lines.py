"""Annotation lines behind a number: read from the inputs again, or from the table `annotations`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from gafreduce.jobs.files import splits
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.annotation_row import make_row
from gafreduce.jobs.mapper.id_map import NO_MAP, IdMap
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.mapper import Interpreted, ProfileMapper
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.model.annotation import Annotation, Filtered, Rejection, decode
from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.model.organisms import Organisms, order_organism
from gafreduce.jobs.model.relations import UPSTREAM_OR_WITHIN, is_known_relation
from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES, TermFile
from gafreduce.reports.tables.reader import Row

#: Kinds of lines, as the columns of `inputs` count them.
KINDS = ("header", "blank", "kept", "filtered", "rejected")
_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")


class TracedAnnotation(NamedTuple):
    """An annotation of a line, with its interpretation by the run."""

    organism_id: str
    object_id: str
    row: AnnotationRow
    text: str  # the line as in the file; with blanks for tabs if it comes from the table
    number: int = 0  # of the line in its file, 1-based; 0 if unknown
    findings: tuple[Finding, ...] = ()  # of the quality rules

    @property
    def is_positive(self) -> bool:
        """Whether it is neither NOT nor ND."""
        return self.row.negated == "false" and self.row.evidence_group != NO_DATA

    @property
    def is_supporting(self) -> bool:
        """Whether it is positive and has a relation by which the gene product takes part."""
        return self.is_positive and self.row.takes_part == "true"

    @property
    def supports_target(self) -> bool:
        """Whether it supports the target term or a descendant."""
        return self.is_supporting and self.row.term_class in SUPPORTING_CLASSES

    @property
    def supports_regulator(self) -> bool:
        """Whether it supports a regulator of the target term."""
        return self.is_supporting and self.row.term_class in REGULATOR_CLASSES

    @property
    def is_upstream_or_within(self) -> bool:
        """Whether it has a relation that leaves open whether the product acts upstream only."""
        return not UPSTREAM_OR_WITHIN.isdisjoint(self.row.relation.split("|"))

    @property
    def has_other_relation(self) -> bool:
        """Whether it is positive on the target term or a descendant, but does not support it."""
        is_on_target = self.row.term_class in SUPPORTING_CLASSES
        is_other = self.is_positive and not self.is_supporting
        return is_on_target and is_other and is_known_relation(self.row.relation)

    @property
    def has_unknown_relation(self) -> bool:
        """Whether it is on the target term or a descendant, with a relation that GO lacks."""
        is_on_target = self.row.term_class in SUPPORTING_CLASSES
        has_evidence = self.row.evidence_group != NO_DATA
        return is_on_target and has_evidence and not is_known_relation(self.row.relation)

    @property
    def is_effective_not(self) -> bool:
        """Whether it is a NOT that applies to the gene product and the target term."""
        row = self.row
        form = row.gene_product_form
        return (
            row.negated == "true"
            and row.term_class in ("target", "ancestor")
            and row.takes_part == "true"
            and not row.annotation_extension
            and (not form or form.partition(":")[2] == self.object_id.partition(":")[2])
        )

    @property
    def place(self) -> tuple[str, str]:
        """File and text without control characters: the same for table and input."""
        return self.row.source_file, self.text.translate(_SPACES)


class TracedLine(NamedTuple):
    """A line of an input, and its treatment by the run."""

    source_file: str
    number: int  # 1-based
    text: str
    kind: str  # of KINDS
    reason: str = ""  # of a rejection, or the option of a filter
    value: str = ""  # of a rejection: the invalid value
    annotations: tuple[TracedAnnotation, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the quality rules, if the line is kept
    excluded: tuple[TracedAnnotation, ...] = ()  # annotations excluded by a filter


def trace_row(row: Row) -> TracedAnnotation:
    """Return the annotation of a row of the table `annotations`."""
    cells = AnnotationRow(**{name: row[name] for name in AnnotationRow._fields})
    return TracedAnnotation(row["organism_id"], row["object_id"], cells, cells.line)


class InputLines:
    """The lines of the inputs of a run."""

    def __init__(
        self,
        files: Sequence[InputFile],
        terms: TermFile,
        filters: Filters,
        organisms: Organisms,
        id_map: IdMap = NO_MAP,
        *,
        keep: bool,
    ) -> None:
        """Prepare to read the files.

        Args:
            files: The inputs.
            terms: The ontology of the run.
            filters: The filters of the run.
            organisms: The samples of the run.
            id_map: Other ids of gene products.
            keep: Whether to hold all lines in memory; otherwise each call reads the files again.
        """
        self._files = files
        self._organisms = organisms
        self._mapper = ProfileMapper(terms, target_only=False, filters=filters, id_map=id_map)
        without_filters = Filters(
            supporting_relations=filters.supporting_relations,
            strict=filters.strict,
            obsolete=filters.obsolete,
        )
        self._mapper_without_filters = ProfileMapper(
            terms, target_only=False, filters=without_filters
        )
        self._keep = keep

    @cached_property
    def _kept(self) -> list[TracedLine]:
        return list(self._read_lines(None))

    @cached_property
    def _by_term(self) -> dict[str, dict[str, list[TracedAnnotation]]]:
        """The annotations by organism id and term."""
        by_term: dict[str, dict[str, list[TracedAnnotation]]] = {}
        for line in self._kept:
            for each in line.annotations:
                terms = by_term.setdefault(each.organism_id, {})
                terms.setdefault(each.row.go_id, []).append(each)
        return by_term

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], TracedAnnotation]:
        return {each.place: each for line in self._kept for each in line.annotations}

    def read_lines(self, source_file: str | None = None) -> Iterator[TracedLine]:
        """Yield the lines of one file, or of all files."""
        if not self._keep:
            yield from self._read_lines(source_file)
            return
        for line in self._kept:
            if source_file in (None, line.source_file):
                yield line

    def read_annotations(
        self, organism_id: str | None = None, matches: Callable[[str], bool] | None = None
    ) -> Iterator[TracedAnnotation]:
        """Yield the annotations that are kept.

        Args:
            organism_id: Of one organism; None for all.
            matches: Returns whether a GO id is wanted; None for all.
        """
        if self._keep:
            for key in self._by_term if organism_id is None else [organism_id]:
                for go_id, annotations in self._by_term.get(key, {}).items():
                    if matches is None or matches(go_id):
                        yield from annotations
            return
        is_wanted = None if matches is None else lru_cache(maxsize=100_000)(matches)
        for line in self._read_lines(None):
            for each in line.annotations:
                if organism_id in (None, each.organism_id) and (
                    is_wanted is None or is_wanted(each.row.go_id)
                ):
                    yield each

    def find_main_organism(self, source_file: str) -> str:
        """Return the organism with most lines of a file before filters; ties by order."""
        n_lines = Counter(
            (line.annotations or line.excluded)[-1].organism_id
            for line in self.read_lines(source_file)
            if line.annotations or line.excluded
        )
        return min(n_lines, key=lambda each: (-n_lines[each], order_organism(each)), default="")

    def locate(
        self, annotations: Sequence[TracedAnnotation]
    ) -> dict[tuple[str, str], TracedAnnotation]:
        """Return the annotations as they are in the inputs, by place; missing ones are left out."""
        wanted = {each.place for each in annotations}
        if self._keep:
            return {place: self._by_place[place] for place in wanted & self._by_place.keys()}
        return {each.place: each for each in self.read_annotations() if each.place in wanted}

    def _read_lines(self, source_file: str | None) -> Iterator[TracedLine]:
        for source in self._files:
            if source_file not in (None, source.source_file):
                continue
            reader, origin = self._mapper.make_reader(source), Origin(source)
            number = 0
            split = splits.Split(source.uri, 0, source.bytes)
            for block in splits.read_split(split, source.version).blocks:
                for line in block.split(b"\n")[:-1]:
                    number += 1
                    yield self._trace(origin, reader, number, line.rstrip(b"\r"))

    def _trace(self, origin: Origin, reader: LineReader, number: int, line: bytes) -> TracedLine:
        """Return a line with the treatment that the mapper gives it."""
        text, source_file = decode(line), origin.source_file
        if not line.strip():
            return TracedLine(source_file, number, text, "blank")
        if reader.is_header(line):
            return TracedLine(source_file, number, text, "header")
        findings: list[Finding] = []
        left_out: list[tuple[Annotation, bytes]] = []
        result = self._mapper.interpret_line(reader, line, findings, left_out)
        if isinstance(result, Rejection):
            return TracedLine(source_file, number, text, "rejected", result.reason, result.value)
        kept = result if isinstance(result, list) else []
        excluded: Interpreted = []
        if left_out:
            unfiltered = self._mapper_without_filters.interpret_line(reader, line)
            if isinstance(unfiltered, list):
                excluded = [each for each in unfiltered if each[0] in [x for x, _ in left_out]]

        def trace(annotation: Annotation, interpretation: Interpretation) -> TracedAnnotation:
            row = make_row(annotation, interpretation, source_file, line)
            organism_id = self._organisms.id_of(int(origin.find_organism(annotation.taxon_id)))
            place = (text, number, tuple(findings))
            return TracedAnnotation(organism_id, annotation.object_id, row, *place)

        return TracedLine(
            *(source_file, number, text),
            # without annotations: a gene product without a term
            "filtered" if isinstance(result, Filtered) else "kept" if kept else "blank",
            result.option if isinstance(result, Filtered) else "",
            annotations=tuple(trace(*each) for each in kept),
            findings=tuple(findings) if kept else (),
            excluded=tuple(trace(*each) for each in excluded),
        )
