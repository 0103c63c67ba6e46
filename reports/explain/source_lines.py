"""What an explanation stands on: annotation lines, from the run folder or from the inputs again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from gafreduce.jobs.files import splits
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.mapper.annotation_row import make_row
from gafreduce.jobs.mapper.mapper import Digest
from gafreduce.jobs.model.annotation import Filtered, Rejection, decode
from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.rules.catalogue import Finding
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.tables.reader import Row as Cells

#: What becomes of a line, as the columns of `inputs` count it.
KINDS = ("header", "blank", "kept", "filtered", "rejected")
_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")


class Fact(NamedTuple):
    """One annotation of a line, and what the run made of it."""

    taxon_id: int
    object_id: str
    row: AnnotationRow
    text: str  # the line as it stands in the file; tabs are blanks when it comes from a table
    number: int = 0  # of the line in its file, 1-based; 0: not looked up
    findings: tuple[Finding, ...] = ()  # what rules have to say of the line

    @property
    def is_supporting(self) -> bool:
        """Whether it is positive, not ND, and its relation says that the product takes part."""
        return self.is_positive and self.row.takes_part == "true"

    @property
    def is_positive(self) -> bool:
        """Whether it is neither NOT nor ND."""
        return self.row.negated == "false" and self.row.evidence_group != NO_DATA


class Outcome(NamedTuple):
    """A line of an input, and what became of it."""

    source_file: str
    number: int  # 1-based
    text: str
    kind: str  # of KINDS
    reason: str = ""  # of a rejection, or the option of a filter
    value: str = ""  # of a rejection: what is wrong
    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()  # what rules have to say of a line that is kept
    left_out: tuple[Fact, ...] = ()  # what a line says that a filter leaves out


class Lines(Protocol):
    """The lines of a run's inputs."""

    def outcomes(self, source_file: str | None = None) -> Iterable[Outcome]:
        """Return every line of one file, or of all of them, file by file."""

    def facts(
        self, taxon_id: int | None = None, on: Callable[[str], bool] | None = None
    ) -> Iterable[Fact]:
        """Return every annotation that is kept.

        Args:
            taxon_id: Of one organism; None for all.
            on: On terms of which this holds; None for all.
        """

    def find(self, facts: Sequence[Fact]) -> dict[tuple[str, str], Fact]:
        """Return facts as they stand in the inputs, by file and text without control characters."""


def place(fact: Fact) -> tuple[str, str]:
    """Return where a fact is found whether it comes from a table or from the input."""
    return fact.row.source_file, fact.text.translate(_SPACES)


def from_table(cells: Cells) -> Fact:
    """Return the fact of a row of the table `annotations`."""
    row = AnnotationRow(**{name: cells[name] for name in AnnotationRow._fields})
    return Fact(int(cells["taxon_id"]), cells["object_id"], row, row.line)


def _unfiltered(filters: Filters) -> Filters:
    """Return filters that take every line and interpret it in the same way."""
    return Filters(
        supporting_relations=filters.supporting_relations,
        strict=filters.strict,
        obsolete=filters.obsolete,
    )


def _why(rejection: Rejection) -> tuple[str, str]:
    return rejection.reason, rejection.value


class StreamedLines:
    """Lines read from the files whenever they are asked for: nothing of them is held."""

    def __init__(self, inputs: Sequence[InputFile], terms: TermFile, filters: Filters) -> None:
        self._inputs = inputs
        self._digest = Digest(terms, target_only=False, filters=filters)
        self._unfiltered = Digest(terms, target_only=False, filters=_unfiltered(filters))

    def outcomes(self, source_file: str | None = None) -> Iterator[Outcome]:
        """Return every line of one file, or of all of them, file by file."""
        for source in self._inputs:
            if source_file not in (None, source.source_file):
                continue
            reader = registry.make_reader(source)
            number = 0
            for block in splits.read_split(splits.Split(source.uri, 0, source.bytes)).blocks:
                for line in block.split(b"\n")[:-1]:
                    number += 1
                    yield self._outcome(source, reader, number, line.rstrip(b"\r"))

    def _outcome(self, source: InputFile, reader: LineReader, number: int, line: bytes) -> Outcome:
        text = decode(line)
        if not line.strip():
            return Outcome(source.source_file, number, text, "blank")
        if reader.is_header(line):
            return Outcome(source.source_file, number, text, "header")
        findings: list[Finding] = []
        understood = self._digest.understand(reader, line, findings)
        if isinstance(understood, Rejection):
            return Outcome(source.source_file, number, text, "rejected", *_why(understood))
        option = ""
        if isinstance(understood, Filtered):
            option = understood.option
            whole = self._unfiltered.understand(reader, line)
            understood = whole if isinstance(whole, list) else []
        facts = tuple(
            Fact(
                annotation.taxon_id,
                annotation.object_id,
                make_row(annotation, reading, source.source_file, line),
                text,
                number,
                tuple(findings),
            )
            for annotation, reading in understood
        )
        if option:
            return Outcome(source.source_file, number, text, "filtered", option, left_out=facts)
        kind = "kept" if facts else "blank"  # a gene product without a term says nothing
        return Outcome(
            source.source_file, number, text, kind, facts=facts, findings=tuple(findings)
        )

    def facts(
        self, taxon_id: int | None = None, on: Callable[[str], bool] | None = None
    ) -> Iterator[Fact]:
        """Return every annotation that is kept; see `Lines`."""
        holds = None if on is None else lru_cache(maxsize=100_000)(on)
        for outcome in self.outcomes():
            for fact in outcome.facts:
                is_of_taxon = taxon_id is None or fact.taxon_id == taxon_id
                if is_of_taxon and (holds is None or holds(fact.row.go_id)):
                    yield fact

    def find(self, facts: Sequence[Fact]) -> dict[tuple[str, str], Fact]:
        """Return facts as they stand in the inputs, by file and text without control characters."""
        wanted = set(map(place, facts))
        return {place(fact): fact for fact in self.facts() if place(fact) in wanted}


class HeldLines:
    """Lines read once and held: for inputs that are small beside the memory."""

    def __init__(self, lines: Lines) -> None:
        self._by_file: dict[str, list[Outcome]] = {}
        self._by_term: dict[int, dict[str, list[Fact]]] = {}  # by taxon, then by term
        self._by_place: dict[tuple[str, str], Fact] = {}
        for outcome in lines.outcomes():
            self._by_file.setdefault(outcome.source_file, []).append(outcome)
            for fact in outcome.facts:
                of_taxon = self._by_term.setdefault(fact.taxon_id, {})
                of_taxon.setdefault(fact.row.go_id, []).append(fact)
                self._by_place[place(fact)] = fact

    def outcomes(self, source_file: str | None = None) -> Iterator[Outcome]:
        """Return every line of one file, or of all of them, file by file."""
        for name, outcomes in self._by_file.items():
            if source_file in (None, name):
                yield from outcomes

    def facts(
        self, taxon_id: int | None = None, on: Callable[[str], bool] | None = None
    ) -> Iterator[Fact]:
        """Return every annotation that is kept, term by term; see `Lines`."""
        taxa = self._by_term if taxon_id is None else [taxon_id]
        for taxon in taxa:
            for go_id, facts in self._by_term.get(taxon, {}).items():
                if on is None or on(go_id):
                    yield from facts

    def find(self, facts: Sequence[Fact]) -> dict[tuple[str, str], Fact]:
        """Return facts as they stand in the inputs, by file and text without control characters."""
        found = (place(fact) for fact in facts)
        return {where: self._by_place[where] for where in found if where in self._by_place}
