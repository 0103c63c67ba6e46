"""Find which column of delimited text is which: by its name, by its content, or by a choice.

The result is a *layout*, written into the input list, so that a part of a file without the header
row can be read as well: the name of the separator; the roles of the columns, joined by `|`; and the
name of the column with the GO ids, by which a header row is known wherever it occurs.
"""

from __future__ import annotations

import re
from typing import Collection, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from gafreduce.jobs.formats.column_choice import NO_CHOICE, ColumnChoice
from gafreduce.jobs.formats.delimited import rows, term_rows
from gafreduce.jobs.formats.delimited.cells import find_role, may_have, normalize_name
from gafreduce.jobs.model.annotation import decode

#: The role of a column that is not used.
UNUSED = "-"
#: The role behind the last column when cells to the right of it may hold GO ids, too.
MORE = "+"
#: Roles of columns with terms: cells with GO ids only, with GO ids in text, with their digits only.
IDS, TEXT, DIGITS = "go_ids", "go_text", "go_digits"
TERM_ROLES = (IDS, TEXT, DIGITS)
#: Data lines that are looked at.
_SAMPLE = 200
#: Columns of a list of ids: in wider tables without a header row the first one may be anything.
_MOST_COLUMNS = 6
#: Columns that are looked at, and characters of the name of one.
_MOST_WIDTH, _MOST_NAME = 200, 200

_NUMBER = re.compile(r"[-+]?[0-9.]*[0-9](?:[eE][-+]?[0-9]+)?")
#: Parts of the names of columns whose terms are not annotations of the gene product: ancestors.
_NOT_ANNOTATED = ("slim", "parent", "ancestor", "interpro", "goall")


class Vocabulary(NamedTuple):
    """The names of columns in a format, as `normalize_name` returns them."""

    ids: Tuple[str, ...]  # of the gene product, the best first: genes before transcripts
    terms: FrozenSet[str]  # of columns with GO ids
    roles: Mapping[str, str]  # of other columns
    has_bare_ids: bool = False  # whether GO ids may be numbers without zeros at their beginning


class Layout(NamedTuple):
    """The columns of a file."""

    delimiter: str
    roles: Tuple[str, ...]
    heading: str  # the name of the first column with terms; "" without a header row

    def encode(self) -> str:
        """Return the layout as a text for the input list."""
        return f"{self.delimiter} {'|'.join(self.roles)} {self.heading}".rstrip(" ")


def decode_layout(text: str) -> Optional[Layout]:
    """Return the layout that a text of `Layout.encode` has; None for another text."""
    delimiter, _, rest = text.partition(" ")
    roles, _, heading = rest.partition(" ")
    if delimiter not in rows.DELIMITERS or "object_id" not in roles.split("|"):
        return None
    return Layout(delimiter, tuple(roles.split("|")), heading)


class _Rows(NamedTuple):
    """The first rows of a file."""

    delimiter: str
    names: List[str]  # of the header row; empty if there is none
    cells: List[List[str]]  # of the data rows, all of one width
    is_ragged: bool  # whether they had several widths


def find_layout(
    lines: Sequence[bytes], vocabulary: Vocabulary, choice: ColumnChoice = NO_CHOICE
) -> Optional[Layout]:
    """Return the columns of a file with these first lines; None if they cannot be found.

    Args:
        lines: Without line ends.
        vocabulary: The names of columns that are known.
        choice: What the user named.
    """
    found = _read_rows(lines, choice, vocabulary)
    if found is None or (not found.names and not choice.id_column and _is_wide(found)):
        return None
    roles = [UNUSED] * len(found.cells[0]) if found.cells else [UNUSED] * len(found.names)
    columns = [list(column) for column in zip(*found.cells)] or [[] for _ in roles]
    names = found.names or [""] * len(roles)
    if choice.go_column:
        chosen = find_column(choice.go_column, names)
        terms = (
            {} if chosen is None else {chosen: _choose_term_role(names[chosen], columns[chosen])}
        )
    else:
        terms = _find_terms(columns, names, vocabulary)
    if not terms:
        return None
    for number, role in terms.items():
        roles[number] = role
    for number, (name, column) in enumerate(zip(names, columns)):
        if roles[number] == UNUSED:
            role = vocabulary.roles.get(name, "") if name else find_role(column)
            if role not in roles and may_have(role, column):
                roles[number] = role
    first = min(terms)
    object_id = _find_id(columns, names, roles, vocabulary, choice)
    if object_id is None or (
        not choice.id_column
        and term_rows.are_terms(
            names,
            columns,
            (first, object_id),
            found.is_ragged,
            is_named=names[object_id] in vocabulary.ids,
        )
    ):
        return None
    roles[object_id] = "object_id"
    right = set(roles[first + 1 :]) - {UNUSED, IDS}
    if found.is_ragged and terms[first] == IDS and not right and not any(names[first + 1 :]):
        roles = [*roles[: first + 1], MORE]
    return Layout(found.delimiter, tuple(roles), names[first])


