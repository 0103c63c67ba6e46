"""Which organisms are compared, and the rows of the table `organisms`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.model.landmarks import COUNTED, LANDMARKS
from gafreduce.jobs.reducer.organism_counts import COUNTS
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.tables.completeness import LandmarkCheck, is_viral_name
from gafreduce.reports.tables.organisms import (
    Comparison,
    Labels,
    decide_comparison,
    make_organism_rows,
    read_name,
)
from gafreduce.reports.tables.verdicts import decide_verdict, find_best_group, is_contested
from gafreduce.reports.tables.wilson import compute_rate

ZERO = dict.fromkeys(COUNTS, 0)
TERMS = TermFile(
    data_version="",
    ontology_sha256="",
    relations=("is_a",),
    target="GO:0008150",
    definition="",
    go_ids=("GO:0008150",),
    aspects="P",
    parents=("",),
    obsolete=frozenset(),
    repairs={},
    negating=frozenset({0}),
    term_set=(),
    names=("",),
)


class Output:
    """The records of organisms of a job, from counts by taxon."""

    def __init__(self, counts: Mapping[int, Mapping[str, int]]) -> None:
        self.counts = counts

    def read(self, kind: bytes) -> Iterable[bytes]:
        for taxon_id, counts in sorted(self.counts.items()):
            yield b"%d\tx\t%s" % (taxon_id, " ".join(map(str, (ZERO | counts).values())).encode())


def label(
    compared: Iterable[int] | None = None,
    incomplete: Iterable[int] = (),
    complete: Iterable[int] = (99,),
    selected: Iterable[int] = (),
) -> Labels:
    named = None if compared is None else frozenset(map(str, compared))
    declared = {**dict.fromkeys(complete, True), **dict.fromkeys(incomplete, False)}
    return Labels({"1": "one"}, named, declared, frozenset(selected))


def decide(n_products: Mapping[int, int], compared: Iterable[int] | None = None) -> Comparison:
    counts = {taxon: {"n_all_gene_products": n} for taxon, n in n_products.items()}
    output: Any = Output(counts)
    return decide_comparison(output, label(compared))


def rows_of(
    counts: Mapping[int, Mapping[str, int]],
    labels: Labels,
    files: Mapping[int, FileTotal] | None = None,
    comparison: Comparison | None = None,
) -> dict[int, dict[str, Any]]:
    output: Any = Output(counts)
    chosen = comparison or decide_comparison(output, labels)
    rows = make_organism_rows(output, files or {}, labels, chosen, None, TERMS, set())
    return {int(str(row["taxon_id"])): row for row in rows}


def total_of(n_kept: int, n_main: int, *taxon_ids: int, n_taxa: int = 0) -> FileTotal:
    n_taxa = n_taxa or len(taxon_ids)
    return FileTotal(
        n_kept,
        0,
        0,
        0,
        n_kept,
        0,
        0,
        "",
        n_taxa,
        taxon_ids[0],
        list(taxon_ids),
        [n_main, *([n_kept - n_main] + [0] * len(taxon_ids))][: len(taxon_ids)],
        {},
        {},
        [],
    )


@pytest.mark.parametrize(
    ("n_products", "strays"),
    [
        ({1: 500, 2: 10}, set()),
        ({1: 500, 2: 9}, {2}),
        ({1: 450, 2: 9}, set()),  # 2 % of the largest
        ({1: 451, 2: 9}, {2}),
        ({1: 9, 2: 1}, set()),
        ({1: 1, 2: 500, 3: 2}, {1, 3}),
        ({}, set()),
    ],
)
def test_small_taxa_beside_a_large_one_are_not_compared(
    n_products: Mapping[int, int], strays: set[int]
) -> None:
    assert decide(n_products) == Comparison(len(n_products) - len(strays), strays, frozenset())


def test_an_organism_that_the_sheet_names_is_compared_however_small_it_is() -> None:
    counts = {taxon: {"n_all_gene_products": n} for taxon, n in {1: 500, 2: 1, 3: 9, 4: 2}.items()}
    output: Any = Output(counts)
    labels = label()._replace(named=frozenset({0, 1, 3}))  # 0: a file without lines
    assert decide_comparison(output, labels) == Comparison(2, {2, 4}, frozenset())
    assert decide_comparison(output, labels._replace(foreign=frozenset({3}))).not_compared == {
        *(2, 3, 4)
    }


def test_exactly_the_organisms_that_are_named_are_compared() -> None:
    assert decide({1: 500, 2: 1, 3: 400}, [2, 3, 4]) == Comparison(3, {1}, {4})
    assert decide({1: 500}, []) == Comparison(0, {1}, frozenset())


def test_organisms_without_lines_get_rows_of_zeros() -> None:
    rows = rows_of({1: {"n_gene_products": 5}}, label([1, 9]))
    assert list(rows) == [1, 9]
    assert {name: rows[9][name] for name in COUNTS} == ZERO
    assert (rows[9]["organism"], rows[9]["verdict"], rows[9]["compared"]) == (
        "taxon:9", "not_annotated", True
    )  # fmt: skip
    assert rows[1]["organism"] == "one"


def test_names_are_the_first_that_there_is() -> None:
    labels = label()._replace(
        names={"1": "by the sheet", "2": "by a file of names"},
        named_by_sheet=frozenset({"1"}),
        file_labels=dict.fromkeys("12", "x") | {"3": "Bacillus_megaterium-3", "4": "E_coli-4"},
        find_taxon_name={1: "wrong", 2: "wrong", 3: "Priestia megaterium"}.get,
    )
    rows = rows_of({taxon: {} for taxon in (1, 2, 3, 4, 5)}, labels)
    columns = ("organism", "name_source", "file_label")
    assert [tuple(row[name] for name in columns) for row in rows.values()] == [
        ("by the sheet", "sheet", "x"),
        ("by a file of names", "names_file", "x"),
        ("Priestia megaterium", "ncbi", "Bacillus_megaterium-3"),
        ("E coli", "file", "E_coli-4"),
        ("taxon:5", "taxon_id", ""),
    ]


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("Bacillus_subtilis_168-1423", "Bacillus subtilis 168"),
        ("1423.B_subtilis", "B subtilis"),
        ("Bacillus_subtilis_168", ""),  # without the taxon id it may be anything
        ("Bacillus_subtilis-14231", ""),
        ("isolate_7-1423", ""),
        ("Run_12-1423", ""),
        ("1423", ""),
        ("", ""),
    ],
)
def test_a_stem_is_a_name_beside_the_taxon_id(stem: str, name: str) -> None:
    assert read_name(stem, "1423") == name


def test_only_complete_and_compared_organisms_have_rates() -> None:
    counts = {taxon: {"n_in_P": 2000, "n_target_gene_products": 3} for taxon in (1, 2, 3, 4)}
    files = {0: total_of(5, 5, 2), 1: total_of(5, 5, 1, 3), 2: total_of(5, 5, 3)}
    rows = rows_of(counts, label([1, 2, 3], incomplete=[0, 2], complete=[1]), files)
    assert {taxon: row["complete"] for taxon, row in rows.items()} == {
        1: "true", 2: "false", 3: "false", 4: "true"
    }  # fmt: skip
    rate = compute_rate(3, 2000)
    assert rate is not None
    cells = [rows[1].get(name) for name in ("rate_per_1000", "rate_low", "rate_high")]
    assert cells == [1.5, rate.low, rate.high]
    assert not any("rate_per_1000" in rows[taxon] for taxon in (2, 3, 4))
    assert "rate_per_1000" not in rows_of({1: {}}, label())[1], "no gene product in the aspect"


@pytest.mark.parametrize(("n_taxa", "complete"), [(2, "true"), (3, "false")])
def test_no_organism_is_complete_when_an_incomplete_file_has_too_many_to_list(
    n_taxa: int, complete: str
) -> None:
    files = {0: total_of(5, 5, 2, 3, n_taxa=n_taxa)}
    assert rows_of({1: {}}, label(incomplete=[0]), files)[1]["complete"] == complete


def test_lines_of_organisms_not_compared_are_counted_for_the_main_one_of_each_file() -> None:
    files = {0: total_of(10, 7, 1, 2), 1: total_of(20, 15, 1, 3), 2: total_of(5, 5, 2)}

    def count(not_compared: set[int]) -> dict[int, int | None]:
        comparison = Comparison(3 - len(not_compared), not_compared, frozenset())
        rows = rows_of({1: {}, 2: {}, 3: {}}, label(), files, comparison)
        return {taxon: row["n_foreign_in_files"] for taxon, row in rows.items()}

    assert count(set()) == {1: 0, 2: 0, 3: 0}
    assert count({3}) == {1: 5, 2: 0, 3: 0}
    assert count({2, 3}) == {1: 8, 2: 0, 3: 0}
    files[1] = total_of(20, 15, 1, 3, n_taxa=2000)
    assert count({3})[1] is None, "a number that would be too small"


LANDMARK = {each.go_id: each.min_gene_products for each in LANDMARKS}
WHOLE = [LANDMARK.get(go_id, 0) for go_id in COUNTED]
FACTS = {f"n_all_{name}": 900 for name in ("gene_products", "in_P", "in_F", "in_C")}


@pytest.mark.parametrize(
    ("facts", "changes", "reasons"),
    [
        ({}, {}, []),
        ({}, {"GO:0003735": 19}, []),  # one landmark may be missing
        ({}, {"GO:0003735": 19, "GO:0006281": 0}, ["landmarks:10/12"]),
        ({"n_all_in_C": 0}, {}, ["aspect:C"]),
        ({}, {"GO:0071704": 764}, []),
        ({}, {"GO:0071704": 765}, ["term:GO:0071704:765/900"]),
        # a virus has no ribosome, and whole aspects may be missing
        ({"n_all_in_P": 0}, {**dict.fromkeys(COUNTED, 0), "GO:0044423": 90}, []),
        ({}, {**dict.fromkeys(COUNTED, 0), "GO:0044423": 89}, ["landmarks:0/12"]),
    ],
)
def test_landmarks_decide_what_is_suspect(
    facts: dict[str, int], changes: dict[str, int], reasons: list[str]
) -> None:
    check = LandmarkCheck(replace(TERMS, go_ids=COUNTED, parents=("",) * len(COUNTED)))
    landmarks = [changes.get(go_id, n) for go_id, n in zip(COUNTED, WHOLE, strict=True)]
    assert list(check.find_reasons(FACTS | facts, landmarks)) == reasons


VIRAL_ALONE = [90 if go_id == "GO:0044423" else 0 for go_id in COUNTED]


@pytest.mark.parametrize(
    ("name", "facts", "reasons"),
    [
        (None, {}, []),
        ("Escherichia phage T4", {}, []),
        ("Escherichia phage T4", {"n_all_in_P": 0}, []),
        # lines of a term are in one aspect; the smallest viruses may be, too
        ("Escherichia phage T4", {"n_all_in_P": 0, "n_all_in_F": 0}, ["aspect:P", "aspect:F"]),
        (None, {"n_all_in_P": 0, "n_all_in_F": 0, "n_all_gene_products": 9}, []),
        # genes of a prophage, or of a host, selected by a viral term
        ("Bacillus subtilis", {}, ["landmarks:0/12"]),
        ("Homo sapiens", {"n_all_in_C": 0}, ["aspect:C", "landmarks:0/12"]),
    ],
)
def test_terms_of_viruses_excuse_viruses_alone(
    name: str | None, facts: dict[str, int], reasons: list[str]
) -> None:
    check = LandmarkCheck(replace(TERMS, go_ids=COUNTED, parents=("",) * len(COUNTED)))
    assert list(check.find_reasons(FACTS | facts, VIRAL_ALONE, lambda: name)) == reasons


def test_without_landmarks_in_the_ontology_the_number_of_gene_products_decides() -> None:
    check = LandmarkCheck(TERMS)
    assert list(check.find_reasons(FACTS, [0] * len(COUNTED))) == []
    facts = FACTS | {"n_all_gene_products": 299}
    assert list(check.find_reasons(facts, [0] * len(COUNTED))) == ["gene_products:299"]


def test_the_sheet_overrules_headers_and_landmarks() -> None:
    files = {0: total_of(5, 5, 1)}

    def decide_completeness(**labels: Iterable[int]) -> tuple[str, list[str]]:
        row = rows_of({1: {}}, label(**labels), files)[1]
        return row["complete"], row["partial_reasons"]

    assert decide_completeness(complete=()) == (
        "suspect",
        ["aspect:P", "aspect:F", "aspect:C", "gene_products:0"],
    )
    assert decide_completeness(selected=[0]) == ("false", ["selection"])
    assert decide_completeness(selected=[0], complete=[0]) == ("true", [])
    assert decide_completeness(incomplete=[0]) == ("false", ["sheet"])


@pytest.mark.parametrize(
    ("found", "verdict", "contested"),
    [
        ({}, "not_annotated", False),
        ({"n_aspect_no_data": 1}, "no_data", False),
        ({"n_aspect_no_data": 1, "n_aspect_other": 1}, "not_annotated", False),
        ({"n_regulator_gene_products": 1, "n_aspect_no_data": 1}, "regulators_only", False),
        (
            {"n_other_relation_gene_products": 1, "n_regulator_gene_products": 1},
            "other_relation_only",
            False,
        ),
        ({"n_negated_on_target": 1, "n_other_relation_gene_products": 1}, "negated", True),
        ({"n_conflicting_gene_products": 1, "n_negated_on_target": 1}, "conflicting", True),
        ({"n_conflicting_gene_products": 1}, "conflicting", True),
        ({"n_filtered_target_gene_products": 1, "n_negated_on_target": 1}, "filtered_out", True),
        ({"n_not_understood_gene_products": 1, "n_aspect_no_data": 1}, "not_understood", False),
        ({"n_positive_unstated": 1, "n_conflicting_gene_products": 1}, "unstated_only", True),
        ({"n_positive_electronic": 1, "n_positive_unstated": 1}, "electronic_only", False),
        ({"n_positive_experimental": 1, "n_positive_electronic": 1}, "experimental", False),
    ],
)
def test_the_strongest_fact_decides_the_verdict(
    found: Mapping[str, int], verdict: str, contested: bool
) -> None:
    counts = ZERO | found
    assert (decide_verdict(counts, is_complete=True), is_contested(counts)) == (verdict, contested)
    assert bool(find_best_group(counts)) == any(name.startswith("n_positive") for name in found)


@pytest.mark.parametrize(
    ("name", "is_viral"),
    [
        ("Escherichia phage T4", True),
        ("Lambdavirus lambda", True),
        ("Human alphaherpesvirus 1 (strain 17)", True),
        ("Potato spindle tuber viroid", True),
        ("Poxviridae", True),
        ("Rhizoctonia solani ribo-like virus1", True),
        ("uncultured phage_Deep1-GF2-KM23-C739", True),
        ("Treponema phagedenis", False),
        ("Vibrio viridaestus", False),
        ("Bacillus subtilis", False),
        ("Virgibacillus sp. SK37", False),
        ("Thermovirga lienii", False),
        ("Aggregatibacter aphrophilus", False),
        ("", False),
    ],
)
def test_viruses_are_known_by_their_names(name: str, is_viral: bool) -> None:
    assert is_viral_name(name) == is_viral
