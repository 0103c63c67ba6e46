"""The parts of the page that statistics tables make: each is there when its tables are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gafreduce.reports.figures import data
from gafreduce.reports.figures.statistics_figures import FOUND_SIGNS, component_matrix, number_map
from gafreduce.reports.html import caveats, table_views
from gafreduce.reports.html.figure_files import Drawer
from gafreduce.reports.html.page import (
    FigureView,
    RowView,
    Section,
    TableView,
    frame_rows,
    number_cell,
    rows_anchor,
    text_cell,
)
from gafreduce.reports.summary.run_tables import RunTables
from gafreduce.reports.summary.summary import plural
from gafreduce.reports.tables.reader import Row

MAX_SOURCES = 16
#: Organisms whose likenesses the page holds as a square; the pairs are in the table.
MAX_SQUARE = 30
_DESCRIPTIVE = (
    "Every p here is descriptive: gene products of one family and strains of one genus are not "
    "independent, and one keyword or InterPro entry puts dozens of lines in at once."
)


def similarity(tables: RunTables, drawer: Drawer) -> Iterator[Section]:
    """Yield how alike the organisms' annotation is, when there is a pair that can be compared."""
    aspect = tables.record["target"]["aspect"]
    rows = list(tables.rows("similarity"))
    pairs = {
        (row["taxon_a"], row["taxon_b"]): float(row["sim_gic"])
        for row in rows
        if row["aspect"] == aspect and row["evidence"] == "all" and row["sim_gic"]
    }
    if not pairs:
        return
    frame = data.similarity_frame(pairs)
    (low_pair, low), (high_pair, high) = (
        min(pairs.items(), key=lambda found: found[1]),
        max(pairs.items(), key=lambda found: found[1]),
    )
    frame.index = frame.columns = [tables.label(taxon) for taxon in frame.index]
    finding = (
        f"From {low:.2f} ({_two(tables, low_pair)}) to {high:.2f} ({_two(tables, high_pair)})."
    )
    numbers = [
        (name, *(f"{value:.3f}" for value in values)) for name, *values in frame.itertuples()
    ]
    yield Section(
        "similarity",
        "Similarity of annotation",
        figures=(
            drawer.view(
                "similarity",
                number_map(frame, [1.0] * len(frame), frame.isna()),
                "Likeness of the organisms' terms in the target's aspect (simGIC, all evidence); "
                "1 is the same. Alike organisms stand together.",
                finding,
                table_views.numbers_view(
                    "similarity",
                    [("organism", "compared and complete")]
                    + [(str(name), "simGIC") for name in frame.columns],
                    frame_rows(numbers if len(numbers) <= MAX_SQUARE else ()),
                ),
            ),
        ),
        folded=(
            table_views.table_view(tables, "similarity", "Every pair, aspect and measure", rows),
            *_folded(tables, "similarity_depth", "Likeness at equal depth"),
        ),
        limits=(
            "Organisms annotated by one pipeline are alike because the pipeline is: the rows "
            "without electronic lines tell how much is left.",
            "No p-value: which null is chosen would decide the answer.",
            *caveats.in_words(tables, "similarity"),
            *caveats.in_words(tables, "similarity_depth"),
        ),
    )


def _folded(tables: RunTables, name: str, caption: str) -> Iterator[TableView]:
    """Yield a table to be shown when asked for, if it has a row."""
    rows = list(tables.rows(name))
    if rows:
        yield table_views.table_view(tables, name, caption, rows)


def _two(tables: RunTables, pair: tuple[str, str]) -> str:
    return " and ".join(map(tables.label, pair))


def machinery(tables: RunTables, drawer: Drawer) -> Iterator[Section]:
    """Yield the components of the machinery, who shows them, and what annotation leaves out."""
    rows = list(tables.rows("components"))
    candidates = list(tables.rows("candidates"))
    neighbours = list(tables.rows("neighbours"))
    if not rows and not neighbours:
        return
    yield Section(
        "machinery",
        "The machinery, and what annotation leaves out",
        figures=(_component_figure(tables, drawer, rows),) if rows else (),
        tables=(
            (
                table_views.table_view(
                    tables,
                    "candidates",
                    "Gene products with a component's family or symbol, without the target",
                    candidates,
                ),
            )
            if candidates
            else ()
        ),
        folded=_more_machinery(tables, neighbours),
        limits=(
            "A family shows only where it gave some term: not found is not absent. A symbol is a "
            "hint only: the same symbol can be another gene elsewhere.",
            "Candidates are to look at, not a claim.",
            *caveats.in_words(tables, "components"),
        ),
    )


