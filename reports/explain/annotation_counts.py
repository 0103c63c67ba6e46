"""Recount the cells of `organisms`, `gene_products`, `profile`, `terms` and `annotations`.

Lines are counted one by one with plain sets, and ancestors are looked up for each line. The jobs
count with bit sets, so a wrong number of theirs would show here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.jobs.model.go_terms import ROOTS
from gafreduce.jobs.model.organisms import order_organism
from gafreduce.reports.explain.organism_verdicts import (
    BY_STATUS,
    determine_status,
    redetermine_verdict,
)
from gafreduce.reports.explain.ratios import recompute_ratio
from gafreduce.reports.explain.run_sources import (
    NotRecomputedError,
    Recomputed,
    RunSources,
    take_first,
)
from gafreduce.reports.explain.source_lines import TracedAnnotation, trace_row
from gafreduce.reports.tables.core_tables import N_ORGANISMS_LISTED
from gafreduce.reports.tables.reader import Row
from gafreduce.reports.tables.schema import TABLES

LINES, PRODUCTS, TERMS = "annotation lines", "distinct gene products", "distinct terms"
_KEYS: Mapping[str, Callable[[TracedAnnotation], object]] = {
    PRODUCTS: lambda each: (each.organism_id, each.object_id),
    TERMS: lambda each: each.row.go_id,
}


class Count(NamedTuple):
    """The unit and the lines that a column counts."""

    unit: str
    description: str  # of the counted lines
    includes: Callable[[TracedAnnotation], bool]


def count_annotations(
    annotations: Iterable[TracedAnnotation], count: Count, limit: int
) -> Recomputed:
    """Return the number of units, and the first annotations that make it."""
    key = _KEYS.get(count.unit)
    keys: set[object] = set()

    def collect() -> Iterable[TracedAnnotation]:
        for each in annotations:
            if count.includes(each):
                if key is not None:
                    keys.add(key(each))
                yield each

    kept, number = take_first(collect(), limit)
    value = number if key is None else len(keys)
    return Recomputed(value, f"{count.unit} among {count.description}", kept, number)


def _includes_all(_: TracedAnnotation) -> bool:
    return True


def _count_group(group: str) -> Count:
    return Count(
        PRODUCTS,
        f"supporting lines on the target term or a descendant, evidence group {group}",
        lambda each: each.supports_target and each.row.evidence_group == group,
    )


_TARGET_LINES = "supporting lines on the target term or a descendant"
#: Columns of `organisms` counted over the rows of `annotations`.
_TERM_SET_COUNTS = {
    "n_target_annotations": Count(LINES, _TARGET_LINES, attrgetter("supports_target")),
    "n_target_gene_products": Count(PRODUCTS, _TARGET_LINES, attrgetter("supports_target")),
    **{f"n_target_{group}": _count_group(group) for group in GROUPS},
    "n_regulator_gene_products": Count(
        PRODUCTS, "supporting lines on a regulator", attrgetter("supports_regulator")
    ),
    "n_other_relation_gene_products": Count(
        PRODUCTS,
        "positive lines on the target term or a descendant with another relation",
        attrgetter("has_other_relation"),
    ),
    "n_not_understood_gene_products": Count(
        PRODUCTS,
        "lines on the target term or a descendant with a relation unknown to GO",
        attrgetter("has_unknown_relation"),
    ),
    "n_negated_gene_products": Count(
        PRODUCTS,
        "effective NOT lines on the target term or an ancestor",
        attrgetter("is_effective_not"),
    ),
}
#: Columns of `organisms` counted over the lines of the inputs.
_ALL_COUNTS = {
    "n_annotations": Count(LINES, "all kept lines of the organism", _includes_all),
    "n_gene_products": Count(PRODUCTS, "all kept lines of the organism", _includes_all),
    "n_terms": Count(TERMS, "supporting lines", attrgetter("is_supporting")),
}


def _check_total(row: Row, column: str) -> None:
    if not row[column] and not row["n_gene_products"]:
        raise NotRecomputedError(
            "empty: the files of the sample name gene products by different ids; column "
            "partial_reasons has the numbers by file"
        )


def recount_organism(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a cell of `organisms` counted again."""
    organism_id = row["organism_id"]
    _check_total(row, column)
    if column in _TERM_SET_COUNTS:
        annotations = sources.get_annotations(organism_id)
        return count_annotations(annotations, _TERM_SET_COUNTS[column], sources.limit)
    if column in BY_STATUS:
        return redetermine_verdict(sources, row, column)
    if column in ("rate_per_1000", "rate_low", "rate_high"):
        raise NotRecomputedError("see the same organism and column in the table rates")
    if column == "n_terms" and sources.record["scope"] == "target":
        raise NotRecomputedError("empty with --scope target")
    count = _ALL_COUNTS.get(column)
    if column == "n_in_aspect":
        aspect = sources.record["target"]["aspect"]
        count = Count(
            PRODUCTS,
            f"supporting lines on terms of aspect {aspect}",
            lambda each: each.is_supporting and sources.get_aspect(each) == aspect,
        )
    if column in ("n_filtered_lines", "n_filtered_target_gene_products"):
        return _recount_filtered(sources, organism_id, column)
    if column in ("complete", "partial_reasons"):
        raise NotRecomputedError(
            "the sample sheet decides it, the header of a download, or the gene products on "
            "landmark terms before filters (docs/statistics.md#complete-files)"
        )
    if column == "n_foreign_in_files":
        return _recount_foreign_lines(sources, row)
    if count is None:
        raise NotRecomputedError(
            "it comes from the sample sheet, the options of the run or the NCBI Taxonomy"
        )
    lines = sources.require_inputs().lines
    return count_annotations(lines.read_annotations(organism_id), count, sources.limit)


