"""The warnings of a run, which are shown with its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gafreduce.inputs.samples import find_kind, find_mixed_samples
from gafreduce.jobs.accounting.line_counts import CountedFinding
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.model.filters import NO_FILTERS, NOT_STATED
from gafreduce.jobs.rules.catalogue import RULES, WARN
from gafreduce.pipeline.plan import Plan
from gafreduce.reports.summary.sentences import format_count
from gafreduce.reports.tables.core_tables import CoreResults, OrganismRow

if TYPE_CHECKING:
    from gafreduce.ontology.subset import Subset

#: The largest number of organisms that a warning names.
N_NAMED = 5

#: Findings that change how a line is counted, each with the text of its warning.
FINDING_TEXTS = {
    "unknown_evidence": "with an evidence code or ECO id unknown to GO, counted as not stated",
    "ambiguous_eco_id": "with an ECO id of two codes, counted as the weaker one",
    "unknown_relation": "with a relation unknown to GO, which supports and negates nothing",
    "refused_in_part": "kept without those of its annotations that had to be refused",
}
#: Findings with warnings of their own: the status of terms.
_STATUS_FINDINGS = {"obsolete_go_id", "unknown_go_id"}


def list_warnings(plan: Plan, totals: Mapping[int, FileTotal], made: CoreResults) -> Iterator[str]:
    """Yield the warnings of a run.

    Args:
        plan: The plan of the run.
        totals: The line counts of each input, by its number.
        made: Facts about the tables.
    """
    yield from plan.listing.notes
    if plan.terms.note:
        yield plan.terms.note
    if plan.slim and plan.slim.left_out:
        yield _warn_of_subset(plan.slim)
    yield from _organism_warnings(made.organisms)
    yield from _file_warnings(plan, totals)
    yield from _stray_warnings(plan, totals, made.organisms)
    yield from _format_warnings(plan, totals)
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
    yield from _filter_warnings(plan, totals)
    yield from list_finding_warnings(totals.values())


def _warn_of_subset(subset: Subset) -> str:
    left_out = subset.left_out
    more = f" and {len(left_out) - N_NAMED} more" if len(left_out) > N_NAMED else ""
    are = "is" if len(left_out) == 1 else "are"
    return (
        f"{format_count(len(left_out), 'term')} of --slim {are} left out, unknown to this ontology "
        f"or obsolete in it: {', '.join(left_out[:N_NAMED])}{more}"
    )


def _organism_warnings(organisms: Iterable[OrganismRow]) -> Iterator[str]:
    """Yield warnings about organisms that are not compared, or have no annotations."""
    n_excluded = n_compared = 0
    names: list[str] = []
    without_lines: list[str] = []
    for found in organisms:
        n_compared += found.compared
        if not found.compared:
            n_excluded += 1
            names += [found.organism] if len(names) < N_NAMED else []
        if found.compared and not (found.n_annotations or found.n_filtered_lines):
            without_lines.append(found.organism)
    if n_excluded:
        more = f" and {n_excluded - N_NAMED:,} more" if n_excluded > N_NAMED else ""
        are = "organism is" if n_excluded == 1 else "organisms are"
        yield (
            f"{n_excluded:,} other {are} not compared (too few gene products, or not requested; "
            f"table organisms): {', '.join(names)}{more}"
        )
    for name in without_lines:
        yield f"{name} was requested but has no annotations in these files"
    if not n_compared:
        yield "no organism is compared"


def _stray_warnings(
    plan: Plan, totals: Mapping[int, FileTotal], organisms: Iterable[OrganismRow]
) -> Iterator[str]:
    """Yield the files whose main organism is not compared, though nobody left it out."""
    if plan.options.organisms or any(each.compare is not None for each in plan.listing.inputs):
        return
    left_out = {each.organism_id: each.organism for each in organisms if not each.compared}
    files: dict[str, list[str]] = {}
    for number, total in sorted(totals.items()):
        organism_id = plan.listing.organisms.id_of(total.main_taxon_id)
        if organism_id in left_out:
            files.setdefault(organism_id, []).append(plan.listing.inputs[number].source_file)
    for organism_id, names in list(files.items())[:N_NAMED]:
        yield (
            f"{', '.join(names[:N_NAMED])}: most lines are of {left_out[organism_id]}, which has "
            "too few gene products beside the others (to compare it, name it in a sample sheet)"
        )


def _file_warnings(plan: Plan, totals: Mapping[int, FileTotal]) -> Iterator[str]:
    """Yield what was done with files of which the sheet has another taxon, or none has a name."""
    organisms = plan.listing.organisms
    pooled: dict[int, list[str]] = {}
    for number, total in sorted(totals.items()):
        found, main = plan.listing.inputs[number], total.main_taxon_id
        if not main:
            continue
        taxon_id = organisms.taxon_of(organisms.id_of(main))
        if found.sheet_taxon not in (0, taxon_id):
            advice = "taxon_id is for formats that have no taxa"
            done = f"they are counted for taxon {taxon_id}"
            if found.sample:
                done = f"only the lines of taxon {found.sheet_taxon} are counted for {found.sample}"
                advice = f"write taxon_id {taxon_id}, or pool_taxa true"
            yield (
                f"{found.source_file}: the sample sheet has taxon {found.sheet_taxon}, but most of "
                f"the file's lines are of taxon {taxon_id}: {done} ({advice})"
            )
        if not (found.sample or found.organism):
            pooled.setdefault(main, []).append(found.source_file)
    for taxon_id, files in sorted(pooled.items()):
        if len(files) > 1:
            more = f" and {len(files) - N_NAMED} more" if len(files) > N_NAMED else ""
            yield (
                f"{len(files)} files of taxon {taxon_id} are counted as one organism: "
                f"{', '.join(sorted(files)[:N_NAMED])}{more} (to compare them, name each in the "
                "column sample of a sample sheet)"
            )


def _format_warnings(plan: Plan, totals: Mapping[int, FileTotal]) -> Iterator[str]:
    """Yield what formats of different kinds mean for samples, and for the comparison."""
    inputs = plan.listing.inputs
    for sample, files in find_mixed_samples(inputs, totals).items():
        more = f" and {len(files) - N_NAMED} more" if len(files) > N_NAMED else ""
        yield (
            f"sample {sample} has files that name gene products by different ids "
            f"({', '.join(files[:N_NAMED])}{more}): they are counted by file, without totals, "
            "rates and tests (join the ids with --id-map, or name a sample for each)"
        )
    kinds = {find_kind(found.format): found.format for found in inputs}
    if len(kinds) > 1:
        yield (
            f"the files are in formats of different kinds ({', '.join(sorted(kinds.values()))}), "
            "which annotate to different depths: compare terms by their propagated columns"
        )


def _filter_warnings(plan: Plan, totals: Mapping[int, FileTotal]) -> Iterator[str]:
    """Yield how many lines each filter excluded, and the relations that support the term."""
    supporting = plan.options.filters.supporting_relations
    if supporting != NO_FILTERS.supporting_relations:
        words = ", ".join(relation or NOT_STATED for relation in supporting)
        yield f"--qualifier-relations: only {words} count as support for a term"
    excluded: Counter[str] = Counter()
    for total in totals.values():
        excluded.update(total.filtered)
    if excluded:
        parts = ", ".join(
            f"--{option.replace('_', '-')} {count:,}" for option, count in sorted(excluded.items())
        )
        verb = "line was" if excluded.total() == 1 else "lines were"
        yield f"{excluded.total():,} {verb} excluded by filters: {parts}"


def list_finding_warnings(totals: Iterable[FileTotal]) -> Iterator[str]:
    """Yield warnings about findings of rules in lines that are kept."""
    totals = list(totals)
    kept = [found for total in totals for found in total.found if not found.is_refused]
    n_lines_of = {
        word: sum(total.count_lines(word) for total in totals)
        for word in {found.word for found in kept}
    }
    for word, text in FINDING_TEXTS.items():
        matching = [found for found in kept if found.word == word]
        if matching:
            example = min((found.examples[0] for found in matching), key=str.encode)
            yield f"{format_count(n_lines_of[word], 'line')} {text}, for example {example[:100]!r}"
    yield from _repair_warnings(kept, n_lines_of)
    yield from _other_warnings(n_lines_of)


def _repair_warnings(
    kept: Iterable[CountedFinding], n_lines_of: Mapping[str, int]
) -> Iterator[str]:
    repaired = [found for found in kept if found.word == "repaired_go_id"]
    if repaired:
        n_lines = n_lines_of["repaired_go_id"]
        n_ids = len({found.value for found in repaired})
        yield (
            f"{format_count(n_lines, 'line')} with "
            f"{format_count(n_ids, 'merged or replaced term id')}, "
            "counted under the replacing term (table findings)"
        )


def _other_warnings(n_lines_of: Mapping[str, int]) -> Iterator[str]:
    """Yield one warning with the numbers of lines of all other findings of severity `warn`."""
    lines = {
        word: n_lines
        for word, n_lines in n_lines_of.items()
        if word not in FINDING_TEXTS
        and word not in _STATUS_FINDINGS
        and RULES[word].severity == WARN
    }
    if lines:
        parts = ", ".join(f"{word} {count:,}" for word, count in sorted(lines.items()))
        yield (
            "quality warnings, which do not change the answer (table findings), by number of "
            f"lines: {parts}"
        )
