"""Data frames of the figures, counted from the rows of the tables in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import pandas as pd

from gafreduce.jobs.model.evidence import GROUPS, NO_DATA
from gafreduce.jobs.model.organisms import order_organism
from gafreduce.reports.summary.run_results import RunResults
from gafreduce.reports.tables.reader import Row, split_list

PRESENCE_COLUMNS = ("organism", "go_id", "name", "term_class", "group", "n_gene_products")


def make_evidence_frame(results: RunResults, gene_products: Iterable[Row]) -> pd.DataFrame:
    """Return gene products with the target term by organism and strongest evidence group."""
    counts = Counter(
        (row["organism_id"], row["best_group"])
        for row in gene_products
        if row["status"] == "positive"
    )
    return pd.DataFrame(
        [[counts[organism_id, group] for group in GROUPS] for organism_id in results.compared],
        index=[results.label(organism_id) for organism_id in results.compared],
        columns=list(GROUPS),
        dtype=int,
    )


def make_presence_frame(results: RunResults, annotations: Iterable[Row]) -> pd.DataFrame:
    """Return gene products by organism, term of the term set and evidence group.

    Group `any` counts each gene product once; group `negated` counts those with a NOT annotation.

    Args:
        results: Organisms and term set.
        annotations: Rows sorted by organism, gene product and term, as in the table.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    key = itemgetter("organism_id", "object_id", "go_id")
    for (organism_id, _, go_id), lines in groupby(annotations, key):
        for group in {group for line in lines for group in _list_groups(line)}:
            counts[organism_id, go_id, group] += 1
    rank = {"target": 0, "core": 1}
    terms = sorted(results.term_set, key=lambda row: (rank.get(row["term_class"], 2), row["go_id"]))
    compared = set(results.compared)
    used = {go_id for organism_id, go_id, _ in counts if organism_id in compared}
    rows = [
        (results.label(organism_id), term["go_id"], term["name"], term["term_class"], group, count)
        for organism_id in results.compared
        for term in terms
        if term["go_id"] in used
        for group in (*GROUPS, "any", "negated")
        if (count := counts[organism_id, term["go_id"], group]) or group == "any"
    ]
    return pd.DataFrame(rows, columns=list(PRESENCE_COLUMNS))


def _list_groups(row: Row) -> tuple[str, ...]:
    if row["negated"] == "true":
        return ("negated",)
    if row["takes_part"] == "true" and row["evidence_group"] != NO_DATA:
        return (row["evidence_group"], "any")
    return ()


def make_sets_frame(results: RunResults, organisms_of_terms: Iterable[str]) -> pd.DataFrame:
    """Return the numbers of terms directly annotated in exactly each set of compared organisms.

    Args:
        results: The compared organisms.
        organisms_of_terms: The list cell of the organisms of each term; empty cells are ignored.
    """
    counts = Counter(organism_ids for organism_ids in organisms_of_terms if organism_ids)
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    rows = []
    for organism_ids, count in ordered:
        inside = set(split_list(organism_ids))
        rows.append([count, *(organism_id in inside for organism_id in results.compared)])
    return pd.DataFrame(rows, columns=["n_terms", *map(results.label, results.compared)])


def make_rates_frame(results: RunResults) -> pd.DataFrame:
    """Return the rates of the compared organisms that have one, in the order of the summary."""
    by_id = {row["organism_id"]: row for row in results.organisms}
    organism_ids = [
        organism_id for organism_id in results.compared if by_id[organism_id]["rate_per_1000"]
    ]
    columns = ["rate_per_1000", "rate_low", "rate_high"]
    return pd.DataFrame(
        [[float(by_id[organism_id][name]) for name in columns] for organism_id in organism_ids],
        index=[results.label(organism_id) for organism_id in organism_ids],
        columns=columns,
        dtype=float,
    )


def make_similarity_frame(pairs: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """Return a square of similarities, similar organisms next to each other; NaN if unknown.

    Args:
        pairs: Similarity of each pair of organism ids, between 0 and 1.
    """
    organism_ids = sorted(
        {organism_id for pair in pairs for organism_id in pair}, key=order_organism
    )
    similarity = {**pairs, **{(b, a): value for (a, b), value in pairs.items()}}
    order = _order_by_similarity(organism_ids, similarity)
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


def make_sensitivity_frames(
    results: RunResults, rows: Iterable[Row], max_columns: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return gene products that remain without each source, and whether the verdict changes.

    Sources are sorted by the number of gene products lost; those without any loss are left out.
    """
    kinds = {
        "none": "everything",
        "electronic": "no electronic",
        "core_terms": "target alone",
        "negative_regulators": "no negative regulators",
    }
    left: dict[tuple[str, str], int] = {}
    changes: set[tuple[str, str]] = set()
    lost: Counter[str] = Counter()
    for row in rows:
        kind = row["kind"]
        if kind in ("with_entry", "retired"):
            continue
        heading = kinds.get(kind) or f"no {row['source']}"
        left[row["organism_id"], heading] = int(row["n_target_gene_products"])
        lost[heading] += int(row["n_gene_products_lost"])
        if row["changes_verdict"] == "true":
            changes.add((row["organism_id"], heading))
    sources = sorted((each for each in lost if lost[each]), key=lambda each: (-lost[each], each))
    headings = ["everything", *sources[: max_columns - 1]]
    organism_ids = [
        organism_id for organism_id in results.compared if (organism_id, "everything") in left
    ]
    names = [results.label(organism_id) for organism_id in organism_ids]
    # a source without annotations of the organism takes nothing from it
    numbers = [
        [left.get((organism_id, each), left[organism_id, "everything"]) for each in headings]
        for organism_id in organism_ids
    ]
    marks = [[(organism_id, each) in changes for each in headings] for organism_id in organism_ids]
    return (
        pd.DataFrame(numbers, index=names, columns=headings, dtype=float),
        pd.DataFrame(marks, index=names, columns=headings, dtype=bool),
    )


def make_components_frame(results: RunResults, rows: Iterable[Row]) -> pd.DataFrame:
    """Return the components found in each compared organism, in the order of the table."""
    found = list(rows)
    names = ["organism", "component", "found_by", "n_gene_products", "n_with_target"]
    by_id: dict[str, list[Row]] = {}
    for row in found:
        by_id.setdefault(row["organism_id"], []).append(row)
    return pd.DataFrame(
        [
            (
                results.label(organism_id),
                row["component"],
                row["found_by"],
                int(row["n_gene_products"]),
                int(row["n_with_target"]),
            )
            for organism_id in results.compared
            for row in by_id.get(organism_id, ())
        ],
        columns=names,
    )
