"""Sentences on the differences between two runs, for terminal, page and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gafreduce.reports.evidence.retired_sources import read_retired_sources
from gafreduce.reports.summary.sentences import VERDICT_LABELS, format_count, list_names

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
#: Organisms described in one sentence each; the number of the others follows.
_N_DESCRIBED = 3
#: What gene products of a reason are said to be, after their number: gone, and new.
_PHRASES = {
    "inputs": "in files that only one run has",
    "completeness": "in files that are complete in one run only",
    "filters": "excluded by other filters",
    "options": "by other options",
    "version": "by another version of gafreduce",
    "term_merged": "by merged terms",
    "term_retired": "by obsolete terms",
    "term_set": "by another ontology",
    "product_id": "with replaced ids",
    "relation": "by another relation or NOT",
    "evidence": "by other evidence",
    "lines_merged": "by merged lines",
    "source_retired": "by a source that GO stopped using",
    "source_absent": "from sources that the other run does not have",
    "lines": "by other lines",
    "undetermined": "by ontology or lines, undetermined",
    "unexplained": "unexplained",
}
NO_CAUSE = (
    "Differences between runs are differences of annotation, not of organisms. A reason is what "
    "the two run folders show; it need not be the only cause."
)


def write_headline(
    term: str,
    organisms: Sequence[Mapping[str, Any]],
    products: Sequence[Mapping[str, Any]],
    n_terms: int,
) -> str:
    """Return one sentence on what changed.

    Args:
        term: Name and id of the target.
        organisms: Rows of the table `organisms` of a comparison, of one step.
        products: Rows of `gene_products` of this step.
        n_terms: Number of rows of `terms` of this step.
    """
    if not organisms:
        same = f"the same organisms, gene products and annotation lines for {term}"
        if not n_terms:
            return f"No differences: both runs have {same}."
        numbers = format_count(n_terms, "number")
        verb = "differs" if n_terms == 1 else "differ"
        return f"Both runs have {same}; {numbers} of gene products on other terms {verb}."
    ordered = sorted((row for row in organisms if not _is_empty(row)), key=_rank)
    n_empty = len(organisms) - len(ordered)
    parts = [
        describe_organism(
            row, [each for each in products if each["organism_id"] == row["organism_id"]]
        )
        for row in ordered[:_N_DESCRIBED]
    ]
    others = ordered[_N_DESCRIBED:]
    if others:
        parts.append(
            f"{format_count(len(others), 'other organism')} changed: "
            f"{list_names([row['organism'] for row in others], 5)}"
        )
    if n_empty:
        other = "other organism" if parts else "organism"
        parts.append(
            f"{format_count(n_empty, other)} without a gene product with the term changed in "
            "verdict or completeness"
        )
    return "; ".join(parts) + "."


def _is_empty(row: Mapping[str, Any]) -> bool:
    """Return whether neither run has a gene product of the organism with the term."""
    counts = ("n_before", "n_after", "n_gone", "n_new")
    return row["change"] == "changed" and all(row[each] == 0 for each in counts)


def _rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    has_verdict = row["verdict_before"] != row["verdict_after"]
    size = abs((row["n_after"] or 0) - (row["n_before"] or 0))
    return (not has_verdict, -size, -(row["n_gone"] + row["n_new"]))


def describe_organism(row: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> str:
    """Return what changed in an organism, as a part of a sentence."""
    name = row["organism"]
    if row["change"] != "changed":
        where = "later" if row["change"] == "new" else "earlier"
        return f"{name}: in the {where} run only"
    before, after = ("?" if row[each] is None else row[each] for each in ("n_before", "n_after"))
    n = row["n_after"] if row["n_after"] is not None else 2
    noun = "gene product" if n == 1 else "gene products"
    text = f"{name} {before} -> {after} {noun}" if before != after else f"{name} {after} {noun}"
    details = [
        detail
        for word, verb in (("gone", "lost"), ("new", "gained"))
        for detail in _describe_moved([each for each in products if each["target"] == word], verb)
    ]
    kept = sum(each["target"] in ("kept", "") for each in products)
    if kept:
        details.append(f"{kept:,} with other lines")
    if row["complete_before"] != row["complete_after"]:
        state = "a partial file" if row["complete_after"] != "true" else "a complete file"
        details.append(f"now {state}, so that the numbers cannot be compared")
    if row["verdict_before"] != row["verdict_after"]:
        labels = [VERDICT_LABELS.get(row[f"verdict_{each}"], "") for each in ("before", "after")]
        details.append(f"verdict: {labels[0]} -> {labels[1]}")
    return f"{text}: {', '.join(details)}" if details else text


def _describe_moved(products: Sequence[Mapping[str, Any]], verb: str) -> list[str]:
    """Return parts of a sentence on gene products that lost or gained the target, by reason."""
    counts: dict[tuple[str, str], int] = {}
    for each in products:
        only = each["only_source"] if each["reason"] == "source_retired" else ""
        counts[each["reason"], only] = counts.get((each["reason"], only), 0) + 1
    found = []
    for (reason, only), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        retired = next((each for each in read_retired_sources() if each.source == only), None)
        if retired is not None and verb == "lost":
            year, month = retired.retired.split("-")
            when = f"{_MONTHS[int(month) - 1]} {year}"
            found.append(f"{n:,} had only {retired.words} that GO stopped using in {when}")
        else:
            found.append(f"{n:,} {verb} {_PHRASES[reason]}".replace("unexplained", "(unexplained)"))
    return found
