"""AmiGO's export: the columns that the user chose, in that order, mostly without a header row.

What has the columns of GAF in their order is read as GAF; this is for everything else. A header row
has the names of AmiGO's search fields, or those that its pages show.

Source: https://github.com/geneontology/amigo, metadata/ann-config.yaml.
"""

from __future__ import annotations

from typing import List, Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.tsv import TableReader, by_content, by_name

NAME = "amigo"
_NAMES = {
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
_GO_NAMES = (b"annotation_class", b"annotation class")
#: The columns of GAF, for a file that is forced to be of this format.
_GAF_ORDER = (
    "db|local_id|symbol|relation|go_id|reference|evidence_code|with_from|aspect|name|synonyms|"
    "object_type|taxon_id|date|assigned_by|annotation_extension|gene_product_form"
)


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no export of AmiGO, or "" when they may be."""
    header = _header(lines)
    if header:
        roles = by_name(header[0], _NAMES)
        if "object_id" not in roles and "local_id" not in roles:
            return "its header row has no column `bioentity`"
        return ""
    if not gaf.misfit(lines):
        return "the columns are those of GAF in their order"
    roles = by_content(lines)
    if not {"go_id", "object_id", "evidence_code", "taxon_id"} <= set(roles):
        return (
            "no header row with `annotation_class`, and by content no columns for gene product "
            "(`DB:ID`), GO id, evidence code and taxon can be told"
        )
    return ""


def layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns."""
    header = _header(lines)
    if header:
        return "|".join(by_name(header[0], _NAMES))
    return "|".join(by_content(lines)) if gaf.misfit(lines) else _GAF_ORDER


def _header(lines: Sequence[bytes]) -> List[bytes]:
    """Return the header row, in a list that is empty when there is none."""
    for line in lines:
        if line.strip() and not line.startswith(b"!"):
            cells = [cell.strip().lower() for cell in line.split(b"\t")]
            return [line] if any(name in cells for name in _GO_NAMES) else []
    return []


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: Columns are missing that can't be done without.
    """
    return TableReader(source, _NAMES)
