"""Make the sections of the page on statistics; a section is left out if its tables are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from gafreduce.reports.figures import data
from gafreduce.reports.figures.statistics_figures import (
    FOUND_SIGNS,
    draw_components,
    draw_number_map,
)
from gafreduce.reports.html import links, table_views
from gafreduce.reports.html.figure_files import FigureWriter
from gafreduce.reports.html.page import (
    Cell,
    FigureView,
    RowView,
    Section,
    TableView,
    make_anchor,
    make_number_cell,
    make_rows,
    make_text_cell,
)
from gafreduce.reports.summary import sentences
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.section_notes import SECTION_NOTES, note_statistics
from gafreduce.reports.tables.reader import Row, split_list

#: Evidence sources in the figure of the sensitivity analysis.
MAX_SOURCES = 16
#: Organisms up to which the page has the similarities as a square; the table has every pair.
MAX_SQUARE = 30
#: Organisms up to which the terms of their sets are also listed in three columns.
MAX_SIDE_BY_SIDE = 3
#: Largest false discovery rate of a result.
_MAX_Q = 0.05


def _list_notes(results: RunResults, *tables: str) -> Iterator[str]:
    """Yield the notes of some statistics tables."""
    for table in tables:
        rows = (row for row in results.rows("statistics_notes") if row["table"] == table)
        yield from note_statistics(rows, results.label)


def _make_table(
    results: RunResults, table: str, caption: str, rows: Sequence[Row] | None = None
) -> tuple[TableView, ...]:
    """Return a table of the run, or of some of its rows; none without rows."""
    rows = list(results.rows(table)) if rows is None else rows
    return (table_views.make_table(results, table, caption, rows),) if rows else ()


def make_sets_sections(results: RunResults) -> Iterator[Section]:
    """Yield the section on the terms annotated in exactly which organisms."""
    rows = list(results.rows("sets"))
    n_compared = len(results.compared)
    if not rows or n_compared < 2:
        return
    rows.sort(key=lambda row: (row["scope"] != "closure", row["counting"] != "direct"))
    yield Section(
        "sets",
        "Terms by set of organisms",
        lead=(
            "Each set lists the terms that are annotated in exactly its organisms and in no other "
            "compared organism. Empty sets are not listed.",
        ),
        tables=(_make_set_lists(results, rows),) if n_compared <= MAX_SIDE_BY_SIDE else (),
        folded=_make_table(results, "sets", "All sets with their terms", rows),
        notes=tuple(_list_notes(results, "sets")),
    )


def _make_set_lists(results: RunResults, rows: Sequence[Row]) -> TableView:
    """Return the directly annotated terms in three columns: of one, of some, of all organisms."""
    names = {row["go_id"]: row["name"] for row in results.rows("terms")}
    scope = "all" if any(row["scope"] == "all" for row in rows) else "closure"
    sets = [
        (split_list(row["organism_ids"]), split_list(row["go_ids"]))
        for row in rows
        if (row["scope"], row["aspect"], row["counting"]) == (scope, "all", "direct")
    ]
    n_compared = len(results.compared)
    if n_compared == 2:
        first, second = results.compared
        columns = [
            (f"only {results.label(first)}", "annotated in this organism only"),
            ("both", "annotated in both organisms"),
            (f"only {results.label(second)}", "annotated in this organism only"),
        ]
        positions: dict[tuple[str, ...], int] = {(first,): 0, (second,): 2}
    else:
        columns = [
            ("core", f"annotated in all {n_compared} organisms"),
            ("shared", "annotated in two organisms"),
            ("unique", "annotated in one organism"),
        ]
        positions = {}
    lists: list[list[Cell]] = [[], [], []]
    for organism_ids, go_ids in sets:
        n_having = len(organism_ids)
        default = 1 if n_compared == 2 else n_compared - n_having
        position = positions.get(tuple(organism_ids), default)
        organisms = ""
        if n_compared != 2 and n_having != n_compared:
            organisms = f" ({results.name_organisms('|'.join(organism_ids))})"
        lists[position] += [
            Cell(((go_id, links.find_url(go_id)), (f" {names.get(go_id, '')}{organisms}", None)))
            for go_id in go_ids
        ]
    cells = islice(zip_longest(*lists, fillvalue=make_text_cell("")), table_views.MAX_ROWS)
    shown = tuple(RowView(tuple(each)) for each in cells)
    n_rows = max(map(len, lists))
    return TableView("sets-lists", "Terms side by side", tuple(columns), shown, n_rows)


def make_similarity_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on similarity, if a pair of organisms has one."""
    aspect = results.record["target"]["aspect"]
    rows = list(results.rows("similarity"))
    pairs = {
        (row["organism_a"], row["organism_b"]): float(row["sim_gic"])
        for row in rows
        if row["aspect"] == aspect and row["evidence"] == "all" and row["sim_gic"]
    }
    if not pairs:
        return
    frame = data.make_similarity_frame(pairs)
    low, high = min(pairs, key=pairs.__getitem__), max(pairs, key=pairs.__getitem__)
    frame.index = frame.columns = [results.label(organism_id) for organism_id in frame.index]
    numbers = [
        (name, *(f"{value:.3f}" for value in values)) for name, *values in frame.itertuples()
    ]
    yield Section(
        "similarity",
        "Similarity of annotation",
        figures=(
            figures.write(
                "similarity",
                draw_number_map(frame, [1.0] * len(frame), frame.isna()),
                f"Similarity of the {sentences.ASPECT_LABELS[aspect]} annotations (simGIC, all "
                "evidence; 1 means identical). Similar organisms are placed next to each other.",
                sentences.write_range(
                    pairs[low], _name_pair(results, low), pairs[high], _name_pair(results, high)
                ),
                table_views.make_figure_table(
                    "similarity",
                    [("organism", "compared organism with complete files")]
                    + [(str(name), "simGIC") for name in frame.columns],
                    make_rows(numbers if len(numbers) <= MAX_SQUARE else ()),
                ),
            ),
        ),
        folded=(
            *_make_table(results, "similarity", "All pairs, aspects and measures", rows),
            *_make_table(
                results, "similarity_depth", "Similarity at equal sample size (rarefaction)"
            ),
        ),
        notes=(
            *SECTION_NOTES["similarity"],
            *_list_notes(results, "similarity", "similarity_depth"),
        ),
    )


