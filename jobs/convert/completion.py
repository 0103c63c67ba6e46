"""Complete annotations for a format that needs more than the source has, and count the losses.

Every loss has a name and is counted. A value that is supplied never claims more than the source.
"""

from __future__ import annotations

from collections import Counter
from typing import Counter as CounterOf
from typing import Dict, FrozenSet, NamedTuple, Optional, Sequence

from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, Annotation
from gafreduce.jobs.model.go_terms import ROOTS
from gafreduce.jobs.model.relations import (
    ASPECT_BY_RELATION,
    COMPLEX_RELATION,
    ROOT_RELATION_BY_ASPECT,
)
from gafreduce.ontology.termfile import SUPPORTING_CLASSES, TermFile

#: Every loss with its meaning, for users.
LOSSES: Dict[str, str] = {
    "relation_not_stated": "the source has no relation; the weakest one that the term allows is "
    "written",
    "relation_not_known": "the relation is none of GO's; it is written unchanged",
    "evidence_not_stated": "the source has no evidence; NR or ECO:0000000 is written",
    "evidence_not_known": "the evidence code or ECO id is none of GO's; GAF gets it unchanged, "
    "GPAD gets ECO:0000000",
    "eco_id_widened": "the ECO id is more specific than its evidence code, and GAF has the code "
    "only",
    "reference_not_stated": "the source has no reference; the column stays empty",
    "symbol_not_stated": "the source has no symbol; the id is written",
    "type_not_stated": "the source has no type of gene product; `gene_product` is written",
    "aspect_not_known": "neither source nor ontology gives the aspect (name one: --ontology)",
    "date_not_stated": "the source has no date; the column stays empty",
    "date_not_a_date": "the date is not valid; it is written unchanged",
    "assigned_by_not_stated": "the source does not name the assigning group; the column stays "
    "empty",
    "aspect_dropped": "GPAD has no aspect, and the ontology lacks the term",
    "product_dropped": "GPAD has no symbol, name, synonyms, type and taxon (keep them: "
    "--write-gpi FILE)",
    "product_differs": "a gene product is described in several ways; GPI has the first",
    "columns_not_read": "the line has more columns than its format; the additional ones are lost",
    "form_dropped": "the gene product form is lost: GPAD has no column for it",
}

#: For each aspect, the relation that claims the least about the gene product.
#: Source: GORULE:0000061, https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/
_WEAKEST_RELATION = {"P": "acts_upstream_of_or_within", "F": "enables", "C": "located_in"}

Losses = CounterOf[str]


class CompleteAnnotation(NamedTuple):
    """An annotation with a relation and an aspect, as every target needs them."""

    annotation: Annotation
    aspect: str  # P, F or C; empty if it is unknown


class TermFacts:
    """The facts of the ontology that a conversion uses: aspects of terms, and complexes."""

    def __init__(self, terms: Optional[TermFile]) -> None:
        """Take the facts from a term file.

        Args:
            terms: Of the target COMPLEX_ID over is_a; None: there is no ontology.
        """
        self._aspects: Dict[str, str] = {}
        self._complexes: FrozenSet[str] = frozenset()
        self._repairs: Dict[str, str] = {}
        if terms is not None:
            self._aspects = dict(zip(terms.go_ids, terms.aspects))
            self._repairs = terms.repairs
            self._complexes = frozenset(
                term.go_id for term in terms.term_set if term.term_class in SUPPORTING_CLASSES
            )

    def find_aspect(self, go_id: str) -> str:
        """Return the aspect of a term; empty for an unknown term."""
        return self._aspects.get(self._repairs.get(go_id, go_id), "")

    def is_complex(self, go_id: str) -> bool:
        """Return whether a term is a protein-containing complex."""
        return self._repairs.get(go_id, go_id) in self._complexes


def new_losses() -> Losses:
    """Return an empty count of losses."""
    return Counter()


def complete(annotation: Annotation, facts: TermFacts, losses: Losses) -> CompleteAnnotation:
    """Return an annotation with aspect and relation; count a relation that is supplied."""
    aspect = facts.find_aspect(annotation.go_id) or annotation.aspect
    if not aspect:
        aspect = ASPECT_BY_RELATION.get(annotation.relation.split("|")[0], "")
    if annotation.relation:
        return CompleteAnnotation(annotation, aspect)
    if annotation.go_id in ROOTS:
        relation = ROOT_RELATION_BY_ASPECT[ROOTS[annotation.go_id]]
    elif facts.is_complex(annotation.go_id):
        relation = COMPLEX_RELATION
    else:
        relation = _WEAKEST_RELATION.get(aspect, "")
    losses["relation_not_stated"] += 1
    return CompleteAnnotation(annotation._replace(relation=relation), aspect)


def count_empty_columns(annotation: Annotation, losses: Losses) -> None:
    """Count columns that every target has and that stay empty."""
    for cell, loss in (
        (annotation.reference, "reference_not_stated"),
        (annotation.date, "date_not_stated"),
        (annotation.assigned_by, "assigned_by_not_stated"),
    ):
        if not cell:
            losses[loss] += 1


def join_cells(cells: Sequence[str]) -> str:
    """Return cells as a line of tab-separated text; control characters become blanks."""
    return "\t".join(
        CONTROL_CHARACTER.sub(" ", cell) if CONTROL_CHARACTER.search(cell) else cell
        for cell in cells
    )
