"""From rows of the tables to what the page shows: cells with their links, and tables that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.publishing.run_folder import table_path
from gafreduce.reports.html.links import link
from gafreduce.reports.html.page import (
    Cell,
    Part,
    RowView,
    TableView,
    id_cell,
    ids_cell,
    number_cell,
    rows_anchor,
    text_cell,
)
from gafreduce.reports.summary.run_tables import RunTables
from gafreduce.reports.summary.summary import GROUP_WORDS, VERDICT_WORDS
from gafreduce.reports.tables.reader import Row, list_cell
from gafreduce.reports.tables.schema import TABLES, Column

#: Rows of a table that the page holds, and about how many characters; the TSV beside it has all.
MAX_ROWS = 5000
MAX_CHARACTERS = 500_000
MAX_CHARACTERS_OF = dict.fromkeys(
    ("similarity", "pairwise", "candidates", "component_members", "robustness", "enrichment"),
    120_000,
) | {"sets": 60_000, "terms": 375_000}
#: Elements of a list cell that the page holds; of the terms of a set.
MAX_LISTED = 6
MAX_TERMS_LISTED = 30

#: Where the page says how to come from a number to lines that it does not hold.
TRACE = "#trace"
#: Numbers that lead to their rows: by table and column, the table there and the column here that
#: names the organism.
_LEADS_TO = {
    "gene_products": {"n_annotations": ("annotations", "taxon_id")},
    "pairwise": {
        "n_target_a": ("gene_products", "taxon_a"),
        "n_target_b": ("gene_products", "taxon_b"),
    },
}

_HEADINGS = {
    "taxon_id": "organism",
    "taxon_a": "organism a",
    "taxon_b": "organism b",
    "taxon_ids": "annotated in",
    "object_id": "gene product",
    "object_ids": "gene products",
    "go_id": "term",
    "go_ids": "terms",
    "with_from": "With/From",
    "object_type": "type",
    "n_annotations": "lines",
    "best_group": "best evidence",
    "evidence_group": "evidence",
    "p_value": "p",
    "q_value": "q",
}
#: Columns of a table that the page shows, in its order.
SHOWN = {
    name: tuple(names.split())
    for name, names in {
        "gene_products": "taxon_id object_id symbol name status best_group go_ids evidence_codes "
        "term_classes n_annotations flags object_type",
        "annotations": "taxon_id object_id symbol go_id term_class relation negated evidence_code "
        "evidence_group reference with_from assigned_by date annotation_extension "
        "gene_product_form source_file",
        "terms": "go_id name aspect status term_class membership n_organisms taxon_ids "
        "n_organisms_propagated",
        "inputs": "source_file format layout compression bytes n_lines n_header n_blank n_kept "
        "n_filtered n_rejected n_taxa",
        "rejections": "source_file reason rule n_lines example_1 example_2 example_3",
        "findings": "source_file rule finding value becomes severity n_lines example_1",
        "term_set": "go_id term_class relation_path name",
        "similarity": "aspect evidence taxon_a taxon_b sim_gic sim_ui jaccard_direct "
        "overlap_closed n_direct_a n_direct_b n_direct_shared reason",
        "similarity_depth": "aspect taxon_a taxon_b n_drawn sim_ui_low sim_ui_median sim_ui_high "
        "jaccard_direct_low jaccard_direct_median jaccard_direct_high reason",
        "sets": "scope aspect counting rank n_terms n_organisms taxon_ids go_ids",
        "statistics_notes": "table subject key value",
        "candidates": "taxon_id component object_id symbol name found_by matched status go_ids",
        "component_members": "taxon_id component object_id symbol name found_by matched "
        "evidence_groups has_target",
        "neighbours": "go_id name place taxon_id n_gene_products n_gene_products_propagated",
        "robustness": "taxon_id kind source n_target_gene_products n_gene_products_lost "
        "n_target_annotations n_annotations_lost changes_verdict verdict left_by",
        "robustness_sets": "taxon_id n_entries entries verdict verdict_without n_sets reason",
        "enrichment": "taxon_id variant aspect go_id name n_study_with_term n_study "
        "n_population_with_term n_population fold odds_ratio odds_ratio_low odds_ratio_high "
        "p_value q_value object_ids",
        "enrichment_families": "taxon_id variant aspect n_study n_population n_terms n_family "
        "smallest_attainable_p n_below_alpha reason",
        "pairwise": "evidence_group taxon_a taxon_b n_target_a n_in_aspect_a n_target_b "
        "n_in_aspect_b odds_ratio odds_ratio_low odds_ratio_high p_value q_value "
        "smallest_attainable_p",
    }.items()
}


def table_view(
    tables: RunTables,
    name: str,
    caption: str,
    rows: Iterable[Row],
) -> TableView:
    """Return rows of a contract table as the page shows them.

    Columns without any value in the rows that are shown are left out.

    Args:
        tables: Names the organisms.
        name: Of the table.
        caption: What stands above it.
        rows: Text cells, by column name.
    """
    described = {column.name: column for column in TABLES[name].columns}
    shown = SHOWN[name]
    most = MAX_CHARACTERS_OF.get(name, MAX_CHARACTERS)
    leads_to = _LEADS_TO.get(name, {})
    kept: list[tuple[Row, list[Cell]]] = []
    total = characters = 0
    for row in rows:
        total += 1
        if len(kept) < MAX_ROWS and characters < most:
            made = [_cell(tables, described[each], row[each]) for each in shown]
            for each, (led_to, taxon) in leads_to.items():
                target = rows_anchor(led_to, row[taxon])
                made[shown.index(each)] = number_cell(row[each], target=target)
            characters += _size(made)
            kept.append((row, made))
    filled = [
        place for place in range(len(shown)) if any(made[place].text for _, made in kept)
    ] or list(range(len(shown)))
    columns = tuple(
        (_HEADINGS.get(shown[place], _spaced(shown[place])), described[shown[place]].description)
        for place in filled
    )
    views = tuple(
        RowView(
            tuple(made[place] for place in filled),
            row.get("taxon_id", ""),
            row.get("best_group", row.get("evidence_group", "")),
        )
        for row, made in kept
    )
    return TableView(name, caption, columns, views, total, table_path(name))


def numbers_view(
    name: str,
    columns: Iterable[tuple[str, str]],
    rows: Iterable[RowView],
    n_rows: int | None = None,
) -> TableView:
    """Return the numbers behind a figure.

    Args:
        name: Of the figure.
        columns: Headings, each with its meaning.
        rows: All of them, or as many as are wanted.
        n_rows: How many there are, where that is known: then only those shown are made.
    """
    made = tuple(rows) if n_rows is None else tuple(islice(rows, MAX_ROWS))
    n_rows = len(made) if n_rows is None else n_rows
    shown = made[:MAX_ROWS]
    return TableView(f"{name}-numbers", "The same in numbers", tuple(columns), shown, n_rows)


def _spaced(name: str) -> str:
    return name.removeprefix("n_").replace("_", " ")


def _size(cells: Sequence[Cell]) -> int:
    """Return about how many characters the cells take in the page."""
    return sum(
        (12 if cell.is_number else 4)
        + (len(cell.order) + 14 if cell.order else 0)
        + sum(len(text) + (len(target) + 28 if target else 0) for text, target in cell.parts)
        for cell in cells
    )


def _cell(tables: RunTables, column: Column, text: str) -> Cell:
    maker = _MAKERS.get(column.name)
    if column.name in ("taxon_id", "taxon_a", "taxon_b"):
        return text_cell(tables.label(text))
    if column.name == "taxon_ids":
        return text_cell(tables.who(text))
    if maker:
        return maker(text)
    return _BY_TYPE[column.type](text)


def _share_cell(part: str, whole: str) -> Cell:
    """Return a number with its share of another, sorted by the number."""
    share = f" ({int(part) / int(whole):.0%})" if int(whole or 0) else ""
    return number_cell(f"{part}{share}", part, TRACE)


def _float_cell(text: str) -> Cell:
    """Return a number in three significant digits; sorted by all of them."""
    if not text:
        return number_cell("")
    value = float(text)
    shown = f"{value:,.0f}" if 1000 <= value < 1e9 else f"{value:.3g}"
    return number_cell(shown, repr(value) if value != float("inf") else "1e308")


def _boolean_cell(text: str) -> Cell:
    return text_cell({"true": "yes", "false": ""}.get(text, text))


def _list_cell(text: str, most: int = MAX_LISTED) -> Cell:
    """Return the first elements of a list, each with its link, and how many more there are."""
    found = list_cell(text)
    parts: list[Part] = []
    for each in found[:most]:
        parts += [(", ", None)] * bool(parts) + [(each, link(each))]
    if len(found) > most:
        parts.append((f" and {len(found) - most} more", None))
    return Cell(tuple(parts))


def group_cell(group: str) -> Cell:
    """Return an evidence group in words."""
    return text_cell(GROUP_WORDS.get(group, group.replace("_", " ")))


_BY_TYPE: dict[str, Callable[[str], Cell]] = {
    "text": text_cell,
    "integer": number_cell,
    "float": _float_cell,
    "boolean": _boolean_cell,
    "texts": _list_cell,
    "integers": _list_cell,
}
_MAKERS: dict[str, Callable[[str], Cell]] = {
    "object_id": id_cell,
    "go_id": id_cell,
    "go_ids": partial(_list_cell, most=MAX_TERMS_LISTED),
    "reference": ids_cell,
    "with_from": ids_cell,
    "best_group": group_cell,
    "evidence_group": group_cell,
    "verdict": lambda text: text_cell(VERDICT_WORDS.get(text, text)),
    "verdict_without": lambda text: text_cell(VERDICT_WORDS.get(text, text)),
    "status": lambda text: text_cell("" if text == "current" else text.replace("_", " ")),
    "term_class": lambda text: text_cell(text.replace("_", " ")),
    "circular": lambda text: text_cell(text.replace("_", " ")),
    "reason": lambda text: text_cell(text.replace("_", " ")),
    "aspect": lambda text: text_cell(
        {"P": "process", "F": "function", "C": "component"}.get(text, text)
    ),
}


def organisms_view(tables: RunTables, caption: str, rows: Sequence[Row]) -> TableView:
    """Return organisms in the order of the answer: verdicts in words, numbers that lead to rows."""
    groups = [each for each in GROUPS if any(row[f"n_target_{each}"] != "0" for row in rows)]
    order = {taxon: place for place, taxon in enumerate(tables.compared)}
    ordered = sorted(rows, key=lambda row: order.get(row["taxon_id"], len(order)))
    optional = {
        "regulators": (
            "n_regulator_gene_products",
            "gene products with a supporting line on the regulation of the target",
        ),
        "other relations": (
            "n_other_relation_gene_products",
            "gene products whose relation to the target does not say that they take part",
        ),
        "NOT": ("n_negated_gene_products", "gene products with an effective NOT"),
        "conflicting": (
            "n_conflicting_gene_products",
            "gene products with both an effective NOT and a supporting target line",
        ),
        "foreign lines": ("n_foreign_in_files", "lines of other taxa in files of this one"),
    }
    used = {
        heading: found
        for heading, found in optional.items()
        if any(row[found[0]] not in ("", "0") for row in rows)
    }
    folds = {row["taxon_id"]: row["fold"] for row in tables.rows("rates") if row["fold"]}
    n_components = Counter(
        row["taxon_id"] for row in tables.rows("components") if row["n_gene_products"] != "0"
    )
    columns = (
        ("organism", "its name, and its place in NCBI's taxonomy"),
        ("verdict", "what the evidence allows to say"),
        ("gene products", "distinct, with a supporting line on the target or a descendant"),
        ("best evidence", "the strongest group"),
        *((GROUP_WORDS[each], "gene products with such a line; groups overlap") for each in groups),
        *((heading, meaning) for heading, (_, meaning) in used.items()),
        (
            "in aspect",
            "gene products with a supporting line in the target's aspect, and their share of all: "
            "how deeply it is annotated",
        ),
        ("per 1,000", "gene products with the target, of those in its aspect: 95 % interval"),
        *((("fold", "that rate against the pooled others'; no test"),) if folds else ()),
        *(
            (("components", "of the machinery, that its annotation shows by family or symbol"),)
            if n_components
            else ()
        ),
        ("all gene products", "distinct, with any line kept"),
        ("lines", "annotation lines kept"),
    )
    views = []
    for row in ordered[:MAX_ROWS]:
        taxon = row["taxon_id"]
        anchor = rows_anchor("gene_products", taxon)
        words = VERDICT_WORDS[row["verdict"]]
        words += " (contested by NOT)" if row["contested"] == "true" else ""
        cells = (
            Cell(((tables.label(taxon), link(f"taxon:{taxon}")),)),
            text_cell(words),
            number_cell(row["n_target_gene_products"], target=anchor),
            group_cell(row["best_group"]),
            *(
                number_cell(row[f"n_target_{each}"], target=rows_anchor("annotations", taxon, each))
                for each in groups
            ),
            *(
                number_cell(row[column], target=anchor if column != "n_foreign_in_files" else None)
                for column, _ in used.values()
            ),
            _share_cell(row["n_in_aspect"], row["n_gene_products"]),
            _rate_cell(row),
            *((_float_cell(folds.get(taxon, "")),) if folds else ()),
            *(
                (number_cell(str(n_components[taxon]), target="#machinery"),)
                if n_components
                else ()
            ),
            number_cell(row["n_gene_products"], target=TRACE),
            number_cell(row["n_annotations"], target=TRACE),
        )
        views.append(RowView(cells))
    return TableView(
        "organisms" if rows and rows[0]["compared"] == "true" else "others",
        caption,
        columns,
        tuple(views),
        len(rows),
        table_path("organisms"),
    )


def _rate_cell(row: Row) -> Cell:
    if not row["rate_per_1000"]:
        why = "files chosen by the outcome" if row["complete"] != "true" else ""
        return Cell(((why, None),), order="-1")
    rate, low, high = (float(row[name]) for name in ("rate_per_1000", "rate_low", "rate_high"))
    return number_cell(f"{rate:.2f} ({low:.2f} to {high:.2f})", repr(rate), "#figure-rates")