def _name_pair(results: RunResults, pair: tuple[str, str]) -> str:
    return " and ".join(map(results.label, pair))


def make_components_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on known components, candidates and related terms."""
    rows = list(results.rows("components"))
    neighbours = list(results.rows("neighbours"))
    if not rows and not neighbours:
        return
    yield Section(
        "machinery",
        "Known components, and candidates without the annotation",
        figures=(_make_components_figure(results, figures, rows),) if rows else (),
        tables=_make_table(
            results,
            "candidates",
            "Gene products with the family or gene symbol of a known component, but not annotated "
            "to the target term",
        ),
        folded=(
            *_make_table(results, "component_members", "Gene products of known components"),
            *_make_table(
                results,
                "neighbours",
                "Neighbouring terms: parents of the target term and their other children",
                neighbours,
            ),
        ),
        notes=(*SECTION_NOTES["machinery"], *_list_notes(results, "components")),
    )


def _make_components_figure(
    results: RunResults, figures: FigureWriter, rows: Sequence[Row]
) -> FigureView:
    frame = data.make_components_frame(results, rows)
    by_name = frame.assign(found=frame["found_by"] != "").groupby("component", sort=False)["found"]
    everywhere = [str(name) for name, found in by_name if found.all()]
    nowhere = [str(name) for name, found in by_name if not found.any()]
    columns = (
        ("organism", "compared organism"),
        ("component", "known component of the process"),
        ("found by", " or ".join(FOUND_SIGNS)),
        ("gene products", "gene products found for it"),
        ("with target", "of these, gene products annotated to the target term"),
    )
    return figures.write(
        "components",
        draw_components(frame),
        "Known components that were found in the annotations by family, gene symbol or ortholog.",
        sentences.write_components(everywhere, nowhere, len(results.compared)),
        table_views.make_figure_table(
            "components",
            columns,
            make_rows(
                frame.to_numpy(dtype=object).tolist(),
                lambda organism: make_anchor("component_members", results.organism_of(organism)),
            ),
        ),
    )


def make_sensitivity_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on the sensitivity analysis, if there is an annotation to leave out."""
    rows = list(results.rows("robustness"))
    if not rows:
        return
    left, changed = data.make_sensitivity_frames(results, rows, MAX_SOURCES)
    full = [float(value) for value in left["everything"]] if len(left) else []
    if not any(full):
        return
    columns = [("organism", "compared organism")]
    columns += [
        (str(source), "gene products that still have the target term") for source in left.columns
    ]
    numbers = tuple(
        RowView(
            (
                make_text_cell(organism),
                *(
                    make_number_cell(
                        f"{value:.0f}" + (" *" if is_changed else ""),
                        target=make_anchor("annotations", results.organism_of(str(organism))),
                    )
                    for value, is_changed in zip(values, marks, strict=True)
                ),
            )
        )
        for organism, values, marks in zip(
            left.index, left.to_numpy().tolist(), changed.to_numpy().tolist(), strict=True
        )
    )
    yield Section(
        "robustness",
        "Sensitivity to evidence sources",
        figures=(
            figures.write(
                "robustness",
                draw_number_map(left, full, changed),
                "Gene products that still have the target term when one evidence source is left "
                "out; a frame (* in the table of numbers) marks a change of the verdict.",
                " ".join(results.summary.sensitivity),
                table_views.make_figure_table("robustness", columns, numbers),
            ),
        ),
        tables=(
            table_views.make_table(
                results,
                "robustness_sets",
                "Minimal hitting sets: the smallest sets of With/From entries without which the "
                "verdict changes",
                results.rows("robustness_sets"),
            ),
        )
        if results.has("robustness_sets")
        else (),
        folded=_make_table(results, "robustness", "All evidence sources", rows),
        notes=(*SECTION_NOTES["robustness"], *_list_notes(results, "robustness")),
    )


