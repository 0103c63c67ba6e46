"""The counts of `organisms` and `profile` from their lines: which lines, and what is counted.

Each is a plain count over lines that pass a question; nothing here is shared with the jobs, which
count bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS, NO_DATA
from gafreduce.ontology.termfile import REGULATOR_CLASSES, SUPPORTING_CLASSES
from gafreduce.reports.explain.evidence import Found, Sources, first
from gafreduce.reports.explain.source_lines import Fact
from gafreduce.reports.tables.reader import Row

LINES, PRODUCTS, TERMS = "annotation lines", "distinct gene products", "distinct terms"

_UNNAMED = ("electronic", "unstated")
_KEYS: dict[str, Callable[[Fact], object]] = {
    PRODUCTS: lambda fact: (fact.taxon_id, fact.object_id),
    TERMS: lambda fact: fact.row.go_id,
}


class Count(NamedTuple):
    """What a column counts."""

    unit: str
    lines: str  # which lines, in words
    holds: Callable[[Fact], bool]


def number_of(facts: Iterable[Fact], count: Count, limit: int) -> Found:
    """Return the number, and the first lines that make it."""
    key = _KEYS.get(count.unit)
    seen: set[object] = set()
    kept: list[Fact] = []
    n_facts = 0
    for fact in facts:
        if count.holds(fact):
            n_facts += 1
            if key is not None:
                seen.add(key(fact))
            if len(kept) < limit:
                kept.append(fact)
    number = n_facts if key is None else len(seen)
    return Found(number, f"{count.unit} among: {count.lines}", kept, n_facts)


def _any(fact: Fact) -> bool:
    return True


def _on_target(fact: Fact) -> bool:
    return fact.is_supporting and fact.row.term_class in SUPPORTING_CLASSES


def _of_group(group: str) -> Count:
    return Count(
        PRODUCTS,
        f"supporting lines on target or core whose evidence group is {group}",
        lambda fact: _on_target(fact) and fact.row.evidence_group == group,
    )


#: Columns of `organisms` that the rows of `annotations` make.
FROM_CLOSURE = {
    "n_target_annotations": Count(LINES, "supporting lines on target or core", _on_target),
    "n_target_gene_products": Count(PRODUCTS, "supporting lines on target or core", _on_target),
    **{f"n_target_{group}": _of_group(group) for group in GROUPS},
    "n_regulator_gene_products": Count(
        PRODUCTS,
        "supporting lines on a regulator",
        lambda fact: fact.is_supporting and fact.row.term_class in REGULATOR_CLASSES,
    ),
    "n_other_relation_gene_products": Count(
        PRODUCTS,
        "positive lines on target or core whose relation does not say that the product takes part",
        lambda fact: (
            fact.is_positive
            and not fact.is_supporting
            and fact.row.term_class in SUPPORTING_CLASSES
        ),
    ),
}
#: Columns of `organisms` that need every line.
FROM_ALL = {
    "n_annotations": Count(LINES, "all kept lines of the organism", _any),
    "n_gene_products": Count(PRODUCTS, "all kept lines of the organism", _any),
    "n_terms": Count(TERMS, "supporting lines", lambda fact: fact.is_supporting),
}


def in_aspect(sources: Sources, aspect: str) -> Count:
    """Return the count of gene products with a supporting line in an aspect."""
    return Count(
        PRODUCTS,
        f"supporting lines on terms of aspect {aspect}",
        lambda fact: fact.is_supporting and sources.aspect_of(fact) == aspect,
    )


def no_data_facts(sources: Sources, taxon_id: int, aspect: str) -> tuple[list[Fact], bool]:
    """Return the ND lines in an aspect, and whether any other line is there."""
    no_data: list[Fact] = []
    has_other = False
    for fact in sources.need_inputs().lines.facts(taxon_id):
        if sources.aspect_of(fact) == aspect:
            if fact.row.evidence_group == NO_DATA:
                no_data.append(fact)
            else:
                has_other = True
    return no_data, has_other


def profile_cell(sources: Sources, row: Row, column: str) -> Found:
    """Return a cell of `profile` made again from the lines of its organism."""
    go_id, taxon_id = row["go_id"], int(row["taxon_id"])
    if column == "taxon_id":
        return Found(taxon_id, "the key of the row", *_first(sources, row))
    if column == "go_id":
        return Found(go_id, "the key of the row", *_first(sources, row))
    if column == "n_gene_products_propagated":
        lines = f"supporting lines on {go_id} or a descendant"
        facts = sources.facts_saying(go_id, taxon_id)
        return number_of(facts, Count(PRODUCTS, lines, _any), sources.limit)
    unit = LINES if column == "n_annotations" else PRODUCTS
    count = Count(unit, f"supporting lines on {go_id} itself", _any)
    if column == "n_gene_products_non_electronic":
        lines = f"{count.lines}, of a stated group other than electronic"
        count = Count(unit, lines, lambda fact: fact.row.evidence_group not in _UNNAMED)
    return number_of(sources.facts_on(go_id, taxon_id), count, sources.limit)


def _first(sources: Sources, row: Row) -> tuple[list[Fact], int]:
    """Return the first lines behind a row of `profile`."""
    return first(sources.facts_saying(row["go_id"], int(row["taxon_id"])), sources.limit)
