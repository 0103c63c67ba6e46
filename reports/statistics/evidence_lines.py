"""The annotation lines of the closure, and what each rests on: which fall without a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.reducer.gene_product import Facts, GeneProduct
from gafreduce.jobs.reducer.organism_counts import COUNTS, Organism
from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES
from gafreduce.reports.statistics.evidence_sources import Alternatives, alternatives
from gafreduce.reports.tables import verdicts

#: Columns of `annotations` that are read.
READ = (
    "object_id",
    "go_id",
    "term_class",
    "relation",
    "negated",
    "evidence_code",
    "evidence_group",
    "reference",
    "with_from",
    "assigned_by",
    "annotation_extension",
    "gene_product_form",
    "takes_part",
)


@dataclass(frozen=True)
class Line:
    """An annotation line of the closure, and what it rests on."""

    object_id: str
    row: AnnotationRow
    with_from: Alternatives
    references: Alternatives

    @classmethod
    def of(cls, cells: Mapping[str, object]) -> Line:
        """Return the line of a row of `annotations`."""
        known = {name: str(value) for name, value in cells.items() if name != "object_id"}
        for name in ("negated", "takes_part"):
            known[name] = "true" if cells[name] else "false"
        blank = dict.fromkeys(AnnotationRow._fields, "")
        # As written and repaired are told apart for a flag only, which plays no part here.
        row = AnnotationRow(**blank | known | {"annotated_go_id": known["go_id"]})
        return cls(
            str(cells["object_id"]),
            row,
            alternatives(row.with_from),
            alternatives(row.reference),
        )

    @property
    def negated(self) -> bool:
        """Whether it is a NOT line: these never fall."""
        return self.row.negated == "true"

    @property
    def supports_target(self) -> bool:
        """Whether it says that the product takes part in the target."""
        return self.row.term_class in SUPPORTING_CLASSES and self._supports

    @property
    def supports_regulator(self) -> bool:
        """Whether it says that the product regulates the target."""
        return self.row.term_class in REGULATOR_CLASSES and self._supports

    @property
    def has_other_relation(self) -> bool:
        """Whether it is positive on the target by a relation that does not support."""
        return self.row.term_class in SUPPORTING_CLASSES and self._states and not self._supports

    @property
    def _states(self) -> bool:
        return not self.negated and self.row.evidence_group != NO_DATA

    @property
    def _supports(self) -> bool:
        return self._states and self.row.takes_part == "true"

    @property
    def rests_on(self) -> Alternatives:
        """With/From, or the references of a line without any."""
        return self.with_from or self.references

    def falls_without(self, removed: Callable[[str], bool], by: Alternatives) -> bool:
        """Tell whether every alternative lacks an entry that it needs."""
        return not self.negated and bool(by) and all(any(map(removed, together)) for together in by)


@dataclass(frozen=True)
class Evidence:
    """All lines of one organism, and what they add up to."""

    taxon: int
    organism_verdict: str  # of the table `organisms`
    products: Mapping[str, Sequence[Line]]

    @cached_property
    def lines(self) -> list[Line]:
        """All lines."""
        return [line for lines in self.products.values() for line in lines]

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """What each gene product's lines add up to."""
        return {object_id: facts_of(object_id, of) for object_id, of in self.products.items()}

    @cached_property
    def counts(self) -> dict[str, int]:
        """The organism's sums."""
        return counts_of(self.facts.values(), self.organism_verdict)

    @property
    def verdict(self) -> str:
        """The verdict with everything."""
        return verdicts.verdict(self.counts)

    def counts_without(self, fallen: Iterable[Line]) -> dict[str, int]:
        """Return the organism's sums without some of its lines."""
        left = dict(self.facts)
        gone: dict[str, set[int]] = {}
        for line in fallen:
            gone.setdefault(line.object_id, set()).add(id(line))
        for object_id, lines in gone.items():
            kept = (line for line in self.products[object_id] if id(line) not in lines)
            left[object_id] = facts_of(object_id, kept)
        return counts_of(left.values(), self.organism_verdict)

    def negative_regulators(self) -> set[str]:
        """Return the products with a supporting line on a negative regulator term."""
        return {
            line.object_id
            for line in self.lines
            if line.supports_regulator and line.row.term_class == "negative_regulator"
        }


def facts_of(object_id: str, lines: Iterable[Line]) -> Facts:
    """Return what a gene product's lines add up to, as the job does."""
    product = GeneProduct(object_id)
    for line in lines:
        product.add(line.row)
    return product.facts()


def counts_of(facts: Iterable[Facts], organism_verdict: str) -> dict[str, int]:
    """Return the organism's sums, as the job makes them."""
    organism = Organism()
    for of_product in facts:
        organism.add_facts(of_product)
    counts = dict(zip(COUNTS, map(int, organism.encode().split()), strict=True))
    # With lines in the closure left out, lines elsewhere in the aspect are still there.
    counts["n_aspect_no_data"] = 1
    counts["n_aspect_other"] = int(organism_verdict != "no_data")
    return counts