def _more_machinery(tables: RunTables, neighbours: Sequence[Row]) -> tuple[TableView, ...]:
    made = []
    if tables.has("component_members"):
        made.append(
            table_views.table_view(
                tables,
                "component_members",
                "Gene products of the machinery",
                tables.rows("component_members"),
            )
        )
    if neighbours:
        made.append(
            table_views.table_view(
                tables,
                "neighbours",
                "The terms next door: parents of the target and their other children",
                neighbours,
            )
        )
    return tuple(made)


def _component_figure(tables: RunTables, drawer: Drawer, rows: Sequence[Row]) -> FigureView:
    frame = data.components_frame(tables, rows)
    by_name = frame.assign(found=frame["found_by"] != "").groupby("component", sort=False)["found"]
    everywhere = [str(name) for name, found in by_name if found.all()]
    nowhere = [str(name) for name, found in by_name if not found.any()]
    finding = (
        f"Found in all {len(tables.compared)}: {', '.join(everywhere) or 'none'}. "
        f"Found in none: {', '.join(nowhere) or 'none'}."
    )
    columns = (
        ("organism", "compared"),
        ("component", "of the machinery"),
        ("found by", " or ".join(FOUND_SIGNS)),
        ("gene products", "found for it"),
        ("with target", "of those, annotated with the target"),
    )
    return drawer.view(
        "components",
        component_matrix(frame),
        "Components of the machinery that the annotation shows, by family, symbol or ortholog.",
        finding,
        table_views.numbers_view(
            "components",
            columns,
            frame_rows(
                frame.to_numpy(dtype=object).tolist(),
                lambda organism: rows_anchor("component_members", tables.taxon_of(organism)),
            ),
        ),
    )


def robustness(tables: RunTables, drawer: Drawer) -> Iterator[Section]:
    """Yield how much hangs on each source."""
    rows = list(tables.rows("robustness"))
    if not rows:
        return
    left, changed = data.robustness_frames(tables, rows, MAX_SOURCES)
    full = [float(value) for value in left["everything"]] if len(left) else []
    if not any(full):
        return  # nothing that could hang on a source
    columns = [("organism", "compared")]
    columns += [(str(name), "gene products with the target that are left") for name in left.columns]
    numbers = tuple(
        RowView(
            (
                text_cell(name),
                *(
                    number_cell(
                        f"{values[place]:.0f}" + (" *" if marks[place] else ""),
                        target=rows_anchor("annotations", tables.taxon_of(str(name))),
                    )
                    for place in range(len(values))
                ),
            )
        )
        for name, values, marks in zip(
            left.index, left.to_numpy().tolist(), changed.to_numpy().tolist(), strict=True
        )
    )
    yield Section(
        "robustness",
        "How much hangs on each source",
        figures=(
            drawer.view(
                "robustness",
                number_map(left, full, changed),
                "Gene products with the target that are left without a source; a frame (in the "
                "numbers: *) marks where the verdict changes.",
                most_lost(tables, rows) or "No With/From database alone takes a gene product away.",
                table_views.numbers_view("robustness", columns, numbers),
            ),
        ),
        tables=_smallest_sets(tables),
        folded=(table_views.table_view(tables, "robustness", "Every source", rows),),
        limits=(
            "A line falls when every one of its alternatives is left out; NOT lines never fall.",
            "A large smallest set is not strong evidence: five InterPro entries are one pipeline.",
            *caveats.in_words(tables, "robustness"),
        ),
    )


def most_lost(tables: RunTables, rows: Sequence[Row]) -> str:
    """Return which database most hangs on, in one sentence; empty when none takes anything."""
    lost: dict[str, int] = {}
    for row in rows:
        if row["kind"] == "with_database":
            lost[row["source"]] = lost.get(row["source"], 0) + int(row["n_gene_products_lost"])
    source = max(lost, key=lambda each: (lost[each], each), default="")
    if not source or not lost[source]:
        return ""
    of_source = [row for row in rows if row["kind"] == "with_database" and row["source"] == source]
    total = {
        row["taxon_id"]: int(row["n_target_gene_products"]) for row in rows if row["kind"] == "none"
    }
    worst = max(of_source, key=lambda row: (int(row["n_gene_products_lost"]), row["taxon_id"]))
    return (
        f"Without the lines from {source}, {lost[source]:,} of "
        f"{plural(sum(total.values()), 'gene product')} with the target fall away, most in "
        f"{tables.label(worst['taxon_id'])}: {total[worst['taxon_id']]:,} to "
        f"{int(worst['n_target_gene_products']):,}."
    )


