"""Tables with columns in any order, which are found by the header row or by their content.

Each column has a *role*: the field of `Annotation` that it holds. The input list has the roles of a
file's columns, joined by `|`, with `-` for a column that is not used. So a part of a file without
the header row can be read as well.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, FrozenSet, List, Mapping, Sequence, Tuple, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    FormatError,
    LineReader,
    compact_date,
    is_accession,
    read_taxon_id,
    split_object_id,
)
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode
from gafreduce.jobs.model.eco import read_eco_id
from gafreduce.jobs.model.evidence import GROUP_OF
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME, is_go_id
from gafreduce.jobs.model.relations import OTHER, SUPPORTING, read_relation

#: Roles of columns that hold a field of `Annotation` unchanged.
_PLAIN = (
    "symbol",
    "go_id",
    "reference",
    "with_from",
    "name",
    "synonyms",
    "object_type",
    "assigned_by",
    "annotation_extension",
    "gene_product_form",
)
_OTHERS = (
    "db",
    "local_id",
    "object_id",
    "relation",
    "evidence_code",
    "eco_id",
    "aspect",
    "taxon_id",
    "interacting_taxon",
    "date",
)
ROLES: FrozenSet[str] = frozenset((*_PLAIN, *_OTHERS))
#: The role of a column that is not used.
UNUSED = "-"
#: Ids that show their database.
_RNACENTRAL = re.compile(r"URS[0-9A-F]{10}(?:_[0-9]+)?")
_COMPLEX_PORTAL = re.compile(r"CPX-[0-9]+")


def normalize_name(cell: str) -> str:
    """Return the name of a column in lower case, with single blanks and without quotes."""
    return " ".join(cell.strip('#" ').lower().split())


def find_roles_by_name(header: bytes, role_by_name: Mapping[str, str]) -> List[str]:
    """Return the role of each column of a header row; of several columns, the first has the role.

    Args:
        header: The header row.
        role_by_name: Roles by the name of a column, as `normalize_name` returns it.
    """
    roles: List[str] = []
    for cell in decode(header).split("\t"):
        role = role_by_name.get(normalize_name(cell), UNUSED)
        roles.append(UNUSED if role in roles else role)
    return roles


class RoleReader(LineReader):
    """Base class of readers that find cells by the role of their column."""

    def __init__(self, roles: Sequence[str]) -> None:
        self._at = {role: number for number, role in enumerate(roles) if role != UNUSED}

    def _cell(self, cells: Sequence[str], role: str) -> str:
        """Return the cell with a role; empty if the table or the row has none."""
        number = self._at.get(role)
        return cells[number] if number is not None and number < len(cells) else ""


class TsvReader(RoleReader):
    """Reads tables with one annotation a row."""

    def __init__(self, source: InputFile, role_by_name: Mapping[str, str]) -> None:
        """Take the roles of the columns from the input list.

        Args:
            source: The file's row of the input list.
            role_by_name: Roles by the name of a column. A row with such a name in place of the GO
                id is a header row.

        Raises:
            FormatError: A required role is missing.
        """
        roles = source.layout.split("|")
        missing = find_missing_roles(roles, bool(source.taxon_id))
        if missing:
            raise FormatError(
                f"{source.uri}: expected {source.format} with columns that can be recognised by a "
                f"header row or by their content, got none for {', '.join(missing)} (download it "
                "again with these columns and the header row; a taxon can also be "
                "named, --taxon, or in a sample sheet, column `taxon_id`)"
            )
        super().__init__([role if role in ROLES else UNUSED for role in roles])
        self._plain = [(role, self._at[role]) for role in _PLAIN if role in self._at]
        self._width = 1 + max(self._at.values())
        needed = ("go_id", "local_id", "object_id", "taxon_id")
        self._min_columns = 1 + max(self._at.get(role, 0) for role in needed)
        self._taxon_id = source.taxon_id
        self._go_names = frozenset(name for name, role in role_by_name.items() if role == "go_id")

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is a comment or the header row."""
        if line.startswith(b"!"):
            return True
        cells = line.split(b"\t", self._at["go_id"] + 1)
        if len(cells) <= self._at["go_id"] or cells[self._at["go_id"]].startswith(b"GO:"):
            return False
        return normalize_name(decode(cells[self._at["go_id"]])) in self._go_names

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return the annotation of a line, or the reason to refuse it."""
        cells = [cell.strip(" ") for cell in decode(line).split("\t")]
        if len(cells) < self._min_columns:
            return Rejection("too_few_columns", "GORULE:0000001")
        cells += [""] * (self._width - len(cells))
        taxon = self._cell(cells, "taxon_id").partition("|")
        taxon_id = read_taxon_id(taxon[0]) if taxon[0] else self._taxon_id
        if not taxon_id:
            return Rejection("bad_taxon", "GORULE:0000027")
        db, local_id = self._object_id(cells)
        relation, negated = read_relation(self._cell(cells, "relation"))
        other = self._cell(cells, "interacting_taxon") or taxon[2]
        return [
            Annotation(
                db=db,
                local_id=local_id,
                relation=relation,
                negated=negated,
                evidence_code=self._evidence_code(cells),
                aspect=ASPECT_BY_NAME.get(self._cell(cells, "aspect").lower(), ""),
                taxon_id=taxon_id,
                interacting_taxon=str(read_taxon_id(other) or ""),
                date=compact_date(self._cell(cells, "date")),
                eco_id=self._cell(cells, "eco_id"),
                **{role: cells[number] for role, number in self._plain},
            )
        ]

    def _object_id(self, cells: Sequence[str]) -> Tuple[str, str]:
        if "object_id" in self._at:
            return split_object_id(cells[self._at["object_id"]])
        local_id = cells[self._at["local_id"]]
        if "db" in self._at:
            return cells[self._at["db"]], local_id
        if is_accession(local_id):
            return "UniProtKB", local_id
        if _RNACENTRAL.fullmatch(local_id):
            return "RNAcentral", local_id
        if _COMPLEX_PORTAL.fullmatch(local_id):
            return "ComplexPortal", local_id
        return split_object_id(local_id)

    def _evidence_code(self, cells: Sequence[str]) -> str:
        code = self._cell(cells, "evidence_code").upper()
        return code or read_eco_id(self._cell(cells, "eco_id")).evidence_code


def find_missing_roles(roles: Sequence[str], has_taxon: bool) -> List[str]:
    """Return the required columns that are missing, in words for an error message."""
    missing = []
    if "local_id" not in roles and "object_id" not in roles:
        missing.append("the gene product id")
    if "go_id" not in roles:
        missing.append("the GO id")
    if "taxon_id" not in roles and not has_taxon:
        missing.append("the taxon")
    return missing


# Roles by content


def _is_relation(cell: str) -> bool:
    relation, negated = read_relation(cell)
    return (negated and not relation) or relation in SUPPORTING or relation in OTHER


_DATE = re.compile(r"(?:19|20)[0-9]{2}-?(?:0[1-9]|1[0-2])-?[0-3][0-9]")
_ECO = re.compile(r"ECO:[0-9]{6,7}")
_REFERENCE = re.compile(r"(?:PMID|GO_REF|DOI|Reactome|PAINT_REF):\S+")
_CURIE = re.compile(r"(?!GO:|ECO:|PMID:|GO_REF:|DOI:|NCBITaxon:|taxon:)[A-Za-z_.]+:[^\s|,]+")
_PREFIXED_TAXON = re.compile(r"(?:NCBITaxon|taxon):[0-9]+(?:\|(?:NCBITaxon|taxon):[0-9]+)?")
_DATABASES = frozenset({"UniProtKB", "RNAcentral", "ComplexPortal"})

#: Roles with a test for a cell. A column has the first role with a test that all of its filled
#: cells pass.
_TESTS: Dict[str, Callable[[str], bool]] = {
    "go_id": is_go_id,
    "eco_id": lambda cell: _ECO.fullmatch(cell) is not None,
    "evidence_code": lambda cell: cell in GROUP_OF,
    "date": lambda cell: _DATE.fullmatch(cell) is not None,
    "taxon_id": lambda cell: _PREFIXED_TAXON.fullmatch(cell) is not None,
    "bare_taxon_id": lambda cell: cell.isdigit() and cell.isascii(),
    "aspect": lambda cell: cell.lower() in ASPECT_BY_NAME,
    "relation": _is_relation,
    "reference": lambda cell: all(map(_REFERENCE.fullmatch, cell.split("|"))),
    "db": lambda cell: cell in _DATABASES,
    "local_id": is_accession,
    "object_id": lambda cell: _CURIE.fullmatch(cell) is not None,
}
#: Roles of columns that have no empty cells.
_FILLED = frozenset(
    {"go_id", "evidence_code", "taxon_id", "bare_taxon_id", "local_id", "object_id", "db"}
)


def find_roles_by_content(lines: Sequence[bytes]) -> List[str]:
    """Return the roles of the columns that their content shows; the others are not used.

    If two columns could have a role, neither gets it. A taxon without a prefix has the role
    `bare_taxon_id`, since any number could be one.

    Args:
        lines: Data lines; those with an uncommon number of columns are ignored.
    """
    rows = [decode(line).split("\t") for line in lines if line.strip()]
    widths = [len(cells) for cells in rows]
    if not rows:
        return []
    width = max(set(widths), key=widths.count)
    rows = [cells for cells in rows if len(cells) == width]
    roles = [_find_role([cells[number].strip() for cells in rows]) for number in range(width)]
    return [UNUSED if roles.count(role) > 1 else role for role in roles]


def _find_role(cells: Sequence[str]) -> str:
    """Return the role of a column with these cells."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return UNUSED
    for role, passes_test in _TESTS.items():
        if role in _FILLED and len(filled) < len(cells):
            continue
        if all(map(passes_test, filled)):
            return role
    return UNUSED
