"""What explanations are made of: tables and record of a run, and its inputs where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, TypeVar, cast

from gafreduce.errors import InputError
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.filters import Filters
from gafreduce.jobs.reducer.gene_product import GeneProduct
from gafreduce.ontology.termfile import TermFile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.components.components_file import Machinery
from gafreduce.reports.explain.source_lines import Fact, Lines, Outcome, from_table
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.tables.reader import Row, read_rows
from gafreduce.reports.tables.schema import TABLES, Table

T = TypeVar("T")


#: Lines left out by filters that are counted for one cell; more are "that many or more".
N_LEFT_OUT = 1000


class ExplainError(InputError):
    """What is to be explained is not in the run folder."""


class Label(NamedTuple):
    """What the sample sheet says of an input, and where it lies."""

    organism: str = ""
    compare: bool | None = None
    complete: bool = True
    format: str = ""
    compression: str = ""
    bytes: int = 0
    layout: str = ""


@dataclass(frozen=True)
class Inputs:
    """The inputs of a run, found again unchanged."""

    lines: Lines
    files: Sequence[InputFile]
    filters: Filters
    terms: TermFile
    labels: Mapping[str, Label]  # by source_file
    names: Mapping[int, str]  # of --organism-names
    machinery: Machinery


@dataclass
class Sources:
    """A run folder, and the inputs when they are there unchanged."""

    folder: RunFolder
    inputs: Inputs | None = None
    missing: str = ""  # why there are no inputs
    limit: int = 20  # lines shown of one number
    _tables: dict[str, list[Row]] = field(default_factory=dict)
    _facts: dict[int, list[Fact]] | None = None
    _products: dict[tuple[int, str], GeneProduct] = field(default_factory=dict)
    _remade: object = None
    _left_out: dict[tuple[int, str | None], list[Outcome]] = field(default_factory=dict)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The run record."""
        return self.folder.read_record()

    def table(self, name: str) -> Table:
        """Return the definition of a table.

        Raises:
            ExplainError: There is none of this name.
        """
        if name not in TABLES:
            raise ExplainError(
                f"{name}: expected a table, one of {', '.join(TABLES)} "
                "(TABLE/KEY/COLUMN, as in organisms/224308/n_target_electronic)"
            )
        return TABLES[name]

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table, read once."""
        if name not in self._tables:
            self._tables[name] = list(read_rows(self.folder, name))
        return self._tables[name]

    def has(self, name: str) -> bool:
        """Tell whether a table is there: a run may have been made without statistics."""
        return self.folder.has_table(name)

    def closure_facts(self, taxon_id: int) -> list[Fact]:
        """Return the lines of an organism that are rows of `annotations`."""
        if self._facts is None:
            self._facts = {}
            for cells in self.rows("annotations"):
                fact = from_table(cells)
                self._facts.setdefault(fact.taxon_id, []).append(fact)
        return self._facts.get(taxon_id, [])

    def product(self, taxon_id: int, object_id: str) -> GeneProduct:
        """Return a gene product, put together again from its rows in `annotations`."""
        key = (taxon_id, object_id)
        if key not in self._products:
            made = self._products[key] = GeneProduct(object_id)
            for fact in self.closure_facts(taxon_id):
                if fact.object_id == object_id:
                    made.add(fact.row)
        return self._products[key]

    def remade(self, make: Callable[[], T]) -> T:
        """Return the statistics made again, once."""
        if self._remade is None:
            self._remade = make()
        return cast("T", self._remade)

    def left_out(self, taxon_id: int, object_id: str | None) -> list[Outcome]:
        """Return the lines of an organism or gene product that the run's filters leave out.

        There are none without the inputs; of many, the first ones.
        """
        key = (taxon_id, object_id)
        if key not in self._left_out:
            outcomes = () if self.inputs is None else self.inputs.lines.outcomes()
            found = (
                outcome
                for outcome in outcomes
                for fact in outcome.left_out[:1]
                if fact.taxon_id == taxon_id and object_id in (None, fact.object_id)
            )
            self._left_out[key] = list(islice(found, N_LEFT_OUT))
        return self._left_out[key]

    def need_inputs(self) -> Inputs:
        """Return the inputs.

        Raises:
            NotMadeAgain: They are not there, or not unchanged.
        """
        if self.inputs is None:
            raise NotMadeAgain(f"needs the inputs again: {self.missing}")
        return self.inputs

    @cached_property
    def ancestors(self) -> Ancestors:
        """Which term says which other term, too."""
        return Ancestors(self.need_inputs().terms)

    def aspect_of(self, fact: Fact) -> str:
        """Return the aspect of a line's term: the ontology's, the line's own for unknown ids."""
        terms = self.need_inputs().terms
        number = terms.index.get(fact.row.go_id)
        return fact.row.aspect if number is None else terms.aspects[number]

    def says(self, go_id: str, other: str) -> bool:
        """Tell whether an annotation to a term says another one, too: itself or an ancestor."""
        if go_id == other:
            return True
        number, ancestor = self.ancestors.find_number(go_id), self.ancestors.find_number(other)
        return number is not None and ancestor in self.ancestors.close_term(number)

    def facts_saying(self, go_id: str, taxon_id: int | None = None) -> Iterable[Fact]:
        """Return the supporting lines on a term or a descendant of it."""
        lines = self.need_inputs().lines.facts(taxon_id, lambda other: self.says(other, go_id))
        return (fact for fact in lines if fact.is_supporting)

    def facts_on(self, go_id: str, taxon_id: int | None = None) -> Iterable[Fact]:
        """Return the supporting lines on a term itself."""
        lines = self.need_inputs().lines.facts(taxon_id, lambda other: other == go_id)
        return (fact for fact in lines if fact.is_supporting)


class NotMadeAgain(Exception):  # noqa: N818 - an outcome that is said, not an error of the user
    """A cell can't be made again; the message says why."""


class Found(NamedTuple):
    """A cell made again."""

    value: object  # as `table_files.cell` takes it
    how: str  # in words: what was counted, or which formula
    facts: Sequence[Fact] = ()  # the first lines that make it
    n_facts: int = 0  # how many they are
    cells: Mapping[str, object] = {}
    texts: Sequence[str] = ()  # lines of an input that are no annotation: headers, refused lines


#: A cell's lines without its value, and the values of the columns that they make.
Summed = tuple[Found, dict[str, object]]


def first(facts: Iterable[Fact], limit: int) -> tuple[list[Fact], int]:
    """Return the first facts, and how many there are."""
    kept: list[Fact] = []
    count = 0
    for fact in facts:
        count += 1
        if count <= limit:
            kept.append(fact)
    return kept, count
