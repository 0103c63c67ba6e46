"""The page of a comparison, with the tables, style and script of a run's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.publishing.run_folder import table_path
from gafreduce.reports.comparison.compared_run import ComparedRun
from gafreduce.reports.comparison.schema import COMPARISON_TABLES
from gafreduce.reports.html.links import find_url
from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.html.page import (
    Cell,
    Part,
    RowView,
    TableView,
    make_id_cell,
    make_ids_cell,
    make_number_cell,
    make_text_cell,
)
from gafreduce.reports.html.store import make_store, name_organisms
from gafreduce.reports.html.table_views import MAX_LISTED, MAX_STORED, store_view
from gafreduce.reports.html.templating import render_template
from gafreduce.reports.summary.comparison_sentences import NO_CAUSE
from gafreduce.reports.summary.italics import NameRun, needs_rank, split_name
from gafreduce.reports.summary.sentences import (
    GROUP_LABELS,
    VERDICT_LABELS,
    format_code,
    format_term_class,
)
from gafreduce.reports.tables.schema import Column

_SECTIONS = {
    "differences": ("Reasons", "Differences by table and primary reason"),
    "organisms": ("Organisms", "Organisms with a difference"),
    "gene_products": ("Gene products", "Gene products with a difference"),
    "annotations": ("Annotation lines", "Lines that are new, gone or changed"),
    "terms": ("Terms", "Terms of the term set, and numbers of gene products by term"),
    "settings": ("Settings and files", "Options, versions, ontologies and files that differ"),
}
_HEADINGS = {
    "organism_id": "organism",
    "object_id": "gene product",
    "go_id": "term",
    "n_before": "gene products before",
    "n_after": "gene products after",
    "n_reason": "products of the reason",
}
_COMPLETE = {"true": "complete", "false": "partial", "suspect": "suspected partial"}
#: Functions that return the words for a cell, by column.
_WRITERS: Mapping[str, Callable[[str], str]] = {
    "verdict": lambda text: VERDICT_LABELS.get(text, text),
    "group": lambda text: GROUP_LABELS.get(text, format_code(text)),
    "class": format_term_class,
    "complete": lambda text: _COMPLETE.get(text, text),
    "reason": format_code,
    "status": format_code,
    "table": format_code,
}
#: Columns that the table in the folder has and the page leaves out.
_HIDDEN = {"organisms": {"organism_id"}, "annotations": {"go_id_before"}}


class _PageSection(NamedTuple):
    id: str
    title: str
    lead: str
    view: TableView


#: The rows of each table of a comparison.
_Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def render_comparison(runs: Sequence[ComparedRun], rows: _Rows, headlines: Sequence[str]) -> str:
    """Return the page of a comparison as HTML; the same tables give the same bytes.

    Args:
        runs: The runs.
        rows: The rows of each table.
        headlines: A sentence for each step.
    """
    names = _OrganismLabels(runs)
    sections = [
        _PageSection(
            name.replace("_", "-"),
            title,
            COMPARISON_TABLES[name].description.replace("`", ""),
            _make_view(name, caption, rows, names),
        )
        for name, (title, caption) in _SECTIONS.items()
        if rows[name]
    ]
    organisms = name_organisms(sorted(set(names.labels.values())), names.split_label)
    tables = [
        (
            section.view.name,
            section.view.stored.as_json(section.view.caption, section.view.n_rows, ""),
        )
        for section in sections
        if section.view.stored
    ]
    return render_template(
        "comparison.html",
        NameMarker(names.labels.values(), names.split_label),
        make_store(organisms, 0, tables),
        target=runs[-1].record["target"],
        runs=rows["runs"],
        headlines=headlines,
        note=NO_CAUSE,
        sections=sections,
    )


class _OrganismLabels:
    """The names of the organisms of all runs, in italics where they are of a species."""

    def __init__(self, runs: Sequence[ComparedRun]) -> None:
        self._rows = {
            organism_id: row for run in runs for organism_id, row in run.organisms.items()
        }
        self.labels = {organism_id: row["organism"] for organism_id, row in self._rows.items()}
        self._taxa = TaxonNames()
        self._by_label = {label: organism_id for organism_id, label in self.labels.items()}

    def split_label(self, label: str) -> Sequence[NameRun]:
        """Return the italic and upright parts of a name; none if it is of no organism."""
        row = self._rows.get(self._by_label.get(label, ""))
        if row is None:
            return ()
        has_rank = row["name_source"] not in ("sample", "taxon_id") and needs_rank(label)
        rank = self._taxa.find_rank(int(row["taxon_id"])) if has_rank else ""
        return split_name(label, rank)


def _make_view(name: str, caption: str, rows: _Rows, names: _OrganismLabels) -> TableView:
    hidden = _HIDDEN.get(name, set()) | ({"step"} if len(rows["runs"]) == 2 else set())
    table = COMPARISON_TABLES[name]
    columns = [column for column in table.columns if column.name not in hidden]
    views = tuple(
        RowView(tuple(_make_cell(column, row, names) for column in columns))
        for row in rows[name][:MAX_STORED]
    )
    headings = tuple(
        (
            _HEADINGS.get(column.name, format_code(column.name.removeprefix("n_"))),
            column.description,
        )
        for column in columns
    )
    view = TableView(name, caption, headings, views, len(rows[name]), table_path(name))
    return store_view(view, [column.name for column in columns], set(names.labels.values()))


def _make_cell(column: Column, row: Mapping[str, Any], names: _OrganismLabels) -> Cell:
    value = row[column.name]
    if column.type == "integer":
        return make_number_cell("" if value is None else f"{value:,}")
    if column.type == "texts":
        return _make_list_cell(value)
    text = str(value)
    kind = column.name.removesuffix("_before").removesuffix("_after")
    if kind == "organism_id":
        return make_text_cell(names.labels.get(text, text))
    if kind in ("object_id", "go_id"):
        return make_id_cell(text)
    if kind in ("with_from", "reference"):
        return make_ids_cell(text)
    if kind in _WRITERS:
        return make_text_cell(_WRITERS[kind](text))
    return make_text_cell(text)


def _make_list_cell(values: Sequence[str]) -> Cell:
    parts: list[Part] = []
    for value in values[:MAX_LISTED]:
        parts += [(", ", None)] * bool(parts) + [(_format_item(value), find_url(value))]
    if len(values) > MAX_LISTED:
        parts.append((f" and {len(values) - MAX_LISTED} more", None))
    return Cell(tuple(parts))


def _format_item(value: str) -> str:
    word, colon, rest = value.partition(":")
    return f"{format_code(word)}{colon}{rest}" if not word.isupper() else value
