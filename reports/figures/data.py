"""Data of the figures, counted from the rows of the tables in one pass."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement
from statistics import median

import pandas as pd

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.jobs.model.go_terms import ROOTS
from gafreduce.jobs.model.organisms import order_organism
from gafreduce.reports.figures.comparison_figures import ComponentColumn, GroupRate, OrganismRate
from gafreduce.reports.figures.evidence_figures import EvidenceRow, SensitivityRow, SourceRow
from gafreduce.reports.figures.groups import OrganismGroup
from gafreduce.reports.figures.slim_figure import MAX_LINES, SlimCell, SlimLine
from gafreduce.reports.figures.terms_figures import ShareRow, TermSet
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.summary.sentences import ASPECT_LABELS
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.reader import Row, split_list
from gafreduce.reports.tables.wilson import compute_rate

#: Sources in the figure of the sensitivity analysis, besides all electronic annotation.
MAX_SOURCES = 3
ELECTRONIC = "all electronic"


def list_complete(results: RunResults) -> list[str]:
    """Return the ids of the compared organisms with complete files, in the order of the summary."""
    return [each.organism_id for each in results.summary.organisms if each.complete == COMPLETE]


def make_evidence_rows(results: RunResults, gene_products: Iterable[Row]) -> list[EvidenceRow]:
    """Return gene products with the target term by organism and strongest evidence group."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in gene_products:
        if row["status"] == "positive":
            counts[row["organism_id"]][row["best_group"]] += 1
    complete = set(list_complete(results))
    # files that name gene products by different ids have no total
    counted = {row["organism_id"] for row in results.organisms if row["n_target_gene_products"]}
    return [
        EvidenceRow(
            each,
            results.label(each),
            each in complete,
            {group: counts[each][group] for group in GROUPS if counts[each][group]}
            if each in counted
            else {},
        )
        for each in results.compared
    ]


def add_evidence(rows: Iterable[EvidenceRow], groups: Iterable[OrganismGroup]) -> list[EvidenceRow]:
    """Return the gene products of groups of organisms; partial files are left out."""
    by_id = {row.organism_id: row for row in rows if row.is_complete}
    added = []
    for group in groups:
        counts: Counter[str] = Counter()
        members = [by_id[each] for each in group.organism_ids if each in by_id]
        for row in members:
            counts.update(row.counts)
        if members:
            added.append(EvidenceRow("", group.name, True, counts, len(members)))
    return added


def count_terms(results: RunResults, terms: Iterable[Row]) -> Counter[tuple[str, ...]]:
    """Return the numbers of terms directly annotated in exactly each set of complete organisms.

    Terms of partial files alone are not counted.
    """
    complete = set(list_complete(results))
    counts: Counter[tuple[str, ...]] = Counter()
    for row in terms:
        if row["organism_ids"]:
            having = tuple(each for each in split_list(row["organism_ids"]) if each in complete)
            if having:
                counts[having] += 1
    return counts


def make_spectrum(counts: Mapping[tuple[str, ...], int], n_organisms: int) -> list[int]:
    """Return the numbers of terms in one, two, ... all organisms."""
    spectrum = [0] * n_organisms
    for having, count in counts.items():
        spectrum[len(having) - 1] += count
    return spectrum


def make_sets(counts: Mapping[tuple[str, ...], int]) -> list[TermSet]:
    """Return the sets, the largest first."""
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    return [TermSet(having, count) for having, count in ordered]


def make_shares(
    results: RunResults, counts: Mapping[tuple[str, ...], int], n_organisms: int
) -> list[ShareRow]:
    """Return the terms of each complete organism, most terms of its own first."""
    found: dict[str, list[int]] = {each: [0, 0, 0] for each in list_complete(results)}
    for having, count in counts.items():
        place = 0 if len(having) == n_organisms else 2 if len(having) == 1 else 1
        for organism_id in having:
            found[organism_id][place] += count
    rows = [ShareRow(each, results.label(each), *found[each]) for each in found]
    return sorted(rows, key=lambda row: (-row.n_own, order_organism(row.organism_id)))


def make_rates(results: RunResults) -> list[OrganismRate]:
    """Return the rates of the compared organisms, in the order of the summary."""
    by_id = {row["organism_id"]: row for row in results.organisms}
    columns = ("rate_per_1000", "rate_low", "rate_high")
    rates = []
    for organism_id in results.compared:
        row = by_id[organism_id]
        if row["rate_per_1000"] or row["complete"] != COMPLETE:
            rate, low, high = (float(row[name] or 0) for name in columns)
            interval = (rate, low, high) if row["rate_per_1000"] else None
            rates.append(OrganismRate(organism_id, results.label(organism_id), interval))
    return rates


