"""NCBI gene2go: one file for all taxa, eight tab-separated columns, `-` for none.

Source: https://ftp.ncbi.nlm.nih.gov/gene/DATA/README (section gene2go). Indexes are 0-based.
"""

from __future__ import annotations

from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import LineReader, read_taxon_id
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME, GO_ID_BYTES

NAME = "gene2go"
#: Before 2007 the category was not there.
MIN_COLUMNS = 7


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no gene2go file, or "" when they may be."""
    data = [line for line in lines if line.strip() and not line.startswith(b"#")]
    for line in data:
        cells = [cell.strip() for cell in line.split(b"\t")]
        if (
            len(cells) >= MIN_COLUMNS
            and cells[0].isdigit()
            and cells[1].isdigit()
            and GO_ID_BYTES.fullmatch(cells[2])
        ):
            return ""
    if not data and any(line.startswith(b"#tax_id\tGeneID\tGO_ID") for line in lines):
        return ""
    return f"no line has {MIN_COLUMNS} columns or more that begin with tax id, gene id and GO id"


def layout(lines: Sequence[bytes]) -> str:
    """Return nothing: every line shows all that is needed."""
    return ""


class _Gene2goReader(LineReader):
    header_prefix = b"#"

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        cells = [_stated(cell.strip(" ")) for cell in decode(line).split("\t")]
        if len(cells) < MIN_COLUMNS:
            return Rejection("too_few_columns", "GORULE:0000001")
        taxon_id = read_taxon_id(cells[0])
        if not taxon_id:
            return Rejection("bad_taxon", "GORULE:0000027")
        relation, negated = gaf.read_relation(cells[4].replace(" ", "|"))  # as in "NOT involved_in"
        references = [f"PMID:{number}" for number in cells[6].split("|") if number]
        return [
            Annotation(
                db="NCBIGene",
                local_id=cells[1],
                relation=relation,
                negated=negated,
                go_id=cells[2],
                reference="|".join(references),
                evidence_code=cells[3].upper(),
                aspect=ASPECT_BY_NAME.get(cells[7].lower(), "") if len(cells) > 7 else "",
                object_type="gene",
                taxon_id=taxon_id,
            )
        ]


def _stated(cell: str) -> str:
    return "" if cell == "-" else cell


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file; it needs nothing of the input list."""
    return _Gene2goReader()
