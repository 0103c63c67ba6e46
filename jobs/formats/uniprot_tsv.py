"""UniProtKB's download as TSV: a row for each protein, its GO ids in one column or several.

There is no evidence and no relation, so the annotations have the evidence group `unstated`. Columns
that are used, by the names in the header row: Entry, Organism (ID), Gene Names, Protein names, and
at least one `Gene Ontology ...`. A cell that a spreadsheet has quoted is read without the quotes.

Source: https://www.uniprot.org/help/return_fields (section Gene Ontology).
"""

from __future__ import annotations

from typing import Dict, List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    FormatError,
    LineReader,
    find_go_ids,
    is_accession,
    read_taxon_id,
)
from gafreduce.jobs.formats.tsv import RoleReader, find_roles_by_name, normalize_name
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

_ID_NAMES = frozenset({"entry", "accession"})
#: Roles by the name of a column.
_ROLES = {
    "entry": "local_id",
    "accession": "local_id",
    "organism (id)": "taxon_id",
    "organism id": "taxon_id",
    "taxon id": "taxon_id",
    "gene names (primary)": "symbol",
    "gene names (primary )": "symbol",
    "protein names": "name",
    "gene names": "synonyms",
    "gene ontology (biological process)": "terms_p",
    "gene ontology (molecular function)": "terms_f",
    "gene ontology (cellular component)": "terms_c",
    "gene ontology (go)": "terms",
    "gene ontology ids": "term_ids",
}
#: The aspects of the columns with GO ids.
_ASPECTS = {"terms_p": "P", "terms_f": "F", "terms_c": "C", "terms": "", "term_ids": ""}


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no table of UniProtKB; "" if it may be one."""
    roles = _find_roles(lines)
    if not roles:
        return "no header row with `Entry` and a column `Gene Ontology ...`"
    if not set(_ASPECTS).intersection(roles):
        return "its header row has no column `Gene Ontology ...` (choose one at the download)"
    at = roles.index("local_id")
    ids = [decode(line).split("\t")[at : at + 1] for line in lines[1:] if line.strip()]
    if ids and not any(is_accession(cell.strip(' "')) for cells in ids for cell in cells):
        return "no accession of UniProt in its column `Entry`"
    return ""


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns."""
    return "|".join(_find_roles(lines))


def _find_roles(lines: Sequence[bytes]) -> List[str]:
    """Return the role of each column; an empty list if the first row is no header row."""
    first = next((line for line in lines if line.strip()), b"")
    names = map(normalize_name, decode(first).split("\t"))
    return [] if _ID_NAMES.isdisjoint(names) else find_roles_by_name(first, _ROLES)


class UniprotReader(RoleReader):
    """Reads the rows of UniProtKB's TSV."""

    def __init__(self, roles: Sequence[str], taxon_id: int) -> None:
        super().__init__(roles)
        # Columns with an aspect come first: an id that occurs in several columns gets it.
        self._terms = [
            (self._at[role], aspect) for role, aspect in _ASPECTS.items() if role in roles
        ]
        self._width = len(roles)
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is the header row."""
        cells = line.split(b"\t", self._at["local_id"] + 1)
        return (
            len(cells) > self._at["local_id"]
            and normalize_name(decode(cells[self._at["local_id"]])) in _ID_NAMES
        )

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return an annotation for each GO id of a protein, or the reason to refuse the row."""
        cells = [_unquote(cell.strip(" ")) for cell in decode(line).split("\t")]
        if len(cells) < self._width:
            return Rejection("too_few_columns", "GORULE:0000001")
        taxon = self._cell(cells, "taxon_id")
        taxon_id = read_taxon_id(taxon) if taxon else self._taxon_id
        if not taxon_id:
            return Rejection("bad_taxon", "GORULE:0000027")
        local_id = cells[self._at["local_id"]]
        if not is_accession(local_id):
            return Rejection("no_object_id", "GORULE:0000001")
        aspects: Dict[str, str] = {}
        for number, aspect in self._terms:
            for go_id in find_go_ids(cells[number]):
                aspects.setdefault(go_id, aspect)
        names = self._cell(cells, "synonyms").split()
        return [
            Annotation(
                db="UniProtKB",
                local_id=local_id,
                symbol=self._cell(cells, "symbol") or (names[0] if names else ""),
                go_id=go_id,
                aspect=aspect,
                name=self._cell(cells, "name"),
                synonyms="|".join(names[1:]),
                object_type="protein",
                taxon_id=taxon_id,
            )
            for go_id, aspect in aspects.items()
        ]


def _unquote(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"').strip(" ")
    return cell


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The header row is unknown, or there is no taxon.
    """
    roles = source.layout.split("|")
    if "local_id" not in roles or not set(_ASPECTS).intersection(roles):
        raise FormatError(
            f"{source.uri}: expected a table of UniProtKB with `Entry` and `Gene Ontology ...` in "
            "its header row, got none (download it again, with the header row)"
        )
    if "taxon_id" not in roles and not source.taxon_id:
        raise FormatError(
            f"{source.uri}: expected a table of UniProtKB with a column `Organism (ID)`, got none "
            "(name the taxon, --taxon or a sample sheet's column `taxon_id`, or add the column)"
        )
    return UniprotReader(roles, source.taxon_id)


FORMAT = Format("uniprot_tsv", find_mismatch, make_reader, find_layout)
