"""Read delimited text by the layout of its columns."""

from __future__ import annotations

from itertools import repeat
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Type, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    NO_ID,
    FormatError,
    LineReader,
    RowPattern,
    read_taxon_id,
    split_object_id,
)
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.formats.delimited.cells import (
    NO_EVIDENCE,
    NO_RELATION,
    normalize_name,
    read_aspect,
    read_evidence_list,
    read_relation_cell,
)
from gafreduce.jobs.formats.delimited.columns import (
    DIGITS,
    IDS,
    MORE,
    TERM_ROLES,
    TEXT,
    UNUSED,
    Layout,
    decode_layout,
)
from gafreduce.jobs.formats.delimited.row_patterns import PIECES, RowColumns, compile_rows
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

_FINDERS: Dict[str, Callable[[str], List[str]]] = {
    IDS: rows.list_go_ids,
    TEXT: rows.find_go_ids,
    DIGITS: rows.list_bare_ids,
}
_TOO_FEW_COLUMNS = Rejection("too_few_columns", "GORULE:0000001")
_BAD_TAXON = Rejection("bad_taxon", "GORULE:0000027")
#: Characters of a cell that may be the name of a column.
_MOST_HEADING = 300
#: Makes an annotation of all of its fields, in a fifth of the time of `Annotation`.
_make_annotation: Callable[[Type[Annotation], Tuple[object, ...]], Annotation] = tuple.__new__
#: Roles of columns that a table may have or not.
_OTHER_ROLES = (
    "evidence_code",
    "aspect",
    "relation",
    "symbol",
    "name",
    "reference",
    "with_from",
    "taxon_id",
)
#: Roles of columns that decide about an annotation, beside its term.
_CONTEXT_ROLES = ("evidence_code", "aspect", "relation", "reference", "taxon_id")


class Defaults(NamedTuple):
    """Values of a format that hold for all of its annotations."""

    evidence_code: str = ""  # where none is stated
    assigned_by: str = ""
    object_type: str = ""
    database: str = ""  # of ids without a database; empty: by the shape of the id


NO_DEFAULTS = Defaults()
#: The beginnings of lines that may be no rows: comments, and the separator that Excel reads.
_NO_ROWS = (b"#", b"!", b"sep=", b"SEP=", b'"sep=', b'"SEP=')


