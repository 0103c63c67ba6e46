"""Make the tables of the page from rows of the run's tables: cells with links, limited in size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from gafreduce.publishing.run_folder import table_path
from gafreduce.reports.html.links import find_url
from gafreduce.reports.html.page import (
    Cell,
    Part,
    RowView,
    TableView,
    make_anchor,
    make_id_cell,
    make_ids_cell,
    make_number_cell,
    make_text_cell,
)
from gafreduce.reports.html.page_columns import (
    EXPLANATIONS,
    HIDDEN_IF_SAME,
    NOT_STORED,
    SHOWN,
    WRITERS,
    make_heading,
    write_boolean,
)
from gafreduce.reports.html.store import StoredColumn, StoredTable, encode_cells, encode_sets
from gafreduce.reports.summary.answer_sentences import label_verdict
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.section_notes import note_statistics
from gafreduce.reports.summary.sentences import GROUP_LABELS, format_code
from gafreduce.reports.tables.reader import Row, split_list
from gafreduce.reports.tables.schema import TABLES, Column

#: Rows of a table that the page has as HTML: what is read without JavaScript, and printed.
STATIC_ROWS = 25
#: Rows of the numbers of a figure that it has as HTML.
FIGURE_ROWS = 12
#: Rows of a table in the store of the page. Of more annotation lines there are none: `explain`
#: finds them.
MAX_STORED = 20_000
MAX_STORED_BY_TABLE = {"annotations": 50_000, "gene_products": 50_000, "terms": 60_000}
#: Rows of the numbers of a figure.
MAX_FIGURE_ROWS = 5000
#: Elements of a list cell that are shown; of the terms of a set.
MAX_LISTED = 6
MAX_TERMS_LISTED = 30

_ORGANISM_COLUMNS = ("organism_id", "organism_a", "organism_b")
_SEPARATOR = "\x1f"
#: What numbers lead to, by table and column: kinds of gene products (see gene_products.js), the
#: members of components, or the command that finds the lines of the inputs.
_LEADS: dict[str, dict[str, str]] = {
    "organisms": {
        "n_target_gene_products": "target",
        "n_regulator_gene_products": "regulator",
        "n_negated_gene_products": "negated",
        "n_conflicting_gene_products": "conflicting",
        **{f"n_target_{group}": f"group:{group}" for group in GROUP_LABELS},
        **dict.fromkeys(
            (
                "n_annotations",
                "n_gene_products",
                "n_terms",
                "n_in_aspect",
                "n_other_relation_gene_products",
                "n_not_understood_gene_products",
                "n_upstream_or_within_only",
                "n_foreign_in_files",
            ),
            "explain",
        ),
    },
    "pairwise": {
        "n_target_a": "target",
        "n_target_b": "target",
        "n_in_aspect_a": "explain",
        "n_in_aspect_b": "explain",
    },
    "rates": {"n_target_gene_products": "target", "n_in_aspect": "explain"},
    "components": {"n_gene_products": "component", "n_with_target": "component"},
}


def make_table(
    results: RunResults,
    table: str,
    caption: str,
    rows: Iterable[Row],
    *,
    name: str = "",
    n_static: int = STATIC_ROWS,
) -> TableView:
    """Return rows of a table of the run for the page, without columns that are empty in them.

    Args:
        results: Gives the labels of the organisms.
        table: Name of the table.
        caption: Text above it.
        rows: Text cells, by column name.
        name: Name in the page, if the table is there twice.
        n_static: Rows as HTML; the others are in the store of the page alone.
    """
    columns = {column.name: column for column in TABLES[table].columns}
    n_stored = MAX_STORED_BY_TABLE.get(table, MAX_STORED)
    iterator = iter(rows)
    kept = list(islice(iterator, n_stored))
    n_rows = len(kept) + sum(1 for _ in iterator)
    if table == "annotations" and n_rows > len(kept):
        kept = []  # a part of the lines behind a number would be misread as all
    empty = {"", "0"} if table == "organisms" else {""}
    stored = make_stored_table(results, table, kept, empty)
    shown = [column.name for column in stored.columns if column.is_shown]
    return TableView(
        name or table,
        caption,
        tuple((column.heading, column.explanation) for column in stored.columns if column.is_shown),
        tuple(
            RowView(
                tuple(_make_cell(results, table, columns[name], row) for name in shown),
                row.get("organism_id", ""),
                row.get("best_group", row.get("evidence_group", "")),
            )
            for row in kept[:n_static]
        ),
        n_rows,
        table_path(table),
        stored,
        get_key_path(table),
    )


def get_key_path(table: str) -> str:
    """Return the address of a row for `explain`: key columns in braces, or nothing.

    >>> get_key_path("gene_products")
    'gene_products/{organism_id}/{object_id}'
    """
    return "/".join([table, *(f"{{{column}}}" for column in TABLES[table].key)])


def make_stored_table(
    results: RunResults, table: str, rows: Sequence[Row], empty: AbstractSet[str]
) -> StoredTable:
    """Return rows for the store of the page, with all columns of the run's table.

    Args:
        results: Gives labels and the order of the organisms.
        table: Name of the table.
        rows: The rows.
        empty: Cells of columns that are not shown at first.
    """
    wanted = SHOWN[table]
    left_out = (*wanted, *NOT_STORED.get(table, ()))
    columns = {column.name: column for column in TABLES[table].columns}
    order = {organism_id: place for place, organism_id in enumerate(results.compared)}
    stored = []
    for name in [*wanted, *(each for each in columns if each not in left_out)]:
        column = columns[name]
        kind = KINDS.get(name) or _KINDS_BY_TYPE[column.type]
        cells = [row[name] for row in rows]
        if kind == "organisms":
            encoded = encode_sets(cells, order)
        elif (table, name) == ("organisms", "verdict"):
            encoded = _encode_verdicts(rows)
        else:
            encoded = encode_cells(cells, kind, WRITERS.get(name) if kind == "word" else None)
        stored.append(
            StoredColumn(
                name,
                make_heading(name),
                EXPLANATIONS.get(name, column.description),
                kind,
                name in wanted
                and (not rows or not set(cells) <= empty)
                and not (name in HIDDEN_IF_SAME.get(table, ()) and _are_same(cells)),
                _LEADS.get(table, {}).get(name, ""),
                encoded,
            )
        )
    return StoredTable(stored, len(rows))


def _are_same(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and len(set(cells)) == 1


def _encode_verdicts(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the verdicts of organisms, which are labelled by more than the word."""
    columns = ("verdict", "best_group", "complete", "contested")
    cells = [_SEPARATOR.join(row[column] for column in columns) for row in rows]
    encoded = encode_cells(cells, "word", lambda cell: _label_verdict(*cell.split(_SEPARATOR)))
    encoded["d"] = [cell.partition(_SEPARATOR)[0] for cell in encoded["d"]]
    return encoded