def add_rates(
    results: RunResults, rates: Iterable[OrganismRate], groups: Iterable[OrganismGroup]
) -> list[GroupRate]:
    """Return the rates of groups of organisms; those without a rate are left out."""
    by_id = {rate.organism_id: rate for rate in rates if rate.interval}
    rows = {row["organism_id"]: row for row in results.organisms}
    added = []
    for group in groups:
        members = [by_id[each] for each in group.organism_ids if each in by_id]
        n_target, n_total = (
            sum(int(rows[each.organism_id][name]) for each in members)
            for name in ("n_target_gene_products", "n_in_aspect")
        )
        rate = compute_rate(n_target, n_total)
        if rate:
            added.append(GroupRate(group.name, rate, members))
    return added


def compute_common_rate(results: RunResults) -> float:
    """Return the rate per 1,000 of all organisms that have one, taken together."""
    rows = [row for row in results.organisms if row["compared"] == "true" and row["rate_per_1000"]]
    total = sum(int(row["n_in_aspect"]) for row in rows)
    return 1000 * sum(int(row["n_target_gene_products"]) for row in rows) / total if total else 0.0


def make_group_similarity(
    pairs: Mapping[tuple[str, str], float], groups: Sequence[OrganismGroup]
) -> pd.DataFrame:
    """Return the medians of the similarities between the organisms of two groups; NaN if none."""
    of = {each: group.name for group in groups for each in group.organism_ids}
    values: dict[frozenset[str], list[float]] = defaultdict(list)
    for (a, b), value in pairs.items():
        if a in of and b in of:
            values[frozenset((of[a], of[b]))].append(value)
    names = [group.name for group in groups if any(group.name in pair for pair in values)]
    frame = pd.DataFrame(float("nan"), index=names, columns=names, dtype=float)
    for a, b in combinations_with_replacement(names, 2):
        found = values.get(frozenset((a, b)))
        if found:
            frame.loc[a, b] = frame.loc[b, a] = median(found)
    return frame


