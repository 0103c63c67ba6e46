"""How solid a verdict is: verdict and counts with each source of evidence left out.

Formulas and traps: docs/statistics.md#sensitivity-analysis
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from gafreduce.reports.statistics import frames
from gafreduce.reports.statistics.evidence_lines import READ, Evidence, Line
from gafreduce.reports.statistics.evidence_sources import database
from gafreduce.reports.statistics.frames import Note, Row
from gafreduce.reports.statistics.hitting_sets import smallest_sets
from gafreduce.reports.statistics.pairwise import within
from gafreduce.reports.tables import verdicts
from gafreduce.reports.tables.schema import ROBUSTNESS, ROBUSTNESS_SETS

#: An organism with more lines in the closure has a target so broad that no single source decides.
MAX_LINES = 50_000
#: Lines of all organisms together: above it some organisms are left out, and named in the notes.
MAX_LINES_TOGETHER = 100_000
#: With/From entries that are left out one by one: those of most lines, ties by bytes.
MAX_ENTRIES = 50


class Scenario(NamedTuple):
    """One way to leave a source out."""

    kind: str
    source: str
    fallen: Sequence[Line]


def scenarios(evidence: Evidence) -> Iterator[Scenario]:
    """Return each way to leave a source out, and the lines that fall with it.

    NOT lines never fall, unless their gene product is left out altogether.
    """
    positive = [line for line in evidence.lines if not line.negated]
    yield Scenario("none", "", ())
    electronic = [line for line in positive if line.row.evidence_group == "electronic"]
    yield Scenario("electronic", "", electronic)
    core = [line for line in positive if line.row.term_class == "core"]
    if core:
        yield Scenario("core_terms", "", core)
    regulating = evidence.negative_regulators()
    if regulating:
        of_regulators = [line for line in evidence.lines if line.object_id in regulating]
        yield Scenario("negative_regulators", "", of_regulators)
    yield from _references(positive)
    yield from _with_from(positive)
    by_assigner: defaultdict[str, list[Line]] = defaultdict(list)
    for line in positive:
        by_assigner[line.row.assigned_by].append(line)
    for source in sorted(by_assigner.keys() - {""}):
        yield Scenario("assigned_by", source, by_assigner[source])


def _references(positive: Iterable[Line]) -> Iterator[Scenario]:
    """Return a scenario for each GO_REF."""
    naming: defaultdict[str, list[Line]] = defaultdict(list)
    for line in positive:
        for reference in frozenset().union(*line.references):
            if database(reference) == "GO_REF":
                naming[reference].append(line)
    for source, lines in sorted(naming.items()):
        fallen = [x for x in lines if x.falls_without(source.__eq__, x.references)]
        yield Scenario("reference", source, fallen)


def _with_from(positive: Iterable[Line]) -> Iterator[Scenario]:
    """Return a scenario for each With/From database, and for the entries of most lines."""
    of_entry: defaultdict[str, list[Line]] = defaultdict(list)
    of_database: defaultdict[str, list[Line]] = defaultdict(list)
    for line in positive:
        entries = frozenset().union(*line.with_from)
        for entry in entries:
            of_entry[entry].append(line)
        for name in set(map(database, entries)):
            of_database[name].append(line)
    for source, lines in sorted(of_database.items()):
        fallen = [line for line in lines if _falls_with_database(line, source)]
        yield Scenario("with_database", source, fallen)
    most = sorted(of_entry, key=lambda entry: (-len(of_entry[entry]), entry))[:MAX_ENTRIES]
    for source in sorted(most):
        fallen = [x for x in of_entry[source] if x.falls_without(source.__eq__, x.with_from)]
        yield Scenario("with_entry", source, fallen)


def _falls_with_database(line: Line, name: str) -> bool:
    return line.falls_without(lambda entry: database(entry) == name, line.with_from)


def robustness_rows(evidence: Evidence) -> Iterator[Row]:
    """Return the rows of `robustness` of one organism, the first with nothing left out."""
    before, word = evidence.counts, evidence.verdict
    named = _databases(evidence.lines)
    for kind, source, fallen in scenarios(evidence):
        after = evidence.counts_without(fallen)
        new_word = verdicts.verdict(after)
        yield (
            evidence.taxon,
            kind,
            source,
            new_word,
            new_word != word,
            after["n_target_annotations"],
            after["n_target_gene_products"],
            after["n_regulator_gene_products"],
            len(fallen),
            before["n_target_gene_products"] - after["n_target_gene_products"],
            sorted(named - _databases(fallen)),
        )


def _databases(lines: Iterable[Line]) -> Counter[str]:
    """Count the supporting target lines by the databases they name, `none` among them."""
    named: Counter[str] = Counter()
    for line in lines:
        if line.supports_target:
            named.update({database(e) for e in frozenset().union(*line.with_from)} or {"none"})
    return named


def robustness_taxa(gene_products: pd.DataFrame, organisms: pd.DataFrame) -> dict[int, str]:
    """Return each compared organism, with the reason why it has no rows; "" for one that has.

    Args:
        gene_products: The table `gene_products`: it tells how many lines there are.
        organisms: The table `organisms`.
    """
    sizes: Counter[int] = Counter()
    for taxon, n_lines in frames.rows(gene_products, ("taxon_id", "n_annotations")):
        sizes[taxon] += n_lines
    reasons = {
        taxon: f"more_than_{MAX_LINES}_lines" if sizes[taxon] > MAX_LINES else ""
        for taxon, compared in frames.rows(organisms, ("taxon_id", "compared"))
        if compared
    }
    narrow = [taxon for taxon, reason in reasons.items() if not reason]
    for taxon in set(narrow) - set(within(narrow, sizes, MAX_LINES_TOGETHER)):
        reasons[taxon] = f"more_than_{MAX_LINES_TOGETHER}_lines_together"
    return dict(sorted(reasons.items()))


def robustness_tables(
    annotations: pd.DataFrame, gene_products: pd.DataFrame, organisms: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return `robustness`, `robustness_sets` and what must be said with them.

    Every compared organism has rows, incomplete ones too: sources are left out of what is there.

    Args:
        annotations: The table `annotations`, or its rows of the organisms that have rows here.
        gene_products: The table `gene_products`.
        organisms: The table `organisms`.
    """
    words: dict[int, str] = dict(frames.rows(organisms, ("taxon_id", "verdict")))
    reasons = robustness_taxa(gene_products, organisms)
    chosen = [taxon for taxon, reason in reasons.items() if not reason]
    products: defaultdict[int, defaultdict[str, list[Line]]]
    products = defaultdict(lambda: defaultdict(list))
    kept = annotations[annotations["taxon_id"].isin(chosen)]
    for taxon, *cells in frames.rows(kept, ("taxon_id", *READ)):
        line = Line.of(dict(zip(READ, cells, strict=True)))
        products[taxon][line.object_id].append(line)
    made: list[Row] = []
    sets: list[Row] = []
    for taxon in chosen:
        evidence = Evidence(taxon, words[taxon], products[taxon])
        made += robustness_rows(evidence)
        sets += smallest_sets(evidence)
    notes = [Note("robustness", "", "max_entries", str(MAX_ENTRIES))]
    notes += [
        Note("robustness", str(taxon), "reason", reason)
        for taxon, reason in reasons.items()
        if reason
    ]
    return frames.frame(ROBUSTNESS, made), frames.frame(ROBUSTNESS_SETS, sets), notes