def _label_verdict(verdict: str, best_group: str, complete: str, contested: str) -> str:
    label = label_verdict(verdict, best_group, is_complete=complete == "true")
    return label + (" (contested by NOT)" if contested == "true" else "")


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
    made = tuple(rows) if n_rows is None else tuple(islice(rows, MAX_FIGURE_ROWS))
    n_rows = len(made) if n_rows is None else n_rows
    headings = tuple(columns)
    view = TableView(
        f"{figure}-numbers", "Numbers of this figure", headings, made[:MAX_FIGURE_ROWS], n_rows
    )
    return store_view(view, [heading for heading, _ in headings], n_static=FIGURE_ROWS)


def store_view(
    view: TableView,
    names: Sequence[str],
    labels: AbstractSet[str] = frozenset(),
    *,
    n_static: int = STATIC_ROWS,
) -> TableView:
    """Return a table with the text of its rows in the store, and the first of them as HTML.

    Args:
        view: The table.
        names: Names of its columns in downloads.
        labels: Names of organisms, which cells may be.
        n_static: Rows as HTML; no more rows than these need no store.
    """
    if len(view.rows) <= n_static:
        return view
    stored = []
    for place, (name, (heading, explanation)) in enumerate(zip(names, view.columns, strict=True)):
        cells = [row.cells[place] for row in view.rows]
        texts = [cell.text for cell in cells]
        kind = _choose_kind(cells, labels)
        if heading == "organism" and all(row.organism for row in view.rows):
            name, kind, texts = "organism_id", "organism", [row.organism for row in view.rows]
        if kind == "int":
            texts = [text.replace(",", "") for text in texts]
        encoded = encode_cells(texts, kind)
        stored.append(StoredColumn(name, heading, explanation, kind, True, "", encoded))
    return replace(view, rows=view.rows[:n_static], stored=StoredTable(stored, len(view.rows)))


