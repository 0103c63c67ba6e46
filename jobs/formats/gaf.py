"""GAF 1.0 to 2.2 as found in the wild: without headers, with 15 columns or more.

Columns: see `Annotation`, which has their numbers. Quotes are data: GAF has no quoting.

Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/ (columns are 1-based there;
indexes are 0-based here).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress
from types import MappingProxyType
from typing import List, Optional, Sequence, Tuple, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import columnar_block
from gafreduce.jobs.formats.base import Format, LineReader, select_data_lines
from gafreduce.jobs.formats.columnar_block import ColumnarBlock, Positions
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode
from gafreduce.jobs.model.go_terms import GO_ID_BYTES
from gafreduce.jobs.model.relations import read_relation
from gafreduce.jobs.model.taxon import parse_taxon_id

HEADER_PREFIX = b"!"
MIN_COLUMNS = 15
_COLUMNS = 17

#: The positions of some fields; columns of a block have the others.
_POSITIONS = MappingProxyType(
    {
        "symbol": 2,
        "reference": 5,
        "evidence_code": 6,
        "with_from": 7,
        "object_type": 11,
        "taxon": 12,
        "date": 13,
        "assigned_by": 14,
        "annotation_extension": 15,
    }
)

#: The positions of fields that `parse_line` takes as they are.
_COPIED_COLUMNS = MappingProxyType(
    {
        "symbol": 2,
        "reference": 5,
        "with_from": 7,
        "name": 9,
        "synonyms": 10,
        "object_type": 11,
        "date": 13,
        "assigned_by": 14,
        "annotation_extension": 15,
        "gene_product_form": 16,
    }
)

_BLOCK_POSITIONS = Positions(database=0, local_id=1, taxon=12, combination=(3, 4, 6, 8))

_TAXON = re.compile(r"(?:taxon|ncbitaxon):([0-9]+)", re.IGNORECASE)
_ASPECTS = frozenset({b"P", b"F", b"C"})
_VERSION = re.compile(rb"!\s*gaf[-_]version\s*:?\s*([0-9.]*)", re.IGNORECASE)
#: The names that the fifth column has in a row with the names of the columns, as some tools write
#: it in place of a header: AgBase's GOanna, GOMAP.
_GO_HEADINGS = frozenset(
    {
        *(b"go_id", b"go id", b"goid", b"go_term", b"go term", b"term_accession"),
        *(b"db_object_go_id", b"ontology_id", b"go"),
    }
)
#: Relations in column 4 before version 2.2.
_OLD_QUALIFIERS = frozenset({"", "contributes_to", "colocalizes_with", "integral_to"})


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no GAF; "" if it may be one."""
    data = [line for line in select_data_lines(lines, HEADER_PREFIX) if not has_names(line)]
    if not data:
        headed = any(_VERSION.match(line) for line in lines)
        return "" if headed else "no `!gaf-version` header and no data line"
    rows = [line.split(b"\t") for line in data]
    rows = [cells for cells in rows if len(cells) >= MIN_COLUMNS]
    if not rows:
        n_columns = data[0].count(b"\t") + 1
        return f"no line has {MIN_COLUMNS} tab-separated columns (the first data line: {n_columns})"
    if not any(GO_ID_BYTES.fullmatch(cells[4].strip()) for cells in rows):
        return f"no line of {MIN_COLUMNS} columns or more has a GO id in the fifth"
    if not any(b":" in cells[12] or cells[8].strip() in _ASPECTS for cells in rows):
        return "no line has an aspect in the ninth column or a taxon in the thirteenth"
    return ""


def is_plain_gaf(lines: Sequence[bytes]) -> bool:
    """Return whether all data lines have a GO id, an aspect and a taxon where GAF has them.

    No other format has, so that no other one needs to be tried.
    """
    rows = [line.split(b"\t") for line in select_data_lines(lines, HEADER_PREFIX)]
    return bool(rows) and all(
        len(cells) >= MIN_COLUMNS
        and GO_ID_BYTES.fullmatch(cells[4])
        and cells[8] in _ASPECTS
        and cells[12].startswith(b"taxon:")
        for cells in rows
    )


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the versions of the header blocks, or the version that the columns suggest.

    It is for people: the reader reads all versions, and files of several blocks, in the same way.
    """
    header = [line for line in lines if line.startswith(HEADER_PREFIX)]
    named = [found.group(1).decode() for found in map(_VERSION.match, header) if found]
    if named:
        return ", ".join(dict.fromkeys(version or "?" for version in named))
    data = [line for line in lines if not line.startswith(HEADER_PREFIX) and not has_names(line)]
    widths = [line.count(b"\t") + 1 for line in data]
    width = max(widths, default=0)
    if width < MIN_COLUMNS:
        return ""
    if width == MIN_COLUMNS:
        return "1.0 by columns"
    rows = compress(data, map(MIN_COLUMNS.__le__, widths))
    qualifiers = {line.split(b"\t", 4)[3] for line in rows}
    is_old = all(map(_is_old_qualifier, qualifiers))
    return f"{'2.1 or 2.0' if is_old else '2.2'} by columns"


def has_names(line: bytes) -> bool:
    """Return whether a line has the names of GAF's columns, without the mark of a header."""
    cells = line.split(b"\t", 5)
    return len(cells) > 5 and cells[4].strip(b' "').lower() in _GO_HEADINGS


