"""The table `robustness_sets`: minimal sets of entries without which a verdict changes.

Docs: docs/statistics.md#sensitivity-analysis
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from gafreduce.jobs.model.evidence import CURATED
from gafreduce.reports.statistics.evidence_lines import Evidence, EvidenceLine
from gafreduce.reports.tables.frames import Values
from gafreduce.reports.tables.schema import ROBUSTNESS_SETS

MAX_SETS = 100
#: A set with more entries is a list that nobody reads, and its search takes long.
MAX_REMOVED = 200
MAX_CHOICES = 20

_GROUPS_OF_VERDICT = {
    "experimental": ("experimental",),
    "high_throughput": ("high_throughput",),
    "curated": CURATED,
    "electronic_only": ("electronic",),
    "unstated_only": ("unstated",),
}


def compute_hitting_sets(evidence: Evidence) -> Iterator[Values]:
    """Yield the rows of `robustness_sets` of one organism.

    The verdict changes exactly when every line that decides it is excluded: the lines of its
    evidence group on positive gene products (or of the conflicting products, the other relations,
    the regulators). Such a line is excluded when each of its alternatives loses an entry. A minimal
    set is therefore a minimum hitting set of all alternatives: entries that are an alternative by
    themselves are forced, the other entries are searched for.
    """
    verdict = evidence.verdict
    deciding = find_deciding_lines(evidence, verdict)
    alternatives = {together for line in deciding for together in line.entries}
    if not deciding:
        reason = "only_negations" if verdict == "negated" else "nothing_to_remove"
        yield _make_empty_row(evidence.organism_id, verdict, reason)
        return
    found = find_hitting_sets(alternatives)
    if found is None:
        yield _make_empty_row(evidence.organism_id, verdict, "too_many_entries")
        return
    for number, removed in enumerate(found[:MAX_SETS], start=1):
        excluded = [
            line for line in evidence.lines if line.is_excluded_without(removed, line.entries)
        ]
        yield ROBUSTNESS_SETS.make_row(
            organism_id=evidence.organism_id,
            number=number,
            n_sets=len(found),
            n_entries=len(removed),
            entries=sorted(removed),
            verdict=verdict,
            verdict_without=evidence.decide_verdict(evidence.count_without(excluded)),
            reason="",
        )


def _make_empty_row(organism_id: str, verdict: str, reason: str) -> Values:
    """Return the row of an organism without minimal sets."""
    return ROBUSTNESS_SETS.make_partial_row(
        organism_id=organism_id,
        number=1,
        n_sets=0,
        entries="",
        verdict=verdict,
        verdict_without="",
        reason=reason,
    )


def find_deciding_lines(evidence: Evidence, verdict: str) -> list[EvidenceLine]:
    """Return the lines that must all be excluded for the verdict to change."""
    lines, facts = evidence.lines, evidence.facts
    if verdict == "conflicting":
        return [
            line
            for line in lines
            if line.supports_target and facts[line.object_id].status == "conflicting"
        ]
    if verdict == "other_relation_only":
        return [line for line in lines if line.has_other_relation]
    if verdict == "regulators_only":
        return [line for line in lines if line.supports_regulator]
    return [
        line
        for line in lines
        if line.supports_target
        and line.row.evidence_group in _GROUPS_OF_VERDICT.get(verdict, ())
        and facts[line.object_id].status == "positive"
    ]


def find_hitting_sets(families: Set[frozenset[str]]) -> list[frozenset[str]] | None:
    """Return all minimum sets that share an entry with each family, sorted.

    Args:
        families: Non-empty sets of entries.

    Returns:
        The sets, all of the same size; None when there are more entries or families than the
        search allows (MAX_REMOVED, MAX_CHOICES).

    >>> [sorted(s) for s in find_hitting_sets({frozenset("a"), frozenset("bc"), frozenset("ab")})]
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
    families: Sequence[frozenset[str]], chosen: frozenset[str], n_left: int
) -> Iterator[frozenset[str]]:
    """Yield the sets that hit every family: the chosen entries and at most `n_left` more."""
    missed = next((family for family in families if not family & chosen), None)
    if missed is None:
        yield chosen
    elif n_left:
        for entry in sorted(missed):
            yield from _search(families, chosen | {entry}, n_left - 1)
