"""What a reader of the answer has to know besides: the warnings of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.pipeline import finding_warnings
from gafreduce.pipeline.plan import Plan
from gafreduce.pipeline.rate_warnings import find_high_rates
from gafreduce.reports.summary.sentences import format_count
from gafreduce.reports.tables.core_tables import CoreResults, OrganismRow

#: Organisms that are named.
N_NAMED = 30


def notes(plan: Plan, totals: Mapping[int, FileTotal], made: CoreResults) -> Iterator[str]:
    """Say what a reader of the answer has to know besides."""
    yield from plan.listing.notes
    if plan.terms.note:
        yield plan.terms.note
    yield from _organism_notes(plan.request.organisms, made.organisms)
    for status, words, why in (
        ("obsolete", "obsolete term", "without a replacement"),
        ("unknown", "term id", "unknown to this ontology"),
    ):
        if made.n_terms_by_status.get(status):
            yield (
                f"{format_count(made.n_terms_by_status[status], words)} {why}: counted directly, "
                f"without ancestors (table terms, status {status})"
            )
    n_rejected = sum(total.n_rejected for total in totals.values())
    if n_rejected:
        verb = "line was" if n_rejected == 1 else "lines were"
        yield f"{n_rejected} {verb} rejected (table rejections)"
    yield from find_high_rates(made.organisms)
    yield from _filter_notes(plan, totals)
    yield from finding_warnings.notes(totals.values())


def _organism_notes(asked_for: Sequence[int], organisms: Iterable[OrganismRow]) -> Iterator[str]:
    """Say who is not compared, and why not."""
    n_left_out = n_compared = 0
    names: list[str] = []
    without_lines = dict.fromkeys(asked_for)
    for found in organisms:
        n_compared += found.compared
        if not found.compared:
            n_left_out += 1
            names += [found.organism] if len(names) < N_NAMED else []
        if found.n_annotations:
            without_lines.pop(found.taxon_id, None)
    if n_left_out:
        more = f" and {n_left_out - N_NAMED} more" if n_left_out > N_NAMED else ""
        yield f"not compared, too few gene products or not asked for: {', '.join(names)}{more}"
    for taxon_id in without_lines:
        yield f"taxon {taxon_id} was asked for and has no annotation line in these files"
    if not n_compared:
        yield "no organism is compared"


def _filter_notes(plan: Plan, totals: Mapping[int, FileTotal]) -> Iterator[str]:
    """Say what the filters left out, and which relations count instead of the usual ones."""
    for name, values in plan.request.options["filters"].items():
        if name == "supporting_relations":
            yield f"--qualifier-relations: taking part is said by {', '.join(values)} only"
    left_out: Counter[str] = Counter()
    for total in totals.values():
        left_out.update(total.filtered)
    for number, total in sorted(totals.items()):
        if total.filtered and not total.n_kept:
            yield (
                f"{plan.listing.inputs[number].source_file}: the filters leave none of its lines, "
                "and it may name no organism here"
            )
    if left_out:
        parts = ", ".join(
            f"--{option.replace('_', '-')} {count:,}" for option, count in sorted(left_out.items())
        )
        yield f"{left_out.total():,} lines were left out by filters: {parts}"
