"""Make the tables of the page from rows of the run's tables: cells with links, limited in size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

from gafreduce.publishing.run_folder import table_path
from gafreduce.reports.html.links import find_url
from gafreduce.reports.html.page import (
    Cell,
    Part,
    RowView,
    TableView,
    add_anchors,
    make_anchor,
    make_id_cell,
    make_ids_cell,
    make_number_cell,
    make_text_cell,
)
from gafreduce.reports.html.page_columns import EXPLANATIONS, SHOWN, make_heading
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.section_notes import note_statistics
from gafreduce.reports.summary.sentences import (
    GROUP_LABELS,
    VERDICT_LABELS,
    format_code,
    format_term_class,
)
from gafreduce.reports.tables.reader import Row, split_list
from gafreduce.reports.tables.schema import TABLES, Column

#: Largest number of rows of a table in the page, and about how many characters. The TSV file in
#: the run folder has all rows.
MAX_ROWS = 5000
MAX_CHARACTERS = 500_000
MAX_CHARACTERS_BY_TABLE = dict.fromkeys(
    ("similarity", "pairwise", "candidates", "component_members", "robustness", "enrichment"),
    120_000,
) | {"sets": 60_000, "terms": 375_000}
#: Elements of a list cell that the page shows; of the terms of a set.
MAX_LISTED = 6
MAX_TERMS_LISTED = 30

#: Numbers linked to their rows: by table and column, the table of the rows and the column of the
#: organism.
_ROW_LINKS = {
    "gene_products": {"n_annotations": ("annotations", "organism_id")},
    "pairwise": {
        "n_target_a": ("gene_products", "organism_a"),
        "n_target_b": ("gene_products", "organism_b"),
    },
}


def make_table(results: RunResults, table: str, caption: str, rows: Iterable[Row]) -> TableView:
    """Return rows of a table of the run for the page, without columns that are empty in them.

    Args:
        results: Gives the labels of the organisms.
        table: Name of the table.
        caption: Text above it.
        rows: Text cells, by column name.
    """
    columns = {column.name: column for column in TABLES[table].columns}
    shown = SHOWN[table]
    max_characters = MAX_CHARACTERS_BY_TABLE.get(table, MAX_CHARACTERS)
    row_links = _ROW_LINKS.get(table, {})
    kept: list[tuple[Row, list[Cell]]] = []
    n_rows = n_characters = 0
    for row in rows:
        n_rows += 1
        if len(kept) < MAX_ROWS and n_characters < max_characters:
            cells = [_make_cell(results, columns[column], row[column]) for column in shown]
            for column, (linked_table, organism_column) in row_links.items():
                target = make_anchor(linked_table, row[organism_column])
                cells[shown.index(column)] = make_number_cell(row[column], target=target)
            n_characters += _estimate_size(cells)
            kept.append((row, cells))
    filled = [
        position for position in range(len(shown)) if any(cells[position].text for _, cells in kept)
    ] or list(range(len(shown)))
    headings = tuple(
        (make_heading(column), EXPLANATIONS.get(column, columns[column].description))
        for column in (shown[position] for position in filled)
    )
    views = (
        RowView(
            tuple(cells[position] for position in filled),
            row.get("organism_id", ""),
            row.get("best_group", row.get("evidence_group", "")),
        )
        for row, cells in kept
    )
    anchored = add_anchors(table, views)
    return TableView(table, caption, headings, anchored, n_rows, table_path(table))


def list_notes(results: RunResults, *tables: str) -> Iterator[str]:
    """Yield the notes of some statistics tables."""
    for table in tables:
        rows = (row for row in results.rows("statistics_notes") if row["table"] == table)
        yield from note_statistics(rows, results.label)


def make_tables(
    results: RunResults, table: str, caption: str, rows: Sequence[Row] | None = None
) -> tuple[TableView, ...]:
    """Return a table of the run, or of some of its rows; none without rows."""
    rows = list(results.rows(table)) if rows is None else rows
    return (make_table(results, table, caption, rows),) if rows else ()


def make_figure_table(
    figure: str,
    columns: Iterable[tuple[str, str]],
    rows: Iterable[RowView],
    n_rows: int | None = None,
) -> TableView:
    """Return the table of the numbers of a figure.

    Args:
        figure: Name of the figure.
        columns: Headings, each with its explanation.
        rows: All rows.
        n_rows: Number of rows, if it is known; then only the rows of the page are made.
    """
    made = tuple(rows) if n_rows is None else tuple(islice(rows, MAX_ROWS))
    n_rows = len(made) if n_rows is None else n_rows
    caption = "Numbers of this figure"
    return TableView(f"{figure}-numbers", caption, tuple(columns), made[:MAX_ROWS], n_rows)


def _estimate_size(cells: Sequence[Cell]) -> int:
    """Return about how many characters the cells take in the page."""
    return sum(
        (12 if cell.is_number else 4)
        + (len(cell.order) + 14 if cell.order else 0)
        + sum(len(text) + (len(target) + 28 if target else 0) for text, target in cell.parts)
        for cell in cells
    )


def _make_cell(results: RunResults, column: Column, text: str) -> Cell:
    if column.name in ("organism_id", "organism_a", "organism_b"):
        return make_text_cell(results.label(text))
    if column.name == "organism_ids":
        return make_names_cell(results, text)
    make = _MAKERS.get(column.name) or _MAKERS_BY_TYPE[column.type]
    return make(text)


def make_names_cell(results: RunResults, organism_ids: str) -> Cell:
    """Return the names of the organisms of a list cell, each a part of its own."""
    return Cell(tuple((part, None) for part in results.list_organisms(organism_ids)))


def make_float_cell(text: str) -> Cell:
    """Return a number in three significant digits, sorted by its full precision."""
    if not text:
        return make_number_cell("")
    value = float(text)
    shown = f"{value:,.0f}" if 1000 <= value < 1e9 else f"{value:.3g}"
    return make_number_cell(shown, repr(value) if value != float("inf") else "1e308")


def _make_boolean_cell(text: str) -> Cell:
    return make_text_cell({"true": "yes", "false": ""}.get(text, text))


def _make_list_cell(text: str, limit: int = MAX_LISTED) -> Cell:
    """Return the first elements of a list, each with its link, and the number of the others."""
    elements = split_list(text)
    parts: list[Part] = []
    for element in elements[:limit]:
        parts += [(", ", None)] * bool(parts) + [(element, find_url(element))]
    if len(elements) > limit:
        parts.append((f" and {len(elements) - limit} more", None))
    return Cell(tuple(parts))


def make_group_cell(group: str) -> Cell:
    """Return the label of an evidence group."""
    return make_text_cell(GROUP_LABELS.get(group, format_code(group)))


def _make_code_cell(text: str) -> Cell:
    return make_text_cell(format_code(text))


def _make_verdict_cell(text: str) -> Cell:
    return make_text_cell(VERDICT_LABELS.get(text, text))


_MAKERS_BY_TYPE: dict[str, Callable[[str], Cell]] = {
    "text": make_text_cell,
    "integer": make_number_cell,
    "float": make_float_cell,
    "boolean": _make_boolean_cell,
    "texts": _make_list_cell,
    "integers": _make_list_cell,
}
_MAKERS: dict[str, Callable[[str], Cell]] = {
    "object_id": make_id_cell,
    "go_id": make_id_cell,
    "go_ids": partial(_make_list_cell, limit=MAX_TERMS_LISTED),
    "reference": make_ids_cell,
    "with_from": make_ids_cell,
    "best_group": make_group_cell,
    "evidence_group": make_group_cell,
    "verdict": _make_verdict_cell,
    "verdict_without": _make_verdict_cell,
    "status": lambda text: make_text_cell("" if text == "current" else format_code(text)),
    "term_class": lambda text: make_text_cell(format_term_class(text)),
    "circular": _make_code_cell,
    "reason": _make_code_cell,
    "aspect": lambda text: make_text_cell(
        {"P": "process", "F": "function", "C": "component"}.get(text, text)
    ),
}
