"""Trinotate's annotation report: a row for each transcript and protein of a transcriptome.

A prediction: evidence IEA, by Trinotate. Columns that are used: gene_id, the gene product, so that
genes are counted and not transcripts; the columns `gene_ontology_...` and `EggNM.GOs`, each with
the GO ids of one predictor (BLASTX, BLASTP, Pfam, eggNOG-mapper). A term of several predictors is
one annotation. A cell has `GO:0005634^cellular_component^nucleus`, joined by backquotes; a dot is
none. The taxon comes from the user.

Source: https://github.com/Trinotate/Trinotate/wiki (the report).
"""

from __future__ import annotations

from typing import List, Optional, Sequence

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import Format, LineReader
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.formats.delimited.cells import normalize_name
from gafreduce.jobs.formats.delimited.columns import TEXT, UNUSED, Layout
from gafreduce.jobs.formats.delimited.reader import Defaults, make_delimited_reader
from gafreduce.jobs.model.annotation import decode

_DEFAULTS = Defaults(evidence_code="IEA", assigned_by="Trinotate", object_type="gene")
_IDS = ("gene id", "transcript id", "prot id")
_TERMS = ("gene ontology ", "eggnm gos")


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is not Trinotate's; "" if it may be."""
    if _find_layout(lines) is None:
        return "no header row with `gene_id` and `gene_ontology_...`"
    return ""


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the columns."""
    found = _find_layout(lines)
    return "" if found is None else found.encode()


def _find_layout(lines: Sequence[bytes]) -> Optional[Layout]:
    """Return the columns that the first row names; None if it is no header row of Trinotate."""
    header = decode(next((line for line in lines if line.strip()), b"")[:10_000])
    if "gene_ontology_" not in header.lower() and "EggNM.GOs" not in header:
        return None
    delimiter = "tab" if "\t" in header else "comma"
    names: List[str] = list(map(normalize_name, rows.split_cells(header, delimiter)))
    roles = [TEXT if name.startswith(_TERMS) else UNUSED for name in names]
    object_id = next((name for name in _IDS if name in names), None)
    if object_id is None or TEXT not in roles:
        return None
    roles[names.index(object_id)] = "object_id"
    return Layout(delimiter, tuple(roles), names[roles.index(TEXT)])


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: The columns are unknown, or there is no taxon.
    """
    return make_delimited_reader(source, "a report of Trinotate", _DEFAULTS)


FORMAT = Format("trinotate", find_mismatch, make_reader, find_layout)
