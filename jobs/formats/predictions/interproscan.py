"""InterProScan's TSV, versions 5 and 6: matches of signatures, and the GO ids that go with them.

A prediction: evidence IEA, with the signature or InterPro entry that the GO id comes from. Columns:
protein, MD5, length, analysis, signature, its description, start, stop, score, status, date,
InterPro entry, its description, GO ids. The last one is there only if the program was run with
`--goterms`. The taxon comes from the user.

Source: https://interproscan-docs.readthedocs.io/ (output formats, TSV). Indexes are 0-based.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    LineReader,
    blank_dash,
    find_go_ids,
    require_taxon,
    select_data_lines,
    split_object_id,
)
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

#: The columns up to the date.
MIN_COLUMNS = 11
_MD5 = re.compile(rb"[0-9a-f]{32}")
_INTERPRO, _GO = 11, 13
_DATE = re.compile(r"([0-3][0-9])-([01][0-9])-([0-9]{4})")
#: `GO:0003677(InterPro)`, from version 5.54 on.
_SOURCE = re.compile(r"(GO:[^\s(|]+)\((\w+)\)")
#: The method behind a GO id: InterPro2GO, or the trees of PANTHER.
_REFERENCES = {"InterPro": "GO_REF:0000002", "PANTHER": "GO_REF:0000118"}


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no TSV of InterProScan; "" if it may be one."""
    rows = [line.split(b"\t") for line in select_data_lines(lines, b"#")]
    if any(len(cells) >= MIN_COLUMNS and _is_match(cells) for cells in rows):
        return ""
    place = "an MD5 and a length in the second and third"
    return f"no line has {MIN_COLUMNS} columns or more with {place}"


def lacks_go_ids(lines: Sequence[bytes]) -> bool:
    """Return whether these first lines are matches of InterProScan without any GO id."""
    return not find_mismatch(lines) and not any(
        b"\tGO:" in line or b"|GO:" in line for line in lines
    )


def _is_match(cells: Sequence[bytes]) -> bool:
    return bool(_MD5.fullmatch(cells[1].strip().lower())) and cells[2].strip().isdigit()


class InterproscanReader(LineReader):
    """Reads the lines of InterProScan's TSV."""

    header_prefix = b"#"

    def __init__(self, taxon_id: int) -> None:
        self._taxon_id = taxon_id

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return an annotation for each GO id of a match."""
        cells = [blank_dash(cell.strip(" ")) for cell in decode(line).split("\t")]
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
                with_from=_make_with_from(cells, sources.get(go_id, "InterPro")),
                object_type="protein",
                taxon_id=self._taxon_id,
                date=_DATE.sub(r"\3\2\1", cells[10]),
                assigned_by="InterProScan",
            )
            for go_id in find_go_ids(cells[_GO])
        ]


def _make_with_from(cells: Sequence[str], source: str) -> str:
    """Return the origin of a GO id: the InterPro entry, else the signature."""
    if source == "InterPro" and cells[_INTERPRO]:
        return f"InterPro:{cells[_INTERPRO]}"
    return f"{cells[3]}:{cells[4]}"


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: There is no taxon.
    """
    return InterproscanReader(require_taxon(source, "matches of InterProScan"))


FORMAT = Format("interproscan", find_mismatch, make_reader)
