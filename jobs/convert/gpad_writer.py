"""Write annotations as GPAD 2.0, and their gene products, which GPAD lacks, as GPI 2.0.

Source: the GPAD and GPI 2.0 specifications of the Gene Ontology Consortium,
https://geneontology.org/docs/gene-product-association-data-gpad-format-2.0/
"""

from __future__ import annotations

import re
from typing import Dict, List

from gafreduce.jobs.convert.completion import (
    Losses,
    TermFacts,
    complete,
    count_empty_columns,
    join_cells,
)
from gafreduce.jobs.formats.gpi import TYPE_IDS, GeneProductInfo
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.model.eco import UNSTATED_ECO_ID, find_eco_id
from gafreduce.jobs.model.relations import CURIE_BY_RELATION

NAME = "gpad2.0"
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


class GpadWriter:
    """Writes annotations as GPAD 2.0, and collects their gene products."""

    def __init__(self, facts: TermFacts, losses: Losses, keeps_products: bool) -> None:
        """Set the sources of a conversion.

        Args:
            facts: Facts of the ontology.
            losses: The count of losses, which grows.
            keeps_products: Whether a GPI file is written too; its rows are held in memory.
        """
        self._facts = facts
        self._losses = losses
        self._keeps_products = keeps_products
        self._products: Dict[str, GeneProductInfo] = {}

    def make_header(self) -> List[str]:
        """Return the header lines."""
        return ["!gpad-version: 2.0", "!generated-by: gafreduce"]

    def make_line(self, annotation: Annotation) -> str:
        """Return the line of an annotation, without a line end, and count its losses."""
        stated_aspect = annotation.aspect
        annotation, _ = complete(annotation, self._facts, self._losses)
        count_empty_columns(annotation, self._losses)
        if stated_aspect and not self._facts.find_aspect(annotation.go_id):
            self._losses["aspect_dropped"] += 1
        if not annotation.relation:
            self._losses["aspect_not_known"] += 1
        other = annotation.interacting_taxon
        return join_cells(
            (
                self._choose_object_id(annotation),
                "NOT" if annotation.negated else "",
                "|".join(map(self._make_relation_id, annotation.relation.split("|"))),
                annotation.go_id,
                annotation.reference,
                self._make_eco_id(annotation),
                annotation.with_from,
                f"NCBITaxon:{other}" if other else "",
                self._format_date(annotation.date),
                annotation.assigned_by,
                annotation.annotation_extension,
                "",
            )
        )

    def _choose_object_id(self, annotation: Annotation) -> str:
        """Return the id of the gene product, or of its form if GPI can name the form's product."""
        form = annotation.gene_product_form
        if not self._keeps_products:
            self._losses["product_dropped"] += 1
            if form:
                self._losses["form_dropped"] += 1
            return annotation.object_id
        self._keep_product(annotation.object_id, annotation, "")
        if not form or form == annotation.object_id:
            return annotation.object_id
        if form.partition(":")[0] != annotation.db or "|" in form:
            self._losses["form_dropped"] += 1
            return annotation.object_id
        self._keep_product(form, annotation, annotation.object_id)
        return form

    def _keep_product(self, object_id: str, annotation: Annotation, parent: str) -> None:
        product = GeneProductInfo(
            symbol=annotation.symbol,
            name=annotation.name,
            synonyms=annotation.synonyms,
            object_type=annotation.object_type,
            taxon_id=annotation.taxon_id,
            parent=parent,
        )
        if self._products.setdefault(object_id, product) != product:
            self._losses["product_differs"] += 1

    def _make_relation_id(self, relation: str) -> str:
        if relation and relation not in CURIE_BY_RELATION:
            self._losses["relation_not_known"] += 1
        return CURIE_BY_RELATION.get(relation, relation)

    def _make_eco_id(self, annotation: Annotation) -> str:
        if annotation.eco_id:
            return annotation.eco_id
        code = annotation.evidence_code
        found = find_eco_id(code, annotation.reference)
        if not found:
            is_stated = code not in ("", "NR")
            self._losses["evidence_not_known" if is_stated else "evidence_not_stated"] += 1
        return found or UNSTATED_ECO_ID

    def _format_date(self, date: str) -> str:
        if date and not _DATE.fullmatch(date):
            self._losses["date_not_a_date"] += 1
        return _DATE.sub(r"\1-\2-\3", date) if _DATE.fullmatch(date) else date

    def make_gene_products(self) -> List[str]:
        """Return the lines of the GPI file."""
        lines = ["!gpi-version: 2.0", "!generated-by: gafreduce"]
        for object_id, product in sorted(self._products.items()):
            cells = (
                object_id,
                product.symbol,
                product.name,
                product.synonyms,
                TYPE_IDS.get(product.object_type, product.object_type),
                f"NCBITaxon:{product.taxon_id}",
                "",
                product.parent,
                "",
                "",
                "",
            )
            lines.append(join_cells(cells))
        return lines