def _recount_filtered(sources: RunSources, organism_id: str, column: str) -> Recomputed:
    """Return the number of lines of an organism that filters exclude, or of their products."""
    lines = [
        (line.kind == "filtered", [x for x in line.excluded if x.organism_id == organism_id])
        for line in sources.require_inputs().lines.read_lines()
        if line.excluded
    ]
    if column == "n_filtered_lines":
        excluded = [found[0] for is_whole, found in lines if is_whole and found]
        method = "lines of the organism that filters exclude"
        return Recomputed(len(excluded), method, *take_first(excluded, sources.limit))
    on_target = [each for _, found in lines for each in found if each.supports_target]
    count = Count(
        PRODUCTS, "excluded supporting lines on the target term or a descendant", _includes_all
    )
    return count_annotations(on_target, count, sources.limit)


def _recount_foreign_lines(sources: RunSources, row: Row) -> Recomputed:
    """Return the lines of organisms not compared in the files of which it is the main one."""
    others = {
        each["organism_id"]
        for each in sources.read_rows("organisms")
        if each["compared"] != "true" and each["organism_id"] != row["organism_id"]
    }
    lines = sources.require_inputs().lines
    files = [
        each["source_file"]
        for each in sources.read_rows("inputs")
        if each["main_taxon_id"] == row["taxon_id"]
        and lines.find_main_organism(each["source_file"]) == row["organism_id"]
    ]
    foreign = (
        line.annotations[0]
        for file in files
        for line in lines.read_lines(file)
        if line.annotations and line.annotations[-1].organism_id in others
    )
    annotations, number = take_first(foreign, sources.limit)
    method = "kept lines of organisms not compared, in the files of which it is the main one"
    return Recomputed(number, method, annotations, number, {"files": "|".join(sorted(files))})


