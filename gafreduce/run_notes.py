"""What a reader of the answer has to know besides: the warnings of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from gafreduce import finding_notes
from gafreduce.plan import Plan
from jobs.reconcile import FileTotal
from reports.answer import plural
from reports.rates import odd_rates
from reports.tables import Made


def notes(plan: Plan, totals: Mapping[int, FileTotal], made: Made) -> Iterator[str]:
    """Say what a reader of the answer has to know besides."""
    yield from plan.listing.notes
    if plan.terms.note:
        yield plan.terms.note
    left_out = [found.organism for found in made.organisms if not found.compared]
    if left_out:
        names = ", ".join(left_out[:30])
        more = f" and {len(left_out) - 30} more" if len(left_out) > 30 else ""
        yield f"not compared, too few gene products or not asked for: {names}{more}"
    for taxon_id in plan.request.organisms:
        if not any(v.taxon_id == taxon_id and v.n_annotations for v in made.organisms):
            yield f"taxon {taxon_id} was asked for and has no annotation line in these files"
    if not any(found.compared for found in made.organisms):
        yield "no organism is compared"
    for status, words, why in (
        ("obsolete", "obsolete term", "without a replacement"),
        ("unknown", "term id", "unknown to this ontology"),
    ):
        if made.n_terms_by_status.get(status):
            yield (
                f"{plural(made.n_terms_by_status[status], words)} {why}: counted directly, "
                f"without ancestors (table terms, status {status})"
            )
    n_rejected = sum(total.n_rejected for total in totals.values())
    if n_rejected:
        verb = "line was" if n_rejected == 1 else "lines were"
        yield f"{n_rejected} {verb} rejected (table rejections)"
    yield from odd_rates(
        (found.organism, found.rate_per_1000)
        for found in made.organisms
        if found.compared and found.rate_per_1000 is not None
    )
    yield from _filter_notes(plan, totals)
    yield from finding_notes.notes(totals.values())


def _filter_notes(plan: Plan, totals: Mapping[int, FileTotal]) -> Iterator[str]:
    """Say what the filters left out, and which relations count instead of the usual ones."""
    for name, values in plan.request.options["filters"].items():
        if name == "taking_part":
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
