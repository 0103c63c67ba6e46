"""Determine the status of gene products and the verdicts of organisms again, from their lines.

The definitions are in docs/verdicts.md; the reducer and `reports.tables.verdicts` are not used, so
that a wrong status or verdict of theirs would show here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from gafreduce.jobs.model.evidence import CURATED, GROUPS, NO_DATA
from gafreduce.reports.explain.run_sources import Recomputed, RunSources, take_first
from gafreduce.reports.explain.source_lines import TracedAnnotation
from gafreduce.reports.tables.reader import Row

#: Columns of `organisms` that come from the statuses of gene products.
BY_STATUS = (
    *("verdict", "contested", "best_group", "n_conflicting_gene_products"),
    "n_upstream_or_within_only",
)


class ProductStatus(NamedTuple):
    """Status and best evidence group of a gene product."""

    status: str
    best_group: str
    is_negated_on_target: bool
    is_upstream_or_within: bool


def determine_status(annotations: Sequence[TracedAnnotation]) -> ProductStatus:
    """Return the status of a gene product from its rows of `annotations`; see docs/verdicts.md."""
    is_negated = any(each.is_effective_not for each in annotations)
    supporting = [each for each in annotations if each.supports_target]
    regulating = [each for each in annotations if each.supports_regulator]
    groups = {each.row.evidence_group for each in supporting or regulating}
    if supporting:
        status = "conflicting" if is_negated else "positive"
    elif any(each.has_other_relation for each in annotations):
        status = "other_relation"
    elif is_negated:
        status = "negated"
    elif regulating:
        status = "regulator"
    else:
        is_odd = any(each.has_unknown_relation for each in annotations)
        status = "not_understood" if is_odd else "listed"
    return ProductStatus(
        status,
        next((group for group in GROUPS if group in groups), ""),
        any(each.is_effective_not and each.row.term_class == "target" for each in annotations),
        bool(supporting) and all(each.is_upstream_or_within for each in supporting),
    )


_VERDICT_OF_GROUP = {
    "experimental": "experimental",
    "high_throughput": "high_throughput",
    **dict.fromkeys(CURATED, "curated"),
    "electronic": "electronic_only",
    "unstated": "unstated_only",
}
_CONFLICTING = "conflicting gene products"
_PARTIAL = "organism without complete files"
_FILTERED = "gene products that filters exclude from the target term"
_UPSTREAM = "gene products by acts_upstream_of_or_within alone"
#: Numbers that decide a verdict without a positive gene product, in their order.
_VERDICT_OF_CELL = {
    _CONFLICTING: "conflicting",
    _PARTIAL: "partial_file",
    _FILTERED: "filtered_out",
    "gene products with NOT on the target term": "negated",
    "gene products with another relation": "other_relation_only",
    "gene products with a regulator": "regulators_only",
    "gene products with an unknown relation": "not_understood",
}


def redetermine_verdict(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a cell of `organisms`, one of `BY_STATUS`, from the statuses of its products."""
    organism_id = row["organism_id"]
    annotations = sources.get_annotations(organism_id)
    by_product = sorted(annotations, key=attrgetter("object_id"))
    products = [
        determine_status(list(group)) for _, group in groupby(by_product, attrgetter("object_id"))
    ]
    positive = {each.best_group for each in products if each.status == "positive"}
    best_group = next((group for group in GROUPS if group in positive), "")
    numbers = (
        sum(each.status == "conflicting" for each in products),
        int(row["complete"] != "true"),
        int(row["n_filtered_target_gene_products"]),
        sum(each.is_negated_on_target for each in products),
        _count_products(annotations, attrgetter("has_other_relation")),
        _count_products(annotations, attrgetter("supports_regulator")),
        _count_products(annotations, attrgetter("has_unknown_relation")),
    )
    cells: dict[str, object] = {
        "positive gene products": sum(each.status == "positive" for each in products),
        **dict(zip(_VERDICT_OF_CELL, numbers, strict=True)),
        _UPSTREAM: sum(each.is_upstream_or_within for each in products),
    }
    values: dict[str, object] = {
        "n_conflicting_gene_products": cells[_CONFLICTING],
        "n_upstream_or_within_only": cells[_UPSTREAM],
        "contested": bool(numbers[0] or numbers[3]),
        "best_group": best_group,
    }
    if column == "verdict":
        weaker = (word for name, word in _VERDICT_OF_CELL.items() if cells[name])
        value: object = _VERDICT_OF_GROUP.get(best_group) or next(weaker, "")
        if not value:
            value = "no_data" if _has_no_data(sources, organism_id) else "not_annotated"
    else:
        value = values[column]
    method = "from the statuses of the gene products (docs/verdicts.md)"
    return Recomputed(value, method, *take_first(annotations, sources.limit), cells)


def _count_products(
    annotations: Sequence[TracedAnnotation], includes: Callable[[TracedAnnotation], bool]
) -> int:
    return len({each.object_id for each in annotations if includes(each)})


def _has_no_data(sources: RunSources, organism_id: str) -> bool:
    """Return whether all lines in the aspect of the target term are ND, and there is one."""
    aspect = sources.record["target"]["aspect"]
    lines = sources.require_inputs().lines.read_annotations(organism_id)
    groups = {each.row.evidence_group for each in lines if sources.get_aspect(each) == aspect}
    return groups == {NO_DATA}
