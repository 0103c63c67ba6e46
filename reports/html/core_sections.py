"""Make the sections of the page that every run has, from the tables of the main job."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pandas as pd

from gafreduce.reports.figures import core_figures, data
from gafreduce.reports.figures.statistics_figures import draw_rates
from gafreduce.reports.html import table_views
from gafreduce.reports.html.figure_files import FigureWriter
from gafreduce.reports.html.organisms_table import make_organisms_table
from gafreduce.reports.html.page import (
    FigureView,
    RowView,
    Section,
    TableView,
    make_anchor,
    make_id_cell,
    make_number_cell,
    make_rows,
    make_text_cell,
)
from gafreduce.reports.summary import section_notes, sentences
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import GROUP_LABELS
from gafreduce.reports.tables.reader import Row

_DATE = re.compile("[0-9]{8}")


def make_rates_figure(results: RunResults, figures: FigureWriter) -> tuple[FigureView, ...]:
    """Return the figure of the rates; none if no organism has a rate."""
    rates = data.make_rates_frame(results)
    if not len(rates):
        return ()
    table = table_views.make_figure_table(
        "rates",
        (
            ("organism", "compared organism with complete files"),
            ("per 1,000", "gene products with the target term per 1,000 in its aspect"),
            ("low", "lower end of the Wilson 95 % interval"),
            ("high", "upper end of the Wilson 95 % interval"),
        ),
        make_rows([(name, *(f"{v:.3f}" for v in values)) for name, *values in rates.itertuples()]),
    )
    return (
        figures.write(
            "rates",
            draw_rates(rates),
            "Gene products with the target term per 1,000 in its aspect, with 95 % intervals.",
            sentences.compare_intervals(list(rates["rate_low"]), list(rates["rate_high"])),
            table,
        ),
    )


def make_organisms_section(results: RunResults, figures: tuple[FigureView, ...]) -> Section:
    """Return the organisms with their verdicts and rates."""
    compared = [row for row in results.organisms if row["compared"] == "true"]
    others = [row for row in results.organisms if row["compared"] != "true"]
    return Section(
        "organisms",
        "Organisms",
        tables=(make_organisms_table(results, "Compared organisms", compared),),
        folded=(make_organisms_table(results, "Other taxa in the files", others),)
        if others
        else (),
        figures=figures,
        notes=section_notes.SECTION_NOTES["organisms"],
    )


def make_evidence_section(results: RunResults, figures: FigureWriter) -> Section:
    """Return the evidence by organism, and by organism and term."""
    return Section(
        "evidence",
        "Evidence",
        figures=(_make_evidence_figure(results, figures), _make_presence_figure(results, figures)),
        notes=section_notes.SECTION_NOTES["evidence"],
    )


def _make_evidence_figure(results: RunResults, figures: FigureWriter) -> FigureView:
    frame = data.make_evidence_frame(results, results.rows("gene_products"))
    totals = frame.sum(axis=1)
    finding = results.summary.headline
    if totals.any():
        finding += " " + sentences.write_most(str(totals.idxmax()), int(totals.max()))
    used = [group for group in frame.columns if frame[group].any()]
    rows = tuple(
        RowView(
            (
                make_text_cell(results.label(organism_id)),
                *(
                    make_number_cell(
                        str(frame[group].iloc[position]),
                        target=make_anchor("gene_products", organism_id, group),
                    )
                    for group in used
                ),
                make_number_cell(
                    str(totals.iloc[position]), target=make_anchor("gene_products", organism_id)
                ),
            )
        )
        for position, organism_id in enumerate(results.compared)
    )
    columns = [("organism", "compared organism")]
    columns += [
        (GROUP_LABELS[group], "gene products with this as their strongest evidence group")
        for group in used
    ]
    columns.append(("all", "gene products with status positive"))
    return figures.write(
        "evidence",
        core_figures.draw_evidence(frame),
        "Gene products annotated to the target term or a descendant, by their strongest "
        "evidence; each is counted once.",
        finding,
        table_views.make_figure_table("evidence", columns, rows),
    )


def _make_presence_figure(results: RunResults, figures: FigureWriter) -> FigureView:
    frame = data.make_presence_frame(results, results.rows("annotations"))
    return figures.write(
        "presence",
        core_figures.draw_presence(frame),
        "Annotated gene products and their evidence, by organism and term (the target term, its "
        "descendants and regulators).",
        _describe_presence(frame, len(results.compared)),
        table_views.make_figure_table(
            "presence",
            (
                ("organism", "compared organism"),
                ("term", "the target term, a descendant or a regulator"),
                ("name", "name of the term"),
                ("class", "class of the term"),
                (
                    "evidence",
                    "evidence group of a supporting annotation; any: gene products of all groups, "
                    "each counted once; NOT: gene products with a NOT annotation",
                ),
                ("gene products", "distinct gene products"),
            ),
            (
                RowView(
                    (
                        make_text_cell(organism),
                        make_id_cell(go_id),
                        make_text_cell(term_name),
                        make_text_cell(sentences.format_code(term_class)),
                        make_text_cell(
                            GROUP_LABELS.get(group, "NOT" if group == "negated" else group)
                        ),
                        make_number_cell(
                            str(count),
                            target=make_anchor("annotations", results.organism_of(organism)),
                        ),
                    )
                )
                for organism, go_id, term_name, term_class, group, count in frame.itertuples(
                    index=False
                )
            ),
            len(frame),
        ),
    )


def _describe_presence(frame: pd.DataFrame, n_compared: int) -> str:
    found = frame[(frame["group"] == "any") & (frame["n_gene_products"] > 0)]
    counts = Counter(zip(found["go_id"], found["term_class"], strict=True))
    return sentences.write_presence(counts, n_compared, int((frame["group"] == "negated").sum()))


def make_terms_section(results: RunResults) -> Section:
    """Return every annotated term with its organisms."""
    terms = _list_annotated_terms(results)
    terms.sort(key=lambda row: (not row["term_class"], -int(row["n_organisms"]), row["go_id"]))
    caption = "Terms annotated in the compared organisms: the target term, its descendants and "
    caption += "regulators first"
    table = table_views.make_table(results, "terms", caption, terms)
    return Section("terms", "Terms", tables=(table,))


def _list_annotated_terms(results: RunResults) -> list[Row]:
    return [row for row in results.rows("terms") if row["n_organisms"] != "0" or row["term_class"]]


def make_shared_section(results: RunResults, figures: FigureWriter) -> Section:
    """Return the numbers of terms annotated in all, some or one of the organisms."""
    title, lead = "Shared and unique terms", (results.summary.shared,)
    if len(results.compared) < 2:
        return Section("shared", title, lead=lead)
    organisms_of_terms = [
        row["organism_ids"] for row in _list_annotated_terms(results) if row["status"] == "current"
    ]
    frame = data.make_sets_frame(results, organisms_of_terms)
    is_target_only = results.record["scope"] == "target"
    scope = "of the term, its descendants and regulators" if is_target_only else "of GO"
    rows = tuple(
        RowView(
            (
                make_number_cell(str(n_terms)),
                make_number_cell(str(sum(is_in))),
                table_views.make_names_cell(results, _join_organisms(results, is_in)),
            )
        )
        for n_terms, *is_in in frame.itertuples(index=False, name=None)
    )
    n_terms = int(frame["n_terms"].sum()) if len(frame) else 0
    return Section(
        "shared",
        title,
        lead=lead,
        figures=(
            figures.write(
                "term-sets",
                core_figures.draw_term_sets(
                    frame, f"Terms {scope} annotated in exactly these organisms"
                ),
                "Terms by the organisms in which they are directly annotated; each term is counted "
                "once.",
                sentences.write_core(_count_core(frame), n_terms, len(results.compared)),
                table_views.make_figure_table(
                    "term-sets",
                    [
                        ("terms", "terms annotated in exactly these organisms"),
                        ("organisms", "number of organisms"),
                        ("annotated in", "these organisms and no other compared one"),
                    ],
                    rows,
                ),
            ),
        ),
        notes=(
            *section_notes.SECTION_NOTES["shared"],
            *section_notes.note_incomplete(
                "Terms are missing for organisms with incomplete files",
                results.summary.incomplete,
            ),
        ),
    )


def _count_core(frame: pd.DataFrame) -> int:
    return int(frame.loc[frame.iloc[:, 1:].all(axis=1), "n_terms"].sum()) if len(frame) else 0


def _join_organisms(results: RunResults, is_in: list[bool]) -> str:
    return "|".join(
        organism_id for organism_id, here in zip(results.compared, is_in, strict=True) if here
    )


def make_gene_products_section(results: RunResults) -> Section:
    """Return the gene products, and all of their annotation lines."""
    return Section(
        "gene-products",
        "Gene products",
        tables=(
            _make_whole_table(
                results,
                "gene_products",
                "Gene products annotated to the target term, a descendant or a regulator",
            ),
        ),
        folded=(_make_whole_table(results, "annotations", "All annotation lines behind them"),),
        notes=section_notes.SECTION_NOTES["gene-products"],
    )


def make_quality_section(results: RunResults) -> Section:
    """Return the numbers of lines that were read, excluded and rejected, with reasons."""
    dates = {row["date"] for row in results.rows("annotations") if _DATE.fullmatch(row["date"])}
    rejections = list(results.rows("rejections"))
    findings = list(results.rows("findings"))
    return Section(
        "quality",
        "Input quality control",
        lead=(
            sentences.write_line_counts(results.record["counts"]),
            *((sentences.write_dates(min(dates), max(dates)),) if dates else ()),
        ),
        tables=(
            _make_whole_table(results, "inputs", "Input files"),
            *(
                (_make_whole_table(results, "rejections", "Rejected lines by reason"),)
                if rejections
                else ()
            ),
        ),
        folded=(_make_whole_table(results, "findings", "Findings of the quality rules"),)
        if findings
        else (),
    )


def _make_whole_table(results: RunResults, table: str, caption: str) -> TableView:
    return table_views.make_table(results, table, caption, results.rows(table))


def make_method_section(results: RunResults) -> Section:
    """Return the definitions of the words on the page."""
    caption = "The term, its descendants and regulators"
    return Section(
        "method",
        "Method and limits",
        tables=(_make_whole_table(results, "term_set", caption),),
        folded=(_make_whole_table(results, "statistics_notes", "All notes of the statistics"),)
        if results.has("statistics_notes")
        else (),
        notes=tuple(_list_method_notes(results)),
    )


def _list_method_notes(results: RunResults) -> Iterator[str]:
    relations = " and ".join(results.record["relations"])
    yield from section_notes.note_method(relations, results.record["scope"] == "target")
    yield from section_notes.note_incomplete(
        "Rates, tests and enrichment are not reported for organisms with incomplete files",
        results.summary.incomplete,
    )
