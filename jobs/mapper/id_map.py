"""The id map: other ids of gene products, each with the id under which its lines are counted.

It travels with the job as a TSV file of two columns and is applied to each line, so that lines of
one gene product meet in the reducer whatever file they are from. Without a map nothing is done.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple, Union

from gafreduce.jobs.formats.base import LineReader
from gafreduce.jobs.formats.columnar_block import ColumnarBlock
from gafreduce.jobs.model.annotation import Annotation, Rejection


class IdMap:
    """Finds the id under which a gene product is counted."""

    def __init__(self, counted: Mapping[str, str]) -> None:
        """Take the map.

        Args:
            counted: `database:id` by another id, which is written with its database or without.
        """
        self._counted: Dict[bytes, bytes] = {
            other.encode("utf-8"): object_id.encode("utf-8") for other, object_id in counted.items()
        }

    def __bool__(self) -> bool:
        """Return whether there is a map."""
        return bool(self._counted)

    def find(self, object_id: bytes) -> bytes:
        """Return the id under which a gene product is counted: its own if the map lacks it."""
        found = self._counted.get(object_id)
        if found is None:
            found = self._counted.get(object_id.partition(b":")[2], object_id)
        return found

    def replace_ids(self, object_ids: List[bytes]) -> List[bytes]:
        """Return the ids under which gene products are counted."""
        return list(map(self.find, object_ids)) if self._counted else object_ids

    def list_local_ids(self, object_ids: List[bytes]) -> List[bytes]:
        """Return all ids without database that the map replaces by some of these ids."""
        wanted = frozenset(object_ids)
        return [
            name
            for other, object_id in self._counted.items()
            if object_id in wanted
            for name in (other, other.partition(b":")[2])
        ]

    def rename(self, annotation: Annotation) -> Annotation:
        """Return an annotation with the id of its gene product and its form (column 17) replaced.

        The form is replaced too, because a NOT of a form other than the gene product has no effect.
        """
        db, _, local_id = self._find_text(annotation.object_id).partition(":")
        form = annotation.gene_product_form
        return annotation._replace(
            db=db, local_id=local_id, gene_product_form=self._find_text(form) if form else ""
        )

    def _find_text(self, object_id: str) -> str:
        return self.find(object_id.encode("utf-8", "replace")).decode("utf-8")

    def wrap(self, reader: LineReader) -> LineReader:
        """Return a reader whose annotations have the ids of the map."""
        return _RenamingReader(reader, self) if self._counted else reader


#: No id is replaced.
NO_MAP = IdMap({})


class _RenamingReader(LineReader):
    """A reader of a file, whose lines get the ids of a map."""

    def __init__(self, reader: LineReader, id_map: IdMap) -> None:
        self._reader = reader
        self._id_map = id_map
        self.header_prefix = reader.header_prefix
        self.reads_blocks = reader.reads_blocks
        self.naming_columns = reader.naming_columns
        self.positions = reader.positions
        self.required = reader.required
        self.max_columns = reader.max_columns

    def is_header(self, line: bytes) -> bool:
        return self._reader.is_header(line)

    def parse(self, line: bytes) -> Union[List[Annotation], Rejection]:
        annotations = self._reader.parse(line)
        if isinstance(annotations, Rejection):
            return annotations
        return [
            self._id_map.rename(each) if each.db and each.local_id else each for each in annotations
        ]

    def columns(self, block: bytes) -> Optional[ColumnarBlock]:
        return self._reader.columns(block)  # `ProfileMapper` replaces the ids of a block

    def read_combination(
        self, cells: Tuple[bytes, bytes, bytes, bytes]
    ) -> Tuple[str, bool, str, str, str]:
        return self._reader.read_combination(cells)


def write_id_map(counted: Mapping[str, str], path: Path) -> None:
    """Write the map that travels with a job; ids have neither tabs nor line ends."""
    rows = sorted(f"{other}\t{object_id}\n" for other, object_id in counted.items())
    path.write_bytes("".join(rows).encode("utf-8"))


def read_id_map(path: Path) -> IdMap:
    """Return the map that `write_id_map` wrote."""
    lines = path.read_bytes().decode("utf-8").split("\n")[:-1]
    return IdMap(dict(line.split("\t") for line in lines))