@lru_cache(maxsize=256)
def _is_old_qualifier(raw: bytes) -> bool:
    """Return whether a cell of column 4 is valid before version 2.2."""
    return _OLD_QUALIFIERS.issuperset(read_relation(decode(raw))[0].split("|"))


@lru_cache(maxsize=4096)
def read_taxon(text: str) -> Optional[Tuple[int, str]]:
    """Return the first taxon of column 13, and the second as text; None if there is no first.

    >>> read_taxon("taxon:83333|NCBITaxon:10665"), read_taxon("83333")
    ((83333, '10665'), None)
    """
    first, _, rest = text.partition("|")
    owner = _parse_taxon(first)
    return (owner, str(_parse_taxon(rest) or "")) if owner else None


def _parse_taxon(text: str) -> int:
    found = _TAXON.fullmatch(text.strip(" "))
    return parse_taxon_id(found[1]) if found else 0


def parse_line(line: bytes) -> Union[Annotation, Rejection]:
    """Return the annotation of a data line, or the reason to refuse it.

    Args:
        line: Without its line end; not a header, not blank.
    """
    cells = [cell.strip(" ") for cell in decode(line).split("\t")]
    if len(cells) < MIN_COLUMNS:
        return Rejection("too_few_columns", "GORULE:0000001")
    cells += [""] * (_COLUMNS - len(cells))
    taxon = read_taxon(cells[12])
    if taxon is None:
        return Rejection("bad_taxon", "GORULE:0000027")
    relation, negated = read_relation(cells[3])
    return Annotation(
        db=cells[0],
        local_id=cells[1],
        symbol=cells[2],
        relation=relation,
        negated=negated,
        go_id=cells[4],
        reference=cells[5],
        evidence_code=cells[6].upper(),
        with_from=cells[7],
        aspect=cells[8],
        name=cells[9],
        synonyms=cells[10],
        object_type=cells[11],
        taxon_id=taxon[0],
        interacting_taxon=taxon[1],
        date=cells[13],
        assigned_by=cells[14],
        annotation_extension=cells[15],
        gene_product_form=cells[16],
    )


def read_combination(cells: Tuple[bytes, bytes, bytes, bytes]) -> Tuple[str, bool, str, str, str]:
    """Return relation, negated, GO id, evidence code and aspect from raw cells; as `parse_line`."""
    text = b"\t".join(cells)
    decoded = text.decode().split("\t") if text.isascii() else map(decode, cells)
    relation, go_id, evidence_code, aspect = (cell.strip(" ") for cell in decoded)
    return (*read_relation(relation), go_id, evidence_code.upper(), aspect)


class GafReader(LineReader):
    """Reads the lines of a GAF file, one by one or as columns."""

    header_prefix = HEADER_PREFIX
    reads_blocks = True
    naming_columns = (2, 7, 10)
    positions = _POSITIONS
    copied_columns = _COPIED_COLUMNS
    required = ("symbol", "reference", "evidence_code", "object_type", "date", "assigned_by")
    max_columns = _COLUMNS

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is a header or comment, or has the names of the columns."""
        return line.startswith(HEADER_PREFIX) or (b"\tGO:" not in line and has_names(line))

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return the annotation of a line, or the reason to refuse it."""
        parsed = parse_line(line)
        return parsed if isinstance(parsed, Rejection) else [parsed]

    def columns(self, block: bytes) -> Optional[ColumnarBlock]:
        """Return a block of lines as columns; None if they have to be read one by one."""
        return columnar_block.read_columns(block, MIN_COLUMNS, _BLOCK_POSITIONS)

    def read_combination(
        self, cells: Tuple[bytes, bytes, bytes, bytes]
    ) -> Tuple[str, bool, str, str, str]:
        """Return relation, negated, GO id, evidence code and aspect from cells of `columns`."""
        return read_combination(cells)


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file; it needs nothing from the input list."""
    return GafReader()


FORMAT = Format("gaf", find_mismatch, make_reader, find_layout)
