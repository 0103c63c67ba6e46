"""The rows of `annotations`: made in the mapper, one for each line that matters."""

from __future__ import annotations

from typing import NamedTuple

from gafreduce.jobs.mapper.interpretation import Reading
from gafreduce.jobs.model.annotation import Annotation, decode

_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")


class Row(NamedTuple):
    """A row of `annotations` behind its first two columns; all text, fit for a cell."""

    go_id: str
    symbol: str
    term_class: str
    annotated_go_id: str
    relation: str
    negated: str
    evidence_code: str
    evidence_group: str
    reference: str
    with_from: str
    assigned_by: str
    date: str
    annotation_extension: str
    gene_product_form: str
    source_file: str
    aspect: str
    name: str
    synonyms: str
    object_type: str
    interacting_taxon: str
    takes_part: str
    line: str

    @classmethod
    def of(cls, annotation: Annotation, reading: Reading, source_file: str, line: bytes) -> Row:
        """Return the row of a line."""
        row = cls(
            go_id=reading.go_id,
            symbol=annotation.symbol,
            term_class=reading.term_class,
            annotated_go_id=annotation.go_id,
            relation=annotation.relation,
            negated="true" if annotation.negated else "false",
            evidence_code=annotation.evidence_code,
            evidence_group=reading.evidence_group,
            reference=annotation.reference,
            with_from=annotation.with_from,
            assigned_by=annotation.assigned_by,
            date=annotation.date,
            annotation_extension=annotation.annotation_extension,
            gene_product_form=annotation.gene_product_form,
            source_file=source_file,
            aspect=annotation.aspect,
            name=annotation.name,
            synonyms=annotation.synonyms,
            object_type=annotation.object_type,
            interacting_taxon=annotation.interacting_taxon,
            takes_part="true" if reading.takes_part else "false",
            line=decode(line),
        )
        return cls(*(cell.translate(_SPACES) for cell in row))

    def encode(self) -> bytes:
        """Return the row as the last fields of a record."""
        return "\t".join(self).encode("utf-8")

    @classmethod
    def decode(cls, value: bytes) -> Row:
        """Return the row that `encode` wrote."""
        return cls(*value.decode("utf-8").split("\t"))