def make_similarity_frame(
    pairs: Mapping[tuple[str, str], float], order: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a square of similarities, similar organisms next to each other; NaN if unknown.

    Args:
        pairs: Similarity of each pair of organism ids, between 0 and 1.
        order: Organism ids in their order, which may be that of a tree.
    """
    organism_ids = sorted(
        {organism_id for pair in pairs for organism_id in pair}, key=order_organism
    )
    similarity = {**pairs, **{(b, a): value for (a, b), value in pairs.items()}}
    known = set(organism_ids)
    order = [each for each in order if each in known]
    order = order or _order_by_similarity(organism_ids, similarity)
    none = float("nan")
    return pd.DataFrame(
        [[1.0 if a == b else similarity.get((a, b), none) for b in order] for a in order],
        index=order,
        columns=order,
        dtype=float,
    )


def _order_by_similarity(
    organism_ids: Sequence[str], similarity: Mapping[tuple[str, str], float]
) -> list[str]:
    """Return organisms in the order of average-linkage clustering (UPGMA), ties by position.

    Source: Sokal and Michener 1958. Not scipy.cluster.hierarchy: importing it takes 0.55 s of CPU
    time and 22 MB on top of pandas, longer than the whole page of seven organisms.
    """
    groups = [[organism_id] for organism_id in organism_ids]
    means = {
        (i, j): similarity.get((organism_ids[i], organism_ids[j]), 0.0)
        for i in range(len(organism_ids))
        for j in range(i + 1, len(organism_ids))
    }
    alive = list(range(len(organism_ids)))
    while len(alive) > 1:
        i, j = max(
            ((a, b) for place, a in enumerate(alive) for b in alive[place + 1 :]),
            key=lambda pair: (means[pair], -pair[0], -pair[1]),
        )
        alive.remove(j)
        for other in alive:
            if other != i:
                a, b = (min(i, other), max(i, other)), (min(j, other), max(j, other))
                n_i, n_j = len(groups[i]), len(groups[j])
                means[a] = (means[a] * n_i + means[b] * n_j) / (n_i + n_j)
        groups[i] += groups[j]
    return groups[alive[0]] if alive else []


def make_slim_lines(
    results: RunResults, rows: Iterable[Row], groups: Sequence[OrganismGroup]
) -> tuple[list[SlimLine], list[str]]:
    """Return the terms of a subset with most gene products, by aspect, and names of columns.

    Roots and terms that no organism has are left out.

    Args:
        results: Gives labels, and the order of the organisms.
        rows: Rows of `slim`.
        groups: Groups of organisms, whose complete members have a median; none for organisms.
    """
    by_term: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_term[row["go_id"]][row["organism_id"]] = row
    complete = set(list_complete(results))
    members: list[tuple[str, list[str]]] = [
        (group.name, [each for each in group.organism_ids if each in complete]) for group in groups
    ]
    members = [each for each in members if each[1]]
    if not groups:
        found = set().union(*by_term.values())
        members = [(results.label(each), [each]) for each in results.compared if each in found]
    lines = []
    for go_id, of_term in by_term.items():
        cells = [_make_slim_cell([of_term[each] for each in ids]) for _, ids in members]
        if go_id not in ROOTS and any(cell.is_annotated for cell in cells):
            first = next(iter(of_term.values()))
            lines.append(SlimLine(first["name"], first["aspect"], cells))
    lines.sort(key=_rank_slim_line)
    aspects = list(ASPECT_LABELS)
    drawn = sorted(lines[:MAX_LINES], key=lambda line: aspects.index(line.aspect))
    names = [name for name, _ in members]
    return [line._replace(aspect=ASPECT_LABELS[line.aspect]) for line in drawn], names


def _make_slim_cell(rows: Sequence[Row]) -> SlimCell:
    """Return the cell of an organism, or of the organisms of a group."""
    is_annotated = any(row["n_gene_products_propagated"] != "0" for row in rows)
    shares = [float(row["share"]) for row in rows if row["share"]]
    return SlimCell(is_annotated, median(shares) if shares else None)


def _rank_slim_line(line: SlimLine) -> tuple[float, int, str]:
    """Return the key of an order: the largest shares first, then most organisms, then by name."""
    total = sum(cell.share or 0 for cell in line.cells)
    return -total, -sum(cell.is_annotated for cell in line.cells), line.name


def rank_sources(rows: Iterable[Row]) -> list[str]:
    """Return sources by the gene products lost without each, most first."""
    lost: Counter[str] = Counter()
    for row in rows:
        if row["kind"] == "source":
            lost[row["source"]] += int(row["n_gene_products_lost"])
    return sorted((each for each in lost if lost[each]), key=lambda each: (-lost[each], each))


def make_sensitivity_rows(
    results: RunResults, rows: Iterable[Row], sources: Sequence[str]
) -> list[SensitivityRow]:
    """Return what remains of each organism's gene products without each source.

    The last column is all electronic annotation. Organisms without gene products are left out.
    """
    totals: dict[str, int] = {}
    left: dict[tuple[str, str], tuple[int, bool]] = {}
    for row in rows:
        organism_id, kind = row["organism_id"], row["kind"]
        if kind == "none":
            totals[organism_id] = int(row["n_target_gene_products"])
        elif kind in ("source", "electronic"):
            source = row["source"] if kind == "source" else ELECTRONIC
            is_changed = row["changes_verdict"] == "true"
            left[organism_id, source] = (int(row["n_target_gene_products"]), is_changed)
    made = []
    for organism_id in results.compared:
        if totals.get(organism_id):
            found = [left.get((organism_id, source)) for source in (*sources, ELECTRONIC)]
            made.append(
                SensitivityRow(
                    organism_id,
                    results.label(organism_id),
                    totals[organism_id],
                    [each and each[0] for each in found],
                    [bool(each and each[1]) for each in found],
                )
            )
    return made


def count_sources(sources: Sequence[str], rows: Sequence[SensitivityRow]) -> list[SourceRow]:
    """Return for each source how many organisms lose all, some or none of their products."""
    counted = []
    for place, source in enumerate((*sources, ELECTRONIC)):
        left = [row.total if row.left[place] is None else row.left[place] for row in rows]
        n_all = sum(each == 0 for each in left)
        n_none = sum(each == row.total for each, row in zip(left, rows, strict=True))
        n_changed = sum(row.changes[place] for row in rows)
        counted.append(SourceRow(source, n_all, len(rows) - n_all - n_none, n_none, n_changed))
    return counted


def make_component_columns(results: RunResults, rows: Iterable[Row]) -> list[ComponentColumn]:
    """Return the components found in each compared organism, in the order of the summary."""
    found: dict[str, set[str]] = defaultdict(set)
    annotated: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["found_by"]:
            found[row["organism_id"]].add(row["component"])
        if row["n_with_target"] not in ("", "0"):
            annotated[row["organism_id"]].add(row["component"])
    complete = set(list_complete(results))
    return [
        ComponentColumn(
            each,
            results.label(each),
            each in complete,
            frozenset(annotated[each]),
            frozenset(found[each]),
        )
        for each in results.compared
    ]


def add_components(
    columns: Iterable[ComponentColumn], groups: Iterable[OrganismGroup]
) -> list[ComponentColumn]:
    """Return for groups of organisms the share of organisms with each component."""
    by_id = {column.organism_id: column for column in columns if column.is_complete}
    added = []
    for group in groups:
        members = [by_id[each] for each in group.organism_ids if each in by_id]
        if members:
            shares = [
                {name: n / len(members) for name, n in Counter(names).items()}
                for names in (
                    [name for member in members for name in member.annotated],
                    [name for member in members for name in member.found],
                )
            ]
            added.append(ComponentColumn("", group.name, True, shares[0], shares[1]))
    return added


def list_components(rows: Iterable[Row]) -> list[tuple[str, bool]]:
    """Return the components with whether they are required; required ones and common ones first."""
    n_found: Counter[str] = Counter()
    required: dict[str, bool] = {}
    for row in rows:
        required[row["component"]] = row["required"] == "true"
        n_found[row["component"]] += bool(row["found_by"])
    names = sorted(required, key=lambda name: (not required[name], -n_found[name], name))
    return [(name, required[name]) for name in names if n_found[name]]
