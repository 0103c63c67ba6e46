"""The terms of an ontology with their ancestors, as a table to join annotations with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from gafreduce.ontology.graph import Graph
from gafreduce.reports.tables.schema import TERM_ANCESTORS
from gafreduce.reports.tables.writer import encode_cell
from gafreduce.storage.replace_file import replace_file
from gafreduce.warehouse.annotation_dataset import make_schema

_IS_A = "is_a"
#: Rows of a row group.
_N_ROWS = 1 << 17


class Ancestor(NamedTuple):
    """An ancestor of a term, or the term itself; a row of `term_ancestors`."""

    go_id: str
    ancestor_id: str
    distance: int  # relations on the shortest path; 0 for the term itself
    is_a: bool  # whether a path of is_a alone leads to it


def list_ancestors(graph: Graph, relations: Collection[str]) -> Iterator[Ancestor]:
    """Yield each term with itself and its ancestors, sorted by both ids.

    Args:
        graph: The ontology.
        relations: The relations that lead from a term to its parents.
    """
    for go_id in sorted(graph.nodes):
        distances = _find_distances(graph, go_id, relations)
        by_is_a = _find_distances(graph, go_id, (_IS_A,)) if _IS_A in relations else {go_id: 0}
        for ancestor_id in sorted(distances):
            yield Ancestor(go_id, ancestor_id, distances[ancestor_id], ancestor_id in by_is_a)


def _find_distances(graph: Graph, go_id: str, relations: Collection[str]) -> dict[str, int]:
    """Return the ancestors of a term and itself, each with its distance."""
    found = {go_id: 0}
    level = [go_id]
    while level:
        above: list[str] = []
        for child in level:
            parents = graph.nodes[child].parents
            for relation in relations:
                for parent in parents.get(relation, ()):
                    if parent not in found:
                        found[parent] = found[child] + 1
                        above.append(parent)
        level = above
    return found


def encode_rows(rows: Iterable[Ancestor]) -> Iterator[str]:
    """Yield the header and the rows of the table as lines of its TSV, without line ends."""
    yield "\t".join(TERM_ANCESTORS.column_names)
    for row in rows:
        yield "\t".join(map(encode_cell, row))


def write_parquet(rows: Iterable[Ancestor], path: Path) -> None:
    """Write the table as a Parquet file, which appears when it is complete.

    Raises:
        InputError: The path is a link or a folder.
        OSError: It cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    schema = make_schema(TERM_ANCESTORS)
    with (
        replace_file(path) as stream,
        parquet.ParquetWriter(stream, schema, compression="zstd") as writer,
    ):
        for found in _group(rows, _N_ROWS):
            columns = zip(*found, strict=True)
            arrays = [
                pyarrow.array(column, field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_batch(pyarrow.RecordBatch.from_arrays(arrays, schema=schema))


def _group(rows: Iterable[Ancestor], size: int) -> Iterator[list[Ancestor]]:
    iterator = iter(rows)
    while found := list(islice(iterator, size)):
        yield found
