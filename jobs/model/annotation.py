"""One annotation line, understood: what every format reader returns, and why a line is refused."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Annotation(NamedTuple):
    """One GO annotation: a gene product, a term, and on what evidence.

    Text is as written in the file, stripped of surrounding blanks, empty for "none"; columns of GAF
    2.2 in brackets. Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/
    """

    db: str  # [1]
    local_id: str  # [2]
    symbol: str = ""  # [3]
    relation: str = ""  # [4] lower case, without NOT; several joined by "|"; empty: not stated
    negated: bool = False  # [4] NOT stands there as an exact token, in any case
    go_id: str = ""  # [5] as written
    reference: str = ""  # [6]
    evidence_code: str = ""  # [7] upper case; the ECO id itself where no code is known for it
    with_from: str = ""  # [8]
    aspect: str = ""  # [9] P, F or C; empty when not stated
    name: str = ""  # [10]
    synonyms: str = ""  # [11] joined by "|"
    object_type: str = ""  # [12]
    taxon_id: int = 0  # [13] first taxon
    interacting_taxon: str = ""  # [13] second taxon, bare number
    date: str = ""  # [14]
    assigned_by: str = ""  # [15]
    annotation_extension: str = ""  # [16]
    gene_product_form: str = ""  # [17]
    eco_id: str = ""  # evidence as an ECO id, from sources that give one

    @property
    def object_id(self) -> str:
        """The gene product: `DB:DB_Object_ID`."""
        return f"{self.db}:{self.local_id}"


class Rejection(NamedTuple):
    """Why a line was refused."""

    reason: str  # a word of docs/formats.md#rejections
    rule: Optional[str] = None  # GORULE id, where GO has a rule for it
    value: str = ""  # what is wrong, where it is worth a row of its own: an id


class Filtered(NamedTuple):
    """Why a line is left out although it is sound: the option that the user gave."""

    option: str  # a word of docs/formats.md#filters


def decode(line: bytes) -> str:
    r"""Return the line as text: UTF-8, or latin-1 for the whole line when it is not UTF-8.

    >>> decode(b"caf\xc3\xa9") == decode(b"caf\xe9")
    True
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
