"""PANNZER2's predictions, GO.out and anno.out: a row for each protein and term.

A prediction: evidence IEA, by PANNZER. Columns that are used: qpid, the protein; goid, the digits
of the GO id (in anno.out `id`, in rows with a type such as `BP_ARGOT`); ontology, the aspect.
Scores and probabilities are no evidence. Spreadsheets drop zeros at the beginning of GO ids; they
are put back. GO.out has one row, and so one annotation, for a term of several predictors; anno.out
has a row for each. The taxon comes from the user.

Source: http://ekhidna2.biocenter.helsinki.fi/sanspanz/ and its program `runsanspanz.py`.
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    LineReader,
    RowPattern,
    require_taxon,
    split_object_id,
)
from gafreduce.jobs.formats.delimited import columns, rows
from gafreduce.jobs.formats.delimited.columns import Vocabulary
from gafreduce.jobs.formats.delimited.reader import Defaults, make_delimited_reader
from gafreduce.jobs.formats.delimited.row_patterns import PIECES, RowColumns, compile_rows
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

_GO_OUT = Vocabulary(("qpid",), frozenset({"goid"}), {"ontology": "aspect"}, has_bare_ids=True)
_DEFAULTS = Defaults(evidence_code="IEA", assigned_by="PANNZER", object_type="protein")
#: The beginning of the header row of anno.out, and what the name of its layout is.
_ANNO_HEADER = (b"qpid", b"type", b"score", b"ppv", b"id")
_ANNO_OUT = "anno.out"
_ANNO_COLUMNS = RowColumns(object_id=0, terms=[4], others=[1], width=6)
_ASPECTS = {"BP": "P", "MF": "F", "CC": "C"}


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is not PANNZER's; "" if it may be."""
    return "" if find_layout(lines) else "no header row with `qpid` and `goid`"


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the columns."""
    first = next((line for line in lines if line.strip()), b"").lower()
    if tuple(cell.strip(b' "') for cell in first.split(b"\t")[:5]) == _ANNO_HEADER:
        return _ANNO_OUT
    if not columns.has_names(lines, _GO_OUT):
        return ""
    found = columns.find_layout(lines, _GO_OUT)
    return "" if found is None else found.encode()


class AnnoOutReader(LineReader):
    """Reads the rows of anno.out."""

    def __init__(self, taxon_id: int) -> None:
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is the header row."""
        return line.lower().startswith((b"qpid\ttype\t", b"#"))

    def make_row_pattern(self, has_quotes: bool) -> Optional[RowPattern]:
        """Return a pattern that matches each line of a block."""
        return compile_rows("tab", _ANNO_COLUMNS, PIECES[columns.DIGITS], has_quotes)

    def read_object_id(self, cell: str) -> Tuple[str, str]:
        """Return database and id of a protein; none for the name of the column."""
        text = cell.strip(" ")
        return split_object_id("" if text.lower() == "qpid" else text)

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return the annotation of a row; none if it predicts something else than a GO term."""
        cells = rows.split_cells(decode(line), "tab")
        if len(cells) < 5:
            return Rejection("too_few_columns", "GORULE:0000001")
        aspect = _ASPECTS.get(cells[1].partition("_")[0])
        if aspect is None:
            return []
        db, local_id = split_object_id(cells[0].strip(" "))
        return [
            Annotation(
                db=db,
                local_id=local_id,
                go_id=rows.complete_go_id(cells[4]),
                evidence_code=_DEFAULTS.evidence_code,
                aspect=aspect,
                object_type=_DEFAULTS.object_type,
                taxon_id=self._taxon_id,
                assigned_by=_DEFAULTS.assigned_by,
            )
        ]


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The columns are unknown, or there is no taxon.
    """
    kind = "predictions of PANNZER"
    if source.layout == _ANNO_OUT:
        return AnnoOutReader(require_taxon(source, kind))
    return make_delimited_reader(source, kind, _DEFAULTS)


FORMAT = Format("pannzer", find_mismatch, make_reader, find_layout)
