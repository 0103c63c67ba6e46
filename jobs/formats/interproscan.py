"""InterProScan's TSV, versions 5 and 6: matches of signatures, and the GO ids that go with them.

A prediction: evidence IEA, with the signature or InterPro entry that the GO id comes from. The
fourteenth column is there only when the program was asked for GO ids (`--goterms`).

Source: https://interproscan-docs.readthedocs.io/ (output formats, TSV). Indexes are 0-based.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import LineReader, find_go_ids, split_object_id
from gafreduce.jobs.formats.own_genome import taxon_of
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

NAME = "interproscan"
#: Protein, MD5, length, analysis, signature, description, start, stop, score, status, date.
MIN_COLUMNS = 11
_MD5 = re.compile(rb"[0-9a-f]{32}")
_INTERPRO, _GO = 11, 13
_DATE = re.compile(r"([0-3][0-9])-([01][0-9])-([0-9]{4})")
#: `GO:0003677(InterPro)`, of version 5.54 and later.
_SOURCE = re.compile(r"(GO:[^\s(|]+)\((\w+)\)")
#: How GO was reached: by InterPro2GO, or by PANTHER's trees.
_REFERENCES = {"InterPro": "GO_REF:0000002", "PANTHER": "GO_REF:0000118"}


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no TSV of InterProScan, or "" when they may be."""
    data = [line for line in lines if line.strip() and not line.startswith(b"#")]
    rows = [line.split(b"\t") for line in data]
    matches = [cells for cells in rows if len(cells) >= MIN_COLUMNS and _is_match(cells)]
    if not matches:
        return (
            f"no line has {MIN_COLUMNS} columns or more with an MD5 and a length in the second and "
            "third"
        )
    return ""


def lacks_go_ids(lines: Sequence[bytes]) -> bool:
    """Tell whether these first lines are matches of InterProScan, and none has a GO id."""
    return not misfit(lines) and not any(b"\tGO:" in line or b"|GO:" in line for line in lines)


def _is_match(cells: Sequence[bytes]) -> bool:
    return bool(_MD5.fullmatch(cells[1].strip().lower())) and cells[2].strip().isdigit()


def layout(lines: Sequence[bytes]) -> str:
    """Return nothing: every line shows all that is needed."""
    return ""


class _InterproscanReader(LineReader):
    header_prefix = b"#"

    def __init__(self, taxon_id: int) -> None:
        self._taxon_id = taxon_id

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        cells = [_stated(cell.strip(" ")) for cell in decode(line).split("\t")]
        if len(cells) < MIN_COLUMNS:
            return Rejection("too_few_columns", "GORULE:0000001")
        if len(cells) <= _GO or not cells[_GO]:
            return []
        db, local_id = split_object_id(cells[0])
        sources = dict(_SOURCE.findall(cells[_GO]))
        return [
            Annotation(
                db=db,
                local_id=local_id,
                go_id=go_id,
                reference=_REFERENCES.get(sources.get(go_id, "InterPro"), ""),
                evidence_code="IEA",
                with_from=_with_from(cells, sources.get(go_id, "InterPro")),
                object_type="protein",
                taxon_id=self._taxon_id,
                date=_DATE.sub(r"\3\2\1", cells[10]),
                assigned_by="InterProScan",
            )
            for go_id in find_go_ids(cells[_GO])
        ]


def _stated(cell: str) -> str:
    return "" if cell == "-" else cell


def _with_from(cells: Sequence[str], source: str) -> str:
    """Return what the GO id comes from: the InterPro entry, else the signature."""
    if source == "InterPro" and cells[_INTERPRO]:
        return f"InterPro:{cells[_INTERPRO]}"
    return f"{cells[3]}:{cells[4]}"


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: There is no taxon.
    """
    return _InterproscanReader(taxon_of(source, "matches of InterProScan"))
