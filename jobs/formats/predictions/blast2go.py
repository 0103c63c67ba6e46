"""Tables of Blast2GO and OmicsBox: exported annotations, a row for each sequence or term.

Columns that are used: the name of the sequence; its GO ids, mostly with the letter of their aspect
(`P:GO:0006355; F:GO:0003677`); the evidence code, where the export has one. Without one it is
unstated: annotations may have been curated in the program. GO ids of InterPro are not used, since
the program merges them into its own when it is asked to. Files `.annot` have no header row, and
their lines with enzyme codes (`EC:1.1.1.1`) are none of terms; those that begin with one are read
here, and others as `id_list`, with the same result. The taxon comes from the user.

Source: https://www.blast2go.com and https://docs.omicsbox.biobam.com (export).
"""

from __future__ import annotations

import re
from typing import Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import Format, LineReader
from gafreduce.jobs.formats.delimited import columns
from gafreduce.jobs.formats.delimited.columns import Vocabulary
from gafreduce.jobs.formats.delimited.names import ROLES
from gafreduce.jobs.formats.delimited.reader import make_delimited_reader

_TABLE = Vocabulary(
    ("seqname", "seq name", "sequence name", "sequence id", "sequence"),
    frozenset({"go ids", "go id", "gos", "go", "go ids list", "annotation go id", "go term id"}),
    {**ROLES, "evidence code": "evidence_code", "annotation go evidence": "evidence_code"},
)
_ANNOT_LINE = re.compile(rb"[^\t]+\t(?:GO:[0-9]{7}|EC:[0-9.\-]+)(?:\t[^\t]*)?")
_ANNOT = "tab object_id|go_ids|+"


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is not Blast2GO's; "" if it may be."""
    if find_layout(lines):
        return ""
    return "no header row with `SeqName` and `GO IDs`, and no line of `.annot` with an EC number"


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the columns."""
    if columns.has_names(lines, _TABLE):
        found = columns.find_layout(lines, _TABLE)
        return "" if found is None else found.encode()
    data = [line for line in lines if line.strip() and not line.startswith(b"#")]
    with_numbers = [line for line in data if b"\tEC:" in line]
    return _ANNOT if with_numbers and all(map(_ANNOT_LINE.fullmatch, data)) else ""


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The columns are unknown, or there is no taxon.
    """
    return make_delimited_reader(source, "a table of Blast2GO")


FORMAT = Format("blast2go", find_mismatch, make_reader, find_layout)
