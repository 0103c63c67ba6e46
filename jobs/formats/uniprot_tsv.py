"""UniProtKB's download as TSV: a row for each protein, its GO ids in one column or several.

It says nothing of evidence and relation, so its annotations are of group `unstated`. A cell that a
spreadsheet has quoted is read without the quotes.

Source: https://www.uniprot.org/help/return_fields (section Gene Ontology).
"""

from __future__ import annotations

from typing import Dict, List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    FormatError,
    LineReader,
    find_go_ids,
    is_accession,
    read_taxon_id,
)
from gafreduce.jobs.formats.tsv import NOT_NEEDED, normal
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

NAME = "uniprot_tsv"
_ID_NAMES = frozenset({"entry", "accession"})
_NAMES = {
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
_ASPECTS = {"terms_p": "P", "terms_f": "F", "terms_c": "C", "terms": "", "term_ids": ""}


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no table of UniProtKB, or "" when they may be."""
    roles = _roles(lines)
    if not roles:
        return "no header row with `Entry` and a column `Gene Ontology ...`"
    if not set(_ASPECTS).intersection(roles):
        return "its header row has no column `Gene Ontology ...` (choose one at the download)"
    return ""


def layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns."""
    return "|".join(_roles(lines))


def _roles(lines: Sequence[bytes]) -> List[str]:
    """Return the role of each column; none when the first row is no header row."""
    for line in lines:
        if line.strip():
            names = [normal(cell) for cell in decode(line).split("\t")]
            if _ID_NAMES.isdisjoint(names):
                return []
            roles: List[str] = []
            for name in names:
                role = _NAMES.get(name, NOT_NEEDED)
                roles.append(NOT_NEEDED if role in roles else role)
            return roles
    return []


class _UniprotReader(LineReader):
    def __init__(self, roles: Sequence[str], taxon_id: int) -> None:
        self._at = {role: number for number, role in enumerate(roles)}
        # The columns with an aspect first: an id that stands in several is taken with it.
        self._terms = [
            (self._at[role], aspect) for role, aspect in _ASPECTS.items() if role in roles
        ]
        self._width = len(roles)
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        cells = line.split(b"\t", self._at["local_id"] + 1)
        return (
            len(cells) > self._at["local_id"]
            and normal(decode(cells[self._at["local_id"]])) in _ID_NAMES
        )

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        cells = [_unquoted(cell.strip(" ")) for cell in decode(line).split("\t")]
        if len(cells) < self._width:
            return Rejection("too_few_columns", "GORULE:0000001")
        taxon_id = read_taxon_id(self._cell(cells, "taxon_id")) or self._taxon_id
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

    def _cell(self, cells: Sequence[str], role: str) -> str:
        number = self._at.get(role)
        return "" if number is None else cells[number]


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"').strip(" ")
    return cell


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The header row is not known, or there is no taxon.
    """
    roles = source.layout.split("|")
    if "local_id" not in roles or not set(_ASPECTS).intersection(roles):
        raise FormatError(
            f"{source.uri}: expected a table of UniProtKB whose header row has `Entry` and "
            "`Gene Ontology ...`, got none (download it again, with the header row)"
        )
    if "taxon_id" not in roles and not source.taxon_id:
        raise FormatError(
            f"{source.uri}: expected a table of UniProtKB with a column `Organism (ID)`, got none "
            "(name the taxon, --taxon or a sample sheet's column `taxon_id`, or add the column)"
        )
    return _UniprotReader(roles, source.taxon_id)
