"""Make the sections of the page that every run has, from the tables of the main job."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gafreduce.reports.figures import data
from gafreduce.reports.figures.comparison_figures import draw_rates, draw_rates_of_groups
from gafreduce.reports.figures.evidence_figures import (
    MAX_GROUPS,
    EvidenceRow,
    draw_evidence,
    draw_evidence_of_groups,
)
from gafreduce.reports.figures.groups import MAX_ORGANISMS, find_rank, group_compared
from gafreduce.reports.figures.terms_figures import (
    MAX_BARS,
    MAX_SET_ORGANISMS,
    MAX_SHARES,
    draw_sets,
    draw_shares,
    draw_spectrum,
)
from gafreduce.reports.html import table_views
from gafreduce.reports.html.figure_files import FigureWriter
from gafreduce.reports.html.page import (
    FigureView,
    RowView,
    Section,
    TableView,
    make_anchor,
    make_number_cell,
    make_rows,
    make_text_cell,
)
from gafreduce.reports.summary import figure_titles, section_notes, sentences
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import GROUP_LABELS

_DATE = re.compile("[0-9]{8}")
#: Organisms up to which those without an annotation have an empty row in the figure of evidence.
MAX_EMPTY = 12


def make_rates_figure(results: RunResults, figures: FigureWriter) -> tuple[FigureView, ...]:
    """Return the figure of the rates; none if fewer than two organisms have one."""
    rates = data.make_rates(results)
    intervals = {rate.name: rate.interval for rate in rates if rate.interval}
    if len(intervals) < 2 or not any(rate for rate, _, _ in intervals.values()):
        return ()
    common = data.compute_common_rate(results)
    title = figure_titles.write_rates_title(intervals, common)
    measured = [(rate, rate.interval) for rate in rates if rate.interval]
    rows = [(rate.name, *(f"{value:.2f}" for value in interval)) for rate, interval in measured]
    table = table_views.make_figure_table(
        "rates",
        (
            ("organism", "compared organism with complete files"),
            ("per 1,000", "gene products with the term per 1,000 in its aspect"),
            ("low", "lower end of the Wilson 95 % interval"),
            ("high", "upper end of the Wilson 95 % interval"),
        ),
        make_rows(rows, organisms=[rate.organism_id for rate, _ in measured]),
    )
    aspect = sentences.ASPECT_LABELS[results.record["target"]["aspect"]]
    caption = (
        f"Gene products with the term per 1,000 that have any {aspect} annotation. The dashed "
        "line is the rate of all organisms together. A difference may be one of annotation."
    )
    organisms = results.list_compared()
    if len(rates) > MAX_ORGANISMS:
        groups = data.add_rates(results, rates, group_compared(results))[:MAX_GROUPS]
        canvas = figures.make_canvas(title, find_rank(organisms))
        drawing = draw_rates_of_groups(canvas, groups, common)
        caption += (
            " Of each group, below: all gene products together; above: a dot for each organism, "
            "dark where its interval does not include the dashed line."
        )
    else:
        drawing = draw_rates(figures.make_canvas(title), rates, common)
    return (figures.write("rates", drawing, caption, title, table),)


def make_organisms_section(results: RunResults, figures: tuple[FigureView, ...]) -> Section:
    """Return the organisms with their verdicts and rates."""
    others = [row for row in results.organisms if row["compared"] != "true"]
    return Section(
        "organisms",
        "Comparing organisms" if len(results.compared) > 1 else "The organism",
        tables=(
            table_views.make_table(
                results, "organisms", "Compared organisms", results.list_compared()
            ),
        ),
        folded=(
            *(
                (
                    table_views.make_table(
                        results, "organisms", "Other taxa in the files", others, name="others"
                    ),
                )
                if others
                else ()
            ),
            *table_views.make_tables(results, "rates", "Rates of the organisms"),
        ),
        figures=figures,
        notes=section_notes.SECTION_NOTES["organisms"],
    )


def make_evidence_section(results: RunResults, figures: FigureWriter) -> Section:
    """Return the evidence by organism, and what remains without each source."""
    return Section(
        "evidence",
        "Evidence",
        figures=_make_evidence_figure(results, figures),
        notes=section_notes.SECTION_NOTES["evidence"],
    )


def _make_evidence_figure(results: RunResults, figures: FigureWriter) -> tuple[FigureView, ...]:
    """Return the figure of the evidence; none if nothing is annotated."""
    rows = data.make_evidence_rows(results, results.rows("gene_products"))
    if not any(row.total for row in rows):
        return ()
    title = _write_evidence_title(rows)
    organisms = results.list_compared()
    is_grouped = len(rows) > MAX_ORGANISMS
    canvas = figures.make_canvas(title, find_rank(organisms) if is_grouped else "")
    caption = "Gene products by their strongest evidence, each counted once."
    if is_grouped:
        groups = group_compared(results)
        drawing = draw_evidence_of_groups(canvas, data.add_evidence(rows, groups))
        caption += " Organisms are summarised by species or group; partial files are left out."
    else:
        shown = [row for row in rows if row.total or len(rows) <= MAX_EMPTY]
        drawing = draw_evidence(canvas, shown or rows)
        if len(shown) < len(rows):
            caption += f" Without annotation: {len(rows) - len(shown)} organisms."
    used = [group for group in GROUP_LABELS if any(row.counts.get(group) for row in rows)]
    columns = [("organism", "compared organism")]
    columns += [
        (GROUP_LABELS[group], "gene products with this as their strongest evidence group")
        for group in used
    ]
    columns.append(("all", "gene products with status positive"))
    numbers = (
        RowView(
            (
                make_text_cell(row.name),
                *(
                    make_number_cell(
                        str(row.counts.get(group, 0)),
                        target=make_anchor("gene-products", row.organism_id, group),
                    )
                    for group in used
                ),
                make_number_cell(
                    str(row.total), target=make_anchor("gene-products", row.organism_id)
                ),
            ),
            row.organism_id,
        )
        for row in rows
    )
    table = table_views.make_figure_table("evidence", columns, numbers)
    return (figures.write("evidence", drawing, caption, title, table),)


def _write_evidence_title(rows: Sequence[EvidenceRow]) -> str:
    counts: Counter[str] = Counter()
    n_partial = 0
    for row in rows:
        if row.is_complete:
            counts.update(row.counts)
        else:
            n_partial += row.total
    has_partial = not all(row.is_complete for row in rows)
    return figure_titles.write_evidence_title(counts, has_partial=has_partial, n_partial=n_partial)


def make_terms_section(results: RunResults) -> Section:
    """Return every term of the data with its organisms, the most common ones first."""
    terms = list(results.rows("terms"))
    terms.sort(key=lambda row: (not row["term_class"], -int(row["n_organisms"]), row["go_id"]))
    n_direct = sum(row["n_organisms"] != "0" for row in terms)
    caption = "Terms annotated in the compared organisms: the target term, its descendants and "
    caption += "regulators first"
    table = table_views.make_table(results, "terms", caption, terms)
    lead = (sentences.write_terms(n_direct, len(terms) - n_direct),) if terms else ()
    return Section("terms", "All terms", lead=lead, tables=(table,))


def make_shared_section(results: RunResults, figures: FigureWriter) -> Section:
    """Return the numbers of terms annotated in all, some or one of the organisms."""
    drawn = tuple(_make_shared_figures(results, figures))
    if not drawn:
        return Section("shared", "Shared and unique terms")
    return Section(
        "shared",
        "Shared and unique terms",
        lead=(results.summary.shared,),
        figures=drawn,
        notes=(
            *section_notes.SECTION_NOTES["shared"],
            *section_notes.note_incomplete(
                "Terms are missing for organisms with incomplete files",
                results.summary.incomplete,
            ),
        ),
    )


def _make_shared_figures(results: RunResults, figures: FigureWriter) -> Iterator[FigureView]:
    """Yield the figures of complete organisms; none with fewer than two."""
    complete = data.list_complete(results)
    counts = data.count_terms(results, results.rows("terms"))
    if len(complete) < 2 or not counts:
        return
    has_partial = len(complete) < len(results.compared)
    left_out = (
        f" Partial files are left out ({len(results.compared) - len(complete)})."
        if has_partial
        else ""
    )
    spectrum = data.make_spectrum(counts, len(complete))
    binned = " Bars between the first and the last are of several numbers." * (
        len(spectrum) > MAX_BARS
    )
    title = figure_titles.write_spectrum_title(spectrum, has_partial=has_partial)
    yield figures.write(
        "spectrum",
        draw_spectrum(figures.make_canvas(title), spectrum),
        f"Terms annotated directly, by the number of organisms that have them.{binned}{left_out}",
        title,
        table_views.make_figure_table(
            "spectrum",
            (
                ("organisms", "number of complete organisms that have a term"),
                ("terms", "terms annotated directly in exactly so many"),
            ),
            make_rows(list(enumerate(spectrum, 1))),
        ),
    )
    sets = data.make_sets(counts)
    rows = tuple(
        RowView(
            (
                make_number_cell(str(each.n_terms)),
                make_number_cell(str(len(each.organism_ids))),
                table_views.make_names_cell(results, "|".join(each.organism_ids)),
            )
        )
        for each in sets
    )
    table = table_views.make_figure_table(
        "term-sets",
        [
            ("terms", "terms annotated in exactly these organisms"),
            ("organisms", "number of organisms"),
            ("annotated in", "these organisms and no other complete one"),
        ],
        rows,
    )
    if len(complete) <= MAX_SET_ORGANISMS:
        named = [(each, results.label(each)) for each in complete]
        names = [results.label(each) for each in sets[0].organism_ids]
        title = figure_titles.write_sets_title(sets[0].n_terms, names, len(complete))
        yield figures.write(
            "term-sets",
            draw_sets(figures.make_canvas(title), named, sets),
            f"Each column is the terms of exactly the marked organisms.{left_out}",
            title,
            table,
        )
        return
    shares = data.make_shares(results, counts, len(complete))
    title = figure_titles.write_shares_title(shares[0].name, shares[0].n_own)
    with_own = [row for row in shares if row.n_own][:MAX_SHARES] or shares[:1]
    of = "the organism" if len(with_own) == 1 else f"the {len(with_own):,} organisms"
    yield figures.write(
        "term-sets",
        draw_shares(figures.make_canvas(title), with_own),
        f"Terms annotated directly, of {of} with most of their own. Well-annotated organisms have "
        f"more of them.{left_out}",
        title,
        table,
    )


def make_gene_products_section(results: RunResults) -> Section:
    """Return the gene products in the order of the organisms, and all of their lines."""
    order = {organism_id: place for place, organism_id in enumerate(results.compared)}
    rows = sorted(
        results.rows("gene_products"),
        key=lambda row: (
            row["status"] != "positive",
            order.get(row["organism_id"], len(order)),
            row["symbol"].casefold(),
            row["object_id"],
        ),
    )
    return Section(
        "gene-products",
        "Gene products",
        tables=table_views.make_tables(
            results,
            "gene_products",
            "Gene products annotated to the target term, a descendant or a regulator",
            rows,
        ),
        folded=table_views.make_tables(
            results, "annotations", "All annotation lines behind the gene products"
        ),
        notes=tuple(section_notes.note_flags(row["flags"] for row in rows)),
    )


def make_quality_section(results: RunResults) -> Section:
    """Return the numbers of lines that were read, excluded and rejected, with reasons."""
    dates = {row["date"] for row in results.rows("annotations") if _DATE.fullmatch(row["date"])}
    return Section(
        "quality",
        "Input quality control",
        lead=(
            sentences.write_line_counts(results.record["counts"]),
            *((sentences.write_dates(min(dates), max(dates)),) if dates else ()),
        ),
        tables=(
            _make_whole_table(results, "inputs", "Input files"),
            *table_views.make_tables(results, "rejections", "Rejected lines by reason"),
        ),
        folded=table_views.make_tables(results, "findings", "Findings of the quality rules"),
    )


def _make_whole_table(results: RunResults, table: str, caption: str) -> TableView:
    return table_views.make_table(results, table, caption, results.rows(table))


def make_method_section(results: RunResults) -> Section:
    """Return the definitions of the words on the page."""
    caption = "The term, its descendants and regulators"
    return Section(
        "method",
        "The term, and how it was counted",
        tables=(_make_whole_table(results, "term_set", caption),),
        folded=table_views.make_tables(results, "statistics_notes", "All notes of the statistics"),
        notes=tuple(_list_method_notes(results)),
    )


def _list_method_notes(results: RunResults) -> Iterator[str]:
    relations = " and ".join(results.record["relations"])
    yield from section_notes.note_method(relations, results.record["scope"] == "target")
    yield from section_notes.note_incomplete(
        "Rates, tests and enrichment are not reported for organisms with incomplete files",
        results.summary.incomplete,
    )
