"""The parts of a format: recognising a file, and reading its lines one at a time.

A mapper may see any part of a file. So a reader depends on no other line of the file: facts from
headers, such as the columns that a header row names, are in the file's row of the input list.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from types import MappingProxyType
from typing import (
    Callable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Pattern,
    Sequence,
    Tuple,
    Union,
)

from gafreduce.errors import InputError
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.columnar_block import ColumnarBlock
from gafreduce.jobs.model.annotation import Annotation, Rejection
from gafreduce.jobs.model.taxon import parse_taxon_id

_GO_TOKEN = re.compile(r"GO:[^\s,;|\])(\"'\[]*", re.IGNORECASE)
_TAXON = re.compile(r"(?:(?:taxon|ncbitaxon)[:_])?([0-9]+)", re.IGNORECASE)
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T.*)?")
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*):(\S.*)")
_SEQUENCE_NAME = re.compile(r"(?:sp|tr)\|([A-Z0-9]+(?:-[0-9]+)?)\|\S*")
_ACCESSION = re.compile(
    r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[0-9]+)?"
)
#: Stable ids of Ensembl: https://www.ensembl.org/info/genome/stable_ids/index.html
_ENSEMBL = re.compile(r"(?:ENS[A-Z]{0,6}|MGP_\w{1,20}_)(?:G|T|P)[0-9]{7,11}(?:\.[0-9]+)?")
_ENSEMBL_STARTS = ("ENS", "MGP")
#: The database of gene products that only the user's own files name.
LOCAL = "local"


class FormatError(InputError):
    """A file has no known format, or several, or lacks data that its format needs."""


#: What a piece has that stands before the first GO id of its row.
NO_GO_ID = b""


class TermPieces(NamedTuple):
    """How GO ids are read from the text of cells, which is cut at each `GO:`."""

    #: Returns the seven digits of a GO id, `NO_GO_ID`, or None for a piece that leaves a doubt.
    read: Callable[[bytes], Optional[bytes]]
    size: Optional[int] = None  # bytes of a piece that decide; None: all
    prefix: bytes = b""  # before each cell, where cells do not have it
    doubts: Tuple[bytes, ...] = ()  # a row with one of them has to be parsed


class RowPattern(NamedTuple):
    """A pattern that splits a block; cells of a row are its groups, which begin at zero.

    A cell that may be quoted has two groups, one of them empty. All groups are empty for a line
    that has to be parsed.
    """

    rows: Pattern[bytes]  # matches each line
    object_id: Tuple[int, ...]  # groups of the cell of the gene product
    terms: Tuple[int, ...]  # groups of cells with GO ids
    others: Tuple[int, ...]  # groups of all other cells that decide about annotations
    tail: Optional[int]  # the group of further cells, which may have GO ids
    pieces: Optional[TermPieces]  # None: GO ids cannot be read from the groups

    @property
    def deciding(self) -> Tuple[int, ...]:
        """All groups that decide about annotations."""
        tail = () if self.tail is None else (self.tail,)
        return (*self.terms, *self.others, *tail)


class LineReader(ABC):
    """Reads the lines of one file."""

    #: The bytes at the beginning of a header or comment line; empty if the format has none.
    header_prefix: bytes = b""
    #: Whether `columns` may return columns.
    reads_blocks: bool = False
    #: Positions (0-based) of symbol, With/From and synonyms in a block, if `reads_blocks`.
    naming_columns: Tuple[int, ...] = ()
    #: Positions (0-based) of other fields of `Annotation` in a block, if `reads_blocks`.
    positions: Mapping[str, int] = MappingProxyType({})
    #: Positions (0-based) in a block of the fields of `Annotation` that are a cell without the
    #: blanks around it, if all other fields follow from the combination and the taxon.
    copied_columns: Mapping[str, int] = MappingProxyType({})
    #: Fields of `Annotation` that the format requires, in addition to gene product and term.
    required: Tuple[str, ...] = ()
    #: The largest number of columns in the format; 0: any number.
    max_columns: int = 0

    def is_header(self, line: bytes) -> bool:
        """Return whether a line, which is not blank, describes no gene product."""
        return bool(self.header_prefix) and line.startswith(self.header_prefix)

    @abstractmethod
    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return the annotations of a data line, or the reason to refuse it.

        All are of one gene product. The list is empty if the line names one and no term.

        Args:
            line: Without its line end; not a header, not blank.
        """

    def make_row_pattern(self, has_quotes: bool) -> Optional[RowPattern]:
        """Return a pattern that matches each line of a block; None if the format has no rows.

        Rows whose groups are equal, but for those of the gene product, have equal annotations.

        Args:
            has_quotes: Whether cells may be quoted.
        """
        return None

    def read_object_id(self, cell: str) -> Tuple[str, str]:
        """Return database and id of a gene product from the cell of a row.

        Raises:
            LookupError: The format has no rows.
        """
        raise LookupError(f"{type(self).__name__} has no rows, got cell {cell!r}")

    def columns(self, block: bytes) -> Optional[ColumnarBlock]:
        """Return a block of lines as columns; None if they have to be read one by one.

        Args:
            block: Whole lines in UTF-8, each ended by LF alone, without headers.
        """
        return None

    def read_combination(
        self, cells: Tuple[bytes, bytes, bytes, bytes]
    ) -> Tuple[str, bool, str, str, str]:
        """Return relation, negated, GO id, evidence code and aspect from cells of `columns`.

        Raises:
            LookupError: The format does not support block reading.
        """
        raise LookupError(f"{type(self).__name__} reads no blocks, got cells {cells!r}")


