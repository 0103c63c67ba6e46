"""What every format hands out: a reader of the lines of one file, each by itself.

A mapper may see any part of a file, so a reader knows the file only through its row of the input
list: what stands in a header, and the columns a header row names, were found at the front door.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from types import MappingProxyType
from typing import List, Mapping, Optional, Tuple, Union

from gafreduce.errors import InputError
from gafreduce.jobs.formats.columnar_block import ColumnarBlock
from gafreduce.jobs.model.annotation import Annotation, Rejection

_GO_TOKEN = re.compile(r"GO:[^\s,;|\])(\"'\[]*", re.IGNORECASE)
_TAXON = re.compile(r"(?:(?:taxon|ncbitaxon)[:_])?0*([1-9][0-9]{0,9})", re.IGNORECASE)
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T.*)?")
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*):(\S.*)")
_SEQUENCE_NAME = re.compile(r"(?:sp|tr)\|([A-Z0-9]+(?:-[0-9]+)?)\|\S*")
_ACCESSION = re.compile(
    r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[0-9]+)?"
)
#: Database of gene products that have a name in the user's own files only.
LOCAL = "local"


class FormatError(InputError):
    """A file is of no known format, or of several, or lacks what its format needs."""


class LineReader(ABC):
    """Reads the lines of one file."""

    #: The bytes that begin a header or comment line; empty where the format has none.
    header_prefix: bytes = b""
    #: Whether `columns` may give more than None.
    reads_blocks: bool = False
    #: Where a block has symbol, With/From and synonyms (0-based), when `reads_blocks`.
    naming_columns: Tuple[int, ...] = ()
    #: Where a block has other fields of `Annotation` (0-based), when `reads_blocks`.
    positions: Mapping[str, int] = MappingProxyType({})
    #: Fields of `Annotation` that the format requires, besides the gene product and its term.
    required: Tuple[str, ...] = ()
    #: Columns that the format has at most; 0: any number.
    max_columns: int = 0

    def is_header(self, line: bytes) -> bool:
        """Tell whether the line says nothing of a gene product; it is not blank."""
        return bool(self.header_prefix) and line.startswith(self.header_prefix)

    @abstractmethod
    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return what a data line says, or why it is refused.

        An empty list: the line names a gene product and no term.

        Args:
            line: Without its line end; not a header, not blank.
        """

    def columns(self, block: bytes) -> Optional[ColumnarBlock]:
        """Return a block of lines as columns; None: read them one by one.

        Args:
            block: Whole lines in UTF-8, each ended by LF alone, no header among them.
        """
        return None

    def read_combination(
        self, cells: Tuple[bytes, bytes, bytes, bytes]
    ) -> Tuple[str, bool, str, str, str]:
        """Return relation, negated, GO id, evidence code and aspect from cells of `columns`.

        Raises:
            LookupError: The format reads no blocks: nobody asks it.
        """
        raise LookupError(f"{type(self).__name__} reads no blocks, got cells {cells!r}")


def find_go_ids(text: str) -> List[str]:
    """Return what stands in a text as GO ids, each once; damaged ones as they are written.

    >>> find_go_ids("ATP binding [GO:0005524]; GO:0016887,GO:0005524|GO:12")
    ['GO:0005524', 'GO:0016887', 'GO:12']
    """
    return list(dict.fromkeys(_GO_TOKEN.findall(text)))


def read_taxon_id(text: str) -> int:
    """Return a taxon id written bare or with its prefix; 0 when it is none.

    >>> read_taxon_id("224308"), read_taxon_id("NCBITaxon:83333"), read_taxon_id("mouse")
    (224308, 83333, 0)
    """
    found = _TAXON.fullmatch(text.strip(" ")) if text else None
    return int(found.group(1)) if found else 0


def compact_date(text: str) -> str:
    """Return an ISO date the way GAF writes it; another text as it is.

    >>> compact_date("2015-03-05"), compact_date("20150305"), compact_date("TODAY")
    ('20150305', '20150305', 'TODAY')
    """
    found = _ISO_DATE.fullmatch(text) if "-" in text else None
    return "".join(found.groups()) if found else text


def split_object_id(text: str) -> Tuple[str, str]:
    """Return database and id of a name from a file that has no column for the database.

    >>> split_object_id("UniProtKB:P12345"), split_object_id("sp|A2SLW2|1A1D_METPP")
    (('UniProtKB', 'P12345'), ('UniProtKB', 'A2SLW2'))
    >>> split_object_id("BSU_00010")
    ('local', 'BSU_00010')
    """
    sequence = _SEQUENCE_NAME.fullmatch(text)
    if sequence:
        return "UniProtKB", sequence.group(1)
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed:
        return prefixed.group(1), prefixed.group(2)
    return (LOCAL if text else ""), text


def is_accession(text: str) -> bool:
    """Tell whether a text is an accession of UniProt.

    Source: https://www.uniprot.org/help/accession_numbers
    """
    return _ACCESSION.fullmatch(text) is not None
