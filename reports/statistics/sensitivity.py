"""The tables of the sensitivity analysis: verdict and counts without each source of evidence.

Formulas and limits: docs/statistics.md#sensitivity-analysis
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.reports.evidence.retired_sources import RetiredSource, read_retired_sources
from gafreduce.reports.statistics.evidence_lines import (
    COLUMNS,
    Evidence,
    EvidenceLine,
    OrganismFacts,
)
from gafreduce.reports.statistics.hitting_sets import compute_hitting_sets, find_deciding_lines
from gafreduce.reports.statistics.sampling import sample_within
from gafreduce.reports.tables import frames
from gafreduce.reports.tables.completeness import COMPLETE, SEVERAL_IDS
from gafreduce.reports.tables.evidence_sources import split_entries
from gafreduce.reports.tables.frames import Note, Values
from gafreduce.reports.tables.schema import ROBUSTNESS, ROBUSTNESS_SETS

#: With more lines in the term set the target is so broad that no single source decides.
MAX_LINES = 50_000
#: Lines of all organisms together; organisms beyond the limit are left out and named in the notes.
MAX_LINES_TOGETHER = 100_000
#: Sources that are left out one by one: those that decide the verdict, then those with which most
#: gene products are lost, then those with most lines; ties by bytes.
MAX_SOURCES = 50
#: With/From entries that are left out one by one: those with most lines, ties by bytes.
MAX_ENTRIES = 50


class Scenario(NamedTuple):
    """A source that is left out, and the lines that are excluded with it."""

    kind: str
    source: str
    excluded: Sequence[EvidenceLine]


def make_scenarios(evidence: Evidence, retired: Iterable[RetiredSource] = ()) -> Iterator[Scenario]:
    """Yield a scenario for each source of an organism; the first leaves nothing out.

    NOT lines are never excluded, unless their gene product is left out altogether.

    Args:
        evidence: The lines of the organism.
        retired: Sources that GO stopped using for this organism.
    """
    positive = [line for line in evidence.lines if not line.is_negated]
    yield Scenario("none", "", ())
    electronic = [line for line in positive if line.row.evidence_group == "electronic"]
    yield Scenario("electronic", "", electronic)
    core = [line for line in positive if line.row.term_class == "core"]
    if core:
        yield Scenario("core_terms", "", core)
    regulators = evidence.negative_regulators
    if regulators:
        of_regulators = [line for line in evidence.lines if line.object_id in regulators]
        yield Scenario("negative_regulators", "", of_regulators)
    lines_of = _group_by_source(positive)
    for source in sorted(_choose_sources(evidence, lines_of)):
        yield Scenario("source", source, _find_excluded(lines_of[source], source))
    for each in retired:
        excluded = _find_excluded(lines_of.get(each.source, ()), each.source)
        yield Scenario("retired", each.source, excluded)
    yield from _make_entry_scenarios(electronic)


def _group_by_source(lines: Iterable[EvidenceLine]) -> dict[str, list[EvidenceLine]]:
    """Return the lines that have a source, alone or as one of several."""
    lines_of: defaultdict[str, list[EvidenceLine]] = defaultdict(list)
    for line in lines:
        for source in frozenset().union(*line.sources):
            lines_of[source].append(line)
    return dict(lines_of)


def _find_excluded(lines: Iterable[EvidenceLine], source: str) -> list[EvidenceLine]:
    removed = frozenset({source})
    return [line for line in lines if line.is_excluded_without(removed, line.sources)]


def _choose_sources(
    evidence: Evidence, lines_of: Mapping[str, Sequence[EvidenceLine]]
) -> list[str]:
    """Return the sources that are left out one by one."""
    deciding = find_deciding_lines(evidence, evidence.verdict)
    others = [line for line in deciding if line.object_id not in evidence.negative_regulators]
    decisive = _find_common_sources(deciding) | _find_common_sources(others)
    lost: Counter[str] = Counter()
    for lines in evidence.products.values():
        lost.update(_find_common_sources(line for line in lines if line.supports_target))
    return sorted(
        lines_of,
        key=lambda source: (source not in decisive, -lost[source], -len(lines_of[source]), source),
    )[:MAX_SOURCES]


def _find_common_sources(lines: Iterable[EvidenceLine]) -> frozenset[str]:
    """Return the sources without each of which every one of the lines is excluded."""
    alternatives = [together for line in lines for together in line.sources]
    return frozenset.intersection(*alternatives) if alternatives else frozenset()


def _make_entry_scenarios(electronic: Iterable[EvidenceLine]) -> Iterator[Scenario]:
    """Yield a scenario for each of the With/From entries with most electronic lines."""
    of_entry: defaultdict[str, list[EvidenceLine]] = defaultdict(list)
    for line in electronic:
        for entry in split_entries(line.row.with_from):
            of_entry[entry].append(line)
    most = sorted(of_entry, key=lambda entry: (-len(of_entry[entry]), entry))[:MAX_ENTRIES]
    for entry in sorted(most):
        removed = frozenset({entry})
        excluded = [
            line for line in of_entry[entry] if line.is_excluded_without(removed, line.entries)
        ]
        yield Scenario("with_entry", entry, excluded)


def _compute_rows(evidence: Evidence, retired: Iterable[RetiredSource]) -> Iterator[Values]:
    """Yield the rows of `robustness` of one organism, the first with nothing left out."""
    before, verdict = evidence.counts, evidence.verdict
    sources, regulators = _count_sources(evidence.lines), evidence.negative_regulators
    for kind, source, excluded in make_scenarios(evidence, retired):
        facts = evidence.find_facts_without(excluded)
        after = evidence.count(facts.values())
        new_verdict = evidence.decide_verdict(after)
        n_lost = before["n_target_gene_products"] - after["n_target_gene_products"]
        without_regulators = new_verdict
        if regulators:
            others = [each for object_id, each in facts.items() if object_id not in regulators]
            without_regulators = evidence.decide_verdict(evidence.count(others))
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
            left_by=sorted(sources - _count_sources(excluded)),
            n_also_negative_regulators=sum(
                facts[object_id].n_target_annotations > 0 for object_id in regulators
            ),
            verdict_without_negative_regulators=without_regulators,
        )


def _count_sources(lines: Iterable[EvidenceLine]) -> Counter[str]:
    """Count the supporting target lines by their sources."""
    counts: Counter[str] = Counter()
    for line in lines:
        if line.supports_target:
            counts.update(frozenset().union(*line.sources))
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
    for organism_id, n_products in frames.iterate_rows(
        organisms, ("organism_id", "n_gene_products")
    ):
        if n_products is None and organism_id in reasons:
            reasons[organism_id] = SEVERAL_IDS
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
    names_of = {
        organism_id: cells
        for organism_id, *cells in frames.iterate_rows(
            organisms, ("organism_id", "taxon_id", "organism")
        )
    }
    taxon_names = TaxonNames()
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
        retired = _find_retired_sources(evidence, taxon_names, *names_of[organism_id])
        rows += _compute_rows(evidence, retired)
        set_rows += compute_hitting_sets(evidence)
    notes = [
        Note("robustness", "", "max_sources", str(MAX_SOURCES)),
        Note("robustness", "", "max_entries", str(MAX_ENTRIES)),
    ]
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


def _find_retired_sources(
    evidence: Evidence, names: TaxonNames, taxon_id: int, name: str
) -> list[RetiredSource]:
    """Return the sources of an organism that GO stopped using for it."""
    present = {source for line in evidence.lines for each in line.sources for source in each}
    found = [each for each in read_retired_sources() if each.source in present]
    if not found:
        return []
    known = (name, names.find(taxon_id) or "")
    return [each for each in found if each.applies_to(*known)]
