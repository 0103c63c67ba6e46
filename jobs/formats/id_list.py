"""Id lists: two columns, `id<TAB>GO:0000001;GO:0000002`, as many enrichment tools take them.

Columns: the gene product; its GO ids, separated by `;`, `,`, `|` or blanks, or one a line. There is
no evidence and no relation, so the annotations have the evidence group `unstated`. The taxon comes
from the user.

Sources: the associations of GOATOOLS, https://github.com/tanghaibao/goatools, and the gene-to-GO
mappings of topGO, https://bioconductor.org/packages/topGO.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import (
    Format,
    LineReader,
    require_taxon,
    select_data_lines,
    split_object_id,
)
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

_SEPARATOR = re.compile(r"[;,|\s]+")
_ONLY_GO_IDS = re.compile(rb"GO:[0-9]{7}(?:[;,|\s]+GO:[0-9]{7})*[;,|\s]*")
#: Headings of the second column.
_HEADINGS = frozenset(
    {"go", "gos", "go_id", "go_ids", "go id", "go ids", "goid", "goids", "go_terms", "go terms"}
)


def find_mismatch(lines: Sequence[bytes]) -> str:
    """Return why a file with these first lines is no id list; "" if it may be one."""
    rows = [line.split(b"\t") for line in select_data_lines(lines, b"#")]
    if not any(len(cells) == 2 and _ONLY_GO_IDS.fullmatch(cells[1].strip()) for cells in rows):
        return "no line of two columns with nothing but GO ids in the second"
    first = rows[0][1].strip(b' "') if len(rows[0]) > 1 else b""
    if first and not first.startswith(b"GO:") and decode(first).lower() not in _HEADINGS:
        return "its header row is not that of a list"
    return ""


class IdListReader(LineReader):
    """Reads the lines of an id list."""

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
        if not tab or "\t" in terms.rstrip("\t"):
            return Rejection("not_two_columns", "GORULE:0000001")
        db, local_id = split_object_id(name.strip(" "))
        return [
            Annotation(db=db, local_id=local_id, go_id=go_id, taxon_id=self._taxon_id)
            for go_id in dict.fromkeys(_SEPARATOR.split(terms))
            if go_id
        ]


def make_reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: There is no taxon.
    """
    return IdListReader(require_taxon(source, "a list of ids"))


FORMAT = Format("id_list", find_mismatch, make_reader)