def recount_gene_product(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a cell of `gene_products` from its rows of `annotations`."""
    annotations = sources.get_annotations(row["organism_id"], row["object_id"])
    status = determine_status(annotations)
    values = {
        "n_annotations": len(annotations),
        "status": status.status,
        "best_group": status.best_group,
    }
    if column not in values:
        raise NotRecomputedError("it is taken from the lines below")
    method = "rows of the gene product in annotations"
    if column != "n_annotations":
        method = "from the rows of the gene product in annotations (docs/verdicts.md)"
    return Recomputed(values[column], method, *take_first(annotations, sources.limit))


def recount_profile(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a cell of `profile` counted again."""
    go_id, organism_id = row["go_id"], row["organism_id"]
    is_propagated = column == "n_gene_products_propagated"
    unit = LINES if column == "n_annotations" else PRODUCTS
    term = f"{go_id} or a descendant" if is_propagated else f"{go_id} itself"
    count = Count(unit, f"supporting lines on {term}", _includes_all)
    if column == "n_gene_products_non_electronic":
        count = Count(
            unit,
            f"{count.description}, with stated evidence other than electronic",
            lambda each: each.row.evidence_group not in ("electronic", "unstated"),
        )
    annotations = sources.read_supporting(go_id, organism_id, descendants=is_propagated)
    return count_annotations(annotations, count, sources.limit)


def recount_slim(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a cell of `slim` counted again."""
    if column == "share" and not row[column]:
        raise NotRecomputedError("empty: the files of the organism are not known to be complete")
    if column == "share":
        return recompute_ratio(TABLES["slim"], row, column)
    if column in ("name", "aspect"):
        raise NotRecomputedError("it is taken from the ontology")
    if column != "n_root_gene_products":
        return recount_profile(sources, row, column)
    roots = {aspect: go_id for go_id, aspect in ROOTS.items()}
    return recount_profile(
        sources, {**row, "go_id": roots[row["aspect"]]}, "n_gene_products_propagated"
    )


def recount_term(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return the compared organisms with a term: number, ids, or membership."""
    kind = column.removesuffix("_propagated")
    if kind not in ("n_organisms", "organism_ids", "membership"):
        raise NotRecomputedError("it is taken from the ontology")
    rows = sources.read_rows("organisms")
    compared = {
        each["organism_id"]: each["complete"] == "true"
        for each in rows
        if each["compared"] == "true"
    }
    go_id, is_propagated = row["go_id"], column != kind
    organism_ids: set[str] = set()

    def collect() -> Iterable[TracedAnnotation]:
        for each in sources.read_supporting(go_id, descendants=is_propagated):
            if each.organism_id in compared:
                organism_ids.add(each.organism_id)
                yield each

    annotations, number = take_first(collect(), sources.limit)
    value: object = len(organism_ids)
    if kind == "organism_ids":
        more = ["..."] if len(organism_ids) > N_ORGANISMS_LISTED else []
        ordered = sorted(organism_ids, key=order_organism)
        value = [*ordered[:N_ORGANISMS_LISTED], *more]
    elif kind == "membership":
        value = _determine_membership(organism_ids, compared)
    term = f"{go_id} or a descendant" if is_propagated else f"{go_id} itself"
    method = f"compared organisms with a supporting line on {term}"
    return Recomputed(value, method, annotations, number, {"compared organisms": len(compared)})


def _determine_membership(with_term: set[str], compared: Mapping[str, bool]) -> str:
    """Return the membership of a term; `compared` has whether an organism is complete."""
    complete = {organism_id for organism_id, is_complete in compared.items() if is_complete}
    if len(compared) < 2 or not with_term:
        return ""
    if not with_term & complete:
        return "partial_only"
    if len(complete) > 1 and complete <= with_term:
        return "core"
    return "unique" if len(with_term) == 1 else "shared"


def reread_annotation(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a cell of `annotations` from the line in the input."""
    wanted = trace_row(row)
    same = [
        each
        for each in sources.require_inputs().lines.read_annotations(
            wanted.organism_id, lambda go_id: go_id == wanted.row.go_id
        )
        if each.place == wanted.place and each.object_id == wanted.object_id
    ]
    if not same:
        return Recomputed(None, f"the line is no longer in {wanted.row.source_file}")
    best = max(same, key=lambda each: each.row == wanted.row)
    return Recomputed(best.row._asdict()[column], "from the line, read again", [best], 1)