def has_names(lines: Sequence[bytes], vocabulary: Vocabulary) -> bool:
    """Return whether the first row has the name of a gene product's column and one of GO ids.

    Args:
        lines: The first lines of a file.
        vocabulary: The names; the row may be the last comment before the data.
    """
    candidates: List[bytes] = []
    for line in lines:
        if line.startswith(b"#") or not line.strip():
            candidates = [line]
        elif not line.startswith(b"!") and not rows.find_stated_delimiter(line):
            candidates.append(line)
            break
    for line in candidates:
        text = decode(line[:10_000])
        for name, char in rows.DELIMITERS.items():
            if char in text:
                names = set(map(normalize_name, rows.split_cells(text, name)))
                if names.intersection(vocabulary.ids) and names.intersection(vocabulary.terms):
                    return True
    return False


def _is_wide(found: _Rows) -> bool:
    """Return whether rows have more columns than a list of ids has."""
    return not found.is_ragged and len(found.cells[0]) > _MOST_COLUMNS


def find_column(wanted: str, names: Sequence[str]) -> Optional[int]:
    """Return the index of the column that a user named; None if there is none.

    Args:
        wanted: A name, in upper or lower case, or a number from 1.
        names: The normalized names of the columns; empty ones without a header row.
    """
    name = normalize_name(wanted)
    if name in names:
        return names.index(name)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    return number - 1 if 0 < number <= len(names) else None


# Rows


def _read_rows(
    lines: Sequence[bytes], choice: ColumnChoice, vocabulary: Vocabulary
) -> Optional[_Rows]:
    """Return the first rows; None if no separator splits them."""
    texts, commented, stated = _select_rows(lines)
    delimiter = choice.delimiter or stated
    delimiter = delimiter or rows.find_delimiter([*filter(None, [commented]), *texts])
    if not delimiter:
        return None
    cells = [rows.split_cells(text, delimiter) for text in texts]
    if _begins_with_title(cells, vocabulary):
        cells.pop(0)
    widths = [len(row) for row in cells]
    width = max(set(widths), key=widths.count, default=0)
    header = rows.split_cells(commented, delimiter) if commented else []
    fitting = (width, width - 1, max(widths, default=len(header)))
    names = header if len(header) > 1 and len(header) in fitting else []
    if not names and cells and _is_header(cells, vocabulary, choice):
        names = cells.pop(0)
        cells = [row for row in cells if row != names]  # of files that were joined
        widths = [len(row) for row in cells]
    if not cells and not names:
        return None
    width = min(max(widths, default=len(names)), _MOST_WIDTH)
    if names and len(names) == width - 1:  # the names of rows have none, as R writes them
        names = ["", *names]
    names = [normalize_name(name[:_MOST_NAME]) for name in names[:width]]
    names += [""] * (width - len(names)) if names else []
    filled = [(row + [""] * width)[:width] for row in cells]
    return _Rows(delimiter, names, filled, len(set(widths)) > 1)


def _select_rows(lines: Sequence[bytes]) -> Tuple[List[str], str, str]:
    """Return the first rows, the comment before them, and the separator that is stated for Excel.

    The comment may have the names of columns; it and the separator are empty if there is none.
    """
    texts: List[str] = []
    commented = ""
    stated = ""
    for line in lines:
        if not line.strip() or line.startswith(b"!"):
            continue
        if not texts and rows.find_stated_delimiter(line):
            stated = rows.find_stated_delimiter(line)
            continue
        if line.startswith(b"#"):
            commented = commented if texts else decode(line[:10_000])
            continue
        texts.append(decode(line))
        if len(texts) == _SAMPLE:
            break
    return texts, commented, stated


def _begins_with_title(cells: Sequence[Sequence[str]], vocabulary: Vocabulary) -> bool:
    """Return whether the first row is a title, and the second one has the names of columns."""
    if len(cells) < 3 or sum(map(bool, cells[0])) != 1:
        return False
    return not vocabulary.terms.isdisjoint(map(normalize_name, cells[1]))


def _is_header(
    cells: Sequence[Sequence[str]], vocabulary: Vocabulary, choice: ColumnChoice
) -> bool:
    """Return whether the first row has the names of the columns, and no data."""
    first, others = cells[0], cells[1:]
    if any("GO:" in cell for cell in first) or len(first) < 2:
        return False
    names = list(map(normalize_name, first))
    if any(name in vocabulary.terms for name in names):
        return True
    for wanted in (choice.id_column, choice.go_column):
        if wanted and not wanted.isdigit() and normalize_name(wanted) in names:
            return True
    shift = 1 if others and len(others[0]) == len(first) + 1 else 0
    with_terms = {
        number - shift
        for row in others
        for number, cell in enumerate(row)
        if rows.has_only_go_ids(cell) or "GO:" in cell
    }
    at = [first[number] for number in with_terms if 0 <= number < len(first)]
    return bool(at) and not any(map(rows.is_no_term, at)) and not any(map(_is_number, first[1:]))