class DelimitedReader(LineReader):
    """Reads the rows of delimited text."""

    def __init__(self, layout: Layout, taxon_id: int, defaults: Defaults) -> None:
        """Keep where each role is.

        Args:
            layout: The columns.
            taxon_id: Of rows without a taxon; 0 if the layout has a column for it.
            defaults: Values of the format that hold for all rows.
        """
        roles = [role for role in layout.roles if role != MORE]
        at = {role: number for number, role in enumerate(roles) if role != UNUSED}
        self._delimiter = layout.delimiter
        self._char = rows.DELIMITERS[layout.delimiter]
        self._heading = layout.heading
        self._terms: Tuple[Tuple[int, Callable[[str], List[str]]], ...] = tuple(
            (number, _FINDERS[role]) for number, role in enumerate(roles) if role in TERM_ROLES
        )
        self._first_term, self._find_first = self._terms[0]
        self._object_id = at["object_id"]
        self._width = len(roles)
        self._min_columns = 1 + max(self._object_id, self._first_term)
        self._has_more = MORE in layout.roles
        self._has_several = self._has_more or len(self._terms) > 1
        self._has_go_prefix = DIGITS not in roles
        self._places = tuple(at.get(role, -1) for role in _OTHER_ROLES)
        terms = [number for number, _ in self._terms]
        others = [at[role] for role in _CONTEXT_ROLES if role in at]
        single = [at[role] for role in ("evidence_code",) if role in at]
        self._row_columns = RowColumns(
            at["object_id"], terms, others, len(roles), single, self._has_more
        )
        kinds = {role for role in roles if role in TERM_ROLES}
        self._pieces = PIECES[kinds.pop()] if len(kinds) == 1 else None
        self._taxon_id = taxon_id
        self._defaults = defaults
        self._row: Tuple[bytes, List[str]] = (b"", [])  # the last line that was split

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is a comment, the header row, or names the separator."""
        if line.startswith(_NO_ROWS) and (line[:1] in b"#!" or rows.find_stated_delimiter(line)):
            return True
        if not self._heading or (self._has_go_prefix and b"GO:" in line):
            return False
        cells = self._split(line)
        number = self._first_term
        if len(cells) == self._width - 1:  # R names no column with the names of rows
            number -= 1
        if not 0 <= number < len(cells) or len(cells[number]) > _MOST_HEADING:
            return False
        if not self._has_go_prefix and cells[number][:1].isdigit():
            return False
        cell = cells[number].strip('#" ')
        is_like = cell[:1].lower() == self._heading[:1]  # a cheap test first
        return is_like and normalize_name(cell) == self._heading

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return an annotation for each GO id of a row; none if the row names none."""
        cells = self._split(line)
        if len(cells) < self._min_columns:
            is_lone = self._has_more and len(cells) == 1 and rows.is_lone_id(cells[0])
            return [] if is_lone else _TOO_FEW_COLUMNS
        go_ids = self._list_terms(cells)
        if not go_ids:
            return []
        if len(cells) < self._width:
            cells = cells + [""] * (self._width - len(cells))
        defaults = self._defaults
        code, aspect, relation, symbol, name, reference, with_from, taxon = self._places
        taxon_id = self._taxon_id
        if taxon >= 0 and cells[taxon].strip(" "):
            taxon_id = read_taxon_id(cells[taxon])
        if not taxon_id:
            return _BAD_TAXON
        db, local_id = self.read_object_id(cells[self._object_id])
        evidence = read_evidence_list(cells[code], len(go_ids)) if code >= 0 else None
        said = read_relation_cell(cells[relation]) if relation >= 0 else NO_RELATION
        return [
            _make_annotation(
                Annotation,
                (
                    db,
                    local_id,
                    cells[symbol].strip(" ") if symbol >= 0 else "",
                    said[0],
                    said[1],
                    go_id,
                    cells[reference].strip(" ") if reference >= 0 else "",
                    each[0] or defaults.evidence_code,
                    cells[with_from].strip(" ") if with_from >= 0 else "",
                    read_aspect(cells[aspect]) if aspect >= 0 else "",
                    cells[name].strip(" ") if name >= 0 else "",
                    "",
                    defaults.object_type,
                    taxon_id,
                    "",
                    "",
                    defaults.assigned_by,
                    "",
                    "",
                    each[1],
                ),
            )
            for go_id, each in zip(go_ids, evidence or repeat(NO_EVIDENCE))
        ]

    def make_row_pattern(self, has_quotes: bool) -> Optional[RowPattern]:
        """Return a pattern that matches each line of a block."""
        return compile_rows(self._delimiter, self._row_columns, self._pieces, has_quotes)

    def read_object_id(self, cell: str) -> Tuple[str, str]:
        """Return database and id of a gene product."""
        text = cell.strip(" ").rstrip(":")  # `g1: GO:0030420`
        if self._defaults.database and text not in NO_ID and ":" not in text:
            return self._defaults.database, text
        return split_object_id(text)

    def _list_terms(self, cells: Sequence[str]) -> List[str]:
        """Return the GO ids of a row, each once."""
        found = self._find_first(cells[self._first_term].strip(" "))
        return self._find_more(found, cells) if self._has_several else found

    def _split(self, line: bytes) -> List[str]:
        """Return the cells of a line, as `rows.split_cells`, but with blanks around plain ones."""
        if self._row[0] is line:
            return self._row[1]
        text = decode(line)
        if '"' in text or self._char == " ":
            cells = rows.split_cells(text, self._delimiter)
        else:
            cells = text.split(self._char)
        self._row = (line, cells)
        return cells

    def _find_more(self, found: List[str], cells: Sequence[str]) -> List[str]:
        """Return all GO ids of a row, each once, in the order of the columns."""
        n_first = len(found)
        for number, find in self._terms[1:]:
            if number < len(cells) and len(cells[number]) > 1:
                found = found + find(cells[number].strip(" "))
        if self._has_more and len(cells) > self._width:
            for cell in cells[self._width :]:
                if "GO:" in cell and rows.has_only_go_ids(cell):
                    found = found + rows.list_go_ids(cell.strip(" "))
        return found if len(found) == n_first else list(dict.fromkeys(found))


def make_delimited_reader(
    source: InputFile, kind: str, defaults: Defaults = NO_DEFAULTS
) -> DelimitedReader:
    """Return the reader of a file.

    Args:
        source: The file's row of the input list.
        kind: A description of such a file, for an error.
        defaults: Values of the format that hold for all rows.

    Raises:
        FormatError: The columns are unknown, or there is no taxon.
    """
    layout = decode_layout(source.layout)
    if layout is None or not set(TERM_ROLES) & set(layout.roles):
        raise FormatError(
            f"{source.uri}: expected {kind} with a column of gene products and one of GO ids, got "
            "none that can be recognised (name them: --id-column, --go-column, --delimiter)"
        )
    if "taxon_id" not in layout.roles and not source.taxon_id:
        raise FormatError(
            f"{source.uri}: expected a taxon for {kind}, which has no column for it, got none "
            "(name it, --taxon, or in a sample sheet, column `taxon_id`)"
        )
    return DelimitedReader(layout, source.taxon_id, defaults)
