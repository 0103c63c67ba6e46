"""Write annotations as GAF 2.2, one line each.

Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/
"""

from __future__ import annotations

from typing import List

from gafreduce.jobs.convert.completion import (
    Losses,
    TermFacts,
    complete,
    count_empty_columns,
    join_cells,
)
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.eco import find_eco_id
from gafreduce.jobs.model.evidence import is_known_evidence
from gafreduce.jobs.model.relations import is_known_relation

NAME = "gaf2.2"


class GafWriter:
    """Writes annotations as GAF 2.2."""

    def __init__(self, facts: TermFacts, losses: Losses) -> None:
        self._facts = facts
        self._losses = losses

    def make_header(self) -> List[str]:
        """Return the header lines."""
        return ["!gaf-version: 2.2", "!generated-by: gafreduce"]

    def make_line(self, annotation: Annotation) -> str:
        """Return the line of an annotation, without a line end, and count its losses."""
        annotation, aspect = complete(annotation, self._facts, self._losses)
        count_empty_columns(annotation, self._losses)
        if not aspect:
            self._losses["aspect_not_known"] += 1
        if not annotation.symbol:
            self._losses["symbol_not_stated"] += 1
        if not annotation.object_type:
            self._losses["type_not_stated"] += 1
        relation = annotation.relation
        if not is_known_relation(relation):
            self._losses["relation_not_known"] += 1
        if annotation.negated:
            relation = f"NOT|{relation}" if relation else "NOT"
        other = annotation.interacting_taxon
        return join_cells(
            (
                annotation.db,
                annotation.local_id,
                annotation.symbol or annotation.local_id,
                relation,
                annotation.go_id,
                annotation.reference,
                self._choose_evidence_code(annotation),
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

    def _choose_evidence_code(self, annotation: Annotation) -> str:
        code = annotation.evidence_code
        if not code:
            self._losses["evidence_not_stated"] += 1
            return "NR"
        if not is_known_evidence(code):
            self._losses["evidence_not_known"] += 1
        elif annotation.eco_id not in ("", find_eco_id(code, annotation.reference)):
            # the equivalent id adds nothing to the code; any other one is more specific
            self._losses["eco_id_widened"] += 1
        return code
