"""GAF 2.2, written: one line for an annotation.

Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/
"""

from __future__ import annotations

from typing import List

from gafreduce.jobs.convert.conversion import Losses, TermFacts, complete, count_gaps, row
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.eco import eco_id_of
from gafreduce.jobs.model.evidence import is_known
from gafreduce.jobs.model.relations import OTHER, SUPPORTING

NAME = "gaf2.2"


class GafWriter:
    """Writes annotations as GAF 2.2."""

    def __init__(self, facts: TermFacts, losses: Losses) -> None:
        self._facts = facts
        self._losses = losses

    def header(self) -> List[str]:
        """Return the lines that stand first."""
        return ["!gaf-version: 2.2", "!generated-by: gafreduce"]

    def line(self, annotation: Annotation) -> str:
        """Return the line of an annotation, without its line end; losses are counted."""
        annotation, aspect = complete(annotation, self._facts, self._losses)
        count_gaps(annotation, self._losses)
        if not aspect:
            self._losses["aspect_not_known"] += 1
        if not annotation.symbol:
            self._losses["symbol_not_stated"] += 1
        if not annotation.object_type:
            self._losses["type_not_stated"] += 1
        relation = annotation.relation
        if any(part not in SUPPORTING and part not in OTHER for part in relation.split("|")):
            self._losses["relation_not_known"] += 1
        if annotation.negated:
            relation = f"NOT|{relation}" if relation else "NOT"
        other = annotation.interacting_taxon
        return row(
            (
                annotation.db,
                annotation.local_id,
                annotation.symbol or annotation.local_id,
                relation,
                annotation.go_id,
                annotation.reference,
                self._evidence_code(annotation),
                annotation.with_from,
                aspect,
                annotation.name,
                annotation.synonyms,
                annotation.object_type or "gene_product",
                f"taxon:{annotation.taxon_id}" + (f"|taxon:{other}" if other else ""),
                annotation.date,
                annotation.assigned_by,
                annotation.annotation_extension,
                annotation.gene_product_form,
            )
        )

    def _evidence_code(self, annotation: Annotation) -> str:
        code = annotation.evidence_code
        if not code:
            self._losses["evidence_not_stated"] += 1
            return "NR"
        if not is_known(code):
            self._losses["evidence_not_known"] += 1
        elif annotation.eco_id not in ("", eco_id_of(code, annotation.reference)):
            # an equivalent id says what the code says; another one says more
            self._losses["eco_id_widened"] += 1
        return code
