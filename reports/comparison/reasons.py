"""The reasons of differences, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterable

#: Each reason with its meaning. The first that holds is the primary one.
REASONS = {
    "inputs": "the organism has annotation lines in one of the runs only",
    "completeness": "its files are complete in one run only, or one run states it",
    "filters": "the filters of the other run exclude the line",
    "options": "other options of the runs differ and decide it",
    "version": "the same files, ontology and options, but another version of gafreduce",
    "term_merged": "the term was merged into another one",
    "term_retired": "the term is obsolete in the other ontology",
    "term_set": "descendants or ancestry of the term changed",
    "product_id": "the id of the gene product was replaced, by the id map",
    "relation": "another relation, or NOT",
    "evidence": "another evidence code, With/From or assigning group",
    "lines_merged": "lines of the same gene product and term were merged or split",
    "source_retired": "GO stopped using its source",
    "source_absent": "its source has no line at all in the other run",
    "lines": "lines on the term, or on a descendant, were added or removed",
    "undetermined": "ontology or lines, undetermined",
    "unexplained": "the line was added or removed, unexplained",
}
_RANKS = {reason: rank for rank, reason in enumerate(REASONS)}
#: The beginning of a remark, with the id of a gene product after it.
SAME_SYMBOL = "possibly_same_symbol:"


def rank_reason(reason: str) -> int:
    """Return the place of a reason in the order; remarks come last."""
    return _RANKS.get(reason, len(_RANKS))


def order_reasons(reasons: Iterable[str]) -> list[str]:
    """Return distinct reasons in their order.

    >>> order_reasons(["evidence", "term_set", "evidence"])
    ['term_set', 'evidence']
    """
    return sorted(dict.fromkeys(reasons), key=lambda reason: (rank_reason(reason), reason))
