"""Make the rows of `annotations`, one for each line with a term of the term set."""

from __future__ import annotations

from gafreduce.jobs import records
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.model.annotation import Annotation, decode
from gafreduce.jobs.records import AnnotationRow

_SPACES = dict.fromkeys([*range(0x20), 0x7F], " ")


def make_row(
    annotation: Annotation, interpreted: Interpretation, source_file: str, line: bytes
) -> AnnotationRow:
    """Return the row of a line; control characters in its cells become blanks."""
    row = AnnotationRow(
        go_id=interpreted.go_id,
        symbol=annotation.symbol,
        term_class=interpreted.term_class,
        annotated_go_id=annotation.go_id,
        relation=annotation.relation,
        negated="true" if annotation.negated else "false",
        evidence_code=annotation.evidence_code,
        evidence_group=interpreted.evidence_group,
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
        takes_part="true" if interpreted.has_supporting_relation else "false",
        line=decode(line),
    )
    return AnnotationRow(*(cell.translate(_SPACES) for cell in row))


def encode_row(
    origin: Origin, annotation: Annotation, interpreted: Interpretation, line: bytes
) -> bytes:
    """Return the row of a line as a record of the first shuffle."""
    return records.encode_mapped_row(
        origin.find_organism(annotation.taxon_id),
        annotation.object_id.encode("utf-8"),
        make_row(annotation, interpreted, origin.source_file, line),
    )
