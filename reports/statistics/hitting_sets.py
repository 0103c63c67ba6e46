"""The smallest sets of entries whose removal changes a verdict.

Docs: docs/statistics.md#sensitivity-analysis
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from gafreduce.jobs.model.evidence import CURATED
from gafreduce.reports.statistics.evidence_lines import Evidence, Line
from gafreduce.reports.statistics.frames import Row
from gafreduce.reports.tables import verdicts

MAX_SETS = 100
#: Beyond this a smallest set is a list that nobody reads, and the search for it long.
MAX_REMOVED = 200
MAX_CHOICES = 20

_GROUPS_OF_VERDICT = {
    "experimental": ("experimental",),
    "high_throughput": ("high_throughput",),
    "curated": CURATED,
    "electronic_only": ("electronic",),
    "unstated_only": ("unstated",),
}


def smallest_sets(evidence: Evidence) -> Iterator[Row]:
    """Return the rows of `robustness_sets` of one organism.

    The verdict changes exactly when every line that decides it falls: those of its evidence group
    on positive products (or of the conflicting products, the other relations, the regulators).
    Such a line falls when each of its alternatives loses an entry, so that a smallest set is a
    smallest hitting set of all alternatives: entries that stand alone are forced, the others are
    searched.
    """
    word = evidence.verdict
    deciding = _deciding(evidence, word)
    wanted = {together for line in deciding for together in line.rests_on}
    if not deciding or any(not line.rests_on for line in deciding):
        reason = "only_negations" if word == "negated" else "nothing_to_remove"
        yield _no_set(evidence.taxon, word, reason)
        return
    found = hitting_sets(wanted)
    if found is None:
        yield _no_set(evidence.taxon, word, "too_many_entries")
        return
    for number, removed in enumerate(found[:MAX_SETS], start=1):
        fallen = [
            line
            for line in evidence.lines
            if line.falls_without(removed.__contains__, line.rests_on)
        ]
        after = verdicts.verdict(evidence.counts_without(fallen))
        yield (
            evidence.taxon,
            number,
            len(found),
            len(removed),
            sorted(removed),
            word,
            after,
            "",
        )


def _no_set(taxon: int, word: str, reason: str) -> Row:
    return (taxon, 1, 0, None, "", word, "", reason)


def _deciding(evidence: Evidence, word: str) -> list[Line]:
    """Return the lines that must all fall for the verdict to change."""
    lines, facts = evidence.lines, evidence.facts
    if word == "conflicting":
        return [
            line
            for line in lines
            if line.supports_target and facts[line.object_id].status == "conflicting"
        ]
    if word == "other_relation_only":
        return [line for line in lines if line.has_other_relation]
    if word == "regulators_only":
        return [line for line in lines if line.supports_regulator]
    return [
        line
        for line in lines
        if line.supports_target
        and line.row.evidence_group in _GROUPS_OF_VERDICT.get(word, ())
        and facts[line.object_id].status == "positive"
    ]


def hitting_sets(families: Set[frozenset[str]]) -> list[frozenset[str]] | None:
    """Return all smallest sets that share an entry with each family, sorted; None beyond the caps.

    >>> [sorted(s) for s in hitting_sets({frozenset("a"), frozenset("bc"), frozenset("ab")})]
    [['a', 'b'], ['a', 'c']]
    """
    forced = frozenset().union(*(family for family in families if len(family) == 1))
    rest = sorted({family for family in families if not family & forced}, key=sorted)
    if len(forced) > MAX_REMOVED or len(rest) > MAX_CHOICES:
        return None
    size = 0
    while True:
        found = set(_search(rest, frozenset(), size))
        if found:
            return sorted((forced | chosen for chosen in found), key=sorted)
        size += 1


def _search(
    families: Sequence[frozenset[str]], chosen: frozenset[str], left: int
) -> Iterator[frozenset[str]]:
    """Return the sets that hit every family with at most so many further entries."""
    missed = next((family for family in families if not family & chosen), None)
    if missed is None:
        yield chosen
    elif left:
        for entry in sorted(missed):
            yield from _search(families, chosen | {entry}, left - 1)
