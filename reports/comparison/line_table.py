"""The lines of a run as numbers: finding the gene products whose lines differ between two runs.

A table of millions of lines is read by columns and hashed; only lines of gene products with a
difference are read as text. Hashes have 64 bits: among two million lines the chance that a
difference is missed is one in ten million.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from gafreduce.errors import InputError
from gafreduce.publishing.run_folder import RunFolder

Hashes = npt.NDArray[np.uint64]

_BATCH = 65_536
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
#: Shifts and multipliers of splitmix64. Source: https://prng.di.unimi.it/splitmix64.c
_SCATTERING = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
#: Texts that are hashed together: bounds the memory.
_TEXTS_AT_ONCE = 8192
#: Places in a text whose bytes have their hashes in a table.
_FEW_PLACES = 64
#: Lines are compared in so many parts, by the highest bits of their hashes.
_PARTS, _PART_SHIFT = 8, np.uint64(61)
#: Columns that make two lines equal, besides the gene product. Neither date nor reference is one.
CONTENT = (
    *("go_id", "term_class", "relation", "negated", "evidence_code"),
    *("with_from", "assigned_by", "takes_part"),
)
_SUPPORTING = frozenset({"target", "core"})


class ComparedLine(NamedTuple):
    """A line of a run, with what a comparison needs of it."""

    organism_id: str
    object_id: str  # as the run has it
    go_id: str
    symbol: str
    term_class: str
    annotated_go_id: str
    relation: str
    negated: bool
    evidence_code: str
    evidence_group: str
    reference: str
    with_from: str
    assigned_by: str
    takes_part: bool
    object_type: str
    aspect: str

    @property
    def supports_target(self) -> bool:
        """Whether the line makes its gene product one with the target."""
        return self.takes_part and not self.negated and self.term_class in _SUPPORTING

    @property
    def stated_relation(self) -> str:
        """The relation, with NOT before it."""
        return f"NOT|{self.relation}".rstrip("|") if self.negated else self.relation


#: A gene product: its organism, and the id that it is counted under.
ProductKey = tuple[str, str]


class LineTable(NamedTuple):
    """The lines of a run, a number for each line in each array."""

    products: Hashes  # organism and counted id
    contents: Hashes  # of the line, with its gene product


class SupportingLines(NamedTuple):
    """The positive lines of a run that take part, a number for each line in each array."""

    products: Hashes  # organism and counted id
    terms: Hashes
    organisms: Hashes


def hash_text(texts: Sequence[str]) -> Hashes:
    """Return the hash of each text; the same on every machine.

    The hash of a text is the sum of the hashes of its bytes at their places. It needs no pandas,
    which would take a third of a second to import.
    """
    return _hash_array(pa.array(texts, pa.string()))


def _hash_array(texts: pa.StringArray) -> Hashes:
    """Return the hash of each text; that of null is the hash of the empty text."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, texts.offset + len(texts) + 1)[texts.offset :]
    found = np.zeros(len(texts), dtype=np.uint64)
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        part = ends[start : start + _TEXTS_AT_ONCE + 1]
        lengths = np.diff(part)
        if part[-1] > part[0]:
            own = np.frombuffer(data, np.uint8, part[-1])[part[0] :]
            begins = part[:-1] - part[0]
            codes = np.arange(len(own)) - np.repeat(begins.astype(np.intp), lengths)
            codes <<= 8
            codes |= own
            if lengths.max() <= _FEW_PLACES:
                hashes = _make_byte_hashes().take(codes)
            else:
                hashes = _scatter(codes.astype(np.uint64))
            has_bytes = np.flatnonzero(lengths)
            found[start + has_bytes] = np.add.reduceat(hashes, begins[has_bytes])
    return _scatter(found)


@cache
def _make_byte_hashes() -> Hashes:
    """Return the hashes of all bytes at the first places of a text, by place and byte."""
    return _scatter(np.arange(_FEW_PLACES << 8, dtype=np.uint64))


def _scatter(numbers: Hashes) -> Hashes:
    """Return numbers of which each bit depends on all bits of the given ones, as splitmix64."""
    found = (numbers + np.uint64(1)) * _MULTIPLIER
    for shift, multiplier in _SCATTERING:
        found = (found ^ (found >> shift)) * multiplier
    found ^= found >> np.uint64(31)
    return found


