"""The annotation that every format reader returns for a line, and the reasons to refuse one."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

#: Characters that no cell of a table may hold.
CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f]")


class Annotation(NamedTuple):
    """One GO annotation: a gene product, a term and its evidence.

    Text is as written in the file, without surrounding blanks; empty for none. Columns of GAF 2.2
    in brackets. Source: https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/
    """

    db: str  # [1]
    local_id: str  # [2]
    symbol: str = ""  # [3]
    relation: str = ""  # [4] lower case, without NOT; several joined by "|"; empty: not stated
    negated: bool = False  # [4] has the exact token NOT, in any case
    go_id: str = ""  # [5] as written
    reference: str = ""  # [6]
    evidence_code: str = ""  # [7] upper case; an ECO id that has no known code, as it is
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
    eco_id: str = ""  # the evidence as an ECO id, in formats that have one

    @property
    def object_id(self) -> str:
        """The gene product: `DB:DB_Object_ID`."""
        return f"{self.db}:{self.local_id}"


class Rejection(NamedTuple):
    """The reason to refuse a line."""

    reason: str  # a word of docs/formats.md#rejections
    rule: Optional[str] = None  # GORULE id, where GO has a rule for it
    value: str = ""  # the wrong value, where it deserves a row of its own: an id


def check_object_id(annotation: Annotation) -> Optional[Rejection]:
    """Return why the id of a gene product can't be used; None if it can."""
    if not annotation.db or not annotation.local_id:
        return Rejection("no_object_id", "GORULE:0000001")
    if CONTROL_CHARACTER.search(annotation.object_id):
        return Rejection("control_character", "GORULE:0000001")
    return None


class Filtered(NamedTuple):
    """The option that excludes a sound line."""

    option: str  # a word of docs/formats.md#filters
    token: bytes = b""  # of its annotation in the first shuffle (jobs/records.py)


def is_utf8(text: bytes) -> bool:
    """Return whether a text is UTF-8."""
    if text.isascii():  # a hundred times faster
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode(line: bytes) -> str:
    r"""Return a line as text: UTF-8, else Windows-1252 or latin-1 for the whole line.

    Windows-1252 is latin-1 with printable characters in place of control characters; a line with a
    byte that it does not define is latin-1.

    >>> decode(b"caf\xc3\xa9") == decode(b"caf\xe9"), decode(b"5\x92") == "5\u2019"
    (True, True)
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")
