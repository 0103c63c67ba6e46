"""Tables of Ensembl's BioMart: exports of its pages as TSV or CSV, and results of R's `getBM`.

Columns: the attributes that the user chose, by the names of the pages or of the query language. A
gene has a row for each transcript and term, and rows without a term. The gene is the gene product
where the table has it, else the transcript or protein; its database is `ENSEMBL`. Evidence: the
column `GO term evidence code`, else unstated. The taxon comes from the user.

Source: https://www.ensembl.org/info/data/biomart/index.html, and the attributes of the marts.
"""

from __future__ import annotations

from typing import Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import Format, LineReader
from gafreduce.jobs.formats.delimited import columns
from gafreduce.jobs.formats.delimited.names import BIOMART
from gafreduce.jobs.formats.delimited.reader import Defaults, make_delimited_reader

_DEFAULTS = Defaults(database="ENSEMBL")


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is not BioMart's; "" if it may be."""
    if columns.has_names(lines, BIOMART):
        return "" if find_layout(lines) else "its header row has columns without GO ids"
    return "no header row with `Gene stable ID` and `GO term accession`, or their like"


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the columns."""
    found = columns.find_layout(lines, BIOMART)
    return "" if found is None else found.encode()


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The columns are unknown, or there is no taxon.
    """
    return make_delimited_reader(source, "a table of BioMart", _DEFAULTS)


FORMAT = Format("biomart", find_mismatch, make_reader, find_layout)
