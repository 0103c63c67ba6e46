"""QuickGO's download as TSV: the columns that the user chose, with or without their header row.

(QuickGO's download as GAF is GAF.) Source: https://www.ebi.ac.uk/QuickGO/annotations, Export.
"""

from __future__ import annotations

from typing import List, Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.tsv import NOT_NEEDED, TableReader, by_content, by_name

NAME = "quickgo"
_NAMES = {
    "gene product db": "db",
    "gene product id": "local_id",
    "symbol": "symbol",
    "qualifier": "relation",
    "go term": "go_id",
    "go aspect": "aspect",
    "eco id": "eco_id",
    "go evidence code": "evidence_code",
    "reference": "reference",
    "with/from": "with_from",
    "taxon id": "taxon_id",
    "interacting taxon id": "interacting_taxon",
    "assigned by": "assigned_by",
    "annotation extension": "annotation_extension",
    "date": "date",
    "gene name": "name",
    "gene product name": "name",
    "name": "name",
    "synonyms": "synonyms",
    "type": "object_type",
    "gene product type": "object_type",
    # the export of the years before 2017
    "db": "db",
    "id": "local_id",
    "taxon": "taxon_id",
    "go id": "go_id",
    "evidence": "evidence_code",
    "with": "with_from",
    "aspect": "aspect",
    "source": "assigned_by",
}
_OLD_BEGINNING = b"DB\tID\t"


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no export of QuickGO, or "" when they may be."""
    header = _header(lines)
    if header:
        roles = by_name(header[0], _NAMES)
        if "local_id" not in roles:
            return "its header row has no column `GENE PRODUCT ID`"
        return ""
    has_eco = any(b"ECO:" in line for line in lines)  # or nothing has to be looked at closely
    wanted = {"go_id", "local_id", "eco_id", "taxon_id"}
    if not has_eco or not wanted <= set(_by_content(lines)):
        return (
            "no header row with `GO TERM`, and by content no columns for accession, GO id, ECO id "
            "and taxon can be told"
        )
    return ""


def layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns."""
    header = _header(lines)
    return "|".join(by_name(header[0], _NAMES) if header else _by_content(lines))


def _by_content(lines: Sequence[bytes]) -> List[str]:
    """Return the roles of the columns of a file without a header row; QuickGO's taxa are bare."""
    bare = {"bare_taxon_id": "taxon_id", "taxon_id": NOT_NEEDED}
    return [bare.get(role, role) for role in by_content(lines)]


def _header(lines: Sequence[bytes]) -> List[bytes]:
    """Return the header row, in a list that is empty when there is none."""
    for line in lines:
        if line.strip() and not line.startswith(b"!"):
            cells = [cell.strip().upper() for cell in line.split(b"\t")]
            found = b"GO TERM" in cells or (line.startswith(_OLD_BEGINNING) and b"GO ID" in cells)
            return [line] if found else []
    return []


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: Columns are missing that can't be done without.
    """
    return TableReader(source, _NAMES)
