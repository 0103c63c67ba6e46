"""All annotations of files as Parquet, in a folder for each organism: a location of a table.

organism_id=ID/part-0.parquet   the annotations of an organism, in the order of the files
_gafreduce.json                 inputs, ontology and counts; query engines skip names with `_`
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce.errors import InputError
from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.convert.annotation_lines import read_data_lines
from gafreduce.jobs.files import splits
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.interpretation import Interpretation
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.mapper.origin import Origin
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, Annotation, Filtered, Rejection
from gafreduce.jobs.model.organisms import Organisms
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.tables.schema import ANNOTATION_LINES, Table

if TYPE_CHECKING:
    import pyarrow

DESCRIPTION = "_gafreduce.json"
SCHEMA = "gafreduce-annotations/1"
PARTITION = "organism_id"

#: Annotations that are handed over at once.
_N_ROWS = 1 << 16
#: Files that are open at once: with more organisms, a folder has several files.
_N_OPEN = 512
_MOST_ORGANISMS = 1 << 24
#: A byte that no cell may hold; a tab ends a cell.
_ODD_BYTE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

#: The cells of an annotation, in the order of `ANNOTATION_LINES`.
_Cells = tuple[object, ...]


class AnnotationReader:
    """Reads the annotations of files one after another, and counts lines.

    Args:
        terms: The term file, which repairs term ids; of an ontology without terms to repair none.
        organisms: The organisms of the inputs.
    """

    def __init__(self, terms: TermFile, organisms: Organisms) -> None:
        self._mapper = ProfileMapper(terms, target_only=False)
        self._organisms = organisms
        self._known: dict[bytes, tuple[str, int]] = {}  # organisms by their form in records
        #: The counts of each file that was read to its end, with the number of its annotations.
        self.counts: list[tuple[InputFile, FileCounts, int]] = []

    def read(self, sources: Iterable[InputFile]) -> Iterator[_Cells]:
        """Yield the cells of every annotation that is understood.

        Raises:
            InputError: A file is damaged.
        """
        for number, source in enumerate(sources):
            counts = FileCounts(number)
            n_annotations = 0
            for cells in self._read_file(source, counts):
                n_annotations += 1
                yield cells
            self.counts.append((source, counts, n_annotations))

    def _read_file(self, source: InputFile, counts: FileCounts) -> Iterator[_Cells]:
        reader, origin = self._mapper.make_reader(source), Origin(source, counts.number)
        blocks = splits.read_split(splits.Split(source.uri, 0, source.bytes), source.version).blocks
        for line in read_data_lines(reader, blocks, counts):
            found = self._mapper.interpret_line(reader, line)
            if isinstance(found, Rejection):
                counts.add_rejection(found, line)
                continue
            assert not isinstance(found, Filtered)  # there are no filters
            counts.n_kept += bool(found)
            counts.n_blank += not found
            is_odd = _ODD_BYTE.search(line) is not None
            for annotation, interpreted in found:
                cells = self._make_cells(annotation, interpreted, origin)
                yield _clean(cells) if is_odd else cells

    def _make_cells(
        self, annotation: Annotation, interpreted: Interpretation, origin: Origin
    ) -> _Cells:
        """Return the cells, one by one: a loop over the columns takes twice the time."""
        organism = origin.find_organism(annotation.taxon_id)
        organism_id, taxon_id = self._known.get(organism) or self._find_organism(organism)
        return (
            organism_id,
            taxon_id,
            annotation.object_id,
            interpreted.go_id,
            annotation.symbol or None,
            annotation.go_id,
            annotation.relation or None,
            annotation.negated,
            annotation.evidence_code or None,
            interpreted.evidence_group,
            annotation.reference or None,
            annotation.with_from or None,
            annotation.assigned_by or None,
            annotation.date or None,
            annotation.annotation_extension or None,
            annotation.gene_product_form or None,
            origin.source_file,
            annotation.aspect or None,
            annotation.name or None,
            annotation.synonyms or None,
            annotation.object_type or None,
            annotation.interacting_taxon or None,
            interpreted.has_supporting_relation,
            interpreted.is_supporting,
        )

    def _find_organism(self, organism: bytes) -> tuple[str, int]:
        """Return id and taxon of an organism, and keep them."""
        organism_id = self._organisms.id_of(int(organism))
        known = organism_id, self._organisms.taxon_of(organism_id)
        self._known[organism] = known
        return known


def _clean(cells: _Cells) -> _Cells:
    """Return the cells with a blank for each control character."""
    return tuple(
        CONTROL_CHARACTER.sub(" ", cell) if isinstance(cell, str) else cell for cell in cells
    )


def write_dataset(rows: Iterable[_Cells], folder: Path) -> None:
    """Write annotations into an empty folder, below a folder for each organism.

    Args:
        rows: The cells of annotations, in the order of `ANNOTATION_LINES`.
        folder: The folder; nothing is in it yet.

    Raises:
        OSError: It cannot be written.
    """
    import pyarrow
    from pyarrow import dataset

    schema = make_schema(ANNOTATION_LINES)
    # it opens what it writes when the first batch comes; an error of the reader passes through
    dataset.write_dataset(
        _make_batches(rows, schema),
        folder,
        schema=schema,
        format="parquet",
        partitioning=dataset.partitioning(
            pyarrow.schema([(PARTITION, pyarrow.string())]), flavor="hive"
        ),
        basename_template="part-{i}.parquet",
        file_options=dataset.ParquetFileFormat().make_write_options(compression="zstd"),
        use_threads=False,  # the order of rows, and so the bytes, are always the same
        max_partitions=_MOST_ORGANISMS,
        max_open_files=_N_OPEN,
    )


def make_schema(table: Table) -> pyarrow.Schema:
    """Return the types of a table's columns in Arrow."""
    import pyarrow

    text, integer = pyarrow.string(), pyarrow.int64()
    types = {
        "text": text,
        "integer": integer,
        "float": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "texts": pyarrow.list_(text),
        "integers": pyarrow.list_(integer),
    }
    return pyarrow.schema([(column.name, types[column.type]) for column in table.columns])


