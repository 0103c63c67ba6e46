"""The terms behind each set of organisms: lists, where figures show sizes only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from gafreduce.reports.html import caveats, links, table_views
from gafreduce.reports.html.page import Cell, RowView, Section, TableView, text_cell
from gafreduce.reports.summary.run_tables import RunTables
from gafreduce.reports.tables.reader import Row, list_cell

#: Organisms up to which the terms are listed side by side as well.
MAX_SIDE_BY_SIDE = 3


def sets(tables: RunTables) -> Iterator[Section]:
    """Yield which terms are annotated in exactly which organisms."""
    rows = list(tables.rows("sets"))
    if not rows or len(tables.compared) < 2:
        return
    rows.sort(key=lambda row: (row["scope"] != "closure", row["counting"] != "direct"))
    beside = 2 <= len(tables.compared) <= MAX_SIDE_BY_SIDE
    yield Section(
        "sets",
        "Which terms are in exactly which organisms",
        lead=(
            "A set holds the terms that are annotated in exactly its organisms, and in no other "
            "compared one. Sets without a term are not listed.",
        ),
        tables=(_side_by_side(tables, rows),) if beside else (),
        folded=(table_views.table_view(tables, "sets", "Every set with its terms", rows),),
        limits=tuple(caveats.in_words(tables, "sets")),
    )


def _side_by_side(tables: RunTables, rows: Sequence[Row]) -> TableView:
    """Return the directly annotated terms in three columns: of one, of some, of all organisms."""
    names = {row["go_id"]: row["name"] for row in tables.rows("terms")}
    scope = "all" if any(row["scope"] == "all" for row in rows) else "closure"
    found = [
        (list_cell(row["taxon_ids"]), list_cell(row["go_ids"]))
        for row in rows
        if (row["scope"], row["aspect"], row["counting"]) == (scope, "all", "direct")
    ]
    n_compared = len(tables.compared)
    if n_compared == 2:
        first, second = tables.compared
        columns = [
            (f"only {tables.label(first)}", "annotated there and not in the other"),
            ("both", "annotated in both"),
            (f"only {tables.label(second)}", "annotated there and not in the other"),
        ]
        places: dict[tuple[str, ...], int] = {(first,): 0, (second,): 2}
    else:
        columns = [
            ("core", f"annotated in all {n_compared}"),
            ("shared", "annotated in two"),
            ("unique", "annotated in one"),
        ]
        places = {}
    lists: list[list[Cell]] = [[], [], []]
    for taxa, go_ids in found:
        n_taxa = len(taxa)
        place = places.get(tuple(taxa), 1 if n_compared == 2 else n_compared - n_taxa)
        who = "" if n_compared == 2 or n_taxa == n_compared else f" ({tables.who('|'.join(taxa))})"
        lists[place] += [
            Cell(((go_id, links.link(go_id)), (f" {names.get(go_id, '')}{who}", None)))
            for go_id in go_ids
        ]
    n_rows = max(map(len, lists))
    side_by_side = islice(zip_longest(*lists, fillvalue=text_cell("")), table_views.MAX_ROWS)
    shown = tuple(RowView(tuple(cells)) for cells in side_by_side)
    return TableView("sets-lists", "Terms side by side", tuple(columns), shown, n_rows)
