"""The sources of explanations: a run folder, and the inputs of the run if they are unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from gafreduce.errors import InputError
from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.model.filters import Filters
from gafreduce.ontology.termfile import TermFile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.explain.source_lines import (
    InputLines,
    TracedAnnotation,
    TracedLine,
    trace_row,
)
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.tables.reader import Row, read_rows
from gafreduce.reports.tables.schema import TABLES, Table

#: Largest number of lines excluded by filters that are counted for a cell.
MAX_EXCLUDED = 1000


class NotRecomputedError(InputError):
    """A cell is not recomputed; the message is the reason."""


class Recomputed(NamedTuple):
    """The recomputed value of a cell, with the lines behind it."""

    value: object  # as `writer.cell` takes it
    method: str  # counted unit and lines, or the formula
    annotations: Sequence[TracedAnnotation] = ()  # the first ones
    n_annotations: int = 0
    cells: Mapping[str, object] = {}  # other numbers that the value depends on
    texts: Sequence[str] = ()  # lines that are not annotations: headers, rejected lines


@dataclass(frozen=True)
class RunInputs:
    """The inputs of a run, found again and unchanged."""

    lines: InputLines
    terms: TermFile


@dataclass
class RunSources:
    """A run folder, and its inputs if they are there unchanged."""

    folder: RunFolder
    inputs: RunInputs | None = None
    missing: str = ""  # reason why there are no inputs
    limit: int = 20  # lines shown for one number
    _rows: dict[str, list[Row]] = field(default_factory=dict)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The run record (run.json)."""
        return self.folder.read_record()

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of the run that differ from the defaults, by field."""
        return dict(Filters.from_dict(self.record.get("options", {}).get("filters", {})).changes)

    def get_table(self, table: str) -> Table:
        """Return the definition of a table.

        Raises:
            InputError: There is no such table.
        """
        if table not in TABLES:
            raise InputError(
                f"{table}: expected a table, one of {', '.join(TABLES)} "
                "(TABLE/KEY/COLUMN, as in organisms/224308/n_target_electronic)"
            )
        return TABLES[table]

    def read_rows(self, table: str) -> list[Row]:
        """Return the rows of a table, which is read once."""
        if table not in self._rows:
            self._rows[table] = list(read_rows(self.folder, table))
        return self._rows[table]

    def has_rows(self, table: str) -> bool:
        """Return whether the run has a table that is not empty."""
        return self.folder.has_table(table) and bool(self.read_rows(table))

    @cached_property
    def organism_names(self) -> dict[str, str]:
        """The name of each organism by its id."""
        return {row["organism_id"]: row["organism"] for row in self.read_rows("organisms")}

    @cached_property
    def ncbi_names(self) -> dict[str, str]:
        """The name of each organism's taxon in the NCBI Taxonomy, by its id, where it has one."""
        taxa = TaxonNames()
        rows = sorted(self.read_rows("organisms"), key=lambda row: int(row["taxon_id"]))
        found = {row["organism_id"]: taxa.find(int(row["taxon_id"])) for row in rows}
        return {organism_id: name for organism_id, name in found.items() if name}

    @cached_property
    def symbols(self) -> dict[tuple[str, str], str]:
        """The symbol of each gene product by the ids of its organism and its own."""
        return {
            (row["organism_id"], row["object_id"]): row["symbol"]
            for row in self.read_rows("gene_products")
        }

    @cached_property
    def _term_set_annotations(self) -> dict[str, list[TracedAnnotation]]:
        """The rows of `annotations` by organism id."""
        by_id: dict[str, list[TracedAnnotation]] = {}
        for row in self.read_rows("annotations"):
            by_id.setdefault(row["organism_id"], []).append(trace_row(row))
        return by_id

    def get_annotations(
        self, organism_id: str, object_id: str | None = None
    ) -> list[TracedAnnotation]:
        """Return the rows of `annotations` of an organism, or of one of its gene products."""
        annotations = self._term_set_annotations.get(organism_id, [])
        return [each for each in annotations if object_id in (None, each.object_id)]

    def find_excluded(self, organism_id: str, object_id: str | None) -> list[TracedLine]:
        """Return lines of an organism or gene product that filters exclude, 1,000 at most."""
        lines = () if self.inputs is None else self.inputs.lines.read_lines()
        excluded = (
            line
            for line in lines
            if line.kind == "filtered"
            for each in line.excluded[:1]
            if each.organism_id == organism_id and object_id in (None, each.object_id)
        )
        return list(islice(excluded, MAX_EXCLUDED))

    def require_inputs(self) -> RunInputs:
        """Return the inputs.

        Raises:
            NotRecomputedError: They are missing or have changed.
        """
        if self.inputs is None:
            raise NotRecomputedError(f"the inputs are needed: {self.missing}")
        return self.inputs

    @cached_property
    def _ancestors(self) -> Ancestors:
        return Ancestors(self.require_inputs().terms)

    def get_aspect(self, annotation: TracedAnnotation) -> str:
        """Return the aspect of the term in the ontology; of an unknown term that of the line."""
        terms = self.require_inputs().terms
        number = terms.index.get(annotation.row.go_id)
        return annotation.row.aspect if number is None else terms.aspects[number]

    def implies(self, go_id: str, other: str) -> bool:
        """Return whether a term is another term or one of its descendants."""
        if go_id == other:
            return True
        number, ancestor = self._ancestors.find_number(go_id), self._ancestors.find_number(other)
        return number is not None and ancestor in self._ancestors.close_term(number)

    def read_supporting(
        self, go_id: str, organism_id: str | None = None, *, descendants: bool
    ) -> Iterator[TracedAnnotation]:
        """Yield the supporting annotations to a term, or to the term and its descendants."""

        def matches(other: str) -> bool:
            return self.implies(other, go_id) if descendants else other == go_id

        for each in self.require_inputs().lines.read_annotations(organism_id, matches):
            if each.is_supporting:
                yield each


def take_first(
    annotations: Iterable[TracedAnnotation], limit: int
) -> tuple[list[TracedAnnotation], int]:
    """Return the first annotations, and the number of all."""
    kept: list[TracedAnnotation] = []
    number = 0
    for number, each in enumerate(annotations, 1):
        if number <= limit:
            kept.append(each)
    return kept, number
