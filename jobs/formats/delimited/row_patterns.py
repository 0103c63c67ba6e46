r"""Patterns that split the rows of a block into cells, and the GO ids in the text of cells.

A text of cells with GO ids is cut at each `GO:`; the pieces are `0030420; `, or in a cell with the
names of terms `0030420^`, and what stands before the first GO id. Few pieces differ, so each is
read once. A piece that leaves a doubt has no reading, and its row is parsed.
"""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional, Sequence

from gafreduce.jobs.formats.base import NO_GO_ID, RowPattern, TermPieces
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.formats.delimited.columns import DIGITS, IDS, TEXT

#: A GO id and separators; where the cell ends, further cells and separators of the next.
_IN_LIST = re.compile(rb"([0-9]{7})([;,| \t]*)(?:\n((?:.*\n)*)([;,| \t]*))?")
_IN_TEXT = re.compile(rb"([0-9]{7})[\s,;|\])(\"'\[^`~{}/]")
#: A single digit is no term in some columns.
_BARE = re.compile(rb"([0-9]{2,7})\n")


class RowColumns(NamedTuple):
    """The columns of rows, numbered from zero."""

    object_id: int
    terms: Sequence[int]
    others: Sequence[int]  # that decide about annotations, too
    width: int
    single: Sequence[int] = ()  # of the others: a cell with a list in it leaves a doubt
    has_more: bool = False  # whether any number of cells may follow, with GO ids or without


def compile_rows(
    delimiter: str, columns: RowColumns, pieces: Optional[TermPieces], has_quotes: bool
) -> RowPattern:
    r"""Return a pattern that matches each line of a block.

    Args:
        delimiter: The name of the separator.
        columns: Those that are wanted, and how many there are.
        pieces: How the columns with terms are read.
        has_quotes: Whether cells may be quoted; in rows separated by blanks, they may not.

    >>> columns = RowColumns(0, [1], [], 3)
    >>> pattern = compile_rows("tab", columns, None, has_quotes=False).rows
    >>> pattern.findall(b"g1\tGO:1\tx\n#\ng2")
    [(b'g1', b'GO:1'), (b'', b''), (b'', b'')]
    """
    start, end = '(?![#!]|"?[Ss][Ee][Pp]=)', r"\r?"
    char = re.escape(rows.DELIMITERS[delimiter])
    cell, n_groups = rf'[^{char}\n\r"]*', 1
    if delimiter == "blank":  # of ASCII: other letters may be blanks, too
        char, cell = "[ \t]+", r'[^\s"\x1c-\x1f\x80-\xff]+'
        start, end = rf"{start}[ \t]*", r"[ \t]*\r?"
    group, single = f"({cell})", f"({cell.replace('[^', '[^;,|', 1)})"
    if has_quotes and delimiter != "blank":
        quoted, n_groups = r'[^"\n\r]*', 2
        one = quoted.replace("[^", "[^;,|", 1)
        single = rf'(?:"({one})"|{single})'
        group, cell = rf'(?:"({quoted})"|({cell}))', rf'(?:"{quoted}"|{cell})'
    wanted = sorted({columns.object_id, *columns.terms, *columns.others})
    groups = {number: single if number in columns.single else group for number in wanted}
    row = char.join(groups.get(number, cell) for number in range(columns.width))
    tail = f"((?:{char}{cell})*)" if columns.has_more else ""
    places = {
        number: tuple(range(place * n_groups, (place + 1) * n_groups))
        for place, number in enumerate(wanted)
    }
    return RowPattern(
        re.compile(f"^(?:{start}{row}{tail}{end}|.*)$".encode("latin-1"), re.MULTILINE),
        places[columns.object_id],
        sum((places[number] for number in columns.terms), ()),
        sum((places[number] for number in columns.others), ()),
        len(wanted) * n_groups if columns.has_more else None,
        pieces,
    )


# Pieces


def _read_in_list(piece: bytes) -> Optional[bytes]:
    r"""Return the digits of the GO id at the beginning of a piece, if nothing else is in its list.

    >>> _read_in_list(b"0030420; "), _read_in_list(b"0030420\nNA\n"), _read_in_list(b"\n,")
    (b'0030420', b'0030420', b'')
    >>> _read_in_list(b"0030420"), _read_in_list(b"0030420 x\n"), _read_in_list(b"\nx\n")
    (None, None, None)
    """
    found = _IN_LIST.fullmatch(piece if piece[:1] != b"\n" else b"0000000" + piece)
    if found is None or not (found[2] or found[4] is not None) or not piece.isascii():
        return None
    if found[3] and not all(map(_is_no_term, found[3].split(b"\n"))):
        return None
    return NO_GO_ID if piece[:1] == b"\n" else found[1]


def _is_no_term(cell: bytes) -> bool:
    return rows.is_no_term(cell.decode("ascii").strip(" "))


def _read_in_text(piece: bytes) -> Optional[bytes]:
    r"""Return the digits of a GO id, if what follows ends it; nothing for the beginning of a row.

    >>> _read_in_text(b"0030420^"), _read_in_text(b"\nP: xxxx"), _read_in_text(b"00304201")
    (b'0030420', b'', None)
    """
    if piece[:1] == b"\n":
        return NO_GO_ID
    found = _IN_TEXT.fullmatch(piece)
    return found[1] if found else None


def _read_bare(piece: bytes) -> Optional[bytes]:
    r"""Return the digits of a cell that has nothing else, with their zeros.

    >>> _read_bare(b"30420\n"), _read_bare(b"\n"), _read_bare(b"NA\n")
    (b'0030420', b'', None)
    """
    if piece == b"\n":
        return NO_GO_ID
    found = _BARE.fullmatch(piece)
    return found[1].rjust(7, b"0") if found else None


#: How cells with terms are read, by the role of their column.
PIECES: Dict[str, TermPieces] = {
    IDS: TermPieces(_read_in_list),
    TEXT: TermPieces(_read_in_text, size=8, doubts=(b"go:", b"Go:")),
    DIGITS: TermPieces(_read_bare, prefix=b"GO:"),
}
