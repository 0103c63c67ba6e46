"""The annotation formats by name.

A format is imported when it is used, for a run reads few of them.
"""

from __future__ import annotations

import importlib
from typing import Dict, Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import Format, FormatError, LineReader

__all__ = ["FORMATS", "FormatError", "describe_mismatch", "find_format", "make_reader"]

TABLE = "table"
#: The module of each format, by the name of the format.
FORMATS: Dict[str, str] = {
    "gaf": "gaf",
    "gpad": "gpad",
    "gene2go": "gene2go",
    "quickgo": "quickgo",
    "amigo": "amigo",
    "uniprot_tsv": "uniprot_tsv",
    "interproscan": "predictions.interproscan",
    "eggnog": "predictions.eggnog",
    "pannzer": "predictions.pannzer",
    "blast2go": "predictions.blast2go",
    "trinotate": "predictions.trinotate",
    "biomart": "delimited.biomart",
    "id_list": "delimited.id_list",
    TABLE: "delimited.table",
}
#: Formats that any tool may write: a file has one of them only if it has no other format.
GENERAL = ("id_list", TABLE)
#: Formats whose separator and columns the user can name.
WITH_CHOICE = ("biomart", *GENERAL)


def find_format(name: str) -> Format:
    """Return the format of a name in `FORMATS`."""
    module = importlib.import_module(f"{__package__}.{FORMATS[name]}")
    found: Format = module.FORMAT
    return found


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file's lines.

    Raises:
        FormatError: The input list lacks facts that the format needs.
    """
    return find_format(source.format).make_reader(source)


def describe_mismatch(source: InputFile, lines: Sequence[str]) -> str:
    """Return what refused lines lack of the format of their file, in words for an error.

    Args:
        source: The file's row of the input list.
        lines: Some of the lines; they may be cut.
    """
    mismatch = find_format(source.format).find_mismatch([line.encode() for line in lines])
    if source.layout and mismatch.startswith("no header row"):  # the file has one
        mismatch = ""
    what = f"{source.format}: {mismatch}; " if mismatch else ""
    return f"{what}name another format, --format, or remove the file"