def make_comparisons_sections(results: RunResults) -> Iterator[Section]:
    """Yield the section on enrichment tests and comparisons of two organisms."""
    enriched = [
        row
        for row in results.rows("enrichment")
        if row["in_family"] == "true" and not row["circular"]
    ]
    pairs = list(results.rows("pairwise"))
    families = list(results.rows("enrichment_families"))
    if not pairs and not families:
        return
    enriched.sort(key=lambda row: (float(row["q_value"] or 1), float(row["p_value"])))
    n_enriched = Counter(row["variant"] for row in enriched if float(row["q_value"] or 1) < _MAX_Q)
    n_different = sum(float(row["q_value"] or 1) < _MAX_Q for row in pairs)
    lead = []
    if families:
        lead.append(
            sentences.write_enrichment(n_enriched["all"], n_enriched["without_negative_regulators"])
        )
    if pairs:
        lead.append(sentences.write_pairs(n_different, len(pairs)))
    yield Section(
        "comparisons",
        "Enrichment and pairwise comparison",
        lead=tuple(lead),
        tables=_make_table(
            results,
            "enrichment",
            "Terms enriched among the gene products with the target term (circular terms left out)",
            enriched,
        ),
        folded=(
            *_make_table(results, "pairwise", "All pairs of organisms", pairs),
            *_make_table(
                results,
                "enrichment_families",
                "Smallest attainable p-value of each enrichment test",
                families,
            ),
        ),
        notes=(*SECTION_NOTES["comparisons"], *_list_notes(results, "pairwise", "enrichment")),
    )


def list_statements(results: RunResults) -> Iterator[str]:
    """Yield the sentences that these tables add to the summary."""
    candidates = {(row["organism_id"], row["object_id"]) for row in results.rows("candidates")}
    if candidates:
        yield sentences.write_candidates(len(candidates))
