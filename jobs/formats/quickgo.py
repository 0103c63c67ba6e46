"""QuickGO's download as TSV: the columns that the user chose, with or without a header row.

Columns: those of `_ROLES`; gene product id, GO term and taxon are required. QuickGO's download as
GAF is read as GAF.

Source: https://www.ebi.ac.uk/QuickGO/annotations, Export.
"""

from __future__ import annotations

from typing import List, Optional, Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import Format, LineReader, select_data_lines
from gafreduce.jobs.formats.tsv import UNUSED, TsvReader, find_roles_by_content, find_roles_by_name

#: Roles by the name of a column.
_ROLES = {
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
    # before 2017
    "db": "db",
    "id": "local_id",
    "taxon": "taxon_id",
    "go id": "go_id",
    "evidence": "evidence_code",
    "with": "with_from",
    "aspect": "aspect",
    "source": "assigned_by",
}
#: Columns of QuickGO by which its table without gene products is known: others have a `GO term`.
_LEAST_COLUMNS = 4
#: The beginning of the header row before 2017.
_OLD_HEADER = b"DB\tID\t"


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no export of QuickGO; "" if it may be one."""
    header = _find_header(lines)
    roles = [] if header is None else find_roles_by_name(header, _ROLES)
    if "local_id" in roles:
        return ""
    if "db" in roles or len(roles) - roles.count(UNUSED) >= _LEAST_COLUMNS:
        return "its header row has no column `GENE PRODUCT ID`"
    has_eco_id = any(b"ECO:" in line for line in lines)  # a cheap test first
    needed = {"go_id", "local_id", "eco_id", "taxon_id"}
    if not has_eco_id or not needed <= set(_find_roles_by_content(lines)):
        return (
            "no header row with `GO TERM`, and no columns with the content of accession, GO id, "
            "ECO id and taxon"
        )
    return ""


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns."""
    header = _find_header(lines)
    if header is not None:
        return "|".join(find_roles_by_name(header, _ROLES))
    return "|".join(_find_roles_by_content(lines))


def _find_roles_by_content(lines: Sequence[bytes]) -> List[str]:
    """Return the roles of the columns of a file without a header row; taxa have no prefix there."""
    bare = {"bare_taxon_id": "taxon_id", "taxon_id": UNUSED}
    return [bare.get(role, role) for role in find_roles_by_content(lines)]


def _find_header(lines: Sequence[bytes]) -> Optional[bytes]:
    """Return the header row; None if the first row is none."""
    first = next(iter(select_data_lines(lines, b"!")), b"")
    cells = [cell.strip().upper() for cell in first.split(b"\t")]
    is_header = b"GO TERM" in cells or (first.startswith(_OLD_HEADER) and b"GO ID" in cells)
    return first if is_header else None


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: A required column is missing.
    """
    return TsvReader(source, _ROLES)


FORMAT = Format("quickgo", find_mismatch, make_reader, find_layout)
