"""Read delimited text by the layout of its columns."""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Sequence, Tuple, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import gaf
from gafreduce.jobs.formats.base import (
    FormatError,
    LineReader,
    read_taxon_id,
    split_object_id,
)
from gafreduce.jobs.formats.delimited import rows
from gafreduce.jobs.formats.delimited.columns import (
    ASPECTS,
    DIGITS,
    IDS,
    MORE,
    TERM_ROLES,
    TEXT,
    UNUSED,
    Layout,
    decode_layout,
    normalize_name,
)
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode
from gafreduce.jobs.model.eco import read_eco_id

_FINDERS: Dict[str, Callable[[str], List[str]]] = {
    IDS: rows.list_go_ids,
    TEXT: rows.find_go_ids,
    DIGITS: lambda cell: list(map(rows.complete_go_id, rows.list_go_ids(cell))),
}
_TOO_FEW_COLUMNS = Rejection("too_few_columns", "GORULE:0000001")
_BAD_TAXON = Rejection("bad_taxon", "GORULE:0000027")
#: Characters of a cell that may be the name of a column.
_MOST_HEADING = 300
#: Roles with fields of `Annotation` that hold a cell unchanged.
_PLAIN = ("symbol", "name", "reference", "with_from")


class Defaults(NamedTuple):
    """What a format says about all of its annotations."""

    evidence_code: str = ""  # where none is stated
    assigned_by: str = ""
    object_type: str = ""
    database: str = ""  # of ids without a database; empty: by the shape of the id


class DelimitedReader(LineReader):
    """Reads the rows of delimited text."""

    def __init__(self, layout: Layout, taxon_id: int, defaults: Defaults = Defaults()) -> None:  # noqa: B008
        """Keep where each role is.

        Args:
            layout: The columns.
            taxon_id: Of rows without a taxon; 0 if the layout has a column for it.
            defaults: What the format says about all rows.
        """
        roles = [role for role in layout.roles if role != MORE]
        at = {role: number for number, role in enumerate(roles) if role != UNUSED}
        self._delimiter = layout.delimiter
        self._heading = layout.heading
        self._terms: Tuple[Tuple[int, Callable[[str], List[str]]], ...] = tuple(
            (number, _FINDERS[role]) for number, role in enumerate(roles) if role in TERM_ROLES
        )
        self._first_term = self._terms[0][0]
        self._object_id = at["object_id"]
        self._width = len(roles)
        self._min_columns = 1 + max(self._object_id, self._first_term)
        self._has_more = MORE in layout.roles
        self._has_digits = DIGITS in roles
        self._at = at
        self._plain = [(role, at[role]) for role in _PLAIN if role in at]
        self._is_plain = not self._plain and not {"taxon_id", "relation"} & set(at)
        self._taxon_id = taxon_id
        self._defaults = defaults
        self._database = defaults.database

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is a comment or the header row."""
        if line.startswith((b"#", b"!")):
            return True
        if not self._heading or b"GO:" in line:
            return False
        cells = rows.split_cells(decode(line), self._delimiter)
        if len(cells) == self._width - 1:  # R names no column with the names of rows
            cells.insert(0, "")
        if len(cells) <= self._first_term or len(cells[self._first_term]) > _MOST_HEADING:
            return False
        return normalize_name(cells[self._first_term]) == self._heading

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return an annotation for each GO id of a row; none if the row says that there is none."""
        cells = rows.split_cells(decode(line), self._delimiter)
        if len(cells) < self._min_columns:
            return _TOO_FEW_COLUMNS
        if len(cells) < self._width:
            cells += [""] * (self._width - len(cells))
        go_ids = self._find_go_ids(cells)
        if not go_ids:
            return []
        at = self._at
        taxon_id = self._taxon_id
        if "taxon_id" in at and cells[at["taxon_id"]]:
            taxon_id = read_taxon_id(cells[at["taxon_id"]])
        if not taxon_id:
            return _BAD_TAXON
        db, local_id = self._split_object_id(cells[self._object_id])
        code, eco_id = self._defaults.evidence_code, ""
        if "evidence_code" in at:
            code, eco_id = self._read_evidence(cells[at["evidence_code"]])
        aspect = ASPECTS.get(normalize_name(cells[at["aspect"]]), "") if "aspect" in at else ""
        relation, negated = "", False
        if "relation" in at:
            words = cells[at["relation"]]
            if not rows.is_no_term(words):
                relation, negated = gaf.read_relation(words.replace(" ", "|"))
        return [
            Annotation(
                db=db,
                local_id=local_id,
                relation=relation,
                negated=negated,
                go_id=go_id,
                evidence_code=code,
                aspect=aspect,
                object_type=self._defaults.object_type,
                taxon_id=taxon_id,
                assigned_by=self._defaults.assigned_by,
                eco_id=eco_id,
                **{role: cells[number] for role, number in self._plain},
            )
            for go_id in go_ids
        ]

    def _find_go_ids(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the GO ids of a row, each once, in the order of the columns."""
        number, find = self._terms[0]
        found = find(cells[number])
        if len(self._terms) == 1 and not self._has_more:
            return found
        for number, find in self._terms[1:]:
            found = found + find(cells[number])
        if self._has_more:
            for cell in cells[self._width :]:
                if rows.has_only_go_ids(cell):
                    found = found + rows.list_go_ids(cell)
        return list(dict.fromkeys(found))

    def _split_object_id(self, text: str) -> Tuple[str, str]:
        if self._database and text and ":" not in text:
            return self._database, text
        return split_object_id(text)

    def _read_evidence(self, cell: str) -> Tuple[str, str]:
        """Return evidence code and ECO id of a cell; the format's own code if it has neither."""
        if rows.is_no_term(cell):
            return self._defaults.evidence_code, ""
        if cell.startswith("ECO:"):
            return read_eco_id(cell).evidence_code, cell
        return cell.upper(), ""


def make_delimited_reader(
    source: InputFile,
    kind: str,
    defaults: Defaults = Defaults(),  # noqa: B008
) -> DelimitedReader:
    """Return the reader of a file.

    Args:
        source: The file's row of the input list.
        kind: A description of such a file, for an error.
        defaults: What the format says about all rows.

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
