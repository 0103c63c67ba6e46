"""AmiGO's export: the columns that the user chose, in that order, mostly without a header row.

A header row has the names of AmiGO's search fields or those of its pages; `_ROLES` has both. Gene
product, GO id and taxon are required. An export with the columns of GAF in their order is read as
GAF.

Source: https://github.com/geneontology/amigo, metadata/ann-config.yaml.
"""

from __future__ import annotations

from typing import Optional, Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import Format, LineReader, select_data_lines
from gafreduce.jobs.formats.tsv import TsvReader, find_roles_by_content, find_roles_by_name

#: Roles by the name of a column.
_ROLES = {
    "source": "db",
    "bioentity_internal_id": "local_id",
    "bioentity": "object_id",
    "gene/product": "object_id",
    "bioentity_label": "symbol",
    "gene/product label": "symbol",
    "qualifier": "relation",
    "annotation_class": "go_id",
    "annotation class": "go_id",
    "reference": "reference",
    "evidence_type": "evidence_code",
    "evidence": "evidence_code",
    "evidence_with": "with_from",
    "evidence with": "with_from",
    "aspect": "aspect",
    "ontology (aspect)": "aspect",
    "bioentity_name": "name",
    "gene/product name": "name",
    "synonym": "synonyms",
    "type": "object_type",
    "type class id": "object_type",
    "taxon": "taxon_id",
    "date": "date",
    "assigned_by": "assigned_by",
    "assigned by": "assigned_by",
    "annotation_extension_class": "annotation_extension",
    "annotation extension": "annotation_extension",
    "bioentity_isoform": "gene_product_form",
    "isoform": "gene_product_form",
}
#: The names of the column with the GO id.
_GO_NAMES = (b"annotation_class", b"annotation class")
#: The roles of the columns of GAF, for such a file with `--format amigo`.
_GAF_ROLES = (
    "db",
    "local_id",
    "symbol",
    "relation",
    "go_id",
    "reference",
    "evidence_code",
    "with_from",
    "aspect",
    "name",
    "synonyms",
    "object_type",
    "taxon_id",
    "date",
    "assigned_by",
    "annotation_extension",
    "gene_product_form",
)


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no export of AmiGO; "" if it may be one."""
    header = _find_header(lines)
    if header is not None:
        roles = find_roles_by_name(header, _ROLES)
        has_id = "object_id" in roles or "local_id" in roles
        return "" if has_id else "its header row has no column `bioentity`"
    if not gaf.find_mismatch(lines):
        return "the columns are those of GAF in their order"
    roles = find_roles_by_content(lines)
    if not {"go_id", "object_id", "evidence_code", "taxon_id"} <= set(roles):
        return (
            "no header row with `annotation_class`, and no columns with the content of gene "
            "product (`DB:ID`), GO id, evidence code and taxon"
        )
    return ""


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns."""
    header = _find_header(lines)
    if header is not None:
        return "|".join(find_roles_by_name(header, _ROLES))
    return "|".join(find_roles_by_content(lines) if gaf.find_mismatch(lines) else _GAF_ROLES)


def _find_header(lines: Sequence[bytes]) -> Optional[bytes]:
    """Return the first row if it is a header row, else None."""
    first = next(iter(select_data_lines(lines, b"!")), b"")
    cells = [cell.strip().lower() for cell in first.split(b"\t")]
    return first if any(name in cells for name in _GO_NAMES) else None


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: A required column is missing.
    """
    return TsvReader(source, _ROLES)


FORMAT = Format("amigo", find_mismatch, make_reader, find_layout)
