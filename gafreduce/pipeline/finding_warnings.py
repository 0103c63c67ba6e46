"""What the answer of a run says of the rules' findings: the table `findings` has them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gafreduce.jobs.accounting.line_counts import CountedFinding
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.rules.catalogue import RULES, WARN
from gafreduce.reports.summary.sentences import format_count

#: Findings that change what a line counts for, in words.
NOTED = {
    "unknown_evidence": "with an evidence code or ECO id that GO does not know, taken as unstated",
    "ambiguous_eco_id": "with an ECO id that stands for two codes, taken as the weaker one",
    "unknown_relation": "with a relation that is none of GO's, which supports nothing",
    "refused_in_part": "kept without annotations of it that must be refused",
}
#: Told of in words of their own: terms without a place in the ontology.
_TOLD_ELSEWHERE = {"obsolete_go_id", "unknown_go_id"}


def notes(totals: Iterable[FileTotal]) -> Iterator[str]:
    """Return notes on kept lines of which a rule has something to say."""
    kept = [found for total in totals for found in total.found if not found.is_refused]
    for word, words in NOTED.items():
        of_word = [found for found in kept if found.word == word]
        if of_word:
            example = min((found.examples[0] for found in of_word), key=str.encode)
            n_lines = sum(found.n_lines for found in of_word)
            yield f"{format_count(n_lines, 'line')} {words}, for example {example[:100]!r}"
    yield from _repaired(kept)
    yield from _others(kept)


def _repaired(kept: Iterable[CountedFinding]) -> Iterator[str]:
    repaired = [found for found in kept if found.word == "repaired_go_id"]
    if repaired:
        n_lines = sum(found.n_lines for found in repaired)
        n_ids = len({found.value for found in repaired})
        yield (
            f"{format_count(n_lines, 'line')} with "
            f"{format_count(n_ids, 'merged or replaced term id')}, read as "
            "the terms that replace them (table findings)"
        )


def _others(kept: Iterable[CountedFinding]) -> Iterator[str]:
    """Say once how much more there is, but not what is only good to know."""
    lines: Counter[str] = Counter()
    for found in kept:
        is_told = found.word in NOTED or found.word in _TOLD_ELSEWHERE
        if not is_told and RULES[found.word].severity == WARN:
            lines[found.word] += found.n_lines
    if lines:
        parts = ", ".join(f"{word} {count:,}" for word, count in sorted(lines.items()))
        yield f"GO's rules warn of more lines (table findings): {parts}"
