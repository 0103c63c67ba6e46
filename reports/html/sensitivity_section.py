"""Make the section of the page on the sensitivity analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gafreduce.reports.figures import data
from gafreduce.reports.figures.evidence_figures import draw_sensitivity, draw_sources
from gafreduce.reports.figures.groups import MAX_ORGANISMS
from gafreduce.reports.html import table_views
from gafreduce.reports.html.figure_files import FigureWriter
from gafreduce.reports.html.page import FigureView, Section, make_rows
from gafreduce.reports.summary import figure_titles
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.section_notes import SECTION_NOTES
from gafreduce.reports.summary.sentences import POSITIVE_VERDICTS
from gafreduce.reports.tables.reader import Row


def make_sensitivity_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on the sensitivity analysis, if there is an annotation to leave out."""
    rows = list(results.rows("robustness"))
    if not rows:
        return
    figure = _make_sensitivity_figure(results, figures, rows)
    if figure is None:
        return
    yield Section(
        "robustness",
        "Sensitivity to evidence sources",
        figures=(figure,),
        tables=(
            table_views.make_table(
                results,
                "robustness_sets",
                "Smallest sets of With/From entries without which the verdict changes",
                results.rows("robustness_sets"),
            ),
        )
        if results.has("robustness_sets")
        else (),
        folded=table_views.make_tables(results, "robustness", "All evidence sources", rows),
        notes=(*SECTION_NOTES["robustness"], *table_views.list_notes(results, "robustness")),
    )


def _make_sensitivity_figure(
    results: RunResults, figures: FigureWriter, rows: Sequence[Row]
) -> FigureView | None:
    """Return the figure of what remains without each source; None if nothing is annotated."""
    ranked = data.rank_sources(rows)
    drawn_sources = ranked[: data.MAX_SOURCES]
    left = data.make_sensitivity_rows(results, rows, drawn_sources)
    if not left:
        return None
    title = _write_sensitivity_title(results, rows)
    canvas = figures.make_canvas(title)
    caption = "Gene products that keep the term when all annotations of one source are left out."
    if len(ranked) > len(drawn_sources):
        caption += f" The {len(drawn_sources)} largest of {len(ranked)} sources."
    if len(left) > MAX_ORGANISMS:
        complete = set(data.list_complete(results))
        counted = [row for row in left if row.organism_id in complete] or left
        drawing = draw_sources(canvas, data.count_sources(drawn_sources, counted))
        caption += f" Numbers of organisms with annotations ({len(counted)})."
        if len(counted) < len(left):
            caption += f" Partial files are left out ({len(left) - len(counted)})."
    else:
        drawing = draw_sensitivity(canvas, [*drawn_sources, data.ELECTRONIC], left)
        caption += " Empty: the organism has no annotation from it."
    numbers = make_rows(
        [
            (
                row.name,
                row.total,
                *(
                    ("" if remaining is None else f"{remaining}{' *' if is_changed else ''}")
                    for remaining, is_changed in zip(row.left, row.changes, strict=True)
                ),
            )
            for row in left
        ],
        organisms=[row.organism_id for row in left],
    )
    columns = [("organism", "compared organism"), ("all sources", "gene products with the term")]
    columns += [
        (f"without {source}", "gene products that keep the term; * marks a changed verdict")
        for source in (*drawn_sources, data.ELECTRONIC)
    ]
    return figures.write(
        "robustness",
        drawing,
        caption,
        title,
        table_views.make_figure_table("robustness", columns, numbers),
    )


def _write_sensitivity_title(results: RunResults, rows: Sequence[Row]) -> str:
    complete = set(data.list_complete(results))
    lost: Counter[str] = Counter()
    for row in rows:
        if row["kind"] == "source" and row["organism_id"] in complete:
            lost[row["source"]] += int(row["n_gene_products_lost"])
    source = max(lost, key=lambda each: (lost[each], each), default="")
    found = [
        each.sources
        for each in results.summary.organisms
        if each.organism_id in complete
        and each.verdict in POSITIVE_VERDICTS
        and each.sources
        and each.sources.n_gene_products
    ]
    return figure_titles.write_sensitivity_title(
        source if lost[source] else "",
        lost[source],
        sum(each.n_gene_products for each in found),
        sum(bool(each.deciding) for each in found),
        len(found),
        has_partial=len(complete) < len(results.compared),
    )
