"""Any number of a run explained: what it means, the lines that make it, and the number again.

An address is `TABLE/KEY/COLUMN`; the parts of the key stand in the table's order, joined by `/`, as
they stand in the table. Parts may hold `/` themselves: a key is compared whole with those of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gafreduce.reports.explain.counts import profile_cell
from gafreduce.reports.explain.evidence import (
    N_LEFT_OUT,
    ExplainError,
    Found,
    NotMadeAgain,
    Sources,
)
from gafreduce.reports.explain.files import (
    annotation_cell,
    finding_cell,
    input_cell,
    rejection_cell,
    term_cell,
    term_set_cell,
)
from gafreduce.reports.explain.organisms import gene_product_cell, organism_cell
from gafreduce.reports.explain.source_lines import Fact, place
from gafreduce.reports.explain.statistics import Text, address_key, statistics_cell
from gafreduce.reports.tables.reader import Row
from gafreduce.reports.tables.schema import STATISTICS_TABLES, Column, Table
from gafreduce.reports.tables.writer import cell

#: Keys named when one is not found.
_N_NEAR = 5

_BY_TABLE: Mapping[str, Callable[[Sources, Row, str], Found]] = {
    "organisms": organism_cell,
    "gene_products": gene_product_cell,
    "annotations": annotation_cell,
    "profile": profile_cell,
    "terms": term_cell,
    "inputs": input_cell,
    "rejections": rejection_cell,
    "findings": finding_cell,
    "term_set": term_set_cell,
}


@dataclass(frozen=True)
class ShownLine:
    """An annotation line behind a number."""

    source_file: str
    number: int  # 1-based; 0: not looked up
    text: str
    notes: tuple[str, ...]  # what was made of it


@dataclass(frozen=True)
class Explanation:
    """One cell of a table, explained."""

    address: str
    value: str  # as it stands in the table
    meaning: str  # of the column
    how: str  # what was counted, or which formula
    again: str | None  # made again; None when it can't be
    why_not: str  # why it can't be
    cells: Mapping[str, str]  # other numbers that it stands on
    lines: tuple[ShownLine, ...]  # the first of them
    n_lines: int  # how many there are
    notes: tuple[str, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether the number came out again."""
        return self.again == self.value

    @property
    def is_refuted(self) -> bool:
        """Whether another number came out."""
        return self.again is not None and self.again != self.value

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "address": self.address,
            "value": self.value,
            "meaning": self.meaning,
            "how": self.how,
            "recomputed": self.again,
            "confirmed": self.is_confirmed,
            "why_not_recomputed": self.why_not,
            "stands_on": dict(self.cells),
            "n_lines": self.n_lines,
            "lines": [vars(line) for line in self.lines],
            "notes": list(self.notes),
        }


def explain(sources: Sources, address: str) -> list[Explanation]:
    """Explain the cells at an address: one, or one for each row that shares the key.

    Raises:
        ExplainError: There is no such table, key or column.
    """
    name, _, rest = address.partition("/")
    table = sources.table(name)
    if not sources.has(name):
        raise ExplainError(f"{sources.folder.path}: expected the table {name}, the run has none")
    key, _, column = rest.rpartition("/")
    described = {found.name: found for found in table.columns}.get(column)
    if described is None:
        raise ExplainError(
            f"{address}: expected a column of {name} at the end, got {column!r} "
            f"(TABLE/KEY/COLUMN, where KEY is {'/'.join(address_key(table))} and COLUMN one of "
            f"{', '.join(table.column_names)})"
        )
    rows = [row for row in sources.rows(name) if key_of(table, row) == key]
    if not rows:
        raise ExplainError(f"{address}: {_no_such_key(sources, table, key)}")
    return [explain_cell(sources, table, row, described) for row in rows]


def key_of(table: Table, row: Row) -> str:
    """Return the key of a row as an address has it."""
    return "/".join(row[name] for name in address_key(table))


def _no_such_key(sources: Sources, table: Table, key: str) -> str:
    keys = [key_of(table, row) for row in sources.rows(table.name)]
    near = [other for other in keys if key and key in other][:_N_NEAR] or keys[:_N_NEAR]
    return (
        f"expected a key {'/'.join(address_key(table))} of {table.name}, got {key!r} "
        f"({'for example ' + ', '.join(near) if near else 'the table is empty'})"
    )


