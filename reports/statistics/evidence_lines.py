"""Annotation lines of the term set with their sources, and the effect of leaving sources out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.model.relations import is_known_relation
from gafreduce.jobs.records import AnnotationRow
from gafreduce.jobs.reducer.gene_product import GeneProductRows, ProductFacts
from gafreduce.jobs.reducer.organism_counts import OrganismCounts, decode_counts
from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES
from gafreduce.reports.evidence.annotation_sources import find_sources
from gafreduce.reports.tables import verdicts
from gafreduce.reports.tables.evidence_sources import Alternatives, split_alternatives

#: Columns of `annotations` from which a line is made.
COLUMNS = (
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
class EvidenceLine:
    """An annotation line of the term set, and its sources."""

    object_id: str
    row: AnnotationRow
    sources: Alternatives
    entries: Alternatives  # of With/From, if electronic and not empty; else the sources

    @classmethod
    def from_cells(cls, cells: Mapping[str, object]) -> EvidenceLine:
        """Return the line of a row of `annotations`, of which COLUMNS are given."""
        known = {name: str(value) for name, value in cells.items() if name != "object_id"}
        for name in ("negated", "takes_part"):
            known[name] = "true" if cells[name] else "false"
        blank = dict.fromkeys(AnnotationRow._fields, "")
        # The id as written differs from the repaired one only for a flag, which is not needed here.
        row = AnnotationRow(**blank | known | {"annotated_go_id": known["go_id"]})
        sources = find_sources(row.evidence_code, row.reference, row.with_from, row.assigned_by)
        entries = row.evidence_group == "electronic" and split_alternatives(row.with_from)
        return cls(str(cells["object_id"]), row, sources, entries or sources)

    @property
    def is_negated(self) -> bool:
        """Whether it is a NOT line; no source excludes a NOT line."""
        return self.row.negated == "true"

    @property
    def supports_target(self) -> bool:
        """Whether it is a supporting line on a target or core term."""
        return self.row.term_class in SUPPORTING_CLASSES and self._is_supporting

    @property
    def supports_regulator(self) -> bool:
        """Whether it is a supporting line on a regulator term."""
        return self.row.term_class in REGULATOR_CLASSES and self._is_supporting

    @property
    def has_other_relation(self) -> bool:
        """Whether it is positive on the target by a relation that does not support the target."""
        return (
            self.row.term_class in SUPPORTING_CLASSES
            and self._is_positive
            and not self._is_supporting
            and is_known_relation(self.row.relation)
        )

    @property
    def _is_positive(self) -> bool:
        return not self.is_negated and self.row.evidence_group != NO_DATA

    @property
    def _is_supporting(self) -> bool:
        return self._is_positive and self.row.takes_part == "true"

    def is_excluded_without(self, removed: Set[str], alternatives: Alternatives) -> bool:
        """Return whether every alternative lacks something that it needs.

        Args:
            removed: What is left out.
            alternatives: `sources` or `entries` of this line.
        """
        return not self.is_negated and not any(map(removed.isdisjoint, alternatives))


class OrganismFacts(NamedTuple):
    """Cells of the table `organisms` that decide a verdict together with lines."""

    verdict: str
    is_complete: bool
    n_filtered_target_gene_products: int


@dataclass(frozen=True)
class Evidence:
    """All lines of one organism with their sums."""

    organism_id: str
    organism: OrganismFacts
    products: Mapping[str, Sequence[EvidenceLine]]  # by object_id

    @cached_property
    def lines(self) -> list[EvidenceLine]:
        """All lines."""
        return [line for lines in self.products.values() for line in lines]

    @cached_property
    def facts(self) -> dict[str, ProductFacts]:
        """The facts of each gene product, by object_id."""
        return {
            object_id: compute_facts(object_id, lines) for object_id, lines in self.products.items()
        }

    @cached_property
    def counts(self) -> dict[str, int]:
        """The counts of the organism with all lines."""
        return compute_counts(self.facts.values(), self.organism)

    @property
    def verdict(self) -> str:
        """The verdict with all lines."""
        return self.decide_verdict(self.counts)

    def decide_verdict(self, counts: Mapping[str, int]) -> str:
        """Return the verdict with these counts."""
        return verdicts.decide_verdict(counts, is_complete=self.organism.is_complete)

    def find_facts_without(self, excluded: Iterable[EvidenceLine]) -> dict[str, ProductFacts]:
        """Return the facts of each gene product without some of its lines."""
        facts = dict(self.facts)
        excluded_ids: dict[str, set[int]] = {}
        for line in excluded:
            excluded_ids.setdefault(line.object_id, set()).add(id(line))
        for object_id, ids in excluded_ids.items():
            remaining = (line for line in self.products[object_id] if id(line) not in ids)
            facts[object_id] = compute_facts(object_id, remaining)
        return facts

    def count(self, facts: Iterable[ProductFacts]) -> dict[str, int]:
        """Return the counts of the organism with these gene products."""
        return compute_counts(facts, self.organism)

    def count_without(self, excluded: Iterable[EvidenceLine]) -> dict[str, int]:
        """Return the counts of the organism without some of its lines."""
        return self.count(self.find_facts_without(excluded).values())

    @cached_property
    def negative_regulators(self) -> frozenset[str]:
        """The gene products with a supporting line on a negative regulator term."""
        return frozenset(
            line.object_id
            for line in self.lines
            if line.supports_regulator and line.row.term_class == "negative_regulator"
        )


def compute_facts(object_id: str, lines: Iterable[EvidenceLine]) -> ProductFacts:
    """Return the facts of a gene product, as the reducer of the first job does."""
    product = GeneProductRows(object_id)
    for line in lines:
        product.add(line.row)
    return product.summarise()


def compute_counts(facts: Iterable[ProductFacts], of_organism: OrganismFacts) -> dict[str, int]:
    """Return the counts of an organism, as the first job does."""
    organism = OrganismCounts()
    for each in facts:
        organism.add_facts(each)
    counts = decode_counts(organism.encode()).counts
    counts["n_filtered_target_gene_products"] = of_organism.n_filtered_target_gene_products
    # Lines outside the term set remain, whatever is left out inside it.
    counts["n_aspect_no_data"] = 1
    counts["n_aspect_other"] = int(of_organism.verdict != "no_data")
    return counts
