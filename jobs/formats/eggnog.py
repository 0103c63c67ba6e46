"""eggNOG-mapper's annotations, versions 1 and 2: a row for each protein, its GO ids in one column.

A prediction: evidence IEA, with the seed ortholog that the GO ids come from. eggNOG-mapper writes
ancestors beside the terms themselves. Columns moved from version to version, so they are found by
the header row; without one (`--no_file_comments`) by what stands in the sixth, seventh or tenth.

Source: https://github.com/eggnogdb/eggnog-mapper/wiki. Indexes are 0-based.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import FormatError, LineReader, find_go_ids, split_object_id
from gafreduce.jobs.formats.own_genome import taxon_of
from gafreduce.jobs.formats.tsv import NOT_NEEDED, normal
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

NAME = "eggnog"
_NAMES = {
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
#: Without a header row, by the place of the GO ids: versions 2.1, 2.0 and 1.
_BY_PLACE = {
    9: "query|seed|-|-|-|-|-|name|symbol|terms",
    6: "query|seed|-|-|-|symbol|terms",
    5: "query|seed|-|-|symbol|terms",
}
_SEED = re.compile(rb"[0-9]+\.\S+")
_GO_LIST = re.compile(rb"GO:[0-9]{7}(?:,GO:[0-9]{7})*")


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no annotations of eggNOG-mapper, or "" when they may be."""
    if layout(lines):
        return ""
    return (
        "no header row `#query ... GOs`, and no line with a seed ortholog in the second column and "
        "GO ids in the sixth, seventh or tenth"
    )


def layout(lines: Sequence[bytes]) -> str:
    """Return the roles of the columns; "" when they can't be told."""
    for line in lines:
        if line.lower().lstrip(b"#").startswith((b"query\t", b"query_name\t")):
            names = [normal(cell) for cell in decode(line).split("\t")]
            roles = [_NAMES.get(name, NOT_NEEDED) for name in names]
            return "|".join(roles) if "terms" in roles else ""
    for line in lines:
        cells = [cell.strip() for cell in line.split(b"\t")]
        if len(cells) < 6 or line.startswith(b"#") or not _SEED.fullmatch(cells[1]):
            continue
        for place, roles_by_place in _BY_PLACE.items():
            if len(cells) > place and _GO_LIST.fullmatch(cells[place]):
                return roles_by_place
    return ""


class _EggnogReader(LineReader):
    header_prefix = b"#"

    def __init__(self, roles: Sequence[str], taxon_id: int) -> None:
        self._at = {role: number for number, role in enumerate(roles)}
        self._min_columns = self._at["terms"] + 1
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        return line.startswith((b"#", b"query_name\t", b"query\t"))

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        cells = [_stated(cell.strip(" ")) for cell in decode(line).split("\t")]
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

    def _cell(self, cells: Sequence[str], role: str) -> str:
        number = self._at.get(role)
        return cells[number] if number is not None and number < len(cells) else ""


def _stated(cell: str) -> str:
    return "" if cell == "-" else cell


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The columns can't be told, or there is no taxon.
    """
    roles = source.layout.split("|")
    if not {"query", "terms"} <= set(roles):
        raise FormatError(
            f"{source.uri}: expected annotations of eggNOG-mapper with the header row "
            "`#query ... GOs`, got none (keep the header row)"
        )
    return _EggnogReader(roles, taxon_of(source, "annotations of eggNOG-mapper"))
