r"""Id lists: a gene product and its GO ids on each line, as many enrichment tools take them.

Columns: the gene product; its GO ids, separated by `;`, `,`, `|` or blanks, in one column or
several, or one a line. Tabs, commas, semicolons, bars or blanks separate the columns; a header row
may have any names; further columns, such as scores and E-values, are not used, but an evidence code
is. Without one the annotations have the evidence group `unstated`. A cell that is empty or says
`unknown`, `NA`, `-` or `none` is no term. The taxon comes from the user.

Sources: the associations of GOATOOLS, https://github.com/tanghaibao/goatools; the gene-to-GO
mappings of topGO, https://bioconductor.org/packages/topGO; GO_MWU,
https://github.com/z0on/GO_MWU; and the `.annot` files of Blast2GO, https://www.blast2go.com.
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    LineReader,
    RowPattern,
    require_taxon,
    select_data_lines,
    split_object_id,
)
from gafreduce.jobs.formats.delimited import columns, rows
from gafreduce.jobs.formats.delimited.names import TABLE
from gafreduce.jobs.formats.delimited.reader import make_delimited_reader
from gafreduce.jobs.formats.delimited.row_patterns import PIECES, RowColumns, compile_rows
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

#: Headings of the second column of a file with two columns.
_HEADINGS = frozenset(
    {"go", "gos", "go_id", "go_ids", "go id", "go ids", "goid", "goids", "go_terms", "go terms"}
)


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no id list; "" if it may be one."""
    if _has_two_columns(lines):
        return ""
    layout = columns.find_layout(lines, TABLE)
    if layout is None:
        return "no column with nothing but GO ids, or none of gene products next to it"
    if columns.TEXT in layout.roles:
        return "its GO ids are between other text"
    if layout.heading and len(layout.roles) > 2 and columns.MORE not in layout.roles:
        return "its header row has more than two columns"
    return ""


def find_layout(lines: Sequence[bytes]) -> str:
    """Return the columns; "" for an id, a tab and GO ids below a usual heading, or none."""
    if _has_two_columns(lines):
        return ""
    found = columns.find_layout(lines, TABLE)
    return "" if found is None else found.encode()


def _has_two_columns(lines: Sequence[bytes]) -> bool:
    """Return whether lines are an id, a tab and GO ids, as far as lines have GO ids at all."""
    table = [decode(line).rstrip("\t").split("\t") for line in select_data_lines(lines, b"#")]
    with_ids = [cells for cells in table if len(cells) > 1 and rows.has_only_go_ids(cells[1])]
    if not with_ids or any("GO:" in cell for cells in table for cell in cells[2:]):
        return False
    if max(map(len, with_ids)) > 2:
        return False
    if all(rows.has_only_go_ids(cells[0]) for cells in with_ids):  # terms of terms
        return False
    first = table[0][1].strip(' "') if len(table[0]) > 1 else ""
    return first.startswith("GO:") or rows.is_no_term(first) or first.lower() in _HEADINGS


class IdListReader(LineReader):
    """Reads the lines of an id list with two columns."""

    header_prefix = b"#"

    def __init__(self, taxon_id: int) -> None:
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        """Return whether a line is a comment or the header row."""
        if line.startswith((b"#", b"!")):
            return True
        return decode(line.partition(b"\t")[2]).strip(' "').lower() in _HEADINGS

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        """Return an annotation for each GO id of a line."""
        name, tab, terms = decode(line).partition("\t")
        if not tab and rows.is_lone_id(name):
            return []
        if not tab or "\t" in terms.rstrip("\t"):
            return Rejection("not_two_columns", "GORULE:0000001")
        db, local_id = self.read_object_id(name)
        return [
            Annotation(db, local_id, go_id=go_id, taxon_id=self._taxon_id)
            for go_id in rows.list_go_ids(terms.strip(" \t"))
        ]

    def make_row_pattern(self, has_quotes: bool) -> Optional[RowPattern]:
        """Return a pattern that matches each line of a block; rows with quotes are parsed."""
        return compile_rows("tab", RowColumns(0, [1], [], 2), PIECES[columns.IDS], has_quotes=False)

    def read_object_id(self, cell: str) -> Tuple[str, str]:
        """Return database and id of a gene product."""
        return split_object_id(cell.strip(" "))


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: There is no taxon.
    """
    if source.layout:
        return make_delimited_reader(source, "a list of ids")
    return IdListReader(require_taxon(source, "a list of ids"))


FORMAT = Format("id_list", find_mismatch, make_reader, find_layout)
