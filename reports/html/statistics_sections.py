"""Make the sections of the page on statistics; a section is left out if its tables are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gafreduce.reports.figures import data
from gafreduce.reports.figures.comparison_figures import draw_components, draw_similarity
from gafreduce.reports.figures.evidence_figures import MAX_GROUPS
from gafreduce.reports.figures.groups import MAX_ORGANISMS, find_rank, group_compared
from gafreduce.reports.figures.slim_figure import MAX_NAMED, draw_slim
from gafreduce.reports.html import table_views
from gafreduce.reports.html.figure_files import FigureWriter
from gafreduce.reports.html.page import (
    FigureView,
    RowView,
    Section,
    TableView,
    make_number_cell,
    make_rows,
    make_text_cell,
)
from gafreduce.reports.html.table_views import list_notes, make_tables
from gafreduce.reports.summary import figure_titles, sentences
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.section_notes import SECTION_NOTES
from gafreduce.reports.tables.reader import Row

#: Organisms up to which the page has the similarities as a square; the table has every pair.
MAX_SQUARE = 30
#: Largest false discovery rate of a result.
_MAX_Q = 0.05
_VARIANTS = ("all", "without_negative_regulators")
_SLIM_NUMBERS = ("n_gene_products", "n_gene_products_propagated", "n_root_gene_products")


def make_set_tables(results: RunResults) -> tuple[TableView, ...]:
    """Return the table of the terms annotated in exactly which organisms."""
    rows = list(results.rows("sets")) if len(results.compared) > 1 else []
    rows.sort(key=lambda row: (row["scope"] != "closure", row["counting"] != "direct"))
    return make_tables(results, "sets", "Sets of organisms with their terms", rows)


def make_similarity_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on similarity, if a pair of organisms has one."""
    aspect = results.record["target"]["aspect"]
    rows = list(results.rows("similarity"))
    pairs = _read_pairs(results, rows)
    if not pairs:
        return
    yield Section(
        "similarity",
        "Similarity of annotation",
        figures=(_make_similarity_figure(results, figures, aspect, pairs),),
        folded=(
            *make_tables(results, "similarity", "All pairs, aspects and measures", rows),
            *make_tables(
                results, "similarity_depth", "Similarity at equal sample size (rarefaction)"
            ),
        ),
        notes=(
            *SECTION_NOTES["similarity"],
            *list_notes(results, "similarity", "similarity_depth"),
        ),
    )


def _read_pairs(results: RunResults, rows: Iterable[Row]) -> dict[tuple[str, str], float]:
    aspect = results.record["target"]["aspect"]
    return {
        (row["organism_a"], row["organism_b"]): float(row["sim_gic"])
        for row in rows
        if row["aspect"] == aspect and row["evidence"] == "all" and row["sim_gic"]
    }


def list_similar(results: RunResults) -> list[str]:
    """Return the organisms, similar ones next to each other; none if there are many."""
    if not results.has("similarity") or len(results.compared) > MAX_SQUARE:
        return []
    return list(data.make_similarity_frame(_read_pairs(results, results.rows("similarity"))).index)


def _make_similarity_figure(
    results: RunResults, figures: FigureWriter, aspect: str, pairs: Mapping[tuple[str, str], float]
) -> FigureView:
    high = max(pairs, key=pairs.__getitem__)
    frame = data.make_similarity_frame(pairs, results.compared if results.has_tree else ())
    n_organisms = len(frame)
    names = (results.label(high[0]), results.label(high[1]))
    title = figure_titles.write_similarity_title(names, pairs[high], n_organisms)
    frame.index = frame.columns = [results.label(organism_id) for organism_id in frame.index]
    numbers = [
        (name, *(f"{value:.3f}" for value in values)) for name, *values in frame.itertuples()
    ]
    caption = (
        f"Similarity of the {sentences.ASPECT_LABELS[aspect]} annotations (simGIC, all evidence; "
        "1 means identical). "
    )
    organisms = results.list_compared()
    groups = group_compared(results) if n_organisms > MAX_ORGANISMS else []
    medians = data.make_group_similarity(pairs, groups)
    if len(medians) > 1:
        drawn, are_groups = medians.iloc[:MAX_GROUPS, :MAX_GROUPS], True
        caption += "Medians of the pairs of organisms within and between groups."
    else:
        drawn, are_groups = frame, False
        caption += (
            "Organisms are in the order of the tree."
            if results.has_tree
            else "Similar organisms are placed next to each other."
        )
    return figures.write(
        "similarity",
        draw_similarity(
            figures.make_canvas(title, find_rank(organisms) if are_groups else ""),
            drawn,
            are_groups=are_groups,
        ),
        caption,
        title,
        table_views.make_figure_table(
            "similarity",
            [("organism", "compared organism with complete files")]
            + [(str(name), "simGIC") for name in frame.columns],
            make_rows(numbers if len(numbers) <= MAX_SQUARE else ()),
        ),
    )


