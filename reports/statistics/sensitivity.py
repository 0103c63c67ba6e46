"""The tables of the sensitivity analysis: verdict and counts without each source of evidence.

Formulas and limits: docs/statistics.md#sensitivity-analysis
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from gafreduce.reports.statistics.evidence_lines import (
    COLUMNS,
    Evidence,
    EvidenceLine,
    OrganismFacts,
)
from gafreduce.reports.statistics.hitting_sets import compute_hitting_sets
from gafreduce.reports.statistics.sampling import sample_within
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.evidence_sources import get_database
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import ROBUSTNESS, ROBUSTNESS_SETS

#: With more lines in the term set the target is so broad that no single source decides.
MAX_LINES = 50_000
#: Lines of all organisms together; organisms beyond the limit are left out and named in the notes.
MAX_LINES_TOGETHER = 100_000
#: With/From entries that are left out one by one: those with most lines, ties by bytes.
MAX_ENTRIES = 50


class Scenario(NamedTuple):
    """A source that is left out, and the lines that are excluded with it."""

    kind: str
    source: str
    excluded: Sequence[EvidenceLine]


def make_scenarios(evidence: Evidence) -> Iterator[Scenario]:
    """Yield a scenario for each source of an organism; the first leaves nothing out.

    NOT lines are never excluded, unless their gene product is left out altogether.
    """
    positive = [line for line in evidence.lines if not line.is_negated]
    yield Scenario("none", "", ())
    electronic = [line for line in positive if line.row.evidence_group == "electronic"]
    yield Scenario("electronic", "", electronic)
    core = [line for line in positive if line.row.term_class == "core"]
    if core:
        yield Scenario("core_terms", "", core)
    regulators = evidence.find_negative_regulators()
    if regulators:
        of_regulators = [line for line in evidence.lines if line.object_id in regulators]
        yield Scenario("negative_regulators", "", of_regulators)
    yield from _make_reference_scenarios(positive)
    yield from _make_with_from_scenarios(positive)
    by_assigner: defaultdict[str, list[EvidenceLine]] = defaultdict(list)
    for line in positive:
        by_assigner[line.row.assigned_by].append(line)
    for source in sorted(by_assigner.keys() - {""}):
        yield Scenario("assigned_by", source, by_assigner[source])


def _make_reference_scenarios(positive: Iterable[EvidenceLine]) -> Iterator[Scenario]:
    """Yield a scenario for each GO_REF."""
    lines_of: defaultdict[str, list[EvidenceLine]] = defaultdict(list)
    for line in positive:
        for reference in frozenset().union(*line.references):
            if get_database(reference) == "GO_REF":
                lines_of[reference].append(line)
    for source, lines in sorted(lines_of.items()):
        excluded = [
            line for line in lines if line.is_excluded_without(source.__eq__, line.references)
        ]
        yield Scenario("reference", source, excluded)


def _make_with_from_scenarios(positive: Iterable[EvidenceLine]) -> Iterator[Scenario]:
    """Yield a scenario for each With/From database, and for the entries with most lines."""
    of_entry: defaultdict[str, list[EvidenceLine]] = defaultdict(list)
    of_database: defaultdict[str, list[EvidenceLine]] = defaultdict(list)
    for line in positive:
        entries = frozenset().union(*line.with_from)
        for entry in entries:
            of_entry[entry].append(line)
        for database in set(map(get_database, entries)):
            of_database[database].append(line)
    for source, lines in sorted(of_database.items()):
        excluded = [line for line in lines if _is_excluded_without_database(line, source)]
        yield Scenario("with_database", source, excluded)
    most = sorted(of_entry, key=lambda entry: (-len(of_entry[entry]), entry))[:MAX_ENTRIES]
    for source in sorted(most):
        excluded = [
            line
            for line in of_entry[source]
            if line.is_excluded_without(source.__eq__, line.with_from)
        ]
        yield Scenario("with_entry", source, excluded)


def _is_excluded_without_database(line: EvidenceLine, database: str) -> bool:
    return line.is_excluded_without(lambda entry: get_database(entry) == database, line.with_from)


def _compute_rows(evidence: Evidence) -> Iterator[Values]:
    """Yield the rows of `robustness` of one organism, the first with nothing left out."""
    before, verdict = evidence.counts, evidence.verdict
    databases = _count_databases(evidence.lines)
    for kind, source, excluded in make_scenarios(evidence):
        after = evidence.count_without(excluded)
        new_verdict = evidence.decide_verdict(after)
        n_lost = before["n_target_gene_products"] - after["n_target_gene_products"]
        yield ROBUSTNESS.make_row(
            organism_id=evidence.organism_id,
            kind=kind,
            source=source,
            verdict=new_verdict,
            changes_verdict=new_verdict != verdict,
            n_target_annotations=after["n_target_annotations"],
            n_target_gene_products=after["n_target_gene_products"],
            n_regulator_gene_products=after["n_regulator_gene_products"],
            n_annotations_lost=len(excluded),
            n_gene_products_lost=n_lost,
            left_by=sorted(databases - _count_databases(excluded)),
        )


def _count_databases(lines: Iterable[EvidenceLine]) -> Counter[str]:
    """Count the supporting target lines by the databases they name; `none` for lines without."""
    counts: Counter[str] = Counter()
    for line in lines:
        if line.supports_target:
            entries = frozenset().union(*line.with_from)
            counts.update(set(map(get_database, entries)) or {"none"})
    return counts


def find_skipped_organisms(gene_products: pd.DataFrame, organisms: pd.DataFrame) -> dict[str, str]:
    """Return the reason why a compared organism has no rows, or "" for one that has.

    Args:
        gene_products: The table `gene_products`; it gives the number of lines.
        organisms: The table `organisms`.
    """
    sizes: Counter[str] = Counter()
    for organism_id, n_lines in frames.iterate_rows(
        gene_products, ("organism_id", "n_annotations")
    ):
        sizes[organism_id] += n_lines
    reasons = {
        organism_id: f"more_than_{MAX_LINES}_lines" if sizes[organism_id] > MAX_LINES else ""
        for organism_id in frames.list_compared(organisms)
    }
    narrow = [organism_id for organism_id, reason in reasons.items() if not reason]
    for organism_id in set(narrow) - set(sample_within(narrow, sizes, MAX_LINES_TOGETHER)):
        reasons[organism_id] = f"more_than_{MAX_LINES_TOGETHER}_lines_together"
    return reasons


def compute_sensitivity(
    annotations: pd.DataFrame, gene_products: pd.DataFrame, organisms: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return the tables `robustness` and `robustness_sets`, and their notes.

    Every compared organism has rows, incomplete ones too: the sources of the lines that are there
    are left out.

    Args:
        annotations: The table `annotations`, or its rows of the organisms that have rows here
            (`find_skipped_organisms`).
        gene_products: The table `gene_products`.
        organisms: The table `organisms`.
    """
    columns = ("organism_id", "verdict", "complete", "n_filtered_target_gene_products")
    facts_of = {
        organism_id: OrganismFacts(verdict, completeness == COMPLETE, n_filtered)
        for organism_id, verdict, completeness, n_filtered in frames.iterate_rows(
            organisms, columns
        )
    }
    reasons = find_skipped_organisms(gene_products, organisms)
    chosen = [organism_id for organism_id, reason in reasons.items() if not reason]
    products: defaultdict[str, defaultdict[str, list[EvidenceLine]]]
    products = defaultdict(lambda: defaultdict(list))
    kept = annotations[annotations["organism_id"].isin(chosen)]
    for organism_id, *cells in frames.iterate_rows(kept, ("organism_id", *COLUMNS)):
        line = EvidenceLine.from_cells(dict(zip(COLUMNS, cells, strict=True)))
        products[organism_id][line.object_id].append(line)
    rows: list[Values] = []
    set_rows: list[Values] = []
    for organism_id in chosen:
        evidence = Evidence(organism_id, facts_of[organism_id], products[organism_id])
        rows += _compute_rows(evidence)
        set_rows += compute_hitting_sets(evidence)
    notes = [Note("robustness", "", "max_entries", str(MAX_ENTRIES))]
    notes += [
        Note("robustness", organism_id, "reason", reason)
        for organism_id, reason in reasons.items()
        if reason
    ]
    return (
        frames.make_frame(ROBUSTNESS, rows, organisms),
        frames.make_frame(ROBUSTNESS_SETS, set_rows, organisms),
        notes,
    )
