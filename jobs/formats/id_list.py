"""Lists of two columns, `id<TAB>GO:0000001;GO:0000002`, as many enrichment tools take them.

GO ids stand one to a line or many, separated by `;`, `,`, `|` or blanks. Nothing is said of
evidence and relation, so the annotations are of group `unstated`.
"""

from __future__ import annotations

import re
from typing import List, Sequence, Union

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.base import LineReader, split_object_id
from gafreduce.jobs.formats.own_genome import taxon_of
from gafreduce.jobs.model.annotation import Annotation, Rejection, decode

NAME = "id_list"
_SEPARATOR = re.compile(r"[;,|\s]+")
_ONLY_GO_IDS = re.compile(rb"GO:[0-9]{7}(?:[;,|\s]+GO:[0-9]{7})*[;,|\s]*")
#: What a header row may have in its second column.
_HEADINGS = frozenset(
    {"go", "gos", "go_id", "go_ids", "go id", "go ids", "goid", "goids", "go_terms", "go terms"}
)


def misfit(lines: Sequence[bytes]) -> str:
    """Return why these first lines are no list of ids, or "" when they may be."""
    rows = [line.split(b"\t") for line in lines if line.strip() and not line.startswith(b"#")]
    if not any(len(cells) == 2 and _ONLY_GO_IDS.fullmatch(cells[1].strip()) for cells in rows):
        return "no line of two columns with nothing but GO ids in the second"
    first = rows[0][1].strip(b' "') if len(rows[0]) > 1 else b""
    if first and not first.startswith(b"GO:") and decode(first).lower() not in _HEADINGS:
        return "its header row is not that of a list"
    return ""


def layout(lines: Sequence[bytes]) -> str:
    """Return nothing: every line shows all that is needed."""
    return ""


class _IdListReader(LineReader):
    header_prefix = b"#"

    def __init__(self, taxon_id: int) -> None:
        self._taxon_id = taxon_id

    def is_header(self, line: bytes) -> bool:
        if line.startswith((b"#", b"!")):
            return True
        return decode(line.partition(b"\t")[2]).strip(' "').lower() in _HEADINGS

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        name, tab, terms = decode(line).partition("\t")
        if not tab or "\t" in terms.rstrip("\t"):
            return Rejection("not_two_columns", "GORULE:0000001")
        db, local_id = split_object_id(name.strip(" "))
        return [
            Annotation(db=db, local_id=local_id, go_id=go_id, taxon_id=self._taxon_id)
            for go_id in dict.fromkeys(_SEPARATOR.split(terms))
            if go_id
        ]


def reader(source: InputFile) -> LineReader:
    """Return the reader of a file.

    Raises:
        FormatError: There is no taxon.
    """
    return _IdListReader(taxon_of(source, "a list of ids"))