def _smallest_sets(tables: RunTables) -> tuple[TableView, ...]:
    if not tables.has("robustness_sets"):
        return ()
    return (
        table_views.table_view(
            tables,
            "robustness_sets",
            "The smallest sets of entries whose removal changes the verdict",
            tables.rows("robustness_sets"),
        ),
    )


def comparisons(tables: RunTables) -> Iterator[Section]:
    """Yield tests: what goes with the target's gene products, and who has more."""
    enriched = [row for row in tables.rows("enrichment") if row["in_family"] == "true"]
    enriched = [row for row in enriched if not row["circular"]]
    pairs = list(tables.rows("pairwise"))
    families = list(tables.rows("enrichment_families"))
    if not pairs and not families:
        return
    enriched.sort(key=lambda row: (float(row["q_value"] or 1), float(row["p_value"])))
    below = Counter(row["variant"] for row in enriched if float(row["q_value"] or 1) < 0.05)
    n_different = sum(float(row["q_value"] or 1) < 0.05 for row in pairs)
    lead = []
    if families:
        lead.append(
            f"Findings that a term goes with the target's gene products in an organism, circular "
            f"ones left out, at a false discovery rate below 0.05: {below['all']:,}; without gene "
            "products that are also negative regulators of the target: "
            f"{below['without_negative_regulators']:,}."
        )
    if pairs:
        lead.append(
            f"Pairs of organisms, within one kind of evidence or all, that differ in gene products "
            f"with the target at a false discovery rate below 0.05: {n_different:,} of "
            f"{len(pairs):,}."
        )
    yield Section(
        "comparisons",
        "What goes with the target, and who has more",
        lead=tuple(lead),
        tables=(
            table_views.table_view(
                tables,
                "enrichment",
                "Terms that go with the target's gene products, circular ones left out",
                enriched,
            ),
        )
        if enriched
        else (),
        folded=(
            *(
                (table_views.table_view(tables, "pairwise", "Every pair of organisms", pairs),)
                if pairs
                else ()
            ),
            *(
                (
                    table_views.table_view(
                        tables,
                        "enrichment_families",
                        "What each enrichment could find at all",
                        families,
                    ),
                )
                if families
                else ()
            ),
        ),
        limits=(
            _DESCRIPTIVE,
            "With few gene products only large effects show: read the smallest attainable p.",
            "Pairs are within one kind of evidence too: pipelines that differ between organisms "
            "confound the pooled number.",
            *caveats.in_words(tables, "pairwise"),
            *caveats.in_words(tables, "enrichment"),
        ),
    )


def statements(tables: RunTables) -> Iterator[str]:
    """Yield what these tables add to the answer, each in one sentence."""
    both = [
        row
        for row in tables.rows("gene_products")
        if "also_negative_regulator" in row["flags"] and row["status"] == "positive"
    ]
    if both:
        spelled = {row["symbol"].lower(): row["symbol"] for row in reversed(both) if row["symbol"]}
        symbols = [spelled[symbol] for symbol in sorted(spelled)]
        some = ", ".join(symbols[:5]) + (", ..." if len(symbols) > 5 else "")
        taxa = {row["taxon_id"] for row in both}
        are = "is" if len(both) == 1 else "are"
        yield (
            f"{plural(len(both), 'gene product')} in {plural(len(taxa), 'organism')} ({some}) "
            f"{are} annotated to the target and to its negative regulation, and may work "
            "against it."
        )
    said = most_lost(tables, list(tables.rows("robustness")))
    if said:
        yield said
    candidates = {(row["taxon_id"], row["object_id"]) for row in tables.rows("candidates")}
    if candidates:
        carry = "carries" if len(candidates) == 1 else "carry"
        yield (
            f"{plural(len(candidates), 'gene product')} {carry} a family or symbol of the "
            "machinery without being annotated with the target: differences in number may be depth "
            "of annotation, not biology."
        )
