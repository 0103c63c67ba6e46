"""eggNOG-mapper's annotations, versions 1 and 2: a row for each protein, its GO ids in one column.

A prediction: evidence IEA, with the seed ortholog that the GO ids come from. eggNOG-mapper writes
the ancestors of a term as well. Columns that are used: query, seed ortholog, preferred name,
description, GO ids. Their order differs between versions, so the header row decides; without one
(`--no_file_comments`) GO ids in the sixth, seventh or tenth column do. The taxon comes from the
user.

Source: https://github.com/eggnogdb/eggnog-mapper/wiki. Indexes are 0-based.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    FormatError,
    LineReader,
    blank_dash,
    find_go_ids,
    require_taxon,
    split_object_id,
)
from gafreduce.jobs.formats.tsv import UNUSED, RoleReader, find_roles_by_name
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

#: Roles by the name of a column.
_ROLES = {
    "query": "query",
    "query_name": "query",
    "seed_ortholog": "seed",
    "seed_eggnog_ortholog": "seed",
    "preferred_name": "symbol",
    "predicted_gene_name": "symbol",
    "gos": "terms",
    "go_terms": "terms",
    "description": "name",
    "eggnog annot": "name",
    "eggnog free text desc.": "name",
}
#: The roles of columns without a header row, by the column of the GO ids.
_ROLES_BY_GO_COLUMN = {
    9: ("query", "seed", *[UNUSED] * 5, "name", "symbol", "terms"),  # version 2.1
    6: ("query", "seed", *[UNUSED] * 3, "symbol", "terms"),  # version 2.0
    5: ("query", "seed", *[UNUSED] * 2, "symbol", "terms"),  # version 1
}
_SEED = re.compile(rb"[0-9]+\.\S+")
_GO_LIST = re.compile(rb"GO:[0-9]{7}(?:,GO:[0-9]{7})*")


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is not eggNOG-mapper's; "" if it may be."""
    if find_layout(lines):
        return ""
    return (
        "no header row `#query ... GOs`, and no line with a seed ortholog in the second column and "
        "GO ids in the sixth, seventh or tenth"
    )


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns; "" if they are unknown."""
    for line in lines:
        if line.lower().lstrip(b"#").startswith((b"query\t", b"query_name\t")):
            roles = find_roles_by_name(line, _ROLES)
            return "|".join(roles) if "terms" in roles else ""
    for line in lines:
        cells = [cell.strip() for cell in line.split(b"\t")]
        if len(cells) < 6 or line.startswith(b"#") or not _SEED.fullmatch(cells[1]):
            continue
        for go_column, roles_by_column in _ROLES_BY_GO_COLUMN.items():
            if len(cells) > go_column and _GO_LIST.fullmatch(cells[go_column]):
                return "|".join(roles_by_column)
    return ""


class EggnogReader(RoleReader):
    """Reads the lines of eggNOG-mapper's annotations."""

    header_prefix = b"#"

    def __init__(self, roles: Sequence[str], taxon_id: int) -> None:
        super().__init__(roles)
        self._min_columns = self._at["terms"] + 1
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is a comment or the header row."""
        return line.startswith((b"#", b"query_name\t", b"query\t"))

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return an annotation for each GO id of a protein."""
        cells = [blank_dash(cell.strip(" ")) for cell in decode(line).split("\t")]
        if len(cells) < self._min_columns:
            return Rejection("too_few_columns", "GORULE:0000001")
        db, local_id = split_object_id(cells[self._at["query"]])
        seed = self._cell(cells, "seed")
        return [
            Annotation(
                db=db,
                local_id=local_id,
                symbol=self._cell(cells, "symbol"),
                go_id=go_id,
                evidence_code="IEA",
                with_from=f"eggNOG:{seed}" if seed else "",
                name=self._cell(cells, "name"),
                object_type="protein",
                taxon_id=self._taxon_id,
                assigned_by="eggNOG-mapper",
            )
            for go_id in find_go_ids(cells[self._at["terms"]])
        ]


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The roles of the columns are unknown, or there is no taxon.
    """
    roles = source.layout.split("|")
    if not {"query", "terms"} <= set(roles):
        raise FormatError(
            f"{source.uri}: expected annotations of eggNOG-mapper with the header row "
            "`#query ... GOs`, got none (keep the header row)"
        )
    return EggnogReader(roles, require_taxon(source, "annotations of eggNOG-mapper"))


FORMAT = Format("eggnog", find_mismatch, make_reader, find_layout)
