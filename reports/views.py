"""From tables to what the page and the figures show: plain rows in, views and small frames out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pandas as pd

from jobs.evidence import GROUPS, NO_DATA
from jobs.relations import supports
from reports.answer import GROUP_WORDS, VERDICT_WORDS, Answer
from reports.columns import TABLES
from reports.page import MAX_ROWS, Cell, TableView, id_cell, ids_cell, number_cell, text_cell
from reports.table_rows import Row, list_cell

_MAKERS: dict[str, Callable[[str], Cell]] = {
    "object_id": id_cell,
    "go_id": id_cell,
    "annotated_go_id": id_cell,
    "reference": ids_cell,
    "with_from": ids_cell,
    "go_ids": ids_cell,
    "taxon_id": lambda cell: Cell(((cell, None),)),
}
_HEADINGS = {
    "taxon_id": "taxon",
    "object_id": "gene product",
    "go_id": "term",
    "with_from": "With/From",
    "object_type": "type",
    "n_annotations": "lines",
    "best_group": "best evidence",
}
#: Columns of a table that the page shows, where it doesn't show all.
SHOWN = {
    "gene_products": (
        "organism",
        "object_id",
        "symbol",
        "name",
        "object_type",
        "status",
        "term_classes",
        "best_group",
        "go_ids",
        "evidence_codes",
        "n_annotations",
        "flags",
    ),
    "annotations": (
        "organism",
        "object_id",
        "symbol",
        "go_id",
        "term_class",
        "relation",
        "negated",
        "evidence_code",
        "reference",
        "with_from",
        "assigned_by",
        "date",
        "annotation_extension",
        "gene_product_form",
        "source_file",
    ),
    "terms": (
        "go_id",
        "name",
        "aspect",
        "term_class",
        "membership",
        "n_organisms",
        "organisms",
        "n_organisms_propagated",
    ),
}


def table_view(
    name: str, caption: str, rows: Sequence[Row], n_rows: int | None = None
) -> TableView:
    """Return rows of a contract table as the page shows them.

    Args:
        name: Of the table.
        caption: What stands above it.
        rows: Text cells, by column name; `organism` and `organisms` may have been added.
        n_rows: How many there are in all, when not all are given.
    """
    described = {column.name: column for column in TABLES[name].columns}
    names = SHOWN.get(name, tuple(described))
    columns = tuple(
        (
            _HEADINGS.get(each, each.replace("_", " ")),
            described[each].meaning if each in described else each,
        )
        for each in names
    )
    cells = [
        tuple(
            _cell(each, row[each], described[each].type if each in described else "text")
            for each in names
        )
        for row in rows[:MAX_ROWS]
    ]
    return TableView(name, caption, columns, tuple(cells), len(rows) if n_rows is None else n_rows)


def _cell(name: str, text: str, kind: str) -> Cell:
    if name in _MAKERS:
        return _MAKERS[name](text)
    if kind == "float" and text:
        return number_cell(f"{float(text):.3f}")
    if kind in ("integer", "float"):
        return number_cell(text)
    if kind in ("texts", "integers"):
        return text_cell(", ".join(list_cell(text)))
    return text_cell(text)


def organisms_view(rows: Sequence[Row], answer: Answer) -> TableView:
    """Return the organisms as the page shows them: compared ones first, verdicts in words."""
    groups = [each for each in GROUPS if any(row[f"n_target_{each}"] != "0" for row in rows)]
    order = {found.taxon_id: place for place, found in enumerate(answer.organisms)}
    ordered = sorted(rows, key=lambda row: (order.get(int(row["taxon_id"]), len(order)),))
    columns = (
        ("organism", "its name"),
        ("taxon", "NCBI taxonomy id"),
        ("verdict", "what the evidence allows to say"),
        ("gene products", "distinct, with a supporting line on target or core"),
        ("best evidence", "strongest group"),
        *(
            (GROUP_WORDS[group], "gene products with such a line; groups overlap")
            for group in groups
        ),
        ("regulators", "gene products with a supporting line on the regulation of the target"),
        ("NOT", "gene products with an effective NOT"),
        ("in aspect", "distinct gene products with a supporting line in the target's aspect"),
        ("per 1,000", "of those, with its 95 % interval"),
        ("lines", "annotation lines kept"),
    )
    cells = [
        (
            text_cell(row["organism"]),
            text_cell(row["taxon_id"]),
            text_cell(
                VERDICT_WORDS[row["verdict"]]
                + (" (contested)" if row["contested"] == "true" else "")
                + ("" if row["compared"] == "true" else " (not compared)")
            ),
            number_cell(row["n_target_gene_products"]),
            text_cell(GROUP_WORDS.get(row["best_group"], "")),
            *(number_cell(row[f"n_target_{group}"]) for group in groups),
            number_cell(row["n_regulator_gene_products"]),
            number_cell(row["n_negated_gene_products"]),
            number_cell(row["n_in_aspect"]),
            number_cell(_rate(row)),
            number_cell(row["n_annotations"]),
        )
        for row in ordered[:MAX_ROWS]
    ]
    return TableView("organisms", "Organisms", columns, tuple(cells), len(rows))


def _rate(row: Row) -> str:
    if not row["rate_per_1000"]:
        return ""
    rate, low, high = (float(row[name]) for name in ("rate_per_1000", "rate_low", "rate_high"))
    return f"{rate:.2f} ({low:.2f} to {high:.2f})"


def evidence_frame(gene_products: Sequence[Row], answer: Answer) -> pd.DataFrame:
    """Return gene products with the target by organism and strongest group; each counts once."""
    counts: Counter[tuple[int, str]] = Counter(
        (int(row["taxon_id"]), row["best_group"])
        for row in gene_products
        if row["status"] == "positive"
    )
    return pd.DataFrame(
        [[counts[found.taxon_id, group] for group in GROUPS] for found in answer.organisms],
        index=[found.organism for found in answer.organisms],
        columns=list(GROUPS),
        dtype=int,
    )


def presence_frame(
    annotations: Sequence[Row], closure: Sequence[Row], answer: Answer
) -> pd.DataFrame:
    """Return gene products by organism, term of the closure and evidence group.

    Group `any` counts each gene product once; group `negated` those with a NOT line on the term.
    """
    products: dict[tuple[int, str, str], set[str]] = {}
    for row in annotations:
        if row["negated"] == "true":
            groups = ["negated"]
        elif supports(row["relation"]) and row["evidence_group"] != NO_DATA:
            groups = [row["evidence_group"], "any"]
        else:
            continue
        for group in groups:
            key = (int(row["taxon_id"]), row["go_id"], group)
            products.setdefault(key, set()).add(row["object_id"])
    rank = {"target": 0, "core": 1}
    terms = sorted(closure, key=lambda row: (rank.get(row["term_class"], 2), row["go_id"]))
    rows = [
        (
            found.organism,
            term["go_id"],
            term["name"],
            term["term_class"],
            group,
            len(products.get((found.taxon_id, term["go_id"], group), ())),
        )
        for found in answer.organisms
        for term in terms
        for group in (*GROUPS, "any", "negated")
    ]
    names = ["organism", "go_id", "name", "term_class", "group", "n_gene_products"]
    frame = pd.DataFrame(rows, columns=names)
    used = set(frame.loc[frame["n_gene_products"] > 0, "go_id"])
    frame = frame[frame["go_id"].isin(used)]
    return frame[(frame["n_gene_products"] > 0) | (frame["group"] == "any")].reset_index(drop=True)


def sets_frame(terms: Sequence[Row], answer: Answer) -> pd.DataFrame:
    """Return how many current terms are annotated directly in exactly which compared organisms."""
    counts = Counter(
        row["taxon_ids"] for row in terms if row["taxon_ids"] and row["status"] == "current"
    )
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    rows = []
    for taxa, count in ordered:
        inside = set(list_cell(taxa))
        rows.append([count, *(str(found.taxon_id) in inside for found in answer.organisms)])
    names = ["n_terms", *(_unique_names(answer))]
    return pd.DataFrame(rows, columns=names)


def _unique_names(answer: Answer) -> list[str]:
    """Return a name for each organism; those of the same name with their taxon."""
    counts = Counter(found.organism for found in answer.organisms)
    return [
        found.organism if counts[found.organism] == 1 else f"{found.organism} ({found.taxon_id})"
        for found in answer.organisms
    ]


def frame_view(name: str, caption: str, frame: pd.DataFrame) -> TableView:
    """Return a small frame as a table of the page."""
    cells = [
        tuple(
            number_cell(str(value)) if str(value).isdigit() else text_cell(value)
            for value in values
        )
        for values in frame.itertuples(index=False)
    ]
    columns = tuple((str(each), str(each)) for each in frame.columns)
    return TableView(name, caption, columns, tuple(cells[:MAX_ROWS]), len(cells))
