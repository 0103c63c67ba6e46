"""Say in few lines what a file of no known format looks like, and which formats are nearest."""

from __future__ import annotations

import re
from typing import Callable, Dict, FrozenSet, List, Mapping, NamedTuple, Sequence, Set

from gafreduce.jobs.formats.base import (
    FormatError,
    is_accession,
    read_taxon_id,
    select_data_lines,
)
from gafreduce.jobs.formats.column_choice import NAME_COLUMNS
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.model.annotation import decode
from gafreduce.jobs.model.evidence import GROUP_OF
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME

#: The beginning of a mismatch when a file shows its format, and lacks a column that it needs.
_INCOMPLETE = "its header row has"
#: A GO id as in addresses of terms, or in small letters; and how to write such ids anew.
_ODD_GO_ID = re.compile(r"(?<![A-Za-z])(?:GO_|[Gg]o[:_])([0-9]{7})(?![0-9])")
_REWRITE = r"sed -E 's#(https?://[^[:space:],;|]*/)?[Gg][Oo][_:]([0-9]{7})#GO:\2#g' OLD > NEW"
#: Lines and cells that are looked at; characters of a cell, and of a mismatch, that are shown.
_SAMPLE, _MOST_CELLS, _SHOWN_CELLS = 50, 40, 5
_CELL_LENGTH, _MISMATCH_LENGTH = 30, 200


class _Signs(NamedTuple):
    """What a file of a format has."""

    n_columns: int
    kinds: FrozenSet[str]  # of `_TESTS`


_TESTS: Dict[str, Callable[[str], bool]] = {
    "go_id": lambda cell: "GO:" in cell,
    "evidence": lambda cell: cell in GROUP_OF,
    "eco_id": lambda cell: cell.startswith("ECO:"),
    "taxon": lambda cell: ":" in cell and read_taxon_id(cell) > 0,
    "aspect": lambda cell: cell.lower() in ASPECT_BY_NAME,
    "number": str.isdigit,
    "accession": is_accession,
    "checksum": lambda cell: re.fullmatch("[0-9a-f]{32}", cell) is not None,
    "seed": lambda cell: re.fullmatch(r"[0-9]+\.[A-Za-z]\S+", cell) is not None,
    "predictor": lambda cell: cell.startswith(("ARGOT", "RM3", "qpid")),
    "ensembl_id": lambda cell: re.fullmatch(r"ENS[A-Z]*[0-9]{11}(?:\.[0-9]+)?", cell) is not None,
}
_SIGNS: Mapping[str, _Signs] = {
    "gaf": _Signs(15, frozenset({"go_id", "evidence", "taxon", "aspect"})),
    "gpad": _Signs(10, frozenset({"go_id", "eco_id"})),
    "gene2go": _Signs(7, frozenset({"go_id", "evidence", "number"})),
    "quickgo": _Signs(5, frozenset({"go_id", "eco_id", "accession", "number"})),
    "amigo": _Signs(5, frozenset({"go_id", "evidence", "taxon"})),
    "uniprot_tsv": _Signs(2, frozenset({"go_id", "accession"})),
    "interproscan": _Signs(11, frozenset({"go_id", "checksum"})),
    "eggnog": _Signs(6, frozenset({"go_id", "seed"})),
    "pannzer": _Signs(5, frozenset({"predictor"})),
    "blast2go": _Signs(9, frozenset({"go_id", "sequence"})),
    "trinotate": _Signs(9, frozenset({"go_id", "transcript"})),
    "biomart": _Signs(3, frozenset({"go_id", "ensembl_id"})),
    "id_list": _Signs(2, frozenset({"go_id"})),
    "table": _Signs(3, frozenset({"go_id"})),
}


def is_incomplete(mismatch: str) -> bool:
    """Return whether a file shows the format of this mismatch, and lacks a column."""
    return mismatch.startswith(_INCOMPLETE)


def make_error(lines: Sequence[bytes], name: str, mismatches: Mapping[str, str]) -> FormatError:
    """Return the error for a file of no known format: what it is like, and what formats lack.

    Args:
        lines: The first lines of the file; at least one is not blank.
        name: The name of the file.
        mismatches: Why it has none of the formats, by format.
    """
    for key, mismatch in mismatches.items():
        if is_incomplete(mismatch):
            return FormatError(
                f"{name}: expected annotation lines, got {key}, but {mismatch} (get the file again "
                "with it, or remove it)"
            )
    texts = [decode(line[:10_000]) for line in select_data_lines(lines, b"!")[:_SAMPLE]]
    texts = texts or [decode(line[:10_000]) for line in lines if line.strip()][:1]
    delimiter = rows.find_delimiter(texts)
    table = [rows.split_cells(text, delimiter or "tab") for text in texts]
    widths = [len(cells) for cells in table]
    width = max(set(widths), key=widths.count)
    kinds = _find_kinds(table)
    described = f"text of {width} columns separated by {_PLURALS[delimiter]}"
    if width < 2 or (delimiter == "blank" and "go_id" not in kinds):
        described = "text without columns"
    odd = next(filter(None, (_ODD_GO_ID.search(text) for text in texts)), None)
    if odd and "go_id" not in kinds:
        return FormatError(
            f"{name}: expected GO ids such as GO:{odd[1]}, got {odd[0]} (write them anew: "
            f"{_REWRITE})"
        )
    if "go_id" not in kinds:
        described += " and without a GO id"
    ranked = sorted(mismatches, key=lambda key: _rank(key, width, kinds, mismatches[key]))
    first = " | ".join(_cut(cell, _CELL_LENGTH) for cell in table[0][:_SHOWN_CELLS])
    more = " | ..." if len(table[0]) > _SHOWN_CELLS else ""
    error = FormatError(
        f"{name}: expected annotation lines, got {described} that no known format has{NAME_COLUMNS}"
    )
    error.details = [
        f"first row: {first}{more}",
        "nearest formats (docs/formats.md has all), with what they need:",
        *(f"{key}: {_cut(mismatches[key], _MISMATCH_LENGTH)}" for key in ranked[:2]),
    ]
    return error


_PLURALS = {
    "tab": "tabs",
    "comma": "commas",
    "semicolon": "semicolons",
    "bar": "bars",
    "blank": "blanks",
    "": "nothing",
}


def _rank(name: str, width: int, kinds: Set[str], mismatch: str) -> float:
    """Return how far a file is from a format: by what it lacks, and by its number of columns."""
    signs = _SIGNS[name]
    lacking = len(signs.kinds - kinds) / 2
    distance = abs(width - signs.n_columns) / max(width, signs.n_columns)
    return lacking + distance - 9 * is_incomplete(mismatch)


def _find_kinds(table: Sequence[Sequence[str]]) -> Set[str]:
    """Return the kinds of cells that rows have."""
    cells: List[str] = [cell for row in table for cell in row[:_MOST_CELLS] if cell]
    return {kind for kind, passes in _TESTS.items() if any(map(passes, cells))}


def _cut(text: str, length: int) -> str:
    """Return a text without control characters, cut to a length."""
    shown = "".join(char if char.isprintable() else "?" for char in text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 3]}..."