# Roles


def _find_terms(
    columns: Sequence[Sequence[str]], names: Sequence[str], vocabulary: Vocabulary
) -> Dict[int, str]:
    """Return the role of each column with GO ids: those of cells with ids alone, else of text."""
    found: Dict[int, str] = {}
    for number, (name, column) in enumerate(zip(names, columns)):
        if any(word in name for word in _NOT_ANNOTATED):
            continue
        role = _find_term_role(column)
        if name in vocabulary.terms:
            filled = [cell for cell in column if not rows.is_no_term(cell)]
            is_whole = vocabulary.has_bare_ids or any(len(cell) == 7 for cell in filled)
            if not role and filled and is_whole and all(map(rows.has_only_digits, filled)):
                role = DIGITS  # and no count of GO ids
            role = role or ("" if filled else IDS)
        if role:
            found[number] = role
    for best in TERM_ROLES:
        chosen = {number: role for number, role in found.items() if role == best}
        if any(any(map(bool, columns[number])) for number in chosen):
            more = {n: role for n, role in found.items() if _adds_terms(columns, n, chosen)}
            return {**chosen, **more}
    return found


def _adds_terms(columns: Sequence[Sequence[str]], number: int, chosen: Collection[int]) -> bool:
    """Return whether a column has terms in a row where the chosen columns have none."""
    return number not in chosen and any(
        "GO:" in cell and all(map(rows.is_no_term, others))
        for cell, *others in zip(columns[number], *(columns[each] for each in chosen))
    )


def _find_term_role(column: Sequence[str]) -> str:
    """Return the role of a column by its GO ids; "" if most of its filled cells have none."""
    filled = [cell for cell in column if rows.list_go_ids(cell)]
    n_ids = sum(map(rows.has_only_go_ids, filled))
    n_text = sum("GO:" in cell for cell in filled) - n_ids
    if not n_ids + n_text or (n_ids + n_text) * 2 < len(filled):
        return ""
    return IDS if n_ids >= n_text else TEXT


def _choose_term_role(name: str, column: Sequence[str]) -> str:
    """Return the role of a column that the user named; GO ids may have lost prefix and zeros."""
    filled = [cell for cell in column if not rows.is_no_term(cell)]
    is_of_ids = "go" in name or any(len(cell) == 7 for cell in filled)
    if filled and is_of_ids and all(map(rows.has_only_digits, filled)):
        return DIGITS
    return _find_term_role(column) or IDS


def _find_id(
    columns: Sequence[Sequence[str]],
    names: Sequence[str],
    roles: Sequence[str],
    vocabulary: Vocabulary,
    choice: ColumnChoice,
) -> Optional[int]:
    """Return the column of the gene product: the best name, else the first that may be one."""
    if choice.id_column:
        return find_column(choice.id_column, names)
    first_term = next((n for n, role in enumerate(roles) if role in TERM_ROLES), len(roles))
    for name in vocabulary.ids:
        at = names.index(name) if name in names else len(roles)
        is_of_term = name == "name" and at > first_term
        if at < len(roles) and roles[at] not in TERM_ROLES and not is_of_term:
            return at
    free = [number for number, role in enumerate(roles) if role in (UNUSED, "symbol")]
    likely = [
        number
        for number in free
        if not _is_row_number(names[number], columns[number])
        and sum(map(bool, columns[number])) * 10 >= len(columns[number]) * 9
        and not all(map(_is_measure, columns[number] or ["0."]))
        and sum(" " in cell for cell in columns[number]) * 2 <= len(columns[number])  # no names
    ]
    if not likely:  # one column that counts the rows may still be the one with ids
        likely = [number for number in free if all(map(str.isdigit, columns[number]))]
    first = next(iter(likely), None)
    if first is not None and not names[first]:  # one product in all rows: rather its database
        distinct = [len(set(columns[number])) for number in likely]
        if len(columns[first]) > 2 and distinct and distinct[0] == 1 < max(distinct):
            return None
    return first


def _is_row_number(name: str, column: Sequence[str]) -> bool:
    """Return whether a column without a name counts the rows from 1, as R writes them."""
    return (
        not name
        and len(column) > 0
        and list(column) == [str(number) for number in range(1, len(column) + 1)]
    )


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _is_measure(cell: str) -> bool:
    """Return whether a cell is a number that no id is: with a fraction or an exponent."""
    return _is_number(cell) and not cell.isdigit()


def describe_columns(lines: Sequence[bytes], choice: ColumnChoice) -> str:
    """Return the columns of a file in words for an error message."""
    found = _read_rows(lines, choice, Vocabulary((), frozenset(), {}))
    if found is None:
        return "text without columns"
    shown = found.names or found.cells[0]
    what = "columns" if found.names else "columns, in the first row"
    listed = ", ".join(repr(cell[:30]) for cell in shown[:10])
    return f"{len(shown)} {what} {listed}{', ...' if len(shown) > 10 else ''}"
