"""The tables of a study, from the run folders of its traits.

Tests: organisms against all others together, by Fisher's exact test, with one Benjamini-Hochberg
family for the study. Counts of different traits are never added: traits may share gene products.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from gafreduce.jobs.model.evidence import GROUPS
from gafreduce.ontology.termfile import REGULATOR_CLASSES
from gafreduce.publishing.run_folder import TRAITS as TRAITS_FOLDER
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.statistics import exact_tests
from gafreduce.reports.tables.completeness import COMPLETE
from gafreduce.reports.tables.reader import Row, parse_count, read_columns, read_rows
from gafreduce.reports.tables.writer import encode_row, write_table
from gafreduce.reports.traits.schema import SHARED_PRODUCTS, TRAIT_GROUPS, TRAITS
from gafreduce.reports.traits.trait_file import TraitRun

#: Statuses of gene products with a supporting line on a target or core term.
_HAVING_TRAIT = frozenset(("positive", "conflicting"))
#: Verdicts of organisms that have such a gene product.
ANNOTATED = frozenset(
    (
        "experimental",
        "high_throughput",
        "curated",
        "electronic_only",
        "unstated_only",
        "conflicting",
    )
)
_N_OBJECTS_LISTED = 100
_COPIED = (
    *("organism_id", "taxon_id", "organism", "complete", "verdict", "contested", "n_in_aspect"),
    *("n_target_gene_products", *(f"n_target_{group}" for group in GROUPS), "best_group"),
    *("n_negated_gene_products", "n_conflicting_gene_products"),
    *("rate_per_1000", "rate_low", "rate_high"),
)
_REGULATOR_COLUMNS = dict(
    zip(
        REGULATOR_CLASSES,
        ("n_positive_regulators", "n_negative_regulators", "n_unsigned_regulators"),
        strict=True,
    )
)


class _Test(NamedTuple):
    fold: float | None
    p_value: float
    q_value: float


def write_trait_tables(traits: Sequence[TraitRun], folder: RunFolder) -> None:
    """Write the tables of a study into its folder, as TSV and Parquet.

    Args:
        traits: The traits, whose run folders have their core tables.
        folder: The folder of the study.
    """
    rows = [
        [row for row in read_rows(trait.folder, "organisms") if row["compared"] == "true"]
        for trait in traits
    ]
    products = [_read_products(trait.folder) for trait in traits]
    includes = find_included(traits)
    tests = _make_tests(rows)
    shared = list(_find_shared(products))
    write_table(
        TRAITS,
        (
            encode_row(TRAITS, cells)
            for cells in _make_trait_rows(traits, rows, includes, tests, shared)
        ),
        folder,
    )
    encoded = (
        encode_row(SHARED_PRODUCTS, cells)
        for cells in _make_shared_rows(traits, rows[0], includes, products, shared)
    )
    write_table(SHARED_PRODUCTS, encoded, folder)
    groups = (encode_row(TRAIT_GROUPS, cells) for cells in _make_group_rows(traits, rows))
    write_table(TRAIT_GROUPS, groups, folder)


def find_included(traits: Sequence[TraitRun]) -> dict[str, list[str]]:
    """Return the traits that each trait includes: their terms are core terms of its term set."""
    found = {}
    for trait in traits:
        core = {each.go_id for each in trait.terms.term_set if each.term_class == "core"}
        found[trait.go_id] = [each.go_id for each in traits if each.go_id in core]
    return found


#: Gene products with a trait by organism.
_Products = Mapping[str, frozenset[str]]


def _read_products(folder: RunFolder) -> _Products:
    found: dict[str, set[str]] = defaultdict(set)
    columns = ("organism_id", "object_id", "status")
    for organism_id, object_id, status in read_columns(folder, "gene_products", columns):
        if status in _HAVING_TRAIT:
            found[organism_id].add(object_id)
    return {organism_id: frozenset(products) for organism_id, products in found.items()}


class _Shared(NamedTuple):
    """Gene products of an organism with two traits, by the positions of the traits."""

    a: int
    b: int
    organism_id: str
    object_ids: frozenset[str]


def _find_shared(products: Sequence[_Products]) -> Iterator[_Shared]:
    for a, b in combinations(range(len(products)), 2):
        for organism_id, of_a in products[a].items():
            both = of_a & products[b].get(organism_id, frozenset())
            if both:
                yield _Shared(a, b, organism_id, both)


def _make_tests(rows: Sequence[Sequence[Row]]) -> dict[tuple[int, str], _Test]:
    """Return the test of each trait, by position, and complete organism with others."""
    p_values: dict[tuple[int, str], float] = {}
    folds: dict[tuple[int, str], float | None] = {}
    for number, of_trait in enumerate(rows):
        counts = {
            row["organism_id"]: (int(row["n_target_gene_products"]), int(row["n_in_aspect"]))
            for row in of_trait
            if row["complete"] == COMPLETE and row["n_target_gene_products"]
        }
        all_k, all_n = (sum(each[place] for each in counts.values()) for place in (0, 1))
        for organism_id, (k, n) in counts.items():
            other_k, other_n = all_k - k, all_n - n
            if n and other_n:
                key = number, organism_id
                p_values[key] = exact_tests.compute_fisher_two_sided(k, n, other_k, other_n)
                folds[key] = (k * other_n) / (n * other_k) if other_k else None
    q_values = exact_tests.adjust_p_values(list(p_values.values()))
    return {
        key: _Test(folds[key], p_value, q_value)
        for (key, p_value), q_value in zip(p_values.items(), q_values, strict=True)
    }


def _make_trait_rows(
    traits: Sequence[TraitRun],
    rows: Sequence[Sequence[Row]],
    includes: Mapping[str, Sequence[str]],
    tests: Mapping[tuple[int, str], _Test],
    shared: Sequence[_Shared],
) -> Iterator[dict[str, object]]:
    partners: dict[tuple[int, str], set[int]] = defaultdict(set)
    in_common: dict[tuple[int, str], set[str]] = defaultdict(set)
    for each in shared:
        for one, other in ((each.a, each.b), (each.b, each.a)):
            partners[one, each.organism_id].add(other)
            in_common[one, each.organism_id].update(each.object_ids)
    for number, (trait, of_trait) in enumerate(zip(traits, rows, strict=True)):
        nested_in = [each.go_id for each in traits if trait.go_id in includes[each.go_id]]
        for row in of_trait:
            organism_id = row["organism_id"]
            key = number, organism_id
            test = tests.get(key)
            regulators = trait.regulators.get(organism_id, {})
            yield {
                **{name: row[name] for name in _COPIED},
                **{column: regulators.get(name, 0) for name, column in _REGULATOR_COLUMNS.items()},
                "trait": trait.go_id,
                "label": trait.label,
                "trait_group": trait.group,
                "organism_group": row["group"],
                "fold": test and test.fold,
                "p_value": test and test.p_value,
                "q_value": test and test.q_value,
                "nested_in": sorted(nested_in),
                "includes": sorted(includes[trait.go_id]),
                "shared_with": sorted(traits[other].go_id for other in partners[key]),
                "n_shared_gene_products": None
                if parse_count(row["n_target_gene_products"]) is None
                else len(in_common[key]),
                "folder": f"{TRAITS_FOLDER}/{trait.folder.path.name}",
            }


def _make_shared_rows(
    traits: Sequence[TraitRun],
    organisms: Sequence[Row],
    includes: Mapping[str, Sequence[str]],
    products: Sequence[_Products],
    shared: Sequence[_Shared],
) -> Iterator[dict[str, object]]:
    taxa = {row["organism_id"]: (n, row["taxon_id"]) for n, row in enumerate(organisms)}
    compared = [each for each in shared if each.organism_id in taxa]
    for each in sorted(compared, key=lambda each: (each.a, each.b, taxa[each.organism_id][0])):
        a, b = traits[each.a].go_id, traits[each.b].go_id
        nested = "a_in_b" if a in includes[b] else "b_in_a" if b in includes[a] else ""
        listed = sorted(each.object_ids, key=str.encode)
        more = ["..."] * (len(listed) > _N_OBJECTS_LISTED)
        yield {
            "trait_a": a,
            "trait_b": b,
            "nested": nested,
            "organism_id": each.organism_id,
            "taxon_id": taxa[each.organism_id][1],
            "n_gene_products_a": len(products[each.a][each.organism_id]),
            "n_gene_products_b": len(products[each.b][each.organism_id]),
            "n_shared_gene_products": len(listed),
            "object_ids": listed[:_N_OBJECTS_LISTED] + more,
        }


def _make_group_rows(
    traits: Sequence[TraitRun], rows: Sequence[Sequence[Row]]
) -> Iterator[dict[str, object]]:
    for trait, of_trait in zip(traits, rows, strict=True):
        by_group: dict[str, list[Row]] = defaultdict(list)
        for row in of_trait:
            by_group[row["group"]].append(row)
        if set(by_group) <= {""}:
            return
        for group, members in sorted(by_group.items()):
            complete = [row for row in members if row["complete"] == COMPLETE]
            verdicts = Counter(row["verdict"] for row in members)
            yield {
                "trait": trait.go_id,
                "label": trait.label,
                "trait_group": trait.group,
                "organism_group": group,
                "n_organisms": len(members),
                "n_complete": len(complete),
                "n_annotated": sum(row["verdict"] in ANNOTATED for row in members),
                "n_annotated_complete": sum(row["verdict"] in ANNOTATED for row in complete),
                "verdicts": [f"{word}:{number}" for word, number in sorted(verdicts.items())],
            }