def make_components_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on known components, candidates and related terms."""
    rows = list(results.rows("components"))
    neighbours = list(results.rows("neighbours"))
    if not rows and not neighbours:
        return
    found = any(row["n_gene_products"] != "0" for row in rows)
    yield Section(
        "machinery",
        "Known components and candidates",
        figures=(_make_components_figure(results, figures, rows),) if found else (),
        tables=make_tables(
            results,
            "candidates",
            "Gene products with the family or gene symbol of a known component, but not annotated "
            "to the target term",
        ),
        folded=(
            *make_tables(results, "component_members", "Gene products of known components"),
            *make_tables(results, "components", "Components of each organism", rows),
            *make_tables(
                results,
                "neighbours",
                "Neighbouring terms: parents of the target term and their other children",
                neighbours,
            ),
        ),
        notes=(*SECTION_NOTES["machinery"], *list_notes(results, "components")),
    )


def _make_components_figure(
    results: RunResults, figures: FigureWriter, rows: Sequence[Row]
) -> FigureView:
    columns = data.make_component_columns(results, rows)
    components = data.list_components(rows)
    complete = [column for column in columns if column.is_complete]
    n_found = sum(len(column.found) for column in complete)
    title = figure_titles.write_components_title(
        n_found - sum(len(set(column.annotated) & set(column.found)) for column in complete),
        n_found,
        has_partial=len(complete) < len(columns),
    )
    caption = (
        "Known components of the process, required ones first. Found means by protein family, gene "
        "symbol or ortholog, so an empty cell is not proof of absence."
    )
    missing = sorted({row["component"] for row in rows} - {name for name, _ in components})
    if missing:
        caption += f" Found in no organism: {sentences.list_names(missing)}."
    drawn = columns
    rank = ""
    if len(columns) > MAX_ORGANISMS:
        organisms = results.list_compared()
        rank = find_rank(organisms)
        drawn = data.add_components(columns, group_compared(results))[:MAX_GROUPS]
        caption += " Organisms are summarised by species or group; partial files are left out."
    order = {name: place for place, (name, _) in enumerate(components)}
    rank_of = {each: place for place, each in enumerate(results.compared)}
    rows = sorted(
        rows,
        key=lambda row: (
            order.get(row["component"], len(order)),
            row["component"],
            rank_of.get(row["organism_id"], len(rank_of)),
        ),
    )
    numbers = (
        RowView(
            (
                make_text_cell(results.label(row["organism_id"])),
                make_text_cell(row["component"]),
                make_text_cell(row["found_by"]),
                *(make_number_cell(row[name]) for name in ("n_gene_products", "n_with_target")),
            ),
            row["organism_id"],
        )
        for row in rows
    )
    return figures.write(
        "components",
        draw_components(figures.make_canvas(title, rank), components, drawn),
        caption,
        title,
        table_views.make_figure_table(
            "components",
            (
                ("organism", "compared organism"),
                ("component", "known component of the process"),
                ("found by", "ortholog, family or symbol"),
                ("gene products", "gene products found for it"),
                ("with the term", "of these, annotated to the term"),
            ),
            numbers,
            len(rows),
        ),
    )


def make_slim_sections(results: RunResults, figures: FigureWriter) -> Iterator[Section]:
    """Yield the section on the terms of a subset of GO, if the run has one."""
    rows = list(results.rows("slim"))
    if not rows:
        return
    name = Path(results.record["options"]["slim"] or "").stem
    yield Section(
        "slim",
        f"All of GO at a glance: {name}",
        figures=(_make_slim_figure(results, figures, rows),),
        folded=make_tables(results, "slim", f"Terms of {name} in each organism", rows),
        notes=SECTION_NOTES["slim"],
    )


def _make_slim_figure(
    results: RunResults, figures: FigureWriter, rows: Sequence[Row]
) -> FigureView:
    complete = data.list_complete(results)
    having = Counter(
        row["go_id"]
        for row in rows
        if row["n_gene_products_propagated"] != "0" and row["organism_id"] in complete
    )
    n_terms = len({row["go_id"] for row in rows})
    title = figure_titles.write_slim_title(
        n_terms,
        sum(number == len(complete) for number in having.values()),
        n_terms - len(having),
        len(complete),
        has_partial=len(complete) < len(results.compared),
    )
    groups = group_compared(results) if len(results.compared) > MAX_ORGANISMS else []
    rank = find_rank(results.list_compared()) if groups else ""
    lines, columns = data.make_slim_lines(results, rows, groups[:MAX_NAMED])
    caption = "Share of the gene products with each term of the subset, or with a term below it. "
    if groups:
        caption += "Medians of the organisms of a species or group; partial files are left out. "
    caption += (
        f"{len(lines):,} of {n_terms:,} terms are drawn, those with most gene products; the table "
        "has all. Terms overlap."
    )
    numbers = (
        RowView(
            (
                make_text_cell(row["name"]),
                make_text_cell(results.label(row["organism_id"])),
                *(make_number_cell(row[each]) for each in _SLIM_NUMBERS),
            ),
            row["organism_id"],
        )
        for row in rows
    )
    return figures.write(
        "slim",
        draw_slim(figures.make_canvas(title, rank), lines, columns),
        caption,
        title,
        table_views.make_figure_table(
            "slim",
            (
                ("term", "term of the subset"),
                ("organism", "compared organism"),
                ("direct", "gene products annotated to the term itself"),
                ("propagated", "gene products annotated to the term or a descendant"),
                ("of", "gene products annotated to the root of the aspect or a descendant"),
            ),
            numbers,
            len(rows),
        ),
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
    n_tests = Counter(row["variant"] for row in enriched)
    n_different = sum(float(row["q_value"] or 1) < _MAX_Q for row in pairs)
    lead = []
    if any(row["n_family"] not in ("", "0") for row in families):
        with_all, without = ((n_enriched[each], n_tests[each]) for each in _VARIANTS)
        n_all, n_without = (_count_study(families, each) for each in _VARIANTS)
        lead.append(sentences.write_enrichment(with_all, without if n_without < n_all else None))
    if any(row["n_target_a"] != "0" or row["n_target_b"] != "0" for row in pairs):
        lead.append(sentences.write_pairs(n_different, len(pairs)))
    yield Section(
        "comparisons",
        "Enriched terms",
        lead=tuple(lead),
        tables=make_tables(
            results,
            "enrichment",
            "Terms enriched among the gene products with the target term (circular terms left out)",
            enriched,
        ),
        folded=(
            *make_tables(results, "pairwise", "All pairs of organisms", pairs),
            *make_tables(
                results,
                "enrichment_families",
                "Smallest attainable p-value of each enrichment test",
                families,
            ),
        ),
        notes=(
            *SECTION_NOTES["comparisons"],
            *list_notes(results, "pairwise", "enrichment"),
        ),
    )


def _count_study(families: Iterable[Row], variant: str) -> int:
    """Return the gene products with the target term, over all organisms and aspects."""
    return sum(int(row["n_study"] or 0) for row in families if row["variant"] == variant)


def list_statements(results: RunResults) -> Iterator[str]:
    """Yield the sentences that these tables add to the summary."""
    candidates = {(row["organism_id"], row["object_id"]) for row in results.rows("candidates")}
    if candidates:
        members = {
            (row["organism_id"], row["object_id"]) for row in results.rows("component_members")
        }
        yield sentences.write_candidates(len(candidates), len(members))