def _find_no_layout(lines: Sequence[bytes]) -> str:
    """Return nothing: every line can be read without the others."""
    return ""


class Format(NamedTuple):
    """An annotation format. Functions take the first lines of a file, without line ends."""

    name: str  # for --format and for sample sheets
    #: Returns why the file has another format, in words for an error message; "" if it may have
    #: this one. At least one of the lines is not blank.
    find_mismatch: Callable[[Sequence[bytes]], str]
    #: Returns the reader of a file's lines. Raises FormatError if the input list lacks facts that
    #: the format needs.
    make_reader: Callable[[InputFile], LineReader]
    #: Returns facts that a single line does not show, for `make_reader` or for people: versions,
    #: the roles of columns; "" for none.
    find_layout: Callable[[Sequence[bytes]], str] = _find_no_layout


def select_data_lines(lines: Sequence[bytes], header_prefix: bytes) -> List[bytes]:
    """Return the lines that are neither blank nor headers."""
    return [line for line in lines if line.strip() and not line.startswith(header_prefix)]


def blank_dash(cell: str) -> str:
    """Return a cell, empty for the `-` that some formats write for none."""
    return "" if cell == "-" else cell


def find_go_ids(text: str) -> List[str]:
    """Return the GO ids in a text, each once; damaged ones as they are written.

    >>> find_go_ids("ATP binding [GO:0005524]; GO:0016887,GO:0005524|GO:12")
    ['GO:0005524', 'GO:0016887', 'GO:12']
    """
    return list(dict.fromkeys(_GO_TOKEN.findall(text)))


def read_taxon_id(text: str) -> int:
    """Return a taxon id, written bare or with its prefix; 0 for any other text.

    >>> read_taxon_id("224308"), read_taxon_id("NCBITaxon:83333"), read_taxon_id("mouse")
    (224308, 83333, 0)
    """
    found = _TAXON.fullmatch(text.strip(" ")) if text else None
    return parse_taxon_id(found[1]) if found else 0


def require_taxon(source: InputFile, kind: str) -> int:
    """Return the taxon that the user gave for a file in a format without a column for it.

    Args:
        source: The file's row of the input list.
        kind: A description of such a file, for the error.

    Raises:
        FormatError: The user gave none.
    """
    if not source.taxon_id:
        raise FormatError(
            f"{source.uri}: expected a taxon for {kind}, which has no column for it, got none "
            "(name it, --taxon, or in a sample sheet, column `taxon_id`)"
        )
    return source.taxon_id


def compact_date(text: str) -> str:
    """Return an ISO date in the form of GAF; another text unchanged.

    >>> compact_date("2015-03-05"), compact_date("20150305"), compact_date("TODAY")
    ('20150305', '20150305', 'TODAY')
    """
    found = _ISO_DATE.fullmatch(text) if "-" in text else None
    return "".join(found.groups()) if found else text


#: What programs write where a gene product has no id, as they write it: `na` and `nan` are genes.
NO_ID = frozenset(
    {"", "-", "--", "---", ".", "?", "NA", "N/A", "#N/A", "<NA>", "NaN", "None", "NULL", "null"}
)


def split_object_id(text: str) -> Tuple[str, str]:
    """Return database and id of a gene product in a format without a column for the database.

    >>> split_object_id("UniProtKB:P12345"), split_object_id("sp|A2SLW2|1A1D_METPP")
    (('UniProtKB', 'P12345'), ('UniProtKB', 'A2SLW2'))
    >>> split_object_id("NA"), split_object_id("-")  # words for nothing are no id
    (('', ''), ('', ''))
    >>> split_object_id("BSU_00010"), split_object_id("ENSMUSG00000000001.1")
    (('local', 'BSU_00010'), ('ENSEMBL', 'ENSMUSG00000000001.1'))
    """
    if text in NO_ID:
        return "", ""
    sequence = _SEQUENCE_NAME.fullmatch(text) if "|" in text else None
    if sequence:
        return "UniProtKB", sequence.group(1)
    prefixed = _PREFIXED.fullmatch(text) if ":" in text else None
    if prefixed:
        return prefixed.group(1), prefixed.group(2)
    if text[:3] in _ENSEMBL_STARTS and _ENSEMBL.fullmatch(text):
        return "ENSEMBL", text
    return LOCAL, text


def is_accession(text: str) -> bool:
    """Return whether a text is an accession of UniProt.

    Source: https://www.uniprot.org/help/accession_numbers
    """
    return _ACCESSION.fullmatch(text) is not None
