"""NCBI gene2go, one file for all taxa, and files of this form with ids of another database.

Columns: tax id, gene id, GO id, evidence code, qualifier, GO term, PubMed ids, category; `-` for
none. Files from before 2007 lack the category. Gene ids of digits are NCBI's; others, such as
Ensembl's, have the database that they show.

Source: https://ftp.ncbi.nlm.nih.gov/gene/DATA/README (section gene2go). Indexes are 0-based.
"""

from __future__ import annotations

from functools import lru_cache
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    LineReader,
    read_taxon_id,
    select_data_lines,
    split_object_id,
)
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode
from gafreduce.jobs.model.evidence import GROUP_OF
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME, GO_ID_BYTES
from gafreduce.jobs.model.relations import read_relation

MIN_COLUMNS = 7
_read_taxon_id = lru_cache(maxsize=4096)(read_taxon_id)


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no gene2go file; "" if it may be one."""
    data = select_data_lines(lines, b"#")
    for line in data:
        cells = [cell.strip() for cell in line.split(b"\t")]
        if (
            len(cells) >= MIN_COLUMNS
            and cells[0].isdigit()
            and (cells[1].isdigit() or _is_other_id(cells[1], cells[3]))
            and GO_ID_BYTES.fullmatch(cells[2])
        ):
            return ""
    if not data and any(line.startswith(b"#tax_id\tGeneID\tGO_ID") for line in lines):
        return ""
    return f"no line has {MIN_COLUMNS} columns or more that begin with tax id, gene id and GO id"


def _is_other_id(cell: bytes, evidence: bytes) -> bool:
    """Return whether a cell may be a gene id of another database, next to an evidence code."""
    return bool(cell) and b" " not in cell and decode(evidence).upper() in GROUP_OF


class Gene2goReader(LineReader):
    """Reads the lines of a gene2go file."""

    header_prefix = b"#"

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return the annotation of a line, or the reason to refuse it."""
        cells = [cell.strip(" ") for cell in decode(line).split("\t")]
        if "-" in cells:
            cells = ["" if cell == "-" else cell for cell in cells]
        if len(cells) < MIN_COLUMNS:
            return Rejection("too_few_columns", "GORULE:0000001")
        taxon_id = _read_taxon_id(cells[0])
        if not taxon_id:
            return Rejection("bad_taxon", "GORULE:0000027")
        relation, negated = read_relation(cells[4])
        db, local_id = "NCBIGene", cells[1]
        if not local_id.isdigit():
            db, local_id = split_object_id(local_id)
        references = ""
        if cells[6]:
            references = "|".join(f"PMID:{number}" for number in cells[6].split("|") if number)
        return [
            Annotation(
                db,
                local_id,
                "",
                relation,
                negated,
                cells[2],
                references,
                cells[3].upper(),
                aspect=ASPECT_BY_NAME.get(cells[7].lower(), "") if len(cells) > 7 else "",
                object_type="gene",
                taxon_id=taxon_id,
            )
        ]


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file; it needs nothing from the input list."""
    return Gene2goReader()


FORMAT = Format("gene2go", find_mismatch, make_reader)