def explain_gene_product(sources: Sources, object_id: str) -> list[Explanation]:
    """Explain every column of the rows of a gene product.

    Raises:
        ExplainError: It is not in `gene_products`.
    """
    table = sources.table("gene_products")
    rows = [row for row in sources.rows(table.name) if row["object_id"] == object_id]
    if not rows:
        ids = [row["object_id"] for row in sources.rows(table.name)]
        near = [other for other in ids if object_id.lower() in other.lower()][:_N_NEAR]
        raise ExplainError(
            f"{object_id}: expected a gene product of gene_products "
            f"({'for example ' + ', '.join(near or ids[:_N_NEAR]) if ids else 'it is empty'}; one "
            "without a line in the closure and without a NOT above the target has no row)"
        )
    return [
        explain_cell(sources, table, row, column)
        for row in rows
        for column in table.columns
        if column.name not in table.key
    ]


def explain_cell(sources: Sources, table: Table, row: Row, column: Column) -> Explanation:
    """Explain one cell of a row."""
    found, why_not = Found(None, ""), ""
    try:
        found = _found(sources, table, row, column.name)
    except NotMadeAgain as reason:
        why_not = str(reason)
    return Explanation(
        address=f"{table.name}/{key_of(table, row)}/{column.name}",
        value=row[column.name],
        meaning=column.description,
        how=found.how,
        again=None if why_not else _text(found.value),
        why_not=why_not,
        cells={name: cell(value) for name, value in found.cells.items()},
        lines=(*_shown(sources, found.facts), *(ShownLine("", 0, t, ()) for t in found.texts)),
        n_lines=found.n_facts,
        notes=(*_filter_notes(sources, row), *_notes(sources, found)),
    )


def _found(sources: Sources, table: Table, row: Row, column: str) -> Found:
    if table.name in _BY_TABLE:
        return _BY_TABLE[table.name](sources, row, column)
    if table.name in STATISTICS_TABLES:
        return statistics_cell(sources, table, row, column)
    raise NotMadeAgain(f"there is no rule that makes cells of {table.name} again")


def _text(value: object) -> str:
    """Return a value as it stands in a table."""
    return str(value) if isinstance(value, Text) else cell(value)


def _shown(sources: Sources, facts: Any) -> Iterator[ShownLine]:
    """Return lines as they stand in their files, where those are there."""
    inputs = sources.inputs
    unlocated = [fact for fact in facts if not fact.number]
    there = inputs.lines.find(unlocated) if inputs is not None and unlocated else {}
    for fact in facts:
        stored = there.get(place(fact), fact)
        notes = list(_notes_of(fact._replace(findings=stored.findings)))
        if inputs is not None and not stored.number:
            notes.append("this line is not in the input as it is now")
        yield ShownLine(fact.row.source_file, stored.number, stored.text, tuple(notes))


def _notes_of(fact: Fact) -> Iterator[str]:
    """Say what the run made of a line."""
    row = fact.row
    words = [
        "NOT" if row.negated == "true" else "",
        row.term_class,
        row.evidence_group,
        "supports" if fact.is_supporting else "does not support",
    ]
    yield ", ".join(filter(None, words))
    if row.go_id != row.annotated_go_id:
        yield f"repaired: {row.annotated_go_id} is {row.go_id} now"
    for finding in fact.findings:
        said = f" {finding.value}" if finding.value else ""
        becomes = f" -> {finding.becomes}" if finding.becomes else ""
        yield f"{finding.word}{said}{becomes} (docs/rules.md)"


def _filter_notes(sources: Sources, row: Row) -> Iterator[str]:
    """Say which filters were in force, and which lines of this row's subject they left out."""
    filters = sources.record.get("options", {}).get("filters", {})
    if not filters:
        return
    said = "; ".join(f"{name} {', '.join(map(str, v))}" for name, v in filters.items())
    n_filtered = sources.record.get("counts", {}).get("n_filtered", 0)
    yield f"filters were in force ({said}): {n_filtered} lines of the run were left out"
    if not row.get("taxon_id"):
        return
    subject = row.get("object_id") or f"taxon {row['taxon_id']}"
    left_out = sources.left_out(int(row["taxon_id"]), row.get("object_id"))
    for line in left_out[: sources.limit]:
        where = f"{line.source_file}:{line.number}"
        yield f"left out by {line.reason}, {where}: {line.text}"
    if len(left_out) > sources.limit:
        more = " or more" if len(left_out) == N_LEFT_OUT else ""
        yield f"these are the first of {len(left_out)}{more} lines of {subject} that were left out"


def _notes(sources: Sources, found: Found) -> Iterator[str]:
    """Say what could not be looked up."""
    if sources.inputs is None and found.facts:
        yield f"lines are shown as the run folder has them, tabs as blanks: {sources.missing}"
