"""The parts of the page that every run has: what was found, in whom, by what, on what evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from gafreduce.reports.figures import core_figures, data
from gafreduce.reports.figures.statistics_figures import rate_intervals
from gafreduce.reports.html import table_views
from gafreduce.reports.html.figure_files import Drawer
from gafreduce.reports.html.page import (
    FigureView,
    RowView,
    Section,
    TableView,
    frame_rows,
    id_cell,
    number_cell,
    rows_anchor,
    text_cell,
)
from gafreduce.reports.summary.run_tables import RunTables
from gafreduce.reports.summary.summary import GROUP_WORDS, plural
from gafreduce.reports.tables.reader import Row

if TYPE_CHECKING:
    import pandas as pd

_DATE = re.compile("[0-9]{8}")


def rates(tables: RunTables, drawer: Drawer) -> tuple[FigureView, ...]:
    """Return the figure of the rates, when there is one."""
    rates = data.rates_frame(tables)
    shown: tuple[FigureView, ...] = ()
    if len(rates):
        highest, lowest = rates["rate_low"].max(), rates["rate_high"].min()
        apart = "All intervals overlap." if highest <= lowest else "Not all intervals overlap."
        if len(rates) == 1:
            apart = "One organism has a rate: there is none to hold it against."
        table = table_views.numbers_view(
            "rates",
            (
                ("organism", "complete and compared"),
                ("per 1,000", "gene products with the target, of those in its aspect"),
                ("low", "lower end of the Wilson 95 % interval"),
                ("high", "upper end"),
            ),
            frame_rows(
                [(name, *(f"{v:.3f}" for v in values)) for name, *values in rates.itertuples()]
            ),
        )
        shown = (
            drawer.view(
                "rates",
                rate_intervals(rates),
                "Gene products with the target per 1,000 in its aspect, with 95 % intervals.",
                apart,
                table,
            ),
        )
    return shown


def organisms(tables: RunTables, shown: tuple[FigureView, ...]) -> Section:
    """Return who was compared, with verdicts and rates."""
    compared = [row for row in tables.organisms if row["compared"] == "true"]
    others = [row for row in tables.organisms if row["compared"] != "true"]
    return Section(
        "organisms",
        "Organisms",
        tables=(table_views.organisms_view(tables, "Compared organisms", compared),),
        folded=(table_views.organisms_view(tables, "Taxa that are not compared", others),)
        if others
        else (),
        figures=shown,
        limits=(
            "Evidence groups overlap: a gene product counts in each group that it has a supporting "
            "line of.",
            "No annotation is not absence: nobody may have looked.",
            "The interval (Wilson) says what a binomial with this many gene products would allow: "
            "a guard against over-reading. It holds no annotation error, and related organisms "
            "annotated by one pipeline are not independent.",
        ),
    )


def evidence(tables: RunTables, drawer: Drawer) -> Section:
    """Return on what evidence the annotation stands: bars, and the grid by term."""
    return Section(
        "evidence",
        "Evidence",
        figures=(_bars(tables, drawer), _matrix(tables, drawer)),
        limits=(
            "Groups are kinds of evidence, not ranks of quality; electronic annotation is not "
            "reviewed line by line.",
            "Terms that regulate the target stand apart: they don't say that a gene product takes "
            "part in it, and negative regulators work against it.",
        ),
    )


def _bars(tables: RunTables, drawer: Drawer) -> FigureView:
    frame = data.evidence_frame(tables, tables.rows("gene_products"))
    totals = frame.sum(axis=1)
    finding = tables.answer.headline
    if totals.any():
        finding += f" {totals.idxmax()} has most, {int(totals.max()):,}."
    used = [group for group in frame.columns if frame[group].any()]
    rows = tuple(
        RowView(
            (
                text_cell(tables.label(taxon)),
                *(
                    number_cell(
                        str(frame[group].iloc[place]),
                        target=rows_anchor("gene_products", taxon, group),
                    )
                    for group in used
                ),
                number_cell(str(totals.iloc[place]), target=rows_anchor("gene_products", taxon)),
            )
        )
        for place, taxon in enumerate(tables.compared)
    )
    columns = [("organism", "compared")]
    columns += [(GROUP_WORDS[group], "gene products whose strongest group it is") for group in used]
    columns.append(("all", "gene products with status positive"))
    return drawer.view(
        "evidence",
        core_figures.evidence_bars(frame),
        "Gene products annotated with the target, by their strongest evidence; each counts once.",
        finding,
        table_views.numbers_view("evidence", columns, rows),
    )


def _matrix(tables: RunTables, drawer: Drawer) -> FigureView:
    frame = data.presence_frame(tables, tables.rows("annotations"))
    return drawer.view(
        "presence",
        core_figures.presence_matrix(frame),
        "Organisms and terms of the closure: gene products, and the evidence behind them.",
        _said_of_presence(frame, len(tables.compared)),
        table_views.numbers_view(
            "presence",
            (
                ("organism", "compared"),
                ("term", "of the closure"),
                ("name", "of the term"),
                ("class", "of the term"),
                ("evidence", "group of a supporting line; any: each gene product once; NOT"),
                ("gene products", "distinct"),
            ),
            (
                RowView(
                    (
                        text_cell(organism),
                        id_cell(go_id),
                        text_cell(name),
                        text_cell(term_class.replace("_", " ")),
                        text_cell(GROUP_WORDS.get(group, "NOT" if group == "negated" else group)),
                        number_cell(
                            str(count),
                            target=rows_anchor("annotations", tables.taxon_of(organism)),
                        ),
                    )
                )
                for organism, go_id, name, term_class, group, count in frame.itertuples(index=False)
            ),
            len(frame),
        ),
    )


def _said_of_presence(frame: pd.DataFrame, n_compared: int) -> str:
    """Say for the first terms how many organisms have them."""
    found = frame[(frame["group"] == "any") & (frame["n_gene_products"] > 0)]
    counts = Counter(zip(found["go_id"], found["term_class"], strict=True))
    said = [
        f"{go_id} ({term_class.replace('_', ' ')}) in {count} of {n_compared}"
        for (go_id, term_class), count in islice(counts.items(), 5)
    ]
    more = f", and {len(counts) - 5} terms more" if len(counts) > 5 else ""
    n_not = int((frame["group"] == "negated").sum())
    negated = f" NOT stands in {plural(n_not, 'cell')}." if n_not else ""
    return (f"Annotated: {'; '.join(said)}{more}." if said else "No term is annotated.") + negated


def terms(tables: RunTables) -> Section:
    """Return every term that is annotated, with who has it."""
    direct = _direct_terms(tables)
    direct.sort(key=lambda row: (not row["term_class"], -int(row["n_organisms"]), row["go_id"]))
    caption = "Terms annotated in the compared organisms, those of the closure first"
    return Section(
        "terms", "Terms", tables=(table_views.table_view(tables, "terms", caption, direct),)
    )


def _direct_terms(tables: RunTables) -> list[Row]:
    return [row for row in tables.rows("terms") if row["n_organisms"] != "0" or row["term_class"]]


def shared(tables: RunTables, drawer: Drawer) -> Section:
    """Return which terms are annotated in all, some or one of the organisms."""
    if len(tables.compared) < 2:
        return Section("shared", "Shared and unique terms", lead=(tables.answer.shared,))
    direct = _direct_terms(tables)
    current = [row["taxon_ids"] for row in direct if row["status"] == "current"]
    frame = data.sets_frame(tables, current)
    n_all, n_terms = _core(frame), int(frame["n_terms"].sum()) if len(frame) else 0
    scope = "of the closure" if tables.record["scope"] == "target" else "of GO"
    columns = [("terms", "annotated in exactly these organisms")]
    columns += [("organisms", "how many"), ("annotated in", "these and no other")]
    rows = tuple(
        RowView(
            (
                number_cell(str(values[0])),
                number_cell(str(sum(values[1:]))),
                text_cell(tables.who(_taxa(tables, values[1:]))),
            )
        )
        for values in frame.itertuples(index=False, name=None)
    )
    return Section(
        "shared",
        "Shared and unique terms",
        lead=(tables.answer.shared,),
        figures=(
            drawer.view(
                "term-sets",
                core_figures.term_sets(
                    frame, f"Terms {scope} annotated in exactly these organisms"
                ),
                "Terms by the organisms they are annotated in, directly; each term counts once.",
                f"Annotated in all {plural(len(tables.compared), 'compared organism')}: {n_all:,} "
                f"of {plural(n_terms, 'term')}.",
                table_views.numbers_view("term-sets", columns, rows),
            ),
        ),
        limits=(
            "“Unique” reads “annotated in one of the compared organisms only”, not “exists in one "
            "only”: deeper annotation makes more of it.",
            *_of_whom(tables, "An organism whose files were chosen by the outcome lacks terms"),
        ),
    )


def _core(frame: pd.DataFrame) -> int:
    return int(frame.loc[frame.iloc[:, 1:].all(axis=1), "n_terms"].sum()) if len(frame) else 0


def _taxa(tables: RunTables, inside: tuple[bool, ...]) -> str:
    return "|".join(taxon for taxon, is_in in zip(tables.compared, inside, strict=True) if is_in)


def _of_whom(tables: RunTables, words: str) -> Iterator[str]:
    names = [found.organism for found in tables.answer.organisms if not found.complete]
    if names:
        some = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        yield f"{words} that its whole annotation would have: {some}."


def gene_products(tables: RunTables) -> Section:
    """Return the gene products, and every line behind them."""
    return Section(
        "gene-products",
        "Gene products",
        tables=(
            table_views.table_view(
                tables,
                "gene_products",
                "Gene products annotated to the target, a descendant or a regulator of it",
                tables.rows("gene_products"),
            ),
        ),
        folded=(
            table_views.table_view(
                tables,
                "annotations",
                "Every annotation line behind them",
                tables.rows("annotations"),
            ),
        ),
        limits=(
            "A gene product that is also annotated to the target's negative regulation "
            "(also_negative_regulator) may work against it: look at it before counting it.",
            "keyword_only: every supporting target line comes from a UniProt keyword.",
        ),
    )


def quality(tables: RunTables) -> Section:
    """Return what was read and what was refused, with its reasons."""
    counts = tables.record["counts"]
    dates = sorted(
        {row["date"] for row in tables.rows("annotations") if _DATE.fullmatch(row["date"])}
    )
    rejections = list(tables.rows("rejections"))
    findings = list(tables.rows("findings"))
    n_filtered = counts.get("n_filtered", 0)  # not in older folders
    left_out = f"{n_filtered:,} left out by filters, " if n_filtered else ""
    return Section(
        "quality",
        "What was read and what was refused",
        lead=(
            f"{plural(counts['n_lines'], 'line')} read: {counts['n_kept']:,} annotation lines "
            f"kept, {left_out}{counts['n_rejected']:,} rejected, "
            f"{counts['n_header']:,} of headers, {counts['n_blank']:,} blank."
            + ("" if rejections else " No line was rejected."),
            *(_said_of_dates(dates)),
        ),
        tables=(
            _whole(tables, "inputs", "Input files"),
            *((_whole(tables, "rejections", "Rejected lines, by reason"),) if rejections else ()),
        ),
        folded=(_whole(tables, "findings", "What the rules say"),) if findings else (),
    )


def _said_of_dates(dates: Sequence[str]) -> Iterator[str]:
    if dates:
        first, last = (f"{each[:4]}-{each[4:6]}-{each[6:]}" for each in (dates[0], dates[-1]))
        when = f"on {first}" if first == last else f"from {first} to {last}"
        yield f"The lines of the closure are dated {when} (column 14)."


def _whole(tables: RunTables, name: str, caption: str) -> TableView:
    return table_views.table_view(tables, name, caption, tables.rows(name))


def method(tables: RunTables) -> Section:
    """Return what the words mean here."""
    relations = " and ".join(tables.record["relations"])
    return Section(
        "method",
        "Method and limits",
        tables=(_whole(tables, "term_set", "The term, its descendants and regulators"),),
        folded=(_whole(tables, "statistics_notes", "Every note of the statistics"),)
        if tables.has("statistics_notes")
        else (),
        limits=tuple(_said_of_method(tables, relations)),
    )


def _said_of_method(tables: RunTables, relations: str) -> Iterator[str]:
    yield (
        "Descendants are the terms of class target and core above. Terms that regulate the target "
        "are listed and counted apart, and never make an organism have it."
    )
    yield (
        "A line supports a term when it is positive, is not ND, and its relation says that the "
        "product takes part, or none is given. Lines with another relation are counted apart."
    )
    yield (
        "A NOT on the target or on an ancestor of it negates the gene product, not the organism. A "
        "NOT on an isoform, with an annotation extension or with another relation negates nothing, "
        "and is listed."
    )
    yield (
        "Gene products are told apart by database and id (columns 1 and 2), and counted once. The "
        "organism is the first taxon of column 13, not the file's name."
    )
    yield f"Propagated counts follow {relations} upwards, the term itself included."
    yield "Absence of annotation is not evidence of absence."
    if tables.record["scope"] == "target":
        yield "The profile of the whole ontology was left out (scope target)."
    yield from _of_whom(
        tables,
        "Files chosen by the outcome hold every target row beside few others; rates, tests and "
        "enrichment are left out for an organism without the lines",
    )