def _make_batches(rows: Iterable[_Cells], schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    """Yield rows in batches in which those of an organism are together, in their order."""
    import pyarrow

    waiting: dict[object, list[_Cells]] = {}

    def make_batch() -> pyarrow.RecordBatch:
        ordered = [row for found in waiting.values() for row in found]
        waiting.clear()
        columns = zip(*ordered, strict=True)
        arrays = [
            pyarrow.array(column, field.type) for column, field in zip(columns, schema, strict=True)
        ]
        return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)

    for n_rows, row in enumerate(rows, 1):
        waiting.setdefault(row[0], []).append(row)
        if n_rows % _N_ROWS == 0:
            yield make_batch()
    if waiting:
        yield make_batch()


def write_description(
    folder: Path, terms: TermFile | None, files: Sequence[dict[str, Any]], version: str
) -> None:
    """Write what the annotations were made of; it is the last file.

    Args:
        folder: The folder of the annotations.
        terms: The term file; None without an ontology.
        files: The counts of each input.
        version: Of gafreduce.
    """
    known = {
        "schema": SCHEMA,
        "gafreduce_version": version,
        "ontology": terms and {"data_version": terms.data_version, "sha256": terms.ontology_sha256},
        "files": list(files),
    }
    text = json.dumps(known, indent=2, ensure_ascii=False) + "\n"
    path = folder / DESCRIPTION
    path.write_text(text, encoding="utf-8", newline="\n", errors="backslashreplace")


def is_dataset(folder: Path) -> bool:
    """Return whether a folder has annotations that this module wrote."""
    with contextlib.suppress(OSError, ValueError):
        known = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        return isinstance(known, dict) and known.get("schema") == SCHEMA
    return False


def check_new(folder: Path) -> None:
    """Check that a folder is new or empty.

    Raises:
        InputError: It is not.
    """
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        raise InputError(
            f"{folder}: expected a new or an empty folder, got one with files, or a file (name "
            "another folder with -o)"
        )
