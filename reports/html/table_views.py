"""Make the tables of the page from rows of the run's tables: cells with links, limited in size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
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
from gafreduce.reports.summary.sentences import GROUP_LABELS, VERDICT_LABELS, format_code
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

#: Section of the page on tracing numbers to lines of the input files.
TRACE = "#trace"
#: Numbers linked to their rows: by table and column, the table of the rows and the column of the
#: organism.
_ROW_LINKS = {
    "gene_products": {"n_annotations": ("annotations", "taxon_id")},
    "pairwise": {
        "n_target_a": ("gene_products", "taxon_a"),
        "n_target_b": ("gene_products", "taxon_b"),
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
            for column, (linked_table, taxon_column) in row_links.items():
                target = make_anchor(linked_table, row[taxon_column])
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
            row.get("taxon_id", ""),
            row.get("best_group", row.get("evidence_group", "")),
        )
        for row, cells in kept
    )
    anchored = add_anchors(table, views)
    return TableView(table, caption, headings, anchored, n_rows, table_path(table))


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
    if column.name in ("taxon_id", "taxon_a", "taxon_b"):
        return make_text_cell(results.label(text))
    if column.name == "taxon_ids":
        return make_text_cell(results.name_organisms(text))
    make = _MAKERS.get(column.name) or _MAKERS_BY_TYPE[column.type]
    return make(text)


def _make_share_cell(part: str, whole: str) -> Cell:
    """Return a number with its share of another, sorted by the number."""
    share = f" ({int(part) / int(whole):.0%})" if int(whole or 0) else ""
    return make_number_cell(f"{part}{share}", part, TRACE)


def _make_float_cell(text: str) -> Cell:
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
    "float": _make_float_cell,
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
    "term_class": _make_code_cell,
    "circular": _make_code_cell,
    "reason": _make_code_cell,
    "aspect": lambda text: make_text_cell(
        {"P": "process", "F": "function", "C": "component"}.get(text, text)
    ),
}


class OrganismColumn(NamedTuple):
    """A column of the table of organisms."""

    heading: str
    explanation: str
    make_cell: Callable[[Row], Cell]


def make_organisms_table(results: RunResults, caption: str, rows: Sequence[Row]) -> TableView:
    """Return organisms in the order of the summary, with numbers linked to their rows."""
    order = {taxon: position for position, taxon in enumerate(results.compared)}
    ordered = sorted(rows, key=lambda row: order.get(row["taxon_id"], len(order)))
    columns = _list_organism_columns(results, rows)
    return TableView(
        "organisms" if rows and rows[0]["compared"] == "true" else "others",
        caption,
        tuple((column.heading, column.explanation) for column in columns),
        tuple(
            RowView(tuple(column.make_cell(row) for column in columns))
            for row in ordered[:MAX_ROWS]
        ),
        len(rows),
        table_path("organisms"),
    )


def _list_organism_columns(results: RunResults, rows: Sequence[Row]) -> list[OrganismColumn]:
    """Return the columns of the table of organisms; optional ones only where a row has a value."""
    folds = {row["taxon_id"]: row["fold"] for row in results.rows("rates") if row["fold"]}
    n_components = Counter(
        row["taxon_id"] for row in results.rows("components") if row["n_gene_products"] != "0"
    )
    columns = [
        OrganismColumn(
            "organism",
            "Name of the organism, linked to NCBI Taxonomy.",
            lambda row: _make_organism_cell(results.label(row["taxon_id"]), row["taxon_id"]),
        ),
        OrganismColumn("verdict", "Strongest kind of annotation.", _make_organism_verdict_cell),
        OrganismColumn(
            "gene products",
            "Distinct gene products with a supporting annotation to the target term or a "
            "descendant.",
            partial(_make_linked_cell, "n_target_gene_products"),
        ),
        OrganismColumn(
            "best evidence",
            "Strongest evidence group.",
            lambda row: make_group_cell(row["best_group"]),
        ),
    ]
    columns += [
        OrganismColumn(
            GROUP_LABELS[group],
            "Gene products with such an annotation; the groups overlap.",
            partial(_make_evidence_cell, group),
        )
        for group in GROUPS
        if any(row[f"n_target_{group}"] != "0" for row in rows)
    ]
    columns += [
        OrganismColumn(heading, explanation, partial(make_cell, column))
        for heading, column, explanation, make_cell in _OPTIONAL_COLUMNS
        if any(row[column] not in ("", "0") for row in rows)
    ]
    columns += [
        OrganismColumn(
            "in aspect",
            "Gene products with a supporting annotation in the aspect of the target term, and "
            "their share of all gene products: a measure of annotation depth.",
            lambda row: _make_share_cell(row["n_in_aspect"], row["n_gene_products"]),
        ),
        OrganismColumn(
            "per 1,000",
            "Gene products with the target term per 1,000 in its aspect, with 95 % interval.",
            _make_rate_cell,
        ),
    ]
    if folds:
        columns.append(
            OrganismColumn(
                "fold",
                "This rate divided by the pooled rate of the other organisms; not a test.",
                lambda row: _make_float_cell(folds.get(row["taxon_id"], "")),
            )
        )
    if n_components:
        columns.append(
            OrganismColumn(
                "components",
                "Known components found in the annotations by family, gene symbol or ortholog.",
                lambda row: make_number_cell(
                    str(n_components[row["taxon_id"]]), target="#machinery"
                ),
            )
        )
    columns += [
        OrganismColumn(
            "all gene products",
            "Distinct gene products with any annotation that was kept.",
            lambda row: make_number_cell(row["n_gene_products"], target=TRACE),
        ),
        OrganismColumn(
            "lines",
            "Annotation lines that were kept.",
            lambda row: make_number_cell(row["n_annotations"], target=TRACE),
        ),
    ]
    return columns


def _make_organism_cell(label: str, taxon: str) -> Cell:
    return Cell(((label, find_url(f"taxon:{taxon}")),))


def _make_organism_verdict_cell(row: Row) -> Cell:
    contested = " (contested by NOT)" if row["contested"] == "true" else ""
    return make_text_cell(VERDICT_LABELS[row["verdict"]] + contested)


def _make_linked_cell(column: str, row: Row) -> Cell:
    """Return a number linked to the gene products of the organism."""
    return make_number_cell(row[column], target=make_anchor("gene_products", row["taxon_id"]))


def _make_plain_cell(column: str, row: Row) -> Cell:
    return make_number_cell(row[column])


def _make_evidence_cell(group: str, row: Row) -> Cell:
    target = make_anchor("annotations", row["taxon_id"], group)
    return make_number_cell(row[f"n_target_{group}"], target=target)


def _make_rate_cell(row: Row) -> Cell:
    if not row["rate_per_1000"]:
        reason = "incomplete files" if row["complete"] != "true" else ""
        return Cell(((reason, None),), order="-1")
    rate, low, high = (float(row[column]) for column in ("rate_per_1000", "rate_low", "rate_high"))
    return make_number_cell(f"{rate:.2f} ({low:.2f} to {high:.2f})", repr(rate), "#figure-rates")


#: Heading, column of `organisms`, explanation, and maker of the cell.
_OPTIONAL_COLUMNS: tuple[tuple[str, str, str, Callable[[str, Row], Cell]], ...] = (
    (
        "regulators",
        "n_regulator_gene_products",
        "Gene products with a supporting annotation to a regulator of the target term.",
        _make_linked_cell,
    ),
    (
        "other relations",
        "n_other_relation_gene_products",
        "Gene products annotated with a relation by which they do not take part in the term.",
        _make_linked_cell,
    ),
    (
        "NOT",
        "n_negated_gene_products",
        "Gene products with an effective NOT annotation.",
        _make_linked_cell,
    ),
    (
        "conflicting",
        "n_conflicting_gene_products",
        "Gene products with both an effective NOT annotation and a supporting annotation to the "
        "target term.",
        _make_linked_cell,
    ),
    (
        "foreign lines",
        "n_foreign_in_files",
        "Lines of other taxa in the files of this organism.",
        _make_plain_cell,
    ),
)
