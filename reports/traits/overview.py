"""The overview of a study: its sentences, the figure and the page, from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gafreduce.publishing.run_folder import FIGURE_WIDTH, RunFolder, StudyFolder
from gafreduce.reports.figures.traits_figure import (
    TraitCell,
    TraitColumn,
    TraitLine,
    choose_width,
    draw_traits,
    find_sign,
)
from gafreduce.reports.html.figure_files import FigureWriter
from gafreduce.reports.html.organism_names import NameMarker
from gafreduce.reports.html.page import Cell, RowView
from gafreduce.reports.html.table_views import make_figure_table
from gafreduce.reports.summary.answer_sentences import label_verdict_briefly
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import POSITIVE_VERDICTS
from gafreduce.reports.tables.reader import Row, split_list
from gafreduce.reports.traits.ordering import nest, order_by_clusters
from gafreduce.reports.traits.page import StudyPage, TraitView, render_study
from gafreduce.reports.traits.schema import TABLES
from gafreduce.reports.traits.study_sentences import (
    write_numbers,
    write_overlaps,
    write_pairs,
    write_title,
)

PAGE = "index.html"
_DOUBLE_WIDTH = 180.0
_CAPTION = (
    "Each cell: the strongest evidence of a gene product annotated with the trait, by colour, "
    "pattern and letter; a small letter is electronic annotation. A dashed cell is of a partial "
    "file. An empty cell is no evidence of absence. Indented traits are included in the one above "
    "them, and traits may share gene products: cells of different traits do not add up."
)


def read_table(folder: RunFolder, name: str) -> list[Row]:
    """Return the rows of a table of a study, as text."""
    names = TABLES[name].column_names
    with folder.table(name).open(encoding="utf-8", newline="\n") as stream:
        next(stream)
        return [dict(zip(names, line.rstrip("\n").split("\t"), strict=True)) for line in stream]


@dataclass(frozen=True)
class Overview:
    """Traits and organisms of a study in the order of the overview, and the row of each pair."""

    lines: Sequence[TraitLine]
    organisms: Sequence[Row]  # of the first trait
    rows: Mapping[tuple[str, str], Row]  # by trait and organism

    @classmethod
    def of_rows(
        cls, rows: Sequence[Row], *, is_clustered: bool, has_organism_order: bool = False
    ) -> Overview:
        """Return the overview of the table `traits`.

        Args:
            rows: Its rows; organisms in the order of the overview.
            is_clustered: Whether clusters order traits and organisms.
            has_organism_order: Whether organisms stay in their order nevertheless.
        """
        by_pair = {(row["trait"], row["organism_id"]): row for row in rows}
        traits = {row["trait"]: row for row in rows}
        organisms = list({row["organism_id"]: row for row in rows}.values())
        includes = {go_id: split_list(row["includes"]) for go_id, row in traits.items()}
        order = list(traits)
        if is_clustered:
            outer = [go_id for go_id in order if not traits[go_id]["nested_in"]]
            complete = [row["organism_id"] for row in organisms if row["complete"] == "true"]
            others = [row for row in organisms if row["complete"] != "true"]

            def is_annotated(go_id: str, organism_id: str) -> bool:
                return by_pair[go_id, organism_id]["verdict"] in POSITIVE_VERDICTS

            by_trait = [frozenset(o for o in complete if is_annotated(t, o)) for t in outer]
            by_organism = [frozenset(t for t in outer if is_annotated(t, o)) for o in complete]
            order = [outer[place] for place in order_by_clusters(by_trait)]
            order += [go_id for go_id in traits if go_id not in order]
            known = {row["organism_id"]: row for row in organisms}
            if not has_organism_order:
                ordered = [known[complete[place]] for place in order_by_clusters(by_organism)]
                organisms = [*ordered, *others]
        lines: list[TraitLine] = []
        group = ""
        for go_id, is_nested in nest(order, includes):
            row = traits[go_id]
            if not is_nested and not is_clustered:
                group = row["trait_group"]
            lines.append(TraitLine(go_id, row["label"], group, is_nested))
        return cls(lines, organisms, by_pair)

    def make_cells(self) -> list[list[TraitCell]]:
        """Return the cells of the figure, by trait and organism."""
        return [
            [_make_cell(self.rows[line.go_id, each["organism_id"]]) for each in self.organisms]
            for line in self.lines
        ]


def _make_cell(row: Row) -> TraitCell:
    signs = {
        "positive_regulator": row["n_positive_regulators"],
        "negative_regulator": row["n_negative_regulators"],
        "regulator": row["n_unsigned_regulators"],
    }
    found = [name for name, number in signs.items() if int(number)]
    regulation = found[0] if len(found) == 1 else "regulator" if found else ""
    return TraitCell(row["verdict"], row["best_group"], regulation)


def make_overview(folder: RunFolder, first: RunFolder, *, is_clustered: bool) -> None:
    """Write figure and page of a study.

    Args:
        folder: The folder of the study, with its tables and its record.
        first: The run folder of a trait, which has the names of all organisms.
        is_clustered: Whether clusters order traits and organisms.
    """
    rows = read_table(folder, "traits")
    results = RunResults(first)
    place_of = {organism_id: place for place, organism_id in enumerate(results.compared)}
    rows.sort(key=lambda row: place_of[row["organism_id"]])
    overview = Overview.of_rows(
        rows, is_clustered=is_clustered, has_organism_order=results.has_tree
    )
    labels = [results.label(row["organism_id"]) for row in overview.organisms]
    options = results.record["options"]
    single = float(options.get("figure_width", FIGURE_WIDTH))
    width = choose_width(len(labels), single, max(single, _DOUBLE_WIDTH))
    figures = FigureWriter(folder, labels, width, options.get("figure_format", ()))
    title = write_title(overview.lines, rows)
    columns = [
        TraitColumn(row["organism_id"], label, row["organism_group"], row["complete"] == "true")
        for row, label in zip(overview.organisms, labels, strict=True)
    ]
    drawing = draw_traits(
        figures.make_canvas(title), overview.lines, columns, overview.make_cells()
    )
    table = make_figure_table(
        "traits",
        [("Trait", "the term"), *((label, "gene products with the trait") for label in labels)],
        [
            RowView(
                (
                    Cell(((line.label, None),)),
                    *(
                        Cell(((_write_cell(overview.rows[line.go_id, c.organism_id]), None),))
                        for c in columns
                    ),
                )
            )
            for line in overview.lines
        ],
    )
    view = figures.write("traits", drawing, _CAPTION, title, table)
    figures.start_drawing()
    shared = read_table(folder, "shared_products")
    names = {row["trait"]: row["label"] for row in rows}
    page = StudyPage(
        record=StudyFolder(folder.path).read_record(),
        headline=f"{title}.",
        sentences=(write_numbers(overview.lines, rows), *write_pairs(rows)),
        caveats=tuple(write_overlaps(rows, shared, names)),
        figure=view,
        organisms=tuple(labels),
        organism_ids=tuple(row["organism_id"] for row in overview.organisms),
        figure_width=width,
        traits=tuple(_make_trait_row(line, overview) for line in overview.lines),
        groups=tuple(read_table(folder, "trait_groups")),
        is_clustered=is_clustered,
        has_tree=results.has_tree,
    )
    figures.finish()
    with folder.replace(PAGE) as stream:
        stream.write(render_study(page, NameMarker.of_run(results)).encode())


def _write_cell(row: Row) -> str:
    return label_verdict_briefly(
        row["verdict"], row["best_group"], is_complete=row["complete"] == "true"
    )


def _write_number(row: Row) -> str:
    """Return the number of gene products; a sign where a number would mislead."""
    if row["verdict"] in POSITIVE_VERDICTS or row["verdict"] == "not_annotated":
        return row["n_target_gene_products"] or "–"  # noqa: RUF001 (no number: several ids)
    return find_sign(_make_cell(row)) or "–"  # noqa: RUF001 (nothing can be said)


def _make_trait_row(line: TraitLine, overview: Overview) -> TraitView:
    of_trait = [overview.rows[line.go_id, row["organism_id"]] for row in overview.organisms]
    return TraitView(
        go_id=line.go_id,
        label=line.label,
        is_nested=line.is_nested,
        group=line.group,
        address=f"{of_trait[0]['folder']}/report.html",
        cells=tuple(
            (
                _write_number(row),
                row["n_in_aspect"],
                _write_cell(row),
                row["best_group"] if row["verdict"] in POSITIVE_VERDICTS else "",
                row["complete"] == "true",
                row["n_shared_gene_products"],
            )
            for row in of_trait
        ),
    )
