"""Titles of figures: each states the figure's finding. Standard library only.

Numbers of partial files are never a part of them: where files are partial, the title counts and
names the complete ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from gafreduce.reports.summary.sentences import GROUP_LABELS, format_count

#: Share of 95 % intervals that miss their value by chance.
_MISSED_BY_CHANCE = 0.05


def _limit(has_partial: bool) -> str:
    return " (complete files)" if has_partial else ""


def write_evidence_title(counts: Mapping[str, int], *, has_partial: bool, n_partial: int) -> str:
    """Return the title of the evidence figure.

    Args:
        counts: Gene products of complete files by their strongest evidence group.
        has_partial: Whether some files are partial.
        n_partial: Gene products of partial files.
    """
    total = sum(counts.values())
    if not total:
        if n_partial:
            return f"Only partial files have annotations: {format_count(n_partial, 'gene product')}"
        return "No gene product is annotated to the term"
    products = format_count(total, "gene product") + _limit(has_partial)
    used = [group for group in GROUP_LABELS if counts.get(group)]
    if len(used) == 1:
        kind = GROUP_LABELS[used[0]]
        if total == 1:
            return f"The only gene product{_limit(has_partial)} has {kind} evidence"
        every = "Both" if total == 2 else f"All {total:,}"
        return f"{every} gene products{_limit(has_partial)} have {kind} evidence at best"
    if counts.get("electronic"):
        n_electronic = counts["electronic"]
        have = "has" if n_electronic == 1 else "have"
        return f"{n_electronic:,} of {products} {have} no better evidence than electronic"
    first = used[0]
    have = "has" if counts[first] == 1 else "have"
    return f"{counts[first]:,} of {products} {have} {GROUP_LABELS[first]} evidence"


def write_sensitivity_title(
    source: str, n_lost: int, n_all: int, n_changed: int, n_organisms: int, *, has_partial: bool
) -> str:
    """Return the title of the sensitivity figure: the source that matters most.

    Args:
        source: Source without which most gene products lose the term; empty if none does.
        n_lost: How many lose it.
        n_all: Gene products with the term, of complete files.
        n_changed: Organisms for which leaving out one source changes the verdict.
        n_organisms: Organisms with complete files and annotations.
        has_partial: Whether some files are partial.
    """
    limit = _limit(has_partial)
    if not n_all:
        return "Only partial files have annotations to leave out"
    if not source:
        return f"No gene product depends on a single source{limit}"
    if not n_changed:
        products = format_count(n_all, "gene product")
        return f"Without {source}, {n_lost:,} of {products} would lose the term{limit}"
    verdicts = format_count(n_organisms, "verdict")
    change = "changes" if n_changed == 1 else "change"
    return f"{n_changed:,} of {verdicts} {change} without a single source{limit}"


def write_rates_title(
    intervals: Mapping[str, tuple[float, float, float]], common: float, *, max_named: int = 2
) -> str:
    """Return the title of the figure of rates.

    Args:
        intervals: Rate and ends of the interval of each organism.
        common: Common rate of all of them.
        max_named: Organisms that are named.
    """
    if len(intervals) == 1:
        return "Only one organism has a rate: no comparison"
    outside = [name for name, (_, low, high) in intervals.items() if not low <= common <= high]
    rate = f"the common rate of {common:.1f} per 1,000"
    if not outside:
        return f"No difference was detected: every interval includes {rate}"
    if len(outside) <= max_named:
        verb = "differs" if len(outside) == 1 else "differ"
        return f"{' and '.join(outside)} {verb} from {rate}"
    chance = _MISSED_BY_CHANCE * len(intervals)
    spread = sqrt(chance * (1 - _MISSED_BY_CHANCE))
    about = f"about {max(round(chance), 1)} would by chance" if spread else ""
    return f"{len(outside):,} of {len(intervals):,} intervals do not include {rate}; {about}"


def write_spectrum_title(counts: Sequence[int], *, has_partial: bool) -> str:
    """Return the title of the spectrum: terms in all organisms, and in one only."""
    total, n = sum(counts), len(counts)
    every = "both" if n == 2 else f"all {n:,}"
    kind = "complete organisms" if has_partial else "organisms"
    return (
        f"{counts[-1]:,} of {format_count(total, 'term')} are annotated in {every} {kind}, "
        f"{counts[0]:,} in one only"
    )


def write_sets_title(n_terms: int, names: Sequence[str], n_organisms: int) -> str:
    """Return the title of the figure of sets: the largest one."""
    terms = format_count(n_terms, "term")
    if len(names) == n_organisms:
        return f"The largest set, {terms}, is common to {'both' if n_organisms == 2 else 'all'}"
    if len(names) <= 2:
        return f"The largest set, {terms}, is of {' and '.join(names)} only"
    return f"The largest set, {terms}, is of {len(names)} of {n_organisms:,} organisms"


def write_shares_title(name: str, n_own: int) -> str:
    """Return the title of the figure of terms of one organism only."""
    if not n_own:
        return "No organism has a term that no other organism has"
    return f"{name} has the most terms that no other organism has: {n_own:,}"


def write_similarity_title(names: tuple[str, str], similarity: float, n_organisms: int) -> str:
    """Return the title of the figure of similarity."""
    if n_organisms == 2:
        return f"{names[0]} and {names[1]}: similarity {similarity:.2f}"
    return f"Most similar: {names[0]} and {names[1]} ({similarity:.2f})"


def write_slim_title(
    n_terms: int, n_all: int, n_none: int, n_organisms: int, *, has_partial: bool
) -> str:
    """Return the title of the figure of a subset: terms by the complete organisms that have them.

    Args:
        n_terms: Terms of the subset.
        n_all: Terms annotated in all organisms with complete files.
        n_none: Terms annotated in none of them.
        n_organisms: Organisms with complete files.
        has_partial: Whether some files are partial.
    """
    terms = format_count(n_terms, "term")
    if not n_organisms:
        return f"{terms} of the subset: all files are partial"
    if n_organisms == 1:
        have = "is" if n_all == 1 else "are"
        return f"Of {terms} of the subset, {n_all:,} {have} annotated{_limit(has_partial)}"
    every = "both" if n_organisms == 2 else f"all {n_organisms:,}"
    kind = "complete organisms" if has_partial else "organisms"
    return (
        f"Of {terms} of the subset, {n_all:,} annotated in {every} {kind}, "
        f"{n_terms - n_all - n_none:,} in some, {n_none:,} in none"
    )


def write_components_title(n_lacking: int, n_found: int, *, has_partial: bool) -> str:
    """Return the title of the figure of components: how many lack the annotation."""
    limit = _limit(has_partial)
    if not n_found:
        return f"No known component was found by family or symbol{limit}"
    if not n_lacking:
        return f"Every known component that was found is annotated{limit}"
    found = "known component" if n_found == 1 else "known components"
    verb = "lacks" if n_lacking == 1 else "lack"
    return f"{n_lacking:,} of {n_found:,} {found} found{limit} {verb} the annotation"
