"""Recount the lines of input files: the cells of `inputs`, `rejections` and `findings`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from gafreduce.jobs.accounting.line_counts import OTHER_VALUES
from gafreduce.jobs.model.evidence import NO_DATA
from gafreduce.jobs.rules.catalogue import ACROSS_LINES, REJECT, RULES, Finding
from gafreduce.reports.explain.run_sources import NotRecomputedError, Recomputed, RunSources
from gafreduce.reports.explain.source_lines import KINDS, TracedAnnotation, TracedLine
from gafreduce.reports.tables.reader import Row


def recount_input(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return a number of lines of `inputs` counted again."""
    kind = column.removeprefix("n_")
    if kind != "lines" and kind not in KINDS:
        raise NotRecomputedError("it is taken from the name, size and content of the file")
    lines = sources.require_inputs().lines.read_lines(row["source_file"])
    method = "lines of the file" if kind == "lines" else f"lines of the file that are {kind}"
    chosen = (line for line in lines if kind in ("lines", line.kind))
    return _count_lines(chosen, method, sources.limit)


def recount_rejection(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return the number of lines of `rejections` counted again."""
    _require_line_count(column)
    return _recount_rejected(sources, row, row["reason"], None)


def recount_finding(sources: RunSources, row: Row, column: str) -> Recomputed:
    """Return the number of lines of `findings` counted again."""
    _require_line_count(column)
    if row["value"] == OTHER_VALUES:
        raise NotRecomputedError("it counts all values after the first ones together")
    word = row["finding"]
    if row["severity"] == REJECT:
        return _recount_rejected(sources, row, word, row["value"])
    if RULES[word].needs == ACROSS_LINES:
        return _recount_product_rule(sources, row)
    finding = Finding(word, row["value"], row["becomes"])
    lines = sources.require_inputs().lines.read_lines(row["source_file"])
    chosen = (line for line in lines if finding in line.findings)
    return _count_lines(
        chosen, f"kept lines with the finding {word} (docs/rules.md)", sources.limit
    )


def _require_line_count(column: str) -> None:
    if column != "n_lines":
        raise NotRecomputedError(
            "it is taken from the rule (docs/rules.md) or from the lines below"
        )


def _recount_rejected(sources: RunSources, row: Row, reason: str, value: str | None) -> Recomputed:
    chosen = (
        line
        for line in sources.require_inputs().lines.read_lines(row["source_file"])
        if line.kind == "rejected" and line.reason == reason and value in (None, line.value)
    )
    method = f"lines of the file that are rejected for {reason} (docs/rules.md)"
    return _count_lines(chosen, method, sources.limit)


def _count_lines(lines: Iterable[TracedLine], method: str, limit: int) -> Recomputed:
    """Return the number of lines, with the first ones; lines without annotations as text."""
    annotations: list[TracedAnnotation] = []
    texts: list[str] = []
    number = 0
    for number, line in enumerate(lines, 1):
        if number <= limit and line.annotations:
            annotations.append(line.annotations[0])
        elif number <= limit:
            reason = line.reason or line.kind
            texts.append(f"{line.source_file}:{line.number}: {reason}: {line.text}")
    return Recomputed(number, method, annotations, number, texts=texts)


def _recount_product_rule(sources: RunSources, row: Row) -> Recomputed:
    """Return the lines of a finding that concerns all lines of a gene product.

    Such a finding needs a gene product with lines of two kinds, and counts its lines of the first
    kind, or of both.
    """
    lines, value = sources.require_inputs().lines, row["value"]
    kinds: list[Callable[[TracedAnnotation], bool]]
    if row["finding"] == "nd_beside_others":
        method = f"ND lines in aspect {value} of gene products with other lines in it"
        kinds = [partial(_is_no_data, value), partial(_is_known, sources, value)]
        counted = kinds[:1]
    else:
        process, regulation = value.split(" ")
        method = f"supporting lines on {process} or {regulation} of gene products with both"
        kinds = [partial(_supports, process), partial(_supports, regulation)]
        counted = kinds
    products: list[set[tuple[str, str]]] = [set(), set()]
    for each in lines.read_annotations():
        for is_of_kind, found in zip(kinds, products, strict=True):
            if is_of_kind(each):
                found.add((each.organism_id, each.object_id))
    both = products[0] & products[1]
    annotations = [
        each
        for line in lines.read_lines(row["source_file"])
        for each in line.annotations
        if (each.organism_id, each.object_id) in both and any(test(each) for test in counted)
    ]
    return Recomputed(len(annotations), method, annotations[: sources.limit], len(annotations))


def _supports(go_id: str, annotation: TracedAnnotation) -> bool:
    return annotation.is_supporting and annotation.row.go_id == go_id


def _is_known(sources: RunSources, aspect: str, annotation: TracedAnnotation) -> bool:
    """Return whether an annotation supports a term of the ontology in an aspect."""
    is_known = annotation.row.go_id in sources.require_inputs().terms.index
    return is_known and annotation.is_supporting and annotation.row.aspect == aspect


def _is_no_data(aspect: str, annotation: TracedAnnotation) -> bool:
    return annotation.row.evidence_group == NO_DATA and annotation.row.aspect == aspect