def _choose_kind(cells: Sequence[Cell], labels: AbstractSet[str]) -> str:
    texts = {cell.text for cell in cells}
    if labels and texts <= labels:
        return "organism"
    if all(text.replace(",", "").isdecimal() or not text for text in texts):
        return "int"
    return "refs" if any(target for cell in cells for _, target in cell.parts) else "text"


def _make_cell(results: RunResults, table: str, column: Column, row: Row) -> Cell:
    text = row[column.name]
    if table == "organisms" and column.name == "organism_id":
        return Cell(((results.label(text), find_url(f"taxon:{row['taxon_id']}")),))
    if column.name in _ORGANISM_COLUMNS:
        return make_text_cell(results.label(text))
    if column.name in ("organism_ids", "organism_ids_propagated"):
        return make_names_cell(results, text)
    if table == "organisms" and column.name == "verdict":
        return make_text_cell(
            _label_verdict(text, row["best_group"], row["complete"], row["contested"])
        )
    lead = _LEADS.get(table, {}).get(column.name, "")
    if lead == "target":
        organism = row.get("organism_id") or row["organism" + column.name[-2:]]
        return make_number_cell(
            f"{int(text):,}" if text else "", target=make_anchor("gene-products", organism)
        )
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


def _make_list_cell(text: str, limit: int = MAX_LISTED) -> Cell:
    """Return the first elements of a list, each with its link, and the number of the others."""
    elements = split_list(text)
    parts: list[Part] = []
    for element in elements[:limit]:
        parts += [(", ", None)] * bool(parts) + [(element, find_url(element))]
    if len(elements) > limit:
        parts.append((f" and {len(elements) - limit} more", None))
    return Cell(tuple(parts))


_KINDS_BY_TYPE = {
    "text": "text",
    "integer": "int",
    "float": "float",
    "boolean": "word",
    "texts": "list",
    "integers": "list",
}
#: How the script of the page shows columns, where it does not follow from their type.
KINDS = (
    dict.fromkeys(WRITERS, "word")
    | dict.fromkeys(_ORGANISM_COLUMNS, "organism")
    | dict.fromkeys(("organism_ids", "organism_ids_propagated"), "organisms")
    | dict.fromkeys(("object_id", "go_id"), "id")
    | dict.fromkeys(("reference", "with_from"), "refs")
    | dict.fromkeys(("taxon_id", "taxon_a", "taxon_b"), "taxon")
)
_MAKERS_BY_TYPE: dict[str, Callable[[str], Cell]] = {
    "text": make_text_cell,
    "integer": lambda text: make_number_cell(f"{int(text):,}" if text else ""),
    "float": make_float_cell,
    "boolean": lambda text: make_text_cell(write_boolean(text)),
    "texts": _make_list_cell,
    "integers": _make_list_cell,
}
_MAKERS: dict[str, Callable[[str], Cell]] = {
    "object_id": make_id_cell,
    "go_id": make_id_cell,
    "flags": lambda text: make_text_cell(", ".join(map(format_code, split_list(text)))),
    "go_ids": partial(_make_list_cell, limit=MAX_TERMS_LISTED),
    "reference": make_ids_cell,
    "with_from": make_ids_cell,
    **{
        name: lambda text, write=write: make_text_cell(write(text))  # type: ignore[misc]
        for name, write in WRITERS.items()
    },
}
