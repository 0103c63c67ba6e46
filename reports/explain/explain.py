"""Explain a cell of a table: definition, lines behind it, and its recomputed value."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gafreduce.errors import InputError
from gafreduce.reports.explain import annotation_counts, file_counts
from gafreduce.reports.explain.addresses import (
    find_gene_products,
    find_rows,
    get_key_columns,
    make_key,
    suggest_columns,
    suggest_keys,
)
from gafreduce.reports.explain.ratios import recompute_ratio
from gafreduce.reports.explain.run_sources import (
    MAX_EXCLUDED,
    NotRecomputedError,
    Recomputed,
    RunSources,
    take_first,
)
from gafreduce.reports.explain.source_lines import TracedAnnotation
from gafreduce.reports.tables.reader import Row, split_list
from gafreduce.reports.tables.schema import STATISTICS_TABLES, TAXON_COLUMNS, Column, Table
from gafreduce.reports.tables.writer import encode_cell

_RECOUNTS: Mapping[str, Callable[[RunSources, Row, str], Recomputed]] = {
    "organisms": annotation_counts.recount_organism,
    "gene_products": annotation_counts.recount_gene_product,
    "annotations": annotation_counts.reread_annotation,
    "profile": annotation_counts.recount_profile,
    "slim": annotation_counts.recount_slim,
    "terms": annotation_counts.recount_term,
    "inputs": file_counts.recount_input,
    "rejections": file_counts.recount_rejection,
    "findings": file_counts.recount_finding,
}


@dataclass(frozen=True)
class ShownLine:
    """A line behind a number."""

    source_file: str
    number: int  # 1-based; 0 if unknown
    text: str
    notes: tuple[str, ...]  # interpretation of the line by the run


@dataclass(frozen=True)
class Explanation:
    """The explanation of a cell."""

    address: str
    value: str  # as in the table
    definition: str  # of the column
    method: str  # counted unit and lines, or the formula
    recomputed: str | None  # None if it was not recomputed
    reason: str  # why it was not recomputed
    cells: Mapping[str, str]  # other numbers that the value depends on
    lines: tuple[ShownLine, ...]  # the first ones
    n_lines: int
    notes: tuple[str, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether the recomputed value is that of the table."""
        return self.recomputed == self.value

    @property
    def is_refuted(self) -> bool:
        """Whether the recomputed value differs."""
        return self.recomputed is not None and self.recomputed != self.value

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data, for JSON."""
        return {
            "address": self.address,
            "value": self.value,
            "meaning": self.definition,
            "how": self.method,
            "recomputed": self.recomputed,
            "confirmed": self.is_confirmed,
            "why_not_recomputed": self.reason,
            "based_on": dict(self.cells),
            "n_lines": self.n_lines,
            "lines": [vars(line) for line in self.lines],
            "notes": list(self.notes),
        }


def explain(sources: RunSources, address: str) -> list[Explanation]:
    """Explain the cells at an address: one for each row with the key.

    Raises:
        InputError: There is no such table, key or column.
    """
    name, _, rest = address.partition("/")
    table = sources.get_table(name)
    if not sources.folder.has_table(name):
        raise InputError(f"{sources.folder.path}: expected the table {name}, the run has none")
    key, _, column_name = rest.rpartition("/")
    column = {each.name: each for each in table.columns}.get(column_name)
    if column is None:
        raise InputError(
            f"{address}: expected TABLE/KEY/COLUMN with a column of {name} at the end, got "
            f"{column_name!r} ({suggest_columns(table, column_name)}`gafreduce explain "
            f"{shlex.quote(str(sources.folder.path))} {name}` lists what can be asked)"
        )
    rows = find_rows(sources, table, key)
    if not rows:
        raise InputError(
            f"{address}: expected a key {'/'.join(get_key_columns(table))} of {name}, got {key!r} "
            f"({suggest_keys(sources, table, key)})"
        )
    return [explain_cell(sources, table, row, column) for row in rows]


def explain_gene_product(
    sources: RunSources, name: str, organism: str | None = None
) -> list[Explanation]:
    """Explain all columns of the rows of a gene product.

    Args:
        sources: The run.
        name: An id, accession, symbol or synonym.
        organism: Id or name of the only organism that is meant; None for all.

    Raises:
        ExplainError: There is no such gene product or organism.
    """
    table = sources.get_table("gene_products")
    return [
        explain_cell(sources, table, row, column)
        for row in find_gene_products(sources, name, organism)
        for column in table.columns
        if column.name not in table.key
    ]


def explain_cell(sources: RunSources, table: Table, row: Row, column: Column) -> Explanation:
    """Explain a cell of a row."""
    reason = ""
    try:
        found = _recompute(sources, table, row, column.name)
    except NotRecomputedError as error:
        found, reason = Recomputed(None, ""), str(error)
    if not (found.annotations or found.texts):
        annotations, number = take_first(_find_annotations(sources, row), sources.limit)
        found = found._replace(annotations=annotations, n_annotations=number)
    texts = (ShownLine("", 0, text, ()) for text in found.texts)
    return Explanation(
        address=f"{table.name}/{make_key(table, row)}/{column.name}",
        value=row[column.name],
        definition=column.description,
        method=found.method,
        recomputed=None if reason else encode_cell(found.value),
        reason=reason,
        cells={name: encode_cell(value) for name, value in found.cells.items()},
        lines=(*_show_annotations(sources, found.annotations), *texts),
        n_lines=found.n_annotations,
        notes=(*_note_filters(sources, row), *_note_missing_inputs(sources, found)),
    )


def _recompute(sources: RunSources, table: Table, row: Row, column: str) -> Recomputed:
    if column in table.key:
        raise NotRecomputedError("it is part of the key of the row")
    if column in TAXON_COLUMNS:
        raise NotRecomputedError(
            "it is the taxon of the organism, from the lines or the sample sheet"
        )
    if table.name in _RECOUNTS:
        return _RECOUNTS[table.name](sources, row, column)
    if table.name in STATISTICS_TABLES:
        return recompute_ratio(table, row, column)
    raise NotRecomputedError("it is taken from the ontology")


def _find_annotations(sources: RunSources, row: Row) -> Iterator[TracedAnnotation]:
    """Yield the rows of `annotations` of the organisms, gene products and term of a row."""
    keys = ("organism_id", "organism_a", "organism_b")
    organism_ids = [row[name] for name in keys if row.get(name)]
    if not organism_ids and "go_id" in row:
        organism_ids = [each["organism_id"] for each in sources.read_rows("organisms")]
    object_ids = (
        {row["object_id"]} if "object_id" in row else set(split_list(row.get("object_ids", "")))
    )
    for organism_id in organism_ids:
        for each in sources.get_annotations(organism_id):
            is_on_term = "go_id" not in row or "object_ids" in row or each.row.go_id == row["go_id"]
            if is_on_term and (not object_ids or each.object_id in object_ids):
                yield each


def _show_annotations(
    sources: RunSources, annotations: Sequence[TracedAnnotation]
) -> Iterator[ShownLine]:
    """Yield the lines as they are in their files, if the inputs are there."""
    inputs = sources.inputs
    unlocated = [each for each in annotations if not each.number]
    located = inputs.lines.locate(unlocated) if inputs is not None and unlocated else {}
    for each in annotations:
        stored = located.get(each.place, each)
        notes = list(_describe_annotation(each._replace(findings=stored.findings)))
        if inputs is not None and not stored.number:
            notes.append("this line is no longer in the input")
        yield ShownLine(each.row.source_file, stored.number, stored.text, tuple(notes))


def _describe_annotation(annotation: TracedAnnotation) -> Iterator[str]:
    """Yield the interpretation of a line by the run."""
    row = annotation.row
    words = (
        "NOT" if row.negated == "true" else "",
        row.term_class,
        row.evidence_group,
        "supporting" if annotation.is_supporting else "not supporting",
    )
    yield ", ".join(filter(None, words))
    if row.go_id != row.annotated_go_id:
        yield f"repaired: {row.annotated_go_id} is now {row.go_id}"
    for finding in annotation.findings:
        value = f" {finding.value}" if finding.value else ""
        becomes = f" -> {finding.becomes}" if finding.becomes else ""
        yield f"{finding.word}{value}{becomes} (docs/rules.md)"


def _note_filters(sources: RunSources, row: Row) -> Iterator[str]:
    """Yield the filters of the run, and the lines of the organism or product they excluded."""
    filters = sources.filters
    if not filters:
        return
    values = "; ".join(f"{name} {', '.join(map(str, v))}" for name, v in filters.items())
    n_filtered = sources.record.get("counts", {}).get("n_filtered", 0)
    yield f"filters of the run ({values}) excluded {n_filtered} lines"
    if not row.get("organism_id"):
        return
    excluded = sources.find_excluded(row["organism_id"], row.get("object_id"))
    for line in excluded[: sources.limit]:
        yield f"excluded by {line.reason}, {line.source_file}:{line.number}: {line.text}"
    if len(excluded) > sources.limit:
        more = " or more" if len(excluded) == MAX_EXCLUDED else ""
        subject = row.get("object_id") or f"organism {row['organism_id']}"
        yield f"these are the first of {len(excluded)}{more} excluded lines of {subject}"


def _note_missing_inputs(sources: RunSources, found: Recomputed) -> Iterator[str]:
    if sources.inputs is None and found.annotations:
        yield f"lines are those of the run folder, with blanks for tabs: {sources.missing}"