def sort_distinct(hashes: Hashes) -> Hashes:
    """Return hashes in their order, each once; faster than `np.unique`."""
    ordered = np.sort(hashes)
    is_first = np.ones(len(ordered), dtype=np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def count_id(id_map: Mapping[str, str], object_id: str) -> str:
    """Return the id that a gene product is counted under."""
    return id_map.get(object_id) or id_map.get(object_id.partition(":")[2]) or object_id


def _read_batches(
    folder: RunFolder, columns: Sequence[str], table: str = "annotations"
) -> Iterator[Any]:
    path = folder.parquet(table)
    try:
        with pq.ParquetFile(path, read_dictionary=list(columns)) as file:
            yield from file.iter_batches(_BATCH, columns=list(columns))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: expected the table of a run, got {error}") from error


def _encode(column: Any) -> tuple[Any, npt.NDArray[np.int64]]:
    """Return the distinct values of a column, and the place of each row's value among them.

    Null is at the place behind the last value.
    """
    encoded = column if hasattr(column, "dictionary") else column.dictionary_encode()
    indices = encoded.indices
    if indices.null_count:
        indices = indices.fill_null(len(encoded.dictionary))
    return encoded.dictionary, indices.to_numpy(zero_copy_only=False)


def _decode(column: Any) -> tuple[list[Any], npt.NDArray[np.int64]]:
    """Return the same as objects, with an empty text for null."""
    distinct, places = _encode(column)
    values = ["" if value is None else value for value in distinct.to_pylist()]
    return [*values, ""], places


def _hash_column(column: Any, id_map: Mapping[str, str] | None = None) -> Hashes:
    if not id_map:
        distinct, places = _encode(column)
        if pa.types.is_string(distinct.type):
            hashes = np.append(_hash_array(distinct), hash_text([""]))
            of_rows: Hashes = hashes[places]
            return of_rows
    values, places = _decode(column)
    texts = [str(value) for value in values]
    if id_map:
        texts = [count_id(id_map, text) for text in texts]
    found: Hashes = hash_text(texts)[places]
    return found


def _mix(first: Hashes, second: Hashes) -> Hashes:
    mixed: Hashes = (first ^ (first >> np.uint64(29))) * _MULTIPLIER + second
    return mixed


def read_line_table(folder: RunFolder, id_map: Mapping[str, str]) -> LineTable:
    """Return the lines of a run as numbers.

    Args:
        folder: The run.
        id_map: Ids of gene products, each with the one that it is counted under.

    Raises:
        InputError: The table is missing or damaged.
    """
    none = np.empty(0, dtype=np.uint64)
    parts = [(none, none)]
    for batch in _read_batches(folder, ["organism_id", "object_id", *CONTENT]):
        organisms = _hash_column(batch.column("organism_id"))
        contents = products = _hash_products(organisms, batch, id_map)
        if id_map:
            contents = _mix(contents, _hash_column(batch.column("object_id")))
        for name in CONTENT:
            contents = _mix(contents, _hash_column(batch.column(name)))
        parts.append((products, contents))
    return LineTable(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _hash_products(organisms: Hashes, batch: Any, id_map: Mapping[str, str]) -> Hashes:
    return _mix(organisms, _hash_column(batch.column("object_id"), id_map))


def read_supporting_lines(folder: RunFolder, id_map: Mapping[str, str]) -> SupportingLines:
    """Return the positive lines of a run that take part; see `read_line_table`."""
    none = np.empty(0, dtype=np.uint64)
    parts = [(none, none, none)]
    columns = ("organism_id", "object_id", "go_id", "takes_part", "negated")
    for batch in _read_batches(folder, columns):
        supports = _is_true(batch.column("takes_part")) & ~_is_true(batch.column("negated"))
        organisms = _hash_column(batch.column("organism_id"))
        products = _hash_products(organisms, batch, id_map)
        terms = _hash_column(batch.column("go_id"))
        parts.append((products[supports], terms[supports], organisms[supports]))
    return SupportingLines(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _is_true(column: Any) -> npt.NDArray[np.bool_]:
    values, places = _decode(column)
    found: npt.NDArray[np.bool_] = np.array([value is True for value in values])[places]
    return found


def find_changed_products(before: LineTable, after: LineTable) -> Hashes:
    """Return the hashes of gene products whose lines differ, as multisets; sorted."""
    parts = []
    for part in range(_PARTS):  # less memory than all hashes at once
        first, second = (
            _count_contents(each.contents[each.contents >> _PART_SHIFT == part])
            for each in (before, after)
        )
        changed = np.setxor1d(first[1], second[1], assume_unique=True)
        parts += [distinct[is_among(mixed, changed)] for distinct, mixed in (first, second)]
    contents = sort_distinct(np.concatenate(parts))
    products = [each.products[is_among(each.contents, contents)] for each in (before, after)]
    return sort_distinct(np.concatenate(products))


def _count_contents(contents: Hashes) -> tuple[Hashes, Hashes]:
    """Return the distinct hashes of lines, and each mixed with its number of lines."""
    distinct, counts = np.unique(contents, return_counts=True)
    return distinct, _mix(distinct, counts.astype(np.uint64))


def is_among(hashes: Hashes, wanted: Hashes) -> npt.NDArray[np.bool_]:
    """Return whether each hash is one of some, which are sorted."""
    if not len(wanted):
        return np.zeros(len(hashes), dtype=np.bool_)
    places = np.searchsorted(wanted, hashes)
    places[places == len(wanted)] = 0
    found: npt.NDArray[np.bool_] = wanted[places] == hashes
    return found


def read_changed_lines(
    folder: RunFolder, table: LineTable, products: Hashes, id_map: Mapping[str, str]
) -> dict[ProductKey, list[ComparedLine]]:
    """Return all lines of some gene products, in the order of the table.

    Args:
        folder: The run.
        table: Its lines as numbers.
        products: Hashes of the gene products.
        id_map: As for `read_line_table`.
    """
    chosen = is_among(table.products, products)
    found: dict[ProductKey, list[ComparedLine]] = {}
    start = 0
    for batch in _read_batches(folder, ComparedLine._fields):
        mask = chosen[start : start + batch.num_rows]
        start += batch.num_rows
        if not mask.any():
            continue
        columns = [
            _list_values(batch.column(name).filter(pa.array(mask)), name)
            for name in ComparedLine._fields
        ]
        for cells in zip(*columns, strict=True):
            line = ComparedLine(*cells)
            key = (line.organism_id, count_id(id_map, line.object_id))
            found.setdefault(key, []).append(line)
    return found


def _list_values(column: Any, name: str) -> list[Any]:
    none = False if name in ("negated", "takes_part") else ""
    return [none if value is None else value for value in column.to_pylist()]


def hash_rows(folder: RunFolder, table: str, columns: Sequence[str]) -> Hashes:
    """Return the hash of each row of a table, by some columns."""
    parts = [np.empty(0, dtype=np.uint64)]
    for batch in _read_batches(folder, columns, table):
        hashes = np.zeros(batch.num_rows, dtype=np.uint64)
        for name in columns:
            hashes = _mix(hashes, _hash_column(batch.column(name)))
        parts.append(hashes)
    return np.concatenate(parts)


def read_rows_where(
    folder: RunFolder, table: str, columns: Sequence[str], chosen: npt.NDArray[np.bool_]
) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of chosen rows of a table."""
    start = 0
    for batch in _read_batches(folder, columns, table):
        mask = chosen[start : start + batch.num_rows]
        start += batch.num_rows
        if mask.any():
            lists = (batch.column(name).filter(pa.array(mask)).to_pylist() for name in columns)
            yield from zip(*lists, strict=True)


class SourceCells(NamedTuple):
    """What decides the sources of lines, each once, and the organisms with such lines."""

    cells: dict[int, tuple[str, str, str, str]]  # evidence, reference, With/From, assigning group
    organism_ids: dict[int, str]
    keys: Hashes  # of cells, once or more often for each organism
    organisms: Hashes

    def list_organisms(self, keys: Collection[int]) -> set[str]:
        """Return the organisms with a line of some cells."""
        chosen = is_among(self.keys, np.array(sorted(keys), dtype=np.uint64))
        return {self.organism_ids[each] for each in sort_distinct(self.organisms[chosen]).tolist()}


def list_sources(folder: RunFolder) -> SourceCells:
    """Return what decides the sources of lines, and which organisms have it."""
    columns = ("evidence_code", "reference", "with_from", "assigned_by")
    cells: dict[int, tuple[str, str, str, str]] = {}
    organism_ids: dict[int, str] = {}
    none = np.empty(0, dtype=np.uint64)
    known, parts = none, [(none, none)]
    for batch in _read_batches(folder, ("organism_id", *columns)):
        lists = [_decode(batch.column(name)) for name in columns]
        keys = np.zeros(batch.num_rows, dtype=np.uint64)
        for values, places in lists:
            keys = _mix(keys, hash_text([str(value) for value in values])[places])
        distinct, rows = np.unique(keys, return_index=True)
        is_new = ~np.isin(distinct, known, assume_unique=True)
        for key, row in zip(distinct[is_new].tolist(), rows[is_new].tolist(), strict=True):
            code, reference, entries, group = (str(values[places[row]]) for values, places in lists)
            cells[key] = (code, reference, entries, group)
        known = sort_distinct(np.concatenate([known, distinct]))
        ids, places = _decode(batch.column("organism_id"))
        hashes = hash_text(ids)
        organism_ids |= zip(hashes.tolist(), ids, strict=True)
        _, rows = np.unique(_mix(keys, hashes[places]), return_index=True)
        parts.append((keys[rows], hashes[places[rows]]))
    pairs = (np.concatenate(column) for column in zip(*parts, strict=True))
    return SourceCells(cells, organism_ids, *pairs)


def count_products(lines: SupportingLines, organism_id: str, go_ids: Sequence[str]) -> int:
    """Return the number of gene products of an organism with a supporting line on one of the terms.

    Args:
        lines: The lines of the run.
        organism_id: The organism.
        go_ids: The terms.
    """
    (organism,) = hash_text([organism_id])
    chosen = lines.organisms == organism
    chosen &= np.isin(lines.terms, hash_text(list(go_ids)))
    return len(sort_distinct(lines.products[chosen]))
